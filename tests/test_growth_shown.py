"""Growth as readers meet it: goals of plans, sentences, figures and the explorer."""

from __future__ import annotations

import doctest
import html
import re
import sys
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from frames import make_channels, make_days
from matplotlib.colors import to_hex

from handbook import charts, explorers, growth
from handbook.charts.growth import BANDS
from handbook.periods import Period

SOURCE = "Made-up data of a test"
FIRST, WEEKS = date(2025, 1, 5), 80
LAST = FIRST + timedelta(7 * (WEEKS - 1))
PERIOD = Period.last(12, LAST)
BY = pd.Timestamp(LAST) + pd.Timedelta(weeks=10)


def weekly(channel_id: str, pace: float, weeks: int = WEEKS, start: float = 1000) -> list[dict]:
    """Return weekly totals up to `LAST` that rise and fall a little around a steady pace."""
    noise = np.random.default_rng(len(channel_id)).normal(0, 3, weeks)
    return [
        {"channel_id": channel_id, "date": LAST - timedelta(7 * (weeks - 1 - n)),
         "followers_total": round(start + pace * n + noise[n])}
        for n in range(weeks)
    ]  # fmt: skip


DAYS = make_days(
    *weekly("x:likely", 10),
    *weekly("x:open", 10),
    *weekly("x:unlikely", 10),
    *weekly("x:missed", 10),
    *weekly("x:reached", 10),
    *weekly("x:undated", 10),
    *weekly("x:short", 10, weeks=4),
    {"channel_id": "x:none", "date": LAST, "views": 5},
)


def aim(name: str, target: float | None, by: date | None = BY) -> dict:
    return {"channel_id": f"x:{name}", "platform": "x", "members_target": target,
            "members_target_by": by}  # fmt: skip


CHANNELS = make_channels(
    aim("likely", 1500),
    aim("open", 1890),
    aim("unlikely", 5000),
    aim("missed", 5000, FIRST + timedelta(70)),
    aim("reached", 1050, FIRST + timedelta(70)),
    aim("undated", 2000, None),
    aim("short", 2000),
    aim("none", 2000),
    {"channel_id": "x:aimless", "platform": "x"},
)
GOALS = growth.goals(CHANNELS, DAYS, PERIOD)


def find_course(name: str, by=BY) -> pd.DataFrame:
    return growth.course(CHANNELS, DAYS, f"x:{name}", by)


def test_each_goal_has_its_verdict():
    """A goal that is told as something else than it is, or lost."""
    found = GOALS.set_index("channel_id")["verdict"].to_dict()
    assert found == {
        "x:likely": "likely",
        "x:open": "open",
        "x:unlikely": "unlikely",
        "x:missed": "missed",
        "x:reached": "reached",
        "x:undated": "no date",
        "x:short": "too short",
        "x:none": "no totals",
    }
    told = GOALS[GOALS["chance"].notna()]
    assert list(told["channel_id"]) == ["x:unlikely", "x:open", "x:likely"]
    assert told["needed"].round().tolist()[0] == round((5000 - told["followers"].iloc[0]) / 10)


def test_a_goal_agrees_with_its_course():
    """A table that says other numbers than the line drawn below it."""
    row = GOALS.set_index("channel_id").loc["x:open"]
    end = find_course("open").iloc[-1]
    names = {"expected": "mean", "low80": "lo80", "high80": "hi80", "low95": "lo95",
             "high95": "hi95"}  # fmt: skip
    for ours, drawn in names.items():
        assert row[ours] == pytest.approx(end[drawn])


