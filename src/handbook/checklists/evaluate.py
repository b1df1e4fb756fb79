"""What the answers to a checklist give: outcome, contacts, errors and advice.

`js/evaluate.mjs` is the same in JavaScript, and both give equal results.
Nothing that somebody may have typed or stored raises an error: an answer of a kind that its item
does not have counts as no answer.

A condition is one of:

| Condition | Holds where |
|---|---|
| `{item: a, is: x}`, `{item: a, in: [x, y]}` | the answer is x; one of x and y |
| `{item: a, answered: true}` | there is an answer, and it can be right |
| `{item: a, below: 2}`, `above`, `at_least` | the number (a rate: a week) is below 2, … |
| `{chosen: a}` | the situation, or one that shares its answer, is chosen |
| `{months_between: [a, b], below: 6}` | from day a to the end of day b are fewer whole months |
| `{roles_in: a, below: 2}` | the text names fewer roles |
| `{looks_personal: a}` | the e-mail address looks like a person's |
| `{name_in_language: "no"}` | beside a name: whether it includes the university's name in the \
language chosen (yes, no, cannot tell) |
| `{all_answered: true}`, `{any_open: true}` | no item is open; some item is |
| `{any_missing: true}`, `{any_error: true}` | what the register needs is open; an answer is wrong |
| `{all: […]}`, `{any: […]}`, `{not: …}` | every one holds; one holds; it does not hold |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from handbook.organisation import fold, includes_name

BLANK = "\\0-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""Characters, for a pattern, that count as no text: Python and JavaScript differ in theirs."""

NUMBER_MOST = 1_000_000_000
WEEKS_PER_MONTH = 52 / 12

CONTACT_ORDER = ("emergency", "information_security", "communications", "harassment")
"""Whom to contact first; others come after, in the order in which they are named."""

_ENDS = re.compile(f"^[{BLANK}]+|[{BLANK}]+\\Z")
_EMAIL = re.compile(f"[^@{BLANK}]+@[^@{BLANK}]+\\.[^@{BLANK}]+")
_HTTPS = re.compile(f"https://[^{BLANK}/?#][^{BLANK}]*")
_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d", re.ASCII)
_ROLES = re.compile(f"[,;/&+\\n\\r]|[{BLANK}](?:and|ja|och)(?=[{BLANK}])", re.IGNORECASE)
_NAME_PARTS = re.compile(r"[a-z]{2,}(?:[._][a-z-]+)*[._][a-z-]{2,}\d*")


@dataclass
class State:
    """Answers, as conditions see them.

    Attributes
    ----------
    visible
        The ids of the items that are shown.
    values
        What can be right of the answers to them; a rate as a number a week.
    open, missing
        The ids of visible items without an answer, and of those that the register needs.
    errors
        What is wrong with the other answers.
    chosen
        The chosen situations, in the order of the list.
    """

    payload: Mapping[str, Any]
    today: str
    visible: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    errors: dict[str, dict[str, Any]] = field(default_factory=dict)
    chosen: list[str] = field(default_factory=list)


def evaluate(payload: Mapping[str, Any], answers: Mapping[str, Any], today: str) -> dict[str, Any]:
    """Return what answers give.

    Parameters
    ----------
    payload
        What `make_payload` gives for the checklist.
    answers
        By the id of the item; for situations `{"chosen": [ids]}`.
    today
        The day, as `2026-11-22`.

    Returns
    -------
    dict
        `kind`, the id of the `outcome`, its `text`, `contacts` and `rules`, the ids of the
        `visible` items, and:

        - confirm: `progress` (answered, of) and the `open` ids
        - form: these, `missing` (open ids that the register needs), `errors` (field, code, text)
          and `advice` (field, code, text, and where it comes from)
        - situations: the chosen `situations`, most urgent first, and their answers merged:
          `first`, `do_not`, `know`, `contacts` (contact, urgency, note) and `silent`
    """
    state = take(payload, answers, today)
    kind, outcome = payload["definition"]["kind"], find_outcome(state)
    result = {
        "kind": kind,
        "outcome": outcome["id"],
        "text": outcome["text"],
        "contacts": list(outcome["contacts"]),
        "rules": list(outcome.get("rules", ())),
        "visible": state.visible,
    }
    if kind == "situations":
        return result | (_merge(state) if state.chosen else _point_to(outcome))
    result["open"] = state.open
    result["progress"] = {
        "answered": len(state.visible) - len(state.open),
        "of": len(state.visible),
    }
    if kind == "form":
        result["missing"] = state.missing
        result["errors"] = [
            _make_error(state, id, state.errors[id]) for id in state.visible if id in state.errors
        ]
        result["advice"] = list(_find_advice(state))
    return result


