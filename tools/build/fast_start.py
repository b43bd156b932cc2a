"""What is shipped starts fast: bytecode beside the source, and of botocore only the services we call.

Lambda's code folders can't be written to, so that without bytecode every cold start compiles all it imports. The
same is done to the layers of the local stack and, by `make build`, to what goes to AWS.
"""

import argparse
import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.build.roots import keep_amazons_roots

BUNDLE = Path(__file__).with_name("bundle.py")
UNDOCUMENTED = '''"""Left empty when the layer was built."""


class Undocumented(str):
    def __new__(cls, *_, **__):
        return super().__new__(cls)

    def __init__(self, *_, **__):
        pass


ClientMethodDocstring = PaginatorDocstring = WaiterDocstring = Undocumented
'''
SERVICES = ("cognito-idp", "dynamodb", "kms", "s3", "ses", "sns", "sqs", "sts")


def slim_botocore(site: Path) -> None:
    """Drop the descriptions of all other services and the roots of all others than Amazon, unpack what is ours, and
    leave out its documentation."""
    data = site / "botocore/data"
    if not data.exists():
        return
    keep_amazons_roots(site)
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in SERVICES:
            shutil.rmtree(folder)
    for packed in data.rglob("*.json.gz"):
        if packed.name.startswith("examples"):
            packed.unlink()
            continue
        model = json.loads(gzip.decompress(packed.read_bytes()))
        packed.with_suffix("").write_text(json.dumps(undocumented(model), separators=(",", ":")))
        packed.unlink()
    endpoints = data / "endpoints.json"
    known = json.loads(endpoints.read_text())
    for partition in known["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in SERVICES if name in services}
    endpoints.write_text(json.dumps(known, separators=(",", ":")))


def drop_fonts(site: Path) -> None:
    """reportlab brings a font under the GPL, which nothing of ours uses: it is not delivered."""
    for file in (site / "reportlab/fonts").glob("DarkGarden*"):
        file.unlink()


def undocumented(node: Any) -> Any:
    """Emptied, not dropped: botocore looks for some of it."""
    if isinstance(node, dict):
        # A shape may have a member of this name, which is an object; documentation is text.
        return {
            key: "" if key == "documentation" and isinstance(each, str) else undocumented(each)
            for key, each in node.items()
        }
    return [undocumented(each) for each in node] if isinstance(node, list) else node


def compile_bytecode(folder: Path, python: str) -> None:
    """Unchecked: the source beside it never changes, and a zip file forgets the times others are checked by."""
    command = [python, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash", "-s", str(folder)]
    subprocess.run([*command, str(folder)], check=True, stdout=subprocess.DEVNULL)


def bundle(layers: Sequence[Path], python: str) -> None:
    """The modules of each layer in one file; their bytecode stays, for a process that knows nothing of bundles."""
    subprocess.run([python, "-P", BUNDLE, *layers], check=True)


def drop_documentation(site: Path) -> None:
    """botocore loads a writer of documentation to give each call its text, of which nothing is left."""
    docs = site / "botocore/docs"
    if not docs.exists():
        return
    for each in docs.iterdir():
        if each.name != "utils.py":  # of which its handlers take what hides parameters
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    (docs / "__init__.py").touch()
    (docs / "docstring.py").write_text(UNDOCUMENTED)


def take_in_sources(built: Path) -> None:
    """Copy the layers that `sam build` leaves where they lie (they have no BuildMethod), to compile them here."""
    template = built / "template.yaml"

    def taken(match: re.Match[str]) -> str:
        source = (built / match["path"]).resolve()
        shutil.copytree(source, built / source.name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        return f"ContentUri: {source.name}"

    template.write_text(re.sub(r"ContentUri: (?P<path>\.\./\S+)", taken, template.read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="what `sam build` built")
    parser.add_argument("--python", required=True, help="an interpreter of the functions' own version")
    options = parser.parse_args()
    take_in_sources(options.folder)
    built_folders = sorted(path for path in options.folder.iterdir() if path.is_dir())
    for built in built_folders:
        slim_botocore(built / "python")
        drop_documentation(built / "python")
        drop_fonts(built / "python")
        compile_bytecode(built, options.python)
    bundle([built for built in built_folders if (built / "python").is_dir()], options.python)


if __name__ == "__main__":
    main()
