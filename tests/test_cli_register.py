"""`handbook register`: what each command does to the files, as a user types it."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_stores import day_rows, make_store

from handbook import paths, register
from handbook.book.build import build
from handbook.checklists.definition import make_payload
from handbook.checklists.documents import make_plan, make_review, to_json
from handbook.cli import main
from handbook.errors import HandbookError
from handbook.register import files

LAB = "linkedin:example-lab"
CLUB = "other:club"
TODAY = date(2026, 11, 22)
PUBLIC = """# The public register; ask before you edit it
channel_id,name,platform,url,unit,language,status,confirmed_on
x:old, Old ,x,"https://x.example/old","Unit, with a comma",fi,active,2026-01-05
other:club,Club,other,,,,planned,
"""
INTERNAL = """channel_id,role_mailbox,administrators,plan_file,notified_on,review_due,notes
x:old,office@example.org,2,,2025-01-01,2026-12-01,"Two lines
of notes"
"""
PLAN = {
    "schema": "handbook-plan/1",
    "channel_id": LAB,
    "existing_would_do": "no",
    "exists_already": "no",
    "platform": "linkedin",
    "unit": "Example Lab",
    "contact_mailbox": "lab@example.org",
    "main_language": "en",
    "name": "Example University Lab",
    "handle": "@example-lab",
    "url": "https://linkedin.example/example-lab",
    "posts": {"number": 2, "per": "week"},
    "members_target": "no target",
    "plan_starts": "2027-01-01",
    "plan_ends": "2027-12-31",
    "administrators": 2,
    "left_out": [],
    "made_on": "2026-11-20",
}
REVIEW = {
    "schema": "handbook-review/1",
    "channel_id": "x:old",
    "reviewed_on": "2026-10-01",
    "reviewed_by": "Editor of the unit",
    "plan_held": "partly",
    "decision": "keep",
    "left_out": [],
}


class Desk:
    """The files of a register, and the commands on them."""

    def __init__(self, folder: Path, capsys=None):
        self.folder, self.capsys = folder, capsys
        self.public = folder / "public" / "register.csv"
        self.internal = folder / "beside" / "register-internal.csv"
        for path, text in ((self.public, PUBLIC), (self.internal, INTERNAL)):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        self.files = register.folder_beside(self.internal.parent, self.public)

    def call(self, command: str, *arguments: object) -> tuple[int, str, str]:
        """Call a command; give its exit code, its output and its errors."""
        options = ("--register", self.public, "--beside", self.internal.parent)
        return self.call_with(options, command, *arguments)

    def call_with(self, options, command: str, *arguments: object) -> tuple[int, str, str]:
        """Call a command with other files."""
        try:
            main([str(part) for part in ("register", command, *arguments, *options)])
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def write(self, record: dict, file: str = "given.json", /, **changes) -> Path:
        """Write a plan or a review."""
        path = self.folder / file
        path.write_text(json.dumps(record | changes, ensure_ascii=False), encoding="utf-8")
        return path

    def row(self, channel_id: str) -> register.Channel:
        """Return a public row."""
        return {row.channel_id: row for row in register.load(self.public)}[channel_id]

    def facts(self, channel_id: str) -> register.InternalFacts:
        """Return an internal row."""
        return {row.channel_id: row for row in register.load_internal(self.internal)}[channel_id]

    def content(self) -> dict[str, bytes]:
        """Return every file by its path."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.parent != self.folder
        }


@pytest.fixture
def desk(tmp_path, capsys) -> Desk:
    """A register with two channels."""
    return Desk(tmp_path, capsys)


def test_add_writes_both_files_and_keeps_the_plan(desk):
    """An answer that does not arrive, or a channel that is confirmed because it was added."""
    code, said, _ = desk.call("add", desk.write(PLAN), "--on", "2026-08-31")
    assert code == 0
    assert "in the register as planned, unconfirmed" in said
    assert desk.public.read_text("utf-8") == PUBLIC + (
        "linkedin:example-lab,Example University Lab,linkedin,"
        "https://linkedin.example/example-lab,Example Lab,en,planned,\n"
    )
    assert desk.internal.read_text("utf-8") == INTERNAL + (
        "linkedin:example-lab,lab@example.org,2,linkedin-example-lab.json,,2027-02-28,\n"
    )
    (plan,) = register.load_plans(desk.files.plans)
    assert (plan.channel_id, plan.posts_per_week) == (LAB, 2)
    assert desk.call("check")[0] == 0


