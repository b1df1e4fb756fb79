"""The rules in the built pages: each letter, each address, and what is published as data."""

import csv
import datetime
import io
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from jsonschema import Draft202012Validator
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from handbook import paths, policy
from handbook.policy import published

pytestmark = pytest.mark.book


def read_pages(html):
    """Return page address to its text."""
    return {
        path.relative_to(html).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(html.rglob("*.html"))
        if "_static" not in path.parts
    }


def find_wrong_letters(pages, edition):
    """Compare every rule's text on the pages with the edition.

    Returns
    -------
    list of str
        What differs: a text that is not the edition's letter for letter, an id that stands not
        once, a text that stands a second time, a rule that the edition does not have.
    """
    wrong = []
    expected = {statement.id: statement.text for statement in edition.rules}
    seen = Counter()
    texts = Counter()
    for page, html in pages.items():
        soup = BeautifulSoup(html, "html.parser")
        for rule in soup.select(".rule.origin-aalto"):
            text = "".join(part.get_text() for part in rule.select(".rule-text"))
            seen[rule["id"]] += 1
            texts[text] += 1
            if text != expected.get(rule["id"]):
                wrong.append(f"{page}: {rule['id']} reads {text!r}")
            if len(soup.find_all(id=rule["id"])) != 1:
                wrong.append(f"{page}: the address #{rule['id']} is not the only one")
    wrong += [f"{id} stands {seen[id]} times" for id in expected if seen[id] != 1]
    wrong += [f"{text!r} stands {count} times" for text, count in texts.items() if count > 1]
    return wrong


@pytest.fixture(scope="module")
def pages(built_book):
    return read_pages(built_book)


@pytest.fixture(scope="module")
def current():
    return policy.load_editions()[-1]


@pytest.fixture(scope="module")
def data(built_book):
    return json.loads((built_book / "rules.json").read_text(encoding="utf-8"))


def test_every_letter(pages, current):
    """Catches a rule whose text, place or address is not the current edition's."""
    assert find_wrong_letters(pages, current) == []


def test_the_letter_test_can_fail(pages, current):
    """Catches a letter test that passes whatever the pages say: alters each rule in turn."""
    for statement in current.rules:
        mark = re.compile(rf'(id="{statement.id}"><span class="rule-text">)(.)')
        page = next(page for page, html in pages.items() if mark.search(html))
        letter = mark.sub(r"\1\2\2", pages[page])
        wrong = find_wrong_letters({page: letter}, current)
        text = statement.text[0] + statement.text
        assert f"{page}: {statement.id} reads {text!r}" in wrong
    whole = pages[page]
    gone = find_wrong_letters({page: whole.replace(f'id="{statement.id}"', 'id="X"')}, current)
    assert f"{statement.id} stands 0 times" in gone
    twice = find_wrong_letters({page: whole, "copy.html": whole}, current)
    assert f"{statement.id} stands 2 times" in twice
    assert f"{statement.text!r} stands 2 times" in twice


def test_addresses_lead_to_the_rules(pages, data):
    """Catches a published address that leads nowhere, or a permalink to another rule."""
    for rule in data["rules"]:
        page, id = rule["address"].split("#")
        found = BeautifulSoup(pages[page], "html.parser").find(id=id)
        assert found.select_one(".rule-text").get_text() == rule["text"]
        assert found.select_one("a.rule-id")["href"] == f"#{id}"


def test_citations_lead_to_the_rules(pages, data):
    """Catches a citation that leads elsewhere or does not say what the rule says."""
    texts = {rule["id"]: rule["text"] for rule in data["rules"]}
    addresses = {rule["id"]: rule["address"] for rule in data["rules"]}
    cited = 0
    for page, html in pages.items():
        for link in BeautifulSoup(html, "html.parser").select("a:has(> .rule-cited)"):
            id = link["href"].split("#")[1]
            target = (link["href"].split("#")[0] and Path(page).parent / link["href"]) or page
            assert os.path.normpath(str(target).split("#")[0]) == addresses[id].split("#")[0]
            assert link["title"] == texts[id]
            cited += 1
    assert cited > 20


