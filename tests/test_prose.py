"""The handbook's pages as they are written: their form, their citations, their language."""

from __future__ import annotations

import re

import pytest
import yaml

from handbook import channels, organisation, paths
from handbook.policy import FORCES, load_rules

PAGES = sorted(p for p in paths.BOOK.rglob("*.md") if ".ipynb_checkpoints" not in p.parts)
GUIDELINES = sorted((paths.BOOK / "guidelines").glob("*.md"))
CHECKLISTS = sorted((paths.DATA / "checklists").glob("*.yml"))
SITUATIONS = paths.BOOK / "checklists" / "something-went-wrong.md"

RULE = re.compile(r"^:::\{rule\} (?P<id>\S+)\n.*?^:::$", re.M | re.S)
CODE = re.compile(r"^(?P<fence>`{3,})(?!\{).*?^(?P=fence)$", re.M | re.S)


def name(path) -> str:
    """Return a page's path inside the book, for the test's id."""
    return path.relative_to(paths.BOOK).as_posix()


def read(path) -> str:
    """Return a page without its code, whose signs mean something else."""
    return CODE.sub("", path.read_text(encoding="utf-8"))


def normalise(text: str) -> str:
    """Return text in one line, one case and one kind of quotation mark, without emphasis."""
    for marks, plain in (("’‘", "'"), ("“”", '"'), ("*_`", "")):
        text = re.sub(f"[{marks}]", plain, text)
    return " ".join(text.casefold().split())


def find_quoted(text: str, statements: dict[str, str]) -> set[str]:
    """Return the ids of the statements whose words stand in `text` outside a rule."""
    outside = normalise(RULE.sub(" ", text))
    return {
        rule_id
        for rule_id, statement in statements.items()
        if re.search(rf"(?<!\w){re.escape(normalise(statement).rstrip('.!?:'))}(?!\w)", outside)
    }


def headings(text: str) -> list[tuple[int, str]]:
    """Return level and title of each heading."""
    return [(len(marks), title) for marks, title in re.findall(r"^(#+) (.+)$", text, re.M)]


def sentences(text: str) -> list[str]:
    """Return the sentences that are ours: no rules, tables, options, directives, headings."""
    text = re.sub(r"^(?:[|#`(]|:+\{|:+$|::::|:\w+:).*$", "", RULE.sub("", text), flags=re.M)
    text = re.sub(r"`[^`]*`|<[^>]*>|\]\([^)]*\)", " x ", text)
    return [
        sentence
        for line in text.splitlines()
        for sentence in re.split(r"(?<=[.!?;:])\s|; ", line)
        if sentence.strip()
    ]


@pytest.fixture(scope="module")
def rules() -> dict[str, str]:
    """The text of each rule by its id."""
    return {rule.id: rule.text for rule in load_rules()}


