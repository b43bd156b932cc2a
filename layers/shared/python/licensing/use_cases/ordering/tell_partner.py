"""Telling a partner that a recipient of its order did not get the keys (D7).

Called after whatever may have found that out, each time its message comes: a crash before the partner was told is
made good by the next attempt, and once told is enough. A crash between the mail service's answer and our record of it
costs one more mail.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from msgspec import Struct

from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.delivery_steps import lease, partner_told
from licensing.domain.ordering.documents import language_of
from licensing.domain.ordering.notices import Notice
from licensing.domain.ordering.orders import Order
from licensing.domain.ordering.views import DeliveryView
from licensing.domain.people.tenants import Partner
from licensing.ports import Mailer, MailRefused, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context


class NoticeDesk(Struct, frozen=True):
    """What telling takes besides the table. The lease is over before the queue tries again."""

    compose: Callable[[Notice], bytes]
    mailer: Mailer
    sender: str
    portal_url: str
    lease: timedelta


def tell_partner(store: Store, desk: NoticeDesk, context: Context, order_id: str, recipient: str) -> None:
    """One mail to the partner's contact for a send that bounced or was complained of; else nothing.

    Raises `conflict` while another worker is at it: the message has to come again.
    """
    wanted = Delivery.named(order_id, recipient)
    mail = store.one(wanted)
    if mail is None or not mail.untold:
        return
    order = store.one(Order.named(order_id))
    if order is None:
        raise not_found("order")
    partner = store.one(Partner.named(order.partner_id))
    if partner is None or partner.contact_email is None:
        return
    contact = partner.contact_email
    run_command(store, context, lambda reading: reading.one(wanted), partial(_leased, desk, context, mail.send))
    message_id = _sent(desk, _notice(desk, order, mail, contact))

    def told(current: Delivery | None) -> Decision[DeliveryView]:
        if current is None:
            raise not_found("delivery")
        return partner_told(current, mail.send, contact, message_id, context.now)

    run_command(store, context, lambda reading: reading.one(wanted), told)


def _leased(desk: NoticeDesk, context: Context, send: int, mail: Delivery | None) -> Decision[DeliveryView]:
    """Two workers learn of one bounce at the same time: the sender's own, and that of the mail's events."""
    if mail is None or mail.send != send or not mail.untold:
        raise Refusal("conflict", "The partner was told meanwhile.", "Look at the delivery again.")
    return lease(mail, context.now, desk.lease)


def _sent(desk: NoticeDesk, notice: Notice) -> str | None:
    """The mail's id; None for a mail that can never be sent, so that nobody tries for ever."""
    try:
        return desk.mailer.send(desk.compose(notice), notice.recipient)
    except MailRefused:
        return None


def _notice(desk: NoticeDesk, order: Order, mail: Delivery, contact: str) -> Notice:
    return Notice(
        sender=desk.sender,
        recipient=contact,
        order_id=order.order_id,
        po_number=order.po_number,
        customer=order.customer,
        address=mail.recipient,
        status=mail.status,
        reason=mail.reason,
        at=mail.at,
        portal_url=desk.portal_url,
        language=language_of(order.locale),
    )
