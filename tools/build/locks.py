"""Compile the hash-locked requirements from pyproject.toml, or check that they are up to date.

`uv pip compile` keeps the versions a lock already names, so that both only follow pyproject.toml;
`--upgrade` takes newer ones. The locks record hashes but no download address: any index will do.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import NamedTuple

from tools.paths import ROOT, UV

UNREACHABLE = ("error sending request", "Network", "offline")
TESTED = "tools/requirements/dev.txt"


class Lock(NamedTuple):
    path: str
    extras: tuple[str, ...] = ()
    project: bool = False  # with the project's own dependencies, or the extras alone
    follows_dev: bool = False  # what is shipped is what was tested


LOCKS = (
    Lock(TESTED, ("printing", "signing", "dev"), project=True),
    Lock("layers/dependencies/requirements.txt", project=True, follows_dev=True),
    Lock("layers/printing/requirements.txt", ("printing",), follows_dev=True),
    Lock("layers/signing/requirements.txt", ("signing",), follows_dev=True),
    Lock("tools/requirements/uv.txt", ("uv",)),
    Lock("tools/requirements/checkov.txt", ("checkov",)),
    Lock("tools/requirements/ministack.txt", ("ministack",)),
    Lock("tools/requirements/mutants.txt", ("mutants",)),
    Lock("tools/requirements/node.txt", ("node",)),
    Lock("tools/requirements/sam.txt", ("sam",)),
)


def compile_lock(lock: Lock, target: Path, upgrade: bool) -> None:
    command = [str(UV), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header"]
    command += ["--python-version", "3.11", "--output-file", str(target)]
    command += ["--upgrade"] if upgrade and not lock.follows_dev else []
    command += ["--constraints", TESTED] if lock.follows_dev else []
    if lock.project:
        command += [str(ROOT / "pyproject.toml"), *(f"--extra={extra}" for extra in lock.extras)]
        given = None
    else:
        # From the extras alone; uv reads the overrides of pyproject.toml from the folder here too.
        given = "\n".join(requirement for extra in lock.extras for requirement in extra_requirements(extra))
        command += ["-"]
    subprocess.run(command, cwd=ROOT, check=True, input=given, text=True, capture_output=True)


def extra_requirements(extra: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    requirements: list[str] = project["optional-dependencies"][extra]
    return requirements


def stale_locks() -> list[str]:
    stale = []
    with tempfile.TemporaryDirectory() as folder:
        for lock in LOCKS:
            target = Path(folder, "lock.txt")
            if (ROOT / lock.path).exists():
                shutil.copy(ROOT / lock.path, target)
            compile_lock(lock, target, upgrade=False)
            if pins(target) != pins(ROOT / lock.path):
                stale.append(lock.path)
    return stale


def pins(lock: Path) -> list[str]:
    """What is asked for; not the hashes, which grow when a wheel is added to an old release."""
    return [line.rstrip(" \\") for line in lock.read_text().splitlines() if line[:1] not in " #"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if a lock is out of date")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    options = parser.parse_args()
    try:
        if not options.check:
            for lock in LOCKS:
                compile_lock(lock, ROOT / lock.path, options.upgrade)
        elif stale := stale_locks():
            sys.exit(f"out of date, run `make lock`: {', '.join(stale)}")
    except subprocess.CalledProcessError as error:
        # Without a package index nothing can be compared; a changed pyproject.toml is then caught by CI.
        if options.check and any(sign in error.stderr for sign in UNREACHABLE):
            print("locks not compared: the package index can't be reached")
            return
        sys.exit(error.stderr)


if __name__ == "__main__":
    main()
