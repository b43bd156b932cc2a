"""A big SecuPoint licence on several gateways of one org: its term runs once, its seats count on each (D22)."""

import pytest

from licensing.domain.core.errors import Refusal
from licensing.use_cases.assigning.keep_inventory import deregister_device, enter_network, move_devices, replace_device
from licensing.use_cases.assigning.share_seats import share_seats
from tests.worlds.assigning import NORTH, SOUTH, World
from tests.worlds.examples import NOON, at, later

BIG = "SPC-1YR-200-LIC"


def gateways(*serials: str, network: bool = True) -> World:
    world = World()
    for serial in serials:
        world.register(serial, "gateway", network=network)
    return world


def seats(world: World, serial: str, days: float = 10) -> int:
    return world.coverage(serial).seats(later(days=days))


def test_its_seats_count_on_every_gateway_from_the_sharing_on() -> None:
    world = gateways("G1", "G2", "G3")
    [license_id] = world.claim(BIG)
    world.bind(license_id, "G1")
    body = share_seats(world.store, at(later(days=3)), NORTH, license_id, ["G2", "G3"]).body
    assert body == {"license_id": license_id, "serials": ["G1", "G2", "G3"]}
    assert [seats(world, serial) for serial in ("G1", "G2", "G3")] == [202, 202, 202]
    assert [seats(world, "G1", 2), seats(world, "G2", 2)] == [202, 2]
    assert [world.coverage(serial).end("secupoint") for serial in ("G1", "G2")] == [later(days=365)] * 2


def test_a_free_license_is_associated_with_the_first() -> None:
    world = gateways("G1", "G2")
    [license_id] = world.claim(BIG)
    share_seats(world.store, at(), NORTH, license_id, ["G1", "G2"])
    again = share_seats(world.store, at(), NORTH, license_id, ["G2", "G1"])
    assert (again.changed, [seats(world, serial) for serial in ("G1", "G2")]) == (False, [202, 202])


def test_the_first_gateway_in_a_network_starts_it_for_all() -> None:  # D19
    world = gateways("G1", "G2", network=False)
    [license_id] = world.claim(BIG)
    share_seats(world.store, at(), NORTH, license_id, ["G1", "G2"])
    enter_network(world.store, at(later(days=5)), NORTH, "G2", "net-1")
    assert [world.coverage(serial).secupoint[0].since for serial in ("G1", "G2")] == [later(days=5)] * 2


def test_a_gateway_in_a_network_that_joins_starts_it() -> None:
    world = gateways("G1", network=False)
    world.register("G2", "gateway")
    [license_id] = world.claim(BIG)
    world.bind(license_id, "G1")
    share_seats(world.store, at(later(days=4)), NORTH, license_id, ["G2"])
    assert [world.coverage(serial).secupoint[0].since for serial in ("G1", "G2")] == [later(days=4)] * 2


def test_a_fourth_gateway_a_small_license_and_an_access_point_are_refused() -> None:
    world = gateways("G1", "G2", "G3", "G4")
    world.register("A")
    [big], [small] = world.claim(BIG), world.claim("SPC-1YR-LIC")
    share_seats(world.store, at(), NORTH, big, ["G1", "G2", "G3"])
    for license_id, serials in ((big, ["G4"]), (small, ["G1", "G2"]), (big, ["A"])):
        with pytest.raises(Refusal) as caught:
            share_seats(world.store, at(), NORTH, license_id, serials)
        assert caught.value.code == "not_matching"
        assert caught.value.remedy
    with pytest.raises(Refusal, match="no such license"):
        share_seats(world.store, at(), NORTH, world.claim(BIG, org_id=SOUTH)[0], ["G4"])


def test_undoing_a_share_leaves_the_license_with_the_others() -> None:  # D24
    world = gateways("G1", "G2")
    [license_id] = world.claim(BIG)
    share_seats(world.store, at(), NORTH, license_id, ["G1", "G2"])
    world.undo("G1", later(days=1))
    bound = world.license(license_id)
    assert bound is not None
    assert (bound.serials, seats(world, "G1"), seats(world, "G2")) == (("G2",), 2, 202)
    world.undo("G2", later(days=2))
    free = world.license(license_id)
    assert free is not None
    assert (free.is_free, free.burned) == (True, later(days=2) - NOON)


def test_a_parked_gateway_leaves_the_license_to_the_others() -> None:  # D27
    world = gateways("G1", "G2")
    [license_id] = world.claim(BIG)
    share_seats(world.store, at(), NORTH, license_id, ["G1", "G2"])
    assert deregister_device(world.store, at(), NORTH, "G1").body["parked_licenses"] == 0
    assert seats(world, "G2") == 202


def test_gateways_that_share_move_together() -> None:  # D27
    world = gateways("G1", "G2")
    [license_id] = world.claim(BIG)
    share_seats(world.store, at(), NORTH, license_id, ["G1", "G2"])
    with pytest.raises(Refusal, match="shares license"):
        move_devices(world.store, at(), NORTH, SOUTH, ("G1",))
    move_devices(world.store, at(), NORTH, SOUTH, ("G1", "G2"))
    moved = world.license(license_id, SOUTH)
    assert moved is not None
    assert moved.serials == ("G1", "G2")


def test_a_replaced_gateway_goes_on_sharing() -> None:
    world = gateways("G1", "G2")
    [license_id] = world.claim(BIG)
    share_seats(world.store, at(), NORTH, license_id, ["G1", "G2"])
    replace_device(world.store, at(), NORTH, "G1", "G9")
    assert seats(world, "G9") == 202
    assert world.undo("G2") == license_id
    bound = world.license(license_id)
    assert bound is not None
    assert bound.serials == ("G9",)
