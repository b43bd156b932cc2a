"""An MSP's organizations in numbers, some dozens at once."""

from collections.abc import Sequence
from datetime import datetime

from licensing.domain.inventory.views import OrgOverviewView
from licensing.domain.people.tenants import Org
from licensing.ports import Store
from licensing.use_cases.inventory.count_licenses import counted_with, kept_of


def count_orgs(store: Store, listed: Sequence[Org], at: datetime, now: datetime) -> list[OrgOverviewView]:
    """A call for each 33, and one or two for each. One that has left its MSP meanwhile is left out."""
    facts = store.get(*(ref for org in listed for ref in (org.ref, *kept_of(org.org_id))))
    there = [org for each in listed if (org := facts[each.ref]) and org.msp_id == each.msp_id]
    counted = [(org, counted_with(store, org.org_id, facts, at, now)) for org in there]
    return [OrgOverviewView(org_id=org.org_id, name=org.name, **dict(numbers)) for org, numbers in counted]