def test_every_page_stands_in_the_list_of_pages():
    """A page that nobody can reach, or one that the list names and that is gone."""
    toc = yaml.safe_load((paths.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [toc["root"]] + [
        page["file"]
        for part in toc["parts"]
        for chapter in part["chapters"]
        for page in (chapter, *chapter.get("sections", []))
    ]
    pages = [page.removesuffix(".md") for page in listed if page.startswith("book/")]
    assert sorted(pages) == sorted(f"book/{name(path)}".removesuffix(".md") for path in PAGES)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_headings_make_an_outline(path):
    """Two main headings on a page, or a level that is skipped, which lose screen reader users."""
    levels = [level for level, _ in headings(read(path))]
    assert levels[:1] == [1]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_only_plain_means(path):
    """Task lists (boxes without a label), mathematics (scripts of another host), raw HTML."""
    text = read(path)
    assert not re.search(r"^\s*[-*] \[[ x]\]", text, re.M)
    assert "$$" not in text and "{math}" not in text
    assert not re.search(r"</?(?:div|span|p|a|img|table|br|details|script)\b", text)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_link_texts_make_sense_alone(path):
    """Links that say `here` or `this page`, useless in a list of links."""
    texts = re.findall(r"(?<!!)\[([^\]]*)\]\(", read(path))
    vague = {"", "here", "click here", "link", "this", "this page", "more", "read more"}
    assert not {text.casefold() for text in texts} & vague


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_sentences_are_short(path):
    """A sentence of ours with more than 25 words."""
    long = [sentence for sentence in sentences(read(path)) if len(sentence.split()) > 25]
    assert not long


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_cited_rules_exist(path, rules):
    """A citation of a rule that does not exist."""
    cited = set(re.findall(r"\{rule\}`([^`]+)`", read(path)))
    assert cited <= set(rules)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_statement_stands_in_its_rule_only(path, rules):
    """A statement copied into other text, where it would grow old unseen."""
    assert not find_quoted(read(path), rules)


def test_a_copied_statement_is_found(rules):
    """A search for copied statements that finds nothing whatever the page says."""
    for rule_id, statement in rules.items():
        copied = f"As the guidelines say, *{statement.replace('’', chr(39))}* And more."
        assert rule_id in find_quoted(copied, rules)
        assert not find_quoted(f":::{{rule}} {rule_id}\n:force: info\n{statement}\n:::\n", rules)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_addresses_are_the_organisations(path):
    """An e-mail address that nobody confirmed, or one that changed in organisation.yml."""
    known = {contact.email for _, contact in organisation.load().contacts}
    assert set(re.findall(r"<([^<>\s]+@[^<>\s]+)>", read(path))) <= known


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_what_is_not_the_source_says_so(path):
    """An editor's note, a law or a practice that reads as if Aalto had said it."""
    notes = re.findall(
        r"^:::\{admonition\} ([^\n]+)\n:class: ([^\n]+)\n(.*?)^:::$", read(path), re.M | re.S
    )
    for title, classes, body in notes:
        if classes == "summary":
            continue
        assert "editor" in classes.split()
        if {"law", "practice"} & set(classes.split()):
            assert "not from the guidelines" in title
            assert "(#beyond-the-source)" in body
        else:
            assert title.startswith("Editor's note")


@pytest.mark.parametrize("path", GUIDELINES, ids=name)
def test_a_guideline_opens_with_what_matters(path):
    """A page without a summary of two or three lines, or without saying whose words it is."""
    text = read(path)
    opening = re.match(
        r"# .+\n\n:::\{admonition\} In short, in our words\n:class: summary\n\n(.+?)\n:::\n",
        text,
        re.S,
    )
    assert opening
    assert 2 <= len(opening[1].splitlines()) <= 3
    assert "[this handbook's reading](#forces) and not Aalto's labels" in text


@pytest.mark.parametrize("path", GUIDELINES, ids=name)
def test_a_guideline_ends_with_who_to_contact_and_a_checklist(path):
    """A page that leaves the reader without anybody to ask, or with nothing to do."""
    text = read(path)
    titles = [title for level, title in headings(text) if level == 2]
    assert "<communications@aalto.fi>" in text.partition("## Who to contact\n")[2]
    if path.stem == "index":
        assert titles[-1] == "Who to contact"
    else:
        assert titles[-2] == "Who to contact"
        assert titles[-1] == "Checklist"
        assert re.search(r"^```\{checklist\} [a-z-]+\n:compact:\n```\n\Z", text, re.M)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_checklist_that_a_page_shows_exists(path):
    """A checklist that was renamed, or a page that shows another one than its own."""
    shown = re.findall(r"^```\{checklist\} (\S+)$", read(path), re.M)
    known = {file.stem for file in CHECKLISTS}
    assert set(shown) <= known
    if path.parent.name == "checklists" and path.stem != "index":
        assert shown == [path.stem]


def test_every_checklist_has_a_page():
    """A checklist that nobody can find, or that the list of checklists leaves out."""
    folder = paths.BOOK / "checklists"
    index = (folder / "index.md").read_text(encoding="utf-8")
    for file in CHECKLISTS:
        assert (folder / f"{file.stem}.md").is_file()
        assert f"({file.stem}.md)" in index


def test_the_situations_page_opens_with_danger():
    """Someone in danger who has to read first."""
    text = read(SITUATIONS).split("\n", 2)[2]
    assert text.startswith("**Someone in danger now? Call 112.**\n(Practice: ")


def test_the_criterion_covers_every_force():
    """A label beside a rule that the page of sources does not explain."""
    criterion = read(paths.BOOK / "about" / "sources.md").partition("(forces)=")[2]
    explained = {term for term in re.findall(r"^(\w[\w ]*)\n: ", criterion, re.M)}
    assert explained == set(FORCES.values())


def test_the_example_analysis_runs(demo_store):
    """Code on the page for analysts that the package no longer understands."""
    text = (paths.BOOK / "analysts" / "write-your-own.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert len(blocks) == 3
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "write-your-own.md", "exec"), names)
    shown = eval(blocks[-1].strip().splitlines()[-1], names)
    assert len(names["table"]) >= 3
    assert "made-up data" in shown.source
    assert shown.to_png().startswith(b"\x89PNG")


def test_what_can_be_loaded_exists():
    """A call that the page for analysts names and that the package does not have."""
    text = (paths.BOOK / "analysts" / "write-your-own.md").read_text(encoding="utf-8")
    called = re.findall(r"^\| `(\w+)\(\)` \|", text, re.M)
    assert "load_posts" in called
    assert [name for name in called if not callable(getattr(channels, name, None))] == []
