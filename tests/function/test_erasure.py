"""Erasing a person: the address is nowhere any more, and what the person did is told as before (D44)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.authorizer import app
from licensing.domain.people.access import Caller, Grant
from licensing.entry import wiring
from licensing.use_cases.people.find_people import person_at
from licensing.use_cases.reconciliation.reconcile import reconcile
from tests.worlds.claiming import NORTH, issue, mint
from tests.worlds.examples import later
from tests.worlds.gateway import OPERATOR, person
from tests.worlds.id_tokens import asked, token
from tests.worlds.items import text_of
from tests.worlds.moto_cloud import TABLE, Cloud

ADA, EVE = "ada@north.example", "eve@north.example"
ADMIN = Grant(role="org_admin", org_id=NORTH)
ERASED = {"erase": "true"}


def signed_up(cloud: Cloud, email: str, *grants: Grant) -> Caller:
    """Somebody whom an operator granted this, signed in."""
    body = {"grants": [grant.model_dump() for grant in grants]}
    answer = cloud.call("PUT", f"/people/{email}", body)
    assert answer.status == 200, answer.body
    return cloud.signed_in(person(email, *grants))


def operator(cloud: Cloud, email: str = "olga@engenius.example") -> Caller:
    return signed_up(cloud, email, Grant(role="operator"))


def claimed(cloud: Cloud, who: Caller, number: int) -> None:
    issue(cloud.store, number)
    answer = cloud.call("POST", f"/orgs/{NORTH}/claims", {"license_keys": [mint(number)]}, who=who)
    assert answer.status == 201, answer.body


def made_token(cloud: Cloud, who: Caller) -> Any:
    body = {
        "name": "erp",
        "grants": [ADMIN.model_dump()],
        "expires_at": later(days=30).isoformat(),
        "licenses_per_day": 500,
    }
    return cloud.call("POST", "/api-tokens", body, who=who).body


def lived(cloud: Cloud) -> Caller:
    """Ada has claimed a key in her organization, and a machine of hers has registered a device."""
    cloud.call("PUT", f"/orgs/{NORTH}", {"name": "North"})
    ada = signed_up(cloud, ADA, ADMIN)
    claimed(cloud, ada, 1)
    made = made_token(cloud, ada)
    cloud.now += timedelta(minutes=1)
    machine = ada.model_copy(update={"token": f"token:erp ({ada.actor})", "email": None, "maker": ada.subject})
    device = {"serial": "AP1", "mac": "88:DC:96:00:01:01", "model": "ECW230S", "category": "ap"}
    answer = cloud.call("POST", f"/orgs/{NORTH}/devices", {"devices": [device]}, who=machine)
    assert (answer.status, made["made_by"]) == (200, ADA)
    return ada


def actors(cloud: Cloud) -> list[str]:
    items = cloud.call("GET", f"/orgs/{NORTH}/ledger").body["items"]
    return [entry["actor"] for entry in items if entry["action"] != "org.put"]


def stored(cloud: Cloud) -> str:
    """Everything in the table: keys, indexes, and facts as they were before they were packed."""
    items = cloud.aws("dynamodb").scan(TableName=TABLE)["Items"]
    return "\n".join(f"{item} {text_of(item)}" for item in items)


def erase(cloud: Cloud, email: str, who: Caller, **more: str) -> Any:
    return cloud.call("DELETE", f"/people/{email}", who=who, **(ERASED | more))


@pytest.mark.usefixtures("pool")
def test_an_erased_address_is_nowhere_and_the_ledger_tells_what_it_told(cloud: Cloud) -> None:  # D44
    olga, ada = operator(cloud), lived(cloud)
    before = cloud.call("GET", f"/orgs/{NORTH}/ledger").body["items"]
    assert (actors(cloud), ADA in stored(cloud)) == ([f"token:erp ({ADA})", ADA], True)
    answer = erase(cloud, ADA, olga)
    assert (answer.status, answer.body) == (204, None)
    assert "ada@" not in stored(cloud)
    assert actors(cloud) == ["token:erp (erased person)", "erased person"]
    after = cloud.call("GET", f"/orgs/{NORTH}/ledger").body["items"]
    assert [entry | {"actor": ""} for entry in after] == [entry | {"actor": ""} for entry in before]
    assert wiring.directory().find_user(ADA) is None
    assert cloud.call("GET", f"/people/{ADA}").status == 404
    assert ADA not in {each["email"] for each in cloud.call("GET", "/people").body["items"]}
    assert cloud.call("GET", "/api-tokens").body["items"] == []
    with pytest.raises(app.Unauthorized):
        asked(token(sub=ada.subject, email=ADA))
    assert [each for each in reconcile(cloud.store, cloud.now) if "key" not in each.item] == []


def test_who_was_removed_is_still_named_until_erased(cloud: Cloud) -> None:  # D44
    olga, _ = operator(cloud), lived(cloud)
    assert cloud.call("DELETE", f"/people/{ADA}", who=olga).body["email"] == ADA
    assert actors(cloud) == [f"token:erp ({ADA})", ADA]
    assert erase(cloud, ADA, olga).status == 204
    assert (actors(cloud), "ada@" in stored(cloud)) == (["token:erp (erased person)", "erased person"], False)
    assert [each for each in reconcile(cloud.store, cloud.now) if "key" not in each.item] == []


def test_who_comes_back_under_an_erased_address_is_somebody_else(cloud: Cloud) -> None:  # D44
    olga, ada = operator(cloud), lived(cloud)
    erase(cloud, ADA, olga)
    again = signed_up(cloud, ADA, ADMIN)
    assert again.person_id != ada.person_id
    cloud.now = later(hours=1)
    claimed(cloud, again, 2)
    assert actors(cloud) == [ADA, "token:erp (erased person)", "erased person"]


def test_who_comes_back_after_a_mere_removal_is_the_same(cloud: Cloud) -> None:
    _, ada = operator(cloud), lived(cloud)
    cloud.call("DELETE", f"/people/{ADA}")
    assert signed_up(cloud, ADA, ADMIN).person_id == ada.person_id
    assert cloud.call("GET", "/api-tokens").body["items"] == []


def test_what_was_erased_is_no_longer_known_but_a_sign_in_left_over_goes(cloud: Cloud) -> None:
    olga, _ = operator(cloud), lived(cloud)
    erase(cloud, ADA, olga)
    wiring.directory().create_user(ADA)
    answer = erase(cloud, ADA, olga)
    assert (answer.status, answer.code, wiring.directory().find_user(ADA)) == (404, "not_found", None)


def test_nobody_erases_themselves_so_that_an_operator_is_always_left(cloud: Cloud) -> None:
    olga = operator(cloud)
    answer = erase(cloud, str(olga.email), olga)
    assert (answer.status, answer.code) == (403, "forbidden")
    assert "another operator" in answer.body["detail"]
    eve = operator(cloud, EVE)
    assert erase(cloud, str(olga.email), eve).status == 204
    assert erase(cloud, EVE, olga).code == "forbidden", "within the minute in which the authorizer's word still holds"
    assert cloud.call("GET", "/people").body["items"] == [{"email": EVE, "grants": [{"role": "operator"}]}]


def test_a_dry_run_shows_who_would_be_erased_and_its_plan_holds(cloud: Cloud) -> None:
    olga, _ = operator(cloud), lived(cloud)
    shown = erase(cloud, ADA, olga, dry_run="true")
    assert (shown.status, shown.body["email"], shown.body["dry_run"]) == (200, ADA, True)
    assert (person_at(cloud.store, ADA) is None, erase(cloud, ADA, olga, plan="0" * 32).code) == (False, "plan_stale")
    assert erase(cloud, ADA, olga, plan=shown.body["plan"]).status == 204


def test_a_plan_for_somebody_new_holds_though_the_id_is_chance(cloud: Cloud) -> None:
    body = {"grants": [{"role": "partner", "partner_id": "acme"}]}
    shown = cloud.call("PUT", f"/people/{EVE}", body, dry_run="true").body
    assert cloud.call("PUT", f"/people/{EVE}", body, plan=shown["plan"]).status == 200


@pytest.mark.parametrize(("name", "value"), [("erase", "perhaps"), ("erased", "true"), ("limit", "1")])
def test_a_misspelled_wish_erases_and_removes_nobody(cloud: Cloud, name: str, value: str) -> None:
    lived(cloud)
    answer = cloud.call("DELETE", f"/people/{ADA}", **{name: value})
    assert (answer.status, answer.faulty) == (422, [name])
    assert person_at(cloud.store, ADA)


def test_the_log_of_an_erasure_names_nobody(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    olga, _ = operator(cloud), lived(cloud)
    erase(cloud, str(olga.email), olga)
    erase(cloud, ADA, olga)
    erase(cloud, ADA, olga)
    cloud.call("GET", f"/people/{ADA}", who=OPERATOR)
    printed = capsys.readouterr()
    assert "refused" in caplog.text
    assert "@" not in f"{printed.out}{printed.err}{caplog.text}"
