"""Who the handbook is for: names, contacts and thresholds, each with where it comes from.

They stand in `data/organisation.yml`.
Another university changes that file and the pages, and no code.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from handbook import paths
from handbook.yamlfile import parse, read_yaml

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


class TimeZone(Sourced):
    """The time zone that most of the audience lives in, such as `Europe/Helsinki`."""

    value: Text

    @model_validator(mode="after")
    def _is_known(self) -> TimeZone:
        try:
            ZoneInfo(self.value)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"expected a time zone such as Europe/Helsinki, found '{self.value}'"
            ) from None
        return self


NO_ZONE = TimeZone(
    value="UTC", origin="handbook", source="organisation.yml names no time zone of the audience"
)


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
    audience_time_zone
        The zone whose hours an analysis of times tells; UTC unless given.
    """

    status: Literal["unofficial", "official", "made-up"] = "unofficial"
    names: Annotated[dict[Language, Name], Field(min_length=1)]
    short_names: tuple[Text, ...] = Field(default=(), strict=False)
    contacts: Contacts
    thresholds: Thresholds
    audience_time_zone: TimeZone = NO_ZONE

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
    file = read_yaml(
        path,
        f"the fields {', '.join(Organisation.model_fields)}",
        "It holds the university's names, contacts and thresholds: copy data/organisation.yml of "
        "this repository and change it.",
    )
    return parse(file, Organisation, EXPECTED)


def includes_name(
    name: str, language: str, names: Mapping[str, str], short_names: Iterable[str]
) -> Literal["yes", "no", "cannot tell"]:
    """Return whether a channel's name includes the university's in a language.

    Parameters
    ----------
    name, language
        The channel's name, and the code of its main language.
    names
        The university's name by language code.
    short_names
        Shorter forms, from which nobody can tell the language.

    Returns
    -------
    str
        `yes`: the name in that language, with any ending; `cannot tell`: a short form, or a
        language in which the university's name is not known; else `no`.

    Examples
    --------
    >>> names = {"en": "Example University", "fi": "Esimerkin yliopisto"}
    >>> includes_name("Example University Library", "en", names, ["Example"])
    'yes'
    >>> includes_name("Example University Library", "fi", names, ["Example"])
    'no'
    >>> includes_name("Example Library", "en", names, ["Example"])
    'cannot tell'
    """
    words = _split(name)
    if language in names and _begins(words, names[language]):
        return "yes"
    if any(_begins(words, other) for other in names.values()):
        return "no" if language in names else "cannot tell"
    short = {part for short in short_names for part in _split(short)}
    return "cannot tell" if short & set(words) else "no"


def _begins(words: list[str], name: str) -> bool:
    """Return whether a name begins somewhere in the words, however it is spaced."""
    wanted = "".join(_split(name))
    return any("".join(words[place:]).startswith(wanted) for place in range(len(words)))


def _split(text: str) -> list[str]:
    """Return the words of a text, in small letters and without marks."""
    spaced = "".join(
        letter if unicodedata.category(letter)[0] in "LN" else " " for letter in fold(text)
    )
    return [word for word in spaced.split(" ") if word]


def fold(text: str) -> str:
    """Return a text in small letters, without marks."""
    bare = unicodedata.normalize("NFKD", text).lower()
    return "".join(letter for letter in bare if unicodedata.category(letter)[0] != "M")
