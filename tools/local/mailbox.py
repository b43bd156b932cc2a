"""The mailbox of the local stack: what SES sends arrives whole in a Maildir."""

import email
import mailbox
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller

from tools.local.ministack import free_port

LARGEST_MAIL = 40_000_000


class IntoMaildir:
    """Keeps each mail byte for byte, with line ends as a Maildir has them."""

    def __init__(self, folder: Path) -> None:
        self.maildir = mailbox.Maildir(folder)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.maildir.add(envelope.content.replace(b"\r\n", b"\n"))
        return "250 OK"


@contextmanager
def open_mailbox(folder: Path) -> Iterator[str]:
    """Receive mail into this Maildir, and give the address to send it to."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    controller = Controller(IntoMaildir(folder), hostname="127.0.0.1", port=free_port(), data_size_limit=LARGEST_MAIL)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def mails(folder: Path) -> list[EmailMessage]:
    """All mail that has arrived, oldest first."""
    files = sorted((folder / "new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]


def wait_for_mails(
    folder: Path, wanted: Callable[[EmailMessage], bool], count: int, seconds: float = 60
) -> list[EmailMessage]:
    """The mails that are wanted, once there are `count`."""
    deadline = time.monotonic() + seconds
    while True:
        found = [mail for mail in mails(folder) if wanted(mail)]
        if len(found) >= count:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(found)} of {count} mails arrived within {seconds:.0f} s")
        time.sleep(0.1)


def save_attachments(mail: EmailMessage, folder: Path) -> list[Path]:
    """Write the mail's attachments into a folder, under harmless names."""
    folder.mkdir(parents=True, exist_ok=True)
    saved = []
    for part in mail.iter_attachments():
        name = re.sub(r"[^\w.-]", "_", part.get_filename() or "attachment")
        path = folder / name
        path.write_bytes(cast(bytes, part.get_payload(decode=True)))
        saved.append(path)
    return saved
