"""The checklist in JupyterLab, as Python has it: answers, results, files, what a page shows."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from datetime import date

import pytest
import traitlets

from handbook import organisation, paths
from handbook.checklists import Checklist
from handbook.checklists.definition import find_ids
from handbook.checklists.evaluate import evaluate
from handbook.errors import HandbookError
from handbook.register import load_plan, load_review

TODAY = date(2026, 10, 31)


@pytest.fixture
def confirm() -> Checklist:
    """A list to confirm, nothing answered."""
    return Checklist("before-you-post", today=TODAY)


@pytest.fixture
def form() -> Checklist:
    """A form, nothing answered."""
    return Checklist("start-a-community", today=TODAY)


def test_importing_checklists_loads_no_widget():
    """A page build or a command that waits for ipywidgets and pandas."""
    code = (
        "import sys, handbook.checklists as c; "
        "print(sorted({'ipywidgets', 'anywidget', 'pandas'} & set(sys.modules)), c.__all__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] ['Checklist']"


@pytest.mark.parametrize("id", find_ids())
def test_every_checklist_has_a_widget(id):
    """A checklist that works on its page only."""
    checklist = Checklist(id, today=TODAY)
    assert checklist.id == id
    assert checklist.outcome == evaluate(checklist.payload, {}, str(TODAY))["outcome"]
    assert len(checklist.to_frame()) >= 3
    assert checklist.payload["definition"]["title"] in checklist.to_html()
    json.dumps(checklist.get_state())


def test_answers_change_the_result_and_whoever_observes_it(confirm):
    """A result that stays behind the answers, or an observer who is told nothing."""
    seen = []
    confirm.observe(lambda change: seen.append(confirm.outcome), "answers")
    confirm.observe(lambda change: seen.append(change["name"]), "outcome")
    assert (confirm.outcome, len(confirm.open_items)) == ("still-open", 9)
    confirm.answers = {"connected": "done", "rights": "not applicable"}
    assert confirm.open_items[0] == "credible"
    assert confirm.result["progress"] == {"answered": 2, "of": 9}
    confirm.answers = dict.fromkeys(confirm.open_items, "done") | confirm.answers
    assert confirm.outcome == "looked-at"
    assert seen == ["still-open", "outcome", "looked-at"]
    confirm.answer("connected", None)
    assert confirm.open_items == ["connected"]
    with pytest.raises(traitlets.TraitError):
        confirm.outcome = "looked-at"


def test_answers_are_set_as_a_whole(confirm):
    """An answer that is put into the dictionary, and that neither the result nor a view sees."""
    for change in (
        lambda: confirm.answers.__setitem__("connected", "done"),
        lambda: confirm.answers.update(connected="done"),
        lambda: confirm.notes.pop("connected", None),
    ):
        with pytest.raises(HandbookError, match=r"c\.answers \|="):
            change()
    confirm.answers |= {"connected": "done"}
    assert confirm.answers == {"connected": "done"}
    assert type(copy.deepcopy(confirm.answers)) is dict


WRONG = {
    "an item that there is not": ("before-you-post", {"conected": "done"}, "mean 'connected'"),
    "a state that there is not": ("before-you-post", {"connected": "yes"}, "'not applicable'; f"),
    "a tick": ("before-you-post", {"connected": True}, "found True"),
    "a situation that there is not": ("something-went-wrong", {"chosen": ["fire"]}, "'fire'"),
    "one situation": ("something-went-wrong", {"chosen": "uproar"}, r"\{'chosen': \["),
    "a situation as item": ("something-went-wrong", {"uproar": "done"}, r"\{'chosen': \["),
    "an option that there is not": ("start-a-community", {"platform": "myspace"}, "'mastodon'"),
    "one option of several": ("start-a-community", {"measures": "posts_per_week"}, "a list of"),
    "a number in words": ("start-a-community", {"administrators": "two"}, "Expected a number"),
    "a truth for a number": ("start-a-community", {"administrators": True}, "found True"),
    "half an administrator": ("start-a-community", {"administrators": 1.5}, "whole number"),
    "a part misspelt": ("start-a-community", {"posts": {"number": 3, "pre": "week"}}, "'per'"),
    "a rate of a year": ("start-a-community", {"posts": {"number": 3, "per": "year"}}, "'month'"),
    "a number for a day": ("start-a-community", {"plan-starts": 2027}, "'2027-01-01'"),
    "a day that there is not": ("start-a-community", {"plan-starts": "2027-02-30"}, "a day"),
    "an address without @": ("start-a-community", {"contact-mailbox": "lab"}, "e-mail"),
    "a target in the past": (
        "start-a-community",
        {"members-target": {"members": 5, "by": date(2020, 1, 1)}},
        "after today",
    ),
    "a confirmation that is none": ("start-a-community", {"work-password-not-used": False}, "True"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_answers_are_refused_and_change_nothing(case):
    """A wrong answer that is taken, or an error that does not say what was expected."""
    id, answers, expected = WRONG[case]
    checklist = Checklist(id, today=TODAY)
    with pytest.raises(HandbookError, match=expected) as error:
        checklist.answers = answers
    assert id in str(error.value)
    assert checklist.answers == {}
    with pytest.raises(HandbookError):
        Checklist(id, today=TODAY, answers=answers)


def test_notes_are_text_beside_items(confirm):
    """A note on nothing, a note that is no text, or a finder that keeps notes."""
    confirm.notes = {"connected": "Asked twice.", "rights": ""}
    assert confirm.notes == {"connected": "Asked twice."}
    for notes in ({"nothing": "x"}, {"connected": 3}):
        with pytest.raises(HandbookError):
            confirm.notes = notes
    with pytest.raises(HandbookError, match="no notes"):
        Checklist("something-went-wrong", notes={"uproar": "x"})


def test_what_somebody_types_is_taken_and_said(form):
    """A view whose half-typed number is refused, or that keeps Python from answering the rest."""
    form.set_state({"answers": {"administrators": "many"}})
    assert [error["code"] for error in form.result["errors"]] == ["not-a-number"]
    form.answer("unit", "Library")
    assert form.answers == {"administrators": "many", "unit": "Library"}
    assert form.plan["administrators"] is None
    with pytest.raises(HandbookError, match="e-mail"):
        form.answer("contact-mailbox", "lab")


def test_days_may_be_days(form):
    """A `date` that does not reach the view, or a plan with another day."""
    form.answers = {
        "plan-starts": date(2027, 1, 1),
        "planned-pauses": ({"start": date(2027, 7, 1), "end": "2027-07-31"},),
    }
    assert form.answers["plan-starts"] == "2027-01-01"
    assert form.plan["planned_pauses"] == [{"start": "2027-07-01", "end": "2027-07-31"}]


def test_the_frame_has_a_row_for_each_item(confirm, form):
    """A table that misses items, writes an answer where there is none, or forgets the rules."""
    confirm.answer("connected", "done", note="Yes.")
    frame = confirm.to_frame()
    assert list(frame.columns) == ["item", "text", "answer", "note", "rules", "origin"]
    assert list(frame.iloc[0][["item", "answer", "note", "origin"]]) == [
        "connected",
        "done",
        "Yes.",
        "aalto",
    ]
    assert frame["rules"][0] == "PRV-01, PRV-02, PRV-04, PRV-05"
    assert set(frame["answer"][1:]) == {"open"} and frame["note"][1:].isna().all()
    form.answers = {"posts": {"number": 2, "per": "week"}, "platform": "mastodon"}
    frame = form.to_frame().set_index("item")
    assert frame["answer"].dropna().to_dict() == {"platform": "Mastodon", "posts": "2 a week"}
    assert frame["origin"]["unit"] == "practice"
    finder = Checklist("something-went-wrong", answers={"chosen": ["link"]}).to_frame()
    assert list(finder.loc[finder["answer"].notna(), "item"]) == ["link"]


def test_saved_answers_are_loaded_again(confirm, tmp_path):
    """Answers, notes or days that are lost on the way to a file and back."""
    confirm.answers, confirm.notes = {"connected": "done"}, {"rights": "Ä & <b>"}
    file = tmp_path / "answers.json"
    confirm.save(file)
    again = Checklist.load(file, today=TODAY)
    assert (again.answers, again.notes) == (confirm.answers, confirm.notes)
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["schema"] == "handbook-answers/1" and kept["saved_on"] == str(TODAY)
    again.save(file)
    assert json.loads(file.read_text(encoding="utf-8")) == kept


def test_a_form_that_is_half_typed_is_saved_and_loaded(form, tmp_path):
    """A file that was saved and can't be opened, because one field was not finished."""
    form.set_state({"answers": {"contact-mailbox": "lab@", "members-target": {"members": 5}}})
    form.save(tmp_path / "half.json")
    again = Checklist.load(tmp_path / "half.json", today=TODAY)
    assert again.answers == form.answers
    assert again.result["errors"] == form.result["errors"] != []


