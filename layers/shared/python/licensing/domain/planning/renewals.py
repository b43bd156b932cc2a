"""Renewals as they are kept and shown: what is planned, until it is ordered and carried out (D39, D40)."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from licensing.domain.core.errors import not_found
from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.limits import PARTS_SHOWN, PLANS_A_RECORD
from licensing.domain.core.records import Record, Ref
from licensing.domain.ordering.quotes import Quote, QuotedLine
from licensing.domain.planning.plans import DevicePlan
from licensing.domain.planning.price_list import Strategy, cents, money
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
