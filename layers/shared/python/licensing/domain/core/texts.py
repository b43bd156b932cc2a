"""Texts that people type: what looks the same is the same, and nothing that can't be seen stands in them (D45).

Records keep what was typed, for display. Keys and comparisons use the canonical forms made here, and nowhere else.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import tzinfo
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from licensing.domain.core.limits import MAX_EMAIL_LENGTH

# Persian and the scripts of India are spelled with joiners; joiners and variation selectors make emoji, and choose
# between the forms of a Chinese or Japanese character. None of them hides or moves what stands beside it.
SHAPING = frozenset(map(chr, (0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
# Unicode calls them letters, marks or symbols, and they have no ink.
BLANK = frozenset(map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, 0xFFA0)))
# Reserved for what shall be ignored when it is not known.
RESERVED = frozenset(map(chr, (0x2065, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))))
UNSEEN = SHAPING | BLANK | RESERVED

# No quoted parts, and no question mark: with it go the encoded words of RFC 2047, which a header would decode.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")

# Without the slash, which parts names from each other more often than it stands in one.
_INSIDE = _ATOM.replace("/", "")
_EMAIL_INSIDE = re.compile(rf"{_INSIDE}(?:\.{_INSIDE})*@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")


def canonical_serial(serial: str) -> str:
    """Upper case: `SerialText` takes a few characters of ASCII, of which no others look alike."""
    return serial.upper()


def canonical_text(text: str) -> str:
    """NFC, and any run of white space a single space: how PO numbers and names are compared (D4)."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def visible(text: str) -> str:
    """The text, if all of it can be seen. Raises for the first character that can't, by its name.

    What this Unicode does not know is refused as well: a later one may normalize it otherwise, and the same number
    would become another order.
    """
    return _without(text, lambda char: _unseen(char) or unicodedata.category(char) in {"Cn", "Co"})


def readable(text: str) -> str:
    """The text, if it reads as it stands: nothing in it steers or hides what is around, and some of it can be seen."""
    if all(char.isspace() or _unseen(char) for char in _without(text, lambda char: _unseen(char, SHAPING))):
        raise PydanticCustomError("unseen", "must have at least one character that can be seen")
    return text


def address(text: str) -> str:
    """The address with its domain in lower case; the local part is the receiver's business."""
    if len(text) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(text):
        raise PydanticCustomError(
            "email",
            "is not an e-mail address; write name@example.com (an international domain in its xn-- form)",
        )
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def canonical_address(text: str) -> str:
    """Who signs in: people write their address in any case. Raises ValueError for what is none.

    Lower case comes last: `lower` would make ASCII, and somebody else, of a Kelvin sign.
    """
    return address(text).lower()


def zone(name: str) -> tzinfo | None:
    """The time zone of this name, None for a name that none has."""
    from zoneinfo import ZoneInfo  # few requests name one

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone, no name at all, or that of a folder of zones
        return None


def time_zone(name: str) -> str:
    """The name, if a zone has it. Raises otherwise."""
    if zone(name) is None:
        raise PydanticCustomError("time_zone", "must be a time zone of the IANA database, such as Asia/Taipei")
    return name


def is_address(text: str) -> bool:
    """Whether `address` takes it."""
    return len(text) <= MAX_EMAIL_LENGTH and _EMAIL.fullmatch(text) is not None


def address_in(text: str) -> str | None:
    """The text, if it is one; else the first that stands somewhere in it."""
    if is_address(text):
        return text
    return found[0] if (found := _EMAIL_INSIDE.search(text)) else None


def _seen_if_text(value: object) -> object:
    return visible(value) if isinstance(value, str) else value


def _unseen(char: str, but: frozenset[str] = frozenset()) -> bool:
    unseen = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return (unseen or char in UNSEEN) and char not in but


def _without(text: str, refused: Callable[[str], bool]) -> str:
    for position, char in enumerate(text, 1):
        if refused(char):
            name = f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip()
            message = "has a character that can't be seen or that steers, {name} at position {position}; leave it out"
            raise PydanticCustomError("unseen", message, {"name": name, "position": position})
    return text


Email = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(address)]
SignInEmail = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(canonical_address)]
TENANT_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
JobId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
TenantId = Annotated[str, StringConstraints(pattern=f"^{TENANT_ID.pattern}$")]
# What can't be seen is named before the pattern is: of it alone nobody would learn which character is wrong.
SerialText = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"), BeforeValidator(_seen_if_text)
]
PoNumber = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(visible)
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(readable)]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$")]
# A capital first: what some systems keep beside the zones (`posix/…`, `right/…`, `localtime`) is none.
TimeZone = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}$", max_length=64),
    AfterValidator(time_zone),
]
