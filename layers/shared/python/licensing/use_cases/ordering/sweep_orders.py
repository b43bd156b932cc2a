"""Taking up orders whose work was never started, or got lost on its way (D5, D7)."""

from datetime import datetime, timedelta

from licensing.domain.core.instants import to_text
from licensing.domain.core.limits import ORDERS_SWEPT
from licensing.listings import WorkingOrders
from licensing.ports import Publisher, Store

# An order that is being worked on needs no second start; longer than a message waits for its next attempt.
PATIENCE = timedelta(minutes=10)


def sweep_orders(store: Store, publisher: Publisher, now: datetime) -> int:
    """Starts again the work of orders that have been waiting for it too long; how many."""
    listing, position, count = WorkingOrders(to_text(now - PATIENCE)), None, 0
    while True:
        page = store.page(listing, ORDERS_SWEPT, position)
        for order in page.items:
            # Harmless where the work is only slow: its worker issues, prints and mails just what is missing.
            publisher.order_completed(order.order_id)
        count, position = count + len(page.items), page.next
        if position is None:
            return count
