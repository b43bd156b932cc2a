"""`python -m tests.golden release-2`: keeps what this release stores and answers, for later ones to read."""

import sys

import pytest

import tests.conftest  # noqa: F401 - no real account is within reach
from tests.golden.files import keep
from tests.golden.story import told

with pytest.MonkeyPatch.context() as patch, told(patch) as story:
    keep(sys.argv[1], story)
