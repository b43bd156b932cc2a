"""The MSP portal: claiming keys that start or extend its validity, what paid for it, the ledger."""

from licensing.domain.claiming.views import PortalView
from licensing.domain.core.limits import OVERVIEWS_READ
from licensing.domain.inventory.views import OrgOverviewView
from licensing.entry import wiring
from licensing.entry.bulk.portals import BULK
from licensing.entry.http import Api, Call
from licensing.entry.ledgers import EntryView, ledger_of
from licensing.entry.paging import AsOf, Items, ListQuery, listed_together
from licensing.entry.rules import MSP_READ
from licensing.listings import OrgsOf
from licensing.use_cases.claiming.show_portal import show_portal
from licensing.use_cases.planning.count_orgs import count_orgs

api = Api([*BULK.routes])


@api.route("GET", "/msps/{msp_id}", rule=MSP_READ, takes=AsOf, gives=PortalView)
def portal(call: Call, query: AsOf) -> PortalView:
    return show_portal(wiring.store(), call.path["msp_id"], query.as_of or call.now)


class OverviewsQuery(ListQuery, AsOf):
    pass


@api.route("GET", "/msps/{msp_id}/overviews", rule=MSP_READ, takes=OverviewsQuery, lists=OrgOverviewView)
def overviews(call: Call, query: OverviewsQuery) -> "Items[OrgOverviewView]":
    """Its organizations in numbers, by id; fifty a page at most."""
    at, listing = query.as_of or call.now, OrgsOf(call.path["msp_id"])
    page = query.model_copy(update={"limit": min(query.limit, OVERVIEWS_READ)})
    return listed_together(wiring.store(), listing, page, lambda orgs: count_orgs(wiring.store(), orgs, at, call.now))


@api.route("GET", "/msps/{msp_id}/ledger", rule=MSP_READ, takes=ListQuery, lists=EntryView)
def ledger(call: Call, query: ListQuery) -> "Items[EntryView]":
    return ledger_of(wiring.store(), f"msp/{call.path['msp_id']}", query)


handler = api
