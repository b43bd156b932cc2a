"""The assigning room in memory: an org's devices and licences, and a clock that is told."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from licensing.domain.assigning.coverage import Coverage, coverage_of
from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.assigning.registration import FreeDays
from licensing.domain.assigning.requests import AutomaticRequest, Pair, RegistrationRequest, UndoRequest
from licensing.domain.core.actions import Action
from licensing.domain.core.decisions import Change, decide
from licensing.domain.core.limits import MAX_DEVICES
from licensing.domain.core.records import Record, Value
from licensing.domain.licenses.key_codec import fingerprint
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block, License, license_id_of
from licensing.ports import Store
from licensing.use_cases.assigning.associate import associate_pairs
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from licensing.use_cases.assigning.keep_inventory import enter_network, register_devices
from licensing.use_cases.assigning.undo_association import undo_association
from licensing.use_cases.core.command import run_command
from tests.worlds.examples import NOON, at
from tests.worlds.fakes import MemoryStore

NORTH, SOUTH = "org-north", "org-south"
PREPARED = Action("test.prepared", "What a test stands on.")

FREE: FreeDays = {"ap": 90, "switch": 90, "gateway": 90, "pdu": 90, "switch_extender": 90, "camera": 0, "epc": 90}
NO_FREE: FreeDays = dict.fromkeys(FREE, 0)


def device_request(serial: str, category: str = "ap", **other: Any) -> dict[str, Any]:
    """The body's part for one device."""
    mac = f"88:DC:96:{abs(hash(serial)) % 256:02X}:00:01"
    return {"serial": serial, "mac": mac, "model": "ECW230S", "category": category} | other


def key_of(license_model: str, quantity: int, issued_at: datetime, number: int) -> LicenseKey:
    """An issued key; `number` tells it from others of the same second."""
    return LicenseKey(
        key_hash=f"{number:05x}{'0' * 59}",
        fingerprint=fingerprint(f"{number:05}"),
        ciphertext="",
        license_model=license_model,
        quantity=quantity,
        issued_at=issued_at,
        order_id="acme.1",
        po_number=f"PO-{number}",
        line=1,
    )


@dataclass
class World:
    """What the tests do by its use cases, and look at."""

    store: Store = field(default_factory=MemoryStore)
    keys: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def write(self, *changes: Change, now: datetime = NOON) -> None:
        decided = decide(Value(), PREPARED, "Prepared", changes)
        run_command(self.store, at(now), lambda _: None, lambda _: decided)

    def claim(
        self, license_model: str = "AP-1YR-LIC", quantity: int = 1, issued_at: datetime = NOON, org_id: str = NORTH
    ) -> list[str]:
        """The ids of the licences of a new key, claimed as soon as it was issued."""
        block = Block.of(key_of(license_model, quantity, issued_at, next(self.keys)), org_id, issued_at)
        self.write(Change(None, block), now=issued_at)
        return [license_id_of(block.key_id, number) for number in block.free]

    def register(
        self,
        serial: str,
        category: str = "ap",
        *,
        now: datetime = NOON,
        org_id: str = NORTH,
        free: FreeDays = NO_FREE,
        network: bool = True,
        **other: Any,
    ) -> str:
        """A device in the inventory, in a network unless told otherwise, without a free period unless told."""
        request = RegistrationRequest.model_validate({"devices": [device_request(serial, category, **other)]})
        register_devices(self.store, at(now), org_id, request, free)
        if network:
            enter_network(self.store, at(now), org_id, serial, "net-1")
        return serial

    def register_many(self, count: int, *, now: datetime = NOON) -> list[str]:
        """Access points without a free period and in no network."""
        serials = [f"A{number:05}" for number in range(count)]
        for start in range(0, count, MAX_DEVICES):
            devices = [device_request(serial) for serial in serials[start : start + MAX_DEVICES]]
            register_devices(
                self.store, at(now), NORTH, RegistrationRequest.model_validate({"devices": devices}), NO_FREE
            )
        return serials

    def bind(self, license_id: str, serial: str, now: datetime = NOON, org_id: str = NORTH) -> dict[str, Any]:
        """The association's answer."""
        pair = Pair(license_id=license_id, serial=serial)
        body = associate_pairs(self.store, at(now), org_id, [pair]).body
        answer: dict[str, Any] = body["associations"][0]
        return answer

    def bind_all(self, now: datetime = NOON, **request: Any) -> dict[str, Any]:
        return associate_automatically(self.store, at(now), NORTH, AutomaticRequest.model_validate(request)).body

    def undo(self, serial: str, now: datetime = NOON, **request: Any) -> str:
        asked = UndoRequest.model_validate(request)
        license_id: str = undo_association(self.store, at(now), NORTH, serial, asked).body["license_id"]
        return license_id

    def device(self, serial: str, org_id: str = NORTH) -> Device:
        device = self.find(Device.ref_of(org_id, serial))
        assert isinstance(device, Device), f"{serial} is in no inventory"
        return device

    def coverage(self, serial: str) -> Coverage:
        return coverage_of(self.device(serial))

    def license(self, license_id: str, org_id: str = NORTH) -> License | None:
        found = self.find(License.ref_of(org_id, license_id))
        assert found is None or isinstance(found, License)
        return found

    def serial(self, serial: str) -> Serial | None:
        found = self.find(Serial.ref_of(serial))
        assert found is None or isinstance(found, Serial)
        return found

    def find(self, ref: Any) -> Record | None:
        return self.store.one(ref)

    def stretches(self, serial: str) -> Sequence[tuple[datetime, datetime]]:
        return [(stretch.since, stretch.until) for stretch in self.coverage(serial)["pro"]]
