"""The table behind the `Store` port: batch gets, queries, and one transaction for each commit."""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar, cast

from pynamodb.exceptions import TransactWriteError

from licensing.adapters.dynamodb import keys
from licensing.adapters.dynamodb.lists import listed
from licensing.adapters.dynamodb.queries import going_on, queries_of
from licensing.adapters.dynamodb.reads import TableReads
from licensing.adapters.dynamodb.rows import Row, item_of, row_class
from licensing.adapters.dynamodb.throttling import THROTTLED, be_patient, overload_told
from licensing.domain.core.decisions import Change
from licensing.domain.core.errors import LostRace
from licensing.domain.core.records import Record, RecordSet, Ref
from licensing.ports import Listing, Page, Position, Scanned, Segment, Store

R = TypeVar("R", bound=Record)

PARTS = ("condition_check_items", "delete_items", "put_items", "update_items")
# Reasons that go away when the facts are read afresh and the command is decided again.
RACES = {"ConditionalCheckFailed", "TransactionConflict"}


class DynamoStore(Store):
    """`licensing.ports.Store` over one DynamoDB table. `now` is the clock by which ledgers have years."""

    def __init__(
        self, table: str, endpoint: str | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.table = table
        self._now = now
        self.rows = row_class(table, endpoint)
        # Below pynamodb's models: a model object for each item took a quarter of a bulk command's CPU.
        self._connection = self.rows._get_connection().connection
        self._reads = TableReads(self.rows)
        be_patient(self._connection.client)

    def get(self, *refs: Ref[Any]) -> RecordSet:
        # A set: DynamoDB refuses a batch that names a key twice.
        wanted = {keys.key_of(ref) for ref in refs}
        with overload_told():
            return RecordSet(self._reads.fetch(wanted, consistent=True))

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]:
        now = self._now()
        series = going_on(queries_of(listing, now), start)
        # One more than asked for: DynamoDB's own token may come at the very end, and would lead to an empty page.
        with overload_told():
            found = list(islice(listed(self._reads, series, limit + 1, now), limit + 1))
        items = tuple(cast(R, each.record) for each in found[:limit])
        more = len(found) > limit > 0
        return Page(items, found[limit - 1].position if more else None)

    def named(self, told: str) -> Ref[Any]:
        return keys.named(told)

    def scan(self, limit: int, start: Position | None = None, segment: Segment | None = None) -> Page[Scanned]:
        after = {name: {"S": value} for name, value in start.items()} if start else None
        with overload_told():
            found = self.rows.scan(
                limit=limit,
                page_size=limit,
                last_evaluated_key=after,
                consistent_read=True,
                segment=segment.number if segment else None,
                total_segments=segment.of if segment else None,
            )
            rows = list(found)
        more = {"pk": rows[-1].pk, "sk": rows[-1].sk} if len(rows) == limit else None
        return Page(tuple(map(_scanned, rows)), more)

    def rewrite(self, record: Record) -> None:
        # The same version again: nothing is decided, so nobody's race is lost by it and no ledger tells of it.
        item = {"TableName": self.table, "Item": item_of(record, record.version), **_unchanged(record.version)}
        self._transact(put_items=[item])

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        self._transact(
            condition_check_items=[self._if_still(record.ref, record.version) for record in checks],
            delete_items=[self._if_still(each.ref, each.version) for each in changes if each.after is None],
            put_items=[self._put(each.after, each.version) for each in changes if each.after is not None],
        )

    def _transact(self, **items: list[dict[str, Any]]) -> None:
        parts: dict[str, Any] = {name: items.get(name, ()) for name in PARTS}
        try:
            with overload_told():
                self._connection.transact_write_items(**parts, client_request_token=self._token())
        except TransactWriteError as error:
            if is_race(error):
                raise LostRace from error
            # Anything else may have been written all the same: decided again, it could be done twice.
            raise

    def _put(self, record: Record, version: int) -> dict[str, Any]:
        return {"TableName": self.table, "Item": item_of(record, version + 1), **_unchanged(version)}

    def _if_still(self, ref: Ref[Any], version: int) -> dict[str, Any]:
        pk, sk = keys.key_of(ref)
        return {"TableName": self.table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}, **_unchanged(version)}

    @staticmethod
    def _token() -> str:
        """Lets the SDK repeat a transaction whose reply was lost without writing twice."""
        return secrets.token_hex(16)


def _scanned(row: Row) -> Scanned:
    record = row.to_domain()
    return Scanned(record, row.is_as_written_today(record))


def _unchanged(version: int) -> dict[str, Any]:
    """The condition that an item still is the one that was read."""
    if not version:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }


def is_race(error: TransactWriteError) -> bool:
    """Whether nothing was written, and may be now. (Of a transaction still in progress nobody knows: it is none.)"""
    codes = {reason.code for reason in error.cancellation_reasons if reason}
    return bool(codes & RACES) and codes <= RACES | THROTTLED
