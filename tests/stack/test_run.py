"""`make run`, as a person at a terminal has it: brought up, stopped, and brought up again."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.stack.orders import eventually
from tools.local.client import Client
from tools.local.mailbox import mails
from tools.paths import ROOT

pytestmark = pytest.mark.stack

GRANTS = {
    "operator": [{"role": "operator"}],
    "partner": [{"role": "partner", "partner_id": "acme"}],
    "org_admin": [{"role": "org_admin", "org_id": "org-north"}, {"role": "org_admin", "org_id": "org-south"}],
    "org_viewer": [{"role": "org_viewer", "org_id": "org-north"}],
    "msp_admin": [{"role": "msp_admin", "msp_id": "msp-blue"}],
}


def command(state: Path) -> list[str]:
    return [sys.executable, "-m", "tools.local", "--state", str(state)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/shared/python'}"}


@contextmanager
def run(state: Path, stop: signal.Signals) -> Iterator[tuple[dict[str, Any], str]]:
    """`make run` with its state elsewhere: what stack.json says and what was printed."""
    process = subprocess.Popen(
        command(state),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    printed = []
    try:
        for line in process.stdout:
            printed.append(line)
            if "/claims" in line:  # the last of the welcome
                break
        else:
            pytest.fail("".join(printed))
        yield json.loads((state / "stack.json").read_text()), "".join(printed)
    finally:
        process.send_signal(stop)
        assert process.wait(60) == 0
    assert not (state / "stack.json").exists()
    assert remaining(state) == []


def remaining(state: Path) -> list[str]:
    """Processes that work in the stack's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "cwd").readlink()).startswith(str(state)):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_the_stack_comes_up_goes_away_and_comes_back(tmp_path: Path) -> None:
    with run(tmp_path, signal.SIGINT) as (stack, printed):
        for role, grants in GRANTS.items():
            assert Client(stack["api_url"], stack["tokens"][role]).must("GET", "/me")["grants"] == grants
        assert stack["api_url"].startswith("http://127.0.0.1:")
        assert stack["portal_url"].startswith("http://127.0.0.1:")
        (order,) = Client(stack["api_url"], stack["tokens"]["partner"]).must("GET", "/orders")["items"]
        assert order["status"] == "fulfilled"
        sent = [mail for mail in mails(Path(stack["mail_dir"])) if mail["To"] in order["delivery_emails"]]
        assert len(sent) == len(order["delivery_emails"])
        assert len(list((tmp_path / "documents").glob("*.pdf"))) == len(order["lines"])
        assert "the key of a PDF" not in printed
        twice = subprocess.run(command(tmp_path), cwd=ROOT, env=environment(), capture_output=True, text=True)
        assert twice.returncode == 1
        assert "is running in" in twice.stderr
    with run(tmp_path, signal.SIGTERM) as (again, printed):
        assert again["api_url"] == stack["api_url"]
        assert "placed" not in printed
        assert Client(again["api_url"], again["tokens"]["partner"]).must("GET", "/orders")["items"] == [order]
    # Elsewhere, should the port be taken: queues have their port in their names, and must still be worked off.
    port = int(stack["aws_endpoint_url"].rsplit(":", 1)[1])
    with socket.create_server(("127.0.0.1", port)), run(tmp_path, signal.SIGTERM) as (elsewhere, _):
        assert elsewhere["aws_endpoint_url"] != stack["aws_endpoint_url"]
        operator = Client(elsewhere["api_url"], elsewhere["tokens"]["operator"])
        sample = json.loads((ROOT / "events/purchase_order.json").read_text()) | {"po_number": "elsewhere"}
        order_id = operator.must("POST", "/orders", sample)["order_id"]
        operator.must("POST", f"/orders/{order_id}/completion", {})
        eventually(lambda: operator.must("GET", f"/orders/{order_id}"), lambda now: now["status"] == "fulfilled")


def test_an_interrupt_sent_to_make_alone_reaches_what_it_runs(tmp_path: Path) -> None:
    program = (
        "import signal, time; from tools.local.with_make import pass_on_interrupts; pass_on_interrupts();"
        "print('up', flush=True); time.sleep(30)"
    )
    makefile = tmp_path / "Makefile"
    makefile.write_text(f'run:\n\t@exec {sys.executable} -c "{program}"\n')
    with subprocess.Popen(
        ["make", "--no-print-directory", "-f", str(makefile), "run"],  # this test runs below a make itself
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test runner may ignore it
    ) as make:
        assert make.stdout
        assert make.stdout.readline() == b"up\n"
        make.send_signal(signal.SIGINT)
        assert make.wait(10) != 0
