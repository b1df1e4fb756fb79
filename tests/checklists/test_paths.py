"""Every way through the checklists: each ends in something to do and a contact."""

from __future__ import annotations

import itertools

import pytest

from handbook import organisation
from handbook.checklists.definition import ADMINISTRATOR, find_ids, load, make_payload
from handbook.checklists.evaluate import (
    CONTACT_ORDER,
    evaluate,
    find_addresses,
    find_items,
    find_outcome,
    holds,
)
from handbook.checklists.reach import (
    TODAY,
    find_answers,
    find_conditions,
    find_parts,
    find_references,
    try_answers,
)
from handbook.policy import load_rules

PAYLOADS = {id: make_payload(id) for id in find_ids()}
FINDERS = [id for id, payload in PAYLOADS.items() if payload["definition"]["kind"] == "situations"]
LISTS = [id for id, payload in PAYLOADS.items() if payload["definition"]["kind"] == "confirm"]
FORMS = [id for id, payload in PAYLOADS.items() if payload["definition"]["kind"] == "form"]
CONTACTS = dict(organisation.load().contacts)
PARTS = ("first", "do_not", "know")


def test_there_is_one_of_each_kind():
    """Enumerations of nothing, which would pass."""
    assert FINDERS
    assert LISTS
    assert FORMS


# Situations


@pytest.fixture(params=FINDERS)
def finder(request) -> dict:
    """A finder's payload."""
    return PAYLOADS[request.param]


def choices(finder: dict, most: int) -> list[list[str]]:
    """Every choice of so many situations, those that share an answer included."""
    ids = [id for item in find_items(finder) for id in find_addresses(item)]
    return [list(c) for n in range(most + 1) for c in itertools.combinations(ids, n)]


def situations_of(finder: dict, chosen: list[str]) -> list[dict]:
    return [item for item in find_items(finder) if set(find_addresses(item)) & set(chosen)]


def test_every_choice_up_to_three_ends_in_something_to_do_and_a_contact(finder):
    """A situation, alone or with others, that leaves its reader without a step or a contact."""
    for chosen in choices(finder, 3):
        result = evaluate(finder, {"chosen": chosen}, TODAY)
        assert result["contacts"], chosen
        assert result["text"], chosen
        assert result["rules"], chosen
        assert bool(result["first"]) == bool(chosen), chosen
        named = [contact["contact"] for contact in result["contacts"]]
        assert len(named) == len(set(named)), chosen
        assert set(named) <= {*CONTACTS, ADMINISTRATOR}, chosen
        reachable = [id for id in named if id in CONTACTS and has_address(CONTACTS[id])]
        assert reachable, f"{chosen}: no contact with an address"
        assert sorted(result["situations"]) == sorted(chosen)


def has_address(contact) -> bool:
    return bool(contact.email or contact.phone or contact.url)


def test_nothing_is_lost_where_answers_merge(finder):
    """A sentence, a rule, a contact or a silence of one situation that another one swallows."""
    for chosen in choices(finder, 3):
        result = evaluate(finder, {"chosen": chosen}, TODAY)
        for item in situations_of(finder, chosen):
            assert set(item["rules"]) <= set(result["rules"])
            assert set(item.get("silent", ())) <= set(result["silent"])
            named = {contact["contact"] for contact in result["contacts"]}
            assert {contact["contact"] for contact in item["contacts"]} <= named
            for part in PARTS:
                texts = [said["text"] for said in result[part]]
                assert len(texts) == len(set(texts)), f"{chosen}: said twice"
                for said in item.get(part, ()):
                    if "when" not in said:
                        assert said["text"] in texts
                        assert set(said.get("rules", ())) <= set(result["rules"])


def test_the_most_urgent_wins(finder):
    """A contact for "straight away" that becomes "soon", or stands after one that can wait."""
    for chosen in choices(finder, 3):
        items = situations_of(finder, chosen)
        result = evaluate(finder, {"chosen": chosen}, TODAY)
        for contact in result["contacts"] if chosen else ():
            urgencies = {
                other["urgency"]
                for item in items
                for other in item["contacts"]
                if other["contact"] == contact["contact"]
            }
            assert contact["urgency"] == ("now" if "now" in urgencies else "soon"), chosen
        named = [contact["contact"] for contact in result["contacts"]]
        ranked = [CONTACT_ORDER.index(id) for id in named if id in CONTACT_ORDER]
        assert ranked == sorted(ranked), chosen
        assert named[: len(ranked)] == [id for id in named if id in CONTACT_ORDER], chosen


def test_harassment_is_told_to_communications_straight_away():
    """REC-15 and REC-16 that weaken UPR-04, or that are no longer cited beside it."""
    finder = PAYLOADS["something-went-wrong"]
    for chosen in choices(finder, 3):
        if {"harassed", "threatened"} & set(chosen):
            result = evaluate(finder, {"chosen": chosen}, TODAY)
            urgency = {contact["contact"]: contact["urgency"] for contact in result["contacts"]}
            assert urgency["communications"] == "now"
            assert {"UPR-04", "REC-15", "REC-16"} <= set(result["rules"])
            told = [said for said in result["first"] if "straight away" in said["text"]]
            assert {"UPR-04", "REC-15", "REC-16"} <= set(told[0]["rules"])


