"""The register of channels, and the plans: whose channel is what, where, and in which state."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from handbook import paths
from handbook.csvfile import read_csv
from handbook.errors import HandbookError
from handbook.schema import CHANNEL_ID, CHANNEL_ID_FORM, PLATFORMS
from handbook.store import is_made_up, open_store

REGISTER = paths.DATA / "register.csv"
INTERNAL = "register-internal.csv"

Status = Literal["planned", "active", "paused", "closed"]
STATUSES = ("planned", "active", "paused", "closed")

_EXPECTED = {
    "channel_id": f"{CHANNEL_ID_FORM}; platforms are {', '.join(PLATFORMS)}",
    "platform": f"one of {', '.join(PLATFORMS)}, the first part of channel_id",
    "name": "the channel's name",
    "url": "an address that begins with https://, or nothing",
    "unit": "the lab, department or service",
    "language": "a language code such as fi, sv or en, or nothing",
    "main_language": "a language code such as fi, sv or en",
    "status": f"one of {', '.join(STATUSES)}",
    "schema": "handbook-plan/1",
    "role_mailbox": "a shared address such as lab@example.org, or nothing",
    "contact_mailbox": "a shared address such as lab@example.org",
    "administrators": "how many, a whole number from 0 on",
    "enough_resources": "yes, no or not sure",
    "members_target": "a whole number above 0",
    "posts_per_week": "a number above 0",
    "updates_per_week": "a number above 0",
}
_DAY_FORM = "a day such as 2026-03-01, or nothing"
_URL = r"^https://\S+$"
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_LANGUAGE = r"^[a-z]{2,3}$"

Text = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _OfChannel(_Row):
    channel_id: str

    @field_validator("channel_id")
    @classmethod
    def _has_the_form(cls, value: str) -> str:
        if not CHANNEL_ID.fullmatch(value):
            raise ValueError(_EXPECTED["channel_id"])
        return value


class _OnPlatform(_OfChannel):
    platform: str

    @model_validator(mode="after")
    def _platform_is_the_channels(self) -> _OnPlatform:
        if self.platform != self.channel_id.split(":")[0]:
            raise ValueError(f"platform is {self.platform!r}, but channel_id {self.channel_id!r}")
        return self


class Channel(_OnPlatform):
    """A row of the public register.

    Attributes
    ----------
    confirmed_on : date or None
        Day on which somebody confirmed it; None: nobody has yet.
    """

    name: Text
    url: Annotated[str, Field(pattern=_URL)] | None = None
    unit: str | None = None
    language: Annotated[str, Field(pattern=_LANGUAGE)] | None = None
    status: Status
    confirmed_on: date | None = None


class InternalFacts(_OfChannel):
    """A row of the internal register, which never stands in the repository of real channels."""

    role_mailbox: Annotated[str, Field(pattern=_EMAIL)] | None = None
    administrators: Annotated[int, Field(ge=0)] | None = None
    plan_file: str | None = None
    notified_on: date | None = None
    review_due: date | None = None
    notes: str | None = None


class Pause(_Row):
    """A planned pause, first and last day included."""

    start: date
    end: date

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Pause:
        if self.end < self.start:
            raise ValueError(f"ends on {self.end}, before it starts on {self.start}")
        return self


class Plan(_OnPlatform):
    """A channel's communication plan; None means not answered yet."""

    format: Literal["handbook-plan/1"] = Field(alias="schema")
    unit: str | None = None
    name: Text
    main_language: str | None = None
    contact_mailbox: Annotated[str, Field(pattern=_EMAIL)] | None = None
    purpose: str | None = None
    updated_by: str | None = None
    updates_per_week: Annotated[float, Field(gt=0)] | None = None
    enough_resources: Literal["yes", "no", "not sure"] | None = None
    objective: str | None = None
    posts_per_week: Annotated[float, Field(gt=0)] | None = None
    planned_pauses: list[Pause] = []
    produced_by: str | None = None
    audience: str | None = None
    manner: str | None = None
    terms_of_use: str | None = None
    marketing: str | None = None
    members_target: Annotated[int, Field(gt=0)] | None = None
    members_target_by: date | None = None
    how_sought: str | None = None
    measures: list[str] = []
    plan_starts: date | None = None
    plan_ends: date | None = None
    administrators: Annotated[int, Field(ge=0)] | None = None

    @field_validator("planned_pauses", "measures", mode="before")
    @classmethod
    def _null_is_none_given(cls, value: Any) -> Any:
        return [] if value is None else value

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Plan:
        if self.plan_starts and self.plan_ends and self.plan_ends <= self.plan_starts:
            raise ValueError(f"plan_ends {self.plan_ends} is not after plan_starts")
        return self


def load(path: Path = REGISTER) -> list[Channel]:
    """Return the channels of a public register, in its order.

    Raises
    ------
    HandbookError
        The file is missing or wrong; the message names the row and the column.
    """
    return _load_rows(path, Channel)


