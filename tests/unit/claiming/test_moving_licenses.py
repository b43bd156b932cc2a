"""Unassociated licences move between organizations, any number in one transaction (D12, D16)."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from licensing.domain.claiming.requests import MoveRequest
from licensing.domain.core.errors import LostRace, Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.intervals import Intervals
from licensing.domain.core.ledger import image_of
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.domain.licenses.licenses import Block, split_id
from licensing.entry.problems import problem
from licensing.listings import LedgerOf
from licensing.use_cases.claiming.move_licenses import move_licenses
from licensing.use_cases.inventory.list_licenses import list_licenses
from tests.worlds.assigning import NORTH, SOUTH, World
from tests.worlds.claiming import claim, issue
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryStore


def move(world: World, moment: datetime = NOON, org: str = NORTH, **asked: Any) -> int:
    context = at(moment, **asked.pop("how", {}))
    request = MoveRequest.model_validate({"to_org_id": SOUTH if org == NORTH else NORTH} | asked)
    moved: int = move_licenses(world.store, context, org, request).body["moved"]
    return moved


def refused(world: World, moment: datetime = NOON, **asked: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        move(world, moment, **asked)
    assert caught.value.remedy
    return caught.value


def ids(world: World, org: str) -> list[str]:
    return [row.license_id for row in list_licenses(world.store, org, LicenseFilter(), NOON, NOON, 1000, None).items]


def free(world: World, license_id: str, org: str) -> Intervals:
    block = world.find(Block.ref_of(org, split_id(license_id)[0]))
    return block.free if isinstance(block, Block) else Intervals()


def memory(world: World) -> MemoryStore:
    assert isinstance(world.store, MemoryStore)
    return world.store


@pytest.mark.parametrize("quantity", [1, 99_999, 100_000])
def test_any_quantity_moves_in_one_transaction_and_keeps_its_ids(quantity: int) -> None:
    world = World()
    first = world.claim(quantity=100_000)[0]
    commits = memory(world).commits
    assert move(world, license_model="AP-1YR-LIC", quantity=quantity) == quantity
    assert memory(world).commits == commits + 1
    assert free(world, first, SOUTH) == Intervals.up_to(quantity)
    assert free(world, first, NORTH) == Intervals.up_to(100_000) - Intervals.up_to(quantity)


def test_the_oldest_issued_go_first() -> None:
    world = World()
    newer = world.claim(quantity=3, issued_at=later(days=-10))
    older = world.claim(quantity=2, issued_at=later(days=-20))
    world.claim("SW-1YR-LIC", 3, later(days=-30))
    assert move(world, license_model="AP-1YR-LIC", quantity=3) == 3
    assert ids(world, SOUTH) == [*older, newer[0]]


def test_chosen_licenses_move_and_come_back_to_where_they_lay() -> None:
    world = World()
    all_ids = world.claim(quantity=6)
    assert move(world, license_ids=[all_ids[4], all_ids[1], all_ids[4]]) == 2
    assert (ids(world, SOUTH), ids(world, NORTH)) == (
        [all_ids[1], all_ids[4]],
        [*all_ids[:1], *all_ids[2:4], all_ids[5]],
    )
    assert move(world, org=SOUTH, license_ids=[all_ids[1], all_ids[4]]) == 2
    assert ids(world, NORTH) == all_ids


def test_a_license_with_a_history_moves_with_it() -> None:
    world = World()
    all_ids = world.claim(quantity=3)
    world.register("AP-1", network=False)
    world.bind(all_ids[0], "AP-1", later(days=1))
    world.undo("AP-1", later(days=2))
    before = world.license(all_ids[0])
    assert before is not None
    assert move(world, later(days=3), license_model="AP-1YR-LIC", quantity=3) == 3
    assert image_of(world.license(all_ids[0], SOUTH)) == image_of(before.evolve(org_id=SOUTH))
    assert world.license(all_ids[0]) is None
    assert ids(world, SOUTH) == all_ids


def test_licenses_on_devices_stay_and_say_where_they_are() -> None:
    world = World()
    all_ids = world.claim(quantity=2)
    world.register("AP-1")
    world.bind(all_ids[0], "AP-1")
    refusal = refused(world, license_ids=all_ids)
    assert refusal.code == "license_unavailable"
    assert "AP-1" in refusal.detail
    assert "/devices/move" in problem(refusal, "")["remedy"]
    assert (refusal := refused(world, license_model="AP-1YR-LIC", quantity=2)).code == "not_enough_licenses"
    assert refusal.extra["available"] == 1


def test_expired_licenses_are_not_chosen_but_can_be_named() -> None:
    world = World()
    (expired,) = world.claim(issued_at=later(days=-500))
    refusal = refused(world, license_model="AP-1YR-LIC", quantity=1)
    assert (refusal.code, refusal.extra["available"]) == ("not_enough_licenses", 0)
    assert move(world, license_ids=[expired]) == 1


def test_asking_for_more_than_there_is_says_how_many_there_are() -> None:
    world = World()
    world.claim(quantity=4)
    world.claim(quantity=3, issued_at=later(days=-1))
    refusal = refused(world, license_model="AP-1YR-LIC", quantity=8)
    assert (refusal.code, refusal.extra["available"]) == ("not_enough_licenses", 7)


def test_shared_tokens_are_transferred_not_moved() -> None:
    world = World()
    claim(world.store, issue(world.store, 1, "AI-TOKEN-1K-LIC"))
    for asked in ({"license_model": "AI-TOKEN-1K-LIC", "quantity": 1}, {"license_ids": ids(world, NORTH)[:1]}):
        refusal = refused(world, **asked)
        assert refusal.code == "license_unavailable"
        assert "/ai-tokens/transfer" in problem(refusal, "")["remedy"]


def test_what_the_org_does_not_have_does_not_exist() -> None:
    world = World()
    (foreign,) = world.claim(org_id=SOUTH)
    assert refused(world, license_ids=[foreign]).code == "not_found"
    (gone,) = world.claim()
    move(world, license_ids=[gone])
    assert refused(world, license_ids=[gone]).code == "not_found"


def test_an_unknown_model_and_the_same_org_are_refused() -> None:
    world = World()
    assert refused(world, license_model="AP-9YR-LIC", quantity=1).code == "unknown_license_model"
    refusal = refused(world, license_model="AP-1YR-LIC", quantity=1, to_org_id=NORTH)
    assert [fault.field for fault in refusal.faults] == ["to_org_id"]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"license_ids": []},
        {"license_ids": ["x"]},
        {"license_model": "AP-1YR-LIC"},
        {"quantity": 1},
        {"license_model": "AP-1YR-LIC", "quantity": 0},
        {"license_ids": ["0" * 20 + "-000001"], "quantity": 1},
        {"license_ids": ["0" * 20 + "-000001"], "license_model": "AP-1YR-LIC", "quantity": 1},
    ],
)
def test_a_request_says_which_licenses_in_one_way(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MoveRequest.model_validate({"to_org_id": SOUTH} | asked)


def test_both_ledgers_tell_of_a_move() -> None:
    world = World()
    world.claim(quantity=500)
    move(world, later(days=1), license_model="AP-1YR-LIC", quantity=200)
    for org, told in ((NORTH, ({"free": "1-500"}, {"free": "201-500"})), (SOUTH, None)):
        entry = world.store.page(LedgerOf(f"org/{org}"), 1).items[0]
        assert entry.summary == "200 licenses moved from org-north to org-south"
        (diff,) = entry.changes
        assert told is None or (diff.before, diff.after) == told


def test_licenses_scattered_over_many_keys_move_in_steps_each_right_alone() -> None:
    world = World()
    for number in range(120):
        world.claim(issued_at=later(seconds=number))
    commits = memory(world).commits
    assert move(world, license_model="AP-1YR-LIC", quantity=110) == 110
    assert memory(world).commits - commits == 3
    assert (len(ids(world, NORTH)), len(ids(world, SOUTH))) == (10, 110)


@pytest.mark.parametrize("named", [True, False])
def test_a_move_cut_off_between_steps_is_finished_by_the_same_call(
    named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    store = memory(world)
    all_ids = [world.claim(issued_at=later(seconds=number))[0] for number in range(120)]
    how = {"idempotency_key": IdempotencyKey.of("ada", "k", "r")}
    asked: dict[str, Any] = {"license_ids": all_ids[:100]}
    if not named:
        asked = {"license_model": "AP-1YR-LIC", "quantity": 100}
    commit, left = store.commit, [1]

    def dying(*args: Any) -> None:
        if not left:
            raise ConnectionError
        left.pop()
        commit(*args)

    monkeypatch.setattr(store, "commit", dying)
    with pytest.raises(ConnectionError):
        move(world, how=how, **asked)
    monkeypatch.undo()
    assert 0 < len(ids(world, SOUTH)) < 100
    assert move(world, later(minutes=1), how=how, **asked) == 100
    assert ids(world, SOUTH) == all_ids[:100]
    assert move(world, later(minutes=2), how=how, **asked) == 100
    assert len(ids(world, SOUTH)) == 100


def test_two_moves_of_overlapping_licenses_share_them_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is decided from facts that the first then changes; it is decided again."""
    world = World()
    store = memory(world)
    all_ids = world.claim(quantity=10)
    commit = store.commit
    raced: list[bool] = []

    def racing(*args: Any) -> None:
        if not raced:
            raced.append(True)
            move(world, license_ids=all_ids[:5])
        try:
            commit(*args)
        except LostRace:
            raced.append(False)
            raise

    monkeypatch.setattr(store, "commit", racing)
    assert move(world, license_model="AP-1YR-LIC", quantity=5) == 5
    assert raced == [True, False]
    assert ids(world, SOUTH) == all_ids


def test_a_plan_of_a_move_is_stale_when_the_licenses_have_changed() -> None:
    world = World()
    all_ids = world.claim(quantity=10, issued_at=later(days=-1))
    request = MoveRequest(to_org_id=SOUTH, license_model="AP-1YR-LIC", quantity=5)
    plan = move_licenses(world.store, at(dry_run=True), NORTH, request).body["plan"]
    assert ids(world, SOUTH) == []
    move(world, license_ids=all_ids[:1])
    with pytest.raises(Refusal) as caught:
        move_licenses(world.store, at(plan=plan), NORTH, request)
    assert caught.value.code == "plan_stale"


def test_a_block_is_not_scattered_beyond_what_an_item_holds() -> None:
    world = World()
    all_ids = world.claim(quantity=20_000)
    assert refused(world, license_ids=all_ids[:18_000:2]).code == "conflict"
