"""The house stands as it was drawn: imports point inward, and a function loads only what it needs to start."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "layers/shared/python"
FUNCTIONS = sorted(path.parent for path in ROOT.glob("functions/*/app.py"))

# What each part of `licensing` may import of it; itself included. `settings` is only the environment.
INWARD = {
    "domain": {"domain"},
    "ports": {"ports", "domain"},
    "listings": {"listings", "ports", "domain"},
    "bundles": set[str](),
    "settings": {"settings", "domain"},
    "use_cases": {"use_cases", "listings", "ports", "domain"},
    "adapters": {"adapters", "listings", "ports", "domain"},
    "entry": {"entry", "use_cases", "adapters", "listings", "ports", "domain", "settings"},
    "functions": {"entry", "use_cases", "adapters", "listings", "ports", "domain"},
}
# What else a part may import besides the standard library; the others are free to use what is installed.
OUTSIDE = {
    "domain": {"msgspec", "pydantic", "pydantic_core"},
    "bundles": set[str](),
    "ports": {"msgspec"},
    "listings": set[str](),
    "settings": set[str](),
    "use_cases": {"msgspec", "typing_extensions"},
}
# The rooms of `domain` and `use_cases`, and what each may know besides itself; `reconciliation` knows all.
ROOMS = {
    "core": set[str](),
    "licenses": {"core"},
    "people": {"core", "licenses"},
    "ordering": {"core", "licenses", "people"},
    "assigning": {"core", "licenses"},
    "claiming": {"core", "licenses", "people", "assigning"},
    "inventory": {"core", "licenses", "assigning"},
    "jobs": {"core", "people"},
    "planning": {"core", "licenses", "people", "ordering", "assigning", "inventory"},
}
ROOMS["reconciliation"] = set(ROOMS)
MODULES = [*sorted(SHARED.rglob("*.py")), *sorted(ROOT.glob("functions/*/*.py"))]


def part_of(module: Path) -> str:
    if module.is_relative_to(SHARED):
        return module.relative_to(SHARED / "licensing").parts[0].removesuffix(".py")
    return "functions"


def imports_of(module: Path) -> set[str]:
    """All it imports, also inside functions: `licensing.domain`, `pydantic`, …"""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{module} imports by a relative name"
            # `from licensing import listings` names the module only in its second half.
            names = [f"licensing.{name.name}" for name in node.names] if node.module == "licensing" else [node.module]
            found |= set(names)
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_inward(module: Path) -> None:
    part = part_of(module)
    if part == "__init__":
        return
    ours = {name.split(".")[1] for name in imports_of(module) if name.startswith("licensing.")}
    assert ours <= INWARD[part], f"{part} must not know of {ours - INWARD[part]}"
    others = {name.split(".")[0] for name in imports_of(module)} - {"licensing"} - set(sys.stdlib_module_names)
    assert others <= OUTSIDE.get(part, others), f"{part} must not know of {others - OUTSIDE[part]}"


IN_ROOMS = [module for module in MODULES if part_of(module) in ("domain", "use_cases") and module.parent.name in ROOMS]


def test_every_module_of_the_domain_and_of_the_use_cases_stands_in_a_room() -> None:
    inside = {module for module in MODULES if part_of(module) in ("domain", "use_cases")}
    assert {module for module in inside - set(IN_ROOMS) if module.name != "__init__.py"} == set()
    tested = {path.name for path in (ROOT / "tests/unit").iterdir() if path.is_dir() and any(path.glob("test_*.py"))}
    assert set(ROOMS) <= tested, f"no tests in the room {set(ROOMS) - tested}"


@pytest.mark.parametrize("module", IN_ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_knows_only_the_rooms_it_may_know(module: Path) -> None:
    room = module.parent.name
    named = [name.split(".") for name in imports_of(module)]
    known = {parts[2] for parts in named if parts[:2] in (["licensing", "domain"], ["licensing", "use_cases"])}
    assert known <= ROOMS[room] | {room}, f"{room} must not know of {known - ROOMS[room]}"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_added_to_traces(module: Path) -> None:
    """What the runtime traces by itself has names, times and statuses, and no license key (D8)."""
    assert not [name for name in imports_of(module) if "xray" in name or "tracing" in name]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda path: path.name)
def test_every_function_is_one_file_with_a_handler(function: Path) -> None:
    tree = ast.parse((function / "app.py").read_text())
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assigned = {
        target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
        if isinstance(target, ast.Name)
    }  # fmt: skip
    assert "handler" in defined | assigned
    assert [path.name for path in function.glob("*.py")] == ["app.py"]


def test_every_folder_of_functions_has_its_file() -> None:
    folders = {path.name for path in (ROOT / "functions").iterdir() if path.is_dir() and any(path.glob("*.*"))}
    assert folders == {function.name for function in FUNCTIONS}


# --- the guard on cold starts: each of these costs tens of milliseconds in every process that is started ---

HEAVY = {
    "aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities.batch", "aws_xray_sdk", "boto3",
    "cryptography", "jwt", "moto", "PIL", "pydantic.v1", "pydantic_settings", "pynamodb", "reportlab", "s3transfer",
    "segno",
}  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda path: path.name)
def test_a_function_starts_with_what_it_needs_and_no_more(function: Path) -> None:
    script = f"import sys; import app; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": f"{function}:{SHARED}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) == set()


# --- the domain speaks of what it does, not of how it is called over HTTP: `entry/problems.py` adds that ---

HTTP = re.compile(r"\b(?:GET|POST|PUT|DELETE) /|\bdry_run\s*=|\?[a-z_]+=|/(?:orgs|msps|orders|license-models)\b")
INNER = [module for module in MODULES if part_of(module) in ("domain", "use_cases")]


@pytest.mark.parametrize("module", INNER, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_of_the_domain_names_a_route_or_a_parameter(module: Path) -> None:
    tree = ast.parse(module.read_text())
    documented = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docstrings = {id(node.body[0].value) for node in documented if node.body and isinstance(node.body[0], ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text.value for text in texts if id(text) not in docstrings and HTTP.search(str(text.value))] == []
