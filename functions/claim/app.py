"""Claiming in organizations: preview, claim, the licences and their numbers, moving, AI tokens, the ledger."""

from licensing.domain.claiming.requests import PreviewRequest, TransferRequest
from licensing.domain.claiming.views import PreviewView, TransferView
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.domain.inventory.views import LicenseView, OverviewView
from licensing.domain.licenses.sorting import Place
from licensing.entry import wiring
from licensing.entry.bulk.claiming import BULK
from licensing.entry.http import Api, Call
from licensing.entry.ledgers import EntryView, ledger_of
from licensing.entry.paging import AsOf, Items, ListQuery, bad_cursor, cursor_of, position_of
from licensing.entry.rules import ORG_READ, ORG_WRITE, SIGNED_IN, check_org
from licensing.use_cases.claiming.preview_key import preview_key
from licensing.use_cases.claiming.transfer_tokens import transfer_tokens
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.inventory.count_licenses import count_licenses
from licensing.use_cases.inventory.list_licenses import list_licenses

api = Api([*BULK.routes])


class LicenseQuery(ListQuery, AsOf, LicenseFilter):
    """Which licences, of which instant, and which page of them."""

    @property
    def filter(self) -> LicenseFilter:
        return LicenseFilter.model_validate({name: getattr(self, name) for name in LicenseFilter.model_fields})


@api.route("POST", "/license-keys/preview", rule=SIGNED_IN, takes=PreviewRequest, gives=PreviewView)
def preview(call: Call, request: PreviewRequest) -> Outcome[PreviewView]:
    # By person: all API tokens of one share a count of guesses, else each would bring twenty more (D9).
    return preview_key(wiring.store(), call.context, call.caller.person, request)


@api.route("GET", "/orgs/{org_id}/licenses", rule=ORG_READ, takes=LicenseQuery, lists=LicenseView)
def licenses(call: Call, query: LicenseQuery) -> "Items[LicenseView]":
    at, org_id = query.as_of or call.now, call.path["org_id"]
    # By what was asked, not by `at`: the clock moves from page to page.
    mark = ("licenses", org_id, query.filter, query.as_of)
    place = _place(mark, query.cursor)
    rows = list_licenses(wiring.store(), org_id, query.filter, at, call.now, query.limit, place)
    return Items(items=rows.items, next_cursor=cursor_of(mark, {"key": str(rows.next)} if rows.next else None))


def _place(mark: object, cursor: str | None) -> Place | None:
    if (position := position_of(mark, cursor)) is None:
        return None
    if (place := Place.from_text(position.get("key", ""))) is None:
        raise bad_cursor()
    return place


@api.route("GET", "/orgs/{org_id}/licenses/overview", rule=ORG_READ, takes=AsOf, gives=OverviewView)
def overview(call: Call, query: AsOf) -> OverviewView:
    return count_licenses(wiring.store(), call.path["org_id"], query.as_of or call.now, call.now)


@api.route("POST", "/orgs/{org_id}/ai-tokens/transfer", rule=ORG_WRITE, takes=TransferRequest, gives=TransferView)
def transfer(call: Call, request: TransferRequest) -> Outcome[TransferView]:
    check_org(call.caller, request.to_org_id, "write", wiring.store)
    return transfer_tokens(wiring.store(), call.context, call.path["org_id"], request)


@api.route("GET", "/orgs/{org_id}/ledger", rule=ORG_READ, takes=ListQuery, lists=EntryView)
def ledger(call: Call, query: ListQuery) -> "Items[EntryView]":
    return ledger_of(wiring.store(), f"org/{call.path['org_id']}", query)


handler = api
