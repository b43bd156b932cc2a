"""HTTP: a route is declared in one line and handled in a few: who may, what comes in, which use case, what goes out.

    api = Api()

    @api.route("POST", "/orders", rule=ORDERS, takes=PlaceOrder, gives=OrderView, status=201, unchanged=200)
    def place(call: Call, request: PlaceOrder) -> Outcome[OrderView]: ...

    handler = api

The API gateway has authenticated the caller; grants arrive in the authorizer's context. OpenAPI, the template's
events and the isolation tests are all checked against these declarations.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from licensing.adapters.request_time import begin_request
from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.core.instants import whole_second
from licensing.domain.core.records import Value
from licensing.domain.people.access import Caller
from licensing.entry import problems, wiring
from licensing.entry.answers import Accepted, NoContent, Redirect
from licensing.entry.job_kinds import JobKind
from licensing.entry.observability import logger
from licensing.entry.paging import Items
from licensing.entry.path_ids import path_ids
from licensing.entry.requests import (
    COMMANDS,
    Event,
    asked_of,
    body_of,
    caller_of,
    context_of,
    path_of,
    prefers_async,
    read_body,
)
from licensing.entry.rules import Rule
from licensing.entry.runtime import seconds_left
from licensing.use_cases.core.context import Context, Outcome

Response = dict[str, Any]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

# What they take is in the query; the others' is the body.
QUERIED = {"GET", "DELETE"}


class Route(Struct, frozen=True):
    """One line of the contract. `takes` is the body of a POST or PUT, the query of a GET or DELETE; `one` is what it
    answers, `many` what the list it answers holds; `unchanged` is the status of a command that found nothing to do.

    `allows` raises for what its rule can't see: a body that names what the caller may not touch. `job`: it may also run
    as one."""

    method: str
    path: str
    rule: Rule
    endpoint: Callable[..., Any]
    takes: type[Value] | None
    one: type[Value] | None
    many: type[Value] | None
    status: int
    unchanged: int
    allows: Callable[..., None] | None = None
    job: JobKind | None = None

    @property
    def makes(self) -> str | None:
        """The parameter whose id the caller chooses: a PUT at the very place of what it makes."""
        last = self.path.rpartition("/")[2]
        return last.strip("{}") if self.method == "PUT" and last.startswith("{") else None

    @property
    def gives(self) -> type[Value] | None:
        return Items[self.many] if self.many else self.one  # type: ignore[name-defined]

    @property
    def query(self) -> type[Value]:
        """What it is asked beside the path; a Value without fields takes nothing."""
        return self.takes or Value if self.method in QUERIED else Value

    @property
    def body(self) -> type[Value]:
        return self.takes or Value if self.method not in QUERIED else Value

    def require(self, caller: Caller, path: Mapping[str, str]) -> None:
        """Raises `forbidden` or `not_found` unless the caller passes its rule."""
        self.rule.require(caller, path.get(self.rule.tenant or "", ""), wiring.store)

    def require_allowed(self, call: "Call", asked: Value) -> None:
        if self.allows:
            self.allows(call, asked)

    def carry_out(self, call: "Call", asked: Value) -> "Outcome[Any] | Value | Redirect | NoContent":
        answer = self.endpoint(call, asked) if self.takes else self.endpoint(call)
        assert isinstance(answer, Outcome | Value | Redirect | NoContent), "an endpoint answers one of these"
        return answer


class Call(Struct, frozen=True):
    """One request: who calls, when, the path's parameters, and the context for the command path."""

    caller: Caller
    path: Mapping[str, str]
    moment: datetime
    context: Context

    @property
    def now(self) -> datetime:
        return whole_second(self.moment)


Answer = Outcome[Any] | Value | Redirect | NoContent | Accepted


