"""Show an MSP portal's validity and what paid for it (D15)."""

from datetime import datetime

from licensing.domain.msp_portals import MspPortal, PortalView, view
from licensing.ports import Store


def show_portal(store: Store, msp_id: str, at: datetime) -> PortalView:
    ref = MspPortal.named(msp_id)
    return view(msp_id, store.get([ref])[ref], at)
