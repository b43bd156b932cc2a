"""Drafting renewals, and carrying them out."""

from licensing.domain.planning.requests import RenewalRequest
from licensing.domain.planning.views import RenewalView
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.job_kinds import JobKind
from licensing.entry.rules import ORG_WRITE
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.planning import renew
from licensing.use_cases.planning.carry_out import carry_out

BULK = Api()


@BULK.route(
    "POST",
    "/orgs/{org_id}/renewals",
    rule=ORG_WRITE,
    takes=RenewalRequest,
    gives=RenewalView,
    status=201,
    job=JobKind("draft_renewal"),
)
def draft(call: Call, request: RenewalRequest) -> Outcome[RenewalView]:
    return renew.draft(wiring.store(), call.context, call.path["org_id"], request)


@BULK.route(
    "POST",
    "/orgs/{org_id}/renewals/{renewal_id}/application",
    rule=ORG_WRITE,
    gives=RenewalView,
    job=JobKind("apply_renewal"),
)
def application(call: Call) -> Outcome[RenewalView]:
    return carry_out(wiring.store(), call.context, call.path["org_id"], call.path["renewal_id"])
