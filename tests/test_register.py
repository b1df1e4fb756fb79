"""The register, the internal register and the plans."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
import yaml
from importers import samples
from importers.samples import write_csv, write_xlsx

from handbook import paths, register
from handbook.checklists.definition import make_payload
from handbook.checklists.evaluate import evaluate
from handbook.errors import HandbookError
from handbook.importers import read_file
from handbook.register.fields import guard, read_cell
from handbook.store import import_files

HEADER = "channel_id,name,platform,url,unit,language,status,confirmed_on"
ROW = "x:lab,Lab,x,https://x.example/lab,Lab,en,active,2026-02-01"
INTERNAL = "channel_id,role_mailbox,administrators,plan_file,notified_on,review_due,notes"
PLAN = {
    "schema": "handbook-plan/1",
    "channel_id": "x:lab",
    "platform": "x",
    "name": "Lab",
    "posts": {"number": 2.5, "per": "week"},
    "planned_pauses": [{"start": "2026-07-01", "end": "2026-07-31"}],
    "plan_starts": "2026-01-01",
    "plan_ends": "2026-12-31",
}


def test_the_repositorys_own_register():
    """A public register that nobody can read."""
    assert all(isinstance(row, register.Channel) for row in register.load())


def test_load(tmp_path):
    """A row that changes on the way; an empty cell that is something."""
    path = write_csv(
        tmp_path / "r.csv", HEADER, [ROW, "youtube:lab,Lab,youtube,,,,planned,"], ["a note"]
    )
    first, second = register.load(path)
    assert first.model_dump() == {
        "channel_id": "x:lab",
        "name": "Lab",
        "platform": "x",
        "url": "https://x.example/lab",
        "unit": "Lab",
        "language": "en",
        "status": "active",
        "confirmed_on": date(2026, 2, 1),
    }
    assert (second.url, second.language, second.confirmed_on) == (None, None, None)


def test_header_alone(tmp_path):
    """An empty register taken for a wrong one."""
    assert register.load(write_csv(tmp_path / "r.csv", HEADER, [])) == []


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("channel_id", "lab", "<platform>:<name in small letters>"),
        ("channel_id", "youtube:lab", "platform is 'x', but channel_id 'youtube:lab'"),
        ("platform", "twitter", "but channel_id 'x:lab'"),
        ("name", "", "the channel's name"),
        ("url", "x.example/lab", "https://"),
        ("language", "English", "a language code such as fi"),
        ("status", "open", "planned, active, paused, closed"),
        ("status", "", "planned, active, paused, closed"),
        ("confirmed_on", "1.2.2026", "a day such as 2026-03-01"),
        ("confirmed_on", "2026-02-30", "a day such as 2026-03-01"),
        ("confirmed_on", "20260301", "a day such as 2026-03-01"),
        ("confirmed_on", "0", "a day such as 2026-03-01"),
        ("channel_id", "website:lab", "platforms are linkedin"),
        ("channel_id", "x:unnamed", "give the channel's handle"),
        ("name", "=1+1", "put an apostrophe"),
        ("unit", "@lab", "put an apostrophe"),
        ("unit", "-", "put an apostrophe"),
        ("name", "Lab; =1+1", "a formula after a semicolon"),
    ],
)
def test_wrong_cells(tmp_path, column, value, expected):
    """A wrong cell taken as it is, or a message that does not say where."""
    cells = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | {column: value}
    path = write_csv(tmp_path / "r.csv", HEADER, [",".join(cells.values())])
    with pytest.raises(HandbookError) as caught:
        register.load(path)
    assert "r.csv, row 2" in str(caught.value)
    assert expected in str(caught.value)


def test_every_wrong_cell_is_named(tmp_path):
    """A mistake that shows only when the one before it is mended."""
    path = write_csv(tmp_path / "r.csv", HEADER, ["x:lab,,x,lab,,,open,", "lab,L,x,,,,active,"])
    with pytest.raises(HandbookError) as caught:
        register.load(path)
    told = str(caught.value).splitlines()
    assert [re.search(r"row (\d), column '(\w+)'", line).groups() for line in told] == [
        ("2", "name"), ("2", "url"), ("2", "status"), ("3", "channel_id"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "'=1", "+358 club", "-", "@lab", "＝1", "it's", "'it'"])
def test_a_cell_is_no_formula_and_means_what_was_written(text):
    """A formula that a spreadsheet program runs, or a name that grows an apostrophe."""
    assert guard(text)[0] not in "=+-@＝"
    assert read_cell(guard(text)) == text


def test_wrong_header_and_repeated_channel(tmp_path):
    """A column that is missing or too many, a channel that stands twice."""
    with pytest.raises(HandbookError, match="missing: confirmed_on; not known: confirmed"):
        register.load(write_csv(tmp_path / "r.csv", HEADER.removesuffix("_on"), []))
    with pytest.raises(HandbookError, match=r"row 3.*in row 2 already"):
        register.load(write_csv(tmp_path / "r.csv", HEADER, [ROW, ROW]))
    with pytest.raises(HandbookError, match="is not there"):
        register.load(tmp_path / "none.csv")


def test_internal(tmp_path):
    """Facts that change on the way, a person's mailbox of no form, a missing file that is wrong."""
    path = write_csv(tmp_path / "i.csv", INTERNAL, ["x:lab,lab@example.org,2,,2026-01-01,,"])
    (row,) = register.load_internal(path)
    assert (row.administrators, row.notified_on, row.notes) == (2, date(2026, 1, 1), None)
    assert register.load_internal(tmp_path / "none.csv") == []
    for wrong in ("x:lab,lab,2,,,,", "x:lab,,two,,,,", "x:lab,,-1,,,,"):
        with pytest.raises(HandbookError, match=r"row 2, column"):
            register.load_internal(write_csv(tmp_path / "i.csv", INTERNAL, [wrong]))


