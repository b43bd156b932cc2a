"""Reading devices: as they are, as they were, and as they will be (D31)."""

from datetime import datetime

from licensing.domain.assigning.devices import Device
from licensing.domain.core.records import RecordSet
from licensing.listings import DevicesOf
from licensing.ports import Store
from licensing.use_cases.assigning.load_devices import required
from licensing.use_cases.core.history import as_it_was, one_as_it_was


def device_at(store: Store, org_id: str, serial: str, at: datetime, now: datetime) -> Device:
    """The device as it is or was; what comes after now is a matter of the clock alone. Raises `not_found`."""
    ref = Device.ref_of(org_id, serial)
    found = store.one(ref)
    if at < now:
        found = one_as_it_was(store, f"org/{org_id}", ref, found, at)
    return required(RecordSet([found] if found else []), [ref])[0]


def devices_then(store: Store, org_id: str, at: datetime) -> list[Device]:
    """All the devices the org had; reads its inventory and its ledger since then."""
    then = as_it_was(store, f"org/{org_id}", store.every(DevicesOf(org_id)), at, Device)
    return [device for device in then if isinstance(device, Device) and device.parked_at is None]
