"""`make carry-over`: brings what lies in the table of release 1 into a stack's own, each item as it is written today.

Overwrites nothing and takes nothing away, so it may break off, and run again. What the stack's table has otherwise by
then stays as it is there, and is told: the command ends with 1 if there was such an item.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from licensing.adapters.aws import client
from licensing.adapters.dynamodb.rows import Row, item_of
from licensing.domain.core.ledger import Entry
from licensing.domain.people.access import Person
from licensing.domain.people.addresses import PersonAddress, fresh_id
from licensing.domain.people.carry_over import Names
from tools.operations.target import target

Item = dict[str, Any]
# People first, for the ids that name them in all the rest; ledger entries last: what follows them, an org's counts and
# its next due date, finds all records there.
PARTS = ("kind = :person", "NOT kind IN (:person, :entry)", "kind = :entry")
AT_ONCE = 16


@dataclass
class Carried:
    """How many items were brought over, and how many lay there already; the keys of those that lie there otherwise."""

    brought: int = 0
    there: int = 0
    other: list[str] = field(default_factory=list)


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--stack", default="", help="a deployed stack; left out: the one `make run` has up")
    parser.add_argument("--from", dest="source", required=True, help="the old table's name")
    options = parser.parse_args()
    stack = target(options.stack)
    carried = carry_over(client("dynamodb"), options.source, stack.outputs["TableName"], datetime.now(UTC))
    print(f"{carried.brought} items brought over, {carried.there} were there already")
    for key in carried.other:
        print(f"left as it is in the stack's table: {key}")
    sys.exit(1 if carried.other else 0)


def carry_over(tables: Any, source: str, table: str, now: datetime) -> Carried:
    """All items of `source` that have not expired into `table`."""
    carried, names = Carried(), Names(lambda _: fresh_id(), _ids_in(tables, table))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for part in PARTS:
            for items in _pages(tables, source, part, now):
                today = [as_today(item, names) for item in items]
                # What names somebody follows the record by which a later run knows the id.
                for records in names.addresses(now):
                    _put_together(tables, table, [item_of(each, 1) for each in records])
                    carried.brought += len(records)
                for outcome in pool.map(lambda item: _put(tables, table, item), [*today, *_memberships(names)]):
                    _count(carried, *outcome)
    return carried


def as_today(item: Item, names: Names) -> Item:
    """An item of release 1 as today's code writes the record, in the version it has; `names` takes note of people."""
    row, facts = Row(), names.carried(item["kind"]["S"], json.loads(item["facts"]["S"]))
    row.deserialize(item | {"facts": {"S": json.dumps(facts)}})
    record = row.to_domain()
    return item_of(record, record.version)


def _memberships(names: Names) -> list[Item]:
    return [item_of(each, 1) for each in names.memberships()]


def _ids_in(tables: Any, table: str) -> dict[str, str]:
    """Of the people whom an earlier run has named, by address."""
    pages = tables.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        FilterExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": PersonAddress.kind}},
    )
    rows = [Row.from_raw_data(item).to_domain() for page in pages for item in page["Items"]]
    return {row.email: row.person_id for row in rows if isinstance(row, PersonAddress) and row.email}


def _pages(tables: Any, source: str, part: str, now: datetime) -> Iterator[Sequence[Item]]:
    named = {":person": {"S": Person.kind}, ":entry": {"S": Entry.kind}}
    pages = tables.get_paginator("scan").paginate(
        TableName=source,
        ConsistentRead=True,
        FilterExpression=f"({part}) AND (attribute_not_exists(#ttl) OR #ttl > :now)",
        ExpressionAttributeNames={"#ttl": "ttl"},
        ExpressionAttributeValues={name: value for name, value in named.items() if name in part}
        | {":now": {"N": str(int(now.timestamp()))}},
    )
    return (page["Items"] for page in pages)


def _put_together(tables: Any, table: str, items: Iterable[Item]) -> None:
    condition = {"TableName": table, "ConditionExpression": "attribute_not_exists(pk)"}
    tables.transact_write_items(TransactItems=[{"Put": condition | {"Item": item}} for item in items])


def _put(tables: Any, table: str, item: Item) -> tuple[Item, Item | None]:
    """What lies there already, if anything does."""
    try:
        tables.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        key = {name: item[name] for name in ("pk", "sk")}
        return item, tables.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
    return item, None


def _count(carried: Carried, item: Item, there: Item | None) -> None:
    if there is None:
        carried.brought += 1
    elif there == item:
        carried.there += 1
    else:
        carried.other.append(f"{item['pk']['S']} / {item['sk']['S']}")


if __name__ == "__main__":
    main()
