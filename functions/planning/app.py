"""What will end, and what to order: forecasts and renewals."""

from typing import Annotated

from licensing.domain.core.limits import MAX_MONTHS, MAX_PLANNED
from licensing.domain.core.records import Value
from licensing.domain.planning.requests import PolicyRequest
from licensing.domain.planning.views import ForecastView, PolicyView, RenewalSummaryView, RenewalView
from licensing.entry import wiring
from licensing.entry.answers import NoContent
from licensing.entry.bulk.planning import BULK
from licensing.entry.http import Api, Call
from licensing.entry.paging import AsOf, Items, ListQuery, cursor_of, position_of
from licensing.entry.rules import MSP_READ, ORG_READ, ORG_WRITE
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.planning import keep_policy, renew
from licensing.use_cases.planning.foresee import forecast_of_msp, forecast_of_org

from pydantic import Field

api = Api([*BULK.routes])


class ForecastQuery(AsOf):
    """How many months are looked at, this one included."""

    months: Annotated[int, Field(ge=1, le=MAX_MONTHS)] = 24


class RenewalQuery(Value):
    """From which device on it is shown: what an answer before told as `more_devices`."""

    after: Annotated[int, Field(ge=0, lt=MAX_PLANNED)] = 0


@api.route("GET", "/orgs/{org_id}/forecast", rule=ORG_READ, takes=ForecastQuery, gives=ForecastView)
def of_org(call: Call, query: ForecastQuery) -> ForecastView:
    at = query.as_of or call.now
    return forecast_of_org(wiring.store(), call.path["org_id"], at, call.now, query.months)


@api.route("GET", "/msps/{msp_id}/forecast", rule=MSP_READ, takes=ForecastQuery, gives=ForecastView)
def of_msp(call: Call, query: ForecastQuery) -> ForecastView:
    at = query.as_of or call.now
    return forecast_of_msp(wiring.store(), call.path["msp_id"], at, call.now, query.months)


@api.route("GET", "/orgs/{org_id}/renewals", rule=ORG_READ, takes=ListQuery, lists=RenewalSummaryView)
def renewals(call: Call, query: ListQuery) -> "Items[RenewalSummaryView]":
    org_id = call.path["org_id"]
    mark = ("renewals", org_id)
    start = position_of(mark, query.cursor)
    page = renew.list_renewals(wiring.store(), org_id, query.limit, start, call.now)
    return Items(items=page.items, next_cursor=cursor_of(mark, page.next))


@api.route("GET", "/orgs/{org_id}/renewals/{renewal_id}", rule=ORG_READ, takes=RenewalQuery, gives=RenewalView)
def renewal(call: Call, query: RenewalQuery) -> RenewalView:
    return renew.read_renewal(wiring.store(), call.path["org_id"], call.path["renewal_id"], query.after, call.now)


@api.route("PUT", "/orgs/{org_id}/policies/auto-association", rule=ORG_WRITE, takes=PolicyRequest, gives=PolicyView)
def set_policy(call: Call, request: PolicyRequest) -> Outcome[PolicyView]:
    return keep_policy.set_policy(wiring.store(), call.context, call.path["org_id"], request)


@api.route("GET", "/orgs/{org_id}/policies/auto-association", rule=ORG_READ, gives=PolicyView)
def policy(call: Call) -> PolicyView:
    return keep_policy.read_policy(wiring.store(), call.path["org_id"])


@api.route("DELETE", "/orgs/{org_id}/renewals/{renewal_id}", rule=ORG_WRITE, gives=RenewalSummaryView)
def discard(call: Call) -> Outcome[RenewalSummaryView] | NoContent:
    """While it is a draft; only a dry run has something to show."""
    outcome = renew.discard(wiring.store(), call.context, call.path["org_id"], call.path["renewal_id"])
    return outcome if call.context.dry_run else NoContent()


handler = api
