"""The register audit: which rules can be measured, and what register, plans and record say.

A rule of the guidelines is met or not met.
From what other institutions do a channel only differs.
What the data do not say cannot be told, and it is counted with the rest, never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pandas as pd

from handbook import cadence, formats
from handbook import organisation as organisations
from handbook.checklists.evaluate import months_between
from handbook.errors import HandbookError
from handbook.organisation import Organisation, Threshold
from handbook.register import STATUSES

VERDICTS = ("met", "not met", "differs from", "cannot tell")
"""What an audit says: `differs from` is said of practice, which is no rule of the university."""

DEPARTURES = ("not met", "differs from")

COLUMNS = ("channel", "rule", "verdict", "evidence", "remedy")
"""The columns of `run`."""

TEXTS = ("name", "status", "language", "main_language", "enough_resources", "terms_of_use")
DATES = ("plan_starts", "plan_ends", "members_target_by", "confirmed_on", "notified_on",
         "review_due")  # fmt: skip
NUMBERS = ("posts_per_week", "updates_per_week", "members_target", "administrators")
PLAN = ("plan_starts", "plan_ends", "posts_per_week", "updates_per_week", "members_target",
        "members_target_by", "enough_resources", "terms_of_use")  # fmt: skip
INTERNAL = ("administrators", "notified_on", "review_due")

OPEN = ("active", "paused", "planned")
STARTED = ("active", "paused")


class Judgement(NamedTuple):
    """What one audit says of one channel; without a remedy the audit's own is shown."""

    verdict: str
    evidence: str
    remedy: str = ""


@dataclass(frozen=True)
class Facts:
    """What the audits look at.

    Attributes
    ----------
    register, days, posts
        With every column that an audit or `cadence` asks for.
    as_of
        The last day that counts; None where there are no data.
    record, told
        `cadence.post_record` with the single posts, and of the platform's daily numbers alone.
    """

    register: pd.DataFrame
    days: pd.DataFrame
    posts: pd.DataFrame
    as_of: pd.Timestamp | None
    record: pd.DataFrame
    told: pd.DataFrame


@dataclass(frozen=True)
class Setting:
    """Facts, thresholds and names, and what was counted from them for all channels."""

    as_of: pd.Timestamp | None
    university: Organisation
    rhythm: Mapping[str, Sequence]
    silence: Mapping[str, Sequence]
    followers: Mapping[str, tuple]

    def departs(self, name: str) -> str:
        """Return the verdict of a channel that a threshold is not kept by."""
        origin = getattr(self.university.thresholds, name).origin
        return "not met" if origin in ("guidelines", "law") else "differs from"

    def limit(self, name: str) -> float:
        """Return the value of a threshold."""
        return getattr(self.university.thresholds, name).value


def run(
    register: pd.DataFrame,
    days: pd.DataFrame,
    posts: pd.DataFrame,
    as_of: date | None,
    *,
    organisation: Organisation | None = None,
) -> pd.DataFrame:
    """Return what each measurable rule says of each channel that is not closed.

    Parameters
    ----------
    register
        As `handbook.channels.load_channels` gives it. Only `channel_id` must stand there, once
        for each channel: what another column would say cannot be told without it.
    days, posts
        As `handbook.channels` loads them. Days need `channel_id` and `date`, posts `channel_id`
        and `published_date` or `published_at`.
    as_of
        The last day of the data, from which plans, reviews and silence are counted; None where
        there are no data.
    organisation
        Names and thresholds with their origin; `handbook.organisation.load()` unless given.

    Returns
    -------
    pandas.DataFrame
        A row for each channel and rule, in the order of the register and of `AUDITS`:
        `channel` (its id), `rule` (its id), `verdict` (one of `VERDICTS`), `evidence` (a
        sentence), `remedy` (what to do; empty where the rule is met).
        A rule that does not concern a channel has no row: none does a closed channel, rhythm and
        notice do not concern a planned one.

    Raises
    ------
    HandbookError
        A frame lacks a column, a channel stands twice, or a cell is no date or number.

    Examples
    --------
    >>> register = pd.DataFrame({"channel_id": ["x:lab"], "administrators": [1]})
    >>> found = run(register, pd.DataFrame(), pd.DataFrame(), date(2026, 10, 31))
    >>> found.set_index("rule").loc["PRAC-02", "verdict"]
    'differs from'
    """
    return _judge(_gather(register, days, posts, as_of), organisation or organisations.load())


