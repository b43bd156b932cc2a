"""Organizations, MSPs, partners and people over HTTP (openapi: administration)."""

from typing import Any

import pytest

from licensing.adapters.aws import client
from licensing.domain.people.access import Grant
from licensing.entry import wiring
from tests.worlds.gateway import ACME, NOBODY, OPERATOR, person
from tests.worlds.moto_cloud import Cloud

ORG_ADMIN = person("admin@north.example", Grant(role="org_admin", org_id="org-north"))
MSP_VIEWER = person("viewer@blue.example", Grant(role="msp_viewer", msp_id="msp-blue"))


def founded(cloud: Cloud) -> None:
    """Two organizations, one of them looked after by an MSP, and a partner."""
    for path, body in [
        ("/msps/msp-blue", {"name": "Blue"}),
        ("/orgs/org-north", {"name": "North", "time_zone": "Europe/Warsaw", "msp_id": "msp-blue"}),
        ("/orgs/org-south", {"name": "South"}),
        ("/partners/acme", {"name": "Acme", "contact_email": "orders@acme.example"}),
    ]:
        answer = cloud.call("PUT", path, body)
        assert answer.status == 200, answer.body


def sign_ins() -> list[str]:
    """The addresses in the user pool."""
    users = client("cognito-idp").list_users(UserPoolId=wiring.SETTINGS.user_pool_id)["Users"]
    return [attribute["Value"] for user in users for attribute in user["Attributes"] if attribute["Name"] == "email"]


def ids(cloud: Cloud, path: str, field: str, **how: Any) -> list[str]:
    return [one[field] for one in cloud.call("GET", path, **how).body["items"]]


def test_everybody_learns_who_he_is(cloud: Cloud) -> None:
    assert cloud.call("GET", "/me", who=ACME).body == {
        "subject": ACME.subject,
        "email": "buyer@acme.example",
        "grants": [{"role": "partner", "partner_id": "acme"}],
        "needs_mfa": False,
    }
    assert cloud.call("GET", "/me", who=OPERATOR).body["grants"] == [{"role": "operator"}]
    assert cloud.call("GET", "/me", who=NOBODY).body["grants"] == []


def test_an_organization_is_set_up_and_read(cloud: Cloud) -> None:
    founded(cloud)
    assert cloud.call("GET", "/orgs/org-north", who=ORG_ADMIN).body == {
        "org_id": "org-north",
        "name": "North",
        "time_zone": "Europe/Warsaw",
        "msp_id": "msp-blue",
    }
    assert cloud.call("PUT", "/orgs/org-south", {"name": "Southern"}).body["name"] == "Southern"
    assert cloud.call("GET", "/orgs/org-south").body["name"] == "Southern"


def test_each_caller_sees_the_organizations_it_may_see(cloud: Cloud) -> None:
    founded(cloud)
    seen = {who: ids(cloud, "/orgs", "org_id", who=who) for who in (OPERATOR, ORG_ADMIN, MSP_VIEWER, ACME, NOBODY)}
    assert list(seen.values()) == [["org-north", "org-south"], ["org-north"], ["org-north"], [], []]


def test_an_organization_one_may_not_see_does_not_exist(cloud: Cloud) -> None:
    founded(cloud)
    for who in (MSP_VIEWER, ORG_ADMIN, ACME):
        theirs = cloud.call("GET", "/orgs/org-south", who=who)
        assert theirs.status == 404
        assert theirs.body == cloud.call("GET", "/orgs/org-nowhere", who=who).body
    assert cloud.call("GET", "/orgs/org-north", who=MSP_VIEWER).status == 200


def test_tenants_are_listed(cloud: Cloud) -> None:
    founded(cloud)
    assert ids(cloud, "/msps", "msp_id") == ["msp-blue"]
    assert ids(cloud, "/msps", "msp_id", who=MSP_VIEWER) == ["msp-blue"]
    assert ids(cloud, "/msps", "msp_id", who=ACME) == []
    assert ids(cloud, "/partners", "partner_id") == ["acme"]


def test_lists_of_organizations_are_paged_for_operators_and_others(cloud: Cloud) -> None:
    grants = [Grant(role="org_viewer", org_id=f"org-{n}") for n in range(3)]
    for n in range(3):
        cloud.call("PUT", f"/orgs/org-{n}", {"name": f"Org {n}"})
    for who in (OPERATOR, person("viewer@north.example", *grants)):
        first = cloud.call("GET", "/orgs", who=who, limit="2").body
        rest = cloud.call("GET", "/orgs", who=who, limit="2", cursor=first["next_cursor"]).body
        assert [org["org_id"] for org in first["items"] + rest["items"]] == ["org-0", "org-1", "org-2"]
        assert rest["next_cursor"] is None


