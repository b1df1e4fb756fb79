"""Growth and goals: forecasts of an audience with intervals, and the chance of a goal.

**Forecast.** Short histories (under `LONG` points) go on with the mean of their drift and of
Holt's linear trend; longer ones with the mean of a damped trend and of an autoregression of the
changes, seasonal where three seasons are known.

**Intervals** are made of errors that were really made (split conformal prediction: Lei et al.
2018, doi:10.1080/01621459.2017.1307116), never of a model's own opinion of itself:

- `own past`: the errors of forecasts from the history's own past days, at least `ORIGINS` of them;
- `peers`: errors of the same forecast on peer channels, each divided by the channel's own usual
  change (its root mean square), at least `ORIGINS` of them;
- `default`: a stated, wide default where there are neither.

The ends of intervals are never below 0, as no audience is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from handbook import formats
from handbook.errors import HandbookError

SHORTEST = 10
"""A history with fewer points is too short to forecast: this handbook's choice."""

FURTHEST = 2
"""A forecast reaches at most so many times the length of its history."""

LONG = 60
"""From so many points on a history has a model of its own."""

ORIGINS = 20
"""Errors that an interval rests on at least."""

NEWEST = 1000
"""Only so many of the newest points count: a forecast of a long history stays quick."""

LEVELS = (80, 95)
"""Percent of the true values that intervals are to hold."""

RECENT = 100
"""Only errors of forecasts from so many of the newest points of a history count."""

SEASONS = {1: 7, 7: 52, 28: 13, 30: 12, 31: 12}
"""Steps of a season by the days of a step: a week of days, a year of weeks or of months."""

SEASONS_KNOWN = 3
"""Seasons that a history has at least before they are forecast."""

LAGS = 8
"""Changes before that the autoregression looks back to at most, beside those of a season ago."""

TAIL = 2.0
"""Index of the Pareto tail beyond the largest error that was seen."""


class TooShortToForecast(HandbookError):
    """The history says too little for a forecast so far ahead; the text says what would do."""


@dataclass(frozen=True)
class Outlook:
    """Means and errors of a forecast, from which intervals and probabilities are read.

    Parameters
    ----------
    last
        The newest value.
    mean
        The expected values of the steps ahead.
    errors
        For each step errors (true less expected), in followers, from the smallest on.
    shares
        For each step the share of errors that are expected to be no larger than each.
    basis
        What the errors are of: `own past`, `peers` or `default`.
    """

    last: float
    mean: np.ndarray
    errors: list[np.ndarray]
    shares: list[np.ndarray]
    basis: str

    def quantile(self, step: int, share: float) -> float:
        """Return the value that a step stays under with probability `share`."""
        errors, shares = self.errors[step], self.shares[step]
        middle = np.interp(0.5, shares, errors)
        error = np.interp(share, shares, errors)
        if share < shares[0]:
            error = middle + (errors[0] - middle) * (shares[0] / share) ** (1 / TAIL)
        elif share > shares[-1]:
            error = middle + (errors[-1] - middle) * ((1 - shares[-1]) / (1 - share)) ** (1 / TAIL)
        return float(self.mean[step] + error)

    def reaches(self, step: int, target: float) -> float:
        """Return the probability that the value of a step is at least `target`."""
        errors, shares = self.errors[step], self.shares[step]
        needed = target - self.mean[step]
        middle = np.interp(0.5, shares, errors)
        under = int(np.searchsorted(errors, needed))
        if under == len(errors):
            beyond = (errors[-1] - middle) / (needed - middle)
            return float((1 - shares[-1]) * beyond**TAIL)
        if under == 0:
            beyond = (errors[0] - middle) / (needed - middle) if needed < errors[0] else 1.0
            return float(1 - shares[0] * beyond**TAIL)
        part = (needed - errors[under - 1]) / (errors[under] - errors[under - 1])
        if needed == errors[under]:
            part = 0.0
        return float(1 - shares[under - 1] - part * (shares[under] - shares[under - 1]))


