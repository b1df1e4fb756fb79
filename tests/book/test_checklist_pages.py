"""The checklists in the built book: what each page loads, and what it says without a script."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from handbook.checklists import definition

pytestmark = pytest.mark.book

LIMIT = 12_000
"""Bytes of script and style, compressed, that a checklist may add to a page."""

IDS = definition.find_ids()


@cache
def read(page: Path) -> BeautifulSoup:
    """Return a page, parsed once."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def find_assets(page: Path) -> list[Path]:
    """Return the scripts and styles of checklists that a page loads."""
    elements = read(page).select("script[src], link[rel=stylesheet]")
    files = [(element.get("src") or element["href"]).partition("?")[0] for element in elements]
    return [(page.parent / file).resolve() for file in files if "/checklist" in file]


@pytest.fixture(scope="module")
def pages(built_book) -> list[Path]:
    """Every page of the book."""
    return sorted(built_book.glob("book/**/*.html")) + sorted(built_book.glob("notebooks/*.html"))


@pytest.mark.parametrize("id", IDS)
def test_each_checklist_has_its_page(built_book, id):
    """A checklist that no page shows, or that the page's script does not find."""
    page = read(built_book / f"book/checklists/{id}.html")
    [found] = page.select(".checklist")
    assert found["data-id"] == id
    data = json.loads(found.select_one("script").string)
    assert data["definition"]["version"] == definition.load(id).version
    assert page.h1.get_text().startswith(definition.load(id).title)


def test_only_pages_with_a_checklist_load_anything_for_it(pages):
    """A script on every page because one page needs it."""
    with_list = [page for page in pages if read(page).select(".checklist")]
    loading = [page for page in pages if find_assets(page)]
    assert len(with_list) > len(IDS)
    assert loading == with_list


def test_script_and_style_are_light(pages):
    """A checklist that costs more than the text around it."""
    for page in pages:
        weight = {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in find_assets(page)}
        assert sum(weight.values()) <= LIMIT, f"{page.name}: {weight}"
        assert len(weight) <= 2


def test_each_situation_has_its_address_and_its_answer(built_book):
    """An address that readers have kept, and that leads nowhere."""
    page = read(built_book / "book/checklists/something-went-wrong.html")
    listed = [link["href"] for link in page.select(".checklist-contents a")]
    for item in definition.load("something-went-wrong").items:
        for one in (item, *item.aliases):
            section = page.find(id=f"situation-{one.id}")
            assert section.find(["h2", "h3"]).get_text().startswith(one.text)
            assert section.select("dl.checklist-answer .checklist-contacts li")
            assert f"#situation-{one.id}" in listed


def test_rules_of_a_checklist_are_links(built_book):
    """A rule that a list cites and nobody can look up from there."""
    for id in IDS:
        page = read(built_book / f"book/checklists/{id}.html")
        links = {link.get_text(): link["href"] for link in page.select(".checklist-rules a")}
        cited = {rule for item in definition.load(id).items for rule in item.rules}
        assert cited <= set(links)
        assert all(href.endswith(f"#{rule}") for rule, href in links.items())


def test_guidelines_end_with_something_to_do(built_book):
    """A guideline whose list is only a link, or a link without its count."""
    page = read(built_book / "book/guidelines/publishing.html")
    assert page.select(".checklist[data-kind=confirm] input[type=checkbox]")
    assert not page.select(".checklist textarea")
    page = read(built_book / "book/guidelines/starting-a-community.html")
    link = page.select_one(".checklist a")
    assert link["href"].endswith("checklists/start-a-community.html")
    assert "{n}" in link.parent["data-count"]
