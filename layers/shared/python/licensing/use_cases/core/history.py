"""The past, told by the ledger: records as they were at an instant (D31)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from licensing.domain.core.instants import to_text
from licensing.domain.core.ledger import Entry, rewind
from licensing.domain.core.records import Image, Record, Ref
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
    """One of them, which is `current` now. Costs a read for each of its own changes since then, where all of them say
    which was the one before; else the ledger since then."""
    if found := current and _walked_back(store, owner, current, at):
        return found
    then = rewind([current] if current else [], _decided_after(store, owner, at), str(ref).__eq__)
    return ref.of.model_validate(then[str(ref)]) if str(ref) in then else None


def _walked_back(store: Store, owner: str, current: R, at: datetime) -> R | None:
    """The record as its own entries lead back to it; None where they lead no further, or to where it came from."""
    facts: Image | None = current.model_dump(mode="json", exclude_none=True)
    version, entry_id = current.version, current.told_in
    while entry_id and facts is not None:
        entry = store.one(Ref(Entry, (owner, entry_id)))
        if entry is None or entry.at <= at:
            return type(current).model_validate(facts) if entry else None
        told = next((each for each in entry.changes if each.record == str(current.ref)), None)
        # Whatever was written without being told: the walk would leave it out.
        if told is None or told.version != version:
            return None
        # Before it came there may have been another of this name, of which only the ledger can tell.
        facts, version, entry_id = told.undone(facts), version - 1, told.previous
    return None


def _decided_after(store: Store, owner: str, at: datetime) -> Iterator[Entry]:
    """Newest first. An entry is named after its commit, which may come seconds after the decision (D31)."""
    return (entry for entry in store.every(LedgerOf(owner, to_text(at))) if entry.at > at)
