"""Claim keys in an MSP portal, whose validity they extend (D10, D15)."""

from licensing.domain.claiming.in_msp import extend
from licensing.domain.claiming.requests import MspClaimRequest
from licensing.domain.claiming.views import MspClaimsView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.msp_portals import MspPortal
from licensing.ports import Store
from licensing.use_cases.claiming.key_entry import KeyEntry
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome


def extend_msp(
    store: Store, context: Context, msp_id: str, subject: str, request: MspClaimRequest
) -> Outcome[MspClaimsView]:
    """One read and one transaction; all keys or none."""
    entering = KeyEntry.of(request.license_keys, "all_or_nothing", "msp", f"msp/{msp_id}", subject)
    portal = MspPortal.ref_of(msp_id)

    def decide(facts: RecordSet) -> Decision[MspClaimsView]:
        return extend(entering.examined(facts, context), msp_id, facts[portal])

    return run_command(store, context, lambda reading: entering.load(reading, portal), decide)
