"""What people type: what looks the same is the same, and what can't be seen or steers is refused by name (D45)."""

import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from email.header import decode_header

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from licensing.domain.core.texts import (
    SHAPING,
    SerialText,
    TimeZone,
    address,
    canonical_text,
    is_address,
    readable,
    visible,
)

BIDI = "\u200e\u200f\u202a\u202e\u2066\u2069\u061c"
HIDDEN = "\u200b\u00ad\u2060\ufeff\u2028\u2029\u0000\u0085\u115f\u3164\u2800\U000e0041"


def complaint_about(text: str, check: Callable[[str], str] = visible) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        check(text)
    return caught.value.message()


@pytest.mark.parametrize("char", BIDI + HIDDEN, ids=lambda char: f"U+{ord(char):04X}")
def test_what_cannot_be_seen_or_steers_is_refused_in_numbers_and_names(char: str) -> None:
    name = re.escape(f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip())
    for check in (visible, readable):
        assert re.search(f"{name} at position 4;", complaint_about(f"PO-{char}1", check))


@pytest.mark.parametrize("char", sorted(SHAPING)[:4], ids=lambda char: f"U+{ord(char):04X}")
def test_joiners_and_selectors_shape_names_and_hide_in_numbers(char: str) -> None:
    assert readable(f"\u0646\u0645{char}\u06cc") == f"\u0646\u0645{char}\u06cc"
    assert f"U+{ord(char):04X}" in complaint_about(f"PO-{char}1")


@pytest.mark.parametrize("text", ["\u200d", "\u200d \ufe0f", "\u200c\u200c"], ids=ascii)
def test_a_name_has_something_that_can_be_seen(text: str) -> None:
    assert "at least one character that can be seen" in complaint_about(text, readable)


@pytest.mark.parametrize("text", ["\u0378", "\ue000", "\ufdd0"], ids=["unassigned", "private", "noncharacter"])
def test_a_number_has_only_what_every_unicode_reads_alike(text: str) -> None:
    assert "position 1" in complaint_about(text)


@given(st.text())
def test_the_canonical_form_is_its_own(text: str) -> None:
    once = canonical_text(text)
    assert canonical_text(once) == once
    assert canonical_text(unicodedata.normalize("NFD", text)) == once


@pytest.mark.parametrize(
    "text",
    [
        "=?utf-8?q?a=40b.cc=2c_c?=@evil.example",
        "a?b@x.example",
        '"a b"@x.example',
        "a(b)@x.example",
        ".a@x.example",
        "a.@x.example",
        "a..b@x.example",
        "mar\u212a@x.example",
        "a@\uff58.example",
        "a@x.example\n",
        "a@b@x.example",
        "a@x",
        "a@-x.example",
        f"{'a' * 65}@x.example",
        f"a@{'x.' * 130}example",
        "a@x.example\r\nBcc: b@y.example",
    ],
    ids=ascii,
)
def test_what_a_mail_header_could_read_otherwise_is_no_address(text: str) -> None:
    assert not is_address(text)
    assert "not an e-mail address" in complaint_about(text, address)


@given(st.from_regex(r"[!-~]{1,30}@[a-z]{1,10}\.[a-z]{2,4}", fullmatch=True))
def test_an_address_is_read_in_a_header_as_it_is_written(text: str) -> None:
    if is_address(text):
        assert decode_header(text) == [(text, None)]
        assert text.count("@") == 1
        assert not set(text) & set('"(),:;<>[]\\ ')


def test_the_domain_is_written_small_and_the_rest_is_the_receivers_business() -> None:
    assert address("Ada.Lovelace+po@EXAMPLE.com") == "Ada.Lovelace+po@example.com"


ZONES = TypeAdapter[str](TimeZone)


@pytest.mark.parametrize("name", ["UTC", "Asia/Taipei", "America/Argentina/Ushuaia", "Etc/GMT+12", "EST5EDT"])
def test_a_zone_of_the_iana_database_is_taken(name: str) -> None:
    assert ZONES.validate_python(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus", "Asia/Taipeh", "asia/taipei", "Asia", "America/Argentina", "right/Asia/Taipei", "posix/UTC",
        "localtime", "../etc/passwd", "/etc/localtime", "Asia/../UTC", "Asia//Taipei", "UTC\0", "", "A" * 65,
    ],
)  # fmt: skip
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        ZONES.validate_python(name)


def test_every_zone_there_is_is_taken_without_the_machines_own_zones() -> None:
    """Lambda's machines have none; those of the package `tzdata` are in its layer."""
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    try:
        names = sorted(zoneinfo.available_timezones())
        assert len(names) > 400
        assert [name for name in names if not name[0].isupper()] == []
        assert [ZONES.validate_python(name) for name in names] == names
        with pytest.raises(ValidationError):
            ZONES.validate_python("Asia")
    finally:
        zoneinfo.reset_tzpath()


def test_a_serial_with_what_cannot_be_seen_is_refused_by_the_character_s_name() -> None:  # D45
    with pytest.raises(ValidationError, match=re.escape("U+200B ZERO WIDTH SPACE at position 4")):
        TypeAdapter(SerialText).validate_python("SN-\u200b1")
    with pytest.raises(ValidationError, match="match pattern"):
        TypeAdapter(SerialText).validate_python("SN 1")
