"""From a purchase order to the mail, through the use cases (D3-D8)."""

from datetime import timedelta

import pytest

from licensing.domain.core.errors import Refusal
from licensing.domain.licenses import key_codec
from licensing.domain.ordering.deliveries import Report
from licensing.domain.ordering.documents import DeliveryTag
from licensing.domain.ordering.orders import Order
from licensing.ports import MailRefused, QueueLoad
from licensing.use_cases.ordering.complete_order import complete_order, send_again, take_completed_order
from licensing.use_cases.ordering.place_order import place_order
from licensing.use_cases.ordering.read_orders import document_link, document_name
from licensing.use_cases.ordering.record_mail_event import delivery_tag_of, record_mail_event
from licensing.use_cases.ordering.sweep_orders import sweep_orders
from tests.worlds.examples import NOON, at, later, order_request
from tests.worlds.fakes import Outbox
from tests.worlds.ordering import Composed, Killed, World

A, B = "a@north.example", "b@north.example"


def fulfilled() -> tuple[World, str]:
    world = World()
    order_id = world.place_and_complete()
    world.work()
    return world, order_id


def test_the_same_order_again_is_the_same_order() -> None:  # D4
    world = World()
    first = place_order(world.store, at(), order_request())
    again = place_order(world.store, at(later(days=3)), order_request(delivery_emails=[B, A]))
    assert (first.changed, again.changed) == (True, False)
    assert first.body == again.body


def test_the_same_number_with_other_content_is_refused_with_the_difference_spelled_out() -> None:  # D4
    world = World()
    place_order(world.store, at(), order_request())
    lines = [{"license_model": "AP-1YR-LIC", "quantity": 5}]
    with pytest.raises(Refusal) as caught:
        place_order(world.store, at(), order_request(lines=lines, customer="South"))
    assert caught.value.code == "order_conflict"
    assert caught.value.extra["changes"] == [
        {"field": "customer", "was": "North Networks", "is": "South"},
        {"field": "lines[0].quantity", "was": 4, "is": 5},
        {"field": "lines[1].license_model", "was": "MSP-1YR-LIC", "is": None},
        {"field": "lines[1].quantity", "was": 1, "is": None},
    ]


def test_the_same_number_of_another_partner_is_another_order() -> None:
    assert order_request().order_id != order_request(partner_id="globex").order_id


def test_completion_waits_for_nobody_and_happens_once() -> None:  # D5
    world = World()
    order_id = world.place_and_complete()
    body = complete_order(world.store, world.notes, at(later(days=1)), order_id).body
    assert (body["status"], body["completed_at"]) == ("completed", "2026-03-01T12:00:00Z")
    assert [mail["status"] for mail in body["deliveries"]] == ["queued", "queued"]


@pytest.mark.parametrize("completed_at", [later(seconds=1), NOON.replace(year=1999)])
def test_a_completion_in_the_future_or_before_2000_is_refused(completed_at: object) -> None:
    world = World()
    order_id = place_order(world.store, at(), order_request()).body["order_id"]
    with pytest.raises(Refusal, match="completed_at"):
        complete_order(world.store, world.notes, at(), order_id, completed_at)  # type: ignore[arg-type]
    assert world.notes.completed == []


def test_an_earlier_completion_is_the_issue_date_of_the_keys() -> None:  # D5
    world = World()
    order_id = place_order(world.store, at(), order_request()).body["order_id"]
    complete_order(world.store, world.notes, at(), order_id, NOON - timedelta(days=400))
    world.work()
    assert {key.issued_at for key in world.license_keys()} == {NOON - timedelta(days=400)}


def test_one_line_makes_one_key_and_every_recipient_gets_them_all() -> None:  # D5, D7
    world, order_id = fulfilled()
    view = world.view(order_id)
    assert view.status == "fulfilled"
    assert [line.key_state for line in view.lines] == ["issued", "issued"]
    assert [mail.status for mail in view.deliveries] == ["sent", "sent"]
    assert [recipient for recipient, _ in world.outbox.sent] == [A, B]
    _, message = world.outbox.sent[0]
    assert [part.get_filename() for part in message.iter_attachments()] == ["PO-1-line-1.pdf", "PO-1-line-2.pdf"]


