"""Signing in and out, and what a page shows to whom."""

import base64
import hmac
import struct
import time

import pytest
from playwright.sync_api import Page, Route, expect

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
    # It would end the sessions of this person everywhere, and other tests have one.
    page.route("**/me/sign-out", lambda route: route.abort())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate(f"sessionStorage.getItem('{SLOT}')") is None
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_out_ends_the_sessions_on_other_devices_too(visits: Visits, world: World) -> None:
    other = world.viewer()
    page = visits.open()
    signed_in(page, world.email_of("viewer"))
    with page.expect_response("**/me/sign-out") as revoked:
        page.get_by_role("button", name="Sign out").click()
    assert revoked.value.status == 200
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # The gateway knows the page's own token for up to 60 s more; this one it has not seen yet.
    assert world.client(other).call("GET", "/me").status == 401


def test_who_signs_out_while_the_service_can_not_be_reached_is_signed_out_here(visits: Visits, world: World) -> None:
    world.viewer()
    page = visits.open()
    signed_in(page, world.email_of("viewer"))
    expect(page.get_by_role("heading", name="Licenses")).to_be_visible()
    page.route("**/me/sign-out", lambda route: route.abort())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate(f"sessionStorage.getItem('{SLOT}')") is None


def test_an_operator_sets_up_the_second_factor_and_signs_in_with_its_code(visits: Visits, world: World) -> None:
    """This stack asks no operator for it (`OperatorsNeedMfa`): so the first answer of `/me` is told to say so."""
    world.viewer()
    page = visits.open()
    page.route("**/v1/me", needing_a_factor, times=1)
    signed_in(page, world.email_of("viewer"))
    page.get_by_role("button", name="Set up the second factor").click()
    dialog = page.get_by_role("dialog", name="Second factor")
    dialog.get_by_role("button", name="Show the secret").click()
    secret = dialog.locator("code").inner_text()
    dialog.get_by_label("Code").fill("000000" if code_of(secret) != "000000" else "000001")
    dialog.get_by_role("button", name="Confirm and sign in again").click()
    expect(dialog.get_by_role("alert")).to_contain_text("That code is not the right one.")
    dialog.get_by_label("Code").fill(code_of(secret))
    with page.expect_response("**/me/sign-out"):
        dialog.get_by_role("button", name="Confirm and sign in again").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    time.sleep(1)  # a session of the very second of the sign-out is over too; people are slower
    signed_in(page, world.email_of("viewer"))
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Licenses")).to_be_visible()


def signed_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def needing_a_factor(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, json=answer.json() | {"needs_mfa": True})


def code_of(secret: str) -> str:
    """What an authenticator app shows for the secret now (RFC 6238: SHA-1, 30 s, six digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


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
