"""The past, told by the ledger: records as they were at an instant (D31)."""

from collections.abc import Iterable
from datetime import datetime

from licensing.domain.core.instants import to_text
from licensing.domain.core.ledger import Entry, rewind
from licensing.domain.core.records import Record, Told
from licensing.listings import LedgerOf
from licensing.ports import Store


def as_it_was(store: Store, owner: str, current: Iterable[Record], at: datetime, *kinds: type[Record]) -> list[Record]:
    """The records of these kinds that `owner` had at the end of the second `at`.

    `current` are all it has now. Costs as many reads as the ledger has megabytes since then.
    """
    now: dict[str, Told | None] = {str(record.ref): _told(record) for record in current}
    newer: Iterable[Entry] = store.every(LedgerOf(owner, to_text(at)))
    classes = {kind.kind: kind for kind in kinds}
    then = rewind(now, newer)
    return [
        classes[kind].model_validate(told)
        for ref, told in then.items()
        if told is not None and (kind := ref.partition("/")[0]) in classes
    ]


def _told(record: Record) -> Told:
    return record.model_dump(mode="json", exclude_none=True)
