"""Noting that an order has nothing left to do: fulfilled, the first time (D7)."""

from licensing.domain.core import actions
from licensing.domain.core.decisions import Decision, decide
from licensing.domain.ordering import orders
from licensing.domain.ordering.views import OrderView
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.ordering.read_orders import OrderFacts, existing_order


def settle_order(store: Store, context: Context, order_id: str) -> None:
    """Does so once all mails are sent. Whoever records the last one sees all the others: reads are strongly
    consistent."""

    def decided(facts: OrderFacts) -> Decision[OrderView]:
        changes = orders.settled(facts.order, facts.deliveries, context.now)
        summary = f"Order {facts.order.po_number} fulfilled"
        return decide(facts.after(changes).view, actions.ORDER_FULFILLED, summary, changes)

    run_command(store, context, lambda reading: existing_order(reading.get, order_id), decided)
