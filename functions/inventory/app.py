"""An organization's devices: registering, networks, moving, replacing, de-registering, and what covers each."""

from licensing.domain.assigning.requests import NetworkRequest, ReplacementRequest
from licensing.domain.assigning.timeline import timeline
from licensing.domain.assigning.views import DeviceView, OffersView, ParkingView, TimelineView
from licensing.domain.inventory.device_filter import DeviceFilter
from licensing.entry import wiring
from licensing.entry.bulk.inventory import BULK
from licensing.entry.http import Api, Call
from licensing.entry.paging import AsOf, Items, ListQuery, cursor_of, position_of
from licensing.entry.rules import ORG_READ, ORG_WRITE
from licensing.use_cases.assigning import keep_inventory
from licensing.use_cases.assigning.read_offers import read_offers
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.inventory.list_devices import list_devices
from licensing.use_cases.inventory.read_devices import device_at

api = Api([*BULK.routes])


class DeviceQuery(ListQuery, AsOf, DeviceFilter):
    """Which devices, of which instant, and which page of them."""

    @property
    def filter(self) -> DeviceFilter:
        return DeviceFilter.model_validate({name: getattr(self, name) for name in DeviceFilter.model_fields})


@api.route("GET", "/orgs/{org_id}/devices", rule=ORG_READ, takes=DeviceQuery, lists=DeviceView)
def devices(call: Call, query: DeviceQuery) -> "Items[DeviceView]":
    at, org_id = query.as_of or call.now, call.path["org_id"]
    # By what was asked, not by `at`: the clock moves from page to page.
    mark = ("devices", org_id, query.filter, query.as_of)
    start = position_of(mark, query.cursor)
    page = list_devices(wiring.store(), org_id, query.filter, at, call.now, query.limit, start)
    return Items(items=page.items, next_cursor=cursor_of(mark, page.next))


@api.route("GET", "/orgs/{org_id}/devices/{serial}", rule=ORG_READ, takes=AsOf, gives=DeviceView)
def device(call: Call, query: AsOf) -> DeviceView:
    at = query.as_of or call.now
    return DeviceView.of(device_at(wiring.store(), *_named(call), at, call.now), at)


@api.route("GET", "/orgs/{org_id}/devices/{serial}/timeline", rule=ORG_READ, takes=AsOf, gives=TimelineView)
def stretches(call: Call, query: AsOf) -> TimelineView:
    return timeline(device_at(wiring.store(), *_named(call), query.as_of or call.now, call.now))


@api.route("GET", "/orgs/{org_id}/devices/{serial}/offers", rule=ORG_READ, gives=OffersView)
def offered(call: Call) -> OffersView:
    return read_offers(wiring.store(), *_named(call), call.now)


@api.route("PUT", "/orgs/{org_id}/devices/{serial}/network", rule=ORG_WRITE, takes=NetworkRequest, gives=DeviceView)
def enter(call: Call, request: NetworkRequest) -> Outcome[DeviceView]:
    return keep_inventory.enter_network(wiring.store(), call.context, *_named(call), request.network_id)


@api.route("DELETE", "/orgs/{org_id}/devices/{serial}/network", rule=ORG_WRITE, gives=DeviceView)
def leave(call: Call) -> Outcome[DeviceView]:
    return keep_inventory.leave_network(wiring.store(), call.context, *_named(call))


@api.route("DELETE", "/orgs/{org_id}/devices/{serial}", rule=ORG_WRITE, gives=ParkingView)
def deregister(call: Call) -> Outcome[ParkingView]:
    return keep_inventory.deregister_device(wiring.store(), call.context, *_named(call))


@api.route(
    "POST", "/orgs/{org_id}/devices/{serial}/replacement", rule=ORG_WRITE, takes=ReplacementRequest, gives=DeviceView
)
def replace(call: Call, request: ReplacementRequest) -> Outcome[DeviceView]:
    return keep_inventory.replace_device(wiring.store(), call.context, *_named(call), request.new_serial, request.mac)


def _named(call: Call) -> tuple[str, str]:
    return call.path["org_id"], call.path["serial"]


handler = api
