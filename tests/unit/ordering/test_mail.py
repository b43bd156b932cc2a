"""The mail with license keys: whole, safe, and split where SES would refuse it (D7)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from licensing.adapters.mail import LIMIT
from licensing.adapters.mail import compose as prepared
from licensing.adapters.mime import DELIVERY_TAG_HEADER
from licensing.adapters.wording import one_line
from licensing.domain.ordering.documents import Attachment, DeliveryTag, DocumentScope, KeyMail, MailLine
from licensing.ports import MailRefused
from tests.worlds.fakes import read

FORCED = datetime(2027, 2, 22, 6, 9, 43, tzinfo=UTC)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    DELIVERY_TAG_HEADER,
    "X-SES-MESSAGE-TAGS",
    "MIME-Version",
    "Content-Type",
]


def line(number: int, scope: DocumentScope = "device") -> MailLine:
    return MailLine(
        line=number,
        sku="AP-1YR-LIC",
        model_name="Access Point Pro License, 1 Year",
        scope=scope,
        quantity=4,
        license_key=f"{number:05}-M2X9T-BW8HD-3RVNE-5YGCJ",
        forced_activation_at=FORCED if scope == "device" else None,
    )


def pdf(number: int, size: int = 1_000) -> Attachment:
    return Attachment(f"PO-2026-0042-line-{number}.pdf", f"%PDF {number} ".encode().ljust(size, b"."))


MAIL = KeyMail(
    sender="licenses@example.com",
    order_id="ord_8f2c91d4a07b46e0",
    po_number="PO-2026-0042",
    partner_id="acme",
    customer="Northwind Hotels",
    portal_url="https://cloud.example.com/?a=1&b=2",
    attachments=(pdf(1), pdf(2)),
    lines=(line(1), line(2)),
)


RECIPIENT = "it@northwind.example"


def compose(mail: KeyMail, limit: int = LIMIT, recipient: str = RECIPIENT) -> list[bytes]:
    return prepared(mail, limit).to(recipient, DeliveryTag(mail.order_id, recipient, 2))


def only(mail: KeyMail) -> EmailMessage:
    (message,) = compose(mail)
    return read(message)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def attached(messages: Sequence[bytes]) -> list[Attachment]:
    parts = [part for message in messages for part in read(message).iter_attachments()]
    assert {part.get_content_type() for part in parts} <= {"application/pdf"}
    return [Attachment(part.get_filename() or "", part.get_content()) for part in parts]


def test_a_mail_has_text_and_html_and_a_document_for_each_line() -> None:
    message = only(MAIL)
    assert message.get_content_type() == "multipart/mixed"
    assert message["Subject"] == "EnGenius Cloud license keys for purchase order PO-2026-0042"
    assert message["From"] == "EnGenius Cloud <licenses@example.com>"
    assert message["To"] == "it@northwind.example"
    assert attached(compose(MAIL)) == [pdf(1), pdf(2)]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_bodies_say_what_was_bought_and_how_to_claim_it(kind: str) -> None:
    content = body(only(MAIL), kind)
    for expected in (
        "2 license keys of purchase order PO-2026-0042 for Northwind Hotels",
        "00001-M2X9T-BW8HD-3RVNE-5YGCJ",
        "00002-M2X9T-BW8HD-3RVNE-5YGCJ",
        "Access Point Pro License, 1 Year (AP-1YR-LIC), 4 licenses",
        "Forced activation: 22 February 2027, 06:09 UTC",
        "whether or not the license is in use",
        "A claim is final.",
        "Click “+ Add License” at the top right.",
        "Order ord_8f2c91d4a07b46e0 · partner acme",
    ):
        assert expected in content
    assert "MSP" not in content
    assert "part 1" not in content


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_each_portal_that_is_needed_is_explained_once(kind: str) -> None:
    content = body(only(replace(MAIL, lines=(line(1), line(2, "organization"), line(3, "msp"), line(4, "msp")))), kind)
    assert content.count("How to claim in an organization") == 1
    assert content.count("How to claim in the MSP portal") == 1
    alone = body(only(replace(MAIL, lines=(line(1, "msp"),))), kind)
    assert "1 license key of" in alone
    assert "in an organization" not in alone
    assert "Forced activation" not in alone


def test_names_are_text_and_never_markup() -> None:
    content = body(only(replace(MAIL, customer="<script>alert(1)</script> & Söhne", po_number='"><i>')), "html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Söhne" in content
    assert "<script" not in content
    assert '"><i>' not in content


def test_the_portal_is_a_link_only_where_it_is_a_web_address() -> None:
    assert '<a href="https://cloud.example.com/?a=1&amp;b=2">' in body(only(MAIL), "html")
    assert "<a " not in body(only(replace(MAIL, portal_url="javascript:alert(1)")), "html")


def test_a_mail_over_the_limit_is_split_and_says_so() -> None:
    mail = replace(MAIL, attachments=tuple(pdf(n, 20_000) for n in range(1, 8)))
    parts = compose(mail, limit=80_000)
    assert [len(part) <= 80_000 for part in parts] == [True] * 4
    assert attached(parts) == list(mail.attachments)
    for number, part in enumerate(map(read, parts), 1):
        assert part["Subject"].endswith(f"PO-2026-0042 (part {number} of 4)")
        for kind in ("plain", "html"):
            assert f"part {number} of 4" in body(part, kind)
            assert "00002-M2X9T-BW8HD-3RVNE-5YGCJ" in body(part, kind)


def test_the_largest_order_there_is_goes_out_in_mails_that_ses_takes() -> None:
    numbers = range(1, 101)
    mail = replace(MAIL, lines=tuple(map(line, numbers)), attachments=tuple(pdf(n, 100_000) for n in numbers))
    parts = compose(mail)
    assert len(parts) == 2
    assert max(map(len, parts)) <= LIMIT < 10_000_000
    assert attached(parts) == list(mail.attachments)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 30_000), max_size=12), st.text("a株\U0001f600", max_size=100), st.integers(60_000, 90_000)
)
def test_every_document_is_in_just_one_part_and_no_part_is_too_big(sizes: list[int], name: str, limit: int) -> None:
    documents = tuple(Attachment(f"{n}{name}.pdf", b"x" * size) for n, size in enumerate(sizes))
    parts = compose(replace(MAIL, attachments=documents), limit)
    assert attached(parts) == list(documents)
    assert max(map(len, parts)) <= limit


def test_a_document_too_big_for_any_mail_is_refused_by_its_name() -> None:
    with pytest.raises(MailRefused, match=r"PO-2026-0042-line-2\.pdf"):
        compose(replace(MAIL, attachments=(pdf(1), pdf(2, LIMIT))))


def test_a_name_cannot_add_a_header_or_a_part() -> None:
    evil = "x\r\nBcc: thief@example.net\r\n\r\n--boundary"
    mail = replace(MAIL, po_number=evil, customer=evil, order_id=evil, attachments=(Attachment(evil, b"%PDF"),))
    message = only(mail)
    assert message.keys() == HEADERS
    assert message["Subject"].endswith("purchase order x Bcc: thief@example.net --boundary")
    assert [part.get_filename() for part in message.iter_attachments()] == [one_line(evil)]


@pytest.mark.parametrize("name", ["株式会社 エンジニアス", "Łódź", "شركة", "🙂 emoji", "W" * 400, "株" * 400])
def test_names_of_any_script_arrive_whole_in_headers_and_bodies(name: str) -> None:
    (message,) = compose(
        replace(MAIL, po_number=name, customer=name, attachments=(Attachment(f"{name}.pdf", b"%PDF"),))
    )
    assert message.isascii()
    assert max(map(len, message.splitlines())) <= 998
    parsed = read(message)
    assert f"for {name}." in body(parsed, "plain")
    assert name in body(parsed, "html")
    assert attached([message])[0].name == f"{name}.pdf"
    subject = f"EnGenius Cloud license keys for purchase order {name}"
    assert parsed["Subject"] == (subject if len(subject) <= 150 else subject[:149] + "…")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=70), st.text(max_size=200))
def test_any_text_makes_a_mail_that_can_be_read(po_number: str, customer: str) -> None:
    message = only(replace(MAIL, po_number=po_number, customer=customer))
    assert message.keys() == HEADERS
    assert f"for {one_line(customer)}. Each key" in body(message, "plain")
    subject = f"EnGenius Cloud license keys for purchase order {one_line(po_number)}"
    assert message["Subject"] == one_line(subject)


@pytest.mark.parametrize(
    "address", ["łukasz@example.com", "a@żółw.example", "a@b.c\nBcc: d@e.f", "two words@b.c", "none", ""]
)
def test_an_address_ses_cannot_send_to_is_refused(address: str) -> None:
    with pytest.raises(MailRefused, match="no address mail can be sent to"):
        compose(MAIL, recipient=address)


def test_the_longest_address_arrives_as_it_is() -> None:
    address = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".com"
    (message,) = map(read, compose(MAIL, recipient=address))
    assert message["To"] == address
    assert DeliveryTag.from_text(message[DELIVERY_TAG_HEADER]) == DeliveryTag("ord_8f2c91d4a07b46e0", address, 2)


def test_what_is_prepared_once_goes_to_each_recipient_under_their_own_headers() -> None:
    prepared_once = prepared(MAIL)
    mails = {
        recipient: prepared_once.to(recipient, DeliveryTag(MAIL.order_id, recipient, send))[0]
        for recipient, send in (("a@north.example", 1), ("b@north.example", 2))
    }
    for recipient, mail in mails.items():
        message = read(mail)
        assert (message["To"], DeliveryTag.from_text(message[DELIVERY_TAG_HEADER]).recipient) == (recipient, recipient)
        assert attached([mail]) == [pdf(1), pdf(2)]
    first, second = (mail.partition(b"MIME-Version")[2] for mail in mails.values())
    assert first == second


def test_ses_is_told_whose_mail_it_is_in_words_it_takes() -> None:
    message = only(replace(MAIL, order_id="ord/1 äß"))
    tags = dict(tag.split("=") for tag in message["X-SES-MESSAGE-TAGS"].split(", "))
    assert tags == {"order": "ord_1___", "send": "2", "part": "1"}
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value) for value in tags.values())


@given(st.text(max_size=300), st.text(max_size=300), st.integers(1, 10_000))
def test_a_postmark_can_be_read_back(order_id: str, recipient: str, send: int) -> None:
    mark = DeliveryTag(order_id, recipient, send)
    assert DeliveryTag.from_text(mark.to_text()) == mark
    assert re.fullmatch(r"[A-Za-z0-9_-]+", mark.to_text())


@pytest.mark.parametrize("text", ["", "x", "e30", "WzEsMl0", "W10", "ä", "bm90IGpzb24"])
def test_what_is_no_postmark_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - base64, JSON and we each say it in our own words
        DeliveryTag.from_text(text)


def test_no_file_name_or_header_shows_a_key() -> None:
    message = only(MAIL)
    shown = [*map(str, message.values()), *(part.get_filename() or "" for part in message.iter_attachments())]
    assert not [text for text in shown if "M2X9T" in text]
