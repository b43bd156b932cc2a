"""Co-termination: the arithmetic, who pays, and that the ends meet (D28)."""

from datetime import timedelta
from typing import Any

import pytest

from licensing.domain.assigning.timeline import timeline
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.instants import DAY
from licensing.use_cases.assigning.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.assigning.keep_inventory import enter_network, leave_network
from tests.worlds.assigning import FREE, NORTH, World
from tests.worlds.examples import NOON, at, later

UNTIL = later(days=100, hours=6)


def co_terminate(world: World, *serials: str, until: Any = UNTIL, **how: Any) -> dict[str, Any]:
    return co_terminate_devices(world.store, at(**how), NORTH, until, Chosen(serials=serials)).body


def world_of_two() -> World:
    """One device covered until day 90, one not at all."""
    world = World()
    world.register("covered", free=FREE)
    world.register("bare")
    return world


def test_the_calculator_answers_units_and_arithmetic_whatever_there_is() -> None:
    world = world_of_two()
    answer = co_terminate(world, "covered", "bare", dry_run=True)
    assert answer["devices"] == [
        {
            "serial": "covered",
            "current_end": "2026-05-30T12:00:00Z",
            "units": 11,
            "why": "From 2026-05-30T12:00:00Z to 2026-06-09T18:00:00Z: 10 days, 6:00:00, "
            "rounded up to 11 units of one day.",
        },
        {
            "serial": "bare",
            "current_end": None,
            "units": 101,
            "why": "From now (2026-03-01T12:00:00Z) to 2026-06-09T18:00:00Z: 100 days, 6:00:00, "
            "rounded up to 101 units of one day.",
        },
    ]
    assert (answer["units"], answer["available"]) == (112, 0)


def test_applied_all_devices_end_at_the_same_second() -> None:
    world = world_of_two()
    world.claim("CO-TERM-LIC", 200)
    plan = co_terminate(world, "covered", "bare", dry_run=True)["plan"]
    co_terminate(world, "covered", "bare", moment=later(hours=1), plan=plan)
    assert {world.coverage(serial).end("pro") for serial in ("covered", "bare")} == {UNTIL}
    assert co_terminate(world, "bare", until=UNTIL + DAY, moment=later(hours=2), dry_run=True)["available"] == 88


def test_the_oldest_units_pay_first_and_the_timeline_names_who_paid() -> None:  # D29
    world = world_of_two()
    world.claim("CO-TERM-LIC", 60, issued_at=later(days=-1))
    world.claim("CO-TERM-LIC", 60, issued_at=later(days=-2))
    co_terminate(world, "bare")
    told = timeline(world.device("bare")).model_dump(mode="json")["stretches"]
    assert [(each["po_number"], each["from"], each["until"]) for each in told] == [
        ("PO-2", "2026-03-01T12:00:00Z", "2026-04-29T18:00:00Z"),
        ("PO-1", "2026-04-29T18:00:00Z", "2026-06-09T18:00:00Z"),
    ]
    assert told[1]["why"] == (
        "Added by co-termination at 2026-03-01T12:00:00Z, from the end the device had then. "
        "41 device-days paid for 41 days."
    )


def test_without_enough_units_nothing_is_applied() -> None:
    world = world_of_two()
    world.claim("CO-TERM-LIC", 100)
    with pytest.raises(Refusal) as caught:
        co_terminate(world, "bare")
    assert (caught.value.code, caught.value.extra) == ("not_enough_licenses", {"units": 101, "available": 100})
    assert world.device("bare").associations == ()


def test_a_date_in_the_past_is_refused() -> None:
    with pytest.raises(Refusal, match="later than now") as caught:
        co_terminate(world_of_two(), "bare", until=NOON, dry_run=True)
    assert caught.value.code == "invalid_request"


def test_a_device_that_ends_later_is_listed_with_no_units() -> None:
    world = world_of_two()
    world.claim("CO-TERM-LIC", 100)
    answer = co_terminate(world, "covered", "bare", until=later(days=30))
    assert [(each["serial"], each["current_end"], each["units"]) for each in answer["devices"]] == [
        ("covered", "2026-05-30T12:00:00Z", 0),
        ("bare", None, 30),
    ]
    assert answer["devices"][0]["why"] == "Ends at 2026-05-30T12:00:00Z, which is no earlier."
    assert world.device("covered").associations == ()
    assert world.coverage("bare").end("pro") == later(days=30)