def test_add_again_changes_nothing(desk):
    """A plan that is in the register twice, or a day that moves because the form was read again."""
    desk.call("add", desk.write(PLAN))
    desk.call("confirm", LAB, "--on", "2026-11-21")
    before = desk.content()
    for made_on in ("2026-11-20", "2026-11-25"):
        code, said, _ = desk.call("add", desk.write(PLAN, made_on=made_on), "--on", "2027-05-05")
        assert (code, desk.content()) == (0, before)
        assert "nothing is new" in said


def test_another_plan_needs_to_be_asked_for_and_the_old_one_is_kept(desk):
    """A plan that is gone because somebody planned again."""
    desk.call("add", desk.write(PLAN))
    desk.call("confirm", LAB, "--on", "2026-11-21")
    before = desk.content()
    new = desk.write(PLAN, exists_already="yes", unit="New Lab", made_on="2027-11-01")
    code, _, said = desk.call("add", new)
    assert (code, desk.content()) == (2, before)
    assert "--replace" in said
    code, said, _ = desk.call("add", new, "--replace")
    assert code == 0 and "unconfirmed again" in said
    row = desk.row(LAB)
    assert (row.unit, row.status, row.confirmed_on) == ("New Lab", "active", None)
    kept = desk.files.plans / "earlier" / "linkedin-example-lab-2026-11-20.json"
    assert json.loads(kept.read_text("utf-8")) == PLAN
    assert [plan.unit for plan in register.load_plans(desk.files.plans)] == ["New Lab"]
    desk.call("add", desk.write(PLAN, unit="Lab", made_on="2027-11-01"), "--replace")
    desk.call("add", desk.write(PLAN, unit="Hut", made_on="2027-12-01"), "--replace")
    names = sorted(path.stem for path in (desk.files.plans / "earlier").iterdir())
    assert names == [
        f"linkedin-example-lab-{day}" for day in ("2026-11-20", "2027-11-01", "2027-11-01-2")
    ]


def test_a_plan_of_a_row_that_is_there_already(desk):
    """A row of the spreadsheet that a plan overwrites, or that cannot get its plan."""
    plan = {**PLAN, "channel_id": CLUB, "platform": "other", "name": "Club", "handle": None}
    assert desk.call("add", desk.write(plan))[0] == 0
    row = desk.row(CLUB)
    assert (row.name, row.unit, row.status) == ("Club", "Example Lab", "planned")
    desk.call("edit", CLUB, "--name", "The Club")
    code, _, said = desk.call("add", desk.write(plan, objective="More members"))
    assert code == 2 and "--replace" in said
    (desk.files.plans / "other-club.json").unlink()
    code, _, said = desk.call("add", desk.write(plan))
    assert code == 2 and "name 'The Club' there, 'Club' in the plan" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unit": None, "contact_mailbox": None}, "unit (the unit), contact_mailbox (the contact"),
        ({"exists_already": None}, "exists_already (whether"),
        ({"channel_id": None, "platform": None}, "'channel_id': expected <platform>:<name"),
        ({"unit": " \n "}, "missing: unit (the unit)"),
        ({"name": " "}, "missing: name"),
        ({"name": "Lab;=1+1"}, "field 'name': expected a text without a formula"),
        ({"channel_id": "linkedin:unnamed"}, "give the channel's handle"),
        ({"channel_id": f"linkedin:{'a' * 300}"}, "'channel_id': expected"),
    ],
)
def test_a_plan_that_the_register_cannot_take(desk, changes, said):
    """A row without what the register is for, or files of which one was written."""
    before = desk.content()
    code, _, told = desk.call("add", desk.write(PLAN, **changes))
    assert (code, desk.content()) == (2, before)
    assert "given.json" in told and said in told


