"""The uproar watch: which series are watched, what is said of them, and the figures."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from handbook import charts, uproar
from handbook.explorers import explore_surges

LAST = date(2026, 6, 30)
NO_INCIDENTS = pd.DataFrame(
    {
        "channel_id": pd.Series(dtype="string"),
        "start": pd.Series(dtype="datetime64[us, UTC]"),
        "end": pd.Series(dtype="datetime64[us, UTC]"),
    }
)


def make_channels(*ids: str) -> pd.DataFrame:
    return pd.DataFrame({"channel_id": list(ids), "label": [f"{name} (X)" for name in ids]})


def make_days(channel_id: str, values: list) -> pd.DataFrame:
    dates = pd.date_range(end=pd.Timestamp(LAST), periods=len(values))
    comments = pd.array(values, dtype="Int64")
    return pd.DataFrame({"channel_id": channel_id, "date": dates, "comments": comments})


def make_counts(values: list, *, step_s: int = 3600, channel_id="x:a") -> pd.DataFrame:
    start = pd.Timestamp("2026-03-01", tz="UTC")
    at = [start + pd.Timedelta(seconds=step_s * row) for row in range(len(values))]
    frame = pd.DataFrame({"series_id": "mentions-a", "channel_id": channel_id, "at_utc": at})
    return frame.assign(step_s=step_s, count=pd.array(values, dtype="Int64"))


NO_DAYS, NO_COUNTS = make_days("x:a", []), make_counts([])


def usual(n: int, seed: int = 1) -> list:
    return np.random.default_rng(seed).poisson(9, n).tolist()


def surging() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return 200 days of two channels, one of them with a surge 10 days before the end."""
    loud = usual(200)
    loud[-10] = 300
    days = pd.concat([make_days("x:a", loud), make_days("x:b", usual(200, 2))])
    return make_channels("x:a", "x:b"), days


def test_series_stand_on_a_grid():
    """Catches a gap that is closed or filled with 0, and a correction below 0 that counts."""
    days = make_days("x:a", [3, 4, -1, None, 5]).drop(index=1)
    series = uproar.gather(make_channels("x:a"), days, NO_COUNTS)
    assert series["count"].tolist()[0] == 3
    assert series["count"].isna().tolist() == [False, True, True, True, False]
    assert series["at"].diff().dropna().eq(pd.Timedelta(days=1)).all()
    assert series["series"].unique().tolist() == ["x:a (X): comments by day"]


def test_counts_within_the_day():
    """Catches lost counts in finer steps than 5 minutes, and a wider count without a channel."""
    fine = make_counts([1] * 10, step_s=60, channel_id=pd.NA)
    series = uproar.gather(make_channels(), NO_DAYS, fine)
    assert series["count"].tolist() == [5, 5]
    assert series["step_s"].tolist() == [300, 300]
    assert series["series"].unique().tolist() == ["mentions-a"]
    assert uproar.gather(make_channels(), NO_DAYS, make_counts([1], step_s=604800)).empty


def test_lifetime_totals_are_not_watched():
    """Catches posts' totals that became days: `gather` is given none, and finds nothing."""
    days = make_days("x:a", [None] * 40)
    assert uproar.gather(make_channels("x:a"), days, NO_COUNTS).empty


def test_a_surge_is_told_and_the_quiet_channel_judged():
    """Catches a surge without an alert, an alert of another channel, a wrong sentence."""
    channels, days = surging()
    watched = uproar.watch_all(uproar.gather(channels, days, NO_COUNTS), NO_INCIDENTS)
    found = uproar.alerts(watched, LAST, weeks=3)
    top = found.loc[found["score"].idxmax()]
    assert (top["label"], top["alert"], top["count"]) == ("x:a (X)", "red", 300)
    assert top["when"] == "21 Jun 2026"
    audit = uproar.overview(watched, NO_INCIDENTS)
    assert audit["enough"].tolist() == [True, True]
    told = " ".join(uproar.describe_alerts(found, audit, weeks=3))
    ended = audit.assign(last=[audit["last"][0], audit["last"][1] - pd.Timedelta(days=30)])
    assert "in the one series in" in uproar.describe_alerts(found, ended, weeks=3)[0]
    assert "300 where" in told
    assert "in 2 series in the last 3 weeks" in told
    assert uproar.pick(watched) == "x:a (X): comments by day"


