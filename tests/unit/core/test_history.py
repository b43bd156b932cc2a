"""One record's past from its own entries: what else the ledger tells costs nothing (D31)."""

from datetime import datetime
from typing import Any

import pytest

from licensing.domain.assigning.devices import Device
from licensing.domain.core.decisions import Change, changed
from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Ref
from licensing.domain.licenses.licenses import Block, split_id
from licensing.listings import DevicesOf
from licensing.use_cases.core.history import as_it_was, one_as_it_was
from licensing.use_cases.inventory.read_devices import device_at
from tests.worlds.assigning import NO_FREE, NORTH, World
from tests.worlds.examples import NOON, later
from tests.worlds.fakes import MemoryStore

OWNER = f"org/{NORTH}"


class Counting(MemoryStore):
    """Counts what is read of ledgers."""

    gets = 0
    pages = 0

    def get(self, *refs: Ref[Any]) -> Any:
        self.gets += sum(ref.of is Entry for ref in refs)
        return super().get(*refs)

    def page(self, *asked: Any) -> Any:
        self.pages += 1
        return super().page(*asked)


@pytest.fixture
def world() -> World:
    """A device given a license on each of three days, and another that changed 50 times since."""
    world = World(Counting())
    for serial in ("A", "B"):
        world.register(serial)
    for day, license_id in enumerate(world.claim(quantity=3), 1):
        world.bind(license_id, "A", later(days=day))
    for number in range(50):
        world.write(changed(world.device("B"), name=f"name {number}"), now=later(days=4, minutes=number))
    return world


def reads(world: World, at: datetime) -> tuple[int, int, int]:
    """How many licenses the device had at an instant; and what that cost in entries, one by one and by pages."""
    store = world.store
    assert isinstance(store, Counting)
    store.gets = store.pages = 0
    device = device_at(store, NORTH, "A", at, later(days=9))
    return len(device.associations), store.gets, store.pages


def test_a_devices_past_costs_its_own_changes_whatever_else_happened(world: World) -> None:
    assert reads(world, later(days=5)) == (3, 1, 0)
    assert reads(world, later(days=2)) == (2, 2, 0)
    assert reads(world, NOON) == (0, 4, 0)


def test_without_its_entries_names_the_ledger_is_asked(world: World) -> None:
    """As release 1 left its records."""
    ref = Device.ref_of(NORTH, "A")
    for day, licenses in ((5, 3), (2, 2), (0, 0)):
        current = world.device("A").evolve(told_in=None)
        then = one_as_it_was(world.store, OWNER, ref, current, later(days=day))
        assert then
        assert len(then.associations) == licenses


def test_a_record_that_a_bulk_command_wrote_in_each_of_its_steps_is_walked_back_through_all(world: World) -> None:
    [first, *_] = world.claim(quantity=100)
    world.register_many(100, now=NOON)
    world.bind_all(later(days=6))
    ref = Block.ref_of(NORTH, split_id(first)[0])
    block = world.store.one(ref)
    assert block
    assert block.version > 2, "in several steps"
    assert isinstance(world.store, Counting)
    world.store.pages = 0
    then = one_as_it_was(world.store, OWNER, ref, block, later(days=5))
    assert then
    assert str(then.free) == "1-100"
    assert world.store.pages == 0


def test_one_that_came_again_is_found_in_its_life_before(world: World) -> None:
    """It went to another organization and came back: its record there began anew."""
    device = world.device("A")
    world.write(Change(device, None), now=later(days=5))
    world.write(Change(None, device.evolve(version=0, associations=())), now=later(days=6))
    assert reads(world, later(days=6))[0] == 0
    assert reads(world, later(days=2))[0] == 2


def test_one_that_was_not_there_yet_is_not_found(world: World) -> None:
    world.register("C", now=later(days=5), free=NO_FREE)
    ref = Device.ref_of(NORTH, "C")
    assert one_as_it_was(world.store, OWNER, ref, world.device("C"), later(days=4)) is None


def test_alone_and_among_all_it_is_the_same(world: World) -> None:
    ref = Device.ref_of(NORTH, "A")
    for hours in range(-1, 24 * 6, 7):
        moment = later(hours=hours)
        everything = as_it_was(world.store, OWNER, world.store.every(DevicesOf(NORTH)), moment, Device)
        alone = one_as_it_was(world.store, OWNER, ref, world.device("A"), moment)
        assert alone == next((each for each in everything if isinstance(each, Device) and each.serial == "A"), None)
