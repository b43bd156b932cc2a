"""Licences and devices: associating by hand and automatically, co-termination, shared seats."""

from licensing.domain.assigning.requests import AssociationRequest, AutomaticRequest, CoTermRequest, SeatShareRequest
from licensing.domain.assigning.views import AssociationsView, AutomaticView, CoTermView, SeatShareView
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.job_kinds import JobKind
from licensing.entry.rules import ORG_WRITE
from licensing.use_cases.assigning.associate import associate_by_term, associate_pairs
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from licensing.use_cases.assigning.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.assigning.share_seats import share_seats
from licensing.use_cases.core.context import Outcome

BULK = Api()


@BULK.route(
    "POST",
    "/orgs/{org_id}/associations",
    rule=ORG_WRITE,
    takes=AssociationRequest,
    gives=AssociationsView,
    status=201,
    job=JobKind("associate"),
)
def associate(call: Call, request: AssociationRequest) -> Outcome[AssociationsView]:
    store, org_id = wiring.store(), call.path["org_id"]
    if request.pairs is not None:
        return associate_pairs(store, call.context, org_id, request.pairs)
    assert request.serial is not None
    assert request.term_days is not None
    return associate_by_term(store, call.context, org_id, request.serial, request.term_days, request.type)


# Alone: of two at once each would take the devices and licences that the other is about to take.
@BULK.route(
    "POST",
    "/orgs/{org_id}/associations/automatic",
    rule=ORG_WRITE,
    takes=AutomaticRequest,
    gives=AutomaticView,
    status=201,
    job=JobKind("associate_automatically", alone=True),
)
def automatic(call: Call, request: AutomaticRequest) -> Outcome[AutomaticView]:
    return associate_automatically(wiring.store(), call.context, call.path["org_id"], request)


@BULK.route(
    "POST",
    "/orgs/{org_id}/co-term",
    rule=ORG_WRITE,
    takes=CoTermRequest,
    gives=CoTermView,
    job=JobKind("co_terminate"),
)
def co_term(call: Call, request: CoTermRequest) -> Outcome[CoTermView]:
    chosen = Chosen(request.serials or (), request.network_id)
    return co_terminate_devices(wiring.store(), call.context, call.path["org_id"], request.until, chosen)


@BULK.route(
    "POST",
    "/orgs/{org_id}/seat-shares",
    rule=ORG_WRITE,
    takes=SeatShareRequest,
    gives=SeatShareView,
    job=JobKind("share_seats"),
)
def share(call: Call, request: SeatShareRequest) -> Outcome[SeatShareView]:
    return share_seats(wiring.store(), call.context, call.path["org_id"], request.license_id, request.serials)