def take(payload: Mapping[str, Any], answers: Mapping[str, Any], today: str) -> State:
    """Return answers as conditions see them."""
    state = State(payload, today)
    kind = payload["definition"]["kind"]
    {"confirm": _read_points, "situations": _read_choice, "form": _read_form}[kind](state, answers)
    return state


def find_outcome(state: State) -> Mapping[str, Any]:
    """Return the first outcome that holds."""
    outcomes = state.payload["definition"]["outcomes"]
    return next(outcome for outcome in outcomes if holds(outcome.get("when"), state))


def find_items(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the items of a checklist, in order."""
    for section in payload["definition"]["sections"]:
        yield from section["items"]


def find_addresses(situation: Mapping[str, Any]) -> list[str]:
    """Return the id of a situation and of those that share its answer."""
    return [situation["id"], *(alias["id"] for alias in situation.get("aliases", ()))]


# Reading


def _read_points(state: State, answers: Mapping[str, Any]) -> None:
    for item in find_items(state.payload):
        if holds(item.get("when"), state):
            state.visible.append(item["id"])
            answer = answers.get(item["id"])
            if answer in ("done", "not applicable"):
                state.values[item["id"]] = answer
            else:
                state.open.append(item["id"])


def _read_choice(state: State, answers: Mapping[str, Any]) -> None:
    chosen = answers.get("chosen")
    for item in find_items(state.payload):
        state.visible.append(item["id"])
        if isinstance(chosen, list):
            state.chosen += [id for id in find_addresses(item) if id in chosen]
    if not state.chosen:
        state.open = list(state.visible)


def _read_form(state: State, answers: Mapping[str, Any]) -> None:
    items = list(find_items(state.payload))
    for item in items:
        id = item["id"]
        if not holds(item.get("when"), state):
            continue
        state.visible.append(id)
        value, error = _READERS[item["type"]](item, answers.get(id), state)
        if error:
            state.errors[id] = error
        elif value is not None:
            state.values[id] = value
        else:
            state.open.append(id)
            if item.get("required_for"):
                state.missing.append(id)
    wrong = [item["id"] for item in items if item["id"] in state.values and _clash(item, state)]
    for id in wrong:
        del state.values[id]


def _wrong(code: str, **filled: Any) -> tuple[None, dict[str, Any]]:
    return None, {"code": code, **filled}


_NOTHING = (None, None)


def _trim(value: Any) -> str:
    """Return a text without blanks around it; an empty one for anything else."""
    return _ENDS.sub("", value) if isinstance(value, str) else ""


def _read_text(item: Mapping, answer: Any, state: State) -> tuple:
    text = _trim(answer)
    if not text:
        return _NOTHING
    if len(text) > item["max_length"]:
        return _wrong("too-long", max=item["max_length"], found=len(text))
    if item["type"] == "email" and not _EMAIL.fullmatch(text):
        return _wrong("not-an-email")
    if item["type"] == "url" and not _HTTPS.fullmatch(text):
        return _wrong("not-https")
    return text, None


def _read_option(item: Mapping, answer: Any, state: State) -> tuple:
    if not isinstance(answer, str) or not answer:
        return _NOTHING
    if answer not in [option["value"] for option in item["options"]]:
        return _wrong("not-an-option")
    return answer, None


def _read_options(item: Mapping, answer: Any, state: State) -> tuple:
    if not isinstance(answer, list) or not answer:
        return _NOTHING
    values = [option["value"] for option in item["options"]]
    if any(part not in values for part in answer):
        return _wrong("not-an-option")
    return [value for value in values if value in answer], None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_blank(value: Any) -> bool:
    return not _is_number(value) and not _trim(value)


def _check_number(
    value: Any, *, above_zero: bool = False, whole: bool = False, bounds: Mapping | None = None
) -> dict[str, Any] | None:
    """Return what is wrong with a number, or None."""
    least = (bounds or {}).get("min", -NUMBER_MOST)
    most = (bounds or {}).get("max", NUMBER_MOST)
    if not _is_number(value) or value != value:
        return {"code": "not-a-number"}
    if above_zero and value <= 0:
        return {"code": "not-above-zero"}
    if value < least:
        return {"code": "below-minimum", "min": least}
    if value > most:
        return {"code": "above-maximum", "max": most}
    return {"code": "not-whole"} if whole and value % 1 else None


def _read_number(item: Mapping, answer: Any, state: State) -> tuple:
    if _is_blank(answer):
        return _NOTHING
    return answer, _check_number(answer, whole=item.get("whole", False), bounds=item)


def _read_rate(item: Mapping, answer: Any, state: State) -> tuple:
    if not isinstance(answer, dict) or _is_blank(answer.get("number")):
        return _NOTHING
    number, per = answer["number"], answer.get("per")
    if error := _check_number(number, above_zero=True):
        return None, error
    if per not in ("week", "month"):
        return _wrong("not-a-rate")
    return number if per == "week" else number / WEEKS_PER_MONTH, None


def _find_day(text: str) -> date | None:
    """Return the day that a text says, as `2027-01-31`; None if it says none."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _read_date(item: Mapping, answer: Any, state: State) -> tuple:
    text = _trim(answer)
    if not text:
        return _NOTHING
    return (text, None) if _find_day(text) else _wrong("not-a-date")


def _read_pauses(item: Mapping, answer: Any, state: State) -> tuple:
    spans = [
        (_trim(part.get("start")), _trim(part.get("end")))
        for part in (answer if isinstance(answer, list) else ())
        if isinstance(part, dict)
    ]
    spans = [span for span in spans if any(span)]
    if not spans:
        return _NOTHING
    for start, end in spans:
        if not start or not end:
            return _wrong("pause-without-day")
        if not _find_day(start) or not _find_day(end):
            return _wrong("not-a-date")
        if end < start:
            return _wrong("end-before-start")
    return spans, None


def _read_target(item: Mapping, answer: Any, state: State) -> tuple:
    if answer == "no target":
        return answer, None
    if not isinstance(answer, dict):
        return _wrong("target-without-day") if _trim(answer) else _NOTHING
    members, by = answer.get("members"), _trim(answer.get("by"))
    if _is_blank(members) and not by:
        return _NOTHING
    if _is_blank(members) or not by:
        return _wrong("target-without-day")
    if error := _check_number(members, above_zero=True, whole=True):
        return None, error
    if not _find_day(by):
        return _wrong("not-a-date")
    if by <= state.today:
        return _wrong("not-in-the-future")
    return members, None


def _read_tick(item: Mapping, answer: Any, state: State) -> tuple:
    return (True, None) if answer is True else _NOTHING


_READERS: dict[str, Callable[[Mapping, Any, State], tuple]] = {
    "text": _read_text,
    "long": _read_text,
    "email": _read_text,
    "url": _read_text,
    "choice": _read_option,
    "choices": _read_options,
    "number": _read_number,
    "rate": _read_rate,
    "date": _read_date,
    "pauses": _read_pauses,
    "target": _read_target,
    "confirm": _read_tick,
}


def _clash(item: Mapping, state: State) -> bool:
    """Note where an answer does not go with another one; both are right by themselves."""
    value = state.values[item["id"]]
    if "after" in item and value < state.values.get(item["after"], ""):
        state.errors[item["id"]] = {"code": "end-before-start"}
    elif "inside" in item:
        first, last = (state.values.get(id) for id in item["inside"])
        if any((first and start < first) or (last and end > last) for start, end in value):
            state.errors[item["id"]] = {"code": "pause-outside-plan"}
    return item["id"] in state.errors


# Conditions


def holds(condition: Mapping[str, Any] | None, state: State, own: str = "") -> bool:
    """Return whether a condition holds; `own` is the item beside which it stands."""
    if condition is None:
        return True
    return _CONDITIONS[next(name for name in _CONDITIONS if name in condition)](
        condition, state, own
    )


def _is_answer(condition: Mapping, state: State, own: str) -> bool:
    value = state.values.get(condition["item"])
    if "answered" in condition:
        return (value is not None) == condition["answered"]
    if value is None:
        return False
    if "is" in condition or "in" in condition:
        wanted = condition["in"] if "in" in condition else [condition["is"]]
        return any(part in wanted for part in (value if isinstance(value, list) else [value]))
    return _is_number(value) and _compare(value, condition)


def _compare(value: float, condition: Mapping) -> bool:
    return (
        ("below" not in condition or value < condition["below"])
        and ("above" not in condition or value > condition["above"])
        and ("at_least" not in condition or value >= condition["at_least"])
    )


def _is_chosen(condition: Mapping, state: State, own: str) -> bool:
    wanted = condition["chosen"]
    return wanted in state.chosen or any(
        id in state.chosen
        for item in find_items(state.payload)
        if item["id"] == wanted
        for id in find_addresses(item)
    )


def _is_far(condition: Mapping, state: State, own: str) -> bool:
    first, last = (state.values.get(id) for id in condition["months_between"])
    if first is None or last is None:
        return False
    return _compare(months_between(first, last), condition)


def months_between(first: str, last: str) -> int:
    """Return the whole months from a day to the end of another; below 0 where that is earlier."""
    start, end = date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1)
    months = 12 * (end.year - start.year) + end.month - start.month - (end.day < start.day)
    return min(months, -1) if last < first else months


