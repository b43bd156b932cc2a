"""Mails the keys of an order to all of its recipients that wait for them."""

from typing import Annotated

from licensing.domain.core.records import Value
from licensing.entry import mailing, wiring
from licensing.entry.worker import worker
from licensing.use_cases.core.context import Context
from licensing.use_cases.ordering.deliver_keys import KeyDeliveryDeps, deliver_keys
from licensing.use_cases.ordering.notify_partner import notify_partner

from pydantic import Field


class MailsDue(Value):
    order_id: Annotated[str, Field(min_length=1, max_length=100)]


def handle(body: str, context: Context) -> None:
    # The release before named a recipient and a send besides; its messages may wait for days.
    order_id = MailsDue.model_validate_json(body, extra="ignore").order_id
    for mail in deliver_keys(wiring.store(), _deps(), context, order_id):
        notify_partner(wiring.store(), mailing.bounce_notifications(), context, order_id, mail.recipient)


def _deps() -> KeyDeliveryDeps:
    return KeyDeliveryDeps(
        mailing=mailing.queued_mailing(wiring.compose_mail),
        vault=wiring.vault(),
        documents=wiring.documents(),
        publisher=wiring.publisher(),
    )


handler = worker("key-delivery", handle, mails="delivery")
