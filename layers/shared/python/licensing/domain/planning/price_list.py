"""What covers so many days at the lowest price, or with the fewest days too many: exact, by dynamic programming (D39).

Money is counted in cents. For every whole number of days the list knows the cheapest multiset of terms that gives
exactly those; units of co-termination, one day each, fill what terms leave.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

from msgspec import Struct

from licensing.domain.core.instants import DAY
from licensing.domain.licenses.catalog import LicenseModel

Strategy = Literal["lowest_price", "fewest_surplus_days"]

# More than any sum of prices.
NEVER = 1 << 62


def cents(price: str) -> int:
    """Of a list price such as `130.00`."""
    whole, _, part = price.partition(".")
    return int(whole) * 100 + int(part)


def money(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


class Purchase(Struct, frozen=True):
    """A multiset of models, and units of co-termination: `stock_units` that the org has, `units` to be bought."""

    terms: Counter[str]
    units: int = 0
    stock_units: int = 0

    @property
    def many(self) -> int:
        """How many associations it makes of a device, units as one."""
        return self.terms.total() + bool(self.units + self.stock_units)


class Sold(Struct, frozen=True):
    """A term that is sold at a price."""

    sku: str
    days: int
    price: int


class PriceList:
    """The terms of one kind of license, and the price of a co-termination unit, None where they are not wanted.

    Good for needs up to `most`.
    """

    def __init__(self, models: Iterable[LicenseModel], unit: LicenseModel | None, most: timedelta) -> None:
        self._sold = sorted(_sold(models), key=lambda each: (-each.days, each.sku))
        self._unit = cents(unit.list_price) if unit and unit.list_price else None
        longest = max((each.days for each in self._sold), default=0)
        # No cheapest multiset overshoots by a whole term: without that term it would do as well.
        self._size = days_in(most) + longest + 1
        self._last: list[Sold | None] = [None] * self._size
        self._exactly = self._table()
        self._at_least = self._cheapest_from()
        self._with_units = self._cheapest_up_to(self._unit) if self._unit is not None else []

    def purchase(self, need: timedelta, strategy: Strategy, *, units: bool, stock_units: int = 0) -> Purchase | None:
        """What brings `need`; None if nothing does. `units`: whether co-termination may fill what terms leave.

        The first `stock_units` of those cost nothing.
        """
        days = days_in(need)
        ways = [*self._by_terms(days, strategy)]
        if units and self._unit is not None:
            ways += self._filled_up(days, stock_units, self._unit)
        if not ways:
            return None
        cost_first = strategy == "lowest_price"
        # Of the best, the one with the longest terms: it spares units.
        best = min(ways, key=lambda way: (way.cost, way.surplus, -way.days) if cost_first else (way.surplus, way.cost))
        left = max(days - best.days, 0)
        return Purchase(Counter(self._terms(best.days)), max(left - stock_units, 0), min(left, stock_units))

    def _by_terms(self, days: int, strategy: Strategy) -> Iterator["_Way"]:
        found = self._at_least[days] if strategy == "lowest_price" else self._next(days)
        if found is not None and self._exactly[found] < NEVER:
            yield _Way(self._exactly[found], found - days, found)

    def _filled_up(self, days: int, stock_units: int, unit: int) -> Iterator["_Way"]:
        """To the day: with units of the stock alone, and with more."""
        short = max(days - stock_units, 0)
        if (between := self._exactly[short:days]) and (cheapest := min(between)) < NEVER:
            yield _Way(cheapest, 0, days - 1 - between[::-1].index(cheapest))
        filled = self._with_units[short]
        yield _Way(self._exactly[filled] + (short - filled) * unit, 0, filled)

    def _terms(self, days: int) -> Iterator[str]:
        while days:
            sold = self._last[days]
            assert sold is not None, "only what can be reached is chosen"
            yield sold.sku
            days -= sold.days

    def _table(self) -> list[int]:
        """For each number of days what the cheapest multiset of terms with exactly so many costs."""
        costs = [0] + [NEVER] * (self._size - 1)
        for days in range(1, self._size):
            # The longest term first: of two ways that cost the same the one with fewer licenses stays.
            for sold in self._sold:
                if sold.days <= days and (cost := costs[days - sold.days] + sold.price) < costs[days]:
                    costs[days], self._last[days] = cost, sold
        return costs

    def _cheapest_from(self) -> Sequence[int]:
        """For each number of days, which one from it on costs the least; the smallest of those."""
        best = list(range(self._size))
        for days in reversed(best[:-1]):
            if self._exactly[best[days + 1]] < self._exactly[days]:
                best[days] = best[days + 1]
        return best

    def _cheapest_up_to(self, unit: int) -> Sequence[int]:
        """For each number of days, up to which one terms cost less than units would; the greatest of those."""
        saved = [cost - days * unit for days, cost in enumerate(self._exactly)]
        best = list(range(self._size))
        for days in best[1:]:
            if saved[best[days - 1]] < saved[days]:
                best[days] = best[days - 1]
        return best

    def _next(self, days: int) -> int | None:
        """The fewest days, from so many on, that terms can bring."""
        return next((each for each in range(days, self._size) if self._exactly[each] < NEVER), None)


class _Way(NamedTuple):
    """`days` of terms, the rest by units; `surplus`: whole days too many."""

    cost: int
    surplus: int
    days: int


def days_in(time: timedelta) -> int:
    """Whole days, rounded up: what has to be paid (D28)."""
    return max(-(-time // DAY), 0)


def _sold(models: Iterable[LicenseModel]) -> Iterator[Sold]:
    for model in models:
        if model.list_price and model.term_days:
            yield Sold(model.sku, model.term_days, cents(model.list_price))
