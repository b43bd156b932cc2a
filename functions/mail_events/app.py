"""What SES reports of our mails: events of the configuration set on AWS, notifications of the identity elsewhere."""

from datetime import UTC, datetime
from typing import Any

from licensing.domain.core.instants import whole_second
from licensing.domain.ordering.bounce_notifications import NO_SEND
from licensing.domain.ordering.deliveries import Report
from licensing.domain.ordering.documents import DeliveryTag
from licensing.entry import mailing, wiring
from licensing.entry.observability import logger
from licensing.entry.worker import worker
from licensing.use_cases.core.context import Context
from licensing.use_cases.ordering.notify_partner import notify_partner
from licensing.use_cases.ordering.record_mail_event import delivery_tag_of, record_mail_event

from pydantic import AliasChoices, BaseModel, Field

REPORTS: dict[str, Report] = {
    "Delivery": "delivered",
    "Bounce": "bounced",
    "Reject": "bounced",
    "Complaint": "complained",
}
TAG_HEADER = "x-engenius-delivery"


class Header(BaseModel):
    name: str
    value: str


class Mail(BaseModel):
    message_id: str = Field(alias="messageId")
    headers: tuple[Header, ...] = ()


# No `Value`, which refuses fields it doesn't know: SES has many, and may add some.
class MailEvent(BaseModel):
    """The part of an SES event that we read; the rest is SES's business."""

    kind: str = Field(validation_alias=AliasChoices("eventType", "notificationType"))
    mail: Mail
    bounce: dict[str, Any] = {}
    complaint: dict[str, Any] = {}
    delivery: dict[str, Any] = {}
    reject: dict[str, Any] = {}


def handle(body: str, context: Context) -> None:
    event = MailEvent.model_validate_json(body)
    if (report := REPORTS.get(event.kind)) is None:
        logger.info("mail event passed over", extra={"kind": event.kind})
        return
    # The mail's own header first: it is there even when the event overtakes our record of the mail.
    tag = _tag(event) or delivery_tag_of(wiring.store(), event.mail.message_id)
    if tag.send == NO_SEND:
        logger.info("event of a notification passed over", extra={"kind": event.kind})
        return
    record_mail_event(wiring.store(), context, tag, report, _reason(event), _at(event, context.now))
    notify_partner(wiring.store(), mailing.bounce_notifications(), context, tag.order_id, tag.recipient)


def _tag(event: MailEvent) -> DeliveryTag | None:
    texts = [header.value for header in event.mail.headers if header.name.lower() == TAG_HEADER]
    return DeliveryTag.from_text(texts[0]) if texts else None


def _reason(event: MailEvent) -> str | None:
    """In the words of the receiving server where it said something."""
    if event.bounce:
        told = [one.get("diagnosticCode") for one in event.bounce.get("bouncedRecipients", ())]
        kinds = f"{event.bounce.get('bounceType', '')} bounce, {event.bounce.get('bounceSubType', '')}"
        return next(filter(None, told), kinds)
    if event.complaint:
        return str(event.complaint.get("complaintFeedbackType") or "the recipient called it spam")
    return event.reject.get("reason")


def _at(event: MailEvent, now: datetime) -> datetime:
    told = (event.bounce or event.complaint or event.delivery).get("timestamp")
    at = datetime.fromisoformat(told) if isinstance(told, str) else now
    # SES's clock is not ours: nothing shall be recorded of an instant to come.
    return min(whole_second(at if at.tzinfo else at.replace(tzinfo=UTC)), now)


handler = worker("mail-events", handle, mails="mail_events")
