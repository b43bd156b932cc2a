"""Taking up orders whose work was never started, or got lost on its way (D5, D7).

Nobody notes that a message is lost; it is taken for lost when it can no longer be alive. While messages wait in a
queue that is behind, or that nothing can work off, those of any order may be among them, however old it is: then hardly
anything is taken up, so nothing is queued twice, and the queues do not grow by themselves.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.instants import DAY, to_text
from licensing.domain.core.limits import ORDERS_SWEPT
from licensing.domain.core.records import Value
from licensing.domain.ordering.orders import Order
from licensing.domain.ordering.take_ups import TakeUp
from licensing.listings import WorkingOrders
from licensing.ports import Publisher, QueueLoad, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context

# Nothing waits and nothing is at work: what was to be done for an order has no message any more, once that had time to
# get from one queue to the other.
IDLE = timedelta(minutes=10)
# Longer than all attempts at a message together (template.yaml: RetrySeconds, RetryCount).
AT_WORK = timedelta(minutes=40)
# Longer than an outage of the mail service is likely to last; so that even behind an endless queue nothing is lost.
BEHIND = 3 * DAY


def patience(loads: Iterable[QueueLoad]) -> timedelta:
    """How long after it was queued an order's message is taken for lost."""
    queues = list(loads)
    if any(load.wait for load in queues):
        return BEHIND
    return AT_WORK if any(load.at_work for load in queues) else IDLE


def sweep_orders(store: Store, publisher: Publisher, loads: Iterable[QueueLoad], context: Context) -> int:
    """Starts again the work of orders whose messages must be lost; how many."""
    queued_by = context.now - patience(loads)
    listing, position, count = WorkingOrders(to_text(queued_by)), None, 0
    while True:
        page = store.page(listing, ORDERS_SWEPT, position)
        known = store.get(*(TakeUp.ref_of(order.order_id) for order in page.items))
        for order in page.items:
            count += _taken_up(store, publisher, context, order, known[TakeUp.ref_of(order.order_id)], queued_by)
        if (position := page.next) is None:
            return count


def _taken_up(
    store: Store, publisher: Publisher, context: Context, order: Order, last: TakeUp | None, queued_by: datetime
) -> bool:
    if last and last.at > queued_by:
        return False
    # Harmless where the work is only slow: its worker issues, prints and mails just what is missing.
    publisher.order_completed(order.order_id)

    def decided(current: TakeUp | None) -> Decision[Value]:
        return decide(Value(), None, "", [Change(current, TakeUp(order_id=order.order_id, at=context.now))])

    run_command(store, context, lambda reading: reading.one(TakeUp.ref_of(order.order_id)), decided)
    return True
