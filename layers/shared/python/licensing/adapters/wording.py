"""What document and mail both have to say, in the same words."""

import unicodedata
from datetime import UTC, datetime

from licensing.domain.ordering.documents import DocumentScope, KeyDocument

# They steer too, but words are spelled with them in Persian and in India.
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
FORCED_ACTIVATION = (
    "The term starts on this date at the latest; from then on it runs, whether or not the license is in use."
)


def one_line(text: str) -> str:
    """The text with every run of white space a single space, and without characters that only steer."""
    visible = (" " if char.isspace() else char for char in text if char.isspace() or not _steers(char))
    # Half a surrogate pair is no character at all, and can't be encoded.
    whole = "".join(visible).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(unicodedata.normalize("NFC", whole).split())


def _steers(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf"} and char not in JOINERS


def moment(at: datetime) -> str:
    """`24 November 2026, 06:09 UTC`."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def quantity(document: KeyDocument) -> str:
    return counted(document.quantity, "license")


def order_line(document: KeyDocument) -> str:
    """`line 1 of 3 of PO-2026-0042`."""
    return f"line {document.line} of {document.lines} of {one_line(document.po_number)}"


def term(days: int) -> str:
    """`3 years (1,095 days)`: a year is 365 days (D2)."""
    in_days = counted(days, "day")
    return in_days if days % 365 else f"{counted(days // 365, 'year')} ({in_days})"


def validity(document: KeyDocument) -> str:
    """The validity period in one phrase (D6)."""
    if document.term_days is None:
        return "Perpetual, active from the claim"
    match document.scope:
        case "msp":
            return f"Extends the MSP portal by {term(document.term_days)} per license"
        case "organization":
            return f"{counted(document.quantity * document.term_days, 'device-day')}, for a common end date"
        case "device":
            return f"{term(document.term_days)} from activation"


def steps_to_claim(scope: DocumentScope) -> tuple[str, ...]:
    if scope == "msp":
        return (
            "Sign in to EnGenius Cloud.",
            "Your first MSP license: choose MSP Portal in the left-hand menu, enter the key and click "
            "“+Add MSP License”.",
            "Every further one: go to MSP Portal > Inventory & License > Licenses, click “+ Add License” at the top "
            "left, enter the key and confirm to extend the portal’s validity period.",
        )
    return (
        "Sign in to EnGenius Cloud and open the organization that shall own the licenses.",
        "Go to Organization > Inventory & License > Licenses.",
        "Click “+ Add License” at the top right.",
        "Enter the license key.",
        "Click “+ Add License” again and follow the prompts to complete the claim.",
    )


def claim_is_final(scope: DocumentScope) -> str:
    """The warning of D11, in the terms of the portal in question."""
    place = "MSP portal" if scope == "msp" else "organization"
    later = " Per-device licenses can still be moved between organizations later." if scope == "device" else ""
    return (
        f"The key cannot be unclaimed, and it cannot be entered anywhere else: make sure this is the right {place} "
        f"before you confirm.{later}"
    )
