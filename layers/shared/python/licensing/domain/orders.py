"""Orders and what becomes of them: placed, completed, mailed; conflicts and corrections (D3-D7)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

from licensing.domain.decisions import Change, Decision, changed, created, decide
from licensing.domain.errors import Fault, Refusal, invalid
from licensing.domain.instants import Instant, to_text
from licensing.domain.keys import KeyState, LicenseKey
from licensing.domain.purchase_orders import MAX_EMAILS, PlaceOrder
from licensing.domain.records import Record, Ref, Value

OrderStatus = Literal["received", "completed", "fulfilled"]
DeliveryStatus = Literal["queued", "sent", "delivered", "bounced", "complained"]

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MAX_RECIPIENTS = 2 * MAX_EMAILS
# Longer than any send takes, shorter than the queue waits before it tries again.
LEASE = timedelta(seconds=90)


class OrderLine(Value):
    """One line of an order; the key's hash and fingerprint once it was generated."""

    line: int
    license_model: str
    quantity: int
    key_hash: str | None = None
    key_fingerprint: str | None = None
    voided: tuple[str, ...] = ()


class Order(Record):
    """A purchase order. What follows from it (keys, deliveries) are records of their own."""

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

    @property
    def ref(self) -> Ref["Order"]:
        return Order.named(self.order_id)

    @staticmethod
    def named(order_id: str) -> Ref["Order"]:
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
    def deliveries(self) -> list[Ref["Delivery"]]:
        return [Delivery.named(self.order_id, recipient) for recipient in self.recipients]

    @property
    def keys(self) -> list[Ref[LicenseKey]]:
        return [LicenseKey.named(line.key_hash) for line in self.lines if line.key_hash]


class Delivery(Record):
    """The mail to one recipient: its last send, and how far that has come (D7)."""

    kind: ClassVar[str] = "delivery"
    order_id: str
    recipient: str
    send: int
    status: DeliveryStatus
    at: Instant
    reason: str | None = None
    parts_sent: int = 0
    leased_until: Instant | None = None

    @property
    def ref(self) -> Ref["Delivery"]:
        return Delivery.named(self.order_id, self.recipient)

    @staticmethod
    def named(order_id: str, recipient: str) -> Ref["Delivery"]:
        return Ref(Delivery, (order_id, recipient))

    @property
    def owner(self) -> str:
        return f"order/{self.order_id}"


class SentMail(Record):
    """Whose mail a message id of the mail service belongs to; its events name nothing else."""

    kind: ClassVar[str] = "mail"
    message_id: str
    order_id: str
    recipient: str
    send: int
    forget_at: Instant

    @property
    def ref(self) -> Ref["SentMail"]:
        return SentMail.named(self.message_id)

    @staticmethod
    def named(message_id: str) -> Ref["SentMail"]:
        return Ref(SentMail, (message_id,))


class Holder(Value):
    kind: Literal["organization", "msp"]
    id: str


class LineView(Value):
    line: int
    license_model: str
    quantity: int
    key_fingerprint: str | None
    key_state: KeyState
    claimed_by: Holder | None
    voided_fingerprints: tuple[str, ...] = ()


class DeliveryView(Value):
    recipient: str
    status: DeliveryStatus
    at: Instant
    reason: str | None


class OrderView(Value):
    """An order as the API answers it (contract: Ordering)."""

    order_id: str
    partner_id: str
    po_number: str
    customer: str
    status: OrderStatus
    received_at: Instant
    completed_at: Instant | None
    lines: tuple[LineView, ...]
    delivery_emails: tuple[str, ...]
    deliveries: tuple[DeliveryView, ...]


def view(order: Order, keys: Iterable[LicenseKey], deliveries: Iterable[Delivery]) -> OrderView:
    """The order with the state of its keys and of its mail."""
    by_hash = {key.key_hash: key for key in keys}
    return OrderView(
        **order.model_dump(include={"order_id", "partner_id", "po_number", "customer", "received_at", "completed_at"}),
        status=order.status,
        lines=tuple(_line_view(line, by_hash.get(line.key_hash or "")) for line in order.lines),
        delivery_emails=order.delivery_emails,
        deliveries=tuple(
            DeliveryView(recipient=mail.recipient, status=mail.status, at=mail.at, reason=mail.reason)
            for mail in deliveries
        ),
    )


def _line_view(line: OrderLine, key: LicenseKey | None) -> LineView:
    holder = key.claimed_by.partition("/") if key and key.claimed_by else None
    return LineView(
        line=line.line,
        license_model=line.license_model,
        quantity=line.quantity,
        key_fingerprint=line.key_fingerprint,
        key_state="claimed" if holder else "issued" if line.key_hash else "pending",
        claimed_by=Holder(kind="msp" if holder[0] == "msp" else "organization", id=holder[2]) if holder else None,
        voided_fingerprints=line.voided,
    )


def place(
    request: PlaceOrder, existing: Order | None, existing_view: OrderView | None, now: datetime
) -> Decision[OrderView]:
    """The order of a new PO; the one there is, for a PO received before; `order_conflict` if they differ (D4)."""
    if existing is not None and existing_view is not None:
        if changes := differences(existing, request):
            raise _conflict(existing, changes)
        return decide(existing_view, "", "", ())
    order = Order(
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
    )
    summary = f"Order {order.po_number} of {order.partner_id} received, {len(order.lines)} lines"
    return decide(view(order, (), ()), "order.received", summary, [created(order)])


