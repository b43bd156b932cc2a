"""The functions themselves, with a bad network between them and all of AWS: DynamoDB, KMS, S3, SES, SNS and SQS.

Everything fails at times: throttled, broken, cut off before and after it was done; and each service for longer than
the SDK tries. Whoever is not answered asks again, a message that failed comes again, and then all must be right.
"""

from collections import Counter
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from licensing.adapters.aws import client
from licensing.adapters.dynamodb.rows import row_class
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.adapters.mailer import SesMailer
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.people.access import Caller
from licensing.use_cases.core import command
from licensing.use_cases.reconciliation.reconcile import reconcile
from tests.faults.network import CONFLICT, Network, Rule, lost_reply, network_to
from tests.stack.orders import keys_in
from tests.worlds.claiming import NORTH
from tests.worlds.examples import purchase_order
from tests.worlds.gateway import ACME, OPERATOR, Answer, sample
from tests.worlds.moto_cloud import TABLE, Cloud, furnished
from tests.worlds.tenants import NORTH_ADMIN
from tools.local.aws import Aws
from tools.local.mailbox import mails, open_mailbox, wait_for_mails
from tools.local.ministack import ministack

pytestmark = [pytest.mark.ministack, pytest.mark.slow]

SEEDS = (1, 2)
THROTTLED = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "kms": ("ThrottlingException", 400),
    "s3": ("SlowDown", 503),
    "ses": ("Throttling", 400),
    "sns": ("Throttled", 429),
    "sqs": ("RequestThrottled", 403),
}
EFFECTS = [
    ("dynamodb", "TransactWriteItems"),
    ("kms", "Encrypt"),
    ("s3", "PutObject"),
    ("ses", "SendRawEmail"),
    ("sns", "Publish"),
    ("sqs", "SendMessageBatch"),
]
STORMY_ATTEMPTS, MOST_ATTEMPTS = 6, 40


def rules_of(random: Random) -> Iterator[Rule]:
    yield CONFLICT | {"probability": 0.2}
    for service, operation in EFFECTS:
        yield lost_reply(service, operation, 0.3)
    for service, (code, status) in THROTTLED.items():
        yield {"service": service, "probability": 0.05, "error": {"code": code, "status": status}}
        yield {"service": service, "probability": 0.05, "error": {"code": "InternalError", "status": 500}}
        yield {"service": service, "probability": 0.05, "reset": True}
        # Down for more calls than the SDK makes of one, again and again.
        outage = {"fail": 5, "pass": random.randint(15, 40) if service == "dynamodb" else random.randint(3, 6)}
        yield {"service": service, "sequence": outage, "error": {"code": "ServiceUnavailable", "status": 503}}


@dataclass
class Watched(Cloud):
    """Counts the mails that SES was heard to have taken, and those of them that could not be recorded."""

    taken: int = 0
    unrecorded: int = 0

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        send = SesMailer.send

        def counted(mailer: SesMailer, *mail: Any) -> str:
            message_id = send(mailer, *mail)
            self.taken += 1
            return message_id

        patch.setattr(SesMailer, "send", counted)

    def send(self, function: str, *bodies: Any) -> list[str]:
        before = self.taken
        failed = super().send(function, *bodies)
        self.unrecorded += min(len(failed), self.taken - before)
        return failed


@dataclass
class Trouble:
    """The functions beyond a bad network; what stands around them is on the good side of it."""

    seed: int
    cloud: Watched
    network: Network
    mail_dir: Path
    asked: list[tuple[dict[str, Any], Answer]] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any, who: Caller) -> Any:
        """What a caller is answered in the end, who repeats the call under its idempotency key until then."""
        key = {"Idempotency-Key": f"{self.seed}-{len(self.asked)}"}
        call = {"method": method, "path": path, "body": body, "who": who, "headers": key}
        for _ in range(MOST_ATTEMPTS):
            answer = self.cloud.call(**call)
            self.cloud.now += timedelta(seconds=5)
            if answer.status < 300:
                self.asked.append((call, answer))
                return answer.body
            assert answer.status == 500 or answer.code == "conflict", f"seed {self.seed}: {answer.body}"
        raise AssertionError(f"seed {self.seed}: {method} {path} is never answered")

    def storm(self, services: Set[str] = THROTTLED.keys()) -> None:
        self.network.follow([rule for rule in rules_of(Random(self.seed)) if rule["service"] in services])

    def work(self) -> None:
        """Messages come again until none fails; the sweeper takes up what was never said.

        After some attempts the storm is over, but for services it has not struck yet.
        """
        for attempt in range(MOST_ATTEMPTS):
            if attempt >= STORMY_ATTEMPTS:
                self.storm(THROTTLED.keys() - self.struck)
            found = sum(self.cloud.work_off(function, url) for function, url in self.cloud.queues.items())
            with suppress(BotoCoreError, ClientError, PynamoDBException):
                swept = self.cloud.function("sweeper")(sample("schedule_sweep.json"), None)
                if not found and swept == {"orders": 0}:
                    return
            # As long as it takes until a message that failed is taken for lost.
            self.cloud.now += timedelta(minutes=41)
        raise AssertionError(f"seed {self.seed}: there is work left")

    @property
    def struck(self) -> set[str]:
        return {service for service, _ in self.faults()}

    def faults(self) -> Counter[tuple[str, str]]:
        return Counter((fired.service, fired.kind) for fired in self.network.faults())