def test_what_people_type_is_no_formula_in_the_files(desk):
    """A spreadsheet program that runs what somebody called a channel."""
    name = '=HYPERLINK("https://a.example","b")'
    desk.call("add", desk.write(PLAN, name=name, unit="+358\n lab"))
    desk.call("edit", LAB, "--notes", "@work")
    assert (desk.row(LAB).name, desk.row(LAB).unit) == (name, "+358 lab")
    for path in (desk.public, desk.internal):
        for cells in csv.reader(io.StringIO(path.read_text("utf-8"), newline="")):
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert desk.facts(LAB).notes == "@work"


def test_a_personal_mailbox_is_warned_of_and_taken(desk):
    """A person's address that nobody notices, or practice elsewhere made a rule."""
    code, said, _ = desk.call("add", desk.write(PLAN, contact_mailbox="anna.example@example.org"))
    assert code == 0
    assert "looks like a person's address. Practice elsewhere" in said
    code, _, warned = desk.call("check")
    assert code == 0 and "anna.example@example.org" in warned
    assert desk.call("check", "--strict")[0] == 1
    assert "Warning" not in desk.call("edit", LAB, "--mailbox", "press.office@example.org")[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_spreadsheets_csv_is_read_and_written_plain(desk, encoding, separator, line_end):
    """A register that a spreadsheet program has saved, and that no command takes any more."""
    rows = list(csv.reader(io.StringIO(PUBLIC.partition("\n")[2])))
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=line_end).writerows(rows)
    note = f"# The public register; ask before you edit it{separator * 3}{line_end}"
    desk.public.write_bytes((note + text.getvalue()).encode(encoding))
    assert desk.call("confirm", "x:old", "--on", "2026-10-01")[0] == 0
    written = desk.public.read_bytes()
    assert not written.startswith(b"\xef\xbb\xbf") and b"\r" not in written
    first, header, *_ = written.decode().splitlines()
    assert first.startswith("# The public register") and header == PUBLIC.splitlines()[1]
    assert desk.row("x:old").unit == "Unit, with a comma"
    assert desk.row("x:old").confirmed_on == date(2026, 10, 1)


def test_what_is_not_changed_stays_byte_for_byte(desk):
    """A diff in git of which nobody can see what it changes."""
    desk.call("edit", CLUB, "--unit", "Sports")
    assert desk.public.read_text("utf-8") == PUBLIC.replace(
        "other:club,Club,other,,,,planned,", "other:club,Club,other,,Sports,,planned,"
    )
    assert desk.internal.read_text("utf-8") == INTERNAL
    desk.public.write_bytes(desk.public.read_bytes().rstrip(b"\n"))
    desk.call("add", desk.write(PLAN))
    assert [row.channel_id for row in register.load(desk.public)] == ["x:old", CLUB, LAB]


def test_columns_in_another_order_stay_so(desk):
    """Values in the wrong column because somebody moved one in a spreadsheet."""
    desk.public.write_text(
        "status,channel_id,platform,name,confirmed_on,url,language,unit\n"
        "planned,other:club,other,Club,,,fi,Sports\n"
    )
    desk.call("confirm", CLUB, "--on", "2026-10-01")
    assert desk.public.read_text().endswith("planned,other:club,other,Club,2026-10-01,,fi,Sports\n")


def test_edit_takes_a_confirmation_back_when_the_facts_change(desk):
    """A directory that says confirmed of something that nobody has looked at."""
    desk.call("edit", "x:old", "--status", "paused", "--administrators", "3")
    assert desk.row("x:old").confirmed_on and desk.facts("x:old").administrators == 3
    code, said, _ = desk.call("edit", "x:old", "--url", "https://x.example/new")
    assert code == 0 and "unconfirmed again" in said
    assert desk.row("x:old").confirmed_on is None
    desk.call("edit", "x:old", "--unit", "")
    assert desk.row("x:old").unit is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x:odl", "--unit", "A"], "Did you mean x:old?"),
        (["x:old"], "Nothing to change"),
        (["x:old", "--status", "open"], "--status: expected one of planned, active"),
        (["x:old", "--name", ""], "--name: expected the channel's name; found nothing"),
        (["x:old", "--notified-on", "1.2.2026"], "--notified-on: expected a day such as"),
        (["x:old", "--mailbox", "office"], "--mailbox: expected a shared address"),
        (["x:old", "--plan-file", "../a.json"], "--plan-file: expected the name of a .json file"),
        (["x:old", "--administrators", "-1"], "from 0 on; found '-1'"),
        (["x:old", "--plan-file", "none.json"], "none.json is not in"),
    ],
)
def test_wrong_edits_change_nothing(desk, arguments, said):
    """A value that no command would read again."""
    before = desk.content()
    code, _, told = desk.call("edit", *arguments)
    assert (code, desk.content()) == (2, before)
    assert said in told


