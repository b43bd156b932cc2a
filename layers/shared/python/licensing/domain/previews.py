"""Looking at a key before it is claimed (D9)."""

from datetime import datetime

from licensing.domain.catalog import Category, Portal, Scope, Type
from licensing.domain.claims import Examined
from licensing.domain.decisions import Decision
from licensing.domain.entered_keys import Entered, KeyText, Verdict, unknown_key, why_not
from licensing.domain.errors import Code
from licensing.domain.guesses import Guesses
from licensing.domain.instants import Instant
from licensing.domain.keys import LicenseKey
from licensing.domain.records import Value


class PreviewRequest(Value):
    license_key: KeyText


class KeyPreview(Value):
    """What a key is good for (D9)."""

    key_fingerprint: str
    license_model: str
    name: str
    scope: Scope
    category: Category | None
    type: Type
    quantity: int
    term_days: int | None
    seats: int | None
    tokens: int | None
    issued_at: Instant
    forced_activation_at: Instant | None
    portal: Portal
    claimable: bool
    reason: Code | None


def view(key: LicenseKey) -> KeyPreview:
    model, reason = key.model, why_not(key)
    return KeyPreview(
        **model.model_dump(include={"name", "scope", "category", "type", "term_days", "seats", "tokens"}),
        key_fingerprint=key.fingerprint,
        license_model=key.license_model,
        quantity=key.quantity,
        issued_at=key.issued_at,
        forced_activation_at=model.forced_activation_at(key.issued_at),
        portal=model.portal,
        claimable=reason is None,
        reason=reason.code if reason else None,
    )


def preview(entered: Entered, key: LicenseKey | None, guesses: Guesses, now: datetime) -> Decision[KeyPreview]:
    """What the key is good for, or the refusal of one that is none."""
    examined = Examined((Verdict(key, entered.fault or (None if key else unknown_key())),), (guesses,), now)
    if refusal := examined.refusal("all_or_nothing"):
        return examined.refuse(refusal)
    assert key is not None, "what is no key is refused"
    return examined.looked(view(key))
