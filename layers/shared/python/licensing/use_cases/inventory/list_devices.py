"""List an org's devices by the end of what covers them: as they are, as they were, and as they will be (D31)."""

from datetime import datetime, timedelta

from licensing.domain.assigning.views import DeviceView
from licensing.domain.core.instants import to_text
from licensing.domain.core.texts import canonical_serial
from licensing.domain.inventory.device_filter import DeviceFilter
from licensing.listings import DevicesByEnd
from licensing.ports import Page, Position, Store
from licensing.use_cases.core.pages import page_of_kept
from licensing.use_cases.inventory.read_devices import devices_then

# Before every end there is, and behind the devices that have none.
EARLIEST = "0"


def list_devices(
    store: Store, org_id: str, asked: DeviceFilter, at: datetime, now: datetime, limit: int, start: Position | None
) -> Page[DeviceView]:
    """A page of those that are asked for, as they stand at `at`. A past one is worked out from the whole inventory and
    its ledger since then."""
    if at < now:
        return _past(store, org_id, asked, at, limit, start)
    listing = _listing(org_id, asked, at, goes_on=start is not None)
    page = page_of_kept(store, listing, limit, start, lambda device: asked.wants(DeviceView.of(device, at), at))
    return Page(tuple(DeviceView.of(device, at) for device in page.items), page.next)


def _past(
    store: Store, org_id: str, asked: DeviceFilter, at: datetime, limit: int, start: Position | None
) -> Page[DeviceView]:
    then = (DeviceView.of(device, at) for device in devices_then(store, org_id, at))
    views = sorted((view for view in then if asked.wants(view, at)), key=_by_end)
    rest = [view for view in views if start is None or _by_end(view) > start.get("key", "")]
    more = {"key": _by_end(rest[limit - 1])} if len(rest) > limit else None
    return Page(tuple(rest[:limit]), more)


def _listing(org_id: str, asked: DeviceFilter, at: datetime, *, goes_on: bool) -> DevicesByEnd:
    """Narrowed to the ends that are asked for, so that a page is one query."""
    now = to_text(at)
    if asked.expiring_days is not None:
        # A cursor tells where to go on, and its device may have ended since.
        after = EARLIEST if goes_on else now
        return DevicesByEnd(org_id, after, to_text(at + timedelta(days=asked.expiring_days)))
    return DevicesByEnd(org_id, EARLIEST, now) if asked.expired else DevicesByEnd(org_id)


def _by_end(view: DeviceView) -> str:
    return f"{to_text(view.expires_at) if view.expires_at else ''}#{canonical_serial(view.serial)}"