def test_wrong_values_are_all_named(desk):
    """A second mistake that shows only when the first is mended."""
    told = desk.call("edit", "x:old", "--url", "a", "--language", "English", "--mailbox", "b")[2]
    assert [option in told for option in ("--url", "--language", "--mailbox")] == [True] * 3


def test_confirm(desk):
    """A day to come, or an earlier day in the place of a later one."""
    assert desk.call("confirm", CLUB, "--on", "2026-10-02")[0] == 0
    assert desk.row(CLUB).confirmed_on == date(2026, 10, 2)
    for day in ("2999-01-01", "2026-10-01"):
        assert desk.call("confirm", CLUB, "--on", day)[0] == 2
    assert desk.call("confirm", "x:none")[0] == 2


def test_close_keeps_the_row(desk):
    """A channel that vanishes from the record, or whose review stays due for ever."""
    assert desk.call("close", "x:old", "--on", "2026-10-02")[0] == 0
    assert desk.row("x:old").status == "closed"
    facts = desk.facts("x:old")
    assert facts.review_due is None
    assert facts.notes == "Two lines of notes Closed on 2026-10-02."
    before = desk.content()
    code, said, _ = desk.call("close", "x:old")
    assert (code, desk.content()) == (0, before) and "already" in said
    old = desk.write(PLAN, channel_id="x:old", platform="x")
    assert "--status planned" in desk.call("add", old)[2]


def test_a_review_sets_the_next_one_and_is_kept(desk):
    """A review after which nothing is known, or that counts twice."""
    code, said, _ = desk.call("review", desk.write(REVIEW, administrators=1, register_right="yes"))
    assert code == 0
    assert "handbook register confirm x:old --on 2026-10-01" in said
    facts = desk.facts("x:old")
    assert (facts.review_due, facts.administrators) == (date(2027, 4, 1), 1)
    assert (desk.files.reviews / "x-old-2026-10-01.json").exists()
    before = desk.content()
    path = desk.write(REVIEW, administrators=1, register_right="yes", made_on="2026-11-11")
    assert desk.call("review", path)[0] == 0 and desk.content() == before
    other = desk.write(REVIEW, next_review_due="2027-01-01", decision="change", changes="All")
    assert "--replace" in desk.call("review", other)[2] and desk.content() == before
    desk.call("review", other, "--replace")
    assert desk.facts("x:old").review_due == date(2027, 1, 1)
    assert len(list((desk.files.reviews / "earlier").iterdir())) == 1


def test_an_older_review_is_only_kept(desk):
    """A decision that an older one takes back because its file was found later."""
    desk.call("review", desk.write(REVIEW, decision="close"))
    code, said, _ = desk.call("review", desk.write(REVIEW, reviewed_on="2026-04-01"))
    assert code == 0 and "newer review, of 2026-10-01" in said
    assert (desk.row("x:old").status, desk.facts("x:old").review_due) == ("closed", None)
    assert len(register.load_reviews(desk.files.reviews)) == 2


def test_merge_closes_and_says_into_what(desk):
    """A channel that is merged and stays open, or into one that is not there."""
    for into, said in (("x:none", "has no channel"), ("x:old", "no other channel")):
        before = desk.content()
        path = desk.write(REVIEW, decision="merge", merge_into=into)
        code, _, told = desk.call("review", path)
        assert (code, desk.content()) == (2, before) and said in told
    desk.call("review", desk.write(REVIEW, decision="merge", merge_into=CLUB))
    assert desk.row("x:old").status == "closed"
    assert desk.facts("x:old").notes.endswith("Merged into other:club on 2026-10-01.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decision": None}, "field 'decision': expected keep, change, merge or close"),
        ({"plan_held": None}, "field 'plan_held': expected"),
        ({"reviewed_by": ""}, "field 'reviewed_by': expected the role that reviewed it"),
        ({"reviewed_on": "2999-01-01"}, "up to today"),
        ({"next_review_due": "2026-01-01"}, "is before reviewed_on"),
        ({"channel_id": "the old one"}, "field 'channel_id': expected <platform>:"),
        ({"purpose_held": "yes"}, "not a field of a review"),
    ],
)
def test_wrong_reviews(desk, changes, said):
    """A record that was never meant so, or a message that does not say where."""
    before = desk.content()
    code, _, told = desk.call("review", desk.write(REVIEW, **changes))
    assert (code, desk.content()) == (2, before)
    assert said in told


