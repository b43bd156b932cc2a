"""The table behind the `Store` port: batch gets, queries, and one transaction for each commit."""

import secrets
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from licensing.adapters.dynamodb import keys
from licensing.adapters.dynamodb.keys import Query
from licensing.adapters.dynamodb.rows import Row, row_class
from licensing.domain.decisions import Change
from licensing.domain.errors import LostRace
from licensing.domain.records import Facts, Record, Ref
from licensing.ports import Listing, Page, Position

R = TypeVar("R", bound=Record)

# Reasons that go away when the facts are read afresh and the command is decided again.
RACES = {"ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class DynamoStore:
    """`licensing.ports.Store` over one DynamoDB table."""

    def __init__(self, table: str, endpoint: str | None = None) -> None:
        self.rows = row_class(table, endpoint)
        self._connection = self.rows._get_connection().connection

    def get(self, refs: Sequence[Ref[Any]]) -> Facts:
        wanted = {keys.key_of(ref) for ref in refs}
        if not wanted:
            return Facts()
        found = self.rows.batch_get(wanted, consistent_read=True)
        return Facts(row.to_domain() for row in found)

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]:
        query = keys.query_of(listing)
        rows = list(self._query(query, limit + 1, start))
        items = tuple(cast(R, row.to_domain()) for row in rows[:limit])
        more = len(rows) > limit and limit > 0
        return Page(items, self._position(rows[limit - 1], query) if more else None)

    def scan(self, limit: int, start: Position | None = None) -> Page[Record]:
        after = {name: {"S": value} for name, value in start.items()} if start else None
        rows = list(self.rows.scan(limit=limit, page_size=limit, last_evaluated_key=after, consistent_read=True))
        more = {"pk": rows[-1].pk, "sk": rows[-1].sk} if len(rows) == limit else None
        return Page(tuple(row.to_domain() for row in rows), more)

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        try:
            with TransactWrite(self._token(), connection=self._connection) as transaction:
                for change in changes:
                    self._write(transaction, change)
                for record in checks:
                    pk, sk = keys.key_of(record.ref)
                    transaction.condition_check(self.rows, pk, sk, condition=self._unchanged(record.version))
        except TransactWriteError as error:
            if is_race(error):
                raise LostRace from error
            raise

    def _write(self, transaction: TransactWrite, change: Change) -> None:
        condition = self._unchanged(change.version)
        if change.after is not None:
            transaction.save(self.rows.of(change.after, change.version + 1), condition=condition)
        elif change.before is not None:
            transaction.delete(self.rows.of(change.before, change.version), condition=condition)

    def _unchanged(self, version: int) -> Condition:
        return self.rows.version == version if version else self.rows.pk.does_not_exist()

    def _query(self, query: Query, limit: int, start: Position | None) -> Any:
        _, order = query.attributes
        if start:
            query.require(start)
        return self.rows.query(
            query.pk,
            _between(getattr(self.rows, order), query),
            index_name=query.index,
            consistent_read=query.index is None or query.index.startswith("lsi"),
            scan_index_forward=not query.backwards,
            limit=limit,
            last_evaluated_key={name: {"S": value} for name, value in start.items()} if start else None,
        )

    def _position(self, row: Row, query: Query) -> Position:
        return {name: getattr(row, name) for name in {"pk", "sk", *query.attributes}}

    @staticmethod
    def _token() -> str:
        """Lets the SDK repeat a transaction whose reply was lost without writing twice."""
        return secrets.token_hex(16)


def _between(attribute: Any, query: Query) -> Condition | None:
    """The condition on the sort key: from `low` to `high`, both taken in."""
    if query.low and query.high:
        return cast(Condition, attribute.between(query.low, query.high))
    if query.low:
        return cast(Condition, attribute >= query.low)
    return cast(Condition, attribute <= query.high) if query.high else None


def is_race(error: TransactWriteError) -> bool:
    """Whether nothing was written, and may be now. (Of a transaction still in progress nobody knows: it is none.)"""
    codes = {reason.code for reason in error.cancellation_reasons if reason}
    return bool(codes) and codes <= RACES
