"""`make mutants`: changes the code that everything hangs on, one place at a time, and sees whether a test notices.

Of the mutants of each file that change anything at least 97 % must be killed. Those that change nothing anybody could
see are listed with their reasons in `targets.toml`, by what their line says; others that live are printed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tools.mutants.trial import HEAVY, tried
from tools.paths import ROOT

HERE = Path(__file__).parent
MAKER = ROOT / ".tools/mutants/bin/python"
WANTED = 0.97
# Times what the tests take on the code as it is, on a machine that may be busy with other things.
PATIENCE = 10


@dataclass(frozen=True)
class Mutant:
    """`line` of a file, the one with this `number`, `becomes` another."""

    file: str
    number: int
    line: str
    becomes: str
    code: str

    @property
    def name(self) -> tuple[str, str]:
        return self.line, self.becomes


@dataclass(frozen=True)
class Target:
    """A module, the tests that should see its mutants, and why some of these can't be seen."""

    file: str
    tests: Sequence[str]
    equal: dict[tuple[str, str], str]

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Target":
        equal = {(each["line"], each["becomes"]): each["why"] for each in told.get("equal", ())}
        return cls(told["file"], told["tests"], equal)


def targets(named: Sequence[str]) -> list[Target]:
    known = map(Target.of, tomllib.loads((HERE / "targets.toml").read_text())["target"])
    return [each for each in known if not named or any(name in each.file for name in named)]


def mutants(file: str) -> list[Mutant]:
    made = subprocess.run([MAKER, HERE / "made.py", file], cwd=ROOT, check=True, capture_output=True, text=True)
    return [Mutant(**each) for each in json.loads(made.stdout)]


def patience(target: Target) -> int:
    """Seconds after which a mutant is taken for one that never ends."""
    begun, code = time.monotonic(), (ROOT / target.file).read_text()
    if tried(target.file, code, target.tests, 600) == "killed":
        sys.exit(f"{target.file} fails its own tests: {' '.join(target.tests)}")
    return 10 + PATIENCE * int(time.monotonic() - begun)


def survivors(target: Target) -> tuple[int, list[Mutant]]:
    """How many mutants there are, and those that no test killed."""
    every, seconds = mutants(target.file), patience(target)
    with get_context("fork").Pool(os.cpu_count()) as pool:
        outcomes = pool.starmap(tried, ((each.file, each.code, target.tests, seconds) for each in every), chunksize=1)
    return len(every), [each for each, outcome in zip(every, outcomes, strict=True) if outcome == "survived"]


def report(target: Target) -> bool:
    """Whether enough were killed, and the list of equal ones is true."""
    count, living = survivors(target)
    unseen = [each for each in living if each.name not in target.equal]
    equal = len(living) - len(unseen)
    killed = count - len(living)
    print(
        f"{target.file}: {killed} of {count - equal} killed ({killed / (count - equal):.1%}), {equal} equal", flush=True
    )
    for each in unseen:
        print(f"  line {each.number}: {each.line}\n    lives as: {each.becomes}")
    stale = target.equal.keys() - {each.name for each in living}
    for line, becomes in sorted(stale):
        print(f"  listed as equal, but killed or gone: {line}\n    as: {becomes}")
    return killed >= WANTED * (count - equal) and not stale


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="parts of the names of files; all, if there are none")
    for name in HEAVY:
        import_module(name)
    passed = [report(target) for target in targets(parser.parse_args(arguments).files)]
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