def write_plan(folder, stem="x-lab", **changes):
    """Write a plan, with changes."""
    path = folder / f"{stem}.json"
    path.write_text(json.dumps(PLAN | changes), encoding="utf-8")
    return path


def test_plan(tmp_path):
    """An answer that changes on the way, or a missing one that is something."""
    write_plan(tmp_path, measures=None)
    (plan,) = register.load_plans(tmp_path)
    assert (plan.channel_id, plan.posts_per_week) == ("x:lab", 2.5)
    assert plan.planned_pauses[0].end == date(2026, 7, 31)
    assert (plan.purpose, plan.measures, plan.administrators) == (None, [], None)
    assert register.load_plans(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"schema": "handbook-plan/2"},
            "field 'schema': expected 'handbook-plan/1'; found 'handbook-plan/2'",
        ),
        (
            {"posts": {"number": 0, "per": "week"}},
            "field 'posts.number': expected a number above 0",
        ),
        ({"plan_ends": "soon"}, "field 'plan_ends': expected a day such as 2026-03-01"),
        ({"plan_ends": "2025-01-01"}, "plan_ends 2025-01-01 is before plan_starts"),
        ({"planned_pauses": [{"start": "2026-02-01", "end": "2026-01-01"}]}, "before it starts"),
        ({"planed_pauses": []}, "field 'planed_pauses': not a field of a plan"),
        ({"name": None}, "field 'name'"),
        ({"platform": "youtube"}, "but channel_id 'x:lab'"),
        ({"contact_mailbox": "me"}, "a shared address"),
        ({"contact_mailbox": 5}, "a shared address"),
        ({"posts": 3}, 'expected a rate such as {"number": 2, "per": "week"}; found'),
        ({"posts": {"number": 1, "per": "year"}}, "field 'posts.per': expected week or month"),
        ({"posts": {"number": True, "per": "week"}}, "field 'posts.number': expected a number"),
        ({"posts": {"number": "3", "per": "week"}}, "field 'posts.number': expected a number"),
        ({"members_target": 500}, """field 'members_target': expected a target such as {"mem"""),
        ({"members_target": {"members": 0, "by": None}}, "field 'members_target': expected"),
        ({"administrators": 1.5}, "field 'administrators': expected how many, a whole number"),
        ({"administrators": "2"}, "field 'administrators': expected how many, a whole number"),
        ({"plan_starts": 20260101}, "field 'plan_starts': expected"),
        ({"work_password_not_used": False}, "field 'work_password_not_used': expected true"),
        ({"name": ""}, "field 'name': expected the channel's name"),
        ({"url": "http://x.example"}, "field 'url': expected an address that begins with https"),
        ({"channel_id": None}, "field 'channel_id': expected <platform>:<name"),
        ({"members_target_by": None}, "Did you mean 'members_target'?"),
        ({"enough_resources": "maybe"}, "yes, no or not sure"),
    ],
)
def test_wrong_plans(tmp_path, changes, said):
    """A wrong answer taken as it is, or a message that does not say where."""
    write_plan(tmp_path, **changes)
    with pytest.raises(HandbookError) as caught:
        register.load_plans(tmp_path)
    assert "x-lab.json" in str(caught.value)
    assert said in str(caught.value)


