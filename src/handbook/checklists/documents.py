"""What a form gives: a plan or a review record, and its readable, calendar and mail forms.

`js/documents.mjs` is the same in JavaScript, and both give the same bytes.
What people typed is text in every form: no markup, no calendar line, no part of a link.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from handbook.checklists.evaluate import BLANK, NUMBER_MOST, evaluate, find_items

SCHEMAS = {name: Path(__file__).with_name(f"{name}.schema.json") for name in ("plan", "review")}
"""What `plan.json` and `review.json` hold, as JSON Schema; published beside the rules."""

MESSAGE_MOST = 1_500
"""A message is shorter than this: subject and text together, in UTF-16 units."""

LINK_MOST = 2_000
"""No mail link is longer: mail programs cut what is above some 2,080 characters."""

NAME_MOST = 60
"""Code points of a channel's name in a subject or a calendar entry."""

SLUG_MOST = 80
"""Letters of a channel's id after the platform: it names files, too."""

LINE_OCTETS = 75

MESSAGE_FACTS = (
    "platform",
    "unit",
    "contact_mailbox",
    "main_language",
    "name",
    "handle",
    "url",
    "purpose",
    "audience",
    "plan_starts",
    "plan_ends",
)
"""What a message tells of a plan; the rest is in the attached file."""

_LETTERS = {"ø": "o", "æ": "ae", "ß": "ss"}
_PARTS = {"rate": ("number", "per"), "pauses": ("start", "end"), "target": ("members", "by")}
_NUMBERS = ("number", "members")
_JOINER = "\u200d"
_EXTENDS = re.compile("[\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE_END = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")
_BLANKS = re.compile(f"[{BLANK}]+")
_ENDS = re.compile(f"^[{BLANK}]+|[{BLANK}]+\\Z")
_MARKUP = re.compile(r"[\\`*_{}\[\]<>&|~$#^]")
_LINE_MARKUP = re.compile(r"^([0-9]+(?=[.)](?: |\Z))|(?=[-+=:%(]))")


def make_plan(payload: Mapping, answers: Mapping, today: str) -> dict[str, Any]:
    """Make a communication plan from the answers to a form.

    Parameters
    ----------
    payload
        What `make_payload` gives for the form.
    answers
        By the id of the item.
    today
        The day as `2026-11-22`; it becomes `made_on`.

    Returns
    -------
    dict
        A plan as `plan.schema.json` describes it.
        What is not answered is None; what cannot be right is None too, and stands in `left_out`
        as it was given.
    """
    plan = _make_record(payload, answers, today)
    return {
        "schema": "handbook-plan/1",
        "channel_id": make_channel_id(plan["platform"], plan["handle"], plan["name"]),
        **plan,
        "made_on": today,
    }


def make_review(payload: Mapping, answers: Mapping, today: str) -> dict[str, Any]:
    """Make the record of a channel's review from the answers to a form.

    Parameters and errors as for `make_plan`; the record is as `review.schema.json` describes it.
    """
    review = _make_record(payload, answers, today)
    return {"schema": "handbook-review/1", **review, "made_on": today}


def make_channel_id(platform: str | None, handle: str | None, name: str | None) -> str | None:
    """Return `<platform>:<slug>`, None while the platform or both the handle and name are open.

    The slug is the handle without `@`, else the name: marks removed, in small letters, `-` for
    whatever is not a–z or 0–9, `SLUG_MOST` at most, and `unnamed` where nothing is left.
    """
    text = (handle or "").removeprefix("@") or name
    if not platform or not text:
        return None
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if not unicodedata.category(letter).startswith("M")
    ).lower()
    plain = "".join(_LETTERS.get(letter, letter) for letter in bare)
    slug = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:SLUG_MOST].rstrip("-")
    return f"{platform}:{slug or 'unnamed'}"


