"""Renewals: what has to be bound and bought so that devices are covered until an instant (D39)."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.core.instants import DAY
from licensing.domain.licenses.catalog import catalog
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.ordering.quotes import Quote
from licensing.domain.planning.plans import ChainPlan, DevicePlan
from licensing.domain.planning.price_list import PriceList, Strategy
from licensing.domain.planning.renewal_drafts import draft_renewal
from licensing.domain.planning.renewal_plan import Aim, Planner
from licensing.domain.planning.renewal_stock import RenewalStock
from licensing.domain.planning.renewals import Renewal, RenewalPart, renewal_view
from licensing.domain.planning.requests import RenewalRequest
from tests.worlds.assigning import NORTH, key_of
from tests.worlds.examples import NOON

VALID = 30 * DAY


def aim(until: datetime, strategy: Strategy = "lowest_price", *, co_term: bool = True, now: datetime = NOON) -> Aim:
    return Aim(until, now, now + VALID, strategy, co_term)


def device(serial: str = "A", category: str = "ap", *, network: bool = True, free: int = 0, **more: object) -> Device:
    return Device.model_validate(
        {
            "org_id": NORTH,
            "serial": serial,
            "model": "ECW230S",
            "category": category,
            "registered_at": NOON - 400 * DAY,
            "free_since": NOON - 400 * DAY,
            "free_days": free,
            "network_id": "net-1" if network else None,
        }
        | more
    )


def block(sku: str, quantity: int, issued_at: datetime, number: int = 1) -> Block:
    return Block.of(key_of(sku, quantity, issued_at, number), NORTH, issued_at)


def bound(to: Device, one: License, at: datetime) -> Device:
    return to.plus(Association.of(one, at, networked=to.network_id is not None))


def plan(of: Device, to: Aim, stock: Iterable[Block | License] = ()) -> DevicePlan:
    return Planner(to, catalog().values(), RenewalStock.of(stock, to.valid_until)).plan(of)


def pro(of: Device, to: Aim, stock: Iterable[Block | License] = ()) -> ChainPlan:
    found = plan(of, to, stock)
    assert found.left_out is None, found.left_out
    return found.chains[0]


def bought(found: ChainPlan) -> Counter[str]:
    return found.quantities("purchase")


def stocked(found: ChainPlan) -> Counter[str]:
    return found.quantities("stock")


def test_a_device_never_covered_is_covered_from_the_earliest_day_it_can_be() -> None:
    found = pro(device(), aim(NOON + 365 * DAY))
    assert (found.current_end, bought(found)) == (None, {"AP-1YR-LIC": 1})
    assert found.new_end == NOON + 365 * DAY


def test_a_day_more_costs_a_unit_and_not_another_year() -> None:
    found = pro(device(), aim(NOON + 366 * DAY))
    assert bought(found) == {"AP-1YR-LIC": 1, "CO-TERM-LIC": 1}
    assert found.new_end == NOON + 366 * DAY


def test_without_co_termination_the_next_longer_term_is_bought() -> None:
    found = pro(device(), aim(NOON + 366 * DAY, co_term=False))
    # Two single years cost less than three years at once.
    assert bought(found) == {"AP-1YR-LIC": 2}


def test_three_years_at_once_cost_less_than_three_single_ones() -> None:
    assert bought(pro(device(), aim(NOON + 1095 * DAY))) == {"AP-3YR-LIC": 1}


def test_what_ends_later_needs_nothing() -> None:
    found = pro(device(free=900), aim(NOON + 100 * DAY))
    assert not bought(found)
    assert not stocked(found)
    assert found.new_end == found.current_end == NOON + 500 * DAY


def test_stock_is_used_first_the_earliest_forced_activation_before_all_others() -> None:
    stock = [block("AP-3YR-LIC", 1, NOON - 3 * DAY, 1), block("AP-1YR-LIC", 5, NOON - 9 * DAY, 2)]
    found = pro(device(free=500), aim(NOON + 500 * DAY, co_term=False), stock)
    assert stocked(found) == {"AP-1YR-LIC": 2}
    assert found.new_end == NOON + 100 * DAY + 2 * 365 * DAY


def test_stock_that_burns_brings_what_is_left_when_the_draft_ends() -> None:
    """D21: a license that burns already brings only what is left of it, and a draft may be carried out on its last
    day."""
    stock = [block("AP-1YR-LIC", 1, NOON - 100 * DAY)]
    found = pro(device(free=500), aim(NOON + 900 * DAY, co_term=False), stock)
    # 10 days are gone, 30 more will be.
    assert found.new_end == NOON + (100 + 325 + 365 + 365) * DAY


def test_units_of_the_stock_are_spent_before_others_are_bought() -> None:
    stock = [block("CO-TERM-LIC", 3, NOON)]
    found = pro(device(), aim(NOON + 370 * DAY), stock)
    assert stocked(found) == {"CO-TERM-LIC": 3}
    assert bought(found) == {"AP-1YR-LIC": 1, "CO-TERM-LIC": 2}


def test_nothing_is_co_terminated_while_a_license_waits_for_a_network() -> None:
    """D28: its end is not certain yet."""
    waiting = bound(device(network=False), block("AP-1YR-LIC", 1, NOON).license(1), NOON)
    assert "CO-TERM-LIC" not in bought(pro(waiting, aim(NOON + 500 * DAY)))


def test_a_lite_device_gets_lite_licenses_and_a_camera_its_ai_as_well_as_long_as_it_has_it() -> None:
    lite = pro(device(series="lite"), aim(NOON + 300 * DAY, co_term=False))
    assert bought(lite) == {"APL-1YR-LIC": 1}
    camera = bound(device(category="camera"), block("AI-UNL-1YR-LIC", 1, NOON).license(1), NOON)
    found = plan(camera, aim(NOON + 700 * DAY, co_term=False))
    assert [(each.type, dict(bought(each))) for each in found.chains] == [
        ("pro", {"CAM-1YR-LIC": 2}),
        ("unlimited_ai", {"AI-UNL-1YR-LIC": 1}),
    ]
    assert len(plan(device(category="camera"), aim(NOON + 700 * DAY)).chains) == 1


def test_seats_are_renewed_license_by_license_with_what_lasts_until_then() -> None:
    """D22: whatever is new runs beside the old one, from its association on."""
    gateway = bound(device(category="gateway"), block("SPC-1YR-LIC", 1, NOON).license(1), NOON)
    found = plan(gateway, aim(NOON + 900 * DAY))
    seats = next(each for each in found.chains if each.type == "secupoint")
    # Twenty seats: a year would end before, so two times ten for three years.
    assert (bought(seats), seats.new_end) == ({"SPC-3YR-LIC": 2}, NOON + 1095 * DAY)


def test_seats_that_no_license_lasts_for_leave_the_device_out_and_the_stock_untouched() -> None:
    gateway = bound(device(category="gateway"), block("SPC-1YR-LIC", 1, NOON).license(1), NOON)
    stock = RenewalStock.of([block("GW-1YR-LIC", 1, NOON, 2)], NOON + VALID)
    found = Planner(aim(NOON + 2000 * DAY), catalog().values(), stock).plan(gateway)
    assert found.left_out == "No secupoint license lasts until 2031-08-22T12:00:00Z: all of them start at once."
    assert [each.left for each in stock.piles["gateway", "pro"]] == [1]


def test_a_category_without_licenses_is_left_out_with_the_reason() -> None:
    found = plan(device(category="epc"), aim(NOON + 100 * DAY, co_term=False))
    assert found.left_out == "No pro license for the category epc is sold."


def test_stock_that_has_burned_before_the_draft_ends_is_not_counted_on() -> None:
    stock = [block("AP-1YR-LIC", 1, NOON - 443 * DAY)]
    assert not stocked(pro(device(), aim(NOON + 100 * DAY), stock))


# What a device may have before: licenses bound so many days ago, then issued so many days before that.
histories = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 200), st.sampled_from(["AP-1YR-LIC", "AP-3YR-LIC"])), max_size=3
)
stocks = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 2), st.sampled_from(["AP-1YR-LIC", "AP-3YR-LIC", "CO-TERM-LIC"])),
    max_size=4,
)


@given(
    history=histories,
    stock=stocks,
    free=st.sampled_from([0, 90, 410, 600]),
    network=st.booleans(),
    hours=st.integers(1, 24 * 3000),
    later=st.integers(0, 24 * 30),
    strategy=st.sampled_from(["lowest_price", "fewest_surplus_days"]),
    co_term=st.booleans(),
)
def test_whenever_a_plan_is_carried_out_the_device_is_covered_until_then(
    history: list[tuple[int, int, str]],
    stock: list[tuple[int, int, str]],
    free: int,
    network: bool,
    hours: int,
    later: int,
    strategy: Strategy,
    co_term: bool,
) -> None:
    unit = device(network=network, free=free)
    for number, (ago, age, sku) in enumerate(sorted(history, reverse=True)):
        one = block(sku, 1, NOON - (ago + age) * DAY, 100 + number).license(1)
        if not one.is_over(NOON - ago * DAY):
            unit = bound(unit, one, NOON - ago * DAY)
    until = NOON + timedelta(hours=hours)
    blocks = [block(sku, many, NOON - ago * DAY, number) for number, (ago, many, sku) in enumerate(stock)]
    found = pro(unit, aim(until, strategy, co_term=co_term), blocks)
    at = NOON + timedelta(hours=later)
    assert found.new_end >= until
    assert carried_out(unit, found, blocks, at, until) >= until


def ended(unit: Device, at: datetime) -> datetime:
    return max(coverage_of(unit).end("pro") or at, at)


def carried_out(unit: Device, found: ChainPlan, blocks: list[Block], at: datetime, until: datetime) -> datetime:
    """The Pro chain's end once all of it is bound at an instant; units pay for whole days up to `until` (D28)."""
    left = [one for each in sorted(blocks, key=lambda block: block.key_id) for one in each.licenses(each.free)]
    for step in found.steps:
        if step.source == "stock" and step.license_model != "CO-TERM-LIC":
            of_model = (one for one in left if one.license_model == step.license_model and not one.is_over(at))
            # The oldest that brings what was planned: one that has burned too far is passed over.
            one = next(one for one in of_model if ended(bound(unit, one, at), at) >= step.brings_to)
            left.remove(one)
            unit = bound(unit, one, at)
    for number, (sku, many) in enumerate(bought(found).items()):
        if sku != "CO-TERM-LIC":
            fresh = block(sku, many, at, 200 + number)
            for one in fresh.licenses(fresh.free):
                unit = bound(unit, one, at)
    end = coverage_of(unit).end("pro")
    units = bought(found)["CO-TERM-LIC"] + stocked(found)["CO-TERM-LIC"]
    from_then = max(end or at, at)
    return until if units and from_then + units * DAY >= until else from_then


