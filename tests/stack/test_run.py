"""`make run`, as a person at a terminal has it: brought up, stopped, and brought up again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.stack.orders import eventually
from tools.local.client import OPENER, Client
from tools.local.mailbox import mails
from tools.paths import ROOT

pytestmark = pytest.mark.stack

GRANTS = {
    "operator": [{"role": "operator"}],
    "partner": [{"role": "partner", "partner_id": "acme"}],
    "org_admin": [{"role": "org_admin", "org_id": f"org-{name}"} for name in ("north", "south", "harbor")],
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
    with started(state) as process:
        assert process.stdout
        printed = []
        for line in process.stdout:
            printed.append(line)
            if "/claims" in line:  # the last of the welcome
                break
        else:
            pytest.fail("".join(printed))
        try:
            yield json.loads((state / "stack.json").read_text()), "".join(printed)
        finally:
            process.send_signal(stop)
            assert process.wait(60) == 0
    assert not (state / "stack.json").exists()
    assert remaining(state) == []


@contextmanager
def started(state: Path, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """`make run` with its state elsewhere, as soon as it is begun; ended in order, unless it has ended."""
    process = subprocess.Popen(
        command(state),
        cwd=ROOT,
        env=environment() | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def stack_json(state: Path, process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What a program finds that waits for the file, at the first moment it is there."""
    while not (state / "stack.json").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    told: dict[str, Any] = json.loads((state / "stack.json").read_text())
    return told


def sample(po_number: str) -> dict[str, Any]:
    order: dict[str, Any] = json.loads((ROOT / "events/purchase_order.json").read_text())
    return order | {"po_number": po_number}


