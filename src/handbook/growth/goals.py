"""The pursued number of members (Q-09) against the audience of each channel of a store."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from handbook import formats, metrics
from handbook.growth.forecasts import (
    LEVELS,
    Outlook,
    TooShortToForecast,
    chance_of,
    look_ahead,
    regular,
    rests_on_own_past,
    steps_until,
    tell,
)
from handbook.periods import Period

WEEKS_LEAST = 24
"""A history of fewer weeks is told by days, where its days are known."""

CHANCES = {"likely": 0.8, "open": 0.2, "unlikely": 0.0}
"""What a chance is called, from which one on: this handbook's choice."""

_SAID = {"likely": "likely to be reached", "open": "open", "unlikely": "unlikely to be reached"}

BASIS = {
    "own past": "its own past",
    "peers": "channels of the same platform",
    "default": "a wide default, as it and its peers have too short a past",
}
"""What intervals rest on, in words."""


def daily_totals(days: pd.DataFrame, channel_id: str) -> pd.Series:
    """Return a channel's followers on each day between its first and last known total.

    Between two totals the daily changes that the platform gives (net, or gained less lost, or
    gained alone) say how the way went, and what they leave over is spread evenly.
    Days with neither a total nor a change are left out.

    Returns
    -------
    pandas.Series
        Followers by day; empty where no total is known.

    Examples
    --------
    >>> days = pd.DataFrame({
    ...     "channel_id": "x:a", "date": pd.date_range("2026-03-02", periods=4),
    ...     "followers_total": pd.array([100, None, None, 110], "Int64"),
    ...     "followers_net": pd.array([None, 6, None, 1], "Int64"),
    ...     "followers_gained": pd.array([None] * 4, "Int64"),
    ...     "followers_lost": pd.array([None] * 4, "Int64"),
    ... })
    >>> daily_totals(days, "x:a").tolist()
    [100.0, 107.0, 110.0]
    """
    own = days[days["channel_id"] == channel_id].set_index("date")
    totals = own["followers_total"].dropna().astype(float)
    change = metrics.net_followers(own)
    change = change.fillna(own["followers_gained"]).astype("Float64")
    if totals.empty:
        return totals
    own = own[totals.index[0] : totals.index[-1]]
    change = change.reindex(own.index)
    gone = change.fillna(0).astype(float).cumsum()
    rest = totals - gone.reindex(totals.index)
    at = [index.astype("int64") for index in (own.index, totals.index)]
    values = gone + np.interp(*at, rest.to_numpy())
    return values[change.notna() | own["followers_total"].notna()].clip(lower=0)


def _choose_step(totals: pd.Series) -> int:
    """Return the days of a step: a week, or a day where there are few weeks and many days."""
    weeks = len(regular(totals))
    spacing = totals.index.to_series().diff().median()
    return 1 if weeks < WEEKS_LEAST and spacing == pd.Timedelta(days=1) else 7


class _Store:
    """The histories of a store, each made once, with the peers of each channel."""

    def __init__(self, channels: pd.DataFrame, days: pd.DataFrame) -> None:
        self.platforms = channels.set_index("channel_id")["platform"]
        self.days = dict(list(days.groupby("channel_id")))
        self.totals: dict[str, pd.Series] = {}
        self.made: dict[tuple[str, int], pd.Series] = {}

    def history(self, channel_id: str, step: int | None = None) -> pd.Series | None:
        """Return a channel's history, in its own step unless given; None without totals."""
        if channel_id not in self.days:
            return None
        if channel_id not in self.totals:
            self.totals[channel_id] = daily_totals(self.days[channel_id], channel_id)
        totals = self.totals[channel_id]
        if totals.empty:
            return None
        step = step or _choose_step(totals)
        if (channel_id, step) not in self.made:
            self.made[channel_id, step] = regular(totals, step)
        return self.made[channel_id, step]

    def peers(self, channel_id: str, history: pd.Series, by: pd.Timestamp) -> list[pd.Series]:
        """Return the histories of the platform's other channels, where a forecast needs them."""
        if rests_on_own_past(len(history), _steps_until(history, by)[0]):
            return []
        alike = self.platforms[self.platforms == self.platforms.get(channel_id)].index
        found = [
            self.history(other, history.index.freq.n) for other in alike if other != channel_id
        ]
        return [peer for peer in found if peer is not None]


