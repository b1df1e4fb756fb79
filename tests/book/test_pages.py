"""Every built page: whose handbook it is, where help is, and nothing that leads nowhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont

from handbook import organisation

pytestmark = pytest.mark.book

HELP = "book/checklists/something-went-wrong.html"


@cache
def read(page: Path) -> BeautifulSoup:
    """Return a page, parsed once."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def pages(built_book) -> dict[str, BeautifulSoup]:
    """Every page but the one that leads home, by its address."""
    found = sorted(built_book.rglob("*.html"))
    return {
        page.relative_to(built_book).as_posix(): read(page)
        for page in found
        if page != built_book / "index.html"
    }


def test_every_page_says_whose_handbook_it_is(pages):
    """A page that could be taken for the university's own."""
    known = organisation.load()
    assert known.status == "unofficial"
    for path, page in pages.items():
        bar = page.select_one(".handbook-bar")
        assert bar and "Unofficial" in bar.text and known.name in bar.text, path
        link = page.select_one(".handbook-bar a")["href"]
        assert resolve(path, link) == "book/about/sources.html", path


def test_help_is_one_click_away_from_every_page(pages):
    """A page without the way to help."""
    for path, page in pages.items():
        link = page.select_one("a.handbook-help")
        assert link and "Something went wrong" in link.text, path
        assert resolve(path, link["href"]) == HELP, path


def test_every_page_has_a_language_one_heading_and_a_title_of_its_own(pages):
    """Pages that screen readers and tabs cannot tell apart."""
    titles = [page.title.get_text(strip=True) for page in pages.values()]
    assert len(titles) == len(set(titles))
    for path, page in pages.items():
        assert page.html["lang"] == "en", path
        assert len(page.find_all("h1")) == 1, path


def test_headings_skip_no_level(pages):
    """An outline with holes."""
    for path, page in pages.items():
        levels = [int(h.name[1]) for h in page.select("article :is(h1,h2,h3,h4,h5,h6)")]
        steps = [after - before for before, after in zip(levels, levels[1:], strict=False)]
        assert all(step <= 1 for step in steps), path


def test_pages_load_nothing_from_other_hosts(pages):
    """A font, script, style or picture that tells another host who reads."""
    for path, page in pages.items():
        loaded = page.select("script[src], img[src], link[href], iframe[src], source[src]")
        for element in loaded:
            address = element.get("src") or element["href"]
            assert not urlsplit(address).netloc, f"{path}: {address}"


def test_every_link_and_file_inside_the_book_is_there(built_book, pages):
    """A link to a page, a heading or a file that does not exist."""
    missing = []
    for path, page in pages.items():
        for element in page.select("[href], [src]"):
            address = element.get("href") or element.get("src") or ""
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = resolve(path, parts.path) if parts.path else path
            file = built_book / target
            if (
                not file.is_file()
                or parts.fragment
                and not read(file).find(id=unquote(parts.fragment))
            ):
                missing.append(f"{path}: {address}")
    assert missing == []


def test_next_walks_through_all_pages_in_the_order_of_the_sidebar(pages):
    """A page that the chain leaves out, or a chain that turns in a circle."""
    home = "book/index.html"
    listed = [resolve(home, link["href"]) for link in pages[home].select("nav.bd-links a")]
    walked = [home]
    while following := pages[walked[-1]].select_one("a.right-next"):
        walked.append(resolve(walked[-1], following["href"]))
        assert len(walked) <= len(listed), walked
    assert walked == listed


def test_the_sites_own_address_leads_home(built_book):
    """A front page without a language, a title or a link for those whose browser waits."""
    front = read(built_book / "index.html")
    assert front.html["lang"] and front.title.text
    assert (built_book / front.find("a")["href"]).is_file()


def test_no_page_carries_what_was_left_out(pages):
    """Scripts that come back: icons, tooltips, kernels elsewhere, search on every page."""
    for path, page in pages.items():
        code = page.select('script:not([type="application/json"])')
        scripts = " ".join(str(script) for script in code)
        for name in ("fontawesome", "bootstrap", "thebe", "mathjax", "require"):
            assert name not in scripts.lower(), f"{path}: {name}"
        assert ("searchindex.js" in scripts) == (path == "search.html"), path


def test_every_icon_on_a_page_is_in_the_cut_font(built_book, pages):
    """An empty box where an icon should be."""
    shown = {
        name
        for page in pages.values()
        for element in page.select("[class*=fa-]")
        for name in element["class"]
        if name.startswith("fa-") and name not in ("fa-solid", "fa-regular", "fa-brands", "fa-lg")
    }
    css = (built_book / "_static/styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")
    fonts = (built_book / "_static/vendor/fontawesome/webfonts").glob("*.woff2")
    drawn = {codepoint for font in fonts for codepoint in TTFont(font).getBestCmap()}
    assert "fa-bars" in shown
    for name in shown:
        rule = re.search(rf'\.{name}:before[^{{]*{{content:"\\([0-9a-f]+)"', css)
        assert rule and int(rule[1], 16) in drawn, name


def test_a_public_build_may_be_found(pages):
    """A public page that asks search engines to stay away, or claims internal figures."""
    for path, page in pages.items():
        assert not page.select_one("meta[name=robots]"), path
        assert not page.select_one(".handbook-bar--internal"), path


def test_an_empty_register_names_nobody_and_says_whom_to_ask(pages):
    """A directory that invents channels, or says nothing."""
    article = pages["book/channels/index.html"].select_one("article")
    text = " ".join(article.get_text().split())
    assert "No channel has been confirmed here yet. Ask communications@aalto.fi." in text


def resolve(path: str, address: str) -> str:
    """Return where a relative address on a page leads, within the book."""
    if address == "#":
        return path
    parts = list(Path(path).parent.parts)
    for part in Path(unquote(address.partition("#")[0])).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
