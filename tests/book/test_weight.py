"""What a first visit costs."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.book

LIMIT = 60_000
"""Bytes as sent, compressed: pages were asked to stay below 150 000 and came to about 40 000."""

COMPRESSED = {".woff2", ".png", ".jpg", ".webp"}


def weigh(page: Path) -> dict[str, int]:
    """Return the bytes of everything that a page can load at once, by its name.

    Every script, style, picture that is not lazy and the page itself, compressed; all icon fonts,
    of which a browser loads only those that it needs.
    """
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    elements = soup.select("script[src], link[rel=stylesheet], link[rel=icon], img[src]")
    files = {page} | {
        (page.parent / (element.get("src") or element["href"]).partition("?")[0]).resolve()
        for element in elements
        if element.get("loading") != "lazy"
    }
    static = next(file for file in files if file.name == "basic.css").parent
    files |= set(static.glob("vendor/fontawesome/webfonts/*.woff2"))
    return {
        file.name: file.stat().st_size
        if file.suffix in COMPRESSED
        else len(gzip.compress(file.read_bytes()))
        for file in files
    }


def test_guideline_pages_are_light(built_book):
    """A page that grows by a library, a font or a picture nobody needs to read it."""
    pages = sorted(built_book.glob("book/guidelines/*.html"))
    assert pages
    for page in pages:
        weight = weigh(page)
        assert sum(weight.values()) <= LIMIT, f"{page.name}: {weight}"


def test_help_is_as_light_as_a_guideline(built_book):
    """The page for bad moments that comes slowly over a bad connection."""
    weight = weigh(built_book / "book/checklists/something-went-wrong.html")
    assert sum(weight.values()) <= LIMIT, weight