SAVED = {
    "schema": "handbook-answers/1",
    "checklist": "before-you-post",
    "version": 1,
    "answers": {},
    "notes": {},
    "saved_on": "2026-10-31",
}
BROKEN = {
    "no JSON": ("{", r"line 1: not JSON"),
    "a list": ("[]", "something else"),
    "a plan": (json.dumps({"schema": "handbook-plan/1"}), "'handbook-plan/1'"),
    "another version": (json.dumps(SAVED | {"version": 7}), "version 7.*now at version 1"),
    "no version": (json.dumps(SAVED | {"version": None}), "'version'"),
    "another checklist": (json.dumps(SAVED | {"checklist": "../x"}), r"no checklist '\.\./x'"),
    "a wrong answer": (json.dumps(SAVED | {"answers": {"connected": "no"}}), "'connected'"),
    "answers in a list": (json.dumps(SAVED | {"answers": []}), "'answers'"),
    "notes in a list": (json.dumps(SAVED | {"notes": []}), "'notes'"),
    "no day": (json.dumps(SAVED | {"saved_on": "yesterday"}), "'saved_on'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_holds_no_answers_is_refused(case, tmp_path):
    """Answers to something else that are taken for these, or an error that hides the file."""
    text, expected = BROKEN[case]
    file = tmp_path / "answers.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(HandbookError, match=expected) as error:
        Checklist.load(file)
    assert "answers.json" in str(error.value) or case == "another checklist"


def test_half_a_character_does_not_keep_answers_from_being_saved(confirm, tmp_path):
    """An emoji cut in two while somebody typed, and a file that is not written at all."""
    confirm.notes = {"rights": "half \ud83d"}
    confirm.save(tmp_path / "a.json")
    assert Checklist.load(tmp_path / "a.json").notes == {"rights": "half ?"}


def test_a_missing_file_and_a_missing_folder_are_named(confirm, tmp_path):
    """A traceback in place of the name of the file."""
    with pytest.raises(HandbookError, match=r"none\.json: there is no such file"):
        Checklist.load(tmp_path / "none.json")
    with pytest.raises(HandbookError, match=r"a\.json: cannot be written"):
        confirm.save(tmp_path / "none" / "a.json")


OWN = """
id: before-a-campaign
kind: confirm
version: 2
title: Before a campaign
when: Before money is spent.
reviewed: 2026-11-22
next_review: 2027-11-22
sections:
  - items:
      - {id: context, text: The context is plain., rules: [REC-10]}
outcomes:
  - {id: looked-at, when: {all_answered: true}, text: Looked at., contacts: [communications]}
  - {id: still-open, text: Open., contacts: [communications]}
"""


def test_a_checklist_of_ones_own(tmp_path):
    """A checklist beside the handbook's that can't be used, saved, or told from another."""
    file = tmp_path / "before-a-campaign.yml"
    file.write_text(OWN, encoding="utf-8")
    own = Checklist(path=file, answers={"context": "done"})
    assert (own.id, own.outcome) == ("before-a-campaign", "looked-at")
    own.save(tmp_path / "a.json")
    assert Checklist.load(tmp_path / "a.json", path=file).answers == {"context": "done"}
    Checklist("before-you-post").save(tmp_path / "b.json")
    with pytest.raises(HandbookError, match="'before-you-post'.*'before-a-campaign'"):
        Checklist.load(tmp_path / "b.json", path=file)
    file.write_text(OWN.replace("REC-10", "REC-99"), encoding="utf-8")
    with pytest.raises(HandbookError, match="REC-99"):
        Checklist(path=file)


def test_one_checklist_is_named():
    """A widget of nothing, or of one of two."""
    for given in ({}, {"id": "before-you-post", "path": "x.yml"}):
        with pytest.raises(HandbookError, match="before-you-post"):
            Checklist(**given)
    with pytest.raises(HandbookError, match="no checklist 'before'"):
        Checklist("before")


def test_the_prepared_answers_give_a_plan_that_the_register_takes(demo_store, tmp_path):
    """A plan from JupyterLab that is another than the page's, or that the register refuses."""
    form = Checklist.of_store("start-a-community")
    assert form.today == str(TODAY)
    assert not form.result["errors"] and not form.result["missing"]
    form.save_plan(tmp_path / "plan.json")
    plan = load_plan(tmp_path / "plan.json")
    assert (plan.channel_id, plan.made_on) == ("mastodon:robot-garden", TODAY)
    assert "which is made up" in form.to_markdown()
    assert form.to_calendar().startswith("BEGIN:VCALENDAR")
    assert list(form.list_days()["day"].dt.strftime("%Y-%m-%d"))[-1] == "2027-11-01"
    assert form.to_message("opened")["to"] == "communications@keksila.example"
    assert "1 of" not in form.describe()[0]
    with pytest.raises(HandbookError, match="'plan' or 'opened'"):
        form.to_message("closed")


def test_a_review_that_the_register_takes(tmp_path):
    """A record from JupyterLab that the register refuses."""
    review = Checklist("channel-review", today=TODAY)
    review.answers = {
        "channel-id": "x:keksila-research",
        "reviewed-on": TODAY,
        "reviewed-by": "Head of communications",
        "plan-held": "partly",
        "decision": "keep",
    }
    review.save_review(tmp_path / "review.json")
    assert load_review(tmp_path / "review.json").decision == "keep"
    with pytest.raises(HandbookError, match="gives no plan: it gives a review"):
        _ = review.plan
    with pytest.raises(HandbookError, match="not a form"):
        _ = Checklist("before-you-post").record


def test_names_are_those_of_the_university_given(form):
    """A made-up channel's name that is held against another university's."""
    made_up = organisation.load(paths.DEMO / "organisation.yml")
    answers = {"name": "Keksilä University Lab", "main-language": "en"}
    codes = [
        [advice["code"] for advice in Checklist("start-a-community", **given).result["advice"]]
        for given in ({"answers": answers, "university": made_up}, {"answers": answers})
    ]
    assert codes == [["name-includes"], ["name-does-not"]]


def test_a_page_and_a_reopened_notebook_show_the_list(confirm):
    """A dead control on a page, typed text that becomes markup, or an address of this machine."""
    confirm.answers = {"connected": "done"}
    confirm.notes = {"connected": "<script>alert(1)</script>"}
    data, _ = confirm._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == "Checklist('before-you-post'): 1 of 9 answered"
    shown = data["text/html"]
    assert "&lt;script&gt;" in shown and "<script" not in shown
    assert not re.search("<(input|select|button|textarea)", shown)
    assert shown.count("<strong>open</strong>") == 8
    assert shown == confirm._repr_mimebundle_()[0]["text/html"]


def test_a_finder_shows_what_to_do():
    """A page without the answers to the situations, or with those that were not chosen."""
    finder = Checklist("something-went-wrong")
    everything = finder.to_html()
    assert "Seek support." in everything and "security@aalto.fi" in everything
    finder.answers = {"chosen": ["link"]}
    chosen = finder.to_html()
    assert "I clicked a suspicious link" in chosen and "I replied to a phishing" not in chosen
    assert "Seek support." not in chosen and "security@aalto.fi" in chosen
    assert repr(finder).endswith("1 chosen")


def test_the_script_is_one_module_without_imports():
    """A widget that asks for a file beside it, which a notebook can't give."""
    assert not re.search(r"^import ", Checklist._esm, re.M)
    assert len(re.findall(r"^export default ", Checklist._esm, re.M)) == 1
