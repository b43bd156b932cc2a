"""Reading listings: as they lie, or, where an index holds keys only, the records that the keys name.

A global index follows the table by a moment, and so does a read that isn't strongly consistent. An org's ledger tells
what has changed lately, and is read strongly: those records are read strongly as well, and stand where today's facts
put them, whatever the index says. So a list shows all that was committed before it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from msgspec import Struct
from pynamodb.expressions.condition import Condition

from licensing.adapters.dynamodb import keys
from licensing.adapters.dynamodb.queries import Query
from licensing.adapters.dynamodb.rows import Row
from licensing.domain.core.instants import to_text
from licensing.domain.core.ledger import Entry
from licensing.domain.core.limits import LATELY
from licensing.domain.core.records import Record
from licensing.ports import Position

Key = tuple[str, str]


class Listed(Struct, frozen=True):
    """A record in its place in a listing."""

    query: Query
    place: str
    record: Record

    @property
    def position(self) -> Position:
        return {"pk": self.query.pk, "sk": self.place}


def listed(rows: type[Row], series: Sequence[Query], count: int, now: datetime) -> Iterator[Listed]:
    """What a series of queries gives, in order: `count` records, or a few more."""
    for query in series:
        # The place behind which it goes on is read too, being its bound.
        limit = count + bool(query.after)
        for each in _by_key(rows, query, count, now) if query.is_by_key else _as_it_lies(rows, query, limit):
            yield each
            count -= 1
        if count <= 0:
            return


def _as_it_lies(rows: type[Row], query: Query, limit: int | None = None) -> Iterator[Listed]:
    _, order = query.attributes
    for row in _rows(rows, query, limit=limit, consistent_read=query.index is None):
        if query.holds(place := getattr(row, order)):
            yield Listed(query, place, row.to_domain())


def _by_key(rows: type[Row], query: Query, count: int, now: datetime) -> Iterator[Listed]:
    changed = _changed_lately(rows, query, now)
    lately = _fetched(rows, changed, consistent=True)
    for stretch, named in _stretches(rows, query, count):
        found = [*lately, *_fetched(rows, named - changed, consistent=False)]
        placed = [each for record in found if (each := _placed(stretch, record))]
        yield from sorted(placed, key=lambda each: each.place, reverse=query.backwards)


def _stretches(rows: type[Row], query: Query, count: int) -> Iterator[tuple[Query, set[Key]]]:
    """The query cut into stretches of `count` records, with the keys the index has for each; the last is open."""
    _, order = query.attributes
    # Where some are left out nobody knows how far to read: as much as an answer of DynamoDB holds.
    size = None if query.endings else count + bool(query.after)
    named: set[Key] = set()
    for row in _rows(rows, query, page_size=size):
        if query.holds(place := getattr(row, order)):
            named.add((row.pk, row.sk))
            if len(named) == count:
                yield query.until(place), named
                query, named = query.behind(place), set()
    yield query, named


def _changed_lately(rows: type[Row], query: Query, now: datetime) -> set[Key]:
    """The records of the query's kinds of which its owner's ledger has told since the index may be behind."""
    since = now - LATELY
    years = sorted({since.year, (now + LATELY).year})
    parts = [Query(keys.ledger_of(query.owner, year), low=to_text(since)) for year in years]
    entries = (cast(Entry, each.record) for part in parts for each in _as_it_lies(rows, part))
    return {keys.key_named(each.record) for entry in entries for each in entry.changes if each.kind in query.kinds}


def _fetched(rows: type[Row], wanted: Iterable[Key], *, consistent: bool) -> list[Record]:
    """The records that there are."""
    return [row.to_domain() for row in rows.batch_get(wanted, consistent_read=consistent)]


def _placed(query: Query, record: Record) -> Listed | None:
    """Where today's facts put the record, if that is in the query."""
    (group, order), place = query.attributes, keys.indexes_of(record)
    if place.get(group) != query.pk or not query.holds(place[order]):
        return None
    return Listed(query, place[order], record)


def _rows(rows: type[Row], query: Query, **how: Any) -> Iterator[Row]:
    _, order = query.attributes
    between = _between(getattr(rows, order), query)
    return rows.query(query.pk, between, index_name=query.index, scan_index_forward=not query.backwards, **how)


def _between(attribute: Any, query: Query) -> Condition | None:
    """The condition on the sort key: from `low` to `high`, both taken in."""
    if query.low and query.high:
        return cast(Condition, attribute.between(query.low, query.high))
    if query.low:
        return cast(Condition, attribute >= query.low)
    return cast(Condition, attribute <= query.high) if query.high else None
