"""Who the handbook is for: names, contacts and thresholds, each with where it comes from.

They stand in `data/organisation.yml`.
Another university changes that file and the pages, and no code.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from handbook import paths
from handbook.errors import HandbookError

PATH = paths.DATA / "organisation.yml"

RULE_ID = r"^[A-Z]{1,6}-\d{2,3}$"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
LANGUAGE = r"^[a-z]{2,3}$"

EXPECTED = {
    RULE_ID: "a rule id such as ABC-12",
    EMAIL: "an e-mail address such as name@example.org",
    LANGUAGE: "a language code such as en",
}
"""What a reader is told about a value that does not match."""

RuleId = Annotated[str, Field(pattern=RULE_ID)]
Email = Annotated[str, Field(pattern=EMAIL)]
Language = Annotated[str, Field(pattern=LANGUAGE)]
Text = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Sourced(_Model):
    """Something with where it comes from.

    Attributes
    ----------
    origin
        `guidelines`: the university's guidelines, and `rules` says which.
        `law` and `practice` (of other institutions): `source` says which.
        `handbook`: this handbook's own choice.
        `unknown`: not in the source; either empty or unconfirmed.
    rules
        Ids of the rules that say it.
    source
        The law, the institution, or why the handbook chose so.
    """

    origin: Literal["guidelines", "law", "practice", "handbook", "unknown"]
    rules: tuple[RuleId, ...] = Field(default=(), strict=False)
    source: str = ""

    @model_validator(mode="after")
    def _says_where_from(self) -> Sourced:
        if self.origin == "guidelines" and not self.rules:
            raise ValueError("origin 'guidelines' needs the ids of its rules in 'rules'")
        if self.origin in ("law", "practice", "handbook") and not self.source:
            raise ValueError(f"origin '{self.origin}' needs its 'source'")
        return self


class Name(Sourced):
    """The university's name in one language; the first name of the file is the main one."""

    text: Text


class Contact(Sourced):
    """Whom to reach; a way that the source does not give is empty (None)."""

    name: Text
    email: Email | None = None
    phone: Text | None = None
    url: Text | None = None

    @model_validator(mode="after")
    def _address_has_an_origin(self) -> Contact:
        if self.origin == "unknown" and (self.email or self.phone or self.url):
            raise ValueError("an address needs its origin: who confirmed it?")
        return self


class Contacts(_Model):
    """The contacts that pages and tools ask for."""

    communications: Contact
    information_security: Contact
    harassment: Contact
    crisis: Contact
    data_protection: Contact
    emergency: Contact


class Threshold(Sourced):
    """A number that an analysis compares with, in the unit that its name says."""

    value: Annotated[float, Field(gt=0)]


class Thresholds(_Model):
    """The numbers that analyses compare with; the unit stands in the name."""

    plan_months_recommended: Threshold
    plan_months_minimum: Threshold
    plan_ends_soon_days: Threshold
    dormant_after_months: Threshold
    posts_per_week_minimum: Threshold
    administrators_minimum: Threshold
    register_review_months: Threshold

    @model_validator(mode="after")
    def _minimum_is_below_recommended(self) -> Thresholds:
        low, high = self.plan_months_minimum.value, self.plan_months_recommended.value
        if low > high:
            raise ValueError(
                f"plan_months_minimum ({low:g}) is above plan_months_recommended ({high:g})"
            )
        return self


class Organisation(_Model):
    """What `organisation.yml` says.

    Attributes
    ----------
    status
        `unofficial`: not published by the university; `official`: its Communications adopted it;
        `made-up`: a university that does not exist.
    names
        Language code (`en`, `fi`, `sv`, …) to name; the first is the guidelines' own language.
    short_names
        Shorter forms, from which nobody can tell the language (`Aalto`).
    contacts, thresholds
        See `Contacts` and `Thresholds`.
    """

    status: Literal["unofficial", "official", "made-up"] = "unofficial"
    names: Annotated[dict[Language, Name], Field(min_length=1)]
    short_names: tuple[Text, ...] = Field(default=(), strict=False)
    contacts: Contacts
    thresholds: Thresholds

    @property
    def name(self) -> str:
        """The university's name in the guidelines' own language."""
        return next(iter(self.names.values())).text

    @property
    def cited(self) -> set[str]:
        """The ids of the rules that names, contacts and thresholds cite."""
        sourced = [
            *self.names.values(),
            *dict(self.contacts).values(),
            *dict(self.thresholds).values(),
        ]
        return {rule for value in sourced for rule in value.rules}