def test_source_text_between_rules(pages, data):
    """Catches the source's own words between two rules lost, or a space before their comma."""
    page = BeautifulSoup(pages["book/guidelines/starting-a-community.html"], "html.parser")
    paragraph = page.find(id="COM-03").parent
    for label in paragraph.select(".rule-label"):
        label.decompose()
    said = paragraph.get_text().replace("\N{NO-BREAK SPACE}", "")
    texts = {rule["id"]: rule["text"] for rule in data["rules"]}
    assert f"{texts['COM-03']}, however; {texts['COM-04']}" in said


def test_mail_addresses_are_links(pages):
    """Catches an address in a rule that cannot be clicked, or is altered by the link."""
    page = BeautifulSoup(pages["book/guidelines/uproar-and-harassment.html"], "html.parser")
    link = page.find(id="UPR-04").select_one(".rule-text a")
    assert link.get_text() == "communications@aalto.fi"
    assert link["href"].replace("%40", "@") == "mailto:communications@aalto.fi"


def test_notes_are_visibly_not_the_source(pages):
    """Catches an editor's note inside a rule, or one that does not say whose it is."""
    noted = [rule for rule in policy.load_rules() if rule.note]
    said = []
    for html in pages.values():
        soup = BeautifulSoup(html, "html.parser")
        assert not soup.select(".rule .rule-note")
        said += [note.get_text() for note in soup.select(".rule-note")]
    for rule in noted:
        assert sum(text.startswith(f"Editor’s note on {rule.id}: ") for text in said) == 1


def test_the_index_lists_every_rule_in_the_editions_order(pages, current):
    """Catches a rule that the index leaves out, misquotes or misplaces."""
    table = BeautifulSoup(pages["book/about/rule-index.html"], "html.parser").select_one(
        "table.rule-index"
    )
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tbody tr")]
    expected = [[rule.id, rule.text, policy.FORCES[rule.force]] for rule in current.rules]
    found = [[id, text, standing.split("; ")[0]] for id, text, standing, *_ in rows]
    assert found[: len(expected)] == expected
    assert [cell.get_text() for cell in table.select("thead th")][:3] == ["Id", "Rule", "Force"]


def test_the_editions_page_lists_every_edition(pages):
    """Catches an edition that readers do not hear of."""
    page = BeautifulSoup(pages["book/about/editions.html"], "html.parser")
    titles = [head.find(string=True) for head in page.select("section section > h2")]
    assert titles == [f"Edition {e.edition}" for e in reversed(policy.load_editions())]


