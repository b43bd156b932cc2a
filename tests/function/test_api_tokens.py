"""API tokens over HTTP and at the authorizer, and the daily reconciler."""

import json
from typing import Any

import pytest

from functions.authorizer import app
from licensing.domain.core.decisions import changed, created
from licensing.domain.core.quotas import DailyQuota
from licensing.domain.people import api_tokens
from licensing.domain.people.access import Caller, Grant
from licensing.domain.people.tenants import Partner
from licensing.use_cases.core.context import Context
from licensing.use_cases.people.find_people import person_at
from licensing.use_cases.reconciliation.prove_in_turns import look
from tests.worlds.claiming import NORTH, unissued
from tests.worlds.examples import NOON, later
from tests.worlds.gateway import ACME, GLOBEX, OPERATOR, sample
from tests.worlds.moto_cloud import Cloud
from tests.worlds.people import admit

PARTNER = {"role": "partner", "partner_id": "acme"}


def body(**other: Any) -> dict[str, Any]:
    return {
        "name": "erp-acme",
        "grants": [PARTNER],
        "expires_at": later(days=30).isoformat(),
        "licenses_per_day": 500,
    } | other


def made(cloud: Cloud) -> dict[str, Any]:
    assert ACME.email is not None
    admit(cloud.store, ACME.email, *ACME.grants, subject=ACME.subject)
    answer = cloud.call("POST", "/api-tokens", body(), who=ACME)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def asked(text: str) -> dict[str, Any]:
    return app.handler(sample("authorizer_token.json") | {"authorizationToken": f"Bearer {text}"}, None)


def test_a_token_is_made_listed_without_its_secret_and_revoked(cloud: Cloud) -> None:
    token = made(cloud)
    secret = token.pop("token")
    assert secret.startswith(f"eng.{token['token_id']}.")
    for who in (ACME, OPERATOR):
        assert cloud.call("GET", "/api-tokens", who=who).body["items"] == [token]
    assert cloud.call("GET", "/api-tokens", who=GLOBEX).body["items"] == []
    path = f"/api-tokens/{token['token_id']}"
    assert cloud.call("DELETE", path, who=GLOBEX).code == "not_found"
    assert cloud.call("DELETE", path, who=ACME).body == token
    with pytest.raises(app.Unauthorized):
        asked(secret)


def test_a_token_lets_its_holder_in_under_its_name_and_bound(cloud: Cloud) -> None:
    token = made(cloud)
    context = asked(token["token"])["context"]
    assert (context["token"], context["grants"]) == (f"token:erp-acme (person/{ACME.person_id})", "partner=acme")
    assert context["maker"] == ACME.subject
    assert json.loads(context["quota"]) == {"token_id": token["token_id"], "licenses_per_day": 500}
    for wrong in (f"eng.{token['token_id']}.guess", "eng.0000000000000000.guess", token["token"] + "x"):
        with pytest.raises(app.Unauthorized):
            asked(wrong)


def test_a_token_expires(cloud: Cloud) -> None:
    token = made(cloud)
    cloud.now = later(days=30)
    with pytest.raises(app.Unauthorized):
        asked(token["token"])


def test_a_grant_taken_from_its_maker_is_taken_from_the_token(cloud: Cloud) -> None:
    token = made(cloud)
    person = person_at(cloud.store, "buyer@acme.example")
    assert person is not None
    cloud.store.commit([changed(person, grants=())])
    assert asked(token["token"])["context"]["grants"] == ""


def test_a_token_can_not_make_see_or_revoke_tokens(cloud: Cloud) -> None:
    token = made(cloud)
    machine = Caller(
        subject="token/1",
        grants=(Grant(role="partner", partner_id="acme"),),
        token=f"token:erp-acme (person/{ACME.person_id})",
        maker=ACME.subject,
        quota=DailyQuota(token_id="1", licenses_per_day=1),
    )
    for method, path in (("POST", ""), ("GET", ""), ("DELETE", f"/{token['token_id']}")):
        answer = cloud.call(method, f"/api-tokens{path}", body() if method == "POST" else None, who=machine)
        assert (answer.status, answer.code) == (403, "forbidden")


def test_guesses_with_any_number_of_tokens_count_on_their_maker(cloud: Cloud) -> None:  # D8
    """A token made anew starts no count of its own; nor does its maker, guessing by hand."""
    tokens = [
        Caller(
            subject=f"token/{number}",
            grants=(Grant(role="org_admin", org_id=NORTH),),
            token=f"token:t{number} (buyer@acme.example)",
            maker=ACME.subject,
            quota=DailyQuota(token_id=f"{number}", licenses_per_day=0),
        )
        for number in range(3)
    ]
    cloud.call("PUT", f"/orgs/{NORTH}", {"name": "North"})
    for number in range(7):
        for token in tokens[:2]:
            body = {"license_key": unissued(10 + number)}
            assert cloud.call("POST", "/license-keys/preview", body, who=token).code == "unknown_key"
    for number in range(6):
        claim = {"license_keys": [unissued(30 + number)]}
        assert cloud.call("POST", f"/orgs/{NORTH}/claims", claim, who=tokens[2]).code == "unknown_key"
    for caller in (*tokens, ACME):
        assert cloud.call("POST", "/license-keys/preview", {"license_key": unissued(9)}, who=caller).status == 429
    assert cloud.call("POST", "/license-keys/preview", {"license_key": unissued(9)}, who=GLOBEX).code == "unknown_key"


def test_one_token_too_many_is_answered_with_what_to_do(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_tokens, "MAX_TOKENS", 1)
    first = made(cloud)
    refused = cloud.call("POST", "/api-tokens", body(), who=ACME)
    assert (refused.status, refused.code) == (422, "invalid_request")
    assert "Revoke one" in refused.body["remedy"]
    assert cloud.call("DELETE", f"/api-tokens/{first['token_id']}", who=ACME).status == 200
    assert cloud.call("POST", "/api-tokens", body(), who=ACME).status == 201


def test_an_idempotency_key_is_refused(cloud: Cloud) -> None:
    answer = cloud.call("POST", "/api-tokens", body(), who=ACME, headers={"Idempotency-Key": "1"})
    assert (answer.status, answer.faulty) == (422, ["Idempotency-Key"])


def test_the_reconciler_counts_and_names_what_it_finds_twice(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    cloud.store.commit([created(Partner(partner_id="by-hand", name="By hand"))])
    suspects = look(cloud.store, "partner/by-hand", Context("reconciler", NOON), ()).suspects
    for known in ((), suspects):
        assert cloud.send("reconciler", {"owners": ["partner/by-hand"], "suspects": known}) == []
    assert [vars(record)["item"] for record in caplog.records] == ["partner/by-hand"]
    printed = capsys.readouterr().out
    assert [json.loads(line)["BrokenPromises"] for line in printed.splitlines() if "_aws" in line] == [[1.0]]
