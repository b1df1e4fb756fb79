"""Surges: causal, calibrated, deaf to gaps and acknowledged incidents, and clear when refusing."""

from __future__ import annotations

import doctest
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handbook import surges
from handbook.errors import HandbookError
from handbook.surges import COLUMNS, episodes, replay, watch

START = "2026-01-05"


def make_counts(rate: float = 10, days: int = 60, step: str = "1h", seed: int = 1, spread=0.5):
    """Return negative-binomial counts with a daily and a weekly pattern; `rate` is an hour's."""
    index = pd.date_range(
        START, periods=int(pd.Timedelta(days=days) / pd.Timedelta(step)), freq=step
    )
    hours = pd.Timedelta(step) / pd.Timedelta(hours=1)
    shape = 1 + 0.8 * np.sin((index.hour - 8) / 12 * np.pi) if hours < 24 else 1.0
    mean = rate * hours * shape * np.where(index.day_of_week >= 5, 0.5, 1.2)
    random = np.random.default_rng(seed)
    return pd.Series(random.poisson(mean * random.gamma(1 / spread, spread, len(index))), index)


def test_examples_in_docstrings():
    """Catches an example that no longer gives what it says."""
    result = doctest.testmod(surges)
    assert result.attempted
    assert not result.failed


def alerts_of(watched: pd.DataFrame) -> list:
    return list(watched.index[watched["alert"] != "none"])


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    step=st.sampled_from(["5min", "7min", "30min", "1h", "5h", "1D"]),
    rate=st.sampled_from([0.1, 1, 50]),
    cut=st.floats(0.05, 1),
)
def test_nothing_looks_ahead(seed, step, rate, cut):
    """Catches a row that changes when the rows after it are taken away."""
    days = 20 if step in ("5min", "7min") else 60
    counts = make_counts(rate, days, step, seed, 1.0).astype(float)
    counts[np.random.default_rng(seed).random(len(counts)) < 0.05] = np.nan
    known = [(counts.index[len(counts) // 3], counts.index[len(counts) // 2])]
    upto = max(2, int(cut * len(counts)))
    if counts.iloc[:upto].isna().all():
        return
    whole = watch(counts, acknowledged=known).iloc[:upto]
    pd.testing.assert_frame_equal(
        whole, watch(counts.iloc[:upto], acknowledged=known), check_freq=False
    )


@pytest.mark.parametrize("step", ["5min", "15min", "1h", "6h", "1D"])
def test_answers_on_the_same_index(step):
    """Catches lost rows, other columns, and a score of 1 without an alert, for every step."""
    counts = make_counts(step=step, days=40)
    watched = watch(counts)
    assert watched.index.equals(counts.index)
    assert tuple(watched.columns) == COLUMNS
    assert ((watched["score"] >= 1) == (watched["alert"] != "none")).all()
    assert ((watched["score"] >= 2) == (watched["alert"] == "red")).all()
    assert watched["score"].iloc[-1] >= 0


@pytest.mark.parametrize(("rate", "spread"), [(0.1, 0.5), (1, 0.5), (1, 2), (10, 2), (100, 0.1)])
def test_keeps_the_stated_rate(rate, spread):
    """Catches a threshold that alerts too often or never, on quiet and on bursty channels."""
    audit = replay(make_counts(rate, 3000, "1h", 7, spread)).iloc[0]
    assert 0.5 <= audit["per_month"] <= 1.3


def test_keeps_the_stated_rate_by_day():
    """Catches a threshold that is right for hours only."""
    audit = pd.concat([replay(make_counts(1, 3000, "1D", seed)) for seed in range(3)])
    assert 0.5 <= audit["per_month"].mean() <= 1.3


def test_more_alarms_when_asked_for_more():
    """Catches a stated rate that is not used."""
    counts = make_counts(10, 1500)
    few, usual, many = (
        replay(counts, alarms_per_month=rate).iloc[0]["alerts"] for rate in (0.2, 1, 4)
    )
    assert few < usual < many


@pytest.mark.parametrize("step", ["5min", "1h"])
@pytest.mark.parametrize(("times", "share"), [(2, 0.85), (4, 0.95)])
def test_finds_surges_within_six_hours(step, times, share):
    """Catches a rule that is deaf to a surge of twice or four times a day's volume."""
    counts = make_counts(10, 60, step)
    width = pd.Timedelta(step) / pd.Timedelta(hours=1)
    found = []
    for at in np.linspace(0.6, 0.98, 20):
        row = int(at * len(counts))
        age = np.arange(len(counts) - row) * width
        surged = counts.astype(float)
        surged.iloc[row:] += 240 * times * (2 ** (-age / 4) - 2 ** (-(age + width) / 4))
        upto = row + int(6 / width)
        found.append((watch(surged.iloc[:upto])["alert"].iloc[row:] != "none").any())
    assert np.mean(found) >= share


def surge(counts: pd.Series, day: int, level: float, hours: int = 8) -> pd.Series:
    changed = counts.copy()
    changed.iloc[day * 24 : day * 24 + hours] += int(level)
    return changed


def test_one_surge_is_one_alert():
    """Catches a surge that alerts again in every hour that it goes on."""
    counts = surge(make_counts(10, 50), 40, 400)
    watched = watch(counts)
    during = watched.iloc[40 * 24 : 41 * 24]
    assert (during["alert"] == "red").any()
    assert (during["alert"] != "none").sum() <= 6
    found = episodes(watched, counts)
    assert len(found[found["start"].dt.floor("D") == watched.index[40 * 24]]) == 1


def test_acknowledged_incidents_leave_the_reference():
    """Catches an incident that hides the next, smaller one although it is acknowledged."""
    counts = make_counts(10, 60)
    for day in (30, 33, 36, 39, 42):
        counts = surge(counts, day, 900)
    counts = surge(counts, 50, 120)
    known = [(counts.index[day * 24], counts.index[day * 24 + 10]) for day in (30, 33, 36, 39, 42)]
    after = slice(50 * 24, 50 * 24 + 12)
    assert not (watch(counts)["alert"].iloc[after] != "none").any()
    assert (watch(counts, acknowledged=known)["alert"].iloc[after] != "none").any()
    audit = replay(counts, acknowledged=known).iloc[0]
    assert audit["acknowledged"] == 5


def test_one_surge_does_not_hide_the_next():
    """Catches a reference in which one large surge stands for four weeks."""
    found = []
    for seed in range(10):
        counts = surge(surge(make_counts(10, 60, seed=seed), 40, 900, hours=4), 50, 200, hours=4)
        found.append((watch(counts)["alert"].iloc[50 * 24 : 50 * 24 + 6] != "none").any())
    assert np.mean(found) >= 0.8


def test_a_spike_of_minutes_is_found_in_minutes():
    """Catches a rule that waits for an hour, or a day, of counts."""
    counts = make_counts(10, 60, "5min")
    at = 50 * 288 + 100
    counts.iloc[at : at + 2] += 15
    assert (watch(counts.iloc[: at + 2])["alert"].iloc[at:] != "none").any()


def test_hears_a_quiet_channel():
    """Catches a rule that is deaf where a comment comes in ten hours."""
    found = []
    for seed in range(10):
        counts = surge(make_counts(0.1, 60, seed=seed), 50, 1, hours=5)
        found.append((watch(counts)["alert"].iloc[50 * 24 : 50 * 24 + 6] != "none").any())
    assert np.mean(found) >= 0.8


def test_missing_values_are_not_zero():
    """Catches gaps that lower what is expected, or that are scored."""
    counts = make_counts(50, 60, spread=0.1).astype(float)
    gaps = counts.copy()
    gaps.iloc[24 * 30 : 24 * 36] = np.nan
    watched = watch(gaps)
    missing = watched.iloc[24 * 30 : 24 * 36]
    assert missing["score"].isna().all()
    assert (missing["alert"] == "none").all()
    later = slice(24 * 40, 24 * 60)
    ratio = watched["expected"].iloc[later].sum() / watch(counts)["expected"].iloc[later].sum()
    assert ratio == pytest.approx(1, abs=0.05)


def test_silence_then_a_few_comments():
    """Catches a division by zero, and an alert for fewer than three comments."""
    counts = pd.Series(0, pd.date_range(START, periods=24 * 40, freq="h"))
    counts.iloc[24 * 35] = 2
    assert alerts_of(watch(counts)) == []
    counts.iloc[24 * 35] = 30
    assert alerts_of(watch(counts)) == [counts.index[24 * 35]]


def test_a_short_history_is_not_enough():
    """Catches an alert that rests on a few days."""
    for length in (0, 1, 2, 24, 72):
        watched = watch(make_counts(10, 10).iloc[:length])
        assert len(watched) == length
        assert watched["score"].isna().all()
        assert alerts_of(watched) == []
    audit = replay(make_counts(10, 3)).iloc[0]
    assert audit["weeks"] == 0
    assert pd.isna(audit["per_month"])


def test_expects_the_hour_and_the_weekend():
    """Catches a baseline that forgets the shape of the day or of the week."""
    watched = watch(make_counts(100, 60, spread=0.01)).iloc[24 * 40 :]
    by_hour = watched["expected"].groupby(watched.index.hour).mean()
    assert by_hour[14] > 3 * by_hour[2]
    by_day = watched["expected"].groupby(watched.index.day_of_week).mean()
    assert by_day[5] < 0.6 * by_day[2]


def test_days_across_summer_time():
    """Catches a refusal of days that are 23 or 25 hours long."""
    index = pd.date_range("2026-02-01", periods=90, freq="D", tz="Europe/Helsinki")
    assert len(watch(pd.Series(range(90), index))) == 90


def test_replay_counts_the_last_weeks_only():
    """Catches an audit of other weeks than asked for."""
    counts = surge(make_counts(10, 60), 20, 900)
    whole, last = replay(counts).iloc[0], replay(counts, weeks=4).iloc[0]
    assert last["weeks"] == pytest.approx(4)
    assert last["start"] > counts.index[0] + pd.Timedelta(days=31)
    assert whole["alerts"] > last["alerts"]
    assert last["low"] <= last["per_month"] <= last["high"]


HOURLY = pd.date_range(START, periods=100, freq="h")


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ([1, 2, 3], {}, "DatetimeIndex"),
        (pd.Series([1, 2, 3]), {}, "DatetimeIndex"),
        (pd.Series("many", HOURLY), {}, "expected numbers"),
        (pd.Series(1, HOURLY.delete(5)), {}, "asfreq"),
        (pd.Series(1, HOURLY[::-1]), {}, "from 5 minutes to a day"),
        (pd.Series(1, pd.date_range(START, periods=9, freq="min")), {}, "resample"),
        (pd.Series(1, pd.date_range(START, periods=9, freq="7D")), {}, "from 5 minutes to a day"),
        (pd.Series(-1, HOURLY), {}, "found -1 at 2026-01-05 00:00:00"),
        (pd.Series(np.inf, HOURLY), {}, "found inf"),
        (pd.Series(np.nan, HOURLY), {}, "every value is missing"),
        (pd.Series(1, HOURLY), {"alarms_per_month": 0}, "alarms_per_month"),
        (pd.Series(1, HOURLY), {"look_back": 3}, "look_back"),
        (pd.Series(1, HOURLY), {"acknowledged": [("2026-01-06", "2026-01-05")]}, "ends before"),
        (
            pd.Series(1, HOURLY.tz_localize("UTC")),
            {"acknowledged": [("2026-01-05", "2026-01-06")]},
            "time zone",
        ),
    ],
)
def test_says_what_is_wrong(counts, options, message):
    """Catches wrong input that is watched, or refused without a word on what to do."""
    with pytest.raises(HandbookError, match=message):
        watch(counts, **options)


@pytest.mark.real
def test_real_mentions_alert_about_as_often_as_stated(real_datasets):
    """Catches a rule that keeps its rate on made-up counts only, or that misses real surges."""
    folder = real_datasets / "nab"
    labels = json.loads((folder / "windows.json").read_text(encoding="utf-8"))
    outside, months, hits = 0, 0.0, []
    for file in sorted(folder.glob("Twitter_volume_*.csv")):
        counts = pd.read_csv(file, index_col=0, parse_dates=True)["value"]
        watched = watch(counts)
        starts = episodes(watched, counts)["start"]
        inside = pd.Series(False, starts.index)
        for first, last in labels[file.name]:
            inside |= starts.between(first, last)
            hits.append((watched["alert"][first:last] != "none").any())
        outside += int((~inside).sum())
        months += watched["score"].notna().mean() * len(counts) / (288 * 365.25 / 12)
    assert 0.3 <= outside / months <= 1.6
    assert np.mean(hits) >= 0.5
