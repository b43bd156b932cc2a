"""Orders as the API shows them (openapi: order_intake.read)."""

from collections.abc import Iterable

from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Value
from licensing.domain.licenses.license_key import Holder, KeyState, LicenseKey
from licensing.domain.ordering.deliveries import Delivery, DeliveryStatus
from licensing.domain.ordering.orders import Order, OrderLine, OrderStatus


class LineView(Value):
    """One line; `voided_fingerprints` are the keys it had before it was reissued."""

    line: int
    license_model: str
    quantity: int
    key_fingerprint: str | None
    key_state: KeyState
    claimed_by: Holder | None
    voided_fingerprints: tuple[str, ...] = ()

    @classmethod
    def of(cls, line: OrderLine, key: LicenseKey | None) -> "LineView":
        return cls(
            line=line.line,
            license_model=line.license_model,
            quantity=line.quantity,
            key_fingerprint=line.key_fingerprint,
            key_state=key.state if key else "issued" if line.key_hash else "pending",
            claimed_by=key.holder if key else None,
            voided_fingerprints=line.voided,
        )


class DeliveryView(Value):
    """How the API shows the mail to one recipient."""

    recipient: str
    status: DeliveryStatus
    at: Instant
    reason: str | None

    @classmethod
    def of(cls, mail: Delivery) -> "DeliveryView":
        return cls(recipient=mail.recipient, status=mail.status, at=mail.at, reason=mail.reason)


class OrderView(Value):
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

    @classmethod
    def of(cls, order: Order, keys: Iterable[LicenseKey], deliveries: Iterable[Delivery]) -> "OrderView":
        """The order with the state of its keys and of its mail."""
        by_hash = {key.key_hash: key for key in keys}
        return cls(
            **order.model_dump(include={"order_id", "partner_id", "po_number", "customer", "delivery_emails"}),
            status=order.status,
            received_at=order.received_at,
            completed_at=order.completed_at,
            lines=tuple(LineView.of(line, by_hash.get(line.key_hash or "")) for line in order.lines),
            deliveries=tuple(map(DeliveryView.of, deliveries)),
        )


class DocumentView(Value):
    url: str
