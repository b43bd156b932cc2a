"""What stays running under the stack: MiniStack and the mailbox. (Only light imports here: `make run` keeps them.)"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.mailbox import open_mailbox
from local.ministack import is_free, ministack

SERVICES = "apigateway,cloudformation,cognito-idp,dynamodb,events,iam,kms,lambda,logs,monitoring,s3,ses,sns,sqs,sts"
Say = Callable[[str], object]


def silent(_: str) -> None:
    """Says nothing."""


@contextmanager
def local_cloud(state_dir: Path, port: int = 0, *, enforce_policies: bool = False, say: Say = silent) -> Iterator[str]:
    """An empty cloud, or the one that was left in this folder: its endpoint URL."""
    state_dir.mkdir(parents=True, exist_ok=True)
    with emptied(state_dir / "tmp"), open_mailbox(state_dir / "mail") as smtp:
        say("starting MiniStack, the AWS of this machine …")
        environment = {"SMTP_HOST": smtp, "AUTH": str(enforce_policies).lower()}
        chosen = port or last_port(state_dir)
        with ministack(SERVICES, state_dir=state_dir, port=chosen, environment=environment) as endpoint:
            (state_dir / "port").write_text(endpoint.rsplit(":", 1)[1])
            try:
                yield endpoint
            finally:
                (state_dir / "stack.json").unlink(missing_ok=True)


@contextmanager
def emptied(folder: Path) -> Iterator[None]:
    """Without what workers unpack there: neither left by a kill, nor left behind."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def last_port(state_dir: Path) -> int:
    """The port of the last start, if it is free: addresses that somebody noted stay right."""
    try:
        port = int((state_dir / "port").read_text())
    except (FileNotFoundError, ValueError):
        return 0
    return port if is_free(port) else 0
