"""Admins are reminded of what expires or starts by itself soon, owner by owner (D34)."""

from datetime import timedelta

from licensing.domain.core.errors import Refusal
from licensing.entry import wiring
from licensing.entry.mailing import mailing
from licensing.entry.observability import logger
from licensing.entry.rounds import Owners, each_owner
from licensing.entry.worker import worker
from licensing.use_cases.core.context import Context
from licensing.use_cases.planning.remind import owner_of, remind

# Long enough for one mail, and over before the queue tries again.
LEASE = timedelta(minutes=5)


def handle(body: str, context: Context) -> None:
    reminders = mailing(wiring.compose_reminder, LEASE)

    def do(name: str) -> None:
        # Each at its own instant: what the ones before it took is not its business.
        now = Context(context.actor, wiring.now())
        try:
            if owner := owner_of(wiring.store(), name):
                remind(wiring.store(), reminders, wiring.SETTINGS.reminder_days, now, owner)
        except Refusal as refusal:  # another message is at it
            logger.info("left to another message", extra={"owner": name, "code": refusal.code})

    each_owner("reminders", Owners.model_validate_json(body).owners, context, do)


handler = worker("reminders", handle)
