"""The API keeps to docs/openapi.json, whatever it is sent: no 5xx, no answer that is not documented or not as it says.

By people who may do what is asked. `tests/stack/test_openapi_over_http.py` does the same from outside.
"""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests
from schemathesis import GenerationMode
from schemathesis.core.transport import Response

from licensing.domain.people.access import Caller
from tests.faults.conforming import OPERATIONS, Known, require_conformance, rule_of
from tests.worlds.claiming import SOUTH, issue, mint
from tests.worlds.gateway import OPERATOR, api_event
from tests.worlds.tenants import BLUE_ADMIN, NORTH_ADMIN, Tenants

REQUESTS = 8


@pytest.fixture(scope="module")
def known(tenants: Tenants) -> Known:
    issue(tenants.cloud.store, 40, "GW-1YR-LIC", 3)
    return tenants.own_ids | {
        "to_org_id": SOUTH,
        "license_model": "AP-1YR-LIC",
        "license_id": tenants.north.license_id,
        "license_ids": [tenants.north.license_id],
        "license_key": mint(40),
        "license_keys": [mint(40)],
        "key_fingerprint": tenants.north.fingerprint,
        "serial": tenants.north.point,
        "serials": [tenants.north.gateway, tenants.north.point],
        "delivery_emails": ["a@north.example", "b@north.example"],
    }


def who_may(rule: str) -> Caller:
    return NORTH_ADMIN if rule.startswith("org") else BLUE_ADMIN if rule.startswith("msp") else OPERATOR


def event_of(case: Any) -> dict[str, Any]:
    """The request as the gateway passes it on."""
    event = api_event(case.method, case.operation.path, who=who_may(rule_of(case)))
    named = case.path_parameters or {}
    event["pathParameters"] = {name: quote(str(value), safe="") for name, value in named.items()} or None
    event["queryStringParameters"] = {name: text_of(value) for name, value in (case.query or {}).items()} or None
    event["headers"] |= {name: str(value) for name, value in (case.headers or {}).items()}
    if case.method in ("POST", "PUT"):
        event["body"] = case.body if isinstance(case.body, str) else json.dumps(case.body, default=str)
    return event


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def answer_to(case: Any, tenants: Tenants) -> Response:
    function = case.operation.definition.raw["tags"][0]
    tenants.cloud.now += timedelta(seconds=1)
    answer = tenants.cloud.function(function)(event_of(case), None)
    request = requests.Request(case.method, "https://api.example/v1" + case.operation.path).prepare()
    headers = {name.lower(): [value] for name, value in answer["headers"].items()}
    content = answer["body"].encode(errors="surrogatepass")
    return Response(answer["statusCode"], headers, content, request=request, elapsed=0.0, verify=False)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_one_that_the_document_tells_of(
    tenants: Tenants, known: Known, name: str, mode: GenerationMode
) -> None:
    require_conformance(name, mode, REQUESTS, known, lambda case: answer_to(case, tenants))
