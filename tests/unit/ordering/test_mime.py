"""Whatever the text: the headers we set, those of MIME, and no other; each reads back as the text it was given (D7)."""

import base64
import quopri
import re
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from licensing.adapters.bounce_notification import compose_bounce_notification
from licensing.adapters.mail import compose
from licensing.adapters.mime import DELIVERY_TAG_HEADER, Envelope, attach, content_of, plain, with_alternative
from licensing.adapters.mime import mail as mail_of
from licensing.adapters.reminder import compose_reminder
from licensing.adapters.wording import one_line
from licensing.domain.ordering.bounce_notifications import BounceNotification
from licensing.domain.ordering.documents import DeliveryTag, Language
from licensing.domain.planning.reminders import Reminder, UpcomingEvent
from licensing.ports import MailRefused
from tests.unit.ordering.test_mail import MAIL
from tests.worlds.examples import NOON
from tests.worlds.fakes import read

OURS = ["From", "To", "Subject", "Auto-Submitted", DELIVERY_TAG_HEADER]
MIME = {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
MARK = DeliveryTag("acme.1", "it@north.example", 1)


def _encoded_word(charset: str, text: str, how: str) -> str:
    """The text as somebody would hide it."""
    raw = text.encode("utf-8", "replace")
    hidden = base64.b64encode(raw) if how in "bB" else quopri.encodestring(raw, header=True)
    return f"=?{charset}?{how}?{hidden.decode()}?="


CODECS = st.sampled_from(
    ["utf-8", "l1", "us-ascii", "unicode_escape", "utf-7", "utf-16", "idna", "rot13", "x-none", ""]
)
STEERING = st.text("\r\n\0\t\x0b\x85\u2028 =?:,;<>@\"'()\\", max_size=6)
SMUGGLED = st.sampled_from(
    ["\r\nBcc: x@y.zz", "\r\n\r\n<b>body</b>", "\nReply-To: keys@evil.example", "a@b.cc, c", "\\r\\nX"]
)
WORD = st.builds(_encoded_word, CODECS, SMUGGLED | STEERING | st.text(max_size=8), st.sampled_from("bBqQ"))
PIECE = WORD | SMUGGLED | STEERING | st.text(max_size=20) | st.text("株a ", max_size=90)
TEXT = st.lists(PIECE, max_size=6).map("".join)


def raw_headers(mail: bytes) -> list[tuple[str, str]]:
    """Name and value of each header, unfolded by hand: no parser of Python's is asked what a header is."""
    head, _, body = mail.partition(b"\r\n\r\n")
    assert body, "a mail has a body"
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert b"\n" not in head.replace(b"\r\n", b"")
    lines = head.decode("ascii").split("\r\n")
    assert max(map(len, lines)) <= 998
    unfolded = re.sub(r"\r\n(?=[ \t])", "", "\r\n".join(lines)).split("\r\n")
    return [(name, value) for name, _, value in (line.partition(": ") for line in unfolded)]


def decoded(value: str) -> str:
    """RFC 2047 by Python's older decoder, which shares nothing with the one that `EmailMessage` uses."""
    return str(make_header(decode_header(value)))


def assert_only_ours(mail: bytes, *more: str) -> dict[str, str]:
    found = raw_headers(mail)
    names = [name for name, _ in found if name not in MIME]
    assert names == [*OURS, *more]
    assert len(found) <= len(names) + len(MIME)
    return dict(found)


@settings(max_examples=1_000, deadline=None)
@given(TEXT)
@example("P1 =?l1?b?DQpSZXBseS1Ubzoga2V5c0BldmlsLmV4YW1wbGU=?=")
@example("I-=?utf-8?q?=0d=0aBcc:_x=40y.zz?=")
@example("=?unicode_escape?q?=5cr=5cnX:_y?=")
@example("株 " * 60)  # Python before 3.13 lost spaces of such subjects (gh-92081)
@example("W" * 300)
def test_a_mail_has_the_headers_we_set_and_its_subject_is_the_text(text: str) -> None:
    mail = plain(Envelope("us@x.example", "it@north.example", f"About {text}", MARK), "Hello\n")
    headers = assert_only_ours(mail)
    expected = one_line(f"About {text}")
    assert decoded(headers["Subject"]) == expected
    message = read(mail)
    assert message["Subject"] == expected
    assert message["To"] == "it@north.example"
    assert message["From"] == "EnGenius Cloud <us@x.example>"
    assert message.get_content().strip() == "Hello"


@settings(max_examples=200, deadline=None)
@given(TEXT, TEXT, st.sampled_from(get_args(Language)))
def test_no_text_of_an_order_adds_a_header_to_any_of_our_mails(text: str, other: str, language: Language) -> None:
    order = replace(MAIL, po_number=text, customer=other, order_id=other, partner_id=text, language=language)
    (keys,) = compose(order).to("it@north.example", DeliveryTag(other, "it@north.example", 1))
    assert_only_ours(keys, "X-SES-MESSAGE-TAGS")
    bounce = BounceNotification(
        sender="us@x.example",
        recipient="p@acme.example",
        order_id=text,
        po_number=other,
        customer=text,
        address=other,
        status="bounced",
        reason=text,
        at=NOON,
        portal_url=other,
        language=language,
    )
    (notification,) = compose_bounce_notification(bounce)
    assert_only_ours(notification)
    near = [UpcomingEvent(NOON, "expires", "AP-1YR-LIC", 2)]
    (reminder,) = compose_reminder(Reminder("us@x.example", "a@n.example", other, text, near, other))
    assert_only_ours(reminder)


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_the_name_of_a_document_is_a_name_and_no_header_of_its_part(name: str) -> None:
    content = with_alternative("text", "<p>html</p>")
    attach(content, f"{name}.pdf", b"%PDF")
    mail = mail_of(Envelope("us@x.example", "it@north.example", "Keys", MARK), content_of(content))
    assert_only_ours(mail)
    (part,) = read(mail).iter_attachments()
    assert isinstance(part, EmailMessage)
    assert set(part.keys()) == {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version"}
    assert part.get_filename() == one_line(f"{name}.pdf").replace("?", "_")
    assert part.get_content() == b"%PDF"


@pytest.mark.parametrize(
    "address",
    [
        "=?utf-8?q?a=40b.cc=2c_c?=@evil.com",
        "=?utf-8?q?=0d=0aX-Evil=3aB?=@evil.com",
        "a,b@c.example",
        '"a b"@c.example',
        "(c)a@b.example",
        "a@b@c.example",
        "<a@b.example>",
        "a@b.example\r\nBcc: c@d.example",
        "łukasz@example.com",
        "none",
        "",
    ],
)
def test_what_is_no_plain_address_gets_no_mail(address: str) -> None:
    with pytest.raises(MailRefused, match="no address mail can be sent to"):
        plain(Envelope("us@x.example", address, "Keys", MARK), "Hello")


@given(st.text(max_size=200), st.text(max_size=200), st.integers(0, 10_000))
def test_the_mark_of_a_send_can_be_read_back_from_its_header(order_id: str, recipient: str, send: int) -> None:
    mark = DeliveryTag(order_id, recipient, send)
    mail = plain(Envelope("us@x.example", "it@north.example", "Keys", mark), "Hello")
    assert DeliveryTag.from_text(dict(raw_headers(mail))[DELIVERY_TAG_HEADER]) == mark
