"""Drafting a renewal, and throwing one away (D39)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from licensing.domain.assigning.automatic import earliest_end_first
from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.core import actions
from licensing.domain.core.decisions import Change, Decision, created, decide
from licensing.domain.core.errors import Fault, Refusal, invalid, not_found
from licensing.domain.core.instants import to_text
from licensing.domain.core.limits import MAX_PLANNED, MAX_RENEWAL, PLANS_A_RECORD
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.catalog import catalog
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.types import PRO
from licensing.domain.ordering.quotes import Quote, QuotedLine
from licensing.domain.planning.plans import DevicePlan
from licensing.domain.planning.renewal_plan import Aim, Planner
from licensing.domain.planning.renewal_stock import RenewalStock
from licensing.domain.planning.renewals import VALID, Renewal, RenewalCount, RenewalPart, renewal_view, summary_view
from licensing.domain.planning.requests import RenewalRequest
from licensing.domain.planning.views import (
    RenewalSummaryView,
    RenewalView,
)


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
