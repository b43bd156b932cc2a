"""What will be true at each month's end unless somebody acts: coverage at later instants, no estimate (D37, D38)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from licensing.domain.assigning.automatic import can_take, earliest_end_first, licenses_of, pools
from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.licenses.licenses import Block, License, alike
from licensing.domain.licenses.types import PRO
from licensing.domain.planning.price_list import cents, money
from licensing.domain.planning.views import AtRiskView, ForecastMonthView, ForecastView


def forecast(devices: Iterable[Device], free: Iterable[Block | License], at: datetime, months: int) -> ForecastView:
    """From the month of `at` on. Parked devices are in no inventory (D27), so they are in no count."""
    there = [device for device in devices if device.parked_at is None]
    stock = list(free)
    lasts = [_last_second(each) for each in _months(at, months)]
    as_it_stands = _managed(there, lasts)
    with_stock = _managed(stock_bound(there, stock, at), lasts)
    ending = Counter(_name(end) for each in there if (end := coverage_of(each).end(PRO)) and end > at)
    forced = _forced(stock, at)
    return ForecastView(
        as_of=at,
        months=tuple(
            ForecastMonthView(
                month=_name(last),
                devices=len(there),
                managed_if_nothing_is_done=as_it_stands[number],
                managed_with_stock=with_stock[number],
                ending=ending[_name(last)],
                forced_activations=forced[_name(last)],
            )
            for number, last in enumerate(lasts)
        ),
        at_risk=at_risk(stock, at),
    )


def together(forecasts: Iterable[ForecastView], at: datetime, months: int) -> ForecastView:
    """The sum of several, of one instant and as many months."""
    told = [forecast([], [], at, months), *forecasts]
    risks = [each.at_risk for each in told]
    return ForecastView(
        as_of=at,
        months=tuple(map(_sum, zip(*(each.months for each in told), strict=True))),
        at_risk=AtRiskView(
            licenses=sum(each.licenses for each in risks),
            days_a_day=sum(each.days_a_day for each in risks),
            amount_a_day=money(sum(cents(each.amount_a_day) for each in risks)),
        ),
    )


def _sum(months: Sequence[ForecastMonthView]) -> ForecastMonthView:
    counts = set(ForecastMonthView.model_fields) - {"month"}
    return months[0].model_copy(update={name: sum(getattr(each, name) for each in months) for name in counts})


def stock_bound(devices: Sequence[Device], free: Iterable[Block | License], at: datetime) -> list[Device]:
    """The devices as one automatic association of the whole stock would leave them (D25)."""
    grown = {device.ref: device for device in devices}
    for kind, pool in pools(free, at).items():
        takers = earliest_end_first((each for each in devices if can_take(each, kind, ())), kind)
        for device, one in zip(takers, licenses_of(pool), strict=False):
            association = Association.of(one, at, networked=device.network_id is not None)
            grown[device.ref] = grown[device.ref].plus(association)
    return list(grown.values())


def at_risk(free: Iterable[Block | License], at: datetime) -> AtRiskView:
    many, lost = 0, Fraction()
    for one, count in alike(free):
        if one.free_state(at) == "active" and one.model.term_days:
            many += count
            lost += Fraction(cents(one.model.list_price or "0.00") * count, one.model.term_days)
    return AtRiskView(licenses=many, days_a_day=many, amount_a_day=money(round(lost)))


def _managed(devices: Iterable[Device], lasts: Sequence[datetime]) -> list[int]:
    """How many are covered at each of the instants."""
    counts = [0] * len(lasts)
    for device in devices:
        stretches = coverage_of(device)[PRO]
        for number, last in enumerate(lasts):
            counts[number] += any(each.covers(last) for each in stretches)
    return counts


def _forced(free: Iterable[Block | License], at: datetime) -> Counter[str]:
    """How many start by force in each month."""
    forced = Counter[str]()
    for one, count in alike(free):
        if (starts := one.burns_from) and starts > at and not one.is_over(at):
            forced[_name(starts)] += count
    return forced


def _months(at: datetime, count: int) -> Iterator[tuple[int, int]]:
    first = at.year * 12 + at.month - 1
    return ((number // 12, number % 12 + 1) for number in range(first, first + count))


def _last_second(month: tuple[int, int]) -> datetime:
    year, number = month
    following = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return following - timedelta(seconds=1)


def _name(at: datetime) -> str:
    return f"{at:%Y-%m}"
