"""What is true of the assigning room at any moment, whatever was done to it and by how many at once."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.licenses.licenses import Block, License
from licensing.listings import DevicesOf, LicensesOf
from licensing.ports import Store


def devices_of(store: Store, org_id: str) -> list[Device]:
    return list(store.every(DevicesOf(org_id)))


def records_of(store: Store, org_id: str) -> list[Block | License]:
    return list(store.every(LicensesOf(org_id)))


def places(store: Store, orgs: Sequence[str]) -> Counter[str]:
    """How often each licence is found, free or associated."""
    records = [record for org_id in orgs for record in records_of(store, org_id)]
    return Counter(
        each.license_id
        for record in records
        if record.model.type != "co_term"
        for each in ([record] if isinstance(record, License) else record.licenses(record.free))
    )


def assert_nothing_twice(store: Store, orgs: Sequence[str]) -> None:
    """No licence is in two places, and devices and licences say the same of each other."""
    assert set(places(store, orgs).values()) <= {1}
    for org_id in orgs:
        of_devices = [(each, device.serial) for device in devices_of(store, org_id) for each in device.license_ids]
        of_licenses = [
            (record.license_id, serial)
            for record in records_of(store, org_id)
            if isinstance(record, License)
            for serial in record.serials
        ]
        assert sorted(of_devices) == sorted(of_licenses)


def assert_nothing_at_once(store: Store, orgs: Sequence[str]) -> None:
    """No two Pro stretches cover a device at once."""
    for device in (device for org_id in orgs for device in devices_of(store, org_id)):
        assert all(one.until <= two.since for one, two in pairwise(coverage_of(device)["pro"]))


def assert_in_one_inventory(store: Store, orgs: Sequence[str]) -> None:
    """A serial is in the inventory that the registry names, and in no other."""
    held = [
        (device.serial, device.org_id)
        for org_id in orgs
        for device in devices_of(store, org_id)
        if device.parked_at is None
    ]
    assert len({serial for serial, _ in held}) == len(held)
    for serial, org_id in held:
        known = store.one(Serial.ref_of(serial))
        assert known is not None
        assert known.org_id == org_id
