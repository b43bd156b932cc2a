"""Licences as rows, filtered, paged and counted, at any instant (D12, D19, D20, D23, D31)."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.claiming.requests import MoveRequest
from licensing.domain.core.decisions import Change, created
from licensing.domain.core.instants import DAY
from licensing.domain.core.intervals import Intervals
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.domain.inventory.views import LicenseView
from licensing.domain.licenses.licenses import Block, License, split_id
from licensing.domain.licenses.sorting import Place, in_order
from licensing.use_cases.claiming.move_licenses import move_licenses
from licensing.use_cases.inventory import list_licenses as listing
from licensing.use_cases.inventory.count_licenses import count_licenses
from licensing.use_cases.inventory.list_licenses import list_licenses
from tests.worlds.assigning import NORTH, SOUTH, World
from tests.worlds.claiming import claim, issue
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryStore


def rows(world: World, moment: datetime = NOON, org: str = NORTH, limit: int = 100, **asked: Any) -> list[LicenseView]:
    """All pages put together."""
    found: list[LicenseView] = []
    place: Place | None = None
    while True:
        page = list_licenses(world.store, org, LicenseFilter.model_validate(asked), moment, moment, limit, place)
        assert len(page.items) <= limit
        found += page.items
        if (place := page.next) is None:
            return found


def ids(world: World, moment: datetime = NOON, **asked: Any) -> list[str]:
    return [row.license_id for row in rows(world, moment, **asked)]


def past_ids(world: World, moment: datetime, **asked: Any) -> list[str]:
    page = list_licenses(world.store, NORTH, LicenseFilter.model_validate(asked), moment, moment + DAY, 1000, None)
    return [row.license_id for row in page.items]


def block_of(world: World, license_id: str) -> Block:
    block = world.find(Block.ref_of(NORTH, split_id(license_id)[0]))
    assert isinstance(block, Block)
    return block


class Counting(MemoryStore):
    """Counts its pages and gets, and the records they give."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.read = 0

    def page(self, *asked: Any, **how: Any) -> Any:
        page = super().page(*asked, **how)
        self.calls += 1
        self.read += len(page.items)
        return page

    def get(self, *refs: Any) -> Any:
        self.calls += bool(refs)
        return super().get(*refs)


# --- one row (D19, D20, D23) ---


def test_a_license_that_nobody_uses_is_inactive_then_burns_then_expires() -> None:
    world = World()
    (license_id,) = world.claim()
    (row,) = rows(world, later(days=1))
    assert row.model_dump(mode="json") == {
        "license_id": license_id,
        "license_model": "AP-1YR-LIC",
        "category": "ap",
        "type": "pro",
        "state": "inactive",
        "term_days": 365,
        "issued_at": "2026-03-01T12:00:00Z",
        "activation_at": "2026-05-30T12:00:00Z",
        "activated": False,
        "starts_at": "2026-05-30T12:00:00Z",
        "expires_at": "2027-05-30T12:00:00Z",
        "serial": None,
        "associated_at": None,
        "undo_until": None,
        "key_fingerprint": row.key_fingerprint,
    }
    moments = (later(days=90, seconds=-1), later(days=90), later(days=455, seconds=-1), later(days=455))
    assert [(row.state, row.activated) for moment in moments for row in rows(world, moment)] == [
        ("inactive", False),
        ("active", True),
        ("active", True),
        ("expired", True),
    ]


def test_a_license_on_a_device_tells_what_its_device_s_coverage_says() -> None:
    world = World()
    first, second, _ = world.claim(quantity=3)
    world.register("AP-1")
    world.bind(first, "AP-1", later(days=1))
    world.bind(second, "AP-1", later(days=2))
    running, queued, free = rows(world, later(days=3))
    assert (running.state, running.activation_at, running.expires_at) == ("active", later(days=1), later(days=366))
    assert (running.serial, running.associated_at, running.undo_until) == ("AP-1", later(days=1), later(days=8))
    assert (queued.state, queued.activated, queued.activation_at) == ("merging", False, later(days=366))
    assert rows(world, later(days=10))[1].state == "merged"
    assert (free.state, free.serial) == ("inactive", None)


