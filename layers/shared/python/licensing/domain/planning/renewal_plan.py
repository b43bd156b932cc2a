"""What has to be bound and bought so that devices are covered until an instant (D39): pure, device by device.

A plan holds whenever it is carried out until the draft ends: of all those instants it reckons with the one that brings
the earliest end, so that no promised end is missed by ordering soon or late.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from msgspec import Struct

from licensing.domain.assigning.automatic import Kind
from licensing.domain.assigning.coverage import Coverage, coverage_of, waits_for_network
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.assigning.fitting import types_of
from licensing.domain.core.instants import DAY
from licensing.domain.core.limits import MAX_ASSOCIATIONS
from licensing.domain.licenses.catalog import LicenseModel
from licensing.domain.licenses.licenses import License
from licensing.domain.licenses.types import PRO, Chain, DeviceCategory, Type, chain_of, runs_parallel
from licensing.domain.planning.price_list import PriceList, Purchase, Strategy
from licensing.domain.planning.renewal_stock import Alike, RenewalStock
from licensing.domain.planning.seat_prices import cheapest_seats

CO_TERM = "co_term"


class Aim(Struct, frozen=True):
    """Covered until `until`, carried out between `now` and `valid_until`."""

    until: datetime
    now: datetime
    valid_until: datetime
    strategy: Strategy = "lowest_price"
    co_term: bool = True


class ChainPlan(Struct, frozen=True):
    """What one chain of a device gets; `steps` tells its arithmetic. `new_end`: the earliest it can come to."""

    type: Type
    current_end: datetime | None
    new_end: datetime
    from_stock: Counter[str] = Counter()
    to_buy: Counter[str] = Counter()
    steps: tuple[str, ...] = ()


class DevicePlan(Struct, frozen=True):
    """A device's chains, Pro first; or why nothing can be planned for it."""

    serial: str
    chains: tuple[ChainPlan, ...] = ()
    left_out: str | None = None


class Unreachable(Exception):
    """Nothing brings the device there; the text says why."""