@contextmanager
def trouble(seed: int, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Trouble]:
    patch.setattr(command, "_wait_a_moment", lambda _: None)
    patch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))  # between the SDK's attempts
    with (
        open_mailbox(folder / "mail") as smtp,
        ministack("cognito-idp,dynamodb,kms,s3,ses,sns,sqs", environment={"SMTP_HOST": smtp}) as endpoint,
        network_to(endpoint, seed) as network,
    ):
        patch.setenv("AWS_ENDPOINT_URL", network.url)
        direct = Aws(endpoint)
        cloud = Watched(aws=lambda service: getattr(direct, service.replace("-", "_")))
        cloud.watch(patch)
        with new_clients(), furnished(cloud, patch):
            for url in cloud.queues.values():  # what failed comes again at once
                direct.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
            yield Trouble(seed, cloud, network, folder / "mail")


@contextmanager
def new_clients() -> Iterator[None]:
    """Those there are belong to another endpoint, and ours will."""
    for made in (client, row_class):
        made.cache_clear()
    yield
    for made in (client, row_class):
        made.cache_clear()


@pytest.mark.parametrize("seed", SEEDS)
def test_orders_claims_and_bindings_come_out_right(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with trouble(seed, tmp_path, monkeypatch) as world:
        lines = [{"license_model": sku, "quantity": 3} for sku in ("AP-1YR-LIC", "GW-1YR-LIC")]
        recipients = ["a@north.example", "b@north.example"]
        world.storm()
        order = world.ask("POST", "/orders", purchase_order(lines=lines, delivery_emails=recipients), ACME)
        world.ask("POST", f"/orders/{order['order_id']}/completion", {}, OPERATOR)
        world.work()
        mail = wait_for_mails(world.mail_dir, lambda mail: mail["To"] == recipients[0], 1)[0]
        world.storm()
        claimed = world.ask("POST", f"/orgs/{NORTH}/claims", {"license_keys": keys_in(mail)}, NORTH_ADMIN)
        device = {"serial": "AP1", "mac": "88:DC:96:00:02:01", "model": "ECW230S", "category": "ap"}
        world.ask("POST", f"/orgs/{NORTH}/devices", {"devices": [device]}, NORTH_ADMIN)
        pair = {"license_id": claimed["claims"][0]["license_ids"]["first"], "serial": "AP1"}
        world.ask("POST", f"/orgs/{NORTH}/associations", {"pairs": [pair]}, NORTH_ADMIN)
        world.work()
        faults = world.faults()
        world.storm(set())

        told = f"seed {seed}, faults {dict(faults)}"
        view = world.cloud.call("GET", f"/orders/{order['order_id']}", who=ACME).body
        assert view["status"] == "fulfilled", told
        assert [line["key_state"] for line in view["lines"]] == ["claimed", "claimed"], told
        assert {mail["recipient"]: mail["status"] for mail in view["deliveries"]} == dict.fromkeys(recipients, "sent")
        store = DynamoStore(TABLE)
        assert len([one for one in store.scan(1_000).items if isinstance(one.record, LicenseKey)]) == 2, told
        assert not reconcile(store, world.cloud.now), told

        got = mails(world.mail_dir)
        assert {each["To"] for each in got} == set(recipients), told
        assert all(keys_in(each) == keys_in(mail) for each in got), told
        assert len(got) <= len(recipients) + faults["ses", "response"] + world.cloud.unrecorded, told

        rows = world.cloud.call("GET", f"/orgs/{NORTH}/licenses", who=NORTH_ADMIN).body["items"]
        assert [row["license_id"] for row in rows if row["serial"] == "AP1"] == [pair["license_id"]], told
        assert len(rows) == 6, told
        for call, answer in world.asked:
            again = world.cloud.call(**call)
            assert (again.status, again.body) == (answer.status, answer.body), told
        assert world.struck == set(THROTTLED), told
