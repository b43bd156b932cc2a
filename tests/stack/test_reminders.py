"""Reminders on the running stack: licences of an old order, claimed late (D34)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.stack.orders import begin, eventually, keys_in, mails_to, messages_in, place
from tools.local.mailbox import wait_for_mails
from tools.local.stack import Stack

pytestmark = pytest.mark.stack


def test_an_admin_is_mailed_in_time_before_licenses_start_by_themselves(stack: Stack) -> None:
    issued = datetime.now(UTC) - timedelta(days=60, hours=12)  # so they start in 29 days and a half
    order = place(stack, lines=[{"license_model": "SW-1YR-LIC", "quantity": 7}])
    asked = {"completed_at": issued.strftime("%Y-%m-%dT%H:%M:%SZ")}
    stack.client("operator").must("POST", f"/orders/{order['order_id']}/completion", asked)
    recipient = order["delivery_emails"][0]
    (key,) = keys_in(wait_for_mails(stack.mail_dir, lambda mail: mail["To"] == recipient, 1)[0])
    admin = stack.client("org_admin")
    admin.must("POST", "/orgs/org-south/claims", {"license_keys": [key]})
    address = admin.must("GET", "/me")["email"]

    def about_starting() -> list[str]:
        return [str(mail["Subject"]) for mail in mails_to(stack, address) if "start" in str(mail["Subject"])]

    # The table's stream tells of the claim, and the index of due dates follows.
    eventually(lambda: due_date(stack, "org/org-south"), lambda at: at and at < datetime.now(UTC).isoformat())
    begin(stack, "reminders")
    wait_for_mails(stack.mail_dir, lambda mail: mail["To"] == address and "7 licenses start" in str(mail["Subject"]), 1)
    told = about_starting()
    begin(stack, "reminders")
    eventually(lambda: messages_in(stack, "Rounds") + messages_in(stack, "Reminders"), (0).__eq__)
    assert about_starting() == told


def due_date(stack: Stack, owner: str) -> str | None:
    """Since or until when something of the owner's is due, as the index has it."""
    key = {"pk": {"S": f"DUE#{owner}"}, "sk": {"S": "DUE"}}
    item = stack.aws.dynamodb.get_item(TableName=stack.table_name, Key=key, ConsistentRead=True).get("Item", {})
    at: str | None = item.get("gsi3sk", {}).get("S")
    return at
