"""Noting that an order has nothing left to do: fulfilled, the first time (D7)."""

from datetime import datetime
from typing import TypeVar

from licensing.domain.core import actions
from licensing.domain.core.decisions import Decision, decide
from licensing.domain.core.records import Value
from licensing.domain.ordering import orders
from licensing.domain.ordering.views import OrderView
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.ordering.read_orders import OrderFacts, existing_order

A = TypeVar("A", bound=Value)


def settle_order(store: Store, context: Context, order_id: str) -> None:
    """Does so once all mails are sent. Whoever records the last one sees all the others: reads are strongly
    consistent."""

    def decided(facts: OrderFacts) -> Decision[OrderView]:
        changes = orders.settled(facts.order, facts.deliveries, context.now)
        summary = f"Order {facts.order.po_number} fulfilled"
        return decide(facts.after(changes).view, actions.ORDER_FULFILLED, summary, changes)

    run_command(store, context, lambda reading: existing_order(reading.get, order_id), decided)


def with_settlement(facts: OrderFacts, sent: Decision[A], now: datetime) -> Decision[A]:
    """The decision, and in its commit the order's settlement, if it is the last of the order's mails that was sent."""
    settled = orders.settled(facts.order, facts.after(sent.changes).deliveries, now)
    # A refused one is news of its own, which an entry that tells of fulfilment would hide.
    if not settled or sent.action != actions.MAIL_SENT:
        return sent
    summary = f"{sent.steps[0].summary}; order {facts.order.po_number} fulfilled"
    return decide(sent.answer, actions.ORDER_FULFILLED, summary, [*sent.changes, *settled])
