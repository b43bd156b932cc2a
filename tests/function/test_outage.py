"""Whatever the mail service does for a day: no message is lost, none ends in a dead-letter queue, each mail goes out
once (D7, D34)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from licensing.adapters.aws import client
from licensing.domain.core.limits import FIRST_WAIT, LONGEST_WAIT
from licensing.entry import wiring
from licensing.ports import QueueLoad
from tests.function.test_workers import erp_message
from tests.worlds.examples import NOON
from tests.worlds.gateway import sample
from tests.worlds.moto_cloud import Cloud

delay_after = wiring.delay_after
RETRY, TRIES = timedelta(seconds=360), 5
NAMES = {"generation": "key_generation", "delivery": "key_delivery", "mail_events": "mail_events"}


@dataclass
class Waiting:
    """A message in a queue that goes by the clock of the test."""

    body: str
    visible_at: datetime
    received: int = 0


@dataclass
class TimedQueue:
    """`licensing.ports.Queue` as SQS is, but for its clock. `dead`: those that were tried too often."""

    cloud: Cloud
    messages: list[Waiting] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    sent: int = 0

    def send(self, bodies: Sequence[str], delay: int = 0, group: str | None = None) -> None:
        assert group is None, "mails have none"
        assert delay <= 900, "SQS delays no longer"
        self.sent += len(bodies)
        self.messages += [Waiting(body, self.cloud.now + timedelta(seconds=delay)) for body in bodies]

    def load(self) -> QueueLoad:
        return QueueLoad(wait=sum(not one.received for one in self.messages), at_work=len(self.messages))

    def received(self) -> Iterator[Waiting]:
        for one in [one for one in self.messages if one.visible_at <= self.cloud.now]:
            if one.received == TRIES:
                self.dead.append(one.body)
                self.messages.remove(one)
            else:
                one.received, one.visible_at = one.received + 1, self.cloud.now + RETRY
                yield one


@dataclass
class Post:
    """`licensing.ports.Publisher` into queues that are worked off by the minute."""

    cloud: Cloud
    queues: dict[str, TimedQueue]

    def order_completed(self, order_id: str) -> None:
        self.queues["generation"].send([json.dumps({"type": "order.completed", "order_id": order_id})])

    def mails_due(self, order_id: str) -> None:
        self.queues["delivery"].send([json.dumps({"order_id": order_id})])

    def minutes(self, count: int) -> None:
        for minute in range(count):
            if minute % 5 == 0:
                self.cloud.function("sweeper")(sample("schedule_sweep.json"), None)
            for name, queue in self.queues.items():
                for one in queue.received():
                    if self.cloud.send(NAMES[name], one.body) == []:
                        queue.messages.remove(one)
            self.cloud.now += timedelta(minutes=1)


@pytest.fixture
def post(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Post:
    made = Post(cloud, {name: TimedQueue(cloud) for name in NAMES})
    monkeypatch.setattr(wiring, "queue", cache(made.queues.__getitem__))
    monkeypatch.setattr(wiring, "publisher", cache(lambda: made))
    monkeypatch.setattr(wiring, "delay_after", delay_after)
    return made


def refused(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendRawEmail")


@pytest.mark.parametrize(
    ("trouble", "hours"),
    [
        (refused("ServiceUnavailable", 503), 24),
        (refused("Throttling", 400), 2),
        (EndpointConnectionError(endpoint_url="x"), 2),
    ],
    ids=["out of order", "throttled", "out of reach"],
)
def test_an_outage_of_a_day_makes_mails_late_and_nothing_else(
    post: Post, monkeypatch: pytest.MonkeyPatch, trouble: Exception, hours: int
) -> None:
    def out_of_order(**_: Any) -> Any:
        raise trouble

    post.queues["generation"].send([json.dumps(erp_message())])
    with monkeypatch.context() as outage:
        outage.setattr(client("ses"), "send_raw_email", out_of_order)
        post.minutes(hours * 60)
    waiting = post.queues["delivery"]
    assert post.cloud.mails == []
    assert [queue.dead for queue in post.queues.values()] == [[], [], []]
    assert len(waiting.messages) == 1, "the order's one message"
    assert waiting.sent < 2 * hours * 60 * 60 / (LONGEST_WAIT / 2) + 20, "asked ever less often"
    assert post.queues["generation"].sent == 1, "the sweeper queued nothing again"
    post.minutes(2 * LONGEST_WAIT // 60)
    assert sorted(recipient for recipient, _ in post.cloud.mails) == ["a@north.example", "b@north.example"]
    assert (waiting.messages, waiting.dead) == ([], [])


def test_a_throttled_mail_is_tried_again_within_a_minute_or_two(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_fast(**_: Any) -> Any:
        raise refused("Throttling", 400)

    post.queues["generation"].send([json.dumps(erp_message(delivery_emails=["a@north.example"]))])
    with monkeypatch.context() as moment:
        moment.setattr(client("ses"), "send_raw_email", too_fast)
        post.minutes(1)
    post.minutes(3)
    assert [recipient for recipient, _ in post.cloud.mails] == ["a@north.example"]
    assert post.cloud.now - NOON < RETRY


def test_many_that_wait_do_not_come_at_once() -> None:
    for waited in range(40):
        delays = {delay_after(waited) for _ in range(200)}
        assert FIRST_WAIT / 2 <= min(delays) < max(delays) <= LONGEST_WAIT
    assert min(delay_after(40) for _ in range(200)) >= LONGEST_WAIT / 2


def test_a_message_that_no_mail_service_can_help_ends_in_the_dead_letter_queue(post: Post) -> None:
    """What is wrong itself uses up its attempts as before."""
    broken = json.dumps({"order_id": "acme.0"})
    post.queues["delivery"].send([broken])
    post.minutes(TRIES * 6 + 2)
    assert (post.queues["delivery"].dead, post.queues["delivery"].messages) == ([broken], [])


def test_a_mail_that_can_not_even_wait_comes_again_as_it_was(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both services are out of order: one attempt is used up, and nothing is lost."""

    def throttled(*_: Any, **__: Any) -> Any:
        raise refused("Throttling", 400)

    post.queues["generation"].send([json.dumps(erp_message(delivery_emails=["a@north.example"]))])
    (one,) = post.queues["generation"].messages
    assert post.cloud.send("key_generation", one.body) == []
    (mails,) = post.queues["delivery"].messages
    with monkeypatch.context() as outage:
        outage.setattr(client("ses"), "send_raw_email", throttled)
        outage.setattr(post.queues["delivery"], "send", throttled)
        assert post.cloud.send("key_delivery", mails.body) == ["message-0"]
    assert post.cloud.send("key_delivery", mails.body) == []
    assert len(post.cloud.mails) == 1