def find(desk: Desk) -> list[str]:
    """Return what check finds, without the paths."""
    return [
        f"{finding.level}: {finding.text.replace(str(desk.folder), '')}"
        for finding in register.check(desk.files, today=TODAY)
    ]


def test_check_finds_what_does_not_fit_together(desk):
    """A register whose parts contradict each other, and nobody is told."""
    desk.call("add", desk.write(PLAN))
    extra = "x:same,Same,x,https://X.example/old/,,,active,2026-11-23\n"
    desk.public.write_text(desk.public.read_text("utf-8") + extra, encoding="utf-8")
    rows = "x:gone,,,,,,\nx:same,,,x-none.json,,,\n"
    desk.internal.write_text(desk.internal.read_text("utf-8") + rows, encoding="utf-8")
    desk.files.reviews.mkdir()
    desk.write(REVIEW, "beside/reviews/a.json", channel_id="x:lost")
    desk.write(PLAN, "beside/plans/b.json", channel_id="x:adrift", platform="x")
    desk.write(PLAN, "beside/plans/c.json")
    desk.write(PLAN, "beside/plans/d.json", posts=3)
    found = "\n".join(find(desk))
    for part in (
        "mistake: /public/register.csv: x:same is confirmed on 2026-11-23, which is to come",
        "mistake: /public/register.csv: x:same and x:old have the same address",
        "mistake: /beside/register-internal.csv: x:gone has no row in",
        "mistake: /beside/register-internal.csv: x:same names the plan x-none.json, which is not",
        "mistake: /beside/reviews/a.json: names x:lost, which has no row",
        "mistake: /beside/plans/b.json: a plan of x:adrift, which has no row",
        "linkedin-example-lab.json: c.json is of linkedin:example-lab too",
        "mistake: /beside/plans/d.json, field 'posts': expected a rate",
        "warning: /beside/register-internal.csv: has no row for other:club",
    ):
        assert part in found
    code, out, _ = desk.call("check", "--json")
    told = json.loads(out)
    assert (code, told["schema"]) == (2, "handbook-register-check/1")
    assert {finding["level"] for finding in told["findings"]} == {"mistake", "warning"}


def test_check_of_a_register_that_cannot_be_read_says_nothing_of_its_rows(desk):
    """Advice to remove rows or to add plans, because one line of the public file is broken."""
    desk.call("add", desk.write(PLAN))
    desk.public.write_text(desk.public.read_text("utf-8") + "x:torn;Torn\n", encoding="utf-8")
    (found,) = find(desk)
    assert found.startswith("mistake: register.csv, row 6: expected 8 cells")


def test_a_review_without_what_it_needs_says_what_that_is(desk):
    """The words of a library in place of what is expected."""
    bare = {"schema": "handbook-review/1"}
    told = desk.call("review", desk.write(bare))[2]
    assert "required" not in told
    for name in ("channel_id", "reviewed_on", "reviewed_by", "plan_held", "decision"):
        assert f"field '{name}': expected " in told


def test_check_of_a_public_register_alone(desk):
    """A mistake made of it that the internal file stands elsewhere; a made-up channel missed."""
    desk.internal.unlink()
    assert [line.split(":")[0] for line in find(desk)] == ["warning"]
    desk.public.write_text(PUBLIC + "x:keksila-university,K,x,,,,active,\n", encoding="utf-8")
    assert any("made-up university" in line for line in find(desk))
    assert desk.call("check")[0] == 2


def test_the_made_up_register_is_in_order(desk):
    """Made-up files that the commands themselves would not take."""
    options = ("--register", paths.DEMO / "register.csv", "--beside", paths.DEMO)
    code, said, _ = desk.call_with(options, "check")
    assert code == 0 and "nothing is wrong" in said
    code, _, told = desk.call_with(options, "confirm", "x:keksila-research")
    assert code == 2 and "scripts/make_demo.py" in told


