"""What is shipped: slim, with bytecode, and nothing that is called is missing."""

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from tools.build.fast_start import SERVICES
from tools.build.roots import CERTIFICATE, OWNERS, owner_of
from tools.local.ministack import PYTHON
from tools.local.packages import installed, zip_of
from tools.paths import ROOT
from tools.template import load

FUNCTIONS = sorted(path.parent for path in (ROOT / "functions").glob("*/app.py"))


def test_every_service_our_code_calls_is_shipped() -> None:
    code = [*(ROOT / "layers/shared").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    called = {name for path in code for name in re.findall(r'\bclient\("([a-z0-9-]+)"\)', path.read_text())}
    assert called
    assert called <= set(SERVICES)


def test_a_slim_botocore_still_makes_each_client_and_calls() -> None:
    site = installed(ROOT / "layers/dependencies")
    program = f"""
import sys
sys.path.insert(0, {str(site)!r})
import botocore.session
assert botocore.__file__.startswith({str(site)!r})
for name in {SERVICES}:
    client = botocore.session.get_session().create_client(
        name, "eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    client.meta.service_model.documentation
    assert all(not getattr(client, name).__doc__ for name in client.meta.method_to_api_mapping)
    for operation in client.meta.service_model.operation_names:
        client.meta.service_model.operation_model(operation).input_shape
print("made")
"""
    done = subprocess.run([PYTHON, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "made\n", done.stderr


def test_calls_to_aws_are_checked_against_amazons_roots_alone() -> None:
    """And cheaply: they are read anew for each connection."""
    named = load()["Globals"]["Function"]["Environment"]["Variables"]["AWS_CA_BUNDLE"]
    bundle = installed(ROOT / "layers/dependencies") / Path(named).relative_to("/opt/python")
    roots = CERTIFICATE.findall(bundle.read_text())
    assert 1 <= len(roots) <= 10
    assert {owner_of(each) for each in roots} == set(OWNERS)
    program = """
from licensing.adapters.aws import client
from licensing.adapters.dynamodb.store import DynamoStore
for made in (client("kms"), DynamoStore("t")._connection.client):
    print(made._endpoint.http_session._verify)
"""
    keys = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    path = f"{ROOT / 'layers/shared/python'}:{bundle.parents[1]}"
    environment = keys | {"PYTHONPATH": path, "AWS_CA_BUNDLE": str(bundle)}
    done = subprocess.run([PYTHON, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(bundle)] * 2, done.stderr


def test_the_same_sources_give_the_same_bytes_with_bytecode(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    one, two = (zip_of(ROOT / "layers/shared", folder) for folder in folders)
    assert one.name == two.name
    assert one.read_bytes() == two.read_bytes()
    names = zipfile.ZipFile(one).namelist()
    sources = [name for name in names if name.endswith(".py")]
    assert len([name for name in names if name.endswith(".pyc")]) == len(sources) > 10
    assert [name for name in names if not name.startswith("python/licensing/")] == ["python/shared.bundle"]


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both layers of every function, as a process finds them."""
    folder = tmp_path_factory.mktemp("layers")
    zipfile.ZipFile(zip_of(ROOT / "layers/shared", folder)).extractall(folder)
    return [folder / "python", installed(ROOT / "layers/dependencies")]


def run(path: Iterable[Path], program: str) -> str:
    environment = {
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    done = subprocess.run([PYTHON, "-S", "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda path: path.name)
def test_all_that_a_start_loads_of_the_layers_comes_out_of_their_bundles(function: Path, layers: list[Path]) -> None:
    """But for the two modules that open them, and extensions."""
    program = """
import app, sys
for name, module in list(sys.modules.items()):
    if (getattr(module, "__file__", None) or "").startswith(tuple(sys.path[2:4])) and module.__file__.endswith(".py"):
        if type(module.__loader__).__name__ != "Bundled":
            print(name)
"""
    assert set(run([function, *layers], program).split()) <= {"licensing", "licensing.bundles"}


def test_a_bundled_module_is_like_any_other(layers: list[Path]) -> None:
    """Source, place, resources and tracebacks."""
    program = """
import inspect, traceback
from importlib.resources import files
from licensing.adapters.aws import client
from licensing.domain.core import limits
from licensing.domain.licenses import catalog, key_codec
assert type(key_codec.__loader__).__name__ == "Bundled"
assert "def mint" in inspect.getsource(key_codec)
assert key_codec.__file__.endswith("python/licensing/domain/licenses/key_codec.py")
assert "AP-1YR-LIC" in (files("licensing.domain.licenses") / "catalog.json").read_text()
client("dynamodb")
try:
    key_codec.parse(None)
except Exception:
    print(traceback.format_exc())
"""
    told = run(layers, program)
    assert 'File "licensing/domain/licenses/key_codec.py", line' in told
    assert len(told.splitlines()) > 4, "with the lines of the source"


def test_without_a_bundle_of_this_python_modules_come_from_their_files(layers: list[Path], tmp_path: Path) -> None:
    shared = shutil.copytree(layers[0], tmp_path / "python")
    (bundle,) = shared.glob("*.bundle")
    written = bundle.read_bytes()
    assert MAGIC_NUMBER in written
    program = "from licensing.domain.core import limits; print(type(limits.__loader__).__name__)"
    assert run([shared, layers[1]], program) == "Bundled\n"
    bundle.write_bytes(written.replace(MAGIC_NUMBER, b"\0\0\r\n", 1))
    assert run([shared, layers[1]], program) == "SourceFileLoader\n"
    bundle.unlink()
    assert run([shared, layers[1]], program) == "SourceFileLoader\n"
