"""Audits run over a register and its record, as things are and with another threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from handbook import cadence, formats
from handbook import organisation as organisations
from handbook.audit.frames import complete_days, complete_posts, complete_register
from handbook.audit.rules import AUDITS, DEPARTURES, THRESHOLDS, Audit, Setting
from handbook.errors import HandbookError
from handbook.organisation import Organisation, Threshold

COLUMNS = ("channel", "rule", "verdict", "evidence", "remedy")
"""The columns of `run`."""


@dataclass(frozen=True)
class Facts:
    """What the audits look at.

    Attributes
    ----------
    register, days, posts
        With every column that an audit or `cadence` asks for.
    as_of
        The last day that counts; None where there are no data.
    records
        `cadence.post_record` with the single posts, and of the platform's daily numbers alone.
    rhythms, followers
        Each channel's row of `cadence.rhythm`; its newest followers and their day.
    """

    register: pd.DataFrame
    days: pd.DataFrame
    posts: pd.DataFrame
    as_of: pd.Timestamp | None
    records: tuple[pd.DataFrame, ...]
    rhythms: dict[str, Sequence]
    followers: dict[str, tuple]


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
    register = complete_register(register)
    days, posts = complete_days(days), complete_posts(posts)
    day = None if formats.is_missing(as_of) else pd.Timestamp(as_of).tz_localize(None).normalize()
    records = tuple(
        cadence.post_record(register, days, single, day) for single in (posts, posts.iloc[:0])
    )
    rhythms = _prefer(
        (cadence.rhythm(register, record, day) for record in records),
        lambda row: row.verdict in ("kept", "below"),
    )
    return Facts(register, days, posts, day, records, rhythms, _newest_followers(days, day))


def _judge(
    facts: Facts, university: Organisation, audits: Sequence[Audit] = AUDITS
) -> pd.DataFrame:
    months = university.thresholds.dormant_after_months.value
    gaps = _prefer(
        (
            cadence.gaps(facts.register, record, facts.as_of, dormant_after_months=months)
            for record in facts.records
        ),
        lambda row: row.state in ("active", "dormant"),
    )
    setting = Setting(facts.as_of, university, facts.rhythms, gaps, facts.followers)
    rows = []
    for channel in facts.register.itertuples():
        for audit in audits:
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


def _newest_followers(days: pd.DataFrame, as_of: pd.Timestamp | None) -> dict[str, tuple]:
    """Return each channel's newest followers and their day."""
    known = days[days["followers_total"].notna()].sort_values("date", kind="stable")
    if as_of is not None:
        known = known[known["date"] <= as_of]
    newest = known.groupby("channel_id").tail(1)
    return {row.channel_id: (row.followers_total, row.date) for row in newest.itertuples()}


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
    own = [audit for audit in AUDITS if threshold in audit.thresholds]
    change_threshold(university, threshold, 1)
    today = getattr(university.thresholds, threshold).value
    if values is None:
        values = range(1, round(2 * today) + 1)
    rows = []
    for value in sorted({float(value) for value in [*values, today]}):
        found = _judge(facts, change_threshold(university, threshold, value), own)
        counts = found["verdict"].value_counts()
        departing = sum(int(counts.get(name, 0)) for name in DEPARTURES)
        rows.append((value, int(counts.get("met", 0)), departing,
                     int(counts.get("cannot tell", 0)), value == today))  # fmt: skip
    return pd.DataFrame(rows, columns=["value", "met", "departing", "open", "today"])
