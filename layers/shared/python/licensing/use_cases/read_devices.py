"""Reading devices: as they are, as they were, and as they will be (D31)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from licensing.domain.devices import Device
from licensing.domain.errors import not_found
from licensing.domain.licenses import License
from licensing.domain.records import Facts, Ref
from licensing.listings import DevicesOf
from licensing.ports import Store
from licensing.use_cases.history import as_it_was, every
from licensing.use_cases.path import Reading


def device_at(store: Store, org_id: str, serial: str, at: datetime, now: datetime) -> Device:
    """The device as it is or was; what comes after now is a matter of the clock alone. Raises `not_found`."""
    ref = Device.named(org_id, serial)
    found = store.get([ref]).present([ref])
    if at < now:
        then = as_it_was(store, f"org/{org_id}", found, at, Device)
        found = [device for device in then if isinstance(device, Device) and device.ref == ref]
    return required(Facts(found), [ref])[0]


def devices_then(store: Store, org_id: str, at: datetime) -> list[Device]:
    """All the devices the org had; reads its inventory and its ledger since then."""
    then = as_it_was(store, f"org/{org_id}", every(store, DevicesOf(org_id)), at, Device)
    return [device for device in then if isinstance(device, Device) and device.parked_at is None]


def required(facts: Facts, refs: Sequence[Ref[Device]]) -> list[Device]:
    """Devices in the inventory; raises `not_found` for what is missing, or only parked."""
    found = [facts[ref] for ref in refs]
    devices = [device for device in found if device is not None and device.parked_at is None]
    if len(devices) < len(refs):
        raise not_found("device")
    return devices


def with_licenses(reading: Reading, facts: Facts, devices: Iterable[Device | None], *more: Ref[Any]) -> Facts:
    """The facts, and the licences on the devices; no call where there are none."""
    refs = [License.named(device.org_id, each) for device in devices if device for each in device.license_ids]
    return Facts([*facts, *reading.get(*refs, *more)]) if refs or more else facts


def with_sharers(reading: Reading, facts: Facts, device: Device) -> Facts:
    """The facts, and the licences that other gateways may share with the device, with those gateways (D22)."""
    licenses = [License.named(device.org_id, each) for each in device.shareable_ids]
    if not licenses:
        return facts
    shared = reading.get(*licenses)
    serials = {serial for license_ in shared.present(licenses) for serial in license_.serials} - {device.serial}
    others = reading.get(*(Device.named(device.org_id, serial) for serial in serials)) if serials else Facts()
    return Facts([*facts, *shared, *others])
