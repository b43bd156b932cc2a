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
from licensing.domain.core.errors import Fault, Refusal, invalid, not_found
from licensing.domain.core.instants import DAY, Instant, to_text
from licensing.domain.core.limits import MAX_PLANNED, MAX_RENEWAL, PARTS_SHOWN, PLANS_A_RECORD
from licensing.domain.core.records import Record, RecordSet, Ref
from licensing.domain.licenses.catalog import catalog
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.types import PRO
from licensing.domain.ordering.quotes import Quote, QuotedLine
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


class Renewal(Record):
    """One plan of an org, and what became of it. Its devices lie in `parts` records of their own, what has to be bought
    in its quotation."""

    kind: ClassVar[str] = "renewal"
    org_id: str
    number: int
    created_at: Instant
    until: Instant
    strategy: Strategy
    device_count: int
    left_out_count: int = 0
    parts: int
    applied_at: Instant | None = None

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
    def quote_ref(self) -> Ref[Quote]:
        return Quote.ref_of(self.renewal_id)

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

    def status(self, quote: Quote, at: datetime, *, is_ready: bool = False) -> RenewalStatus:
        """`is_ready`: all that it had to buy is claimed, and waits to be bound."""
        if self.applied_at:
            return "applied"
        if quote.order_id:
            return "ready" if is_ready else "ordered"
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
        device_count=len(plans),
        left_out_count=sum(plan.left_out is not None for plan in plans),
        parts=-(-len(plans) // PLANS_A_RECORD),
    )
    quote = Quote(
        org_id=org_id,
        renewal_id=renewal.renewal_id,
        valid_until=renewal.valid_until,
        lines=tuple(_lines(plans)),
        partner_id=request.partner_id,
        customer=request.customer,
        delivery_emails=request.delivery_emails or (),
    )
    counted = Change(count, (count or RenewalCount(org_id=org_id)).evolve(last=number))
    parts = [
        RenewalPart(renewal_id=renewal.renewal_id, part=part, devices=tuple(plans[start : start + PLANS_A_RECORD]))
        for part, start in enumerate(range(0, len(plans), PLANS_A_RECORD))
    ]
    summary = f"Renewal {renewal.renewal_id} of {len(plans)} devices until {to_text(request.until)} drafted"
    view = renewal_view(renewal, quote, parts, now)
    return decide(view, actions.RENEWAL_DRAFTED, summary, [counted, *map(created, (renewal, quote, *parts))])


def require_until(until: datetime, now: datetime) -> None:
    """Raises `invalid_request` for what lies in the past, or too far ahead."""
    if not now < until <= now + MAX_RENEWAL:
        message = f"must be later than now ({to_text(now)}), and not more than ten years later"
        raise invalid(Fault("until", message))


def discard_renewal(renewal: Renewal | None, facts: RecordSet, now: datetime) -> Decision[RenewalSummaryView]:
    """A draft goes. Raises `not_found`, and `conflict` for one that was ordered or carried out."""
    if renewal is None or (quote := facts[renewal.quote_ref]) is None:
        raise not_found("renewal")
    if quote.order_id or renewal.applied_at:
        raise Refusal(
            "conflict",
            f"Renewal {renewal.renewal_id} is no draft any more.",
            "One that is ordered or carried out stays, for it says where its licenses go.",
        )
    gone = [renewal, quote, *facts.present(renewal.part_refs)]
    summary = f"Renewal {renewal.renewal_id} discarded"
    view = summary_view(renewal, quote, now)
    return decide(view, actions.RENEWAL_DISCARDED, summary, [Change(each, None) for each in gone])


def summary_view(renewal: Renewal, quote: Quote, at: datetime, *, is_ready: bool = False) -> RenewalSummaryView:
    return RenewalSummaryView(
        renewal_id=renewal.renewal_id,
        status=renewal.status(quote, at, is_ready=is_ready),
        created_at=renewal.created_at,
        until=renewal.until,
        strategy=renewal.strategy,
        device_count=renewal.device_count,
        left_out_count=renewal.left_out_count,
        lines=tuple(_priced(line) for line in quote.lines),
        total=money(sum(line.quantity * cents(line.list_price) for line in quote.lines)),
        partner_id=quote.partner_id,
        order_id=quote.order_id,
        missing=quote.missing,
        valid_until=renewal.valid_until,
    )


def renewal_view(
    renewal: Renewal, quote: Quote, parts: Sequence[RenewalPart], at: datetime, *, is_ready: bool = False
) -> RenewalView:
    """With the devices of these parts, which follow each other."""
    shown = parts[:PARTS_SHOWN]
    devices = tuple(DevicePlanView.of(plan, renewal.until) for part in shown for plan in part.devices)
    following = shown[-1].part + 1
    more = following * PLANS_A_RECORD if following < renewal.parts else None
    summary = dict(summary_view(renewal, quote, at, is_ready=is_ready))
    return RenewalView(**summary, devices=devices, more_devices=more, order=quote.order)


def _priced(line: QuotedLine) -> QuotedLineView:
    return QuotedLineView(**dict(line), amount=money(line.quantity * cents(line.list_price)))


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
    stock = RenewalStock.of(free if request.use_stock else (), aim.valid_until)
    planner = Planner(aim, catalog().values(), stock)
    # By the end of the Pro chain, which every device has.
    return [planner.plan(device) for device in earliest_end_first(devices, (devices[0].category, PRO))]


def _lines(plans: Iterable[DevicePlan]) -> Iterable[QuotedLine]:
    to_buy = sum((plan.quantities("purchase") for plan in plans), Counter[str]())
    for sku, quantity in sorted(to_buy.items()):
        yield QuotedLine(license_model=sku, quantity=quantity, list_price=catalog()[sku].list_price or "0.00")
