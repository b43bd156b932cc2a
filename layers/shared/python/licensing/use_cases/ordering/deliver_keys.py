"""Mailing the keys of an order to one recipient (D7)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import not_found
from licensing.domain.core.records import Ref
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.license_key import LicenseKey, seal_context
from licensing.domain.ordering import delivery_steps
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.documents import Attachment, KeyMail, MailLine, language_of
from licensing.domain.ordering.views import DeliveryView
from licensing.ports import DocumentMissing, Documents, Publisher, Store, Vault
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.send_once import Mailing, send_once
from licensing.use_cases.ordering.read_orders import OrderFacts, document_name, existing_order, file_name, reader
from licensing.use_cases.ordering.settle_order import settle_order


class KeyDeliveryDeps(Struct, frozen=True):
    """What mailing keys takes besides the table."""

    mailing: Mailing[KeyMail]
    vault: Vault
    documents: Documents
    publisher: Publisher


class KeySend(Struct, frozen=True):
    """`licensing.use_cases.core.send_once.Send` of keys; one that took its place meanwhile is left alone."""

    mail: Delivery

    @property
    def ref(self) -> Ref[Delivery]:
        return self.mail.ref

    def leased(self, current: Delivery | None, now: datetime, lasts: timedelta) -> Decision[DeliveryView]:
        return self._of_this_send(current, partial(delivery_steps.lease, now=now, lasts=lasts))

    def handed_over(
        self, current: Delivery | None, message_id: str, parts: int, now: datetime
    ) -> Decision[DeliveryView]:
        sent = partial(delivery_steps.part_sent, message_id=message_id, parts=parts, now=now)
        return self._of_this_send(current, sent)

    def refused(self, current: Delivery | None, reason: str, now: datetime) -> Decision[DeliveryView]:
        return self._of_this_send(current, partial(delivery_steps.refused, reason=reason, now=now))

    def _of_this_send(
        self, current: Delivery | None, decide: Callable[[Delivery], Decision[DeliveryView]]
    ) -> Decision[DeliveryView]:
        if current is None:
            raise not_found("delivery")
        return decide(current) if current.send == self.mail.send else Decision(DeliveryView.of(current))


def deliver_keys(
    store: Store, deps: KeyDeliveryDeps, context: Context, order_id: str, recipient: str, send: int
) -> None:
    """Sends one mail, unless it was sent or a later send took its place; then looks whether anything is left to do.

    A document that is missing is printed first, and the mail queued again. Raises `conflict` while another worker is
    at it: the message has to come again.
    """
    # Outside a command, for nothing is decided by it: `send_once` looks at the delivery again under its lease.
    facts = existing_order(reader(store), order_id)
    mail = next((mail for mail in facts.deliveries if (mail.recipient, mail.send) == (recipient, send)), None)
    if mail is None:
        return
    if mail.sent_at is None:
        try:
            # Before the lease: taken for a mail that can't be composed yet, it would hold up the next attempt.
            key_mail = _key_mail(deps, facts, mail)
        except DocumentMissing:
            # Who prints it queues this mail again.
            deps.publisher.order_completed(order_id)
            return
        send_once(store, deps.mailing, context, KeySend(mail), key_mail, mail.parts_sent)
    # Also for a mail sent before: whoever sent the last one may have broken off right behind it.
    if facts.order.working_since:
        settle_order(store, context, order_id)


def _key_mail(deps: KeyDeliveryDeps, facts: OrderFacts, mail: Delivery) -> KeyMail:
    order = facts.order
    return KeyMail(
        sender=deps.mailing.sender,
        recipient=mail.recipient,
        order_id=order.order_id,
        send=mail.send,
        po_number=order.po_number,
        partner_id=order.partner_id,
        customer=order.customer,
        portal_url=deps.mailing.portal_url,
        attachments=tuple(Attachment(file_name(key), deps.documents.get(document_name(key))) for key in facts.keys),
        lines=tuple(_mail_line(deps.vault, key) for key in facts.keys),
        language=language_of(order.locale),
    )


def _mail_line(vault: Vault, key: LicenseKey) -> MailLine:
    symbols = vault.open(key.ciphertext, seal_context(key.order_id, key.line))
    model = key.model
    return MailLine(
        line=key.line,
        sku=model.sku,
        model_name=model.name,
        scope=model.scope,
        quantity=key.quantity,
        license_key=key_codec.pretty(symbols),
        forced_activation_at=model.forced_activation_at(key.issued_at),
    )
