"""Notifying a partner that a recipient of its order did not get the keys (D7).

Called after whatever may have found that out, each time its message comes: what a crash prevented is done by the next
attempt, and one mail is enough.
"""

from datetime import datetime

from msgspec import Struct

from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import not_found
from licensing.domain.core.records import Ref
from licensing.domain.ordering.bounce_notifications import BounceNotification
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.delivery_steps import partner_told
from licensing.domain.ordering.documents import language_of
from licensing.domain.ordering.orders import Order
from licensing.domain.ordering.views import DeliveryView
from licensing.domain.people.tenants import Partner
from licensing.ports import Store
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.send_once import Mailing, send_once


class BounceSend(Struct, frozen=True):
    """`licensing.use_cases.core.send_once.Send` of the notification that `mail` did not arrive."""

    mail: Delivery
    contact: str

    @property
    def ref(self) -> Ref[Delivery]:
        return self.mail.ref

    @property
    def recipient(self) -> str:
        return self.contact

    def is_due(self, current: Delivery | None) -> bool:
        """Two workers learn of one bounce at the same time: the sender's own, and that of the mail's events."""
        return current is not None and current.send == self.mail.send and current.untold

    def handed_over(
        self, current: Delivery | None, message_id: str, parts: int, now: datetime
    ) -> Decision[DeliveryView]:
        assert parts == 1, "a notification has no attachments"
        return self._told(current, message_id, now)

    def refused(self, current: Delivery | None, reason: str, now: datetime) -> Decision[DeliveryView]:  # noqa: ARG002
        """The contact can't be told: the order shows what became of the mail all the same."""
        return self._told(current, None, now)

    def _told(self, current: Delivery | None, message_id: str | None, now: datetime) -> Decision[DeliveryView]:
        if current is None:
            raise not_found("delivery")
        return partner_told(current, self.mail.send, self.contact, message_id, now)


def notify_partner(
    store: Store, mailing: Mailing[BounceNotification], context: Context, order_id: str, recipient: str
) -> None:
    """One mail to the partner's contact for a send that bounced or was complained of; else nothing.

    Raises `conflict` while another worker is at it: the message has to come again.
    """
    mail = store.one(Delivery.ref_of(order_id, recipient))
    if mail is None or not mail.untold:
        return
    order = store.one(Order.ref_of(order_id))
    if order is None:
        raise not_found("order")
    partner = store.one(Partner.ref_of(order.partner_id))
    # Whoever gave no contact still sees in the order what became of the mail.
    if partner is None or partner.contact_email is None:
        return
    contact = partner.contact_email
    send_once(store, mailing, context, BounceSend(mail, contact), _notification(mailing, order, mail, contact))


def _notification(
    mailing: Mailing[BounceNotification], order: Order, mail: Delivery, contact: str
) -> BounceNotification:
    return BounceNotification(
        sender=mailing.sender,
        recipient=contact,
        order_id=order.order_id,
        po_number=order.po_number,
        customer=order.customer,
        address=mail.recipient,
        status=mail.status,
        reason=mail.reason,
        at=mail.at,
        portal_url=mailing.portal_url,
        language=language_of(order.locale),
    )
