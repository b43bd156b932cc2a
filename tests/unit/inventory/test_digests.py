"""Overviews out of digests: whatever they have counted and lack, they tell what all records tell, to the second."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from licensing.domain.core.decisions import Change, created
from licensing.domain.core.errors import LostRace, Overloaded
from licensing.domain.core.records import Record, RecordSet, Ref
from licensing.domain.inventory import digests
from licensing.domain.inventory.contributions import PARTS, contribution
from licensing.domain.inventory.counts import Counts, total
from licensing.domain.inventory.digests import DigestMonth, OrgDigest
from licensing.domain.inventory.views import OverviewView
from licensing.domain.licenses.catalog import catalog
from licensing.domain.licenses.licenses import Block
from licensing.domain.people.tenants import Org
from licensing.ports import Listing, Page, Position, R, Store
from licensing.use_cases.core import command
from licensing.use_cases.inventory import keep_digest as keeping
from licensing.use_cases.inventory.count_licenses import count_licenses
from licensing.use_cases.inventory.keep_digest import keep_digest
from licensing.use_cases.inventory.stock import stock_now
from licensing.use_cases.reconciliation.reconcile import reconcile
from licensing.use_cases.reconciliation.recount import recount
from tests.faults.drill import ORGS, Drill
from tests.worlds.assigning import NO_FREE, NORTH, World, key_of
from tests.worlds.examples import NOON, later
from tests.worlds.fakes import MemoryStore
from tests.worlds.overview_model import counted_overview

COMMANDS = 60
DAY = timedelta(days=1)
PROMISE = "digests count what there is"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_wait_a_moment", lambda _: None)


class Followed(Drill):
    """A drill whose stream brings entries now and then: late, again, and while commands are half done."""

    def work_off_one(self) -> None:
        for org_id in ORGS:
            if self.random.random() < 0.5:
                with suppress(LostRace, Overloaded, *self.failures):
                    keep_digest(self.world.store, org_id, self.world.now)
        super().work_off_one()


def expected(store: Store, org_id: str, at: datetime) -> OverviewView:
    stock = stock_now(store, org_id)
    return counted_overview(stock.records, stock.devices, stock.pool.balance if stock.pool else 0, at)


def telling_instants(store: Store, org_id: str, now: datetime) -> Iterator[datetime]:
    """Now, and the seconds around all that will happen by itself, and around a month before."""
    stock = stock_now(store, org_id)
    counts = total(map(contribution, [*stock.records, *stock.devices.values()]))
    happens = {at - before for _, at, _ in counts for before in (timedelta(), 30 * DAY)}
    near = {at + timedelta(seconds=second) for at in happens for second in (-1, 0, 1)}
    return (at for at in sorted({now, *near}) if at >= now)


def digests_are_proven(store: Store, now: datetime) -> bool:
    return not [each for each in reconcile(store, now) if each.promise == PROMISE]


def assert_exact(store: Store, org_id: str, now: datetime) -> None:
    for at in telling_instants(store, org_id, now):
        assert count_licenses(store, org_id, at, now) == expected(store, org_id, at), f"{org_id} at {at}"


@pytest.mark.parametrize("rows", [500, 6, 0])
@pytest.mark.parametrize("seed", range(3))
def test_an_overview_is_exact_at_any_instant_whatever_its_digest_has_counted(
    seed: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D31. With few rows allowed the digest is kept by month, from the beginning or from some change on."""
    monkeypatch.setattr(digests, "DIGEST_ROWS", rows)
    drill = Followed(seed)
    drill.run(COMMANDS)
    drill.settle()
    store, now = drill.world.store, drill.world.now
    for org_id in ORGS:
        assert_exact(store, org_id, now)
        keep_digest(store, org_id, now)
        assert_exact(store, org_id, now)
        # The entries are too old to be looked for by now.
        keep_digest(store, org_id, now + DAY)
        assert_exact(store, org_id, now + DAY)
    assert digests_are_proven(store, now + DAY)


def digest_of(store: Store) -> OrgDigest:
    digest = store.one(OrgDigest.ref_of(NORTH))
    assert digest is not None
    return digest


def test_an_entry_is_counted_once_however_often_it_is_brought() -> None:
    world = World()
    world.claim(quantity=3)
    for _ in range(3):
        keep_digest(world.store, NORTH, NOON)
    assert dict(digest_of(world.store).counts.of("AP-1YR-LIC free")) == {datetime(1970, 1, 1, tzinfo=UTC): 3 * PARTS}
    assert digest_of(world.store).version == 1


def test_what_is_old_is_not_named_any_more() -> None:
    world = World()
    world.claim()
    keep_digest(world.store, NORTH, NOON)
    assert len(digest_of(world.store).counted) == 1
    world.claim(issued_at=later(days=1))
    keep_digest(world.store, NORTH, later(days=1))
    assert len(digest_of(world.store).counted) == 1
    assert digest_of(world.store).settled > "2026"


