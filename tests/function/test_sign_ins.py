"""A person is the sign-in, not its address; what ends a session, and what an operator's takes (issue: Trust)."""

from datetime import datetime
from typing import Any

import pytest
from moto.cognitoidp.models import cognitoidp_backends
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT

from functions.authorizer import app
from licensing.adapters.aws import client
from licensing.domain.core.decisions import changed
from licensing.domain.people.access import Grant
from licensing.entry import wiring
from licensing.use_cases.people.find_people import person_at
from tests.worlds.examples import NOON, later
from tests.worlds.gateway import person
from tests.worlds.id_tokens import asked, token
from tests.worlds.moto_cloud import REGION, Cloud

OPERATOR = Grant(role="operator")


def api_token(**other: Any) -> dict[str, Any]:
    """The body of POST /api-tokens."""
    return {"name": "erp", "expires_at": later(days=30).isoformat(), "licenses_per_day": 1} | other


GRANTED = {"grants": [{"role": "partner", "partner_id": "acme"}]}
ADDRESS = "ada@acme.example"


def invited(cloud: Cloud, grants: Any = None) -> str:
    """Somebody is granted something; the `sub` of the sign-in made for it."""
    answer = cloud.call("PUT", f"/people/{ADDRESS}", {"grants": grants} if grants else GRANTED)
    assert answer.status == 200, answer.body
    return sub_of(cloud)


def sub_of(cloud: Cloud) -> str:
    return cloud.signed_in(person(ADDRESS)).subject


def granted(subject: str, since: datetime = NOON) -> str:
    return str(asked(token(sub=subject, email=ADDRESS, auth_time=int(since.timestamp())))["context"]["grants"])


@pytest.mark.usefixtures("pool")
def test_whoever_has_the_address_now_has_nothing_of_its_former_holder(cloud: Cloud) -> None:
    former = invited(cloud)
    assert granted(former) == "partner=acme"
    assert granted("another-sub") == ""
    client("cognito-idp").admin_delete_user(UserPoolId=wiring.SETTINGS.user_pool_id, Username=ADDRESS)
    client("cognito-idp").admin_create_user(UserPoolId=wiring.SETTINGS.user_pool_id, Username=ADDRESS)
    assert granted(sub_of(cloud)) == "", "a later sign-in of the same address gets nothing"
    assert granted(invited(cloud)) == "partner=acme", "until it is granted anew"
    assert granted(former) == ""


@pytest.mark.usefixtures("pool")
def test_a_removed_person_stays_out_when_the_address_is_granted_again(cloud: Cloud) -> None:
    former = invited(cloud)
    assert cloud.call("DELETE", f"/people/{ADDRESS}").status == 200
    for _ in range(2):
        with pytest.raises(app.Unauthorized):
            granted(former)
        assert granted(invited(cloud)) == "partner=acme"


@pytest.mark.usefixtures("pool")
def test_people_stored_before_sign_ins_were_kept_are_those_the_directory_knows(cloud: Cloud) -> None:
    subject = invited(cloud)
    known = person_at(cloud.store, ADDRESS)
    assert known
    cloud.store.commit([changed(known, subject=None)])
    assert (granted(subject), granted("another-sub")) == ("partner=acme", "")


# --- signing out ---


@pytest.mark.usefixtures("pool")
def test_who_signs_out_is_out_on_every_device_until_the_next_sign_in(cloud: Cloud) -> None:
    subject = invited(cloud)
    cloud.now = later(hours=1)
    signed_out = cloud.call("POST", "/me/sign-out", who=person(ADDRESS).model_copy(update={"subject": subject}))
    assert (signed_out.status, signed_out.body) == (200, {"signed_out_at": "2026-03-01T13:00:00Z"})
    for since in (NOON, later(minutes=59), later(hours=1)):
        with pytest.raises(app.Unauthorized):
            granted(subject, since)
    assert granted(subject, later(hours=1, seconds=1)) == "partner=acme"


@pytest.mark.usefixtures("pool")
def test_who_was_granted_nothing_signs_out_too(cloud: Cloud) -> None:
    stranger = person("stranger@x.example").model_copy(update={"subject": "sub-of-a-stranger"})
    assert cloud.call("POST", "/me/sign-out", who=stranger).status == 200
    with pytest.raises(app.Unauthorized):
        asked(token(sub="sub-of-a-stranger", email="stranger@x.example"))


# --- operators need a second factor ---


def with_factor() -> None:
    pool_id = wiring.SETTINGS.user_pool_id
    user = cognitoidp_backends[ACCOUNT][REGION].admin_get_user(pool_id, ADDRESS)
    user.software_token_mfa_enabled = True


@pytest.mark.usefixtures("pool")
def test_an_operators_grant_counts_only_with_a_second_factor(cloud: Cloud) -> None:
    cloud.call("PUT", "/partners/acme", {"name": "Acme"})
    subject = invited(cloud, [{"role": "operator"}, *GRANTED["grants"]])
    without = asked(token(sub=subject, email=ADDRESS))["context"]
    assert (without["grants"], without["needs_mfa"]) == ("partner=acme", "true")
    with_factor()
    told = asked(token(sub=subject, email=ADDRESS))["context"]
    assert (told["grants"], "needs_mfa" in told) == ("operator;partner=acme", False)


@pytest.mark.usefixtures("pool")
def test_an_operators_api_token_is_no_way_around_the_second_factor(cloud: Cloud) -> None:
    invited(cloud, [{"role": "operator"}])
    maker = cloud.signed_in(person(ADDRESS, OPERATOR))
    made = cloud.call("POST", "/api-tokens", api_token(grants=[{"role": "operator"}]), who=maker).body["token"]
    without = asked(made)["context"]
    assert (without["grants"], without["needs_mfa"]) == ("", "true")
    with_factor()
    assert asked(made)["context"]["grants"] == "operator"


@pytest.mark.usefixtures("pool")
def test_a_local_stack_asks_for_no_second_factor(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = invited(cloud, [{"role": "operator"}])
    monkeypatch.setenv("OPERATORS_NEED_MFA", "false")
    cloud.forget()
    assert granted(subject) == "operator"
