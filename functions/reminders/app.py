"""Every day: admins are reminded of what expires or starts by itself soon (D34)."""

from collections.abc import Mapping
from typing import Any

from licensing.domain.core.errors import Refusal
from licensing.entry import wiring
from licensing.entry.observability import logger
from licensing.use_cases.core.context import Context
from licensing.use_cases.planning.remind import ReminderDesk, owners, remind


class Unreminded(Exception):
    """Some could not be reminded: for the alarm, and so that Lambda tries again."""


def handler(_: Mapping[str, Any], __: object) -> dict[str, int]:
    context, desk, mails, failed = Context("reminders", wiring.now()), _desk(), 0, 0
    for owner in owners(wiring.store()):
        try:
            mails += remind(wiring.store(), desk, context, owner)
        except Refusal as refusal:  # another run is at it
            logger.info("left to another run", extra={"owner": owner.about, "code": refusal.code})
        except Exception:
            logger.exception("not reminded", extra={"owner": owner.about})
            failed += 1
    logger.info("reminded", extra={"mails": mails, "failed": failed})
    if failed:
        raise Unreminded(f"of {failed} organizations or MSPs")
    return {"mails": mails}


def _desk() -> ReminderDesk:
    return ReminderDesk(
        compose=wiring.compose_reminder,
        mailer=wiring.mailer(),
        sender=wiring.SETTINGS.mail_sender,
        portal_url=wiring.SETTINGS.portal_url,
        days=wiring.SETTINGS.reminder_days,
    )
