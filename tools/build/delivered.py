"""What is delivered besides our own code: the packages of the layers and of the portal, and under which licenses.

Versions and hashes are read from the locks, licenses from the packages' own metadata (as installed in .venv, or in
npm's lock). Where that is no SPDX expression, or not the whole truth, it stands here.
"""

import base64
import json
import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import NamedTuple

from tools.paths import ROOT

SHIPPED = sorted(ROOT.glob("layers/*/requirements.txt"))
LOCKS = [*SHIPPED, *sorted(ROOT.glob("tools/requirements/*.txt"))]
NPM_LOCK = ROOT / "tools/package-lock.json"
PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<rest>(?:[^\n]*\\\n)*[^\n]*)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")

# The SPDX expressions of those whose metadata gives none.
LICENSES = {
    "aws-lambda-powertools": "MIT-0 AND MIT",
    "font-source-sans-pro": "OFL-1.1",
    "jmespath": "MIT",
    "paperang-p2-fonts-cjk": "MIT AND Apache-2.0",
    "pynamodb": "MIT",
    "python-bidi": "LGPL-3.0-or-later",
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "reportlab": "BSD-3-Clause AND Bitstream-Vera",
    "rinoh-typeface-dejavusans": "Bitstream-Vera AND LicenseRef-Arev AND LicenseRef-Public-Domain",
    "rinoh-typeface-dejavusansmono": "Bitstream-Vera AND LicenseRef-Arev AND LicenseRef-Public-Domain",
    "rl-accel": "BSD-3-Clause",
    "segno": "BSD-3-Clause",
    "six": "MIT",
}
REMARKS = {
    "paperang-p2-fonts-cjk": "the package calls itself MIT; the font in it, WenQuanYi Micro Hei, says Apache-2.0 in "
    "its own name table, and the package's README says OFL-1.1. What the font itself says is taken for true",
    "python-bidi": "used unchanged, as a library",
    "reportlab": "brings Vera's fonts; its Dark Garden (GPL) is taken out when a layer is built",
    "rinoh-typeface-dejavusans": "DejaVu Sans: Vera's and Arev's terms, its own changes in the public domain",
    "rinoh-typeface-dejavusansmono": "DejaVu Sans Mono: as DejaVu Sans",
    "htm": "in the portal's page",
    "preact": "in the portal's page",
}


class Package(NamedTuple):
    name: str
    version: str
    hashes: tuple[str, ...] = ()
    ecosystem: str = "PyPI"
    told: str | None = None  # its license, where the lock tells it

    @property
    def purl(self) -> str:
        return f"pkg:{self.ecosystem.lower()}/{self.name.replace('@', '%40').lower()}@{self.version}"

    @property
    def algorithm(self) -> str:
        """Of its hashes."""
        return "SHA-256" if self.ecosystem == "PyPI" else "SHA-512"

    @property
    def license(self) -> str:
        """An SPDX expression."""
        return LICENSES.get(self.name) or self.told or _license_of(self.name)


def _license_of(name: str) -> str:
    try:
        told = metadata(name).json
    except PackageNotFoundError:
        return "NOASSERTION"
    return str(told.get("license_expression") or told.get("license") or "NOASSERTION")


def locked(files: Sequence[Path] = LOCKS) -> list[Package]:
    """Each package of these locks once, by name."""
    found = {
        Package(match["name"], match["version"], tuple(sorted(HASH.findall(match["rest"]))))
        for file in files
        for match in PINNED.finditer(file.read_text())
    }
    return sorted({(each.name, each.version): each for each in found}.values())


def npm_locked(*, shipped: bool) -> list[Package]:
    """What npm's lock holds; those that the portal delivers, or all."""
    packages = json.loads(NPM_LOCK.read_text())["packages"]
    return sorted(
        Package(
            path.removeprefix("node_modules/"),
            each["version"],
            (base64.b64decode(each["integrity"].removeprefix("sha512-")).hex(),),
            "npm",
            each["license"],
        )
        for path, each in packages.items()
        if path and not (shipped and each.get("dev"))
    )


def delivered() -> list[Package]:
    return sorted([*locked(SHIPPED), *npm_locked(shipped=True)])
