"""An org's licences and devices in numbers (openapi: claim.overview)."""

from datetime import datetime

from licensing.domain.inventory.overviews import overview
from licensing.domain.inventory.views import OverviewView
from licensing.ports import Store
from licensing.use_cases.inventory.stock import Stock, past, present


def count_licenses(store: Store, org_id: str, at: datetime) -> OverviewView:
    """All the org has now, as it stands at `at`, which may lie in the future."""
    return _overview(present(store, org_id), at)


def count_past_licenses(store: Store, org_id: str, at: datetime) -> OverviewView:
    """All the org had at `at`."""
    return _overview(past(store, org_id, at), at)


def _overview(stock: Stock, at: datetime) -> OverviewView:
    return overview(stock.records, stock.devices, stock.pool.balance if stock.pool else 0, at)
