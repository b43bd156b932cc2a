"""What lies in the table of release 1 is brought into today's: all of it, once, whatever breaks off meanwhile."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from licensing.adapters.aws import client
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.people.carry_over import Names
from licensing.use_cases.inventory.keep_digest import keep_digest
from licensing.use_cases.reconciliation.reconcile import everything, reconcile
from tests.golden.files import ending, lines
from tools.operations.carry_over import as_today, carry_over

OLD, NEW = "release-1", "today"
ITEMS = lines("release-1/items.json")
ORGS = ("org-north", "org-south", "org-harbor")


class Stop(Exception):
    """The power is cut."""


@pytest.fixture
def tables() -> Iterator[Any]:
    with mock_aws():
        made = client("dynamodb")
        names = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "lsi1")]
        made.create_table(
            TableName=OLD,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=names,
            KeySchema=schema("sk"),
            LocalSecondaryIndexes=[
                {"IndexName": "lsi1", "KeySchema": schema("lsi1"), "Projection": {"ProjectionType": "ALL"}}
            ],
        )
        for item in ITEMS:
            made.put_item(TableName=OLD, Item=item)
        DynamoStore(NEW).rows.create_table(wait=True)
        yield made


def schema(order: str) -> list[dict[str, str]]:
    return [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": order, "KeyType": "RANGE"}]


def require_all(store: DynamoStore) -> None:
    """Every item that had not expired is there, and for each address and each grant what is new with it."""
    kept = (item for item in ITEMS if "ttl" not in item or int(item["ttl"]["N"]) > ending(OLD)[0].timestamp())
    found = list(everything(store))
    new = Counter(each.record.kind for each in found) - Counter(item["kind"]["S"] for item in kept)
    assert new.keys() == {"person_address", "address_holder", "entry", "membership"}
    assert new["person_address"] == new["address_holder"] == new["entry"]
    assert [str(each.record.ref) for each in found if not each.is_current] == []


def test_all_is_there_as_today_writes_it_and_the_reconciler_finds_every_promise_kept(tables: Any) -> None:
    now, _ = ending("release-1")
    carried, store = carry_over(tables, OLD, NEW, now), DynamoStore(NEW)
    assert (carried.brought, carried.there, carried.other) == (len(list(everything(store))), 0, [])
    require_all(store)
    for org_id in ORGS:  # what the function on the stream does
        keep_digest(store, org_id, now)
    assert reconcile(store, now) == []


def test_it_goes_on_where_it_broke_off_and_brings_nothing_twice(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put, left = tables.put_item, list(range(100))

    def until_the_power_is_cut(**how: Any) -> Any:
        if not left:
            raise Stop
        left.pop()
        return put(**how)

    with monkeypatch.context() as patch:
        patch.setattr(tables, "put_item", until_the_power_is_cut)
        with pytest.raises(Stop):
            carry_over(tables, OLD, NEW, ending("release-1")[0])
    again = carry_over(tables, OLD, NEW, ending("release-1")[0])
    assert 0 < again.there <= 100
    require_all(DynamoStore(NEW))
    third = carry_over(tables, OLD, NEW, ending("release-1")[0])
    assert (third.brought, third.other) == (0, [])


def test_what_was_written_since_is_left_as_it_is_and_told(tables: Any) -> None:
    carry_over(tables, OLD, NEW, ending("release-1")[0])
    device = next(item for item in ITEMS if item["kind"]["S"] == "device")
    item = as_today(device, Names(str))
    newer = item | {"version": {"N": "999"}}
    tables.put_item(TableName=NEW, Item=newer)
    carried = carry_over(tables, OLD, NEW, ending("release-1")[0])
    assert carried.other == [f"{item['pk']['S']} / {item['sk']['S']}"]
    key = {name: item[name] for name in ("pk", "sk")}
    assert tables.get_item(TableName=NEW, Key=key)["Item"]["version"] == {"N": "999"}
