"""Every route, for everybody, about what is their own, another's and nobody's (docs/rules.md, Who is calling).

The routes are those that the functions declare, so that a new one is walked as soon as it exists. What each rule lets
whom do stands in `EXPECTED`; a route under a rule that is not in it fails.
"""

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from licensing.domain.people.access import Caller
from licensing.entry.http import Api, Route
from tests.worlds.claiming import BLUE, NORTH, mint
from tests.worlds.gateway import Answer, template_routes
from tests.worlds.tenants import CALLERS, NOWHERE, Tenants
from tools.paths import ROOT

EVERYBODY = frozenset(CALLERS)
PEOPLE = frozenset(name for name, caller in CALLERS.items() if not caller.token)
OPERATORS = ("operator", "operator's token")
NORTH_ADMINS = ("north admin", "north admin's token")
NORTH_SEES = {*OPERATORS, *NORTH_ADMINS, "north viewer", "blue admin", "blue viewer"}
BLUE_SEES = {*OPERATORS, "blue admin", "blue viewer"}


@dataclass(frozen=True, slots=True)
class Expected:
    """Who may; who is told `forbidden`, knowing that it exists; for all others it does not exist."""

    may: frozenset[str]
    forbidden: frozenset[str] = frozenset()


def only(*names: str, among: set[str] | frozenset[str]) -> Expected:
    return Expected(frozenset(names), frozenset(among - set(names)))


# About org-north, msp-blue and acme's order.
EXPECTED = {
    "signed in": Expected(EVERYBODY),
    "person": only(*PEOPLE, among=EVERYBODY),
    "operator": only(*OPERATORS, among=EVERYBODY),
    "operator, person": only("operator", among=EVERYBODY),
    "orders": only(*OPERATORS, "acme", "acme's token", "globex", among=EVERYBODY),
    "order": Expected(frozenset({*OPERATORS, "acme", "acme's token"})),
    "order, operator": only(*OPERATORS, among={*OPERATORS, "acme", "acme's token"}),
    "org read": Expected(frozenset(NORTH_SEES)),
    "org write": only(*OPERATORS, *NORTH_ADMINS, among=NORTH_SEES),
    "org claim": only(*NORTH_ADMINS, among=NORTH_SEES),
    "msp read": Expected(frozenset(BLUE_SEES)),
    "msp write": only(*OPERATORS, "blue admin", among=BLUE_SEES),
    "msp claim": only("blue admin", among=BLUE_SEES),
}

# A tenant's absence, told from that of something inside it.
NO_TENANT = re.compile(r"There is no such (organization|MSP|order)\.")


def routes() -> list[Route]:
    names = sorted(path.parent.name for path in ROOT.glob("functions/*/app.py"))
    apis = [getattr(importlib.import_module(f"functions.{name}.app"), "api", None) for name in names]
    return [route for api in apis if isinstance(api, Api) for route in api.routes]


ROUTES = routes()
TENANTED = [route for route in ROUTES if route.rule.tenant]


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route, ids: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], route.path)


def bodies(tenants: Tenants) -> dict[str, object]:
    """A body that would be carried out, where one is known; else the walk sends `{}`."""
    north = tenants.north
    return {
        "POST /license-keys/preview": {"license_key": mint(1)},
        f"POST /orgs/{NORTH}/claims": {"license_keys": [mint(1)]},
        f"POST /orgs/{NORTH}/associations": {"pairs": [{"license_id": north.license_id, "serial": north.point}]},
        f"PUT /orgs/{NORTH}/devices/{north.gateway}/network": {"network_id": "net-1"},
        f"PUT /orgs/{NORTH}": {"name": "Mine"},
        f"PUT /msps/{BLUE}": {"name": "Mine"},
        "PUT /partners/acme": {"name": "Mine"},
        "PUT /people/ada@north.example": {"grants": [{"role": "operator"}]},
    }


def missing_ids(tenants: Tenants, route: Route) -> dict[str, str]:
    """The same without the tenant."""
    nobodys = {"org_id": NOWHERE, "msp_id": NOWHERE, "order_id": "acme-2.0123456789abcdef0123"}
    return tenants.own_ids | {name: nobodys[name] for name in [route.rule.tenant] if name}