def test_a_course_goes_on_from_the_newest_total():
    """A gap or a jump between what is known and what is expected; a forecast of the past."""
    course = find_course("open")
    now = course["value"].last_valid_index()
    assert now == pd.Timestamp(LAST) and course.index[-1] == BY
    assert course.loc[now].nunique() == 1
    ahead = course[course.index > now]
    assert ahead["value"].isna().all() and len(ahead) == 10
    columns = ["lo95", "lo80", "mean", "hi80", "hi95"]
    assert (ahead[columns].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert course.loc[:now, "mean"].notna().sum() == 1


def test_courses_are_each_the_one_of_their_channel():
    """Histories that are kept for one channel and shown for another."""
    told = GOALS[GOALS["chance"].notna()]
    for channel_id, found in growth.courses(CHANNELS, DAYS, told).items():
        pd.testing.assert_frame_equal(found, growth.course(CHANNELS, DAYS, channel_id, BY))


def test_a_short_history_asks_channels_of_its_platform_only():
    """Peers of another platform, the channel as its own peer, or none at all."""
    names = [f"{platform}:{n}" for platform in ("x", "youtube") for n in range(24)]
    channels = make_channels(*({"channel_id": n, "platform": n.split(":")[0]} for n in names))
    days = make_days(*(row for n in names for row in weekly(n, 10, weeks=40)))
    found = growth.course(channels, days, "x:3", BY)
    alone = make_days(*(row for n in names[:24] for row in weekly(n, 10, weeks=40)))
    assert found.attrs["basis"] == "peers"
    pd.testing.assert_frame_equal(growth.course(channels, alone, "x:3", BY), found)
    one = channels[channels["channel_id"] == "x:3"]
    assert growth.course(one, days, "x:3", BY).attrs["basis"] == "default"


@pytest.mark.parametrize(
    ("steady", "between"),
    [({"followers_net": 3}, 30), ({"followers_gained": 5, "followers_lost": 1}, 30), ({}, 0)],
)
def test_days_between_two_totals_follow_the_daily_changes(steady, between):
    """Days that are invented where nothing is known of them, or a total that is not met."""
    rows = [
        {"channel_id": "x:a", "date": FIRST + timedelta(n), **steady}
        | ({"followers_total": 100 + 40 * (n > 0)} if n in (0, 31) else {})
        for n in range(32)
    ]
    totals = growth.daily_totals(make_days(*rows), "x:a")
    assert (totals.iloc[0], totals.iloc[-1]) == (100, 140)
    assert len(totals) == between + 2
    assert totals.is_monotonic_increasing


def test_sentences_of_goals():
    """A count that is wrong, a goal without its sentence, a chance that claims to be certain."""
    lines = growth.describe_goals(GOALS)
    assert lines[0] == "1 of 3 goals is likely to be reached, 1 is open, 1 is unlikely."
    assert "5,000 by" in lines[1] and "a chance of under 1%" in lines[1]
    assert re.search(r"It takes \+\d+ followers a week; the present pace is \+9\.9\.", lines[1])
    assert lines[4:] == [
        "Too short to forecast: x:short (X).",
        "No follower totals, so no forecast: x:none (X).",
        "A number without a date: x:undated (X).",
        "The day has come, and the number was reached: x:reached (X).",
        "The day has come, and the number was not reached: x:missed (X).",
    ]
    one = GOALS[GOALS["verdict"] == "open"]
    assert growth.describe_goals(one)[0] == "The one goal is open."
    assert growth.describe_goals(GOALS[:1])[0] == "The one goal is unlikely to be reached."
    assert growth.describe_goals(GOALS[:2])[0] == (
        "None of 2 goals is likely to be reached, 1 is open, 1 is unlikely."
    )
    assert growth.describe_goals(GOALS[:0]) == ["No plan pursues a number of members."]
    last = growth.describe_goals(GOALS[GOALS["verdict"] == "no totals"])
    assert last[0] == "No goal of 1 channel can be forecast."


def test_sentences_of_where_goals_lie():
    """A goal above the interval that is told as one within it."""
    assert growth.describe_ways(GOALS) == (
        "1 of 3 goals lies within the 80% interval, 1 above it, 1 below it."
    )
    for verdict, where in (("open", "within"), ("unlikely", "above"), ("likely", "below")):
        one = GOALS[GOALS["verdict"] == verdict]
        assert growth.describe_ways(one).endswith(f"the goal lies {where} the 80% interval.")


@pytest.mark.parametrize(
    ("paces", "said"),
    [
        ([10, 0.5], ["a (X) gains the most: +10 followers", "b (X) gains the least: +0.5"]),
        ([10, -3], ["a (X) gains the most: +10 followers", "b (X) loses the most: −3.0"]),
        ([0, -3], ["No channel gains followers.", "b (X) loses the most: −3.0"]),
        ([7, 7], ["2 channels: +7.0 followers a week each."]),
        ([144.3], ["a (X): +144 followers a week."]),
    ],
)
def test_sentences_of_paces(paces, said):
    """A channel that loses followers told as one that gains; a superlative of one channel."""
    table = pd.DataFrame(
        {"label": ["a (X)", "b (X)"][: len(paces)], "pace": pd.array(paces, "Float64"),
         "change_from": "totals", "change_days": PERIOD.days}
    )  # fmt: skip
    lines = growth.describe_paces(table, PERIOD)
    assert len(lines) == len(said)
    assert all(line.startswith(begin) for line, begin in zip(lines, said, strict=True))


def test_a_pace_is_that_of_the_days_that_are_known():
    """A channel whose export ended early, told as slow: its days over the weeks of the period."""
    own = {"channel_id": "x:a", "followers_net": 2}
    days = make_days(*({**own, "date": PERIOD.start + timedelta(n)} for n in range(14)))
    table = growth.paces(make_channels({"channel_id": "x:a"}), days, PERIOD)
    assert table["pace"].tolist() == [14]
    lines = growth.describe_paces(table, PERIOD)
    assert lines == [
        "x:a (X): +14 followers a week.",
        f"Known on a part of the {PERIOD.days} days only: x:a (X).",
    ]


def test_the_figure_of_paces():
    """A bar of another channel, a loss in the colour of gains, an alt text without the range."""
    table = pd.DataFrame(
        {"label": ["a (X)", "b (X)"], "pace": pd.array([12.2, -3], "Float64"),
         "change_from": "totals", "change_days": PERIOD.days}
    )  # fmt: skip
    figure = charts.show_paces(table, PERIOD, SOURCE)
    (ax,) = figure.fig.axes
    assert [bar.get_width() for bar in ax.patches] == [12.2, -3]
    assert len({to_hex(bar.get_facecolor()) for bar in ax.patches}) == 2
    assert [text.get_text() for text in ax.texts] == ["+12", "−3.0"]
    assert figure.alt.startswith("a (X) gains the most: +12 followers a week. Bars of 2 channels")
    assert figure.alt.endswith("from b (X), −3.0 to a (X), +12.")
    unknown = table.assign(pace=pd.array([None, None], "Float64"))
    assert isinstance(charts.show_paces(unknown, PERIOD, SOURCE), charts.Note)


def test_the_figure_of_chances():
    """Bars that do not begin at 0 and end at 1, or a chance beside the wrong channel."""
    figure = charts.show_chances(GOALS, SOURCE)
    (ax,) = figure.fig.axes
    assert ax.get_xlim() == (0, 1)
    bars, tracks = ax.patches[:3], ax.patches[3:]
    told = GOALS[GOALS["chance"].notna()]
    assert [bar.get_width() for bar in bars] == pytest.approx(list(told["chance"]))
    assert [bar.get_width() for bar in tracks] == [1, 1, 1]
    assert all(track.get_zorder() < bar.get_zorder() for bar in bars for track in tracks)
    texts = [text.get_text() for text in ax.texts]
    assert texts[0].startswith("under 1% (5,000, ") and "(1,500, " in texts[2]
    assert "from x:unlikely (X), under 1% (5,000, " in figure.alt
    hopeless = GOALS[GOALS["chance"].isna()]
    assert isinstance(charts.show_chances(hopeless, SOURCE), charts.Note)


def test_the_figure_of_one_course():
    """A goal on another day than its own, bands of the wrong level, a range that is not told."""
    course, goal = find_course("open"), BY - pd.Timedelta(weeks=3)
    figure = charts.show_course(course, "x:open (X)", 1890, goal, SOURCE)
    (ax,) = figure.fig.axes
    known, expected, diamond = ax.lines
    assert known.get_ydata()[0] == course["value"].iloc[0]
    assert expected.get_linestyle() == "--"
    assert expected.get_ydata()[-1] == course["mean"].iloc[-1]
    assert diamond.get_marker() == "D"
    assert list(diamond.get_xdata()) == [goal] and list(diamond.get_ydata()) == [1890]
    low, high = ax.get_ylim()
    assert low < course.min(axis=None) and high > course.max(axis=None)
    for band, level in zip(ax.collections, BANDS, strict=True):
        assert to_hex(band.get_facecolor()[0]).upper() == BANDS[level]
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.max() == pytest.approx(course[f"hi{level}"].max())
    end = course.iloc[-1]
    between = f"{end['lo80']:,.0f} to {end['hi80']:,.0f} followers by"
    assert figure.alt.startswith(f"x:open (X): {between}")
    assert f"95% interval {end['lo95']:,.0f} to {end['hi95']:,.0f}" in figure.alt
    assert "The intervals rest on its own past. The goal, 1,890 by" in figure.alt
    assert figure.source.startswith(SOURCE) and figure.source.endswith("is the diamond.")


@pytest.mark.parametrize(
    ("target", "by", "said"),
    [
        (1890, BY + pd.Timedelta(weeks=1), "lies outside these days."),
        (1890, None, "has no day and is not drawn."),
        (pd.NA, pd.NaT, SOURCE),
    ],
)
def test_a_goal_that_is_not_drawn_is_told(target, by, said):
    """A diamond on a day that is not the goal's."""
    figure = charts.show_course(find_course("open"), "x:open (X)", target, by, SOURCE)
    assert len(figure.fig.axes[0].lines) == 2
    assert figure.source.endswith(said)


def test_a_course_that_can_not_be_told_is_a_note():
    """An empty figure."""
    for name, said in (("short", "too short to forecast"), ("none", "no follower totals")):
        note = charts.show_course(find_course(name), f"x:{name} (X)", 5, BY, SOURCE)
        assert isinstance(note, charts.Note) and said in note.alt


def test_the_figure_of_all_goals():
    """A panel of another channel, or more of the past than leaves room for what is ahead."""
    told = GOALS[GOALS["chance"].notna()]
    courses = growth.courses(CHANNELS, DAYS, told)
    figure = charts.show_goals(GOALS, courses, SOURCE)
    assert len(figure.fig.axes) == 3
    for ax, goal in zip(figure.fig.axes, told.itertuples(), strict=True):
        known, _, diamond = ax.lines
        assert list(diamond.get_ydata()) == [goal.target]
        assert list(diamond.get_xdata()) == [goal.by]
        first = pd.Timestamp(known.get_xdata()[0])
        assert first >= pd.Timestamp(LAST) - pd.DateOffset(years=1)
        assert goal.label.removesuffix(" (X)") in ax.get_title(loc="left")
        assert growth.write_chance(goal.chance) in ax.get_title(loc="left")
    assert figure.alt.startswith("1 of 3 goals lies within the 80% interval")
    assert "Chances: from x:unlikely (X), under 1% to x:likely (X)," in figure.alt
    hopeless = GOALS[GOALS["chance"].isna()]
    assert isinstance(charts.show_goals(hopeless, {}, SOURCE), charts.Note)


@pytest.mark.parametrize("choice", [("x:open", 3), ("x:open", 12), ("x:short", 6)])
def test_the_call_beside_the_explorer_gives_what_it_shows(choice):
    """A call that a reader copies and that shows something else."""
    explorer = explorers.GrowthExplorer(CHANNELS, DAYS, LAST, source=SOURCE)
    explorer.controls["channel"].value, explorer.controls["months"].value = choice
    code = html.unescape(re.search("<code>(.*)</code>", explorer.reproduce.value, re.S)[1])
    imported, call = code.split("\n\n")
    names = {"channels": CHANNELS, "days": DAYS, "last_day": LAST, "source": SOURCE}
    exec(imported, names)
    assert eval(call, names).to_html() == explorer.result.value
    assert f'"{choice[0]}"' in call and f"months={choice[1]}" in call


def test_the_explorer_offers_channels_with_totals_only():
    """A choice without an answer; a table that stays when the choice changes."""
    explorer = explorers.GrowthExplorer(CHANNELS, DAYS, LAST, source=SOURCE)
    offered = [value for _, value in explorer.controls["channel"].options]
    assert "x:none" not in offered and "x:aimless" not in offered and "x:open" in offered
    ends = []
    for months in (3, 12):
        explorer.controls["months"].value = months
        ends.append(re.findall(r'<th scope="row">([^<]*)</th>', explorer.result.value)[-1])
    assert ends[0] != ends[1] and all(re.fullmatch(r"\d+ \w{3} \d{4}", end) for end in ends)
    longest = make_days(*weekly("x:short", 10, weeks=4), *weekly("x:open", 10, weeks=5))
    explorer = explorers.GrowthExplorer(CHANNELS, longest, LAST, source=SOURCE)
    assert explorer.values()["channel"] == "x:open"
    nothing = explorers.GrowthExplorer(CHANNELS, DAYS[:0], None, source=SOURCE)
    assert "nothing to choose from" in nothing.result.value


def test_examples_in_the_documentation_run():
    """An example that a reader copies and that fails."""
    result = doctest.testmod(sys.modules["handbook.growth.goals"])
    assert result.failed == 0 and result.attempted > 0
