"""The cheapest multiset, and the one with the fewest days too many, against brute force (D39)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.core.instants import DAY
from licensing.domain.licenses.catalog import LicenseModel
from licensing.domain.planning.price_list import PriceList, Purchase, Strategy, cents, days_in, money
from licensing.domain.planning.seat_prices import cheapest_seats

MOST = 60
Way = tuple[int, int]


def model(sku: str, days: int, price: int, seats: int | None = None) -> LicenseModel:
    return LicenseModel(
        sku=sku,
        name=sku,
        scope="device",
        category="ap",
        type="pro",
        term_days=days,
        list_price=money(price),
        seats=seats,
    )


def unit(price: int) -> LicenseModel:
    return LicenseModel(
        sku="CO-TERM",
        name="",
        scope="organization",
        category=None,
        type="co_term",
        term_days=1,
        list_price=money(price),
    )


def by_brute_force(models: list[LicenseModel], need: int, unit_price: int | None, own: int) -> Iterator[Way]:
    """Cost and surplus of everything that could be bought for `need` days, no term being in vain."""
    ranges = [range(need // (each.term_days or 1) + 2) for each in models]
    for counts in product(*ranges):
        days = sum(many * (each.term_days or 0) for many, each in zip(counts, models, strict=True))
        cost = sum(many * cents(each.list_price or "") for many, each in zip(counts, models, strict=True))
        if days >= need:
            yield cost, days - need
        elif unit_price is not None:
            yield cost + unit_price * max(need - days - own, 0), 0


def outcome(found: Purchase, models: list[LicenseModel], need: int, unit_price: int | None) -> Way:
    days = sum(found.terms[each.sku] * (each.term_days or 0) for each in models)
    cost = sum(found.terms[each.sku] * cents(each.list_price or "") for each in models)
    filled = found.units + found.stock_units
    assert days + filled >= need
    return cost + found.units * (unit_price or 0), max(days - need, 0)


prices = st.lists(st.tuples(st.integers(1, 25), st.integers(1, 40)), max_size=3, unique_by=lambda each: each[0])


@given(
    sold=prices,
    hours=st.integers(0, MOST * 24),
    unit_price=st.none() | st.integers(1, 5),
    own=st.integers(0, 30),
    strategy=st.sampled_from(["lowest_price", "fewest_surplus_days"]),
)
def test_no_other_purchase_is_better(
    sold: list[tuple[int, int]], hours: int, unit_price: int | None, own: int, strategy: Strategy
) -> None:
    models = [model(f"M-{days}", days, price) for days, price in sold]
    own = own if unit_price is not None else 0
    need = timedelta(hours=hours)
    priced = PriceList(models, unit(unit_price) if unit_price is not None else None, MOST * DAY)
    found = priced.purchase(need, strategy, units=True, stock_units=own)
    ways = list(by_brute_force(models, days_in(need), unit_price, own))
    if not ways:
        assert found is None
        return
    assert found is not None
    assert found.stock_units <= own
    step = 1 if strategy == "lowest_price" else -1
    assert outcome(found, models, days_in(need), unit_price)[::step] == min(way[::step] for way in ways)


def test_of_two_ways_that_cost_the_same_the_one_with_fewer_licenses_is_meant() -> None:
    priced = PriceList([model("SHORT", 10, 100), model("LONG", 30, 300)], None, 90 * DAY)
    found = priced.purchase(30 * DAY, "lowest_price", units=False)
    assert found is not None
    assert found.terms == {"LONG": 1}


def test_a_part_of_a_day_has_to_be_paid_as_a_whole_one() -> None:
    priced = PriceList([model("TEN", 10, 100)], unit(20), 90 * DAY)
    found = priced.purchase(10 * DAY + timedelta(seconds=1), "lowest_price", units=True)
    assert found is not None
    assert (found.terms, found.units) == ({"TEN": 1}, 1)


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 50)), max_size=3), st.integers(1, 40))
def test_seats_cost_no_more_than_they_must(sold: list[tuple[int, int]], seats: int) -> None:
    models = [model(f"S-{number}", 30, price, seats=each) for number, (each, price) in enumerate(sold)]
    found = cheapest_seats(models, seats)
    ranges = [range(seats // each + 2) for each, _ in sold]
    ways = [
        (sum(many * price for many, (_, price) in zip(counts, sold, strict=True)), total - seats)
        for counts in product(*ranges)
        if (total := sum(many * each for many, (each, _) in zip(counts, sold, strict=True))) >= seats
    ]
    if found is None:
        assert not ways
        return
    bought = [found[each.sku] for each in models]
    cost = sum(many * price for many, (_, price) in zip(bought, sold, strict=True))
    total = sum(many * each for many, (each, _) in zip(bought, sold, strict=True))
    assert (cost, total - seats) == min(ways)


@pytest.mark.parametrize(("price", "amount"), [("0.20", 20), ("130.00", 13000), ("2340.05", 234005)])
def test_money_is_told_in_cents_and_back(price: str, amount: int) -> None:
    assert (cents(price), money(amount)) == (amount, price)
