"""Registering devices, and moving them to another organization."""

from licensing.domain.assigning.requests import DevicesMoveRequest, RegistrationRequest
from licensing.domain.assigning.views import DevicesMovedView, RegistrationsView
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.job_kinds import JobKind
from licensing.entry.rules import ORG_WRITE, check_org
from licensing.use_cases.assigning import keep_inventory
from licensing.use_cases.core.context import Outcome

BULK = Api()


@BULK.route(
    "POST",
    "/orgs/{org_id}/devices",
    rule=ORG_WRITE,
    takes=RegistrationRequest,
    gives=RegistrationsView,
    job=JobKind("register_devices"),
)
def register(call: Call, request: RegistrationRequest) -> Outcome[RegistrationsView]:
    free_days = wiring.SETTINGS.free_days
    return keep_inventory.register_devices(wiring.store(), call.context, call.path["org_id"], request, free_days)


def allow_move(call: Call, request: DevicesMoveRequest) -> None:
    # The route's rule sees the path; where they go stands in the body.
    check_org(call.caller, request.to_org_id, "write", wiring.store)


@BULK.route(
    "POST",
    "/orgs/{org_id}/devices/move",
    rule=ORG_WRITE,
    takes=DevicesMoveRequest,
    gives=DevicesMovedView,
    allows=allow_move,
    job=JobKind("move_devices"),
)
def move(call: Call, request: DevicesMoveRequest) -> Outcome[DevicesMovedView]:
    org_id = call.path["org_id"]
    return keep_inventory.move_devices(wiring.store(), call.context, org_id, request.to_org_id, request.serials)