def to_json(record: Mapping) -> str:
    """Return a plan or a record as the text of its file."""
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def plan_sections(record: Mapping, payload: Mapping) -> list[dict[str, Any]]:
    """Return a plan or a record as sections to read.

    Returns
    -------
    list of dict
        Each with `title` and `rows`.
        A row has `label`, `text` (lines as they were typed), `rules`, and `origin` and `source`
        where it is not of the guidelines (else both are empty).
        After the form's own sections come what was left out and what the form advises, if any.
    """
    words = payload["words"]["documents"]
    items = {item["id"]: item for item in find_items(payload)}
    answers = {id: record[_key(item)] for id, item in items.items()}
    given = {id: value for id, value in answers.items() if value is not None}
    result = evaluate(payload, given, record["made_on"])
    left_out = [
        _make_row(items[row["field"]]["text"], say(items[row["field"]], row["given"], payload), {})
        for row in record["left_out"]
    ]
    advice = [_make_row(items[row["field"]]["text"], row["text"], row) for row in result["advice"]]
    sections = [
        {
            "title": section.get("title") or payload["definition"]["title"],
            "rows": [
                _make_row(item["text"], say(item, answers[item["id"]], payload), item)
                for item in section["items"]
                if item["id"] in result["visible"]
            ],
        }
        for section in payload["definition"]["sections"]
    ]
    sections.append({"title": words["left_out"], "rows": left_out})
    sections.append({"title": words["to_consider"], "rows": advice})
    return [section for section in sections if section["rows"]]


def make_markdown(record: Mapping, payload: Mapping) -> str:
    """Return a plan or a record as Markdown; what was typed shows as it was typed."""
    words = payload["words"]["documents"][payload["definition"]["result"]]
    title = _fill(words["title"], {"name": _name_of(record, payload)})
    lines = [
        f"# {_escape(title)}",
        "",
        _escape(_standing(record, payload)),
        "",
        words["no_approval"],
    ]
    for section in plan_sections(record, payload):
        lines += ["", f"## {_escape(section['title'])}", ""]
        for row in section["rows"]:
            origin = [f"{row['origin']}: {row['source']}"] if row["origin"] else []
            cited = ", ".join([*row["rules"], *origin])
            label = f"- **{_escape(row['label'])}**" + (f" ({_escape(cited)})" if cited else "")
            said = [_escape(part) for part in _LINE_END.split(row["text"])]
            lines.append("  \n  ".join([label, *filter(None, said)]))
    return "\n".join(lines) + "\n"


def make_calendar(plan: Mapping, payload: Mapping) -> str:
    """Return the days of a plan as an iCalendar file; empty while it has no days.

    They are whole days: the start, the middle, `plan_ends_soon_days` before the end, and when to
    tell Communications: at the start, or on the plan's own day where the channel exists already.
    An id depends on the channel only, so that a file made again replaces the days of the first.
    """
    words = payload["words"]["documents"]
    organisation = payload["organisation"]
    communications = organisation["contacts"]["communications"]
    days_before = int(organisation["thresholds"]["plan_ends_soon_days"])
    values = {
        "name": _shorten(_name_of(plan, payload), NAME_MOST),
        "contact": communications.get("email", communications["name"]),
    }
    lines = []
    for kind, day, days_left in _find_days(plan, days_before):
        entry = words["calendar"][kind]
        title = _fill(entry["title"], values | {"days": days_left})
        said = f"{_fill(entry['text'], values)} {_standing(plan, payload)}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escape_calendar(plan['channel_id'] or 'unnamed')}/{kind}",
            f"DTSTAMP:{plan['made_on'].replace('-', '')}T000000Z",
            f"DTSTART;VALUE=DATE:{_write_day(day)}",
            f"DTEND;VALUE=DATE:{_write_day(day + 1)}",
            f"SUMMARY:{_escape_calendar(title)}",
            f"DESCRIPTION:{_escape_calendar(said)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Social Media Handbook//Plan 1//EN"]
    return "".join(map(_fold, [*head, *lines, "END:VCALENDAR"])) if lines else ""


