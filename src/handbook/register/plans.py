"""Communication plans and the records of reviews, as their forms give them."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field, field_validator, model_validator

from handbook.errors import HandbookError
from handbook.register.fields import (
    ChannelId,
    Day,
    Email,
    OfChannel,
    OnPlatform,
    Record,
    Text,
    Url,
    validate,
)

YesNo = Literal["yes", "no"]
Held = Literal["yes", "partly", "no", "cannot tell"]
Seen = Literal["yes", "no", "cannot tell"]
Sure = Literal["yes", "no", "not sure"]

_STRICT = ConfigDict(strict=True)
_HALF = re.compile("[\ud800-\udfff]")


class Pause(Record):
    """A planned pause, first and last day included."""

    model_config = _STRICT

    start: Day
    end: Day

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Pause:
        if self.end < self.start:
            raise ValueError(f"ends on {self.end}, before it starts on {self.start}")
        return self


class Rate(Record):
    """How often: a number for each week or month."""

    model_config = _STRICT

    number: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    per: Literal["week", "month"]

    @property
    def per_week(self) -> float:
        """The number a week; twelve months are 52 weeks."""
        return self.number if self.per == "week" else self.number * 12 / 52


class Target(Record):
    """How many members by which day."""

    model_config = _STRICT

    members: Annotated[int, Field(gt=0)]
    by: Day | None = None


class LeftOut(Record):
    """What was answered and could not be right."""

    field: str
    given: Any = None


class Plan(OnPlatform):
    """A channel's communication plan; None means not answered yet.

    Attributes
    ----------
    updates, posts : Rate or None
        How often it is kept up (Q-02), and how often it has new content (Q-04).
    made_on : date or None
        The day on which the form gave it.
    """

    model_config = _STRICT

    format: Literal["handbook-plan/1"] = Field(alias="schema")
    existing_would_do: Sure | None = None
    exists_already: YesNo | None = None
    unit: str | None = None
    contact_mailbox: Email | None = None
    main_language: Annotated[str, Field(pattern="^([a-z]{2,3}|other)$")] | None = None
    name: Text
    handle: str | None = None
    url: Url | None = None
    purpose: str | None = None
    updated_by: str | None = None
    updates: Rate | None = None
    enough_resources: Sure | None = None
    objective: str | None = None
    posts: Rate | None = None
    planned_pauses: list[Pause] = []
    produced_by: str | None = None
    audience: str | None = None
    manner: str | None = None
    terms_of_use: str | None = None
    marketing: str | None = None
    members_target: Target | Literal["no target"] | None = None
    how_sought: str | None = None
    measures: list[str] = []
    measures_other: str | None = None
    plan_starts: Day | None = None
    plan_ends: Day | None = None
    administrators: Annotated[int, Field(ge=0)] | None = None
    work_password_not_used: Literal[True] | None = None
    left_out: list[LeftOut] = []
    made_on: Day | None = None

    @field_validator("planned_pauses", "measures", "left_out", mode="before")
    @classmethod
    def _null_is_none_given(cls, value: Any) -> Any:
        return [] if value is None else value

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Plan:
        if self.plan_starts and self.plan_ends and self.plan_ends < self.plan_starts:
            raise ValueError(f"plan_ends {self.plan_ends} is before plan_starts")
        return self

    @property
    def updates_per_week(self) -> float | None:
        """How often it is kept up in a week (Q-02)."""
        return self.updates and self.updates.per_week

    @property
    def posts_per_week(self) -> float | None:
        """How often it has new content in a week (Q-04)."""
        return self.posts and self.posts.per_week

    @property
    def target(self) -> Target | None:
        """The members pursued (Q-09); None for no target and for no answer."""
        return self.members_target if isinstance(self.members_target, Target) else None


class Review(OfChannel):
    """The record of a channel's review; None means not answered."""

    model_config = _STRICT

    format: Literal["handbook-review/1"] = Field(alias="schema")
    reviewed_on: Day
    reviewed_by: Text
    plan_held: Held
    plan_ends: Day | None = None
    purpose_served: Held | None = None
    objective_reached: Held | None = None
    updates_held: Held | None = None
    resources_held: Held | None = None
    posts_held: Held | None = None
    audience_reached: Held | None = None
    members_reached: Held | None = None
    usefulness_measured: Held | None = None
    silent_for_six_months: Seen | None = None
    name_holds: Seen | None = None
    communications_notified: Seen | None = None
    register_right: Seen | None = None
    work_password_not_used: Literal[True] | None = None
    administrators: Annotated[int, Field(ge=0)] | None = None
    findings: str | None = None
    decision: Literal["keep", "change", "merge", "close"]
    changes: str | None = None
    merge_into: ChannelId | None = None
    next_review_due: Day | None = None
    left_out: list[LeftOut] = []
    made_on: Day | None = None

    @model_validator(mode="after")
    def _merges_into_another(self) -> Review:
        if self.decision == "merge" and self.merge_into in (None, self.channel_id):
            raise ValueError("decision is 'merge', but merge_into names no other channel")
        if self.next_review_due and self.next_review_due < self.reviewed_on:
            raise ValueError(f"next_review_due {self.next_review_due} is before reviewed_on")
        return self


