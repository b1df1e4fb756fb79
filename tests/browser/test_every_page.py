"""Every page of the book as readers see it: light and dark, on a desk and on a telephone."""

from __future__ import annotations

import pytest
import yaml

from handbook import paths

pytestmark = [pytest.mark.browser, pytest.mark.book]

KINDS = {
    "light-1280": ("light", 1280),
    "light-390": ("light", 390),
    "dark-1280": ("dark", 1280),
    "dark-390": ("dark", 390),
}


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


@pytest.fixture(scope="module", params=KINDS)
def kind(request) -> str:
    """One way of reading."""
    return request.param


@pytest.fixture(scope="module")
def reader(kind, open_reader):
    """A reader of that kind."""
    scheme, width = KINDS[kind]
    return open_reader(color_scheme=scheme, viewport={"width": width, "height": 800})


@pytest.mark.parametrize("path", list_pages())
def test_a_page_opens_cleanly_and_is_accessible(path, kind, reader, find_barriers):
    """Console errors, missing files, other hosts, barriers that axe finds, sideways scrolling."""
    scheme, width = KINDS[kind]
    page = reader.open(path)
    picture = paths.BUILD / "screenshots" / kind / f"{path.removesuffix('.html')}.png"
    page.screenshot(path=picture, full_page=True, animations="disabled")
    assert reader.complaints == []
    assert page.locator("html").get_attribute("data-theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert find_barriers(page) == []
    help_link = page.locator(".handbook-help").bounding_box()
    assert help_link["y"] + help_link["height"] < 200, "help is not in sight"
    assert help_link["x"] >= 0 and help_link["x"] + help_link["width"] <= width


def test_the_checker_sees_barriers(open_reader, find_barriers):
    """A checker that finds nothing because it does not look."""
    page = open_reader().open("search.html")
    page.set_content('<html lang="en"><title>T</title><p style="color:#aaa">Pale<img src="x">')
    found = " ".join(find_barriers(page))
    assert "color-contrast" in found and "image-alt" in found
