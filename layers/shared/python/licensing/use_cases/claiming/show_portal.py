"""Show an MSP portal's validity and what paid for it (D15)."""

from datetime import datetime

from licensing.domain.claiming.views import PortalView
from licensing.domain.licenses.msp_portals import MspPortal
from licensing.ports import Store


def show_portal(store: Store, msp_id: str, at: datetime) -> PortalView:
    ref = MspPortal.ref_of(msp_id)
    return PortalView.of(msp_id, store.one(ref), at)
