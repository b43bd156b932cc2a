"""Quotations: what an organization's renewal has to buy, for the partner that will order it (D39, D40)."""

from datetime import datetime
from typing import ClassVar

from licensing.domain.core.decisions import Change, changed
from licensing.domain.core.errors import Fault, Refusal, invalid
from licensing.domain.core.instants import Instant, to_text
from licensing.domain.core.records import Record, Ref, Value
from licensing.domain.licenses.catalog import Price, Quantity, Sku
from licensing.domain.ordering.requests import LineRequest, OrderRequest


class QuotedLine(Value):
    """So many licenses of a model, at the list price of the day."""

    license_model: Sku
    quantity: Quantity
    list_price: Price


class Quote(Record):
    """It can be ordered once, until `valid_until`; by the partner it names, or by whoever its customer gives it to."""

    kind: ClassVar[str] = "quote"
    org_id: str
    renewal_id: str
    valid_until: Instant
    lines: tuple[QuotedLine, ...]
    partner_id: str | None = None
    customer: str | None = None
    delivery_emails: tuple[str, ...] = ()
    order_id: str | None = None

    @property
    def ref(self) -> Ref["Quote"]:
        return Quote.ref_of(self.renewal_id)

    @staticmethod
    def ref_of(renewal_id: str) -> Ref["Quote"]:
        return Ref(Quote, (renewal_id,))

    @property
    def owner(self) -> str:
        return f"org/{self.org_id}"

    @property
    def missing(self) -> tuple[str, ...]:
        """What it lacks to be ordered as it is."""
        needed = ("partner_id", "customer", "delivery_emails")
        return tuple(name for name in needed if not getattr(self, name)) if self.lines else ()

    @property
    def order(self) -> OrderRequest | None:
        """The body that orders it; None where there is nothing to buy, or something is missing."""
        if self.missing or not self.lines:
            return None
        return OrderRequest(
            partner_id=self.partner_id or "",
            po_number=self.renewal_id,
            customer=self.customer or "",
            lines=tuple(LineRequest(license_model=each.license_model, quantity=each.quantity) for each in self.lines),
            delivery_emails=self.delivery_emails,
            renewal_id=self.renewal_id,
        )


def ordered(quote: Quote | None, request: OrderRequest, now: datetime) -> Change:
    """The quotation, ordered. Raises `invalid_request` where there is none for this partner, or the lines are others;
    `renewal_expired`; `order_conflict` when another order carries it out."""
    if quote is None or quote.partner_id not in (None, request.partner_id):
        raise invalid(Fault("renewal_id", "is no renewal that this partner may order; ask the customer for its id"))
    if quote.order_id:
        raise Refusal(
            "order_conflict",
            f"Renewal {quote.renewal_id} is ordered already, as {quote.order_id}.",
            "A renewal is ordered once. Leave renewal_id out, or let the customer draft another.",
            changes=[],
            order_id=quote.order_id,
        )
    if now >= quote.valid_until:
        raise expired(quote.renewal_id, quote.valid_until)
    wanted = {each.license_model: each.quantity for each in quote.lines}
    if wanted != {each.license_model: each.quantity for each in request.lines}:
        told = ", ".join(f"{many} × {sku}" for sku, many in sorted(wanted.items()))
        raise invalid(Fault("lines", f"must be those of the renewal: {told}"))
    return changed(quote, order_id=request.order_id)


def expired(renewal_id: str, valid_until: datetime) -> Refusal:
    return Refusal(
        "renewal_expired",
        f"Renewal {renewal_id} held until {to_text(valid_until)}.",
        "Draft it anew: ends and prices may have changed since.",
    )
