"""The licence key: 25 symbols of Crockford base32 whose last one checks the others (D8).

The check is one symbol of a Reed-Solomon code: a key, read as a polynomial over GF(32), has a root at a generator of
that field. All 25 positions then carry different weights, so any single wrong symbol and any swap of two different
symbols, neighbours or not, breaks the sum.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable

from licensing.domain.core.errors import Fault, Refusal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 25
GROUP = 5
MASKED = "-…-…-…-*****"

_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = re.compile(r"[\s\-_‐-―−]+")
_LONGEST_INPUT = 200


def mint(choose: Callable[[str], str] = secrets.choice) -> str:
    """A new key as printed, `7Q4ZK-…`; 120 bits from `choose`, the operating system's CSPRNG by default."""
    symbols = "".join(choose(ALPHABET) for _ in range(LENGTH - 1))
    return pretty(symbols + check_symbol(symbols))


def check_symbol(symbols: str) -> str:
    """The 25th symbol for the 24 given ones."""
    return ALPHABET[_times_generator(_syndrome(symbols))]


def parse(text: str) -> str:
    """The 25 symbols of what a person typed: any case, spaces or missing dashes, O for 0, I or L for 1.

    Raises `malformed_key`, naming the group that is wrong where that can be known.
    """
    groups = [group for group in _SEPARATORS.split(_folded(text)) if group]
    symbols = "".join(groups)
    if strange := [n for n, group in enumerate(_by_five(symbols, groups), 1) if set(group) - _VALUE.keys()]:
        raise malformed(f"Group {strange[0]} of the key has a character that no key contains.")
    if len(symbols) != LENGTH:
        raise malformed(_length_complaint(groups, len(symbols)))
    if _syndrome(symbols) != 0:
        raise malformed("The key has a typing error: its check symbol does not fit.")
    return symbols


def pretty(symbols: str) -> str:
    """Five groups of five, joined by dashes."""
    return "-".join(symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP))


def fingerprint(symbols: str) -> str:
    """What lists and screens show of a key: its first group, `7Q4ZK-…-…-…-*****`."""
    return symbols[:GROUP] + MASKED


def hash_of(symbols: str) -> str:
    """SHA-256 in hex, by which a key is found; from the hash nobody gets the key back."""
    # No salt, for it is what a key is found by; 120 random bits can't be tried out.
    return hashlib.sha256(symbols.encode()).hexdigest()


def malformed(detail: str) -> Refusal:
    return Refusal(
        "malformed_key",
        detail,
        "Compare it with the license key document, or copy it from there: five groups of five letters and digits.",
        (Fault("license_key", detail),),
    )


def _folded(text: str) -> str:
    # Before it is normalized, which costs time and may make it longer: a body may have a megabyte.
    if len(text) > _LONGEST_INPUT:
        raise malformed(f"A key has {LENGTH} letters and digits; this text has {len(text)} characters.")
    return unicodedata.normalize("NFKC", text).upper().translate(_LOOKALIKES)


def _by_five(symbols: str, groups: list[str]) -> list[str]:
    """The typed groups where they are five, else the symbols cut into fives."""
    return groups if len(groups) == LENGTH // GROUP else re.findall(f".{{1,{GROUP}}}", symbols)


def _length_complaint(groups: list[str], length: int) -> str:
    odd = [n for n, group in enumerate(groups, 1) if len(group) != GROUP]
    if len(groups) == LENGTH // GROUP and odd:
        return f"Group {odd[0]} of the key has {len(groups[odd[0] - 1])} characters; each group has {GROUP}."
    return f"A key has {LENGTH} letters and digits; this one has {length}."


def _times_generator(value: int) -> int:
    """`value` · x in GF(32), reduced by the primitive polynomial x⁵ + x² + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value


def _syndrome(symbols: str) -> int:
    """The polynomial's value at the generator, by Horner's rule; 0 for a whole key without an error."""
    total = 0
    for symbol in symbols:
        total = _times_generator(total) ^ _VALUE[symbol]
    return total
