"""The overview by counting rows: a second reading beside the product's, which adds what each record gives."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.core.instants import DAY
from licensing.domain.inventory.license_rows import free_view
from licensing.domain.inventory.views import Devices, ForcedActivationView, LicenseView, ModelCountView, OverviewView
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.types import PRO

SOON = 30 * DAY


def counted_overview(
    records: Iterable[Block | License], devices: dict[str, Device], ai_tokens: int, at: datetime
) -> OverviewView:
    """The counts as they stand at `at`; a block is counted at once, whatever its quantity."""
    rows = list(_counted(records, Devices(devices), at))
    forced = Counter[datetime]()
    for row, count in rows:
        if row.state == "inactive" and row.starts_at:
            forced[row.starts_at] += count
    ends = (row.expires_at for row, _ in rows if row.expires_at and row.expires_at > at)
    coverages = [coverage_of(device) for device in devices.values() if not device.parked_at]
    expiries = [end for coverage in coverages if (end := coverage.end(PRO))]
    return OverviewView(
        unmanaged_devices=sum(not coverage.covered(at) for coverage in coverages),
        burning_unassociated=sum(count for row, count in rows if _burns_unused(row)),
        by_model=tuple(_by_model(rows)),
        next_forced_activation=ForcedActivationView(at=min(forced), count=forced[min(forced)]) if forced else None,
        earliest_expiry=min(ends, default=None),
        expired_devices=sum(end <= at for end in expiries),
        expiring_devices_30d=sum(at < end <= at + SOON for end in expiries),
        ai_tokens=ai_tokens,
    )


def _counted(records: Iterable[Block | License], devices: Devices, at: datetime) -> Iterator[tuple[LicenseView, int]]:
    """One row for all that are alike, and how many they are."""
    for record in records:
        if isinstance(record, License):
            yield LicenseView.of(record, devices, at), 1
        elif row := free_view(record, at):
            yield row, len(record.free)


def _burns_unused(row: LicenseView) -> bool:
    """Past its forced activation date, and on no device (D19); shared tokens are active too, and don't burn (D14)."""
    return row.state == "active" and row.serial is None and row.expires_at is not None


def _by_model(rows: Iterable[tuple[LicenseView, int]]) -> Iterator[ModelCountView]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row, count in rows:
        counted = counts[row.license_model]
        counted["total"] += count
        counted["associated" if row.serial else "unassociated"] += count
        counted[row.state] += count
    for sku, counted in sorted(counts.items()):
        shown = {name: counted[name] for name in ("total", "unassociated", "associated", "active", "expired")}
        yield ModelCountView(license_model=sku, **shown)
