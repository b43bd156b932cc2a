"""The MSP portal: claiming keys that start or extend its validity, what paid for it, the ledger."""

from licensing.domain.claiming.views import PortalView
from licensing.entry import wiring
from licensing.entry.bulk.portals import BULK
from licensing.entry.http import Api, Call
from licensing.entry.ledgers import EntryView, ledger_of
from licensing.entry.paging import AsOf, Items, ListQuery
from licensing.entry.rules import MSP_READ
from licensing.use_cases.claiming.show_portal import show_portal

api = Api([*BULK.routes])


@api.route("GET", "/msps/{msp_id}", rule=MSP_READ, takes=AsOf, gives=PortalView)
def portal(call: Call, query: AsOf) -> PortalView:
    return show_portal(wiring.store(), call.path["msp_id"], query.as_of or call.now)


@api.route("GET", "/msps/{msp_id}/ledger", rule=MSP_READ, takes=ListQuery, lists=EntryView)
def ledger(call: Call, query: ListQuery) -> "Items[EntryView]":
    return ledger_of(wiring.store(), f"msp/{call.path['msp_id']}", query)


handler = api
