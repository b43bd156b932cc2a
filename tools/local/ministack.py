"""MiniStack, the AWS of this machine, as a child process."""

import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tools.paths import ROOT

PYTHON = ROOT / ".tools/ministack/bin/python"
PROGRAM = Path(__file__).with_name("ministack_process.py")
REGION = "eu-central-1"
# An access key that is the account's number is its root's.
ACCOUNT, SECRET = "000000000000", "test"
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1
START_SECONDS, STOP_SECONDS = 30, 20


class StackError(Exception):
    """Something the person at the terminal should read instead of a traceback."""


@dataclass(frozen=True)
class MiniStack:
    """One that runs, and answers here."""

    process: "subprocess.Popen[bytes]"
    endpoint: str
    log: Path

    def watch(self, seconds: float | None = None) -> None:
        """Wait for so long, or for ever. Raises StackError if it ends meanwhile: nobody asked it to."""
        with suppress(subprocess.TimeoutExpired):
            code = self.process.wait(seconds)
            raise StackError(f"MiniStack has ended by itself ({code}), and what was not saved is lost; see {self.log}")


@contextmanager
def ministack(services: str, *, port: int = 0, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run MiniStack with these services (comma-separated) and give its endpoint URL; all it has is forgotten."""
    with running_ministack(services, port=port, environment=environment) as running:
        yield running.endpoint


@contextmanager
def running_ministack(
    services: str,
    *,
    state_dir: Path | None = None,
    port: int = 0,
    environment: Mapping[str, str] | None = None,
) -> Iterator[MiniStack]:
    """As `ministack`. With a `state_dir` its state is loaded from there, and saved every minute and on leaving."""
    if not PYTHON.exists():
        raise StackError(f"MiniStack is not installed: make {PYTHON.parent.parent.relative_to(ROOT)}/.synced")
    with tempfile.TemporaryDirectory(prefix="licensing-") as scratch:
        home = state_dir or Path(scratch)
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        running = start(home, services, port, environment or {}, persist=state_dir is not None)
        try:
            yield running
        finally:
            stop(running.process)


def start(home: Path, services: str, port: int, environment: Mapping[str, str], *, persist: bool) -> MiniStack:
    """Start on this port, or on a free one: another process may take it first, so look who answers."""
    for _ in range(1 if port else 5):
        chosen = port or free_port()
        mark = secrets.token_hex(8)
        child_environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            # Workers unpack each function with its layers here.
            "TMPDIR": str(home / "tmp"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(chosen),
            "SERVICES": services,
            "MINISTACK_REGION": REGION,
            "MINISTACK_EDITION": mark,
            "PERSIST_STATE": str(int(persist)),
            "STATE_DIR": str(home / "state"),
            "S3_PERSIST": str(int(persist)),  # objects have a place and a switch of their own
            "S3_DATA_DIR": str(home / "state/s3"),
            "IOT_MTLS_ENABLED": "0",  # else it listens on all interfaces, whatever SERVICES says
            "SFTP_ENABLED": "0",
            "SAVE_SECONDS": os.environ.get("SAVE_SECONDS", "60"),
            "LOG_LEVEL": "INFO",
            "LAMBDA_WARM_TTL_SECONDS": "30",  # how long a function keeps more than one worker
            "PYTHONUNBUFFERED": "1",
            "MALLOC_ARENA_MAX": "2",  # else its many threads keep tens of MB each has used once
            # The functions run as children of MiniStack with its environment: as on Lambda, they find their
            # bytecode ready and write none.
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }
        with (home / "ministack.log").open("ab") as log:
            process = subprocess.Popen(
                [PYTHON, "-P", PROGRAM],  # -P: our modules beside it are none of its business
                cwd=home,
                env=child_environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we stop it in order, so that it saves its state
                preexec_fn=end_with_us,
            )
        endpoint = f"http://127.0.0.1:{chosen}"
        try:
            if answers(endpoint, mark, process):
                return MiniStack(process, endpoint, home / "ministack.log")
        except BaseException:
            stop(process)
            raise
        stop(process)
    raise StackError(f"MiniStack did not start on port {port or 'any'}; see {home / 'ministack.log'}")


def end_with_us() -> None:
    """On Linux: if we are killed so hard that we can't stop it, the kernel does."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def answers(endpoint: str, mark: str, process: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2) as answer:
                return bool(json.load(answer).get("edition") == mark)
        except urllib.error.HTTPError:
            return False
        except (OSError, ValueError):
            time.sleep(0.05)
    return False


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to save and leave; then make sure that nothing of its session (its workers) is left."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False
