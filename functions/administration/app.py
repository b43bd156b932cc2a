"""Organizations, MSPs, partners, people and API tokens; and who the caller is."""

from collections.abc import Iterator, Sequence

from licensing import listings
from licensing.domain.people.addresses import fresh_id, shown
from licensing.domain.people.api_tokens import ApiToken, TokenSecret
from licensing.domain.people.requests import OrgRequest, PersonRequest, RemovalQuery, TenantRequest, TokenRequest
from licensing.domain.people.tenants import Msp, Org, Partner
from licensing.domain.people.token_issue import maker_of
from licensing.domain.people.views import MadeTokenView, MeView, PersonView, SignOutView, TokenView
from licensing.entry import wiring
from licensing.entry.answers import NoContent
from licensing.entry.http import Api, Call
from licensing.entry.paging import Items, ListQuery, listed, listed_together, position_of, sliced
from licensing.entry.rules import OPERATOR, OPERATOR_PERSON, ORG_READ, PERSON, SIGNED_IN
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.core.read_records import existing
from licensing.use_cases.people import administer, keep_people, keep_tokens
from licensing.use_cases.people.find_people import addresses_for, people_shown, person_shown
from licensing.use_cases.people.keep_sessions import sign_out_person
from licensing.use_cases.people.see_tenants import orgs_seen_by

api = Api()


@api.route("GET", "/me", rule=SIGNED_IN, gives=MeView)
def me(call: Call) -> MeView:
    who = call.caller
    return MeView(subject=who.subject, email=who.email, grants=who.grants, needs_mfa=who.needs_mfa)


@api.route("POST", "/me/sign-out", rule=PERSON, gives=SignOutView)
def sign_out(call: Call) -> Outcome[SignOutView]:
    """What the caller was given until now counts for nothing, on every device."""
    return sign_out_person(wiring.store(), wiring.directory(), call.context, call.caller)


@api.route("GET", "/orgs", rule=SIGNED_IN, takes=ListQuery, lists=Org)
def list_orgs(call: Call, query: ListQuery) -> "Items[Org]":
    if call.caller.is_operator:
        return listed(wiring.store(), listings.AllOrgs(), query, lambda org: org)
    # The caller marks the cursor: each sees another list.
    mark = call.caller.subject
    after = (position_of(mark, query.cursor) or {}).get("key", "")
    # One more than asked for tells that there is another page.
    found = orgs_seen_by(wiring.store(), call.caller, after, query.limit + 1)
    return sliced(found, query, mark, lambda org: org.org_id)


@api.route("GET", "/orgs/{org_id}", rule=ORG_READ, gives=Org)
def read_org(call: Call) -> Org:
    return existing(wiring.store(), Org.ref_of(call.path["org_id"]), "organization")


@api.route("PUT", "/orgs/{org_id}", rule=OPERATOR_PERSON, takes=OrgRequest, gives=Org)
def put_org(call: Call, request: OrgRequest) -> Outcome[Org]:
    org = Org(org_id=call.path["org_id"], **dict(request))
    return administer.put_tenant(wiring.store(), call.context, org)


@api.route("GET", "/msps", rule=SIGNED_IN, takes=ListQuery, lists=Msp)
def list_msps(call: Call, query: ListQuery) -> "Items[Msp]":
    if call.caller.is_operator:
        return listed(wiring.store(), listings.AllMsps(), query, lambda msp: msp)
    refs = [Msp.ref_of(msp_id) for msp_id in sorted(call.caller.tenants("msp_admin", "msp_viewer"))]
    granted = wiring.store().get(*refs).present(refs)
    return sliced(granted, query, call.caller.subject, lambda msp: msp.msp_id)


@api.route("PUT", "/msps/{msp_id}", rule=OPERATOR_PERSON, takes=TenantRequest, gives=Msp)
def put_msp(call: Call, request: TenantRequest) -> Outcome[Msp]:
    msp = Msp(msp_id=call.path["msp_id"], **dict(request))
    return administer.put_tenant(wiring.store(), call.context, msp)


@api.route("GET", "/partners", rule=OPERATOR, takes=ListQuery, lists=Partner)
def list_partners(_: Call, query: ListQuery) -> "Items[Partner]":
    return listed(wiring.store(), listings.AllPartners(), query, lambda partner: partner)


@api.route("PUT", "/partners/{partner_id}", rule=OPERATOR_PERSON, takes=TenantRequest, gives=Partner)
def put_partner(call: Call, request: TenantRequest) -> Outcome[Partner]:
    partner = Partner(partner_id=call.path["partner_id"], **dict(request))
    return administer.put_tenant(wiring.store(), call.context, partner)


@api.route("GET", "/people", rule=OPERATOR, takes=ListQuery, lists=PersonView)
def list_people(_: Call, query: ListQuery) -> "Items[PersonView]":
    return listed_together(
        wiring.store(), listings.AllPeople(), query, lambda found: people_shown(wiring.store(), found)
    )


@api.route("GET", "/people/{email}", rule=OPERATOR, gives=PersonView)
def read_person(call: Call) -> PersonView:
    return person_shown(wiring.store(), call.path["email"])


@api.route("PUT", "/people/{email}", rule=OPERATOR_PERSON, takes=PersonRequest, gives=PersonView)
def put_person(call: Call, request: PersonRequest) -> Outcome[PersonView]:
    person = PersonView(email=call.path["email"], grants=request.grants)
    return keep_people.put_person(wiring.store(), wiring.directory(), call.context, person, fresh_id())


@api.route("DELETE", "/people/{email}", rule=OPERATOR_PERSON, takes=RemovalQuery, gives=PersonView)
def remove_person(call: Call, query: RemovalQuery) -> Outcome[PersonView] | NoContent:
    """The person as it was; when the address is erased too, only a dry run has something to show."""
    where, email = (wiring.store(), wiring.directory(), call.context), call.path["email"]
    if not query.erase:
        return keep_people.remove_person(*where, email)
    outcome = keep_people.erase_person(*where, call.caller, email)
    return outcome if call.context.dry_run else NoContent()


@api.route("GET", "/api-tokens", rule=PERSON, takes=ListQuery, lists=TokenView)
def list_tokens(call: Call, query: ListQuery) -> "Items[TokenView]":
    """Everybody's for an operator, else the caller's own."""
    if call.caller.is_operator:
        return listed_together(wiring.store(), listings.AllTokens(), query, _tokens)
    return listed_together(wiring.store(), listings.TokensOf(maker_of(call.caller)), query, _tokens)


@api.route("POST", "/api-tokens", rule=PERSON, takes=TokenRequest, gives=MadeTokenView, status=201)
def make_token(call: Call, request: TokenRequest) -> Outcome[MadeTokenView]:
    return keep_tokens.make_token(wiring.store(), call.context, call.caller, request, TokenSecret.fresh())


@api.route("DELETE", "/api-tokens/{token_id}", rule=PERSON, gives=TokenView)
def revoke_token(call: Call) -> Outcome[TokenView]:
    return keep_tokens.revoke_token(wiring.store(), call.context, call.caller, call.path["token_id"])


def _tokens(found: Sequence[ApiToken]) -> Iterator[TokenView]:
    people = addresses_for(wiring.store(), (token.owner for token in found))
    return (TokenView.of(token, shown(token.owner, people)) for token in found)


handler = api
