"""A partner hears once of key mail that did not arrive, without any key in the notice (D7, D8)."""

import pytest

from licensing.adapters.bounce_notification import compose_bounce_notification
from licensing.domain.core.decisions import created
from licensing.domain.core.errors import Refusal
from licensing.domain.ordering.bounce_notifications import NO_SEND, BounceNotification
from licensing.domain.ordering.deliveries import Report
from licensing.domain.ordering.documents import DeliveryTag
from licensing.domain.people.tenants import Partner
from licensing.ports import MailRefused
from licensing.use_cases.core.send_once import Mailing
from licensing.use_cases.ordering.complete_order import send_again
from licensing.use_cases.ordering.notify_partner import notify_partner
from licensing.use_cases.ordering.record_mail_event import delivery_tag_of, record_mail_event
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import Outbox
from tests.worlds.ordering import LEASE, Fate, Killed, World, fateful

LOST, CONTACT = "a@north.example", "orders@acme.example"


class Desk:
    """An order whose first recipient's mail is reported on; the partner's own mailbox."""

    def __init__(self, contact: str | None = CONTACT) -> None:
        self.world = World()
        self.now = NOON
        self.outbox = self.world.outbox
        self.order_id = self.world.place_and_complete(po_number="ŁÓDŹ-7")
        self.world.work()
        self.world.store.commit([created(Partner(partner_id="acme", name="Acme", contact_email=contact))])

    def report(self, report: Report = "bounced", send: int = 1) -> None:
        """The event as its worker handles it."""
        mark = DeliveryTag(self.order_id, LOST, send)
        record_mail_event(self.world.store, at(), mark, report, "550 no such user", later(minutes=1))
        self.tell()

    def tell(self) -> None:
        mailing: Mailing[BounceNotification] = Mailing(
            compose_bounce_notification, self.outbox, "us@x.example", "https://portal.example", LEASE
        )
        notify_partner(self.world.store, mailing, at(self.now), self.order_id, LOST)

    @property
    def told(self) -> list[str]:
        return [message.get_content() for recipient, message in self.outbox.sent if recipient == CONTACT]


@pytest.mark.parametrize("report", ["bounced", "complained"])
def test_the_partner_is_told_which_order_which_address_why_and_what_to_do(report: Report) -> None:
    desk = Desk()
    desk.report(report)
    (text,) = desk.told
    for told in ("ŁÓDŹ-7", LOST, "550 no such user", f"POST /orders/{desk.order_id}/deliveries", "portal.example"):
        assert told in text


def test_the_notice_names_no_key() -> None:
    desk = Desk()
    desk.report()
    keys = [content.decode().partition(": ")[2] for content in desk.world.documents.contents.values()]
    assert len(keys) == 2
    assert not [key for key in keys if key in desk.told[0]]


def test_the_same_event_again_and_a_worse_one_tell_nothing_new() -> None:
    desk = Desk()
    desk.report()
    desk.report()
    desk.report("complained")
    assert len(desk.told) == 1


def test_a_later_send_that_bounces_is_told_too() -> None:
    desk = Desk()
    desk.report()
    send_again(desk.world.store, desk.world.notes, at(), desk.order_id, [LOST])
    desk.world.work()
    desk.tell()
    assert len(desk.told) == 1
    desk.report(send=2)
    assert len(desk.told) == 2


def test_without_a_contact_nobody_is_told() -> None:
    desk = Desk(contact=None)
    desk.report()
    assert len(desk.outbox.sent) == 2, "the keys' mails only"


def test_mail_that_was_delivered_is_nothing_to_tell() -> None:
    desk = Desk()
    desk.report("delivered")
    assert desk.told == []


def test_two_workers_who_learn_of_it_at_once_tell_once() -> None:
    class Nosy(Outbox):
        def send(self, mail: bytes, recipient: str) -> str:
            with pytest.raises(Refusal, match="Another worker"):
                desk.tell()
            return super().send(mail, recipient)

    desk = Desk()
    nosy = Nosy()
    nosy.sent = desk.outbox.sent
    desk.outbox = nosy
    desk.report()
    assert len(desk.told) == 1


@pytest.mark.parametrize("last", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_anywhere_is_made_good_when_the_event_comes_again(last: int, after: bool) -> None:
    desk, fate = Desk(), Fate(last)
    for target, method in ((desk.world.store, "commit"), (desk.outbox, "send")):
        fateful(target, method, fate, after=after)
    try:
        desk.report()
    except Killed:
        desk.now += LEASE  # the queue tries again after the lease
        desk.report()
    assert 1 <= len(desk.told) <= 2


def test_a_notice_that_is_refused_is_not_tried_for_ever() -> None:
    class Refusing(Outbox):
        def send(self, mail: bytes, recipient: str) -> str:
            super().send(mail, recipient)
            raise MailRefused("no")

    desk = Desk()
    desk.outbox = Refusing()
    desk.report()
    desk.report()
    assert len(desk.outbox.sent) == 1


def test_what_becomes_of_the_notice_itself_is_no_report_on_the_keys() -> None:
    desk = Desk()
    desk.report()
    assert delivery_tag_of(desk.world.store, "mail-3") == DeliveryTag(desk.order_id, CONTACT, NO_SEND)
    header = desk.outbox.sent[2][1]["X-EnGenius-Delivery"]
    assert DeliveryTag.from_text(header) == DeliveryTag(desk.order_id, CONTACT, NO_SEND)
