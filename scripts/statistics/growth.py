"""How good forecasts and the chances of goals are, measured on public and on made-up series.

M4 Weekly of the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020), and made-up
channels whose growth is known.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from handbook import growth

HORIZON = 13
"""Weeks ahead, as in the competition."""

EARLIER, LEAST = (26, 52), 80
"""Weeks cut off the series, and the least that stay known."""

DAYS, AHEAD = 24, (7, 13)
"""Days that a made-up channel is known for, and days ahead."""

CHANNELS = 60
"""Made-up channels of each kind."""

PACES = (0.25, 0.5, 1, 2, 4)
"""Goals of made-up channels, in times of their pace so far."""

LEVELS = (80, 95)
AUTOETS, OWA, BRIER, SECONDS = 2.384, 0.90, 0.12, 1.0


def measure_growth(datasets: Path) -> list[dict[str, object]]:
    """Measure the errors of forecasts, the coverage of intervals, the chances of goals.

    M4 Weekly: each series is forecast 13 weeks ahead and compared with the values held back.
    MASE divides by the mean change of the series; OWA is the mean of MASE and sMAPE, each
    divided by that of the naive forecast, so that 1 is as good as naive.
    The goal for MASE is what AutoETS of statsforecast gives on all of the 359 series.
    What moves many of the series at once moves the coverage: a half year and a year earlier it is
    another one, and the goal is for the end that the competition chose.

    Short histories: made-up channels, 24 days known, each with all the others as peers.
    Their sizes and paces are log-normal; their gains are steady, scattered, slowing down,
    drifting, correlated, bursty, mixed with losses, or different by weekday.
    The windows of 24 weeks are the end of each M4 series, with all the others as peers.

    Goals: a quarter, half, once, twice and four times the pace so far over 13 days.
    The Brier score is the mean squared difference of the chance and what came (0 or 1); the base
    rate gives every goal the share that was reached.

    Returns
    -------
    list of dict
        `what`, `value`, `low` and `high` (95% bootstrap interval over the series), `goal`, `met`
        (None where there is no goal).
    """
    weekly = [np.concatenate(pair) for pair in zip(*read_m4(datasets), strict=True)]
    rows = measure_weekly(weekly)
    rows += measure_windows(weekly)
    return rows + measure_short()


def read_m4(datasets: Path) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the values known and the values held back of each series."""
    parts = []
    for name in ("train", "test"):
        with (datasets / "m4" / f"weekly-{name}.csv").open(newline="") as file:
            rows = [[value for value in row[1:] if value] for row in csv.reader(file)]
        parts.append([np.array(row, float) for row in rows if row])
    return parts[0], parts[1]


def measure_weekly(series: list[np.ndarray]) -> list[dict[str, object]]:
    """Return errors, coverage and time on M4 Weekly."""
    found, seconds = [], []
    for values in series:
        known, true = values[:-HORIZON], values[-HORIZON:]
        started = time.perf_counter()
        table = growth.forecast(make_history(known, "7D"), HORIZON, LEVELS)
        seconds.append(time.perf_counter() - started)
        change = np.abs(np.diff(known)).mean()
        found.append([*errors_of(table["mean"].to_numpy(), true, change),
                      *errors_of(np.full(HORIZON, known[-1]), true, change),
                      *held(table, true)])  # fmt: skip
    found = np.array(found)
    where = f"M4 Weekly, {len(found)} series, {HORIZON} weeks ahead"
    return [
        tell(f"MASE, {where}", found, lambda f: f[:, 0].mean(), (0, AUTOETS)),
        tell(f"For comparison: MASE of the naive forecast, {where}", found,
             lambda f: f[:, 2].mean()),
        tell(f"OWA, {where}", found,
             lambda f: (f[:, 0].mean() / f[:, 2].mean() + f[:, 1].mean() / f[:, 3].mean()) / 2,
             (0, OWA)),
        *tell_coverage(where, found[:, 4:]),
        *measure_earlier(series),
        tell_number("Longest time of one forecast on M4 Weekly, seconds",
                    round(max(seconds), 1), (0, SECONDS)),
    ]  # fmt: skip


