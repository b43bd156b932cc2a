"""What is kept beside the records in numbers: overviews at any size of an org, the digest's own costs, lists of orders.

python -m tests.benchmarks.bench_digests
"""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

from licensing.adapters.dynamodb.rows import item_of
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.core.records import Record
from licensing.domain.licenses.licenses import Block
from licensing.listings import OrdersOf
from licensing.use_cases.inventory.count_licenses import count_licenses
from licensing.use_cases.inventory.keep_digest import keep_digest
from licensing.use_cases.ordering.complete_order import complete_order
from licensing.use_cases.ordering.keep_summary import keep_summary
from licensing.use_cases.ordering.place_order import place_order
from tests.benchmarks.harness import AWS, say, table
from tests.benchmarks.metering import MeteredStore
from tests.worlds.assigning import NORTH, key_of
from tests.worlds.assigning import World as Assigning
from tests.worlds.capacity import size
from tests.worlds.examples import NOON, at, later, order_request
from tests.worlds.ordering import World as Ordering
from tools.local.ministack import ministack

TABLES = count()
DEVICES = (100, 2_000, 20_000)
MODELS = ("AP-1YR-LIC", "AP-3YR-LIC", "AP-5YR-LIC")
ORDERS = 100
LINES = [{"license_model": sku, "quantity": 10} for sku in ("AP-1YR-LIC", "SW-1YR-LIC", "GW-1YR-LIC")]


def new_store(endpoint: str) -> MeteredStore:
    store = MeteredStore(f"bench-{os.getpid()}-{next(TABLES)}", endpoint)
    store.rows.create_table(wait=True)
    return store


def licensed(devices: int, since: Callable[[int], datetime]) -> Iterator[Record]:
    """Access points, each with a licence of its own since some instant."""
    for first in range(0, devices, 100):
        model, issued = MODELS[first // 100 % 3], since(first)
        block = Block.of(key_of(model, 100, issued, first // 100 + 1), NORTH, issued)
        yield block.without(block.free)
        for number in range(first, min(first + 100, devices)):
            one, then = block.license(number - first + 1), since(number)
            device = Device(
                org_id=NORTH,
                serial=f"A{number:06}",
                model="ECW230S",
                category="ap",
                registered_at=then,
                free_since=then,
                free_days=0,
                network_id="net-1",
            )
            yield one.evolve(serials=(device.serial,), associated_at=then)
            yield device.plus(Association.of(one, then, networked=True))


def fill(store: MeteredStore, records: Iterator[Record]) -> None:
    items = [item_of(record, 1) for record in records]
    client = store._connection.client
    for start in range(0, len(items), 25):
        puts = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        client.batch_write_item(RequestItems={store.table: puts})


def digest_size(store: MeteredStore) -> str:
    found = store._connection.client.query(
        TableName=store.table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"DIGEST#{NORTH}"}},
    )["Items"]
    sizes = [size(cast(Any, item)) for item in found]
    return f"{len(sizes)} items, {sum(sizes) / 1_000:.1f} KB, the largest {max(sizes) / 1_000:.1f}"


def overviews(endpoint: str, name: str, since: Callable[[int], datetime]) -> None:
    now = later(days=300)
    for devices in DEVICES:
        store = new_store(endpoint)
        fill(store, licensed(devices, since))
        with store.metered() as whole:
            count_licenses(store, NORTH, now, now)
        keep_digest(store, NORTH, now)
        with store.metered() as read:
            count_licenses(store, NORTH, now, now)
        # Of its own, before the meter goes on.
        calls = read.calls
        world = Assigning(cast(Any, store))
        world.register("NEW-1", now=now)
        world.claim("SW-1YR-LIC", issued_at=now)
        with store.metered() as lacking:
            count_licenses(store, NORTH, now, now)
        keep_digest(store, NORTH, now)
        license_id = world.claim(issued_at=now)[0]
        keep_digest(store, NORTH, now)
        world.bind(license_id, "NEW-1", now=now)
        with store.metered() as kept:
            keep_digest(store, NORTH, now)
        say(
            f"  {name:<22}{devices:>8,}{whole.read_units:>12}{read.read_units:>8}{calls:>7}"
            f"{lacking.read_units:>14}{kept.write_units:>10}{kept.read_units:>6}   {digest_size(store)}"
        )


def orders(endpoint: str) -> list[tuple[str, str]]:
    store = new_store(endpoint)
    world = Ordering(store=cast(Any, store))
    request = order_request(lines=LINES)
    steps: Sequence[tuple[str, Callable[[], object]]] = (
        ("intake", lambda: place_order(store, at(), request)),
        ("completion", lambda: complete_order(store, world.notes, at(), request.order_id)),
        ("three keys", lambda: world.generate(request.order_id)),
        ("two mails", lambda: world.deliver(request.order_id)),
    )
    rows = []
    for name, step in steps:
        with store.metered() as meter:
            step()
        with store.metered() as kept:
            keep_summary(store, request.order_id)
        rows.append((name, f"{meter.write_units} WCU; its summary after it {kept.write_units} WCU"))
    for number in range(ORDERS):
        other = order_request(lines=LINES, po_number=f"PO-{number:04}")
        place_order(store, at(later(minutes=number)), other)
        complete_order(store, world.notes, at(later(minutes=number)), other.order_id)
        world.generate(other.order_id)
        world.deliver(other.order_id)
        keep_summary(store, other.order_id)
    with store.metered() as meter:
        store.page(OrdersOf("acme"), 100)
    return [*rows, ("a page of 100 orders", f"{meter.calls} call, {meter.read_units} RCU")]


def main() -> None:
    os.environ |= AWS
    with ministack("dynamodb") as endpoint:
        head = f"{'':<24}{'devices':>8}{'all records':>12}{'digest':>8}{'calls':>7}{'with 3 told':>14}"
        say(f"{head}{'bind WCU':>10}{'RCU':>6}")
        overviews(endpoint, "100 to a second", lambda number: NOON + timedelta(minutes=number // 100))
        overviews(endpoint, "each at its own", lambda number: NOON + timedelta(seconds=97 * number))
        table("Orders of three lines and two recipients", orders(endpoint))


if __name__ == "__main__":
    main()
