"""The system, the browser and somebody who looks at it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.browser.chromium import launch
from tests.browser.living import System, Worker

DESK: ViewportSize = {"width": 1200, "height": 900}
TELEPHONE: ViewportSize = {"width": 375, "height": 812}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    one = System(tmp_path_factory.mktemp("system"))
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        one = launch(playwright)
        yield one
        one.close()


class Looking:
    """A browser window of one worker, and what its console complained of."""

    def __init__(self, system: System, context: BrowserContext) -> None:
        self.system = system
        self.context = context
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, worker: Worker) -> "Looking":
        self.page.goto(self.system.link(worker))
        assert self.page.url == f"{self.system.url}/inbox"
        return self

    def go(self, path: str) -> int:
        answer = self.page.goto(f"{self.system.url}{path}")
        assert answer is not None
        return answer.status

    def text(self) -> str:
        return self.page.inner_text("body")

    def press(self, name: str) -> None:
        """Press a button that leads to another page."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).first.click()

    def is_accessible(self) -> None:
        """No axe violation, at a desk and on a telephone, and nothing that has to be scrolled sideways."""
        for size in (DESK, TELEPHONE):
            self.page.set_viewport_size(size)
            found: Any = Axe().run(self.page)
            assert found.violations_count == 0, found.generate_report()
            wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{self.page.url} is {wide} pixels too wide at {size['width']}"
            self.photograph(size["width"])
        self.page.set_viewport_size(DESK)

    def photograph(self, width: int) -> None:
        """A picture of the page, if PAGE_SHOTS names a folder for it."""
        if folder := os.environ.get("PAGE_SHOTS"):
            name = "".join(c if c.isalnum() else "-" for c in self.page.title())[:60]
            many = len(list(Path(folder).glob("*.png")))
            self.page.screenshot(path=Path(folder) / f"{many:03} {name} {width}.png", full_page=True)


Look = Callable[..., Looking]


@pytest.fixture
def look(system: System, browser: Browser) -> Iterator[Look]:
    """Open a window; `java_script=False` for one that runs no scripts."""
    contexts: list[BrowserContext] = []

    def opened(*, java_script: bool = True) -> Looking:
        context = browser.new_context(java_script_enabled=java_script, viewport=DESK)
        contexts.append(context)
        return Looking(system, context)

    yield opened
    for context in contexts:
        context.close()
