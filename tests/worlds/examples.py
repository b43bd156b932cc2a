"""What many tests start from: an instant, an order, a caller's context."""

from datetime import UTC, datetime, timedelta
from typing import Any

from licensing.domain.ordering.requests import OrderRequest
from licensing.use_cases.core.context import Context

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def purchase_order(**other: Any) -> dict[str, Any]:
    """The body of a valid POST /orders, with other facts where asked for."""
    return {
        "partner_id": "acme",
        "po_number": "PO-1",
        "customer": "North Networks",
        "lines": [{"license_model": "AP-1YR-LIC", "quantity": 4}, {"license_model": "MSP-1YR-LIC", "quantity": 1}],
        "delivery_emails": ["a@north.example", "b@north.example"],
    } | other


def order_request(**other: Any) -> OrderRequest:
    return OrderRequest.model_validate(purchase_order(**other))


def at(moment: datetime = NOON, *, actor: str = "tester", **how: Any) -> Context:
    return Context(actor, moment, **how)


def later(**delta: float) -> datetime:
    return NOON + timedelta(**delta)
