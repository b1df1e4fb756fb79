"""Every page of the book as readers see it: light and dark, on a desk and on a telephone."""

from __future__ import annotations

import pytest
import yaml
from playwright.sync_api import Page, expect

from handbook import paths

pytestmark = [pytest.mark.browser, pytest.mark.book]

OTHER = {"light": "dark", "dark": "light"}


def list_pages() -> list[str]:
    """Return the address of every page in `_toc.yml`, in its order, and the search page."""
    toc = yaml.safe_load((paths.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [toc["root"]]
    files += [
        page["file"]
        for part in toc["parts"]
        for chapter in part["chapters"]
        for page in (chapter, *chapter.get("sections", []))
    ]
    return [f"{file}.html" for file in files] + ["search.html"]


@pytest.fixture(scope="module", params=[("light", 1280), ("dark", 390)], ids=["desk", "telephone"])
def kind(request) -> tuple[str, int]:
    """The scheme and the width that a page is opened with."""
    return request.param


@pytest.fixture(scope="module")
def reader(kind, open_reader):
    """A reader of that kind."""
    scheme, width = kind
    return open_reader(color_scheme=scheme, viewport={"width": width, "height": 800})


def look_at(page: Page, path: str, scheme: str, width: int) -> None:
    """Check what can be seen, and keep a picture of it for people."""
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    picture = paths.BUILD / "screenshots" / f"{scheme}-{width}" / path.replace(".html", ".jpg")
    page.screenshot(path=picture, type="jpeg", full_page=True, animations="disabled")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    help_link = page.locator(".handbook-help").bounding_box()
    assert help_link["y"] + help_link["height"] < 200, "help is not in sight"
    assert help_link["x"] >= 0 and help_link["x"] + help_link["width"] <= width


@pytest.mark.parametrize("path", list_pages())
def test_a_page_opens_cleanly_and_is_accessible(path, kind, reader, find_barriers):
    """Console errors, missing files, other hosts, barriers that axe finds, sideways scrolling.

    Then the reader's device changes its scheme.
    The text has been searched for barriers in both schemes when both readers have been here, for
    its colours do not depend on the width; what stands around it changes with the width, too.
    """
    scheme, width = kind
    page = reader.open(path)
    look_at(page, path, scheme, width)
    assert find_barriers(page) == []
    page.emulate_media(color_scheme=OTHER[scheme], reduced_motion="reduce")
    look_at(page, path, OTHER[scheme], width)
    assert find_barriers(page, around_the_text=True) == []
    page.emulate_media(color_scheme=scheme, reduced_motion="no-preference")
    assert reader.complaints == []


def test_the_checker_sees_barriers(open_reader, find_barriers):
    """A checker that finds nothing because it does not look."""
    pale = '<p style="color:#aaa">Pale'
    page = open_reader().open("search.html")
    page.set_content(f'<html lang="en"><title>T</title><article>{pale}<img src="x"></article>')
    found = " ".join(find_barriers(page))
    assert "color-contrast" in found and "image-alt" in found
    assert find_barriers(page, around_the_text=True) == []
    page.set_content(f'<html lang="en"><title>T</title>{pale}')
    assert "color-contrast" in " ".join(find_barriers(page, around_the_text=True))


def test_the_reader_sees_what_a_page_asks_for(open_reader):
    """Complaints that stay empty because nobody listens."""
    reader = open_reader()
    page = reader.open("search.html")
    with page.expect_event("requestfailed"):
        page.set_content('<img src="https://elsewhere.example/x.png">')
    assert reader.complaints[0] == "asked another host: https://elsewhere.example/x.png"
    with page.expect_response("**/missing.png"):
        page.set_content(f'<img src="{reader.address}missing.png">')
    assert f"404: {reader.address}missing.png" in reader.complaints
