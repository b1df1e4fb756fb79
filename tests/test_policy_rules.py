"""Rules: from Markdown to `Rule`, and what a mistake in a page is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbook import policy
from handbook.errors import HandbookError

FORCE = {"force": "must"}


def write(folder, text, name="page.md"):
    """Write a page and return the folder of the pages."""
    book = folder / "book"
    page = book / name
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    return book


def page_with(*rules):
    """Return a page with one group that holds (id, text) pairs."""
    lines = ["# Page", "", "::::{rules}"]
    for id, text in rules:
        lines += [f":::{{rule}} {id}", ":force: must", text, ":::"]
    return "\n".join([*lines, "::::", ""])


def complaint(call, *arguments):
    with pytest.raises(HandbookError) as error:
        call(*arguments)
    return str(error.value)


def test_a_rule_and_its_defaults():
    """Catches a default that claims more than the page says."""
    rule = policy.parse_rule("PRV-06", FORCE, "Speak respectfully.")
    assert (rule.id, rule.text, rule.force) == ("PRV-06", "Speak respectfully.", "must")
    assert (rule.origin, rule.status, rule.since) == ("aalto", "in force", 1)
    assert (rule.source, rule.replaced_by, rule.audits, rule.note) == ("", "", (), "")


def test_every_option_arrives():
    """Catches an option that is accepted and then forgotten."""
    rule = policy.parse_rule(
        "LAW-01",
        {
            "force": "must-not",
            "origin": "law",
            "source": "GDPR, article 33",
            "audit": "breach_time, other",
            "since": "3",
            "status": "replaced",
            "replaced_by": "LAW-02",
            "note": "Ours.",
        },
        "A text.",
    )
    assert rule == policy.Rule(
        id="LAW-01",
        text="A text.",
        force="must-not",
        origin="law",
        source="GDPR, article 33",
        audits=("breach_time", "other"),
        since=3,
        status="replaced",
        replaced_by="LAW-02",
        note="Ours.",
    )


@pytest.mark.parametrize(
    ("argument", "options", "body", "expected"),
    [
        ("prv-06", FORCE, "Text.", "a rule id such as ABC-12, found 'prv-06'"),
        ("PRV-06 extra", FORCE, "Text.", "found 'PRV-06 extra'"),
        ("", FORCE, "Text.", "found ''"),
        (
            "PRV-06",
            {},
            "Text.",
            "one of must, must-not, should, may, info, question; it is missing",
        ),
        ("PRV-06", {"force": "shall"}, "Text.", "found 'shall'"),
        ("PRV-06", {"force": ""}, "Text.", "option :force: is empty"),
        ("PRV-06", FORCE | {"forse": "must"}, "Text.", "Did you mean :force:?"),
        ("PRV-06", FORCE | {"zzz": "1"}, "Text.", "Known: force, origin"),
        ("PRV-06", FORCE | {"origin": "finland"}, "Text.", "one of aalto, law, practice"),
        ("PRV-06", FORCE | {"origin": "law"}, "Text.", "needs :source:"),
        ("PRV-06", FORCE | {"source": "GDPR"}, "Text.", "needs :origin: law"),
        ("PRV-06", FORCE | {"status": "gone"}, "Text.", "in force, replaced, withdrawn"),
        ("PRV-06", FORCE | {"status": "replaced"}, "Text.", "needs :replaced_by:, and no other"),
        ("PRV-06", FORCE | {"replaced_by": "PRV-07"}, "Text.", "needs :replaced_by:, and no other"),
        (
            "PRV-06",
            FORCE | {"status": "replaced", "replaced_by": "PRV-06"},
            "Text.",
            "another rule's id",
        ),
        ("PRV-06", FORCE | {"since": "first"}, "Text.", "the number of an edition, found 'first'"),
        ("PRV-06", FORCE | {"since": "0"}, "Text.", "found '0'"),
        ("PRV-06", FORCE | {"audit": "Plan Length"}, "Text.", "found 'Plan'"),
        ("PRV-06", FORCE, "  \n ", "has no text"),
        ("PRV-06", FORCE, "A\n:::{note}\nB", "another directive"),
        ("PRV-06", FORCE, "A\n```{include} x.md", "another directive"),
        ("PRV-06", FORCE, "A {{ university }}", "a substitution"),
        ("PRV-06", FORCE, "As {rule}`PRV-07` says", "a role"),
        ("PRV-06", FORCE, "**Never** do it", "Markdown"),
        ("PRV-06", FORCE, "See [this](that)", "Markdown"),
    ],
)
def test_a_mistake_is_told(argument, options, body, expected):
    """Catches a mistake that becomes a rule, or an error without what was expected."""
    assert expected in complaint(policy.parse_rule, argument, options, body)


def test_text_between_rules_belongs_to_none():
    """Catches source text that is lost, or taken into a rule, or torn from its comma."""
    lines = [
        ":::{rule} COM-03",
        ":force: should",
        "a long-term project",
        ":::",
        ", however;",
        "",
        ":::{rule} COM-04",
        ":force: should",
        "it is recommended.",
        ":::",
    ]
    group = policy.parse_group(lines, "book/page.md", 10)
    assert [rule.id for rule in group.rules] == ["COM-03", "COM-04"]
    assert group.pieces[1] == ", however;"
    assert [group.clings(number) for number in range(3)] == [True, True, False]
    assert [rule.line for rule in group.rules] == [10, 16]
    assert not group.is_list


def test_a_group_can_be_a_list():
    """Catches the list option taken for text, or text taken for the option."""
    rule = [":::{rule} Q-01", ":force: question", "Why?", ":::"]
    assert policy.parse_group([":list:", *rule], "p", 1).is_list
    assert not policy.parse_group(rule, "p", 1).is_list
    assert policy.parse_group([*rule, ":list:"], "p", 1).pieces[1] == ":list:"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Only text."], "p, line 5: this group has no rule in it"),
        ([":columns: 2"], "line 5: the only option of a group of rules is :list:"),
        (["", ":::{note}", "x", ":::"], "line 6: a group of rules holds rules and plain text only"),
        (["```", "x", "```"], "plain text only; found '```'"),
        ([":::{rule} PRV-06", ":force: must", "x"], "line 5: rule PRV-06 is not closed"),
        ([":::{rule} PRV-06", "x", ":::"], "line 5: PRV-06: option :force:"),
        (
            [":::{rule} PRV-06", ":force: must", ":force: may", "x", ":::"],
            "option :force: stands twice",
        ),
    ],
)
def test_a_broken_group_is_told_with_its_line(lines, expected):
    """Catches an error that points at another line than the mistake's."""
    assert expected in complaint(policy.parse_group, lines, "p", 5)


