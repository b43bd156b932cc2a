"""The seed's claiming, step by step as people click it."""

import pytest
from playwright.sync_api import Page, expect

from tests.stack.browser.people import World
from tests.stack.browser.visits import Visits
from tests.stack.orders import keys_of
from tools.local.stack import Stack

pytestmark = pytest.mark.stack


def enter(page: Page, text: str) -> None:
    page.get_by_role("button", name="+ Add License").click()
    page.get_by_label("License key").fill(text)
    page.get_by_role("button", name="Continue").click()


def test_a_key_out_of_a_mail_is_claimed_and_associated_automatically(
    visits: Visits, stack: Stack, world: World
) -> None:
    admin = world.admin()
    world.register(admin, "LOBBY", "HALL")
    (key,) = keys_of(stack, AP_1YR_LIC=4)
    page = visits.open(admin, f"#/orgs/{world.org}/licenses")
    enter(page, f"Your key: {key.lower().replace('-', ' ')}.")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"These licenses will belong to {world.org_name}.")
    expect(dialog).to_contain_text("A claim is final")
    expect(dialog.get_by_role("row", name="AP-1YR-LIC")).to_contain_text("4")
    dialog.get_by_label("Auto Associate").check()
    dialog.get_by_role("button", name="+ Add License").click()
    for name in ("HALL", "LOBBY"):
        expect(dialog.get_by_role("row", name=world.serial(name))).to_be_visible()
    dialog.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text(f"4 licenses added to {world.org_name}, 2 associated with devices.")).to_be_visible()
    expect(page.get_by_role("row", name="not associated")).to_have_count(2)
    expect(page.get_by_role("link", name=world.serial("LOBBY"))).to_be_visible()
    page.get_by_label("Main").get_by_role("link", name="Activity").click()
    expect(page.get_by_text("Claimed 4 × AP-1YR-LIC")).to_be_visible()


def test_a_wrong_key_is_refused_with_what_to_do(visits: Visits, world: World) -> None:
    page = visits.open(world.admin(), f"#/orgs/{world.org}/licenses")
    enter(page, "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE")
    alert = page.get_by_role("dialog").get_by_role("alert")
    expect(alert).to_be_visible()
    assert len(alert.inner_text().split("\n")) >= 2, "a sentence and its remedy"


def test_an_msp_key_is_sent_to_the_other_portal(visits: Visits, stack: Stack, world: World) -> None:
    page = visits.open(world.admin(), f"#/orgs/{world.org}/licenses")
    enter(page, keys_of(stack, MSP_1YR_LIC=1)[0])
    expect(page.get_by_role("dialog")).to_contain_text("claim it in the MSP portal")
    expect(page.get_by_role("dialog").get_by_role("button", name="+ Add License")).to_be_disabled()


def test_a_plan_that_the_world_overtook_is_not_carried_out(visits: Visits, stack: Stack, world: World) -> None:
    admin = world.admin()
    world.register(admin, "ONE")
    first, second = keys_of(stack, AP_1YR_LIC=1), keys_of(stack, AP_3YR_LIC=1)
    page = visits.open(admin, f"#/orgs/{world.org}/licenses")
    enter(page, first[0])
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Auto Associate").check()
    dialog.get_by_role("button", name="+ Add License").click()
    expect(dialog.get_by_role("row", name=world.serial("ONE"))).to_be_visible()
    body = {"license_keys": second, "auto_associate": True}
    world.client(admin).must("POST", f"/orgs/{world.org}/claims", body)
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name="Back").click()
    dialog.get_by_role("button", name="+ Add License").click()
    dialog.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text(f"1 license added to {world.org_name}")).to_be_visible()


def test_licenses_are_moved_to_another_organization(visits: Visits, stack: Stack, world: World) -> None:
    admin = world.admin()
    body = {"license_keys": keys_of(stack, SW_1YR_LIC=3)}
    world.client(admin).must("POST", f"/orgs/{world.org}/claims", body)
    page = visits.open(admin, f"#/orgs/{world.org}/licenses")
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Move to another organization").click()
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.get_by_text("3 licenses moved to")).to_be_visible()
    expect(page.get_by_text("No licenses of this kind yet")).to_be_visible()


def test_an_msp_portal_is_started_and_extended(visits: Visits, stack: Stack, world: World) -> None:
    page = visits.open(world.msp_admin(), f"#/msps/{world.msp}")
    expect(page.get_by_text("This portal has no validity yet")).to_be_visible()
    page.get_by_role("button", name="+ Add MSP License").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("License key").fill(keys_of(stack, MSP_1YR_LIC=1)[0])
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog).to_contain_text("This key starts the portal’s validity")
    dialog.get_by_role("button", name="+ Add MSP License").click()
    expect(page.get_by_text("Valid", exact=True)).to_be_visible()
    page.get_by_label("MSP Portal").get_by_role("link", name="Licenses").click()
    page.get_by_role("button", name="+ Add License").click()
    dialog.get_by_label("License key").fill(keys_of(stack, MSP_3YR_LIC=1)[0])
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog).to_contain_text("extended from its present end")
    dialog.get_by_role("button", name="+ Add MSP License").click()
    expect(page.get_by_role("row", name="MSP-3YR-LIC")).to_be_visible()
    expect(page.get_by_role("row", name="MSP-1YR-LIC")).to_be_visible()
