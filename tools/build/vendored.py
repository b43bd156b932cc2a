"""Copy the portal's libraries out of their npm packages, or check that the copies are just what was published.

npm checks the packages themselves against package-lock.json, which names no download address: `make vendored`.
"""

import argparse
import base64
import hashlib
import json
import sys

from tools.paths import NPM, ROOT

LIBRARIES = "functions/portal/static/vendor"
COPIES = {
    f"{LIBRARIES}/preact.mjs": "preact/dist/preact.mjs",
    f"{LIBRARIES}/hooks.mjs": "preact/hooks/dist/hooks.mjs",
    f"{LIBRARIES}/preact.LICENSE.txt": "preact/LICENSE",
    f"{LIBRARIES}/htm.mjs": "htm/dist/htm.mjs",
    f"{LIBRARIES}/htm.LICENSE.txt": "htm/LICENSE",
    "tests/stack/browser/axe.min.js": "axe-core/axe.min.js",
}
# What pages import by name, and the digests that their browser checks.
MODULES = {"preact": "preact.mjs", "preact/hooks": "hooks.mjs", "htm": "htm.mjs"}
MANIFEST = ROOT / LIBRARIES / "modules.json"


def published() -> dict[str, bytes]:
    """The files as the locked packages have them, by where their copies lie."""
    return {copy: (NPM / "node_modules" / original).read_bytes() for copy, original in COPIES.items()}


def manifest(files: dict[str, bytes]) -> str:
    modules = {
        module: {"file": name, "integrity": integrity(files[f"{LIBRARIES}/{name}"])} for module, name in MODULES.items()
    }
    return json.dumps(modules, indent=2) + "\n"


def integrity(content: bytes) -> str:
    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if a copy differs")
    options = parser.parse_args()
    files = published()
    files[MANIFEST.relative_to(ROOT).as_posix()] = manifest(files).encode()
    if not options.check:
        for copy, content in files.items():
            (ROOT / copy).write_bytes(content)
    elif changed := [copy for copy, content in files.items() if (ROOT / copy).read_bytes() != content]:
        sys.exit(f"not as published, run `make vendored`: {', '.join(changed)}")


if __name__ == "__main__":
    main()
