"""Keys claimed in an organization: each becomes a block of licences, token keys also fill the pool (D10-D14)."""

from collections.abc import Sequence

from licensing.domain.claiming.ai_tokens import credit
from licensing.domain.claiming.examination import ClaimBatch
from licensing.domain.claiming.requests import Mode
from licensing.domain.claiming.views import ClaimsView
from licensing.domain.core import actions
from licensing.domain.core.decisions import Decision, changed, created
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block


def claim(examined: ClaimBatch, org_id: str, pool: TokenPool | None, mode: Mode) -> Decision[ClaimsView]:
    """The keys become the org's: for each its block, whatever the quantity (D12)."""
    if refusal := examined.refusal(mode):
        return examined.refuse_claims(refusal)
    keys, now = examined.claimable, examined.now
    # Under the key's version, whoever claims: of two at one instant the second finds it changed (D11).
    changes = [changed(key, claimed_by=f"org/{org_id}", claimed_at=now) for key in keys]
    changes += [created(Block.of(key, org_id, now)) for key in keys]
    if tokens := sum((key.model.tokens or 0) * key.quantity for key in keys):
        changes.append(credit(pool, org_id, tokens))
    return examined.decide(ClaimsView(claims=examined.claims()), actions.KEYS_CLAIMED, summary(keys), changes)


def summary(keys: Sequence[LicenseKey]) -> str:
    """`Claimed 4 × AP-1YR-LIC (7Q4ZK-…-…-…-*****)`."""
    return "Claimed " + ", ".join(f"{key.quantity} × {key.license_model} ({key.fingerprint})" for key in keys)
