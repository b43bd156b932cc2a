"""Function tests: the handlers under moto, driven by real events."""

import urllib.request
from collections.abc import Iterator

import pytest

from licensing.entry import wiring
from tests.worlds.id_tokens import Pool
from tests.worlds.moto_cloud import Cloud
from tests.worlds.moto_cloud import cloud as made_cloud
from tests.worlds.tenants import Tenants, settled


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with made_cloud(monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def tenants() -> Iterator[Tenants]:
    """One world for all tests of a module."""
    with pytest.MonkeyPatch.context() as patch, made_cloud(patch) as made:
        yield settled(made)


@pytest.fixture
def pool(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:  # noqa: ARG001 - for its environment
    served = Pool()
    wiring.id_tokens.cache_clear()
    monkeypatch.setattr(urllib.request, "urlopen", served.open)
    yield served
    wiring.id_tokens.cache_clear()
