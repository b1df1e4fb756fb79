"""A real browser on the built book: one for the whole run, one context for each way of reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, sync_playwright

from handbook.book.serve import make_server
from handbook.chromium import ARGUMENTS, find_chromium

LOAD_PICTURES = """() => Promise.all([...document.images].map((image) => {
    image.loading = "eager";
    return image.decode();
}))"""

AT_HOME = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
"""Chromium finds no other host: nothing leaves this machine, whatever a page asks for."""

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]


@pytest.fixture(scope="session")
def address(built_book: Path) -> Iterator[str]:
    """Where the built book is served: an address on this machine that ends in a slash."""
    with make_server(built_book) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*ARGUMENTS, AT_HOME]
        )
        yield chromium
        chromium.close()


@dataclass
class Reader:
    """Someone who reads the book in one way, and what their browser complained about.

    Attributes
    ----------
    context
        The browser's context.
    address
        Where the book is served.
    complaints
        Console errors and warnings, uncaught exceptions, failed requests, requests elsewhere.
    loaded
        Address within the book to response, of what the last page loaded.
    """

    context: BrowserContext
    address: str
    complaints: list[str] = field(default_factory=list)
    loaded: dict[str, Response] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context.on("request", self._note_request)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("response", self._note_response)

    def open(self, path: str) -> Page:
        """Open a page of the book afresh and return it when it has loaded."""
        self.complaints.clear()
        self.loaded.clear()
        self.page.goto("about:blank")
        self.page.goto(self.address + path)
        self.page.evaluate(LOAD_PICTURES)
        return self.page

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:", "about:")):
            self.complaints.append(f"asked another host: {request.url}")

    def _note_console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")
        elif response.url.startswith(self.address):
            self.loaded[response.url.removeprefix(self.address)] = response


@pytest.fixture(scope="session")
def open_reader(browser: Browser, address: str):
    """Return a function that makes a reader from options of a browser context."""
    contexts = []

    def make(**options) -> Reader:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        contexts.append(browser.new_context(**options))
        return Reader(contexts[-1], address)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def find_barriers():
    """Return a function that lists what axe finds on a page, or around its text: rule, where."""
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()

    def find(page: Page, *, around_the_text: bool = False) -> list[str]:
        context = {"exclude": [["article"]]} if around_the_text else None
        options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
        results = axe.run(page, context, options).response
        return [
            f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary']}"
            for rule in results["violations"]
            for node in rule["nodes"]
        ]

    return find
