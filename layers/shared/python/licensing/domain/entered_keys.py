"""License keys as they are entered, and what each is found to be, whoever enters it (D9-D11)."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import Field

from licensing.domain import license_keys
from licensing.domain.catalog import Portal
from licensing.domain.errors import Fault, Refusal, invalid
from licensing.domain.keys import LicenseKey
from licensing.domain.records import Facts, Ref

Mode = Literal["all_or_nothing", "best_effort"]
KeyText = Annotated[str, Field(repr=False)]
KeyTexts = Annotated[tuple[str, ...], Field(min_length=1, max_length=25, repr=False)]


class Entered(Struct, frozen=True):
    """One key as it was typed: its symbols, or what is wrong with them."""

    symbols: str | None
    fault: Refusal | None = None

    @property
    def ref(self) -> Ref[LicenseKey] | None:
        return LicenseKey.named(license_keys.hash_of(self.symbols)) if self.symbols else None


def enter(texts: Sequence[str], field: str = "license_keys[{}]") -> list[Entered]:
    """The keys in `texts`. Raises `invalid_request` when one stands there twice."""
    entered = [_enter(text, field.format(number)) for number, text in enumerate(texts)]
    symbols = [each.symbols for each in entered]
    if twice := [n for n, each in enumerate(symbols) if each and each in symbols[:n]]:
        raise invalid(*(Fault(field.format(n), "is the same key as one before it; enter each once") for n in twice))
    return entered


def _enter(text: str, field: str) -> Entered:
    try:
        return Entered(license_keys.parse(text))
    except Refusal as fault:
        return Entered(None, Refusal(fault.code, fault.detail, fault.remedy, (Fault(field, fault.detail),)))


def wanted(entered: Sequence[Entered], mode: Mode = "all_or_nothing") -> list[Ref[LicenseKey]]:
    """The keys to look up; none when a malformed one has decided the call already."""
    if mode == "all_or_nothing" and any(each.fault for each in entered):
        return []
    return [ref for each in entered if (ref := each.ref)]


class Verdict(Struct, frozen=True):
    """What one entered key is found to be: claimable, the holder's already, refused, or not looked at."""

    key: LicenseKey | None = None
    refusal: Refusal | None = None
    is_mine: bool = False


def judge(entered: Sequence[Entered], keys: Facts, portal: Portal, holder: str, mode: Mode) -> list[Verdict]:
    """Each key as it looks to `holder` (`org/…`, `msp/…`), who enters it in `portal`."""
    looked_up = set(wanted(entered, mode))
    return [
        _judged(each, keys, portal, holder) if each.fault or each.ref in looked_up else Verdict() for each in entered
    ]


def _judged(each: Entered, keys: Facts, portal: Portal, holder: str) -> Verdict:
    key = keys[each.ref] if each.ref else None
    if each.fault or key is None:
        return Verdict(refusal=each.fault or unknown_key())
    if key.claimed_by == holder:
        return Verdict(key, is_mine=True)
    if key.model.portal != portal and not key.voided_at:
        return Verdict(key, _wrong_portal(key))
    return Verdict(key, why_not(key))


def unknown_key() -> Refusal:
    return Refusal(
        "unknown_key",
        "There is no such license key.",
        "Compare it with the license key document, or copy it from there.",
    )


def _wrong_portal(key: LicenseKey) -> Refusal:
    portal, where, remedy = (
        key.model.portal,
        "an organization",
        "Claim it in an organization (POST /orgs/{org_id}/claims).",
    )
    if portal == "msp":
        where, remedy = "an MSP portal", "Claim it in the MSP portal (POST /msps/{msp_id}/claims)."
    return Refusal("wrong_portal", f"The key {key.fingerprint} belongs in {where}.", remedy, portal=portal)


def why_not(key: LicenseKey) -> Refusal | None:
    """Why nobody can claim the key any more (D11); None while somebody can."""
    if key.voided_at:
        return Refusal(
            "key_voided",
            f"The key {key.fingerprint} was withdrawn.",
            "Use the key that was sent in its place, or ask where you bought it.",
        )
    if key.claimed_by:
        return Refusal(
            "already_claimed",
            f"The key {key.fingerprint} has been claimed elsewhere.",
            "A claim is final. Ask where you bought the key if you did not claim it.",
        )
    return None
