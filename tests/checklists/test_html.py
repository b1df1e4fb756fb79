"""The readable list: everything that a checklist says, without a script."""

from __future__ import annotations

from functools import cache

import pytest
from bs4 import BeautifulSoup

from handbook.checklists import definition, html

HOSTILE = """<img src=x onerror="alert(1)">&amp;' """


@cache
def make_payload(id: str) -> dict:
    """Return what the HTML of one of the handbook's checklists is made from."""
    return definition.make_payload(id, rule_href=lambda rule: f"rules.html#{rule}")


def draw(id: str, **options) -> BeautifulSoup:
    """Return one of the handbook's checklists as HTML, parsed."""
    return BeautifulSoup(html.render(make_payload(id), **options), "html.parser")


def squeeze(text: str) -> str:
    """Return a text with single blanks."""
    return " ".join(text.split())


@pytest.mark.parametrize("id", definition.find_ids())
@pytest.mark.parametrize("options", [{}, {"script": False}, {"page": True}])
def test_every_item_is_there_with_its_rules_and_source(id, options):
    """An item, a rule, a source or a remark that readers without a script do not get."""
    found = definition.load(id)
    page = draw(id, **options)
    text = squeeze(page.get_text(" "))
    links = {link.get_text() for link in page.select(".checklist-rules a")}
    if found.kind == "situations" and options.get("page"):
        payload = make_payload(id)
        items = [item for part in payload["definition"]["sections"] for item in part["items"]]
        page = BeautifulSoup(
            "".join(html.render_situation(payload, item) for item in items), "html.parser"
        )
        text += squeeze(page.get_text(" "))
        links |= {link.get_text() for link in page.select(".checklist-rules a")}
    for item in found.items:
        for one in (item, *getattr(item, "first", ()), *getattr(item, "do_not", ())):
            assert squeeze(one.text) in text
            assert squeeze(one.note) in text
            assert set(one.rules) <= links
            if getattr(one, "source", ""):
                assert one.source in text
    if found.kind == "confirm":
        assert all(squeeze(outcome.text) in text for outcome in found.outcomes)


@pytest.mark.parametrize("id", definition.find_ids())
def test_every_control_has_a_name(id):
    """A box or a line that a screen reader announces as nothing."""
    page = draw(id, page=True)
    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids))
    for control in page.select("input, select, textarea"):
        named = control.get("aria-label") or control.find_parent("label")
        named = named or page.find("label", attrs={"for": control.get("id") or "?"})
        assert named, control
    for element in page.select("[aria-describedby], [aria-labelledby]"):
        for name in ("aria-describedby", "aria-labelledby"):
            assert set(element.get(name, "").split()) <= set(ids), element


@pytest.mark.parametrize("id", definition.find_ids())
def test_nothing_that_needs_a_script_shows_without_one(id):
    """A button that does nothing."""
    for element in draw(id, page=True).select("button, progress, [data-part=answer]"):
        hidden = [element, *element.parents]
        assert any(one.has_attr("hidden") for one in hidden if one.name != "[document]"), element
    assert not draw(id, script=False).select("button, progress, [data-script]")


def test_two_lists_on_one_page_share_no_id():
    """A label of one list that ticks a box of the other."""
    first = {one["id"] for one in draw("before-you-post", prefix="a-").select("[id]")}
    second = {one["id"] for one in draw("before-you-post", prefix="b-").select("[id]")}
    assert first and not first & second


def test_a_compact_list_has_no_notes_and_no_printing():
    """A guideline that ends in a second page."""
    page = draw("before-you-post", compact=True, page=True)
    assert not page.select("textarea, [data-do=note], [data-do=print], .checklist-line")
    assert page.select("[data-do=delete]")


def test_texts_are_texts():
    """Markup in a checklist of one's own that becomes part of the page."""
    payload = definition.make_payload("start-a-community")
    for section in payload["definition"]["sections"]:
        section["title"] = HOSTILE
        for item in section["items"]:
            item |= {"text": HOSTILE, "help": HOSTILE, "note": HOSTILE}
            for option in item.get("options", ()):
                option |= {"value": HOSTILE, "text": HOSTILE}
    page = BeautifulSoup(html.render(payload, page=True), "html.parser")
    assert not page.select("img")
    assert page.get_text().count("onerror") > 50


def test_the_script_is_told_no_more_than_it_needs():
    """Texts that the page carries twice."""
    payload = definition.make_payload("start-a-community")
    told = html.make_script_payload(payload)
    assert "lead" in payload["definition"] and "lead" not in told["definition"]
    assert not any(
        "help" in item for part in told["definition"]["sections"] for item in part["items"]
    )
    assert told["definition"]["sections"][0]["items"][0]["options"]


def test_whatever_is_advised_on_has_a_place_for_it():
    """A warning of a measure that the platform lacks, and nowhere to show it beside the field."""
    page = draw("start-a-community", page=True)
    for section in make_payload("start-a-community")["definition"]["sections"]:
        for item in section["items"]:
            advised = bool(item.get("checks")) or item["id"] == "measures"
            place = page.select(f'[data-item="{item["id"]}"] .checklist-advice')
            assert len(place) == advised, item["id"]
