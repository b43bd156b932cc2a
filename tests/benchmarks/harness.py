"""What every benchmark needs: the code as shipped, fresh processes taking turns, and a line for each number."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.build.fast_start import bundle, compile_bytecode, slim_botocore
from tools.local.ministack import PYTHON
from tools.local.packages import FUNCTION, LAYER, SOURCE_OF, install
from tools.paths import ROOT
from tools.template import load, of_type

LAYERS = ("SharedLayer", "DependenciesLayer")
AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class Shipped:
    """The functions and layers of template.yaml, installed and compiled as `make build` ships them."""

    folder: Path
    names: tuple[str, ...]

    @classmethod
    def into(cls, folder: Path) -> "Shipped":
        sources = of_type(load(), FUNCTION, LAYER)
        for name, resource in sources.items():
            _lay_out(ROOT / resource["Properties"][SOURCE_OF[resource["Type"]]], folder / name)
        # Whole but for the other services' data, so that what our build leaves out or bundles shows as ours.
        for name in ("boto3", "s3transfer", "botocore"):
            _copy(Path(sysconfig.get_path("purelib")) / name, folder / "bare" / name)
        slim_botocore(folder / "bare")
        compile_bytecode(folder, str(PYTHON))
        bundle([folder / name for name in sources if (folder / name / "python").is_dir()], str(PYTHON))
        return cls(folder, tuple(sources))

    def python_path(self, function: str) -> str:
        """Where a function finds its modules: its own folder, then its layers."""
        own = load()["Resources"][function]["Properties"].get("Layers", ())
        layers = [*LAYERS, *(layer["Ref"] for layer in own)]
        return os.pathsep.join([str(self.folder / function), *(str(self.folder / name / "python") for name in layers)])

    @property
    def bare_path(self) -> str:
        """boto3 and botocore, with what it needs out of the layer, and nothing of ours."""
        return os.pathsep.join([str(self.folder / "bare"), str(self.folder / "DependenciesLayer/python")])

    def sizes(self) -> list[tuple[str, str]]:
        return [(name, _size(self.folder / name)) for name in self.names]


def _lay_out(source: Path, target: Path) -> None:
    if (source / "requirements.txt").exists():
        install(source / "requirements.txt", target / "python")
    else:
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "examples"))


def _size(folder: Path) -> str:
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    zipped = sum(len(zlib.compress(content)) for content in files)
    return f"{zipped / 1e6:.2f} MB zipped, {sum(map(len, files)) / 1e6:.1f} MB"


def functions() -> list[str]:
    return list(of_type(load(), FUNCTION))


def fresh(script: str, python_path: str, environment: Mapping[str, str]) -> float:
    """The milliseconds of CPU a script takes in a process of its own, the interpreter's start left out: unlike the
    time on the wall, what else the machine does stretches it little."""
    timed = f"import time; t = time.process_time()\n{script}\nprint((time.process_time() - t) * 1000)"
    return float(fresh_output(timed, python_path, environment).split()[-1])


def fresh_output(script: str, python_path: str, environment: Mapping[str, str]) -> str:
    """What a script says in a process of its own."""
    done = subprocess.run(
        [PYTHON, "-S", "-c", script],
        env={**AWS, **environment, "PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def in_turns(scripts: Mapping[str, tuple[str, str]], environment: Mapping[str, str], rounds: int) -> dict[str, float]:
    """The least of each (script, python path): all once, then all again, so that a busy moment hits them alike."""
    times: dict[str, list[float]] = {name: [] for name in scripts}
    for _ in range(rounds):
        for name, (script, python_path) in scripts.items():
            times[name].append(fresh(script, python_path, environment))
    return {name: min(of_one) for name, of_one in times.items()}


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def table(title: str, rows: Sequence[tuple[str, str]]) -> None:
    say(f"\n{title}")
    for name, value in rows:
        say(f"  {name:<42} {value:>24}")
