"""Renewals: drafts of what has to be bound and bought, kept until they are ordered and carried out (D39, D40)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from licensing.domain.assigning.automatic import earliest_end_first
from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.core import actions
from licensing.domain.core.decisions import Change, Decision, created, decide
from licensing.domain.core.errors import Fault, invalid, not_found
from licensing.domain.core.instants import DAY, Instant, to_text
from licensing.domain.core.limits import MAX_PLANNED, MAX_RENEWAL, PARTS_SHOWN, PLANS_A_RECORD
from licensing.domain.core.records import Record, Ref, Value
from licensing.domain.licenses.catalog import Quantity, Sku, catalog
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.types import PRO
from licensing.domain.ordering.requests import LineRequest, OrderRequest
from licensing.domain.planning.price_list import Strategy, cents, money
from licensing.domain.planning.renewal_plan import Aim, DevicePlan, Planner
from licensing.domain.planning.renewal_stock import RenewalStock
from licensing.domain.planning.requests import RenewalRequest
from licensing.domain.planning.views import (
    DevicePlanView,
    QuotedLineView,
    RenewalStatus,
    RenewalSummaryView,
    RenewalView,
)

# How long a draft holds (D39).
VALID = 30 * DAY


class RenewalLine(Value):
    """What has to be bought of a model, and at which price it was quoted."""

    license_model: Sku
    quantity: Quantity
    list_price: str

    @property
    def amount(self) -> int:
        """In cents."""
        return self.quantity * cents(self.list_price)


class Renewal(Record):
    """One draft of an org, and what became of it. Its devices lie in `parts` records of their own."""

    kind: ClassVar[str] = "renewal"
    org_id: str
    number: int
    created_at: Instant
    until: Instant
    strategy: Strategy
    lines: tuple[RenewalLine, ...]
    device_count: int
    left_out_count: int = 0
    parts: int
    partner_id: str | None = None
    customer: str | None = None
    delivery_emails: tuple[str, ...] = ()
    order_id: str | None = None

    @property
    def ref(self) -> Ref["Renewal"]:
        return Renewal.ref_of(self.org_id, self.number)

    @staticmethod
    def ref_of(org_id: str, number: int) -> Ref["Renewal"]:
        return Ref(Renewal, (org_id, f"{number:06}"))

    @property
    def owner(self) -> str:
        return f"org/{self.org_id}"

    @property
    def renewal_id(self) -> str:
        """`org-north.7`: whose it is can be told from it."""
        return renewal_id_of(self.org_id, self.number)

    @property
    def part_refs(self) -> "list[Ref[RenewalPart]]":
        return [RenewalPart.ref_of(self.renewal_id, part) for part in range(self.parts)]

    def refs_shown(self, after: int) -> "list[Ref[RenewalPart]]":
        """The parts of one answer, from that of the device with this number on."""
        first = after // PLANS_A_RECORD
        return self.part_refs[first : first + PARTS_SHOWN]

    @property
    def valid_until(self) -> datetime:
        return self.created_at + VALID

    @property
    def total(self) -> int:
        """In cents."""
        return sum(line.amount for line in self.lines)

    @property
    def missing(self) -> tuple[str, ...]:
        """What it lacks to be ordered as it is."""
        needed = ("partner_id", "customer", "delivery_emails")
        return tuple(name for name in needed if not getattr(self, name))

    @property
    def order(self) -> OrderRequest | None:
        """The body that orders it."""
        if self.missing or not self.lines:
            return None
        return OrderRequest(
            partner_id=self.partner_id or "",
            po_number=self.renewal_id,
            customer=self.customer or "",
            lines=tuple(LineRequest(license_model=each.license_model, quantity=each.quantity) for each in self.lines),
            delivery_emails=self.delivery_emails,
        )

    def status(self, at: datetime) -> RenewalStatus:
        if self.order_id:
            return "ordered"
        return "draft" if at < self.valid_until else "expired"


class RenewalPart(Record):
    """A stretch of a renewal's devices, whose coverage ends first at first."""

    kind: ClassVar[str] = "renewal_part"
    renewal_id: str
    part: int
    devices: tuple[DevicePlan, ...]

    @property
    def ref(self) -> Ref["RenewalPart"]:
        return RenewalPart.ref_of(self.renewal_id, self.part)

    @staticmethod
    def ref_of(renewal_id: str, part: int) -> Ref["RenewalPart"]:
        return Ref(RenewalPart, (renewal_id, f"{part:02}"))


class RenewalCount(Record):
    """How many renewals an org has had: it gives the next its number."""

    kind: ClassVar[str] = "renewal_count"
    org_id: str
    last: int = 0

    @property
    def ref(self) -> Ref["RenewalCount"]:
        return RenewalCount.ref_of(self.org_id)

    @staticmethod
    def ref_of(org_id: str) -> Ref["RenewalCount"]:
        return Ref(RenewalCount, (org_id,))


def renewal_id_of(org_id: str, number: int) -> str:
    return f"{org_id}.{number}"


def number_of(org_id: str, renewal_id: str) -> int:
    """The renewal's number. Raises `not_found` for what is no renewal of the org."""
    owner, _, number = renewal_id.rpartition(".")
    if owner != org_id:
        raise not_found("renewal")
    return int(number)


