"""A store that counts: calls to DynamoDB, items and bytes written, and the units that DynamoDB's rules ask for them.

Units by the published rules, every item of our tables lying in indexes that project it whole: a transaction writes
each started KB twice, an index entry that changes its place is deleted and put. Reads: half a unit for 4 KB read
eventually, one for strongly consistent ones, rounded up for each item of a batch get and for each query.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from licensing.adapters.dynamodb import keys
from licensing.adapters.dynamodb.rows import item_of
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.core.decisions import Change
from licensing.domain.core.records import Record, RecordSet, Ref
from licensing.ports import Listing, Page, Position, R

WRITE_UNIT, READ_UNIT = 1024, 4096


@dataclass
class Meter:
    calls: int = 0
    items: int = 0
    bytes: int = 0
    write_units: int = 0
    read_units: int = 0
    largest: int = 0


class MeteredStore(DynamoStore):
    """`DynamoStore` whose `meter` can be read and set back."""

    def __init__(self, table: str, endpoint: str | None = None) -> None:
        super().__init__(table, endpoint)
        self.meter = Meter()
        self._unweighed: list[Callable[[], None]] = []
        self._connection.client.meta.events.register("before-call.dynamodb", self._count)

    @contextmanager
    def metered(self) -> Iterator[Meter]:
        """What happens inside is counted from zero. It is weighed at the end: whoever times it times no scales."""
        self.meter, self._unweighed = Meter(), []
        yield self.meter
        for weigh in self._unweighed:
            weigh()

    def _count(self, **_: Any) -> None:
        self.meter.calls += 1

    def get(self, *refs: Ref[Any]) -> RecordSet:
        found = super().get(*refs)
        self._unweighed.append(partial(self._weigh_found, found, len(set(refs))))
        return found

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]:
        page = super().page(listing, limit, start)
        self._unweighed.append(partial(self._weigh_page, page.items))
        return page

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        super().commit(changes, checks)
        self._unweighed += [partial(self._weigh, change) for change in changes]
        self.meter.write_units += 2 * len(checks)

    def _weigh_found(self, found: RecordSet, asked: int) -> None:
        self.meter.read_units += sum(_units(_size(record), READ_UNIT) for record in found)
        self.meter.read_units += asked - len(list(found))

    def _weigh_page(self, records: Sequence[Record]) -> None:
        self.meter.read_units += max(1, _units(sum(_size(record) for record in records), READ_UNIT))

    def _weigh(self, change: Change) -> None:
        before, after = (_size(each) if each else 0 for each in (change.before, change.after))
        places = [keys.indexes_of(each) if each else {} for each in (change.before, change.after)]
        self.meter.items += 1
        self.meter.bytes += after
        self.meter.largest = max(self.meter.largest, after)
        self.meter.write_units += 2 * _units(max(before, after), WRITE_UNIT)
        for name in {each for place in places for each in place if not each.endswith("pk")}:
            was, becomes = (place.get(name) for place in places)
            moved = was is not None and was != becomes
            self.meter.write_units += 2 * (
                moved * _units(before, WRITE_UNIT) + bool(becomes) * _units(after, WRITE_UNIT)
            )


def _size(record: Record) -> int:
    """The item's bytes, names and values; numbers take no more than their digits."""
    values = item_of(record, 1).items()
    return sum(len(name) + _length(content) for name, value in values for content in value.values())


def _length(content: str | bytes) -> int:
    return len(content.encode() if isinstance(content, str) else content)


def _units(size: int, unit: int) -> int:
    return math.ceil(size / unit)
