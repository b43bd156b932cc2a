"""The whole assigning room, driven at random against what must be true of it whatever happens."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.views import DeviceView
from licensing.domain.core.errors import Refusal
from licensing.domain.core.ledger import image_of
from licensing.domain.licenses.licenses import Block, split_id
from licensing.use_cases.assigning.associate import associate_by_term
from licensing.use_cases.assigning.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.assigning.keep_inventory import (
    deregister_device,
    enter_network,
    leave_network,
    move_devices,
    replace_device,
)
from licensing.use_cases.assigning.share_seats import share_seats
from licensing.use_cases.core.history import as_it_was, one_as_it_was
from tests.worlds.assigning import FREE, NORTH, SOUTH, World
from tests.worlds.assigning_truths import (
    assert_in_one_inventory,
    assert_nothing_at_once,
    assert_nothing_twice,
    devices_of,
    records_of,
)
from tests.worlds.examples import NOON, at

MODELS = ("AP-1YR-LIC", "AP-3YR-LIC", "SPC-1YR-200-LIC", "GW-1YR-LIC", "CO-TERM-LIC")
serials = st.sampled_from(("A1", "A2", "A3", "G1", "G2", "G3"))
orgs = st.sampled_from((NORTH, NORTH, SOUTH))
picks = st.integers(0, 1_000)


class Assigning(RuleBasedStateMachine):
    """Commands may be refused; what is true must stay true, and what was answered once is answered ever after."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.now = NOON
        self.ids: list[str] = []
        self.units = 0
        self.answers: list[tuple[str, datetime, DeviceView]] = []

    @initialize()
    def something_to_begin_with(self) -> None:
        self.claim("AP-1YR-LIC", 3)
        self.claim("CO-TERM-LIC", 10)
        for serial in ("A1", "A2", "G1"):
            self.register(serial, NORTH)

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(model=st.sampled_from(MODELS), quantity=st.integers(1, 4))
    def claim(self, model: str, quantity: int) -> None:
        amount = quantity * (300 if model == "CO-TERM-LIC" else 1)
        ids = self.world.claim(model, amount, issued_at=self.now)
        if model == "CO-TERM-LIC":
            self.units += amount
        else:
            self.ids += ids

    @rule(serial=serials, org_id=orgs)
    def register(self, serial: str, org_id: str) -> None:
        category = "ap" if serial[0] == "A" else "gateway"
        self.attempt(
            lambda: self.world.register(serial, category, now=self.now, org_id=org_id, free=FREE, network=False)
        )

    @rule(serial=serials, org_id=orgs)
    def enter(self, serial: str, org_id: str) -> None:
        self.attempt(lambda: enter_network(self.world.store, at(self.now), org_id, serial, "net-1"))

    @rule(serial=serials, org_id=orgs)
    def leave(self, serial: str, org_id: str) -> None:
        self.attempt(lambda: leave_network(self.world.store, at(self.now), org_id, serial))

    @rule(serial=serials, pick=picks)
    def bind(self, serial: str, pick: int) -> None:
        self.attempt(lambda: self.world.bind(self.ids[pick % len(self.ids)], serial, self.now))

    @rule(serial=serials, term=st.sampled_from((365, 1095)))
    def bind_by_term(self, serial: str, term: int) -> None:
        self.attempt(lambda: associate_by_term(self.world.store, at(self.now), NORTH, serial, term))

    @rule(most=st.integers(1, 3))
    def bind_automatically(self, most: int) -> None:
        self.attempt(lambda: self.world.bind_all(self.now, max=most))

    @rule(serial=serials)
    def undo(self, serial: str) -> None:
        before = self.world.find(Device.ref_of(NORTH, serial))
        if self.attempt(lambda: self.world.undo(serial, self.now)):
            assert isinstance(before, Device)
            assert self.world.device(serial).associations == before.associations[:-1]

    @rule(serial=serials)
    def take_back_what_was_just_bound(self, serial: str) -> None:
        """Undo gives back the state before; only what was covered stays, and the licence remembers (D24)."""
        before = self.world.find(Device.ref_of(NORTH, serial))
        if self.attempt(lambda: associate_by_term(self.world.store, at(self.now), NORTH, serial, 365)):
            self.world.undo(serial, self.now + timedelta(hours=1))
            assert isinstance(before, Device)
            after = self.world.device(serial)
            assert image_of(after.evolve(undone=before.undone)) == image_of(before)
            assert after.undone[: len(before.undone)] == before.undone
            self.now += timedelta(hours=1)

    @rule(pick=picks, chosen=st.lists(serials, min_size=1, max_size=4, unique=True))
    def share(self, pick: int, chosen: list[str]) -> None:
        self.attempt(lambda: share_seats(self.world.store, at(self.now), NORTH, self.ids[pick % len(self.ids)], chosen))

    @rule(chosen=st.lists(serials, min_size=1, max_size=3, unique=True), days=st.integers(100, 900))
    def co_terminate(self, chosen: list[str], days: int) -> None:
        until, asked = self.now + timedelta(days=days, hours=5), Chosen(serials=chosen)
        self.attempt(lambda: co_terminate_devices(self.world.store, at(self.now), NORTH, until, asked))

    @rule(serial=serials, org_id=orgs)
    def deregister(self, serial: str, org_id: str) -> None:
        self.attempt(lambda: deregister_device(self.world.store, at(self.now), org_id, serial))

    @rule(chosen=st.lists(serials, min_size=1, max_size=3, unique=True), back=st.booleans())
    def move(self, chosen: list[str], back: bool) -> None:
        here, there = (SOUTH, NORTH) if back else (NORTH, SOUTH)
        self.attempt(lambda: move_devices(self.world.store, at(self.now), here, there, tuple(chosen)))

    @rule(serial=serials, new=serials)
    def replace(self, serial: str, new: str) -> None:
        self.attempt(lambda: replace_device(self.world.store, at(self.now), NORTH, serial, new))

    @rule(serial=serials)
    def ask(self, serial: str) -> None:
        """An answer is about the end of its second: the next thing happens in a later one."""
        device = self.world.find(Device.ref_of(NORTH, serial))
        if isinstance(device, Device) and device.parked_at is None:
            self.answers.append((serial, self.now, DeviceView.of(device, self.now)))
            self.now += timedelta(seconds=1)

    def attempt(self, command: Any) -> bool:
        """Whether it was not refused; every refusal says what to do. No two commands come at the same instant."""
        self.now += timedelta(seconds=1)
        try:
            command()
        except Refusal as refused:
            refusal = refused
        else:
            return True
        assert refusal.detail
        assert refusal.remedy
        return False

    # --- what is true ---

    @invariant()
    def nothing_is_in_two_places_or_out_of_order(self) -> None:
        for assertion in (assert_nothing_twice, assert_nothing_at_once, assert_in_one_inventory):
            assertion(self.world.store, (NORTH, SOUTH))

    @invariant()
    def units_are_paid_once(self) -> None:
        """What left the blocks is on devices, or went with devices that were replaced or lost."""
        blocks = [each for each in records_of(self.world.store, NORTH) if isinstance(each, Block)]
        free = sum(len(block.free) for block in blocks if block.model.type == "co_term")
        devices = [device for org_id in (NORTH, SOUTH) for device in devices_of(self.world.store, org_id)]
        paid = [each for device in devices for each in device.associations]
        spent = [(split_id(each.license_id), each.units) for each in paid if each.units]
        assert len(spent) == len(set(spent))
        assert free + sum(units for _, units in spent) <= self.units

    @invariant()
    def what_was_answered_is_still_answered(self) -> None:  # D31
        for serial, moment, answer in self.answers[-3:]:
            then = as_it_was(self.world.store, f"org/{NORTH}", devices_of(self.world.store, NORTH), moment, Device)
            found = [device for device in then if isinstance(device, Device) and device.serial == serial]
            assert DeviceView.of(found[0], moment) == answer
            ref = Device.ref_of(NORTH, serial)
            alone = one_as_it_was(self.world.store, f"org/{NORTH}", ref, self.world.store.one(ref), moment)
            assert image_of(alone) == image_of(found[0])


TestAssigning = Assigning.TestCase
TestAssigning.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
