"""Figures of growth and goals: paces, chances, forecasts with their intervals."""

from __future__ import annotations

from datetime import date

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from handbook import formats, growth
from handbook.charts.base import (
    COLOURS,
    PER_PAGE,
    WIDTH,
    Figure,
    Note,
    date_axis,
    new_figure,
    panel_label,
    show_bars,
    styled,
    take_page,
)
from handbook.periods import Period

VERDICT_COLOURS = {"likely": "blue", "open": "grey", "unlikely": "orange"}

BANDS = {95: "#D6E6F2", 80: "#A9CCE6"}
"""Fills of the intervals, the wider one paler."""

LOOK_BACK = pd.DateOffset(years=1)
"""How much of the past a small panel shows: more would leave no room for what is ahead."""

TRACK = "#EFEFEF"
"""Fill of what is left to certainty."""


@styled
def show_paces(table: pd.DataFrame, period: Period, source: str, *, page: int = 1):
    """Return the figure of `growth.paces`: followers gained a week, by channel."""
    title = growth.describe_paces(table, period)[0]
    known = table[table["pace"].notna()].reset_index(drop=True)
    if known.empty:
        return Note(title)
    texts = [growth.write_pace(pace) for pace in known["pace"]]
    colours = ["blue" if pace >= 0 else "orange" for pace in known["pace"]]
    unit = f"followers a week, {period}"
    return show_bars(known, "pace", texts, colours, title, unit, source, page, 64)


@styled
def show_chances(table: pd.DataFrame, source: str, *, page: int = 1):
    """Return the figure of `growth.goals`: the chance of each goal by its date."""
    title = growth.describe_goals(table)[0]
    told = table[table["chance"].notna()].reset_index(drop=True)
    if told.empty:
        return Note(title)
    texts = [
        f"{growth.write_chance(row.chance)} ({formats.count(row.target)}, {formats.day(row.by)})"
        for row in told.itertuples()
    ]
    colours = [VERDICT_COLOURS[verdict] for verdict in told["verdict"]]
    unit = "chance, of 100% (goal, its day)"
    figure = show_bars(told, "chance", texts, colours, title, unit, source, page, 178)
    (ax,) = figure.fig.axes
    rows = len(ax.get_yticks())
    ax.barh(range(rows), [1] * rows, height=0.55, color=TRACK, zorder=0)
    ax.set_xlim(0, 1)
    return figure


def draw_course(ax: Axes, table: pd.DataFrame, target: float | None, by: date | None) -> bool:
    """Draw one channel's audience so far, its forecast with intervals, and its goal.

    Returns
    -------
    bool
        Whether the goal is drawn: its day lies within the days of the course.
    """
    for level, colour in BANDS.items():
        ax.fill_between(table.index, table[f"lo{level}"], table[f"hi{level}"], color=colour,
                        linewidth=0)  # fmt: skip
    ax.plot(table.index, table["value"], color=COLOURS["ink"])
    ax.plot(table.index, table["mean"], color=COLOURS["blue"], linestyle="--")
    low, high = float(table.min(axis=None)), float(table.max(axis=None))
    known = not (formats.is_missing(target) or formats.is_missing(by))
    drawn = known and table.index[0] <= pd.Timestamp(by) <= table.index[-1]
    if drawn:
        ax.plot([pd.Timestamp(by)], [target], "D", color=COLOURS["orange"], markersize=5)
        low, high = min(low, target), max(high, target)
    margin = (high - low) * 0.1 or max(high * 0.1, 1)
    ax.set_ylim(low - margin, high + margin)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.yaxis.set_major_formatter(lambda value, _: formats.count(value))
    ax.tick_params(axis="y", labelsize=8.5)
    return drawn


@styled
def show_course(
    table: pd.DataFrame, label: str, target: float | None, by: date | None, source: str
):
    """Return the figure of `growth.course` of one channel, with the goal where its day is drawn."""
    title = growth.describe_course(table, label)
    if table.empty or table.attrs["basis"] == "too short":
        return Note(title)
    fig, box = new_figure(210, title, left=64, right=20, bottom=56)
    ax = fig.add_axes(box)
    drawn = draw_course(ax, table, target, by)
    date_axis(ax, table.index[0], table.index[-1])
    ax.set_xlabel("followers; dashed: expected; bands: 80% and 95%", loc="left")
    goal = _describe_goal(target, by, drawn)
    return Figure(fig, f"{title} {_alt_of(table)}{goal}", f"{source}{goal}")


