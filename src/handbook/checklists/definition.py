"""Checklists as data: what `data/checklists/*.yml` may hold, and what pages and widgets get of it.

A checklist is one YAML file, named after its id.
There are three kinds: a list to confirm, a finder of situations, and a form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from handbook import organisation, paths
from handbook.errors import HandbookError
from handbook.organisation import EXPECTED, RULE_ID, Organisation
from handbook.schema import PLATFORMS
from handbook.yamlfile import YamlFile, parse, read_yaml

FOLDER = paths.DATA / "checklists"
WORDS = paths.DATA / "words" / "checklists.en.yml"

ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"

PAUSE_POINT_MOST = 9
"""More items than this are not held in mind at one pause point."""

ADMINISTRATOR = "administrator"
"""The contact that no organisation can name: the administrator of the channel in question."""

TEXT_TYPES = ("text", "long", "email", "url")
LENGTH_MOST = 500

Id = Annotated[str, Field(pattern=ID)]
RuleId = Annotated[str, Field(pattern=RULE_ID)]
Text = Annotated[str, Field(min_length=1)]
Condition = dict[str, Any]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _list(*, least: int = 0) -> Any:
    if least:
        return Field(min_length=least, strict=False)
    return Field(default=(), strict=False)


class Said(_Model):
    """A sentence with where it comes from.

    Attributes
    ----------
    text
        What readers see; plain text.
    rules
        The rules that say it.
    origin
        `aalto` (the guidelines, in `rules`), `law` or `practice` (of others, in `source`).
    source
        Which law, whose practice.
    note
        An editor's remark, such as "Our reading."
    when
        Shown only where this condition holds; None: always.
    """

    text: Text
    rules: tuple[RuleId, ...] = _list()
    origin: Literal["aalto", "law", "practice"] = "aalto"
    source: str = ""
    note: str = ""
    when: Condition | None = None

    @model_validator(mode="after")
    def _says_where_from(self) -> Said:
        if self.origin == "aalto" and not self.rules:
            raise ValueError(
                "nothing says where this comes from: cite its rules in 'rules', or say "
                "'origin: practice' (or law) and whose in 'source'"
            )
        if self.origin == "aalto" and self.source:
            raise ValueError("'source' belongs to 'origin: practice' or 'origin: law'")
        if self.origin != "aalto" and not self.source:
            raise ValueError(f"origin '{self.origin}' needs its 'source'")
        return self


class Point(Said):
    """An item of a list to confirm."""

    id: Id


class Alias(_Model):
    """Another situation with the same answer, under an address of its own."""

    id: Id
    text: Text


class Contact(_Model):
    """Whom to contact (a contact of the organisation, or `administrator`), and how soon."""

    contact: Text
    urgency: Literal["now", "soon"]
    note: str = ""


class Situation(_Model):
    """Something that may have happened, and what to do then.

    Attributes
    ----------
    text
        Its heading.
    rules
        The rules of the whole answer.
    aliases
        Situations that share the answer.
    first, do_not, know
        What to do first, what not to do, what to know.
    contacts
        Whom to contact.
    silent
        On what the source is silent.
    """

    id: Id
    text: Text
    aliases: tuple[Alias, ...] = _list()
    rules: tuple[RuleId, ...] = _list(least=1)
    note: str = ""
    first: tuple[Said, ...] = _list(least=1)
    do_not: tuple[Said, ...] = _list()
    know: tuple[Said, ...] = _list()
    contacts: tuple[Contact, ...] = _list(least=1)
    silent: tuple[Text, ...] = _list()


class Check(Said):
    """Advice beside a field, where its condition holds; it never blocks."""

    code: Id
    when: Condition


class Option(_Model):
    """What a choice offers."""

    value: Text
    text: Text


class Question(Said):
    """A field of a form.

    Attributes
    ----------
    type
        What is answered: `text`, `long` (several lines), `email`, `url`, `choice` (one),
        `choices` (several), `number`, `rate` (a number a week or a month), `date`, `pauses`
        (spans of days), `target` (members by a day, or no target), `confirm` (a tick).
    help
        A word beside the label.
    options, options_from
        What a choice offers; `platforms`, `languages` and `metrics` are the handbook's own lists.
    required_for
        `register`: its entry cannot do without; nothing else is ever required.
    min, max, whole
        Bounds of a number, and whether it counts something.
    max_length
        Of a text, in characters.
    same_as
        An earlier text whose answer a button copies.
    after
        The date that this date may not come before: an earlier item.
    inside
        The two dates that these pauses lie between.
    checks
        Advice beside the field.
    """

    id: Id
    type: Literal[
        "text",
        "long",
        "email",
        "url",
        "choice",
        "choices",
        "number",
        "rate",
        "date",
        "pauses",
        "target",
        "confirm",
    ]
    help: str = ""
    options: tuple[Option, ...] = _list()
    options_from: Literal["platforms", "languages", "metrics"] | None = None
    required_for: Literal["register"] | None = None
    min: int | None = None
    max: int | None = None
    whole: bool = False
    max_length: Annotated[int, Field(ge=1, le=5000)] | None = None
    same_as: Id | None = None
    after: Id | None = None
    inside: Annotated[tuple[Id, ...], Field(min_length=2, max_length=2, strict=False)] | None = None
    checks: tuple[Check, ...] = _list()

    @model_validator(mode="after")
    def _fits_its_type(self) -> Question:
        offers = bool(self.options) + bool(self.options_from)
        if (offers == 1) != (self.type in ("choice", "choices")) or offers > 1:
            raise ValueError(
                "a choice needs either 'options' or 'options_from', and only a choice has them"
            )
        values = [option.value for option in self.options]
        if len(set(values)) < len(values):
            raise ValueError("two options have the same value")
        belongs = {
            "min": ("number",),
            "max": ("number",),
            "whole": ("number",),
            "max_length": TEXT_TYPES,
            "same_as": TEXT_TYPES,
            "after": ("date",),
            "inside": ("pauses",),
        }
        for name, types in belongs.items():
            if getattr(self, name) and self.type not in types:
                raise ValueError(f"'{name}' belongs to the type {' or '.join(types)}")
        if self.options_from == "metrics" and self.type != "choices":
            raise ValueError("metrics are offered by the type choices")
        if self.options_from in ("platforms", "languages") and self.type != "choice":
            raise ValueError(f"{self.options_from} are offered by the type choice")
        return self


class Outcome(_Model):
    """What the answers come to: the first one that holds is said; the last always holds."""

    id: Id
    when: Condition | None = None
    text: Text
    contacts: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]
    rules: tuple[RuleId, ...] = _list()


class Link(_Model):
    """A way to another checklist, by its id."""

    text: Text
    to: Id


class Section(_Model):
    """Items that belong together; in a list to confirm, one pause point.

    The only section of a list to confirm needs no title.
    """

    title: str = ""


class _Points(Section):
    items: tuple[Point, ...] = _list(least=1)


class _Situations(Section):
    title: Text
    items: tuple[Situation, ...] = _list(least=1)


class _Questions(Section):
    title: Text
    items: tuple[Question, ...] = _list(least=1)


class Definition(_Model):
    """A checklist, as its file says it.

    Attributes
    ----------
    id
        Permanent: its file name, its address, and where its answers are kept.
    version
        Raised when the ids or the meaning of its items change: older answers are then let go.
    when
        When to use it.
    lead
        What stands above the list; plain text.
    reviewed, next_review
        When somebody last read it against the rules, and when that is due again.
    sections, outcomes, links
        See `Section`, `Outcome`, `Link`.
    """

    id: Id
    kind: Literal["confirm", "situations", "form"]
    version: Annotated[int, Field(ge=1)]
    title: Text
    when: Text
    lead: str = ""
    reviewed: date
    next_review: date
    sections: tuple[Section, ...] = _list(least=1)
    outcomes: tuple[Outcome, ...] = _list(least=1)
    links: tuple[Link, ...] = _list()

    @model_validator(mode="after")
    def _review_comes_later(self) -> Definition:
        if self.next_review <= self.reviewed:
            raise ValueError("'next_review' is not after 'reviewed'")
        return self

    @property
    def items(self) -> tuple[Point | Situation | Question, ...]:
        """Every item, in order."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def cited(self) -> list[str]:
        """The ids of the rules that it cites, each once, in order."""
        return list(dict.fromkeys(_find_rules(self.model_dump())))


