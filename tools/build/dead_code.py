"""What nothing uses: vulture's findings, without the fields of classes.

A field of a record or an answer is used by whoever reads the table or the answer, and by pydantic; which of them are
needed is told by the contract, not by our own code. A constant of a module that nobody reads is as dead as a function.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from vulture import Vulture

from tools.paths import ROOT


def dead_code() -> Iterator[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["vulture"]
    looked_at = Vulture(ignore_names=settings["ignore_names"], ignore_decorators=settings["ignore_decorators"])
    looked_at.scavenge([ROOT / path for path in settings["paths"]])
    for found in looked_at.get_unused_code(min_confidence=60):
        if found.typ != "variable" or found.first_lineno not in fields_of(Path(found.filename)):
            yield f"{found.filename}:{found.first_lineno}: nothing uses the {found.typ} {found.name}"


def fields_of(module: Path) -> set[int]:
    """The lines on which a class says what it holds."""
    return {
        statement.lineno
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
    }


if __name__ == "__main__":
    sys.exit("\n".join(dead_code()) or None)
