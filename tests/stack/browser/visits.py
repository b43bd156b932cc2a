"""Opening the portal as somebody, and what every page must keep to."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

from tools.local.stack import Stack

AXE = Path(__file__).with_name("axe.min.js")
SLOT = "engenius-licensing.token"
# The browser notes each refused call by itself; the page's own complaints are others.
EXPECTED = "Failed to load resource"


class Visits:
    def __init__(self, stack: Stack, browser: Browser) -> None:
        self._stack = stack
        self._browser = browser
        self._complaints: list[str] = []

    def open(self, token: str | None = None, path: str = "", **how: Any) -> Page:
        """A page of its own, at `#/orgs/…`; `how` goes to the browser: its width, colors, time zone."""
        options = {"locale": "en-US", "timezone_id": "Europe/Warsaw", "viewport": {"width": 1280, "height": 900}} | how
        page = self._browser.new_context(**options).new_page()
        page.set_default_timeout(30_000)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self._complaints.append(str(error)))
        if token:
            page.add_init_script(f"sessionStorage.getItem('{SLOT}') ?? sessionStorage.setItem('{SLOT}', '{token}')")
        page.goto(f"{self._stack.portal_url}{path}")
        return page

    def close(self) -> None:
        for context in self._browser.contexts:
            context.close()
        assert not self._complaints, self._complaints

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and EXPECTED not in message.text:
            self._complaints.append(message.text)


def settled(page: Page) -> None:
    """Wait until nothing is loading any more."""
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_text("Loading…").first.wait_for(state="detached")


def serious_faults(page: Page) -> list[str]:
    """What axe holds against the page, as far as it keeps somebody from using it."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {fault['nodes'][0]['html'][:200]} {fault['nodes'][0]['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