def test_an_undone_association_leaves_a_license_that_keeps_what_it_burned() -> None:
    world = World()
    (license_id,) = world.claim()
    world.register("AP-1")
    world.bind(license_id, "AP-1", NOON)
    world.undo("AP-1", later(days=3))
    (row,) = rows(world, later(days=4))
    assert (row.state, row.serial, row.starts_at) == ("inactive", None, later(days=90))
    assert (row.activated, row.activation_at) == (True, NOON)  # D24
    assert row.expires_at == later(days=90 + 365 - 3)


def test_shared_tokens_are_active_from_their_claim_on_and_never_end() -> None:
    world = World()
    claim(world.store, issue(world.store, 1, "AI-TOKEN-1K-LIC", 2), context=at(later(days=5)))
    (first, _) = rows(world, later(days=5000))
    assert (first.state, first.activated, first.activation_at) == ("active", True, later(days=5))
    assert (first.expires_at, first.term_days) == (None, None)


def test_co_termination_units_wait_for_their_use() -> None:
    world = World()
    world.claim("CO-TERM-LIC", 2)
    first = rows(world, later(days=5000))[0]
    assert (first.state, first.activated, first.activation_at, first.expires_at) == ("inactive", False, None, None)


# --- filters ---


@pytest.fixture(scope="module")
def mixed() -> World:
    """Keys of every tab, one licence of the first on a device, an old key among them that has expired."""
    world = World()
    (bound, _) = world.claim("AP-1YR-LIC", 2)
    for model in ("APL-1YR-LIC", "AI-UNL-1YR-LIC", "AI-TOKEN-1K-LIC", "SPC-1YR-LIC", "CO-TERM-LIC"):
        world.claim(model, 2)
    world.claim("SW-1YR-LIC", 2, later(days=-500))
    world.register("AP-1")
    world.bind(bound, "AP-1")
    return world


@pytest.mark.parametrize(
    ("asked", "models"),
    [
        ({"tab": "pro"}, ["SW-1YR-LIC", "AP-1YR-LIC", "APL-1YR-LIC"]),
        ({"tab": "ai"}, ["AI-UNL-1YR-LIC", "AI-TOKEN-1K-LIC"]),
        ({"tab": "secupoint"}, ["SPC-1YR-LIC"]),
        ({"tab": "co_term"}, ["CO-TERM-LIC"]),
        ({"license_model": "SPC-1YR-LIC"}, ["SPC-1YR-LIC"]),
        ({"license_model": "GW-5YR-LIC"}, []),
        ({"state": "active"}, ["AP-1YR-LIC", "AI-TOKEN-1K-LIC"]),
        ({"state": "expired"}, ["SW-1YR-LIC"]),
        ({"state": "expired", "tab": "ai"}, []),
        ({"serial": "AP-1"}, ["AP-1YR-LIC"]),
        ({"serial": "AP-2"}, []),
        ({"unassociated": False}, ["AP-1YR-LIC"]),
        ({"unassociated": True, "tab": "pro", "state": "inactive"}, ["AP-1YR-LIC", "APL-1YR-LIC"]),
    ],
)
def test_a_filter_leaves_what_was_asked_for(mixed: World, asked: dict[str, Any], models: list[str]) -> None:
    for limit in (1, 100):
        found = rows(mixed, limit=limit, **asked)
        assert list(dict.fromkeys(row.license_model for row in found)) == models
    assert past_ids(mixed, NOON, **asked) == ids(mixed, **asked)


# --- pages (D12) ---


@given(
    st.lists(st.tuples(st.integers(1, 6), st.sets(st.integers(1, 6)), st.sets(st.integers(1, 6))), max_size=5),
    st.integers(1, 7),
)
def test_pages_of_any_size_give_every_license_once_and_in_order(
    keys: list[tuple[int, set[int], set[int]]], limit: int
) -> None:
    """Keys whose licences lie partly in the block, partly as records, partly in another org; some without a block."""
    world = World()
    expected: list[str] = []
    for number, (quantity, loose, elsewhere) in enumerate(keys):
        all_ids = world.claim(quantity=quantity, issued_at=later(seconds=number))
        block = block_of(world, all_ids[0])
        free = block.free - Intervals.of(loose) - Intervals.of(elsewhere)
        records = [block.license(each) for each in (loose - elsewhere) if each <= quantity]
        world.write(Change(block, block.evolve(free=free)), *map(created, records))
        expected += [each for number, each in enumerate(all_ids, 1) if number not in elsewhere]
    assert ids(world, limit=limit) == expected