class Api(Struct):
    """The routes of one function, and its handler."""

    routes: list[Route] = field(default_factory=list)

    def route(
        self,
        method: str,
        path: str,
        *,
        rule: Rule,
        takes: type[Value] | None = None,
        gives: type[Value] | None = None,
        lists: type[Value] | None = None,
        status: int = 200,
        unchanged: int | None = None,
        allows: Callable[..., None] | None = None,
        job: JobKind | None = None,
    ) -> Callable[[Endpoint], Endpoint]:
        def declare(endpoint: Endpoint) -> Endpoint:
            known = (method, path, rule, endpoint, takes, gives, lists, status, unchanged or status, allows, job)
            self.routes.append(Route(*known))
            return endpoint

        return declare

    def __call__(self, event: Event, runtime: object) -> Response:
        request_id = event.get("requestContext", {}).get("requestId", "")
        try:
            route = self._route_of(event)
            seconds = seconds_left(runtime)
            begin_request(seconds)
            return _answered(route, _carried_out(route, event, seconds))
        except Refusal as refusal:
            # By its code alone: nothing that was sent, nor what was made of it, is ever logged (D8).
            logger.info("refused", extra={"code": refusal.code, "request_id": request_id})
            return _refused(problems.problem(refusal, request_id))
        # Else the gateway would answer a bare 502, and the caller be left with a guess.
        except Exception:
            logger.exception("broken", extra={"request_id": request_id})
            return _refused(problems.broken(request_id))

    def _route_of(self, event: Event) -> Route:
        for route in self.routes:
            # The gateway has matched the path, and names the pattern.
            if (route.method, route.path) == (event["httpMethod"], event["resource"]):
                return route
        raise not_found("path")


def _carried_out(route: Route, event: Event, seconds: float) -> Answer:
    caller, moment = caller_of(event), wiring.now()
    # Before the rule, which makes keys of the table of them.
    path = path_ids(path_of(event), route.makes)
    route.require(caller, path)
    call = Call(caller, path, moment, context_of(event, caller, moment, seconds, route.query))
    if route.method not in COMMANDS:
        return route.carry_out(call, asked_of(event, route.query))
    # What a dry run shows is asked for at once, or there is nothing to wait for.
    as_job = route.job is not None and prefers_async(event) and not call.context.dry_run
    body = body_of(event, as_job=as_job)
    # With a plan it is what a dry run took.
    asked = read_body(body, route.body, as_job=as_job and call.context.plan is None)
    if route.method in QUERIED:
        asked = asked_of(event, route.query)
    route.require_allowed(call, asked)
    return _as_job(route, call, asked, body) if as_job else route.carry_out(call, asked)


def _as_job(route: Route, call: Call, asked: Value, body: bytes) -> Accepted:
    # Here, for few requests need it.
    from licensing.entry.jobs import take

    if call.context.plan is not None:
        route.carry_out(replace(call, context=call.context.shown_only), asked)
    return take(route, call, body)


def _answered(route: Route, answer: Answer) -> Response:
    match answer:
        case NoContent():
            return _response(204, "")
        case Redirect(location):
            return _response(302, "", {"Location": location})
        case Accepted(job, location, replayed):
            headers = {"Location": location, "Preference-Applied": "respond-async", **_replayed(replayed)}
            return _response(202, job.model_dump_json(), headers)
        case Outcome(body, changed, replayed):
            return _response(route.status if changed else route.unchanged, _json(body), _replayed(replayed))
        case Value():
            return _response(route.status, answer.model_dump_json(), {})


def _replayed(replayed: bool) -> dict[str, str]:
    return {"Idempotency-Replayed": "true"} if replayed else {}


def _refused(document: dict[str, Any]) -> Response:
    headers = {"Content-Type": "application/problem+json"}
    if "retry_after" in document:
        headers["Retry-After"] = str(document["retry_after"])
    return _response(document["status"], _json(document), headers)


def _response(status: int, body: str, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    usual = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return {"statusCode": status, "headers": usual | dict(headers), "body": body}


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
