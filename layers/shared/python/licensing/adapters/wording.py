"""How texts, numbers and instants are written, in documents and mails alike."""

import unicodedata
from datetime import UTC, datetime

from licensing.domain.core.texts import zone

# They steer too, but words are spelled with them in Persian and in India.
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


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
    return f"{_written(at.astimezone(UTC))} UTC"


def local_moment(at: datetime, time_zone: str) -> str:
    """`24 November 2026, 14:09 in Asia/Taipei (06:09 UTC)`, the day of UTC too where it is another one.

    UTC alone for a name no zone has: names were not always checked."""
    utc = at.astimezone(UTC)
    local = utc.astimezone(zone(time_zone) or UTC)
    if local.utcoffset() == utc.utcoffset():
        return moment(at)
    beside = f"{utc:%H:%M} UTC" if local.date() == utc.date() else moment(at)
    return f"{_written(local)} in {time_zone} ({beside})"


def _written(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M}"


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