def forecast(
    history: pd.Series,
    horizon: int,
    levels: Sequence[float] = LEVELS,
    peers: Sequence[pd.Series] | None = None,
) -> pd.DataFrame:
    """Return expected values of the next steps, with prediction intervals.

    Parameters
    ----------
    history
        Non-negative numbers, such as followers, on a regular index of days, weeks or months,
        without missing values; `regular` makes such a history of totals with gaps.
    horizon
        Steps ahead, at most `FURTHEST` times the length of the history.
    levels
        Percent of the true values that each interval is to hold, step by step.
    peers
        Histories of channels that grow in like ways, in the same step, such as those of the same
        platform. They are used where the history alone is too short, and may have any length.

    Returns
    -------
    pandas.DataFrame
        `mean` and, for each level, `lo80` and `hi80` (and so on) on the steps after the history.
        `attrs["basis"]` says what the intervals rest on: `own past`, `peers` or `default`.

    Raises
    ------
    TooShortToForecast
        Under `SHORTEST` points, or a horizon that is too far for them.
    ValueError
        A history, horizon or level that can't be meant; the text says what to do.

    Examples
    --------
    >>> days = pd.date_range("2026-10-01", periods=24, freq="D")
    >>> followers = pd.Series(range(1000, 1048, 2), index=days)
    >>> table = forecast(followers, 2)
    >>> table["mean"].round().to_dict()
    {Timestamp('2026-10-25 00:00:00'): 1048.0, Timestamp('2026-10-26 00:00:00'): 1050.0}
    >>> list(table.columns), table.attrs["basis"]
    (['mean', 'lo80', 'hi80', 'lo95', 'hi95'], 'default')
    """
    values, step = _checked(history)
    horizon = _checked_horizon(horizon)
    levels = list(levels)
    if not all(isinstance(level, int | float) and 0 < level < 100 for level in levels):
        raise ValueError(f"levels must lie between 0 and 100 percent, as in (80, 95), not {levels}")
    found = outlook(values, horizon, _season(history.index, step), _checked_peers(peers))
    return tell(found, history.index, step, levels)


def tell(
    found: Outlook, index: pd.DatetimeIndex, step: pd.DateOffset, levels: Sequence[float]
) -> pd.DataFrame:
    """Return the table of `forecast` for what is ahead of a history on `index`."""
    horizon = len(found.mean)
    ahead = pd.date_range(index[-1], periods=horizon + 1, freq=step)[1:]
    table = pd.DataFrame({"mean": found.mean}, index=ahead.rename(index.name))
    for level in levels:
        for name, share in (("lo", 0.5 - level / 200), ("hi", 0.5 + level / 200)):
            ends = [found.quantile(k, share) for k in range(horizon)]
            outer = np.minimum if name == "lo" else np.maximum
            table[f"{name}{level:g}"] = np.maximum(outer(ends, found.mean), 0)
    table.attrs["basis"] = found.basis
    return table


def probability_of_reaching(
    history: pd.Series,
    target: float,
    by: date | str,
    peers: Sequence[pd.Series] | None = None,
) -> float:
    """Return the probability that the value on the day `by` is at least `target`.

    It is read from the same errors as the intervals of `forecast`: a target at the upper end of
    the 80 % interval has a probability of 10 %.

    Parameters
    ----------
    history, peers
        As in `forecast`.
    target
        The number pursued.
    by
        The day of the goal, after the history's last; between two steps both are weighed.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    TooShortToForecast, ValueError
        As in `forecast`.

    Examples
    --------
    >>> days = pd.date_range("2026-10-01", periods=24, freq="D")
    >>> followers = pd.Series(range(1000, 1048, 2), index=days)
    >>> [round(probability_of_reaching(followers, n, "2026-10-31"), 2) for n in (1050, 1060)]
    [0.84, 0.51]
    """
    values, step = _checked(history)
    if not np.isfinite(target):
        raise ValueError(f"target must be a number, not {target}")
    steps, part = steps_until(history.index, by, step)
    found = outlook(values, steps, _season(history.index, step), _checked_peers(peers))
    return chance_of(found, target, part)


