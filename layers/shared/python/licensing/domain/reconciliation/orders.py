"""Promises about orders: one line one key, both ways; and no completed order is forgotten (D5, D7)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.orders import Order, OrderLine
from licensing.domain.reconciliation.violations import TableSnapshot, Violation

# Longer than all attempts of a message and the sweeper's patience together.
PATIENCE = timedelta(hours=24)


def order_findings(census: TableSnapshot, now: datetime) -> Iterator[Violation]:
    """Of orders and their keys."""
    for order in census.all(Order):
        for line in order.lines:
            yield from _line_findings(census, order, line)
        yield from _waiting_findings(order, now)
    for key in census.all(LicenseKey):
        yield from key_findings(census, key)


def _line_findings(census: TableSnapshot, order: Order, line: OrderLine) -> Iterator[Violation]:
    if line.key_hash is None:
        return
    key = census[str(LicenseKey.ref_of(line.key_hash))]
    if not isinstance(key, LicenseKey):
        yield _one_key(str(order.ref), f"Line {line.line} names a key that does not exist.")
        return
    same = (key.order_id, key.line, key.license_model, key.quantity, key.fingerprint, key.voided_at)
    if same != (order.order_id, line.line, line.license_model, line.quantity, line.key_fingerprint, None):
        yield _one_key(str(order.ref), f"Line {line.line} and its key {key.fingerprint} contradict each other.")


def key_findings(census: TableSnapshot, key: LicenseKey) -> Iterator[Violation]:
    """`census` has the key's order, if there is one."""
    order = census[str(Order.ref_of(key.order_id))]
    lines = order.lines if isinstance(order, Order) else ()
    line = next((line for line in lines if line.line == key.line), None)
    if line is None:
        yield _one_key(str(key.ref), f"No order has a line for the key {key.fingerprint}.")
    elif key.voided_at is None and line.key_hash != key.key_hash:
        yield _one_key(str(key.ref), f"The key {key.fingerprint} is good, and its order line has another or none.")
    elif key.voided_at and key.fingerprint not in line.voided:
        yield _one_key(str(key.ref), f"The key {key.fingerprint} is void, and its order line does not say so.")


def delivery_findings(census: TableSnapshot, mail: Delivery) -> Iterator[Violation]:
    """`census` has the delivery's order, if there is one."""
    order = census[str(Order.ref_of(mail.order_id))]
    if not isinstance(order, Order) or mail.recipient not in order.recipients:
        yield Violation(str(mail.ref), "orders are fulfilled", "No order has this recipient.")


def _waiting_findings(order: Order, now: datetime) -> Iterator[Violation]:
    if order.working_since and now - order.working_since > PATIENCE:
        yield Violation(str(order.ref), "orders are fulfilled", "Its keys or mails have been due for more than a day.")
    if order.completed_at and not order.fulfilled_at and not order.working_since:
        yield Violation(str(order.ref), "orders are fulfilled", "It is completed, and nothing is due and nothing done.")


def _one_key(item: str, detail: str) -> Violation:
    return Violation(item, "one line, one key", detail)