def test_danger_comes_first():
    """A threat among other situations, and 112 below them."""
    finder = PAYLOADS["something-went-wrong"]
    for chosen in choices(finder, 3):
        if "threatened" in chosen:
            result = evaluate(finder, {"chosen": chosen}, TODAY)
            assert result["situations"][0] == "threatened"
            assert "112" in result["first"][0]["text"]
            assert result["contacts"][0]["contact"] == "emergency"


def test_no_do_not_without_a_statement_or_a_labelled_practice(finder):
    """A ban that nobody made; and the one that the source does not make: "do not delete"."""
    known = {rule.id for rule in load_rules()}
    said = [said for item in find_items(finder) for said in item.get("do_not", ())]
    assert said
    for ban in said:
        labelled = ban.get("origin") in ("practice", "law") and ban["source"]
        assert labelled or set(ban.get("rules", ())) & known, ban
    for chosen in choices(finder, 2):
        for ban in evaluate(finder, {"chosen": chosen}, TODAY)["do_not"]:
            assert "delete" not in ban["text"].lower()
            assert "consider" in ban["text"]


def test_conditional_sentences_are_said_and_left_out(finder):
    """A sentence with a condition that no choice brings, or that every choice brings."""
    for item in find_items(finder):
        for part in PARTS:
            for said in (said for said in item.get(part, ()) if "when" in said):
                found = {
                    said["text"] in [s["text"] for s in evaluate(finder, answers, TODAY)[part]]
                    for answers in try_answers(finder, {item["id"], *find_references(said["when"])})
                    if item["id"] in answers["chosen"]
                }
                assert found == {True, False}, said


# Lists to confirm


@pytest.mark.parametrize("id", LISTS)
def test_a_list_is_looked_at_only_when_nothing_is_open(id):
    """An open item that counts as looked at, in any combination of open items."""
    payload = PAYLOADS[id]
    ids = [item["id"] for item in find_items(payload)]
    last = load(id).outcomes[-1].id
    for states in itertools.product(("done", "open"), repeat=len(ids)):
        answers = dict(zip(ids, states, strict=True))
        result = evaluate(payload, answers, TODAY)
        is_open = [one for one, state in answers.items() if state == "open"]
        assert result["open"] == is_open
        assert (result["outcome"] == last) == bool(is_open)
        assert any(has_address(CONTACTS[contact]) for contact in result["contacts"])
    result = evaluate(payload, dict.fromkeys(ids, "not applicable"), TODAY)
    assert result["outcome"] != last


# Forms


@pytest.mark.parametrize("id", FORMS)
def test_every_condition_of_a_form_holds_and_fails_after_some_answers(id):
    """A condition that says the same whatever is answered, in whatever part of another."""
    payload = PAYLOADS[id]
    languages = {i["id"] for i in find_items(payload) if i.get("options_from") == "languages"}
    placed = [
        (part, item["id"])
        for item in find_items(payload)
        for when in [item.get("when"), *(check["when"] for check in item.get("checks", ()))]
        for part in find_parts(when)
    ]
    placed += [
        (part, "")
        for outcome in payload["definition"]["outcomes"]
        for part in find_parts(outcome.get("when"))
    ]
    assert len(placed) == len(list(find_conditions(payload["definition"])))
    for condition, own in placed:
        ids = {*find_references(condition), own} - {""}
        if "name_in_language" in condition:
            ids |= languages
        for wanted in (True, False):
            found = find_answers(
                payload,
                lambda state, c=condition, o=own, w=wanted: holds(c, state, o) == w,
                ids,
            )
            assert found is not None, (condition, wanted)


@pytest.mark.parametrize("id", FORMS)
def test_every_item_advice_and_outcome_of_a_form_is_reached(id):
    """A question that nobody is asked, advice that nobody gets, an outcome of no answers."""
    payload = PAYLOADS[id]
    items = list(find_items(payload))
    languages = {i["id"] for i in items if i.get("options_from") == "languages"}
    for item in items:
        assert (
            find_answers(payload, lambda state, i=item: i["id"] in state.visible, {item["id"]})
            is not None
        )
        for check in item.get("checks", ()):
            ids = {item["id"], *find_references(check["when"])}
            if any("name_in_language" in part for part in find_parts(check["when"])):
                ids |= languages
            told = {
                (item["id"], check["code"])
                in {(a["field"], a["code"]) for a in evaluate(payload, answers, TODAY)["advice"]}
                for answers in try_answers(payload, ids)
            }
            assert told == {True, False}, check
    for number, outcome in enumerate(payload["definition"]["outcomes"]):
        ids = {
            id
            for other in payload["definition"]["outcomes"][: number + 1]
            for id in find_references(other.get("when"))
        }
        found = find_answers(payload, lambda state, o=outcome: find_outcome(state) == o, ids)
        assert found is not None, outcome["id"]
        assert any(has_address(CONTACTS[contact]) for contact in outcome["contacts"])


@pytest.mark.parametrize("id", FORMS)
def test_what_the_register_needs_can_be_given(id):
    """An entry of the register that no answers complete, or a question nobody can answer."""
    payload = PAYLOADS[id]
    everything = None
    for answers in try_answers(payload, set()):
        result = evaluate(payload, answers, TODAY)
        if not result["missing"] and not result["errors"]:
            everything = result
    assert everything
    assert evaluate(payload, {}, TODAY)["missing"]
