"""Dates that were told wrongly once, example by example, with the instants at which it was seen (D19-D31)."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from licensing.domain.assigning.requests import Pair
from licensing.domain.assigning.timeline import timeline
from licensing.domain.assigning.views import DeviceView
from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.domain.inventory.views import Devices, LicenseView
from licensing.domain.planning.reminders import upcoming_of
from licensing.listings import LedgerOf
from licensing.use_cases.assigning.associate import associate_pairs
from licensing.use_cases.assigning.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.assigning.keep_inventory import (
    deregister_device,
    enter_network,
    leave_network,
    move_devices,
    replace_device,
)
from licensing.use_cases.inventory.count_licenses import count_licenses
from licensing.use_cases.inventory.list_licenses import list_licenses
from licensing.use_cases.inventory.read_devices import device_at, devices_then
from tests.worlds.assigning import FREE, NORTH, SOUTH, World
from tests.worlds.examples import at

TERM, FORCED = 365 * DAY, 90 * DAY


def the_24th(clock: str) -> datetime:
    """That day in November 2026, at `14:47:25`."""
    return datetime.fromisoformat(f"2026-11-24T{clock}Z").astimezone(UTC)


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T14:00:00Z").astimezone(UTC)


NOW = the_24th("14:00:00")


def row(world: World, license_id: str, moment: datetime) -> LicenseView:
    rows = list_licenses(world.store, NORTH, LicenseFilter(), moment, moment, 1000, None).items
    return next(each for each in rows if each.license_id == license_id)


def stretches(world: World, serial: str) -> list[tuple[datetime, datetime, str | None]]:
    return [(each.since, each.until, each.license_id) for each in timeline(world.device(serial)).stretches]


# --- 1: the past of one device, while others change ---


def test_one_device_is_read_in_the_past_whatever_became_of_the_others_since() -> None:  # D31
    world = World()
    world.register("A", now=NOW)
    world.register("B", now=NOW)
    [license_id] = world.claim(issued_at=NOW)
    world.bind(license_id, "B", NOW + DAY)
    leave_network(world.store, at(NOW + 2 * DAY), NORTH, "B")
    assert device_at(world.store, NORTH, "A", NOW, NOW + 3 * DAY) == world.device("A").evolve(version=0, told_in=None)
    assert device_at(world.store, NORTH, "B", NOW, NOW + 3 * DAY).associations == ()
    with pytest.raises(Refusal, match="no such device"):
        device_at(world.store, NORTH, "A", NOW - DAY, NOW + 3 * DAY)


def test_as_of_the_second_of_a_command_it_is_done_although_its_commit_came_later() -> None:  # D31
    """Decided late in one second, committed early in the next."""
    world = World()
    world.register("A", now=NOW, network=False)
    slow = at(NOW + timedelta(seconds=5, milliseconds=900), _since=time.monotonic() - 0.5)
    enter_network(world.store, slow, NORTH, "A", "net-1")
    assert next(world.store.every(LedgerOf(f"org/{NORTH}"))).entry_id.startswith("2026-11-24T14:00:06")
    then = {s: device_at(world.store, NORTH, "A", NOW + timedelta(seconds=s), NOW + DAY).network_id for s in (4, 5, 6)}
    assert then == {4: None, 5: "net-1", 6: "net-1"}
    [listed] = devices_then(world.store, NORTH, NOW + timedelta(seconds=5))
    assert listed.network_id == "net-1"


# --- 2: one that has ended keeps its end ---


def test_a_license_that_was_over_when_it_was_undone_keeps_its_end() -> None:  # D21, D24
    world = World()
    end = the_24th("14:47:25")
    [license_id] = world.claim(issued_at=end - TERM - FORCED)
    world.bind(license_id, world.register("A", now=the_24th("14:47:00")), the_24th("14:47:20"))
    world.undo("A", the_24th("14:47:28"))
    told = row(world, license_id, the_24th("14:47:30"))
    assert (told.state, told.expires_at, told.activation_at) == ("expired", end, end - TERM)
    assert (told.activated, told.starts_at) == (True, None)
    assert stretches(world, "A") == [(the_24th("14:47:20"), end, license_id)]


# --- 3: once activated, the date stays ---


def test_a_license_that_burned_before_keeps_its_activation_date_through_an_undo() -> None:  # D24
    world = World()
    since = day("2025-11-24")
    [license_id] = world.claim("AP-3YR-LIC", issued_at=since - FORCED)
    world.bind(license_id, world.register("A", now=NOW), NOW)
    world.undo("A", NOW + DAY)
    assert row(world, license_id, NOW + 2 * DAY).activation_at == since
    world.bind(license_id, world.register("B", now=NOW), NOW + 3 * DAY)
    told = row(world, license_id, NOW + 4 * DAY)
    assert (told.activation_at, told.activated, told.expires_at) == (since, True, since + 3 * TERM)


def test_a_license_that_was_undone_before_its_forced_date_stays_activated() -> None:  # D24
    world = World()
    [license_id] = world.claim(issued_at=NOW - DAY)
    world.bind(license_id, world.register("A", now=NOW), NOW)
    world.undo("A", NOW + DAY)
    told = row(world, license_id, NOW + 2 * DAY)
    assert (told.state, told.activated, told.activation_at, told.starts_at) == (
        "inactive",
        True,
        NOW,
        NOW + 89 * DAY,
    )
    assert told.expires_at == NOW + 89 * DAY + TERM - DAY


def test_one_that_was_undone_in_its_turns_very_second_had_started() -> None:  # D24
    world = World()
    [license_id] = world.claim(issued_at=NOW)
    world.bind(license_id, world.register("A", now=NOW), NOW)
    world.undo("A", NOW)
    told = row(world, license_id, NOW + DAY)
    assert (told.activated, told.activation_at, told.expires_at) == (True, NOW, NOW + FORCED + TERM)
    assert stretches(world, "A") == []


def test_one_that_never_had_its_turn_starts_at_the_undo_if_its_forced_date_is_over() -> None:  # D19, D24
    world = World()
    one, two = world.claim(quantity=2, issued_at=NOW)
    world.bind(one, world.register("A", now=NOW), NOW + 88 * DAY)
    world.bind(two, "A", NOW + 88 * DAY)
    world.undo("A", NOW + 93 * DAY)
    told = row(world, two, NOW + 100 * DAY)
    assert (told.activation_at, told.activated, told.expires_at) == (NOW + 93 * DAY, True, NOW + 93 * DAY + TERM)


# --- 4: what starts by force lies ahead ---


def test_the_next_forced_activation_is_never_in_the_past() -> None:  # D31, D34
    world = World()
    [license_id] = world.claim(issued_at=NOW)
    world.bind(license_id, world.register("A", now=NOW), the_24th("14:34:40"))
    world.undo("A", the_24th("14:34:41"))
    world.bind(license_id, world.register("B", now=NOW, network=False), the_24th("14:34:43"))
    devices = {serial: world.device(serial) for serial in ("A", "B")}
    held = [one for one in [world.license(license_id)] if one]
    told = count_licenses(world.store, NORTH, the_24th("14:34:45"), the_24th("14:34:45"))
    assert told.next_forced_activation is not None
    assert (told.next_forced_activation.at, told.next_forced_activation.count) == (NOW + FORCED, 1)
    told_row = row(world, license_id, the_24th("14:34:45"))
    assert (told_row.activation_at, told_row.starts_at) == (the_24th("14:34:40"), NOW + FORCED)
    assert [(each.at, each.event) for each in upcoming_of(held, Devices(devices), NOW)] == [(NOW + FORCED, "starts")]


# --- 5: nothing burns in retrospect ---


def test_after_an_undo_the_next_starts_at_the_undo_and_not_when_it_could_have() -> None:  # D21, D24
    world = World()
    [waits], [burns] = (
        world.claim("CAM-1YR-LIC", issued_at=NOW),
        world.claim("CAM-1YR-LIC", issued_at=NOW - 100 * DAY),
    )
    world.register("C", "camera", now=NOW, network=False)
    world.bind(waits, "C", the_24th("14:40:01"))
    world.bind(burns, "C", the_24th("14:40:02"))
    enter_network(world.store, at(the_24th("14:40:03")), NORTH, "C", "net-1")
    assert row(world, waits, the_24th("14:40:08")).state == "merging"
    world.undo("C", the_24th("14:40:09"))
    told = row(world, waits, the_24th("14:40:09"))
    assert (told.state, told.activation_at, told.expires_at) == (
        "active",
        the_24th("14:40:09"),
        the_24th("14:40:09") + TERM,
    )
    assert stretches(world, "C") == [
        (the_24th("14:40:02"), the_24th("14:40:09"), burns),
        (the_24th("14:40:09"), the_24th("14:40:09") + TERM, waits),
    ]
    whys = [each.why for each in timeline(world.device("C")).stretches]
    assert whys[0].startswith("Goes on: it had burned since")
    assert whys[0].endswith("Its association was undone at 2026-11-24T14:40:09Z; what had burned stays burned.")
    assert whys[1].startswith("Starts at 2026-11-24T14:40:09Z, when the license that ran before was taken back.")


def test_behind_one_that_ended_by_itself_the_next_keeps_its_start_whatever_is_undone_then() -> None:  # D21
    world = World()
    [waits], [ends] = (world.claim(issued_at=NOW), world.claim(issued_at=NOW - TERM - FORCED + DAY))
    world.register("A", now=NOW, network=False)
    world.bind(waits, "A", NOW)
    world.bind(ends, "A", NOW)
    enter_network(world.store, at(NOW + timedelta(hours=1)), NORTH, "A", "net-1")
    world.undo("A", NOW + 3 * DAY)
    assert stretches(world, "A") == [(NOW, NOW + DAY, ends), (NOW + DAY, NOW + DAY + TERM, waits)]
    assert "when what covered the device before ends" in timeline(world.device("A")).stretches[1].why


def test_two_that_came_in_one_second_are_told_apart_when_the_later_is_undone() -> None:  # D21
    """The first waited for a network when the second began to run, and waits again."""
    world = World()
    [waits], [burns] = world.claim(issued_at=NOW), world.claim(issued_at=NOW - 100 * DAY)
    world.register("A", now=NOW, network=False)
    world.bind(waits, "A", NOW)
    world.bind(burns, "A", NOW)
    world.undo("A", NOW + DAY)
    assert stretches(world, "A") == [(NOW, NOW + DAY, burns), (NOW + FORCED, NOW + FORCED + TERM, waits)]


# --- 6: a date that was promised ---


def test_no_date_is_promised_while_a_license_waits_for_a_network() -> None:  # D28
    world = World()
    [license_id] = world.claim(issued_at=day("2026-11-04"))
    world.bind(license_id, world.register("A", now=NOW, network=False), NOW)
    world.claim("CO-TERM-LIC", 1000, issued_at=NOW)
    until, asked = day("2028-02-12"), Chosen(serials=["A"])
    with pytest.raises(Refusal) as caught:
        co_terminate_devices(world.store, at(NOW), NORTH, until, asked)
    assert caught.value.code == "not_started"
    # Nor while another license runs meanwhile.
    [burns] = world.claim(issued_at=NOW - 100 * DAY)
    world.bind(burns, "A", NOW)
    with pytest.raises(Refusal, match="in no network"):
        co_terminate_devices(world.store, at(NOW), NORTH, until, asked)
    world.undo("A", NOW)
    enter_network(world.store, at(NOW), NORTH, "A", "net-1")
    assert co_terminate_devices(world.store, at(NOW), NORTH, until, asked).body["units"] == 80
    assert DeviceView.of(world.device("A"), NOW).expires_at == until


# --- 7: several pairs for one device ---


@pytest.mark.parametrize("dry_run", [True, False])
def test_several_pairs_for_one_device_are_answered_as_they_stand_at_the_end(dry_run: bool) -> None:  # D26
    world = World()
    [waits] = world.claim("CAM-1YR-LIC", issued_at=day("2026-11-04"))
    [burns] = world.claim("CAM-3YR-LIC", issued_at=day("2029-08-05") - 3 * TERM - FORCED)
    world.register("C", "camera", now=NOW, network=False)
    pairs = [Pair(license_id=each, serial="C") for each in (waits, burns)]
    answer = associate_pairs(world.store, at(NOW, dry_run=dry_run), NORTH, pairs).body["associations"]
    assert [(each["license_id"], each["state"], each["ends_at"]) for each in answer] == [
        (waits, "merging", "2030-08-05T14:00:00Z"),
        (burns, "active", "2029-08-05T14:00:00Z"),
    ]
    ends = {(each["device_end_before"], each["device_end_after"]) for each in answer}
    assert ends == {(None, "2030-08-05T14:00:00Z")}
    if not dry_run:
        for each in answer:
            told = row(world, each["license_id"], NOW).model_dump(mode="json")
            assert (told["state"], told["expires_at"]) == (each["state"], each["ends_at"])


# --- 8: what is parked ---


def test_a_parked_license_that_never_started_has_no_activation_date() -> None:  # D27
    world = World()
    [license_id] = world.claim(issued_at=NOW)
    world.bind(license_id, world.register("A", now=NOW, network=False), NOW)
    deregister_device(world.store, at(NOW + DAY), NORTH, "A")
    lost = NOW + 31 * DAY
    for moment, state in ((NOW + 2 * DAY, "inactive"), (lost, "expired"), (lost + DAY, "expired")):
        told = row(world, license_id, moment)
        assert (told.state, told.activation_at, told.activated, told.starts_at) == (state, None, False, None)
        assert told.expires_at == lost


def test_a_parked_license_that_had_started_keeps_its_date_and_ends_when_it_is_lost() -> None:  # D27
    world = World()
    [license_id] = world.claim(issued_at=NOW)
    world.bind(license_id, world.register("A", now=NOW), NOW)
    deregister_device(world.store, at(NOW + DAY), NORTH, "A")
    told = row(world, license_id, NOW + 40 * DAY)
    assert (told.state, told.activation_at, told.activated, told.expires_at) == (
        "expired",
        NOW,
        True,
        NOW + 31 * DAY,
    )


def test_why_a_license_beside_pro_starts_says_nothing_of_pro() -> None:  # D22, D29
    world = World()
    [pro], [ai], [more] = (
        world.claim(sku, issued_at=NOW) for sku in ("CAM-1YR-LIC", "AI-UNL-1YR-LIC", "AI-UNL-1YR-LIC")
    )
    world.register("C", "camera", now=NOW)
    for license_id in (pro, ai, more):
        world.bind(license_id, "C", NOW)
    whys = {each.license_id: each.why for each in timeline(world.device("C")).stretches}
    assert whys[pro].startswith(
        "Starts at 2026-11-24T14:00:00Z, when it was associated: the device was in a network and"
    )
    assert "in a network, and had no running license of this kind." in whys[ai]
    assert "when what covered the device before ends" in whys[more]


# --- replacement: the free period goes along ---


def registered_again(world: World, serial: str, org_id: str, now: datetime) -> DeviceView:
    world.register(serial, now=now, org_id=org_id, free=FREE)
    return DeviceView.of(world.device(serial, org_id), now)


def test_a_replaced_units_serial_has_no_free_period_wherever_it_is_registered_again() -> None:  # D27
    for org_id in (NORTH, SOUTH):
        world = World()
        world.register("old", now=NOW, free=FREE)
        replace_device(world.store, at(NOW + 10 * DAY), NORTH, "old", "new")
        assert DeviceView.of(world.device("new"), NOW + 10 * DAY).expires_at == NOW + 90 * DAY
        again = registered_again(world, "old", org_id, NOW + 11 * DAY)
        assert (again.managed, again.expires_at, again.license_state) == (False, None, "inactive")


def test_the_new_unit_takes_the_free_period_along_wherever_it_goes() -> None:  # D18, D27
    world = World()
    world.register("old", now=NOW, free=FREE)
    replace_device(world.store, at(NOW + 10 * DAY), NORTH, "old", "new")
    deregister_device(world.store, at(NOW + 11 * DAY), NORTH, "new")
    assert registered_again(world, "new", SOUTH, NOW + 12 * DAY).expires_at == NOW + 90 * DAY


def test_a_unit_that_was_known_before_takes_the_others_free_period_for_its_own() -> None:  # D27
    world = World()
    world.register("old", now=NOW, free=FREE)
    world.register("new", now=NOW + 30 * DAY, free=FREE)
    replace_device(world.store, at(NOW + 40 * DAY), NORTH, "old", "new")
    assert DeviceView.of(world.device("new"), NOW + 40 * DAY).expires_at == NOW + 90 * DAY
    deregister_device(world.store, at(NOW + 41 * DAY), NORTH, "new")
    assert registered_again(world, "new", SOUTH, NOW + 42 * DAY).expires_at == NOW + 90 * DAY


def test_a_unit_that_had_none_gives_none_to_the_known_one_that_replaces_it() -> None:  # D27
    world = World()
    world.register("old", now=NOW)
    world.register("new", now=NOW, free=FREE)
    replace_device(world.store, at(NOW + DAY), NORTH, "old", "new")
    deregister_device(world.store, at(NOW + 2 * DAY), NORTH, "new")
    assert registered_again(world, "new", SOUTH, NOW + 3 * DAY).expires_at is None


def test_what_waited_behind_a_free_period_that_is_gone_starts_no_earlier_than_that_is_known() -> None:  # D21, D27
    """Parked here, replaced elsewhere, and back: the free period ends now, not in the past."""
    world = World()
    [license_id] = world.claim(issued_at=NOW, org_id=SOUTH)
    world.register("old", now=NOW, org_id=SOUTH, free=FREE)
    world.bind(license_id, "old", NOW + DAY, SOUTH)
    deregister_device(world.store, at(NOW + 2 * DAY), SOUTH, "old")
    world.register("old", now=NOW + 3 * DAY, free=FREE)
    replace_device(world.store, at(NOW + 4 * DAY), NORTH, "old", "new")
    registered_again(world, "old", SOUTH, NOW + 5 * DAY)
    told = timeline(world.device("old", SOUTH)).stretches
    assert [(each.since, each.until) for each in told] == [
        (NOW, NOW + 5 * DAY),
        (NOW + 5 * DAY, NOW + 5 * DAY + TERM),
    ]
    assert "ended at 2026-11-29T14:00:00Z: another unit took the device's place" in told[0].why
    # Nor does whoever replaces it once more get that free period a second time.
    replace_device(world.store, at(NOW + 6 * DAY), SOUTH, "old", "third")
    assert world.serial("third").free_days == 0  # type: ignore[union-attr]


# --- what is told of a device beside Pro ---


def test_a_device_is_managed_while_its_pro_chain_covers_it_and_the_rest_is_told_beside() -> None:  # D30
    world = World()
    [ai] = world.claim("AI-UNL-1YR-LIC", issued_at=NOW)
    world.bind(ai, world.register("C", "camera", now=NOW), NOW)
    told = DeviceView.of(world.device("C"), NOW).model_dump(mode="json")
    assert (told["managed"], told["expires_at"], told["license_state"]) == (False, None, "inactive")
    assert told["beside"] == [{"chain": "unlimited_ai", "covered": True, "ends_at": "2027-11-24T14:00:00Z"}]


def test_undone_stretches_stay_when_the_device_moves_is_replaced_or_comes_back() -> None:  # D24, D27
    world = World()
    [license_id] = world.claim(issued_at=NOW)
    world.bind(license_id, world.register("A", now=NOW), NOW)
    world.undo("A", NOW + DAY)
    told: list[Any] = stretches(world, "A")
    replace_device(world.store, at(NOW + 2 * DAY), NORTH, "A", "B")
    assert stretches(world, "B") == told
    deregister_device(world.store, at(NOW + 3 * DAY), NORTH, "B")
    world.register("B", now=NOW + 4 * DAY)
    move_devices(world.store, at(NOW + 5 * DAY), NORTH, SOUTH, ("B",))
    assert [(each.since, each.until) for each in timeline(world.device("B", SOUTH)).stretches] == [(NOW, NOW + DAY)]
