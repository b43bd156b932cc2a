"""The mutants of some modules, as cosmic-ray makes them: run by the environment `.tools/mutants`, prints JSON.

`python tools/mutants/made.py FILE…` → `[{"file", "number", "line", "becomes", "code"}]`. `line` and `becomes` name a
mutant for as long as the line stands, wherever it stands in the file.
"""

import difflib
import json
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import CodeType
from typing import Any

from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.provider import OperatorProvider

LEFT_OUT = {
    # They want to be told the names of variables.
    "VariableReplacer", "VariableInserter",
    # Equal numbers as small as ours are one object: nobody sees these.
    "ReplaceComparisonOperator_Eq_Is", "ReplaceComparisonOperator_NotEq_IsNot",
}  # fmt: skip


def mutants(file: str) -> Iterator[dict[str, Any]]:
    source, provider = Path(file).read_text(), OperatorProvider()
    # What compiles to the same is the same: annotations within functions are never looked at.
    seen = {shape(source)}
    for name in sorted(set(provider) - LEFT_OUT):
        for occurrence in count():
            code = mutate_code(source, provider[name](), occurrence)
            if code is None:
                break
            if (compiled := shape(code)) not in seen:
                seen.add(compiled)
                changed = difference(source, code)
                # mypy sees to it that nobody changes what is frozen.
                if "frozen=True" not in changed["line"]:
                    yield {"file": file, **changed, "code": code}


def shape(source: str) -> Any:
    """What a source compiles to, wherever its lines are; the source itself if it does not compile."""
    try:
        return told_of(compile(source, "", "exec", dont_inherit=True))
    except SyntaxError:
        return source


def told_of(code: Any) -> Any:
    if not isinstance(code, CodeType):
        return type(code), repr(code)
    facts = (code.co_code, code.co_names, code.co_varnames, code.co_argcount, code.co_posonlyargcount, code.co_flags)
    return (*facts, code.co_kwonlyargcount, tuple(map(told_of, code.co_consts)))


def difference(source: str, code: str) -> dict[str, Any]:
    """The lines that differ; the first of them by its number."""
    before, after = source.splitlines(), code.splitlines()
    parts = [part for part in difflib.SequenceMatcher(None, before, after, False).get_opcodes() if part[0] != "equal"]
    _, low, high, left, right = parts[0]
    return {"number": low + 1, "line": told(before[low:high]), "becomes": told(after[left:right])}


def told(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


if __name__ == "__main__":
    json.dump([each for file in sys.argv[1:] for each in mutants(file)], sys.stdout)
