"""Every read of the API on the deployed template, under the functions' own roles."""

import re

import pytest

from tests.stack.orders import complete, fulfilled, place
from tests.worlds.gateway import template_routes
from tools.local.stack import Stack

pytestmark = pytest.mark.stack


def test_every_read_is_allowed_to_the_function_that_answers_it(stack: Stack) -> None:
    """A role that lacks an action shows as a 5xx; what is not there is a 404."""
    order_id = place(stack)["order_id"]
    complete(stack, order_id)
    fulfilled(stack, order_id)
    ids = {
        "org_id": "org-north",
        "msp_id": "msp-blue",
        "order_id": order_id,
        "n": "1",
        "email": "admin@north.example.com",
        "serial": "NONE",
        "renewal_id": "org-north.999",
        "job_id": "0" * 32,
        "proxy+": "config.json",
    }
    operator = stack.client("operator")
    for method, path in template_routes():
        if method == "GET":
            answer = operator.call("GET", re.sub(r"\{([\w+]+)\}", lambda name: ids[name[1]], path))
            missing = {"{serial}", "{renewal_id}", "{job_id}"} & set(re.findall(r"\{\w+\}", path))
            assert answer.status == (404 if missing else 200), path


def test_what_an_operator_sets_up_can_be_taken_away_again(stack: Stack) -> None:
    operator = stack.client("operator")
    person = "/people/guest@north.example.com"
    operator.must("PUT", person, {"grants": [{"role": "org_viewer", "org_id": "org-north"}]})
    operator.must("DELETE", person)
    assert operator.call("GET", person).status == 404
    erased = [operator.call("DELETE", f"{person}?erase=true").status for _ in range(2)]
    assert erased == [204, 404], "the address is known until it is erased"
