"""Orders over HTTP: intake, completion, reading, documents, mailing again; and the catalogue."""

from licensing import listings
from licensing.domain.core.errors import Fault, invalid
from licensing.domain.core.records import Value
from licensing.domain.core.texts import PoNumber, TenantId
from licensing.domain.licenses.catalog import catalog
from licensing.domain.licenses.types import TYPES
from licensing.domain.licenses.views import ModelsView
from licensing.domain.ordering.order_ids import order_id_of
from licensing.domain.ordering.orders import OrderStatus
from licensing.domain.ordering.requests import CompletionRequest, DeliveriesRequest, OrderRequest, ReissueRequest
from licensing.domain.ordering.views import DocumentView, OrderView
from licensing.domain.people.access import Caller, require_partner
from licensing.entry import wiring
from licensing.entry.answers import Redirect
from licensing.entry.http import Api, Call
from licensing.entry.paging import Items, ListQuery, listed_together
from licensing.entry.rules import ORDER, ORDER_OPERATOR, ORDERS, SIGNED_IN
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.ordering import complete_order, place_order, read_orders

api = Api()


class OrderQuery(ListQuery):
    partner_id: TenantId | None = None
    status: OrderStatus | None = None
    po_number: PoNumber | None = None


class DocumentQuery(Value):
    """`link`: answer the address instead of going there, for callers that can't follow (a browser's fetch)."""

    link: bool = False


@api.route("POST", "/orders", rule=ORDERS, takes=OrderRequest, gives=OrderView, status=201, unchanged=200)
def place(call: Call, request: OrderRequest) -> Outcome[OrderView]:
    # The route's rule sees the path; whose order it is stands in the body.
    require_partner(call.caller, request.partner_id, "partner")
    return place_order.place_order(wiring.store(), call.context, request)


@api.route("GET", "/orders", rule=ORDERS, takes=OrderQuery, lists=OrderView)
def find(call: Call, query: OrderQuery) -> "Items[OrderView]":
    """One partner's orders or, for an operator, everybody's; newest first. What becomes of them shows here some seconds
    later than in the order itself."""
    get = read_orders.reader(wiring.store())
    partner_id = _partner_asked_for(call.caller, query)
    # The two make the order's id (D4), so no list has to be searched.
    if partner_id and query.po_number:
        known = read_orders.order_facts(get, order_id_of(partner_id, query.po_number))
        matching = [known] if known and query.status in (None, known.order.status) else []
        return Items(items=tuple(facts.view for facts in matching))
    listing = listings.OrdersOf(partner_id) if partner_id else listings.AllOrders()
    return listed_together(
        wiring.store(),
        listing,
        query,
        lambda summaries: [summary.order for summary in summaries],
        lambda summary: _fits(summary.order, query),
    )


@api.route("GET", "/orders/{order_id}", rule=ORDER, gives=OrderView)
def read(call: Call) -> OrderView:
    return read_orders.existing_order(read_orders.reader(wiring.store()), call.path["order_id"]).view


@api.route(
    "POST", "/orders/{order_id}/completion", rule=ORDER_OPERATOR, takes=CompletionRequest, gives=OrderView, status=202
)
def complete(call: Call, request: CompletionRequest) -> Outcome[OrderView]:
    return complete_order.complete_order(
        wiring.store(), wiring.publisher(), call.context, call.path["order_id"], request.completed_at
    )


@api.route("POST", "/orders/{order_id}/deliveries", rule=ORDER, takes=DeliveriesRequest, gives=OrderView, status=202)
def send_again(call: Call, request: DeliveriesRequest) -> Outcome[OrderView]:
    return complete_order.send_again(
        wiring.store(), wiring.publisher(), call.context, call.path["order_id"], request.recipients
    )


@api.route(
    "POST",
    "/orders/{order_id}/lines/{n}/reissue",
    rule=ORDER_OPERATOR,
    takes=ReissueRequest,
    gives=OrderView,
    status=202,
)
def reissue(call: Call, request: ReissueRequest) -> Outcome[OrderView]:
    return complete_order.reissue_key(
        wiring.store(), wiring.publisher(), call.context, call.path["order_id"], int(call.path["n"]), request.reason
    )


@api.route("GET", "/orders/{order_id}/lines/{n}/document", rule=ORDER, takes=DocumentQuery, gives=DocumentView)
def document(call: Call, query: DocumentQuery) -> Redirect | DocumentView:
    order_id, line = call.path["order_id"], int(call.path["n"])
    link = read_orders.document_link(wiring.store(), wiring.documents(), wiring.publisher(), order_id, line)
    return DocumentView(url=link) if query.link else Redirect(link)


def _partner_asked_for(caller: Caller, query: OrderQuery) -> str | None:
    """None for all of them. Raises `not_found` for somebody else, `invalid_request` where there is a choice."""
    if query.partner_id:
        require_partner(caller, query.partner_id, "partner")
    if query.partner_id or caller.is_operator:
        return query.partner_id
    partners = caller.tenants("partner")
    if len(partners) > 1:
        raise invalid(Fault("partner_id", f"is required, being one of {', '.join(sorted(partners))}"))
    return next(iter(partners))


def _fits(order: OrderView, query: OrderQuery) -> bool:
    number = query.po_number and order_id_of(order.partner_id, query.po_number)
    return query.status in (None, order.status) and number in (None, order.order_id)


@api.route("GET", "/license-models", rule=SIGNED_IN, gives=ModelsView)
def license_models(_: Call) -> ModelsView:
    return ModelsView.of(catalog().values(), TYPES)


handler = api
