"""Admins are reminded of what expires or starts by itself soon, owner by owner (D34)."""

from datetime import timedelta

from licensing.entry import wiring
from licensing.entry.mailing import mailing
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
        if owner := owner_of(wiring.store(), name):
            remind(wiring.store(), reminders, wiring.SETTINGS.reminder_days, now, owner)

    each_owner("reminders", Owners.model_validate_json(body), context, do)


handler = worker("reminders", handle)
