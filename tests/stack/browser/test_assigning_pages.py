"""The seed's two ways of assigning by hand, and what else is done with devices."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.stack.browser.people import World
from tests.stack.browser.visits import Visits
from tests.stack.orders import keys_of
from tools.local.stack import Stack

pytestmark = pytest.mark.stack


def claimed(stack: Stack, world: World, token: str, **quantities: int) -> None:
    body = {"license_keys": keys_of(stack, **quantities)}
    world.client(token).must("POST", f"/orgs/{world.org}/claims", body)


def test_chosen_licenses_are_associated_with_a_chosen_device(visits: Visits, stack: Stack, world: World) -> None:
    admin = world.admin()
    world.register(admin, "A", "B")
    claimed(stack, world, admin, AP_1YR_LIC=2)
    page = visits.open(admin, f"#/orgs/{world.org}/licenses")
    page.get_by_role("row", name="not associated").first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Associate to Device").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").select_option(world.serial("B"))
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("row", name=world.serial("B"))).to_contain_text("Merging")
    dialog.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("link", name=world.serial("B"))).to_be_visible()


def test_a_device_is_given_a_license_of_a_chosen_duration_and_it_is_taken_back(
    visits: Visits, stack: Stack, world: World
) -> None:
    admin = world.admin()
    world.register(admin, "C")
    claimed(stack, world, admin, AP_1YR_LIC=1, AP_3YR_LIC=1)
    page = visits.open(admin, f"#/orgs/{world.org}/devices")
    page.get_by_role("button", name=f"Assign License to {world.serial('C')}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio")).to_have_count(2)
    dialog.get_by_label("3 years").check()
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("is covered until")).to_be_visible()
    page.get_by_role("link", name=world.serial("C")).click()
    expect(page.get_by_role("row", name="AP-3YR-LIC")).to_contain_text("STACK-")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("was taken back and is unassociated again")).to_be_visible()
    expect(page.get_by_role("row", name="AP-3YR-LIC")).to_have_count(0)


def test_devices_are_brought_to_one_end_date(visits: Visits, stack: Stack, world: World) -> None:
    admin = world.admin()
    world.register(admin, "D", "E")
    claimed(stack, world, admin, CO_TERM_LIC=2000)
    page = visits.open(admin, f"#/orgs/{world.org}/devices")
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Co-terminate").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Common end date").fill("2028-06-30")
    dialog.get_by_role("button", name="Calculate").click()
    expect(dialog.get_by_text("2,000 available")).to_be_visible()
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("2 devices end together now")).to_be_visible()
    expect(page.get_by_role("row", name="Jun 30, 2028")).to_have_count(2)


def test_a_device_is_replaced_and_its_coverage_goes_along(visits: Visits, stack: Stack, world: World) -> None:
    admin = world.admin()
    world.register(admin, "OLD")
    claimed(stack, world, admin, AP_1YR_LIC=1)
    body = {"serial": world.serial("OLD"), "term_days": 365}
    world.client(admin).must("POST", f"/orgs/{world.org}/associations", body)
    page = visits.open(admin, f"#/orgs/{world.org}/devices/{world.serial('OLD')}")
    page.get_by_role("button", name="Replace").click()
    page.get_by_label("Serial number of the new device").fill(world.serial("NEW"))
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(page.get_by_role("heading", name=world.serial("NEW"))).to_be_visible()
    expect(page.get_by_role("row", name="AP-1YR-LIC")).to_be_visible()


def test_devices_are_registered_and_those_that_can_not_be_are_named(visits: Visits, stack: Stack, world: World) -> None:
    admin, taken = world.admin(), f"TAKEN-{world.number}"
    device = {"serial": taken, "mac": "88:DC:96:00:00:09", "model": "ECW230S", "category": "ap"}
    stack.client("org_admin").must("POST", "/orgs/org-north/devices", {"devices": [device]})
    page = visits.open(admin, f"#/orgs/{world.org}/devices")
    page.get_by_role("button", name="Register devices").click()
    page.get_by_role("button", name="Several at once").click()
    lines = (f"{world.serial('X')}, 88:DC:96:00:00:0A, ECW230S, ap, Lobby", f"{taken}, 88:DC:96:00:00:09, ECW230S, ap")
    page.get_by_label("Devices").last.fill("\n".join(lines))
    page.get_by_role("button", name="Register 2").click()
    expect(page.get_by_role("row", name=taken)).to_contain_text("In another organization")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row", name=world.serial("X"))).to_contain_text("Lobby")


def test_the_list_is_exported_as_csv(visits: Visits, world: World, tmp_path: Path) -> None:
    admin = world.admin()
    world.register(admin, "F", "G")
    page = visits.open(admin, f"#/orgs/{world.org}/devices")
    expect(page.get_by_role("link", name=world.serial("F"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    download.value.save_as(tmp_path / "devices.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "devices.csv").read_text(encoding="utf-8-sig"))))
    assert sorted(row["serial"] for row in rows) == [world.serial("F"), world.serial("G")]
    assert {row["network_id"] for row in rows} == {"main"}


def test_a_forecast_shows_another_day_and_changes_nothing(visits: Visits, world: World) -> None:
    admin = world.admin()
    world.register(admin, "H")
    page = visits.open(admin, f"#/orgs/{world.org}/devices")
    expect(page.get_by_role("row", name=world.serial("H"))).to_contain_text("Active")
    page.get_by_label("As of").fill("2099-01-01")
    expect(page.get_by_text("Forecast for Jan 1, 2099")).to_be_visible()
    expect(page.get_by_role("row", name=world.serial("H"))).to_contain_text("Expired")
    expect(page.get_by_role("button", name="Assign License")).to_have_count(0)
    page.get_by_role("button", name="Back to now").click()
    expect(page.get_by_role("row", name=world.serial("H"))).to_contain_text("Active")
