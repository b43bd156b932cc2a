"""Jobs through the functions: taken in instead of answered, worked off by the queue, looked at by whom they concern."""

import json
from typing import Any

import pytest

from licensing.adapters.aws import client
from licensing.domain.core.limits import MAX_AUTOMATIC, MAX_JOB_AUTOMATIC
from licensing.domain.people.access import Caller, Grant
from tests.worlds.assigning import device_request
from tests.worlds.claiming import NORTH, SOUTH, issue, mint
from tests.worlds.examples import later
from tests.worlds.gateway import NOBODY, Answer, person
from tests.worlds.items import legible
from tests.worlds.moto_cloud import BUCKET, TABLE, Cloud
from tests.worlds.tenants import member

ASYNC = {"Prefer": "respond-async"}
AUTOMATIC = f"/orgs/{NORTH}/associations/automatic"
ELSEWHERE = {"to_org_id": "org-nowhere"}


@pytest.fixture
def ada(cloud: Cloud) -> Caller:
    """The admin of two orgs, with a key of 4 licences claimed and 3 devices registered in one."""
    for org in (NORTH, SOUTH):
        assert cloud.call("PUT", f"/orgs/{org}", {"name": org}).status == 200
    wanted = person("ada@north.example", *(Grant(role="org_admin", org_id=org) for org in (NORTH, SOUTH)))
    put(cloud, wanted)
    issue(cloud.store, 1, "AP-1YR-LIC", 4)
    ada = cloud.signed_in(wanted)
    assert cloud.call("POST", f"/orgs/{NORTH}/claims", {"license_keys": [mint(1)]}, who=ada).status == 201
    devices = [device_request(f"A{number}") for number in range(3)]
    assert cloud.call("POST", f"/orgs/{NORTH}/devices", {"devices": devices}, who=ada).status == 200
    return ada


def put(cloud: Cloud, who: Caller) -> None:
    grants = [grant.model_dump(exclude_none=True) for grant in who.grants]
    assert cloud.call("PUT", f"/people/{who.email}", {"grants": grants}).status == 200


def asked(cloud: Cloud, who: Caller, path: str = AUTOMATIC, body: Any = None, **how: Any) -> Answer:
    how["headers"] = ASYNC | how.get("headers", {})
    return cloud.call("POST", path, body or {}, who=who, **how)


def ended(cloud: Cloud, answer: Answer, who: Caller) -> Any:
    assert answer.status == 202, answer.body
    cloud.work()
    return cloud.call("GET", answer.headers["Location"], who=who).body


def test_a_call_that_prefers_so_is_answered_by_a_job_that_ends_as_it_would_have(cloud: Cloud, ada: Caller) -> None:
    shown = cloud.call("POST", AUTOMATIC, {}, who=ada, dry_run="true").body
    taken = asked(cloud, ada)
    job_id = taken.body["job_id"]
    assert (taken.status, taken.headers["Location"]) == (202, f"/jobs/{job_id}")
    assert taken.headers["Preference-Applied"] == "respond-async"
    assert (taken.body["status"], taken.body["action"]) == ("queued", "associate_automatically")
    done = ended(cloud, taken, ada)
    assert (done["status"], done["done"], done["of"], done["result_url"]) == ("succeeded", 3, 3, None)
    assert done["result"] == {name: value for name, value in shown.items() if name not in ("dry_run", "plan")}
    entry = cloud.call("GET", f"/orgs/{NORTH}/ledger", who=ada).body["items"][0]
    assert (entry["action"], entry["actor"]) == ("licenses.associated", ada.email)
    assert "Contents" not in client("s3").list_objects_v2(Bucket=BUCKET, Prefix="jobs/")


def test_without_the_preference_and_as_a_dry_run_it_is_answered_at_once(cloud: Cloud, ada: Caller) -> None:
    for how in ({"headers": {"Prefer": "wait=5"}}, {"headers": ASYNC, "dry_run": "true"}):
        answer = cloud.call("POST", AUTOMATIC, {}, who=ada, **how)
        assert (answer.status, "Preference-Applied" in answer.headers) == (201, False)
    for wish in ("Respond-Async", "wait=10, respond-async; q=1"):
        answer = cloud.call("POST", AUTOMATIC, {}, who=ada, headers={"prefer": wish})
        assert answer.status == 202
        cloud.work()


