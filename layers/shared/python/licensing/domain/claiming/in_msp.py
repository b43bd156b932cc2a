"""Keys claimed in an MSP portal extend its validity (D10, D11, D15)."""

from collections.abc import Iterable, Sequence

from licensing.domain.claiming.examination import ClaimBatch
from licensing.domain.claiming.in_org import summary
from licensing.domain.claiming.views import MspClaimsView
from licensing.domain.core import actions
from licensing.domain.core.decisions import Change, Decision, changed, created
from licensing.domain.core.errors import Refusal
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.msp_portals import Extension, MspPortal, PaidTerm


def extend(
    examined: ClaimBatch, msp_id: str, portal: MspPortal | None, known: Iterable[PaidTerm]
) -> Decision[MspClaimsView]:
    """All keys extend the portal, in the order given; one that has done so before answers as it did then (D11).

    `known` are the extensions before, in the order of their claims; needed where one of their keys comes again.
    """
    if refusal := examined.refusal("all_or_nothing"):
        return examined.refuse_claims(refusal)
    keys, now = examined.claimable, examined.now
    after, made = _extended(portal or MspPortal(msp_id=msp_id), keys, examined)
    entered = {verdict.key.key_id for verdict in examined.verdicts if verdict.key}
    first = next(each for each in (*known, *made) if each.key_id in entered)
    assert after.valid_until is not None, "a key was claimed in it, now or before"
    answer = MspClaimsView(
        claims=examined.claims(),
        previous_valid_until=first.previous_until,
        valid_until=after.valid_until,
        basis=first.basis,
    )
    changes = [changed(key, claimed_by=f"msp/{msp_id}", claimed_at=now) for key in keys]
    changes += [Change(portal, after), *map(created, made)] if keys else []
    return examined.decide(answer, actions.PORTAL_EXTENDED, summary(keys), changes)


def _extended(portal: MspPortal, keys: Sequence[LicenseKey], examined: ClaimBatch) -> tuple[MspPortal, list[Extension]]:
    """The portal after all the keys. Raises `conflict` for more than can be written as a date."""
    made: list[Extension] = []
    try:
        for key in keys:
            portal, extension = portal.extended(examined.now, **_facts_of(key))
            made.append(extension)
    except OverflowError:
        # 100,000 terms of a key follow each other (D3, D15): further than a date can be written.
        detail = "The portal would have a validity beyond the year 2999."
        raise Refusal("conflict", detail, "Claim the keys in another MSP portal.") from None
    return portal, made


def _facts_of(key: LicenseKey) -> dict[str, object]:
    assert key.model.term_days is not None, "every MSP license has a term"
    return {
        "key_id": key.key_id,
        "key_fingerprint": key.fingerprint,
        "license_model": key.license_model,
        "quantity": key.quantity,
        "term_days": key.model.term_days,
    }
