"""Claim keys in an MSP portal, whose validity they extend (D10, D15)."""

from collections.abc import Iterable

from msgspec import Struct

from licensing.domain.claiming.in_msp import extend
from licensing.domain.claiming.requests import MspClaimRequest
from licensing.domain.claiming.views import MspClaimsView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.msp_portals import MspPortal, PaidTerm
from licensing.ports import Reader, Store
from licensing.use_cases.claiming.key_entry import KeyEntry
from licensing.use_cases.claiming.show_portal import extensions_of
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome


class Loaded(Struct, frozen=True):
    """`known`: what the portal's keys have paid for, in the order of their claims, where one of them comes again."""

    facts: RecordSet
    known: Iterable[PaidTerm] = ()


def extend_msp(
    store: Store, context: Context, msp_id: str, subject: str, request: MspClaimRequest
) -> Outcome[MspClaimsView]:
    """One read, two when a key of the portal's own comes again, and one transaction; all keys or none."""
    entering = KeyEntry.of(request.license_keys, "all_or_nothing", "msp", f"msp/{msp_id}", subject)
    portal = MspPortal.ref_of(msp_id)

    def load(reading: Reader) -> Loaded:
        facts = entering.load(reading, portal)
        again = any(isinstance(each, LicenseKey) and each.claimed_by == f"msp/{msp_id}" for each in facts)
        return Loaded(facts, [*extensions_of(reading, msp_id, facts[portal])][::-1] if again else ())

    def decide(loaded: Loaded) -> Decision[MspClaimsView]:
        return extend(entering.examined(loaded.facts, context), msp_id, loaded.facts[portal], loaded.known)

    return run_command(store, context, load, decide)
