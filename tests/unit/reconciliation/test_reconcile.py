"""The reconciler: silent about a world made by the commands, and finding whatever breaks a promise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.assigning.requests import Pair, RegistrationRequest, UndoRequest
from licensing.domain.claiming.requests import ClaimRequest, MoveRequest, MspClaimRequest, TransferRequest
from licensing.domain.core.intervals import Intervals
from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Record
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.msp_portals import Extension, MspPortal
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.orders import Order
from licensing.ports import Page, Position, Scanned, Segment
from licensing.use_cases.assigning.associate import associate_pairs
from licensing.use_cases.assigning.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.assigning.keep_inventory import (
    deregister_device,
    enter_network,
    move_devices,
    register_devices,
    replace_device,
)
from licensing.use_cases.assigning.undo_association import undo_association
from licensing.use_cases.claiming.claim_keys import claim_keys
from licensing.use_cases.claiming.extend_msp import extend_msp
from licensing.use_cases.claiming.move_licenses import move_licenses
from licensing.use_cases.claiming.transfer_tokens import transfer_tokens
from licensing.use_cases.ordering.complete_order import reissue_key
from licensing.use_cases.reconciliation.reconcile import reconcile
from tests.worlds.assigning import NO_FREE, NORTH, SOUTH, device_request
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import key_of
from tests.worlds.ordering import World

R = TypeVar("R", bound=Record)
LINES = {"AP-1YR-LIC": 6, "AP-3YR-LIC": 2, "AI-TOKEN-1K-LIC": 2, "CO-TERM-LIC": 500, "MSP-1YR-LIC": 1, "SW-1YR-LIC": 3}


@dataclass
class Town:
    """A world in which about every command was used once."""

    world: World

    @classmethod
    def built(cls) -> "Town":
        town = cls(World())
        lines = [{"license_model": sku, "quantity": quantity} for sku, quantity in LINES.items()]
        order_id = town.world.place_and_complete(lines=lines)
        town.world.work()
        reissue_key(town.world.store, town.world.notes, at(), order_id, 2, None)
        town.world.work()
        town.claim()
        town.assign()
        return town

    def text_of(self, sku: str) -> str:
        (key,) = [key for key in self.world.license_keys() if key.license_model == sku and not key.voided_at]
        return next(
            content.decode().partition(": ")[2]
            for name, content in self.world.documents.contents.items()
            if key.key_id in name
        )

    def claim(self) -> None:
        store = self.world.store
        texts = tuple(map(self.text_of, ("AP-1YR-LIC", "AP-3YR-LIC", "AI-TOKEN-1K-LIC", "CO-TERM-LIC")))
        claim_keys(store, at(), NORTH, "ada", ClaimRequest(license_keys=texts))
        extend_msp(store, at(), "msp-blue", "ada", MspClaimRequest(license_keys=(self.text_of("MSP-1YR-LIC"),)))
        transfer_tokens(store, at(), NORTH, TransferRequest(to_org_id=SOUTH))
        move_licenses(store, at(), NORTH, MoveRequest(to_org_id=SOUTH, license_model="AP-1YR-LIC", quantity=2))

    def register(self, *serials: str, day: int = 0) -> None:
        request = RegistrationRequest.model_validate({"devices": [device_request(serial) for serial in serials]})
        register_devices(self.world.store, at(later(days=day)), NORTH, request, NO_FREE)

    def bind(self, number: int, serial: str) -> None:
        (key,) = [key for key in self.world.license_keys() if key.license_model == "AP-1YR-LIC"]
        pair = Pair(license_id=f"{key.key_id}-{number:06}", serial=serial)
        associate_pairs(self.world.store, at(), NORTH, [pair])

    def assign(self) -> None:
        store = self.world.store
        self.register("SN-1", "SN-2", "SN-3", "SN-4")
        enter_network(store, at(), NORTH, "SN-1", "net-1")
        for number, serial in ((3, "SN-1"), (4, "SN-2"), (5, "SN-3"), (6, "SN-4")):
            self.bind(number, serial)
        undo_association(store, at(later(days=1)), NORTH, "SN-2", UndoRequest())
        co_terminate_devices(store, at(later(days=1)), NORTH, later(days=400), Chosen(["SN-1"]))
        move_devices(store, at(later(days=2)), NORTH, SOUTH, ("SN-3",))
        move_devices(store, at(later(days=3)), SOUTH, NORTH, ("SN-3",))
        replace_device(store, at(later(days=4)), NORTH, "SN-3", "SN-5")
        deregister_device(store, at(later(days=5)), NORTH, "SN-4")

    def one(self, of: type[R], fits: Callable[[R], bool] = lambda _: True) -> R:
        return next(item for item in self.world.store.items.values() if isinstance(item, of) and fits(item))

    def put(self, record: Record) -> None:
        """By hand: no version, no ledger."""
        items = self.world.store.items
        (key,) = [key for key, item in items.items() if item.ref == record.ref] or [key_of(record.ref)]
        items[key] = record

    def drop(self, record: Record) -> None:
        items = self.world.store.items
        del items[next(key for key, item in items.items() if item.ref == record.ref)]

    def found(self, day: int = 6) -> set[tuple[str, str]]:
        return {(finding.promise, finding.item) for finding in reconcile(self.world.store, later(days=day))}


def test_a_world_made_by_commands_keeps_every_promise() -> None:
    assert Town.built().found() == set()


def test_licences_lost_with_a_device_parked_for_too_long_are_accounted_for() -> None:
    town = Town.built()
    town.register("SN-4", day=40)
    assert town.found(day=41) == set()


def test_licenses_lost_in_another_org_are_accounted_for() -> None:  # D27
    town = Town.built()
    store = town.world.store
    move_devices(store, at(later(days=6)), NORTH, SOUTH, ("SN-5",))
    deregister_device(store, at(later(days=7)), SOUTH, "SN-5")
    request = RegistrationRequest.model_validate({"devices": [device_request("SN-5")]})
    register_devices(store, at(later(days=40)), SOUTH, request, NO_FREE)
    assert not [one for one in store.items.values() if isinstance(one, License) and one.number == 5]
    assert town.found(day=41) == set()


def test_an_empty_table_keeps_every_promise() -> None:
    assert reconcile(World().store, NOON) == []


Break = Callable[[Town], Record]


def no_key(town: Town) -> Record:
    key = town.one(LicenseKey, lambda key: key.claimed_by is None and key.voided_at is None)
    town.drop(key)
    return town.one(Order)


def another_key(town: Town) -> Record:
    key = town.one(LicenseKey, lambda key: key.claimed_by is None and key.voided_at is None)
    second = key.evolve(key_hash="f" * 64)
    town.put(second)
    return second


def valid_again(town: Town) -> Record:
    key = town.one(LicenseKey, lambda key: key.voided_at is not None).evolve(voided_at=None)
    town.put(key)
    return key


def forgotten(town: Town) -> Record:
    order = town.one(Order).evolve(fulfilled_at=None)
    town.put(order)
    return order


def stuck(town: Town) -> Record:
    order = town.one(Order).evolve(working_since=NOON)
    town.put(order)
    return order


def owned_twice(town: Town) -> Record:
    block = town.one(Block, lambda block: block.org_id == SOUTH)
    twin = block.evolve(org_id="org-west", free=Intervals.of([1]))
    town.put(twin)
    return twin


def held_by_a_stranger(town: Town) -> Record:
    """Of a key that is whole where it was claimed."""
    block = town.one(Block, lambda block: block.license_model == "AP-3YR-LIC")
    twin = block.evolve(org_id="org-west", free=Intervals.of([2]))
    town.put(twin)
    return twin


def of_no_key_at_all(town: Town) -> Record:
    block = town.one(Block, lambda block: block.license_model == "AP-3YR-LIC")
    strange = block.evolve(org_id="org-west", key_id="0" * 20)
    town.put(strange)
    return strange


def lost_on_the_way(town: Town) -> Record:
    """What another org got of the key is not there any more."""
    block = town.one(Block, lambda block: block.org_id == SOUTH)
    town.put(block.evolve(free=block.free - block.free.first(1)))
    return town.one(LicenseKey, lambda key: key.key_id == block.key_id)


def sent_to_nobody(town: Town) -> Record:
    mail = town.one(Delivery).evolve(recipient="nobody@x.example")
    town.put(mail)
    return mail


def vanished(town: Town) -> Record:
    block = town.one(Block, lambda block: block.license_model == "AP-3YR-LIC")
    town.put(block.evolve(free=Intervals.of([1])))
    return town.one(LicenseKey, lambda key: key.key_id == block.key_id)


def too_many(town: Town) -> Record:
    block = town.one(Block, lambda block: block.license_model == "AP-3YR-LIC")
    town.put(block.evolve(free=Intervals.up_to(3)))
    return town.one(LicenseKey, lambda key: key.key_id == block.key_id)


def unclaimed(town: Town) -> Record:
    key = town.one(LicenseKey, lambda key: key.claimed_by == f"org/{NORTH}").evolve(claimed_by=None)
    town.put(key)
    return key


def not_extended(town: Town) -> Record:
    town.drop(town.one(Extension))
    return town.one(LicenseKey, lambda key: key.claimed_by == "msp/msp-blue")


def shortened(town: Town) -> Record:
    portal = town.one(MspPortal)
    town.put(portal.evolve(run_days=364))
    return portal


def of_no_key(town: Town) -> Record:
    extension = town.one(Extension).evolve(key_id="0" * 20)
    town.put(extension)
    return town.one(MspPortal)


def spent_twice(town: Town) -> Record:
    block = town.one(Block, lambda block: block.license_model == "CO-TERM-LIC")
    town.put(block.evolve(free=Intervals.up_to(500)))
    return town.one(LicenseKey, lambda key: key.key_id == block.key_id)


def device_forgets(town: Town) -> Record:
    device = town.one(Device, lambda device: device.serial == "SN-5")
    town.put(device.evolve(associations=()))
    return town.one(License, lambda one: one.serials == ("SN-5",))


def license_forgets(town: Town) -> Record:
    town.put(town.one(License, lambda one: one.serials == ("SN-5",)).evolve(serials=()))
    return town.one(Device, lambda device: device.serial == "SN-5")


def bound_twice(town: Town) -> Record:
    license_ = town.one(License, lambda one: one.serials == ("SN-5",)).evolve(serials=("SN-5", "SN-1"))
    town.put(license_)
    return license_


def registered_elsewhere(town: Town) -> Record:
    town.put(town.one(Serial, lambda serial: serial.serial == "SN-1").evolve(org_id=SOUTH))
    return town.one(Device, lambda device: device.serial == "SN-1")


def no_device(town: Town) -> Record:
    serial = town.one(Serial, lambda serial: serial.serial == "SN-4").evolve(org_id=NORTH)
    town.put(serial)
    return serial


def stored_before_spellings_were_one(town: Town, record: Device | Serial, serial: str) -> Record:
    """Under the key that an older release gave it."""
    older = record.evolve(serial=serial)
    town.world.store.items[str(record.kind), serial] = older
    return older


def in_two_spellings(town: Town) -> Record:
    return stored_before_spellings_were_one(town, town.one(Device, lambda device: device.serial == "SN-1"), "sn-1")


def serial_in_two_spellings(town: Town) -> Record:
    return stored_before_spellings_were_one(town, town.one(Serial, lambda serial: serial.serial == "SN-1"), "sn-1")


def never_found(town: Town) -> Record:
    return stored_before_spellings_were_one(town, town.one(Device, lambda device: device.serial == "SN-1"), "sn-9")


def a_number_that_looks_like_another(town: Town) -> Record:
    order = town.one(Order).evolve(order_id="acme.0123456789abcdef0123", po_number="PO-e\u0301")
    town.put(order)
    return order


def a_number_with_something_unseen(town: Town) -> Record:
    order = town.one(Order).evolve(po_number="PO-1\u200b")
    town.put(order)
    return order


def an_address_that_is_read_otherwise(town: Town) -> Record:
    order = town.one(Order)
    town.put(order.evolve(corrected_emails=("=?utf-8?q?a=40b.cc?=@x.example",)))
    return order


def tokens_from_nowhere(town: Town) -> Record:
    pool = town.one(TokenPool, lambda pool: pool.org_id == SOUTH)
    town.put(pool.evolve(balance=pool.balance + 1))
    return pool


def tokens_that_went_and_never_came(town: Town) -> Record:
    """The other ledger tells of another transfer."""
    told = town.one(Entry, lambda entry: entry.action == "ai_tokens.transferred" and entry.ledger == f"org/{SOUTH}")
    (change,) = told.changes
    town.put(told.evolve(changes=(change.model_copy(update={"after": {**(change.after or {}), "balance": 1}}),)))
    return town.one(TokenPool, lambda pool: pool.org_id == NORTH)


def in_debt(town: Town) -> Record:
    pools = [town.one(TokenPool, lambda pool, org=org: pool.org_id == org) for org in (NORTH, SOUTH)]  # type: ignore[misc]
    town.put(pools[1].evolve(balance=pools[1].balance + 1))
    town.put(pools[0].evolve(balance=-1))
    return pools[0]


def untold(town: Town) -> Record:
    device = town.one(Device, lambda device: device.serial == "SN-1").evolve(name="renamed by hand")
    town.put(device)
    return device


def written_by_hand(town: Town) -> Record:
    device = town.one(Device, lambda device: device.serial == "SN-1")
    town.put(device.model_copy(update={"version": device.version + 1}))
    return device


def gone_untold(town: Town) -> Record:
    pool = town.one(TokenPool, lambda pool: pool.org_id == NORTH)
    town.drop(pool)
    return pool


def entry_lost(town: Town) -> Record:
    town.drop(town.one(Entry, lambda entry: entry.action == "licenses.associated"))
    return town.one(License, lambda one: one.number == 3)


@pytest.mark.parametrize(
    ("promise", "broken"),
    [
        ("one line, one key", no_key),
        ("one line, one key", another_key),
        ("one line, one key", valid_again),
        ("orders are fulfilled", forgotten),
        ("orders are fulfilled", stuck),
        ("orders are fulfilled", sent_to_nobody),
        ("units are conserved", owned_twice),
        ("units are conserved", held_by_a_stranger),
        ("units are conserved", lost_on_the_way),
        ("units are conserved", vanished),
        ("units are conserved", too_many),
        ("units are conserved", spent_twice),
        ("a key is owned once", unclaimed),
        ("a key is owned once", not_extended),
        ("a key is owned once", of_no_key),
        ("a key is owned once", of_no_key_at_all),
        ("a portal is valid as was paid", shortened),
        ("a license is bound once", device_forgets),
        ("a license is bound once", license_forgets),
        ("a license is bound once", bound_twice),
        ("a serial is in one inventory", registered_elsewhere),
        ("a serial is in one inventory", no_device),
        ("what looks the same is the same", in_two_spellings),
        ("what looks the same is the same", serial_in_two_spellings),
        ("what looks the same is the same", never_found),
        ("what looks the same is the same", a_number_that_looks_like_another),
        ("what looks the same is the same", a_number_with_something_unseen),
        ("addresses can be mailed", an_address_that_is_read_otherwise),
        ("tokens add up", tokens_from_nowhere),
        ("tokens add up", tokens_that_went_and_never_came),
        ("tokens add up", in_debt),
        ("the ledger tells of every change", untold),
        ("the ledger tells of every change", written_by_hand),
        ("the ledger tells of every change", gone_untold),
        ("the ledger tells of every change", entry_lost),
    ],
)
def test_what_breaks_a_promise_is_found_under_its_item(promise: str, broken: Break) -> None:
    town = Town.built()
    item = broken(town)
    assert (promise, str(item.ref)) in town.found()


def test_what_was_changing_while_the_table_was_read_is_not_reported() -> None:
    town = Town.built()
    key = town.one(LicenseKey, lambda key: key.claimed_by == f"org/{NORTH}")
    looks = 0
    scan = town.world.store.scan

    def scanning(limit: int, start: Position | None, segment: Segment | None) -> Page[Scanned]:
        nonlocal looks
        if start is None and segment and segment.number == 0:
            town.put(key if looks else key.evolve(claimed_by=None))
            looks += 1
        return scan(limit, start, segment)

    town.world.store.scan = scanning  # type: ignore[method-assign, assignment]
    assert town.found() == set()
    assert looks == 2
