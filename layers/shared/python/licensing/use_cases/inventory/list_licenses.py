"""List an org's licences, every one as a row, filtered, page by page (D12, D23)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct, field

from licensing.domain.assigning.devices import Device
from licensing.domain.core.limits import FILTERED_CHUNK, READS_A_PAGE
from licensing.domain.inventory.license_rows import LicenseFilter, free_view
from licensing.domain.inventory.views import Devices, LicenseView
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.sorting import Place, in_order
from licensing.listings import LicensesAfter, LicensesOf
from licensing.ports import Position, Store
from licensing.use_cases.inventory.stock import past


class Rows(Struct, frozen=True):
    """A page of rows; `next` is the place behind which the following page starts, None at the end."""

    items: tuple[LicenseView, ...]
    next: Place | None


class Cut(Exception):
    """Enough was read for one page, and there is more behind this place."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.place = place


class Shelf(Struct):
    """An org's records as they are now, a page at a time, each with the devices its licences are on."""

    store: Store
    org_id: str
    devices: dict[str, Device] = field(default_factory=dict)

    def records(self, after: Place | None, size: int) -> Iterator[Block | License]:
        """One query for a page, one more for the block in whose middle it starts, one for each 100 devices."""
        listing = LicensesAfter(self.org_id, *after) if after else LicensesOf(self.org_id)
        yield from self._block_of(after)
        position: Position | None = None
        for _ in range(READS_A_PAGE):
            page = self.store.page(listing, size, position)
            self._fetch_devices(page.items)
            yield from page.items
            if (position := page.next) is None:
                return
        # Raised through `in_order`: records that just ended would tell the caller that there is no further page.
        raise Cut(Place.of(page.items[-1]))

    def records_on(self, serial: str) -> list[License]:
        """Those on one device: the device names them."""
        device = Device.ref_of(self.org_id, serial)
        found = self.store.get(device).present([device])
        refs = [License.ref_of(self.org_id, license_id) for device in found for license_id in device.license_ids]
        records = sorted(self.store.get(*refs).present(refs), key=Place.of)
        self._fetch_devices(records)
        return records

    def _block_of(self, after: Place | None) -> list[Block]:
        refs = [Block.ref_of(self.org_id, after.key_id)] if after else []
        return self.store.get(*refs).present(refs)

    def _fetch_devices(self, records: Iterable[Block | License]) -> None:
        # One of the gateways that share it will do: it starts and ends once for all (D22).
        serials = {one.serials[0] for one in records if isinstance(one, License) and one.serials}
        refs = [Device.ref_of(self.org_id, serial) for serial in serials - self.devices.keys()]
        self.devices |= {device.serial: device for device in self.store.get(*refs).present(refs)}


def list_licenses(
    store: Store, org_id: str, asked: LicenseFilter, at: datetime, now: datetime, limit: int, after: Place | None
) -> Rows:
    """A page of the licences there are, or were, as they stand at `at`.

    For the past everything of the org and its ledger since then is read; for now and later, that page.
    """
    if at < now:
        then = past(store, org_id, at)
        behind = (record for record in then.records if after is None or record.key_id >= after.key_id)
        return _page(behind, Devices(then.devices), asked, at, limit, after)
    shelf = Shelf(store, org_id)
    # One row more tells that there is another page; one record more, that the row's key has no other licence first.
    size = limit + 2 if asked == LicenseFilter() else FILTERED_CHUNK
    records: Iterable[Block | License] = shelf.records(after, size)
    if asked.serial is not None:
        records = shelf.records_on(asked.serial)
    return _page(records, Devices(shelf.devices), asked, at, limit, after)


def _page(
    records: Iterable[Block | License],
    devices: Devices,
    asked: LicenseFilter,
    at: datetime,
    limit: int,
    after: Place | None,
) -> Rows:
    rows: list[LicenseView] = []
    last = after
    try:
        for one in in_order(records, after, lambda block: _wanted(block, asked, at)):
            row = LicenseView.of(one, devices, at)
            if not asked.wants(one, row):
                continue
            if len(rows) == limit:
                return Rows(tuple(rows), last)
            rows.append(row)
            last = Place.of(one)
    except Cut as cut:
        return Rows(tuple(rows), cut.place)
    return Rows(tuple(rows), None)


def _wanted(block: Block, asked: LicenseFilter, at: datetime) -> bool:
    row = free_view(block, at)
    return row is not None and asked.wants(block.license(0), row)
