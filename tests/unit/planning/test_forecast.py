"""The forecast is what later is true, unless somebody acts (D37, D38)."""

from datetime import UTC, datetime

import pytest

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.core.instants import DAY
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.planning.forecast import forecast
from licensing.domain.planning.views import AtRiskView, ForecastView
from licensing.listings import DevicesOf, LicensesOf
from tests.worlds.assigning import FREE, NORTH, World
from tests.worlds.examples import NOON


def forecast_of(world: World, at: datetime = NOON, months: int = 24) -> ForecastView:
    licenses = world.store.every(LicensesOf(NORTH))
    free = [each for each in licenses if isinstance(each, Block) or each.is_free]
    return forecast(world.store.every(DevicesOf(NORTH)), free, at, months)


def devices_of(world: World) -> list[Device]:
    return list(world.store.every(DevicesOf(NORTH)))


@pytest.fixture
def world() -> World:
    """An org that has lived: what runs, what waits, what has expired, and stock of several ages."""
    world = World()
    world.register("RUNS")
    world.bind(world.claim()[0], "RUNS")
    world.register("WAITS", network=False)
    world.bind(world.claim()[0], "WAITS")
    world.register("EXPIRED", now=NOON - 500 * DAY)
    world.bind(world.claim(issued_at=NOON - 500 * DAY)[0], "EXPIRED", NOON - 500 * DAY)
    world.register("FREE", free=FREE)
    world.register("BARE")
    world.register("CAMERA", "camera")
    world.claim(quantity=2, issued_at=NOON - 30 * DAY)
    world.claim(quantity=1, issued_at=NOON - 200 * DAY)
    world.claim("CAM-3YR-LIC", quantity=1)
    return world


def test_the_months_begin_with_this_one_and_go_over_the_year(world: World) -> None:
    months = [each.month for each in forecast_of(world, datetime(2026, 11, 24, tzinfo=UTC), 3).months]
    assert months == ["2026-11", "2026-12", "2027-01"]


def test_as_things_stand_it_is_the_coverage_at_each_months_last_second(world: World) -> None:
    for month in forecast_of(world).months:
        year, number = map(int, month.month.split("-"))
        last = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC) - DAY / 86_400
        managed = sum(coverage_of(each).covered(last) for each in devices_of(world))
        assert month.managed_if_nothing_is_done == managed, month.month


def test_with_stock_it_is_what_automatic_association_makes_true(world: World) -> None:
    """D25: bound as that binds, it is the same as what is then forecast as things stand."""
    before = forecast_of(world)
    world.bind_all()
    after = forecast_of(world)
    assert [each.managed_with_stock for each in before.months] == [
        each.managed_if_nothing_is_done for each in after.months
    ]
    assert before.months[0].managed_with_stock > before.months[0].managed_if_nothing_is_done


def test_what_is_forecast_today_is_forecast_tomorrow(world: World) -> None:
    """D37: as of a later instant, unless somebody acts, exactly that is true."""
    today, later = forecast_of(world), forecast_of(world, NOON + 90 * DAY)
    expected = {each.month: each.managed_if_nothing_is_done for each in today.months}
    told = {each.month: each.managed_if_nothing_is_done for each in later.months}
    assert told.keys() & expected.keys()
    assert all(told[month] == expected[month] for month in told.keys() & expected.keys())


def test_each_end_and_each_forced_start_is_told_in_its_month(world: World) -> None:
    found = forecast_of(world)
    ends = [end for each in devices_of(world) if (end := coverage_of(each).end("pro")) and end > NOON]
    assert sum(each.ending for each in found.months) == len(ends)
    # The two of 30 days ago start by force 60 days from now, the camera's 90 days from now.
    forced = {each.month: each.forced_activations for each in found.months if each.forced_activations}
    assert forced == {f"{NOON + 60 * DAY:%Y-%m}": 2, f"{NOON + 90 * DAY:%Y-%m}": 1} or sum(forced.values()) == 3


def test_what_burns_unused_is_told_in_licenses_and_money(world: World) -> None:
    # D38: 50.00 in 365 days is 13.7 cents a day.
    assert forecast_of(world).at_risk == AtRiskView(licenses=1, days_a_day=1, amount_a_day="0.14")


def test_an_empty_org_has_nothing_to_lose() -> None:
    found = forecast([], [], NOON, 1)
    assert found.months[0].devices == 0
    assert found.at_risk.amount_a_day == "0.00"


def test_a_license_that_was_taken_back_is_stock_again() -> None:
    world = World()
    world.register("A")
    (license_id,) = world.claim()
    world.bind(license_id, "A")
    world.undo("A", NOON + DAY)
    assert isinstance(world.license(license_id), License)
    assert forecast_of(world, NOON + DAY).months[1].managed_with_stock == 1
