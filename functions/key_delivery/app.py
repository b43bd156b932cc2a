"""Mails the keys of an order, one message of the queue for each recipient."""

from typing import Annotated

from pydantic import Field

from licensing.domain.core.records import Value
from licensing.entry import notices, wiring
from licensing.entry.worker import worker
from licensing.use_cases.core.context import Context
from licensing.use_cases.ordering.deliver_keys import PostOffice, deliver_keys
from licensing.use_cases.ordering.tell_partner import tell_partner


class ToSend(Value):
    order_id: str
    recipient: str
    send: Annotated[int, Field(ge=1)]


def handle(body: str, context: Context) -> None:
    mail = ToSend.model_validate_json(body)
    deliver_keys(wiring.store(), _office(), context, mail.order_id, mail.recipient, mail.send)
    tell_partner(wiring.store(), notices.desk(), context, mail.order_id, mail.recipient)


def _office() -> PostOffice:
    return PostOffice(
        vault=wiring.vault(),
        documents=wiring.documents(),
        publisher=wiring.publisher(),
        compose=wiring.compose_mail,
        mailer=wiring.mailer(),
        sender=wiring.SETTINGS.mail_sender,
        portal_url=wiring.SETTINGS.portal_url,
        lease=0.8 * wiring.SETTINGS.retry_after,
    )


handler = worker("key-delivery", handle)
