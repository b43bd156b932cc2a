"""Ordering in the portal: placed, completed, mailed, corrected; the PDF in hand."""

import pytest
from playwright.sync_api import Page, expect

from tests.stack.browser.people import World
from tests.stack.browser.visits import Visits
from tests.stack.orders import complete, place
from tools.local.mailbox import wait_for_mails
from tools.local.stack import Stack

pytestmark = pytest.mark.stack


def place_order(page: Page, po_number: str, email: str) -> None:
    page.get_by_role("link", name="Place an order").click()
    # The list before it has a field of that name too.
    expect(page.get_by_role("heading", level=1, name="Place an order")).to_be_visible()
    page.get_by_label("PO number").fill(po_number)
    page.get_by_label("Customer").fill("North Harbor Schools")
    page.get_by_label("License model of line 1").select_option("AP-1YR-LIC")
    page.get_by_label("Quantity of line 1").fill("4")
    page.get_by_label("Who gets the license keys").fill(f"{email}, not-an-address")
    expect(page.get_by_text("not-an-address: not an e-mail address.")).to_be_visible()
    expect(page.get_by_role("button", name="Place order")).to_be_disabled()
    page.get_by_label("Who gets the license keys").fill(email)
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", name=po_number)).to_be_visible()


def test_an_order_is_placed_by_the_partner_completed_by_an_operator_and_mailed(
    visits: Visits, stack: Stack, world: World
) -> None:
    po_number, email = f"WEB-{world.number}", f"keys-{world.number}@north.example"
    partner = visits.open(stack.tokens["partner"], "#/orders")
    place_order(partner, po_number, email)
    expect(partner.get_by_role("button", name="Complete order")).to_have_count(0)
    operator = visits.open(stack.tokens["operator"], "#/orders")
    operator.get_by_role("link", name=po_number).click()
    operator.get_by_role("button", name="Complete order").click()
    expect(operator.get_by_text("Fulfilled")).to_be_visible(timeout=60_000)
    expect(operator.get_by_text("Issued")).to_be_visible()
    wait_for_mails(stack.mail_dir, lambda mail: mail["To"] == email, 1)
    partner.reload()
    with partner.expect_download() as download:
        partner.get_by_role("button", name="PDF of line 1").click()
    assert download.value.suggested_filename == f"{po_number}-line-1.pdf"


def test_a_po_number_with_other_content_is_refused_with_the_difference(
    visits: Visits, stack: Stack, world: World
) -> None:
    order = place(stack, po_number=f"TWICE-{world.number}", customer="Somebody else")
    page = visits.open(stack.tokens["partner"], "#/orders/new")
    page.get_by_label("PO number").fill(order["po_number"])
    page.get_by_label("Customer").fill("North Harbor Schools")
    page.get_by_label("License model of line 1").select_option("AP-1YR-LIC")
    page.get_by_label("Who gets the license keys").fill("it@north.example")
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("alert")).to_contain_text("Use a new PO number for a new order")
    expect(page.get_by_text("Somebody else → North Harbor Schools")).to_be_visible()


def test_a_bounced_address_is_shown_with_its_reason_and_corrected(visits: Visits, stack: Stack, world: World) -> None:
    order = place(stack, po_number=f"BOUNCE-{world.number}", delivery_emails=["bounce@simulator.amazonses.com"])
    complete(stack, order["order_id"])
    page = visits.open(stack.tokens["partner"], f"#/orders/{order['order_id']}")
    page.get_by_role("button", name="Send again to bounce@simulator.amazonses.com").filter(
        has_text="Correct address"
    ).click(timeout=60_000)
    corrected = f"corrected-{world.number}@north.example"
    page.get_by_label("Corrected address").fill(corrected)
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_role("row", name=corrected)).to_be_visible()
    wait_for_mails(stack.mail_dir, lambda mail: mail["To"] == corrected, 1)
