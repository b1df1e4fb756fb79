"""What the page on privacy says about the reader's browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import sync_playwright

from handbook import paths
from handbook.chromium import ARGUMENTS, find_chromium

KEPT = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]"


@pytest.mark.book
@pytest.mark.browser
def test_the_page_names_everything_that_the_browser_keeps(built_book):
    """A script that keeps something on the reader's device and is not named, or sets a cookie."""
    page_text = (paths.BOOK / "about" / "privacy.md").read_text(encoding="utf-8")
    table = page_text.partition("## What your browser keeps")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([^`]+)`", table))
    kept = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 700})

            def visit(address: str, ready: str = "main") -> None:
                page.goto(f"{built_book.as_uri()}/{address}")
                page.wait_for_selector(ready)
                kept.update(page.evaluate(KEPT))

            visit("book/guidelines/crisis.html")
            page.locator(".theme-switch-button").locator("visible=true").first.click()
            visit("search.html?q=harassed", ready="#search-results li a")
            page.locator("#search-results li a").first.click()
            visit("book/checklists/something-went-wrong.html#situation-uproar")
            cookies = page.context.cookies()
        finally:
            browser.close()
    assert kept == named
    assert not cookies
