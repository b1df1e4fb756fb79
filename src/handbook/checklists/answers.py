"""Answers to a checklist: their form, and the file that keeps them.

```json
{"schema": "handbook-answers/1", "checklist": "before-you-post", "version": 1,
 "answers": {"connected": "done"}, "notes": {"connected": "Asked twice."}, "saved_on": "2026-11-22"}
```

| Kind of checklist | An answer |
|---|---|
| confirm | `"done"`, `"not applicable"` or `"open"` |
| situations | `{"chosen": ["uproar", "harassed"]}` |
| form | what its field holds: text, a value of the options, a number, a day, … |
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from handbook.errors import HandbookError

SCHEMA = "handbook-answers/1"

STATES = ("open", "done", "not applicable")
"""The answers of a confirm list; open is the same as no answer."""

TEXTS = ("text", "long", "email", "url")


@dataclass(frozen=True)
class Saved:
    """What a file of answers holds.

    Attributes
    ----------
    checklist, version
        Of which checklist the answers are, and of which version of it.
    answers, notes
        By the id of the item.
    saved_on
        The day on which they were saved; None where the file does not say.
    """

    checklist: str
    version: int
    answers: dict[str, Any]
    notes: dict[str, str] = field(default_factory=dict)
    saved_on: date | None = None


def check_answers(
    definition: Mapping, answers: Mapping[str, Any], notes: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return answers and notes in the form that Python and JavaScript share.

    Days may be `datetime.date`; what is None is not answered.
    A value that its field calls wrong (an address without `@`) has the right form and stays:
    whoever fills in the form sees the error beside the field.

    Parameters
    ----------
    definition
        The checklist as `make_payload` gives it.
    answers, notes
        By the id of the item.

    Raises
    ------
    HandbookError
        An item that the checklist does not have, or a value that its item can't hold.
    """
    kind = definition["kind"]
    items = {item["id"]: item for section in definition["sections"] for item in section["items"]}
    if not isinstance(answers, Mapping):
        raise HandbookError(f"expected answers by item ({{'item': …}}), found {answers!r}.")
    if not isinstance(notes, Mapping):
        raise HandbookError(f"expected notes by item ({{'item': 'text'}}), found {notes!r}.")
    if kind == "situations":
        if notes:
            raise HandbookError(f"{definition['id']} takes no notes.")
        return _check_chosen(definition, items, answers), {}
    checked = {}
    for item_id, value in answers.items():
        item = _find_item(definition, items, item_id)
        value = _plain(value)
        if value is not None:
            _check(definition, item, value, *_forms(item, kind))
            checked[item_id] = value
    for item_id, note in notes.items():
        item = _find_item(definition, items, item_id)
        if not isinstance(note, str):
            raise HandbookError(
                f"{definition['id']}, note of {item_id!r}: expected text, found {note!r}."
            )
    return checked, {item_id: note for item_id, note in notes.items() if note}


def _find_item(definition: Mapping, items: Mapping, item_id: str) -> Mapping:
    if item_id in items:
        return items[item_id]
    near = difflib.get_close_matches(str(item_id), items, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Its items are {', '.join(items)}."
    raise HandbookError(f"{definition['id']} has no item {item_id!r}. {hint}")


def _check_chosen(definition: Mapping, items: Mapping, answers: Mapping) -> dict[str, Any]:
    known = [
        entry["id"] for item in items.values() for entry in (item, *(item.get("aliases") or ()))
    ]
    chosen = answers.get("chosen") or []
    if set(answers) - {"chosen"} or not isinstance(chosen, list | tuple):
        raise HandbookError(
            f"{definition['id']}: expected {{'chosen': [the ids of situations]}}, found "
            f"{dict(answers)!r}."
        )
    for situation in chosen:
        _find_item(definition, dict.fromkeys(known, {}), situation)
    return {"chosen": list(dict.fromkeys(chosen))} if chosen else {}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: days as text, tuples as lists."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def _check(
    definition: Mapping, item: Mapping, value: Any, expected: str, fits: Callable[[Any], bool]
) -> None:
    if not fits(value):
        raise HandbookError(
            f"{definition['id']}, item {item['id']!r} ({item['text']}): expected {expected}; "
            f"found {value!r}."
        )


