"""What stays running under the stack: MiniStack and the mailbox. (Only light imports here: `make run` keeps them.)"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.local.mailbox import open_mailbox
from tools.local.ministack import MiniStack, StackError, free_port, is_free, running_ministack

SERVICES = "apigateway,cloudformation,cognito-idp,dynamodb,events,iam,kms,lambda,logs,monitoring,s3,ses,sns,sqs,sts"
Say = Callable[[str], object]


def silent(_: str) -> None:
    """Says nothing."""


@contextmanager
def local_cloud(
    state_dir: Path, port: int = 0, *, enforce_policies: bool = False, say: Say = silent
) -> Iterator[MiniStack]:
    """An empty cloud, or the one that was left in this folder. `stack.json` there is for whoever is ready to write."""
    with private(state_dir), alone(state_dir), emptied(state_dir / "tmp"), open_mailbox(state_dir / "mail") as smtp:
        not_ready(state_dir)  # one that was killed left it there
        say("starting MiniStack, the AWS of this machine …")
        environment = {"SMTP_HOST": smtp, "AUTH": str(enforce_policies).lower()}
        chosen = moved_in(state_dir, port)
        with running_ministack(SERVICES, state_dir=state_dir, port=chosen, environment=environment) as running:
            (state_dir / "port").write_text(running.endpoint.rsplit(":", 1)[1])
            try:
                yield running
            finally:
                not_ready(state_dir)


@contextmanager
def private(folder: Path) -> Iterator[None]:
    """What is written meanwhile, here and by all processes started from here, is this person's alone.

    License keys lie in the mailbox and in the printed documents, tokens in `stack.json`.
    """
    before = os.umask(0o077)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        yield
    finally:
        os.umask(before)


def ready(folder: Path, told: str) -> None:
    """Whole or not at all: others wait for the file."""
    partial = folder / "stack.json.partial"
    partial.write_text(told)
    partial.rename(folder / "stack.json")


def not_ready(folder: Path) -> None:
    (folder / "stack.json").unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One stack in a folder at a time. The lock goes with the process that holds it, however it ends."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"a stack is running in {folder} already; its addresses are in stack.json there") from None
        yield


@contextmanager
def emptied(folder: Path) -> Iterator[None]:
    """Without what workers unpack there: neither left by a kill, nor left behind."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def moved_in(state_dir: Path, port: int) -> int:
    """The port to start on: this one; else that of the last start, so that addresses somebody noted stay right.

    MiniStack knows queues by their URL, port and all: where the port is another than last time, its state is told.
    """
    if port and not is_free(port):
        raise StackError(f"port {port} is taken by another program")
    last = last_port(state_dir)
    if not last:
        return port
    chosen = port or (last if is_free(last) else free_port())
    if chosen != last:
        for file in (state_dir / "state").glob("*.json"):
            file.write_bytes(file.read_bytes().replace(f"localhost:{last}/".encode(), f"localhost:{chosen}/".encode()))
    return chosen


def last_port(state_dir: Path) -> int:
    try:
        return int((state_dir / "port").read_text())
    except (FileNotFoundError, ValueError):
        return 0
