"""Claim keys in an organization (D10-D14), and associate their licences with its devices if asked to (D25)."""

from collections.abc import Callable

from msgspec import Struct

from licensing.domain.assigning.automatic import pools
from licensing.domain.claiming.in_org import claim
from licensing.domain.claiming.requests import ClaimRequest
from licensing.domain.claiming.views import ClaimsView
from licensing.domain.claiming.with_association import (
    PARTS,
    Matches,
    Part,
    as_claimed,
    claimed_before,
    with_associations,
)
from licensing.domain.core.decisions import Decision
from licensing.domain.core.limits import MAX_AUTOMATIC
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.licenses import Block
from licensing.ports import Store
from licensing.use_cases.assigning.associate_automatically import devices_for
from licensing.use_cases.claiming.key_entry import KeyEntry
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading


def claim_keys(store: Store, context: Context, org_id: str, subject: str, request: ClaimRequest) -> Outcome[ClaimsView]:
    """One read and one transaction, whatever the quantity (D12); what is associated comes on top."""
    entering = KeyEntry.of(request.license_keys, request.mode, "organization", f"org/{org_id}", subject)
    # Read for every claim: that a key brings AI tokens (D14) is known only from the same read.
    pool = TokenPool.ref_of(org_id)

    def decide(facts: RecordSet) -> Decision[ClaimsView]:
        return claim(entering.examined(facts, context), org_id, facts[pool], request.mode)

    if request.auto_associate:
        return _claim_and_associate(store, context, org_id, entering, decide)
    return run_command(store, context, lambda reading: entering.load(reading, pool), decide)


class Loaded(Struct, frozen=True):
    facts: RecordSet
    matches: Matches
    done: tuple[Part, ...]


def _claim_and_associate(
    store: Store,
    context: Context,
    org_id: str,
    entering: KeyEntry,
    decide_claim: Callable[[RecordSet], Decision[ClaimsView]],
) -> Outcome[ClaimsView]:
    """Cut off between two steps, it is finished by the same call with the same Idempotency-Key."""

    def load(reading: Reading[Part]) -> Loaded:
        facts = entering.load(reading, TokenPool.ref_of(org_id))
        # Devices are chosen for licences that lie in no list yet: those of the claim's own step. Where those of a
        # renewal go is planned (D40).
        free = pools(_blocks(reading, facts), context.now)
        devices = devices_for(reading, org_id, free, MAX_AUTOMATIC)
        return Loaded(facts, Matches(free, devices), reading.done)

    def _blocks(reading: Reading[Part], facts: RecordSet) -> list[Block]:
        if not reading.done:
            claimable = entering.examined(facts, context).claimable
            return [as_claimed(key, org_id, context.now) for key in claimable if not key.renewal_id]
        # The claim is committed, and some of it may be associated: what is left stands in the blocks.
        refs = [Block.ref_of(org_id, key_id) for key_id in claimed_before(reading.done)]
        return [block for block in reading.get(*refs).present(refs) if not block.renewal_id]

    def decide(loaded: Loaded) -> Decision[ClaimsView]:
        return with_associations(decide_claim(loaded.facts), loaded.matches, loaded.done, context.now)

    return run_command(store, context, load, decide, PARTS)