def _gather(
    register: pd.DataFrame, days: pd.DataFrame, posts: pd.DataFrame, as_of: date | None
) -> Facts:
    register = _complete_register(register)
    days, posts = _complete_days(days), _complete_posts(posts)
    day = None if formats.is_missing(as_of) else pd.Timestamp(as_of).tz_localize(None).normalize()
    return Facts(
        register,
        days,
        posts,
        day,
        cadence.post_record(register, days, posts, day),
        cadence.post_record(register, days, posts.iloc[:0], day),
    )


def _judge(facts: Facts, university: Organisation) -> pd.DataFrame:
    months = university.thresholds.dormant_after_months.value
    setting = Setting(
        facts.as_of,
        university,
        _prefer(
            (cadence.rhythm(facts.register, r, facts.as_of) for r in (facts.record, facts.told)),
            lambda row: row.verdict in ("kept", "below"),
        ),
        _prefer(
            (cadence.gaps(facts.register, r, facts.as_of, dormant_after_months=months)
             for r in (facts.record, facts.told)),
            lambda row: row.state in ("active", "dormant"),
        ),
        _newest_followers(facts),
    )  # fmt: skip
    rows = []
    for channel in facts.register.itertuples():
        for audit in AUDITS:
            if channel.status not in audit.statuses:
                continue
            verdict, evidence, remedy = audit.judge(channel, setting)
            if verdict == "met":
                remedy = ""
            elif not remedy:
                remedy = audit.remedy if verdict in DEPARTURES else audit.would_tell
            rows.append((channel.channel_id, audit.rule, verdict, evidence, remedy))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="string")


def _prefer(tables: Iterable[pd.DataFrame], tells: Callable) -> dict[str, Sequence]:
    """Return each channel's row of the first table that can tell, else of the first one."""
    chosen: dict[str, Sequence] = {}
    for table in tables:
        for row in table.itertuples():
            if row.channel_id not in chosen or (tells(row) and not tells(chosen[row.channel_id])):
                chosen[row.channel_id] = row
    return chosen


def _newest_followers(facts: Facts) -> dict[str, tuple]:
    """Return each channel's newest followers and their day."""
    known = facts.days[facts.days["followers_total"].notna()].sort_values("date", kind="stable")
    if facts.as_of is not None:
        known = known[known["date"] <= facts.as_of]
    newest = known.groupby("channel_id").tail(1)
    return {row.channel_id: (row.followers_total, row.date) for row in newest.itertuples()}


# The frames, as they may be given


def _complete_register(register: pd.DataFrame) -> pd.DataFrame:
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


def _complete_days(days: pd.DataFrame) -> pd.DataFrame:
    full = _with_columns(days, "days", ("channel_id", "date"))
    full["date"] = _typed(full, "date", "date", "days")
    for name in ("posts_published", "followers_total"):
        full[name] = _typed(full, name, "number", "days")
    return full.sort_values(["channel_id", "date"], kind="stable", ignore_index=True)


def _complete_posts(posts: pd.DataFrame) -> pd.DataFrame:
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


# The audits


def _without_plan(channel) -> Judgement:
    """Say why no plan can be read."""
    if not channel.registered:
        return Judgement("cannot tell", "It stands in no register.")
    if not channel.has_internal:
        return Judgement("cannot tell", "No internal register says whether it has a plan.")
    return Judgement("cannot tell", "No plan is on file.", "Put the plan on file first.")


