"""Claim keys in an MSP portal, whose validity they extend (D10, D15)."""

from licensing.domain.decisions import Decision
from licensing.domain.msp_claims import MspClaimRequest, MspClaims, extend
from licensing.domain.msp_portals import MspPortal
from licensing.domain.records import Facts
from licensing.ports import Store
from licensing.use_cases.entering import Entering
from licensing.use_cases.path import Context, Outcome, run


def extend_msp(
    store: Store, context: Context, msp_id: str, subject: str, request: MspClaimRequest
) -> Outcome[MspClaims]:
    """One read and one transaction; all keys or none."""
    entering = Entering.of(request.license_keys, "all_or_nothing", "msp", f"msp/{msp_id}", subject)
    portal = MspPortal.named(msp_id)

    def decide(facts: Facts) -> Decision[MspClaims]:
        return extend(entering.examined(facts, context), msp_id, facts[portal])

    return run(store, context, lambda reading: entering.load(reading, portal), decide)
