"""For all tests: no real account is ever within reach."""

import os
from pathlib import Path

import moto  # noqa: F401 - has to be imported before the first AWS client is made
import pytest

os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "licensing",
    "POWERTOOLS_METRICS_NAMESPACE": "Licensing",
}

TESTS = Path(__file__).parent
# These start a cloud of their own, and measure time: one after the other, while all others run beside them.
TAKING_TURNS = [TESTS / folder for folder in ("contract", "races", "stack")]


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in TAKING_TURNS):
            item.add_marker(pytest.mark.xdist_group("cloud"))
