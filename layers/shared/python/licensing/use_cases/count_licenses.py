"""An org's licences and devices in numbers (contract: Claiming)."""

from datetime import datetime

from licensing.domain.overviews import Overview, overview
from licensing.ports import Store
from licensing.use_cases.stock import Stock, past, present


def count_licenses(store: Store, org_id: str, at: datetime) -> Overview:
    """All the org has now, as it stands at `at`, which may lie in the future."""
    return _overview(present(store, org_id), at)


def count_past_licenses(store: Store, org_id: str, at: datetime) -> Overview:
    """All the org had at `at`."""
    return _overview(past(store, org_id, at), at)


def _overview(stock: Stock, at: datetime) -> Overview:
    return overview(stock.records, stock.devices, stock.pool.balance if stock.pool else 0, at)
