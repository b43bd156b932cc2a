"""The past, told by the ledger: records as they were at an instant (D31)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from licensing.domain.core.instants import to_text
from licensing.domain.core.ledger import Entry, rewind
from licensing.domain.core.records import Record, Ref
from licensing.listings import LedgerOf
from licensing.ports import R, Store


def as_it_was(store: Store, owner: str, current: Iterable[Record], at: datetime, *kinds: type[Record]) -> list[Record]:
    """The records of these kinds that `owner` had at the end of the second `at`.

    `current` are all it has now. Costs as many reads as the ledger has megabytes since then.
    """
    classes = {kind.kind: kind for kind in kinds}
    then = rewind(current, _decided_after(store, owner, at), lambda ref: ref.partition("/")[0] in classes)
    # Images come lifted to today's shapes (`adapters/dynamodb/rows.py`), so today's classes can read them.
    found = ((classes.get(ref.partition("/")[0]), facts) for ref, facts in then.items())
    return [of.model_validate(facts) for of, facts in found if of]


def one_as_it_was(store: Store, owner: str, ref: Ref[R], current: R | None, at: datetime) -> R | None:
    """One of them, which is `current` now."""
    then = rewind([current] if current else [], _decided_after(store, owner, at), str(ref).__eq__)
    return ref.of.model_validate(then[str(ref)]) if str(ref) in then else None


def _decided_after(store: Store, owner: str, at: datetime) -> Iterator[Entry]:
    """Newest first. An entry is named after its commit, which may come seconds after the decision (D31)."""
    return (entry for entry in store.every(LedgerOf(owner, to_text(at))) if entry.at > at)
