"""The license key document says what D6 asks for, on one page, whatever the names are."""

import pickle
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from itertools import combinations
from typing import NamedTuple, get_args

import pypdf
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf.generic import ContentStream

from licensing.adapters.english import English
from licensing.adapters.printing import FOOT, HEIGHT, MARGIN, WIDTH, print_document
from licensing.adapters.wording import one_line
from licensing.domain.ordering.documents import DocumentScope, KeyDocument

KEY = "7Q4ZK-M2X9T-BW8HD-3RVNE-5YGCJ"
ISSUED = datetime(2026, 11, 24, 6, 9, 43, tzinfo=UTC)
DEVICE = KeyDocument(
    license_key=KEY,
    sku="AP-1YR-LIC",
    model_name="Access Point Pro License, 1 Year",
    scope="device",
    quantity=4,
    term_days=365,
    seats=None,
    tokens=None,
    customer="Northwind Hotels",
    partner_id="acme",
    po_number="PO-2026-0042",
    line=1,
    lines=3,
    order_id="ord_8f2c91d4a07b46e0",
    issued_at=ISSUED,
    forced_activation_at=ISSUED + timedelta(days=90),
    portal_url="https://cloud.example.com",
)
MSP = replace(
    DEVICE,
    sku="MSP-3YR-LIC",
    model_name="MSP Portal License, 3 Years",
    scope="msp",
    quantity=1,
    term_days=1095,
    forced_activation_at=None,
)


class Placed(NamedTuple):
    """A stretch of text where it stands: from x to `right`, on the line y, in points."""

    x: float
    right: float
    y: float
    size: float


def page(document: KeyDocument) -> pypdf.PageObject:
    reader = pypdf.PdfReader(BytesIO(print_document(document)), strict=True)
    assert len(reader.pages) == 1
    return reader.pages[0]


def text(document: KeyDocument) -> str:
    """What copying the whole page gives, spaces and line ends taken as one space."""
    return " ".join(page(document).extract_text().split())


def placed(sheet: pypdf.PageObject) -> Iterator[Placed]:
    """Every stretch of text, its width worked out from the fonts in the file."""
    fonts = sheet["/Resources"]["/Font"]  # type: ignore[index]
    x = y = size = 0.0
    font = None
    for operands, operator in ContentStream(sheet["/Contents"].get_object(), sheet.pdf).operations:
        if operator == b"Tm":
            x, y = float(operands[4]), float(operands[5])
        elif operator == b"Tf":
            font, size = fonts[operands[0]], float(operands[1])
        elif operator == b"Tj" and font is not None:
            widths = [float(font["/Widths"][code]) for code in operands[0].original_bytes]
            right = x + sum(widths) * size / 1000
            yield Placed(x, right, y, size)
            x = right


def assert_all_in_its_place(sheet: pypdf.PageObject) -> None:
    """Nothing reaches into the margins or into other text."""
    stretches = list(placed(sheet))
    for stretch in stretches:
        assert stretch.x >= MARGIN - 0.01
        assert stretch.right <= WIDTH - MARGIN + 0.01
        assert FOOT <= stretch.y < HEIGHT
    for one, other in combinations(stretches, 2):
        beside = one.right <= other.x + 0.01 or other.right <= one.x + 0.01
        assert beside or abs(one.y - other.y) > 0.85 * min(one.size, other.size), (one, other)


def test_a_document_says_all_that_was_bought_and_when() -> None:
    copied = text(DEVICE)
    for expected in (
        "EnGenius Cloud",
        "Access Point Pro License, 1 Year",
        "AP-1YR-LIC",
        "Quantity 4 licenses",
        "1 year (365 days) from activation",
        "Issued 24 November 2026, 06:09 UTC",
        "Forced activation 22 February 2027, 06:09 UTC",
        "whether or not the license is in use",
        "Customer Northwind Hotels",
        "Purchase order PO-2026-0042",
        "A claim is final",
        "Order ord_8f2c91d4a07b46e0 · partner acme · line 1 of 3 of PO-2026-0042",
    ):
        assert expected in copied


def test_the_key_is_copied_in_one_piece() -> None:
    assert page(DEVICE).extract_text().splitlines().count(KEY) == 1


def test_the_key_stands_nowhere_but_on_the_page() -> None:
    reader = pypdf.PdfReader(BytesIO(print_document(DEVICE)))
    metadata = reader.metadata
    assert metadata is not None
    assert metadata.title == "License key document: Access Point Pro License, 1 Year"
    assert metadata.subject == "4 licenses AP-1YR-LIC, line 1 of 3 of PO-2026-0042"
    assert metadata.author == "EnGenius Cloud"
    assert metadata.creation_date == ISSUED
    assert not [value for value in metadata.values() if re.search("7Q4ZK|5YGCJ", str(value))]


