"""What somebody has just claimed, registered or taken back is seen by the next command and in lists, though indexes
follow by as much as `INDEX_LAG`: in memory, and through the real store."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licensing.domain.core.errors import Refusal
from licensing.domain.core.limits import INDEX_LAG, LATELY
from licensing.domain.core.records import Record
from licensing.listings import DevicesByEnd, DevicesFor, DevicesIn, FreeLicensesOf
from licensing.ports import Listing, Position, Store
from licensing.use_cases.assigning.associate import associate_by_term
from licensing.use_cases.assigning.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.assigning.keep_inventory import deregister_device, leave_network, move_devices
from tests.faults.lagging import LaggingMemory, LaggingStore
from tests.worlds.assigning import NORTH, SOUTH, World
from tests.worlds.examples import NOON, at
from tests.worlds.fakes import MemoryStore
from tools.local.ministack import ministack

TABLES = count()


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float = 1) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with ministack("dynamodb") as there:
        yield there


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "ministack"])
def world(request: pytest.FixtureRequest, clock: Clock) -> World:
    if request.param == "memory":
        return World(LaggingMemory(lambda: INDEX_LAG, clock))
    name = f"lagging-{os.getpid()}-{next(TABLES)}"
    store = LaggingStore(name, request.getfixturevalue("endpoint"), INDEX_LAG, clock)
    store.rows.create_table(wait=True)
    store.copy.rows.create_table(wait=True)
    return World(store)


def every(store: Store, listing: Listing[Any], limit: int = 100) -> list[Record]:
    """All of a list, page by page, as callers read it."""
    found: list[Record] = []
    position: Position | None = None
    while True:
        page = store.page(listing, limit, position)
        assert len(page.items) <= limit
        found += page.items
        if (position := page.next) is None:
            return found


def serials(devices: Sequence[Any]) -> list[str]:
    return [device.serial for device in devices]


def test_what_was_just_claimed_is_bound_to_what_was_just_registered(world: World, clock: Clock) -> None:  # D26
    world.claim(quantity=2)
    world.register("A", now=clock.tick())
    made = associate_by_term(world.store, at(clock.tick()), NORTH, "A", 365).body["associations"]
    assert [each["serial"] for each in made] == ["A"]
    assert len(world.bind_all(clock.tick())["associations"]) == 1


def test_a_license_that_was_just_bound_is_no_longer_free_and_one_taken_back_is(world: World, clock: Clock) -> None:
    [license_id] = world.claim()
    world.register("A", now=clock.tick())
    clock.tick(LATELY.total_seconds())
    world.bind(license_id, "A", clock.tick())
    with pytest.raises(Refusal, match="no free ap pro license"):
        associate_by_term(world.store, at(clock.tick()), NORTH, "A", 365)
    assert world.undo("A", clock.tick()) == license_id
    assert associate_by_term(world.store, at(clock.tick()), NORTH, "A", 365).body["associations"]


def test_a_device_stands_at_its_new_end_at_once(world: World, clock: Clock) -> None:
    ids = world.claim(quantity=3)
    for serial in ("A", "B", "C"):
        world.register(serial, now=clock.tick())
    assert serials(every(world.store, DevicesByEnd(NORTH))) == ["A", "B", "C"]
    clock.tick(LATELY.total_seconds())
    world.bind(ids[0], "B", clock.tick())
    world.bind(ids[1], "A", clock.tick())
    for limit in (1, 2, 3):
        assert serials(every(world.store, DevicesByEnd(NORTH), limit)) == ["C", "B", "A"]


def test_a_network_is_co_terminated_with_the_device_that_just_entered_it(world: World, clock: Clock) -> None:  # D28
    world.claim("CO-TERM-LIC", 1000)
    world.register("A", now=clock.tick())
    clock.tick(LATELY.total_seconds())
    world.register("B", now=clock.tick())
    leave_network(world.store, at(clock.tick()), NORTH, "A")
    until, chosen = clock.now + timedelta(days=10), Chosen(network_id="net-1")
    shown = co_terminate_devices(world.store, at(clock.tick()), NORTH, until, chosen).body
    assert [each["serial"] for each in shown["devices"]] == ["B"]


def test_what_moved_or_was_de_registered_is_listed_where_it_is(world: World, clock: Clock) -> None:  # D27
    for serial in ("A", "B", "C"):
        world.register(serial, now=clock.tick())
    clock.tick(LATELY.total_seconds())
    move_devices(world.store, at(clock.tick()), NORTH, SOUTH, ("A",))
    deregister_device(world.store, at(clock.tick()), NORTH, "B")
    assert serials(every(world.store, DevicesFor(NORTH, "ap", "pro"))) == ["C"]
    assert serials(every(world.store, DevicesByEnd(SOUTH))) == ["A"]


LISTINGS: list[Listing[Any]] = [
    DevicesByEnd(NORTH), DevicesFor(NORTH, "ap", "pro"), DevicesFor(NORTH, "gateway", "secupoint"),
    DevicesIn(NORTH, "net-1"), FreeLicensesOf(NORTH), FreeLicensesOf(NORTH, ("AP-1YR-LIC",)), DevicesByEnd(SOUTH),
]  # fmt: skip
MOVES = st.sampled_from(["bind", "undo", "leave", "move", "park", "claim", "wait", "catch up"])


@dataclass
class Life:
    """Commands one after the other, sensible or not, while the index is behind by another while each time."""

    lags: list[float]
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.store = LaggingMemory(lambda: timedelta(seconds=self.lags[0]), self.clock)
        self.world = World(self.store)
        for serial, category in (("A", "ap"), ("B", "ap"), ("C", "ap"), ("G", "gateway")):
            self.world.register(serial, category, now=self.clock.tick())
        self.ids = [each for sku in ("AP-1YR-LIC", "SPC-1YR-LIC") for each in self.world.claim(sku, 4)]

    def live(self, what: str, serial: str, lag: float) -> None:
        self.lags[:] = [lag]
        now = self.clock.tick()
        try:
            self.done(what, serial, now)
        except Refusal:
            return

    def done(self, what: str, serial: str, now: datetime) -> None:
        match what:
            case "bind":
                self.world.bind(self.ids[-1] if serial == "G" else self.ids.pop(0), serial, now)
            case "undo":
                self.world.undo(serial, now)
            case "leave":
                leave_network(self.store, at(now), NORTH, serial)
            case "move":
                move_devices(self.store, at(now), NORTH, SOUTH, (serial,))
            case "park":
                deregister_device(self.store, at(now), NORTH, serial)
            case "claim":
                self.ids += self.world.claim(quantity=2, issued_at=now)
            case "wait":
                self.clock.tick(7)
            case _:
                self.clock.tick(LATELY.total_seconds())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(MOVES, st.sampled_from("ABCG"), st.floats(0, INDEX_LAG.total_seconds())), max_size=12),
    st.integers(1, 4),
)
def test_lists_are_what_they_would_be_without_any_lag(moves: list[tuple[str, str, float]], limit: int) -> None:
    life = Life([0.0])
    for what, serial, lag in moves:
        life.live(what, serial, lag)
        for listing in LISTINGS:
            truth = [record.ref for record in MemoryStore.page(life.store, listing, 100).items]
            assert [record.ref for record in every(life.store, listing, limit)] == truth, listing