def _has_roles(condition: Mapping, state: State, own: str) -> bool:
    text = state.values.get(condition["roles_in"])
    return text is not None and _compare(
        sum(1 for part in _ROLES.split(text) if _trim(part)), condition
    )


def _looks_personal(condition: Mapping, state: State, own: str) -> bool:
    address = state.values.get(condition["looks_personal"], "")
    name = fold(address.split("@")[0])
    return bool(_NAME_PARTS.fullmatch(name)) and not any(
        word in state.payload["role_words"] for word in re.split("[._-]", name)
    )


def _has_name(condition: Mapping, state: State, own: str) -> bool:
    name, language = state.values.get(own), None
    for item in find_items(state.payload):
        if item.get("options_from") == "languages":
            language = state.values.get(item["id"])
    if name is None or language is None:
        return False
    university = state.payload["organisation"]
    return condition["name_in_language"] == includes_name(
        name, language, university["names"], university["short_names"]
    )


_CONDITIONS: dict[str, Callable[[Mapping, State, str], bool]] = {
    "item": _is_answer,
    "chosen": _is_chosen,
    "months_between": _is_far,
    "roles_in": _has_roles,
    "looks_personal": _looks_personal,
    "name_in_language": _has_name,
    "all_answered": lambda c, state, own: (not state.open) == c["all_answered"],
    "any_open": lambda c, state, own: bool(state.open) == c["any_open"],
    "any_missing": lambda c, state, own: bool(state.missing) == c["any_missing"],
    "any_error": lambda c, state, own: bool(state.errors) == c["any_error"],
    "all": lambda c, state, own: all(holds(part, state, own) for part in c["all"]),
    "any": lambda c, state, own: any(holds(part, state, own) for part in c["any"]),
    "not": lambda c, state, own: not holds(c["not"], state, own),
}


