"""Making anew what is kept beside the records: after a table was carried over, or when the reconciler found fault."""

from datetime import datetime

from licensing.domain.ordering.orders import Order
from licensing.domain.people.tenants import Org
from licensing.ports import Store
from licensing.use_cases.inventory.keep_digest import keep_digest
from licensing.use_cases.ordering.keep_summary import keep_summary
from licensing.use_cases.reconciliation.reconcile import everything


def recount(store: Store, now: datetime) -> int:
    """The digests of orgs and the summaries of orders; how many orgs and orders that was.

    Reads the whole table, and each org's licences and devices once more. May run beside everything else, and again.
    """
    done = 0
    for scanned in everything(store):
        match record := scanned.record:
            case Order():
                keep_summary(store, record.order_id)
            case Org():
                keep_digest(store, record.org_id, now, anew=True)
            case _:
                continue
        done += 1
    return done
