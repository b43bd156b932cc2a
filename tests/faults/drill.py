"""One drill: random commands in bad weather by callers who repeat what was not answered, and what must be true after.

All is made from one seed, so that a run can be repeated.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from random import Random
from typing import Any

from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.requests import AutomaticRequest, Pair, RegistrationRequest, UndoRequest
from licensing.domain.assigning.views import RegistrationsView
from licensing.domain.claiming.requests import ClaimRequest, MoveRequest, MspClaimRequest, TransferRequest
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.ledger import Entry
from licensing.domain.core.limits import INDEX_LAG
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block, License, license_id_of
from licensing.domain.ordering.documents import DeliveryTag
from licensing.domain.ordering.order_ids import order_id_of
from licensing.domain.ordering.orders import Order
from licensing.domain.ordering.views import OrderView
from licensing.use_cases.assigning.associate import associate_by_term, associate_pairs
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from licensing.use_cases.assigning.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.assigning.keep_inventory import (
    deregister_device,
    enter_network,
    leave_network,
    move_devices,
    register_devices,
    replace_device,
)
from licensing.use_cases.assigning.share_seats import share_seats
from licensing.use_cases.assigning.undo_association import undo_association
from licensing.use_cases.claiming.claim_keys import claim_keys
from licensing.use_cases.claiming.extend_msp import extend_msp
from licensing.use_cases.claiming.move_licenses import move_licenses
from licensing.use_cases.claiming.transfer_tokens import transfer_tokens
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.ordering.complete_order import complete_order, reissue_key, send_again
from licensing.use_cases.ordering.place_order import place_order
from licensing.use_cases.ordering.sealed_keys import opened
from licensing.use_cases.reconciliation.reconcile import reconcile
from tests.faults.lagging import LaggingMemory
from tests.faults.weather import Unreachable, Weather, calm
from tests.worlds.assigning import FREE, NORTH, SOUTH, device_request
from tests.worlds.examples import at, order_request
from tests.worlds.fakes import MemoryVault
from tests.worlds.ordering import Composed, Killed, World

Command = Callable[[Context], Outcome[Any]]
MODELS = {"AP-1YR-LIC": 4, "AP-3YR-LIC": 2, "GW-1YR-LIC": 2, "SPC-1YR-200-LIC": 1, "CO-TERM-LIC": 1500}
LINES = [
    {"license_model": sku, "quantity": n} for sku, n in (MODELS | {"AI-TOKEN-1K-LIC": 1, "MSP-1YR-LIC": 1}).items()
]
SERIALS = ("A1", "A2", "A3", "G1", "G2")
ORGS = (NORTH, SOUTH)


@dataclass
class Asked:
    """One caller's command, which he repeats under one idempotency key until he is answered."""

    actor: str
    command: Command
    answer: Outcome[Any] | Refusal | None = None

    def context(self, world: World) -> Context:
        return at(world.now, actor=self.actor, idempotency_key=IdempotencyKey.of(self.actor, "key", self.actor))

    @property
    def done(self) -> Outcome[Any] | None:
        """The answer, if it is one of success."""
        return self.answer if isinstance(self.answer, Outcome) else None

    @property
    def is_told(self) -> bool:
        """Whether the ledger must tell of it; it does not of keys that were guessed."""
        claims = self.done.body.get("claims", ()) if self.done else ()
        guessed = claims and all(claim["outcome"] not in ("claimed", "already_yours") for claim in claims)
        return bool(self.done and self.done.changed and not guessed)


def lagging() -> World:
    """The ordering room over a table whose indexes are as late as they may be."""
    world = World(compose=Plain)
    world.store = LaggingMemory(lambda: INDEX_LAG, lambda: world.now)
    return world


