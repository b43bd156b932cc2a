"""What a function does before a snapshot of it is taken, and after it was restored (SnapStart)."""

import os
import subprocess
import sys

import pytest

from tools.paths import ROOT

FUNCTIONS = sorted(path.parent for path in (ROOT / "functions").glob("*/app.py") if path.parent.name != "portal")
# Lambda's module, as it is documented, and the runtime that calls it.
RUNTIME = """
import random, sys, types
before, after = [], []
hooks = types.ModuleType("snapshot_restore_py")
hooks.register_before_snapshot, hooks.register_after_restore = before.append, after.append
sys.modules["snapshot_restore_py"] = hooks
import app
for hook in before: hook()
loaded, state = "pynamodb" in sys.modules, random.getstate()
for hook in after: hook()
print(len(before), len(after), loaded, random.getstate() != state)
"""


def run(function: str, kind: str) -> str:
    path = os.pathsep.join([function, str(ROOT / "layers/shared/python")])
    environment = {"PYTHONPATH": path, "AWS_LAMBDA_INITIALIZATION_TYPE": kind, "TABLE_NAME": "t"}
    environment |= {"AWS_DEFAULT_REGION": "eu-central-1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", RUNTIME], env=environment, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda path: path.name)
def test_a_snapshot_holds_what_the_table_needs_and_its_chance_is_new_after_it(function: object) -> None:
    assert run(str(function), "snap-start") == "1 1 True True"


def test_without_snapshots_nothing_is_loaded_before_it_is_needed() -> None:
    assert run(str(FUNCTIONS[0]), "on-demand") == "0 0 False False"