def make_message(plan: Mapping, payload: Mapping, kind: str) -> dict[str, str]:
    """Return the message to Communications about a plan.

    Parameters
    ----------
    plan, payload
        As `make_plan` gives and takes them.
    kind
        `plan` asks for advice before a channel opens; `opened` tells of one that is open.

    Returns
    -------
    dict
        `to`, `subject`, `text` and `link` (a mailto address).
        Subject and text are shorter than `MESSAGE_MOST` and the link than `LINK_MOST`: the
        longest values are shortened, as little as will do.
    """
    template = payload["words"]["documents"]["message"][kind]
    to = payload["organisation"]["contacts"]["communications"].get("email", "")
    subject = _fill(template["subject"], {"name": _shorten(_name_of(plan, payload), NAME_MOST)})
    facts = [
        (item["text"], _one_line(say(item, plan[_key(item)], payload)))
        for item in find_items(payload)
        if _key(item) in MESSAGE_FACTS and plan[_key(item)] is not None
    ]

    def write(most: int) -> dict[str, str]:
        told = "\n".join(f"{label}: {_shorten(text, most)}" for label, text in facts)
        text = _fill(template["text"], {"facts": told})
        body = _encode(text).replace("%0A", "%0D%0A")
        link = f"mailto:{_encode(to).replace('%40', '@')}?subject={_encode(subject)}&body={body}"
        return {"to": to, "subject": subject, "text": text, "link": link}

    message = write(1)
    least, most = 2, max((len(text) for _, text in facts), default=0)
    while least <= most:
        middle = (least + most) // 2
        longer = write(middle)
        units = len(f"{subject}{longer['text']}".encode("utf-16-le")) // 2
        if units < MESSAGE_MOST and len(longer["link"]) < LINK_MOST:
            message, least = longer, middle + 1
        else:
            most = middle - 1
    return message


def say(item: Mapping, value: Any, payload: Mapping) -> str:
    """Return an answer as text to read; a list has a line for each of its parts."""
    words = payload["words"]["documents"]
    if value in (None, []):
        return words["not_answered"]
    if value is True:
        return words["yes"]
    if isinstance(value, list):
        return "\n".join(say(item, part, payload) for part in value)
    if isinstance(value, dict):
        shape = item["type"]
        if shape == "rate":
            shape = f"per_{value['per']}" if value["per"] in ("week", "month") else "number"
        return _fill(words["values"][shape], value)
    if item["type"] == "target" and value == "no target":
        return words["no_target"]
    options = {option["value"]: option["text"] for option in item.get("options") or ()}
    return options.get(value) or str(value)


def _make_record(payload: Mapping, answers: Mapping, today: str) -> dict[str, Any]:
    """Return the value of every item by its key, and at the end what was left out."""
    result = evaluate(payload, answers, today)
    wrong = {error["field"] for error in result["errors"]}
    unanswered = {*result["open"]} - wrong
    record: dict[str, Any] = {}
    left_out = []
    for item in find_items(payload):
        id = item["id"]
        record[_key(item)] = None
        if id in result["visible"] and id not in unanswered:
            given = _plain(answers.get(id), _PARTS.get(item["type"], ()))
            if id in wrong or given is None or (item["type"] == "rate" and not given["number"]):
                left_out.append({"field": id, "given": given})
            else:
                record[_key(item)] = given
    return record | {"left_out": left_out}


def _plain(value: Any, parts: Sequence[str]) -> Any:
    """Return a value as JSON that Python and JavaScript write alike; None for no answer.

    A dict keeps its `parts`, and numbers in those of them that are numbers; where there are
    parts, a list keeps dicts only.
    """
    if isinstance(value, bool):
        return value or None
    if isinstance(value, (int, float)):
        return _plain_number(value)
    if isinstance(value, str):
        return _ENDS.sub("", _SURROGATE.sub("\ufffd", value)) or None
    if isinstance(value, list):
        plain = [_plain(part, parts) for part in value if isinstance(part, dict) == bool(parts)]
        return [part for part in plain if part is not None]
    if isinstance(value, dict):
        plain = {
            key: _plain(value[key], ())
            if isinstance(value.get(key), str) or (key in _NUMBERS and key in value)
            else None
            for key in parts
        }
        return plain if any(part is not None for part in plain.values()) else None
    return None


