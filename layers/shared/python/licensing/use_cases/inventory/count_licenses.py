"""An org's licences and devices in numbers (openapi: claim.overview)."""

from datetime import datetime

from licensing.domain.core.records import RecordSet, Ref
from licensing.domain.inventory.calendars import Calendar, by_month, month_of
from licensing.domain.inventory.contributions import contribution
from licensing.domain.inventory.counts import Counts, total
from licensing.domain.inventory.digests import OrgDigest, months_in
from licensing.domain.inventory.overviews import SOON, overview
from licensing.domain.inventory.told import NotTold
from licensing.domain.inventory.views import OverviewView
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.ports import Store
from licensing.use_cases.inventory.keep_digest import Torn, is_usable, lacking, months_of
from licensing.use_cases.inventory.stock import Stock, past, stock_now


def count_licenses(store: Store, org_id: str, at: datetime, now: datetime) -> OverviewView:
    """All the org has, or had, as it stands at `at`. From now on it comes from the org's digest; what was, and an org
    that has none yet, is counted from all records."""
    facts = store.get(*kept_of(org_id)) if at >= now else RecordSet()
    return counted_with(store, org_id, facts, at, now)


def kept_of(org_id: str) -> tuple[Ref[OrgDigest], Ref[TokenPool]]:
    """What an overview is made from, but for the ledger."""
    return OrgDigest.ref_of(org_id), TokenPool.ref_of(org_id)


def counted_with(store: Store, org_id: str, facts: RecordSet, at: datetime, now: datetime) -> OverviewView:
    """The same where `facts` have what `kept_of` names, unless it is about the past."""
    if at < now:
        return _counted(past(store, org_id, at), at)
    tokens = facts[TokenPool.ref_of(org_id)]
    if is_usable(digest := facts[OrgDigest.ref_of(org_id)]):
        try:
            calendar = kept_calendar(store, digest, at, lacking(store, digest).more)
            return overview(calendar, tokens.balance if tokens else 0, at)
        except (NotTold, Torn):
            # It is being counted anew, or will be by the next change.
            pass
    return _counted(stock_now(store, org_id), at)


def kept_calendar(store: Store, digest: OrgDigest, at: datetime, more: Counts | None = None) -> Calendar:
    """A digest's counts, with what comes on top of them; reading it raises Torn.

    Where they are kept by month it takes a call for the months around `at`, and one for each other that is asked for.
    """
    more = more or Counts()
    if not digest.by_month:
        return Calendar.of(total((digest.counts, more)))
    added, known = months_in(more), dict[datetime, Counts]()

    def month(wanted: datetime) -> Counts:
        if wanted not in known:
            asked = {wanted, *(() if known else (month_of(at), month_of(at + SOON)))}
            found = months_of(store, digest, asked)
            parts = {each: [found[each].counts] if each in found else [] for each in asked}
            known.update({each: total((*part, added.get(each, Counts()))) for each, part in parts.items()})
        return known[wanted]

    return Calendar(total((digest.counts, by_month(more))), month)


def _counted(stock: Stock, at: datetime) -> OverviewView:
    counts = total(map(contribution, [*stock.records, *stock.devices.values()]))
    return overview(Calendar.of(counts), stock.pool.balance if stock.pool else 0, at)