def test_published_data_keeps_its_schema(built_book, data, current):
    """Catches published data that another program cannot rely on."""
    schema = json.loads((built_book / "rules.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(data)
    assert data["edition"] == current.edition
    assert data["handbook_status"] == "unofficial"
    in_edition = [rule for rule in data["rules"] if rule["origin"] == "aalto"]
    assert [(r["id"], r["text"], r["force"], r["status"]) for r in in_edition] == [
        (r.id, r.text, r.force, r.status) for r in current.rules
    ]
    fields = set(schema["$defs"]["rule"]["properties"])
    assert fields == set(schema["$defs"]["rule"]["required"])


def test_csv_says_the_same(built_book, data):
    """Catches a CSV that differs from the JSON."""
    with (built_book / "rules.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == [rule["text"] for rule in data["rules"]]
    assert [row["address"] for row in rows] == [rule["address"] for rule in data["rules"]]
    assert {row["edition"] for row in rows} == {str(data["edition"])}


def test_the_index_leads_to_the_checklists_that_ask_for_a_rule(built_book, data):
    """Catches a checklist that the index names and does not lead to, or leaves out."""
    folder = built_book / "book/about"
    soup = BeautifulSoup((folder / "rule-index.html").read_text(encoding="utf-8"), "html.parser")
    table = soup.select_one("table.rule-index")
    column = [head.get_text(strip=True) for head in table.select("thead th")].index("Checklists")
    led = {}
    for row in table.select("tbody tr"):
        cells = row.find_all(["th", "td"])
        pages = [(folder / link["href"]).resolve() for link in cells[column].find_all("a")]
        assert all(page.is_file() for page in pages)
        led[cells[0].get_text(strip=True)] = [page.stem for page in pages]
    asked = {rule["id"]: rule["checklists"] for rule in data["rules"]}
    assert led == asked
    assert "before-you-post" in asked["PRV-06"]


def test_checklists_are_found_by_the_ids_they_ask_for(tmp_path):
    """Catches a rule whose checklist is not published with it."""
    folder = tmp_path / "data" / "checklists"
    folder.mkdir(parents=True)
    (folder / "post.yml").write_text("rules: [PRV-06, PRV-07]\nmore: [PRV-06]\n")
    (folder / "start.yml").write_text("rules: [PRV-06]\n")
    found = published.find_checklists(["PRV-06", "PRV-07", "PRV-08"], tmp_path)
    assert found == {"PRV-06": ["post", "start"], "PRV-07": ["post"], "PRV-08": []}


# A small book of its own: what the strict build refuses.


def make_first_edition(statements):
    return policy.Edition(
        edition=1,
        date=None,
        reason="x",
        approver_role=None,
        previous=None,
        rules=[policy.Statement(id=id, force="must", text=text) for id, text in statements.items()],
    )


@pytest.fixture
def small_book(tmp_path):
    """Return a function that builds pages and returns Sphinx's warnings and the pages."""

    def build(pages, statements, later=None):
        source = tmp_path / "source"
        (source / "book").mkdir(parents=True)
        for name, text in pages.items():
            (source / "book" / f"{name}.md").write_text(text, encoding="utf-8")
        editions = [make_first_edition(statements)]
        if later:
            adopted = {"date": datetime.date(2027, 1, 15), "reason": "Why", "approver_role": "Who"}
            editions.append(policy.make_edition(editions, later, **adopted))
        for edition in editions:
            policy.write_edition(edition, tmp_path)
        sys.path.insert(0, str(paths.BOOK / "_ext"))
        warnings = io.StringIO()
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                source,
                None,
                tmp_path / "html",
                tmp_path / "doctrees",
                "html",
                confoverrides={
                    "extensions": ["myst_parser", "handbook_rules"],
                    "myst_enable_extensions": ["colon_fence"],
                    "root_doc": "book/index",
                    "handbook_editions": str(tmp_path),
                    "exclude_patterns": ["book/hidden.md"],
                    "nitpicky": True,
                    "smartquotes": False,
                },
                status=None,
                warning=warnings,
            )
            app.build(force_all=True)
        sys.path.remove(str(paths.BOOK / "_ext"))
        return re.sub(r"\x1b\[\d+m", "", warnings.getvalue()), read_pages(tmp_path / "html")

    return build


def page(*rules):
    """Return a page with a group of (id, text, options) rules."""
    lines = ["# Page", "", "::::{rules}"]
    for id, text, *options in rules:
        lines += [f":::{{rule}} {id}", ":force: must", *options, text, ":::"]
    return "\n".join([*lines, "::::", ""])


A1 = ("A-01", "One.")


def test_a_sound_small_book(small_book):
    """Catches a warning where nothing is wrong."""
    said, pages = small_book({"index": page(A1) + "\nSee {rule}`A-01`.\n"}, {"A-01": "One."})
    assert said == ""
    assert 'id="A-01"' in pages["book/index.html"]


@pytest.mark.parametrize(
    ("pages", "statements", "expected"),
    [
        ({"index": page(("A-01", "Won."))}, {}, "A-01 is not as edition 1 has it"),
        ({"index": page(A1, ("A-02", "Two."))}, {}, "A-02 is not in edition 1"),
        ({"index": page(A1)}, {"A-02": "Two."}, "A-02: expected on a page"),
        ({"index": page(A1, A1)}, {}, "A-01 stands already in book/index.md, line 4"),
        (
            {"index": page(A1), "hidden": page(("A-02", "Two."))},
            {"A-02": "Two."},
            "A-02 is on no page of the book. Is its page in _toc.yml?",
        ),
        (
            {"index": page((*A1, ":status: replaced", ":replaced_by: A-09"))},
            {},
            "A-01 is replaced by A-09, and there is no such rule",
        ),
        ({"index": page((*A1, ":forse: x"))}, {}, "Did you mean :force:?"),
        ({"index": page(("A-01", "Say {{ who }}."))}, {}, "found a substitution"),
        ({"index": page(A1) + "\n{rule}`A-77`\n"}, {}, "there is no rule A-77"),
        (
            {"index": page(A1) + "\n```{rule} A-02\nTwo.\n```\n"},
            {"A-02": "Two."},
            "A-02: option :force: expects",
        ),
        (
            {"index": page(A1) + "\n```{rule} A-02\n:force: must\nTwo.\n```\n"},
            {"A-02": "Two."},
            "A-02: the page has a rule that reading its Markdown does not find so",
        ),
    ],
)
def test_a_book_that_is_wrong_does_not_build(small_book, pages, statements, expected):
    """Catches a build that passes although pages, loader and edition do not agree."""
    said, _ = small_book(pages, {"A-01": "One."} | statements)
    assert expected in said


def test_an_included_rule_is_refused(small_book, tmp_path):
    """Catches a rule that comes onto a page by include and that the loader cannot see."""
    (tmp_path / "more.txt").write_text(page(("A-02", "Two.")).split("\n\n")[1], encoding="utf-8")
    include = "\n```{include} ../../more.txt\n```\n"
    said, _ = small_book({"index": page(A1) + include}, {"A-01": "One.", "A-02": "Two."})
    assert "A-02: the page has a rule that reading its Markdown does not find so" in said


def test_what_is_not_the_guidelines_says_so(small_book):
    """Catches law and practice that look like the guidelines, and a withdrawn rule in force."""
    rules = page(
        A1,
        ("L-01", "Law.", ":origin: law", ":source: GDPR, article 33"),
        ("A-02", "Two.", ":status: replaced", ":replaced_by: A-01"),
    )
    said, pages = small_book({"index": rules}, {"A-01": "One.", "A-02": "Two."})
    soup = BeautifulSoup(pages["book/index.html"], "html.parser")
    law = soup.find(id="L-01")
    assert "origin-law" in law["class"]
    assert law.select_one(".rule-label").get_text() == "law (GDPR, article 33) must L-01"
    gone = soup.find(id="A-02")
    assert "status-replaced" in gone["class"]
    assert gone.select_one(".rule-label").get_text() == "A-02 replaced by A-01"
    assert "A-02 is not as edition 1 has it. status" in said


def test_the_editions_page_says_what_changed(small_book):
    """Catches a change that readers of the editions page do not hear of."""
    rules = [
        policy.Statement(id="A-01", force="must", text="Won."),
        policy.Statement(id="A-02", force="must", text="Two.", status="withdrawn"),
        policy.Statement(id="A-03", force="must", text="Three.", since=2),
    ]
    withdrawn = ("A-02", "Two.", ":status: withdrawn")
    index = page(("A-01", "Won."), withdrawn, ("A-03", "Three.", ":since: 2"))
    said, pages = small_book(
        {"index": f"{index}\n```{{editions}}\n```\n\n```{{rule-index}}\n```\n"},
        {"A-01": "One.", "A-02": "Two."},
        rules,
    )
    assert said == ""
    soup = BeautifulSoup(pages["book/index.html"], "html.parser")
    facts = " ".join(soup.select_one("dl.edition").get_text(" ").split())
    for fact in ("2027-01-15", "Why", "Who", "3, of them 2 in force"):
        assert fact in facts
    changes = [" ".join(item.get_text(" ").split()) for item in soup.select("ul.changes > li")]
    assert changes == [
        "Changed: A-01 text: “One.”, now “Won.”",
        "Withdrawn: A-02 (withdrawn)",
        "Added: A-03 Three.",
    ]
    rows = soup.select("table.rule-index tbody tr")
    assert [row.select("td")[1].get_text() for row in rows] == ["must", "must; withdrawn", "must"]
