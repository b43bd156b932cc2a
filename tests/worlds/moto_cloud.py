"""The functions over AWS as moto plays it, all in this process: gateway, queues and mail work as deployed."""

import email
import email.policy
import importlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.ses.models import ses_backends

from licensing.adapters.aws import client
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.people.access import Caller
from licensing.entry import wiring
from licensing.use_cases.jobs import take_job
from licensing.use_cases.people.find_people import person_at
from tests.worlds.examples import NOON
from tests.worlds.gateway import Answer, answer_of, api_event, sample, target_of

REGION = "eu-central-1"
SENDER = "licenses@example.com"
TABLE, BUCKET, CONFIGURATION_SET = "licensing-test", "documents", "mail"


@dataclass
class Cloud:
    """One test's cloud. `now` is the clock of all functions; queues by the function that works them off.

    `aws` gives the clients of what stands around the functions: the ERP, and who hands them messages.
    """

    aws: Callable[[str], Any] = client
    queues: dict[str, str] = field(default_factory=dict)
    topic: str = ""
    now: datetime = NOON

    @property
    def store(self) -> DynamoStore:
        return DynamoStore(TABLE, now=lambda: self.now)

    def function(self, name: str) -> Callable[[Any, object], Any]:
        handler: Callable[[Any, object], Any] = importlib.import_module(f"functions.{name}.app").handler
        return handler

    def call(self, method: str, path: str, body: Any = None, **how: Any) -> Answer:
        """What the API answers; the arguments are those of `api_event`."""
        function = self.function(target_of(method, path).function)
        return answer_of(function(api_event(method, path, body, **how), None))

    def signed_in(self, who: Caller) -> Caller:
        """The caller under the `sub` of the sign-in that was made for its address, and the id."""
        assert who.email
        known = wiring.directory().find_user(who.email)
        assert known, f"nobody made a sign-in for {who.email}"
        held = person_at(self.store, who.email)
        return who.model_copy(update={"subject": known.subject, "person_id": held.person_id if held else None})

    def send(self, function: str, *bodies: Any) -> list[str]:
        """Hand a queue worker these messages in one batch; the ids (`message-0`, …) of those that failed."""
        answer = self.function(function)(sqs_event(bodies), None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def publish(self, message: Any) -> None:
        """To the topic Orders, as an ERP does."""
        self.aws("sns").publish(TopicArn=self.topic, Message=json.dumps(message))

    def work(self) -> None:
        """Work off the queues until they are empty; a message that fails stays away, as until its next attempt."""
        while any(self.work_off(function, url) for function, url in self.queues.items()):
            pass

    def round(self, name: str) -> None:
        """What a schedule begins, to its end."""
        self.function("dispatcher")({"round": name}, None)
        self.work()

    def waited(self, _: int) -> int:
        """The queues know no other clock than the machine's: what has to wait comes at once, and our clock goes on."""
        self.now += timedelta(minutes=5)
        return 0

    def work_off(self, function: str, url: str) -> int:
        """Hand over one batch of a queue, and take from it what did not fail; how many messages it had."""
        found = self.aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        failed = self.send(function, *(message["Body"] for message in found)) if found else []
        for number, message in enumerate(found):
            if f"message-{number}" not in failed:
                self.aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(found)

    def follow(self, function: str = "digests") -> list[str]:
        """Hand over all ledger entries there are, as the table's stream does; the numbers of those that failed."""
        (record,) = sample("dynamodb_ledger_entry.json")["Records"]
        items = self.aws("dynamodb").scan(TableName=TABLE, ConsistentRead=True)["Items"]
        entries = sorted((item for item in items if item["kind"]["S"] == "entry"), key=lambda item: item["sk"]["S"])
        images = [json.loads(json.dumps(entry, default=lambda packed: b64encode(packed).decode())) for entry in entries]
        told = [
            record | {"dynamodb": record["dynamodb"] | {"NewImage": image, "SequenceNumber": str(number)}}
            for number, image in enumerate(images)
        ]
        answer = self.function(function)({"Records": told}, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    @staticmethod
    def forget() -> None:
        """The functions start anew, and read the environment again."""
        wiring.reset()

    @property
    def mails(self) -> list[tuple[str, EmailMessage]]:
        """What SES was given: recipient and message, parsed from what went over the wire."""
        sent = ses_backends[ACCOUNT][REGION].sent_messages
        return [(recipient, _parsed(mail.raw_data)) for mail in sent for recipient in dict.fromkeys(mail.destinations)]


def sqs_event(bodies: Sequence[Any]) -> dict[str, Any]:
    """A batch like the sample's; a body that is text goes as it is."""
    (record,) = sample("sqs_order_completed.json")["Records"]
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    return {"Records": [record | {"messageId": f"message-{n}", "body": text} for n, text in enumerate(texts)]}


def body_of(name: str) -> Any:
    """What the one message of a sample batch says."""
    (record,) = sample(name)["Records"]
    return json.loads(record["body"])


@contextmanager
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with mock_aws(), furnished(Cloud(), monkeypatch) as made:
        yield made


@contextmanager
def furnished(made: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """With everything the functions need, and they with an environment that tells of it."""
    monkeypatch.setattr(wiring, "now", lambda: made.now)
    monkeypatch.setattr(take_job, "HEAD_START", 0)  # queues here wait by the real clock
    monkeypatch.setattr(wiring, "delay_after", made.waited)
    for name, value in _resources(made).items():
        monkeypatch.setenv(name, value)
    wiring.reset()
    yield made
    wiring.reset()


def _resources(made: Cloud) -> dict[str, str]:
    """Makes what template.yaml describes; the functions' environment."""
    aws = made.aws
    DynamoStore(TABLE).rows.create_table(wait=True)
    aws("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    aws("ses").verify_email_identity(EmailAddress=SENDER)
    aws("ses").create_configuration_set(ConfigurationSet={"Name": CONFIGURATION_SET})
    made.topic = aws("sns").create_topic(Name="Orders")["TopicArn"]
    made.queues = {
        name: aws("sqs").create_queue(QueueName=name)["QueueUrl"]
        for name in (
            "key_generation",
            "key_delivery",
            "mail_events",
            "job_worker",
            "dispatcher",
            "reminders",
            "reconciler",
            "policies",
        )
    }
    aws("sns").subscribe(
        TopicArn=made.topic,
        Protocol="sqs",
        Endpoint=made.topic.replace(":sns:", ":sqs:").replace("Orders", "key_generation"),
        Attributes={"RawMessageDelivery": "true"},
    )
    pool = aws("cognito-idp").create_user_pool(PoolName="people", UsernameAttributes=["email"])
    return {
        "TABLE_NAME": TABLE,
        "DOCUMENTS_BUCKET": BUCKET,
        "KMS_KEY_ID": aws("kms").create_key()["KeyMetadata"]["Arn"],
        "ORDERS_TOPIC_ARN": made.topic,
        "DELIVERY_QUEUE_URL": made.queues["key_delivery"],
        "GENERATION_QUEUE_URL": made.queues["key_generation"],
        "MAIL_EVENTS_QUEUE_URL": made.queues["mail_events"],
        "ROUNDS_QUEUE_URL": made.queues["dispatcher"],
        "REMINDERS_QUEUE_URL": made.queues["reminders"],
        "PROOFS_QUEUE_URL": made.queues["reconciler"],
        "POLICIES_QUEUE_URL": made.queues["policies"],
        "JOBS_QUEUE_URL": made.queues["job_worker"],
        "MAIL_SENDER": SENDER,
        "MAIL_CONFIGURATION_SET": CONFIGURATION_SET,
        "RETRY_SECONDS": "360",
        "FREE_DAYS": "*=90,camera=0",
        "REMINDER_DAYS": "60,30,3",
        "FORCED_ACTIVATION_REMINDER_DAYS": "30,7",
        "PORTAL_URL": "https://portal.example.com",
        "USER_POOL_ID": pool["UserPool"]["Id"],
        "OPERATORS_NEED_MFA": "true",
        "USER_POOL_CLIENT_ID": "client-1",
        "JWT_ISSUER": "https://issuer.example/pool",
        "JWKS_URL": "https://issuer.example/pool/.well-known/jwks.json",
    }


def _parsed(raw: str) -> EmailMessage:
    message = email.message_from_string(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message
