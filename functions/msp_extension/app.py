"""The MSP portal: claiming keys that start or extend its validity, what paid for it, the ledger."""

from licensing.domain.claiming.requests import MspClaimRequest
from licensing.domain.claiming.views import MspClaimsView, PortalView
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.ledgers import EntryView, ledger_of
from licensing.entry.paging import AsOf, Items, ListQuery
from licensing.entry.rules import MSP_CLAIM, MSP_READ
from licensing.use_cases.claiming.extend_msp import extend_msp
from licensing.use_cases.claiming.show_portal import show_portal
from licensing.use_cases.core.context import Outcome

api = Api()


@api.route("POST", "/msps/{msp_id}/claims", rule=MSP_CLAIM, takes=MspClaimRequest, gives=MspClaimsView, status=201)
def claim(call: Call, request: MspClaimRequest) -> Outcome[MspClaimsView]:
    return extend_msp(wiring.store(), call.context, call.path["msp_id"], call.caller.person, request)


@api.route("GET", "/msps/{msp_id}", rule=MSP_READ, takes=AsOf, gives=PortalView)
def portal(call: Call, query: AsOf) -> PortalView:
    return show_portal(wiring.store(), call.path["msp_id"], query.as_of or call.now)


@api.route("GET", "/msps/{msp_id}/ledger", rule=MSP_READ, takes=ListQuery, lists=EntryView)
def ledger(call: Call, query: ListQuery) -> "Items[EntryView]":
    return ledger_of(wiring.store(), f"msp/{call.path['msp_id']}", query)


handler = api
