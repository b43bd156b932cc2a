"""Mails the keys of an order, one message of the queue for each recipient."""

from typing import Annotated

from licensing.domain.core.records import Value
from licensing.entry import mailing, wiring
from licensing.entry.worker import worker
from licensing.use_cases.core.context import Context
from licensing.use_cases.ordering.deliver_keys import KeyDeliveryDeps, deliver_keys
from licensing.use_cases.ordering.notify_partner import notify_partner

from pydantic import Field


class ToSend(Value):
    order_id: str
    recipient: str
    send: Annotated[int, Field(ge=1)]


def handle(body: str, context: Context) -> None:
    mail = ToSend.model_validate_json(body)
    deliver_keys(wiring.store(), _deps(), context, mail.order_id, mail.recipient, mail.send)
    notify_partner(wiring.store(), mailing.bounce_notifications(), context, mail.order_id, mail.recipient)


def _deps() -> KeyDeliveryDeps:
    return KeyDeliveryDeps(
        mailing=mailing.queued_mailing(wiring.compose_mail),
        vault=wiring.vault(),
        documents=wiring.documents(),
        publisher=wiring.publisher(),
    )


handler = worker("key-delivery", handle)
