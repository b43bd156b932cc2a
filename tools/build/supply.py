"""What is delivered besides our own code: its licenses, a bill of materials, and what is known against it.

python -m tools.build.supply licenses            write docs/licenses.md
python -m tools.build.supply sbom FILE           write a CycloneDX bill of materials
python -m tools.build.supply audit               ask OSV for known vulnerabilities of all locked versions
"""

import argparse
import json
import sys
import tomllib
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tools.build.delivered import REMARKS, Package, delivered, locked, npm_locked
from tools.paths import ROOT

LICENSES = ROOT / "docs/licenses.md"
OSV = "https://api.osv.dev/v1/querybatch"
PATIENCE = 10  # seconds


def licenses_text() -> str:
    lines = [f"| {each.name} | {each.license} | {REMARKS.get(each.name, '')} |" for each in delivered()]
    head = (
        "# What is delivered besides our own code\n\nWritten by `make licenses` from the locks of layers and portal.\n"
    )
    return "\n".join([head, "| package | license (SPDX) | remark |", "|---|---|---|", *lines]) + "\n"


def bill_of_materials() -> dict[str, Any]:
    """CycloneDX 1.6, of what layers and portal hold; the same locks give the same bill: no time stands in it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name, version = project["name"], project["version"]
    product = {"type": "application", "name": name, "version": version, "bom-ref": name}
    components = [_component(each) for each in delivered()]
    writer = {"type": "application", "name": f"{name}: tools.build.supply", "version": version}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([product, components]))}",
        "version": 1,
        "metadata": {
            "tools": {"components": [writer]},
            "component": product | {"licenses": [{"license": {"id": project["license"]}}]},
        },
        "components": components,
        "dependencies": [{"ref": name, "dependsOn": [each["bom-ref"] for each in components]}],
    }


def _component(package: Package) -> dict[str, Any]:
    """The hashes are those the lock allows: one for each file the package may come as."""
    compound = " " in package.license
    return {
        "type": "library",
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "bom-ref": package.purl,
        "licenses": [{"expression": package.license} if compound else {"license": {"id": package.license}}],
        "hashes": [{"alg": package.algorithm, "content": content} for content in package.hashes],
    }


def known_vulnerabilities(packages: Sequence[Package], url: str = OSV) -> Iterator[str]:
    """Raises OSError where the service can't be reached."""
    queries = [
        {"package": {"ecosystem": each.ecosystem, "name": each.name.lower()}, "version": each.version}
        for each in packages
    ]
    request = urllib.request.Request(url, json.dumps({"queries": queries}).encode())
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        results = json.load(answer)["results"]
    for package, result in zip(packages, results, strict=True):
        for vulnerability in result.get("vulns", ()):
            yield f"{package.name} {package.version}: {vulnerability['id']}"


def audit(url: str = OSV) -> int:
    """The exit code: 1 for a known vulnerability. Without the service nothing is known, and it says so."""
    packages = [*locked(), *npm_locked(shipped=False)]
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
