"""Jobs seen from outside: a call that prefers so goes on by itself, through the queue and under the roles deployed."""

from typing import Any

import pytest

from tests.stack.orders import eventually, keys_of
from tools.local.client import Client
from tools.local.stack import Stack

pytestmark = pytest.mark.stack

SOUTH = "/orgs/org-south"
ENDED = ("succeeded", "failed")


@pytest.fixture(scope="module")
def admin(stack: Stack) -> Client:
    return stack.client("org_admin")


def ended(admin: Client, path: str, body: Any) -> Any:
    """The job, when it has ended."""
    taken = admin.call("POST", path, body, Prefer="respond-async")
    headers = {name.lower(): value for name, value in taken.headers.items()}
    assert (taken.status, headers.get("preference-applied")) == (202, "respond-async"), taken.body
    assert headers["location"] == f"/jobs/{taken.body['job_id']}"
    return eventually(lambda: admin.must("GET", headers["location"]), lambda job: job["status"] in ENDED)


def test_devices_are_registered_and_a_key_is_claimed_and_bound_by_jobs(stack: Stack, admin: Client) -> None:
    given = [
        {"serial": f"J-{n:03}", "mac": f"88:DC:96:00:07:{n:02X}", "model": "ECX", "category": "pdu"} for n in range(100)
    ]
    registered = ended(admin, f"{SOUTH}/devices", {"devices": given})
    assert (registered["status"], registered["done"], registered["of"]) == ("succeeded", 100, 100)
    (key,) = keys_of(stack, PDU_1YR_LIC=100)
    claimed = ended(admin, f"{SOUTH}/claims", {"license_keys": [key], "auto_associate": True})
    assert claimed["status"] == "succeeded", claimed
    assert len(claimed["result"]["claims"][0]["associations"]) == 100
    assert [job["job_id"] for job in admin.must("GET", "/jobs?limit=2")["items"]] == [
        claimed["job_id"], registered["job_id"]
    ]  # fmt: skip


def test_what_can_not_be_done_fails_and_says_why(admin: Client) -> None:
    failed = ended(admin, f"{SOUTH}/associations", {"serial": "J-000", "term_days": 1825})
    assert (failed["status"], failed["problem"]["code"]) == ("failed", "not_enough_licenses")


def test_a_job_of_somebody_elses_is_not_there(stack: Stack, admin: Client) -> None:
    job_id = admin.must("GET", "/jobs")["items"][0]["job_id"]
    assert stack.client("partner").call("GET", f"/jobs/{job_id}").status == 404
    assert stack.client("operator").call("GET", f"/jobs/{job_id}").status == 200
