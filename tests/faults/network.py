"""A bad network in front of AWS: microburst answers as AWS would when it can't, or cuts the connection."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from tools.local.client import OPENER
from tools.local.ministack import free_port

Rule = dict[str, Any]

SEEDED = "import random, sys; random.seed(int(sys.argv.pop(1))); from microburst.cli import main; sys.exit(main())"
# Two transactions met on an item: nothing was written.
CONFLICT: Rule = {
    "service": "dynamodb",
    "operation": "TransactWriteItems",
    "error": {
        "code": "TransactionCanceledException",
        "status": 400,
        "message": "Transaction cancelled [TransactionConflict]",
        "fields": {"CancellationReasons": [{"Code": "TransactionConflict", "Message": "Transaction is ongoing"}]},
    },
}


def lost_reply(service: str, operation: str, probability: float) -> Rule:
    """Forwarded, and then the answer is cut off: it was done, and nobody heard of it."""
    what = {"service": service, "operation": operation, "probability": probability}
    return what | {"response": {"abort_frac": 0.0}}


@dataclass(frozen=True)
class Fired:
    """One fault that was injected."""

    service: str
    operation: str
    kind: str


@dataclass(frozen=True)
class Network:
    url: str

    def follow(self, rules: list[Rule]) -> None:
        self._ask("POST", "rules", json.dumps(rules).encode())

    def faults(self) -> list[Fired]:
        events = json.loads(self._ask("GET", "fired?limit=100000"))
        return [Fired(each["service"], each["operation"], each["action"].partition(":")[0]) for each in events]

    def _ask(self, method: str, what: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.url}/_microburst/{what}", body, method=method)
        with OPENER.open(request, timeout=5) as answer:
            return cast(bytes, answer.read())


@contextmanager
def network_to(endpoint: str, seed: int) -> Iterator[Network]:
    """A network that is good until it is told rules; the same seed, rules and calls make the same faults."""
    port = free_port()
    command = [sys.executable, "-c", SEEDED, str(seed), "--upstream", endpoint, "--port", str(port)]
    process = subprocess.Popen([*command, "--no-resign"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    network = Network(f"http://127.0.0.1:{port}")
    try:
        wait_for(network)
        yield network
    finally:
        process.terminate()
        process.wait()


def wait_for(network: Network) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            network.follow([])
            return
        except OSError:
            assert time.monotonic() < deadline, "microburst does not answer"
            time.sleep(0.1)
