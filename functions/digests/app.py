"""After every change: an org's counts, an owner's next due date and the summaries of orders are brought up to it."""

from collections.abc import Sequence
from datetime import datetime

from licensing.domain.core.ledger import Entry
from licensing.entry import wiring
from licensing.entry.stream import follower


def follow(owner: str, told: Sequence[Entry], now: datetime) -> None:
    """The entries say what has to be looked at: what is kept follows from the ledger and the records as they are, so
    that it may come late, or again."""
    from licensing.use_cases.inventory.keep_digest import keep_digest
    from licensing.use_cases.ordering.keep_summary import keep_summary, orders_told_of
    from licensing.use_cases.planning.keep_due import keep_due

    store = wiring.store()
    for order_id in sorted(orders_told_of(store, owner, told)):
        keep_summary(store, order_id)
    kind, _, owner_id = owner.partition("/")
    if kind == "org":
        keep_digest(store, owner_id, now)
    if kind in ("org", "msp"):
        keep_due(store, owner, wiring.SETTINGS.reminder_days, now)


handler = follower(follow)
