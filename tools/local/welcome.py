"""What `make run` shows: on the first start a purchase order becomes keys in a mailbox; always, how to go on."""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from tools.local.aws import Aws
from tools.local.cloud import Say, ready
from tools.local.demo import place_sample
from tools.local.deploy import STACK
from tools.local.harbor import fill_harbor
from tools.local.mailbox import save_attachments, wait_for_mails
from tools.local.ministack import StackError
from tools.local.stack import Stack, bring_up
from tools.paths import ROOT

KEY = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b")
# These answer whoever calls next. The others leave their memory until they are called.
KEPT_WARM = ("Authorizer", "OrderIntake")


def main() -> None:
    endpoint, state, begun = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:5.1f} s  {line}", flush=True)

    try:
        stack = bring_up(endpoint, state, state / "build", {}, say)
        welcome(stack, state, say)
    except (StackError, TimeoutError) as error:
        sys.exit(f"\n{error}\nlogs: {shown(state / 'ministack.log')}")


def welcome(stack: Stack, state: Path, say: Say) -> None:
    tokens = keep_tokens(stack, state / "tokens")
    documents = state / "documents"
    order = place_sample(stack.client("operator"))
    if order:
        say(f"order {order['po_number']} of {order['partner_id']} is placed and completed; waiting for its mails …")
        # Meanwhile: the functions that work off the sample have to start first.
        orders = fill_harbor(stack.aws)
        show_sample(stack, order, documents, say)
        for order_id in orders:
            wait_for_order(stack, order_id, lambda order: order["status"] == "fulfilled")
    let_go(stack.aws)
    # Last of all: who waits for this file calls at once, and a function that is let go meanwhile answers nobody.
    ready(state, stack.as_json())
    say("ready; Ctrl-C stops all of it, the state stays")
    key = a_key(documents)
    print(f"""
  API        {stack.api_url}
  portal     {stack.portal_url}
  AWS        {stack.aws_endpoint_url}   (log: {shown(state / "ministack.log")})
  mailbox    {shown(stack.mail_dir)}   (a Maildir)
  keys       {shown(documents)}   (the PDFs of the sample order)
  tokens     {shown(tokens)}   (operator, partner, org_admin, …; all of this too: {shown(state / "stack.json")})

  Read the orders:
    curl -H "Authorization: Bearer $(cat {shown(tokens)}/partner)" {stack.api_url}/orders
  Claim a key:
    curl -H "Authorization: Bearer $(cat {shown(tokens)}/org_admin)" -H "Content-Type: application/json" \\
      -d '{{"license_keys": ["{key}"]}}' {stack.api_url}/orgs/org-north/claims
""", flush=True)  # fmt: skip


def show_sample(stack: Stack, order: dict[str, Any], documents: Path, say: Say) -> None:
    recipients = order["delivery_emails"]
    found = wait_for_mails(
        stack.mail_dir, lambda mail: any(to in str(mail["To"]) for to in recipients), len(recipients)
    )
    for mail in found:
        saved = save_attachments(mail, documents)
        say(f"mail to {mail['To']}: {mail['Subject']} ({len(saved)} PDFs)")
    wait_for_order(stack, order["order_id"], delivered)


def delivered(order: dict[str, Any]) -> bool:
    return all(mail["status"] == "delivered" for mail in order["deliveries"])


def wait_for_order(stack: Stack, order_id: str, done: Callable[[dict[str, Any]], bool], seconds: float = 15) -> None:
    """Until what became of it is recorded too; nothing depends on it but what the order shows."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done(stack.client("operator").must("GET", f"/orders/{order_id}")):
            return
        time.sleep(0.3)


def let_go(aws: Aws) -> None:
    """An update ends a function's process, and the next call starts a new one."""
    resources = aws.cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    for each in resources:
        if each["ResourceType"] == "AWS::Lambda::Function" and each["LogicalResourceId"] not in KEPT_WARM:
            name = each["PhysicalResourceId"]
            settings = aws.lambda_.get_function_configuration(FunctionName=name)
            aws.lambda_.update_function_configuration(FunctionName=name, Timeout=settings["Timeout"])


def keep_tokens(stack: Stack, folder: Path) -> Path:
    """Each token in a file of its own, for use on the command line."""
    folder.mkdir(exist_ok=True)
    for role, token in stack.tokens.items():
        (folder / role).write_text(token)
    return folder


def a_key(documents: Path) -> str:
    """A license key out of one of the PDFs; it stands nowhere else in the clear (D8)."""
    for document in sorted(documents.glob("*.pdf")):
        text = "\n".join(page.extract_text() for page in PdfReader(document).pages)
        if match := KEY.search(text):
            return match.group()
    return "the key of a PDF"


def shown(path: Path) -> str:
    """As one would type it at the project's root."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    main()