def measure_earlier(series: list[np.ndarray]) -> list[dict[str, object]]:
    """Return coverage on M4 Weekly as it was half a year and a year before its end."""
    rows = []
    for weeks in EARLIER:
        cut = [values[:-weeks] for values in series if len(values) - weeks - HORIZON >= LEAST]
        found = [
            held(growth.forecast(make_history(values[:-HORIZON], "7D"), HORIZON, LEVELS),
                 values[-HORIZON:])
            for values in cut
        ]  # fmt: skip
        where = f"{len(found)} of them {weeks} weeks earlier, {HORIZON} weeks ahead"
        rows += tell_coverage(where, np.array(found), goal=False)
    return rows


def measure_windows(series: list[np.ndarray]) -> list[dict[str, object]]:
    """Return coverage on short windows of M4 Weekly, alone and with the others as peers."""
    ends = [values[-DAYS - HORIZON :] for values in series]
    histories = [make_history(end[:DAYS], "7D") for end in ends]
    rows = []
    for with_peers, words in ((True, "with peers"), (False, "alone (a wide default)")):
        found = []
        for number, end in enumerate(ends):
            peers = histories[:number] + histories[number + 1 :] if with_peers else None
            table = growth.forecast(histories[number], HORIZON, LEVELS, peers)
            found.append(held(table, end[DAYS:]))
        where = f"the last {DAYS} weeks of M4 Weekly {words}, {HORIZON} weeks ahead"
        rows += tell_coverage(where, np.array(found), goal=with_peers)
    return rows


def measure_short() -> list[dict[str, object]]:
    """Return coverage and the chances of goals on made-up channels of 24 days."""
    random = np.random.default_rng(20261031)
    channels = [make_channel(gains, DAYS + max(AHEAD), random)
                for gains in GAINS.values() for _ in range(CHANNELS)]  # fmt: skip
    histories = [make_history(values[:DAYS], "D") for values in channels]
    rows = []
    for horizon in AHEAD:
        found, scaled = [], []
        for number, values in enumerate(channels):
            peers = histories[:number] + histories[number + 1 :]
            table = growth.forecast(histories[number], horizon, LEVELS, peers)
            true = values[DAYS : DAYS + horizon]
            found.append(held(table, true))
            change = np.abs(np.diff(values[:DAYS])).mean()
            if change:
                scaled.append(errors_of(table["mean"].to_numpy(), true, change))
        where = f"{len(channels)} made-up channels of {DAYS} days with peers, {horizon} days ahead"
        rows += tell_coverage(where, np.array(found))
        rows.append(tell(f"MASE, {where}", np.array(scaled), lambda f: f[:, 0].mean()))
    return rows + measure_goals(channels, histories)


def measure_goals(
    channels: list[np.ndarray], histories: list[pd.Series]
) -> list[dict[str, object]]:
    """Return how good the chances of goals are: Brier score, and said against came."""
    horizon, found = max(AHEAD), []
    for number, values in enumerate(channels):
        peers = histories[:number] + histories[number + 1 :]
        own = histories[number]
        day = own.index[-1] + pd.Timedelta(days=horizon)
        pace = max((own.iloc[-1] - own.iloc[0]) / (DAYS - 1) * horizon, 1)
        for times in PACES:
            target = np.ceil(own.iloc[-1] + times * pace)
            chance = growth.probability_of_reaching(own, target, day, peers)
            found.append((number, chance, values[DAYS + horizon - 1] >= target))
    found = np.array(found, float).reshape(len(channels), -1, 3)
    where = f"{found.shape[0] * found.shape[1]} goals of made-up channels, {horizon} days ahead"
    said, came = found[..., 1], found[..., 2]
    rows = [
        tell(f"Brier score, {where}", found,
             lambda f: ((f[..., 1] - f[..., 2]) ** 2).mean(), (0, BRIER)),
        tell_number(f"For comparison: Brier score of the base rate, {where}",
                    float(came.mean() * (1 - came.mean()))),
    ]  # fmt: skip
    for low in (0, 0.2, 0.4, 0.6, 0.8):
        within = (said >= low) & ((said < low + 0.2) | (low == 0.8))
        if within.any():
            words = (
                f"chance said {low:.0%} to {low + 0.2:.0%}, {said[within].mean():.0%} on average"
            )
            rows.append(tell_number(f"Share of goals reached, {words}", float(came[within].mean())))
    return rows


