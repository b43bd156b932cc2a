"""Calls as API Gateway passes them on: routed by template.yaml, wrapped like the real samples in `events/`."""

import copy
import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from licensing.domain.people.access import Caller, Grant
from licensing.entry.caller_context import to_context
from tools.paths import ROOT
from tools.template import load, of_type


def person(email: str, *grants: Grant) -> Caller:
    """A caller as the authorizer tells of somebody whom `tests.worlds.people.admit` puts into the table."""
    return Caller(subject=f"sub-{email}", person_id=id_for(email), email=email, grants=grants)


def id_for(email: str) -> str:
    """Of a person put here by hand; those that the API makes have an id by chance."""
    return hashlib.sha256(email.encode()).hexdigest()[:16]


OPERATOR = person("operator@example.com", Grant(role="operator"))
ACME = person("buyer@acme.example", Grant(role="partner", partner_id="acme"))
GLOBEX = person("buyer@globex.example", Grant(role="partner", partner_id="globex"))
NOBODY = person("nobody@example.com")


class Target(NamedTuple):
    """The function a call goes to, and the resource it matched there."""

    function: str
    resource: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The stable code of a problem document."""
        return str(self.body["code"])

    @property
    def faulty(self) -> list[str]:
        """The fields a problem document finds fault with."""
        return [error["field"] for error in self.body["errors"]]


def sample(name: str) -> Any:
    """One of `events/`."""
    return json.loads((ROOT / "events" / name).read_text())


def template_routes() -> dict[tuple[str, str], str]:
    """The function's folder for each method and path of template.yaml."""
    return {
        (event["Properties"]["Method"], event["Properties"]["Path"]): function["Properties"]["CodeUri"].split("/")[1]
        for function in of_type(load(), "AWS::Serverless::Function").values()
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "Api"
    }


@cache
def _patterns() -> list[tuple[str, str, str, re.Pattern[str]]]:
    """Fixed paths before those with parameters, as the gateway chooses."""
    routes = sorted(template_routes().items(), key=lambda route: route[0][1].count("{"))
    return [
        (method, path, function, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)))
        for (method, path), function in routes
    ]


def target_of(method: str, path: str) -> Target:
    for known, resource, function, pattern in _patterns():
        if known == method and (found := pattern.fullmatch(path)):
            return Target(function, resource, {name: unquote(value) for name, value in found.groupdict().items()})
    raise LookupError(f"template.yaml has no {method} {path}")


def api_event(
    method: str,
    path: str,
    body: Any = None,
    *,
    who: Caller | None = OPERATOR,
    headers: dict[str, str] | None = None,
    **query: str,
) -> dict[str, Any]:
    """The event of a call; a `body` that is text goes as it is, `who` None is a gateway without authorizer."""
    event: dict[str, Any] = copy.deepcopy(sample("api_place_order.json"))
    _, resource, parameters = target_of(method, path)
    event |= {"httpMethod": method, "resource": resource, "path": path}
    event |= {"pathParameters": {name: quote(value) for name, value in parameters.items()} or None}
    event |= {"queryStringParameters": query or None}
    event["headers"] |= headers or {}
    event["body"] = body if isinstance(body, str | None) else json.dumps(body)
    event["requestContext"]["authorizer"] = {"principalId": who.subject} | to_context(who) if who else None
    return event


def answer_of(response: dict[str, Any]) -> Answer:
    body = json.loads(response["body"]) if response["body"] else None
    return Answer(response["statusCode"], body, response["headers"])