def chance_of(found: Outlook, target: float, part: float) -> float:
    """Return the probability of `probability_of_reaching`, a part into the last step."""
    steps = len(found.mean)
    after = found.reaches(steps - 1, target)
    if part == 1:
        return after
    before = found.reaches(steps - 2, target) if steps > 1 else float(found.last >= target)
    return before + part * (after - before)


def regular(totals: pd.Series, step_days: int = 7, longest_gap: int = 62) -> pd.Series:
    """Return a regular history of totals with gaps: here, and only here, days are interpolated.

    Parameters
    ----------
    totals
        Numbers by day, as they were noted; missing values are left out.
    step_days
        Days from one value of the history to the next.
    longest_gap
        Days without a number over which a line is drawn. The history begins after the last
        longer gap.

    Returns
    -------
    pandas.Series
        Values on a regular index that ends with the last number; where no number was noted, on
        the line between its neighbours. `attrs["interpolated"]` counts such values.

    Examples
    --------
    >>> days = pd.to_datetime(["2026-03-02", "2026-03-09", "2026-03-23"])
    >>> history = regular(pd.Series([100, 114, 128], days))
    >>> history.tolist(), history.attrs["interpolated"]
    ([100.0, 114.0, 121.0, 128.0], 1)
    """
    told = totals.dropna().astype(float).sort_index()
    if told.empty:
        raise TooShortToForecast("Too short to forecast: no totals are known.")
    if told.index.has_duplicates:
        twice = told.index[told.index.duplicated()][0]
        raise ValueError(f"totals has two values on {twice:%Y-%m-%d}: keep one of each day")
    broken = np.flatnonzero(np.diff(told.index) > pd.Timedelta(days=longest_gap))
    if broken.size:
        told = told.iloc[broken[-1] + 1 :]
    steps = (told.index[-1] - told.index[0]) // pd.Timedelta(days=step_days)
    index = pd.date_range(end=told.index[-1], periods=steps + 1, freq=f"{step_days}D")
    at = [(days - told.index[0]) / pd.Timedelta(days=1) for days in (index, told.index)]
    history = pd.Series(np.interp(*at, told.to_numpy()), index=index, name=totals.name)
    history.attrs["interpolated"] = int((~index.isin(told.index)).sum())
    return history


def steps_until(index: pd.DatetimeIndex, by: date | str, step: pd.DateOffset) -> tuple[int, float]:
    """Return how many steps ahead a day is, and which part of the last of them it takes."""
    last = index[-1]
    day = pd.Timestamp(by)
    if day.tz is None and last.tz is not None:
        day = day.tz_localize(last.tz)
    if not day > last:
        raise ValueError(f"by must be after the history's last day, {last:%Y-%m-%d}, not {by}")
    ahead = last + step
    steps, before = 1, last
    while ahead < day:
        before, ahead = ahead, ahead + step
        steps += 1
    return steps, (day - before) / (ahead - before)


def look_ahead(
    history: pd.Series, horizon: int, peers: Sequence[pd.Series] | None = None
) -> Outlook:
    """Return what `forecast` and `probability_of_reaching` are told from, with their errors."""
    values, step = _checked(history)
    return outlook(values, horizon, _season(history.index, step), _checked_peers(peers))


def _checked(history: pd.Series) -> tuple[np.ndarray, pd.DateOffset]:
    """Return a history's values and its step; refuse what can't be forecast."""
    values = _checked_values(history, "history")
    if len(values) < SHORTEST:
        raise TooShortToForecast(
            f"Too short to forecast: {formats.number_of(len(values), 'point')}, "
            f"and {SHORTEST} are the least."
        )
    step = history.index.freq or pd.DatetimeIndex(history.index, freq="infer").freq
    if step is None or not history.index.is_monotonic_increasing:
        raise ValueError(
            "history must have a regular index, one value a day, a week or a month, in order: "
            "growth.regular(totals) makes one"
        )
    return values, step


