"""The deployed template, once for all tests that need it; each function may do only what its role allows."""

from collections.abc import Iterator

import pytest

from tools.local.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack"), enforce_policies=True) as running:
        yield running
