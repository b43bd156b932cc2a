"""Keys claimed in an MSP portal extend its validity (D10, D11, D15)."""

from datetime import datetime

from licensing.domain.claiming.examination import ClaimBatch
from licensing.domain.claiming.in_org import summary
from licensing.domain.claiming.views import MspClaimsView
from licensing.domain.core import actions
from licensing.domain.core.decisions import Change, Decision, changed
from licensing.domain.core.errors import Refusal
from licensing.domain.core.limits import MAX_EXTENSIONS
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.msp_portals import Extension, MspPortal, Stretch, stretches


def extend(examined: ClaimBatch, msp_id: str, portal: MspPortal | None) -> Decision[MspClaimsView]:
    """All keys extend the portal, in the order given; one that has done so before answers as it did then (D11)."""
    if refusal := examined.refusal("all_or_nothing"):
        return examined.refuse_claims(refusal)
    keys, now = examined.claimable, examined.now
    before = portal or MspPortal(msp_id=msp_id)
    after = before.evolve(extensions=before.extensions + tuple(_extension(key, now) for key in keys))
    run = _checked(after)
    entered = {verdict.key.key_id for verdict in examined.verdicts if verdict.key}
    first = next(stretch for stretch in run if stretch.extension.key_id in entered)
    answer = MspClaimsView(
        claims=examined.claims(),
        previous_valid_until=first.previous_until,
        valid_until=run[-1].until,
        basis=first.basis,
    )
    changes = [changed(key, claimed_by=f"msp/{msp_id}", claimed_at=now) for key in keys]
    changes += [Change(portal, after)] if keys else []
    return examined.decide(answer, actions.PORTAL_EXTENDED, summary(keys), changes)


def _extension(key: LicenseKey, now: datetime) -> Extension:
    term_days = key.model.term_days
    assert term_days is not None, "every MSP license has a term"
    return Extension(
        key_id=key.key_id,
        key_fingerprint=key.fingerprint,
        license_model=key.license_model,
        quantity=key.quantity,
        term_days=term_days,
        claimed_at=now,
    )


def _checked(portal: MspPortal) -> list[Stretch]:
    """Its stretches. Raises `conflict` for more than can be kept or written as a date."""
    try:
        # 100,000 terms of a key follow each other (D3, D15): further than a date can be written.
        run = list(stretches(portal.extensions))
    except OverflowError:
        run = []
    if not run or len(run) > MAX_EXTENSIONS:
        limit = f"more than {MAX_EXTENSIONS} keys" if run else "a validity beyond the year 9999"
        raise Refusal("conflict", f"The portal would have {limit}.", "Claim the keys in another MSP portal.")
    return run
