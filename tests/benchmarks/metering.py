"""A store that counts: calls to DynamoDB, items and bytes written, and the units that its rules ask for, in all and in
each collection of items (`tests/worlds/capacity.py`)."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from licensing.adapters.dynamodb.rows import item_of
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.core.decisions import Change
from licensing.domain.core.records import Record
from tests.worlds.capacity import Collection, Units, batch_read, query_read, size, written


@dataclass
class Meter:
    calls: int = 0
    items: int = 0
    bytes: int = 0
    read_units: float = 0
    largest: int = 0
    writes: Units = field(default_factory=Counter)

    @property
    def write_units(self) -> int:
        return self.writes.total()

    @property
    def hottest(self) -> tuple[Collection, int]:
        """The collection that is written most, and its units."""
        return self.writes.most_common(1)[0]


class MeteredStore(DynamoStore):
    """`DynamoStore` whose `meter` can be read and set back."""

    def __init__(self, table: str, endpoint: str | None = None) -> None:
        super().__init__(table, endpoint)
        self.meter = Meter()
        self._unweighed: list[Callable[[], None]] = []
        events = self._connection.client.meta.events
        events.register("before-call.dynamodb", self._count)
        events.register("after-call.dynamodb", self._note_read)

    @contextmanager
    def metered(self) -> Iterator[Meter]:
        """What happens inside is counted from zero. It is weighed at the end: whoever times it times no scales."""
        self.meter, self._unweighed = Meter(), []
        yield self.meter
        for weigh in self._unweighed:
            weigh()

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        super().commit(changes, checks)
        self._unweighed.append(partial(self._weigh, tuple(changes), tuple(checks)))

    def _weigh(self, changes: Sequence[Change], checks: Sequence[Record]) -> None:
        sizes = [size(item_of(change.after, 1)) for change in changes if change.after]
        self.meter.items += len(changes)
        self.meter.bytes += sum(sizes)
        self.meter.largest = max([self.meter.largest, *sizes])
        self.meter.writes.update(written(changes, checks))

    def _count(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        self.meter.calls += 1
        context["asked"] = params["body"]

    def _note_read(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        self._unweighed.append(partial(self._weigh_read, parsed, context["asked"]))

    def _weigh_read(self, parsed: dict[str, Any], body: bytes) -> None:
        asked = json.loads(body)
        if "Responses" in parsed:
            (batch,) = asked["RequestItems"].values()
            found = parsed["Responses"][self.table]
            self.meter.read_units += batch_read(len(batch["Keys"]), found, strong=bool(batch.get("ConsistentRead")))
        elif "Items" in parsed:
            index, strong = asked.get("IndexName", ""), bool(asked.get("ConsistentRead"))
            self.meter.read_units += query_read(index, parsed["Items"], strong=strong)
