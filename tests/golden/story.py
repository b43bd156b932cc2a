"""Three months of everything the service does, through its own doors: what a table looks like that has been lived in.

Each release keeps its items, and its answers about them, as files, so that later ones can be asked to read what earlier
ones wrote (`files.py`). Ids and keys are chance, as in life; only the clock is told.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Final

import pytest

from licensing.domain.core.quotas import DailyQuota
from licensing.domain.inventory import digests
from licensing.domain.ordering.deliveries import SentMail
from licensing.domain.people.access import Caller, Grant
from licensing.entry import wiring
from licensing.use_cases.people.find_people import person_at
from tests.worlds.assigning import device_request
from tests.worlds.claiming import BLUE, NORTH, SOUTH, unissued
from tests.worlds.examples import purchase_order
from tests.worlds.fakes import MemoryVault
from tests.worlds.gateway import ACME, OPERATOR, Answer, answer_of, api_event, person, sample
from tests.worlds.moto_cloud import Cloud, cloud

HARBOR = "org-harbor"
KEY = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b")
ADA = person(
    "ada@north.example",
    *(Grant(role="org_admin", org_id=org) for org in (NORTH, SOUTH, HARBOR)),
    Grant(role="msp_admin", msp_id=BLUE),
)
CALLERS = {"operator": OPERATOR, "acme": ACME, "ada": ADA}

# More associations than fit one transaction: the command is stopped after its first step, and never sent again.
HALF_DONE: Final[tuple[str, str, Any, dict[str, str]]] = (
    "POST", f"/orgs/{HARBOR}/associations/automatic", {}, {"Idempotency-Key": "half-done"}
)  # fmt: skip
REPLAYED = {"Idempotency-Key": "claims-of-march"}
PO_1 = {
    "AP-1YR-LIC": 12, "GW-1YR-LIC": 2, "CAM-1YR-LIC": 1, "AI-UNL-1YR-LIC": 2, "SPC-1YR-200-LIC": 1,
    "CO-TERM-LIC": 2_000, "AI-TOKEN-1K-LIC": 2, "MSP-1YR-LIC": 1,
}  # fmt: skip


class Hurried:
    """What Lambda hands a function whose time is nearly up."""

    def get_remaining_time_in_millis(self) -> int:
        return 1


@dataclass
class Story:
    """The cloud the story happens in; `keys` are the license keys by purchase order and model, as mailed."""

    cloud: Cloud
    keys: dict[str, dict[str, str]] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, who: Caller = ADA, **how: Any) -> Any:
        """The answer's body, of a call that succeeds; a few minutes pass with each."""
        self.cloud.now += timedelta(minutes=7)
        answer = self.cloud.call(method, path, body, who=self.named(who), **how)
        assert answer.status < 300, (method, path, answer.body)
        return answer.body

    def named(self, who: Caller) -> Caller:
        """By the id that was made for the address, as the authorizer tells of a caller."""
        person = person_at(self.cloud.store, who.email) if who.email else None
        return who.model_copy(update={"person_id": person.person_id}) if person else who

    def days(self, days: int) -> None:
        self.cloud.now += timedelta(days=days)

    def tell(self) -> None:
        self.tenants()
        self.first_order()
        self.claims()
        self.devices()
        self.changes_of_mind()
        self.a_machine()
        self.reminders()
        self.a_command_cut_off()
        self.a_renewal_planned()
        self.orders_under_way()
        self.a_job_under_way()
        self.proofs()
        self.digests()
        self.a_sweep()

    def tenants(self) -> None:
        self.ask("PUT", "/partners/acme", {"name": "Acme", "contact_email": "desk@acme.example"}, OPERATOR)
        self.ask("PUT", f"/msps/{BLUE}", {"name": "Blue"}, OPERATOR)
        for org, more in ((NORTH, {"time_zone": "Europe/Berlin"}), (SOUTH, {}), (HARBOR, {"msp_id": BLUE})):
            self.ask("PUT", f"/orgs/{org}", {"name": org.title()} | more, OPERATOR)
        for caller in (ADA, ACME):
            grants = [grant.model_dump(exclude_none=True) for grant in caller.grants]
            self.ask("PUT", f"/people/{caller.email}", {"grants": grants}, OPERATOR)

    def first_order(self) -> None:
        order_id = self.ordered("PO-1", PO_1)
        at = self.cloud.now.isoformat()
        returned = {"emailAddress": "b@north.example", "diagnosticCode": "550 no such box"}
        bounce = {"bounceType": "Permanent", "timestamp": at, "bouncedRecipients": [returned]}
        self.reported("b@north.example", eventType="Bounce", bounce=bounce)
        delivery = {"timestamp": at, "recipients": ["a@north.example"]}
        self.reported("a@north.example", eventType="Delivery", delivery=delivery)
        self.days(1)
        self.ask("POST", f"/orders/{order_id}/deliveries", {"recipients": ["c@north.example"]}, OPERATOR)
        reissued = list(PO_1).index("CAM-1YR-LIC") + 1
        self.ask("POST", f"/orders/{order_id}/lines/{reissued}/reissue", {}, OPERATOR)
        self.cloud.work()
        self.learn("PO-1", PO_1)

    def ordered(self, po_number: str, models: dict[str, int]) -> str:
        lines = [{"license_model": sku, "quantity": quantity} for sku, quantity in models.items()]
        order = self.ask("POST", "/orders", purchase_order(po_number=po_number, lines=lines), ACME)
        self.ask("POST", f"/orders/{order['order_id']}/completion", {}, OPERATOR)
        self.cloud.work()
        self.learn(po_number, models)
        return str(order["order_id"])

    def learn(self, po_number: str, models: dict[str, int]) -> None:
        """The keys in the newest mail of an order."""
        texts = [mail.get_body(("plain",)).get_content() for _, mail in self.cloud.mails]  # type: ignore[union-attr]
        newest = [text for text in texts if po_number in text and len(set(KEY.findall(text))) == len(models)][-1]
        self.keys[po_number] = dict(zip(models, dict.fromkeys(KEY.findall(newest)), strict=True))

    def reported(self, recipient: str, **event: Any) -> None:
        """What the mail service says about the last mail to one recipient."""
        records = [each.record for each in self.cloud.store.scan(1_000).items]
        mails = [each for each in records if isinstance(each, SentMail)]
        (message_id,) = [each.message_id for each in mails if each.recipient == recipient]
        told = {"mail": {"messageId": message_id, "destination": [recipient]}, **event}
        assert self.cloud.send("mail_events", told) == []

    def claims(self) -> None:
        keys = [key for model, key in self.keys["PO-1"].items() if model != "MSP-1YR-LIC"]
        self.ask("POST", f"/orgs/{NORTH}/claims", {"license_keys": keys}, headers=REPLAYED)
        self.ask("POST", f"/msps/{BLUE}/claims", {"license_keys": [self.keys["PO-1"]["MSP-1YR-LIC"]]})
        self.cloud.call("POST", f"/orgs/{SOUTH}/claims", {"license_keys": [unissued(1)]}, who=ADA)
        self.ask("POST", f"/orgs/{NORTH}/ai-tokens/transfer", {"to_org_id": SOUTH})

    def devices(self) -> None:
        devices = [device_request(f"AP-{n}") for n in range(1, 7)]
        devices += [device_request(f"GW-{n}", "gateway") for n in (1, 2)] + [device_request("CAM-1", "camera")]
        self.ask("POST", f"/orgs/{NORTH}/devices", {"devices": devices})
        for serial in ("AP-1", "AP-2", "AP-3", "GW-1", "CAM-1"):
            self.ask("PUT", f"/orgs/{NORTH}/devices/{serial}/network", {"network_id": "net-1"})
        self.days(2)
        for serial in ("AP-1", "AP-2", "AP-3", "AP-4", "AP-5", "CAM-1"):
            self.associate(serial, term_days=365)
        self.associate("CAM-1", term_days=365, type="unlimited_ai")
        self.associate("GW-1", term_days=365, type="secupoint")
        self.associate("GW-1", term_days=365)

    def associate(self, serial: str, **wanted: Any) -> None:
        self.ask("POST", f"/orgs/{NORTH}/associations", {"serial": serial} | wanted)

    def changes_of_mind(self) -> None:
        north = f"/orgs/{NORTH}"
        self.days(3)
        self.ask("POST", f"{north}/devices/AP-3/undo", {})
        (seats,) = self.ask("GET", f"{north}/licenses", tab="secupoint")["items"]
        self.ask("POST", f"{north}/seat-shares", {"license_id": seats["license_id"], "serials": ["GW-1", "GW-2"]})
        self.ask("POST", f"{north}/devices/move", {"to_org_id": SOUTH, "serials": ["AP-2"]})
        self.ask("POST", f"{north}/devices/AP-4/replacement", {"new_serial": "AP-4-NEW"})
        self.ask("DELETE", f"{north}/devices/AP-5")
        until = (self.cloud.now + timedelta(days=700)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.ask("POST", f"{north}/co-term", {"until": until, "serials": ["AP-1"]})
        moved = {"to_org_id": SOUTH, "license_model": "AP-1YR-LIC", "quantity": 2}
        self.ask("POST", f"{north}/licenses/move", moved)
        self.ask("DELETE", f"{north}/devices/CAM-1/network")

    def a_machine(self) -> None:
        """An API token claims nothing, and binds one licence of the day's five."""
        made = {
            "name": "stock-keeper",
            "grants": [{"role": "org_admin", "org_id": NORTH}],
            "expires_at": (self.cloud.now + timedelta(days=90)).isoformat(),
            "licenses_per_day": 5,
        }
        token = self.ask("POST", "/api-tokens", made, self.cloud.signed_in(ADA))
        machine = Caller(
            subject=f"token/{token['token_id']}",
            grants=(Grant(role="org_admin", org_id=NORTH),),
            token=f"token:{token['name']} ({self.named(ADA).actor})",
            quota=DailyQuota(token_id=token["token_id"], licenses_per_day=5),
        )
        body = {"serial": "AP-6", "term_days": 365}
        self.ask("POST", f"/orgs/{NORTH}/associations", body, machine)

    def reminders(self) -> None:
        """And she signs out, a while before."""
        self.ask("POST", "/me/sign-out", {})
        self.days(75)
        self.cloud.function("dispatcher")(sample("schedule_reminders.json"), None)
        for worker in ("dispatcher", "reminders"):
            assert self.cloud.work_off(worker, self.cloud.queues[worker])

    def a_sweep(self) -> None:
        """So late that an order's message is taken for lost."""
        order = self.ask("POST", "/orders", purchase_order(po_number="PO-LOST"), ACME)
        self.ask("POST", f"/orders/{order['order_id']}/completion", {}, OPERATOR)
        self.days(4)
        assert self.cloud.function("sweeper")(sample("schedule_sweep.json"), None)["orders"]

    def proofs(self) -> None:
        """Of those that have something of each other's, and of a part of the table."""
        for owner in (f"org/{NORTH}", f"org/{SOUTH}", f"org/{HARBOR}", "segment/7"):
            assert self.cloud.send("reconciler", {"owners": [owner]}) == []

    def a_command_cut_off(self) -> None:
        self.ordered("PO-2", {"AP-3YR-LIC": 60})
        self.ask("POST", f"/orgs/{HARBOR}/claims", {"license_keys": list(self.keys["PO-2"].values())})
        for start in (0, 30):
            devices = [device_request(f"H-{number:02}") for number in range(start, start + 30)]
            self.ask("POST", f"/orgs/{HARBOR}/devices", {"devices": devices})
        method, path, body, headers = HALF_DONE
        event = api_event(method, path, body, who=ADA, headers=headers)
        stopped = answer_of(self.cloud.function("binding")(event, Hurried()))
        assert stopped.code == "unfinished"

    def a_renewal_planned(self) -> None:
        until = (self.cloud.now + timedelta(days=700)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.ask("POST", f"/orgs/{NORTH}/renewals", {"until": until})
        policy = {"enabled": True, "within_days_of_end": 1, "categories": ["pdu"]}
        self.ask("PUT", f"/orgs/{NORTH}/policies/auto-association", policy)

    def orders_under_way(self) -> None:
        """One waits for its completion, one for its mails: whoever was to send them broke off."""
        self.ask("POST", "/orders", purchase_order(po_number="PO-3"), ACME)
        order = self.ask("POST", "/orders", purchase_order(po_number="PO-4"), ACME)
        self.ask("POST", f"/orders/{order['order_id']}/completion", {}, OPERATOR)
        self.cloud.work_off("key_generation", self.cloud.queues["key_generation"])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wiring, "mailer", Unreachable)
            assert self.cloud.send("key_delivery", {"order_id": order["order_id"]})

    def digests(self) -> None:
        """Kept whole for two orgs, and by month for the third."""
        assert self.cloud.follow() == []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(digests, "DIGEST_ROWS", 0)
            self.ask("POST", f"/orgs/{HARBOR}/devices", {"devices": [device_request("H-99")]})
            assert self.cloud.follow() == []

    def a_job_under_way(self) -> None:
        """One has ended; one waits for a worker."""
        for serial in ("AP-7", "AP-8"):
            self.cloud.work()
            devices, who = [device_request(serial)], self.cloud.signed_in(ADA)
            self.ask("POST", f"/orgs/{NORTH}/devices", {"devices": devices}, who, headers={"Prefer": "respond-async"})

    def questions(self) -> Iterator[dict[str, Any]]:
        """What is asked when all is told: the present, and three days of the past."""
        yield {"who": "acme", "path": "/orders"}
        yield {"who": "operator", "path": "/orgs"}
        yield {"who": "operator", "path": f"/people/{ADA.email}"}
        yield {"who": "ada", "path": "/api-tokens"}
        yield {"who": "ada", "path": f"/msps/{BLUE}/ledger"}
        days = [(self.cloud.now - timedelta(days=ago)).strftime("%Y-%m-%dT%H:%M:%SZ") for ago in (76, 79, 81)]
        for query in ({}, *({"as_of": day} for day in days)):
            yield {"who": "ada", "path": f"/msps/{BLUE}", "query": query}
            for org in (NORTH, SOUTH, HARBOR):
                for what in ("licenses", "licenses/overview", "devices"):
                    yield {"who": "ada", "path": f"/orgs/{org}/{what}", "query": query}
        for serial in ("AP-1", "AP-3", "AP-4-NEW", "CAM-1", "GW-1"):
            yield {"who": "ada", "path": f"/orgs/{NORTH}/devices/{serial}/timeline"}
        for org in (NORTH, SOUTH, HARBOR):
            yield {"who": "ada", "path": f"/orgs/{org}/ledger"}

    def answers(self) -> list[dict[str, Any]]:
        return [question | {"body": self.answer(question).body} for question in self.questions()]

    def answer(self, question: dict[str, Any]) -> Answer:
        query = question.get("query", {})
        answer = self.cloud.call("GET", question["path"], who=CALLERS[question["who"]], **query)
        assert answer.status == 200, (question, answer.body)
        return answer

    def items(self) -> Sequence[dict[str, Any]]:
        """The whole table, as DynamoDB gives it."""
        found = self.cloud.aws("dynamodb").scan(TableName=self.cloud.store.table, ConsistentRead=True)["Items"]
        return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


class Unreachable:
    """A mail service nobody hears of."""

    def send(self, *_: object) -> str:
        raise ConnectionError


@contextmanager
def told(patch: pytest.MonkeyPatch) -> Iterator[Story]:
    """The story, in a cloud that is there as long as it is looked at. The vault is one that later clouds can open."""
    with cloud(patch) as made:
        patch.setattr(wiring, "vault", cache(MemoryVault))
        story = Story(made)
        story.tell()
        yield story
