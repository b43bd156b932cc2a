"""Completed orders become keys and documents. Messages come from the topic Orders: from an ERP with the whole order,
from our own completion with its id."""

from typing import Annotated, Literal

from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Value
from licensing.domain.ordering.requests import OrderRequest
from licensing.entry import wiring
from licensing.entry.worker import worker
from licensing.use_cases.core.context import Context
from licensing.use_cases.ordering.complete_order import take_completed_order
from licensing.use_cases.ordering.generate_keys import KeyGenerationDeps, generate_keys

from pydantic import Field, TypeAdapter


class FromErp(Value):
    """Intake and completion in one (docs/rules.md, By message)."""

    type: Literal["order.completed"]
    completed_at: Instant | None = None
    order: OrderRequest


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
    generate_keys(wiring.store(), _deps(), context, order_id)


def _deps() -> KeyGenerationDeps:
    return KeyGenerationDeps(
        vault=wiring.vault(),
        printer=wiring.print_document,
        documents=wiring.documents(),
        publisher=wiring.publisher(),
        portal_url=wiring.SETTINGS.portal_url,
    )


handler = worker("key-generation", handle)
