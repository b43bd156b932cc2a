"""Orders and what becomes of them: received, completed, their keys issued, fulfilled (D3-D7)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from licensing.domain.core.decisions import Change, changed, created
from licensing.domain.core.errors import Fault, Refusal, invalid
from licensing.domain.core.instants import Instant, to_text
from licensing.domain.core.limits import MAX_RECIPIENTS
from licensing.domain.core.records import Record, Ref, Value
from licensing.domain.core.texts import canonical_text
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering.deliveries import Delivery, queued
from licensing.domain.ordering.requests import LineRequest, OrderRequest

OrderStatus = Literal["received", "completed", "fulfilled"]

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class OrderLine(Value):
    """One line of an order; the key's hash and fingerprint once it was issued, and those of keys voided since."""

    line: int
    license_model: str
    quantity: int
    key_hash: str | None = None
    key_fingerprint: str | None = None
    voided: tuple[str, ...] = ()

    def with_key(self, key: LicenseKey) -> "OrderLine":
        return self.model_copy(update={"key_hash": key.key_hash, "key_fingerprint": key.fingerprint})


class Order(Record):
    """A purchase order. What follows from it (keys, deliveries) are records of their own.

    `working_since` says that keys or mails are due, so that work that broke off can be found and resumed.
    """

    kind: ClassVar[str] = "order"
    order_id: str
    partner_id: str
    po_number: str
    customer: str
    locale: str | None = None
    lines: tuple[OrderLine, ...]
    delivery_emails: tuple[str, ...]
    corrected_emails: tuple[str, ...] = ()
    received_at: Instant
    completed_at: Instant | None = None
    fulfilled_at: Instant | None = None
    working_since: Instant | None = None
    renewal_id: str | None = None

    @property
    def ref(self) -> Ref["Order"]:
        return Order.ref_of(self.order_id)

    @staticmethod
    def ref_of(order_id: str) -> Ref["Order"]:
        return Ref(Order, (order_id,))

    @property
    def owner(self) -> str:
        return f"order/{self.order_id}"

    @property
    def status(self) -> OrderStatus:
        if self.fulfilled_at:
            return "fulfilled"
        return "completed" if self.completed_at else "received"

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody mail went to or shall go to, corrected addresses last."""
        return self.delivery_emails + self.corrected_emails

    @property
    def pending(self) -> list[OrderLine]:
        """The lines that have no key yet."""
        return [line for line in self.lines if line.key_hash is None]

    @property
    def delivery_refs(self) -> list[Ref[Delivery]]:
        """Where the mails are found, from completion on."""
        return [Delivery.ref_of(self.order_id, recipient) for recipient in self.recipients if self.completed_at]

    @property
    def key_refs(self) -> list[Ref[LicenseKey]]:
        return [LicenseKey.ref_of(line.key_hash) for line in self.lines if line.key_hash]


def received(request: OrderRequest, now: datetime) -> Order:
    """The order of a PO not seen before."""
    return Order(
        order_id=request.order_id,
        partner_id=request.partner_id,
        po_number=request.po_number,
        customer=request.customer,
        locale=request.locale,
        lines=tuple(
            OrderLine(line=number, license_model=line.license_model, quantity=line.quantity)
            for number, line in enumerate(request.lines, 1)
        ),
        delivery_emails=request.recipients,
        received_at=now,
        renewal_id=request.renewal_id,
    )


def require_same(order: Order, request: OrderRequest) -> None:
    """Raises `order_conflict`, the differences spelled out, when a known PO number comes with other content (D4)."""
    if changes := _differences(order, request):
        fields = ", ".join(change["field"] for change in changes)
        raise Refusal(
            "order_conflict",
            f"PO {order.po_number} of {order.partner_id} was received before with other content: {fields}.",
            "Use a new PO number for a new order; an order that was received can't be altered.",
            changes=changes,
            order_id=order.order_id,
        )


def completed(order: Order, completed_at: datetime | None, now: datetime) -> list[Change]:
    """Completion, once: its keys are due, and a mail is queued for every recipient (D5, D7).

    Raises `invalid_request` for a completion in the future or before 2000.
    """
    if order.completed_at is not None:
        return []
    at = completed_at or now
    require_past(at, now)
    # In the commit of the completion: a crash after it leaves nobody without a mail to be found and sent (D7).
    mails = [queued(order.order_id, recipient, now) for recipient in order.recipients]
    # Since now, not since `at`, which may lie years back (D5): the sweeper's patience counts from here.
    return [changed(order, completed_at=at, working_since=now), *mails]


def require_past(completed_at: datetime, now: datetime) -> None:
    """Raises `invalid_request` for a completion in the future or before 2000 (D5)."""
    if not EARLIEST <= completed_at <= now:
        raise invalid(Fault("completed_at", f"must lie between {to_text(EARLIEST)} and now, {to_text(now)}"))


def issued(order: Order, minted: Mapping[int, LicenseKey]) -> list[Change]:
    """One key for each line that has none yet, out of `minted` by line number (D5, D8)."""
    # As many as were minted, which is what one transaction holds: the other lines get theirs in the next.
    new = {line.line: minted[line.line] for line in order.pending if line.line in minted}
    if not new:
        return []
    lines = [line.with_key(new[line.line]) if line.line in new else line for line in order.lines]
    return [changed(order, lines=lines), *map(created, new.values())]


def queued_again(
    order: Order, deliveries: Sequence[Delivery], recipients: Sequence[str] | None, now: datetime
) -> list[Change]:
    """The mail once more, to the list or to the addresses given, corrected ones among them (D7)."""
    if order.completed_at is None:
        raise Refusal("conflict", "The order is not completed: there is nothing to send yet.", "Complete it first.")
    chosen = tuple(dict.fromkeys(recipients or order.delivery_emails))
    corrected = tuple(address for address in chosen if address not in order.recipients)
    if len(order.recipients) + len(corrected) > MAX_RECIPIENTS:
        raise invalid(Fault("recipients", f"would be more than {MAX_RECIPIENTS} addresses for this order"))
    last = {mail.recipient: mail for mail in deliveries}
    mails = [queued(order.order_id, recipient, now, last.get(recipient)) for recipient in chosen]
    return [changed(order, corrected_emails=order.corrected_emails + corrected, working_since=now), *mails]


def settled(order: Order, deliveries: Sequence[Delivery], now: datetime) -> list[Change]:
    """Nothing is left to do once every line has its key and every recipient's mail was sent; the documents
    exist by then, for mails are asked for after printing. The first time, the order is fulfilled."""
    all_sent = len(deliveries) == len(order.recipients) and all(mail.sent_at for mail in deliveries)
    if order.working_since is None or order.pending or not all_sent:
        return []
    return [changed(order, working_since=None, fulfilled_at=order.fulfilled_at or now)]


def _differences(order: Order, request: OrderRequest) -> list[dict[str, Any]]:
    """What the same PO number now says otherwise: `[{"field", "was", "is"}]`; the order of addresses doesn't matter."""
    was, now = _content(order, order.delivery_emails), _content(request, request.recipients)
    fields = {**was, **now}
    return [
        {"field": field, "was": was.get(field), "is": now.get(field)}
        for field in fields
        if was.get(field) != now.get(field)
    ]


def _content(order: Order | OrderRequest, emails: Sequence[str]) -> dict[str, Any]:
    customer = canonical_text(order.customer)  # spelled otherwise, it would differ from what looks the same (D45)
    content: dict[str, Any] = {"customer": customer, "locale": order.locale, "delivery_emails": sorted(emails)}
    content["renewal_id"] = order.renewal_id
    lines: Sequence[OrderLine | LineRequest] = order.lines
    for number, line in enumerate(lines):
        content[f"lines[{number}].license_model"] = line.license_model
        content[f"lines[{number}].quantity"] = line.quantity
    return content
