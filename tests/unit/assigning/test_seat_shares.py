"""A big SecuPoint licence on several gateways of one org: its term runs once, its seats are one pool (D22)."""

import pytest

from licensing.domain.assigning.timeline import timeline
from licensing.domain.assigning.views import DeviceView
from licensing.domain.core.errors import Refusal
from licensing.use_cases.assigning.keep_inventory import deregister_device, enter_network, move_devices, replace_device
from licensing.use_cases.assigning.share_seats import share_seats
from licensing.use_cases.inventory.read_devices import device_at
from tests.worlds.assigning import NORTH, SOUTH, World
from tests.worlds.examples import NOON, at, later

BIG = "SPC-1YR-200-LIC"


def gateways(*serials: str, network: bool = True) -> World:
    world = World()
    for serial in serials:
        world.register(serial, "gateway", network=network)
    return world


OWN, SHARED = (202, 0), (2, 200)


def seats(world: World, serial: str, days: float = 10) -> tuple[int, int]:
    """A gateway's own, and those of the pools it shares."""
    coverage = world.coverage(serial)
    return coverage.seats(later(days=days)), coverage.shared_seats(later(days=days))


def test_its_seats_are_a_pool_for_every_gateway_from_the_sharing_on() -> None:
    world = gateways("G1", "G2", "G3")
    [license_id] = world.claim(BIG)
    world.bind(license_id, "G1")
    body = share_seats(world.store, at(later(days=3)), NORTH, license_id, ["G2", "G3"]).body
    assert body == {"license_id": license_id, "serials": ["G1", "G2", "G3"]}
    assert [seats(world, serial) for serial in ("G1", "G2", "G3")] == [SHARED, SHARED, SHARED]
    assert seats(world, "G2", 2) == (2, 0)
    then = device_at(world.store, NORTH, "G1", later(days=2), later(days=4))
    assert DeviceView.of(then, later(days=2)).vpn_seats == 202
    assert [world.coverage(serial).end("secupoint") for serial in ("G1", "G2")] == [later(days=365)] * 2


def test_a_free_license_is_associated_with_the_first() -> None:
    world = gateways("G1", "G2")
    [license_id] = world.claim(BIG)
    share_seats(world.store, at(), NORTH, license_id, ["G1", "G2"])
    again = share_seats(world.store, at(), NORTH, license_id, ["G2", "G1"])
    assert (again.changed, [seats(world, serial) for serial in ("G1", "G2")]) == (False, [SHARED, SHARED])


def test_the_first_gateway_in_a_network_starts_it_for_all() -> None:  # D19
    world = gateways("G1", "G2", network=False)
    [license_id] = world.claim(BIG)
    share_seats(world.store, at(), NORTH, license_id, ["G1", "G2"])
    enter_network(world.store, at(later(days=5)), NORTH, "G2", "net-1")
    assert [world.coverage(serial)["secupoint"][0].since for serial in ("G1", "G2")] == [later(days=5)] * 2


def test_a_gateway_in_a_network_that_joins_starts_it() -> None:
    world = gateways("G1", network=False)
    world.register("G2", "gateway")
    [license_id] = world.claim(BIG)
    world.bind(license_id, "G1")
    share_seats(world.store, at(later(days=4)), NORTH, license_id, ["G2"])
    assert [world.coverage(serial)["secupoint"][0].since for serial in ("G1", "G2")] == [later(days=4)] * 2


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
    assert (bound.serials, seats(world, "G1"), seats(world, "G2")) == (("G2",), (2, 0), OWN)
    world.undo("G2", later(days=2))
    free = world.license(license_id)
    assert free is not None
    assert (free.is_free, free.burned) == (True, later(days=2) - NOON)