def _checked_values(series: pd.Series, what: str) -> np.ndarray:
    """Return the numbers of a series; refuse missing and negative ones."""
    if not isinstance(series, pd.Series) or not isinstance(series.index, pd.DatetimeIndex):
        raise ValueError(f"{what} must be a pandas Series on a DatetimeIndex, a value for each day")
    values = series.to_numpy(dtype=float, na_value=np.nan)
    if len(values) and np.isnan(values).all():
        raise ValueError(f"{what} has only missing values: there is nothing to forecast")
    for wrong, why in (
        (~np.isfinite(values), "is missing: growth.regular(totals) draws a line over gaps"),
        (values < 0, "is negative: an audience is at least 0; forecast totals and not changes"),
    ):
        if wrong.any():
            day = series.index[wrong][0]
            raise ValueError(f"{what}, {day:%Y-%m-%d}: the value {why}")
    return values


def _checked_horizon(horizon: int) -> int:
    if int(horizon) != horizon or horizon < 1:
        raise ValueError(f"horizon must be a whole number of steps from 1 on, not {horizon}")
    return int(horizon)


def _checked_peers(peers: Iterable[pd.Series] | None) -> list[np.ndarray]:
    """Return the values of peers; those that are too short to say anything are left out."""
    if isinstance(peers, pd.Series):
        raise ValueError("peers must be a list of Series: put the one into brackets")
    found = []
    for number, peer in enumerate(peers or ()):
        values = _checked_values(peer, f"peers[{number}]")
        if len(values) > SHORTEST:
            found.append(values)
    return found


def rests_on_own_past(points: int, horizon: int) -> bool:
    """Return whether a history is long enough for the horizon to need no peers."""
    return points >= LONG and min(points, NEWEST) - horizon >= 2 * ORIGINS


def outlook(
    values: np.ndarray, horizon: int, season: int | None, peers: Sequence[np.ndarray] = ()
) -> Outlook:
    """Return the forecast of checked values as means and errors; see `forecast`."""
    values = values[-NEWEST:]
    if horizon > FURTHEST * len(values):
        raise TooShortToForecast(
            f"Too short to forecast: {len(values)} points carry {FURTHEST * len(values)} steps, "
            f"and {horizon} are asked for."
        )
    if rests_on_own_past(len(values), horizon):
        made = _forecast_long(values, horizon, season)
        origins = min(len(values) - horizon - ORIGINS, RECENT)
        errors, shares, basis = *_own_errors(values, made, origins), "own past"
        return Outlook(values[-1], np.maximum(made[-1], 0), errors, shares, basis)
    mean = _forecast_short(values[None], horizon)[0, -1]
    errors, shares, basis = _scaled_errors(values, horizon, peers)
    size = _size_of_change(values[None])[0]
    return Outlook(values[-1], np.maximum(mean, 0), [size * e for e in errors], shares, basis)


