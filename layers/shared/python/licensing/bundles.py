"""The layers' modules out of one file each, their bundle (`tools/build/bundle.py`), instead of out of hundreds.

A start looks for some 400 modules in up to eight folders: thousands of file system calls, on a disk that Lambda fills
as it is read. Sources stay where they are, for tracebacks and for what lies beside them. Where no bundle is, or one of
another Python, modules come from their own files as ever.
"""

import marshal
import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType

SUFFIX = ".bundle"


class Bundle:
    """Finds (`sys.meta_path`) the modules of one layer: a bundle is the length of its index, the index, and code."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder = folder
        self._file = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_CLOEXEC)
        size = int.from_bytes(os.read(self._file, 4), "little")
        magic, index = marshal.loads(os.read(self._file, size))  # noqa: S302 - we wrote it, as we wrote the code
        self._index: dict[str, tuple[int, int, bool]] = index if magic == MAGIC_NUMBER else {}
        self._start = 4 + size

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        if name not in self._index:
            return None
        place = os.path.join(self._folder, *name.split("."))
        is_package = self._index[name][2]
        file = os.path.join(place, "__init__.py") if is_package else place + ".py"
        spec = ModuleSpec(name, Bundled(name, file, self), origin=file, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [place]
        return spec

    def code(self, name: str) -> CodeType:
        offset, size, _ = self._index[name]
        code: CodeType = marshal.loads(os.pread(self._file, size, self._start + offset))  # noqa: S302
        return code


class Bundled(SourceFileLoader):
    """A module's own file in all but where its code comes from."""

    def __init__(self, name: str, file: str, bundle: Bundle) -> None:
        super().__init__(name, file)
        self._bundle = bundle

    def get_code(self, fullname: str) -> CodeType:
        return self._bundle.code(fullname)


def install() -> None:
    """Let modules come from the bundles beside them on the path."""
    folders = [folder for folder in sys.path if os.path.isdir(folder)]
    names = [(folder, name) for folder in folders for name in sorted(os.listdir(folder)) if name.endswith(SUFFIX)]
    sys.meta_path[:0] = [Bundle(folder, name) for folder, name in names]
