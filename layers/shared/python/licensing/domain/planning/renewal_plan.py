"""What has to be bound and bought so that devices are covered until an instant (D39): pure, device by device.

A plan holds whenever it is carried out until the draft ends: of all those instants it reckons with the one that brings
the earliest end, so that no promised end is missed by ordering soon or late.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from msgspec import Struct

from licensing.domain.assigning.automatic import Kind
from licensing.domain.assigning.coverage import Coverage, coverage_of, waits_for_network
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.assigning.fitting import types_of
from licensing.domain.core.instants import DAY, to_text
from licensing.domain.core.limits import MAX_ASSOCIATIONS
from licensing.domain.licenses.catalog import LicenseModel
from licensing.domain.licenses.licenses import License
from licensing.domain.licenses.types import PRO, Chain, DeviceCategory, chain_of, runs_parallel
from licensing.domain.planning.plans import ChainPlan, DevicePlan, PlanStep, Source, holdings
from licensing.domain.planning.price_list import PriceList, Strategy
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
            return DevicePlan(serial=device.serial, left_out="It is parked; register it again first.")
        taken: list[Alike] = []
        units = self._stock.units
        try:
            chains = tuple(self._chains(device, coverage_of(device), taken))
        except Unreachable as reason:
            for each in taken:
                each.left += 1
            self._stock.units = units
            return DevicePlan(serial=device.serial, left_out=str(reason))
        return DevicePlan(serial=device.serial, chains=chains, had=holdings(device))

    def _chains(self, device: Device, coverage: Coverage, taken: list[Alike]) -> Iterator[ChainPlan]:
        for license_type in types_of(device):
            chain, kind = chain_of(license_type), (device.category, license_type)
            if runs_parallel(chain):
                yield from self._seats(device, coverage, kind, taken)
            elif chain == PRO or _has(coverage, chain, self._aim.now):
                yield self._series(device, coverage, kind, taken)

    # --- licenses in series ---

    def _series(self, device: Device, coverage: Coverage, kind: Kind, taken: list[Alike]) -> ChainPlan:
        current = coverage.end(chain_of(kind[1]))
        end = max(current or self._aim.now, self._aim.now)
        if end >= self._aim.until:
            return ChainPlan(type=kind[1], current_end=current, new_end=end)
        steps = list(self._stocked(device, kind, end, taken))
        end = steps[-1].brings_to if steps else end
        room = MAX_ASSOCIATIONS - len(device.associations) - len(steps)
        steps += self._bought(device, current, kind, end, room)
        return ChainPlan(type=kind[1], current_end=current, new_end=steps[-1].brings_to, steps=tuple(steps))

    def _stocked(self, device: Device, kind: Kind, end: datetime, taken: list[Alike]) -> Iterator[PlanStep]:
        """What the stock brings: all of it that brings anything, until the device is there."""
        extra: list[License] = []
        chain = chain_of(kind[1])

        def gains(one: License) -> bool:
            return _earliest_end(device, chain, [*extra, one], self._aim) > end

        while end < self._aim.until and len(device.associations) + len(extra) < MAX_ASSOCIATIONS:
            if (found := self._stock.first(kind, gains)) is None:
                break
            found.left -= 1
            taken.append(found)
            extra.append(found.one)
            end = _earliest_end(device, chain, extra, self._aim)
            yield _step(found.one.license_model, 1, "stock", end)

    def _bought(
        self, device: Device, current: datetime | None, kind: Kind, end: datetime, room: int
    ) -> Iterator[PlanStep]:
        need = self._aim.until - end
        if need <= 0 * DAY:
            return
        units = chain_of(kind[1]) == PRO and self._can_co_terminate(device, current)
        stock_units = self._stock.units if units and self._unit else 0
        found = self._price_list(kind).purchase(need, self._aim.strategy, units=units, stock_units=stock_units)
        if found is None:
            raise Unreachable(f"No {kind[1]} license for the category {kind[0]} is sold.")
        if found.many > room:
            raise Unreachable(f"It can hold {room} more licenses, and this takes {found.many}.")
        self._stock.units -= found.stock_units
        for model in _by_term(self._models.get(kind, ()), found.terms):
            end += (model.term or 0 * DAY) * found.terms[model.sku]
            yield _step(model.sku, found.terms[model.sku], "purchase", end)
        # Units end it to the second, the first as the last: they are one co-termination.
        if found.stock_units:
            yield _step(self._unit_sku, found.stock_units, "stock", self._aim.until)
        if found.units:
            yield _step(self._unit_sku, found.units, "purchase", self._aim.until)

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
            if stretch.until >= self._aim.until:
                yield ChainPlan(type=kind[1], current_end=stretch.until, new_end=stretch.until)
            else:
                steps = tuple(self._same_seats(device, kind, old.model.seats or 0, taken))
                end = min(each.brings_to for each in steps)
                yield ChainPlan(type=kind[1], current_end=stretch.until, new_end=end, steps=steps)

    def _same_seats(self, device: Device, kind: Kind, seats: int, taken: list[Alike]) -> Iterator[PlanStep]:
        until = self._aim.until
        while seats > 0 and (found := self._stock.first(kind, lambda one: self._alone(device, kind, one) >= until)):
            found.left -= 1
            taken.append(found)
            seats -= found.one.model.seats or 0
            yield _step(found.one.license_model, 1, "stock", self._alone(device, kind, found.one))
        lasting = [each for each in self._models.get(kind, ()) if each.term and self._aim.now + each.term >= until]
        to_buy = cheapest_seats(lasting, seats)
        if to_buy is None:
            raise Unreachable(f"No {kind[1]} license lasts until {to_text(until)}: all of them start at once.")
        for model in _by_term(lasting, to_buy):
            yield _step(model.sku, to_buy[model.sku], "purchase", self._aim.now + (model.term or 0 * DAY))

    def _alone(self, device: Device, kind: Kind, one: License) -> datetime:
        return _earliest_end(device, chain_of(kind[1]), [one], self._aim, alone=True)


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


def _step(sku: str, quantity: int, source: Source, end: datetime) -> PlanStep:
    return PlanStep(license_model=sku, quantity=quantity, source=source, brings_to=end)