def test_an_entry_that_is_named_after_a_later_one_is_counted_too() -> None:
    """Two functions' clocks differ: the second to commit may have the earlier name."""
    world = World()
    serial = world.register("A1", network=False)
    keep_digest(world.store, NORTH, later(seconds=30))
    world.bind(world.claim(issued_at=later(seconds=20))[0], serial, now=later(seconds=10))
    keep_digest(world.store, NORTH, later(seconds=40))
    assert_exact(world.store, NORTH, later(seconds=40))
    assert len(digest_of(world.store).counted) == 3


def test_a_digest_of_another_rule_is_not_believed_and_is_counted_anew() -> None:
    world = World()
    world.claim(quantity=3)
    keep_digest(world.store, NORTH, NOON)
    old = digest_of(world.store).evolve(rule=0, counts=Counts())
    world.store.commit([Change(digest_of(world.store), old)])
    assert_exact(world.store, NORTH, NOON)
    keep_digest(world.store, NORTH, NOON)
    assert digest_of(world.store).rule == digests.RULE
    assert_exact(world.store, NORTH, NOON)


@pytest.mark.parametrize("rows", [500, 0])
def test_a_digest_that_counts_wrongly_is_found_and_counted_anew(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "DIGEST_ROWS", rows)
    world = World()
    world.claim(quantity=3)
    world.store.commit([created(Org(org_id=NORTH, name="North"))])
    keep_digest(world.store, NORTH, NOON)
    right = digest_of(world.store)
    world.claim("AP-3YR-LIC")
    # What is not counted yet is no fault, nor is it right to forget it.
    assert digests_are_proven(world.store, NOON)
    more = total((right.counts, contribution(Block.of(key_of("SW-1YR-LIC", 1, NOON, 99), NORTH, NOON))))
    world.store.commit([Change(right, right.evolve(counts=more if rows else right.counts, settled="2027"))])
    assert not digests_are_proven(world.store, NOON)
    assert recount(world.store, NOON) == 1
    assert digests_are_proven(world.store, NOON)
    assert_exact(world.store, NORTH, NOON)


class Interrupted(MemoryStore):
    """Crashes before the transaction of this number from now on."""

    left = -1

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        if self.left == 0:
            raise ConnectionError
        self.left -= 1
        super().commit(changes, checks)


def test_a_digest_that_was_written_by_half_is_noticed_and_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "DIGEST_ROWS", 0)
    monkeypatch.setattr(keeping, "STEP_RECORDS", 1)
    store = Interrupted()
    world = World(store)
    world.claim(quantity=3)
    keep_digest(store, NORTH, NOON)
    world.claim("AP-3YR-LIC", quantity=3)
    store.left = 1
    with pytest.raises(ConnectionError):
        keep_digest(store, NORTH, NOON)
    store.left = -1
    assert_exact(store, NORTH, NOON)
    assert digests_are_proven(store, NOON)
    keep_digest(store, NORTH, NOON)
    assert_exact(store, NORTH, NOON)
    assert digest_of(store).version == 2


class Counting(MemoryStore):
    """Counts calls."""

    calls = 0

    def get(self, *refs: Ref[Any]) -> RecordSet:
        self.calls += 1
        return super().get(*refs)

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]:
        self.calls += 1
        return super().page(listing, limit, start)


@pytest.mark.parametrize("rows", [500, 0])
def test_an_overview_takes_as_many_calls_whatever_the_org_has(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "DIGEST_ROWS", rows)
    calls = []
    for devices in (2, 300):
        store = Counting()
        world = World(store)
        world.claim(quantity=devices)
        world.register_many(devices)
        world.bind_all(now=later(days=1))
        keep_digest(store, NORTH, later(days=2))
        store.calls = 0
        count_licenses(store, NORTH, later(days=2), later(days=2))
        calls.append(store.calls)
    assert calls == [calls[0]] * 2
    assert calls[0] <= 5


def test_a_licence_may_be_shared_by_no_more_gateways_than_its_count_is_divided_by() -> None:  # D22
    for model in catalog().values():
        assert PARTS % (model.shareable_devices or 1) == 0


def test_a_month_that_is_emptied_stays_as_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "DIGEST_ROWS", 0)
    world = World()
    [license_id] = world.claim()
    keep_digest(world.store, NORTH, NOON)
    world.register("A1", free=NO_FREE)
    world.bind(license_id, "A1")
    keep_digest(world.store, NORTH, NOON)
    forced = world.store.one(DigestMonth.ref_of(NORTH, NOON + 90 * DAY))
    assert forced is not None
    assert not len(forced.counts)
