"""One drill more, with the real store and a bad network between it and DynamoDB: microburst in front of MiniStack.

The SDK gets what AWS would send: throttling, conflicts, 500s, connections reset before and after the work was done.
"""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from pynamodb.exceptions import PynamoDBException

from licensing.adapters.dynamodb.store import DynamoStore
from licensing.use_cases import path
from licensing.use_cases.reconcile import reconcile
from local.client import OPENER
from local.ministack import free_port, ministack
from tests.drill import Drill, plain
from tests.fakes import MemoryStore
from tests.ordering_world import World

pytestmark = [pytest.mark.ministack, pytest.mark.slow]

SEEDS = (1, 2)
RULES = [
    {"service": "dynamodb", "probability": 0.06, "error": {"code": "ProvisionedThroughputExceededException"}},
    {"service": "dynamodb", "probability": 0.04, "error": {"code": "InternalServerError", "status": 500}},
    {"service": "dynamodb", "probability": 0.04, "reset": True},
    # Forwarded, and then the answer is cut off: it was done, and nobody heard of it.
    {"service": "dynamodb", "operation": "TransactWriteItems", "probability": 0.15, "response": {"abort_frac": 0.0}},
]


@dataclass(frozen=True)
class Network:
    url: str

    def follow(self, rules: list[dict[str, Any]]) -> None:
        self._ask("POST", "rules", json.dumps(rules).encode())

    def faults(self) -> set[str]:
        """The kinds that were injected."""
        return {event["action"].partition(":")[0] for event in json.loads(self._ask("GET", "fired"))}

    def _ask(self, method: str, what: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.url}/_microburst/{what}", body, method=method)
        with OPENER.open(request, timeout=5) as answer:
            return cast(bytes, answer.read())


@contextmanager
def network_to(endpoint: str) -> Iterator[Network]:
    port = free_port()
    command = [sys.executable, "-m", "microburst", "--upstream", endpoint, "--port", str(port), "--host", "127.0.0.1"]
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


class Distant(Drill):
    """A drill whose table lies beyond the network; looking at the outcome goes around it."""

    network: Network
    there: DynamoStore

    def of(self, kind: type[Any]) -> list[Any]:
        return [record for record in self.there.scan(10_000).items if isinstance(record, kind)]

    def findings(self) -> list[Any]:
        return reconcile(self.there, self.world.now)

    def settle(self) -> None:
        self.network.follow([])
        super().settle()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_holds_on_a_bad_network(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path, "_wait_a_moment", lambda _: None)
    with ministack("dynamodb") as endpoint, network_to(endpoint) as network:
        there = DynamoStore(f"drill-{seed}", endpoint)
        there.rows.create_table(wait=True)
        store = cast(MemoryStore, DynamoStore(f"drill-{seed}", network.url))
        drill = Distant(seed, World(store=store, compose=plain), failures=(PynamoDBException,))
        drill.network, drill.there = network, there
        drill.weather.clears()
        network.follow(RULES)
        drill.run(25)
        assert network.faults() >= {"error", "reset"}
        assert not drill.broken_promises()
        assert all(before == now for before, now in drill.answers_again())
