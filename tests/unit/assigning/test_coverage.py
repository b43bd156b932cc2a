"""Coverage, example by example: the rules of D19-D23 with dates a licensing clerk can check by hand."""

from datetime import timedelta

import pytest

from licensing.domain.assigning.timeline import timeline
from licensing.domain.core.instants import DAY
from licensing.use_cases.assigning.keep_inventory import enter_network, leave_network
from tests.worlds.assigning import FREE, NORTH, World
from tests.worlds.examples import NOON, at, later

YEAR = 365 * DAY
FORCED = 90 * DAY
SECOND = timedelta(seconds=1)


def test_a_license_on_an_uncovered_device_in_a_network_starts_when_it_is_associated() -> None:  # D19, D20
    world = World()
    [license_id] = world.claim(issued_at=NOON)
    answer = world.bind(license_id, world.register("A"), later(days=10))
    assert world.stretches("A") == [(later(days=10), later(days=375))]
    assert answer == {
        "license_id": license_id,
        "serial": "A",
        "state": "active",
        "starts_at": "2026-03-11T12:00:00Z",
        "ends_at": "2027-03-11T12:00:00Z",
        "undo_until": "2026-03-18T12:00:00Z",
        "device_end_before": None,
        "device_end_after": "2027-03-11T12:00:00Z",
    }


def test_it_waits_for_the_device_to_enter_a_network() -> None:  # D19
    world = World()
    [license_id] = world.claim(issued_at=NOON)
    assert world.bind(license_id, world.register("A", network=False), later(days=10))["state"] == "inactive"
    enter_network(world.store, at(later(days=30)), NORTH, "A", "net-1")
    assert world.stretches("A") == [(later(days=30), later(days=395))]
    coverage, [stretch] = world.coverage("A"), world.coverage("A")["pro"]
    assert [coverage.state(stretch, later(days=day)) for day in (10, 29, 30, 394, 395)] == [
        "inactive",
        "inactive",
        "active",
        "active",
        "expired",
    ]


def test_it_waits_90_days_after_issue_at_the_longest() -> None:  # D19
    world = World()
    [license_id] = world.claim(issued_at=NOON)
    world.bind(license_id, world.register("A", network=False), later(days=10))
    assert world.stretches("A") == [(NOON + FORCED, NOON + FORCED + YEAR)]
    enter_network(world.store, at(later(days=100)), NORTH, "A", "net-1")
    assert world.stretches("A") == [(NOON + FORCED, NOON + FORCED + YEAR)]


def test_a_network_the_device_had_left_before_does_not_count_and_leaving_one_pauses_nothing() -> None:  # D19, D27
    world = World()
    [first] = world.claim(issued_at=NOON)
    world.register("A")
    leave_network(world.store, at(later(days=1)), NORTH, "A")
    world.bind(first, "A", later(days=2))
    assert world.stretches("A")[0][0] == NOON + FORCED
    enter_network(world.store, at(later(days=5)), NORTH, "A", "net-2")
    leave_network(world.store, at(later(days=6)), NORTH, "A")
    assert world.stretches("A") == [(later(days=5), later(days=370))]


def test_a_license_that_burns_already_goes_on_with_the_end_it_had() -> None:  # D19, D21
    world = World()
    [license_id] = world.claim(issued_at=NOON)
    world.bind(license_id, world.register("A", network=False), later(days=190))
    assert world.stretches("A") == [(later(days=190), NOON + FORCED + YEAR)]


def test_licenses_run_in_series_to_the_second_after_the_free_period() -> None:  # D21
    world = World()
    one, two = world.claim(quantity=2, issued_at=NOON)
    world.register("A", free=FREE, now=NOON)
    world.bind(one, "A", later(days=1))
    world.bind(two, "A", later(days=2))
    free_end = NOON + 90 * DAY
    assert world.stretches("A") == [
        (NOON, free_end),
        (free_end, free_end + YEAR),
        (free_end + YEAR, free_end + 2 * YEAR),
    ]


def test_what_had_burned_before_is_missing_and_while_it_waits_it_does_not_burn() -> None:  # D21
    world = World()
    [fresh] = world.claim(issued_at=later(days=100))
    [burning] = world.claim(issued_at=NOON)
    world.bind(fresh, world.register("A"), later(days=100))
    world.bind(burning, "A", later(days=120))
    # It had burned from day 90 to day 120, and is used when the first one ends.
    assert world.stretches("A") == [
        (later(days=100), later(days=465)),
        (later(days=465), later(days=465) + YEAR - 30 * DAY),
    ]


