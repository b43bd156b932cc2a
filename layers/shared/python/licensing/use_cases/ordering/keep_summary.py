"""Keeping the summaries by which orders are listed, after what ledgers tell."""

from collections.abc import Iterable

from licensing.domain.core.ledger import Entry
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering.summaries import OrderSummary, summarized
from licensing.ports import Store
from licensing.use_cases.ordering.read_orders import order_facts, reader


def keep_summary(store: Store, order_id: str) -> None:
    """Brings it up to the order's records. Raises LostRace."""
    # Before the records: who has read them later then writes under a later version, and the other one not at all.
    before = store.one(OrderSummary.ref_of(order_id))
    facts = order_facts(reader(store), order_id)
    if facts and (changes := summarized(before, facts.view)):
        store.commit(changes)


def orders_told_of(store: Store, owner: str, entries: Iterable[Entry]) -> set[str]:
    """The ids of the orders that entries of an owner tell of: its own, or those whose keys were claimed."""
    kind, _, owner_id = owner.partition("/")
    if kind == "order":
        return {owner_id}
    told = {diff.record for entry in entries for diff in entry.changes if diff.kind == LicenseKey.kind}
    refs = [LicenseKey.ref_of(name.partition("/")[2]) for name in sorted(told)]
    return {key.order_id for key in store.get(*refs).present(refs)} if refs else set()