def test_a_call_that_can_not_be_a_job_is_answered_as_ever(cloud: Cloud, ada: Caller) -> None:
    answer = asked(cloud, ada, f"/orgs/{NORTH}/ai-tokens/transfer", {"to_org_id": SOUTH})
    assert (answer.status, "Preference-Applied" in answer.headers) == (200, False)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (AUTOMATIC, {"max": 0}, 422),
        (AUTOMATIC, {"max": MAX_JOB_AUTOMATIC + 1}, 422),
        ("/orgs/org-nowhere/associations/automatic", {}, 404),
        (
            f"/orgs/{NORTH}/licenses/move",
            ELSEWHERE | {"license_model": "AP-1YR-LIC", "quantity": 1},
            404,
        ),
        (f"/orgs/{NORTH}/devices/move", ELSEWHERE | {"serials": ["A0"]}, 404),
    ],
)
def test_bad_input_and_what_is_not_allowed_is_refused_at_once(
    cloud: Cloud, ada: Caller, path: str, body: Any, status: int
) -> None:
    assert asked(cloud, ada, path, body).status == status
    assert cloud.call("GET", "/jobs", who=ada).body["items"] == []


def test_a_job_may_be_asked_for_more_than_a_request(cloud: Cloud, ada: Caller) -> None:
    more = {"max": MAX_AUTOMATIC + 1}
    refused = cloud.call("POST", AUTOMATIC, more, who=ada)
    assert (refused.status, refused.faulty) == (422, ["max"])
    assert "respond-async" in refused.body["detail"]
    assert ended(cloud, asked(cloud, ada, body=more), ada)["status"] == "succeeded"


def test_a_plan_is_asked_about_at_once_and_kept_to_later(cloud: Cloud, ada: Caller) -> None:
    plan = cloud.call("POST", AUTOMATIC, {}, who=ada, dry_run="true").body["plan"]
    stale = asked(cloud, ada, plan="0" * 32)
    assert (stale.status, stale.code) == (409, "plan_stale")
    taken = asked(cloud, ada, plan=plan)
    assert cloud.call("POST", f"/orgs/{NORTH}/associations", {"serial": "A0", "term_days": 365}, who=ada).status == 201
    done = ended(cloud, taken, ada)
    assert (done["status"], done["problem"]["code"], done["result"]) == ("failed", "plan_stale", None)
    assert done["problem"]["instance"] == done["job_id"]


def test_the_same_idempotency_key_gives_the_same_job_and_the_call_the_same_answer(cloud: Cloud, ada: Caller) -> None:
    how: dict[str, Any] = {"headers": {"Idempotency-Key": "intent-1"}}
    first, again = asked(cloud, ada, **how), asked(cloud, ada, **how)
    assert (again.status, again.body["job_id"]) == (202, first.body["job_id"])
    assert again.headers["Idempotency-Replayed"] == "true"
    other = asked(cloud, ada, body={"max": 1}, **how)
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    done = ended(cloud, first, ada)
    called = cloud.call("POST", AUTOMATIC, {}, who=ada, headers=how["headers"])
    assert called.headers["Idempotency-Replayed"] == "true"
    assert called.body == done["result"]
    assert len(called.body["associations"]) == 3


def test_what_somebody_has_lost_meanwhile_the_job_has_lost_too(cloud: Cloud, ada: Caller) -> None:
    taken = asked(cloud, ada)
    moved = asked(cloud, ada, f"/orgs/{SOUTH}/devices/move", {"to_org_id": NORTH, "serials": ["A0"]})
    put(cloud, person("ada@north.example", Grant(role="org_admin", org_id=SOUTH)))
    cloud.work()
    answers = [cloud.call("GET", each.headers["Location"], who=ada).body for each in (taken, moved)]
    assert [(each["status"], each["problem"]["code"]) for each in answers] == [("failed", "not_found")] * 2


