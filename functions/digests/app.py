"""After every change: an org's counts and an owner's next due date are brought up to its ledger."""

from collections.abc import Sequence
from datetime import datetime

from licensing.domain.core.ledger import Entry
from licensing.entry import wiring
from licensing.entry.stream import follower


def follow(owner: str, told: Sequence[Entry], now: datetime) -> None:  # noqa: ARG001
    """The entries say no more than that there are some: what is counted is read from the ledger, each once."""
    from licensing.use_cases.inventory.keep_digest import keep_digest
    from licensing.use_cases.planning.keep_due import keep_due

    kind, _, owner_id = owner.partition("/")
    if kind == "org":
        keep_digest(wiring.store(), owner_id, now)
    if kind in ("org", "msp"):
        keep_due(wiring.store(), owner, wiring.SETTINGS.reminder_days, now)


handler = follower(follow)
