"""Forecasts, chances of goals, and what they refuse."""

from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest
from frames import law
from hypothesis import given
from hypothesis import strategies as st

from handbook import growth
from handbook.growth import forecasts


def make_history(values, freq="D", start="2026-01-05") -> pd.Series:
    return pd.Series(
        np.asarray(values, float), pd.date_range(start, periods=len(values), freq=freq)
    )


def make_peers(n: int, length: int, seed: int = 1) -> list[pd.Series]:
    """Return channels of very different sizes that gain at rates of their own."""
    rng = np.random.default_rng(seed)
    rates = np.exp(rng.normal(2, 0.5, n))
    return [make_history(100 * r + np.cumsum(rng.poisson(r, length))) for r in rates]


counts = st.lists(st.integers(0, 100_000), min_size=10, max_size=90)


def test_examples_in_the_documentation_run():
    """An example that a reader copies and that fails, or examples that nothing runs."""
    result = doctest.testmod(forecasts)
    assert result.failed == 0
    assert result.attempted > 0


@law
@given(counts, st.integers(1, 15))
def test_intervals_contain_the_mean_and_each_other(values, horizon):
    """A narrower interval at a higher level; a mean outside; an audience below 0."""
    table = growth.forecast(make_history(values), horizon, levels=(50, 80, 95, 99))
    for low, high in zip((99, 95, 80, 50), (95, 80, 50, 50), strict=True):
        assert (table[f"lo{low}"] <= table[f"lo{high}"]).all()
        assert (table[f"hi{low}"] >= table[f"hi{high}"]).all()
    assert (table["lo50"] <= table["mean"]).all() and (table["mean"] <= table["hi50"]).all()
    assert (table >= 0).all(axis=None)


@law
@given(counts, st.lists(st.integers(0, 200_000), min_size=2, max_size=6))
def test_a_higher_target_is_never_more_likely(values, targets):
    """Probabilities that leave 0 to 1, or that rise with the target."""
    history = make_history(values)
    day = history.index[-1] + pd.Timedelta(days=7)
    found = [growth.probability_of_reaching(history, n, day) for n in sorted(targets)]
    assert all(0 <= p <= 1 for p in found)
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("length", [24, 120])
@pytest.mark.parametrize("factor", [10, 1000])
def test_the_unit_does_not_matter(length, factor):
    """A forecast that depends on how large a channel is."""
    values = np.cumsum(np.random.default_rng(3).poisson(5, length)) + 500
    one, other = (growth.forecast(make_history(values * f), 7) for f in (1, factor))
    np.testing.assert_allclose(one * factor, other, rtol=1e-6)


@pytest.mark.parametrize("length", [15, 24, 59, 60, 200])
def test_steady_growth_goes_on(length):
    """Growth that is damped away: steady growth is real."""
    table = growth.forecast(make_history(100 + 3 * np.arange(length)), 7)
    np.testing.assert_allclose(table["mean"], 100 + 3 * (length + np.arange(7)), rtol=0.01)


@pytest.mark.parametrize("length", [15, 80])
def test_a_channel_that_stands_still_stays(length):
    """A number out of nothing: a constant channel that grows, or a division by zero."""
    history = make_history([250] * length)
    table = growth.forecast(history, 5)
    np.testing.assert_allclose(table["mean"], 250)
    assert growth.probability_of_reaching(history, 300, table.index[-1]) < 0.01
    assert growth.probability_of_reaching(history, 200, table.index[-1]) > 0.99


def test_a_weekly_season_is_forecast():
    """A weekday pattern that a longer daily history shows and the forecast forgets."""
    gains = np.tile([1, 1, 1, 1, 1, 30, 30], 12)
    table = growth.forecast(make_history(1000 + np.cumsum(gains)), 7)
    steps = table["mean"].diff().dropna()
    assert steps[steps.index.day_of_week < 5].max() < steps[steps.index.day_of_week >= 5].min()


@pytest.mark.parametrize("freq", ["D", "W-SUN", "MS", "7D", "30D"])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_the_index_goes_on_in_its_step(freq, known, zone):
    """A forecast on other days than the ones that follow."""
    full = pd.date_range("2024-01-01", periods=40, freq=freq, tz=zone)
    index = full[:36] if known else pd.DatetimeIndex(list(full[:36]))
    table = growth.forecast(pd.Series(np.arange(36.0), index), 4)
    assert list(table.index) == list(full[36:])