def _describe_goal(target: float | None, by: date | None, drawn: bool) -> str:
    """Return in words which goal is drawn, or why it is not."""
    if formats.is_missing(target):
        return ""
    if formats.is_missing(by):
        return f" The goal, {formats.count(target)}, has no day and is not drawn."
    where = "is the diamond" if drawn else "lies outside these days"
    return f" The goal, {formats.count(target)} by {formats.day(by)}, {where}."


def _alt_of(table: pd.DataFrame) -> str:
    """Return in words what a course shows beside its title."""
    known, end = table["value"].dropna(), table.iloc[-1]
    first, last = formats.count(known.iloc[0]), formats.count(known.iloc[-1])
    return (
        f"A line goes from {first} on {formats.day(known.index[0])} to {last} on "
        f"{formats.day(known.index[-1])}, then a forecast with a mean of "
        f"{formats.count(end['mean'])}; 95% interval {formats.count(end['lo95'])} to "
        f"{formats.count(end['hi95'])}. The intervals rest on {growth.BASIS[table.attrs['basis']]}."
    )


@styled
def show_goals(
    table: pd.DataFrame, courses: dict[str, pd.DataFrame], source: str, *, page: int = 1
):
    """Return small multiples of `growth.course`, a panel for each goal that can be forecast.

    Parameters
    ----------
    table
        `growth.goals`.
    courses
        `growth.course` up to the day of the goal, by `channel_id`.
    """
    told = table[table["chance"].notna()].reset_index(drop=True)
    if told.empty:
        return Note(growth.describe_goals(table)[0])
    title = growth.describe_ways(told)
    labels, part = take_page(list(told["label"]), page)
    shown = told.iloc[(page - 1) * PER_PAGE :][: len(labels)]
    rows = -(-len(labels) // 2)
    height, panel = 170, (WIDTH - 24 - 16) / 2
    fig, box = new_figure(height * rows, title, bottom=26)
    unit = box[3] / (height * rows)
    for number, goal in enumerate(shown.itertuples()):
        row, column = divmod(number, 2)
        ax = fig.add_axes(
            (
                (12 + 44 + column * (panel + 16)) / WIDTH,
                box[1] + unit * (height * (rows - row - 1) + 24),
                (panel - 52) / WIDTH,
                unit * (height - 80),
            )
        )
        own = courses[goal.channel_id]
        own = own[own.index >= own["value"].last_valid_index() - LOOK_BACK]
        draw_course(ax, own, float(goal.target), goal.by)
        _name_ends(ax, own.index)
        words = f"{panel_label(goal.label)}: {growth.write_chance(goal.chance)}"
        ax.set_title(words, linespacing=1.2, fontsize=9.5, fontweight="normal", x=-0.24, pad=16)
        ax.text(-0.24, 1.05, f"goal: {formats.count(goal.target)} by {formats.day(goal.by)}",
                transform=ax.transAxes, fontsize=9, color="#404040")  # fmt: skip
    ends = [
        f"{row.label}, {growth.write_chance(row.chance)}" for row in told.iloc[[0, -1]].itertuples()
    ]
    many = formats.number_of(len(labels), "channel")
    alt = (
        f"{title} Lines of {many} over the last year, then forecasts with 80% and 95% intervals "
        f"up to the day of the goal, which is a diamond. Chances: {formats.span(*ends)}.{part}"
    )
    key = "Line: the last year; dashed: expected; bands: 80% and 95%; diamond: the goal. "
    return Figure(fig, alt, f"{key}Each panel has its own scale. {source}{part}")


def _name_ends(ax: Axes, days: pd.DatetimeIndex) -> None:
    """Write the first and the last day under a panel: there is no room for more."""
    ends = [days[0], days[-1]]
    long = ends[1] - ends[0] > pd.Timedelta(days=60)
    ax.set_xticks(ends, [f"{day:%b %Y}" if long else formats.day(day) for day in ends])
    for text, side in zip(ax.get_xticklabels(), ("left", "right"), strict=True):
        text.set_horizontalalignment(side)