def cmdline(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def remaining(state: Path) -> list[int]:
    """Processes that work in the stack's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str((process / "cwd").readlink()).startswith(str(state)):
                found.append(int(process.name))
    return found


def document(stack: dict[str, Any], order: dict[str, Any]) -> bytes:
    """The PDF of the order's first line, through the link that the API gives to it."""
    request = urllib.request.Request(f"{stack['api_url']}/orders/{order['order_id']}/lines/1/document")
    request.add_header("Authorization", f"Bearer {stack['tokens']['partner']}")
    with OPENER.open(request) as answer:
        content: bytes = answer.read()
    return content


def lived(stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The devices of org-harbor by serial, as the organization's admin has them; and as its MSP's, the same."""
    path = "/orgs/org-harbor/devices?limit=1000"
    seen = [Client(stack["api_url"], stack["tokens"][role]).must("GET", path) for role in ("org_admin", "msp_admin")]
    assert seen[0] == seen[1]
    return {device["serial"]: device for device in seen[0]["items"]}


def has_lived(stack: dict[str, Any]) -> None:
    """org-harbor holds what the portal, a forecast or a renewal can show something of; the other two are empty."""
    devices = lived(stack).values()
    states = Counter(device["license_state"] for device in devices)
    assert 30 <= len(devices) <= 60
    assert {device["category"] for device in devices} > {"ap", "switch", "gateway", "pdu", "camera"}
    assert min(states["active"], states["expired"]) > 1
    assert [device for device in devices if device["expires_at"] is None], "some were never covered"
    assert {device["managed"] for device in devices} == {True, False}
    assert any(device["vpn_seats"] == 2 + 20 for device in devices), "a gateway has SecuPoint"
    admin = Client(stack["api_url"], stack["tokens"]["org_admin"])
    overview = admin.must("GET", "/orgs/org-harbor/licenses/overview")
    for what in ("unmanaged_devices", "burning_unassociated", "expired_devices", "expiring_devices_30d", "ai_tokens"):
        assert overview[what] > 0, what
    assert overview["next_forced_activation"]["count"] > 0
    free = {each["license_model"]: each["unassociated"] for each in overview["by_model"]}
    assert free["CO-TERM-LIC"] > 0
    assert free["AI-UNL-1YR-LIC"] == 0, "a camera has it"
    orgs = Client(stack["api_url"], stack["tokens"]["msp_admin"]).must("GET", "/orgs")["items"]
    assert {"org-harbor", "org-north"} == {org["org_id"] for org in orgs if org["msp_id"] == "msp-blue"}
    for empty in ("org-north", "org-south"):
        for what in ("devices", "licenses"):
            assert admin.must("GET", f"/orgs/{empty}/{what}")["items"] == []


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
        assert stack["documents_bucket"].startswith("licensing-")
        assert stack["environment"]["AWS_DEFAULT_REGION"] == stack["region"]
        has_lived(stack)
        harbor = lived(stack)
        pdf = document(stack, order)
        assert pdf.startswith(b"%PDF")
        readable = [path for path in (tmp_path, *tmp_path.rglob("*")) if path.stat().st_mode & 0o077]
        assert readable == [], "keys and tokens are nobody else's"
        twice = subprocess.run(command(tmp_path), cwd=ROOT, env=environment(), capture_output=True, text=True)
        assert twice.returncode == 1
        assert "is running in" in twice.stderr
    with run(tmp_path, signal.SIGTERM) as (again, printed):
        assert again["api_url"] == stack["api_url"]
        assert "placed" not in printed
        assert Client(again["api_url"], again["tokens"]["partner"]).must("GET", "/orders")["items"] == [order]
        assert document(again, order) == pdf
        assert lived(again).keys() == harbor.keys()
    # Elsewhere, should the port be taken: queues have their port in their names, and must still be worked off.
    port = int(stack["aws_endpoint_url"].rsplit(":", 1)[1])
    with socket.create_server(("127.0.0.1", port)), run(tmp_path, signal.SIGTERM) as (elsewhere, _):
        assert elsewhere["aws_endpoint_url"] != stack["aws_endpoint_url"]
        operator = Client(elsewhere["api_url"], elsewhere["tokens"]["operator"])
        order_id = operator.must("POST", "/orders", sample("elsewhere"))["order_id"]
        operator.must("POST", f"/orders/{order_id}/completion", {})
        eventually(lambda: operator.must("GET", f"/orders/{order_id}"), lambda now: now["status"] == "fulfilled")


def test_what_was_done_outlives_a_crash_of_the_cloud(tmp_path: Path) -> None:
    with started(tmp_path, SAVE_SECONDS="0.5") as process:
        stack = stack_json(tmp_path, process)
        partner = Client(stack["api_url"], stack["tokens"]["partner"])
        placed = partner.must("POST", "/orders", sample("before the crash"))
        saved = tmp_path / "state/dynamodb.json"
        before = saved.stat().st_mtime_ns
        eventually(lambda: saved.stat().st_mtime_ns, lambda now: now > before)
        cloud = next(pid for pid in remaining(tmp_path) if b"ministack_process" in cmdline(pid))
        os.kill(cloud, signal.SIGKILL)
        assert process.wait(20) == 1
        assert process.stdout
        assert "MiniStack has ended by itself" in process.stdout.read()
    assert not (tmp_path / "stack.json").exists()
    assert remaining(tmp_path) == []
    with run(tmp_path, signal.SIGTERM) as (again, _):
        found = Client(again["api_url"], again["tokens"]["partner"]).must("GET", f"/orders/{placed['order_id']}")
        assert found["po_number"] == "before the crash"


# How many calls over how many starts; START_CALLS=2000 STARTS=5 is the trial that was made by hand.
STARTS, START_CALLS = int(os.environ.get("STARTS", "2")), int(os.environ.get("START_CALLS", "200"))
CALLS = (
    ("operator", "/me"),
    ("operator", "/orders"),
    ("partner", "/license-models"),
    ("org_admin", "/orgs/org-north/licenses"),
    ("org_admin", "/orgs/org-north/devices"),
    ("org_admin", "/orgs/org-north/ledger"),
    ("org_viewer", "/orgs/org-north/licenses/overview"),
    ("msp_admin", "/msps/msp-blue"),
    ("partner", "/portal"),
)


def test_every_call_is_answered_from_stack_json_on(tmp_path: Path) -> None:
    refused: list[tuple[int, Any]] = []
    for start in range(STARTS):
        state = tmp_path / str(start - start % 2)  # fresh, and again, in turns
        with started(state) as process:
            stack = stack_json(state, process)

            def call(number: int, stack: dict[str, Any] = stack) -> None:
                role, path = CALLS[number % len(CALLS)]
                answer = Client(stack["api_url"], stack["tokens"][role]).call("GET", path)
                if answer.status >= 400:
                    refused.append((answer.status, answer.body))

            with ThreadPoolExecutor(8) as pool:
                list(pool.map(call, range(START_CALLS // STARTS)))
    assert refused == []


@pytest.mark.parametrize("port", ["80000", "-1", "abc"])
def test_a_port_that_is_none_is_told_in_a_sentence(tmp_path: Path, port: str) -> None:
    told = subprocess.run(
        [*command(tmp_path), "--port", port], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "is no port" in told.stderr
    assert "Traceback" not in told.stderr


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
