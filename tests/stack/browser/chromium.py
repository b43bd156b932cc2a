"""Chromium for the tests: the one that is installed, or one below this folder, which needs no root."""

import os
import shutil
import tarfile
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import brotli
import pytest

from tools.paths import NPM, ROOT

INSTALLED = ("chromium", "chromium-browser", "google-chrome")
PACKED = NPM / "node_modules/@sparticuz/chromium/bin"
HOME = ROOT / ".tools/chromium"
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{home}/fonts</dir><cachedir>{home}/cache</cachedir></fontconfig>
"""


class Chromium(NamedTuple):
    path: str
    environment: dict[str, str]


def chromium() -> Chromium:
    """Where the browser is, and what it needs to start. Without one the tests fail, and say what to do."""
    for name in INSTALLED:
        if found := shutil.which(name):
            return Chromium(found, {**os.environ})
    if not PACKED.exists():
        pytest.fail("The portal's tests need Chromium: `make test` fetches one, or install it")
    unpack()
    libraries = {"LD_LIBRARY_PATH": f"{HOME}/lib", "FONTCONFIG_FILE": f"{HOME}/fonts.xml"}
    return Chromium(str(HOME / "chromium"), os.environ | libraries)


def unpack() -> None:
    """Once for each release that was fetched."""
    release = str((PACKED / "chromium.br").stat().st_mtime_ns)
    mark = HOME / "release"
    if mark.exists() and mark.read_text() == release:
        return
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    for archive in ("al2023", "fonts", "swiftshader"):
        packed = BytesIO(brotli.decompress((PACKED / f"{archive}.tar.br").read_bytes()))
        with tarfile.open(fileobj=packed) as files:
            files.extraction_filter = getattr(tarfile, "data_filter", None)  # not before 3.11.4
            files.extractall(HOME)
    write(HOME / "fonts.xml", FONTS.format(home=HOME).encode())
    write(HOME / "chromium", brotli.decompress((PACKED / "chromium.br").read_bytes()), mode=0o755)
    write(mark, release.encode())


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.write_bytes(content)
    path.chmod(mode)