def test_a_parked_gateway_leaves_the_license_to_the_others() -> None:  # D27
    world = gateways("G1", "G2")
    [license_id] = world.claim(BIG)
    share_seats(world.store, at(), NORTH, license_id, ["G1", "G2"])
    assert deregister_device(world.store, at(), NORTH, "G1").body["parked_licenses"] == 0
    assert seats(world, "G2") == OWN


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
    assert seats(world, "G9") == SHARED
    assert world.undo("G2") == license_id
    assert seats(world, "G9") == OWN
    bound = world.license(license_id)
    assert bound is not None
    assert bound.serials == ("G9",)


def test_a_pool_is_told_beside_the_gateways_own_seats_so_that_a_sum_counts_it_once() -> None:
    world = gateways("G1", "G2", "G3")
    [big], [small] = world.claim(BIG), world.claim("SPC-1YR-LIC")
    world.bind(small, "G1")
    share_seats(world.store, at(), NORTH, big, ["G1", "G2", "G3"])
    views = [DeviceView.of(world.device(serial), later(days=1)) for serial in ("G1", "G2", "G3")]
    assert [(view.vpn_seats, view.shared_seats) for view in views] == [(22, 200), (2, 200), (2, 200)]
    after = [DeviceView.of(world.device(serial), later(days=365)) for serial in ("G1", "G2", "G3")]
    assert [(view.vpn_seats, view.shared_seats) for view in after] == [(2, 0)] * 3


def test_a_license_parked_with_its_gateway_is_shared_with_nobody() -> None:  # D27
    """It may be lost with the gateway, and would be gone from the other."""
    world = gateways("G1", "G2")
    [license_id] = world.claim(BIG)
    world.bind(license_id, "G1")
    deregister_device(world.store, at(), NORTH, "G1")
    with pytest.raises(Refusal, match="parked with device G1") as caught:
        share_seats(world.store, at(), NORTH, license_id, ["G2"])
    assert caught.value.code == "license_unavailable"


def whys(world: World, serial: str) -> list[str]:
    return [stretch.why.partition(" Brings")[0] for stretch in timeline(world.device(serial)).stretches]


def test_why_a_license_starts_is_true_of_each_gateway_that_has_it() -> None:  # D29
    world = gateways("G1", "G3", network=False)
    world.register("G2", "gateway")
    [pro], [own], [big], [alone] = (world.claim(sku) for sku in ("GW-1YR-LIC", "SPC-1YR-LIC", BIG, "SPC-3YR-LIC"))
    world.bind(pro, "G2")
    world.bind(own, "G2")
    world.bind(alone, "G3")
    share_seats(world.store, at(later(days=1)), NORTH, big, ["G1", "G2"])
    enter_network(world.store, at(later(days=2)), NORTH, "G3", "net-1")
    assert whys(world, "G1") == [
        "Starts at 2026-03-02T12:00:00Z, when gateway G2, which shares the license, was in a network."
    ]
    assert whys(world, "G2") == [
        "Starts at 2026-03-01T12:00:00Z, when it was associated: the device was in a network and not covered.",
        "Starts at 2026-03-01T12:00:00Z, when it was associated: the device was in a network.",
        "Shares the license since 2026-03-02T12:00:00Z; the license itself started at 2026-03-02T12:00:00Z.",
    ]
    assert whys(world, "G3") == ["Starts at 2026-03-03T12:00:00Z, when the device entered a network."]


def test_a_share_that_was_undone_stays_in_the_timeline_from_the_sharing_on() -> None:  # D24
    world = gateways("G1", "G2")
    [license_id] = world.claim(BIG)
    world.bind(license_id, "G1")
    share_seats(world.store, at(later(days=2)), NORTH, license_id, ["G2"])
    world.undo("G2", later(days=4))
    [told] = timeline(world.device("G2")).stretches
    assert (told.since, told.until) == (later(days=2), later(days=4))
    assert "Its association was undone at 2026-03-05T12:00:00Z; what had burned stays burned." in told.why
    assert (world.license(license_id).serials, seats(world, "G1")) == (("G1",), OWN)  # type: ignore[union-attr]