def test_pages_are_read_with_page_and_line(tmp_path):
    """Catches a rule that is overlooked, and a place that sends the editor elsewhere."""
    book = write(tmp_path, page_with(("PRV-06", "One\ntwo."), ("PRV-07", "Three.")), "a/page.md")
    rules = policy.load_rules(book)
    assert [(rule.id, rule.text, rule.place) for rule in rules] == [
        ("PRV-06", "One two.", "book/a/page.md, line 4"),
        ("PRV-07", "Three.", "book/a/page.md, line 9"),
    ]


def test_a_rule_may_stand_alone(tmp_path):
    """Catches a rule outside a group that the book shows and the loader does not see."""
    book = write(tmp_path, "# Page\n\n:::{rule} PRV-06\n:force: must\nText.\n:::\n")
    assert [rule.place for rule in policy.load_rules(book)] == ["book/page.md, line 3"]


def test_an_example_in_code_is_no_rule(tmp_path):
    """Catches an explanation of the syntax that becomes policy."""
    example = page_with(("PRV-06", "Example."))
    book = write(tmp_path, f"# How\n\n````markdown\n{example}```\n````\n\n~~~\n{example}~~~\n")
    assert policy.load_rules(book) == []


def test_folders_that_are_no_pages_are_left_out(tmp_path):
    """Catches rules read from the book's machinery."""
    book = write(tmp_path, page_with(("PRV-06", "Text.")), "_templates/page.md")
    assert policy.load_rules(book) == []


def test_an_id_stands_once(tmp_path):
    """Catches a rule that is written twice; both places are told."""
    write(tmp_path, page_with(("PRV-06", "One.")), "a.md")
    book = write(tmp_path, page_with(("PRV-06", "One.")), "b.md")
    said = complaint(policy.load_rules, book)
    assert "book/b.md, line 4: PRV-06 stands already in book/a.md, line 4" in said


def test_mistakes_of_all_pages_at_once(tmp_path):
    """Catches an editor who must run the check once for each page."""
    write(tmp_path, page_with(("prv", "One.")), "a.md")
    write(tmp_path, "::::{rules}\n", "b.md")
    (tmp_path / "book" / "c.md").write_bytes("Åbo".encode("latin-1"))
    said = complaint(policy.load_rules, tmp_path / "book").splitlines()
    assert [line.split(":")[0] for line in said] == [
        "book/a.md, line 4",
        "book/b.md, line 1",
        "book/c.md",
    ]


plain = st.text(
    st.characters(exclude_characters="`*[]{}<:~#", exclude_categories=("C", "Z")), min_size=1
)


@given(st.lists(st.lists(plain, min_size=1), min_size=1, max_size=5, unique_by=tuple))
def test_what_is_written_is_what_is_read(tmp_path_factory, texts):
    """Catches a letter that parsing changes, whatever the text."""
    rules = [(f"T-{number:02}", " ".join(words)) for number, words in enumerate(texts)]
    book = write(tmp_path_factory.mktemp("law"), page_with(*rules))
    assert [(rule.id, rule.text) for rule in policy.load_rules(book)] == rules


def test_pages_against_an_edition(tmp_path):
    """Catches a changed letter, a new rule, a lost rule and a rule passed off as practice."""
    edition = policy.Edition(
        edition=1,
        date=None,
        reason="",
        approver_role=None,
        previous=None,
        rules=[
            policy.Statement(id=id, force="must", text=text)
            for id, text in (("A-01", "One."), ("A-02", "Two."), ("A-03", "Three."))
        ],
    )
    same = page_with(("A-01", "One."), ("A-02", "Two."), ("A-03", "Three."))
    assert policy.find_differences(policy.load_rules(write(tmp_path, same)), edition) == []
    page = page_with(("A-01", "One!"), ("A-03", "Three."), ("A-04", "Four.")).replace(
        "A-03\n", "A-03\n:origin: practice\n:source: Elsewhere\n"
    )
    said = policy.find_differences(policy.load_rules(write(tmp_path, page)), edition)
    assert [line[:45] for line in said] == [
        "book/page.md, line 4: A-01 is not as edition 1"[:45],
        "A-02: expected on a page as edition 1 has it, found nowhere"[:45],
        "A-03: expected on a page as edition 1 has it, found other"[:45],
        "book/page.md, line 14: A-04 is not in edition 1"[:45],
    ]
    assert "text: expected 'One.', found 'One!'" in said[0]
