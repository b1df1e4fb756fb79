"""What answers give: the cases that JavaScript is held to as well, and laws for any answers."""

from __future__ import annotations

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from handbook import paths
from handbook.checklists.definition import find_ids, make_payload, read
from handbook.checklists.evaluate import evaluate, find_addresses, find_items, months_between
from handbook.checklists.reach import find_values, make_wrong

CASES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((paths.ROOT / "tests" / "cases" / "evaluate").glob("*.json"))
}
SAMPLE = Path(__file__).parent / "samples" / "own.yml"
PAYLOADS = {
    **{id: make_payload(id) for id in find_ids()},
    "own": make_payload(read(SAMPLE)),
    **{f"case-{name}": file["payload"] for name, file in CASES.items()},
}
TODAY = "2026-11-22"


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(name, case, id=f"{name}: {case['says']}")
        for name, file in CASES.items()
        for case in file["cases"]
    ],
)
def test_cases(name: str, case: dict):
    """A condition, an error, an outcome or a merged answer that is not what its case says."""
    payload, answers = CASES[name]["payload"], case["answers"]
    before = copy.deepcopy((payload, answers))
    result = json.loads(json.dumps(evaluate(payload, answers, CASES[name]["today"])))
    assert {key: result[key] for key in case["expected"]} == case["expected"]
    assert (payload, answers) == before, "the payload or the answers were changed"


def test_the_cases_show_every_condition_error_and_type():
    """A condition, an error or a type of question that no case shows."""
    text = json.dumps([file["payload"]["definition"] for file in CASES.values()])
    codes = {
        said["code"]
        for case in CASES["form"]["cases"]
        for key in ("errors", "advice")
        for said in case["expected"].get(key, ())
    }
    from handbook.checklists.conditions import CONDITIONS
    from handbook.checklists.definition import COMPARISONS, Question, load_words

    assert [name for name in (*CONDITIONS, *COMPARISONS) if f'"{name}":' not in text] == []
    assert set(load_words()["errors"]) - codes == {"not-text"} & set(load_words()["errors"])
    types = Question.model_fields["type"].annotation.__args__
    assert [kind for kind in types if f'"type": "{kind}"' not in text] == []


# Any answers

LETTERS = st.characters(exclude_categories=["Cs", "Cn"])
TEXT = st.one_of(
    st.text(LETTERS, max_size=30),
    st.sampled_from(
        ["", " ", "done", "open", "no target", "2027-02-29", "2027-06-30", "yes", "3", "\u0085"]
    ),
)
JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
        TEXT,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["number", "per", "start", "end", "members", "by", "x"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=4,
)
ITEM_IDS = st.sampled_from(["nobody", "constructor", "__proto__", "chosen"])


def draw_answers(payload: dict) -> st.SearchStrategy[dict[str, Any]]:
    """Answers to a checklist: right ones, wrong ones and junk, also to items that it lacks."""
    if payload["definition"]["kind"] == "situations":
        ids = [id for item in find_items(payload) for id in find_addresses(item)]
        some = st.lists(st.one_of(st.sampled_from(ids), JUNK), max_size=6)
        return st.fixed_dictionaries({}, optional={"chosen": st.one_of(some, JUNK), "x": JUNK})
    likely = {}
    for item in find_items(payload):
        values = [*find_values(item, payload), "open"]
        if "type" in item:
            values.append(make_wrong(item))
        likely[item["id"]] = st.one_of(st.sampled_from(values), st.sampled_from(values), JUNK)
    return st.builds(
        lambda known, unknown: unknown | known,
        st.fixed_dictionaries({}, optional=likely),
        st.dictionaries(ITEM_IDS, JUNK, max_size=2),
    )


ANY = st.sampled_from(sorted(PAYLOADS)).flatmap(
    lambda name: st.tuples(st.just(name), draw_answers(PAYLOADS[name]))
)
EXAMPLES = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@EXAMPLES
@given(ANY)
def test_python_and_javascript_agree(evaluate_in_javascript, case):
    """A difference between the twins, whatever was typed or stored."""
    name, answers = case
    in_python = json.loads(json.dumps(evaluate(PAYLOADS[name], answers, TODAY)))
    assert evaluate_in_javascript(PAYLOADS[name], answers, TODAY) == in_python


@EXAMPLES
@given(ANY, st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(case, random):
    """A result that depends on what was answered first, or chosen first."""
    name, answers = case
    shuffled = list(answers.items())
    random.shuffle(shuffled)
    shuffled = dict(shuffled)
    if isinstance(shuffled.get("chosen"), list):
        shuffled["chosen"] = random.sample(shuffled["chosen"], len(shuffled["chosen"]))
    assert evaluate(PAYLOADS[name], answers, TODAY) == evaluate(PAYLOADS[name], shuffled, TODAY)


@EXAMPLES
@given(ANY)
def test_open_is_no_answer_and_nothing_else(case):
    """An item that counts as open and answered, or as neither; a wrong answer that counts."""
    name, answers = case
    payload = PAYLOADS[name]
    result = evaluate(payload, answers, TODAY)
    if result["kind"] == "situations":
        return
    given_ids = set(result["visible"]) - set(result["open"])
    assert result["progress"] == {"answered": len(given_ids), "of": len(result["visible"])}
    without = {id: value for id, value in answers.items() if id in given_ids}
    assert evaluate(payload, without, TODAY) == result
    if result["kind"] == "confirm":
        opened = without | dict.fromkeys(result["open"], "open")
        assert evaluate(payload, opened, TODAY) == result
    else:
        wrong = {error["field"] for error in result["errors"]}
        assert wrong <= given_ids
        assert set(result["missing"]) <= set(result["open"])


@given(st.dates(), st.dates())
@example(date(2027, 3, 2), date(2027, 3, 1))
@example(date(2026, 8, 31), date(2027, 2, 28))
def test_months_count_to_the_end_of_the_last_day(first, last):
    """A plan of a year that counts as eleven months, or an end before the start that counts."""
    months = months_between(first.isoformat(), last.isoformat())
    assert (months < 0) == (last < first)
    if first.year < 2900 and first.day <= 28:
        for count in (1, 6, 12):
            year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
            due = first.replace(year=year, month=month + 1)
            before = due.fromordinal(due.toordinal() - 1).isoformat()
            assert months_between(first.isoformat(), before) == count
            earlier = due.fromordinal(due.toordinal() - 2).isoformat()
            assert months_between(first.isoformat(), earlier) == count - 1
