"""A table that takes no more than DynamoDB gives each partition key, and says so as DynamoDB does."""

import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import botocore.endpoint
from botocore.awsrequest import AWSResponse

from licensing.adapters import request_time
from licensing.adapters.dynamodb import throttling
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.core.decisions import Change
from licensing.domain.core.records import Record
from tests.worlds.capacity import Collection, Units, batch_read, query_read, written

WRITES, READS = 1_000, 3_000


class MovedTime:
    """Stands for the module `time`: sleeping moves its clock, and nothing else does."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@contextmanager
def moved_time() -> Iterator[MovedTime]:
    """Whoever waits for a table meanwhile waits in no time."""
    clock = MovedTime()
    with ExitStack() as stack:
        for module in (botocore.endpoint, throttling, request_time):
            stack.enter_context(patch.object(module, "time", clock))
        yield clock


class Buckets:
    """Units for each collection: so many a second, and no more than a second's at once."""

    def __init__(self, rate: int, clock: Callable[[], float]) -> None:
        self._rate, self._clock = rate, clock
        self._levels: dict[Collection, tuple[float, float]] = {}

    def level(self, collection: Collection) -> float:
        level, since = self._levels.get(collection, (self._rate, self._clock()))
        return min(self._rate, level + self._rate * (self._clock() - since))

    def take(self, collection: Collection, units: float) -> None:
        """May leave less than nothing."""
        self._levels[collection] = self.level(collection) - units, self._clock()

    def take_all(self, units: Units) -> bool:
        """All of it or, where one collection has not enough left, nothing."""
        if any(self.level(each) < min(wanted, self._rate) for each, wanted in units.items()):
            return False
        for each, wanted in units.items():
            self.take(each, wanted)
        return True


class ThrottledStore(DynamoStore):
    """`DynamoStore` whose table holds each collection to 1,000 write and 3,000 read units a second.

    `refused` counts by the error that was answered.
    """

    def __init__(self, table: str, endpoint: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(table, endpoint)
        self.writes, self.reads = Buckets(WRITES, clock), Buckets(READS, clock)
        self.refused: dict[str, int] = {}
        self._asked: Units = Units()
        events = self._connection.client.meta.events
        events.register("before-send.dynamodb.TransactWriteItems", self._before_write)
        events.register("before-send.dynamodb.Query", self._before_query)
        events.register("before-call.dynamodb", self._before_call)
        events.register("after-call.dynamodb.Query", self._after_query)
        events.register("after-call.dynamodb.BatchGetItem", self._after_batch)

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        self._asked = written(changes, checks)
        super().commit(changes, checks)

    def _before_write(self, request: Any, **_: Any) -> AWSResponse | None:
        if self.writes.take_all(self._asked):
            return None
        # Either may come: one of the items was too much for its partition, or the request as a whole.
        if sum(self.refused.values()) % 3 == 2:
            return self._refusal(request, "ThrottlingException", {})
        items = json.loads(request.body)["TransactItems"]
        reasons = [{"Code": "ThrottlingError"}, *({"Code": "None"} for _ in items[1:])]
        return self._refusal(request, "TransactionCanceledException", {"CancellationReasons": reasons})

    def _before_query(self, request: Any, **_: Any) -> AWSResponse | None:
        if self.reads.level(_queried(json.loads(request.body))) > 0:
            return None
        return self._refusal(request, "ProvisionedThroughputExceededException", {})

    def _refusal(self, request: Any, code: str, more: dict[str, Any]) -> AWSResponse:
        self.refused[code] = self.refused.get(code, 0) + 1
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "Throughput exceeds the limit"} | more
        return AWSResponse(request.url, 400, {}, _Raw(json.dumps(body).encode()))

    def _before_call(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = params["body"]

    def _after_query(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        asked = json.loads(context["asked"])
        index, strong = asked.get("IndexName", ""), bool(asked.get("ConsistentRead"))
        self.reads.take(_queried(asked), query_read(index, parsed.get("Items", ()), strong=strong))

    def _after_batch(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """What lies in a partition that has nothing left is named, and not answered."""
        (batch,) = json.loads(context["asked"])["RequestItems"].values()
        strong, missed = bool(batch.get("ConsistentRead")), list[Any]()
        found = {(item["pk"]["S"], item["sk"]["S"]): item for item in parsed["Responses"][self.table]}
        for key in batch["Keys"]:
            item, collection = found.get((key["pk"]["S"], key["sk"]["S"])), ("", key["pk"]["S"])
            if self.reads.level(collection) <= 0:
                missed.append(key)
                found.pop((key["pk"]["S"], key["sk"]["S"]), None)
            else:
                self.reads.take(collection, batch_read(1, [item] if item else [], strong=strong))
        if missed:
            self.refused["UnprocessedKeys"] = self.refused.get("UnprocessedKeys", 0) + 1
            parsed["Responses"][self.table] = list(found.values())
            parsed["UnprocessedKeys"] = {self.table: {"Keys": missed}}


class _Raw(io.BytesIO):
    """An answer's body as urllib3 gives it."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


def _queried(asked: dict[str, Any]) -> Collection:
    """The partition a query is about: the first of the values that its condition compares with."""
    values = asked["ExpressionAttributeValues"]
    return asked.get("IndexName", ""), values[":0"]["S"]
