"""A browser, and people with organizations of their own to open the portal as."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.stack.browser.chromium import chromium
from tests.stack.browser.people import World
from tests.stack.browser.visits import Visits
from tools.local.stack import Stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = chromium()
    expect.set_options(timeout=30_000)  # a function's first worker takes its time on a busy machine
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=found.path, env={**found.environment}, args=["--no-sandbox"]
        )
        yield launched
        launched.close()


@pytest.fixture
def visits(stack: Stack, browser: Browser) -> Iterator[Visits]:
    """Opens pages; whatever they complain of fails the test."""
    opened = Visits(stack, browser)
    yield opened
    opened.close()


@pytest.fixture
def world(stack: Stack) -> World:
    """An organization of this test alone, its people, and an MSP portal."""
    return World.made(stack)
