"""Completed orders become keys and documents. Messages come from the topic Orders: from an ERP with the whole order,
from our own completion with its id."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from licensing.domain.instants import Instant
from licensing.domain.purchase_orders import PlaceOrder
from licensing.domain.records import Value
from licensing.entry import wiring
from licensing.entry.worker import worker
from licensing.use_cases.complete_order import take_completed_order
from licensing.use_cases.generate_keys import Press, generate_keys
from licensing.use_cases.path import Context


class FromErp(Value):
    """Intake and completion in one (contract: Ordering)."""

    type: Literal["order.completed"]
    completed_at: Instant | None = None
    order: PlaceOrder


class FromCompletion(Value):
    type: Literal["order.completed"]
    order_id: Annotated[str, Field(min_length=1, max_length=100)]


MESSAGE: TypeAdapter[FromErp | FromCompletion] = TypeAdapter(FromErp | FromCompletion)


def handle(body: str, context: Context) -> None:
    match MESSAGE.validate_json(body):
        case FromErp(order=order, completed_at=completed_at):
            order_id = take_completed_order(wiring.store(), context, order, completed_at)
        case FromCompletion(order_id=order_id):
            pass
    generate_keys(wiring.store(), _press(), context, order_id)


def _press() -> Press:
    return Press(
        vault=wiring.vault(),
        printer=wiring.print_document,
        documents=wiring.documents(),
        publisher=wiring.publisher(),
        portal_url=wiring.SETTINGS.portal_url,
    )


handler = worker("key-generation", handle)