def test_nothing_after_a_point_is_used_for_its_errors():
    """Intervals that are too narrow because the errors behind them knew the future."""
    values = np.cumsum(np.random.default_rng(5).poisson(4, 40)).astype(float)
    other = values.copy()
    other[30:] += 500
    one, two = (forecasts._forecast_short(v[None], 5)[0, :30] for v in (values, other))
    np.testing.assert_array_equal(one[9:], two[9:])


def test_a_short_history_learns_its_intervals_from_peers():
    """Peers that change nothing, or whose size leaks into the intervals."""
    own, peers = make_peers(1, 24, seed=8)[0], make_peers(40, 24)
    alone, among = growth.forecast(own, 7), growth.forecast(own, 7, peers=peers)
    assert (alone.attrs["basis"], among.attrs["basis"]) == ("default", "peers")
    width = (among["hi80"] - among["lo80"]).iloc[-1]
    assert 0 < width < (alone["hi80"] - alone["lo80"]).iloc[-1]
    large = [peer * 1000 for peer in peers]
    np.testing.assert_allclose(growth.forecast(own, 7, peers=large), among)


def test_few_peers_are_no_evidence():
    """Intervals from a handful of errors."""
    own, *peers = make_peers(10, 24)
    assert growth.forecast(own, 7, peers=peers).attrs["basis"] == "default"


def test_one_long_peer_counts_as_much_as_a_short_one():
    """A channel of many years that drowns all the others."""
    own, *calm = make_peers(40, 24)
    wild = make_history(np.random.default_rng(2).integers(0, 10_000, 900))
    without, with_it = (
        growth.forecast(own, 7, levels=(50,), peers=peers) for peers in (calm, [*calm, wild])
    )
    widths = [(t["hi50"] - t["lo50"]).iloc[-1] for t in (without, with_it)]
    assert widths[1] < 1.3 * widths[0]


def test_peers_that_are_too_short_are_left_out():
    """A new channel among the peers that stops the forecast of the others."""
    own, *peers = make_peers(40, 24)
    one, two = (growth.forecast(own, 7, peers=p) for p in (peers, [*peers, make_history([1, 2])]))
    pd.testing.assert_frame_equal(one, two)


def test_a_long_history_rests_on_its_own_past():
    """Peers that overrule what a channel itself tells."""
    own = make_history(np.cumsum(np.random.default_rng(4).poisson(5, 200)))
    one, two = growth.forecast(own, 13), growth.forecast(own, 13, peers=make_peers(40, 24))
    assert one.attrs["basis"] == "own past"
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("length", [24, 200])
def test_a_probability_agrees_with_the_interval(length):
    """A chance of a goal that the drawn interval contradicts."""
    own = make_history(500 + np.cumsum(np.random.default_rng(6).poisson(5, length)))
    peers = make_peers(60, 24)
    table = growth.forecast(own, 7, peers=peers)
    day = table.index[-1]
    for end, expected in (("hi80", 0.1), ("lo80", 0.9), ("hi95", 0.025), ("lo95", 0.975)):
        found = growth.probability_of_reaching(own, table[end].iloc[-1], day, peers)
        assert found == pytest.approx(expected, abs=0.01), end


def test_a_day_between_two_steps_lies_between_them():
    """A goal in the middle of a week that counts as its end or its start."""
    own = make_history(500 + np.cumsum(np.random.default_rng(6).poisson(9, 40)), "7D")
    days = own.index[-1] + pd.to_timedelta([7, 10, 14], unit="D")
    target = own.iloc[-1] + 14
    found = [growth.probability_of_reaching(own, target, day) for day in days]
    assert found[0] < found[1] < found[2]


