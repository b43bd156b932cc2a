"""Coverage at its edges: same seconds, what is no seat, and a device that waits or has nothing to wait for."""

from licensing.domain.assigning.coverage import Stretch
from licensing.domain.core.instants import DAY
from tests.worlds.assigning import World
from tests.worlds.examples import NOON, later


def test_a_pro_license_adds_no_seats() -> None:  # D22
    world = World()
    world.register("G", "gateway")
    world.bind(world.claim("GW-1YR-LIC")[0], "G")
    coverage = world.coverage("G")
    assert (coverage.covered(NOON), coverage.seats(NOON), coverage.shared_seats(NOON)) == (True, 2, 0)


def test_a_device_waits_until_its_license_is_forced_is_active_and_has_then_expired() -> None:
    world = World()
    world.register("A", network=False)
    assert world.coverage("A").device_state(NOON) == "inactive"
    world.bind(world.claim()[0], "A")
    coverage, end = world.coverage("A"), NOON + 455 * DAY
    states = [coverage.device_state(at) for at in (NOON, later(days=90), end, end + DAY)]
    assert states == ["inactive", "active", "expired", "expired"]


def test_what_comes_in_one_second_with_one_that_burns_follows_it_without_a_network() -> None:  # D21
    world = World()
    [old], [fresh] = world.claim(issued_at=later(days=-450)), world.claim()
    world.register("A", network=False)
    world.bind(old, "A")
    world.bind(fresh, "A")
    first, second = world.coverage("A").stretches
    assert (first.reason, first.until) == ("burning", later(days=5))
    assert (second.reason, second.since) == ("follows", later(days=5))


def test_one_that_is_forced_in_the_second_in_which_another_ends_is_forced() -> None:  # D19
    world = World()
    [waits], [burns] = world.claim(), world.claim(issued_at=later(days=-365))
    world.register("A", network=False)
    world.bind(waits, "A")
    world.bind(burns, "A", later(seconds=1))
    first, second = world.coverage("A").stretches
    assert (first.until, second.since, second.reason) == (later(days=90), later(days=90), "forced")


def test_what_ends_in_the_second_in_which_it_would_start_never_starts() -> None:  # D27
    assert Stretch(NOON, later(seconds=0), None, "free").starts_at is None
    assert Stretch(NOON, later(seconds=1), None, "free").starts_at == NOON
