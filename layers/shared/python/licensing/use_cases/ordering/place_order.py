"""Receiving a purchase order (D3, D4)."""

from licensing.domain.core import actions
from licensing.domain.core.decisions import Decision, created, decide
from licensing.domain.ordering import orders
from licensing.domain.ordering.quotes import Quote, ordered
from licensing.domain.ordering.requests import OrderRequest
from licensing.domain.ordering.summaries import summarized
from licensing.domain.ordering.views import OrderView
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading
from licensing.use_cases.ordering.read_orders import OrderFacts, order_facts


def place_order(store: Store, context: Context, request: OrderRequest) -> Outcome[OrderView]:
    """The order, new or as it was received before; raises `order_conflict`. A new one costs one read and one write.

    One that carries out a renewal is one read more (D40).
    """

    def load(reading: Reading) -> tuple[OrderFacts | None, Quote | None]:
        known = order_facts(reading.get, request.order_id)
        return known, reading.one(Quote.ref_of(request.renewal_id)) if request.renewal_id and not known else None

    def decided(loaded: tuple[OrderFacts | None, Quote | None]) -> Decision[OrderView]:
        known, quote = loaded
        if known:
            orders.require_same(known.order, request)
            # Nothing changes, so no ledger tells of it: an ERP's messages come more than once (D4).
            return Decision(known.view)
        order = orders.received(request, context.now)
        summary = f"Order {order.po_number} of {order.partner_id} received, {len(order.lines)} lines"
        view = OrderFacts(order, (), ()).view
        plan = [ordered(quote, request, context.now)] if request.renewal_id else []
        # The summary at once, so that the order is listed without waiting for the stream.
        changes = [created(order), *summarized(None, view), *plan]
        return decide(view, actions.ORDER_RECEIVED, summary, changes)

    return run_command(store, context, load, decided)
