"""Licences as rows of a list: every one of them, whether it lies in a block or is a record of its own (D12, D23)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from licensing.domain.catalog import Category, Sku, Type
from licensing.domain.coverage import Coverage, coverage_of
from licensing.domain.devices import Device
from licensing.domain.instants import Instant
from licensing.domain.licenses import Block, License, LicenseState
from licensing.domain.records import Value

Tab = Literal["pro", "ai", "secupoint", "co_term"]

TABS: dict[Tab, set[Type]] = {
    "pro": {"pro", "pro_lite"},
    "ai": {"unlimited_ai", "shared_ai"},
    "secupoint": {"secupoint"},
    "co_term": {"co_term"},
}


class LicenseRow(Value):
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


class LicenseFilter(Value):
    """Which licences are asked for."""

    tab: Tab | None = None
    state: LicenseState | None = None
    license_model: Sku | None = None
    serial: str | None = None
    unassociated: bool | None = None

    def wants(self, one: License, row: LicenseRow) -> bool:
        return (
            (self.tab is None or row.type in TABS[self.tab])
            and self.state in (None, row.state)
            and self.license_model in (None, row.license_model)
            and (self.serial is None or self.serial in one.serials)
            and self.unassociated in (None, one.is_free)
        )


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


def row_of(one: License, devices: Devices, at: datetime) -> LicenseRow:
    """The licence as it stands at `at`; `devices` has those it is associated with."""
    model, coverage = one.model, devices.coverage_for(one)
    return LicenseRow(
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


def free_row(block: Block, at: datetime) -> LicenseRow | None:
    """The row that all licences in a block have in common but for the id; None for an empty block."""
    first = next(iter(block.free), None)
    return None if first is None else row_of(block.license(first), Devices({}), at)


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