def _forms(item: Mapping, kind: str) -> tuple[str, Callable[[Any], bool]]:
    """Return what an item's answer is, in words and as a test."""
    if kind == "confirm":
        return " or ".join(f"'{state}'" for state in STATES), STATES.__contains__
    options = [option["value"] for option in item.get("options") or ()]
    shown = ", ".join(repr(value) for value in options)
    return {
        **dict.fromkeys(TEXTS, ("text", _is_text)),
        "choice": (f"one of {shown}", lambda value: value in options),
        "choices": (
            f"a list of some of {shown}",
            lambda value: isinstance(value, list) and all(part in options for part in value),
        ),
        "number": ("a number", _is_typed),
        "rate": (
            "a number with 'week' or 'month' ({'number': 3, 'per': 'week'})",
            lambda value: _has(value, number=_is_typed, per=("week", "month").__contains__),
        ),
        "date": ("a day such as '2027-01-01'", _is_text),
        "pauses": (
            "a list of pauses ([{'start': '2027-07-01', 'end': '2027-07-31'}])",
            lambda value: (
                isinstance(value, list)
                and all(_has(part, start=_is_text, end=_is_text) for part in value)
            ),
        ),
        "target": (
            "'no target' or a number by a day ({'members': 500, 'by': '2027-12-31'})",
            lambda value: value == "no target" or _has(value, members=_is_typed, by=_is_text),
        ),
        "confirm": ("True", lambda value: value is True),
    }[item["type"]]


def _has(value: Any, **parts) -> bool:
    """Return whether a value is a mapping of these parts, of which some may be open still."""
    return (
        isinstance(value, Mapping)
        and set(value) <= set(parts)
        and all(part is None or parts[name](part) for name, part in value.items())
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_typed(value: Any) -> bool:
    """A number, or what somebody typed in its place and is told of beside the field."""
    if isinstance(value, bool):
        return False
    return isinstance(value, str) or (isinstance(value, int | float) and math.isfinite(value))


def read_answers(path: Path) -> Saved:
    """Read a file of answers; whether they fit the checklist is for `check_answers`.

    Raises
    ------
    HandbookError
        The file is missing, is not JSON, or is no file of answers.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise HandbookError(f"{path}: there is no such file.") from None
    except UnicodeDecodeError:
        raise HandbookError(f"{path}: not UTF-8. Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise HandbookError(
            f"{path}, line {error.lineno}: not JSON ({error.msg}). Save the answers again."
        ) from None
    found = content.get("schema") if isinstance(content, dict) else None
    if found != SCHEMA:
        raise HandbookError(
            f"{path}: expected answers of a checklist (schema {SCHEMA!r}), found "
            f"{f'schema {found!r}' if found else 'something else'}."
        )
    fields = {"checklist": str, "version": int, "answers": dict}
    for name, kind in fields.items():
        if not isinstance(content.get(name), kind):
            raise HandbookError(
                f"{path}, field {name!r}: expected {_KINDS[kind]}, found {content.get(name)!r}. "
                "Save the answers again."
            )
    if not isinstance(content.get("notes", {}), dict):
        raise HandbookError(
            f"{path}, field 'notes': expected notes by item, found {content['notes']!r}."
        )
    saved_on = content.get("saved_on")
    try:
        day = date.fromisoformat(saved_on) if saved_on else None
    except (TypeError, ValueError):
        raise HandbookError(
            f"{path}, field 'saved_on': expected a day such as 2026-03-01, found {saved_on!r}."
        ) from None
    return Saved(
        content["checklist"], content["version"], content["answers"], content.get("notes", {}), day
    )


_KINDS = {str: "the id of a checklist", int: "a whole number", dict: "answers by item"}


def write_answers(path: Path, saved: Saved) -> None:
    """Write a file of answers whole, or not at all."""
    content = {
        "schema": SCHEMA,
        "checklist": saved.checklist,
        "version": saved.version,
        "answers": saved.answers,
        "notes": saved.notes,
        "saved_on": saved.saved_on.isoformat() if saved.saved_on else None,
    }
    write_text(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8, whole or not at all; half a character becomes a question mark.

    Raises
    ------
    HandbookError
        The folder is missing or may not be written to.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(text.encode(errors="replace"))
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise HandbookError(f"{path}: cannot be written: {error.strerror}.") from None
