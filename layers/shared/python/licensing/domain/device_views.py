"""Devices as the API shows them (contract: Assigning)."""

from datetime import datetime
from typing import Literal

from licensing.domain.catalog import DeviceCategory
from licensing.domain.coverage import coverage_of
from licensing.domain.devices import Device, Series
from licensing.domain.instants import Instant
from licensing.domain.records import Value


class DeviceView(Value):
    """`managed`: something covers the device now (D30). `expires_at`: when the last that covers it ends."""

    serial: str
    mac: str | None
    model: str
    category: DeviceCategory
    series: Series
    name: str | None
    network_id: str | None
    registered_at: Instant
    license_state: Literal["inactive", "active", "expired"]
    expires_at: Instant | None
    managed: bool
    vpn_seats: int | None


_SHOWN = {"serial", "mac", "model", "category", "series", "name", "network_id", "registered_at"}


def device_view(device: Device, at: datetime) -> DeviceView:
    coverage = coverage_of(device)
    return DeviceView(
        **{name: getattr(device, name) for name in _SHOWN},
        license_state=coverage.device_state(at),
        expires_at=coverage.end("pro"),
        managed=coverage.covered(at),
        vpn_seats=coverage.seats(at) if device.category == "gateway" else None,
    )
