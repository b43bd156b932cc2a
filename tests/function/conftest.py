"""Function tests: the handlers under moto, driven by real events."""

from collections.abc import Iterator

import pytest

from tests.cloud import Cloud
from tests.cloud import cloud as made_cloud


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with made_cloud(monkeypatch) as made:
        yield made