def test_a_device_that_ends_there_already_needs_nothing() -> None:
    world = world_of_two()
    answer = co_terminate(world, "covered", until=later(days=90))
    assert (answer["units"], world.device("covered").associations) == (0, ())


def test_a_device_whose_license_waits_for_a_network_has_no_end_to_count_from_yet() -> None:
    world = world_of_two()
    world.bind(world.claim()[0], world.register("A", network=False))
    world.claim("CO-TERM-LIC", 800)
    for how in ({}, {"dry_run": True}):
        with pytest.raises(Refusal, match="in no network") as caught:
            co_terminate(world, "bare", "A", until=later(days=500), **how)
        assert (caught.value.code, caught.value.extra) == ("not_started", {"serials": ["A"]})
    assert world.device("bare").associations == ()
    enter_network(world.store, at(later(days=5)), NORTH, "A", "net-1")
    co_terminate(world, "bare", "A", until=later(days=500), moment=later(days=5))
    assert world.stretches("A")[-1] == (later(days=370), later(days=500))


def test_the_date_once_promised_holds_to_the_second_whatever_happens_later() -> None:
    world = world_of_two()
    world.claim("CO-TERM-LIC", 800)
    one, two = world.claim(issued_at=NOON), world.claim(issued_at=later(days=-100))
    world.bind(one[0], "bare")
    world.bind(two[0], "bare", later(days=1))
    co_terminate(world, "bare", until=later(days=900, hours=1), moment=later(days=2))
    promised = world.stretches("bare")[-1]
    assert promised[1] == later(days=900, hours=1)
    for day, license_id in enumerate((*world.claim(issued_at=later(days=-89)), *world.claim("AP-3YR-LIC")), 3):
        world.bind(license_id, "bare", later(days=day))
    leave_network(world.store, at(later(days=6)), NORTH, "bare")
    enter_network(world.store, at(later(days=7)), NORTH, "bare", "net-2")
    world.undo("bare", later(days=8))
    assert promised in world.stretches("bare")


def test_all_devices_of_a_network_can_be_meant() -> None:
    world = world_of_two()
    world.claim("CO-TERM-LIC", 200)
    leave_network(world.store, at(), NORTH, "covered")
    body = co_terminate_devices(world.store, at(), NORTH, UNTIL, Chosen(network_id="net-1")).body
    assert [each["serial"] for each in body["devices"]] == ["bare"]
    with pytest.raises(Refusal, match="no such network"):
        co_terminate_devices(world.store, at(), NORTH, UNTIL, Chosen(network_id="net-9"))


def test_what_comes_after_is_queued_and_what_was_before_is_final() -> None:  # D24
    world = world_of_two()
    world.claim("CO-TERM-LIC", 200)
    [before], [after] = world.claim(), world.claim()
    world.bind(before, "bare")
    co_terminate(world, "bare", until=later(days=400))
    world.bind(after, "bare")
    assert world.coverage("bare").end("pro") == later(days=765)
    assert world.undo("bare") == after
    with pytest.raises(Refusal, match="which is final") as caught:
        world.undo("bare")
    assert caught.value.code == "not_latest"


def test_many_devices_end_together() -> None:
    world = World()
    serials = [world.register(f"A{number:03}") for number in range(120)]
    world.claim("CO-TERM-LIC", 120)
    co_terminate(world, *serials, until=NOON + timedelta(hours=3))
    assert {world.coverage(serial).end("pro") for serial in serials} == {later(hours=3)}


def test_what_takes_several_steps_goes_on_where_it_was_cut_off_and_answers_the_whole() -> None:
    """More devices than fit one transaction; each call of the same key has time for one step."""
    world, key = World(), IdempotencyKey.of("tester", "intent-1", "one end")
    serials = world.register_many(200)
    world.claim("CO-TERM-LIC", quantity=40_000)
    shown = co_terminate(world, *serials, dry_run=True)
    with pytest.raises(Refusal) as caught:
        co_terminate(world, *serials, idempotency_key=key, seconds=0)
    assert caught.value.code == "unfinished"
    whole = co_terminate(world, *serials, idempotency_key=key)
    assert whole == {name: value for name, value in shown.items() if name not in ("dry_run", "plan")}
    assert {world.coverage(serial).end("pro") for serial in serials} == {UNTIL}
    assert co_terminate(world, *serials, dry_run=True)["available"] == 40_000 - whole["units"]
