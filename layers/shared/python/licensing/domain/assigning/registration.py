"""The inventory: registering devices, networks, parking what is de-registered (D18, D27)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import PARKED, Device, Serial
from licensing.domain.assigning.requests import DeviceRequest
from licensing.domain.assigning.seat_shares import start, tell_sharers
from licensing.domain.assigning.views import (
    DeviceView,
    ParkingView,
    Registered,
    RegistrationsView,
    RegistrationView,
)
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import not_found
from licensing.domain.core.records import RecordSet, Stored
from licensing.domain.core.texts import canonical_serial
from licensing.domain.licenses.licenses import License
from licensing.domain.licenses.types import DeviceCategory

FreeDays = Mapping[DeviceCategory, int]

DETAILS: dict[Registered, str | None] = {
    "registered": None,
    "already_yours": None,
    "device_exists": "The device is in this inventory with other data; de-register it first if those are wrong.",
    "device_elsewhere": "The device is registered elsewhere; whoever has it must de-register or move it first.",
}


def register(
    facts: RecordSet,
    org_id: str,
    requests: Sequence[DeviceRequest],
    free_days: FreeDays,
    done: Sequence[RegistrationView],
    now: datetime,
) -> Decision[RegistrationsView]:
    """Each device by itself: the bad ones don't hold up the good ones. `done`: results of earlier steps."""
    draft = Draft(facts, _told)
    before = {canonical_serial(each.serial): each for each in done}
    results = [
        before.get(canonical_serial(each.serial)) or _register(draft, org_id, each, free_days[each.category], now)
        for each in requests
    ]
    return Decision(RegistrationsView(results=tuple(results)), actions.DEVICES_REGISTERED, draft.finish())


def _register(
    draft: Draft[RegistrationView], org_id: str, request: DeviceRequest, free_days: int, now: datetime
) -> RegistrationView:
    known, device = draft[Serial.ref_of(request.serial)], draft[Device.ref_of(org_id, request.serial)]
    outcome = _outcome(known, device, org_id, request)
    result = RegistrationView(serial=request.serial, outcome=outcome, detail=DETAILS[outcome])
    if outcome == "registered":
        fresh = Serial(serial=request.serial, org_id=org_id, first_registered_at=now, free_days=free_days)
        serial = known.evolve(org_id=org_id, serial=request.serial) if known else fresh
        # If it was parked for too long, its licences go in this very step: they are lost with the old record (D27).
        draft.room_for(2 + len(device.associations if device else ()))
        draft.put(serial)
        draft.put(_registered(draft, org_id, request, device, serial, now))
        draft.note(result)
    return result


def _outcome(known: Serial | None, device: Device | None, org_id: str, request: DeviceRequest) -> Registered:
    if known and known.org_id not in (None, org_id):
        return "device_elsewhere"
    if device is None or device.parked_at:
        here = known is not None and known.org_id == org_id
        other = device is not None and (device.category, device.series) != (request.category, request.series)
        return "device_exists" if here or other else "registered"
    told = request.model_dump(exclude_none=True, exclude={"serial"} | ({"mac"} if device.mac is None else set()))
    if any(getattr(device, name) != value for name, value in told.items()):
        return "device_exists"
    return "registered" if device.mac is None else "already_yours"


def _registered(
    draft: Draft[RegistrationView],
    org_id: str,
    request: DeviceRequest,
    known: Device | None,
    serial: Serial,
    now: datetime,
) -> Device:
    """A new record; or the one there is, parked not too long or without its MAC so far, and with all it has."""
    if known and (known.parked_until is None or now < known.parked_until):
        told = request.model_dump(include={"mac", "model", "name"})
        return known.evolve(parked_at=None, free_ended_at=_free_ended_at(known, serial, now), **told)
    if known:
        lose(draft, known)
    return Device(
        org_id=org_id,
        **request.model_dump(),
        registered_at=now,
        # Not now: who registers a device again and again must not get a free period each time (D18).
        free_since=serial.first_registered_at,
        free_days=serial.free_days,
    )


def _free_ended_at(parked: Device, serial: Serial, now: datetime) -> datetime | None:
    """If the free period went to another unit meanwhile (D27), it ends now: not before, since what waits behind it must
    not have started in the past (D21)."""
    gone = parked.free_days and not serial.free_days
    return now if gone and now < parked.free_until else parked.free_ended_at


def lose(draft: Draft[Any], parked: Device) -> None:
    """The licences of a device that was parked for too long are gone (D27)."""
    for lost in draft.present(License.ref_of(parked.org_id, each) for each in parked.license_ids):
        draft.remove(lost)


def park(facts: RecordSet, device: Device, now: datetime) -> Decision[ParkingView]:
    """De-registers the device: its serial is free again, its licences wait 30 days for its return (D27).

    A licence it shares with other gateways stays with those.
    """
    draft = Draft[Stored](facts, lambda _: f"Device {device.serial} de-registered")
    parked = device.evolve(parked_at=now, network_id=None)
    for license_ in draft.present(License.ref_of(device.org_id, each) for each in device.shareable_ids):
        if len(license_.serials) > 1:
            draft.put(license_.off(device.serial))
            tell_sharers(draft, license_.off(device.serial))
            parked = parked.without(license_.license_id)
    draft.put(parked)
    if serial := draft[Serial.ref_of(device.serial)]:
        # Kept without an org, not removed: its free period is fixed for ever, wherever it comes next (D18).
        draft.put(serial.evolve(org_id=None))
    coverage = coverage_of(device)
    waiting = [each for each in parked.license_ids if coverage.stretch_of(each).until > now]
    return Decision(
        ParkingView(parked_licenses=len(waiting), parked_until=now + PARKED), actions.DEVICE_PARKED, draft.finish()
    )


def enter_network(facts: RecordSet, device: Device, network_id: str, now: datetime) -> Decision[DeviceView]:
    """From here on its waiting licences run (D19), on the gateways that share them too."""
    draft = Draft[Stored](facts, lambda _: f"Device {device.serial} entered network {network_id}")
    if device.network_id == network_id:
        return Decision(DeviceView.of(device, now))
    after = device.evolve(network_id=network_id).networked(now)
    draft.put(after)
    for license_ in draft.present(License.ref_of(device.org_id, each) for each in device.shareable_ids):
        start(draft, license_, after, now)
    return Decision(DeviceView.of(after, now), actions.NETWORK_ENTERED, draft.finish())


def leave_network(device: Device, now: datetime) -> Decision[DeviceView]:
    """Takes it out of its network; nothing pauses (D27)."""
    if device.network_id is None:
        raise not_found("network of this device")
    draft = Draft[Stored](RecordSet([device]), lambda _: f"Device {device.serial} left network {device.network_id}")
    after = device.evolve(network_id=None)
    draft.put(after)
    return Decision(DeviceView.of(after, now), actions.NETWORK_LEFT, draft.finish())


def _told(parts: Sequence[RegistrationView]) -> str:
    return f"{len(parts)} devices registered" if len(parts) != 1 else f"Device {parts[0].serial} registered"