def load_plan(path: Path) -> Plan:
    """Return the plan in a file.

    Raises
    ------
    HandbookError
        It is not JSON, or fields are wrong; the message names each of them.
    """
    return _load(path, Plan, "a plan")


def load_review(path: Path) -> Review:
    """Return the record of a review in a file.

    Raises
    ------
    HandbookError
        It is not JSON, or fields are wrong; the message names each of them.
    """
    return _load(path, Review, "a review")


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


def load_reviews(folder: Path) -> list[Review]:
    """Return the reviews (`*.json`) in a folder, the oldest first; none without the folder."""
    reviews = [load_review(file) for file in sorted(folder.glob("*.json"))]
    return sorted(reviews, key=lambda review: (review.reviewed_on, review.channel_id))


_Model = TypeVar("_Model", bound=OfChannel)

SCHEMAS = {"handbook-plan/1": "a plan", "handbook-review/1": "a review"}
"""What a file says that it is, in words."""


def _load(path: Path, model: type[_Model], what: str) -> _Model:
    content = _read_json(path, what)
    if not isinstance(content, dict):
        raise HandbookError(f"{path}: expected {what} between braces, found something else.")
    if (other := SCHEMAS.get(str(content.get("schema")))) and other != what:
        command = other.removeprefix("a ").replace("plan", "add")
        raise HandbookError(
            f"{path}: expected {what}, found {other}: handbook register {command} takes it."
        )
    return validate(
        model, content, lambda field: f"{path}, field {field!r}" if field else f"{path}", what
    )


def _read_json(path: Path, what: str) -> Any:
    def take(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for name, times in Counter(name for name, _ in pairs).items():
            if times > 1:
                raise HandbookError(f"{path}, field {name!r}: stands there twice. Keep one.")
        return dict(pairs)

    def refuse(number: str) -> None:
        raise HandbookError(f"{path}: expected numbers, found {number}. Correct it there.")

    try:
        content = json.loads(
            path.read_text(encoding="utf-8-sig"), object_pairs_hook=take, parse_constant=refuse
        )
    except FileNotFoundError:
        raise HandbookError(f"{path}: there is no such file. Name {what}, a .json file.") from None
    except UnicodeDecodeError:
        raise HandbookError(f"{path}: not UTF-8. Save it as UTF-8.") from None
    except OSError as error:
        raise HandbookError(f"{path} could not be read ({error.strerror}).") from None
    except json.JSONDecodeError as error:
        raise HandbookError(
            f"{path}, line {error.lineno}: not JSON ({error.msg}). Correct it, or export {what} "
            "again."
        ) from None
    except (RecursionError, ValueError):
        raise HandbookError(f"{path}: not {what}. Export it again.") from None
    if _HALF.search(json.dumps(content, ensure_ascii=False)):
        raise HandbookError(f"{path}: holds half of a character. Export {what} again.")
    return content
