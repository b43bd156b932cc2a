"""Completing an order, mailing it again, reissuing a key: commands after which work is to be started (D5, D7)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from licensing.domain.core import actions
from licensing.domain.core.actions import Action
from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.ordering import orders
from licensing.domain.ordering.reissues import reissued
from licensing.domain.ordering.requests import OrderRequest
from licensing.domain.ordering.views import OrderView
from licensing.ports import Publisher, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.ordering.place_order import place_order
from licensing.use_cases.ordering.read_orders import OrderFacts, existing_order


def complete_order(
    store: Store, publisher: Publisher, context: Context, order_id: str, completed_at: datetime | None = None
) -> Outcome[OrderView]:
    """The order, completed; once is enough."""
    return _started(publisher, context, order_id, _completed(store, context, order_id, completed_at))


def take_completed_order(store: Store, context: Context, request: OrderRequest, completed_at: datetime | None) -> str:
    """Intake and completion in one, as an ERP reports them; the order's id. The caller goes on with its keys.

    Refused whole: an order whose completion can't be taken is not received either.
    """
    orders.require_past(completed_at or context.now, context.now)
    # Two commands, each harmless when repeated (D4, D5): cut off in between, the message comes again and does the rest.
    place_order(store, context, request)
    _completed(store, context, request.order_id, completed_at)
    return request.order_id


def send_again(
    store: Store, publisher: Publisher, context: Context, order_id: str, recipients: Sequence[str] | None
) -> Outcome[OrderView]:
    """The order, its mail queued once more for the list or for `recipients`."""

    def queued(facts: OrderFacts) -> list[Change]:
        return orders.queued_again(facts.order, facts.deliveries, recipients, context.now)

    outcome = _changed(store, context, order_id, queued, actions.MAIL_QUEUED, "to be mailed again")
    return _started(publisher, context, order_id, outcome)


def reissue_key(
    store: Store, publisher: Publisher, context: Context, order_id: str, line: int, reason: str | None
) -> Outcome[OrderView]:
    """The order, one line's unclaimed key voided and a new one due."""

    def withdrawn(facts: OrderFacts) -> list[Change]:
        return reissued(facts.order, facts.keys, facts.deliveries, line, context.now)

    what = f"line {line} to get a new key, the old one withdrawn" + (f": {reason}" if reason else "")
    outcome = _changed(store, context, order_id, withdrawn, actions.KEY_REISSUED, what)
    return _started(publisher, context, order_id, outcome)


def _completed(store: Store, context: Context, order_id: str, completed_at: datetime | None) -> Outcome[OrderView]:
    def completed(facts: OrderFacts) -> list[Change]:
        return orders.completed(facts.order, completed_at, context.now)

    return _changed(store, context, order_id, completed, actions.ORDER_COMPLETED, "completed")


def _changed(
    store: Store,
    context: Context,
    order_id: str,
    changes_of: Callable[[OrderFacts], list[Change]],
    action: Action,
    what: str,
) -> Outcome[OrderView]:
    def decided(facts: OrderFacts) -> Decision[OrderView]:
        changes = changes_of(facts)
        return decide(facts.after(changes).view, action, f"Order {facts.order.po_number} {what}", changes)

    return run_command(store, context, lambda reading: existing_order(reading.get, order_id), decided)


def _started(publisher: Publisher, context: Context, order_id: str, outcome: Outcome[OrderView]) -> Outcome[OrderView]:
    """Publishing follows every call, not only one that changed something: whoever repeats a call that broke off
    between the commit and the message gets the work started. For those who don't, there is the sweeper."""
    if not context.dry_run:
        publisher.order_completed(order_id)
    return outcome