def test_the_price_list_of_ten_years_is_made_in_an_instant_and_asked_ten_thousand_times() -> None:
    models = [each for each in catalog().values() if each.category == "ap" and each.type == "pro"]
    priced = PriceList(models, catalog()["CO-TERM-LIC"], 3_660 * DAY)
    found = [priced.purchase(days % 3_660 * DAY, "lowest_price", units=True) for days in range(10_000)]
    assert None not in found


def test_a_renewal_of_very_many_devices_is_told_in_several_answers() -> None:
    devices = [device(f"A{number:05}") for number in range(5_200)]
    decision = draft_renewal(NORTH, RenewalRequest(until=NOON + DAY), devices, (), None, NOON)
    records = [change.after for change in decision.changes]
    (renewal,) = (each for each in records if isinstance(each, Renewal))
    (quote,) = (each for each in records if isinstance(each, Quote))
    parts = {each.ref: each for each in records if isinstance(each, RenewalPart)}
    assert (len(decision.answer.devices), decision.answer.more_devices) == (5_000, 5_000)
    rest = renewal_view(renewal, quote, [parts[ref] for ref in renewal.refs_shown(5_000)], NOON)
    assert (len(rest.devices), rest.more_devices) == (200, None)
    assert len({each.serial for each in (*decision.answer.devices, *rest.devices)}) == 5_200
