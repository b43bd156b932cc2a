"""The ordering room in memory, with its queues: messages come at least once, and any step can be the last one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from msgspec import Struct

from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.documents import DeliveryTag, KeyDocument, KeyMail
from licensing.domain.ordering.views import OrderView
from licensing.ports import Printer, QueueLoad
from licensing.use_cases.core.send_once import C, M, Mailing
from licensing.use_cases.ordering.complete_order import complete_order
from licensing.use_cases.ordering.deliver_keys import ComposedMail, KeyDeliveryDeps, deliver_keys
from licensing.use_cases.ordering.generate_keys import KeyGenerationDeps, generate_keys
from licensing.use_cases.ordering.place_order import place_order
from licensing.use_cases.ordering.read_orders import existing_order, reader
from licensing.use_cases.ordering.sweep_orders import sweep_orders
from tests.worlds.examples import NOON, at, order_request
from tests.worlds.fakes import MemoryDocuments, MemoryStore, MemoryVault, Notes, Outbox

LEASE = timedelta(seconds=60)


class Killed(BaseException):
    """The machine is gone: nothing catches this."""


@dataclass
class Fate:
    """Kills the process at step number `last`, counted over everything that has an effect outside it."""

    last: int = 0
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.last:
            raise Killed


def fateful(target: Any, method: str, fate: Fate, *, after: bool) -> None:
    """Makes one method of `target` a step, dying before or after its effect."""
    original: Callable[..., Any] = getattr(target, method)

    def stepping(*args: Any, **how: Any) -> Any:
        if not after:
            fate.step()
        result = original(*args, **how)
        if after:
            fate.step()
        return result

    setattr(target, method, stepping)


def printed(document: KeyDocument) -> bytes:
    return f"{document.po_number}/{document.line}: {document.license_key}".encode()


class Composed(Struct, frozen=True):
    """`ComposedMail` for tests: the keys as text, the documents attached, `parts` times the same."""

    mail: KeyMail
    parts: int = 1

    def to(self, recipient: str, _: DeliveryTag) -> list[bytes]:
        message = EmailMessage()
        message["To"] = recipient
        message.set_content("\n".join(line.license_key for line in self.mail.lines))
        for attachment in self.mail.attachments:
            message.add_attachment(attachment.content, "application", "pdf", filename=attachment.name)
        return [message.as_bytes()] * self.parts


@dataclass
class World:
    """One order's way; `now` is moved by the tests."""

    now: datetime = NOON
    store: MemoryStore = field(default_factory=MemoryStore)
    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    outbox: Outbox = field(default_factory=Outbox)
    notes: Notes = field(default_factory=Notes)
    fate: Fate = field(default_factory=Fate)
    compose: Callable[[KeyMail], ComposedMail] = Composed
    printer: Printer = printed

    def doomed(self, *, after: bool) -> "World":
        """Every effect is a step at which fate may strike."""
        effects = [(self.store, "commit"), (self.documents, "put_all"), (self.outbox, "send")]
        for target, method in [*effects, (self.notes, "order_completed"), (self.notes, "mails_due")]:
            fateful(target, method, self.fate, after=after)
        return self

    @property
    def generation(self) -> KeyGenerationDeps:
        return KeyGenerationDeps(MemoryVault(), self.printer, self.documents, self.notes, "https://portal.example")

    @property
    def delivery(self) -> KeyDeliveryDeps:
        return KeyDeliveryDeps(self.mailing(self.compose), MemoryVault(), self.documents, self.notes)

    def mailing(self, compose: Callable[[M], C]) -> Mailing[M, C]:
        return Mailing(compose, self.outbox, "us@x.example", "https://portal.example", LEASE)

    def place_and_complete(self, **other: Any) -> str:
        order_id = order_request(**other).order_id
        place_order(self.store, at(self.now), order_request(**other))
        complete_order(self.store, self.notes, at(self.now), order_id)
        return order_id

    def generate(self, order_id: str) -> None:
        generate_keys(self.store, self.generation, at(self.now, actor="key-generation"), order_id)

    def deliver(self, order_id: str) -> list[Delivery]:
        return deliver_keys(self.store, self.delivery, at(self.now, actor="key-delivery"), order_id)

    def work(self) -> None:
        """Handles all messages there are."""
        while self.notes.completed or self.notes.deliveries:
            for order_id in self.notes.take_completed():
                self.generate(order_id)
            for order_id in self.notes.take_deliveries():
                self.deliver(order_id)

    def sweep(self, now: datetime | None = None) -> int:
        """Its queues hold what was noted."""
        loads = [QueueLoad(len(self.notes.completed)), QueueLoad(len(self.notes.deliveries))]
        return sweep_orders(self.store, self.notes, loads, at(now or self.now, actor="sweeper"))

    def view(self, order_id: str) -> OrderView:
        return existing_order(reader(self.store), order_id).view

    def license_keys(self) -> list[LicenseKey]:
        return [record for record in self.store.items.values() if isinstance(record, LicenseKey)]

    def deliveries(self) -> list[Delivery]:
        return [record for record in self.store.items.values() if isinstance(record, Delivery)]

    def mails_to(self, recipient: str) -> int:
        return sum(1 for sent_to, _ in self.outbox.sent if sent_to == recipient)