def test_the_qr_code_is_that_of_the_key_and_stands_upright_in_its_quiet_zone() -> None:
    sheet = page(DEVICE)
    operations = ContentStream(sheet["/Contents"].get_object(), sheet.pdf).operations
    boxes = [list(map(int, operands)) for operands, operator in operations if operator == b"re" and operands[3] == 1]
    dark = {(row, column + at) for column, row, length, _ in boxes for at in range(length)}
    code = segno.make_qr(KEY, error="q", mask=3).matrix
    assert dark == {(row + 4, at + 4) for row, dots in enumerate(code) for at, dot in enumerate(dots) if dot}
    a, _, _, d, _, _ = next(operands for operands, operator in operations if operator == b"cm" and operands[0] != 1)
    assert (a > 0, d < 0) == (True, True)


def test_every_font_is_embedded_and_the_file_is_small() -> None:
    printed = print_document(replace(DEVICE, customer="株式会社 엔지니어스 Łódź Київ شركة"))
    assert len(printed) < 100_000
    fonts = pypdf.PdfReader(BytesIO(printed)).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts.values())


def test_the_same_document_is_the_same_bytes_in_another_process_too() -> None:
    document = replace(DEVICE, customer="株式会社 Łódź شركة")
    program = (
        "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
        "from licensing.adapters.printing import print_document; "
        "sys.stdout.buffer.write(print_document(pickle.load(sys.stdin.buffer)))"
    )
    given_to_it = pickle.dumps(sys.path) + pickle.dumps(document)
    other = subprocess.run(
        [sys.executable, "-c", program], input=given_to_it, env={"PYTHONHASHSEED": "7"}, capture_output=True, check=True
    )
    assert other.stdout == print_document(document) == print_document(document)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (replace(DEVICE, term_days=1095), "3 years (1,095 days) from activation"),
        (replace(DEVICE, term_days=30), "30 days from activation"),
        (replace(DEVICE, quantity=1), "Quantity 1 license "),
        (replace(DEVICE, quantity=100_000), "Quantity 100,000 licenses"),
        (replace(DEVICE, seats=200), "VPN users 200 seats per license"),
        (replace(DEVICE, scope="organization", term_days=None, tokens=1000), "Perpetual, active from the claim"),
        (replace(DEVICE, scope="organization", term_days=None, tokens=1000), "1,000 shared tokens per license"),
        (replace(DEVICE, scope="organization", term_days=1, quantity=730), "730 device-days, for a common end date"),
        (MSP, "Extends the MSP portal by 3 years (1,095 days) per license"),
    ],
)
def test_the_validity_is_told_in_the_words_of_the_model(document: KeyDocument, expected: str) -> None:
    assert expected in text(document)


def test_the_steps_are_those_of_the_portal_the_key_belongs_to() -> None:
    organization, msp = text(DEVICE), text(MSP)
    assert "Go to Organization > Inventory & License > Licenses." in organization
    assert "MSP" not in organization
    assert "go to MSP Portal > Inventory & License > Licenses" in msp
    assert "Organization >" not in msp
    assert "Forced activation" not in msp


def test_instants_are_printed_in_utc_wherever_they_come_from() -> None:
    taipei = ISSUED.astimezone(timezone(timedelta(hours=8)))
    assert print_document(replace(DEVICE, issued_at=taipei)) == print_document(DEVICE)


def test_the_portal_is_a_link_only_where_it_is_a_web_address() -> None:
    link = page(DEVICE)["/Annots"][0].get_object()  # type: ignore[index]
    assert link["/A"]["/URI"] == "https://cloud.example.com"
    assert "/Annots" not in page(replace(DEVICE, portal_url="javascript:alert(1)"))


@pytest.mark.parametrize(
    "name",
    [
        "株式会社 エンジニアス",
        "神準科技股份有限公司",
        "深圳市恩吉尼斯有限公司",
        "엔지니어스 한국",
        "Łódź Zażółć gęślą jaźń",
        "Ελληνική Εταιρεία",
        "Київська компанія",
        "Công ty Thiết bị Đà Nẵng",
        "Նորք ქართული",
        "Müller & Søn — “Ça va” 5 €",
    ],
)
def test_names_of_many_scripts_are_printed_and_can_be_copied(name: str) -> None:
    assert name in text(replace(DEVICE, customer=name, po_number=name))
    assert name in text(replace(DEVICE, customer=unicodedata.normalize("NFD", name)))


