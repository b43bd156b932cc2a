"""The book of rules, the code and the tests tell the same: no citation without its rule, no rule without both."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tools.paths import ROOT

SHARED = ROOT / "layers/shared/python/licensing"
BOOK = (ROOT / "docs/rules.md").read_text()
RULE = re.compile(r"^### (D\d+) .+?(?=^##|\Z)", re.MULTILINE | re.DOTALL)
RULES = {found[1]: found[0] for found in RULE.finditer(BOOK)}
NOT_KEPT = {name for name, text in RULES.items() if text.rstrip().endswith("\n\nNot yet kept.")}
KEPT = sorted(RULES.keys() - NOT_KEPT, key=lambda name: int(name[1:]))

CODE = [*SHARED.rglob("*.py"), *ROOT.glob("functions/*/app.py")]
TESTS = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
# Who cites rules or points somewhere without being a rule's code or test.
OTHERS = [
    *(ROOT / "tools").rglob("*.py"),
    *(ROOT / "tests/worlds").rglob("*.py"),
    *(ROOT / "tests/faults").rglob("*.py"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "functions/portal/static").glob("*.js"),
    *(ROOT / "functions/portal/static/views").glob("*.js"),
    ROOT / "template.yaml",
    ROOT / "SECURITY.md",
    ROOT / "README.md",
]


@cache
def cited(path: Path) -> frozenset[str]:
    """The rules a file cites, `D5-D8` for all four."""
    ranges = re.findall(r"\bD([1-9]\d?)(?:-D([1-9]\d?))?\b", path.read_text())
    return frozenset(f"D{number}" for low, high in ranges for number in range(int(low), int(high or low) + 1))


def cited_by(paths: Iterable[Path]) -> set[str]:
    return {name for path in paths for name in cited(path)}


def kept_by(rule: str) -> list[Path]:
    """The modules a rule names."""
    names = re.findall(r"`([^`]+)`", RULES[rule].partition("\n\nKept by: ")[2])
    return [SHARED / name for name in names]


def test_the_book_has_the_rules_from_d1_to_d45() -> None:
    assert sorted(RULES, key=lambda name: int(name[1:])) == [f"D{number}" for number in range(1, 46)]


@pytest.mark.parametrize("path", [*CODE, *TESTS, *OTHERS], ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_cited_stands_in_the_book(path: Path) -> None:
    assert cited(path) <= RULES.keys()


@pytest.mark.parametrize("rule", KEPT)
def test_a_rule_is_kept_where_the_book_says_and_shown_by_a_test(rule: str) -> None:
    modules = kept_by(rule)
    assert modules, f"{rule} names no module after `Kept by:`, nor is it `Not yet kept.`"
    assert [str(path) for path in modules if not path.exists() or rule not in cited(path)] == []
    assert rule in cited_by(TESTS), f"no test cites {rule}"


def test_a_rule_that_is_not_yet_kept_says_so_only_until_code_and_tests_cite_it() -> None:
    done = NOT_KEPT & cited_by(CODE) & cited_by(TESTS)
    assert not done, f"kept by now: name the modules of {', '.join(sorted(done))} in docs/rules.md"


def test_a_pointer_into_the_api_names_an_operation_or_a_tag() -> None:
    """`(openapi: order_intake.read)`."""
    operations = [each for path in api()["paths"].values() for each in path.values()]
    known = {name for each in operations for name in (each["operationId"], *each["tags"])}
    assert pointers(r"\(openapi: ([^)]+)\)") <= known


def test_a_pointer_into_the_book_names_a_chapter_of_it() -> None:
    """`(docs/rules.md, Idempotency)`."""
    chapters = set(re.findall(r"^###? (.+)$", BOOK, re.MULTILINE))
    assert pointers(r"\(docs/rules\.md, ([^)]+)\)") <= chapters


@pytest.mark.parametrize("name", ["architecture.md", "upgrading.md"])
def test_a_file_that_the_documents_name_is_there(name: str) -> None:
    named = re.findall(r"`([\w./-]+/[\w.-]*)`", (ROOT / "docs" / name).read_text())
    roots = (ROOT, SHARED, SHARED / "domain")
    assert [each for each in named if not any((root / each).exists() for root in roots)] == []


def pointers(pattern: str) -> set[str]:
    found = (name for path in [*CODE, *TESTS, *OTHERS] for name in re.findall(pattern, path.read_text()))
    return {name for names in found for name in names.split(", ")}


def api() -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    found: dict[str, dict[str, dict[str, dict[str, str]]]] = json.loads((ROOT / "docs/openapi.json").read_text())
    return found
