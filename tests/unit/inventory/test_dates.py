"""Every date there is, in random worlds, compared with a model that lets the clock run (D17-D31)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from licensing.domain.assigning.timeline import timeline
from licensing.domain.assigning.views import DeviceView
from licensing.domain.core.errors import Refusal
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.domain.inventory.views import LicenseView
from licensing.domain.licenses.catalog import model_of
from licensing.use_cases.assigning.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.assigning.keep_inventory import (
    deregister_device,
    enter_network,
    leave_network,
    move_devices,
    replace_device,
)
from licensing.use_cases.assigning.share_seats import share_seats
from licensing.use_cases.inventory.count_licenses import count_licenses
from licensing.use_cases.inventory.list_licenses import list_licenses
from licensing.use_cases.inventory.read_devices import device_at
from tests.worlds.assigning import FREE, NORTH, SOUTH, World
from tests.worlds.dates_model import DAY, Model, Paper, joined
from tests.worlds.examples import NOON, at

CHAINS = {"pro": "pro", "unlimited_ai": "unlimited_ai", "secupoint": "secupoint"}
CATEGORY = {"A": "ap", "C": "camera", "G": "gateway"}
SERIALS = ("A1", "A2", "C1", "G1", "G2")
FITTING = {
    "A": ("AP-1YR-LIC", "AP-3YR-LIC"),
    "C": ("CAM-1YR-LIC", "AI-UNL-1YR-LIC"),
    "G": ("GW-1YR-LIC", "SPC-1YR-200-LIC", "SPC-1YR-LIC"),
}
# Not the many units of co-termination.
TABS = [LicenseFilter(tab="pro"), LicenseFilter(tab="ai"), LicenseFilter(tab="secupoint")]
serials = st.sampled_from(SERIALS)
picks = st.integers(0, 1_000)
# Within a second, a little, at the edges of undo, parking, forced activation and terms.
waits = st.sampled_from(
    [timedelta(), timedelta(seconds=1), timedelta(hours=5), *(day * DAY for day in (1, 6, 7, 23, 30, 83, 90, 358, 365))]
) | st.integers(1, 400 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


def chain_of(sku: str) -> str:
    return CHAINS.get(model_of(sku).type, "pro")


class Dates(RuleBasedStateMachine):
    """What the service refuses, the model isn't told; what both did, both must date alike."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.model = Model(NOON)
        self.commands = 0
        self.answers: list[tuple[datetime, list[LicenseView], dict[str, DeviceView]]] = []

    @property
    def now(self) -> datetime:
        return self.model.now

    @property
    def moment(self) -> datetime:
        """Within the second: commands come one after the other, if not in different seconds."""
        self.commands += 1
        return self.now + timedelta(milliseconds=10 * self.commands)

    @initialize()
    def devices_and_licenses(self) -> None:
        self.units = iter(self.world.claim("CO-TERM-LIC", 90_000, issued_at=NOON))
        for serial in SERIALS:
            self.register(serial)
            self.claim(serial, 0)

    @rule(wait=waits)
    def time_passes(self, wait: timedelta) -> None:
        self.model.advance(self.now + wait)
        self.commands = 0 if wait else self.commands

    @rule(serial=serials, pick=picks)
    def claim(self, serial: str, pick: int) -> None:
        sku = FITTING[serial[0]][pick % len(FITTING[serial[0]])]
        model = model_of(sku)
        assert model.term is not None
        for license_id in self.world.claim(sku, 1 + pick % 2, issued_at=self.now):
            forced = self.now + 90 * DAY
            self.model.papers[license_id] = Paper(license_id, chain_of(sku), model.term, forced, model.seats or 0)

    @rule(serial=serials)
    def register(self, serial: str) -> None:
        if serial in self.model.units and not self.model.units[serial].lost_at:
            return
        category = CATEGORY[serial[0]]
        self.world.register(serial, category, now=self.moment, free=FREE, network=False)
        self.model.register(serial, category, 0 if category == "camera" else 90)

    @rule(serial=serials, pick=picks)
    def bind(self, serial: str, pick: int) -> None:
        if license_id := self._some_free(serial, pick):
            answer: dict[str, Any] = {}
            if self.attempt(lambda: answer.update(self.world.bind(license_id, serial, self.moment))):
                self.model.bind(license_id, serial)
                last = self.model.at_last().papers[license_id]
                assert answer["state"] == self.model.state(self.model.papers[license_id])
                assert datetime.fromisoformat(answer["ends_at"]) == last.ended
                assert datetime.fromisoformat(answer["starts_at"]) == last.begun

    @rule(serial=serials, pick=picks)
    def bind_at_once(self, serial: str, pick: int) -> None:
        """As chance draws them most licences would be over, or wait for ever."""
        self.claim(serial, pick)
        self.bind(serial, -1)

    @rule(serial=serials)
    def undo(self, serial: str) -> None:
        """Whatever can be taken back is, and nothing else (D24)."""
        if serial in self.model.units and not self.model.units[serial].lost_at:
            latest = self.model.latest(serial)
            undone = self.attempt(lambda: self.world.undo(serial, self.moment))
            assert undone == (latest is not None)
            if latest:
                self.model.undo(serial, latest)

    @rule(serial=serials)
    def enter(self, serial: str) -> None:
        if self.attempt(lambda: enter_network(self.world.store, at(self.moment), NORTH, serial, "net-1")):
            self.model.enter(serial)

    @rule(serial=serials)
    def leave(self, serial: str) -> None:
        if self.attempt(lambda: leave_network(self.world.store, at(self.moment), NORTH, serial)):
            self.model.units[serial].network = False

    @rule(serial=serials)
    def park(self, serial: str) -> None:
        if self.attempt(lambda: deregister_device(self.world.store, at(self.moment), NORTH, serial)):
            self.model.park(serial)

    @rule(serial=serials)
    def move_there_and_back(self, serial: str) -> None:
        if self.attempt(lambda: move_devices(self.world.store, at(self.moment), NORTH, SOUTH, (serial,))):
            move_devices(self.world.store, at(self.moment), SOUTH, NORTH, (serial,))
            self.model.units[serial].network = False

    @rule(one=serials, other=serials)
    def replace(self, one: str, other: str) -> None:
        """By a unit of its kind: the letter of a serial says it here, also of one that is free to be taken."""
        if one[0] == other[0] and self.attempt(
            lambda: replace_device(self.world.store, at(self.moment), NORTH, one, other)
        ):
            self.model.replace(one, other)

    @rule(pick=picks, chosen=st.sampled_from([("G1",), ("G1", "G2"), ("G2", "G1")]))
    def share(self, pick: int, chosen: tuple[str, ...]) -> None:
        big = [each.id for each in self.model.papers.values() if each.pool == 200]
        if big and self.attempt(
            lambda: share_seats(self.world.store, at(self.moment), NORTH, big[pick % len(big)], chosen)
        ):
            self.model.share(big[pick % len(big)], chosen)

    @rule(serial=serials, days=st.integers(1, 1500), hours=st.integers(0, 23))
    def co_terminate(self, serial: str, days: int, hours: int) -> None:
        until = self.now + timedelta(days=days, hours=hours)
        body: dict[str, Any] = {}
        chosen = Chosen(serials=[serial])
        if self.attempt(
            lambda: body.update(co_terminate_devices(self.world.store, at(self.moment), NORTH, until, chosen).body)
        ):
            assert not self.model.waiting(serial)
            end = max(self.model.end(serial) or self.now, self.now)
            assert body["units"] == max(0, -((end - until) // DAY))
            if body["units"]:
                self.model.extend(serial, self.world.device(serial).associations[-1].license_id, until)
                assert self.model.end(serial) == until

    @rule()
    def bind_automatically(self) -> None:
        """The access points that end first, the oldest licence first (D25)."""
        ends = {
            serial: self.model.end(serial)
            for serial, unit in self.model.units.items()
            if serial[0] == "A" and not unit.lost_at
        }
        served = sorted(ends, key=lambda serial: (ends[serial] or datetime.min.replace(tzinfo=NOON.tzinfo), serial))
        free = sorted(self._free("AP-1YR-LIC"))
        made = self.world.bind_all(self.moment, license_model="AP-1YR-LIC")["associations"]
        pairs = [(each["license_id"], each["serial"]) for each in made]
        assert pairs == list(zip(free, served, strict=False))
        for license_id, serial in pairs:
            self.model.bind(license_id, serial)

    @rule()
    def answers_are_remembered(self) -> None:
        """As of the second of a command all of it is told: so the next one comes a second later."""
        views = {serial: self._view(serial) for serial, unit in self.model.units.items() if not unit.lost_at}
        self.answers.append((self.now, self._rows(self.now), views))
        self.model.advance(self.now + timedelta(seconds=1))

    def attempt(self, command: Callable[[], Any]) -> bool:
        try:
            command()
        except Refusal:
            return False
        return True

    def _free(self, sku: str) -> list[str]:
        return [
            each.id
            for each in self.model.papers.values()
            if not each.on and not each.ended and each.id in self._ids_of(sku)
        ]

    def _ids_of(self, sku: str) -> set[str]:
        rows = list_licenses(
            self.world.store, NORTH, LicenseFilter(license_model=sku), self.now, self.now, 1000, None
        ).items
        return {row.license_id for row in rows}

    def _some_free(self, serial: str, pick: int) -> str | None:
        ids = [license_id for sku in FITTING[serial[0]] for license_id in self._free(sku)]
        return ids[pick % len(ids)] if ids else None

    def _rows(self, moment: datetime) -> list[LicenseView]:
        return [
            row for tab in TABS for row in list_licenses(self.world.store, NORTH, tab, moment, moment, 1000, None).items
        ]

    def _view(self, serial: str) -> DeviceView:
        return DeviceView.of(self.world.device(serial), self.now)

    # --- what both must say ---

    @invariant()
    def licenses_are_dated_alike(self) -> None:
        last = self.model.at_last()
        for moment in (self.now, self.now + 8 * DAY, self.now + 400 * DAY):
            then = self.model.later(moment)
            rows = {row.license_id: row for row in self._rows(moment)}
            assert set(rows) == {each.id for each in then.papers.values() if each.forced}
            for license_id, row in rows.items():
                paper, at_last = then.papers[license_id], last.papers[license_id]
                begins = at_last.begun if at_last.begun and at_last.begun > moment else None
                assert (row.state, row.activated, row.activation_at, row.expires_at) == (
                    then.state(paper),
                    paper.first is not None,
                    at_last.first,
                    at_last.ended,
                )
                assert row.starts_at == (None if paper.ended else begins)

    @invariant()
    def devices_are_dated_alike(self) -> None:
        last = self.model.at_last()
        for serial, unit in self.model.units.items():
            if unit.lost_at:
                continue
            view, device = self._view(serial), self.world.device(serial)
            assert (view.managed, view.expires_at) == (self.model.covered(unit, "pro"), self.model.end(serial))
            if unit.category == "gateway":
                assert (view.vpn_seats, view.shared_seats) == self.model.seats(unit)
            for beside in view.beside:
                assert beside.covered == self.model.covered(unit, beside.chain)
                assert beside.ends_at == self.model.end(serial, beside.chain)
            told = [(each.since, each.until, each.license_id or "free") for each in timeline(device).stretches]
            assert joined(told) == last.stretches(last.units[serial])

    @invariant()
    def the_next_forced_activation_is_ahead(self) -> None:
        told = count_licenses(self.world.store, NORTH, self.now, self.now).next_forced_activation
        waiting = [row.starts_at for row in self._rows(self.now) if row.state == "inactive" and row.starts_at]
        assert (told.at if told else None) == min(waiting, default=None)
        assert all(each > self.now for each in waiting)

    @invariant()
    def what_was_answered_is_answered_still(self) -> None:  # D31
        for moment, rows, views in self.answers[-2:]:
            pages = [list_licenses(self.world.store, NORTH, tab, moment, moment + DAY, 1000, None) for tab in TABS]
            assert [row for page in pages for row in page.items] == rows
            for serial, view in views.items():
                assert DeviceView.of(device_at(self.world.store, NORTH, serial, moment, self.now), moment) == view


TestDates = Dates.TestCase
TestDates.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