def test_a_person_is_granted_signs_in_and_is_removed(cloud: Cloud) -> None:
    founded(cloud)
    grants = [{"role": "org_admin", "org_id": "org-north"}]
    put = cloud.call("PUT", "/people/Admin@North.example", {"grants": grants})
    assert (put.status, put.body) == (200, {"email": "admin@north.example", "grants": grants})
    assert sign_ins() == ["admin@north.example"]
    assert cloud.call("GET", "/people/ADMIN@north.example").body == put.body
    assert ids(cloud, "/people", "email") == ["admin@north.example"]
    assert cloud.call("PUT", "/people/admin@north.example", {"grants": []}).body["grants"] == []
    assert cloud.call("DELETE", "/people/admin@north.example").status == 200
    assert cloud.call("GET", "/people/admin@north.example").status == 404
    assert sign_ins() == []


def test_an_address_that_only_looks_like_another_names_nobody(cloud: Cloud) -> None:  # D45
    cloud.call("PUT", "/people/mark@x.zz", {"grants": []})
    for method in ("GET", "DELETE"):
        assert cloud.call(method, "/people/mar\N{KELVIN SIGN}@x.zz").code == "not_found"
    assert cloud.call("GET", "/people/MARK@x.zz").status == 200


def test_an_operator_without_a_second_factor_is_told_so_wherever_it_is_refused(cloud: Cloud) -> None:
    founded(cloud)
    lacking = NOBODY.model_copy(update={"needs_mfa": True})
    assert cloud.call("GET", "/me", who=lacking).body["needs_mfa"] is True
    for method, path in (
        ("GET", "/people"),
        ("PUT", "/orgs/org-north"),
        ("GET", "/orgs/org-north"),
        ("GET", "/orders"),
    ):
        answer = cloud.call(method, path, {"name": "x"} if method == "PUT" else None, who=lacking)
        assert (answer.status, answer.code) == (403, "forbidden")
        assert "second factor" in answer.body["remedy"]
    own = ORG_ADMIN.model_copy(update={"needs_mfa": True})
    assert cloud.call("GET", "/orgs/org-north", who=own).status == 200, "what else it was granted still counts"


def test_a_dry_run_makes_no_sign_in(cloud: Cloud) -> None:
    shown = cloud.call("PUT", "/people/a@north.example", {"grants": [{"role": "operator"}]}, dry_run="true")
    assert shown.body["dry_run"] is True
    assert sign_ins() == []
    assert ids(cloud, "/people", "email") == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/orgs/org-north", {"name": ""}, "name"),
        ("/orgs/org-north", {"name": "North", "time_zone": "yesterday!"}, "time_zone"),
        ("/orgs/org-north", {"name": "North", "time_zone": "Asia/Taipeh"}, "time_zone"),
        ("/orgs/org-north", {"name": "North", "msp_id": "msp-nowhere"}, "msp_id"),
        ("/orgs/Org North", {"name": "North"}, "org_id"),
        ("/msps/msp-blue", {"name": "Blue", "contact_email": "blue"}, "contact_email"),
        ("/people/north", {"grants": []}, "email"),
        ("/people/mar\N{KELVIN SIGN}@x.zz", {"grants": []}, "email"),
        ("/people/a@north.example", {"grants": [{"role": "operator"}] * 101}, "grants"),
        ("/people/a@north.example", {"grants": [{"role": "king"}]}, "grants[0].role"),
        ("/people/a@north.example", {"grants": [{"role": "partner"}]}, "grants[0]"),
        ("/people/a@north.example", {"grants": [{"role": "operator", "org_id": "org-north"}]}, "grants[0]"),
        ("/people/a@north.example", {"grants": [{"role": "org_admin", "org_id": "org-nowhere"}]}, "grants[0]"),
    ],
)
def test_bad_tenants_and_grants_are_refused_by_field(cloud: Cloud, path: str, body: Any, field: str) -> None:
    answer = cloud.call("PUT", path, body)
    assert (answer.status, answer.faulty) == (422, [field])


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/orgs/org-north"), ("PUT", "/msps/msp-blue"), ("PUT", "/partners/acme"), ("GET", "/partners"),
     ("GET", "/people"), ("GET", "/people/a@b.example"), ("PUT", "/people/a@b.example"),
     ("DELETE", "/people/a@b.example")],
)  # fmt: skip
def test_only_an_operator_administers(cloud: Cloud, method: str, path: str) -> None:
    for who in (ACME, ORG_ADMIN, MSP_VIEWER, NOBODY):
        answer = cloud.call(method, path, {"name": "x", "grants": []}, who=who)
        assert (answer.status, answer.code) == (403, "forbidden")
