"""Carrying a renewal out, whatever comes between (D40)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.licenses.licenses import Block
from licensing.domain.planning.requests import RenewalRequest
from licensing.listings import DevicesOf, LicensesOf
from licensing.use_cases.planning.carry_out import carry_out
from licensing.use_cases.planning.renew import draft, read_renewal
from tests.worlds.assigning import NORTH, World
from tests.worlds.examples import NOON, at, later

UNTIL = later(days=200)
RENEWAL = "org-north.1"


def drafted(world: World, count: int = 120) -> None:
    """More devices than fit one transaction, and a license in stock for each."""
    world.register_many(count)
    world.claim(quantity=count)
    draft(world.store, at(), NORTH, RenewalRequest(until=UNTIL))


def associations(world: World) -> list[int]:
    return [len(each.associations) for each in world.store.every(DevicesOf(NORTH))]


def test_one_that_is_cut_off_goes_on_with_the_same_key_and_answers_the_whole() -> None:
    world, key = World(), IdempotencyKey.of("tester", "intent-1", "apply")
    drafted(world)
    with pytest.raises(Refusal) as caught:
        carry_out(world.store, at(idempotency_key=key, seconds=0), NORTH, RENEWAL)
    assert caught.value.code == "unfinished"
    assert 0 < sum(associations(world)) < 120
    whole = carry_out(world.store, at(idempotency_key=key), NORTH, RENEWAL)
    assert whole.body["status"] == "applied"
    assert associations(world) == [1] * 120
    again = carry_out(world.store, at(idempotency_key=key), NORTH, RENEWAL)
    assert (again.replayed, again.body) == (True, whole.body)


def test_one_that_is_cut_off_goes_on_without_a_key_too() -> None:
    world = World()
    drafted(world)
    with pytest.raises(Refusal):
        carry_out(world.store, at(seconds=0), NORTH, RENEWAL)
    carry_out(world.store, at(), NORTH, RENEWAL)
    assert associations(world) == [1] * 120
    assert read_renewal(world.store, NORTH, RENEWAL, 0, NOON).left_out_count == 0


def test_two_at_once_bind_each_license_once() -> None:
    world = World()
    drafted(world)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: carry_out(world.store, at(), NORTH, RENEWAL), range(3)))
    assert associations(world) == [1] * 120
    left = [len(each.free) for each in world.store.every(LicensesOf(NORTH)) if isinstance(each, Block)]
    assert left == [0]