def _plain_number(value: float) -> float | int | None:
    """Round to 4 decimals; None where that leaves nothing, or above a thousand million."""
    if not math.isfinite(value) or abs(value) > NUMBER_MOST:
        return None
    rounded = math.floor(value * 10_000 + 0.5) / 10_000
    if not rounded and value:
        return None
    return int(rounded) if rounded.is_integer() else rounded


def _key(item: Mapping) -> str:
    return item["id"].replace("-", "_")


def _name_of(record: Mapping, payload: Mapping) -> str:
    name = _one_line(record.get("name") or record.get("channel_id") or "")
    return name or payload["words"]["documents"]["unnamed"]


def _standing(record: Mapping, payload: Mapping) -> str:
    """Say when it was made, with whose handbook."""
    organisation = payload["organisation"]
    return _fill(
        payload["words"]["documents"]["standing"][organisation["status"]],
        {"date": record["made_on"], "university": organisation["name"]},
    )


def _make_row(label: str, text: str, said: Mapping) -> dict[str, Any]:
    return {
        "label": label,
        "text": text,
        "rules": list(said.get("rules") or ()),
        "origin": said.get("origin") or "",
        "source": said.get("source") or "",
    }


def _fill(template: str, values: Mapping) -> str:
    """Put values where their names stand in braces; braces in a value stay as they are."""

    def put(found: re.Match) -> str:
        value = values.get(found[1])
        return "?" if value is None else str(value)

    return re.sub(r"\{([a-z_]+)\}", put, template)


def _one_line(text: str) -> str:
    """Return text in one line, without the characters that turn the direction of what follows."""
    plain = _DIRECTION.sub("", _SURROGATE.sub("\ufffd", text))
    return _ENDS.sub("", _BLANKS.sub(" ", plain))


def _escape(text: str) -> str:
    """Return one line of Markdown that shows the text as it is."""
    return _LINE_MARKUP.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", _one_line(text)))


def _escape_calendar(text: str) -> str:
    return re.sub(r"[\\;,]", r"\\\g<0>", _one_line(text))


def _fold(line: str) -> str:
    """Return a calendar's line in pieces of at most 75 octets, none ending inside a character."""
    folded, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            folded, octets = f"{folded}\r\n ", 1
        folded, octets = folded + character, octets + size
    return f"{folded}\r\n"


def _shorten(text: str, most: int) -> str:
    """Return at most `most` code points, the last one `…` if it is cut, between characters."""
    if len(text) <= most:
        return text
    kept = ""
    for character in _split(text):
        if len(kept) + len(character) >= most:
            break
        kept += character
    return _ENDS.sub("", kept) + "…"


def _split(text: str) -> list[str]:
    """Split text into what readers take for one character: accents, flags, joined emoji."""
    found: list[str] = []
    for point in text:
        if found and (
            found[-1][-1] == _JOINER
            or _EXTENDS.match(point)
            or unicodedata.category(point).startswith("M")
            or (_FLAG.match(point) and _FLAG.fullmatch(found[-1]))
        ):
            found[-1] += point
        else:
            found.append(point)
    return found


def _encode(text: str) -> str:
    return quote(text, safe="!*'()")


def _find_days(plan: Mapping, days_before: int) -> list[tuple[str, int, int]]:
    """Return each entry of the calendar: its kind, its day's ordinal, and days left to the end."""
    start, end, made = (
        date.fromisoformat(plan[key]).toordinal() if plan[key] else 0
        for key in ("plan_starts", "plan_ends", "made_on")
    )
    days = {
        "start": start,
        "notify": made if plan["exists_already"] == "yes" else start,
        "middle": start and end and (start + end) // 2,
        "ends_soon": end and max(start, end - days_before),
    }
    return [(kind, day, end - day) for kind, day in days.items() if day]


def _write_day(day: int) -> str:
    return date.fromordinal(day).isoformat().replace("-", "")
