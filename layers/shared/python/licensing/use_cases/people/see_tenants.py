"""Which organizations a caller may see: those granted, and those looked after by an MSP that was granted."""

from licensing.domain.core.limits import ORGS_READ
from licensing.domain.people.access import Caller
from licensing.domain.people.tenants import Org
from licensing.listings import OrgsOf
from licensing.ports import Position, Store


def orgs_seen_by(store: Store, caller: Caller) -> list[Org]:
    """By id. Costs a call for each hundred grants, and one for each 500 organizations of an MSP."""
    granted = sorted(caller.tenants("org_admin", "org_viewer"))
    refs = [Org.ref_of(org_id) for org_id in granted]
    seen = {org.org_id: org for org in store.get(*refs).present(refs)}
    for msp_id in sorted(caller.tenants("msp_admin", "msp_viewer")):
        seen |= {org.org_id: org for org in _orgs_of(store, msp_id)}
    return [seen[org_id] for org_id in sorted(seen)]


def _orgs_of(store: Store, msp_id: str) -> list[Org]:
    found: list[Org] = []
    position: Position | None = None
    while True:
        page = store.page(OrgsOf(msp_id), ORGS_READ, position)
        found += page.items
        if (position := page.next) is None:
            return found
