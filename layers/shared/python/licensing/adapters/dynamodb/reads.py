"""What lists and gets ask of the table, by pynamodb."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from pynamodb.expressions.condition import Condition

from licensing.adapters.dynamodb.lists import Key
from licensing.adapters.dynamodb.queries import Query
from licensing.adapters.dynamodb.rows import Row
from licensing.adapters.dynamodb.throttling import until_done
from licensing.domain.core.records import Record

# DynamoDB's bound for a batch.
BATCH = 100


class TableReads:
    """`licensing.adapters.dynamodb.lists.Reads` of one table."""

    def __init__(self, rows: type[Row]) -> None:
        self._rows = rows

    def items(self, query: Query, limit: int | None = None) -> Iterator[tuple[str, Record]]:
        _, order = query.attributes
        # DynamoDB refuses consistent reads of global indexes.
        for row in self._query(query, limit=limit, consistent_read=query.index is None):
            yield getattr(row, order), row.to_domain()

    def named(self, query: Query, size: int | None) -> Iterator[tuple[str, Key]]:
        _, order = query.attributes
        for row in self._query(query, page_size=size):
            yield getattr(row, order), (row.pk, row.sk)

    def fetch(self, wanted: Iterable[Key], *, consistent: bool) -> list[Record]:
        found: list[Record] = []
        left: list[Any] = [{"pk": pk, "sk": sk} for pk, sk in wanted]
        connection, table = self._rows._get_connection().connection, self._rows.Meta.table_name

        def fetch_some() -> bool:
            # Under load an answer lacks some of what was asked for, and names it; with no haste, as it is full of.
            while left:
                some = left[-BATCH:]
                answer = connection.batch_get_item(table, some, consistent_read=consistent)
                found.extend(self._rows.from_raw_data(row).to_domain() for row in answer["Responses"][table])
                left[-BATCH:] = missed = answer["UnprocessedKeys"].get(table, {}).get("Keys", [])
                if missed:
                    return False
            return True

        until_done(fetch_some)
        return found

    def _query(self, query: Query, **how: Any) -> Iterator[Row]:
        _, order = query.attributes
        between = _between(getattr(self._rows, order), query)
        forwards = not query.backwards
        return self._rows.query(query.pk, between, index_name=query.index, scan_index_forward=forwards, **how)


def _between(attribute: Any, query: Query) -> Condition | None:
    """The condition on the sort key: from `low` to `high`, both taken in."""
    if query.low and query.high:
        return cast(Condition, attribute.between(query.low, query.high))
    if query.low:
        return cast(Condition, attribute >= query.low)
    return cast(Condition, attribute <= query.high) if query.high else None
