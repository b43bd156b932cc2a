"""One file for all modules of a layer, which `licensing.bundles` imports from.

python bundle.py FOLDER…    (by the functions' own Python, whose bytecode it is: it imports nothing of ours)
"""

import marshal
import sys
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER
from pathlib import Path

SUFFIX = ".bundle"


def write_bundle(site: Path, name: str) -> None:
    """Write `NAME.bundle` into the folder: by name, since all layers are unpacked into one on Lambda."""
    index, codes, offset = {}, [], 0
    for module, file in modules(site):
        # Told by its place in the layer, wherever that is unpacked; the loader finds the lines for a traceback.
        code = compile(file.read_bytes(), file.relative_to(site).as_posix(), "exec", dont_inherit=True)
        codes.append(marshal.dumps(code))
        index[module] = (offset, len(codes[-1]), file.name == "__init__.py")
        offset += len(codes[-1])
    head = marshal.dumps((MAGIC_NUMBER, index))
    (site / f"{name}{SUFFIX}").write_bytes(b"".join([len(head).to_bytes(4, "little"), head, *codes]))


def modules(site: Path) -> Iterator[tuple[str, Path]]:
    """Every module below the folder by its name; no script, and nothing that is read as data."""
    for file in sorted(site.rglob("*.py")):
        place = file.relative_to(site).with_suffix("")
        parts = place.parent.parts if place.name == "__init__" else place.parts
        if all(part.isidentifier() for part in parts):
            yield ".".join(parts), file


if __name__ == "__main__":
    for folder in map(Path, sys.argv[1:]):
        write_bundle(folder / "python", folder.name)
