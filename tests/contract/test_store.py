"""What the store promises (`licensing.ports.Store`), on every backend: memory, moto, MiniStack, or a real table.

`AWS_ENDPOINT_URL_DYNAMODB` names one more endpoint to try.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

import pytest
from moto import mock_aws

from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.core.decisions import Change, changed, created
from licensing.domain.core.errors import LostRace, Refusal
from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Record
from licensing.domain.ordering.orders import Order, received
from licensing.domain.ordering.summaries import OrderSummary
from licensing.domain.ordering.views import OrderView
from licensing.domain.people.tenants import Partner
from licensing.listings import AllOrders, LedgerOf, OrdersOf, WorkingOrders
from licensing.ports import Position, Store
from tests.faults.lagging import LaggingStore
from tests.faults.throttling import ThrottledStore
from tests.worlds.examples import NOON, later, order_request
from tests.worlds.fakes import MemoryStore
from tools.local.ministack import ministack

S = TypeVar("S", bound=DynamoStore)
TABLES = count()
ACME = Partner(partner_id="acme", name="Acme")
REAL = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
BACKENDS = ["memory", "moto", "ministack", "lagging", "throttled", *(["endpoint"] if REAL else [])]


@pytest.fixture(scope="module")
def ministack_endpoint() -> Iterator[str]:
    with ministack("dynamodb") as endpoint:
        yield endpoint


def new_table() -> str:
    return f"contract-{os.getpid()}-{next(TABLES)}"


def made(store: S) -> S:
    store.rows.create_table(wait=True)
    return store


def table_at(endpoint: str | None) -> DynamoStore:
    return made(DynamoStore(new_table(), endpoint))


@pytest.fixture(params=BACKENDS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    match request.param:
        case "memory":
            yield MemoryStore()
        case "moto":
            with mock_aws():
                yield table_at(None)
        case "ministack":
            yield table_at(request.getfixturevalue("ministack_endpoint"))
        case "lagging":
            there, lag = request.getfixturevalue("ministack_endpoint"), timedelta(seconds=10)
            lagging = made(LaggingStore(new_table(), there, lag, lambda: datetime.now(UTC)))
            made(lagging.copy)
            yield lagging
        case "throttled":
            yield made(ThrottledStore(new_table(), request.getfixturevalue("ministack_endpoint")))
        case "endpoint":
            yield table_at(REAL)


@pytest.fixture
def racing_store(ministack_endpoint: str) -> Store:
    """moto lets several racing transactions win, so races run on an engine that gets them right."""
    return table_at(ministack_endpoint)


def order(number: int, partner_id: str = "acme", minutes: int = 0) -> Order:
    return received(order_request(po_number=f"PO-{number:04}", partner_id=partner_id), later(minutes=minutes))


def summary(number: int, partner_id: str = "acme", minutes: int = 0) -> OrderSummary:
    return OrderSummary(order=OrderView.of(order(number, partner_id, minutes), (), ()))


def all_pages(store: Store, listing: OrdersOf | AllOrders, limit: int) -> list[OrderView]:
    found: list[OrderView] = []
    position: Position | None = None
    while True:
        page = store.page(listing, limit, position)
        assert len(page.items) <= limit
        found += [summary.order for summary in page.items]
        if (position := page.next) is None:
            return found


def test_what_is_committed_is_read_back_with_its_version(store: Store) -> None:
    store.commit([created(ACME)])
    found = store.one(ACME.ref)
    assert found == ACME.evolve(version=1)
    assert store.one(Partner.ref_of("nobody")) is None
    assert list(store.get()) == []


def test_a_record_keeps_which_entry_told_of_it(store: Store) -> None:
    told = ACME.evolve(told_in="2026-03-01T12:00:00.000000Z.0000.00000000")
    store.commit([created(told)])
    assert store.one(ACME.ref) == told.evolve(version=1)
    store.rewrite(told.evolve(version=1))
    assert store.one(ACME.ref) == told.evolve(version=1)


def test_records_are_found_by_the_hundred_whatever_their_kinds(store: Store) -> None:
    orders = [order(n) for n in range(120)]
    for start in (0, 60):
        store.commit([created(one) for one in orders[start : start + 60]])
    store.commit([created(ACME)])
    found = store.get(*(one.ref for one in orders), ACME.ref, ACME.ref)
    assert len(list(found)) == 121
    assert found[orders[119].ref] == orders[119].evolve(version=1)


def test_a_record_is_created_once(store: Store) -> None:
    store.commit([created(ACME)])
    with pytest.raises(LostRace):
        store.commit([created(ACME.evolve(name="Other"))])
    assert store.one(ACME.ref) == ACME.evolve(version=1)


def test_a_change_needs_the_version_that_was_read(store: Store) -> None:
    store.commit([created(ACME)])
    first = ACME.evolve(version=1)
    store.commit([changed(first, name="Second")])
    with pytest.raises(LostRace):
        store.commit([changed(first, name="Late")])
    assert store.one(ACME.ref) == ACME.evolve(name="Second", version=2)


def test_a_record_that_was_deleted_is_gone_and_can_be_created_again(store: Store) -> None:
    store.commit([created(ACME)])
    store.commit([Change(ACME.evolve(version=1), None)])
    assert store.one(ACME.ref) is None
    with pytest.raises(LostRace):
        store.commit([Change(ACME.evolve(version=1), None)])
    store.commit([created(ACME)])


def test_all_changes_are_made_or_none(store: Store) -> None:
    store.commit([created(ACME)])
    with pytest.raises(LostRace):
        store.commit([created(order(1)), created(ACME)])
    assert store.one(order(1).ref) is None


def test_a_checked_record_must_not_have_changed(store: Store) -> None:
    store.commit([created(ACME)])
    read: Record = ACME.evolve(version=1)
    store.commit([created(order(1))], checks=[read])
    store.commit([changed(ACME.evolve(version=1), name="Renamed")])
    with pytest.raises(LostRace):
        store.commit([created(order(2))], checks=[read])
    with pytest.raises(LostRace):
        store.commit([created(order(3))], checks=[Partner(partner_id="acme", name="never written")])


def test_a_hundred_records_fit_one_transaction(store: Store) -> None:
    store.commit([created(summary(n)) for n in range(100)])
    assert len(store.page(AllOrders(), 200).items) == 100


def test_lists_are_complete_in_order_and_paged_without_gap_or_repeat(store: Store) -> None:
    mine = [order(n, minutes=n % 7) for n in range(25)]
    store.commit([created(summary(n, minutes=n % 7)) for n in range(25)])
    store.commit([created(summary(n, "globex")) for n in range(3)])
    whole = all_pages(store, OrdersOf("acme"), 100)
    assert [one.order_id for one in whole] == [
        one.order_id for one in sorted(mine, key=lambda one: (one.received_at, one.order_id), reverse=True)
    ]
    assert all_pages(store, OrdersOf("acme"), 4) == whole
    assert len(all_pages(store, AllOrders(), 9)) == 28


def test_a_page_that_ends_with_the_list_has_no_next(store: Store) -> None:
    store.commit([created(summary(n)) for n in range(4)])
    assert store.page(OrdersOf("acme"), 4).next is None
    assert store.page(OrdersOf("nobody"), 4).items == ()


def test_pages_stay_right_while_others_write(store: Store) -> None:
    store.commit([created(summary(n, minutes=n)) for n in range(6)])
    first = store.page(OrdersOf("acme"), 3)
    store.commit([created(summary(99, minutes=99)), Change(first.items[2].evolve(version=1), None)])
    second = store.page(OrdersOf("acme"), 3, first.next)
    assert [one.order.po_number for one in second.items] == ["PO-0002", "PO-0001", "PO-0000"]


def test_a_made_up_position_is_refused(store: Store) -> None:
    store.commit([created(summary(n)) for n in range(4)])
    position = store.page(OrdersOf("acme"), 2).next
    assert position is not None
    with pytest.raises(Refusal, match="cursor"):
        store.page(OrdersOf("globex"), 2, position)


def test_a_range_of_sort_keys_takes_both_ends_in(store: Store) -> None:
    waiting = [order(n).evolve(working_since=later(minutes=n)) for n in range(5)]
    store.commit([created(one) for one in waiting])
    page = store.page(WorkingOrders("2026-03-01T12:03:00Z"), 10)
    assert [one.po_number for one in page.items] == ["PO-0000", "PO-0001", "PO-0002", "PO-0003"]


def test_the_ledger_is_read_newest_first_and_since_an_instant(store: Store) -> None:
    for n in range(3):
        entry = Entry(
            ledger="org/north", entry_id=f"2026-03-01T12:0{n}:00.000000Z.0000.aa", at=NOON, actor="a", action="b",
            summary=str(n), changes=(),
        )  # fmt: skip
        store.commit([created(entry)])
    assert [entry.summary for entry in store.page(LedgerOf("org/north"), 9).items] == ["2", "1", "0"]
    since = store.page(LedgerOf("org/north", since="2026-03-01T12:01:00Z"), 9)
    assert [entry.summary for entry in since.items] == ["2"]


def test_a_scan_gives_every_record_of_the_table_once(store: Store) -> None:
    written = [order(number) for number in range(7)]
    store.commit([*map(created, written), created(ACME)])
    found, position = list[Record](), None
    while True:
        page = store.scan(3, position)
        found += [scanned.record for scanned in page.items]
        if (position := page.next) is None:
            break
    assert sorted(str(record.ref) for record in found) == sorted(str(record.ref) for record in [*written, ACME])
    assert {record.version for record in found} == {1}


def test_of_many_who_create_the_same_record_one_wins(racing_store: Store) -> None:
    def attempt(n: int) -> bool:
        try:
            racing_store.commit([created(ACME.evolve(name=str(n))), created(summary(n))])
        except LostRace:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(attempt, range(32)))
    assert won.count(True) == 1
    assert len(racing_store.page(AllOrders(), 100).items) == 1


def test_of_many_who_change_the_same_record_none_overwrites_another(racing_store: Store) -> None:
    racing_store.commit([created(ACME.evolve(name="0"))])

    def increment(_: int) -> None:
        while True:
            current = racing_store.one(ACME.ref)
            assert current is not None
            try:
                racing_store.commit([changed(current, name=str(int(current.name) + 1))])
            except LostRace:
                continue
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(40)))
    assert racing_store.one(ACME.ref) == ACME.evolve(name="40", version=41)