def draft_renewal(
    org_id: str,
    request: RenewalRequest,
    devices: Iterable[Device],
    free: Iterable[Block | License],
    count: RenewalCount | None,
    now: datetime,
) -> Decision[RenewalView]:
    """What has to be bound and bought for the devices, as a draft. Raises `invalid_request`."""
    chosen = _chosen(request, devices)
    plans = _plans(request, chosen, free, now)
    number = (count.last if count else 0) + 1
    renewal = Renewal(
        org_id=org_id,
        number=number,
        created_at=now,
        until=request.until,
        strategy=request.strategy,
        lines=tuple(_lines(plans)),
        device_count=len(plans),
        left_out_count=sum(plan.left_out is not None for plan in plans),
        parts=-(-len(plans) // PLANS_A_RECORD),
        partner_id=request.partner_id,
        customer=request.customer,
        delivery_emails=request.delivery_emails or (),
    )
    changes = [Change(count, (count or RenewalCount(org_id=org_id)).evolve(last=number)), created(renewal)]
    parts = [
        RenewalPart(renewal_id=renewal.renewal_id, part=part, devices=tuple(plans[start : start + PLANS_A_RECORD]))
        for part, start in enumerate(range(0, len(plans), PLANS_A_RECORD))
    ]
    summary = f"Renewal {renewal.renewal_id} of {len(plans)} devices until {to_text(request.until)} drafted"
    view = renewal_view(renewal, parts, now)
    return decide(view, actions.RENEWAL_DRAFTED, summary, [*changes, *map(created, parts)])


def require_until(until: datetime, now: datetime) -> None:
    """Raises `invalid_request` for what lies in the past, or too far ahead."""
    if not now < until <= now + MAX_RENEWAL:
        message = f"must be later than now ({to_text(now)}), and not more than ten years later"
        raise invalid(Fault("until", message))


def summary_view(renewal: Renewal, at: datetime) -> RenewalSummaryView:
    return RenewalSummaryView(
        renewal_id=renewal.renewal_id,
        status=renewal.status(at),
        created_at=renewal.created_at,
        until=renewal.until,
        strategy=renewal.strategy,
        device_count=renewal.device_count,
        left_out_count=renewal.left_out_count,
        lines=tuple(_quoted(line) for line in renewal.lines),
        total=money(renewal.total),
        partner_id=renewal.partner_id,
        order_id=renewal.order_id,
        missing=renewal.missing if renewal.lines else (),
        valid_until=renewal.valid_until,
    )


def renewal_view(renewal: Renewal, parts: Sequence[RenewalPart], at: datetime) -> RenewalView:
    """With the devices of these parts, which follow each other."""
    shown = parts[:PARTS_SHOWN]
    devices = tuple(DevicePlanView.of(plan, renewal.until) for part in shown for plan in part.devices)
    following = shown[-1].part + 1
    more = following * PLANS_A_RECORD if following < renewal.parts else None
    return RenewalView(**dict(summary_view(renewal, at)), devices=devices, more_devices=more, order=renewal.order)


def _quoted(line: RenewalLine) -> QuotedLineView:
    return QuotedLineView(**dict(line), amount=money(line.amount))


def _chosen(request: RenewalRequest, devices: Iterable[Device]) -> list[Device]:
    asked = [name for name in ("serials", "network_id", "category", "ending_before") if getattr(request, name)]
    if len(asked) > 1:
        raise invalid(*(Fault(name, "may not be combined with another choice of devices") for name in asked))
    chosen = [device for device in devices if _is_chosen(request, device)]
    where = asked[0] if asked else "serials"
    if not chosen:
        raise invalid(Fault(where, "chooses no device of the organization; choose others, or register some first"))
    if len(chosen) > MAX_PLANNED:
        raise invalid(Fault(where, f"chooses {len(chosen)} devices; {MAX_PLANNED} can be planned at once"))
    return chosen


def _is_chosen(request: RenewalRequest, device: Device) -> bool:
    if device.parked_at and request.serials is None:
        return False
    end = coverage_of(device).end(PRO) if request.ending_before else None
    return (
        request.network_id in (None, device.network_id)
        and request.category in (None, device.category)
        and not (request.ending_before and end and end >= request.ending_before)
    )


def _plans(
    request: RenewalRequest, devices: Sequence[Device], free: Iterable[Block | License], now: datetime
) -> list[DevicePlan]:
    aim = Aim(request.until, now, now + VALID, request.strategy, request.co_term)
    stock = RenewalStock.of(free if request.use_stock else (), now)
    planner = Planner(aim, catalog().values(), stock)
    # By the end of the Pro chain, which every device has.
    return [planner.plan(device) for device in earliest_end_first(devices, (devices[0].category, PRO))]


def _lines(plans: Iterable[DevicePlan]) -> Iterable[RenewalLine]:
    to_buy = sum((plan.quantities("purchase") for plan in plans), Counter[str]())
    for sku, quantity in sorted(to_buy.items()):
        yield RenewalLine(license_model=sku, quantity=quantity, list_price=catalog()[sku].list_price or "0.00")
