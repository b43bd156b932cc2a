"""Odd values wherever a caller may write one: none breaks a call, and none makes an answer that grows beyond bounds.

The walk goes over every route, as an operator and as somebody of the tenant, and puts each odd value in each place of
an otherwise good request: path, query, headers, and every field of the body, those that are left out among them. Each
call is made for real, and the table put back after it.
"""

import base64
import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from licensing.domain.core.limits import MAX_FAULTS
from licensing.domain.core.records import Value
from licensing.domain.people.access import Caller
from licensing.entry import wiring
from licensing.entry.http import Route
from licensing.entry.problems import STATUS
from tests.function.test_isolation import EXPECTED, ROUTES, name_of, path_of
from tests.worlds import moto_cloud
from tests.worlds.claiming import NORTH, SOUTH, issue, mint, unissued
from tests.worlds.examples import purchase_order
from tests.worlds.fakes import MemoryStore
from tests.worlds.gateway import OPERATOR, api_event, target_of
from tests.worlds.tenants import CALLERS, Tenants, settled

LARGEST_ANSWER = 200_000


def cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


# Where only text can stand: characters, syntax of others, numbers, instants, cursors, lengths, ids.
TEXTS = [
    *("", " ", "\x00", "\n", "\x7f", "\u200b", "\u202e", "\ud800", "\ufffd", "\U0001f9ff"),
    *("\u212a", "\uff21", "\u0131", "e\u0301"),
    *("..", "../..", "%00", "%2e%2e", "a/b", "#", "?", "'", '"', "<b>", "{}", "[]", "null", "true", "=?utf-8?q?=0d?="),
    *("0", "-1", "+1", "1.5", "1e400", "NaN", "\u00b2", "\u0663", "9" * 20, "9" * 4_301, "0" * 2_000),
    *("2026-13-45", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01"),
    *(cursor("x"), cursor(["", {}]), "W" * 2_900, "[" * 2_900, base64.b64encode(b"[" * 2_900).decode()),
    *("a" * 41, "a" * 300, "A" * 1_100, "a" * 2_100, "\u00e9" * 2_000, f"acme.{'0' * 20}", f"acme.{'9' * 2_100}"),
    *(f"{'a' * 20}-000000", f"{'0' * 20}-{'9' * 300}", f"{'a' * 2_000}@x.zz", "a@b"),
]  # fmt: skip


def nested(depth: int, kind: str = "list") -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


# Wherever JSON can stand; the texts come besides.
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 2**31, 2**63, 10**400, float("inf"), float("nan"), -0.0, 1e308),
    *([], {}, [None], [[]], [{}], {"a": 1}, nested(60), nested(150), nested(900), nested(900, "object")),
    *([0] * 20_000, [{}] * 20_000, ["a"] * 20_000, {f"field{n}": n for n in range(20_000)}, "x" * 300_000),
]
# Whole bodies: a text goes as it is, bytes as the gateway passes on what is no text.
BODIES: list[str | bytes] = [
    *("", "null", "[]", "1", '"x"', "{", "{}x", "{'a': 1}", "\x00", "\ufeff{}", "\ufffd"),
    *("[" * 100_000, '{"a":' * 1_000),
    *(b"\xff\xfe", b'{"customer": "Caf\xe9"}', '{"a": 1}'.encode("utf-16"), b"\x1f\x8b\x08\x00", b"{}" * 500_001),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is put: `path`, `query`, `header` or `body`, and the names that lead there."""

    kind: str
    names: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {'.'.join(map(str, self.names))}"


@dataclass(frozen=True, slots=True)
class World:
    tenants: Tenants
    store: MemoryStore

    def good_body(self, route: Route) -> dict[str, Any]:
        return good_bodies(self.tenants)[name_of(route)] if route.takes else {}

    def ask(self, route: Route, who: Caller, place: Place, value: Any) -> str | None:
        """What is wrong with the answer; the table is afterwards as it was before."""
        before = dict(self.store.items)
        try:
            return fault_of(self.answer(put(self.event(route, who), place, value)))
        finally:
            self.store.items = before

    def answer(self, event: dict[str, Any]) -> Any:
        function = target_of(event["httpMethod"], event["path"]).function
        return self.tenants.cloud.function(function)(event, None)

    def call(self, route: Route, name: str, value: str) -> Any:
        """What an operator is answered who gives one parameter."""
        return json.loads(self.answer(put(self.event(route, OPERATOR), Place("query", (name,)), value))["body"])

    def event(self, route: Route, who: Caller) -> dict[str, Any]:
        body = self.good_body(route) if route.method in ("POST", "PUT") else None
        return api_event(route.method, path_of(route, self.tenants.own_ids), body, who=who)


def good_bodies(tenants: Tenants) -> dict[str, dict[str, Any]]:
    """For every command one that would be carried out, or refused for what is asked and not for how."""
    north, admin = tenants.north, {"role": "org_admin", "org_id": NORTH}
    device = {"serial": "AP9", "mac": "88:DC:96:00:09:09", "model": "ECW230S", "category": "ap"}
    org = "/orgs/{org_id}"
    return {
        f"PUT {org}": {"name": "North"},
        "PUT /msps/{msp_id}": {"name": "Blue"},
        "PUT /partners/{partner_id}": {"name": "Acme"},
        "PUT /people/{email}": {"grants": [admin]},
        "POST /api-tokens": {
            "name": "erp",
            "grants": [admin],
            "expires_at": "2026-06-01T00:00:00Z",
            "licenses_per_day": 5,
        },
        f"POST {org}/associations": {"pairs": [{"license_id": north.license_id, "serial": north.point}]},
        f"POST {org}/associations/automatic": {},
        f"POST {org}/devices/{{serial}}/undo": {},
        f"POST {org}/co-term": {"until": "2027-06-01T00:00:00Z", "serials": [north.point]},
        f"POST {org}/renewals": {"until": "2027-06-01T00:00:00Z", "serials": [north.point]},
        f"PUT {org}/policies/auto-association": {"enabled": True, "within_days_of_end": 30, "most_a_day": 5},
        f"POST {org}/seat-shares": {"license_id": north.license_id, "serials": [north.gateway]},
        "POST /license-keys/preview": {"license_key": mint(60)},
        f"POST {org}/claims": {"license_keys": [mint(60)]},
        f"POST {org}/licenses/move": {"to_org_id": SOUTH, "license_model": "AP-1YR-LIC", "quantity": 1},
        f"POST {org}/ai-tokens/transfer": {"to_org_id": SOUTH},
        f"POST {org}/devices": {"devices": [device]},
        f"PUT {org}/devices/{{serial}}/network": {"network_id": "net-1"},
        f"POST {org}/devices/move": {"to_org_id": SOUTH, "serials": [north.point]},
        f"POST {org}/devices/{{serial}}/replacement": {"new_serial": "GW9"},
        "POST /msps/{msp_id}/claims": {"license_keys": [mint(61)]},
        "POST /orders": purchase_order(po_number="PO-9"),
        "POST /orders/{order_id}/completion": {},
        "POST /orders/{order_id}/deliveries": {},
        "POST /orders/{order_id}/lines/{n}/reissue": {},
    }


def put(event: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """The same call with the value there."""
    if place.kind == "path":
        # The gateway passes on what stood in the address, byte by byte.
        event["pathParameters"][place.names[0]] = quote(value.encode(errors="surrogatepass"))
    elif place.kind == "query":
        event["queryStringParameters"] = {place.names[0]: value}
        event["multiValueQueryStringParameters"] = {place.names[0]: [value]}
    elif place.kind == "header":
        event["headers"] |= {place.names[0]: value}
    elif isinstance(value, bytes):
        event |= {"body": base64.b64encode(value).decode(), "isBase64Encoded": True}
    elif not place.names:
        event["body"] = value
    else:
        event["body"] = json.dumps(inserted(json.loads(event["body"]), place.names, value))
    return event


def inserted(body: Any, names: tuple[str | int, ...], value: Any) -> Any:
    """The body with the value in this place; what leads there is made where it is missing."""
    if not names:
        return value
    first, rest = names[0], names[1:]
    if first == 0:
        return [inserted(body[0] if body else None, rest, value), *(body or ())[1:]]
    return {**(body or {}), str(first): inserted((body or {}).get(first), rest, value)}


def places(route: Route) -> Iterator[tuple[Place, list[Any]]]:
    """Every place of a route, with what is put there."""
    for name in [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]:
        yield Place("path", (name,)), [text for text in TEXTS if text]
    fields = () if route.method in ("POST", "PUT") or route.takes is None else route.takes.model_fields
    for name in {*fields, *(() if route.method == "GET" else ("dry_run", "plan")), "unknown", "k" * 2_000}:
        yield Place("query", (name,)), TEXTS
    if route.method == "POST":
        yield Place("header", ("Idempotency-Key",)), TEXTS
    if route.method in ("POST", "PUT"):
        yield Place("body"), [*BODIES, *map(json.dumps, VALUES)]
        for names in fields_of(route.takes):
            yield Place("body", names), [*VALUES, *TEXTS]


def fields_of(takes: type[Value] | None) -> Iterator[tuple[str | int, ...]]:
    """Every field there is, to the last; `0` stands for a list's first entry."""
    schema = takes.model_json_schema() if takes else {}
    yield ("unknown",)
    yield from _fields(schema, schema.get("$defs", {}))


def _fields(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Iterator[tuple[str | int, ...]]:
    if "$ref" in schema:
        yield from _fields(defs[schema["$ref"].rpartition("/")[2]], defs)
    for option in schema.get("anyOf", ()):
        yield from _fields(option, defs)
    if "items" in schema:
        yield (0,)
        yield from ((0, *names) for names in _fields(schema["items"], defs))
    for name, inner in schema.get("properties", {}).items():
        yield (name,)
        yield from ((name, *names) for names in _fields(inner, defs))


def fault_of(answer: Mapping[str, Any]) -> str | None:
    """What no answer may be, whatever was asked."""
    status, text = answer["statusCode"], answer["body"]
    if status >= 500:
        return f"{status}: {text[:200]}"
    if len(text.encode()) > LARGEST_ANSWER:
        return f"{status} with {len(text):,} characters"
    if status < 400:
        return None
    document = json.loads(text)
    if STATUS.get(document["code"]) != status and document["code"] != "invalid_request":
        return f"{status} with the code {document['code']}"
    return "more faults than anybody reads" if len(document.get("errors", ())) > MAX_FAULTS else None


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Tenants with something of their own, in a table that takes a microsecond and refuses the keys DynamoDB does."""
    store = MemoryStore()
    with pytest.MonkeyPatch.context() as patch, moto_cloud.cloud(patch) as made:
        patch.setattr(wiring, "store", functools.cache(lambda: store))
        patch.setattr(moto_cloud.Cloud, "store", property(lambda _: store))
        tenants = settled(made)
        issue(store, 60)
        issue(store, 61, "MSP-1YR-LIC", 1)
        yield World(tenants, store)


def fitting(route: Route) -> list[Caller]:
    """The operator, and somebody else whom the route is for."""
    may = [name for name in CALLERS if name in EXPECTED[route.rule.name].may and name != "operator"]
    return [CALLERS[name] for name in ("operator", *may[:1])]


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_no_odd_value_breaks_a_call_or_makes_its_answer_huge(world: World, route: Route) -> None:
    found: list[str] = []
    for who in fitting(route):
        for place, values in places(route):
            answers = ((value, world.ask(route, who, place, value)) for value in values)
            found += [f"{place} as {who.email} {value!r:.60}: {fault}" for value, fault in answers if fault]
    assert not found, "\n".join(found[:40])


FULL_LISTS = {
    "POST /orgs/{org_id}/associations": {
        "pairs": [{"license_id": f"{'0' * 20}-{n:06}", "serial": f"X{n}"} for n in range(1_000)]
    },
    "POST /orgs/{org_id}/associations/automatic": {"serials": [f"X{n}" for n in range(1_000)]},
    "POST /orgs/{org_id}/co-term": {"until": "2027-06-01T00:00:00Z", "serials": [f"X{n}" for n in range(1_000)]},
    "POST /orgs/{org_id}/renewals": {
        "until": "2027-06-01T00:00:00Z",
        "serials": [f"X{n}" for n in range(1_000)],
    },
    "POST /orgs/{org_id}/seat-shares": {
        "license_id": f"{'0' * 20}-000001",
        "serials": [f"X{n}" for n in range(1_000)],
    },
    "POST /orgs/{org_id}/licenses/move": {
        "to_org_id": SOUTH,
        "license_ids": [f"{'0' * 20}-{n:06}" for n in range(10_000)],
    },
    "POST /orgs/{org_id}/devices/move": {"to_org_id": SOUTH, "serials": [f"X{n}" for n in range(1_000)]},
    "POST /orgs/{org_id}/claims": {"license_keys": [unissued(n) for n in range(25)]},
    "POST /msps/{msp_id}/claims": {"license_keys": [unissued(n) for n in range(25)]},
}


@pytest.mark.parametrize("name", FULL_LISTS)
def test_a_full_list_of_what_is_not_there_gets_a_small_answer(world: World, name: str) -> None:
    (route,) = [route for route in ROUTES if name_of(route) == name]
    for who in fitting(route):
        assert world.ask(route, who, Place("body"), json.dumps(FULL_LISTS[name])) is None


LISTS = [route for route in ROUTES if route.many and name_of(route) != "GET /api-tokens"]


@pytest.mark.parametrize("route", LISTS, ids=name_of)
def test_a_cursor_that_was_altered_is_refused(world: World, route: Route) -> None:
    """Its mark fits the list, as anybody can make it; where it leads to is odd."""
    page = world.call(route, "limit", "1")
    if not page["next_cursor"]:
        return
    mark, position = json.loads(base64.urlsafe_b64decode(page["next_cursor"] + "=="))
    for name in (*position, "more"):
        for value in [*VALUES, *TEXTS]:
            event = world.event(route, CALLERS["operator"])
            put(event, Place("query", ("cursor",)), cursor([mark, {**position, name: value}])[:4_000].rstrip("="))
            fault = fault_of(world.answer(event))
            assert fault is None, f"{name} {value!r:.60}: {fault}"


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_a_parameter_given_twice_is_refused(world: World, route: Route) -> None:
    for name in ("dry_run", "limit", "as_of", "link"):
        event = world.event(route, CALLERS["operator"])
        event["queryStringParameters"] = {name: "true"}
        event["multiValueQueryStringParameters"] = {name: ["false", "true"]}
        answer = world.answer(event)
        assert answer["statusCode"] in (403, 422), answer["body"]
