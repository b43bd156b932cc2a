"""Keys claimed in an organization: each becomes a block of licences, token keys also fill the pool (D10-D14)."""

from collections.abc import Sequence

from licensing.domain.ai_tokens import TokenPool, credit
from licensing.domain.claims import Claim, Examined
from licensing.domain.decisions import Decision, changed, created
from licensing.domain.entered_keys import KeyTexts, Mode
from licensing.domain.keys import LicenseKey
from licensing.domain.licenses import Block
from licensing.domain.records import Value


class ClaimRequest(Value):
    """The body of POST /orgs/{org_id}/claims."""

    license_keys: KeyTexts
    mode: Mode = "all_or_nothing"
    auto_associate: bool = False


class Claims(Value):
    """One answer for each key, in the order they were given."""

    claims: tuple[Claim, ...]


def claim(examined: Examined, org_id: str, pool: TokenPool | None, mode: Mode) -> Decision[Claims]:
    """The keys become the org's: for each its block, whatever the quantity (D12)."""
    if refusal := examined.refusal(mode):
        return examined.refuse_claims(refusal)
    keys, now = examined.claimable, examined.now
    changes = [changed(key, claimed_by=f"org/{org_id}", claimed_at=now) for key in keys]
    changes += [created(Block.of(key, org_id, now)) for key in keys]
    if tokens := sum((key.model.tokens or 0) * key.quantity for key in keys):
        changes.append(credit(pool, org_id, tokens))
    return examined.decide(Claims(claims=examined.claims()), "keys.claimed", summary(keys), changes)


def summary(keys: Sequence[LicenseKey]) -> str:
    """`Claimed 4 × AP-1YR-LIC (7Q4ZK-…-…-…-*****)`."""
    return "Claimed " + ", ".join(f"{key.quantity} × {key.license_model} ({key.fingerprint})" for key in keys)