def test_it_merges_for_seven_days_then_is_merged_then_active() -> None:  # D23
    world = World()
    one, two = world.claim(quantity=2, issued_at=NOON)
    world.bind(one, world.register("A"), NOON)
    world.bind(two, "A", later(days=1))
    coverage = world.coverage("A")
    second = coverage.stretch_of(two)
    moments = [later(days=1), later(days=8, seconds=-1), later(days=8), NOON + YEAR, NOON + 2 * YEAR]
    assert [coverage.state(second, moment) for moment in moments] == [
        "merging",
        "merging",
        "merged",
        "active",
        "expired",
    ]


def test_what_has_ended_has_ended_for_good() -> None:  # D23
    world = World()
    [license_id] = world.claim(issued_at=NOON)
    world.bind(license_id, world.register("A"), NOON)
    coverage = world.coverage("A")
    stretch = coverage.stretch_of(license_id)
    end = NOON + YEAR
    moments = [end - SECOND, end, end + SECOND, end + YEAR, end + 20 * YEAR]
    assert [coverage.state(stretch, moment) for moment in moments] == ["active"] + 4 * ["expired"]


def test_an_unlimited_ai_license_that_waits_merges_like_any_of_a_series_and_a_secupoint_one_never_does() -> None:  # D22
    world = World()
    one, two = world.claim("AI-UNL-1YR-LIC", 2)
    [first], [waiting] = world.claim("SPC-1YR-LIC"), world.claim("SPC-1YR-LIC")
    world.register("C", "camera")
    world.register("G", "gateway")
    for license_id in (one, two):
        world.bind(license_id, "C")
    world.bind(first, "G")
    leave_network(world.store, at(), NORTH, "G")
    world.bind(waiting, "G")
    camera, gateway = world.coverage("C"), world.coverage("G")
    states = [camera.state(camera.stretch_of(two), later(days=day)) for day in (0, 6, 7, 364, 365)]
    assert states == ["merging", "merging", "merged", "merged", "active"]
    states = [gateway.state(gateway.stretch_of(waiting), later(days=day)) for day in (0, 7, 89, 90)]
    assert states == ["inactive", "inactive", "inactive", "active"]


@pytest.mark.parametrize(
    ("network_day", "bind_day", "why"),
    [
        (5, 5, "Starts at 2026-03-06T12:00:00Z, when it was associated: the device was in a network and not covered."),
        (6, 5, "Starts at 2026-03-07T12:00:00Z, when the device entered a network."),
        (None, 5, "Starts at 2026-05-30T12:00:00Z, its forced activation date, unless the device"),
        # In one second with the forced activation date: the date is the reason, and it starts all the same.
        (90, 5, "Starts at 2026-05-30T12:00:00Z, its forced activation date, unless the device"),
        (89.5, 5, "Starts at 2026-05-30T00:00:00Z, when the device entered a network."),
        (5, 90, "Goes on: it had burned since 2026-05-30T12:00:00Z when it was associated."),
        (5, 89, "Starts at 2026-05-29T12:00:00Z, when it was associated: the device was in a network and not covered."),
    ],
)  # fmt: skip
def test_the_reason_of_a_start_is_the_one_there_was(network_day: float | None, bind_day: int, why: str) -> None:  # D29
    world = World()
    [license_id] = world.claim(issued_at=NOON)
    world.register("A", network=False)
    if network_day is not None and network_day <= bind_day:
        enter_network(world.store, at(later(days=network_day)), NORTH, "A", "net-1")
    world.bind(license_id, "A", later(days=bind_day))
    if network_day is not None and network_day > bind_day:
        enter_network(world.store, at(later(days=network_day)), NORTH, "A", "net-1")
    [told] = timeline(world.device("A")).stretches
    assert told.why.startswith(why)


def test_who_is_ready_first_is_served_first_and_the_other_waits_without_burning() -> None:  # D19, D21
    world = World()
    [slow] = world.claim(issued_at=NOON)
    [burning] = world.claim(issued_at=later(days=-100))
    world.register("A", network=False)
    world.bind(slow, "A", later(days=1))
    world.bind(burning, "A", later(days=2))
    ends = later(days=-10) + YEAR
    assert world.stretches("A") == [(later(days=2), ends), (ends, ends + YEAR)]
    coverage = world.coverage("A")
    assert coverage.state(coverage.stretch_of(slow), later(days=95)) == "merged"


def test_two_that_wait_for_a_network_start_in_the_order_of_their_association() -> None:
    world = World()
    [younger] = world.claim(issued_at=later(days=5))
    [older] = world.claim(issued_at=NOON)
    world.register("A", network=False)
    world.bind(younger, "A", later(days=6))
    world.bind(older, "A", later(days=7))
    assert world.coverage("A")["pro"][0].by == world.device("A").association(older)  # its forced date comes first
    enter_network(world.store, at(later(days=8)), NORTH, "A", "net-1")
    assert world.coverage("A")["pro"][0].by == world.device("A").association(younger)


