"""`make golden`: writes the items of `stored.py` anew. `make golden RELEASE=release-2` keeps a release (`files.py`)."""

import sys

import pytest

import tests.conftest  # noqa: F401 - no real account is within reach
from tests.golden import stored
from tests.golden.files import keep
from tests.golden.story import told

with pytest.MonkeyPatch.context() as patch, told(patch) as story:
    if release := sys.argv[1:]:
        keep(release[0], story)
    else:
        stored.write_anew(story)
