"""A policy never binds more than its cap, however many run at once (D41)."""

from concurrent.futures import ThreadPoolExecutor

from licensing.domain.planning.policies import AssociationPolicy
from licensing.domain.planning.requests import PolicyRequest
from licensing.listings import DevicesOf
from licensing.use_cases.planning.keep_policy import carry_out_policy, set_policy
from tests.worlds.assigning import NORTH, World
from tests.worlds.examples import at


def test_runs_at_once_bind_no_more_than_the_cap_together() -> None:
    world = World()
    world.register_many(40)
    world.claim(quantity=40)
    request = PolicyRequest(enabled=True, within_days_of_end=30, most_a_day=7)
    set_policy(world.store, at(), NORTH, request)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: carry_out_policy(world.store, at(), NORTH), range(4)))
    bound = [each for each in world.store.every(DevicesOf(NORTH)) if each.associations]
    assert len(bound) == 7
    policy = world.store.one(AssociationPolicy.ref_of(NORTH))
    assert policy is not None
    assert policy.bound == 7
