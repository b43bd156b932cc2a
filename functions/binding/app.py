"""Licences and devices: associating by hand and automatically, undoing, co-termination, shared seats."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from licensing.domain.associations import MOST_PAIRS, Associations, Pair
from licensing.domain.automatic import AutomaticView
from licensing.domain.catalog import Type
from licensing.domain.co_term import CoTermView
from licensing.domain.device_requests import NetworkId, Serials, SerialText
from licensing.domain.instants import Instant
from licensing.domain.licenses import LicenseId
from licensing.domain.records import Value
from licensing.domain.seat_shares import SharedSeats
from licensing.domain.undoing import Undone, UndoRequest
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.rules import ORG_WRITE
from licensing.use_cases.associate import associate_by_term, associate_pairs
from licensing.use_cases.associate_automatically import AutomaticRequest, associate_automatically
from licensing.use_cases.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.path import Outcome
from licensing.use_cases.share_seats import share_seats
from licensing.use_cases.undo_association import undo_association

api = Api()


class AssociationRequest(Value):
    """Either pairs, or a device and a duration, whose licence the service picks (D26)."""

    pairs: Annotated[tuple[Pair, ...], Field(min_length=1, max_length=MOST_PAIRS)] | None = None
    serial: SerialText | None = None
    term_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    type: Type | None = None

    @model_validator(mode="after")
    def says_which_in_one_way(self) -> Self:
        by_term = self.serial is not None and self.term_days is not None
        nothing_of_it = self.serial is None and self.term_days is None and self.type is None
        if not (nothing_of_it if self.pairs is not None else by_term):
            raise ValueError("give either pairs, or serial and term_days")
        return self


class CoTermRequest(Value):
    until: Instant
    serials: Serials | None = None
    network_id: NetworkId | None = None

    @model_validator(mode="after")
    def says_which_in_one_way(self) -> Self:
        if (self.serials is None) == (self.network_id is None):
            raise ValueError("give either serials or network_id")
        return self


class ShareRequest(Value):
    license_id: LicenseId
    serials: Serials


@api.route(
    "POST", "/orgs/{org_id}/associations", rule=ORG_WRITE, takes=AssociationRequest, gives=Associations, status=201
)
def associate(call: Call, request: AssociationRequest) -> Outcome[Associations]:
    store, org_id = wiring.store(), call.path["org_id"]
    if request.pairs is not None:
        return associate_pairs(store, call.context, org_id, request.pairs)
    assert request.serial is not None
    assert request.term_days is not None
    return associate_by_term(store, call.context, org_id, request.serial, request.term_days, request.type)


@api.route(
    "POST",
    "/orgs/{org_id}/associations/automatic",
    rule=ORG_WRITE,
    takes=AutomaticRequest,
    gives=AutomaticView,
    status=201,
)
def automatic(call: Call, request: AutomaticRequest) -> Outcome[AutomaticView]:
    return associate_automatically(wiring.store(), call.context, call.path["org_id"], request)


@api.route("POST", "/orgs/{org_id}/devices/{serial}/undo", rule=ORG_WRITE, takes=UndoRequest, gives=Undone)
def undo(call: Call, request: UndoRequest) -> Outcome[Undone]:
    return undo_association(wiring.store(), call.context, call.path["org_id"], call.path["serial"], request)


@api.route("POST", "/orgs/{org_id}/co-term", rule=ORG_WRITE, takes=CoTermRequest, gives=CoTermView)
def co_term(call: Call, request: CoTermRequest) -> Outcome[CoTermView]:
    chosen = Chosen(request.serials or (), request.network_id)
    return co_terminate_devices(wiring.store(), call.context, call.path["org_id"], request.until, chosen)


@api.route("POST", "/orgs/{org_id}/seat-shares", rule=ORG_WRITE, takes=ShareRequest, gives=SharedSeats)
def share(call: Call, request: ShareRequest) -> Outcome[SharedSeats]:
    return share_seats(wiring.store(), call.context, call.path["org_id"], request.license_id, request.serials)


handler = api
