"""Promises about devices: a license is bound once, told by both sides; a serial number is in one inventory (D18)."""

from collections.abc import Iterator

from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.licenses.licenses import License
from licensing.domain.reconciliation.violations import TableSnapshot, Violation


def device_findings(census: TableSnapshot, org_id: str) -> Iterator[Violation]:
    """Of an org's licences, its devices, and the serial numbers of those."""
    for license_ in census.all(License):
        yield from _license_findings(census, license_)
    for device in census.all(Device):
        yield from _device_findings(census, device)
    for serial in census.all(Serial):
        # Of a device that was parked here another org may have the serial number by now: that is its business.
        if serial.org_id == org_id:
            yield from serial_findings(census, serial)


def _license_findings(census: TableSnapshot, license_: License) -> Iterator[Violation]:
    for serial in license_.serials:
        device = census[str(Device.ref_of(license_.org_id, serial))]
        if not isinstance(device, Device) or device.association(license_.license_id) is None:
            detail = f"License {license_.license_id} is on device {serial}, which does not know of it."
            yield Violation(str(license_.ref), "a license is bound once", detail)
    if len(license_.serials) > (license_.model.shareable_devices or 1):
        detail = f"License {license_.license_id} is on {len(license_.serials)} devices."
        yield Violation(str(license_.ref), "a license is bound once", detail)


def _device_findings(census: TableSnapshot, device: Device) -> Iterator[Violation]:
    for license_id in device.license_ids:
        license_ = census[str(License.ref_of(device.org_id, license_id))]
        if not isinstance(license_, License) or not license_.is_on(device.serial):
            detail = f"Device {device.serial} has license {license_id}, which does not know of it."
            yield Violation(str(device.ref), "a license is bound once", detail)
    # A parked one gave its serial away when it was de-registered: another org may have that now (D27).
    registered = census[str(Serial.ref_of(device.serial))]
    if not device.parked_at and not (isinstance(registered, Serial) and registered.org_id == device.org_id):
        detail = f"Device {device.serial} is in {device.org_id}, and its serial number is registered elsewhere."
        yield Violation(str(device.ref), "a serial is in one inventory", detail)


def serial_findings(census: TableSnapshot, serial: Serial) -> Iterator[Violation]:
    """`census` has the device of that serial number, if there is one."""
    if serial.org_id is None:
        return
    device = census[str(Device.ref_of(serial.org_id, serial.serial))]
    if not isinstance(device, Device) or device.parked_at:
        detail = f"Serial number {serial.serial} is registered in {serial.org_id}, which has no such device."
        yield Violation(str(serial.ref), "a serial is in one inventory", detail)