def test_due(desk, tmp_path):
    """Something that is due and that nobody is told, or that is told of a closed channel."""
    desk.call("add", desk.write(PLAN), "--on", "2026-11-22")
    (tmp_path / "store").mkdir()
    days = day_rows("x:strange", 2, views=1) + day_rows("x:old", 2, views=1)
    store = make_store(tmp_path / "store", days)

    def told(day: str, *more) -> dict[str, list[str]]:
        code, out, _ = desk.call("due", "--on", day, "--json", *more)
        rows = json.loads(out)["due"]
        assert code == (1 if rows else 0)
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["kind"], []).append(row["channel_id"])
        return found

    assert told("2026-11-22") == {}
    assert told("2026-11-30", "--store", store) == {"import": ["x:strange"]}
    assert told("2027-01-05") == {"review": ["x:old"]}
    assert told("2027-01-06") == {"review": ["x:old"], "confirmation": ["x:old"]}
    assert "plan" not in told("2027-10-31")
    assert told("2027-11-01")["plan"] == [LAB]
    desk.call("edit", LAB, "--status", "active")
    assert told("2026-11-22") == {"confirmation": [LAB]}
    desk.call("close", LAB)
    assert told("2028-01-01") == {"review": ["x:old"], "confirmation": ["x:old"]}
    code, said, _ = desk.call("due", "--on", "2027-01-06")
    assert code == 1
    assert re.search(r"x:old: review due on 2026-12-01", said)
    assert re.search(r"x:old: last confirmed on 2026-01-05", said)


class Killed(BaseException):
    """The end of a program in the middle."""


@pytest.mark.parametrize("after", range(5))
@pytest.mark.parametrize("kind", [OSError, Killed])
def test_all_files_are_written_or_none(desk, monkeypatch, after, kind):
    """A row without its plan, because the power failed or the disk was full in between."""
    path, before = desk.write(PLAN), desk.content()
    ordinary, calls = files._write, []

    def write(path, content):
        calls.append(path)
        if len(calls) == after + 1:
            raise kind(28, "No space left on device")
        ordinary(path, content)

    monkeypatch.setattr(files, "_write", write)
    expected = HandbookError if kind is OSError else Killed
    if after == 4:
        register.add_plan(path, desk.files, today=TODAY)
    else:
        with pytest.raises(expected):
            register.add_plan(path, desk.files, today=TODAY)
    monkeypatch.undo()
    if kind is OSError and after < 4:
        assert desk.content() == before
        return
    said = desk.call("check")[1]
    assert ("was finished" in said) == (0 < after < 4)
    after_check = desk.content()
    if after == 0:
        assert after_check == before
    else:
        assert set(after_check) == {*before, "beside/plans/linkedin-example-lab.json"}
        assert desk.row(LAB) and desk.facts(LAB)


def test_an_interrupted_change_never_overwrites_what_was_edited_since(desk, monkeypatch):
    """An editor's work that an old change of the command undoes."""
    ordinary, calls = files._write, []

    def write(path, content):
        calls.append(path)
        if len(calls) == 3:
            raise Killed
        ordinary(path, content)

    monkeypatch.setattr(files, "_write", write)
    with pytest.raises(Killed):
        register.add_plan(desk.write(PLAN), desk.files, today=TODAY)
    monkeypatch.undo()
    desk.internal.write_text(INTERNAL + "other:club,,,,,,\n", encoding="utf-8")
    code, _, said = desk.call("confirm", CLUB)
    assert code == 2 and "was edited since. Delete" in said
    assert desk.internal.read_text("utf-8").endswith("other:club,,,,,,\n")


def test_changes_at_once_are_all_kept(desk):
    """Two people at once, of whom one loses what the other writes."""
    plans = [
        desk.write(PLAN, f"{n}.json", channel_id=f"linkedin:lab-{n}", url=None) for n in range(6)
    ]
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda p: register.add_plan(p, desk.files, today=TODAY), plans))
    assert all(change.changed for change in done)
    assert len(register.load(desk.public)) == len(register.load_internal(desk.internal)) + 1 == 8