def load_internal(path: Path) -> list[InternalFacts]:
    """Return the rows of an internal register; none when there is no such file.

    Raises
    ------
    HandbookError
        The file is wrong; the message names the row and the column.
    """
    return _load_rows(path, InternalFacts) if path.exists() else []


def load_plans(folder: Path) -> list[Plan]:
    """Return the plans (`*.json`) in a folder, by file name; none when there is no such folder.

    Raises
    ------
    HandbookError
        A plan is wrong, or two are of one channel.
    """
    plans: dict[str, Plan] = {}
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        plan = load_plan(file)
        if plan.channel_id in plans:
            raise HandbookError(
                f"{file}: another plan in this folder is of {plan.channel_id} too. Keep the one "
                "in force here, and move the other away."
            )
        plans[plan.channel_id] = plan
    return list(plans.values())


def load_plan(path: Path) -> Plan:
    """Return the plan in a file.

    Raises
    ------
    HandbookError
        It is not JSON, or a field is wrong; the message names the field.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise HandbookError(f"{path}: not UTF-8. Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise HandbookError(
            f"{path}, line {error.lineno}: not JSON ({error.msg}). Correct it, or export the plan "
            "again."
        ) from None
    if not isinstance(content, dict):
        raise HandbookError(f"{path}: expected a plan between braces, found something else.")
    return _validate(
        Plan, content, lambda field: f"{path}, field {field!r}" if field else f"{path}"
    )


@dataclass(frozen=True)
class Folder:
    """The files that belong to a store.

    Attributes
    ----------
    organisation, register, internal : Path
        `internal` may not exist.
    plans : Path
        A folder, which may not exist.
    """

    organisation: Path
    register: Path
    internal: Path
    plans: Path


def folder_for(store: Path) -> Folder:
    """Return which register, plans and organisation belong to a store.

    The demo store has those of the made-up university; any other has the repository's public
    ones, and beside the store its own internal register and plans.
    """
    with open_store(store) as connection:
        made_up = is_made_up(connection)
    if made_up:
        return Folder(
            paths.DEMO / "organisation.yml",
            paths.DEMO / "register.csv",
            paths.DEMO / INTERNAL,
            paths.DEMO / "plans",
        )
    return Folder(
        paths.DATA / "organisation.yml",
        REGISTER,
        store.parent / INTERNAL,
        store.parent / "plans",
    )


_Model = TypeVar("_Model", bound=_OfChannel)


def _load_rows(path: Path, model: type[_Model]) -> list[_Model]:
    if not path.exists():
        raise HandbookError(f"{path} is not there. Its columns are {_columns(model)}.")
    table = read_csv(path)
    expected = set(model.model_fields)
    if set(table.header) != expected:
        missing = ", ".join(sorted(expected - set(table.header)))
        extra = ", ".join(sorted(set(table.header) - expected))
        raise HandbookError(
            f"{path}: expected the columns {_columns(model)}"
            + (f"; missing: {missing}" if missing else "")
            + (f"; not known: {extra}" if extra else "")
            + ". Correct the header row."
        )
    rows: list[_Model] = []
    seen: dict[str, int] = {}
    for number, cells in table.rows:
        values = {name: value or None for name, value in cells.items()}
        row = _validate(model, values, lambda field, n=number: _place(path, n, field))
        if row.channel_id in seen:
            raise HandbookError(
                f"{_place(path, number, 'channel_id')}: {row.channel_id} stands in row "
                f"{seen[row.channel_id]} already. Keep one row for each channel."
            )
        seen[row.channel_id] = number
        rows.append(row)
    return rows


def _columns(model: type[BaseModel]) -> str:
    return ", ".join(model.model_fields)


def _place(path: Path, number: int, field: str) -> str:
    return f"{path}, row {number}" + (f", column {field!r}" if field else "")


def _validate(model: type[_Model], values: dict[str, Any], place: Callable[[str], str]) -> _Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise HandbookError(
                f"{place(field)}: not a field of a plan. Remove it, or correct its name; the "
                f"fields are {', '.join(f.alias or n for n, f in model.model_fields.items())}."
            ) from None
        said = re.sub(r"^Value error, ", "", first["msg"])
        if first["type"] == "value_error" and not first["loc"]:
            raise HandbookError(f"{place('')}: {said}. Correct one of the two.") from None
        name = next((str(part) for part in first["loc"] if isinstance(part, str)), "")
        expected = _EXPECTED.get(name) or (_DAY_FORM if "date" in first["type"] else said)
        found = (
            "nothing"
            if first["input"] is None or first["type"] == "missing"
            else (repr(str(first["input"])[:60]))
        )
        raise HandbookError(
            f"{place(field)}: expected {expected}; found {found}. Correct it there."
        ) from None
