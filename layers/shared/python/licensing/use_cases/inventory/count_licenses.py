"""An org's licences and devices in numbers (openapi: claim.overview)."""

from datetime import datetime

from licensing.domain.inventory.overviews import overview
from licensing.domain.inventory.views import OverviewView
from licensing.ports import Store
from licensing.use_cases.inventory.stock import stock_at


def count_licenses(store: Store, org_id: str, at: datetime, now: datetime) -> OverviewView:
    """All the org has, or had, as it stands at `at`."""
    stock = stock_at(store, org_id, at, now)
    return overview(stock.records, stock.devices, stock.pool.balance if stock.pool else 0, at)