def test_who_may_read_the_internal_file_stays_so(desk):
    """Internal facts that everybody can read after a command."""
    desk.internal.chmod(0o600)
    desk.call("edit", "x:old", "--notes", "New")
    assert desk.internal.stat().st_mode & 0o777 == 0o600


def test_the_made_up_university_is_kept_out(desk, monkeypatch):
    """A made-up channel in the register that the directory shows; or no way to try it out."""
    plan = paths.DEMO / "plans" / "x-keksila-research.json"
    monkeypatch.setenv("HANDBOOK_REGISTER", str(desk.public))
    code, _, said = desk.call("add", plan)
    assert code == 2 and "made-up university" in said
    monkeypatch.delenv("HANDBOOK_REGISTER")
    assert desk.call("add", plan)[0] == 0


def test_which_files_are_meant(desk, monkeypatch, tmp_path):
    """Internal facts beside another store, or in the repository."""
    (tmp_path / "store").mkdir()
    store = make_store(tmp_path / "store", day_rows("x:old", 2, views=1))
    monkeypatch.setenv("HANDBOOK_REGISTER", str(desk.public))
    desk.call_with(("--beside", store), "edit", "x:old", "--notes", "a")
    assert (tmp_path / "store" / "register-internal.csv").exists()
    (tmp_path / "store" / "register-internal.csv").unlink()
    monkeypatch.setenv("HANDBOOK_STORE", str(store))
    desk.call_with((), "edit", "x:old", "--notes", "a")
    assert (tmp_path / "store" / "register-internal.csv").exists()
    assert desk.call_with((), "due", "--on", "2026-02-01")[0] == 0


@pytest.mark.parametrize("place", ["data", ".", "notebooks/mine"])
def test_internal_facts_never_stand_in_the_repository(desk, place):
    """Mailboxes and plans that the next commit publishes."""
    options = ("--register", desk.public, "--beside", paths.ROOT / place)
    code, _, said = desk.call_with(options, "add", desk.write(PLAN))
    assert code == 2 and "part of the repository" in said
    assert desk.public.read_text("utf-8") == PUBLIC


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"),
            st.sampled_from(["example-lab", "b", "c"]),
            st.text(max_size=8),
            st.booleans(),
        ),
        st.tuples(
            st.just("edit"),
            st.sampled_from([LAB, "linkedin:b", "x:old", CLUB]),
            st.sampled_from(["name", "unit", "notes", "url", "status", "language", "role_mailbox"]),
            st.one_of(
                st.text(max_size=8),
                st.sampled_from(["", "=1", "'=1", 'a"b,c', "closed", "fi", "https://a.example"]),
            ),
        ),
        st.tuples(
            st.sampled_from(["confirm", "close"]),
            st.sampled_from([LAB, "linkedin:b", "x:old", CLUB]),
            st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        ),
        st.tuples(
            st.just("review"),
            st.sampled_from([LAB, "x:old", CLUB]),
            st.dates(date(2026, 1, 1), date(2026, 12, 31)),
            st.sampled_from(["keep", "change", "merge", "close"]),
        ),
    ),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(OPERATIONS)
def test_any_changes_in_any_order_keep_the_register_in_order(tmp_path_factory, operations):
    """A sequence of commands after which no command can read the files any more."""
    folder = tmp_path_factory.mktemp("register")
    desk = Desk(folder)
    ids = ["x:old", CLUB]
    for kind, whose, *more in operations:
        before = desk.content()
        try:
            if kind == "add":
                channel_id = f"linkedin:{whose}"
                text, replace = more
                path = desk.write(
                    PLAN, channel_id=channel_id, url=None, name=f"{text}|", unit=text or "u"
                )
                register.add_plan(path, desk.files, today=TODAY, replace=replace)
                ids += [channel_id] if channel_id not in ids else []
            elif kind == "edit":
                register.edit_channel(desk.files, whose, {more[0]: more[1]})
            elif kind == "review":
                changes = {"channel_id": whose, "reviewed_on": f"{more[0]}", "decision": more[1]}
                into = CLUB if more[1] == "merge" else None
                path = desk.write(REVIEW, merge_into=into, **changes)
                register.add_review(path, desk.files, today=TODAY)
            else:
                change = {"confirm": register.confirm_channel, "close": register.close_channel}
                change[kind](desk.files, whose, more[0], today=TODAY)
        except HandbookError:
            assert desk.content() == before
        assert [row.channel_id for row in register.load(desk.public)] == ids
        assert {row.channel_id for row in register.load_internal(desk.internal)} <= set(ids)
        register.load_plans(desk.files.plans)
        text = desk.public.read_text("utf-8")
        assert text.startswith(PUBLIC.splitlines()[0])
        assert not re.search(r"(^|,)\"?[=+@]", text, re.M)
    mistakes = [f for f in register.check(desk.files, today=TODAY) if f.level == "mistake"]
    assert all("same address" in finding.text for finding in mistakes)
    shutil.rmtree(folder)


