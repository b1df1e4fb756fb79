"""The page for those who write a checklist of their own: its example, and what it promises."""

from __future__ import annotations

import re

import pytest

from handbook import paths
from handbook.checklists import conditions
from handbook.checklists.definition import KINDS, Definition
from handbook.checklists.validation import validate
from handbook.errors import HandbookError

PAGE = paths.BOOK / "analysts" / "write-your-own-checklist.md"


@pytest.fixture
def example() -> str:
    """The YAML of the page."""
    return re.search(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)[1]


@pytest.fixture
def check(tmp_path):
    """Return a function that writes a checklist under the page's name and checks it."""

    def write_and_check(text: str) -> Definition:
        path = tmp_path / "before-a-campaign.yml"
        path.write_text(text, encoding="utf-8")
        return validate(path)

    return write_and_check


def test_the_example_is_a_checklist(example, check):
    """An example that the command refuses, which is where everybody begins."""
    assert check(example).kind == "confirm"
    assert "`before-a-campaign.yml`" in PAGE.read_text(encoding="utf-8")


MISTAKES = {
    "a rule that does not exist": ("[REC-10, REC-11]", "[REC-10, REC-18]", "REC-18"),
    "an item without a rule": ("        rules: [REC-05, REC-06]\n", "", "rules"),
    "an outcome that nobody can reach": (
        "{all_answered: true}",
        "{all: [{all_answered: true}, {any_open: true}]}",
        "looked-at",
    ),
    "an outcome without a contact": ("contacts: [communications]", "contacts: []", "contacts"),
    "a contact that nobody knows": ("[communications]", "[comunications]", "communications"),
    "two items with one id": ("id: credits", "id: context", "context"),
    "a field that there is not": ("    text: Settle", "    txt: Settle", "txt"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake, example, check):
    """A mistake that the page says is found, and that passes or is not explained."""
    right, wrong, named = MISTAKES[mistake]
    assert right in example
    with pytest.raises(HandbookError) as refused:
        check(example.replace(right, wrong, 1))
    assert re.search(r"before-a-campaign\.yml, line \d+", str(refused.value))
    assert named in str(refused.value)


def test_ten_items_are_too_many(example, check):
    """A list that nobody can hold in mind, which the page says is refused."""
    item = "      - {{id: more-{}, text: Another., rules: [REC-10]}}\n"
    head, tail = example.split("\noutcomes:")
    check(head + "".join(item.format(n) for n in range(6)) + "\noutcomes:" + tail)
    with pytest.raises(HandbookError, match="9"):
        check(head + "".join(item.format(n) for n in range(7)) + "\noutcomes:" + tail)


def test_the_page_names_every_condition_and_kind():
    """A condition or a kind that writers have to find in the code."""
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition("| Condition | Holds when |")[2].partition("\n\n")[0]
    assert [name for name in conditions.CONDITIONS if f"{{{name}:" not in table] == []
    for name in ("is", "in", "answered", *conditions.COMPARISONS):
        assert name in table
    assert re.findall(r"^`(\w+)`\n:", text, re.M) == list(KINDS)