def test_broken_plan_files(tmp_path):
    """A crash report for a file that is no plan; two plans of one channel."""
    path = tmp_path / "a.json"
    for text, said in (
        ("{", "line 1: not JSON"),
        ("[]", "a plan between braces"),
        ('{"name": "a", "name": "b"}', "'name': stands there twice"),
        ('{"name": NaN}', "expected numbers, found NaN"),
        ('{"name": "\\ud83d"}', "half of a character"),
        ("[" * 100_000, "not a plan|not JSON"),
    ):
        path.write_text(text)
        with pytest.raises(HandbookError, match=said):
            register.load_plans(tmp_path)
    path.unlink()
    write_plan(tmp_path, "one")
    write_plan(tmp_path, "two")
    with pytest.raises(HandbookError, match="another plan"):
        register.load_plans(tmp_path)


def test_rates_are_told_by_the_week_and_targets_as_they_are(tmp_path):
    """A month taken for four weeks, or no target taken for one of nothing."""
    target = {"members": 500, "by": "2026-12-31"}
    changes = {"posts": {"number": 13, "per": "month"}, "members_target": target}
    write_plan(tmp_path, updates={"number": 1.5, "per": "week"}, **changes)
    (plan,) = register.load_plans(tmp_path)
    assert (plan.posts_per_week, plan.updates_per_week) == (3, 1.5)
    assert (plan.target.members, plan.target.by) == (500, date(2026, 12, 31))
    write_plan(tmp_path, members_target="no target", posts=None)
    (plan,) = register.load_plans(tmp_path)
    assert (plan.target, plan.members_target, plan.posts_per_week) == (None, "no target", None)


@pytest.mark.parametrize(
    ("checklist", "model", "more"),
    [
        ("start-a-community", register.Plan, {"schema", "channel_id", "left_out", "made_on"}),
        ("channel-review", register.Review, {"schema", "left_out", "made_on"}),
    ],
)
def test_records_have_the_questions_of_their_forms(checklist, model, more):
    """A question whose answer the register would refuse, or a field that nobody asks for."""
    form = yaml.safe_load((paths.DATA / "checklists" / f"{checklist}.yml").read_text("utf-8"))
    asked = {item["id"].replace("-", "_") for part in form["sections"] for item in part["items"]}
    assert {field.alias or name for name, field in model.model_fields.items()} == asked | more


@pytest.mark.parametrize("kind", ["plan", "review"])
def test_the_published_schema_has_the_same_fields_and_choices(kind):
    """A file that the schema allows and the register refuses, or the other way round."""
    text = (paths.ROOT / "src/handbook/checklists" / f"{kind}.schema.json").read_text("utf-8")
    model = {"plan": register.Plan, "review": register.Review}[kind]
    published, ours = json.loads(text)["properties"], model.model_json_schema()["properties"]
    assert set(published) == set(ours)
    for name, field in published.items():
        if "enum" in field and name != "work_password_not_used":
            parts = ours[name].get("anyOf", [ours[name]])
            allowed = {value for part in parts for value in part.get("enum", [])}
            assert allowed == set(field["enum"]) - {None}, name


@pytest.mark.parametrize(
    ("address", "personal"),
    [
        ("anna.example@example.org", True),
        ("Änna_von.example-two3@example.org", True),
        ("press.office@example.org", False),
        ("viestintä.yksikkö@example.org", False),
        ("lab@example.org", False),
        ("a.example@example.org", False),
    ],
)
def test_the_register_and_the_form_warn_of_the_same_mailboxes(address, personal):
    """A mailbox that one of the two takes without a word."""
    result = evaluate(make_payload("start-a-community"), {"contact-mailbox": address}, "2026-11-22")
    warned = {advice["code"] for advice in result["advice"]}
    assert ("personal-mailbox" in warned, register.looks_personal(address)) == (personal, personal)


@pytest.mark.parametrize("made_up", [True, False])
def test_what_belongs_to_a_store(tmp_path, made_up):
    """Real channels with the made-up university's register, or the other way round."""
    store = tmp_path / "store.duckdb"
    path = write_xlsx(tmp_path / "a.xlsx", samples.content(2))
    list(import_files(store, [path], read=read_file, made_up=made_up))
    folder = register.folder_for(store)
    data = paths.DEMO if made_up else paths.DATA
    private = paths.DEMO if made_up else tmp_path
    assert folder == register.Folder(
        organisation=data / "organisation.yml",
        register=data / "register.csv",
        internal=private / "register-internal.csv",
        plans=private / "plans",
    )


def test_a_plan_where_a_review_belongs_is_named(tmp_path):
    """Thirty lines on fields that do not fit, where one says which command takes the file."""
    file = tmp_path / "plan.json"
    file.write_text('{"schema": "handbook-plan/1", "channel_id": "x:a"}', encoding="utf-8")
    with pytest.raises(HandbookError, match="found a plan: handbook register add takes it"):
        register.load_review(file)
    file.write_text('{"schema": "handbook-review/1"}', encoding="utf-8")
    with pytest.raises(HandbookError, match="found a review: handbook register review takes it"):
        register.load_plan(file)
