"""What is delivered besides our own code is listed, with licenses and hashes, and asked about where that can be."""

import json
from typing import Any

import pytest

from tools.build.supply import (
    LICENSES,
    LOCKS,
    SHIPPED,
    audit,
    bill_of_materials,
    known_vulnerabilities,
    licenses_text,
    locked,
)


def test_the_listing_of_licenses_is_that_of_the_locks() -> None:
    assert LICENSES.read_text() == licenses_text(), "run `make licenses`"


def test_everything_locked_has_a_hash() -> None:
    packages = locked(LOCKS)
    assert {"pydantic", "ministack", "pytest"} <= {package.name for package in packages}
    assert all(package.hashes for package in packages)


def test_the_bill_names_every_shipped_package_once() -> None:
    bill = bill_of_materials()
    assert [one["name"] for one in bill["components"]] == [package.name for package in locked(SHIPPED)]
    assert len({one["bom-ref"] for one in bill["components"]}) == len(bill["components"])
    assert all(one["licenses"][0]["license"]["name"] not in ("", "not told") for one in bill["components"])


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
    first = locked(LOCKS)[0]
    assert list(known_vulnerabilities(locked(LOCKS))) == [f"{first.name} {first.version}: GHSA-1"]
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
