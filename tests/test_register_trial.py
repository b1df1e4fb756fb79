"""A plan tried out in a copy of the register."""

from __future__ import annotations

import json
from datetime import date

import pytest

from handbook import register
from handbook.checklists import Checklist
from handbook.errors import HandbookError


@pytest.fixture
def folder(demo_store):
    """The made-up university's files."""
    return register.folder_for(demo_store)


@pytest.fixture
def plan(demo_store) -> dict:
    """The plan of the prepared answers."""
    return Checklist.of_store("start-a-community").plan


def contents(folder) -> dict:
    """Return the bytes of every file beside the register."""
    return {p: p.read_bytes() for p in folder.register.parent.rglob("*") if p.is_file()}


def test_a_plan_is_tried_and_nothing_is_changed(folder, plan):
    """A trial that writes into the register, or says something else than `register add` does."""
    before = contents(folder)
    trial = register.try_plan(plan, folder)
    assert contents(folder) == before
    assert (trial.channel.channel_id, trial.channel.status) == ("mastodon:robot-garden", "planned")
    assert trial.channel.confirmed_on is None and trial.problem == ""
    assert trial.facts.role_mailbox == "robot-garden@keksila.example"
    assert [(due.kind, due.day) for due in trial.due] == [
        ("review", date(2027, 4, 30)),
        ("plan", date(2027, 12, 31)),
    ]
    assert "unconfirmed" in trial.describe()[0]


def test_what_the_register_would_not_take_is_said(folder, plan):
    """A plan that is not finished and a traceback, or a path of a folder that is gone."""
    for wrong in ({"unit": None}, {"channel_id": None}):
        trial = register.try_plan(plan | wrong, folder)
        assert trial.channel is None and trial.due == []
        assert trial.problem.startswith("plan.json") and next(iter(wrong)) in trial.problem
        assert trial.describe() == [f"The register would not take it: {trial.problem}"]
        assert "\n" not in trial.problem


def test_another_plan_of_a_channel_is_no_trial_of_it(folder, plan):
    """A channel that is in the register already and would silently get another plan."""
    other = json.loads((folder.plans / "x-keksila-research.json").read_text(encoding="utf-8"))
    names = {name: other[name] for name in ("channel_id", "platform", "name")}
    trial = register.try_plan(plan | names, folder)
    assert "another plan of the channel" in trial.problem


def test_a_wrong_register_is_an_error(plan, tmp_path):
    """A trial that says the plan is wrong when the register is."""
    (tmp_path / "register.csv").write_text("channel_id\nx:a\n", encoding="utf-8")
    folder = register.folder_beside(tmp_path, tmp_path / "register.csv")
    with pytest.raises(HandbookError, match=r"register\.csv"):
        register.try_plan(plan, folder)
