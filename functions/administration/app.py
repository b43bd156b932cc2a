"""Organizations, MSPs, partners, people and API tokens; and who the caller is."""

from licensing import listings
from licensing.domain.people.access import Person
from licensing.domain.people.api_tokens import TokenSecret
from licensing.domain.people.requests import OrgRequest, PersonRequest, TenantRequest, TokenRequest
from licensing.domain.people.tenants import Msp, Org, Partner
from licensing.domain.people.token_issue import maker_of
from licensing.domain.people.views import MadeTokenView, MeView, PersonView, SignOutView, TokenView
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.paging import Items, ListQuery, listed, sliced
from licensing.entry.rules import OPERATOR, OPERATOR_PERSON, ORG_READ, PERSON, SIGNED_IN
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.core.read_records import existing
from licensing.use_cases.people import administer, keep_tokens
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
    return sliced(orgs_seen_by(wiring.store(), call.caller), query, call.caller.subject, lambda org: org.org_id)


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
    return listed(wiring.store(), listings.AllPeople(), query, PersonView.of)


@api.route("GET", "/people/{email}", rule=OPERATOR, gives=PersonView)
def read_person(call: Call) -> PersonView:
    return PersonView.of(existing(wiring.store(), Person.ref_of(call.path["email"]), "person"))


@api.route("PUT", "/people/{email}", rule=OPERATOR_PERSON, takes=PersonRequest, gives=PersonView)
def put_person(call: Call, request: PersonRequest) -> Outcome[PersonView]:
    person = PersonView(email=call.path["email"], grants=request.grants)
    return administer.put_person(wiring.store(), wiring.directory(), call.context, person)


@api.route("DELETE", "/people/{email}", rule=OPERATOR_PERSON, gives=PersonView)
def remove_person(call: Call) -> Outcome[PersonView]:
    return administer.remove_person(wiring.store(), wiring.directory(), call.context, call.path["email"])


@api.route("GET", "/api-tokens", rule=PERSON, takes=ListQuery, lists=TokenView)
def list_tokens(call: Call, query: ListQuery) -> "Items[TokenView]":
    """Everybody's for an operator, else the caller's own."""
    if call.caller.is_operator:
        return listed(wiring.store(), listings.AllTokens(), query, TokenView.of)
    return listed(wiring.store(), listings.TokensOf(maker_of(call.caller)), query, TokenView.of)


@api.route("POST", "/api-tokens", rule=PERSON, takes=TokenRequest, gives=MadeTokenView, status=201)
def make_token(call: Call, request: TokenRequest) -> Outcome[MadeTokenView]:
    return keep_tokens.make_token(wiring.store(), call.context, call.caller, request, TokenSecret.fresh())


@api.route("DELETE", "/api-tokens/{token_id}", rule=PERSON, gives=TokenView)
def revoke_token(call: Call) -> Outcome[TokenView]:
    return keep_tokens.revoke_token(wiring.store(), call.context, call.caller, call.path["token_id"])


handler = api
