"""Register, days and posts with every column that an audit asks for, typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from handbook import formats
from handbook.errors import HandbookError
from handbook.register import STATUSES

TEXTS = ("name", "status", "language", "main_language", "enough_resources", "terms_of_use")
DATES = ("plan_starts", "plan_ends", "members_target_by", "confirmed_on", "notified_on",
         "review_due")  # fmt: skip
NUMBERS = ("posts_per_week", "updates_per_week", "members_target", "administrators")
PLAN = ("plan_starts", "plan_ends", "posts_per_week", "updates_per_week", "members_target",
        "members_target_by", "enough_resources", "terms_of_use")  # fmt: skip
INTERNAL = ("administrators", "notified_on", "review_due")


def complete_register(register: pd.DataFrame) -> pd.DataFrame:
    """Return the register with every column that is asked for, typed; what is missing is NA."""
    if "channel_id" not in register:
        raise _lacks("register", "channel_id", register)
    full = register.reset_index(drop=True).copy()
    full["channel_id"] = full["channel_id"].astype("string")
    if full["channel_id"].isna().any():
        raise HandbookError(
            f"register, row {int(full['channel_id'].isna().argmax())}, column 'channel_id': "
            "expected an id, found nothing. Name the channel there."
        )
    twice = full["channel_id"][full["channel_id"].duplicated()]
    if len(twice):
        raise HandbookError(
            f"register, column 'channel_id': {twice.iloc[0]} stands there twice. Keep one row."
        )
    kinds = {**dict.fromkeys(TEXTS, "text"), **dict.fromkeys(DATES, "date")}
    for name, kind in {**kinds, **dict.fromkeys(NUMBERS, "number")}.items():
        full[name] = _typed(full, name, kind, "register")
    full["label"] = full.get("label", full["channel_id"]).astype("string")
    full["status"] = full["status"].fillna("active")
    unknown = full[~full["status"].isin(STATUSES)]
    if len(unknown):
        raise HandbookError(
            f"register, {unknown['channel_id'].iloc[0]}, column 'status': expected one of "
            f"{', '.join(STATUSES)}, found {unknown['status'].iloc[0]!r}. Correct it there."
        )
    nothing = pd.Series([()] * len(full), index=full.index, dtype=object)
    full["measures"] = full.get("measures", nothing).map(_read_list)
    full["planned_pauses"] = full.get("planned_pauses", nothing).map(_read_pauses)
    flags = {
        "registered": True,
        "has_plan": full[list(PLAN)].notna().any(axis=1) | (full["measures"].map(len) > 0),
        "has_internal": not {"has_plan", *INTERNAL}.isdisjoint(register.columns),
        "target_answered": False,
    }
    for name, default in flags.items():
        told = full[name] if name in full else pd.Series(default, index=full.index)
        full[name] = told.astype("boolean").fillna(False)
    full["target_answered"] |= full["members_target"].notna()
    return full


def _read_list(value: object) -> tuple:
    if isinstance(value, str):
        return tuple(filter(None, (part.strip() for part in value.split(","))))
    return () if formats.is_missing(value) else tuple(value)


def _read_pauses(value: object) -> tuple:
    """Return pauses as (first day, last day), however a plan writes them."""
    pauses = () if formats.is_missing(value) else value
    return tuple((p["start"], p["end"]) if isinstance(p, Mapping) else tuple(p) for p in pauses)


def complete_days(days: pd.DataFrame) -> pd.DataFrame:
    """Return the days in their order, with the columns that are asked for."""
    full = _with_columns(days, "days", ("channel_id", "date"))
    full["date"] = _typed(full, "date", "date", "days")
    for name in ("posts_published", "followers_total"):
        full[name] = _typed(full, name, "number", "days")
    return full.sort_values(["channel_id", "date"], kind="stable", ignore_index=True)


def complete_posts(posts: pd.DataFrame) -> pd.DataFrame:
    """Return the posts with the columns that are asked for."""
    if "published_date" not in posts and "published_at" in posts:
        posts = posts.assign(published_date=posts["published_at"])
    full = _with_columns(posts, "posts", ("channel_id", "published_date"))
    for name in ("published_date", "observed_on"):
        full[name] = _typed(full, name, "date", "posts")
    full["post_type"] = _typed(full, "post_type", "text", "posts")
    return full


def _with_columns(frame: pd.DataFrame, what: str, needed: Sequence[str]) -> pd.DataFrame:
    for name in needed:
        if name not in frame and len(frame):
            raise _lacks(what, name, frame)
    columns = list(dict.fromkeys([*frame.columns, *needed]))
    full = frame.reset_index(drop=True).reindex(columns=columns)
    full["channel_id"] = full["channel_id"].astype("string")
    return full


def _lacks(what: str, name: str, frame: pd.DataFrame) -> HandbookError:
    return HandbookError(
        f"{what}: expected a column '{name}', found {', '.join(map(str, frame.columns)) or 'none'}."
        " Give the frame that handbook.channels loads."
    )


def _typed(frame: pd.DataFrame, name: str, kind: str, what: str) -> pd.Series:
    """Return a column as text, days or numbers; an empty text is missing."""
    values = frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="object")
    if kind == "text":
        told = values.astype("string").str.strip()
        return told.mask((told == "").fillna(False))
    try:
        if kind == "number":
            return pd.to_numeric(values.astype("object").where(values.notna(), None)).astype(
                "Float64"
            )
        days = pd.to_datetime(values, utc=True).dt.tz_localize(None).dt.normalize()
        return days.astype("datetime64[us]")
    except (ValueError, TypeError) as error:
        raise HandbookError(
            f"{what}, column '{name}': expected {'days' if kind == 'date' else 'numbers'} or "
            f"nothing, found something else ({error}). Correct it there."
        ) from None
