"""What planning answers."""

from collections import Counter
from typing import Literal

from licensing.domain.assigning.views import AssociationView
from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.records import Value
from licensing.domain.licenses.catalog import Price, Quantity, Sku
from licensing.domain.licenses.types import DeviceCategory, Type
from licensing.domain.ordering.requests import OrderRequest
from licensing.domain.planning.plans import ChainPlan, DevicePlan, PlanStep
from licensing.domain.planning.price_list import Strategy

RenewalStatus = Literal["draft", "ordered", "ready", "applied", "expired"]


class ForecastMonthView(Value):
    """`managed_…` at the month's last second, in UTC; `ending`: devices whose coverage ends in it."""

    month: str
    devices: int
    managed_if_nothing_is_done: int
    managed_with_stock: int
    ending: int
    forced_activations: int


class AtRiskView(Value):
    """Licenses that burn unused: so many days of licenses, and so much of their list price, go every day (D38)."""

    licenses: int
    days_a_day: int
    amount_a_day: Price


class ForecastView(Value):
    """Of an org, or of all that an MSP looks after."""

    as_of: Instant
    months: tuple[ForecastMonthView, ...]
    at_risk: AtRiskView


class PolicyView(Value):
    """Standing auto-association; `today`: what it would bind now, told by a dry run only."""

    enabled: bool
    categories: tuple[DeviceCategory, ...] | None
    within_days_of_end: int
    most_a_day: int | None
    today: tuple[AssociationView, ...] | None = None


class PlannedView(Value):
    """So many licenses of a model."""

    license_model: Sku
    quantity: int


class ChainPlanView(Value):
    """What one chain of a device gets; `steps` is its arithmetic, each with the end it brings."""

    type: Type
    current_end: Instant | None
    new_end: Instant
    surplus_days: int
    steps: tuple[str, ...]

    @classmethod
    def of(cls, plan: ChainPlan, until: Instant) -> "ChainPlanView":
        return cls(
            type=plan.type,
            current_end=plan.current_end,
            new_end=plan.new_end,
            surplus_days=max(plan.new_end - until, 0 * DAY) // DAY,
            steps=(_begins(plan), *map(_told, plan.steps)),
        )


class DevicePlanView(Value):
    """A device's ends are those of its Pro chain; what is taken and bought is that of all its `chains`.

    One that is `left_out` says why, and nothing is planned for it.
    """

    serial: str
    current_end: Instant | None = None
    from_stock: tuple[PlannedView, ...] = ()
    to_buy: tuple[PlannedView, ...] = ()
    new_end: Instant | None = None
    surplus_days: int = 0
    chains: tuple[ChainPlanView, ...] = ()
    left_out: str | None = None

    @classmethod
    def of(cls, plan: DevicePlan, until: Instant) -> "DevicePlanView":
        if plan.left_out:
            return cls(serial=plan.serial, left_out=plan.left_out)
        chains = tuple(ChainPlanView.of(each, until) for each in plan.chains)
        first = chains[0]
        return cls(
            serial=plan.serial,
            current_end=first.current_end,
            from_stock=planned(plan.quantities("stock")),
            to_buy=planned(plan.quantities("purchase")),
            new_end=first.new_end,
            surplus_days=first.surplus_days,
            chains=chains,
        )


class QuotedLineView(Value):
    """One line of the quotation, at list price."""

    license_model: Sku
    quantity: Quantity
    list_price: Price
    amount: Price


class RenewalSummaryView(Value):
    """A renewal without its devices, as lists show it. `missing`: what it lacks to be ordered as it is."""

    renewal_id: str
    status: RenewalStatus
    created_at: Instant
    until: Instant
    strategy: Strategy
    device_count: int
    left_out_count: int
    lines: tuple[QuotedLineView, ...]
    total: Price
    partner_id: str | None
    order_id: str | None
    missing: tuple[str, ...]
    valid_until: Instant


class RenewalView(RenewalSummaryView):
    """`order` is the body for `POST /orders`; null where there is nothing to buy or something is `missing`.

    Of very many `devices` those whose coverage ends first; `more_devices` is the number to go on from, null at the
    end.
    """

    devices: tuple[DevicePlanView, ...]
    more_devices: int | None
    order: OrderRequest | None


def planned(quantities: Counter[str]) -> tuple[PlannedView, ...]:
    return tuple(PlannedView(license_model=sku, quantity=many) for sku, many in sorted(quantities.items()))


def _begins(plan: ChainPlan) -> str:
    if plan.current_end is None:
        return "Was never covered."
    return f"Ends {_day(plan.current_end)}{'' if plan.steps else ', which is no earlier'}."


def _told(step: PlanStep) -> str:
    whence = "from stock" if step.source == "stock" else "to buy"
    verb = "brings" if step.quantity == 1 else "bring"
    return f"{step.quantity} × {step.license_model} {whence} {verb} it to {_day(step.brings_to)}."


def _day(at: Instant) -> str:
    return f"{at.day} {at:%B %Y}"
