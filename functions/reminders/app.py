"""Every day: admins are reminded of what expires or starts by itself soon (D34)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from licensing.domain.core.errors import Refusal
from licensing.entry import wiring
from licensing.entry.mailing import mailing
from licensing.entry.observability import logger
from licensing.use_cases.core.context import Context
from licensing.use_cases.planning.remind import owners, remind

# Two runs can only meet if a day's run is started by hand: long enough for one mail, short enough to be tried again.
LEASE = timedelta(minutes=5)


class Unreminded(Exception):
    """Some could not be reminded: for the alarm, and so that Lambda tries again."""


def handler(_: Mapping[str, Any], __: object) -> dict[str, int]:
    context, mails, failed = Context("reminders", wiring.now()), 0, 0
    reminders = mailing(wiring.compose_reminder, LEASE)
    for owner in owners(wiring.store()):
        try:
            mails += remind(wiring.store(), reminders, wiring.SETTINGS.reminder_days, context, owner)
        except Refusal as refusal:  # another run is at it
            logger.info("left to another run", extra={"owner": owner.about, "code": refusal.code})
        # One owner's trouble is not the others'.
        except Exception:
            logger.exception("not reminded", extra={"owner": owner.about})
            failed += 1
    logger.info("reminded", extra={"mails": mails, "failed": failed})
    if failed:
        raise Unreminded(f"of {failed} organizations or MSPs")
    return {"mails": mails}
