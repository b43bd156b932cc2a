"""Where each listing is read: a query of one partition, or a series of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from licensing import listings
from licensing.adapters.dynamodb.keys import KEYS_ONLY, fit_index, ledger_of
from licensing.domain.core.errors import Fault, invalid
from licensing.domain.core.limits import FIRST_YEAR, LATELY
from licensing.ports import Listing, Position


class Query(Struct, frozen=True):
    """One partition of the table or of an index, the sort keys from `low` to `high`, forwards or backwards.

    `after`: the place behind which it goes on. `endings`: only sort keys that end with one of them. Of an index that
    holds keys only: `owner`, whose ledger tells of its records, which are of `kinds`.
    """

    pk: str
    index: str | None = None
    low: str = ""
    high: str = ""
    backwards: bool = False
    after: str = ""
    endings: tuple[str, ...] = ()
    owner: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def attributes(self) -> tuple[str, str]:
        """The names of the partition and sort attributes."""
        return (f"{self.index}pk", f"{self.index}sk") if self.index else ("pk", "sk")

    @property
    def is_by_key(self) -> bool:
        """Whether the index holds keys only."""
        return self.index in KEYS_ONLY

    def holds(self, place: str) -> bool:
        """Whether a sort key is among those asked for."""
        inside = self.low <= place and (not self.high or place <= self.high)
        return inside and place != self.after and (not self.endings or place.endswith(self.endings))

    def behind(self, place: str) -> Query:
        """What is left of it behind a place."""
        # By its bounds, not by a start key: that would have to name a record, which may have moved meanwhile.
        return replace(self, after=place, **{"high" if self.backwards else "low": place})

    def until(self, place: str) -> Query:
        """The stretch of it that ends with a place."""
        return replace(self, **{"low" if self.backwards else "high": place})


def going_on(series: Sequence[Query], start: Position | None) -> Sequence[Query]:
    """What is left of a series from a position on. Raises `invalid_request` for one outside: somebody made it up."""
    if start is None:
        return series
    for number, query in enumerate(series):
        if start == {"pk": query.pk, "sk": start.get("sk")} and query.holds(start["sk"]):
            return query.behind(start["sk"]), *series[number + 1 :]
    raise invalid(Fault("cursor", "is none that this list gave; start again without one"))


def queries_of(listing: Listing[Any], now: datetime) -> Sequence[Query]:
    """What answers a listing, one query after the other."""
    match listing:
        case listings.LedgerOf(owner, since):
            # The clocks of two functions may stand on either side of midnight.
            years = range((now + LATELY).year, int(since[:4] or FIRST_YEAR) - 1, -1)
            return [Query(ledger_of(owner, year), low=since, backwards=True) for year in years]
    return (_query_of(listing),)


# `~` sorts behind `#` and all that our ids are made of: as a bound it takes in, or leaves out, whatever begins so.
def _query_of(listing: Listing[Any]) -> Query:
    match listing:
        case listings.AllOrders():
            return Query("ORDERS", "gsi2", backwards=True)
        case listings.OrdersOf(partner_id):
            return Query(f"PARTNER#{partner_id}", "gsi1", backwards=True)
        case listings.WorkingOrders(until):
            return Query("WORKING", "gsi3", high=f"{until}~")
        case listings.LicensesOf(org_id, key_id):
            return Query(f"LICENSES#{org_id}", low=key_id)
        case listings.LicensesAfter(org_id, key_id, number):
            return Query(f"LICENSES#{org_id}", low=f"{key_id}#{number:06}~")
        case listings.FreeLicensesOf(org_id, models, after):
            stock = _of_org(f"STOCK#{org_id}", "gsi4", org_id, "block", "license")
            return replace(stock, low=after and f"{after}#~", endings=tuple(f"#{model}" for model in models))
        case listings.ExtensionsOf(msp_id):
            return Query(f"MSP#{msp_id}", low="EXTENSION#", high="EXTENSION#~", backwards=True)
        case listings.DevicesOf(org_id):
            return Query(f"DEVICES#{org_id}")
        case listings.DevicesByEnd(org_id, after, until):
            ends = _of_org(f"ENDS#{org_id}", "gsi4", org_id, "device")
            return replace(ends, low=after and f"{after}#~", high=until and f"{until}#~")
        case listings.DevicesFor(org_id, category, license_type):
            ends = _of_org(f"ENDS#{org_id}", fit_index(category, license_type), org_id, "device")
            return replace(ends, endings=(f"#{category}/{license_type}",))
        case listings.DevicesIn(org_id, network_id):
            return _of_org(f"NETWORK#{org_id}#{network_id}", "gsi6", org_id, "device")
        case listings.EnabledPolicies():
            return Query("POLICIES", "gsi2")
        case listings.RenewalsOf(org_id):
            return Query(f"RENEWALS#{org_id}", backwards=True)
        case listings.DigestMonthsOf(org_id):
            return Query(f"DIGEST#{org_id}", low="MONTH#")
        case listings.DueOwners(until):
            return Query("DUE", "gsi3", high=f"{until}~")
        case listings.AllOrgs():
            return Query("ORGS", "gsi2")
        case listings.OrgsOf(msp_id, after):
            orgs = Query(f"MSP#{msp_id}", "gsi1")
            return orgs.behind(after) if after else orgs
        case listings.AllMsps():
            return Query("MSPS", "gsi2")
        case listings.AllPartners():
            return Query("PARTNERS", "gsi2")
        case listings.AllTokens():
            return Query("TOKENS", "gsi2")
        case listings.TokensOf(made_by):
            return Query(f"TOKENS#{made_by}", "gsi1")
        case listings.JobsOf(maker):
            return Query(f"JOBS#{maker}", "gsi1", backwards=True)
        case listings.AllPeople():
            return Query("PEOPLE", "gsi2")
        case listings.MembersOf(tenant, role):
            return Query(f"MEMBERS#{tenant}", low=f"{role}#", high=f"{role}#~")
    raise LookupError(f"no key answers {type(listing).__name__}")


def _of_org(pk: str, index: str, org_id: str, *kinds: str) -> Query:
    """A query of an index that sorts an org's records of these kinds, and holds keys only."""
    return Query(pk, index, owner=f"org/{org_id}", kinds=kinds)
