"""Reissue: a key that got into wrong hands is withdrawn, and its line gets another, mailed to everybody.

The new key is issued as the first one was, by key generation. Its issue date is the order's completion like that of
every key (D5), so a reissue neither shortens nor stretches the time to the forced activation.
"""

from collections.abc import Sequence
from datetime import datetime

from licensing.domain.core.decisions import Change, changed
from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.licenses.license_key import LicenseKey, why_unclaimable
from licensing.domain.ordering.deliveries import Delivery, queued
from licensing.domain.ordering.orders import Order, OrderLine


def reissued(
    order: Order, keys: Sequence[LicenseKey], deliveries: Sequence[Delivery], number: int, now: datetime
) -> list[Change]:
    """Line `number` waits for a new key, the old one is void, the mail is queued for all recipients.

    Raises `already_claimed`; `conflict` while the line has no key; `not_found` for a line that does not exist.
    """
    line = next((line for line in order.lines if line.line == number), None)
    if line is None:
        raise not_found("order line")
    key = next((key for key in keys if key.key_hash == line.key_hash), None)
    if key is None:
        raise Refusal("conflict", f"Line {number} waits for its key already.", "The key follows by itself, by mail.")
    if refusal := why_unclaimable(key):
        raise refusal
    lines = [_withdrawn(each) if each is line else each for each in order.lines]
    last = {mail.recipient: mail for mail in deliveries}
    mails = [queued(order.order_id, recipient, now, last.get(recipient)) for recipient in order.recipients]
    # Fulfilled it is again once the new key is on its way to everybody.
    waiting = changed(order, lines=lines, working_since=now, fulfilled_at=None)
    # In one commit: a claim of the old key comes before it and forbids the reissue, or finds the key void (D11).
    return [waiting, changed(key, voided_at=now), *mails]


def _withdrawn(line: OrderLine) -> OrderLine:
    assert line.key_fingerprint is not None, "a line with a key knows its fingerprint"
    voided = (*line.voided, line.key_fingerprint)
    return line.model_copy(update={"key_hash": None, "key_fingerprint": None, "voided": voided})