def test_an_arabic_name_is_joined_and_runs_from_right_to_left() -> None:
    shown = page(replace(DEVICE, customer="شركة الرياض (المحدودة) ١٢٣ 45")).extract_text()
    assert "ﺷﺮﻛﺔ" in shown  # initial, medial and final forms, no longer the letters that were given
    assert {"شركة", "الرياض", "المحدودة"} <= set(re.findall(r"\w+", unicodedata.normalize("NFKC", shown)))
    assert "45 ١٢٣" in shown


def test_a_letter_no_face_has_is_seen_to_be_missing() -> None:
    assert "Customer A\N{REPLACEMENT CHARACTER}B" in text(replace(DEVICE, customer="A\U0001f600B"))
    assert "Customer ab\N{REPLACEMENT CHARACTER}" in text(replace(DEVICE, customer="a\x00b\ud800\u202e"))


def test_what_is_too_long_is_first_shrunk_and_at_last_visibly_shortened() -> None:
    long = "株式会社" * 50
    assert long in text(replace(DEVICE, customer=long)).replace(" ", "")
    copied = text(replace(DEVICE, customer=long * 9)).replace(" ", "")
    assert re.search(r"Customer(株式会社)+[株式会]*…", copied)


@pytest.mark.parametrize(
    "long", ["W" * 250, "株式会社" * 60, "شركة الرياض " * 20, "Wide names " * 22, "-/" * 125, "、" * 250]
)
def test_no_name_however_long_leaves_its_place(long: str) -> None:
    crowded = replace(
        DEVICE,
        customer=long,
        po_number=long,
        partner_id=long,
        model_name=long,
        sku=long,
        order_id=long,
        portal_url="https://" + long,
        seats=10**12,
        tokens=10**12,
    )
    assert_all_in_its_place(page(crowded))
    assert_all_in_its_place(page(replace(crowded, scope="msp")))


anything = st.text(max_size=200) | st.text("aW株ﾊ한ش ١-/、\u0301\u200d", max_size=200)


@settings(max_examples=30, deadline=None)
@given(customer=anything, po_number=anything, scope=st.sampled_from(get_args(DocumentScope)))
def test_any_text_is_printed_without_fail(customer: str, po_number: str, scope: DocumentScope) -> None:
    sheet = page(replace(DEVICE, customer=customer, po_number=po_number, scope=scope))
    assert_all_in_its_place(sheet)
    assert KEY in sheet.extract_text()


# No bidirectional class: newer than Python's tables (U+1FAE9 is of Unicode 16), or never assigned.
DIRECTIONLESS = st.characters().filter(lambda char: not unicodedata.bidirectional(char))
RIGHT_TO_LEFT = st.text("שלום شركة ١٢٣ \u0711\U00010d00\U0001e900", max_size=12)


@pytest.mark.parametrize("name", ["שלום \U0001fae9 Ltd", "שלום \u0378", "شركة \U0001fae9 ١٢٣", "\u0378שלום\u0378"])
def test_a_character_newer_than_pythons_tables_is_seen_to_be_missing_beside_right_to_left(name: str) -> None:
    shown = text(replace(DEVICE, customer=name, po_number=name, partner_id=name, model_name=name))
    assert shown.count("\N{REPLACEMENT CHARACTER}") >= 4


@settings(max_examples=60, deadline=None)
@given(st.lists(RIGHT_TO_LEFT | DIRECTIONLESS | st.characters() | st.text(max_size=5), max_size=20).map("".join))
def test_right_to_left_is_printed_beside_whatever_character_there_is(name: str) -> None:
    sheet = page(replace(DEVICE, customer=f"ש{name}", po_number=f"{name}ش"))
    assert_all_in_its_place(sheet)
    assert KEY in sheet.extract_text()


def test_every_class_of_direction_can_stand_beside_right_to_left() -> None:
    samples = {unicodedata.bidirectional(chr(code)): chr(code) for code in range(0x110000)}
    assert {"", "L", "R", "AL", "AN", "NSM", "BN", "RLI"} <= set(samples)
    for direction, char in samples.items():
        assert page(replace(DEVICE, customer=f"ש{char}ש {char}1{char} a{char}ש")), direction


@given(st.text(max_size=100))
def test_one_line_has_no_characters_that_steer(given_text: str) -> None:
    line = one_line(given_text)
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line
    assert not [char for char in line if unicodedata.category(char) in {"Cc", "Cs"}]


def test_a_term_of_whole_years_says_so() -> None:
    terms = [English().term(days) for days in (1, 30, 365, 730)]
    assert terms == ["1 day", "30 days", "1 year (365 days)", "2 years (730 days)"]
