"""Devices that change their org, or are replaced by another: what covers them goes along (D27)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.assigning.registration import lose
from licensing.domain.assigning.views import DevicesMovedView, DeviceView
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.core.records import RecordSet, Ref, Stored
from licensing.domain.core.texts import canonical_serial
from licensing.domain.licenses.licenses import License


def licenses_of(devices: Iterable[Device]) -> list[Ref[License]]:
    return [License.ref_of(device.org_id, each) for device in devices for each in device.license_ids]


class MovedDevice(Stored):
    """What a step of a move answers for each device."""

    kind: ClassVar[str] = "moved_device"
    serial: str


def move(
    facts: RecordSet, org_id: str, to_org_id: str, serials: Sequence[str], done: Sequence[MovedDevice], now: datetime
) -> Decision[DevicesMovedView]:
    """Devices and their licences go to another org, where they are in no network yet. `done`: those moved already."""
    before = {canonical_serial(each.serial) for each in done}
    draft = Draft[MovedDevice](facts, lambda moved: _told(moved, org_id, to_org_id))
    moving = [serial for serial in serials if canonical_serial(serial) not in before]
    for serial in moving:
        device = draft[Device.ref_of(org_id, serial)]
        if device is None or device.parked_at:
            raise not_found("device")
        _require_whole(draft, device, serials)
        _move(draft, device, to_org_id, now)
        draft.note(MovedDevice(serial=device.serial))
    return Decision(DevicesMovedView(moved=len(before) + len(moving)), actions.DEVICES_MOVED, draft.finish())


def _told(moved: Sequence[MovedDevice], org_id: str, to_org_id: str) -> str:
    return f"Devices moved from {org_id} to {to_org_id}: {', '.join(each.serial for each in moved)}"


def _move(draft: Draft[Any], device: Device, to_org_id: str, now: datetime) -> None:
    if (there := draft[Device.ref_of(to_org_id, device.serial)]) is not None:
        _make_way(draft, there, now)
    # A device and its licences go in one step: no org may ever have the one without the other (D16, D27).
    draft.room_for(3 + 2 * len(device.associations))
    for license_ in draft.present(licenses_of([device])):
        draft.remove(license_)
        draft.put(license_.evolve(org_id=to_org_id, version=0))
    if serial := draft[Serial.ref_of(device.serial)]:
        draft.put(serial.evolve(org_id=to_org_id))
    draft.remove(device)
    # A network is part of one org, and what waits in the device waits for one there.
    draft.put(device.evolve(org_id=to_org_id, network_id=None, version=0))


def _make_way(draft: Draft[Any], there: Device, now: datetime) -> None:
    """The device was parked in that org before; what it left there is kept as long as it can be restored."""
    if there.parked_until and now < there.parked_until and there.license_ids:
        raise Refusal(
            "device_exists",
            f"Organization {there.org_id} keeps parked licenses for device {there.serial}.",
            "De-register the device here and register it there, which restores them; or move it when they are lost.",
        )
    draft.room_for(1 + len(there.associations))
    lose(draft, there)
    # The step may end here, before the device comes: then the old record must name no licence that is gone.
    draft.put(there.evolve(associations=()))


def _require_whole(draft: Draft[Any], device: Device, serials: Sequence[str]) -> None:
    """Gateways that share a licence move together: it can't be in two orgs (D22)."""
    going = set(map(canonical_serial, serials))
    for license_ in draft.present(License.ref_of(device.org_id, each) for each in device.shareable_ids):
        if staying := [each for each in license_.serials if canonical_serial(each) not in going]:
            raise Refusal(
                "conflict",
                f"Device {device.serial} shares license {license_.license_id} with {', '.join(staying)}.",
                "Move all gateways that share a license in one call.",
                serials=list(license_.serials),
            )


def replace(facts: RecordSet, device: Device, new_serial: str, mac: str | None, now: datetime) -> Decision[DeviceView]:
    """The new unit takes the place of the old one with all its coverage, free period and network."""
    new, known = facts[Device.ref_of(device.org_id, new_serial)], facts[Serial.ref_of(new_serial)]
    _require_usable(device, new, known, new_serial)
    draft = Draft[Stored](facts, lambda _: f"Device {device.serial} replaced by {new_serial}")
    serial = new.serial if new else new_serial
    unit = {"serial": serial, "mac": mac or (new and new.mac), "model": new.model if new else device.model}
    after = device.evolve(**unit, registered_at=now, version=0)
    draft.remove(device)
    draft.put(after)
    # The free period goes along: it is the new unit's from now on, wherever either is registered again.
    # What this one gave away before can't be given twice (D27).
    since, days = device.free_since, 0 if device.free_ended_at else device.free_days
    fresh = Serial(serial=new_serial, first_registered_at=since, free_days=days)
    draft.put((known or fresh).evolve(org_id=device.org_id, first_registered_at=since, free_days=days))
    if old := draft[Serial.ref_of(device.serial)]:
        draft.put(old.evolve(org_id=None, free_days=0))
    for license_ in draft.present(licenses_of([device])):
        others = license_.off(device.serial).serials
        draft.put(license_.evolve(serials=(*others, serial)))
    return Decision(DeviceView.of(after, now), actions.DEVICE_REPLACED, draft.finish())


def _require_usable(old: Device, new: Device | None, known: Serial | None, new_serial: str) -> None:
    """The new unit is nobody else's, of the same kind, and has nothing that the old one's coverage would displace."""
    if canonical_serial(new_serial) == canonical_serial(old.serial):
        raise Refusal("device_exists", "A device can't replace itself.", "Give the serial number of the new unit.")
    if known and known.org_id not in (None, old.org_id):
        remedy = "Check the serial number; whoever has the device must de-register or move it first."
        raise Refusal("device_elsewhere", f"Device {new_serial} is registered elsewhere.", remedy)
    if new and (new.category, new.series) != (old.category, old.series):
        raise Refusal(
            "not_matching",
            f"Device {new_serial} is a {new.category} ({new.series}), {old.serial} a {old.category} ({old.series}).",
            "Replace a device by one of the same category and series.",
        )
    if new and new.associations:
        raise Refusal(
            "device_exists",
            f"Device {new_serial} has licenses of its own.",
            "Undo its associations first, or replace with another unit.",
        )