def paces(channels: pd.DataFrame, days: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return how many followers a week each channel gains, from `metrics.audience`.

    Returns
    -------
    pandas.DataFrame
        `channel_id`, `label`, `followers_end`, `end_on`, `pace` (followers a week: the change
        over the days that it was counted on), `change_from` and `change_days` (what it was
        counted from), the fastest first; channels without a pace come last.
    """
    table = metrics.audience(channels, days, period)
    table["pace"] = table["change"] * 7 / table["change_days"].astype("Float64")
    table = table.sort_values(["pace", "label"], ascending=[False, True])
    columns = ["channel_id", "label", "followers_end", "end_on", "pace", "change_from",
               "change_days"]  # fmt: skip
    return table[columns].reset_index(drop=True)


def goals(channels: pd.DataFrame, days: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the chance of each pursued number of members, by its date (Q-09).

    Parameters
    ----------
    channels, days
        As `handbook.channels` loads them.
    period
        The days of the present pace.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with a goal, the least likely first:

        - `channel_id`, `label`, `target`, `by`;
        - `followers`, `on`: the newest total and its day;
        - `chance` (a fraction), `expected`, `low80`, `high80`, `low95`, `high95`: followers on
          the day of the goal;
        - `pace` (followers a week now), `needed` (a week, from the newest total on, to reach it);
        - `basis`: what the intervals rest on; `points` of the history and `interpolated` of them;
        - `verdict`: one of `CHANCES`; `too short`, `no totals`; `reached` or `missed` where the
          day has come; `no date`.
    """
    aims = channels[channels["members_target"].notna()]
    known = paces(channels, days, period).set_index("channel_id")["pace"]
    store = _Store(channels, days)
    rows = []
    for channel in aims.itertuples():
        row = {"channel_id": channel.channel_id, "label": channel.label}
        row |= {"target": channel.members_target, "by": channel.members_target_by}
        row["pace"] = known.get(channel.channel_id)
        rows.append(row | _aim(store, channel))
    columns = {
        "channel_id": "string",
        "label": "string",
        "target": "Int64",
        "by": "datetime64[us]",
        "followers": "Int64",
        "on": "datetime64[us]",
        "chance": "Float64",
        **dict.fromkeys(("expected", "low80", "high80", "low95", "high95"), "Float64"),
        "pace": "Float64",
        "needed": "Float64",
        "basis": "string",
        "points": "Int64",
        "interpolated": "Int64",
        "verdict": "string",
    }
    table = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    return table.sort_values(["chance", "label"]).reset_index(drop=True)


def _aim(store: _Store, channel) -> dict[str, object]:
    """Return what is known of one channel's goal."""
    history = store.history(channel.channel_id)
    if history is None:
        return {"verdict": "no totals"}
    last, on = history.iloc[-1], history.index[-1]
    row = {"followers": round(last), "on": on, "points": len(history)}
    row["interpolated"] = history.attrs["interpolated"]
    if formats.is_missing(channel.members_target_by):
        return row | {"verdict": "no date"}
    by, target = pd.Timestamp(channel.members_target_by), float(channel.members_target)
    if by <= on:
        told = history[history.index <= by]
        reached = len(told) > 0 and told.iloc[-1] >= target
        return row | {"verdict": "reached" if reached else "missed"}
    row["needed"] = max(target - last, 0) / ((by - on).days / 7)
    peers = store.peers(channel.channel_id, history, by)
    try:
        outlook, ahead = _ahead(history, by, peers)
    except TooShortToForecast:
        return row | {"verdict": "too short"}
    ends = {"mean": "expected", "lo80": "low80", "hi80": "high80", "lo95": "low95",
            "hi95": "high95"}  # fmt: skip
    row |= {ends[name]: value for name, value in ahead.iloc[-1].items()}
    chance = chance_of(outlook, target, _steps_until(history, by)[1])
    row |= {"chance": chance, "basis": ahead.attrs["basis"]}
    return row | {"verdict": next(name for name, least in CHANCES.items() if chance >= least)}


def _steps_until(history: pd.Series, by: pd.Timestamp) -> tuple[int, float]:
    return steps_until(history.index, by, history.index.freq)


def _ahead(
    history: pd.Series, by: pd.Timestamp, peers: list[pd.Series]
) -> tuple[Outlook, pd.DataFrame]:
    """Return the forecast up to a day, whose last row is that day."""
    steps, part = _steps_until(history, by)
    outlook = look_ahead(history, steps, peers)
    table = tell(outlook, history.index, history.index.freq, LEVELS)
    before = table.iloc[-2] if steps > 1 else history.iloc[-1]
    end = before + part * (table.iloc[-1] - before)
    found = pd.concat([table.iloc[:-1], end.to_frame(by).T])
    found.attrs["basis"] = table.attrs["basis"]
    return outlook, found


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return `goals`'s rows with whole followers, and with chances in words (`write_chance`)."""
    names = ["expected", "low80", "high80", "low95", "high95"]
    found = table.assign(**{name: table[name].round().astype("Int64") for name in names})
    return found.assign(chance=found["chance"].map(write_chance).astype("string"))


def course(
    channels: pd.DataFrame, days: pd.DataFrame, channel_id: str, by: date | str
) -> pd.DataFrame:
    """Return a channel's audience so far, and its forecast up to a day.

    Returns
    -------
    pandas.DataFrame
        By date: `value` (followers so far), `mean`, `lo80`, `hi80`, `lo95`, `hi95` (from the
        newest total on, where all are the same). `attrs["basis"]` as in `forecast`; `too short`
        and no forecast where that is the answer. Empty where no totals are known.
    """
    return _course(_Store(channels, days), channel_id, pd.Timestamp(by))


def courses(
    channels: pd.DataFrame, days: pd.DataFrame, goals: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the `course` of each row of `goals` up to the day of its goal, by channel."""
    store = _Store(channels, days)
    return {row.channel_id: _course(store, row.channel_id, row.by) for row in goals.itertuples()}


def _course(store: _Store, channel_id: str, by: pd.Timestamp) -> pd.DataFrame:
    columns = ["value", "mean", "lo80", "hi80", "lo95", "hi95"]
    history = store.history(channel_id)
    if history is None:
        return pd.DataFrame(columns=columns, dtype=float)
    table = history.to_frame("value").reindex(columns=columns)
    table.attrs["basis"] = "too short"
    try:
        _, ahead = _ahead(history, by, store.peers(channel_id, history, by))
    except TooShortToForecast:
        return table
    table.loc[history.index[-1], columns[1:]] = history.iloc[-1]
    found = pd.concat([table, ahead.reindex(columns=columns)])
    found.attrs["basis"] = ahead.attrs["basis"]
    return found


def describe_paces(table: pd.DataFrame, period: Period) -> list[str]:
    """Return what `paces` found, in sentences; the first one is the title of its figure."""
    known = table[table["pace"].notna()]
    if known.empty:
        return [f"No channel gives two follower numbers for {period}."
                if period.days else metrics.NO_DAYS]  # fmt: skip
    lines = _describe_ends(known)
    gained = known[known["change_from"] == "gained per day"]
    if len(gained):
        names = formats.names(list(gained["label"]))
        lines.append(f"Losses are not given, so that the pace is too high: {names}.")
    part = known[known["change_days"] <= period.days - 7]
    if len(part):
        names = formats.names(list(part["label"]))
        lines.append(f"Known on a part of the {period.days} days only: {names}.")
    unknown = table[table["pace"].isna()]
    if len(unknown):
        lines.append(f"No pace is known: {formats.names(list(unknown['label']))}.")
    return lines


def _describe_ends(known: pd.DataFrame) -> list[str]:
    """Return which channel is the fastest, and which the slowest."""
    best, least = known.iloc[0], known.iloc[-1]
    if len(known) == 1:
        return [f"{best['label']}: {_a_week(best['pace'])}."]
    if best["pace"] == least["pace"]:
        return [f"{formats.number_of(len(known), 'channel')}: {_a_week(best['pace'])} each."]
    lines = [f"{best['label']} gains the most: {_a_week(best['pace'])}."]
    if best["pace"] <= 0:
        lines = ["No channel gains followers."]
    does = "gains the least" if least["pace"] >= 0 else "loses the most"
    return [*lines, f"{least['label']} {does}: {_a_week(least['pace'])}."]


def write_pace(pace: float) -> str:
    """Write a pace with its sign, and with a decimal place where it is small.

    Examples
    --------
    >>> write_pace(144.3), write_pace(-0.3)
    ('+144', '−0.3')
    """
    return formats.decimal(pace, 0 if abs(pace) >= 10 or pace == 0 else 1, signed=True)


def _a_week(pace: float) -> str:
    return f"{write_pace(pace)} followers a week"


def write_chance(chance: float) -> str:
    """Write a chance for readers: whole percent, and no certainty at the ends.

    Examples
    --------
    >>> write_chance(0.0004), write_chance(0.34)
    ('under 1%', '34%')
    """
    if formats.is_missing(chance):
        return formats.MISSING
    if chance < 0.01:
        return "under 1%"
    return "over 99%" if chance > 0.99 else formats.percent(chance, 0)


def describe_goals(table: pd.DataFrame) -> list[str]:
    """Return what `goals` found, in sentences; the first one is the title of its figure."""
    if table.empty:
        return ["No plan pursues a number of members."]
    told = table[table["chance"].notna()]
    if told.empty:
        many = formats.number_of(len(table), "channel")
        lines = [f"No goal of {many} can be forecast."]
    else:
        lines = [_count_verdicts(told["verdict"])]
    lines += [_describe_goal(row) for row in told.itertuples()]
    for verdict, words in (
        ("too short", "Too short to forecast"),
        ("no totals", "No follower totals, so no forecast"),
        ("no date", "A number without a date"),
        ("reached", "The day has come, and the number was reached"),
        ("missed", "The day has come, and the number was not reached"),
    ):
        names = list(table.loc[table["verdict"] == verdict, "label"])
        if names:
            lines.append(f"{words}: {formats.names(names)}.")
    return lines


def _count_verdicts(verdicts: pd.Series) -> str:
    """Return how many goals are likely, open and unlikely."""
    found = verdicts.value_counts()
    if len(verdicts) == 1:
        return f"The one goal is {_SAID[verdicts.iloc[0]]}."
    likely, many = found.get("likely", 0), formats.number_of(len(verdicts), "goal")
    begin = f"{likely or 'None'} of {many} {'are' if likely > 1 else 'is'} {_SAID['likely']}"
    others = [
        f"{found[name]} {'is' if found[name] == 1 else 'are'} {name}"
        for name in ("open", "unlikely")
        if name in found
    ]
    return ", ".join([begin, *others]) + "."


def describe_ways(table: pd.DataFrame) -> str:
    """Return where the goals of `goals` lie to the 80 % intervals of their days."""
    told = table[table["chance"].notna()]
    above = int((told["target"] > told["high80"]).sum())
    below = int((told["target"] < told["low80"]).sum())
    within = len(told) - above - below
    if len(told) == 1:
        where = "within" if within else "above" if above else "below"
        return f"{told['label'].iloc[0]}: the goal lies {where} the 80% interval."
    parts = [f"{within or 'None'} of {formats.number_of(len(told), 'goal')} "
             f"{'lie' if within > 1 else 'lies'} within the 80% interval"]  # fmt: skip
    parts += [f"{number} {where} it" for number, where in ((above, "above"), (below, "below"))
              if number]  # fmt: skip
    return ", ".join(parts) + "."


def _describe_goal(row) -> str:
    """Return one goal in a sentence or two."""
    goal = f"{row.label}: {formats.count(row.target)} by {formats.day(row.by)}"
    if row.needed == 0:
        pace = "It has that many now."
    else:
        now = (
            "" if formats.is_missing(row.pace) else f"; the present pace is {write_pace(row.pace)}"
        )
        pace = f"It takes {_a_week(row.needed)}{now}."
    return f"{goal} has a chance of {write_chance(row.chance)}. {pace}"


def describe_course(table: pd.DataFrame, label: str) -> str:
    """Return what `course` shows, in one sentence: the title of its figure."""
    if table.empty:
        return f"{label} gives no follower totals."
    if table.attrs["basis"] == "too short":
        points = formats.number_of(int(table["value"].notna().sum()), "point")
        return f"{label}: too short to forecast so far ahead ({points} known)."
    end, day = table.iloc[-1], formats.day(table.index[-1])
    between = f"{formats.count(end['lo80'])} to {formats.count(end['hi80'])}"
    return f"{label}: {between} followers by {day} in four of five cases."