def load(path: Path = PATH) -> Organisation:
    """Read an `organisation.yml`.

    Parameters
    ----------
    path
        The file; the real university's unless given.

    Returns
    -------
    Organisation

    Raises
    ------
    HandbookError
        When the file is missing, is not YAML, or breaks a rule of its fields: every mistake with
        line, field, what was expected and what was found.
    """
    shown = path.relative_to(paths.ROOT) if path.is_relative_to(paths.ROOT) else path
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise HandbookError(
            f"{shown}: there is no such file. It holds the university's names, contacts and "
            "thresholds: copy data/organisation.yml of this repository and change it."
        ) from None
    except UnicodeDecodeError as error:
        raise HandbookError(
            f"{shown}: expected UTF-8 text, found the byte 0x{error.object[error.start]:02x} at "
            f"position {error.start}. Save the file as UTF-8."
        ) from None
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise HandbookError(
            f"{shown}{where}: expected YAML, found: {getattr(error, 'problem', error)}. "
            "Check the indentation and the quotes there."
        ) from None
    if not isinstance(content, dict):
        raise HandbookError(
            f"{shown}: expected the fields {', '.join(Organisation.model_fields)}, found "
            f"{'nothing' if content is None else type(content).__name__}."
        )
    lines = dict(_find_lines(tree))
    mistakes = [
        f"line {line}, {_dotted(place)}: this field stands there for the second time. Keep one."
        for place, line in _find_doubles(tree)
    ]
    try:
        organisation = Organisation.model_validate(content)
    except ValidationError as error:
        mistakes += [_explain(mistake, lines) for mistake in error.errors()]
    if mistakes:
        raise HandbookError("\n".join(f"{shown}, {mistake}" for mistake in mistakes))
    return organisation


def _find_lines(node: yaml.Node, place: tuple = ()) -> Iterator[tuple[tuple, int]]:
    """Yield every place of a YAML tree with its line, counted from 1."""
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _find_lines(value, (*place, key.value))
            yield (*place, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _find_lines(value, (*place, number))


def _find_doubles(node: yaml.Node, place: tuple = ()) -> Iterator[tuple[tuple, int]]:
    """Yield every key that its mapping has already, with its line."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield (*place, key.value), key.start_mark.line + 1
            seen.add(key.value)
            yield from _find_doubles(value, (*place, key.value))


def _dotted(place: tuple) -> str:
    return ".".join(str(part) for part in place) or "the file"


def _explain(mistake: Any, lines: dict[tuple, int]) -> str:
    """Say one of pydantic's findings in the terms of the file."""
    place = tuple(part for part in mistake["loc"] if part != "[key]")
    known = place
    while known not in lines:
        known = known[:-1]
    where = f"line {lines[known]}, {_dotted(place)}"
    found = mistake["input"]
    match mistake["type"]:
        case "extra_forbidden":
            fields = list(_fields_at(place[:-1]))
            near = difflib.get_close_matches(str(place[-1]), fields, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else "Remove it."
            return f"{where}: no such field; expected one of {', '.join(fields)}. {hint}"
        case "missing":
            return f"{where}: this field is missing. Add it."
        case "value_error":
            return f"{where}: {mistake['ctx']['error']}. Mend it there."
        case "string_pattern_mismatch":
            expected = EXPECTED[mistake["ctx"]["pattern"]]
        case "string_type":
            expected = "text (in quotes when it looks like a number or a date)"
        case _:
            expected = mistake["msg"].removeprefix("Input should be ")
    return f"{where}: expected {expected}, found {found!r}. Correct the value."


def _fields_at(place: tuple) -> Iterator[str]:
    """Yield the names of the fields that may stand at a place of the file."""
    kind: Any = Organisation
    for part in place:
        in_names = get_origin(kind) is dict
        kind = get_args(kind)[1] if in_names else kind.model_fields[part].annotation
    yield from kind.model_fields
