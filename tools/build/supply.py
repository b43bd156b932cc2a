"""What is delivered besides our own code: its licenses, a bill of materials, and what is known against it.

    python -m tools.build.supply licenses            write docs/licenses.md
    python -m tools.build.supply sbom FILE           write a CycloneDX bill of materials
    python -m tools.build.supply audit               ask OSV for known vulnerabilities of all locked versions

All three read the locks. Names of licenses come from the packages as installed in .venv.
"""

import argparse
import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, NamedTuple

from tools.paths import ROOT

LICENSES = ROOT / "docs/licenses.md"
SHIPPED = sorted(ROOT.glob("layers/*/requirements.txt"))
LOCKS = [*SHIPPED, *sorted(ROOT.glob("tools/requirements/*.txt"))]
OSV = "https://api.osv.dev/v1/querybatch"
PATIENCE = 10  # seconds
PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<rest>(?:[^\n]*\\\n)*[^\n]*)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Package(NamedTuple):
    name: str
    version: str
    hashes: tuple[str, ...] = ()

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name.lower()}@{self.version}"

    @property
    def license(self) -> str:
        """An SPDX expression where the package gives one, else its own words."""
        try:
            told = metadata(self.name).json
        except PackageNotFoundError:
            return "not installed here"
        own = told.get("license_expression") or _of_classifiers(told) or told.get("license") or "not told"
        return str(own).strip().splitlines()[0][:60]


def _of_classifiers(told: dict[str, str | list[str]]) -> str:
    found = [text for text in told.get("classifier", ()) if text.startswith("License :: ")]
    return " and ".join(text.rpartition(" :: ")[2] for text in found if not text.endswith("OSI Approved"))


def locked(files: Sequence[Path]) -> list[Package]:
    """Each package of these locks once, by name."""
    found = {
        Package(match["name"], match["version"], tuple(HASH.findall(match["rest"])))
        for file in files
        for match in PINNED.finditer(file.read_text())
    }
    return sorted({(each.name, each.version): each for each in found}.values())


def licenses_text() -> str:
    lines = [f"| {each.name} | {each.license} |" for each in locked(SHIPPED)]
    head = "# What is delivered besides our own code\n\nWritten by `make licenses` from the layers' locks.\n"
    return "\n".join([head, "| package | license |", "|---|---|", *lines]) + "\n"


def bill_of_materials() -> dict[str, Any]:
    """CycloneDX 1.6, of what the layers hold; the same locks give the same bill."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "engenius-licensing"}},
        "components": [_component(each) for each in locked(SHIPPED)],
    }


def _component(package: Package) -> dict[str, Any]:
    """The hashes are those the lock allows: one for each file the package may come as."""
    return {
        "type": "library",
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "bom-ref": package.purl,
        "licenses": [{"license": {"name": package.license}}],
        "hashes": [{"alg": "SHA-256", "content": content} for content in sorted(package.hashes)],
    }


def known_vulnerabilities(packages: Sequence[Package], url: str = OSV) -> Iterator[str]:
    """Raises OSError where the service can't be reached."""
    queries = [
        {"package": {"ecosystem": "PyPI", "name": each.name.lower()}, "version": each.version} for each in packages
    ]
    request = urllib.request.Request(url, json.dumps({"queries": queries}).encode())
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        results = json.load(answer)["results"]
    for package, result in zip(packages, results, strict=True):
        for vulnerability in result.get("vulns", ()):
            yield f"{package.name} {package.version}: {vulnerability['id']}"


def audit(url: str = OSV) -> int:
    """The exit code: 1 for a known vulnerability. Without the service nothing is known, and it says so."""
    packages = locked(LOCKS)
    try:
        found = list(known_vulnerabilities(packages, url))
    except (OSError, urllib.error.URLError, ValueError) as error:
        print(f"audit: NOT DONE, {len(packages)} packages unchecked: the advisory service can't be reached ({error})")
        return 0
    print("\n".join([*found, f"audit: {len(packages)} packages checked, {len(found)} vulnerabilities known"]))
    return 1 if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("licenses", "sbom", "audit"))
    parser.add_argument("file", type=Path, nargs="?", default=ROOT / ".aws-sam/sbom.cdx.json")
    options = parser.parse_args()
    if options.command == "audit":
        return audit()
    if options.command == "licenses":
        LICENSES.write_text(licenses_text())
    else:
        options.file.write_text(json.dumps(bill_of_materials(), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
