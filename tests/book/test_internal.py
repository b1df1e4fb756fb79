"""A build on figures of real channels says so on every page, and cannot be published."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from handbook.book.build import build, refuse_internal
from handbook.errors import HandbookError

pytestmark = pytest.mark.book


def test_every_page_of_an_internal_build_says_that_it_is_internal(tmp_path):
    """A page, the search or the front page of an internal build that could pass for public."""
    html = build(tmp_path, internal=True, strict=False)
    pages = sorted(html.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        robots = soup.select_one("meta[name=robots]")
        assert robots and "noindex" in robots["content"], page.name
        if page != html / "index.html":
            assert "figures of real channels" in soup.select_one(".handbook-bar--internal").text
    with pytest.raises(HandbookError, match="internal build"):
        refuse_internal(html)
