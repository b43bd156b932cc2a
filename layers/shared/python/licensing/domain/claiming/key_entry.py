"""License keys as they are entered, and what each is found to be, whoever enters it (D9-D11)."""

from collections.abc import Sequence

from msgspec import Struct

from licensing.domain.claiming.requests import Mode
from licensing.domain.core.errors import Fault, Refusal, invalid
from licensing.domain.core.records import RecordSet, Ref
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.catalog import Portal
from licensing.domain.licenses.license_key import LicenseKey, why_unclaimable


class ParsedKey(Struct, frozen=True):
    """One key as it was typed: its symbols, or what is wrong with them."""

    symbols: str | None
    fault: Refusal | None = None

    @property
    def ref(self) -> Ref[LicenseKey] | None:
        return LicenseKey.ref_of(key_codec.hash_of(self.symbols)) if self.symbols else None


def enter(texts: Sequence[str], field: str = "license_keys[{}]") -> list[ParsedKey]:
    """The keys in `texts`. Raises `invalid_request` when one stands there twice."""
    entered = [_enter(text, field.format(number)) for number, text in enumerate(texts)]
    symbols = [each.symbols for each in entered]
    if twice := [n for n, each in enumerate(symbols) if each and each in symbols[:n]]:
        raise invalid(*(Fault(field.format(n), "is the same key as one before it; enter each once") for n in twice))
    return entered


def _enter(text: str, field: str) -> ParsedKey:
    try:
        return ParsedKey(key_codec.parse(text))
    except Refusal as fault:
        return ParsedKey(None, Refusal(fault.code, fault.detail, fault.remedy, (Fault(field, fault.detail),)))


def wanted(entered: Sequence[ParsedKey], mode: Mode = "all_or_nothing") -> list[Ref[LicenseKey]]:
    """The keys to look up; none when a malformed one has decided the call already."""
    if mode == "all_or_nothing" and any(each.fault for each in entered):
        return []
    return [ref for each in entered if (ref := each.ref)]


class KeyCheck(Struct, frozen=True):
    """What one entered key is found to be: claimable, the holder's already, refused, or not looked at."""

    key: LicenseKey | None = None
    refusal: Refusal | None = None
    is_mine: bool = False


def judge(entered: Sequence[ParsedKey], keys: RecordSet, portal: Portal, holder: str, mode: Mode) -> list[KeyCheck]:
    """Each key as it looks to `holder` (`org/…`, `msp/…`), who enters it in `portal`."""
    looked_up = set(wanted(entered, mode))
    return [
        _judged(each, keys, portal, holder) if each.fault or each.ref in looked_up else KeyCheck() for each in entered
    ]


def _judged(each: ParsedKey, keys: RecordSet, portal: Portal, holder: str) -> KeyCheck:
    key = keys[each.ref] if each.ref else None
    if each.fault or key is None:
        return KeyCheck(refusal=each.fault or unknown_key())
    # First of all: claiming again what is mine answers success (D11).
    if key.claimed_by == holder:
        return KeyCheck(key, is_mine=True)
    # Nobody is sent to the right portal with a key that is void there as well.
    if key.model.portal != portal and not key.voided_at:
        return KeyCheck(key, _wrong_portal(key))
    return KeyCheck(key, why_unclaimable(key))


def unknown_key() -> Refusal:
    return Refusal(
        "unknown_key",
        "There is no such license key.",
        "Compare it with the license key document, or copy it from there.",
    )


def _wrong_portal(key: LicenseKey) -> Refusal:
    portal = key.model.portal
    where = "an MSP portal" if portal == "msp" else "an organization"
    detail = f"The key {key.fingerprint} belongs in {where}."
    return Refusal("wrong_portal", detail, f"Claim it in {where}.", case=portal, portal=portal)
