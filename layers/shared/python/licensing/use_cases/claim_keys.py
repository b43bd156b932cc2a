"""Claim keys in an organization (D10-D14)."""

from licensing.domain.ai_tokens import TokenPool
from licensing.domain.decisions import Decision
from licensing.domain.org_claims import ClaimRequest, Claims, claim
from licensing.domain.records import Facts
from licensing.ports import Store
from licensing.use_cases.entering import Entering
from licensing.use_cases.path import Context, Outcome, run


def claim_keys(store: Store, context: Context, org_id: str, subject: str, request: ClaimRequest) -> Outcome[Claims]:
    """One read and one transaction, whatever the quantity (D12)."""
    entering = Entering.of(request.license_keys, request.mode, "organization", f"org/{org_id}", subject)
    pool = TokenPool.named(org_id)

    def decide(facts: Facts) -> Decision[Claims]:
        return claim(entering.examined(facts, context), org_id, facts[pool], request.mode)

    return run(store, context, lambda reading: entering.load(reading, pool), decide)
