"""The tools stand apart: none works through another's code but by these arrows."""

import ast
import tomllib

import pytest

from tools.paths import ROOT

# What each may import of `tools`; itself included.
ARROWS = {
    "paths": set[str](),
    "template": {"paths"},
    "template_rules": {"template_rules"},
    "build": {"build", "paths", "template"},
    "local": {"local", "build", "operations", "paths", "template"},
    "mutants": {"mutants", "paths"},
    "operations": {"operations", "paths"},  # a deployed stack has no emulator
}


@pytest.mark.parametrize("part", ARROWS)
def test_a_tool_imports_only_what_it_may(part: str) -> None:
    folder = ROOT / "tools" / part
    modules = sorted(folder.rglob("*.py")) or [folder.with_suffix(".py")]
    for module in modules:
        names = [
            node.module or "" for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.ImportFrom)
        ]
        imported = {name.split(".")[1] for name in names if name.startswith("tools.")}
        assert imported <= ARROWS[part], module


def test_every_tool_has_its_place_in_the_picture() -> None:
    parts = {
        path.stem for path in (ROOT / "tools").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert parts - {"__init__"} == set(ARROWS)


def test_the_top_level_shows_the_product() -> None:
    shown = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    files = {"README.md", "template.yaml", "pyproject.toml", "Makefile", "SECURITY.md", "LICENSE"}
    assert shown - {"client", "samconfig.toml"} == files | {"functions", "layers", "events", "tests", "tools", "docs"}


def test_mutants_that_nobody_could_notice_are_of_lines_that_still_stand() -> None:
    told = tomllib.loads((ROOT / "tools/mutants/targets.toml").read_text())["target"]
    for target in told:
        lines = {" ".join(line.split()) for line in (ROOT / target["file"]).read_text().splitlines()}
        assert {each["line"] for each in target.get("equal", ())} <= lines, target["file"]
        assert all((ROOT / test).exists() for test in target["tests"]), target["file"]
