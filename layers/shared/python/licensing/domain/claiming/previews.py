"""Looking at a key before it is claimed (D9)."""

from datetime import datetime

from licensing.domain.claiming.examination import ClaimBatch
from licensing.domain.claiming.failed_lookups import FailedLookups
from licensing.domain.claiming.key_entry import KeyCheck, ParsedKey, unknown_key
from licensing.domain.claiming.views import PreviewView
from licensing.domain.core.decisions import Decision
from licensing.domain.licenses.license_key import LicenseKey


def preview(entered: ParsedKey, key: LicenseKey | None, lookups: FailedLookups, now: datetime) -> Decision[PreviewView]:
    """What the key is good for, or the refusal of one that is none."""
    examined = ClaimBatch((KeyCheck(key, entered.fault or (None if key else unknown_key())),), (lookups,), now)
    if refusal := examined.refusal("all_or_nothing"):
        return examined.refuse(refusal)
    assert key is not None, "what is no key is refused"
    return examined.looked(PreviewView.of(key))
