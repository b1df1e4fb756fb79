"""Whether a checklist makes sense: rules and contacts that exist, and no item out of reach."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from handbook import organisation
from handbook.checklists.conditions import ConditionCheck, Mistake, suggest
from handbook.checklists.definition import (
    ADMINISTRATOR,
    PAUSE_POINT_MOST,
    Definition,
    Form,
    Question,
    Situation,
    find_ids,
    make_payload,
    read_definition,
)
from handbook.checklists.documents import SCHEMAS
from handbook.checklists.evaluate import find_items, find_outcome
from handbook.checklists.reach import can_hold, find_references, is_possible
from handbook.organisation import Contacts
from handbook.policy import Rule, load_rules
from handbook.yamlfile import Place, refuse

MARKUP = re.compile(r"\*\*|__|`|\]\(|<[a-z/!]|\{[\w:-]+\}")


def validate(path: Path, *, rules: Sequence[Rule] | None = None) -> Definition:
    """Read a checklist, and refuse it where it makes no sense.

    Parameters
    ----------
    path
        Its file.
    rules
        The rules that it may cite; those of the pages unless given.

    Raises
    ------
    HandbookError
        With every mistake: the file, line, item, what was expected and what to do.
    """
    definition, file = read_definition(Path(path))
    refuse(file, [f"{file.where(place)}: {text}" for place, text in _find(definition, path, rules)])
    return definition


def _find(definition: Definition, path: Path, rules: Sequence[Rule] | None) -> list[Mistake]:
    payload = make_payload(definition)
    mistakes = [
        *_check_ids(definition, Path(path)),
        *_check_rules(definition, load_rules() if rules is None else rules),
        *_check_contacts(definition),
        *_check_shape(definition, Path(path)),
        *_check_texts(definition.model_dump(mode="json")),
        *_check_conditions(definition, payload),
    ]
    return mistakes or list(_check_reach(definition, payload))


def _places(definition: Definition) -> Iterator[tuple[Place, Any]]:
    """Yield every item with its place."""
    for number, section in enumerate(definition.sections):
        for position, item in enumerate(section.items):
            yield ("sections", number, "items", position), item


def _check_ids(definition: Definition, path: Path) -> Iterator[Mistake]:
    if path.stem != definition.id:
        yield (
            ("id",),
            f"expected the file's name '{path.stem}', found '{definition.id}'. Rename one.",
        )
    groups: list[list[tuple[Place, str]]] = [
        [
            *(((*place, "id"), item.id) for place, item in _places(definition)),
            *(
                ((*place, "aliases", number, "id"), alias.id)
                for place, item in _places(definition)
                for number, alias in enumerate(getattr(item, "aliases", ()))
            ),
        ],
        [(("outcomes", n, "id"), outcome.id) for n, outcome in enumerate(definition.outcomes)],
    ]
    groups += [
        [((*place, "checks", n, "code"), check.code) for n, check in enumerate(item.checks)]
        for place, item in _places(definition)
        if isinstance(item, Question)
    ]
    for group in groups:
        seen = set()
        for place, id in group:
            if id in seen:
                yield place, f"'{id}' stands there already. Ids are unique: choose another."
            seen.add(id)


def _check_rules(definition: Definition, rules: Sequence[Rule]) -> Iterator[Mistake]:
    known = {rule.id: rule for rule in rules}
    for place, id in _find_cited(definition.model_dump()):
        if id not in known:
            yield place, f"there is no rule '{id}'. {suggest(id, known)}"
        elif known[id].status != "in force":
            instead = f" Cite {known[id].replaced_by}." if known[id].replaced_by else " Remove it."
            yield place, f"the rule {id} is {known[id].status}.{instead}"


def _find_cited(content: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            if key == "rules":
                yield from (((*place, key, number), id) for number, id in enumerate(value))
            else:
                yield from _find_cited(value, (*place, key))
    elif isinstance(content, (list, tuple)):
        for number, value in enumerate(content):
            yield from _find_cited(value, (*place, number))


def _check_contacts(definition: Definition) -> Iterator[Mistake]:
    named = [
        (("outcomes", number, "contacts", position), contact)
        for number, outcome in enumerate(definition.outcomes)
        for position, contact in enumerate(outcome.contacts)
    ]
    named += [
        ((*place, "contacts", number, "contact"), contact.contact)
        for place, item in _places(definition)
        for number, contact in enumerate(getattr(item, "contacts", ()))
    ]
    known = [*Contacts.model_fields, ADMINISTRATOR]
    addresses = {ADMINISTRATOR}
    for id, contact in dict(organisation.load().contacts).items():
        if contact.email or contact.phone or contact.url:
            addresses.add(id)
    groups: dict[Place, set[str]] = {}
    for place, contact in named:
        groups.setdefault(place[: place.index("contacts") + 1], set()).add(contact)
    for place, contacts in groups.items():
        if contacts <= {*known} and not contacts & addresses:
            yield (
                place,
                f"nobody can be reached: data/organisation.yml has no address of "
                f"{', '.join(sorted(contacts))}. Name one more, such as communications.",
            )
    for place, contact in named:
        if contact not in known:
            yield (
                place,
                f"expected a contact of data/organisation.yml ({', '.join(Contacts.model_fields)}) "
                f"or {ADMINISTRATOR}, found '{contact}'. {suggest(contact, known)}",
            )


def _check_shape(definition: Definition, path: Path) -> Iterator[Mistake]:
    if definition.kind == "confirm":
        for number, section in enumerate(definition.sections):
            if len(definition.sections) > 1 and not section.title:
                yield ("sections", number), "several sections need titles. Add 'title'."
            if len(section.items) > PAUSE_POINT_MOST:
                yield (
                    ("sections", number, "items"),
                    f"expected at most {PAUSE_POINT_MOST} items at a pause point, found "
                    f"{len(section.items)}. Make two sections of them, or leave some out.",
                )
    *others, last = range(len(definition.outcomes))
    if definition.outcomes[last].when is not None:
        yield (
            ("outcomes", last, "when"),
            "the last outcome is for whatever is left: it needs no condition. Remove it, or add "
            "an outcome after it.",
        )
    for number in others:
        if definition.outcomes[number].when is None:
            yield (
                ("outcomes", number),
                "this outcome always holds, so that none after it is ever reached. Add 'when', or "
                "make it the last.",
            )
    known = {*find_ids(), *(other.stem for other in path.parent.glob("*.yml"))}
    for number, link in enumerate(definition.links):
        if link.to not in known:
            yield (
                ("links", number, "to"),
                f"expected the id of a checklist, found '{link.to}'. {suggest(link.to, known)}",
            )
    for place, item in _places(definition):
        if isinstance(item, Situation) and all(said.when for said in item.first):
            yield (
                (*place, "first"),
                "every sentence has a condition, so that there may be nothing to do first. Let one "
                "stand without 'when'.",
            )
    if isinstance(definition, Form):
        yield from _check_result(definition)


def _check_result(definition: Form) -> Iterator[Mistake]:
    """Find questions that the record of a form does not know, or does not get."""
    if definition.result is None:
        return
    schema = json.loads(SCHEMAS[definition.result].read_text(encoding="utf-8"))
    made = {"schema", "channel_id", "made_on", "left_out"}
    known = {key.replace("_", "-") for key in schema["properties"] if key not in made}
    if definition.result == "review":
        known.add("channel-id")
    ids = {item.id for item in definition.items}
    for place, item in _places(definition):
        if item.id not in known:
            yield (
                (*place, "id"),
                f"a {definition.result} has no '{item.id}'. {suggest(item.id, known)} Or leave "
                "out 'result': then any question may stand here.",
            )
    if lacking := sorted(known - ids):
        yield (
            ("result",),
            f"a {definition.result} needs the questions {', '.join(lacking)}. Add them, or leave "
            "out 'result'.",
        )


def _check_texts(content: Any, place: Place = ()) -> Iterator[Mistake]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            if key != "when" or isinstance(value, str):
                yield from _check_texts(value, (*place, key))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _check_texts(value, (*place, number))
    elif isinstance(content, str) and (found := MARKUP.search(content)):
        yield place, f"expected plain text, found the markup {found[0]!r}. Write it without."


# Conditions


def _check_conditions(definition: Definition, payload: Mapping) -> Iterator[Mistake]:
    offered = {
        item["id"]: [option["value"] for option in item.get("options", ())]
        for item in find_items(payload)
    }
    order = [item.id for item in definition.items]
    for place, item in _places(definition):
        if when := getattr(item, "when", None):
            before = order[: order.index(item.id)]
            yield from ConditionCheck(definition, before, offered, early=True).check(
                when, (*place, "when")
            )
        for part in ("first", "do_not", "know", "checks"):
            for number, said in enumerate(getattr(item, part, ())):
                if said.when:
                    own = item if part == "checks" else None
                    within = (*place, part, number, "when")
                    yield from ConditionCheck(definition, order, offered, own=own).check(
                        said.when, within
                    )
    for number, outcome in enumerate(definition.outcomes):
        if outcome.when:
            yield from ConditionCheck(definition, order, offered).check(
                outcome.when, ("outcomes", number, "when")
            )
    yield from _check_order(definition)


def _check_order(definition: Definition) -> Iterator[Mistake]:
    """Find dates that are compared with what is no date."""
    dates = [item.id for item in definition.items if getattr(item, "type", "") == "date"]
    for place, item in _places(definition):
        for name in ("after", "inside"):
            value = getattr(item, name, None)
            for id in (value,) if isinstance(value, str) else value or ():
                if id not in dates or id == item.id:
                    yield (
                        (*place, name),
                        f"expected another item of the type date ({', '.join(dates) or 'none'}), "
                        f"found '{id}'. {suggest(id, dates)}",
                    )


# Reach


def _check_reach(definition: Definition, payload: Mapping) -> Iterator[Mistake]:
    """Find what can never be shown or said, and conditions that tell nothing apart."""
    content = payload["definition"]
    for (place, item), shown in zip(_places(definition), find_items(payload), strict=True):
        if "when" in shown:
            yield from _judge(payload, shown["when"], (*place, "when"), f"'{item.id}' is shown")
        for part in ("first", "do_not", "know", "checks"):
            for number, said in enumerate(shown.get(part, ())):
                if "when" in said:
                    yield from _judge(
                        payload, said["when"], (*place, part, number, "when"), "it is said", item.id
                    )
    for number, outcome in enumerate(content["outcomes"]):
        ids = {
            id
            for other in content["outcomes"][: number + 1]
            for id in find_references(other.get("when"))
        }
        if not is_possible(payload, lambda state, o=outcome: find_outcome(state) == o, ids):
            yield (
                ("outcomes", number),
                f"the outcome '{outcome['id']}' is never reached: no answers make its condition "
                "hold where none before it does. Mend the conditions, or remove it.",
            )


def _judge(
    payload: Mapping[str, Any], condition: Mapping, place: Place, what: str, shown: str = ""
) -> Iterator[Mistake]:
    if not can_hold(payload, condition, shown=shown):
        yield place, f"no answers make this condition hold: never {what}. Mend the condition."
    elif not can_hold(payload, condition, shown=shown, wanted=False):
        yield place, f"this condition always holds: {what} anyway. Remove it."
