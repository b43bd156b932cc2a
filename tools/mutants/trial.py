"""One mutant against its tests, in a forked process: the module is compiled from the mutant's code, no file changes."""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import CodeType
from typing import Any, Literal

from tools.paths import ROOT

Outcome = Literal["killed", "survived"]

# What takes long to import and knows nothing of our code: forked children find it there.
HEAVY = ("hypothesis", "hypothesis.strategies", "moto", "msgspec", "pydantic", "pynamodb.models", "pytest")
SHARED = "layers/shared/python/"
# The same examples each time, and none sought that is smaller than the one that fails.
PROFILE: dict[str, Any] = {"derandomize": True, "database": None, "deadline": None}


class Changed(importlib.abc.MetaPathFinder):
    """Finds the one module whose code is another."""

    def __init__(self, file: str, code: str) -> None:
        self.name = file.removeprefix(SHARED).removesuffix(".py").replace("/", ".")
        self.path, self.code = str(ROOT / file), code

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=Loader(name, self.path, self.code))


class Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, code: str) -> None:
        super().__init__(name, path)
        self.code = code

    def get_code(self, _: str) -> CodeType:
        return compile(self.code, self.path, "exec", dont_inherit=True)


def tried(file: str, code: str, tests: Sequence[str], seconds: int) -> Outcome:
    """Killed by the first test that fails, or by taking too long: some mutants never end."""
    child = os.fork()
    if not child:
        os._exit(_failed(file, code, tests, seconds))
    _, status = os.waitpid(child, 0)
    return "survived" if status == 0 else "killed"


def _failed(file: str, code: str, tests: Sequence[str], seconds: int) -> int:
    """In the child: 0 if all tests pass."""
    signal.alarm(seconds)
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    with suppress(BaseException):
        return _run(file, code, tests)
    return 1


def _run(file: str, code: str, tests: Sequence[str]) -> int:
    import pytest
    from hypothesis import Phase, settings

    # Half of a trial's time went into plugins that the tests in question do without.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.meta_path.insert(0, Changed(file, code))
    settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], **PROFILE)
    settings.load_profile("mutants")
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))
