"""What is shipped: slim, with bytecode, and nothing that is called is missing."""

import re
import subprocess
import zipfile
from pathlib import Path

from tools.build.fast_start import SERVICES
from tools.build.roots import CERTIFICATE, OWNERS, owner_of
from tools.local.ministack import PYTHON
from tools.local.packages import installed, zip_of
from tools.paths import ROOT
from tools.template import load


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
    assert all(name.startswith("python/licensing/") for name in names)