@pytest.mark.parametrize("quantity", [4, 100_000])
def test_a_page_costs_one_query_and_one_get_at_most_wherever_it_starts(quantity: int) -> None:
    store = Counting()
    world = World(store)
    all_ids = world.claim(quantity=quantity)
    store.calls = store.read = 0
    page = list_licenses(store, NORTH, LicenseFilter(), NOON, NOON, 3, None)
    assert (store.calls, store.read) == (1, 1)
    middle = Place(split_id(all_ids[0])[0], quantity // 2)
    page = list_licenses(store, NORTH, LicenseFilter(), NOON, NOON, 3, middle)
    assert [row.license_id for row in page.items] == all_ids[quantity // 2 : quantity // 2 + 3]
    assert store.calls == 3


def test_pages_are_stable_under_writes_in_between() -> None:
    world = World()
    all_ids = world.claim(quantity=10)
    for serial in ("AP-1", "AP-2"):
        world.register(serial)
    first = list_licenses(world.store, NORTH, LicenseFilter(), NOON, NOON, 4, None)
    world.bind(all_ids[0], "AP-1")  # behind the cursor
    world.bind(all_ids[7], "AP-2")  # before it
    world.claim(issued_at=later(days=-1))
    second = list_licenses(world.store, NORTH, LicenseFilter(), NOON, NOON, 100, first.next)
    assert [row.license_id for row in first.items + second.items] == all_ids
    assert second.items[3].serial == "AP-2"


def test_a_filter_that_leaves_little_ends_its_page_after_some_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "READS_A_PAGE", 2)
    monkeypatch.setattr(listing, "FILTERED_CHUNK", 3)
    store = Counting()
    world = World(store)
    for number in range(20):
        world.claim(quantity=2, issued_at=later(seconds=number))
    wanted = world.claim("SW-1YR-LIC", 2, later(seconds=15))
    store.calls = 0
    page = list_licenses(store, NORTH, LicenseFilter(license_model="SW-1YR-LIC"), NOON, NOON, 100, None)
    assert (page.items, page.next is not None, store.calls) == ((), True, 2)
    assert ids(world, license_model="SW-1YR-LIC") == wanted


def test_licenses_of_one_key_come_in_order_from_both_sources() -> None:
    world = World()
    block = block_of(world, world.claim(quantity=5)[0])
    records: list[Block | License] = [block.evolve(free=Intervals.of([1, 3, 5])), block.license(2), block.license(4)]
    assert [one.number for one in in_order(records, None, lambda _: True)] == [1, 2, 3, 4, 5]
    assert [one.number for one in in_order(records, Place(block.key_id, 3), lambda _: True)] == [4, 5]
    assert [one.number for one in in_order(records, None, lambda _: False)] == [2, 4]


# --- the past (D31) ---


def test_the_past_is_shown_as_it_was() -> None:
    world = World()
    all_ids = world.claim(quantity=4)
    world.register("AP-1", network=False)
    world.bind(all_ids[1], "AP-1", later(days=1))
    move_licenses(world.store, at(later(days=2)), NORTH, MoveRequest(to_org_id=SOUTH, license_ids=(all_ids[0],)))
    world.undo("AP-1", later(days=3))
    move_licenses(world.store, at(later(days=4)), NORTH, MoveRequest(to_org_id=SOUTH, license_ids=(all_ids[1],)))
    assert ids(world, later(days=5)) == all_ids[2:]
    assert [past_ids(world, later(days=day)) for day in (-1, 0, 1, 2, 3, 4)] == [
        [],
        all_ids,
        all_ids,
        all_ids[1:],
        all_ids[1:],
        all_ids[2:],
    ]
    assert past_ids(world, later(days=1), serial="AP-1") == [all_ids[1]]
    assert past_ids(world, later(days=3), serial="AP-1") == []


def test_a_past_page_has_a_successor_too() -> None:
    world = World()
    all_ids = world.claim(quantity=4) + world.claim(quantity=2, issued_at=later(seconds=1))
    first = list_licenses(world.store, NORTH, LicenseFilter(), later(seconds=1), later(seconds=1) + DAY, 3, None)
    second = list_licenses(world.store, NORTH, LicenseFilter(), later(seconds=1), later(seconds=1) + DAY, 3, first.next)
    assert [row.license_id for row in first.items + second.items] == all_ids
    assert second.next is None


# --- the overview ---


def test_the_overview_counts_by_model_whatever_the_quantity() -> None:
    world = World()
    bound = world.claim("AP-1YR-LIC", 100_000)[:2]
    world.claim("SW-1YR-LIC", 3, later(days=-500))
    claim(world.store, issue(world.store, 1, "AI-TOKEN-1K-LIC", 2))
    for license_id, serial in zip(bound, ("AP-1", "AP-2"), strict=True):
        world.register(serial, network=serial == "AP-1")
        world.bind(license_id, serial)
    world.register("AP-3", now=later(days=-100))
    told = count_licenses(world.store, NORTH, later(days=1), later(days=1)).model_dump(mode="json")
    assert told == {
        "unmanaged_devices": 2,
        "burning_unassociated": 0,
        "by_model": [
            {"license_model": "AI-TOKEN-1K-LIC", "total": 2, "unassociated": 2, "associated": 0}
            | {"active": 2, "expired": 0},
            {"license_model": "AP-1YR-LIC", "total": 100_000, "unassociated": 99_998, "associated": 2}
            | {"active": 1, "expired": 0},
            {"license_model": "SW-1YR-LIC", "total": 3, "unassociated": 3, "associated": 0}
            | {"active": 0, "expired": 3},
        ],
        "next_forced_activation": {"at": "2026-05-30T12:00:00Z", "count": 99_999},
        "earliest_expiry": "2027-03-01T12:00:00Z",
        "expired_devices": 0,
        "expiring_devices_30d": 0,
        "ai_tokens": 2000,
    }


def test_the_overview_counts_devices_that_end_soon_or_have_ended() -> None:
    world = World()
    (license_id,) = world.claim()
    world.register("AP-1")
    world.bind(license_id, "AP-1")

    def devices(day: int) -> tuple[int, int]:
        told = count_licenses(world.store, NORTH, later(days=day), later(days=day))
        return told.expired_devices, told.expiring_devices_30d

    assert [devices(day) for day in (334, 335, 364, 365)] == [(0, 0), (0, 1), (0, 1), (1, 0)]


def test_the_overview_counts_what_burns_unused_and_the_devices_nobody_manages() -> None:  # D19, D30
    world = World()
    bound, *_ = world.claim(quantity=5)
    claim(world.store, issue(world.store, 1, "AI-TOKEN-1K-LIC", 2))
    world.bind(bound, world.register("AP-1"))
    world.register("AP-2")

    def told(day: int) -> tuple[int, int]:
        overview = count_licenses(world.store, NORTH, later(days=day), later(days=day))
        return overview.burning_unassociated, overview.unmanaged_devices

    assert [told(day) for day in (89, 90, 365, 454, 455)] == [(0, 1), (4, 1), (4, 2), (4, 2), (0, 2)]


def test_an_org_without_anything_has_an_overview() -> None:
    told = count_licenses(MemoryStore(), NORTH, NOON, NOON)
    assert (told.by_model, told.next_forced_activation, told.earliest_expiry, told.ai_tokens) == ((), None, None, 0)


def test_the_overview_of_the_past_is_what_it_was() -> None:
    world = World()
    world.claim(quantity=4)
    claim(world.store, issue(world.store, 1, "AI-TOKEN-1K-LIC"), context=at(later(days=1)))
    for day in (0, 1):
        now = count_licenses(world.store, NORTH, later(days=day), later(days=day))
        assert count_licenses(world.store, NORTH, later(days=day), later(days=day) + DAY).ai_tokens == (
            now.ai_tokens if day else 0
        )
