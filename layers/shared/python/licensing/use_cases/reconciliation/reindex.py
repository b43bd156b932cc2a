"""Write anew what an earlier release wrote otherwise: older shapes, and index attributes that a rule gives today."""

from licensing.domain.core.errors import LostRace
from licensing.domain.core.records import Record
from licensing.ports import Store
from licensing.use_cases.reconciliation.reconcile import everything


def reindex(store: Store) -> int:
    """How many items were rewritten. Reads the whole table; may run beside everything else, and again.

    What somebody else writes meanwhile is written as of today anyway.
    """
    return sum(_rewritten(store, scanned.record) for scanned in everything(store) if not scanned.is_current)


def _rewritten(store: Store, record: Record) -> bool:
    try:
        store.rewrite(record)
    except LostRace:
        return False
    return True
