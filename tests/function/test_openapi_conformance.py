"""The API keeps to docs/openapi.json, whatever it is sent: no 5xx, no answer that is not documented or not as it says.

Schemathesis makes the requests from the document, right ones and wrong ones; half of them go to tenants, devices and
orders that exist, by people who may do what is asked.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks

from licensing.domain.access import Caller
from local.template import ROOT
from tests.claiming_world import BLUE, NORTH
from tests.cloud import cloud
from tests.gateway import OPERATOR, api_event
from tests.tenants_world import BLUE_ADMIN, NORTH_ADMIN, Tenants, settled

DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_text())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = {
    described["operationId"]: SCHEMA[path][method]
    for path, methods in DOCUMENT["paths"].items()
    for method, described in methods.items()
}
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
REQUESTS = 8


@pytest.fixture(scope="module")
def tenants() -> Iterator[Tenants]:
    with pytest.MonkeyPatch.context() as patch, cloud(patch) as made:
        yield settled(made)


def own_ids(tenants: Tenants) -> dict[str, str]:
    return {
        "org_id": NORTH,
        "msp_id": BLUE,
        "order_id": tenants.acme_order,
        "partner_id": "acme",
        "serial": tenants.north.gateway,
        "email": "ada@north.example",
        "n": "1",
    }


def who_may(operation: Any) -> Caller:
    rule = operation.definition.raw["x-rule"]
    return NORTH_ADMIN if rule.startswith("org") else BLUE_ADMIN if rule.startswith("msp") else OPERATOR


def event_of(case: Any, ids: dict[str, str]) -> dict[str, Any]:
    """The request as the gateway passes it on."""
    path = case.operation.path
    named = {name: ids.get(name, str(value)) for name, value in (case.path_parameters or {}).items()}
    event = api_event(case.method, path, who=who_may(case.operation))
    event["pathParameters"] = {name: quote(value, safe="") for name, value in named.items()} or None
    event["queryStringParameters"] = {name: text_of(value) for name, value in (case.query or {}).items()} or None
    event["headers"] |= {name: str(value) for name, value in (case.headers or {}).items()}
    if case.method in ("POST", "PUT"):
        event["body"] = case.body if isinstance(case.body, str) else json.dumps(case.body, default=str)
    return event


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def answer_to(case: Any, tenants: Tenants, ids: dict[str, str]) -> Response:
    function = case.operation.definition.raw["tags"][0]
    tenants.cloud.now += timedelta(seconds=1)
    answer = tenants.cloud.function(function)(event_of(case, ids), None)
    request = requests.Request(case.method, "https://api.example/v1" + case.operation.path).prepare()
    headers = {name.lower(): [value] for name, value in answer["headers"].items()}
    content = answer["body"].encode(errors="surrogatepass")
    return Response(answer["statusCode"], headers, content, request=request, elapsed=0.0, verify=False)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_one_that_the_document_tells_of(tenants: Tenants, name: str, mode: GenerationMode) -> None:
    strategy = OPERATIONS[name].as_strategy(generation_mode=mode)

    @settings(max_examples=REQUESTS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=strategy, existing=st.booleans())
    def kept(case: Any, existing: bool) -> None:
        response = answer_to(case, tenants, own_ids(tenants) if existing else {})
        case.validate_response(response, checks=CHECKS)

    kept()
