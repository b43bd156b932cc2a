"""The past, told by the ledger: records as they were at an instant (D31)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from licensing.domain.core.instants import to_text
from licensing.domain.core.ledger import Entry, Told, rewind
from licensing.domain.core.records import Record
from licensing.listings import LedgerOf
from licensing.ports import Listing, Page, Position, R, Store

# Some two answers of DynamoDB, which holds a megabyte in each: fewer questions, and little read in vain.
CHUNK = 2_500


class Pages(Protocol):
    """The store, or a command's reading of it."""

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]: ...


def every(store: Pages, listing: Listing[R], chunk: int = CHUNK) -> Iterator[R]:
    """All of a listing, read `chunk` by `chunk` as they are wanted."""
    position = None
    while True:
        page = store.page(listing, chunk, position)
        yield from page.items
        if (position := page.next) is None:
            return


def as_it_was(store: Store, owner: str, current: Iterable[Record], at: datetime, *kinds: type[Record]) -> list[Record]:
    """The records of these kinds that `owner` had at the end of the second `at`.

    `current` are all it has now. Costs as many reads as the ledger has megabytes since then.
    """
    now: dict[str, Told | None] = {str(record.ref): _told(record) for record in current}
    newer: Iterable[Entry] = every(store, LedgerOf(owner, to_text(at)))
    classes = {kind.kind: kind for kind in kinds}
    then = rewind(now, newer)
    return [
        classes[kind].model_validate(told)
        for ref, told in then.items()
        if told is not None and (kind := ref.partition("/")[0]) in classes
    ]


def _told(record: Record) -> Told:
    return record.model_dump(mode="json", exclude_none=True)