def test_the_key_in_the_mail_is_the_one_the_table_knows_by_its_hash_only() -> None:  # D8
    world, _ = fulfilled()
    body = world.outbox.sent[0][1].get_body()
    assert body is not None
    mailed = [key_codec.parse(line) for line in body.get_content().split()]
    assert {key_codec.hash_of(symbols) for symbols in mailed} == {key.key_hash for key in world.license_keys()}
    told = "".join(record.model_dump_json(exclude={"ciphertext"}) for record in world.store.items.values())
    assert not any(symbols in told or key_codec.pretty(symbols) in told for symbols in mailed)


def test_whatever_comes_twice_makes_no_second_key_and_no_second_mail() -> None:  # D4, D5, D7
    world, order_id = fulfilled()
    keys, mails = world.license_keys(), len(world.outbox.sent)
    for _ in range(3):
        complete_order(world.store, world.notes, at(), order_id)
        world.work()
        world.deliver(order_id)
    assert (world.license_keys(), len(world.outbox.sent)) == (keys, mails)


def test_printing_again_prints_the_same_key_under_the_same_name() -> None:  # D6, D8
    world, order_id = fulfilled()
    before = dict(world.documents.contents)
    send_again(world.store, world.notes, at(), order_id, None)
    world.documents.contents.clear()
    world.work()
    assert world.documents.contents == before


def test_an_erp_message_does_intake_and_completion_in_one() -> None:
    world = World()
    order_id = take_completed_order(world.store, at(), order_request(), None)
    world.generate(order_id)
    world.work()
    assert world.view(order_id).status == "fulfilled"


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_step_and_started_again_all_ends_right(after: bool) -> None:  # D4, D5, D7
    untroubled = World().doomed(after=after)
    untroubled.place_and_complete()
    untroubled.work()
    assert untroubled.fate.steps > 10
    for last in range(1, untroubled.fate.steps + 1):
        world = World().doomed(after=after)
        world.fate.last = last
        order_id = order_request().order_id
        try:
            world.place_and_complete()
            world.work()
        except Killed:
            world.now = later(seconds=120)  # the queue tries again after the lease
            world.notes.take_completed()
            world.notes.take_deliveries()
            if order_id not in {order.order_id for order in orders_of(world)} or not order_of(world).completed_at:
                world.place_and_complete()  # the caller got no answer, so he asks again
            world.now = later(minutes=20)
            world.sweep()
            world.work()
        view = world.view(order_id)
        assert (view.status, len(world.license_keys())) == ("fulfilled", 2), f"killed at step {last}"
        assert all(1 <= world.mails_to(recipient) <= 2 for recipient in (A, B)), f"killed at step {last}"
        assert world.mails_to(A) + world.mails_to(B) <= 3, f"killed at step {last}"
        assert sorted(world.documents.contents) == sorted(document_name(key) for key in world.license_keys())


def orders_of(world: World) -> list[Order]:
    return [record for record in world.store.items.values() if isinstance(record, Order)]


def order_of(world: World) -> Order:
    return orders_of(world)[0]


def test_two_workers_with_the_same_message_send_one_mail() -> None:  # D7
    world = World()
    order_id = world.place_and_complete()
    world.generate(order_id)

    class Nosy(Outbox):
        def send(self, mail: bytes, recipient: str) -> str:
            with pytest.raises(Refusal, match="Another worker"):
                world.deliver(order_id)
            return super().send(mail, recipient)

    world.outbox = Nosy()
    world.deliver(order_id)
    assert world.mails_to(A) == 1


def test_a_mail_in_parts_goes_on_with_the_part_that_is_missing() -> None:  # D7
    world = World(compose=lambda mail: Composed(mail, parts=3)).doomed(after=False)
    order_id = world.place_and_complete()
    world.generate(order_id)
    # The lease; sent and recorded; sent and, the record having changed since it was read, recorded at the second try.
    world.fate.last = world.fate.steps + 7
    with pytest.raises(Killed):
        world.deliver(order_id)
    assert world.mails_to(A) == 2
    world.now = later(seconds=61)
    world.deliver(order_id)
    assert world.mails_to(A) == 3
    assert world.view(order_id).deliveries[0].status == "sent"


