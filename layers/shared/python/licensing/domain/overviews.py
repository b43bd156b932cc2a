"""An org's licences and devices in numbers (contract: Claiming)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from licensing.domain.coverage import coverage_of
from licensing.domain.devices import Device
from licensing.domain.instants import DAY, Instant
from licensing.domain.license_rows import Devices, LicenseRow, free_row, row_of
from licensing.domain.licenses import Block, License
from licensing.domain.records import Value

SOON = 30 * DAY


class ModelCount(Value):
    license_model: str
    total: int
    unassociated: int
    associated: int
    active: int
    expired: int


class ForcedActivation(Value):
    at: Instant
    count: int


class Overview(Value):
    """`next_forced_activation` is of licences that don't run yet; `earliest_expiry` of all that have an end."""

    by_model: tuple[ModelCount, ...]
    next_forced_activation: ForcedActivation | None
    earliest_expiry: Instant | None
    expired_devices: int
    expiring_devices_30d: int
    ai_tokens: int


def overview(records: Iterable[Block | License], devices: dict[str, Device], ai_tokens: int, at: datetime) -> Overview:
    """The counts as they stand at `at`; a block is counted at once, whatever its quantity."""
    rows = list(_counted(records, Devices(devices), at))
    forced = Counter[datetime]()
    for row, count in rows:
        if row.state == "inactive" and row.activation_at:
            forced[row.activation_at] += count
    ends = (row.expires_at for row, _ in rows if row.expires_at and row.expires_at > at)
    expiries = [end for device in devices.values() if not device.parked_at and (end := coverage_of(device).end("pro"))]
    return Overview(
        by_model=tuple(_by_model(rows)),
        next_forced_activation=ForcedActivation(at=min(forced), count=forced[min(forced)]) if forced else None,
        earliest_expiry=min(ends, default=None),
        expired_devices=sum(end <= at for end in expiries),
        expiring_devices_30d=sum(at < end <= at + SOON for end in expiries),
        ai_tokens=ai_tokens,
    )


def _counted(records: Iterable[Block | License], devices: Devices, at: datetime) -> Iterator[tuple[LicenseRow, int]]:
    """One row for all that are alike, and how many they are."""
    for record in records:
        if isinstance(record, License):
            yield row_of(record, devices, at), 1
        elif row := free_row(record, at):
            yield row, len(record.free)


def _by_model(rows: Iterable[tuple[LicenseRow, int]]) -> Iterator[ModelCount]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row, count in rows:
        counted = counts[row.license_model]
        counted["total"] += count
        counted["associated" if row.serial else "unassociated"] += count
        counted[row.state] += count
    for sku, counted in sorted(counts.items()):
        shown = {name: counted[name] for name in ("total", "unassociated", "associated", "active", "expired")}
        yield ModelCount(license_model=sku, **shown)
