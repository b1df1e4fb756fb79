"""Unusual surges in counts within the day or by day: comments, mentions, replies.

A surge is what stands out from the channel's own past.
The threshold is learnt from the surprises of the channel's own days, so that a bursty channel
alerts as seldom as a quiet one.
Nothing here looks ahead: what is said of a moment rests on that moment and on those before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from handbook.errors import HandbookError

DAYS_PER_MONTH = 365.25 / 12
"""A month of the stated rate."""

LOOK_BACK_DAYS = 28
"""How many days make what is usual: four whole weeks."""

LEVEL_DAYS = 7
"""How many of them make the present level: one whole week."""

REFERENCE_MINIMUM = 5
"""With fewer days of known surprise there is no score: not enough data yet."""

SUDDEN_HOURS = 1 / 6
"""A sudden surge is looked for in the last ten minutes, or in one step if that is longer."""

LASTING_HOURS = 6
"""A lasting surge is looked for in the last six hours."""

SUDDEN_SHARE = 0.25
"""The share of the stated rate that is spent on sudden surges; the rest is for lasting ones."""

PRIOR_HOURS = 2
"""A count is judged together with twice its time at the present level: few counts say little."""

RATIO_HOURS = 3
"""The hours that `ratio` compares, or one step if that is longer."""

COUNT_MINIMUM = 3
"""Fewer than this in 6 hours, or in a longer step, is never an alert."""

LARGEST_SHARE = 0.25
"""The share of the past days whose surprises make the tail."""

FORGIVEN_DAYS = 28
"""In each so many days one may have been a surge: how large it was does not count."""

PRIOR_DAYS = 2
"""Pseudo-observations of the tail, from the spread of the hours."""

PRIOR_SCALE = 0.25
"""Their size, in distances of the ninth decile of the hours from the median."""

PRIOR_LEAST = 0.01
"""Their least size, in log ratio: a past without noise has a tail too."""

LEVELS = (0.25, 0.5, 0.75, 1, 2)
"""Scores that are news when they are reached for the first time within a day."""

RED = 2
"""The score from which an alert is red: a tenth of the stated rate."""

QUIET = pd.Timedelta(hours=24)
"""Alerts that follow each other within this time are one episode."""

STEPS = (pd.Timedelta(minutes=5), pd.Timedelta(days=1))
"""The shortest and the longest step."""

COLUMNS = ("expected", "ratio", "score", "alert")
"""What `watch` returns."""


def watch(
    counts: pd.Series,
    *,
    alarms_per_month: float = 1.0,
    acknowledged: Iterable[tuple[object, object]] = (),
    look_back: int = LOOK_BACK_DAYS,
) -> pd.DataFrame:
    """Return how surprising each count is, and which to look at.

    Parameters
    ----------
    counts
        Numbers from 0 up on a regular DatetimeIndex, each at the start of its step; any step
        from 5 minutes to a day. A missing value is unknown, not 0.
        The hours and weekdays of the index are taken as the audience's.
    alarms_per_month
        How many alerts a month you are ready to look at when nothing happens; above 0, at most 10.
    acknowledged
        Pairs of first and last moment of incidents that are known: they are still told of, but
        do not count as usual.
    look_back
        Days that make what is usual, 7 to 365.

    Returns
    -------
    pandas.DataFrame
        On the same index:

        - `expected`: the usual count of this step; missing without a day of data a day before.
        - `ratio`: counts of the last 3 hours (or of one step) over what was expected of them.
        - `score`: 1 is as rare as the stated rate, 2 ten times as rare, 3 a hundred times.
          A step scores when it reaches a level that the 24 hours before did not reach, else 0: a
          surge that goes on is no second alert. Missing while there is not enough data.
        - `alert`: `red` from a score of 2, `amber` from 1, else `none`.

    Raises
    ------
    HandbookError
        Where the counts have no regular DatetimeIndex, are negative or all missing, or an option
        is out of range.

    Notes
    -----
    The usual count is the level of 7 days times the shape of the day (an hour more and less) and
    of the weekend, over `look_back` days that end a day before, with bursts cut down (above twice
    the ninth decile). Hours without much data are drawn to the mean.
    The surprise of a count is log((count + 2 level + 1) / (expected + 2 level + 1)), a ratio
    with a gamma prior of twice its time at the level of the last 24 hours. It is taken of the last
    ten minutes (sudden), and of the last six hours as the sum of hourly surprises over √n
    (lasting), so that one spike is not taken for a surge that lasts. Each has a threshold of its
    own; a quarter of the stated rate is for the sudden ones.
    The largest surprises of each of the past days are exchangeable with those of today while
    nothing happens: the next one exceeds the (k+1)th largest of N with probability
    (k+1) / (N+1). Beyond it the tail is exponential with unknown scale, whose predictive
    distribution is exact (Lomax), also where the largest values are censored. One day in four
    weeks is, so that one event does not hide the next.
    While fewer days are known than `look_back`, the rate is lowered by the root of their share.
    How well it keeps its rate is measured: see the page on how good the statistics are.

    Examples
    --------
    >>> hours = pd.date_range("2026-01-05", periods=24 * 60, freq="h")
    >>> counts = pd.Series([4, 6, 5, 3, 7] * 288, index=hours)
    >>> counts.iloc[1000:1010] = 60
    >>> watched = watch(counts)
    >>> watched["alert"].iloc[[999, 1000]].to_list()
    ['none', 'red']
    """
    _check_options(alarms_per_month, look_back)
    values = _check_counts(counts)
    if len(values) < 2:
        return _not_enough(counts.index)
    grid = _Grid.of(counts.index)
    known = ~np.isnan(values)
    usual = known & ~_within(counts.index, acknowledged)
    expected = _expected(values, usual, grid, look_back)
    chance = _chance(values, usual, expected, grid, look_back)

    rate = alarms_per_month / DAYS_PER_MONTH
    with np.errstate(divide="ignore", invalid="ignore"):
        rare = 1 + np.log10(rate / chance)
        level = np.where(chance > rate, np.log(chance) / np.log(rate), rare)
    judged = known & np.isfinite(expected)
    seen, due = np.where(judged, values, 0.0), np.where(judged, expected, 0.0)
    few = _rolling(seen, grid.rows(LASTING_HOURS)) < COUNT_MINIMUM
    score = _news(np.where(few, np.minimum(level, LEVELS[2]), level), grid)
    rows = grid.rows(RATIO_HOURS)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = _rolling(seen, rows) / _rolling(due, rows)
    return pd.DataFrame(
        {
            "expected": expected,
            "ratio": np.where(judged, ratio, np.nan),
            "score": score,
            "alert": np.select([score >= RED, score >= 1], ["red", "amber"], "none"),
        },
        index=counts.index,
    )


def episodes(watched: pd.DataFrame, counts: pd.Series) -> pd.DataFrame:
    """Return the alerts of a watched series, those within 24 hours of each other as one.

    Parameters
    ----------
    watched
        As from `watch`.
    counts
        The counts that were watched.

    Returns
    -------
    pandas.DataFrame
        A row for each episode: `start` and `last` (its first and last alert), `alert` (the worst),
        `score` and `ratio` (the largest, from the first alert to 24 hours after the last),
        `count` and `expected` (the sums of those hours; the day's on daily counts).
    """
    alerts = watched[watched["alert"] != "none"]
    new = alerts.index.to_series().diff().gt(QUIET).cumsum()
    rows = []
    for _, own in alerts.groupby(new.to_numpy()):
        start, last = own.index[0], own.index[-1]
        span = (watched.index >= start) & (watched.index < last + QUIET)
        both = span & counts.notna().to_numpy() & watched["expected"].notna().to_numpy()
        rows.append(
            {
                "start": start,
                "last": last,
                "alert": "red" if (own["alert"] == "red").any() else "amber",
                "score": own["score"].max(),
                "ratio": watched.loc[both, "ratio"].max(),
                "count": float(counts[both].sum()),
                "expected": float(watched.loc[both, "expected"].sum()),
            }
        )
    columns = ["start", "last", "alert", "score", "ratio", "count", "expected"]
    return pd.DataFrame(rows, columns=columns)


def replay(
    counts: pd.Series,
    *,
    weeks: int | None = None,
    alarms_per_month: float = 1.0,
    acknowledged: Iterable[tuple[object, object]] = (),
    look_back: int = LOOK_BACK_DAYS,
) -> pd.DataFrame:
    """Return how often the rule would have alerted on these counts: the audit of its rate.

    Nobody knows which alerts were right, so the audit counts all: real surges too.

    Parameters
    ----------
    counts, alarms_per_month, acknowledged, look_back
        As for `watch`.
    weeks
        Only the last so many weeks; None for all.

    Returns
    -------
    pandas.DataFrame
        One row: `start` and `end` of the watched time, `weeks` (those with a score), `alerts`
        (episodes, as `episodes` merges them; those with an alert in an acknowledged incident are
        not counted but told as `acknowledged`), `red` of them, `per_month` with `low` and
        `high` (exact Poisson interval of 95 %), and `stated`. Without a score: 0 weeks, the rest
        missing.
    """
    acknowledged = list(acknowledged)
    watched = watch(
        counts,
        alarms_per_month=alarms_per_month,
        acknowledged=acknowledged,
        look_back=look_back,
    )
    return pd.DataFrame(
        [sum_up(watched, counts, weeks, acknowledged) | {"stated": alarms_per_month}]
    )


def sum_up(
    watched: pd.DataFrame,
    counts: pd.Series,
    weeks: int | None = None,
    acknowledged: Iterable[tuple[object, object]] = (),
) -> dict[str, object]:
    """Return what `replay` tells, of counts that are watched already."""
    scored = watched.index[watched["score"].notna()]
    if weeks is not None and len(scored):
        scored = scored[scored > watched.index[-1] - pd.Timedelta(weeks=weeks)]
    if scored.empty:
        row = {"start": pd.NaT, "end": pd.NaT, "weeks": 0.0, "alerts": 0, "acknowledged": 0}
        row |= {"red": 0, "per_month": np.nan, "low": np.nan, "high": np.nan}
        return row
    found = episodes(watched, counts)
    found = found[found["start"] >= scored[0]]
    inside = watched.index[_within(watched.index, acknowledged) & (watched["score"] >= 1)]
    known = [((inside >= row.start) & (inside <= row.last)).any() for row in found.itertuples()]
    told = found[~np.array(known, dtype=bool)]
    step = watched.index[1] - watched.index[0]
    months = len(scored) * step / pd.Timedelta(days=DAYS_PER_MONTH)
    alerts = len(told)
    low = stats.chi2.ppf(0.025, 2 * alerts) / 2 if alerts else 0.0
    return {
        "start": scored[0],
        "end": scored[-1],
        "weeks": len(scored) * step / pd.Timedelta(weeks=1),
        "alerts": alerts,
        "acknowledged": len(found) - alerts,
        "red": int((told["alert"] == "red").sum()),
        "per_month": alerts / months,
        "low": low / months,
        "high": stats.chi2.ppf(0.975, 2 * alerts + 2) / 2 / months,
    }


@dataclass(frozen=True)
class _Grid:
    """The steps of a series, and its bins: hours, or steps if those are longer."""

    step_s: float
    bin_s: float
    bin_of: np.ndarray
    weekend: np.ndarray

    @classmethod
    def of(cls, index: pd.DatetimeIndex) -> _Grid:
        step = _step(index).total_seconds()
        width = max(step, 3600.0)
        bins = (np.arange(len(index)) * step // width).astype(int)
        first = np.searchsorted(bins, np.arange(bins[-1] + 1))
        return cls(step, width, bins, np.asarray(index.day_of_week)[first] >= 5)

    @property
    def bins(self) -> int:
        return len(self.weekend)

    @property
    def bins_per_day(self) -> int:
        return max(1, round(86400 / self.bin_s))

    def rows(self, hours: float) -> int:
        """Return how many rows make these hours; at least one."""
        return max(1, round(hours * 3600 / self.step_s))

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of rows by bin."""
        return np.bincount(self.bin_of, values, self.bins)

    def back(self, values: np.ndarray, days: int) -> np.ndarray:
        """Return, for each bin, the sum of the bins of so many days that end a day before."""
        total = np.concatenate([[0.0], np.cumsum(values)])
        end = np.clip(np.arange(self.bins) - self.bins_per_day + 1, 0, None)
        return total[end] - total[np.clip(end - days * self.bins_per_day, 0, None)]

    def same_hour(self, values: np.ndarray, days: int) -> np.ndarray:
        """Return, for each bin, the sum of its hour and its neighbours on the days before."""
        per_day = self.bins_per_day
        table = np.zeros(-(-self.bins // per_day) * per_day)
        table[: self.bins] = np.convolve(values, np.ones(3), "full")[1 : self.bins + 1]
        table = table.reshape(-1, per_day)
        total = np.vstack([np.zeros(per_day), np.cumsum(table, axis=0)])
        day = np.arange(len(table))
        return (total[day] - total[np.maximum(day - days, 0)]).ravel()[: self.bins]


def _expected(values: np.ndarray, usual: np.ndarray, grid: _Grid, days: int) -> np.ndarray:
    """Return the usual count of each row, from bins that ended before its own began."""
    per_day = grid.bins_per_day
    counted = grid.sum(np.where(usual, values, 0.0))
    known = grid.sum(usual) * grid.step_s / grid.bin_s
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = pd.Series(np.where(known > 0, counted / known, np.nan))
        cap = 2 * rates.rolling(days * per_day, min_periods=per_day).quantile(0.9).shift(1) + 2
        counted = np.fmin(counted, cap.to_numpy() * known)

        recent = grid.back(known, min(days, LEVEL_DAYS))
        level = (grid.back(counted, min(days, LEVEL_DAYS)) + 0.5) / recent
        level[recent < 0.9 * per_day] = np.nan
        mean = (grid.back(counted, days) + 0.5) / grid.back(known, days)

        kinds = [np.where(kind, 1.0, 0.0) for kind in (grid.weekend, ~grid.weekend)]
        same = [
            sum(kind * grid.back(part * kind, days) for kind in kinds) for part in (counted, known)
        ]
        shape = _drawn(*same, mean, 2 * per_day)
        if per_day >= 4:
            own = [grid.same_hour(part, days) for part in (counted, known)]
            shape = shape * _drawn(*own, mean, per_day / 4)
    return (level * shape)[grid.bin_of] * grid.step_s / grid.bin_s


def _drawn(counted: np.ndarray, known: np.ndarray, mean: np.ndarray, prior: float) -> np.ndarray:
    """Return a rate over the mean, drawn to 1 as if `prior` bins of the mean had been seen."""
    return (counted + mean * prior + 1) / (mean * (known + prior) + 1)


def _chance(
    values: np.ndarray, usual: np.ndarray, expected: np.ndarray, grid: _Grid, days: int
) -> np.ndarray:
    """Return the probability that a usual day is as surprising as each row is."""
    acknowledged = (~usual & ~np.isnan(values)).astype(float)
    settled = _rolling(acknowledged, grid.rows(LASTING_HOURS)) == 0
    sudden, lasting = _surprises(values, expected, grid)
    chance = _exceeded(sudden, settled, grid, days)
    if lasting is None:
        return chance
    both = [chance / SUDDEN_SHARE, _exceeded(lasting, settled, grid, days) / (1 - SUDDEN_SHARE)]
    return np.minimum(np.fmin(*both), 1)


def _surprises(
    values: np.ndarray, expected: np.ndarray, grid: _Grid
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return how surprising the last minutes are, and the last hours; None for long steps."""
    judged = ~np.isnan(values) & np.isfinite(expected)
    hour, day = grid.rows(1), grid.rows(24)
    usual = np.where(np.isfinite(expected), expected, 0.0)
    level = _rolling(usual, day) / np.maximum(_rolling(np.isfinite(expected).astype(float), day), 1)
    counted, due = np.where(judged, values, 0.0), np.where(judged, expected, 0.0)
    judged &= _rolling(judged.astype(float), hour) >= hour / 2

    def surprise(rows: int) -> np.ndarray:
        prior = PRIOR_HOURS * level * rows + 1
        ratio = (_rolling(counted, rows) + prior) / (_rolling(due, rows) + prior)
        return np.where(judged, np.log(ratio), np.nan)

    sudden = surprise(grid.rows(SUDDEN_HOURS))
    n = grid.rows(LASTING_HOURS) // hour
    if n < 2:
        return sudden, None
    hourly = np.concatenate([np.full((n - 1) * hour, np.nan), surprise(hour)])
    past = [hourly[i * hour : i * hour + len(values)] for i in range(n)]
    told = np.isfinite(past).sum(axis=0)
    lasting = np.nansum(past, axis=0) / np.sqrt(np.maximum(told, 1))
    return sudden, np.where(judged & (told >= n / 2), lasting, np.nan)


def _exceeded(surprise: np.ndarray, settled: np.ndarray, grid: _Grid, days: int) -> np.ndarray:
    """Return the probability that the largest surprise of a usual day exceeds each row's."""
    per_day = grid.bins_per_day
    highest = np.full(grid.bins, -np.inf)
    np.maximum.at(
        highest, grid.bin_of, np.where(settled & np.isfinite(surprise), surprise, -np.inf)
    )
    highest = pd.Series(highest).replace(-np.inf, np.nan)
    daily = highest.rolling(per_day, min_periods=(per_day + 1) // 2).max().to_numpy()
    past = np.full((grid.bins, days), -np.inf)
    for back in range(1, days + 1):
        if back * per_day < grid.bins:
            past[back * per_day :, back - 1] = np.nan_to_num(daily[: -back * per_day], nan=-np.inf)
    past = -np.sort(-past, axis=1)
    n = np.isfinite(past).sum(axis=1)
    enough = n >= REFERENCE_MINIMUM
    past[~enough] = 0
    k = np.maximum(np.round(n * LARGEST_SHARE), 2).astype(int)
    forgiven = np.minimum(np.ceil(n / FORGIVEN_DAYS), k - 1).astype(int)
    bound, most = (np.take_along_axis(past, at[:, None], axis=1) for at in (k, forgiven))
    over = np.where(np.arange(days) < k[:, None], np.minimum(past, most) - bound, 0.0).sum(axis=1)
    hours = highest.shift(per_day).rolling(days * per_day, min_periods=per_day)
    spread = (hours.quantile(0.9) - hours.quantile(0.5)).fillna(0).to_numpy()
    scale = over + PRIOR_DAYS * np.maximum(PRIOR_SCALE * spread, PRIOR_LEAST)
    shape = k - forgiven + PRIOR_DAYS

    row = grid.bin_of
    above = surprise - bound[row, 0]
    rank = (past[row] >= surprise[:, None]).sum(axis=1)
    tail = (k + 1)[row] * (1 + np.maximum(above, 0) / scale[row]) ** -shape[row].astype(float)
    chance = np.where(above > 0, tail, rank + 1) / (n + 1)[row]
    chance = chance * np.sqrt(days / np.maximum(n, 1))[row]
    return np.where(enough[row] & np.isfinite(surprise), np.minimum(chance, 1), np.nan)


def _news(score: np.ndarray, grid: _Grid) -> np.ndarray:
    """Return the scores that reach a level for the first time within 24 hours, 0 for the others."""
    level = np.searchsorted(LEVELS, np.nan_to_num(score, nan=-1.0), side="right")
    before = pd.Series(level).rolling(grid.rows(24), min_periods=1).max().shift(1, fill_value=0)
    return np.where(np.isnan(score) | (level > before), score, 0.0)


def _rolling(values: np.ndarray, rows: int) -> np.ndarray:
    """Return the sum of the last so many rows, fewer at the start."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    end = np.arange(1, len(values) + 1)
    return total[end] - total[np.maximum(end - rows, 0)]


def _within(index: pd.DatetimeIndex, intervals: Iterable[tuple[object, object]]) -> np.ndarray:
    """Return which moments lie in one of the intervals, both ends included."""
    inside = np.zeros(len(index), dtype=bool)
    for first, last in intervals:
        start, end = pd.Timestamp(first), pd.Timestamp(last)
        if (start.tz is None) != (index.tz is None) or (end.tz is None) != (index.tz is None):
            kind = "without" if index.tz is None else "with"
            raise HandbookError(
                f"acknowledged: {first} – {last} and the counts must both have a time zone or "
                f"both have none; the counts are {kind} one."
            )
        if end < start:
            raise HandbookError(f"acknowledged: {first} – {last} ends before it starts.")
        inside |= np.asarray((index >= start) & (index <= end))
    return inside


def _not_enough(index: pd.DatetimeIndex) -> pd.DataFrame:
    """Return what is said of counts that say nothing yet."""
    frame = pd.DataFrame(np.nan, index=index, columns=list(COLUMNS))
    return frame.assign(alert=pd.Series("none", index=index, dtype=object))


def _check_options(alarms_per_month: float, look_back: int) -> None:
    if not 0 < alarms_per_month <= 10:
        raise HandbookError(
            f"alarms_per_month: expected more than 0 and at most 10, found {alarms_per_month}."
        )
    if not 7 <= look_back <= 365:
        raise HandbookError(f"look_back: expected 7 to 365 days, found {look_back}.")


def _check_counts(counts: pd.Series) -> np.ndarray:
    """Return the counts as numbers, missing ones as NaN."""
    if not isinstance(counts, pd.Series) or not isinstance(counts.index, pd.DatetimeIndex):
        raise HandbookError("counts: expected a Series on a DatetimeIndex, one row a step.")
    try:
        values = counts.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise HandbookError(f"counts: expected numbers, found {counts.dtype}.") from error
    wrong = (values < 0) | np.isinf(values)
    if wrong.any():
        where = int(np.flatnonzero(wrong)[0])
        raise HandbookError(
            f"counts: expected numbers from 0 up, found {values[where]:g} at "
            f"{counts.index[where]}. Counts that a platform corrected below 0 are missing: "
            "set them to NaN."
        )
    if len(values) >= 2:
        if np.isnan(values).all():
            raise HandbookError("counts: every value is missing, so there is nothing to watch.")
        _step(counts.index)
    return values


def _step(index: pd.DatetimeIndex) -> pd.Timedelta:
    """Return the step of an index; by the clock on the wall where days are 23 or 25 hours long."""
    if index.hasnans:
        raise HandbookError("counts: the index has a row without a time. Drop it.")
    steps = index[1:] - index[:-1]
    if steps.nunique() > 1 and index.tz is not None:
        wall = index.tz_localize(None)
        steps = wall[1:] - wall[:-1]
    if steps.nunique() > 1:
        usual = pd.Series(steps).mode()[0]
        where = int(np.flatnonzero(steps != usual)[0]) + 1
        raise HandbookError(
            f"counts: expected a regular index, a row each {usual}; found {index[where]} after "
            f"{index[where - 1]}. Missing steps are rows with NaN: "
            "counts.sort_index().asfreq(step) adds them."
        )
    if not STEPS[0] <= steps[0] <= STEPS[1]:
        raise HandbookError(
            f"counts: expected a step from 5 minutes to a day, found {steps[0]}. "
            "Sum finer counts: counts.resample('5min').sum(min_count=1)."
        )
    return steps[0]
