"""Claiming keys in an organization, and moving licences to another."""

from licensing.domain.claiming.requests import ClaimRequest, MoveRequest
from licensing.domain.claiming.views import ClaimsView, LicensesMovedView
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.job_kinds import JobKind
from licensing.entry.rules import ORG_CLAIM, ORG_WRITE, check_org
from licensing.use_cases.claiming.claim_keys import claim_keys
from licensing.use_cases.claiming.move_licenses import move_licenses
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.planning.carry_out import carry_out_claimed
from licensing.use_cases.planning.keep_policy import after_claim

BULK = Api()


@BULK.route(
    "POST",
    "/orgs/{org_id}/claims",
    rule=ORG_CLAIM,
    takes=ClaimRequest,
    gives=ClaimsView,
    status=201,
    job=JobKind("claim_keys"),
)
def claim(call: Call, request: ClaimRequest) -> Outcome[ClaimsView]:
    org_id = call.path["org_id"]
    outcome = claim_keys(wiring.store(), call.context, org_id, call.caller.person, request)
    if request.auto_associate and not call.context.dry_run:
        # A second command: the claim is made and final, whatever becomes of the plan (D11, D40).
        carry_out_claimed(wiring.store(), call.context.aside, org_id)
    if not call.context.dry_run:
        after_claim(wiring.store(), call.context.aside, org_id)
    return outcome


def allow_move(call: Call, request: MoveRequest) -> None:
    # The route's rule sees the path; where they go stands in the body.
    check_org(call.caller, request.to_org_id, "write", wiring.store)


@BULK.route(
    "POST",
    "/orgs/{org_id}/licenses/move",
    rule=ORG_WRITE,
    takes=MoveRequest,
    gives=LicensesMovedView,
    allows=allow_move,
    job=JobKind("move_licenses"),
)
def move(call: Call, request: MoveRequest) -> Outcome[LicensesMovedView]:
    return move_licenses(wiring.store(), call.context, call.path["org_id"], request)
