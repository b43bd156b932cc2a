"""Throttling is waited for: a table that takes 1,000 write and 3,000 read units a second for each partition key."""

import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from licensing.adapters import request_time
from licensing.domain.assigning.requests import AutomaticRequest
from licensing.domain.core.decisions import created
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.people.tenants import Partner
from licensing.listings import DevicesByEnd, LedgerOf
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from tests.faults.throttling import MovedTime, ThrottledStore, moved_time
from tests.worlds.assigning import NORTH, World
from tests.worlds.examples import at
from tools.local.ministack import ministack

TABLES = count()
KEY = IdempotencyKey.of("tester", "once", "automatic")
ACME = Partner(partner_id="acme", name="Acme")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with ministack("dynamodb") as there:
        yield there


@pytest.fixture
def moved() -> Iterator[MovedTime]:
    """The clock by which the table fills its buckets."""
    with moved_time() as clock:
        yield clock


@pytest.fixture
def store(endpoint: str, moved: MovedTime) -> Iterator[ThrottledStore]:
    made = ThrottledStore(f"throttled-{os.getpid()}-{next(TABLES)}", endpoint, moved.monotonic)
    made.rows.create_table(wait=True)
    yield made
    request_time.begin_request(float("inf"))


def filled(store: ThrottledStore, licenses: int) -> World:
    world = World(store)
    world.claim(quantity=licenses)
    world.register_many(licenses)
    store.refused.clear()
    return world


def spent(store: ThrottledStore, *collections: str) -> None:
    """These partitions have nothing left for a second."""
    for buckets in (store.writes, store.reads):
        for each in collections:
            buckets.take(("", each), 6_000)


def test_a_bulk_command_goes_through_at_the_tables_rate_without_a_conflict(
    store: ThrottledStore, moved: MovedTime
) -> None:
    filled(store, 1_000)
    before = moved.monotonic()
    answer = associate_automatically(store, at(idempotency_key=KEY), NORTH, AutomaticRequest()).body
    assert (len(answer["associations"]), answer["left_over"]) == (1_000, 0)
    assert store.refused.keys() >= {"TransactionCanceledException", "ThrottlingException"}
    assert 1 < moved.monotonic() - before < 4
    # Each step was done once, and none was decided anew.
    entries = [each for each in store.page(LedgerOf(f"org/{NORTH}"), 100).items if each.action == "licenses.associated"]
    assert [int(each.entry_id.split(".")[2]) for each in reversed(entries)] == list(range(len(entries)))


def test_reads_wait_too_be_they_refused_whole_or_in_part(store: ThrottledStore) -> None:
    filled(store, 100)
    spent(store, f"DEVICES#{NORTH}")
    assert len(store.page(DevicesByEnd(NORTH), 100).items) == 100
    assert "UnprocessedKeys" in store.refused
    spent(store, f"LEDGER#org/{NORTH}#2026")
    assert store.page(LedgerOf(f"org/{NORTH}"), 1).items
    assert "ProvisionedThroughputExceededException" in store.refused


def test_a_request_that_has_no_time_left_is_told_to_come_again_and_nothing_was_done(store: ThrottledStore) -> None:
    request_time.begin_request(4)
    spent(store, "PARTNER#acme")
    with pytest.raises(Refusal) as caught:
        store.commit([created(ACME)])
    assert (caught.value.code, caught.value.extra) == ("rate_limited", {"retry_after": 1})
    request_time.begin_request(29)
    store.commit([created(ACME)])
    assert store.one(ACME.ref) == ACME.evolve(version=1)


@pytest.mark.parametrize("read", [lambda store: store.one(ACME.ref), lambda store: store.page(LedgerOf("org/x"), 9)])
def test_a_read_that_has_no_time_left_is_no_fault_of_ours(store: ThrottledStore, read: Any) -> None:
    request_time.begin_request(3.5)
    spent(store, "PARTNER#acme", "LEDGER#org/x#2026")
    with pytest.raises(Refusal, match="More is asked of the same records"):
        read(store)


def test_a_bulk_command_that_has_no_time_left_says_what_holds_and_goes_on_when_called_again(
    store: ThrottledStore,
) -> None:
    filled(store, 1_000)
    request_time.begin_request(3.2)
    with pytest.raises(Refusal, match=r"after \d+ of 2\d steps; what they did holds") as caught:
        associate_automatically(store, at(idempotency_key=KEY), NORTH, AutomaticRequest())
    assert caught.value.code == "unfinished"
    request_time.begin_request(29)
    answer = associate_automatically(store, at(idempotency_key=KEY), NORTH, AutomaticRequest()).body
    assert len({each["serial"] for each in answer["associations"]}) == 1_000
