"""Debian's Chromium for the tests: found, or installed where that is possible."""

import os
import shutil
import subprocess

import pytest

INSTALL = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]


def chromium() -> str:
    """Where the browser is. Without one the tests fail, and say what to do."""
    if found := shutil.which("chromium"):
        return found
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "--quiet"], check=False)
        subprocess.run(INSTALL, check=False, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    if found := shutil.which("chromium"):
        return found
    pytest.fail(f"The portal's tests need Chromium, and it could not be installed: run `sudo {' '.join(INSTALL)}`")
