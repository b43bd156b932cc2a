"""What every page keeps to: usable for everybody, in light and dark, on a phone, in the reader's time zone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.stack.browser.people import World
from tests.stack.browser.visits import Visits, serious_faults, settled
from tests.stack.orders import complete, fulfilled, keys_of, place
from tools.local.stack import Stack

pytestmark = pytest.mark.stack

# Name → who opens it, and where; filled in by `pages`.
NAMES = ["licenses", "devices", "device", "activity", "msp", "msp-licenses", "orders", "order", "new-order"]
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def pages(stack: Stack) -> dict[str, tuple[str, str]]:
    """Each page with something on it: its token and address."""
    world = World.made(stack)
    admin, msp_admin, operator = world.admin(), world.msp_admin(), stack.tokens["operator"]
    world.register(admin, "ONE", "TWO")
    keys = keys_of(stack, AP_1YR_LIC=4, SPC_1YR_LIC=1, MSP_1YR_LIC=1)
    claim = {"license_keys": keys[:2], "auto_associate": True}
    world.client(admin).must("POST", f"/orgs/{world.org}/claims", claim)
    world.client(msp_admin).must("POST", f"/msps/{world.msp}/claims", {"license_keys": keys[2:]})
    order_id = place(stack)["order_id"]
    complete(stack, order_id)
    fulfilled(stack, order_id)
    org, msp = f"#/orgs/{world.org}", f"#/msps/{world.msp}"
    return {
        "licenses": (admin, f"{org}/licenses"),
        "devices": (admin, f"{org}/devices"),
        "device": (admin, f"{org}/devices/{world.serial('ONE')}"),
        "activity": (admin, f"{org}/activity"),
        "msp": (msp_admin, msp),
        "msp-licenses": (msp_admin, f"{msp}/licenses"),
        "orders": (operator, "#/orders"),
        "order": (operator, f"#/orders/{order_id}"),
        "new-order": (operator, "#/orders/new"),
    }


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the screenshots go, to be looked at: SCREENSHOTS=folder keeps them."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious(
    visits: Visits, pages: dict[str, tuple[str, str]], pictures: Path, name: str, scheme: str
) -> None:
    page = visits.open(*pages[name], color_scheme=scheme)
    settled(page)
    page.screenshot(path=pictures / f"{name}-{scheme}.png")
    assert serious_faults(page) == []


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_a_phone(visits: Visits, pages: dict[str, tuple[str, str]], pictures: Path, name: str) -> None:
    page = visits.open(*pages[name], viewport=PHONE)
    settled(page)
    page.screenshot(path=pictures / f"{name}-phone.png", full_page=True)
    assert overflow(page) == 0
    page.get_by_role("button", name="Menu").click()
    assert page.get_by_role("button", name="Sign out").is_visible()


def test_the_sign_in_and_its_dialogs_are_usable_for_everybody(
    visits: Visits, pages: dict[str, tuple[str, str]]
) -> None:
    page = visits.open()
    settled(page)
    assert serious_faults(page) == []
    page = visits.open(*pages["licenses"])
    settled(page)
    page.get_by_role("button", name="+ Add License").press("Enter")
    assert page.get_by_label("License key").evaluate("field => field === document.activeElement")
    assert serious_faults(page) == []
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
    assert page.get_by_role("button", name="+ Add License").evaluate("button => button === document.activeElement")


def test_dates_are_the_reader_s_with_utc_on_hover(visits: Visits, pages: dict[str, tuple[str, str]]) -> None:
    page = visits.open(*pages["order"], timezone_id="Asia/Tokyo")
    settled(page)
    shown = page.locator("time").first
    instant = shown.get_attribute("datetime") or ""
    assert shown.get_attribute("title") == f"{instant[:10]} {instant[11:19]} UTC"
    hour = (int(instant[11:13]) + 9) % 24
    assert f"{hour % 12 or 12:02}:{instant[14:16]}" in shown.inner_text()


def test_what_can_not_be_reached_is_said_and_tried_again(visits: Visits, pages: dict[str, tuple[str, str]]) -> None:
    page = visits.open(*pages["devices"])
    settled(page)
    page.route("**/overview*", lambda route: route.abort())
    page.get_by_role("link", name="Licenses").click()
    page.get_by_role("alert").get_by_text("The service can’t be reached.").wait_for()
    page.unroute("**/overview*")
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("Next forced activation").wait_for()


def test_an_address_that_is_none_leads_back(visits: Visits, pages: dict[str, tuple[str, str]]) -> None:
    page = visits.open(pages["licenses"][0], "#/nowhere")
    page.get_by_role("heading", name="There is no such page").wait_for()
    page.get_by_role("button", name="Go to your start page").click()
    page.get_by_role("heading", name="Licenses").wait_for()
