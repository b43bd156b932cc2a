"""Keep an org's inventory: register, network, de-register, move and replace devices (D18, D27)."""

from licensing.domain.assigning import registration, relocation
from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.assigning.registration import FreeDays
from licensing.domain.assigning.relocation import MovedDevice
from licensing.domain.assigning.requests import RegistrationRequest
from licensing.domain.assigning.views import (
    DevicesMovedView,
    DeviceView,
    ParkingView,
    RegistrationsView,
    RegistrationView,
)
from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import RecordSet
from licensing.ports import Store
from licensing.use_cases.assigning.load_devices import required, with_licenses, with_sharers
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading


def register_devices(
    store: Store, context: Context, org_id: str, request: RegistrationRequest, free_days: FreeDays
) -> Outcome[RegistrationsView]:
    """A result for each device. Two reads, more only where something was parked for too long."""
    devices = [Device.ref_of(org_id, each.serial) for each in request.devices]

    def load(reading: Reading[RegistrationView]) -> tuple[RecordSet, tuple[RegistrationView, ...]]:
        # Whether another org has it is asked of the serial's own record (D18): a global index is read eventually, and
        # no commit can be conditional on it.
        facts = reading.get(*devices, *(Serial.ref_of(each.serial) for each in request.devices))
        parked = [device for device in facts.present(devices) if device.parked_at]
        return with_licenses(reading, facts, parked), reading.done

    def decide(loaded: tuple[RecordSet, tuple[RegistrationView, ...]]) -> Decision[RegistrationsView]:
        facts, done = loaded
        return registration.register(facts, org_id, request.devices, free_days, done, context.now)

    return run_command(store, context, load, decide, (RegistrationView,))


def enter_network(store: Store, context: Context, org_id: str, serial: str, network_id: str) -> Outcome[DeviceView]:
    ref = Device.ref_of(org_id, serial)

    def load(reading: Reading) -> RecordSet:
        facts = reading.get(ref)
        # Whatever waited for a network starts now, on the gateways that share it too (D22).
        return with_sharers(reading, facts, required(facts, [ref])[0])

    def decide(facts: RecordSet) -> Decision[DeviceView]:
        return registration.enter_network(facts, required(facts, [ref])[0], network_id, context.now)

    return run_command(store, context, load, decide)


def leave_network(store: Store, context: Context, org_id: str, serial: str) -> Outcome[DeviceView]:
    ref = Device.ref_of(org_id, serial)

    def decide(facts: RecordSet) -> Decision[DeviceView]:
        return registration.leave_network(required(facts, [ref])[0], context.now)

    # The device alone: out of its network nothing happens to its licences (D27).
    return run_command(store, context, lambda reading: reading.get(ref), decide)


def deregister_device(store: Store, context: Context, org_id: str, serial: str) -> Outcome[ParkingView]:
    ref = Device.ref_of(org_id, serial)

    def load(reading: Reading) -> RecordSet:
        facts = reading.get(ref, Serial.ref_of(serial))
        return with_sharers(reading, facts, required(facts, [ref])[0])

    def decide(facts: RecordSet) -> Decision[ParkingView]:
        return registration.park(facts, required(facts, [ref])[0], context.now)

    return run_command(store, context, load, decide)


def move_devices(
    store: Store, context: Context, org_id: str, to_org_id: str, serials: tuple[str, ...]
) -> Outcome[DevicesMovedView]:
    """To another org, licences included; that the caller may do this there as well is the entry's to check."""
    here = [Device.ref_of(org_id, serial) for serial in serials]
    # It may have been parked there before: what it left can perhaps still be restored, and must not be overwritten.
    there = [Device.ref_of(to_org_id, serial) for serial in serials]

    def load(reading: Reading[MovedDevice]) -> tuple[RecordSet, tuple[MovedDevice, ...]]:
        facts = reading.get(*here, *there, *map(Serial.ref_of, serials))
        return with_licenses(reading, facts, facts.present([*here, *there])), reading.done

    def decide(loaded: tuple[RecordSet, tuple[MovedDevice, ...]]) -> Decision[DevicesMovedView]:
        facts, done = loaded
        return relocation.move(facts, org_id, to_org_id, serials, done, context.now)

    return run_command(store, context, load, decide, (MovedDevice,))


def replace_device(
    store: Store, context: Context, org_id: str, serial: str, new_serial: str, mac: str | None = None
) -> Outcome[DeviceView]:
    ref = Device.ref_of(org_id, serial)
    known = Device.ref_of(org_id, new_serial), Serial.ref_of(serial), Serial.ref_of(new_serial)

    def load(reading: Reading) -> RecordSet:
        facts = reading.get(ref, *known)
        return with_sharers(reading, with_licenses(reading, facts, [facts[ref]]), required(facts, [ref])[0])

    def decide(facts: RecordSet) -> Decision[DeviceView]:
        return relocation.replace(facts, required(facts, [ref])[0], new_serial, mac, context.now)

    return run_command(store, context, load, decide)
