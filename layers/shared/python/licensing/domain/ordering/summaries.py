"""An order as lists show it, kept in one record so that a page of orders is one query and no key or mail is read.

Made with the order; from then on the table's stream keeps it after each change of the order, its keys and its mails, so
a list may lag by some seconds. The order itself, asked for by its id, is told from its records.
"""

from typing import Annotated, Any, ClassVar

from pydantic import PlainSerializer

from licensing.domain.core.decisions import Change
from licensing.domain.core.records import Record, Ref
from licensing.domain.ordering.views import OrderView


def _whole(order: OrderView) -> dict[str, Any]:
    """With what is null, which an answer has, and facts leave out."""
    return order.model_dump(mode="json")


class OrderSummary(Record):
    """Nothing rests on it: it can be made anew at any time."""

    kind: ClassVar[str] = "order_summary"
    order: Annotated[OrderView, PlainSerializer(_whole)]

    @property
    def ref(self) -> Ref["OrderSummary"]:
        return OrderSummary.ref_of(self.order.order_id)

    @staticmethod
    def ref_of(order_id: str) -> Ref["OrderSummary"]:
        return Ref(OrderSummary, (order_id,))


def summarized(before: OrderSummary | None, order: OrderView) -> list[Change]:
    """Written only where something differs."""
    if before and before.order == order:
        return []
    return [Change(before, before.evolve(order=order) if before else OrderSummary(order=order))]
