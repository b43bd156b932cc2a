"""What is delivered besides our own code is listed, with licenses and hashes, and asked about where that can be."""

import json
from typing import Any

import pytest
from packaging.licenses import canonicalize_license_expression

from tools.build.delivered import LICENSES as SPDX
from tools.build.delivered import REMARKS, delivered, locked, npm_locked
from tools.build.supply import LICENSES, audit, bill_of_materials, known_vulnerabilities, licenses_text
from tools.build.vendored import COPIES, LIBRARIES


def test_the_listing_of_licenses_is_that_of_the_locks() -> None:
    assert LICENSES.read_text() == licenses_text(), "run `make licenses`"


def test_everything_locked_has_a_hash() -> None:
    packages = [*locked(), *npm_locked(shipped=False)]
    assert {"pydantic", "ministack", "pytest", "axe-core"} <= {package.name for package in packages}
    assert all(package.hashes for package in packages)


def test_every_license_is_an_spdx_expression_and_none_is_spelled_out_in_vain() -> None:
    for package in delivered():
        assert canonicalize_license_expression(package.license) == package.license, package.name
    names = {package.name for package in delivered()}
    assert set(SPDX) <= names
    assert set(REMARKS) <= names


def test_what_the_portal_delivers_is_listed_like_what_the_layers_do() -> None:
    libraries = {original.split("/")[0] for copy, original in COPIES.items() if copy.startswith(LIBRARIES)}
    assert libraries == {package.name for package in npm_locked(shipped=True)}
    assert libraries <= {package.name for package in delivered()}


def test_the_bill_names_every_delivered_package_once_and_is_the_same_each_time() -> None:
    bill = bill_of_materials()
    assert [one["name"] for one in bill["components"]] == [package.name for package in delivered()]
    assert len({one["bom-ref"] for one in bill["components"]}) == len(bill["components"])
    assert all(one["hashes"] for one in bill["components"])
    assert bill["metadata"]["component"]["licenses"] == [{"license": {"id": "MIT"}}]
    assert bill["metadata"]["tools"]["components"][0]["version"] == bill["metadata"]["component"]["version"]
    assert bill == bill_of_materials()


class Answer:
    """What the advisory service says: something about the first package asked for, nothing about the others."""

    def __init__(self, request: Any) -> None:
        asked = json.loads(request.data)["queries"]
        results = [{"vulns": [{"id": "GHSA-1"}]}, *({} for _ in asked[1:])]
        self.text = json.dumps({"results": results})

    def read(self) -> str:
        return self.text

    def __enter__(self) -> "Answer":
        return self

    def __exit__(self, *_: object) -> None: ...


def test_a_known_vulnerability_fails_the_audit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("urllib.request.urlopen", lambda request, timeout: Answer(request))  # noqa: ARG005
    first = locked()[0]
    assert list(known_vulnerabilities(locked())) == [f"{first.name} {first.version}: GHSA-1"]
    assert audit() == 1
    assert "1 vulnerabilities known" in capsys.readouterr().out


def test_an_audit_that_reaches_nobody_says_so_and_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    assert audit() == 0
    assert "NOT DONE" in capsys.readouterr().out