def test_unlimited_ai_runs_beside_pro_on_a_chain_of_its_own() -> None:
    world = World()
    [pro], [ai] = world.claim("CAM-1YR-LIC"), world.claim("AI-UNL-3YR-LIC")
    world.register("C", "camera")
    world.bind(pro, "C", later(days=1))
    world.bind(ai, "C", later(days=2))
    coverage = world.coverage("C")
    assert coverage.end("pro") == later(days=366)
    assert coverage.end("unlimited_ai") == later(days=2 + 1095)


def test_secupoint_seats_add_up_while_they_run_whatever_pro_does() -> None:  # D22
    world = World()
    [one_year], [three_years] = world.claim("SPC-1YR-LIC"), world.claim("SPC-3YR-LIC")
    world.register("G", "gateway")
    world.bind(one_year, "G", later(days=1))
    world.bind(three_years, "G", later(days=2))
    coverage = world.coverage("G")
    assert [coverage.seats(later(days=day)) for day in (0, 1, 2, 366, 1097)] == [2, 22, 32, 12, 2]
    assert not coverage.covered(later(days=2))


def test_an_expired_device_is_not_managed_and_the_free_period_counts_as_coverage() -> None:  # D30
    world = World()
    world.register("A", free=FREE, now=NOON)
    coverage = world.coverage("A")
    assert [coverage.device_state(later(days=day)) for day in (0, 89, 90)] == ["active", "active", "expired"]
    world.register("B")
    assert world.coverage("B").device_state(NOON) == "inactive"


def test_every_stretch_is_explained() -> None:  # D29
    world = World()
    [first], [burning], [waiting] = (
        world.claim(issued_at=later(days=150)),
        world.claim(issued_at=NOON),
        world.claim("AP-3YR-LIC", issued_at=later(days=150)),
    )
    world.register("A", free=FREE, now=NOON, network=False)
    world.bind(burning, "A", later(days=100))
    world.bind(first, "A", later(days=160))
    world.bind(waiting, "A", later(days=161))
    told = timeline(world.device("A")).model_dump(mode="json")["stretches"]
    assert [(each["from"], each["until"]) for each in told] == [
        ("2026-03-01T12:00:00Z", "2026-05-30T12:00:00Z"),
        ("2026-06-09T12:00:00Z", "2027-05-30T12:00:00Z"),
        ("2027-05-30T12:00:00Z", "2028-05-29T12:00:00Z"),
        ("2028-05-29T12:00:00Z", "2031-05-29T12:00:00Z"),
    ]
    assert [each["why"] for each in told] == [
        "The device's free period of 90 days, counted from its first registration.",
        "Goes on: it had burned since 2026-05-30T12:00:00Z when it was associated. "
        "Of its 365 days, 10 days had burned before; 355 days were left.",
        "Starts at 2027-05-30T12:00:00Z, when what covered the device before ends. Brings its whole term of 365 days.",
        "Starts at 2028-05-29T12:00:00Z, when what covered the device before ends. Brings its whole term of 1095 days.",
    ]
    assert told[1] == {
        "from": "2026-06-09T12:00:00Z",
        "until": "2027-05-30T12:00:00Z",
        "source": "license",
        "license_id": burning,
        "license_model": "AP-1YR-LIC",
        "key_fingerprint": "00002-…-…-…-*****",
        "po_number": "PO-2",
        "line": 1,
        "why": told[1]["why"],
    }


@pytest.mark.parametrize("network", [True, False])
def test_an_undone_license_keeps_what_it_burned_and_stops_until_it_is_taken_again(network: bool) -> None:  # D24
    world = World()
    [license_id] = world.claim(issued_at=NOON)
    world.bind(license_id, world.register("A"), later(days=10))
    world.undo("A", later(days=13))
    free = world.license(license_id)
    assert free is not None
    assert (free.free_state(later(days=50)), free.burned_by(later(days=50))) == ("inactive", 3 * DAY)
    assert free.burns_until == NOON + FORCED + YEAR - 3 * DAY
    world.bind(license_id, world.register("B", network=network), later(days=60))
    start = later(days=60) if network else NOON + FORCED
    assert world.stretches("B") == [(start, start + YEAR - 3 * DAY)]


def test_undone_after_its_forced_date_it_burns_on_from_the_undoing() -> None:  # D19, D24
    world = World()
    one, two = world.claim(quantity=2, issued_at=NOON)
    world.bind(one, world.register("A"), later(days=89))
    world.bind(two, "A", later(days=89))
    world.undo("A", later(days=95))
    free = world.license(two)
    assert free is not None
    assert (free.free_state(later(days=95)), free.burns_until) == ("active", later(days=95) + YEAR)
