"""Reading listings: as they lie, or, where an index holds keys only, the records that the keys name.

A global index follows the table by a moment, and so does a read that isn't strongly consistent. An org's ledger tells
what has changed lately, and is read strongly: those records are read strongly as well, and stand where today's facts
put them, whatever the index says. So a list shows all that was committed before it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, cast

from msgspec import Struct

from licensing.adapters.dynamodb import keys
from licensing.adapters.dynamodb.queries import Query
from licensing.domain.core.instants import to_text
from licensing.domain.core.ledger import Entry
from licensing.domain.core.limits import LATELY
from licensing.domain.core.records import Record
from licensing.ports import Position

Key = tuple[str, str]


class Reads(Protocol):
    """What a table is asked."""

    def items(self, query: Query, limit: int | None = None) -> Iterator[tuple[str, Record]]:
        """Places and records in order, from that behind which the query goes on; of the table strongly consistent."""
        ...

    def named(self, query: Query, size: int | None) -> Iterator[tuple[str, Key]]:
        """The same of an index that holds keys only, `size` at once."""
        ...

    def fetch(self, wanted: Iterable[Key], *, consistent: bool) -> list[Record]:
        """The records that there are."""
        ...


class Listed(Struct, frozen=True):
    """A record in its place in a listing."""

    query: Query
    place: str
    record: Record

    @property
    def position(self) -> Position:
        return {"pk": self.query.pk, "sk": self.place}


def listed(reads: Reads, series: Sequence[Query], count: int, now: datetime) -> Iterator[Listed]:
    """What a series of queries gives, in order: `count` records, or a few more."""
    for query in series:
        for each in _by_key(reads, query, count, now) if query.is_by_key else _as_it_lies(reads, query, count):
            yield each
            count -= 1
        if count <= 0:
            return


def _as_it_lies(reads: Reads, query: Query, count: int) -> Iterator[Listed]:
    for place, record in reads.items(query, _size(query, count)):
        if query.holds(place):
            yield Listed(query, place, record)


def _by_key(reads: Reads, query: Query, count: int, now: datetime) -> Iterator[Listed]:
    changed = _changed_lately(reads, query, now)
    lately = reads.fetch(changed, consistent=True)
    for stretch, named in _stretches(reads, query, count):
        found = [*lately, *reads.fetch(named - changed, consistent=False)]
        placed = [each for record in found if (each := _placed(stretch, record))]
        yield from sorted(placed, key=lambda each: each.place, reverse=query.backwards)


def _stretches(reads: Reads, query: Query, count: int) -> Iterator[tuple[Query, set[Key]]]:
    """The query cut into stretches of `count` records, with the keys the index has for each; the last is open."""
    # Where some are left out nobody knows how far to read: as much as an answer of DynamoDB holds.
    size = None if query.endings else _size(query, count)
    found: set[Key] = set()
    for place, key in reads.named(query, size):
        if query.holds(place):
            found.add(key)
            if len(found) == count:
                yield query.until(place), found
                query, found = query.behind(place), set()
    yield query, found


def _size(query: Query, count: int) -> int:
    # The place behind which it goes on is read too, being its bound.
    return count + bool(query.after)


def _changed_lately(reads: Reads, query: Query, now: datetime) -> set[Key]:
    """The records of the query's kinds of which its owner's ledger has told since the index may be behind."""
    since = now - LATELY
    years = sorted({since.year, (now + LATELY).year})
    parts = [Query(keys.ledger_of(query.owner, year), low=to_text(since)) for year in years]
    entries = (cast(Entry, record) for part in parts for _, record in reads.items(part))
    return {keys.key_named(each.record) for entry in entries for each in entry.changes if each.kind in query.kinds}


def _placed(query: Query, record: Record) -> Listed | None:
    """Where today's facts put the record, if that is in the query."""
    (group, order), place = query.attributes, keys.indexes_of(record)
    if place.get(group) != query.pk or not query.holds(place[order]):
        return None
    return Listed(query, place[order], record)
