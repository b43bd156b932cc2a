"""Loading devices with what is tied to them, for a command to decide on."""

from collections.abc import Iterable, Sequence
from typing import Any

from licensing.domain.assigning.devices import Device
from licensing.domain.core.errors import not_found
from licensing.domain.core.records import RecordSet, Ref
from licensing.domain.licenses.licenses import License
from licensing.ports import Reader


def required(facts: RecordSet, refs: Sequence[Ref[Device]]) -> list[Device]:
    """Devices in the inventory; raises `not_found` for what is missing, or only parked."""
    found = [facts[ref] for ref in refs]
    devices = [device for device in found if device is not None and device.parked_at is None]
    if len(devices) < len(refs):
        raise not_found("device")
    return devices


def with_licenses(reading: Reader, facts: RecordSet, devices: Iterable[Device | None], *more: Ref[Any]) -> RecordSet:
    """The facts, and the licences on the devices; no call where there are none."""
    refs = [License.ref_of(device.org_id, each) for device in devices if device for each in device.license_ids]
    return RecordSet([*facts, *reading.get(*refs, *more)]) if refs or more else facts


def with_sharers(reading: Reader, facts: RecordSet, device: Device) -> RecordSet:
    """The facts, and the licences that other gateways may share with the device, with those gateways (D22)."""
    licenses = [License.ref_of(device.org_id, each) for each in device.shareable_ids]
    if not licenses:
        return facts
    shared = reading.get(*licenses)
    serials = {serial for license_ in shared.present(licenses) for serial in license_.serials} - {device.serial}
    others = reading.get(*(Device.ref_of(device.org_id, serial) for serial in serials)) if serials else RecordSet()
    return RecordSet([*facts, *shared, *others])