def differences(order: Order, request: PlaceOrder) -> list[dict[str, Any]]:
    """What the same PO number now says otherwise: `[{"field", "was", "is"}]`; the order of addresses doesn't matter."""
    was, now = _content(order.lines), _content(request.lines)
    told = [{"field": name, "was": was.get(name), "is": now.get(name)} for name in {**was, **now}]
    told += [
        {"field": "customer", "was": order.customer, "is": request.customer},
        {"field": "locale", "was": order.locale, "is": request.locale},
    ]
    if set(order.delivery_emails) != set(request.recipients):
        emails = {"was": list(order.delivery_emails), "is": list(request.recipients)}
        told.append({"field": "delivery_emails"} | emails)
    return [change for change in told if change["was"] != change["is"]]


def _content(lines: Sequence[Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for number, line in enumerate(lines):
        content[f"lines[{number}].license_model"] = line.license_model
        content[f"lines[{number}].quantity"] = line.quantity
    return content


def _conflict(order: Order, changes: list[dict[str, Any]]) -> Refusal:
    fields = ", ".join(change["field"] for change in changes)
    return Refusal(
        "order_conflict",
        f"PO {order.po_number} of {order.partner_id} was received before with other content: {fields}.",
        "Use a new PO number for a new order; an order that was received can't be altered.",
        changes=changes,
        order_id=order.order_id,
    )


def complete(
    order: Order,
    keys: Sequence[LicenseKey],
    deliveries: Sequence[Delivery],
    completed_at: datetime | None,
    now: datetime,
) -> Decision[OrderView]:
    """Completion, once; from here on the keys are due, and a mail is queued for every recipient (D5, D7)."""
    if order.completed_at is not None:
        return decide(view(order, keys, deliveries), "", "", ())
    at = completed_at or now
    if not EARLIEST <= at <= now:
        bounds = f"must lie between {to_text(EARLIEST)} and now ({to_text(now)})"
        raise invalid(Fault("completed_at", bounds))
    queued = [
        Delivery(order_id=order.order_id, recipient=recipient, send=1, status="queued", at=now)
        for recipient in order.recipients
    ]
    changes = [changed(order, completed_at=at), *map(created, queued)]
    answer = view(order.but(completed_at=at), (), queued)
    return decide(answer, "order.completed", f"Order {order.po_number} completed", changes)


def issue(order: Order, minted: Mapping[int, LicenseKey]) -> Decision[OrderView]:
    """One key for each line that has none yet, out of `minted` by line number (D5, D8)."""
    new = {line.line: minted[line.line] for line in order.lines if line.key_hash is None and line.line in minted}
    lines = [
        line.model_copy(update={"key_hash": key.key_hash, "key_fingerprint": key.fingerprint})
        if (key := new.get(line.line))
        else line
        for line in order.lines
    ]
    changes = [changed(order, lines=lines), *map(created, new.values())] if new else []
    summary = f"{len(new)} license keys issued for order {order.po_number}"
    return decide(view(order.but(lines=lines), new.values(), ()), "keys.issued", summary, changes)


def send_again(
    order: Order,
    keys: Sequence[LicenseKey],
    deliveries: Sequence[Delivery],
    recipients: Sequence[str] | None,
    now: datetime,
) -> Decision[OrderView]:
    """Queues the mail once more, for the list or for the addresses given, corrected ones among them (D7)."""
    if order.completed_at is None:
        raise Refusal("conflict", "The order is not completed, so there is nothing to send yet.", "Complete it first.")
    chosen = tuple(dict.fromkeys(recipients or order.delivery_emails))
    corrected = tuple(address for address in chosen if address not in order.recipients)
    if len(order.recipients) + len(corrected) > MAX_RECIPIENTS:
        raise invalid(Fault("recipients", f"an order can have {MAX_RECIPIENTS} recipients in all"))
    known = {delivery.recipient: delivery for delivery in deliveries}
    again = [_queued_again(order, recipient, known.get(recipient), now) for recipient in chosen]
    grown = order.but(corrected_emails=order.corrected_emails + corrected)
    changes = [*again, *([Change(order, grown)] if corrected else [])]
    latest = known | {mail.recipient: mail for change in again if isinstance(mail := change.after, Delivery)}
    answer = view(grown, keys, [latest[recipient] for recipient in grown.recipients])
    summary = f"Mail of order {order.po_number} to be sent again to {len(again)} recipients"
    return decide(answer, "mail.queued", summary, changes)


def _queued_again(order: Order, recipient: str, last: Delivery | None, now: datetime) -> Change:
    mail = Delivery(
        order_id=order.order_id,
        recipient=recipient,
        send=last.send + 1 if last else 1,
        status="queued",
        at=now,
    )
    return Change(last, mail)


def is_fulfilled(order: Order, deliveries: Sequence[Delivery]) -> bool:
    """Every line has its key and every recipient's mail was handed over; the PDFs exist before any mail is queued."""
    return (
        order.completed_at is not None
        and all(line.key_hash for line in order.lines)
        and len(deliveries) == len(order.recipients)
        and all(mail.status != "queued" for mail in deliveries)
    )
