"""Answers that make a condition hold: found by trying every kind of answer that can matter."""

from __future__ import annotations

import calendar
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from handbook.checklists.evaluate import State, find_addresses, find_items, holds, take

TODAY = "2026-11-22"
_FIRST = date(2027, 1, 1)

TRIES_MOST = 50_000
"""A condition with more combinations than these is taken to be possible."""

Payload = Mapping[str, Any]
Answers = dict[str, Any]


def find_references(condition: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the ids of the items that a condition asks of, as often as it does."""
    if condition is None:
        return
    for name, value in condition.items():
        if name in ("item", "chosen", "roles_in", "looks_personal"):
            yield value
        elif name == "months_between":
            yield from value
        elif name in ("all", "any"):
            for part in value:
                yield from find_references(part)
        elif name == "not":
            yield from find_references(value)


def find_parts(condition: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """Yield a condition and every condition in it."""
    if condition is None:
        return
    yield condition
    for part in (*condition.get("all", ()), *condition.get("any", ())):
        yield from find_parts(part)
    yield from find_parts(condition.get("not"))


def find_conditions(content: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every condition of a definition, and every condition in them."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            if key == "when" and isinstance(value, Mapping):
                yield from find_parts(value)
            else:
                yield from find_conditions(value)
    elif isinstance(content, (list, tuple)):
        for part in content:
            yield from find_conditions(part)


def find_answers(
    payload: Payload, wanted: Callable[[State], bool], ids: Iterator[str] | set[str]
) -> Answers | None:
    """Return answers after which something holds, or None where no answers do.

    Parameters
    ----------
    payload
        What `make_payload` gives.
    wanted
        What should hold.
    ids
        The items whose answers matter to it, beside how many items are answered at all.
    """
    for answers in try_answers(payload, set(ids)):
        if wanted(take(payload, answers, TODAY)):
            return answers
    return None


def is_possible(payload: Payload, wanted: Callable[[State], bool], ids: set[str]) -> bool:
    """Return whether something can hold; True as well where that is too much to try."""
    if payload["definition"]["kind"] != "situations":
        items = _find_items(payload, ids)
        if math.prod(len(values) for values in items.values()) > TRIES_MOST:
            return True
    return find_answers(payload, wanted, ids) is not None


def try_answers(payload: Payload, ids: set[str]) -> Iterator[Answers]:
    """Yield answers: every combination that matters of some items, and the rest three ways.

    The rest is left open, is answered rightly, and is answered with one mistake.
    """
    if payload["definition"]["kind"] == "situations":
        yield from _try_situations(payload, ids)
        return
    domains = _find_items(payload, ids)
    rest = {
        item["id"]: values
        for item in find_items(payload)
        if item["id"] not in domains and (values := find_values(item, payload))
    }
    right = {id: values[0] for id, values in rest.items()}
    fillings: list[Answers] = [{}, right]
    if payload["definition"]["kind"] == "form":
        wrong = next((item for item in find_items(payload) if item["id"] in rest), None)
        if wrong:
            fillings += [{**filling, wrong["id"]: make_wrong(wrong)} for filling in ({}, right)]
    for chosen in itertools.product(*domains.values()):
        own = {id: value for id, value in zip(domains, chosen, strict=True) if value is not None}
        for filling in fillings:
            yield filling | own


def _try_situations(payload: Payload, ids: set[str]) -> Iterator[Answers]:
    situations = [item for item in find_items(payload) if ids & set(find_addresses(item))]
    addresses = [id for item in situations for id in find_addresses(item)]
    others = [item["id"] for item in find_items(payload) if item["id"] not in addresses]
    for count in range(min(len(addresses), 4) + 1):
        for chosen in itertools.combinations(addresses, count):
            yield {"chosen": list(chosen)}
            yield {"chosen": [*chosen, *others]}


def _find_items(payload: Payload, ids: set[str]) -> dict[str, list[Any]]:
    """Return what may be answered to items, and to those that decide whether they are shown."""
    items = {item["id"]: item for item in find_items(payload)}
    wanted, waiting = set(), list(ids)
    while waiting:
        id = waiting.pop()
        if id in items and id not in wanted:
            wanted.add(id)
            waiting += find_references(items[id].get("when"))
            waiting += [items[id][name] for name in ("after",) if name in items[id]]
    return {id: [None, *find_values(item, payload)] for id, item in items.items() if id in wanted}


def make_wrong(item: Mapping[str, Any]) -> Any:
    """Return an answer that cannot be right."""
    match item["type"]:
        case "text" | "long":
            return "x" * (item["max_length"] + 1)
        case "rate":
            return {"number": 0, "per": "week"}
        case "choices":
            return ["no such option"]
        case "pauses":
            return [{"start": "2027-02-30"}]
        case "confirm":
            return None
        case _:
            return "nothing of the kind"


def find_values(item: Mapping[str, Any], payload: Payload) -> list[Any]:
    """Return answers to an item that can be right: one of each kind that a condition can tell."""
    if payload["definition"]["kind"] == "confirm":
        return ["done", "not applicable"]
    conditions = [
        condition
        for condition in find_conditions(payload["definition"])
        if item["id"] in find_references(condition) or "name_in_language" in condition
    ]
    bounds = sorted(
        {
            condition[name]
            for condition in conditions
            for name in ("below", "above", "at_least")
            if name in condition
        }
    )
    near = sorted({number + step for number in bounds or [1] for step in (-1, 0, 1)})
    match item["type"]:
        case "choice":
            return [option["value"] for option in item["options"]]
        case "choices":
            return [[option["value"]] for option in item["options"]]
        case "confirm":
            return [True]
        case "email":
            return ["lab@example.org", "jane.doe@example.org"]
        case "url":
            return ["https://example.org/lab"]
        case "number":
            least, most = item.get("min", -1), item.get("max", max(near) + 1)
            return [n for n in sorted({*near, least, most}) if least <= n <= most]
        case "rate":
            return [{"number": number, "per": "week"} for number in {*near, 1} if number > 0]
        case "target":
            numbers = [number for number in {*near, 100} if number > 0]
            return [*({"members": n, "by": "2027-12-31"} for n in numbers), "no target"]
        case "date":
            later = {int(number) + 1 for number in near if number >= 0}
            months = [0, *sorted(later | {-2, 1})]
            return [add_months(count) for count in months]
        case "pauses":
            return [[{"start": "2027-01-01", "end": "2027-01-01"}]]
    names: list[str] = []
    if any("name_in_language" in condition for condition in conditions):
        university = payload["organisation"]
        names = [*university["names"].values(), *university["short_names"]]
    most = max([0, *(int(number) + 1 for number in bounds)])
    return ["a role", *names, *(", ".join(["a role"] * count) for count in range(2, most + 1))]


def add_months(count: int) -> str:
    """Return the first day of trials, so many months later."""
    year, month = divmod(_FIRST.year * 12 + _FIRST.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(_FIRST.day, last)).isoformat()


def can_hold(
    payload: Payload, condition: Mapping[str, Any], *, shown: str = "", wanted: bool = True
) -> bool:
    """Return whether a condition can hold, or fail to hold, while an item is shown."""
    ids = {*find_references(condition), *([shown] if shown else ())}
    if any("name_in_language" in part for part in find_parts(condition)):
        ids |= {i["id"] for i in find_items(payload) if i.get("options_from") == "languages"}

    asked = next((item for item in find_items(payload) if item["id"] == shown), None)

    def does(state: State) -> bool:
        if asked and payload["definition"]["kind"] == "situations":
            seen = not {*find_addresses(asked)}.isdisjoint(state.chosen)
        else:
            seen = not shown or shown in state.visible
        return seen and holds(condition, state, shown) == wanted

    return is_possible(payload, does, ids)
