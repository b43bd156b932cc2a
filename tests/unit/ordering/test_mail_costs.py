"""What the mails of an order take: prepared once, whoever gets them, and recorded in few calls (D7, D8)."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from licensing.domain.core import actions
from licensing.domain.core.errors import Refusal
from licensing.domain.core.leases import Lease
from licensing.domain.core.ledger import Entry
from licensing.domain.core.limits import KEYS_SEALED_TOGETHER
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.catalog import catalog
from licensing.domain.licenses.license_key import LicenseKey, seal_context
from licensing.ports import MailRefused
from licensing.use_cases.ordering.complete_order import reissue_key, send_again
from licensing.use_cases.ordering.sealed_keys import opened, sealed
from tests.worlds.examples import at, later
from tests.worlds.fakes import MemoryDocuments, MemoryVault, Outbox
from tests.worlds.ordering import LEASE, World

EVERYTHING = [{"license_model": sku, "quantity": 1} for sku in catalog()]
FIFTY = [f"r{number}@x.example" for number in range(50)]
A, B = "a@north.example", "b@north.example"


def counting(monkeypatch: pytest.MonkeyPatch, target: Any, *methods: str) -> Counter[str]:
    """How often each of them is called from now on, and with how many things."""
    calls = Counter[str]()

    def counted(name: str) -> Callable[..., Any]:
        original = getattr(target, name)

        def call(*args: Any, **how: Any) -> Any:
            calls[name] += 1
            return original(*args, **how)

        return call

    for name in methods:
        monkeypatch.setattr(target, name, counted(name))
    return calls


def test_all_models_to_fifty_people_are_fetched_opened_and_composed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    vault = counting(monkeypatch, MemoryVault, "seal", "open")
    documents = counting(monkeypatch, MemoryDocuments, "get_all", "put_all")
    world = World()
    world.place_and_complete(lines=EVERYTHING, delivery_emails=FIFTY)
    world.work()
    assert len(world.outbox.sent) == 50
    ciphertexts = -(-len(EVERYTHING) // KEYS_SEALED_TOGETHER)
    assert vault == {"seal": ciphertexts, "open": 2 * ciphertexts}, "sealed, opened to print, opened to mail"
    assert vault.total() <= 2 + len(EVERYTHING)
    assert documents == {"put_all": 1, "get_all": 1}


def test_three_lines_to_two_people_take_three_calls_of_the_vault(monkeypatch: pytest.MonkeyPatch) -> None:
    vault = counting(monkeypatch, MemoryVault, "seal", "open")
    world = World()
    world.place_and_complete(lines=EVERYTHING[:3])
    world.work()
    assert vault.total() == 3


def test_the_last_mail_takes_five_calls_of_the_table_and_settles_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    order_id = world.place_and_complete(delivery_emails=[A])
    world.generate(order_id)
    calls = counting(monkeypatch, world.store, "get", "commit")
    world.deliver(order_id)
    assert calls == {"get": 2, "commit": 3}, "order and parts; lease, mail and settlement, lease given back"
    assert world.view(order_id).status == "fulfilled"


def test_a_lease_is_in_no_ledger_and_gone_when_all_is_sent() -> None:  # D33
    world = World()
    world.place_and_complete()
    world.work()
    records = world.store.items.values()
    assert not [record for record in records if isinstance(record, Lease)]
    told = sorted((entry for entry in records if isinstance(entry, Entry)), key=lambda entry: entry.entry_id)
    assert [entry.action for entry in told[-2:]] == [actions.MAIL_SENT.name, actions.ORDER_FULFILLED.name]
    assert len(told) == 5, "received, completed, keys, a mail, the last mail"


def test_whoever_comes_while_a_lease_runs_has_to_come_again_and_later_sends_what_is_left() -> None:
    class Dying(Outbox):
        dies = True

        def send(self, mail: bytes, recipient: str) -> str:
            if recipient == B and self.dies:
                raise ConnectionError
            return super().send(mail, recipient)

    outbox = Dying()
    world = World(outbox=outbox)
    order_id = world.place_and_complete()
    world.generate(order_id)
    with pytest.raises(ConnectionError):
        world.deliver(order_id)
    outbox.dies = False
    with pytest.raises(Refusal, match="Another worker"):
        world.deliver(order_id)
    world.now += LEASE
    world.deliver(order_id)
    assert (world.mails_to(A), world.mails_to(B)) == (1, 1)
    assert world.view(order_id).status == "fulfilled"


def test_an_address_that_fails_again_and_again_holds_up_nobody_behind_it() -> None:
    class Failing(Outbox):
        def send(self, mail: bytes, recipient: str) -> str:
            if recipient == A:
                raise ConnectionError
            return super().send(mail, recipient)

    world = World(outbox=Failing())
    order_id = world.place_and_complete()
    world.generate(order_id)
    with pytest.raises(ConnectionError):
        world.deliver(order_id)
    assert [mail.status for mail in world.view(order_id).deliveries] == ["queued", "sent"]


def test_the_partner_is_to_be_told_only_of_mail_that_was_refused() -> None:
    class Picky(Outbox):
        def send(self, mail: bytes, recipient: str) -> str:
            if recipient == A:
                raise MailRefused("no")
            return super().send(mail, recipient)

    world = World(outbox=Picky())
    order_id = world.place_and_complete()
    world.generate(order_id)
    assert [mail.recipient for mail in world.deliver(order_id)] == [A]
    assert world.view(order_id).status == "fulfilled"
    assert [mail.recipient for mail in world.deliver(order_id)] == [A], "until the partner is told"


def test_a_late_message_does_not_mail_the_old_keys_while_another_one_is_due() -> None:  # D7, D11
    world = World()
    order_id = world.place_and_complete()
    world.work()
    reissue_key(world.store, world.notes, at(later(hours=1)), order_id, 1, None)
    world.deliver(order_id)
    assert len(world.outbox.sent) == 2
    world.work()
    (first, *_), (last, *_) = (keys_in(world, recipient) for recipient in (A, B))
    assert world.mails_to(A) == 2
    assert first == last


def keys_in(world: World, recipient: str) -> list[set[str]]:
    """The keys of each mail somebody got, the last one first."""
    bodies = [mail.get_body() for to, mail in reversed(world.outbox.sent) if to == recipient]
    return [set(body.get_content().split()) for body in bodies if body is not None]


def test_a_mail_asked_for_again_while_others_are_on_their_way_is_sent_too() -> None:
    world = World()
    order_id = world.place_and_complete()
    world.generate(order_id)

    class Meanwhile(Outbox):
        def send(self, mail: bytes, recipient: str) -> str:
            if recipient == B:
                send_again(world.store, world.notes, at(later(minutes=1)), order_id, ["c@north.example"])
            return super().send(mail, recipient)

    calm, world.outbox = world.outbox, Meanwhile()
    world.deliver(order_id)
    assert world.view(order_id).status == "completed", "one more is due"
    calm.sent, world.outbox = world.outbox.sent, calm
    world.work()
    assert world.mails_to("c@north.example") == 1
    assert world.view(order_id).status == "fulfilled"


@pytest.mark.parametrize("lines", [1, KEYS_SEALED_TOGETHER, KEYS_SEALED_TOGETHER + 1, 29])
def test_keys_sealed_together_open_each_for_its_own_line(lines: int) -> None:  # D8
    minted = {number: key_codec.parse(key_codec.mint()) for number in range(1, lines + 1)}
    keys = sealed(MemoryVault(), "acme.1", minted)
    records = [record(number, key.symbols, key.ciphertext, key.sealed_line) for number, key in keys.items()]
    found = opened(MemoryVault(), records)
    assert {each.line: found[each.key_hash] for each in records} == minted
    assert len({each.ciphertext for each in records}) == -(-lines // KEYS_SEALED_TOGETHER)


def test_a_key_that_was_sealed_alone_by_release_1_still_opens() -> None:
    symbols = key_codec.parse(key_codec.mint())
    alone = record(7, symbols, MemoryVault().seal(symbols, seal_context("acme.1", 7)), None)
    assert opened(MemoryVault(), [alone]) == {alone.key_hash: symbols}


def record(line: int, symbols: str, ciphertext: str, sealed_line: int | None) -> LicenseKey:
    return LicenseKey(
        key_hash=key_codec.hash_of(symbols), fingerprint=key_codec.fingerprint(symbols), ciphertext=ciphertext,
        sealed_line=sealed_line, license_model="AP-1YR-LIC", quantity=1, issued_at=later(), order_id="acme.1",
        po_number="PO-1", line=line,
    )  # fmt: skip
