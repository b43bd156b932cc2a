"""Licences and their numbers as the API shows them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from licensing.domain.assigning.coverage import Coverage, coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Value
from licensing.domain.licenses.catalog import Category
from licensing.domain.licenses.licenses import License, LicenseState
from licensing.domain.licenses.types import Type


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
    """One licence. `activation_at`: when it first started; before that, when it will, null for one that never will.
    `starts_at`: when it begins to burn, or goes on to, if nothing is done; null once it burns or is over. `expires_at`
    is what will be if nothing is done; null for what has no end, or starts by itself never. Of the devices that share
    a licence `serial` is the first."""

    license_id: str
    license_model: str
    category: Category | None
    type: Type
    state: LicenseState
    term_days: int | None
    issued_at: Instant
    activation_at: Instant | None
    activated: bool
    starts_at: Instant | None
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
    # Shared tokens are active from their claim on (D14).
    start = one.burns_from if one.model.term else one.claimed_at
    state = one.free_state(at)
    return {
        "state": state,
        "starts_at": start if state == "inactive" else None,
        **_activation(one.activated_at, start, at),
        "expires_at": one.burns_until,
        "undo_until": None,
    }


def _associated(one: License, coverage: Coverage, at: datetime) -> dict[str, Any]:
    stretch = coverage.stretch_of(one.license_id)
    assert stretch.by is not None, "it is a licence's stretch"
    return {
        "state": coverage.state(stretch, at),
        "starts_at": stretch.starts_at if at < stretch.since else None,
        **_activation(stretch.by.ran_before, stretch.starts_at, at),
        "expires_at": stretch.until,
        "undo_until": stretch.by.undo_until,
    }


def _activation(first: datetime | None, start: datetime | None, at: datetime) -> dict[str, Any]:
    """Once activated, the date stays (D24); before that it is the one that is to come."""
    activation = first or start
    return {"activation_at": activation, "activated": activation is not None and activation <= at}


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

    unmanaged_devices: int
    burning_unassociated: int
    by_model: tuple[ModelCountView, ...]
    next_forced_activation: ForcedActivationView | None
    earliest_expiry: Instant | None
    expired_devices: int
    expiring_devices_30d: int
    ai_tokens: int


class OrgOverviewView(OverviewView):
    """One of an MSP's organizations in numbers."""

    org_id: str
    name: str