def _plan_length(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        lacking = _without_plan(channel)
        if not (channel.registered and channel.has_internal):
            return lacking
        return Judgement(setting.departs("plan_months_minimum"), lacking.evidence)
    first, last = channel.plan_starts, channel.plan_ends
    if not formats.is_missing(last) and setting.as_of is not None and last < setting.as_of:
        return Judgement(
            setting.departs("plan_months_minimum"),
            f"The plan ended on {formats.day(last)}.",
            "Write the next plan, for a year ahead.",
        )
    if formats.is_missing(first) or formats.is_missing(last):
        return Judgement("cannot tell", "The plan does not say from when to when.")
    months = months_between(f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}")
    least, wanted = setting.limit("plan_months_minimum"), setting.limit("plan_months_recommended")
    said = (
        f"The plan is for {formats.number_of(max(months, 0), 'month')} "
        f"({formats.days_between(first, last)})"
    )
    if months < least:
        return Judgement(
            setting.departs("plan_months_minimum"), f"{said}; the minimum is {least:g}."
        )
    if months < wanted:
        said += f", above the minimum of {least:g} and below the recommended {wanted:g}"
    if setting.as_of is not None and (left := (last - setting.as_of).days) <= setting.limit(
        "plan_ends_soon_days"
    ):
        said += f"; it ends in {formats.number_of(left, 'day')}"
    return Judgement("met", f"{said}.")


def _rhythm_kept(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if formats.is_missing(channel.posts_per_week):
        return Judgement(
            "not met", "The plan does not say how often.", "Add to the plan how often you post."
        )
    row = setting.rhythm[channel.channel_id]
    promised = f"{_per_week(channel.posts_per_week, 'post')} promised"
    if channel.status == "paused":
        return Judgement(
            "cannot tell",
            f"{promised}; the register says that the channel is paused.",
            "Write the pause into the plan, with its first and last day.",
        )
    if row.verdict == "no record":
        return Judgement("cannot tell", f"{promised}; no post is in the data.")
    if row.verdict == "too early":
        return Judgement(
            "cannot tell",
            f"{promised}; {formats.number_of(int(row.judged_days), 'day')} can be compared, "
            f"fewer than {cadence.JUDGED_DAYS_MINIMUM}.",
            "Wait until there are enough days, or import them.",
        )
    return Judgement(
        "met" if row.verdict == "kept" else "not met",
        f"{promised}, {formats.decimal(row.kept_per_week)} kept "
        f"({formats.days_between(row.judged_from, row.judged_to)}, planned pauses left out).",
    )


def _updates_kept(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if _is(channel.enough_resources, "no"):
        return Judgement(
            "not met",
            "The plan says that the unit's resources are not sufficient.",
            "Reserve time for it, promise less, or do without the channel.",
        )
    if formats.is_missing(channel.updates_per_week):
        return Judgement("not met", "The plan does not say how often it is updated.")
    promised = f"{_per_week(channel.updates_per_week, 'update')} promised"
    row = setting.rhythm[channel.channel_id]
    if row.judged_days < cadence.JUDGED_DAYS_MINIMUM:
        return Judgement("cannot tell", f"{promised}; too few days can be compared.")
    kept = f"{formats.decimal(row.kept_per_week)} posts a week on record"
    if round(row.kept_per_week, 1) >= channel.updates_per_week:
        return Judgement("met", f"{promised}, {kept} alone.")
    return Judgement(
        "cannot tell", f"{promised}, {kept}; no export tells replies and upkeep, which count too."
    )


def _terms_of_use(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if formats.is_missing(channel.terms_of_use):
        return Judgement("not met", "The plan names no terms of use.")
    return Judgement("met", "The plan answers what the terms of use are.")


def _goal_set(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if not channel.target_answered:
        return Judgement("not met", "The plan does not say what number of members is pursued.")
    if formats.is_missing(channel.members_target):
        return Judgement("met", "The plan says that no number of members is pursued.")
    goal = f"{formats.count(channel.members_target)} members"
    if not formats.is_missing(channel.members_target_by):
        passed = setting.as_of is not None and channel.members_target_by < setting.as_of
        goal += f" by {formats.day(channel.members_target_by)}" + (", which has passed" * passed)
    if channel.channel_id in setting.followers:
        number, day = setting.followers[channel.channel_id]
        goal += f"; {formats.count(number)} on {formats.day(day)}"
    return Judgement("met", f"Pursued: {goal}.")


def _measure_set(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if not channel.measures:
        return Judgement("not met", "The plan names no measure.")
    number = formats.number_of(len(channel.measures), "measure")
    return Judgement("met", f"The plan names {number}: {formats.names(channel.measures)}.")


def _name_in_language(channel, setting: Setting) -> Judgement:
    languages = dict.fromkeys(
        language
        for language in (channel.language, channel.main_language)
        if not formats.is_missing(language)
    )
    if not channel.registered or formats.is_missing(channel.name):
        return Judgement("cannot tell", "No register gives its name.")
    if not languages:
        return Judgement(
            "cannot tell",
            "Neither the register nor the plan says its main language.",
            "Say the main language in the register.",
        )
    names = {code: name.text for code, name in setting.university.names.items()}
    short = setting.university.short_names
    found = {
        language: organisations.includes_name(channel.name, language, names, short)
        for language in languages
    }
    said = f"“{channel.name}”, language {formats.names(list(languages))}"
    answers = found.values()
    if "yes" in answers:
        return Judgement("met", f"{said}: it includes the university's name.")
    if "no" in answers:
        language = next(code for code, answer in found.items() if answer == "no")
        wanted = f" “{names[language]}”" if language in names else " the university's name"
        return Judgement("not met", f"{said}: it does not include{wanted}.")
    return Judgement(
        "cannot tell",
        f"{said}: a short form, or a language in which the university's name is not known.",
    )


def _communications_notified(channel, setting: Setting) -> Judgement:
    if not formats.is_missing(channel.notified_on):
        return Judgement("met", f"Communications was told on {formats.day(channel.notified_on)}.")
    if not channel.has_internal:
        return Judgement("cannot tell", "No internal register says whether Communications knows.")
    return Judgement("not met", "No notice to Communications is on file.")


def _review_in_time(channel, setting: Setting) -> Judgement:
    due, confirmed = channel.review_due, channel.confirmed_on
    if not channel.registered:
        return Judgement("cannot tell", "It stands in no register.")
    departs = setting.departs("register_review_months")
    if formats.is_missing(due) and formats.is_missing(confirmed):
        return Judgement(departs, "Nobody has confirmed it yet, and no review is set.")
    if setting.as_of is None:
        return Judgement("cannot tell", "There are no data, so that no day can be called now.")
    months = setting.limit("register_review_months")
    said = []
    overdue = False
    if not formats.is_missing(confirmed):
        late = cadence.add_months(confirmed, months) < setting.as_of
        overdue |= late
        said.append(
            f"last confirmed on {formats.day(confirmed)}"
            + (f", more than {months:g} months ago" if late else "")
        )
    if not formats.is_missing(due):
        late = due < setting.as_of
        overdue |= late
        said.append(f"review {'was' if late else 'is'} due on {formats.day(due)}")
    text = "; ".join(said)
    return Judgement(departs if overdue else "met", f"{text[0].upper()}{text[1:]}.")


def _not_dormant(channel, setting: Setting) -> Judgement:
    row = setting.silence[channel.channel_id]
    months = setting.limit("dormant_after_months")
    if row.state == "paused":
        return Judgement(
            "cannot tell",
            "The register says that it is paused.",
            "Ask until when; close it when nobody knows.",
        )
    if formats.is_missing(row.last_post_on):
        return Judgement("cannot tell", "No post is in the data.")
    last = f"The last post is of {formats.day(row.last_post_on)}"
    if row.state == "dormant":
        silent = formats.number_of(int(row.days_silent), "day")
        return Judgement(
            setting.departs("dormant_after_months"),
            f"{last}, {silent} before the record ends: more than {months:g} months.",
        )
    if row.state == "active":
        return Judgement("met", f"{last}.")
    ends = formats.day(row.record_ends)
    return Judgement("cannot tell", f"{last}, and the record ends on {ends}.")


def _administrators(channel, setting: Setting) -> Judgement:
    number = channel.administrators
    if formats.is_missing(number):
        return Judgement("cannot tell", "Neither register nor plan says how many there are.")
    said = formats.number_of(int(number), "administrator")
    said = f"{said[0].upper()}{said[1:]}"
    if number >= setting.limit("administrators_minimum"):
        return Judgement("met", f"{said}.")
    least = setting.limit("administrators_minimum")
    return Judgement(setting.departs("administrators_minimum"), f"{said}; practice is {least:g}.")


def _per_week(number: float, noun: str) -> str:
    digits = 0 if float(number).is_integer() else 1
    return f"{formats.decimal(number, digits)} {noun if number == 1 else noun + 's'} a week"


def _is(value: object, wanted: str) -> bool:
    return not formats.is_missing(value) and value == wanted


@dataclass(frozen=True)
class Audit:
    """How one rule is measured.

    Attributes
    ----------
    id
        The name that the rule's `:audit:` option has.
    rule
        The rule's id.
    about
        What is asked, in a few words.
    judge
        Gives the judgement of a channel.
    remedy, would_tell
        What to do where the rule is not kept, and where it cannot be told.
    checklist
        The checklist that asks for it.
    statuses
        The channels that it concerns, by their status in the register.
    thresholds
        Names of the organisation's thresholds that its verdict depends on.
    """

    id: str
    rule: str
    about: str
    judge: Callable[[object, Setting], Judgement]
    remedy: str
    would_tell: str
    checklist: str = "start-a-community"
    statuses: tuple[str, ...] = OPEN
    thresholds: tuple[str, ...] = ()


AUDITS = (
    Audit(
        "plan_length", "COM-04", "plan for a year ahead", _plan_length,
        "Write a plan for a year ahead, half a year at a minimum.",
        "Put the plan with its days on file.",
        thresholds=("plan_months_minimum",),
    ),
    Audit(
        "updates_kept", "Q-02", "updates as promised", _updates_kept,
        "Say in the plan who updates it and how often.",
        "Ask whoever updates it.",
        "channel-review",
    ),
    Audit(
        "rhythm_kept", "Q-04", "new content as promised", _rhythm_kept,
        "Change the plan or the work: post what is promised, or promise what is posted.",
        "Import the posts of these days.",
        "channel-review", STARTED,
    ),
    Audit(
        "terms_of_use", "Q-07", "terms of use", _terms_of_use,
        "Write the terms of use, and name them in the plan.",
        "Put the plan on file.",
    ),
    Audit(
        "goal_set", "Q-09", "pursued number of members", _goal_set,
        "Set a number of members and a day, or write that there is none.",
        "Put the plan on file.",
    ),
    Audit(
        "measure_set", "Q-10", "measure of usefulness", _measure_set,
        "Choose how usefulness is measured.",
        "Put the plan on file.",
    ),
    Audit(
        "name_in_language", "NAM-02", "the university's name", _name_in_language,
        "Ask Communications whether the name can still change; write the full name into the "
        "description until then.",
        "Ask Communications what the name is in this language, and whether the short form is "
        "enough.",
    ),
    Audit(
        "communications_notified", "REG-01", "Communications notified", _communications_notified,
        "Tell Communications, and note the day in the internal register.",
        "Keep an internal register, and note the day in it.",
        statuses=STARTED,
    ),
    Audit(
        "not_dormant", "PRAC-01", "not dormant", _not_dormant,
        "Decide: post again, hand it over, merge it or close it.",
        "Import newer posts.",
        "closing-a-channel", STARTED, ("dormant_after_months",),
    ),
    Audit(
        "administrators", "PRAC-02", "two administrators", _administrators,
        "Name a second administrator who is an employee.",
        "Note in the internal register how many administrators there are.",
        "account-security", thresholds=("administrators_minimum",),
    ),
    Audit(
        "review_in_time", "PRAC-03", "reviewed in time", _review_in_time,
        "Review the channel, and confirm its row.",
        "Add the channel to the register.",
        "channel-review", STARTED, ("register_review_months",),
    ),
)  # fmt: skip
"""Every audit, in the order of the rules in the guidelines; those of practice come last."""

BY_RULE = {audit.rule: audit for audit in AUDITS}

THRESHOLDS = tuple(dict.fromkeys(name for audit in AUDITS for name in audit.thresholds))
"""Names of the thresholds that a verdict depends on."""

THRESHOLD_WORDS = {
    "plan_months_minimum": "months that a plan must cover at least",
    "dormant_after_months": "months of silence after which a channel is dormant",
    "administrators_minimum": "administrators at least",
    "register_review_months": "months between two reviews of the register",
}
"""The thresholds with their units, for readers."""


# What if


def change_threshold(university: Organisation, threshold: str, value: float) -> Organisation:
    """Return the organisation with another value of one threshold, its origin left as it is.

    Raises
    ------
    HandbookError
        No audit depends on a threshold of this name, or the value is not above 0.
    """
    if threshold not in THRESHOLDS:
        raise HandbookError(
            f"threshold: expected one of {', '.join(THRESHOLDS)}, found {threshold!r}."
        )
    if not value > 0:
        raise HandbookError(f"value: expected a number above 0, found {value!r}.")
    old: Threshold = getattr(university.thresholds, threshold)
    new = old.model_copy(update={"value": float(value)})
    thresholds = university.thresholds.model_copy(update={threshold: new})
    return university.model_copy(update={"thresholds": thresholds})


def what_if(
    register: pd.DataFrame,
    days: pd.DataFrame,
    posts: pd.DataFrame,
    as_of: date | None,
    threshold: str,
    value: float,
    *,
    organisation: Organisation | None = None,
) -> pd.DataFrame:
    """Return which findings change when one threshold has another value.

    Parameters
    ----------
    register, days, posts, as_of, organisation
        As for `run`.
    threshold
        One of `THRESHOLDS`.
    value
        In the threshold's unit, which its name says; above 0.

    Returns
    -------
    pandas.DataFrame
        `channel`, `rule`, `verdict`, `verdict_then`, `evidence_then`: a row for each finding
        whose verdict changes.
    """
    university = organisation or organisations.load()
    facts = _gather(register, days, posts, as_of)
    now = _judge(facts, university)
    then = _judge(facts, change_threshold(university, threshold, value))
    now["verdict_then"], now["evidence_then"] = then["verdict"], then["evidence"]
    changed = now[now["verdict"] != now["verdict_then"]]
    columns = ["channel", "rule", "verdict", "verdict_then", "evidence_then"]
    return changed[columns].reset_index(drop=True)


def threshold_curve(
    register: pd.DataFrame,
    days: pd.DataFrame,
    posts: pd.DataFrame,
    as_of: date | None,
    threshold: str,
    values: Sequence[float] | None = None,
    *,
    organisation: Organisation | None = None,
) -> pd.DataFrame:
    """Return how many channels depart from a rule, by the value of its threshold.

    Parameters
    ----------
    register, days, posts, as_of, threshold, organisation
        As for `what_if`.
    values
        The values to try; whole numbers from 1 to twice today's unless given.

    Returns
    -------
    pandas.DataFrame
        `value`, `met`, `departing` (not met, or differs from practice), `open` (cannot tell),
        `today` (this is the organisation's value), by value.
    """
    university = organisation or organisations.load()
    facts = _gather(register, days, posts, as_of)
    own = {audit.rule for audit in AUDITS if threshold in audit.thresholds}
    change_threshold(university, threshold, 1)
    today = getattr(university.thresholds, threshold).value
    if values is None:
        values = range(1, round(2 * today) + 1)
    rows = []
    for value in sorted({float(value) for value in [*values, today]}):
        found = _judge(facts, change_threshold(university, threshold, value))
        counts = found.loc[found["rule"].isin(own), "verdict"].value_counts()
        departing = sum(int(counts.get(name, 0)) for name in DEPARTURES)
        rows.append((value, int(counts.get("met", 0)), departing,
                     int(counts.get("cannot tell", 0)), value == today))  # fmt: skip
    return pd.DataFrame(rows, columns=["value", "met", "departing", "open", "today"])


# Tables and sentences


def matrix(findings: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Return the findings with a row for each channel and a column for each rule.

    Returns
    -------
    pandas.DataFrame
        `label`, a column for each audited rule (its verdict; missing where it does not concern
        the channel), and how many rules are `departing`; channels with most of them first.
    """
    rules = list(BY_RULE)
    table = findings.pivot(index="channel", columns="rule", values="verdict").reindex(columns=rules)
    table = table.astype("string")
    table["departing"] = table.isin(DEPARTURES).sum(axis=1).astype("Int64")
    table.insert(0, "label", _labels(table.index, register))
    table = table.sort_values(["departing", "label"], ascending=[False, True])
    return table.rename_axis(columns=None).reset_index(drop=True)


def totals(findings: pd.DataFrame) -> pd.DataFrame:
    """Return how many channels each rule says what of; the open ones are never left out.

    Returns
    -------
    pandas.DataFrame
        `rule`, `about`, a column for each of `VERDICTS`, `channels` (their sum), in the order of
        `AUDITS`.
    """
    counts = (
        findings.groupby(["rule", "verdict"]).size().unstack(fill_value=0)
        .reindex(index=list(BY_RULE), columns=list(VERDICTS), fill_value=0).astype("Int64")
    )  # fmt: skip
    counts["channels"] = counts.sum(axis=1)
    counts.insert(0, "about", [BY_RULE[rule].about for rule in counts.index])
    table = counts.rename_axis(index="rule", columns=None).reset_index()
    return table.astype({"rule": "string", "about": "string"})


def to_do(findings: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Return the findings that ask for something to be done, rules of the guidelines first.

    Returns
    -------
    pandas.DataFrame
        `label`, `rule`, `verdict`, `evidence`, `remedy`.
    """
    found = findings[findings["verdict"].isin(DEPARTURES)]
    found = found.assign(
        label=_labels(found["channel"], register),
        order=found["verdict"].map(DEPARTURES.index),
        place=found["rule"].map(list(BY_RULE).index),
    ).sort_values(["order", "place", "label"])
    return found[["label", "rule", "verdict", "evidence", "remedy"]].reset_index(drop=True)


def _labels(ids: Iterable[str], register: pd.DataFrame) -> list[str]:
    names = register["label"] if "label" in register else register["channel_id"]
    labels = dict(zip(register["channel_id"], names, strict=True))
    return [labels[channel] for channel in ids]


def describe(findings: pd.DataFrame, register: pd.DataFrame) -> list[str]:
    """Return what the audit found, in sentences; the first one is the title of its figure."""
    if findings.empty:
        return ["There is no open channel to audit."]
    counts = findings["verdict"].value_counts()
    not_met, differs, unknown, met = (
        int(counts.get(name, 0)) for name in ("not met", "differs from", "cannot tell", "met")
    )
    channels = findings["channel"].nunique()
    lines = [
        f"{formats.count(not_met)} of {formats.number_of(len(findings), 'finding')} "
        f"{'is' if not_met == 1 else 'are'} “not met”, and {formats.count(unknown)} "
        "cannot be told.",
        f"{formats.number_of(channels, 'channel').capitalize()}: {formats.count(met)} met, "
        f"{formats.count(not_met)} not met, {formats.count(differs)} "
        f"{'differs' if differs == 1 else 'differ'} from other institutions' practice, "
        f"{formats.count(unknown)} cannot be told.",
    ]
    table = totals(findings)
    for verdict, text in (("not met", "Most often not met"), ("cannot tell", "Most often open")):
        worst = table.loc[table[verdict].idxmax()]
        if worst[verdict]:
            lines.append(
                f"{text}: {worst['rule']} ({worst['about']}), {formats.count(worst[verdict])} of "
                f"{formats.number_of(int(worst['channels']), 'channel')}."
            )
    silent = findings[(findings["rule"] == "PRAC-01") & findings["evidence"].str.startswith("No p")]
    if not silent.empty:
        labels = formats.names(_labels(silent["channel"], register))
        lines.append(f"No posts in the data of: {labels}.")
    left_out = register[~register["channel_id"].isin(set(findings["channel"]))]
    if not left_out.empty:
        labels = formats.names(_labels(left_out["channel_id"], register))
        lines.append(f"Left out, because it is closed: {labels}.")
    return lines


def describe_totals(table: pd.DataFrame) -> str:
    """Return in one sentence of which rule most channels depart."""
    departing = table["not met"] + table["differs from"]
    if not departing.sum():
        return (
            "No channel departs from a rule that can be told."
            if table["channels"].sum()
            else "There is no open channel to audit."
        )
    worst = table.loc[departing.idxmax()]
    number = int(departing.max())
    return (
        f"Most departures: {worst['about']} ({worst['rule']}), {formats.count(number)} of "
        f"{formats.number_of(int(worst['channels']), 'channel')}."
    )


def describe_thresholds(university: Organisation) -> list[str]:
    """Return the thresholds with where each comes from, in sentences."""
    lines = []
    for name in THRESHOLDS:
        found = getattr(university.thresholds, name)
        (one,) = [audit for audit in AUDITS if name in audit.thresholds]
        whose = {
            "guidelines": f"the guidelines ({formats.names(found.rules)})",
            "law": "law",
            "practice": "practice of other institutions",
            "handbook": "this handbook's choice",
        }.get(found.origin, "not confirmed by anybody")
        lines.append(
            f"{one.rule}: {found.value:g} {THRESHOLD_WORDS[name]}. Origin: {whose}"
            + (f"; {found.source}." if found.source else ".")
        )
    return lines


def describe_remedies(findings: pd.DataFrame, pages: Mapping[str, str]) -> str:
    """Return what to do, rule by rule, in Markdown with links to rules and checklists.

    Parameters
    ----------
    pages
        Rule id to the page of the rule, relative to the notebook.
    """
    table = totals(findings).set_index("rule")
    lines = []
    for audit in AUDITS:
        number = int(table.loc[audit.rule, list(DEPARTURES)].sum())
        if number:
            rule = f"[{audit.rule}]({pages[audit.rule]}#{audit.rule})"
            lines.append(
                f"- **{rule}**, {audit.about}, {formats.number_of(number, 'channel')}. "
                f"{audit.remedy} Checklist: [{audit.checklist.replace('-', ' ').capitalize()}]"
                f"(../book/checklists/{audit.checklist}.md)."
            )
    return "\n".join(lines) or "Nothing departs from a rule that can be measured."


def describe_what_if(
    changed: pd.DataFrame, register: pd.DataFrame, threshold: str, value: float, today: float
) -> str:
    """Return in one sentence which channels change when a threshold has another value."""
    words = THRESHOLD_WORDS[threshold]
    if value == today:
        return f"As it is: {today:g} {words}."
    said = f"With {value:g} instead of {today:g} {words}"
    if changed.empty:
        return f"{said}, no verdict changes."
    labels = formats.names(_labels(changed["channel"], register))
    number = formats.number_of(len(changed), "channel changes", "channels change")
    return f"{said}, {number}: {labels}."


def impact(findings: pd.DataFrame, register: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Return which channels a rule says what of.

    Returns
    -------
    pandas.DataFrame
        `verdict`, `channels` (how many), `labels` (who they are), in the order of `VERDICTS`;
        no rows where no audit measures the rule.
    """
    own = findings[findings["rule"] == rule]
    own = own.assign(label=_labels(own["channel"], register))
    rows = [
        (verdict, len(labels), formats.names(labels, limit=12))
        for verdict in VERDICTS
        if (labels := list(own.loc[own["verdict"] == verdict, "label"]))
    ]
    return pd.DataFrame(rows, columns=["verdict", "channels", "labels"])