@pytest.mark.parametrize(("n", "usual"), [(200, "about 12 alerts"), (90, "about 6 alerts")])
def test_usual_alerts_are_those_of_the_days_that_were_judged(n, usual):
    """Catches half a year's usual alerts expected of a series that is three months long."""
    channels, days = surging()
    days = days.groupby("channel_id").tail(n)
    watched = uproar.watch_all(uproar.gather(channels, days, NO_COUNTS), NO_INCIDENTS)
    audit = uproar.overview(watched, NO_INCIDENTS)
    told = uproar.describe_alerts(uproar.alerts(watched, LAST), audit)
    assert f"2 series may give {usual} in that time" in told[-1]


def test_acknowledged_incidents_are_not_counted():
    """Catches incidents that are read and not used."""
    channels, days = surging()
    series = uproar.gather(channels, days, NO_COUNTS)
    day = pd.Timestamp("2026-06-21", tz="UTC")
    incidents = pd.DataFrame({"channel_id": ["x:a"], "start": [day], "end": [day]})
    before, after = (
        uproar.overview(uproar.watch_all(series, known), known).iloc[0]
        for known in (NO_INCIDENTS, incidents)
    )
    assert after["acknowledged"] == 1
    assert after["alerts"] < before["alerts"]
    other = incidents.assign(channel_id="x:c")
    assert uproar.overview(uproar.watch_all(series, other), other)["acknowledged"].sum() == 0


def test_it_opens_with_resolution_and_age():
    """Catches a page that looks as if it could warn now."""
    channels, days = surging()
    series = uproar.gather(channels, days, make_counts(usual(2000)))
    audit = uproar.overview(uproar.watch_all(series, NO_INCIDENTS), NO_INCIDENTS)
    told = uproar.describe_resolution(audit, LAST)
    assert told[0] == "2 series count by day; the newest count is of 30 Jun 2026."
    assert told[1] == "1 series counts by hour; the newest count is of 23 May 2026."
    assert "this looks back and cannot warn you now" in told[2]
    assert "nothing is watched" in uproar.describe_resolution(audit.iloc[:0], None)[0]


@pytest.mark.parametrize("length", [0, 1, 2, 5])
def test_too_little_is_said_and_not_drawn(length):
    """Catches an empty figure, or a verdict on a few days."""
    channels, days = make_channels("x:a"), make_days("x:a", [5] * length)
    series = uproar.gather(channels, days, NO_COUNTS)
    watched = uproar.watch_all(series, NO_INCIDENTS)
    audit, found = uproar.overview(watched, NO_INCIDENTS), uproar.alerts(watched, LAST)
    for shown in (
        charts.show_alerts(found, audit, LAST, "source"),
        charts.show_rate(audit, "source"),
        explore_surges(series, NO_INCIDENTS, "x:a (X): comments by day").figure,
    ):
        assert isinstance(shown, charts.Note)
    if length:
        assert "Not enough data yet: x:a (X)." in uproar.describe_resolution(audit, LAST)


def test_figures_show_what_the_tables_say():
    """Catches marks, dots or words that are not those of the tables."""
    channels, days = surging()
    series = uproar.gather(channels, days, NO_COUNTS)
    watched = uproar.watch_all(series, NO_INCIDENTS)
    audit, found = uproar.overview(watched, NO_INCIDENTS), uproar.alerts(watched, LAST)
    figure = charts.show_alerts(found, audit, LAST, "source")
    marks = [line for line in figure.fig.axes[0].lines if line.get_linestyle() == "None"]
    assert sum(len(line.get_xdata()) for line in marks) == len(found)
    assert figure.alt.startswith(uproar.describe_alerts(found, audit)[0])

    figure = charts.show_rate(audit, "source")
    dots = next(line for line in figure.fig.axes[0].lines if line.get_marker() == "o")
    assert sorted(dots.get_xdata()) == sorted(audit["per_month"])
    assert f"{audit['per_month'].max():.2f}" in figure.alt

    shown = explore_surges(series, NO_INCIDENTS, "x:a (X): comments by day", weeks=4)
    assert shown.figure.fig.axes[0].lines[0].get_ydata().max() == 300
    assert shown.figure.fig.axes[0].get_ylim()[0] == 0
    assert "to 300 in a day" in shown.figure.alt


def test_two_hundred_series_come_in_pages():
    """Catches a figure that nobody can read."""
    names = [f"x:c{number}" for number in range(200)]
    days = pd.concat([make_days(name, usual(40, number)) for number, name in enumerate(names)])
    watched = uproar.watch_all(uproar.gather(make_channels(*names), days, NO_COUNTS), NO_INCIDENTS)
    figure = charts.show_rate(uproar.overview(watched, NO_INCIDENTS), "source")
    assert "Channels 1 to 24 of 200" in figure.alt
    assert len(figure.fig.axes[0].get_yticks()) == 24