def ask(tenants: Tenants, route: Route, who: Caller | None, ids: Mapping[str, str], **query: str) -> Answer:
    path = path_of(route, ids)
    body = bodies(tenants).get(f"{route.method} {path_of(route, tenants.own_ids)}", {})
    return tenants.cloud.call(route.method, path, body if route.method in ("POST", "PUT") else None, who=who, **query)


def but_instance(answer: Answer) -> object:
    return answer.status, {name: value for name, value in answer.body.items() if name != "instance"}


def test_the_template_and_the_functions_have_the_same_routes() -> None:
    deployed = {route for route, function in template_routes().items() if function != "portal"}
    assert {(route.method, route.path) for route in ROUTES} == deployed


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_route_stands_under_a_rule_that_the_walk_knows(route: Route) -> None:
    assert route.rule.name in EXPECTED
    assert route.rule.tenant is None or f"{{{route.rule.tenant}}}" in route.path


# Whatever is at or below these gives rights or takes them (contract: Administration).
POWERS = ("/orgs/{org_id}", "/msps/{msp_id}", "/partners", "/people", "/recipients", "/api-tokens", "/me")


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_a_write_about_people_partners_or_tenants_wants_a_person(tenants: Tenants, route: Route) -> None:
    own = route.path in POWERS[:2]
    if route.method == "GET" or not (own or route.path.startswith(POWERS[2:])):
        return
    for name in set(CALLERS) - PEOPLE:
        answer = ask(tenants, route, CALLERS[name], tenants.own_ids)
        assert (answer.status, answer.code, answer.body["remedy"]) == (403, "forbidden", "Sign in as a person.")


def walk(answered: str) -> Iterator[tuple[Route, str, Caller]]:
    """The routes and callers of whom this is expected: `may`, `forbidden` or `not_found`."""
    for route in ROUTES:
        expected = EXPECTED[route.rule.name]
        for name, caller in CALLERS.items():
            known = "forbidden" if name in expected.forbidden else "not_found"
            if answered == ("may" if name in expected.may else known):
                yield route, name, caller


def test_nobody_without_a_token_is_told_anything(tenants: Tenants) -> None:
    for route in ROUTES:
        assert ask(tenants, route, None, tenants.own_ids).status == 401, name_of(route)


def test_whoever_may_not_is_refused_and_changes_nothing(tenants: Tenants) -> None:
    """Viewers never change, operators never claim, and whoever may not know of a tenant learns nothing."""
    before = tenants.records()
    for code, status in (("forbidden", 403), ("not_found", 404)):
        for route, name, caller in walk(code):
            answer = ask(tenants, route, caller, tenants.own_ids)
            assert (answer.status, answer.code) == (status, code), f"{name}: {name_of(route)}"
    assert tenants.records() == before


def test_another_tenants_id_answers_exactly_like_one_that_is_missing(tenants: Tenants) -> None:
    before = tenants.records()
    for route, name, caller in walk("not_found"):
        foreign = ask(tenants, route, caller, tenants.own_ids)
        missing = ask(tenants, route, caller, missing_ids(tenants, route))
        assert but_instance(foreign) == but_instance(missing), f"{name}: {name_of(route)}"
    assert tenants.records() == before


def test_a_missing_tenant_is_missing_for_operators_too(tenants: Tenants) -> None:
    for route in TENANTED:
        if route.rule.tenant != "order_id":  # an order's id says whose it would be; it is looked up after the rule
            answer = ask(tenants, route, CALLERS["operator"], missing_ids(tenants, route))
            assert (answer.status, answer.code) == (404, "not_found"), name_of(route)


def test_whoever_may_is_let_in(tenants: Tenants) -> None:
    """As dry runs, so that each finds the same world; what is inside the tenant may be missing, the tenant is not."""
    for route, name, caller in walk("may"):
        query = {} if route.method == "GET" else {"dry_run": "true"}
        answer = ask(tenants, route, caller, tenants.own_ids, **query)
        told = str(answer.body.get("detail", "")) if answer.body else ""
        assert answer.status not in (401, 403, 500), f"{name}: {name_of(route)}: {told}"
        assert not NO_TENANT.search(told), f"{name}: {name_of(route)}"
