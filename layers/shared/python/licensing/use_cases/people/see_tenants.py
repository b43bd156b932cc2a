"""Which organizations a caller may see: those granted, and those looked after by an MSP that was granted."""

from itertools import chain

from licensing.domain.people.access import Caller
from licensing.domain.people.tenants import Org
from licensing.listings import OrgsOf
from licensing.ports import Store


def orgs_seen_by(store: Store, caller: Caller, after: str, limit: int) -> list[Org]:
    """The first `limit` behind `after`, by id. Costs a call for the grants, and one for each MSP."""
    granted = [Org.ref_of(org_id) for org_id in caller.tenants("org_admin", "org_viewer") if org_id > after]
    msps = sorted(caller.tenants("msp_admin", "msp_viewer"))
    looked_after = chain.from_iterable(store.page(OrgsOf(msp_id, after), limit).items for msp_id in msps)
    seen = {org.org_id: org for org in (*looked_after, *store.get(*granted).present(granted))}
    return [seen[org_id] for org_id in sorted(seen)][:limit]
