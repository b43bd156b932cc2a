"""Mailing the keys of an order to one recipient (D7).

A lease keeps two workers with the same message apart; after a crash it runs out, and the next attempt goes on with
the part that was not handed over yet. So a mail is sent twice only when a crash fell between the mail service's
answer and our record of it, and never not at all.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from msgspec import Struct

from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import not_found
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.license_key import LicenseKey, seal_context
from licensing.domain.ordering import delivery_steps
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.documents import Attachment, KeyMail, MailLine, language_of
from licensing.domain.ordering.views import DeliveryView
from licensing.ports import DocumentMissing, Documents, Mailer, MailRefused, Publisher, Store, Vault
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.ordering.read_orders import OrderFacts, document_name, existing_order, file_name, reader
from licensing.use_cases.ordering.settle_order import settle_order

Composer = Callable[[KeyMail], list[bytes]]


class PostOffice(Struct, frozen=True):
    """What sending mail takes besides the table. The lease is over before the queue tries again."""

    vault: Vault
    documents: Documents
    publisher: Publisher
    compose: Composer
    mailer: Mailer
    sender: str
    portal_url: str
    lease: timedelta


def deliver_keys(store: Store, office: PostOffice, context: Context, order_id: str, recipient: str, send: int) -> None:
    """Sends one mail, unless it was sent or a later send took its place; then looks whether anything is left to do.

    A document that is missing is printed first, and the mail queued again. Raises `conflict` while another worker is
    at it: the message has to come again.
    """
    facts = existing_order(reader(store), order_id)
    mail = next((mail for mail in facts.deliveries if (mail.recipient, mail.send) == (recipient, send)), None)
    if mail is None:
        return
    if mail.sent_at is None:
        try:
            key_mail = _key_mail(office, facts, mail)
        except DocumentMissing:
            # Who prints it queues this mail again.
            office.publisher.order_completed(order_id)
            return
        _change(store, context, mail, partial(delivery_steps.lease, now=context.now, lasts=office.lease))
        _send(store, office, context, key_mail, mail)
    if facts.order.working_since:
        settle_order(store, context, order_id)


def _send(store: Store, office: PostOffice, context: Context, key_mail: KeyMail, mail: Delivery) -> None:
    try:
        messages = office.compose(key_mail)
        for message in messages[mail.parts_sent :]:
            message_id = office.mailer.send(message, mail.recipient)
            sent = partial(delivery_steps.part_sent, message_id=message_id, parts=len(messages), now=context.now)
            _change(store, context, mail, sent)
    except MailRefused as refused:
        _change(store, context, mail, partial(delivery_steps.refused, reason=str(refused), now=context.now))


def _change(
    store: Store, context: Context, mail: Delivery, decided: Callable[[Delivery], Decision[DeliveryView]]
) -> None:
    """A change of this very send; one that took its place meanwhile is left alone."""

    def of_this_send(current: Delivery | None) -> Decision[DeliveryView]:
        if current is None:
            raise not_found("delivery")
        return decided(current) if current.send == mail.send else Decision(DeliveryView.of(current))

    run_command(store, context, lambda reading: reading.one(mail.ref), of_this_send)


def _key_mail(office: PostOffice, facts: OrderFacts, mail: Delivery) -> KeyMail:
    order = facts.order
    return KeyMail(
        sender=office.sender,
        recipient=mail.recipient,
        order_id=order.order_id,
        send=mail.send,
        po_number=order.po_number,
        partner_id=order.partner_id,
        customer=order.customer,
        portal_url=office.portal_url,
        attachments=tuple(Attachment(file_name(key), office.documents.get(document_name(key))) for key in facts.keys),
        lines=tuple(_mail_line(office, key) for key in facts.keys),
        language=language_of(order.locale),
    )


def _mail_line(office: PostOffice, key: LicenseKey) -> MailLine:
    symbols = office.vault.open(key.ciphertext, seal_context(key.order_id, key.line))
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