def _own_errors(
    values: np.ndarray, made: np.ndarray, origins: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the errors of forecasts from a history's newest points, and their shares.

    Errors from neighbouring points are much alike, so that their sign says little: each counts in
    both directions. Where the steps ahead are many beside the points, they are widened.
    """
    shares = np.arange(1, 2 * origins + 1) / (2 * origins + 1)
    errors = []
    for k in range(1, made.shape[1] + 1):
        found = (values[k:] - made[:-k, k - 1])[-origins:] * np.sqrt(1 + 3 * (k / origins) ** 2)
        errors.append(np.sort(np.concatenate([found, -found])))
    return errors, [shares] * len(errors)


def _scaled_errors(
    values: np.ndarray, horizon: int, peers: Sequence[np.ndarray]
) -> tuple[list[np.ndarray], list[np.ndarray], str]:
    """Return the errors of short forecasts in usual changes of their channel, and their shares.

    The errors of a step are of peers' histories that are as long as this one, or at least half as
    long; errors from shorter ones shrink as those of a drift do with what is known (`_spread`).
    A channel with many such histories counts as much as one with few.
    """
    n = len(values)
    stretches: dict[int, list[tuple[np.ndarray, float]]] = {}
    for peer in [*peers, values]:
        starts = list(range(len(peer) - n - horizon, -1, -horizon))[:ORIGINS] or [0]
        for start in starts:
            stretch = peer[start : start + n + horizon]
            stretches.setdefault(len(stretch), []).append((stretch, 1 / len(starts)))
    pooled: list[list[tuple[np.ndarray, np.ndarray]]] = [[] for _ in range(horizon)]
    for length, group in stretches.items():
        furthest = min(horizon, length - max(SHORTEST, n // 2))
        if furthest < 1:
            continue
        rows, weights = np.array([row for row, _ in group]), np.array([w for _, w in group])
        made = _forecast_short(rows, furthest)
        for k in range(1, furthest + 1):
            origin = min(n, length - k)
            error = rows[:, origin + k - 1] - made[:, origin - 1, k - 1]
            scaled = error / _size_of_change(rows[:, :origin])
            pooled[k - 1].append((scaled * _spread(k, n) / _spread(k, origin), weights))
    errors, shares = [], []
    for k, pool in enumerate(pooled, 1):
        if sum(len(found) for found, _ in pool) >= ORIGINS:
            found, weights = (np.concatenate(part) for part in zip(*pool, strict=True))
            order = np.argsort(found)
            counted = np.cumsum(weights[order]) / weights.sum()
            errors.append(found[order])
            shares.append(counted * len(found) / (len(found) + 1))
        elif errors:
            errors.append(errors[-1] * k / (k - 1))
            shares.append(shares[-1])
        else:
            return *_default_errors(horizon), "default"
    return errors, shares, "peers"


def _spread(steps: int, points: int) -> float:
    """Return the standard deviation of the error of a drift, in those of one change.

    Changes by chance, and a drift that is itself an estimate (Hyndman and Athanasopoulos 2021,
    Forecasting: principles and practice, 3rd edition, section 5.5).
    """
    return np.sqrt(steps * (1 + steps / (points - 1)))


def _default_errors(horizon: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return errors as if each change were chance and the pace itself off by half.

    In the channel's usual changes: a standard deviation of sqrt(k + (k/2)²) after k steps, with
    the heavy tails of Student's t with 4 degrees of freedom.
    """
    shares = np.arange(1, 200) / 200
    sizes = stats.t.ppf(shares, 4)
    steps = range(1, horizon + 1)
    return [sizes * np.sqrt(k + (k / 2) ** 2) for k in steps], [shares] * horizon


def _size_of_change(rows: np.ndarray) -> np.ndarray:
    """Return the root mean square of each row's changes, as if one more of the least size came."""
    changes = np.abs(np.diff(rows, axis=1))
    least = np.where(changes > 0, changes, np.inf).min(axis=1)
    least = np.where(np.isfinite(least), least, 1.0)
    return np.sqrt(((changes**2).sum(axis=1) + least**2) / (changes.shape[1] + 1))


def _forecast_short(rows: np.ndarray, horizon: int) -> np.ndarray:
    """Return forecasts from each point of each row, by the mean of drift and Holt's trend.

    Returns
    -------
    numpy.ndarray
        Rows × points × steps; nothing after a point is used from its `SHORTEST`th on.
    """
    steps = np.arange(1, horizon + 1)
    passed = np.maximum(np.arange(rows.shape[1]), 1)
    drift = (rows - rows[:, :1]) / passed
    level, trend, _ = _smooth(rows, *SHORT_GRID)
    pace = (drift + trend) / 2
    return ((rows + level) / 2)[..., None] + pace[..., None] * steps


def _forecast_long(values: np.ndarray, horizon: int, season: int | None) -> np.ndarray:
    """Return forecasts from each point, by the mean of a damped trend and an autoregression."""
    level, trend, damping = (part[0] for part in _smooth(values[None], *LONG_GRID))
    reach = np.cumsum(damping[:, None] ** np.arange(1, horizon + 1), axis=1)
    return (level[:, None] + trend[:, None] * reach + _regress(values, horizon, season)) / 2


def _grid(
    alphas: Sequence[float], betas: Sequence[float], phis: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    alpha, beta, phi = (part.ravel() for part in np.meshgrid(alphas, betas, phis))
    return alpha, beta, phi


SHORT_GRID = _grid((0.1, 0.2, 0.4, 0.6, 0.8, 1.0), (0.02, 0.05, 0.1, 0.2, 0.4), (1.0,))
"""Smoothing of the level, of the trend, and damping, from which Holt's trend is chosen."""

LONG_GRID = _grid(
    (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    (0.0, 0.01, 0.03, 0.1, 0.3),
    (0.8, 0.9, 0.95, 0.98, 1.0),
)
"""The same with damping; without smoothing of the trend there is none."""


def _smooth(
    rows: np.ndarray, alpha: np.ndarray, beta: np.ndarray, phi: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return level, trend and damping at each point of each row, by exponential smoothing.

    At each point the parameters are those of the grid whose forecasts of one step had the
    smallest squared errors so far (Holt 1957; Gardner and McKenzie 1985, damped trend).
    """
    count, length = rows.shape
    first = min(SHORTEST, length) - 1
    slope = (rows[:, first] - rows[:, 0]) / max(first, 1)
    trend = np.where(beta > 0, slope[:, None], 0.0)
    level = np.repeat(rows[:, :1], len(alpha), axis=1)
    squares = np.zeros_like(level)
    chosen = np.empty((3, count, length))
    each = np.arange(count)
    for t in range(length):
        if t:
            expected = level + phi * trend
            error = rows[:, t, None] - expected
            squares += error**2
            level = expected + alpha * error
            trend = phi * trend + alpha * beta * error
        best = squares.argmin(axis=1)
        chosen[:, :, t] = level[each, best], trend[each, best], phi[best]
    return chosen[0], chosen[1], chosen[2]


def _season(index: pd.DatetimeIndex, step: pd.DateOffset) -> int | None:
    """Return how many steps a season has; None where too few seasons are known, or none is."""
    days = round((index[-1] + step - index[-1]) / pd.Timedelta(days=1))
    season = SEASONS.get(days)
    return season if season and len(index) > SEASONS_KNOWN * season else None


def _regress(values: np.ndarray, horizon: int, season: int | None) -> np.ndarray:
    """Return forecasts from each point, by a regression of changes on those before.

    Least squares; the number of lags, with or without those of a season ago, has the smallest
    corrected Akaike criterion (Hurvich and Tsai 1989, doi:10.1093/biomet/76.2.297).
    """
    changes = np.diff(values)
    ago = [season - 1, season, season + 1] if season else []
    first = max([LAGS, *ago])
    answers = changes[first:]
    best = (np.inf, [], np.zeros(1))
    for lags in [[*range(1, p + 1), *more] for more in ([], ago) for p in range(LAGS + 1)]:
        before = [changes[first - lag : len(changes) - lag] for lag in lags]
        known = np.column_stack([np.ones(len(answers)), *before])
        weights = np.linalg.lstsq(known, answers, rcond=None)[0]
        size, terms = known.shape
        if size <= terms + 2:
            continue
        squares = np.mean((answers - known @ weights) ** 2)
        criterion = size * np.log(squares + 1e-12) + 2 * terms * size / (size - terms - 1)
        if criterion < best[0]:
            best = (criterion, lags, weights)
    _, lags, weights = best
    padded = np.concatenate([np.zeros(first + 1), changes])
    origins = np.arange(len(values)) + first
    ahead = np.empty((len(values), horizon))
    for k in range(horizon):
        ahead[:, k] = weights[0]
        for lag, weight in zip(lags, weights[1:], strict=True):
            before = ahead[:, k - lag] if lag <= k else padded[origins + 1 + k - lag]
            ahead[:, k] += weight * before
    return values[:, None] + np.cumsum(ahead, axis=1)
