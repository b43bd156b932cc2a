"""Licences and devices: associating by hand and automatically, undoing, co-termination, shared seats."""

from licensing.domain.assigning.requests import UndoRequest
from licensing.domain.assigning.views import UndoView
from licensing.entry import wiring
from licensing.entry.bulk.binding import BULK
from licensing.entry.http import Api, Call
from licensing.entry.rules import ORG_WRITE
from licensing.use_cases.assigning.undo_association import undo_association
from licensing.use_cases.core.context import Outcome

api = Api([*BULK.routes])


@api.route("POST", "/orgs/{org_id}/devices/{serial}/undo", rule=ORG_WRITE, takes=UndoRequest, gives=UndoView)
def undo(call: Call, request: UndoRequest) -> Outcome[UndoView]:
    return undo_association(wiring.store(), call.context, call.path["org_id"], call.path["serial"], request)


handler = api