def test_an_address_the_mail_service_refuses_is_as_good_as_bounced_and_holds_nobody_up() -> None:  # D7
    class Picky(Outbox):
        def send(self, mail: bytes, recipient: str) -> str:
            if recipient == A:
                raise MailRefused("Domain contains illegal character")
            return super().send(mail, recipient)

    world = World(outbox=Picky())
    order_id = world.place_and_complete()
    world.work()
    view = world.view(order_id)
    assert view.status == "fulfilled"
    assert [(mail.status, mail.reason) for mail in view.deliveries] == [
        ("bounced", "Domain contains illegal character"),
        ("sent", None),
    ]


def test_a_mail_that_cannot_be_composed_is_as_good_as_bounced_and_holds_nobody_up() -> None:  # D7
    class Picky(Composed, frozen=True):
        def to(self, recipient: str, tag: DeliveryTag) -> list[bytes]:
            if recipient == A:
                raise MailRefused("no address mail can be sent to")
            return super().to(recipient, tag)

    world = World(compose=Picky)
    order_id = world.place_and_complete()
    world.work()
    view = world.view(order_id)
    assert view.status == "fulfilled"
    assert [(mail.status, mail.reason) for mail in view.deliveries] == [
        ("bounced", "no address mail can be sent to"),
        ("sent", None),
    ]


REPORTS: list[tuple[list[Report], str]] = [
    (["delivered"], "delivered"),
    (["delivered", "complained"], "complained"),
    (["complained", "delivered"], "complained"),
    (["bounced", "delivered", "bounced"], "bounced"),
]


@pytest.mark.parametrize(("reports", "status"), REPORTS)
def test_delivery_events_count_in_whatever_order_they_come(reports: list[Report], status: str) -> None:  # D7
    world, order_id = fulfilled()
    mark = delivery_tag_of(world.store, "mail-1")
    for report in reports:
        record_mail_event(world.store, at(), mark, report, "550 5.1.1 user unknown", later(minutes=1))
    assert world.view(order_id).deliveries[0].status == status


def test_an_event_of_a_mail_not_recorded_yet_has_to_come_again() -> None:
    with pytest.raises(Refusal):
        delivery_tag_of(World().store, "unknown")


def test_an_event_of_an_earlier_send_does_not_touch_the_later_one() -> None:
    world, order_id = fulfilled()
    mark = delivery_tag_of(world.store, "mail-1")
    send_again(world.store, world.notes, at(), order_id, [A])
    record_mail_event(world.store, at(), mark, "bounced", "full", later(minutes=1))
    assert world.view(order_id).deliveries[0].status == "queued"


def test_the_mail_is_sent_again_to_a_corrected_address() -> None:  # D7
    world, order_id = fulfilled()
    body = send_again(world.store, world.notes, at(), order_id, ["c@north.example"]).body
    assert [mail["status"] for mail in body["deliveries"]] == ["sent", "sent", "queued"]
    world.work()
    assert world.mails_to("c@north.example") == 1
    view = world.view(order_id)
    assert (view.status, view.delivery_emails) == ("fulfilled", (A, B))


def test_nothing_is_sent_before_the_order_is_completed() -> None:
    world = World()
    order_id = place_order(world.store, at(), order_request()).body["order_id"]
    with pytest.raises(Refusal, match="not completed"):
        send_again(world.store, world.notes, at(), order_id, None)


def test_a_hundred_lines_are_issued_in_transactions_of_at_most_a_hundred_records() -> None:
    from licensing.domain.licenses.catalog import catalog  # the fake store counts the records

    world = World()
    lines = [{"license_model": sku, "quantity": 1} for sku in catalog()]
    order_id = world.place_and_complete(lines=lines, delivery_emails=[f"r{n}@x.example" for n in range(50)])
    world.work()
    assert (world.view(order_id).status, len(world.outbox.sent)) == ("fulfilled", 50)