class Planner:
    """Plans devices one after the other out of one stock: whose coverage ends first is served first (D25)."""

    def __init__(self, aim: Aim, models: Iterable[LicenseModel], stock: RenewalStock) -> None:
        self._aim, self._stock = aim, stock
        self._models: dict[Kind, list[LicenseModel]] = {}
        self._unit: LicenseModel | None = None
        for model in models:
            if model.type == CO_TERM:
                self._unit = model if aim.co_term else None
            elif model.scope == "device":
                self._models.setdefault((cast(DeviceCategory, model.category), model.type), []).append(model)
        self._prices: dict[Kind, PriceList] = {}
        # Licenses that several gateways share are renewed once (D22).
        self._shared: set[str] = set()

    def plan(self, device: Device) -> DevicePlan:
        if device.parked_at:
            return DevicePlan(device.serial, left_out="It is parked; register it again first.")
        taken: list[Alike] = []
        units = self._stock.units
        try:
            return DevicePlan(device.serial, tuple(self._chains(device, coverage_of(device), taken)))
        except Unreachable as reason:
            for each in taken:
                each.left += 1
            self._stock.units = units
            return DevicePlan(device.serial, left_out=str(reason))

    def _chains(self, device: Device, coverage: Coverage, taken: list[Alike]) -> Iterator[ChainPlan]:
        for license_type in types_of(device):
            chain, kind = chain_of(license_type), (device.category, license_type)
            if runs_parallel(chain):
                yield from self._seats(device, coverage, kind, taken)
            elif chain == PRO or _has(coverage, chain, self._aim.now):
                yield self._series(device, coverage, kind, taken)

    # --- licenses in series ---

    def _series(self, device: Device, coverage: Coverage, kind: Kind, taken: list[Alike]) -> ChainPlan:
        chain = chain_of(kind[1])
        current = coverage.end(chain)
        if current and current >= self._aim.until:
            return ChainPlan(kind[1], current, current, steps=(f"Ends {_day(current)}, which is no earlier.",))
        steps = [f"Ends {_day(current)}." if current else "Was never covered."]
        from_stock, end = self._stocked(device, kind, max(current or self._aim.now, self._aim.now), taken, steps)
        room = MAX_ASSOCIATIONS - len(device.associations) - from_stock.total()
        bought, end = self._bought(device, current, kind, end, room, steps)
        if bought.stock_units:
            from_stock[self._unit_sku] = bought.stock_units
        to_buy = bought.terms + Counter({self._unit_sku: bought.units} if bought.units else {})
        return ChainPlan(kind[1], current, end, from_stock, to_buy, tuple(steps))

    def _stocked(
        self, device: Device, kind: Kind, end: datetime, taken: list[Alike], steps: list[str]
    ) -> tuple[Counter[str], datetime]:
        """What the stock brings: all of it that brings anything, until the device is there."""
        extra: list[License] = []
        used = Counter[str]()

        def gains(one: License) -> bool:
            return _earliest_end(device, chain_of(kind[1]), [*extra, one], self._aim) > end

        while end < self._aim.until and len(device.associations) + len(extra) < MAX_ASSOCIATIONS:
            if (found := self._stock.first(kind, gains)) is None:
                break
            found.left -= 1
            taken.append(found)
            extra.append(found.one)
            used[found.one.license_model] += 1
            end = _earliest_end(device, chain_of(kind[1]), extra, self._aim)
            steps.append(f"1 × {found.one.license_model} from stock brings it to {_day(end)}.")
        return used, end

    def _bought(
        self, device: Device, current: datetime | None, kind: Kind, end: datetime, room: int, steps: list[str]
    ) -> tuple[Purchase, datetime]:
        need = self._aim.until - end
        if need <= 0 * DAY:
            return Purchase(Counter()), end
        units = chain_of(kind[1]) == PRO and self._can_co_terminate(device, current)
        found = self._price_list(kind).purchase(
            need, self._aim.strategy, units=units, stock_units=self._stock.units if units else 0
        )
        if found is None:
            raise Unreachable(f"No {kind[1]} license for the category {kind[0]} is sold.")
        if found.many > room:
            raise Unreachable(f"It can hold {room} more licenses, and this takes {found.many}.")
        self._stock.units -= found.stock_units
        for model in _by_term(self._models[kind], found.terms):
            end += (model.term or 0 * DAY) * found.terms[model.sku]
            steps.append(f"{found.terms[model.sku]} × {model.sku} to buy bring it to {_day(end)}.")
        if found.units or found.stock_units:
            end = self._aim.until
            steps.append(f"{_units(found, self._unit_sku)} bring it to {_day(end)}, to the second.")
        return found, end

    def _can_co_terminate(self, device: Device, current: datetime | None) -> bool:
        """Not where a license may wait for a network: its end is not certain yet (D28)."""
        follows = current is not None and current > self._aim.valid_until
        return (device.network_id is not None or follows) and not waits_for_network(device, PRO, self._aim.now)

    @property
    def _unit_sku(self) -> str:
        assert self._unit is not None, "units are planned only where they are wanted"
        return self._unit.sku

    def _price_list(self, kind: Kind) -> PriceList:
        if kind not in self._prices:
            need = self._aim.until - self._aim.now
            self._prices[kind] = PriceList(self._models.get(kind, ()), self._unit, need)
        return self._prices[kind]

    # --- seats, in parallel ---

    def _seats(self, device: Device, coverage: Coverage, kind: Kind, taken: list[Alike]) -> Iterator[ChainPlan]:
        """License by license: the same seats until then (D22). What is new starts at once, and must last."""
        for stretch in coverage[chain_of(kind[1])]:
            old = stretch.by
            if old is None or stretch.undone_at or stretch.until <= self._aim.now or old.license_id in self._shared:
                continue
            if old.gateways > 1:
                self._shared.add(old.license_id)
            seats = old.model.seats or 0
            if stretch.until >= self._aim.until:
                text = f"{seats} seats end {_day(stretch.until)}, which is no earlier."
                yield ChainPlan(kind[1], stretch.until, stretch.until, steps=(text,))
            else:
                yield self._same_seats(device, kind, seats, stretch.until, taken)

    def _same_seats(self, device: Device, kind: Kind, seats: int, current: datetime, taken: list[Alike]) -> ChainPlan:
        steps = [f"{seats} seats end {_day(current)}."]
        from_stock, ends, left = Counter[str](), [], seats
        while left > 0 and (found := self._stock.first(kind, lambda one: self._lasts(device, kind, one))):
            found.left -= 1
            taken.append(found)
            from_stock[found.one.license_model] += 1
            ends.append(_earliest_end(device, chain_of(kind[1]), [found.one], self._aim, alone=True))
            left -= found.one.model.seats or 0
            steps.append(f"1 × {found.one.license_model} from stock, until {_day(ends[-1])}.")
        lasting = [
            each for each in self._models.get(kind, ()) if each.term and self._aim.now + each.term >= self._aim.until
        ]
        to_buy = cheapest_seats(lasting, left)
        if to_buy is None:
            raise Unreachable(f"No {kind[1]} license lasts until {_day(self._aim.until)}: all of them start at once.")
        for model in lasting:
            if to_buy[model.sku] and model.term:
                ends.append(self._aim.now + model.term)
                steps.append(f"{to_buy[model.sku]} × {model.sku} to buy, until {_day(ends[-1])} or later.")
        return ChainPlan(kind[1], current, min(ends), from_stock, to_buy, tuple(steps))

    def _lasts(self, device: Device, kind: Kind, one: License) -> bool:
        return _earliest_end(device, chain_of(kind[1]), [one], self._aim, alone=True) >= self._aim.until


def _has(coverage: Coverage, chain: Chain, now: datetime) -> bool:
    """Whether something of the chain runs, or waits: what has lapsed is not renewed unasked."""
    end = coverage.end(chain)
    return end is not None and end > now


def _earliest_end(device: Device, chain: Chain, extra: Sequence[License], aim: Aim, *, alone: bool = False) -> datetime:
    """The chain's end with these licenses as well, if they are bound at the worst of the instants there are for it.

    Between two instants at which one begins to burn, has burned, or finds the device uncovered, the end moves evenly:
    so the worst is one of those. `alone`: as if nothing of the chain were there.
    """
    bare = device.evolve(associations=()) if alone else device
    edges = {aim.now, aim.valid_until, coverage_of(bare).end(chain)}
    edges |= {edge for one in extra for edge in (one.burns_from, one.burns_until)}
    instants = [edge for edge in edges if edge and aim.now <= edge <= aim.valid_until]
    return min(_end_at(bare, chain, extra, at) for at in instants)


def _end_at(device: Device, chain: Chain, extra: Sequence[License], at: datetime) -> datetime:
    more = (Association.of(one, at, networked=device.network_id is not None) for one in extra)
    end = coverage_of(device.evolve(associations=(*device.associations, *more))).end(chain)
    return max(end, at) if end else at


def _by_term(models: Sequence[LicenseModel], wanted: Mapping[str, int]) -> list[LicenseModel]:
    return sorted((each for each in models if each.sku in wanted), key=lambda each: (-(each.term_days or 0), each.sku))


def _units(found: Purchase, sku: str) -> str:
    parts = [(found.stock_units, "from stock"), (found.units, "to buy")]
    return " and ".join(f"{many} × {sku} {whence}" for many, whence in parts if many)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
