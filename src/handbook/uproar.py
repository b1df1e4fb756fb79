"""The uproar watch: series of comments and mentions, their alerts, and the audit of the rule.

Only counts by day or within the day are watched.
The lifetime totals of posts are never spread over days.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from handbook import formats, surges

DAY_S = 86400
SHORTEST_S = 300

ALARMS_PER_MONTH = 1.0
"""How many alerts a month the page is made for, when nothing happens."""

RECENT_WEEKS = 26
"""The weeks of alerts that the page shows."""

BY_DAY = "comments by day"
"""What is counted in a channel's own daily numbers."""

SERIES_COLUMNS = ("series", "channel_id", "label", "what", "step_s", "at", "count")

STEP_WORDS = {300: "5 minutes", 900: "15 minutes", 1800: "half an hour", 3600: "an hour",
              DAY_S: "a day"}  # fmt: skip
"""Words for the usual steps."""


def gather(channels: pd.DataFrame, days: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Return the series that can be watched, each on a regular grid.

    Parameters
    ----------
    channels, days, counts
        As `handbook.channels` loads them.

    Returns
    -------
    pandas.DataFrame
        A row for each step of each series: `series` (its name, unique), `channel_id`, `label`,
        `what` (what is counted), `step_s`, `at` (start of the step; the platform's day, or the
        time in UTC), `count` (missing where it is unknown, or below 0: a platform's correction).
        Counts by day of a channel's comments come first, then counts within the day. Series that
        are finer than 5 minutes are summed to 5 minutes; coarser ones than a day are left out.
    """
    labels = dict(zip(channels["channel_id"], channels["label"], strict=True))
    parts = []
    for channel_id, own in days[days["comments"].notna()].groupby("channel_id", sort=False):
        label = labels.get(channel_id, channel_id)
        at, numbers = own["date"], own["comments"]
        parts.append(_regular(at, numbers, DAY_S, channel_id, label, BY_DAY))
    held = counts[counts["count"].notna() & (counts["step_s"] <= DAY_S)]
    for (series, step), own in held.groupby(["series_id", "step_s"], sort=False):
        channel_id = own["channel_id"].iloc[0]
        label = "" if pd.isna(channel_id) else labels.get(channel_id, channel_id)
        at = own["at_utc"].dt.tz_localize(None)
        step = max(int(step), SHORTEST_S)
        parts.append(_regular(at, own["count"], step, channel_id, label, series))
    if not parts:
        return pd.DataFrame(columns=list(SERIES_COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(SERIES_COLUMNS)]


def _regular(
    at: pd.Series, numbers: pd.Series, step_s: int, channel_id: str, label: str, what: str
) -> pd.DataFrame:
    """Return one series on a grid from its first to its last step."""
    step = pd.Timedelta(seconds=step_s)
    slots = ((at - at.min()) // step).to_numpy(dtype=int)
    values = numbers.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    values = pd.Series(np.where(values < 0, np.nan, values)).groupby(slots).sum(min_count=1)
    grid = pd.date_range(at.min(), periods=slots.max() + 1, freq=step)
    name = f"{label}: {what}" if label else what
    return pd.DataFrame(
        {
            "series": name,
            "channel_id": channel_id,
            "label": label or what,
            "what": what,
            "step_s": step_s,
            "at": grid,
            "count": values.reindex(range(len(grid))).to_numpy(),
        }
    )


def watch_all(
    series: pd.DataFrame,
    incidents: pd.DataFrame,
    *,
    alarms_per_month: float = ALARMS_PER_MONTH,
) -> pd.DataFrame:
    """Return the series with what `surges.watch` says of each step.

    Parameters
    ----------
    series
        As from `gather`.
    incidents
        As from `handbook.channels.load_incidents`.
    alarms_per_month
        As for `surges.watch`.

    Returns
    -------
    pandas.DataFrame
        The rows of `series` with `expected`, `ratio`, `score`, `alert`.
    """
    parts = []
    for _, own in series.groupby("series", sort=False):
        if own["count"].notna().any():
            watched = surges.watch(
                own.set_index("at")["count"],
                alarms_per_month=alarms_per_month,
                acknowledged=acknowledged(incidents, own["channel_id"].iloc[0]),
            )
            parts.append(own.join(watched, on="at"))
    columns = [*SERIES_COLUMNS, *surges.COLUMNS]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def acknowledged(incidents: pd.DataFrame, channel_id: str) -> list[tuple]:
    """Return a channel's acknowledged incidents as `surges.watch` takes them, in UTC."""
    own = incidents[(incidents["channel_id"] == channel_id).fillna(False)]
    starts, ends = (own[name].dt.tz_localize(None) for name in ("start", "end"))
    return list(zip(starts, ends, strict=True))


def overview(
    watched: pd.DataFrame,
    incidents: pd.DataFrame,
    *,
    alarms_per_month: float = ALARMS_PER_MONTH,
) -> pd.DataFrame:
    """Return the audit of the rule on each series: how often it would have alerted.

    Returns
    -------
    pandas.DataFrame
        A row for each series, in their order: `series`, `label`, `what`, `step` (in words),
        `first`, `last` (days), `weeks` (those with a score), `alerts`, `red`, `acknowledged`,
        `per_month` with `low` and `high` (95 %), `stated`, `enough`.
    """
    rows = []
    for name, own in watched.groupby("series", sort=False):
        frame = own.set_index("at")
        known = acknowledged(incidents, own["channel_id"].iloc[0])
        told = surges.sum_up(frame[list(surges.COLUMNS)], frame["count"], acknowledged=known)
        first = own.iloc[0]
        rows.append(
            {
                "series": name,
                "label": first["label"],
                "what": first["what"],
                "step": step_words(first["step_s"]),
                "first": own["at"].min().normalize(),
                "last": own["at"].max().normalize(),
                **{key: told[key] for key in ("weeks", "alerts", "red", "acknowledged")},
                **{key: told[key] for key in ("per_month", "low", "high")},
                "stated": alarms_per_month,
                "enough": told["weeks"] > 0,
            }
        )
    columns = ["series", "label", "what", "step", "first", "last", "weeks", "alerts", "red",
               "acknowledged", "per_month", "low", "high", "stated", "enough"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def step_words(step_s: int) -> str:
    """Return a step in words: `an hour`, `a day`, `20 minutes`."""
    minutes = step_s / 60
    return STEP_WORDS.get(int(step_s)) or (
        f"{minutes / 60:g} hours" if minutes >= 60 else f"{minutes:g} minutes"
    )


def alerts(watched: pd.DataFrame, as_of: date | None, *, weeks: int = RECENT_WEEKS) -> pd.DataFrame:
    """Return the alerts of the last weeks of the data, the newest first.

    Returns
    -------
    pandas.DataFrame
        A row for each episode: `series`, `label`, `what`, `start`, `last`, `when` (in words),
        `alert`, `score`, `ratio`, `count`, `expected` (of the day from the first alert on; of a
        longer episode, until a day after its last alert).
    """
    columns = ["series", "label", "what", "start", "last", "when", "alert", "score", "ratio",
               "count", "expected"]  # fmt: skip
    parts = []
    for name, own in watched.groupby("series", sort=False):
        frame = own.set_index("at")
        found = surges.episodes(frame[list(surges.COLUMNS)], frame["count"])
        first = own.iloc[0]
        found = found.assign(series=name, label=first["label"], what=first["what"])
        found["when"] = [_when(time, first["step_s"]) for time in found["start"]]
        parts.append(found)
    parts = [part for part in parts if len(part)]
    if not parts or as_of is None:
        return pd.DataFrame(columns=columns)
    found = pd.concat(parts, ignore_index=True)[columns]
    since = pd.Timestamp(as_of) + pd.Timedelta(days=1) - pd.Timedelta(weeks=weeks)
    found = found[found["start"] >= since]
    return found.sort_values(["start", "series"], ascending=[False, True]).reset_index(drop=True)


def _when(time: pd.Timestamp, step_s: int) -> str:
    return formats.day(time) + ("" if step_s == DAY_S else f", {time.hour} h UTC")


def describe_resolution(audited: pd.DataFrame, as_of: date | None) -> list[str]:
    """Return how fine and how old the counts are, and what that means."""
    if audited.empty or as_of is None:
        return [
            "The store has no comments or mentions by day or within the day, so nothing is watched."
        ]
    lines = []
    for step, own in audited.groupby("step", sort=False):
        unit = step.removeprefix("an ").removeprefix("a ")
        newest = formats.day(own["last"].max())
        lines.append(
            f"{formats.number_of(len(own), 'series', 'series').capitalize()} "
            f"{'counts' if len(own) == 1 else 'count'} by {unit}; "
            f"the newest count is of {newest}."
        )
    lines.append(
        f"The exports end on {formats.day(as_of)}: this looks back and cannot warn you now."
    )
    coarse = (audited["step"] == STEP_WORDS[DAY_S]).sum()
    if coarse:
        lines.append(
            "Counts by day show a surge on the day after at the earliest, because the day has to "
            "end first."
        )
    if short := list(audited.loc[~audited["enough"].astype(bool), "label"]):
        lines.append(f"Not enough data yet: {formats.names(short)}.")
    return lines


def describe_alerts(
    found: pd.DataFrame, audited: pd.DataFrame, *, weeks: int = RECENT_WEEKS
) -> list[str]:
    """Return what stood out, in sentences; the first one is the title of its figure."""
    judged = audited[audited["enough"].astype(bool)]
    if judged.empty:
        return ["No series is long enough to say what is unusual in it."]
    since = judged["last"].max() - pd.Timedelta(weeks=weeks)
    recent = judged[judged["last"] > since]
    within = ((recent["last"] - since).dt.days / 7).clip(upper=recent["weeks"])
    judged, span = len(recent), f"the last {weeks} weeks"
    of = "the one series" if judged == 1 else f"{judged} series"
    if found.empty:
        return [f"Nothing stood out in {of} in {span}."]
    red = found[found["alert"] == "red"]
    expected = within.sum() * audited["stated"].iloc[0] * 7 / surges.DAYS_PER_MONTH
    usual = formats.number_of(round(expected), "alert")
    usual = f"about {usual}" if expected >= 1 else "less than one alert"
    told = formats.number_of(len(found), "alert").capitalize()
    lines = [f"{told} in {of} in {span}, {len(red) or 'none'} of them red."]
    newest = found.iloc[0]
    lines.append(f"The newest: {newest['series']}, {newest['when']} ({newest['alert']}).")
    largest = found.loc[found["score"].astype(float).idxmax()]
    lines.append(
        f"The most surprising: {largest['series']}, {largest['when']}, "
        f"{formats.count(largest['count'])} where {formats.decimal(largest['expected'])} were "
        "expected."
    )
    lines.append(
        f"While nothing happens, {of} may give {usual} in that time: an alert alone is no uproar."
    )
    return lines


def pick(watched: pd.DataFrame) -> str | None:
    """Return the series to look at first: of the finest step, the one with the highest score."""
    scored = watched[watched["score"].notna()]
    if scored.empty:
        return None
    finest = scored[scored["step_s"] == scored["step_s"].min()]
    return finest.loc[finest["score"].astype(float).idxmax(), "series"]


def describe_audit(audited: pd.DataFrame) -> list[str]:
    """Return how often the rule would have alerted, in sentences; the first one is a title."""
    judged = audited[audited["enough"].astype(bool)]
    if judged.empty:
        return ["No series is long enough for an audit."]
    stated = judged["stated"].iloc[0]
    over = judged[judged["low"] > stated]
    few = judged[judged["high"] < stated]
    rate = f"{formats.decimal(stated, 0 if float(stated).is_integer() else 1)} a month"
    if len(judged) == 1:
        lines = [f"The rule alerted {'' if len(over) else 'not '}clearly more often than {rate}."]
    else:
        of = f"{len(over) or 'none'} of {len(judged)} series"
        lines = [f"On {of} the rule alerted clearly more often than {rate}."]
    most = judged.loc[judged["per_month"].idxmax()]
    lines.append(
        f"On the last {formats.count(most['weeks'])} weeks of {most['series']} it would have "
        f"alerted {_times(most['alerts'])}, {formats.decimal(most['per_month'])} a month: the most."
    )
    if len(few):
        names = formats.names(list(few["series"]), limit=2)
        lines.append(f"Clearly less often: {names}.")
    if known := int(judged["acknowledged"].sum()):
        lines.append(
            f"{formats.number_of(known, 'acknowledged alert').capitalize()} "
            f"{'is' if known == 1 else 'are'} not counted."
        )
    return lines


def _times(alerts: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(int(alerts), f"{formats.count(alerts)} times")


def describe_series(own: pd.DataFrame, name: str) -> str:
    """Return the title of one watched series."""
    told = own[own["alert"] != "none"]
    if own.empty or not own["score"].notna().any():
        return f"{name}: not enough data yet"
    if told.empty:
        return f"{name}: nothing stood out"
    frame = own.set_index("at")
    found = surges.episodes(frame[list(surges.COLUMNS)], frame["count"])
    red = int((found["alert"] == "red").sum())
    return f"{name}: {formats.number_of(len(found), 'alert')}, {red or 'none'} of them red"