@dataclass
class Drill:
    seed: int
    world: World = field(default_factory=lagging)
    asked: list[Asked] = field(default_factory=list)
    messages: list[Callable[[], object]] = field(default_factory=list)
    # What it looks like from here when something else broke, or the process itself.
    failures: tuple[type[BaseException], ...] = (Unreachable, Killed)
    # Seconds that may pass before a command: while another is between its reads and its commit, it takes no hours.
    pauses: tuple[int, ...] = (5, 7200)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.weather = Weather(self.random, self.random.uniform(0.05, 0.4), self.rival)
        store = self.world.store
        self.weather.over(store, reads=("get", "page"))
        self.weather.over_commits(store)
        self.weather.over(self.world.documents, reads=("get_all", "names"), effects=("put_all",))
        self.weather.over(self.world.outbox, effects=("send",))
        self.weather.over(self.world.notes, effects=("order_completed", "mails_due"))

    # --- callers ---

    def ask(self, command: Command) -> None:
        asked = Asked(f"caller-{len(self.asked)}", command)
        self.asked.append(asked)
        for _ in range(self.random.randint(1, 4)):
            if self.tried(asked):
                return

    def tried(self, asked: Asked) -> bool:
        """Whether the caller was answered. In a storm he tries again what lost a race, or had no time left."""
        self.world.now += timedelta(seconds=self.random.randint(1, self.random.choice(self.pauses)))
        try:
            asked.answer = asked.command(asked.context(self.world))
        except self.failures:
            return False
        except Refusal as refusal:
            if refusal.code in ("conflict", "rate_limited", "unfinished") and self.weather.odds:
                return False
            asked.answer = refusal
        return True

    def rival(self) -> None:
        """Somebody else's command, in fair weather, while a command is between its reads and its commit."""
        odds, self.weather.odds, now = self.weather.odds, 0, self.world.now
        pauses, self.pauses = self.pauses, (2,)
        self.ask(self.some_command())
        # The one who was overtaken began earlier, by his own clock.
        self.weather.odds, self.world.now, self.pauses = odds, max(now, self.world.now), pauses

    # --- queues: at least once, in any order ---

    def collect(self) -> None:
        world = self.world
        self.messages += [self._generation(order_id) for order_id in world.notes.take_completed()]
        self.messages += [self._delivery(order_id) for order_id in world.notes.take_deliveries()]

    def _generation(self, order_id: str) -> Callable[[], object]:
        return lambda: self.world.generate(order_id)

    def _delivery(self, order_id: str) -> Callable[[], object]:
        return lambda: self.world.deliver(order_id)

    def work_off_one(self) -> None:
        """A message that fails comes again; one that does not may come again all the same."""
        self.collect()
        if not self.messages:
            return
        message = self.messages.pop(self.random.randrange(len(self.messages)))
        self.world.now += timedelta(seconds=self.random.randint(1, 90))
        expected: tuple[type[BaseException], ...] = (*self.failures, Refusal)
        try:
            message()
        except expected:
            self.messages.append(message)
        else:
            if self.random.random() < self.weather.odds:
                self.messages.append(message)

    # --- what is asked for ---

    def complete(self, order_id: str, context: Context) -> Outcome[OrderView]:
        return complete_order(self.world.store, self.world.notes, context, order_id)

    def place(self, number: int, context: Context) -> Outcome[OrderView]:
        return place_order(self.world.store, context, order_request(po_number=f"PO-{number}", lines=LINES))

    def run(self, commands: int) -> None:
        """Orders first, and what can be done with their keys as soon as there are some."""
        for number in (1, 2):
            self.ask(partial(self.place, number))
            self.ask(partial(self.complete, order_id_of("acme", f"PO-{number}")))
            self.work_off_one()
        for org_id, serial in ((NORTH, "A1"), (NORTH, "A2"), (NORTH, "G1"), (SOUTH, "A3")):
            self.ask(partial(self.register, org_id, serial))
        for _ in range(commands):
            if self.random.random() < 0.2:
                self.work_off_one()
            else:
                self.ask(self.some_command())
        self.settle()

    def register(self, org_id: str, serial: str, context: Context) -> Outcome[RegistrationsView]:
        category = "ap" if serial[0] == "A" else "gateway"
        request = RegistrationRequest.model_validate({"devices": [device_request(serial, category)]})
        return register_devices(self.world.store, context, org_id, request, FREE)

    def some_command(self) -> Command:
        """Something somebody may want, sensible or not, of what there is now."""
        org, other = ORGS if self.random.random() < 0.8 else (SOUTH, NORTH)
        rooms = (self.ordering, self.claiming, self.claiming, self.licenses, self.binding, self.binding, self.inventory)
        return self.random.choice(self.random.choice(rooms)(org, other))

    def ordering(self, _: str, __: str) -> list[Command]:
        store, notes, order = self.world.store, self.world.notes, self.some_order()
        line = self.random.randint(1, len(LINES))
        return [
            partial(self.complete, order),
            lambda context: reissue_key(store, notes, context, order, line, None),
            lambda context: send_again(store, notes, context, order, None),
        ]

    def claiming(self, org: str, _: str) -> list[Command]:
        store, key = self.world.store, self.some_key()
        plain = ClaimRequest(license_keys=(key,))
        more = ClaimRequest(license_keys=tuple({key, self.some_key()}), mode="best_effort")
        bound = ClaimRequest(license_keys=(key,), auto_associate=True)
        return [
            lambda context: claim_keys(store, context, org, "ada", plain),
            lambda context: claim_keys(store, context, org, "ada", more),
            lambda context: claim_keys(store, context, org, "ada", bound),
            lambda context: extend_msp(store, context, "msp-blue", "ada", MspClaimRequest(license_keys=(key,))),
        ]

    def licenses(self, org: str, other: str) -> list[Command]:
        store = self.world.store
        named = MoveRequest(to_org_id=other, license_ids=(self.some_license(org, self.random.choice("AG")),))
        counted = MoveRequest(to_org_id=other, license_model="AP-1YR-LIC", quantity=2)
        return [
            lambda context: move_licenses(store, context, org, named),
            lambda context: move_licenses(store, context, org, counted),
            lambda context: transfer_tokens(store, context, org, TransferRequest(to_org_id=other)),
        ]

    def binding(self, org: str, _: str) -> list[Command]:
        store, (serial, second) = self.world.store, self.some_serials(org)
        one = self.some_license(org, serial[0])
        until = self.world.now + timedelta(days=self.random.randint(100, 500))
        return [
            lambda context: associate_pairs(store, context, org, [Pair(license_id=one, serial=serial)]),
            lambda context: associate_by_term(store, context, org, serial, 365),
            lambda context: associate_automatically(store, context, org, AutomaticRequest(max=3)),
            lambda context: undo_association(store, context, org, serial, UndoRequest()),
            lambda context: co_terminate_devices(store, context, org, until, Chosen([serial])),
            lambda context: share_seats(store, context, org, one, [serial, second]),
        ]

    def inventory(self, org: str, other: str) -> list[Command]:
        store, (serial, second) = self.world.store, self.some_serials(org)
        return [
            partial(self.register, org, self.random.choice(SERIALS)),
            lambda context: enter_network(store, context, org, serial, "net-1"),
            lambda context: leave_network(store, context, org, serial),
            lambda context: move_devices(store, context, org, other, (serial,)),
            lambda context: deregister_device(store, context, org, serial),
            lambda context: replace_device(store, context, org, serial, second),
        ]

    def of(self, kind: type[Any]) -> list[Any]:
        """All records of a kind, read past the weather."""
        return [record for record in self.world.store.items.values() if isinstance(record, kind)]

    def some_order(self) -> str:
        orders: list[Order] = self.of(Order)
        return self.random.choice(orders).order_id if orders else "acme.0"

    def some_key(self) -> str:
        """Mostly one to be claimed, sometimes a claimed or void one; one that nobody issued before there are any."""
        issued: list[LicenseKey] = self.of(LicenseKey)
        fresh = [key for key in issued if not (key.claimed_by or key.voided_at)]
        keys = fresh if fresh and self.random.random() < 0.8 else issued
        if not keys:
            return key_codec.mint(self.random.choice)
        key = self.random.choice(keys)
        return key_codec.pretty(opened(MemoryVault(), [key])[key.key_hash])

    def some_serials(self, org_id: str) -> tuple[str, str]:
        """A device of the org, if it has any, and another of the same category."""
        here = [device.serial for device in self.of(Device) if device.org_id == org_id]
        serial = self.random.choice(here or SERIALS)
        return serial, self.random.choice([each for each in SERIALS if each[0] == serial[0] and each != serial])

    def some_license(self, org_id: str, initial: str) -> str:
        """A license of the org, free or not, that fits devices whose serials begin like this; a made-up one if none."""
        category = "ap" if initial == "A" else "gateway"
        blocks = [block for block in self.of(Block) if block.org_id == org_id and block.free]
        free = [block for block in blocks if block.model.category == category]
        ids = [license_id_of(block.key_id, next(iter(block.free))) for block in free]
        ids += [one.license_id for one in self.of(License) if (one.org_id, one.model.category) == (org_id, category)]
        return self.random.choice(ids) if ids else license_id_of("0" * 20, 1)

    # --- afterwards ---

    def settle(self) -> None:
        """The storm is over: everybody gets an answer, and every queue is worked off."""
        self.weather.clears()
        self.weather.rival = calm
        for asked in self.asked:
            assert asked.answer or self.tried(asked), f"{asked.actor} gets no answer"
        for order in self.of(Order):
            self.ask(partial(self.complete, order.order_id))
        # What was never said is taken up once the queues are empty.
        for _ in range(2):
            self.collect()
            for _ in range(1000):
                if not self.messages:
                    break
                self.work_off_one()
            assert not self.messages
            self.world.now += timedelta(minutes=20)
            self.world.sweep()
        assert not self.world.notes.completed

    def broken_promises(self) -> list[str]:
        """What does not hold, in plain words; nothing, if all is well."""
        found = [f"{finding.promise}: {finding.item}: {finding.detail}" for finding in self.findings()]
        return [*found, *self._lost_or_doubled(), *self._not_claimed(), *self._without_mail()]

    def findings(self) -> list[Any]:
        return reconcile(self.world.store, self.world.now)

    def _lost_or_doubled(self) -> list[str]:
        """A command that was answered is in the ledger once for each of its parts, one that was refused is not."""
        told: dict[str, list[str]] = {}
        for entry in self.of(Entry):
            told.setdefault(entry.actor, []).append(f"{entry.ledger} {entry.action} {entry.entry_id.split('.')[2]}")
        found = []
        for asked in self.asked:
            entries = told.get(asked.actor, [])
            if bool(entries) != asked.is_told:
                found.append(f"{asked.actor} was answered {asked.answer}, the ledger has {entries}")
            if len(entries) != len(set(entries)):
                found.append(f"{asked.actor} was carried out more than once: {entries}")
        return found

    def _not_claimed(self) -> list[str]:
        """A key that was answered to be claimed is claimed for ever, by that one (D11)."""
        owners = {key.fingerprint: key.claimed_by for key in self.of(LicenseKey)}
        return [
            f"{claim['key_fingerprint']} was claimed by {asked.actor}, and is not"
            for asked in self.asked
            if asked.done
            for claim in asked.done.body.get("claims", ())
            if claim["outcome"] == "claimed" and not owners[claim["key_fingerprint"]]
        ]

    def _without_mail(self) -> list[str]:
        """Every recipient of an order has a mail with all of its keys (D7)."""
        found = []
        for order in self.of(Order):
            if not order.fulfilled_at:
                found.append(f"{order.order_id} is not fulfilled")
            keys = {key.key_hash for key in self.of(LicenseKey) if key.order_id == order.order_id and not key.voided_at}
            for recipient in order.recipients:
                mails = [message for to, message in self.world.outbox.sent if to == recipient]
                if not any(keys == keys & _hashes(message) for message in mails):
                    found.append(f"{recipient} has no mail with all keys of {order.order_id}")
        return found

    def answers_again(self) -> list[tuple[Any, Any]]:
        """Each answer of success, and what the same idempotency key is answered now."""
        return [(asked.done.body, asked.command(asked.context(self.world)).body) for asked in self.asked if asked.done]


class Plain(Composed, frozen=True):
    """The keys, and nothing else."""

    def to(self, recipient: str, _: DeliveryTag) -> list[bytes]:  # noqa: ARG002
        message = EmailMessage()
        message.set_content("\n".join(line.license_key for line in self.mail.lines))
        return [message.as_bytes()]


def _hashes(message: EmailMessage) -> set[str]:
    return {key_codec.hash_of(key_codec.parse(line)) for line in str(message.get_payload()).split()}
