"""What will end, and what to order: forecasts."""

from typing import Annotated

from pydantic import Field

from licensing.domain.core.limits import MAX_MONTHS
from licensing.domain.planning.forecast import ForecastView
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.paging import AsOf
from licensing.entry.rules import MSP_READ, ORG_READ
from licensing.use_cases.planning.foresee import forecast_of_msp, forecast_of_org

api = Api()


class ForecastQuery(AsOf):
    """How many months are looked at, this one included."""

    months: Annotated[int, Field(ge=1, le=MAX_MONTHS)] = 24


@api.route("GET", "/orgs/{org_id}/forecast", rule=ORG_READ, takes=ForecastQuery, gives=ForecastView)
def of_org(call: Call, query: ForecastQuery) -> ForecastView:
    at = query.as_of or call.now
    return forecast_of_org(wiring.store(), call.path["org_id"], at, call.now, query.months)


@api.route("GET", "/msps/{msp_id}/forecast", rule=MSP_READ, takes=ForecastQuery, gives=ForecastView)
def of_msp(call: Call, query: ForecastQuery) -> ForecastView:
    at = query.as_of or call.now
    return forecast_of_msp(wiring.store(), call.path["msp_id"], at, call.now, query.months)


handler = api
