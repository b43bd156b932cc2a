"""Fault drills: whatever fails at whatever step, what was promised holds afterwards.

`DRILLS` is how many seeds are run (`make nightly`: 10,000), `DRILL_SEED` where they begin; to repeat one run:
`DRILLS=1 DRILL_SEED=1234 pytest tests/unit/drills`.
"""

import os

import pytest

from licensing.use_cases.core import command
from tests.faults.drill import Drill

FIRST, RUNS = int(os.environ.get("DRILL_SEED", "0")), int(os.environ.get("DRILLS", "500"))
COMMANDS = 30
PARTS = min(RUNS, 20)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_wait_a_moment", lambda _: None)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_holds_after_a_storm(part: int) -> None:
    for seed in range(FIRST + part, FIRST + RUNS, PARTS):
        drill = Drill(seed)
        drill.run(COMMANDS)
        assert not drill.broken_promises(), f"seed {seed}"
        commits, sent = drill.world.store.commits, len(drill.world.outbox.sent)
        for before, now in drill.answers_again():
            assert before == now, f"seed {seed}"
        assert (drill.world.store.commits, len(drill.world.outbox.sent)) == (commits, sent), f"seed {seed}"
