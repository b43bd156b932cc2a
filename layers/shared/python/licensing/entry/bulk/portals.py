"""Claiming keys in an MSP portal."""

from licensing.domain.claiming.requests import MspClaimRequest
from licensing.domain.claiming.views import MspClaimsView
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.job_kinds import JobKind
from licensing.entry.rules import MSP_CLAIM
from licensing.use_cases.claiming.extend_msp import extend_msp
from licensing.use_cases.core.context import Outcome

BULK = Api()


@BULK.route(
    "POST",
    "/msps/{msp_id}/claims",
    rule=MSP_CLAIM,
    takes=MspClaimRequest,
    gives=MspClaimsView,
    status=201,
    job=JobKind("extend_msp"),
)
def claim(call: Call, request: MspClaimRequest) -> Outcome[MspClaimsView]:
    return extend_msp(wiring.store(), call.context, call.path["msp_id"], call.caller.person, request)
