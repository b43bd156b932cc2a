"""The inventory: whose a device is, and what goes along when it goes (D18, D27)."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.requests import RegistrationRequest
from licensing.domain.assigning.views import DeviceView
from licensing.domain.core.errors import Refusal
from licensing.use_cases.assigning.keep_inventory import (
    deregister_device,
    enter_network,
    leave_network,
    move_devices,
    register_devices,
    replace_device,
)
from licensing.use_cases.inventory.read_devices import device_at, devices_then
from tests.worlds.assigning import FREE, NO_FREE, NORTH, SOUTH, World, device_request
from tests.worlds.examples import NOON, at, later


def register(world: World, *devices: dict[str, Any], org_id: str = NORTH, now: datetime = NOON) -> dict[str, str]:
    """The outcomes by serial."""
    request = RegistrationRequest.model_validate({"devices": devices})
    results = register_devices(world.store, at(now), org_id, request, FREE).body["results"]
    return {result["serial"]: result["outcome"] for result in results}


def code_of(call: Any, *args: Any) -> str:
    with pytest.raises(Refusal) as caught:
        call(*args)
    assert caught.value.remedy
    return caught.value.code


def test_every_device_has_its_own_result() -> None:
    world = World()
    world.register("taken", org_id=SOUTH)
    register(world, device_request("mine"), device_request("other"))
    assert register(
        world,
        device_request("new"),
        device_request("mine"),
        device_request("other", model="ECS2528FP"),
        device_request("taken"),
        device_request("NEW-2"),
    ) == {
        "new": "registered",
        "mine": "already_yours",
        "other": "device_exists",
        "taken": "device_elsewhere",
        "NEW-2": "registered",
    }


def test_serials_that_differ_in_case_are_one_device() -> None:
    world = World()
    register(world, device_request("sn-1"))
    assert register(world, device_request("SN-1")) == {"SN-1": "device_exists"}
    assert register(world, device_request("SN-1"), org_id=SOUTH) == {"SN-1": "device_elsewhere"}


def test_a_hundred_devices_go_in_one_call() -> None:
    world = World()
    assert set(register(world, *(device_request(f"A{number}") for number in range(100))).values()) == {"registered"}


@pytest.mark.parametrize(
    ("devices", "said"),
    [
        ([device_request("A", mac="88:DC:96:00:01")], "MAC"),
        ([device_request("A", mac="no mac at all")], "MAC"),
        ([device_request("A"), device_request("a")], "twice"),
        ([device_request(f"A{number}") for number in range(101)], "at most 100"),
        ([], "at least 1"),
        ([device_request("A", category="toaster")], "category"),
        ([device_request("A/B")], "serial"),
    ],
)
def test_bad_input_is_refused_before_anything_is_read(devices: list[Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        RegistrationRequest.model_validate({"devices": devices})


def test_a_mac_can_be_written_in_any_usual_way() -> None:
    for text in ("88dc96000001", "88-DC-96-00-00-01", "88dc.9600.0001", " 88:dc:96:00:00:01 "):
        request = RegistrationRequest.model_validate({"devices": [device_request("A", mac=text)]})
        assert request.devices[0].mac == "88:DC:96:00:00:01"


def test_the_free_period_is_fixed_at_the_first_registration_ever() -> None:  # D18
    world = World()
    register(world, device_request("A"), device_request("C", "camera"))
    deregister_device(world.store, at(later(days=1)), NORTH, "A")
    register(world, device_request("A"), org_id=SOUTH, now=later(days=50))
    assert DeviceView.of(world.device("A", SOUTH), later(days=50)).expires_at == later(days=90)
    assert DeviceView.of(world.device("C"), NOON).expires_at is None


def test_a_network_is_entered_changed_and_left() -> None:
    world = World()
    world.register("A", network=False)
    assert enter_network(world.store, at(), NORTH, "A", "net-1").body["network_id"] == "net-1"
    assert not enter_network(world.store, at(), NORTH, "A", "net-1").changed
    assert enter_network(world.store, at(), NORTH, "A", "net-2").body["network_id"] == "net-2"
    assert leave_network(world.store, at(), NORTH, "A").body["network_id"] is None
    assert code_of(leave_network, world.store, at(), NORTH, "A") == "not_found"
    assert code_of(enter_network, world.store, at(), SOUTH, "A", "net-1") == "not_found"


# --- parking ---


def parked(world: World) -> list[str]:
    ids = world.claim(quantity=2)
    world.register("A")
    for license_id in ids:
        world.bind(license_id, "A")
    assert deregister_device(world.store, at(later(days=10)), NORTH, "A").body == {
        "parked_licenses": 2,
        "parked_until": "2026-04-10T12:00:00Z",
    }
    return ids


def test_a_deregistered_device_is_gone_and_its_licenses_are_parked() -> None:  # D27
    world = World()
    [first, _] = parked(world)
    assert code_of(device_at, world.store, NORTH, "A", later(days=10), later(days=10)) == "not_found"
    assert code_of(deregister_device, world.store, at(later(days=11)), NORTH, "A") == "not_found"
    with pytest.raises(Refusal, match="is on A already"):
        world.bind(first, world.register("B"), later(days=11))


def test_registering_it_again_within_thirty_days_restores_everything() -> None:  # D27
    world = World()
    parked(world)
    assert register(world, device_request("A"), now=later(days=40, seconds=-1)) == {"A": "registered"}
    device = world.device("A")
    assert (len(device.associations), device.parked_at, device.network_id) == (2, None, None)
    assert world.stretches("A") == [(NOON, later(days=365)), (later(days=365), later(days=730))]


def test_after_thirty_days_the_licenses_are_lost() -> None:  # D27
    world = World()
    ids = parked(world)
    assert world.coverage("A").end("pro") == later(days=40)
    assert register(world, device_request("A"), now=later(days=40)) == {"A": "registered"}
    assert world.device("A").associations == ()
    assert [world.license(each) for each in ids] == [None, None]


def test_meanwhile_another_org_can_register_it_without_the_licenses() -> None:
    world = World()
    parked(world)
    assert register(world, device_request("A"), org_id=SOUTH, now=later(days=11)) == {"A": "registered"}
    assert world.device("A", SOUTH).associations == ()
    assert register(world, device_request("A"), now=later(days=12)) == {"A": "device_elsewhere"}
    deregister_device(world.store, at(later(days=13)), SOUTH, "A")
    register(world, device_request("A"), now=later(days=14))
    assert len(world.device("A").associations) == 2


def test_it_comes_back_as_what_it_was() -> None:
    world = World()
    parked(world)
    assert register(world, device_request("A", "switch"), now=later(days=11)) == {"A": "device_exists"}


# --- moving ---


def test_a_device_moves_with_its_licenses_and_both_ledgers_tell() -> None:  # D27
    world = World()
    [license_id] = world.claim()
    world.bind(license_id, world.register("A"))
    world.register("B")
    before = world.stretches("A")
    assert move_devices(world.store, at(later(days=1)), NORTH, SOUTH, ("A", "B")).body == {"moved": 2}
    assert world.find(world.device("A", SOUTH).ref)
    assert world.license(license_id) is None
    moved = world.license(license_id, SOUTH)
    assert moved is not None
    assert (moved.serials, world.device("A", SOUTH).network_id) == (("A",), None)
    there = device_at(world.store, SOUTH, "A", later(days=1), later(days=1))
    assert [(each.since, each.until) for each in coverage_of(there)["pro"]] == before
    assert register(world, device_request("A"), now=later(days=2)) == {"A": "device_elsewhere"}


def test_many_devices_move_in_steps() -> None:
    world = World()
    serials = tuple(world.register(f"A{number}") for number in range(60))
    for license_id, serial in zip(world.claim(quantity=60), serials, strict=True):
        world.bind(license_id, serial)
    assert move_devices(world.store, at(), NORTH, SOUTH, serials).body == {"moved": 60}
    assert all(len(world.device(serial, SOUTH).associations) == 1 for serial in serials)


def test_a_device_that_is_not_there_is_not_moved() -> None:
    world = World()
    world.register("A")
    assert code_of(move_devices, world.store, at(), NORTH, SOUTH, ("A", "nowhere")) == "not_found"
    assert world.device("A")


def test_it_does_not_move_over_licenses_that_wait_for_it_there() -> None:
    world = World()
    ids = parked(world)
    register(world, device_request("A"), org_id=SOUTH, now=later(days=11))
    assert code_of(move_devices, world.store, at(later(days=12)), SOUTH, NORTH, ("A",)) == "device_exists"
    assert move_devices(world.store, at(later(days=41)), SOUTH, NORTH, ("A",)).body == {"moved": 1}
    assert (world.license(ids[0]), world.device("A").associations) == (None, ())


# --- replacing ---


def test_the_new_unit_takes_over_coverage_network_and_free_period() -> None:  # D27
    world = World()
    [license_id] = world.claim()
    world.bind(license_id, world.register("old", free=FREE))
    before = world.stretches("old")
    answer = replace_device(world.store, at(later(days=5)), NORTH, "old", "new", "88:DC:96:00:00:09").body
    assert (answer["serial"], answer["mac"], answer["network_id"]) == ("new", "88:DC:96:00:00:09", "net-1")
    assert world.stretches("new") == before
    bound, old = world.license(license_id), world.serial("old")
    assert bound is not None
    assert old is not None
    assert (bound.serials, old.org_id) == (("new",), None)
    assert code_of(device_at, world.store, NORTH, "old", later(days=5), later(days=5)) == "not_found"


def test_a_new_unit_of_unknown_mac_learns_it_when_it_is_registered() -> None:
    world = World()
    world.register("old")
    assert replace_device(world.store, at(), NORTH, "old", "new").body["mac"] is None
    assert register(world, device_request("new")) == {"new": "registered"}
    assert world.device("new").mac == device_request("new")["mac"]


def test_a_unit_of_another_kind_elsewhere_or_with_licenses_of_its_own_is_no_replacement() -> None:
    world = World()
    world.register("A")
    world.register("switch", "switch")
    world.register("lite", series="lite")
    world.register("elsewhere", org_id=SOUTH)
    world.bind(world.claim()[0], world.register("busy"))
    codes = [code_of(replace_device, world.store, at(), NORTH, "A", new) for new in ("switch", "lite", "elsewhere")]
    assert codes == ["not_matching", "not_matching", "device_elsewhere"]
    assert code_of(replace_device, world.store, at(), NORTH, "A", "busy") == "device_exists"
    assert code_of(replace_device, world.store, at(), NORTH, "A", "a") == "device_exists"


# --- the past and the future ---


def test_a_device_is_shown_as_it_was_and_as_it_will_be() -> None:  # D31
    world = World()
    [license_id] = world.claim()
    world.register("A", now=NOON)
    world.bind(license_id, "A", later(days=2))
    deregister_device(world.store, at(later(days=5)), NORTH, "A")
    now = later(days=6)
    then = device_at(world.store, NORTH, "A", later(days=1), now)
    assert (then.associations, DeviceView.of(then, later(days=1)).managed) == ((), False)
    assert DeviceView.of(device_at(world.store, NORTH, "A", later(days=3), now), later(days=3)).managed
    assert [device.serial for device in devices_then(world.store, NORTH, later(days=4))] == ["A"]
    assert devices_then(world.store, NORTH, later(days=5)) == []
    register(world, device_request("A"), now=now)
    assert not DeviceView.of(device_at(world.store, NORTH, "A", later(days=367), now), later(days=367)).managed


def test_what_was_answered_at_an_instant_is_answered_for_it_ever_after() -> None:  # D31
    world = World()
    one, two = world.claim(quantity=2)
    answers = {}

    def ask(moment: datetime) -> None:
        answers[moment] = DeviceView.of(world.device("A"), moment)

    world.register("A", free=NO_FREE, network=False)
    ask(NOON)
    world.bind(one, "A", later(days=1))
    ask(later(days=1))
    enter_network(world.store, at(later(days=2)), NORTH, "A", "net-1")
    ask(later(days=2))
    world.bind(two, "A", later(days=3))
    ask(later(days=3))
    world.undo("A", later(days=4))
    ask(later(days=4))
    replace_device(world.store, at(later(days=5)), NORTH, "A", "B")
    for moment, answer in answers.items():
        assert DeviceView.of(device_at(world.store, NORTH, "A", moment, later(days=6)), moment) == answer
