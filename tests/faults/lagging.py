"""Stores whose indexes and eventually consistent reads follow the table by a while, as DynamoDB's may."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, cast

from licensing.adapters.dynamodb.lists import Key, Reads, listed
from licensing.adapters.dynamodb.queries import Query, going_on, queries_of
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.core.decisions import Change
from licensing.domain.core.records import Record
from licensing.ports import Listing, Page, Position, R, Store
from tests.worlds.fakes import MemoryStore

Clock = Callable[[], datetime]


class Replica:
    """What indexes know of a table: all that was committed `lag` ago. `store` and `reads` are of the copy."""

    def __init__(self, store: Store, reads: Reads, lag: Callable[[], timedelta], now: Clock) -> None:
        self._store, self._reads, self._lag, self._now = store, reads, lag, now
        self._waiting: deque[tuple[datetime, Sequence[Change]]] = deque()

    def note(self, changes: Sequence[Change]) -> None:
        self._waiting.append((self._now() + self._lag(), tuple(changes)))

    def reads(self) -> Reads:
        """The copy, as it is by now."""
        while self._waiting and self._waiting[0][0] <= self._now():
            self._store.commit(self._waiting.popleft()[1])
        return self._reads


class LaggingReads:
    """`licensing.adapters.dynamodb.lists.Reads`: the table as it is, indexes that hold keys only as they were.

    Those that hold records whole promise nothing; here they keep up.
    """

    def __init__(self, table: Reads, replica: Replica) -> None:
        self._table, self._replica = table, replica

    def items(self, query: Query, limit: int | None = None) -> Iterator[tuple[str, Record]]:
        return self._table.items(query, limit)

    def named(self, query: Query, size: int | None) -> Iterator[tuple[str, Key]]:
        return self._replica.reads().named(query, size)

    def fetch(self, wanted: Iterable[Key], *, consistent: bool) -> list[Record]:
        return (self._table if consistent else self._replica.reads()).fetch(wanted, consistent=consistent)


class LaggingStore(DynamoStore):
    """`DynamoStore` over a table that has a copy beside it, which follows it by `lag`."""

    def __init__(self, table: str, endpoint: str | None, lag: timedelta, now: Clock) -> None:
        super().__init__(table, endpoint, now)
        self.copy = DynamoStore(f"{table}-as-it-was", endpoint, now)
        self.replica = Replica(self.copy, self.copy._reads, lambda: lag, now)
        self._reads = cast(Any, LaggingReads(self._reads, self.replica))

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        super().commit(changes, checks)
        self.replica.note(changes)


class MemoryReads:
    """`licensing.adapters.dynamodb.lists.Reads` of a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def items(self, query: Query, limit: int | None = None) -> Iterator[tuple[str, Record]]:
        return ((place, self._store.items[key]) for place, key in islice(self._store.found(query), limit))

    def named(self, query: Query, size: int | None) -> Iterator[tuple[str, Key]]:  # noqa: ARG002
        return iter(self._store.found(query))

    def fetch(self, wanted: Iterable[Key], *, consistent: bool) -> list[Record]:  # noqa: ARG002
        return [record for key in wanted if (record := self._store.items.get(key))]


class LaggingMemory(MemoryStore):
    """`MemoryStore` that reads lists as `DynamoStore` does, from indexes that are `lag` behind."""

    def __init__(self, lag: Callable[[], timedelta], now: Clock) -> None:
        super().__init__()
        copy = MemoryStore()
        self.clock, self.replica = now, Replica(copy, MemoryReads(copy), lag, now)
        self.reads = LaggingReads(MemoryReads(self), self.replica)

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]:
        series = going_on(queries_of(listing, self.clock()), start)
        found = list(islice(listed(self.reads, series, limit + 1, self.clock()), limit + 1))
        more = len(found) > limit > 0
        return Page(tuple(cast(R, each.record) for each in found[:limit]), found[limit - 1].position if more else None)

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        super().commit(changes, checks)
        self.replica.note(changes)
