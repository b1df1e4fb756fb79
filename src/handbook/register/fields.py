"""The fields that registers, plans and reviews share, and what is said about a wrong one."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, get_args

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from handbook import paths, schema
from handbook.errors import HandbookError

PLATFORMS = {**schema.PLATFORMS, "other": "Other platform"}
"""Platforms that a register knows; of `other` there are no exports to import."""

Status = Literal["planned", "active", "paused", "closed"]
STATUSES: tuple[str, ...] = get_args(Status)

DAY_FORM = "a day such as 2026-03-01"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
LANGUAGE = r"^[a-z]{2,3}$"
URL = r"^https://\S+$"

_FORM = f"{schema.CHANNEL_ID_FORM}; platforms are {', '.join(PLATFORMS)}"
_ID = re.compile(rf"(?:{'|'.join(PLATFORMS)}):[a-z0-9][a-z0-9._-]{{0,99}}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CONTROL = re.compile(r"[\0-\x1f\x7f]+")

_STARTS = "[=+\\-@＝＋－＠]"
_GUARDED = re.compile(rf"'+{_STARTS}")
_FORMULA = re.compile(rf"'*{_STARTS}")
_FORMULA_INSIDE = re.compile(rf";[\s\"']*{_STARTS}")

EXPECTED = {
    "channel_id": _FORM,
    "platform": f"one of {', '.join(PLATFORMS)}, the first part of channel_id",
    "name": "the channel's name",
    "url": "an address that begins with https://, or nothing",
    "unit": "the lab, department or service",
    "language": "a language code such as fi, sv or en, or nothing",
    "main_language": "a language code such as fi, sv or en, or other",
    "status": f"one of {', '.join(STATUSES)}",
    "role_mailbox": "a shared address such as lab@example.org, or nothing",
    "contact_mailbox": "a shared address such as lab@example.org",
    "administrators": "how many, a whole number from 0 on",
    "existing_would_do": "yes, no or not sure",
    "enough_resources": "yes, no or not sure",
    "exists_already": "yes or no",
    "number": "a number above 0",
    "per": "week or month",
    "posts": 'a rate such as {"number": 2, "per": "week"}',
    "updates": 'a rate such as {"number": 2, "per": "week"}',
    "members_target": 'a target such as {"members": 500, "by": "2027-12-31"}, or "no target"',
    "work_password_not_used": "true, or null",
    "decision": "keep, change, merge or close",
    "merge_into": "the id of another channel in the register",
    "plan_held": "yes, partly, no or cannot tell",
    "reviewed_by": "the role that reviewed it",
    "reviewed_on": DAY_FORM,
    "plan_file": "the name of a .json file in plans/, without a folder",
}

ROLE_WORDS = paths.DATA / "words" / "checklists.en.yml"
"""Where the words stand, under `role_words`, that say that an address is a role's."""

_NAME_PARTS = re.compile(r"[a-z]{2,}(?:[._][a-z-]+)*[._][a-z-]{2,}\d*")

_WHOLE = ("members_target",)
"""Fields of several forms, of which an error tells the whole."""


def _read_day(value: Any) -> Any:
    if isinstance(value, str):
        if not _DAY.fullmatch(value):
            raise ValueError(DAY_FORM)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(DAY_FORM) from None
    return value


def one_line(text: str) -> str:
    """Return a text without line ends, and with single spaces."""
    return " ".join(_CONTROL.sub(" ", text).split())


def read_cell(text: str) -> str:
    """Return the text that a cell means: in one line, without the apostrophe of `guard`.

    Raises
    ------
    ValueError
        A spreadsheet program would take it for a formula.
    """
    text = _refuse_inside(one_line(text))
    if _FORMULA.match(text) and not _GUARDED.match(text):
        raise ValueError("a text that is no formula: put an apostrophe (') before it")
    return _unguard(text)


def guard(text: str) -> str:
    """Return a text as it may stand in a cell that a spreadsheet program opens.

    Raises
    ------
    ValueError
        A formula stands after a semicolon in it, where some programs begin a new cell.

    Examples
    --------
    >>> guard("=1+1"), read_cell("'=1+1"), guard("'@lab"), guard("Lab")
    ("'=1+1", '=1+1', "''@lab", 'Lab')
    """
    text = _refuse_inside(one_line(text))
    return f"'{text}" if _FORMULA.match(text) else text


