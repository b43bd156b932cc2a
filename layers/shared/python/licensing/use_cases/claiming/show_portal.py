"""Show an MSP portal's validity and what paid for it (D15)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from licensing.domain.claiming.views import PortalView
from licensing.domain.core.limits import EXTENSIONS_TOLD
from licensing.domain.licenses.msp_portals import MspPortal, PaidTerm
from licensing.listings import ExtensionsOf
from licensing.ports import Reader, Store


def show_portal(store: Store, msp_id: str, at: datetime) -> PortalView:
    """The portal as it stands at `at`: by the keys claimed until then, which nothing ever takes back (D31)."""
    known = extensions_of(store, msp_id, store.one(MspPortal.ref_of(msp_id)))
    then = (each for each in known if each.claimed_at <= at)
    newest = list(islice(then, EXTENSIONS_TOLD))
    return PortalView.of(msp_id, newest[::-1], sum(1 for _ in then), at)


def extensions_of(store: Reader, msp_id: str, portal: MspPortal | None) -> Iterator[PaidTerm]:
    """What each of its keys has paid for, the newest first."""
    yield from store.every(ExtensionsOf(msp_id))
    # Those that release 1 kept in the portal.
    yield from reversed(portal.extensions if portal else ())
