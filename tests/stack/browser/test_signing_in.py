"""Signing in and out, and what a page shows to whom."""

import pytest
from playwright.sync_api import expect

from tests.stack.browser.people import World
from tests.stack.browser.visits import SLOT, Visits
from tools.local.demo import PASSWORD
from tools.local.stack import Stack

pytestmark = pytest.mark.stack


def test_a_wrong_password_is_refused_with_a_remedy_and_the_right_one_opens_the_organization(
    visits: Visits, world: World
) -> None:
    world.admin()
    page = visits.open()
    page.get_by_label("E-mail address").fill(world.email_of("admin"))
    page.get_by_label("Password").fill("not-the-password-1A")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The e-mail address or the password is wrong.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Licenses")).to_be_visible()
    expect(page.get_by_label("Breadcrumb")).to_contain_text(world.org_name)


def test_who_was_just_invited_chooses_a_password_of_their_own(visits: Visits, stack: Stack, world: World) -> None:
    email = world.email_of("new")
    stack.aws.cognito_idp.admin_create_user(
        UserPoolId=stack.outputs["UserPoolId"],
        Username=email,
        TemporaryPassword="For-the-first-time-1",
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
    )
    grants = [{"role": "org_viewer", "org_id": world.org}]
    stack.client("operator").must("PUT", f"/people/{email}", {"grants": grants})
    page = visits.open()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill("For-the-first-time-1")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("New password").fill("My-very-own-password-1")
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("heading", name="Licenses")).to_be_visible()


def test_a_demo_person_is_one_click_away_and_signs_out_again(visits: Visits) -> None:
    page = visits.open()
    page.get_by_role("button", name="Partner").click()
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate(f"sessionStorage.getItem('{SLOT}')") is None
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_token_that_ran_out_is_renewed_without_losing_the_page(visits: Visits, world: World) -> None:
    admin = world.admin()
    page = visits.open(admin, f"#/orgs/{world.org}/devices")
    page.get_by_role("button", name="Register devices").click()
    dialog = page.get_by_role("dialog", name="Register devices")
    dialog.get_by_label("Serial number").fill(world.serial("KEPT"))
    dialog.get_by_label("MAC address").fill("88:DC:96:00:00:01")
    dialog.get_by_label("Model").fill("ECW230S")
    page.route("**/orgs/*/devices", lambda route: route.fulfill(status=401, json={"code": "unauthenticated"}), times=1)
    dialog.get_by_role("button", name="Register", exact=True).click()
    again = page.get_by_role("dialog", name="Please sign in again")
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name=world.serial("KEPT"))).to_be_visible()


def test_a_viewer_sees_all_and_is_offered_nothing_to_change(visits: Visits, world: World) -> None:
    world.register(world.admin(), "SEEN")
    page = visits.open(world.viewer(), f"#/orgs/{world.org}/devices")
    expect(page.get_by_role("link", name=world.serial("SEEN"))).to_be_visible()
    for name in ("Register devices", "Assign License"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_role("checkbox")).to_have_count(0)
    page.get_by_role("link", name="Licenses").click()
    expect(page.get_by_role("heading", name="Licenses")).to_be_visible()
    expect(page.get_by_role("button", name="+ Add License")).to_have_count(0)
    expect(page.get_by_role("link", name="Orders")).to_have_count(0)
