"""Receiving a purchase order (D3, D4)."""

from licensing.domain import orders
from licensing.domain.decisions import Decision, created, decide
from licensing.domain.order_views import OrderView
from licensing.domain.purchase_orders import PlaceOrder
from licensing.ports import Store
from licensing.use_cases.path import Context, Outcome, run
from licensing.use_cases.read_orders import OrderFacts, order_facts


def place_order(store: Store, context: Context, request: PlaceOrder) -> Outcome[OrderView]:
    """The order, new or as it was received before; raises `order_conflict`. A new one costs one read and one write."""

    def decided(known: OrderFacts | None) -> Decision[OrderView]:
        if known:
            orders.require_same(known.order, request)
            return decide(known.view, "", "", ())
        order = orders.received(request, context.now)
        summary = f"Order {order.po_number} of {order.partner_id} received, {len(order.lines)} lines"
        return decide(OrderFacts(order, (), ()).view, "order.received", summary, [created(order)])

    return run(store, context, lambda reading: order_facts(reading.get, request.order_id), decided)