# Errors and advice of a form


def _fill(text: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\{([a-z]+)\}", lambda found: str(values.get(found[1], found[0])), text)


def _make_error(state: State, id: str, error: Mapping[str, Any]) -> dict[str, str]:
    code = error["code"]
    text = _fill(state.payload["words"]["errors"][code], error)
    return {"field": id, "code": code, "text": text}


def _find_advice(state: State) -> Iterator[dict[str, Any]]:
    for item in find_items(state.payload):
        id = item["id"]
        if id not in state.visible:
            continue
        for check in item.get("checks", ()):
            if holds(check["when"], state, id):
                yield {"field": id} | {k: v for k, v in check.items() if k != "when"}
        if item.get("options_from") == "metrics":
            yield from _find_lacking(state, id)


def _find_lacking(state: State, id: str) -> Iterator[dict[str, Any]]:
    """Advise on measures that the chosen platform does not give."""
    platform = next(
        (
            state.values.get(item["id"])
            for item in find_items(state.payload)
            if item.get("options_from") == "platforms"
        ),
        None,
    )
    chosen = state.values.get(id, ())
    lacking = [
        metric["title"]
        for metric in state.payload["metrics"]
        if metric["name"] in chosen and platform not in metric["platforms"]
    ]
    if lacking and platform not in (None, "other"):
        code = "measure-not-on-platform"
        filled = {"platform": state.payload["platforms"][platform], "measures": ", ".join(lacking)}
        yield {
            "field": id,
            "code": code,
            "text": _fill(state.payload["words"]["errors"][code], filled),
        }


# Situations


def _point_to(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer for those who have chosen nothing."""
    return {
        "situations": [],
        "first": [],
        "do_not": [],
        "know": [],
        "contacts": [{"contact": id, "urgency": "soon"} for id in outcome["contacts"]],
        "silent": [],
    }


def _merge(state: State) -> dict[str, Any]:
    """Merge the answers to the chosen situations, most urgent first."""
    items = [
        item
        for item in find_items(state.payload)
        if any(id in state.chosen for id in find_addresses(item))
    ]
    items.sort(key=_urgency)
    merged = {
        part: _merge_said(
            said for item in items for said in item.get(part, ()) if holds(said.get("when"), state)
        )
        for part in ("first", "do_not", "know")
    }
    rules = [rule for item in items for rule in item["rules"]]
    rules += [rule for part in merged.values() for said in part for rule in said.get("rules", ())]
    return {
        "situations": [id for item in items for id in find_addresses(item) if id in state.chosen],
        **merged,
        "contacts": _merge_contacts([contact for item in items for contact in item["contacts"]]),
        "silent": list(dict.fromkeys(words for item in items for words in item.get("silent", ()))),
        "rules": list(dict.fromkeys(rules)),
    }


def _urgency(item: Mapping[str, Any]) -> int:
    """Return a number that is smaller the more urgent a situation is."""
    return min(
        _rank(contact["contact"]) + (0 if contact["urgency"] == "now" else len(CONTACT_ORDER) + 1)
        for contact in item["contacts"]
    )


def _rank(contact: str) -> int:
    return CONTACT_ORDER.index(contact) if contact in CONTACT_ORDER else len(CONTACT_ORDER)


def _merge_said(sentences: Iterator[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say each sentence once, with the rules of all that say it."""
    merged: dict[tuple, dict[str, Any]] = {}
    for said in sentences:
        key = (said["text"], said.get("origin", ""), said.get("source", ""))
        one = merged.setdefault(key, {k: v for k, v in said.items() if k != "when"})
        if "rules" in said:
            one["rules"] = list(dict.fromkeys([*one.get("rules", ()), *said["rules"]]))
    return list(merged.values())


def _merge_contacts(contacts: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Name each contact once: now wins over soon, and what is unconditional over a note."""
    ids = sorted(dict.fromkeys(contact["contact"] for contact in contacts), key=_rank)
    merged = []
    for id in ids:
        of_it = [contact for contact in contacts if contact["contact"] == id]
        urgency = "now" if any(contact["urgency"] == "now" for contact in of_it) else "soon"
        notes = dict.fromkeys(
            contact.get("note", "") for contact in of_it if contact["urgency"] == urgency
        )
        merged.append({"contact": id, "urgency": urgency})
        if "" not in notes:
            merged[-1]["note"] = "; ".join(notes)
    return merged