class ConfirmList(Definition):
    """A list to look through: every item is open, done or not applicable."""

    kind: Literal["confirm"]
    sections: tuple[_Points, ...] = _list(least=1)


class SituationFinder(Definition):
    """Situations to choose from: one or several."""

    kind: Literal["situations"]
    sections: tuple[_Situations, ...] = _list(least=1)


class Form(Definition):
    """Questions, and the record that is made of the answers: a plan, a review, or none."""

    kind: Literal["form"]
    sections: tuple[_Questions, ...] = _list(least=1)
    result: Literal["plan", "review"] | None = None


KINDS: dict[str, type[Definition]] = {
    "confirm": ConfirmList,
    "situations": SituationFinder,
    "form": Form,
}


def find_ids() -> list[str]:
    """Return the ids of the handbook's checklists."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def load_all() -> list[Definition]:
    """Load every checklist of the handbook."""
    return [load(id) for id in find_ids()]


def load(id: str) -> Definition:
    """Load one of the handbook's checklists.

    Raises
    ------
    HandbookError
        There is none of this id, or its file has mistakes.
    """
    if id not in find_ids():
        raise HandbookError(
            f"there is no checklist '{id}'. The handbook has: {', '.join(find_ids())}."
        )
    return read(FOLDER / f"{id}.yml")


def read(path: Path) -> Definition:
    """Read a checklist; whether it makes sense is for `handbook.checklists.validation.validate`.

    Raises
    ------
    HandbookError
        With every field that is missing, unknown or wrong: line, field, expected, found.
    """
    return read_definition(path)[0]


def read_definition(path: Path) -> tuple[Definition, YamlFile]:
    """Read a checklist, and keep where each of its fields stands."""
    file = read_yaml(
        path,
        f"the fields {', '.join(Definition.model_fields)}",
        "Checklists of your own begin as a copy of one in data/checklists/.",
    )
    kind = file.content.get("kind")
    model = KINDS.get(kind, Definition) if isinstance(kind, str) else Definition
    return parse(file, model, EXPECTED | {ID: "small letters, digits and hyphens"}), file


def make_payload(
    checklist: str | Definition,
    *,
    university: Organisation | None = None,
    rule_href: Callable[[str], str | None] = lambda id: None,
    page_href: Callable[[str], str | None] = lambda id: None,
) -> dict[str, Any]:
    """Make what the JavaScript, and `evaluate`, need of a checklist: JSON, and nothing else.

    Parameters
    ----------
    checklist
        A checklist, or the id of one of the handbook's.
    university
        Whose names and contacts; the real university's unless given.
    rule_href, page_href
        From the id of a rule, and of a checklist, to the address of a link; None: no link.

    Returns
    -------
    dict
        `definition`; `words` (of the interface); `organisation` (name, names, short_names,
        status, contacts and thresholds, as far as the checklist needs them); `rules` (id to
        address) and `links` (checklist to address); for a form `platforms` (id to name),
        `metrics` (name, title, platforms) and `role_words`.
    """
    definition = load(checklist) if isinstance(checklist, str) else checklist
    university = university or organisation.load()
    words = load_words()
    thresholds = {name: value.value for name, value in dict(university.thresholds).items()}
    content = definition.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    payload = {
        "definition": _resolve(content, thresholds),
        "words": words["all"] | words[definition.kind],
        "organisation": {
            "name": university.name,
            "status": university.status,
            "contacts": {
                id: contact.model_dump(include={"name", "email", "phone", "url"}, exclude_none=True)
                for id, contact in dict(university.contacts).items()
                if id in find_contacts(definition)
            },
        },
        "rules": {id: rule_href(id) for id in definition.cited},
        "links": {link.to: page_href(link.to) for link in definition.links},
    }
    if isinstance(definition, Form):
        payload["words"] |= {"errors": words["errors"], "documents": words["documents"]}
        payload["organisation"] |= {
            "names": {language: name.text for language, name in university.names.items()},
            "short_names": list(university.short_names),
            "thresholds": thresholds,
        }
        _offer(payload, words)
    return payload


def load_words() -> dict[str, Any]:
    """Return what the interface says: groups of words."""
    return read_yaml(WORDS, "groups of words", "It is a part of the handbook.").content


def find_contacts(definition: Definition) -> set[str]:
    """Return the ids of the contacts that a checklist names.

    Communications is always among them: a page that knows no other address names this one.
    """
    found = {"communications"}
    for outcome in definition.outcomes:
        found.update(outcome.contacts)
    for item in definition.items:
        found.update(contact.contact for contact in getattr(item, "contacts", ()))
    return found


def _find_rules(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key == "rules":
                yield from value
            else:
                yield from _find_rules(value)
    elif isinstance(content, (list, tuple)):
        for value in content:
            yield from _find_rules(value)


def _resolve(content: Any, thresholds: dict[str, float]) -> Any:
    """Return conditions with the number of each threshold that they name."""
    if isinstance(content, dict):
        return {
            key: thresholds.get(value, value)
            if key in COMPARISONS and isinstance(value, str)
            else _resolve(value, thresholds)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [_resolve(value, thresholds) for value in content]
    return content


COMPARISONS = ("below", "above", "at_least")


def _offer(payload: dict[str, Any], words: dict[str, Any]) -> None:
    """Put what the questions of a form offer, and what their conditions compare with."""
    questions = [item for section in payload["definition"]["sections"] for item in section["items"]]
    lists = {question.get("options_from") for question in questions}
    platforms = PLATFORMS | {"other": words["form"]["other"]}
    metrics = _find_metrics() if "metrics" in lists else []
    languages = payload["organisation"]["names"]
    offered = {
        "platforms": platforms,
        "languages": {id: words["all"]["languages"].get(id, id) for id in languages}
        | {"other": words["form"]["other"]},
        "metrics": {metric["name"]: metric["title"] for metric in metrics},
    }
    for question in questions:
        if "options_from" in question:
            question["options"] = [
                {"value": value, "text": text}
                for value, text in offered[question["options_from"]].items()
            ]
        if question["type"] in TEXT_TYPES:
            question.setdefault("max_length", LENGTH_MOST)
    if lists & {"platforms", "metrics"}:
        payload["platforms"] = platforms
    if metrics:
        payload["metrics"] = metrics
    if "looks_personal" in str(payload["definition"]):
        payload["role_words"] = words["role_words"]


def _find_metrics() -> list[dict[str, Any]]:
    """Return the metrics that say how useful a channel is, and the platforms that give each."""
    from handbook.metrics import METRICS

    return [
        {"name": metric.name, "title": metric.title, "platforms": list(GIVEN_BY[metric.name])}
        for metric in METRICS
        if metric.name in GIVEN_BY
    ]


GIVEN_BY = {
    "followers_total": ("facebook", "instagram", "tiktok"),
    "followers_change": ("linkedin", "facebook", "instagram", "x", "youtube", "tiktok"),
    "posts_per_week": tuple(PLATFORMS),
    "public_engagements": tuple(PLATFORMS),
    "er_by_impressions": ("linkedin", "facebook", "x", "youtube"),
    "er_by_reach": ("facebook", "instagram"),
    "er_by_followers": ("facebook", "instagram", "tiktok"),
    "er_by_views": ("linkedin", "facebook", "instagram", "youtube", "tiktok"),
}
"""Measures of usefulness, and the platforms whose exports have what each needs."""
