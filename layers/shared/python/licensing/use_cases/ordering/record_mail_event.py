"""What the mail service reports of a mail: delivered, bounced, complained (D7)."""

from datetime import datetime

from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import not_found
from licensing.domain.ordering.deliveries import Delivery, Report, SentMail
from licensing.domain.ordering.delivery_steps import reported
from licensing.domain.ordering.documents import DeliveryTag
from licensing.domain.ordering.views import DeliveryView
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome


def delivery_tag_of(store: Store, message_id: str) -> DeliveryTag:
    """Which send a message id belongs to. Raises `not_found` for one not recorded yet."""
    # The mail service may report before our record of the mail is committed: refused, the event comes again.
    if (mail := store.one(SentMail.ref_of(message_id))) is None:
        raise not_found("mail")
    return DeliveryTag(mail.order_id, mail.recipient, mail.send)


def record_mail_event(
    store: Store, context: Context, tag: DeliveryTag, report: Report, reason: str | None, at: datetime
) -> Outcome[DeliveryView]:
    """The delivery as it is known now; a report on an earlier send changes nothing."""
    ref = Delivery.ref_of(tag.order_id, tag.recipient)

    def decided(mail: Delivery | None) -> Decision[DeliveryView]:
        if mail is None:
            raise not_found("delivery")
        return reported(mail, report, reason, at) if mail.send == tag.send else Decision(DeliveryView.of(mail))

    return run_command(store, context, lambda reading: reading.one(ref), decided)
