"""One drill more, with the real store and a bad network between it and DynamoDB: microburst in front of MiniStack.

The SDK gets what AWS would send: throttling, conflicts, 500s, connections reset before and after the work was done.
"""

from typing import Any, cast

import pytest
from pynamodb.exceptions import PynamoDBException

from licensing.adapters.dynamodb.store import DynamoStore
from licensing.use_cases.core import command
from licensing.use_cases.reconciliation.reconcile import reconcile
from tests.faults.drill import Drill, Plain
from tests.faults.network import CONFLICT, Network, lost_reply, network_to
from tests.worlds.fakes import MemoryStore
from tests.worlds.ordering import World
from tools.local.ministack import ministack

pytestmark = [pytest.mark.ministack, pytest.mark.slow]

SEEDS = (1, 2)
RULES = [
    {"service": "dynamodb", "probability": 0.06, "error": {"code": "ProvisionedThroughputExceededException"}},
    {"service": "dynamodb", "probability": 0.04, "error": {"code": "InternalServerError", "status": 500}},
    {"service": "dynamodb", "probability": 0.04, "reset": True},
    CONFLICT | {"probability": 0.1},
    lost_reply("dynamodb", "TransactWriteItems", 0.15),
]


class Distant(Drill):
    """A drill whose table lies beyond the network; looking at the outcome goes around it."""

    network: Network
    there: DynamoStore

    def of(self, kind: type[Any]) -> list[Any]:
        return [each.record for each in self.there.scan(10_000).items if isinstance(each.record, kind)]

    def findings(self) -> list[Any]:
        return reconcile(self.there, self.world.now)

    def settle(self) -> None:
        self.network.follow([])
        super().settle()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_holds_on_a_bad_network(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_wait_a_moment", lambda _: None)
    with ministack("dynamodb") as endpoint, network_to(endpoint, seed) as network:
        there = DynamoStore(f"drill-{seed}", endpoint)
        there.rows.create_table(wait=True)
        store = cast(MemoryStore, DynamoStore(f"drill-{seed}", network.url))
        drill = Distant(seed, World(store=store, compose=Plain), failures=(PynamoDBException,))
        drill.network, drill.there = network, there
        drill.weather.clears()
        network.follow(RULES)
        drill.run(25)
        assert {fired.kind for fired in network.faults()} >= {"error", "reset"}
        assert not drill.broken_promises()
        assert all(before == now for before, now in drill.answers_again())
