"""Licences and their numbers as the API shows them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from licensing.domain.assigning.coverage import Coverage, coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Value
from licensing.domain.licenses.catalog import Category, Type
from licensing.domain.licenses.licenses import License, LicenseState


class Devices:
    """Devices by serial, the coverage of each worked out once."""

    def __init__(self, devices: Mapping[str, Device]) -> None:
        self._devices = devices
        self._coverage: dict[str, Coverage] = {}

    def coverage_for(self, one: License) -> Coverage | None:
        """The coverage the licence is part of; None for a free one, and for one its device let go a moment ago."""
        device = self._devices.get(one.serials[0]) if one.serials else None
        if device is None or one.license_id not in device.license_ids:
            return None
        if device.serial not in self._coverage:
            self._coverage[device.serial] = coverage_of(device)
        return self._coverage[device.serial]


class LicenseView(Value):
    """One licence. `expires_at` is what will be if nothing is done; null for what has no end, or starts by itself
    never. Of the devices that share a licence `serial` is the first."""

    license_id: str
    license_model: str
    category: Category | None
    type: Type
    state: LicenseState
    term_days: int | None
    issued_at: Instant
    activation_at: Instant | None
    activated: bool
    expires_at: Instant | None
    serial: str | None
    associated_at: Instant | None
    undo_until: Instant | None
    key_fingerprint: str

    @classmethod
    def of(cls, one: License, devices: Devices, at: datetime) -> "LicenseView":
        """The licence as it stands at `at`; `devices` has those it is associated with."""
        model, coverage = one.model, devices.coverage_for(one)
        return cls(
            license_id=one.license_id,
            license_model=one.license_model,
            category=model.category,
            type=model.type,
            term_days=model.term_days,
            issued_at=one.issued_at,
            serial=one.serials[0] if coverage else None,
            associated_at=one.associated_at if coverage else None,
            key_fingerprint=one.key_fingerprint,
            **(_associated(one, coverage, at) if coverage else _free(one, at)),
        )


def _free(one: License, at: datetime) -> dict[str, Any]:
    start = one.burns_from if one.model.term else one.claimed_at
    return {
        "state": one.free_state(at),
        "activation_at": start,
        "activated": start is not None and start <= at,
        "expires_at": one.burns_until,
        "undo_until": None,
    }


def _associated(one: License, coverage: Coverage, at: datetime) -> dict[str, Any]:
    stretch = coverage.stretch_of(one.license_id)
    assert stretch.by is not None, "it is a licence's stretch"
    start = stretch.by.ran_before or stretch.since
    return {
        "state": coverage.state(stretch, at),
        "activation_at": start,
        "activated": start <= at,
        "expires_at": stretch.until,
        "undo_until": stretch.by.undo_until,
    }


class ModelCountView(Value):
    license_model: str
    total: int
    unassociated: int
    associated: int
    active: int
    expired: int


class ForcedActivationView(Value):
    at: Instant
    count: int


class OverviewView(Value):
    """`next_forced_activation` is of licences that don't run yet; `earliest_expiry` of all that have an end."""

    by_model: tuple[ModelCountView, ...]
    next_forced_activation: ForcedActivationView | None
    earliest_expiry: Instant | None
    expired_devices: int
    expiring_devices_30d: int
    ai_tokens: int
