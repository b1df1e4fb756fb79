"""`handbook policy`, as an editor runs it, on pages that say what edition 1 says."""

import os
import shutil
import subprocess
import sys

import pytest

from handbook import paths, policy

ADOPTED = ("--date", "2027-01-15", "--reason", "New law", "--approver-role", "Head of something")
PAGE = "book/guidelines/private-person.md"


@pytest.fixture
def copy(tmp_path):
    """What the command reads, as of edition 1: the tests hold whatever the policy says today."""
    (tmp_path / "data/editions").mkdir(parents=True)
    shutil.copy(paths.DATA / "editions/1.json", tmp_path / "data/editions")
    blocks = [
        f":::{{rule}} {rule.id}\n:force: {rule.force}\n{rule.text}\n:::\n"
        for rule in policy.load_editions()[0].rules
    ]
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_text("# Page\n\n" + "\n".join(blocks), encoding="utf-8")
    return tmp_path


def run(root, *arguments, answers=""):
    """Run `handbook policy` in `root` and return exit code, output and errors."""
    done = subprocess.run(
        [sys.executable, "-m", "handbook", "policy", *arguments],
        env={**os.environ, "HANDBOOK_ROOT": str(root), "PYTHONUTF8": "1"},
        input=answers,
        capture_output=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout, done.stderr


def edit(root, old, new, page=PAGE):
    path = root / page
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def line_of(root, needle, page=PAGE):
    text = (root / page).read_text(encoding="utf-8")
    return text[: text.index(needle)].count("\n") + 1


def test_a_word_changes_and_becomes_an_edition(copy):
    """Catches a changed word that passes the check, or an edition that does not make it pass."""
    assert run(copy, "check")[0] == 0
    edit(copy, "members respectfully.", "members kindly.")

    code, _, said = run(copy, "check")
    assert code == 2
    assert f"{PAGE}, line {line_of(copy, ':::{rule} PRV-06')}: PRV-06 is not as edition" in said
    assert "members kindly.'" in said and "Traceback" not in said

    before = len(list((copy / "data/editions").iterdir()))
    code, said, _ = run(copy, "new-edition", *ADOPTED)
    assert code == 0
    assert "  + text: Speak about your work community and its members kindly." in said
    assert f"Wrote data/editions/{before + 1}.json" in said
    assert run(copy, "check")[0] == 0
    code, said, _ = run(copy, "diff", str(before), str(before + 1))
    assert (code, said.splitlines()[0]) == (0, "PRV-06 changed")
    assert run(copy, "new-edition", *ADOPTED)[0] == 2


def test_what_depends_on_a_change_is_listed(copy):
    """Catches a checklist, a page or an audit that nobody is told to look at."""
    checklist = copy / "data/checklists/before-you-post.yml"
    checklist.parent.mkdir()
    checklist.write_text("items:\n- rules: [PRV-06]\n- rules: [PRV-060]\n", encoding="utf-8")
    (copy / "book/other.md").write_text("See {rule}`PRV-06`.\n", encoding="utf-8")
    edit(copy, "{rule} PRV-06\n:force: must\n", "{rule} PRV-06\n:force: should\n:audit: tone\n")
    code, said, _ = run(copy, "new-edition", "--dry-run")
    assert code == 0
    assert "  - force: must\n  + force: should" in said
    assert "PRV-06: data/checklists/before-you-post.yml, line 2" in said
    assert "line 3" not in said
    assert "PRV-06: book/other.md, line 1" in said
    assert "PRV-06: audit tone" in said
    assert run(copy, "check")[0] == 2


def test_a_rule_is_withdrawn_but_does_not_vanish(copy):
    """Catches a permanent address that disappears."""
    path = copy / PAGE
    whole = path.read_text(encoding="utf-8")
    start = whole.index(":::{rule} PRV-06")
    end = whole.index(":::\n", start + 5) + 4
    path.write_text(whole[:start] + whole[end:], encoding="utf-8")
    code, _, said = run(copy, "new-edition", *ADOPTED)
    assert code == 2 and "PRV-06: this rule vanished from the pages" in said

    path.write_text(whole, encoding="utf-8")
    edit(copy, "{rule} PRV-06\n", "{rule} PRV-06\n:status: withdrawn\n")
    code, said, _ = run(copy, "new-edition", *ADOPTED)
    assert code == 0 and "PRV-06 withdrawn" in said
    assert run(copy, "check")[0] == 0


def test_answers_instead_of_options(copy):
    """Catches an edition that cannot be made by somebody who answers the questions."""
    edit(copy, "members respectfully.", "members kindly.")
    code, said, _ = run(copy, "new-edition", answers="2027-01-15\nNew law\nHead of something\n")
    assert code == 0 and "Wrote" in said


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("new-edition", "--date", "2027-01-15"), "--reason is missing"),
        (("new-edition", *ADOPTED, "--date", "15.1.2027"), "found '15.1.2027'"),
        (("new-edition", *ADOPTED, "--approver-role", "a@example.org"), "is a role"),
        (("diff", "1", "99"), "found '99'"),
    ],
)
def test_a_mistake_exits_with_2_and_writes_nothing(copy, arguments, expected):
    """Catches a traceback, a wrong exit code, or an edition written although it was refused."""
    edit(copy, "members respectfully.", "members kindly.")
    before = sorted((copy / "data/editions").iterdir())
    code, _, said = run(copy, *arguments)
    assert (code, "Traceback" in said) == (2, False)
    assert expected in said
    assert sorted((copy / "data/editions").iterdir()) == before


def test_a_threshold_that_cites_no_rule(copy):
    """Catches an organisation.yml that cites a rule which the pages do not have."""
    shutil.copy(paths.DATA / "organisation.yml", copy / "data")
    edit(copy, "rules: [SEC-05]", "rules: [SEC-55]", "data/organisation.yml")
    code, _, said = run(copy, "check")
    assert code == 2 and "data/organisation.yml: SEC-55 is cited there" in said
