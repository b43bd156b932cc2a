"""What `make run` shows: on the first start a purchase order becomes keys in a mailbox; always, how to go on."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from local.demo import place_sample
from local.mailbox import save_attachments, wait_for_mails
from local.stack import Stack

KEY = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b")
Say = Callable[[str], None]


def welcome(stack: Stack, state: Path, say: Say) -> None:
    tokens = keep_tokens(stack, state / "tokens")
    documents = state / "documents"
    order = place_sample(stack.client("operator"))
    if order:
        show_sample(stack, order, documents, say)
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
    say(f"order {order['po_number']} of {order['partner_id']} is placed and completed; waiting for its mails …")
    found = wait_for_mails(
        stack.mail_dir, lambda mail: any(to in str(mail["To"]) for to in recipients), len(recipients)
    )
    for mail in found:
        saved = save_attachments(mail, documents)
        say(f"mail to {mail['To']}: {mail['Subject']} ({len(saved)} PDFs)")


def keep_tokens(stack: Stack, folder: Path) -> Path:
    """Each token in a file of its own, for use on the command line."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
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
    """As one would type it here."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