def _drifting(rate: float, n: int, random: np.random.Generator) -> np.ndarray:
    return random.poisson(rate * np.exp(np.cumsum(random.normal(0, 0.15, n))))


def _correlated(rate: float, n: int, random: np.random.Generator) -> np.ndarray:
    logs = np.zeros(n)
    for day in range(1, n):
        logs[day] = 0.7 * logs[day - 1] + random.normal(0, 0.5)
    return random.poisson(rate * np.exp(logs))


def _bursty(rate: float, n: int, random: np.random.Generator) -> np.ndarray:
    bursts = (random.random(n) < 0.05) * random.pareto(1.5, n)
    return random.poisson(rate * (1 + 10 * bursts))


def _by_weekday(rate: float, n: int, random: np.random.Generator) -> np.ndarray:
    days = np.arange(n) + random.integers(7)
    return random.poisson(rate * (1 + 0.6 * np.sin(2 * np.pi * days / 7)))


GAINS: dict[str, Callable[[float, int, np.random.Generator], np.ndarray]] = {
    "steady": lambda rate, n, random: random.poisson(rate, n),
    "scattered": lambda rate, n, random: random.negative_binomial(1, 1 / (1 + rate), n),
    "slowing down": lambda rate, n, random: random.poisson(
        rate * np.exp(-random.uniform(0, 0.08) * np.arange(n))
    ),
    "drifting": _drifting,
    "correlated": _correlated,
    "bursty": _bursty,
    "with losses": lambda rate, n, random: (
        random.poisson(2 * rate, n) - random.poisson(1.8 * rate, n)
    ),
    "by weekday": _by_weekday,
}
"""Followers gained a day by a channel of some pace."""


def make_channel(gains: Callable, n: int, random: np.random.Generator) -> np.ndarray:
    """Return the followers of a made-up channel on `n` days."""
    size = 5 + np.floor(np.exp(random.normal(5.5, 1.5)))
    rate = np.exp(random.normal(np.log(size) - 5, 1))
    return np.maximum(size + np.cumsum(gains(rate, n, random)), 0).astype(float)


def make_history(values: np.ndarray, step: str) -> pd.Series:
    """Return values on a regular index."""
    return pd.Series(values, pd.date_range("2001-01-01", periods=len(values), freq=step))


def errors_of(expected: np.ndarray, true: np.ndarray, change: float) -> tuple[float, float]:
    """Return the scaled error (MASE) and the symmetric relative one (sMAPE)."""
    sizes, around = np.abs(true - expected), np.abs(true) + np.abs(expected)
    return sizes.mean() / change, (2 * sizes / np.maximum(around, 1)).mean()


def held(table: pd.DataFrame, true: np.ndarray) -> list[float]:
    """Return the share of steps whose interval holds the true value, for each level."""
    return [
        float(((table[f"lo{level}"] <= true) & (true <= table[f"hi{level}"])).mean())
        for level in LEVELS
    ]


def tell_coverage(where: str, found: np.ndarray, goal: bool = True) -> list[dict[str, object]]:
    """Return a row for each level."""
    return [
        tell(f"Coverage of {level}% intervals, {where}", found[:, [column]], np.mean,
             ((level - 2) / 100, (level + 2) / 100) if goal else None)
        for column, level in enumerate(LEVELS)
    ]  # fmt: skip


def tell(
    what: str, found: np.ndarray, measure: Callable, goal: tuple[float, float] | None = None
) -> dict[str, object]:
    """Return a measure of series with its bootstrap interval over them."""
    random = np.random.default_rng(1)
    again = [measure(found[random.integers(len(found), size=len(found))]) for _ in range(1000)]
    low, high = np.quantile(again, (0.025, 0.975))
    return tell_number(what, float(measure(found)), goal) | {"low": float(low), "high": float(high)}


def tell_number(
    what: str, value: float, goal: tuple[float, float] | None = None
) -> dict[str, object]:
    """Return a row; a goal is from where to where the value is to lie."""
    row = {"what": what, "value": value, "low": None, "high": None, "goal": "", "met": None}
    if goal:
        least, most = goal
        row["goal"] = f"{least:g} to {most:g}" if least else f"at most {most:g}"
        row["met"] = bool(least - 1e-9 <= value <= most + 1e-9)
    return row