@pytest.mark.parametrize("kind", ["short", "long"])
def test_intervals_hold_what_they_promise(kind):
    """Intervals that are far too narrow or too wide, on channels of a known kind."""
    rng = np.random.default_rng(9)
    n, many, ahead = (24, 60, 7) if kind == "short" else (150, 40, 5)
    full = [1000 + np.cumsum(rng.poisson(np.exp(rng.normal(1, 1)), n + ahead)) for _ in range(many)]
    histories = [make_history(values[:n]) for values in full]
    held = []
    for number, values in enumerate(full):
        peers = histories[:number] + histories[number + 1 :]
        table = growth.forecast(histories[number], ahead, peers=peers)
        held += [
            [low <= true <= high for low, high in ((row.lo80, row.hi80), (row.lo95, row.hi95))]
            for row, true in zip(table.itertuples(), values[n:], strict=True)
        ]
    at80, at95 = np.mean(held, axis=0)
    assert 0.7 < at80 < 0.9
    assert 0.89 < at95 <= 1


def test_peers_known_as_long_as_the_channel_do_not_widen_far_steps():
    """Errors of forecasts from a few points that are taken for those from all of them."""
    rng = np.random.default_rng(3)
    rates = np.exp(rng.normal(3, 1, 500))
    known, later = 24, 13
    own, *peers = (make_history(1000 + np.cumsum(rng.poisson(r, known + later))) for r in rates)
    tables = [
        growth.forecast(own[:known], later, (80,), among)
        for among in ([peer[:known] for peer in peers], peers)
    ]
    short, full = ((table["hi80"] - table["lo80"]).iloc[-3:].sum() for table in tables)
    assert 0.9 < short / full < 1.1


def test_gaps_are_filled_only_where_it_is_said():
    """Interpolated days that nobody counts; a long gap that is drawn over."""
    days = pd.to_datetime(["2026-01-01", "2026-06-01", "2026-06-08", "2026-06-22", "2026-06-25"])
    noted = pd.Series([1.0, 100, 107, 121, 124], days)
    found = growth.regular(noted, 1)
    assert found.index[0] == days[1] and found.index[-1] == days[-1] and len(found) == 25
    assert found.attrs["interpolated"] == 21
    weekly = growth.regular(noted)
    assert weekly.tolist() == [103, 110, 117, 124]
    assert weekly.index[-1] == days[-1] and weekly.index.freq is not None


FINE = list(range(100, 130))


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (FINE, "pandas Series"),
        (pd.Series(FINE), "DatetimeIndex"),
        (make_history([np.nan] * 20), "only missing values"),
        (make_history([*FINE, np.nan]), "2026-02-04: the value is missing: growth.regular"),
        (make_history([-1, *FINE]), "2026-01-05: the value is negative"),
        (make_history(FINE).drop(pd.Timestamp("2026-01-20")), "regular index"),
        (make_history(FINE)[::-1], "in order"),
        (pd.concat([make_history(FINE), make_history(FINE)]), "regular index"),
    ],
)
def test_what_can_not_be_meant_is_refused(history, said):
    """A forecast of numbers that mean something else."""
    with pytest.raises(ValueError, match=said):
        growth.forecast(history, 3)


@pytest.mark.parametrize(("length", "horizon"), [(0, 1), (9, 1), (24, 49)])
def test_too_short_is_an_answer(length, horizon):
    """A number where the honest answer is that nobody can tell."""
    with pytest.raises(growth.TooShortToForecast, match="Too short to forecast"):
        growth.forecast(make_history(FINE[:length]), horizon)


@pytest.mark.parametrize("horizon", [0, -1, 1.5])
def test_a_horizon_is_a_number_of_steps(horizon):
    """Half a step, or none."""
    with pytest.raises(ValueError, match="horizon must be a whole number"):
        growth.forecast(make_history(FINE), horizon)


@pytest.mark.parametrize("levels", [(0.8, 0.95, 100), (0,), (120,)])
def test_a_level_is_a_percentage(levels):
    """A level of 100 %, which no data give."""
    with pytest.raises(ValueError, match="between 0 and 100"):
        growth.forecast(make_history(FINE), 3, levels)


def test_a_goal_lies_ahead():
    """A chance of a day that has passed; a list of peers forgotten."""
    with pytest.raises(ValueError, match="after the history's last day, 2026-02-03"):
        growth.probability_of_reaching(make_history(FINE), 200, "2026-02-03")
    with pytest.raises(ValueError, match="peers must be a list"):
        growth.forecast(make_history(FINE), 3, peers=make_history(FINE))
    with pytest.raises(ValueError, match="target must be a number"):
        growth.probability_of_reaching(make_history(FINE), float("nan"), "2026-03-01")