def test_the_sweeper_takes_up_only_what_has_waited_too_long() -> None:
    world = World()
    world.place_and_complete()
    world.notes.take_completed()
    assert world.sweep(later(minutes=9)) == 0
    assert world.sweep(later(minutes=10)) == 1
    world.notes.take_completed()
    assert world.sweep(later(minutes=15)) == 0, "it was queued again five minutes ago"
    assert world.sweep(later(minutes=20)) == 1


WAITS, AT_WORK, IDLE = QueueLoad(wait=1_000), QueueLoad(at_work=3), QueueLoad()


@pytest.mark.parametrize(
    ("loads", "minutes"),
    [([IDLE, IDLE], 10), ([AT_WORK, IDLE], 40), ([IDLE, WAITS], 3 * 1440), ([WAITS, AT_WORK], 3 * 1440)],
)
def test_an_orders_message_is_taken_for_lost_when_it_cant_be_alive(loads: list[QueueLoad], minutes: int) -> None:
    world = World()
    world.place_and_complete()
    world.notes.take_completed()
    for late, taken_up in ((minutes - 1, 0), (minutes, 1), (2 * minutes - 1, 0), (2 * minutes, 1)):
        assert sweep_orders(world.store, world.notes, loads, at(later(minutes=late))) == taken_up


def test_a_thousand_mails_that_wait_for_half_an_hour_are_not_queued_again() -> None:
    world = World()
    orders = [{"po_number": f"PO-{n}", "delivery_emails": [f"r{n}@x.example"]} for n in range(1_000)]
    for order in orders:
        world.place_and_complete(**order)
    for order_id in world.notes.take_completed():
        world.generate(order_id)
    waiting = list(world.notes.deliveries)
    assert len(waiting) == 1_000
    for minutes in range(5, 35, 5):
        assert world.sweep(later(minutes=minutes)) == 0
    assert (world.notes.completed, world.notes.deliveries) == ([], waiting)


def test_a_document_is_linked_once_its_key_is_issued() -> None:
    world = World()
    order_id = world.place_and_complete()
    with pytest.raises(Refusal, match="not issued yet"):
        document_link(world.store, world.documents, world.notes, order_id, 1)
    world.work()
    assert "PO-1-line-1.pdf" in document_link(world.store, world.documents, world.notes, order_id, 1)
    with pytest.raises(Refusal, match="no such order line"):
        document_link(world.store, world.documents, world.notes, order_id, 3)


def test_a_document_that_was_lost_is_printed_again_by_whoever_asks_for_its_link() -> None:  # D6
    world, order_id = fulfilled()
    before = dict(world.documents.contents)
    lost = document_name(world.license_keys()[0])
    del world.documents.contents[lost]
    with pytest.raises(Refusal, match="being printed") as caught:
        document_link(world.store, world.documents, world.notes, order_id, 1)
    assert (caught.value.code, caught.value.extra) == ("not_ready", {"retry_after": 10})
    world.work()
    assert world.documents.contents == before
    assert lost in document_link(world.store, world.documents, world.notes, order_id, 1)
    assert len(world.outbox.sent) == 2, "nobody is mailed again"


def test_a_mail_whose_document_was_lost_waits_until_it_is_printed_again() -> None:  # D7
    world = World()
    order_id = world.place_and_complete()
    world.generate(order_id)
    world.documents.contents.clear()
    world.work()
    assert world.view(order_id).status == "fulfilled"
    assert [recipient for recipient, _ in world.outbox.sent] == [A, B]


def test_only_the_documents_that_are_missing_are_printed() -> None:
    world, order_id = fulfilled()
    world.documents.contents = dict.fromkeys(world.documents.contents, b"as it was")
    lost = document_name(world.license_keys()[1])
    del world.documents.contents[lost]
    world.generate(order_id)
    assert [name for name, content in world.documents.contents.items() if content != b"as it was"] == [lost]


def test_a_po_number_with_slashes_makes_no_path_of_a_file_name() -> None:
    world = World()
    world.place_and_complete(po_number="2026/04 ../x: Łódź บริษัท ग्राहक")
    world.work()
    names = [part.get_filename() for part in world.outbox.sent[0][1].iter_attachments()]
    assert names[0] == "2026_04 .._x_ Łódź บริษัท ग्राहक-line-1.pdf"
