"""Whether a condition of a checklist can be asked: its form, the items it names, their answers."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from handbook.checklists.definition import (
    COMPARISONS,
    TEXT_TYPES,
    Definition,
    Question,
    SituationFinder,
)
from handbook.organisation import Thresholds
from handbook.yamlfile import Place

Mistake = tuple[Place, str]
"""Where it stands, and what is told of it."""

TRUTHS = ("all_answered", "any_open", "any_missing", "any_error")
COMPARING = ("months_between", "roles_in")
CONDITIONS = (
    "item",
    "chosen",
    *COMPARING,
    "looks_personal",
    "name_in_language",
    *TRUTHS,
    "all",
    "any",
    "not",
)
NAMED = ("yes", "no", "cannot tell")


def suggest(found: str, known: Collection[str]) -> str:
    """Return a hint: the nearest of what is known."""
    near = difflib.get_close_matches(found, known, n=1, cutoff=0.5)
    return f"Did you mean '{near[0]}'?" if near else "Correct it."


class ConditionCheck:
    """Conditions as they may stand at one place of a checklist.

    Parameters
    ----------
    definition
        The checklist.
    known
        The ids of the items that a condition may name there.
    offered
        The values that each choice of a form offers, by the id of its item.
    own
        The question beside which it stands.
    early
        Whether it decides if an item is shown: then it knows only what stands before that.
    """

    def __init__(
        self,
        definition: Definition,
        known: Sequence[str],
        offered: Mapping[str, Sequence[str]],
        *,
        own: Question | None = None,
        early: bool = False,
    ) -> None:
        self.definition = definition
        self.items = {item.id: item for item in definition.items}
        self.known = known
        self.offered = offered
        self.own = own
        self.early = early

    def check(self, condition: Any, place: Place) -> Iterator[Mistake]:
        if not isinstance(condition, Mapping):
            yield place, f"expected a condition such as {{item: a, is: b}}, found {condition!r}."
            return
        names = [name for name in condition if name in CONDITIONS]
        if len(names) != 1:
            found = ", ".join(map(str, condition)) or "nothing"
            hint = suggest(str(next(iter(condition), "")), CONDITIONS)
            yield (
                place,
                f"expected one condition ({', '.join(CONDITIONS)}), found {found}. {hint} Several "
                "conditions stand in a list: {all: […]}.",
            )
            return
        (name,) = names
        yield from getattr(self, f"_check_{_METHODS.get(name, name)}")(name, condition, place)
        allowed = {
            name,
            *(COMPARISONS if name in ("item", *COMPARING) else ()),
            *(("is", "in", "answered") if name == "item" else ()),
        }
        for key in condition:
            if key not in allowed:
                yield (*place, key), f"'{key}' does not go with '{name}'. Remove it."

    def _find(self, id: Any, place: Place) -> Iterator[Mistake]:
        if id not in self.known:
            why = " before it" if self.early and id in self.items else ""
            hint = "Move one of them." if why else suggest(str(id), self.known)
            yield place, f"expected the id of an item{why}, found {id!r}. {hint}"

    def _check_list(self, name: str, condition: Mapping, place: Place) -> Iterator[Mistake]:
        parts = condition[name] if isinstance(condition[name], list) else []
        if len(parts) < 2:
            yield (*place, name), f"expected a list of two conditions or more. Drop '{name}'."
        for number, part in enumerate(parts):
            yield from self.check(part, (*place, name, number))

    def _check_not(self, name: str, condition: Mapping, place: Place) -> Iterator[Mistake]:
        yield from self.check(condition["not"], (*place, "not"))

    def _check_truth(self, name: str, condition: Mapping, place: Place) -> Iterator[Mistake]:
        if not isinstance(condition[name], bool):
            yield (*place, name), f"expected true or false, found {condition[name]!r}."
        if self.early:
            yield (
                (*place, name),
                f"'{name}' asks about all items: it cannot decide whether one is shown. Name the "
                "items that decide.",
            )
        if name in ("any_missing", "any_error") and self.definition.kind != "form":
            yield (*place, name), f"only a form has '{name}'. Use any_open or all_answered."

    def _check_chosen(self, name: str, condition: Mapping, place: Place) -> Iterator[Mistake]:
        if not isinstance(self.definition, SituationFinder):
            yield (*place, name), "only situations are chosen. Use {item: …, is: …}."
            return
        ids = [*self.items]
        ids += [alias.id for item in self.definition.items for alias in item.aliases]
        if condition[name] not in ids:
            yield (
                (*place, name),
                f"expected the id of a situation, found {condition[name]!r}. "
                f"{suggest(str(condition[name]), ids)}",
            )

    def _check_item(self, name: str, condition: Mapping, place: Place) -> Iterator[Mistake]:
        id = condition["item"]
        if isinstance(self.definition, SituationFinder):
            yield (*place, "item"), "situations are chosen. Use {chosen: …}."
            return
        if mistakes := list(self._find(id, (*place, "item"))):
            yield from mistakes
            return
        tests = [key for key in ("is", "in", "answered") if key in condition]
        compared = [key for key in COMPARISONS if key in condition]
        if len(tests) + bool(compared) != 1:
            yield (
                place,
                "expected one of is, in, answered, or numbers to compare with (below, above, "
                f"at_least), found {', '.join([*tests, *compared]) or 'none'}.",
            )
        elif compared:
            yield from self._check_numbers(condition, place)
            if getattr(self.items[id], "type", "") not in ("number", "rate", "target"):
                yield place, f"'{id}' is no number: it can't be below or above. Use is or in."
        elif tests == ["answered"]:
            if not isinstance(condition["answered"], bool):
                yield (*place, "answered"), "expected true or false. Correct it."
        else:
            yield from self._check_values(self.items[id], condition, tests[0], place)

    def _check_values(
        self, item: Any, condition: Mapping, test: str, place: Place
    ) -> Iterator[Mistake]:
        values = condition["in"] if test == "in" else [condition["is"]]
        if not isinstance(values, list) or not values:
            yield (*place, test), f"expected a list of answers, found {values!r}."
            return
        if self.definition.kind == "confirm":
            known: Collection[Any] = ("done", "not applicable")
        elif item.type in ("choice", "choices"):
            known = self.offered[item.id]
        elif item.type == "confirm":
            known = [True]
        elif item.type == "target":
            known = ["no target"]
        else:
            yield (
                (*place, test),
                f"the answers to '{item.id}' are not known beforehand. Use answered: true.",
            )
            return
        for value in values:
            if value not in known:
                yield (
                    (*place, test),
                    f"'{item.id}' is never answered {value!r}; expected one of "
                    f"{', '.join(map(str, known))}. {suggest(str(value), list(map(str, known)))}",
                )

    def _check_numbers(self, condition: Mapping, place: Place) -> Iterator[Mistake]:
        for key in COMPARISONS:
            value = condition.get(key, 0)
            if isinstance(value, str):
                if value not in Thresholds.model_fields:
                    yield (
                        (*place, key),
                        f"expected a number, or a threshold of data/organisation.yml, found "
                        f"'{value}'. {suggest(value, list(Thresholds.model_fields))}",
                    )
            elif value is not None and (
                isinstance(value, bool) or not isinstance(value, (int, float))
            ):
                yield (*place, key), f"expected a number, found {value!r}. Correct it."

    def _check_comparing(self, name: str, condition: Mapping, place: Place) -> Iterator[Mistake]:
        if not any(key in condition for key in COMPARISONS):
            yield place, f"'{name}' needs a number: below, above or at_least. Add it."
        yield from self._check_numbers(condition, place)
        ids = condition[name]
        types: tuple[str, ...] = ("text", "long")
        if name == "months_between":
            types = ("date",)
            if not isinstance(ids, list) or len(ids) != 2:
                yield (*place, name), f"expected two dates [first, last], found {ids!r}."
                return
        yield from self._check_types(ids if name == "months_between" else [ids], types, name, place)

    def _check_types(
        self, ids: Sequence[Any], types: Sequence[str], name: str, place: Place
    ) -> Iterator[Mistake]:
        for id in ids:
            yield from self._find(id, (*place, name))
            if id in self.known and getattr(self.items[id], "type", "") not in types:
                yield (*place, name), f"'{id}' is not of the type {' or '.join(types)}."

    def _check_looks_personal(
        self, name: str, condition: Mapping, place: Place
    ) -> Iterator[Mistake]:
        yield from self._check_types([condition[name]], ("email",), name, place)

    def _check_name_in_language(
        self, name: str, condition: Mapping, place: Place
    ) -> Iterator[Mistake]:
        if condition[name] not in NAMED:
            yield (*place, name), f"expected one of {', '.join(NAMED)}, found {condition[name]!r}."
        asks = any(getattr(item, "options_from", "") == "languages" for item in self.items.values())
        if not (self.own and self.own.type in TEXT_TYPES and asks):
            yield (
                (*place, name),
                "this stands in the checks of a text, in a form that asks for a language "
                "(options_from: languages). Move it there.",
            )


_METHODS = {
    "all": "list",
    "any": "list",
    **dict.fromkeys(TRUTHS, "truth"),
    **dict.fromkeys(COMPARING, "comparing"),
}