def test_a_job_is_seen_by_its_maker_and_the_tenants_admins_and_for_others_it_is_not_there(
    cloud: Cloud, ada: Caller
) -> None:
    taken = asked(cloud, ada)
    path = taken.headers["Location"]
    for who in (ada, member("org_admin", NORTH), ada.model_copy(update={"grants": ()})):
        assert cloud.call("GET", path, who=who).status == 200
    for who in (NOBODY, member("org_viewer", NORTH), member("org_admin", SOUTH)):
        answer = cloud.call("GET", path, who=who)
        assert (answer.status, answer.code) == (404, "not_found")
        assert cloud.call("GET", "/jobs", who=who).body["items"] == []
    for strange in ("/jobs/nonsense", f"/jobs/{'0' * 32}"):
        assert cloud.call("GET", strange, who=ada).status == 404


def test_the_callers_jobs_are_listed_newest_first_and_paged(cloud: Cloud, ada: Caller) -> None:
    ids = []
    for number in range(3):
        cloud.now = later(minutes=number)
        ids.append(asked(cloud, ada, f"/orgs/{NORTH}/devices", registration(f"B{number}")).body["job_id"])
    cloud.work()
    first = cloud.call("GET", "/jobs", who=ada, limit="2").body
    rest = cloud.call("GET", "/jobs", who=ada, limit="2", cursor=first["next_cursor"]).body
    listed = [*first["items"], *rest["items"]]
    assert [each["job_id"] for each in listed] == ids[::-1]
    assert {(each["status"], each["done"], each["result"]) for each in listed} == {("succeeded", 1, None)}


def registration(serial: str) -> dict[str, Any]:
    return {"devices": [device_request(serial)]}


def test_an_answer_too_long_to_be_shown_is_fetched_by_a_link(
    cloud: Cloud, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("read_jobs", "run_job"):
        monkeypatch.setattr(f"licensing.use_cases.jobs.{module}.MAX_RESULT", 100)
    done = ended(cloud, asked(cloud, ada), ada)
    assert (done["status"], done["result"]) == ("succeeded", None)
    assert f"/jobs/{done['job_id']}/result.json" in done["result_url"]
    kept = client("s3").get_object(Bucket=BUCKET, Key=f"jobs/{done['job_id']}/result.json")
    assert kept["ContentType"] == "application/json"
    assert len(json.loads(kept["Body"].read())["associations"]) == 3


def test_every_call_that_names_many_things_may_be_a_job(cloud: Cloud, ada: Caller) -> None:
    issue(cloud.store, 2, "CO-TERM-LIC", 5_000)
    issue(cloud.store, 3, "SPC-1YR-200-LIC", 1)
    issue(cloud.store, 4, "AP-1YR-LIC", 1)
    until = later(days=300).isoformat()
    devices = [device_request("G0", "gateway"), device_request("A9")]
    north = f"/orgs/{NORTH}"
    for path, body in (
        (f"{north}/claims", {"license_keys": [mint(2), mint(3)]}),
        (f"{north}/claims", {"license_keys": [mint(4)], "auto_associate": True}),
        (f"{north}/devices", {"devices": devices}),
        (f"{north}/associations", {"serial": "A1", "term_days": 365}),
        (f"{north}/co-term", {"until": until, "serials": ["G0", "A9"]}),
        (f"{north}/licenses/move", {"to_org_id": SOUTH, "license_model": "AP-1YR-LIC", "quantity": 1}),
        (f"{north}/devices/move", {"to_org_id": SOUTH, "serials": ["A9", "A1"]}),
        (f"{north}/renewals", {"until": later(days=900).isoformat()}),
        (f"{north}/renewals/{NORTH}.1/application", None),
    ):
        done = ended(cloud, asked(cloud, ada, path, body), ada)
        assert done["status"] == "succeeded", (path, done)


def test_a_message_about_no_job_is_let_go(cloud: Cloud) -> None:
    message = {"job_id": "0" * 32, "steps": 0, "sent_at": "2026-01-01T00:00:00Z"}
    assert cloud.send("job_worker", message, "not json", {}) == ["message-1", "message-2"]


def test_no_key_that_a_job_is_asked_to_claim_lies_in_the_table(cloud: Cloud, ada: Caller) -> None:  # D8
    issue(cloud.store, 5, "AP-1YR-LIC", 1)
    asked(cloud, ada, f"/orgs/{NORTH}/claims", {"license_keys": [mint(5)]})
    for _ in range(2):
        items = client("dynamodb").scan(TableName=TABLE)["Items"]
        assert mint(5) not in json.dumps([legible(item) for item in items])
        cloud.work()
