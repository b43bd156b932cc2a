"""Claiming with automatic association: the earliest-ending devices are served first, the rest stays free (D25)."""

from datetime import datetime
from typing import Any

import pytest

from licensing.domain.claiming.requests import ClaimRequest, Mode
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.use_cases.claiming.claim_keys import claim_keys
from licensing.use_cases.inventory.list_licenses import list_licenses
from tests.worlds.assigning import NORTH, World
from tests.worlds.claiming import issue, key_id, unissued
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryStore


def claim(
    world: World, *keys: str, moment: datetime = NOON, mode: Any = "all_or_nothing", **how: Any
) -> dict[str, Any]:
    request = ClaimRequest(license_keys=keys, mode=mode, auto_associate=True)
    return claim_keys(world.store, at(moment, **how), NORTH, "ada", request).body


def served(claimed: dict[str, Any]) -> list[list[str]]:
    """The serials served by each key, in order."""
    return [[made["serial"] for made in each["associations"]] for each in claimed["claims"]]


def on_devices(world: World) -> dict[str, str]:
    rows = list_licenses(world.store, NORTH, LicenseFilter(unassociated=False), NOON, NOON, 1000, None).items
    return {row.license_id: row.serial or "" for row in rows}


def test_each_key_s_licenses_go_to_matching_devices_the_uncovered_first() -> None:
    world = World()
    (early,) = world.claim(issued_at=later(days=-1))
    for serial in ("AP-1", "AP-2", "AP-3"):
        world.register(serial)
    world.register("SW-1", "switch")
    world.bind(early, "AP-1", later(days=-1))
    keys = (
        issue(world.store, 1, "AP-1YR-LIC", 2),
        issue(world.store, 2, "SW-1YR-LIC", 5),
        issue(world.store, 3, "GW-1YR-LIC"),
    )
    answer = claim(world, *keys)
    assert served(answer) == [["AP-2", "AP-3"], ["SW-1"], []]
    assert [each["outcome"] for each in answer["claims"]] == ["claimed"] * 3
    assert on_devices(world) == {
        early: "AP-1",
        f"{key_id(1)}-000001": "AP-2",
        f"{key_id(1)}-000002": "AP-3",
        f"{key_id(2)}-000001": "SW-1",
    }


def test_a_dry_run_lists_the_devices_and_its_plan_binds_exactly_those() -> None:
    world = World()
    world.register("AP-1", now=later(days=-1))
    key = issue(world.store, 1, issued_at=later(days=-1))
    shown = claim(world, key, dry_run=True)
    assert served(shown) == [["AP-1"]]
    assert on_devices(world) == {}
    done = claim(world, key, moment=later(minutes=1), plan=shown["plan"])
    assert served(done) == [["AP-1"]]
    assert list(on_devices(world).values()) == ["AP-1"]


def test_a_plan_is_stale_when_another_device_has_come_first() -> None:
    world = World()
    world.register("AP-2", now=later(days=-1))
    key = issue(world.store, 1, quantity=1, issued_at=later(days=-1))
    plan = claim(world, key, dry_run=True)["plan"]
    world.register("AP-1")
    with pytest.raises(Refusal) as caught:
        claim(world, key, plan=plan)
    assert caught.value.code == "plan_stale"


def test_claiming_again_associates_nothing_more() -> None:
    world = World()
    key = issue(world.store, 1)
    claim(world, key)
    world.register("AP-1")
    assert claim(world, key)["claims"][0]["outcome"] == "already_yours"
    assert on_devices(world) == {}


def test_a_refused_claim_associates_nothing() -> None:
    world = World()
    world.register("AP-1")
    with pytest.raises(Refusal):
        claim(world, issue(world.store, 1), unissued(1))
    assert on_devices(world) == {}


def test_with_best_effort_what_was_claimed_is_associated() -> None:
    world = World()
    world.register("AP-1")
    answer = claim(world, unissued(1), issue(world.store, 1), mode="best_effort")
    assert served(answer) == [[], ["AP-1"]]


@pytest.mark.parametrize("mode", ["all_or_nothing", "best_effort"])
@pytest.mark.parametrize("last", [1, 2, 3])
def test_cut_off_between_steps_the_same_call_finishes(mode: Mode, last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    store = world.store
    assert isinstance(store, MemoryStore)
    mine = issue(store, 2, "SW-1YR-LIC", 1)
    claim(world, mine)
    world.register("SW-1", "switch")
    serials = [world.register(f"AP-{number:03}") for number in range(100)]
    keys = (issue(store, 1, quantity=120), mine) + ((unissued(1),) if mode == "best_effort" else ())
    commit, left = store.commit, list(range(last))

    def dying(*args: Any) -> None:
        if not left:
            raise ConnectionError
        left.pop()
        commit(*args)

    monkeypatch.setattr(store, "commit", dying)
    how: dict[str, Any] = {"idempotency_key": IdempotencyKey.of("ada", "k", "r"), "mode": mode}
    with pytest.raises(ConnectionError):
        claim(world, *keys, **how)
    monkeypatch.undo()
    answer = claim(world, *keys, moment=later(minutes=1), **how)
    assert served(answer)[:2] == [serials, []]
    assert [each["outcome"] for each in answer["claims"]][:2] == ["claimed", "already_yours"]
    assert sorted(on_devices(world).values()) == serials
