"""Schemathesis makes requests from docs/openapi.json, right and wrong ones; each answer must be one it tells of."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks

from tools.paths import ROOT

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


Known = Mapping[str, str | list[str]]


def require_conformance(
    name: str, mode: GenerationMode, requests: int, known: Known, answer: Callable[[Any], Response]
) -> None:
    """Three of four requests are about what is `known` to exist; the rest as schemathesis makes them, token and all."""

    @settings(
        max_examples=requests,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],  # making a request that fails shorter takes longer than reading it
    )
    @given(case=OPERATIONS[name].as_strategy(generation_mode=mode), about=st.sampled_from((known, known, known, {})))
    def kept(case: Any, about: Known) -> None:
        if about:
            case.path_parameters = aimed(case.path_parameters or {}, about)
            case.query = without(case.query, "plan")
            case.headers = without(case.headers, "authorization")
            case.body = aimed(case.body, about)
        case.validate_response(answer(case), checks=CHECKS)

    kept()


def without(parameters: Mapping[str, Any] | None, left_out: str) -> dict[str, Any]:
    return {name: value for name, value in (parameters or {}).items() if name.lower() != left_out}


def aimed(value: Any, known: Known, name: str = "") -> Any:
    """The same, with what is known wherever something of its kind stands under its name."""
    if name in known and type(value) is type(known[name]):
        return known[name]
    if isinstance(value, dict):
        return {name: aimed(inner, known, name) for name, inner in value.items()}
    return [aimed(inner, known) for inner in value] if isinstance(value, list) else value


def rule_of(case: Any) -> str:
    """Whom the operation is for."""
    return str(case.operation.definition.raw["x-rule"])