def _unguard(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text


def _refuse_inside(text: str) -> str:
    if _FORMULA_INSIDE.search(text):
        raise ValueError("a text without a formula after a semicolon: leave the semicolon out")
    return text


def looks_personal(address: str) -> bool:
    """Return whether an address looks like one person's (first.last@…) and not like a role's.

    Examples
    --------
    >>> looks_personal("maija.meikalainen@example.org"), looks_personal("lab@example.org")
    (True, False)
    """
    bare = unicodedata.normalize("NFKD", address.split("@")[0]).lower()
    name = "".join(letter for letter in bare if unicodedata.category(letter)[0] != "M")
    return bool(_NAME_PARTS.fullmatch(name)) and not _read_roles() & set(re.split("[._-]", name))


@cache
def _read_roles() -> frozenset[str]:
    return frozenset(yaml.safe_load(ROLE_WORDS.read_text(encoding="utf-8"))["role_words"])


Cell = BeforeValidator(lambda value: read_cell(value) if isinstance(value, str) else value)
Day = Annotated[date, BeforeValidator(_read_day)]
Text = Annotated[str, Field(min_length=1)]
Email = Annotated[str, Field(pattern=EMAIL)]
Url = Annotated[str, Field(pattern=URL)]


def check_id(value: str) -> str:
    """Return a channel's id if it has the form."""
    if not _ID.fullmatch(value):
        raise ValueError(_FORM)
    if value.endswith(f":{schema.UNNAMED}"):
        raise ValueError("a name of its own after the platform: give the channel's handle")
    return value


ChannelId = Annotated[str, BeforeValidator(lambda v: check_id(v) if isinstance(v, str) else v)]


class Record(BaseModel):
    """Something with known fields only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OfChannel(Record):
    """A record of one channel."""

    channel_id: ChannelId

    @property
    def stem(self) -> str:
        """What the files of the channel are named by."""
        return self.channel_id.replace(":", "-")


class OnPlatform(OfChannel):
    """A record that names the platform, too."""

    platform: str

    @model_validator(mode="after")
    def _platform_is_the_channels(self) -> OnPlatform:
        if self.platform != self.channel_id.split(":")[0]:
            raise ValueError(f"platform is {self.platform!r}, but channel_id {self.channel_id!r}")
        return self


Model = TypeVar("Model", bound=BaseModel)


def validate(
    model: type[Model], values: dict[str, Any], place: Callable[[str], str], what: str
) -> Model:
    """Return a record of these values.

    Parameters
    ----------
    place
        From the name of a field, or nothing, to where it stands.
    what
        What the record is, such as `a plan`.

    Raises
    ------
    HandbookError
        Values are wrong; the message has a line for each of them.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        fields = [field.alias or name for name, field in model.model_fields.items()]
        mistakes = dict.fromkeys(_explain(error.errors(), place, what, fields))
        raise HandbookError("\n".join(mistakes)) from None


def _explain(
    errors: Iterable[Any], place: Callable[[str], str], what: str, fields: list[str]
) -> Iterator[str]:
    for error in errors:
        parts = error["loc"]
        if parts and parts[0] in _WHOLE:
            parts = parts[:1]
        field = ".".join(str(part) for part in parts)
        said = re.sub(r"^Value error, ", "", error["msg"])
        if error["type"] == "extra_forbidden":
            near = difflib.get_close_matches(field, fields, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else "Remove it, or correct its name."
            yield f"{place(field)}: not a field of {what}. {hint}"
        elif error["type"] == "value_error" and not parts:
            yield f"{place('')}: {said}. Correct one of the two."
        else:
            names = [part for part in parts if isinstance(part, str)]
            known = [EXPECTED[name] for name in reversed(names) if name in EXPECTED]
            if error["type"] == "value_error":
                known = []
            elif error["type"] == "literal_error" and not known:
                said = said.removeprefix("Input should be ")
            expected = known[0] if known else said
            nothing = error["input"] is None or error["type"] == "missing"
            found = "nothing" if nothing else repr(_unguard(str(error["input"]))[:60])
            yield f"{place(field)}: expected {expected}; found {found}. Correct it there."
