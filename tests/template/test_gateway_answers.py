"""What the gateway itself refuses is answered like what a function refuses (contract: Errors)."""

import json
from typing import Any

import pytest

from tools.build.openapi import problem_schema
from tools.template import load, of_type

(API,) = of_type(load(), "AWS::Serverless::Api").values()
ANSWERS: dict[str, dict[str, Any]] = API["Properties"]["GatewayResponses"]
PROBLEM = problem_schema()


@pytest.mark.parametrize("kind", ANSWERS)
def test_each_is_a_whole_problem_document(kind: str) -> None:
    answer = ANSWERS[kind]
    assert answer["ResponseParameters"] == {"Headers": {"Content-Type": "'application/problem+json'"}}
    assert list(answer["ResponseTemplates"]) == ["application/json"]  # the one that is used whatever was asked for
    problem = json.loads(answer["ResponseTemplates"]["application/json"])
    assert set(problem) == set(PROBLEM["required"])
    assert problem["status"] == answer["StatusCode"]
    assert problem["status"] in PROBLEM["properties"]["status"]["enum"]
    assert problem["code"] in PROBLEM["properties"]["code"]["enum"]
    assert problem["type"] == f"urn:engenius:problem:{problem['code']}"
    assert problem["instance"] == "$context.requestId"


def test_every_fault_of_ours_has_an_answer() -> None:
    """`DEFAULT_5XX` stands for all that are not named, with its own status: so those that differ in that are named."""
    faults = {kind: answer["StatusCode"] for kind, answer in ANSWERS.items() if answer["StatusCode"] >= 500}
    assert faults == {"DEFAULT_5XX": 500, "INTEGRATION_FAILURE": 504, "INTEGRATION_TIMEOUT": 504}