@pytest.mark.book
def test_from_the_plan_to_the_directory(desk, monkeypatch, tmp_path):
    """A channel that is not in the directory, or that looks confirmed before anybody has."""
    source = tmp_path / "source"
    shutil.copytree(paths.BOOK, source / "book", ignore=shutil.ignore_patterns("*.md"))
    shutil.copy2(paths.ROOT / "_config.yml", source)
    (source / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    (source / "book" / "index.md").write_text("# Channels\n\n```{channel-directory}\n```\n")
    desk.public.write_text(PUBLIC.splitlines()[1] + "\n")
    monkeypatch.setenv("HANDBOOK_REGISTER", str(desk.public))

    desk.call("add", desk.write(PLAN, name="Lab <b>&amp; *all*"))
    desk.call("add", desk.write(PLAN, channel_id="linkedin:two", url=None, name="Two"))
    desk.call("confirm", "linkedin:two", "--on", "2026-11-21")
    html = build(tmp_path / "out", source=source, strict=False)
    page = BeautifulSoup((html / "book" / "index.html").read_text("utf-8"), "html.parser")
    rows = [[c.get_text(" ", strip=True) for c in r.find_all("td")] for r in page.find_all("tr")]
    unit = ["LinkedIn", "Example Lab", "English", "planned"]
    assert [row for row in rows if row] == [
        ["Lab <b>&amp; *all*", *unit, "unconfirmed"],
        ["Two", *unit, "2026-11-21"],
    ]


def test_what_the_forms_give_is_taken_as_it_is(desk):
    """A form and a register that do not know each other's files."""
    rate = {"number": 3, "per": "month"}
    answers = {
        "existing-would-do": "no",
        "exists-already": "yes",
        "platform": "other",
        "unit": "Ääniä ja öitä",
        "contact-mailbox": "lab@example.org",
        "main-language": "other",
        "name": 'Ø – "Lab", ltd 🎉',
        "purpose": "=1+1\n# Not a heading",
        "updates": rate,
        "posts": rate,
        "planned-pauses": [{"start": "2027-07-01", "end": "2027-07-31"}],
        "members-target": {"members": 500, "by": "2027-12-31"},
        "measures": ["posts_per_week"],
        "plan-starts": "2027-01-01",
        "plan-ends": "2027-12-31",
        "administrators": 1,
        "work-password-not-used": True,
        "url": "not an address",
    }
    path = desk.folder / "plan.json"
    plan = make_plan(make_payload("start-a-community"), answers, "2026-11-22")
    path.write_text(to_json(plan), encoding="utf-8")
    assert desk.call("add", path)[0] == 0
    row = desk.row("other:o-lab-ltd")
    assert (row.name, row.unit, row.status) == (answers["name"], answers["unit"], "active")
    assert (row.language, row.url) == (None, None)
    (kept,) = register.load_plans(desk.files.plans)
    assert (kept.posts_per_week, kept.purpose) == (36 / 52, answers["purpose"])
    assert kept.left_out[0].field == "url"

    answers = {
        "channel-id": row.channel_id,
        "reviewed-on": "2026-10-01",
        "reviewed-by": "Editor",
        "plan-held": "cannot tell",
        "decision": "merge",
        "merge-into": CLUB,
    }
    path = desk.folder / "review.json"
    record = make_review(make_payload("channel-review"), answers, "2026-10-02")
    path.write_text(to_json(record), encoding="utf-8")
    assert desk.call("review", path)[0] == 0
    assert desk.row(row.channel_id).status == "closed"
    assert desk.call("check")[0] == 0
