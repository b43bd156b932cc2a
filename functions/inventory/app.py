"""An organization's devices: registering, networks, moving, replacing, de-registering, and what covers each."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.requests import (
    DevicesMoveRequest,
    NetworkRequest,
    RegistrationRequest,
    ReplacementRequest,
)
from licensing.domain.assigning.timeline import timeline
from licensing.domain.assigning.views import (
    DevicesMovedView,
    DeviceView,
    ParkingView,
    RegistrationsView,
    TimelineView,
)
from licensing.domain.core.instants import to_text
from licensing.domain.core.texts import canonical_serial
from licensing.domain.licenses.types import DeviceCategory
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.paging import AsOf, Items, ListQuery, cursor_of, read_page, sliced
from licensing.entry.rules import ORG_READ, ORG_WRITE, check_org
from licensing.listings import DevicesByEnd
from licensing.use_cases.assigning import keep_inventory
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.inventory.read_devices import device_at, devices_then

api = Api()

# Before every end there is, and behind the devices that have none.
EARLIEST = "0"


class DeviceQuery(ListQuery, AsOf):
    """Which devices. `expired`: those whose cover has ended, or all others; `expiring_days`: those whose cover ends
    within so many days."""

    category: DeviceCategory | None = None
    expired: bool | None = None
    expiring_days: Annotated[int, Field(ge=0, le=36_500)] | None = None


@api.route("POST", "/orgs/{org_id}/devices", rule=ORG_WRITE, takes=RegistrationRequest, gives=RegistrationsView)
def register(call: Call, request: RegistrationRequest) -> Outcome[RegistrationsView]:
    free_days = wiring.SETTINGS.free_days
    return keep_inventory.register_devices(wiring.store(), call.context, call.path["org_id"], request, free_days)


@api.route("GET", "/orgs/{org_id}/devices", rule=ORG_READ, takes=DeviceQuery, lists=DeviceView)
def devices(call: Call, query: DeviceQuery) -> "Items[DeviceView]":
    """By the end of what covers them. A past list is worked out from the whole inventory and its ledger."""
    at, org_id = query.as_of or call.now, call.path["org_id"]
    if at < call.now:
        then = [device for device in devices_then(wiring.store(), org_id, at) if _wanted(device, query, at)]
        views = sorted((DeviceView.of(device, at) for device in then), key=_by_end)
        return sliced(views, query, f"{org_id} at {to_text(at)}", _by_end)
    listing = _listing(org_id, query, at)
    page = read_page(wiring.store(), listing, query, lambda device: _wanted(device, query, at))
    items = tuple(DeviceView.of(device, at) for device in page.items)
    return Items(items=items, next_cursor=cursor_of(listing, page.next))


@api.route("GET", "/orgs/{org_id}/devices/{serial}", rule=ORG_READ, takes=AsOf, gives=DeviceView)
def device(call: Call, query: AsOf) -> DeviceView:
    at = query.as_of or call.now
    return DeviceView.of(device_at(wiring.store(), *_named(call), at, call.now), at)


@api.route("GET", "/orgs/{org_id}/devices/{serial}/timeline", rule=ORG_READ, takes=AsOf, gives=TimelineView)
def stretches(call: Call, query: AsOf) -> TimelineView:
    return timeline(device_at(wiring.store(), *_named(call), query.as_of or call.now, call.now))


@api.route("PUT", "/orgs/{org_id}/devices/{serial}/network", rule=ORG_WRITE, takes=NetworkRequest, gives=DeviceView)
def enter(call: Call, request: NetworkRequest) -> Outcome[DeviceView]:
    return keep_inventory.enter_network(wiring.store(), call.context, *_named(call), request.network_id)


@api.route("DELETE", "/orgs/{org_id}/devices/{serial}/network", rule=ORG_WRITE, gives=DeviceView)
def leave(call: Call) -> Outcome[DeviceView]:
    return keep_inventory.leave_network(wiring.store(), call.context, *_named(call))


@api.route("DELETE", "/orgs/{org_id}/devices/{serial}", rule=ORG_WRITE, gives=ParkingView)
def deregister(call: Call) -> Outcome[ParkingView]:
    return keep_inventory.deregister_device(wiring.store(), call.context, *_named(call))


@api.route("POST", "/orgs/{org_id}/devices/move", rule=ORG_WRITE, takes=DevicesMoveRequest, gives=DevicesMovedView)
def move(call: Call, request: DevicesMoveRequest) -> Outcome[DevicesMovedView]:
    check_org(call.caller, request.to_org_id, "write", wiring.store)
    org_id = call.path["org_id"]
    return keep_inventory.move_devices(wiring.store(), call.context, org_id, request.to_org_id, request.serials)


@api.route(
    "POST", "/orgs/{org_id}/devices/{serial}/replacement", rule=ORG_WRITE, takes=ReplacementRequest, gives=DeviceView
)
def replace(call: Call, request: ReplacementRequest) -> Outcome[DeviceView]:
    return keep_inventory.replace_device(wiring.store(), call.context, *_named(call), request.new_serial, request.mac)


def _named(call: Call) -> tuple[str, str]:
    return call.path["org_id"], call.path["serial"]


def _listing(org_id: str, query: DeviceQuery, at: datetime) -> DevicesByEnd:
    """Narrowed to the ends that are asked for, so that a page is one query."""
    now = to_text(at)
    if query.expiring_days is not None:
        # A cursor tells where to go on, and its device may have ended since.
        return DevicesByEnd(
            org_id, EARLIEST if query.cursor else now, to_text(at + timedelta(days=query.expiring_days))
        )
    return DevicesByEnd(org_id, EARLIEST, now) if query.expired else DevicesByEnd(org_id)


def _wanted(device: Device, query: DeviceQuery, at: datetime) -> bool:
    view = DeviceView.of(device, at)
    if query.category not in (None, device.category):
        return False
    if query.expired not in (None, view.license_state == "expired"):
        return False
    soon = at + timedelta(days=query.expiring_days or 0)
    return query.expiring_days is None or (view.expires_at is not None and at < view.expires_at <= soon)


def _by_end(view: DeviceView) -> str:
    return f"{to_text(view.expires_at) if view.expires_at else ''}#{canonical_serial(view.serial)}"


handler = api
