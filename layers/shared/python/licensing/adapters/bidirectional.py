"""Arabic and Hebrew: letters joined, then put in the order in which they stand on paper."""

import unicodedata
from functools import cache
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_RIGHT_TO_LEFT = {"R", "AL", "AN"}


def is_right_to_left(text: str) -> bool:
    """Whether any of it runs from right to left, so that the two functions below matter."""
    return not text.isascii() and any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text)


def joined(text: str) -> str:
    """The text in its own order, its letters in the forms they take next to each other.

    A character newer than Python's tables has no direction, and the ordering gives up on it: it is replaced, as is
    whatever our faces have no glyph for.
    """
    if not is_right_to_left(text):
        return text
    known = "".join(char if unicodedata.bidirectional(char) else REPLACEMENT for char in text)
    return str(_reshaper().reshape(known))


def as_printed(line: str, of_text: str) -> str:
    """A line in the order of the eye, from left to right. The whole text it was cut from gives the direction."""
    if not is_right_to_left(of_text):
        return line
    # The package's other, faster algorithm leaves brackets unmirrored.
    from bidi.algorithm import get_base_level, get_display

    return str(get_display(line, base_dir="R" if get_base_level(of_text) else "L"))


@cache
def _reshaper() -> Any:
    from arabic_reshaper import ArabicReshaper

    # Vowel marks are part of a name; our face has no glyph for the ligature of "Allah".
    return ArabicReshaper({"delete_harakat": False, "ARABIC LIGATURE ALLAH": False})
