"""Figures of channels at a glance: audience, activity, engagement, missing days, weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes

from handbook import formats, metrics
from handbook.charts.base import (
    COLOURS,
    LABEL_WIDTH,
    PER_PAGE,
    WIDTH,
    Figure,
    Note,
    date_axis,
    new_figure,
    panel_label,
    range_of,
    row_axes,
    row_height,
    show_bars,
    styled,
    take_page,
)
from handbook.periods import Period


@styled
def show_activity(table: pd.DataFrame, period: Period, source: str, *, page: int = 1):
    """Return the figure of `metrics.activity`: posts a week, by channel."""
    title = metrics.describe_activity(table, period)[0]
    known = table[table["posts_per_week"].notna()].reset_index(drop=True)
    if known.empty or not known["posts"].sum():
        return Note(title)
    texts = [
        f"{formats.decimal(row.posts_per_week)} ({formats.count(row.posts)})"
        for row in known.itertuples()
    ]
    unit = "posts a week (posts in the period)"
    return show_bars(
        known, "posts_per_week", texts, ["blue"] * len(known), title, unit, source, page
    )


@styled
def show_engagement(table: pd.DataFrame, rate: str, period: Period, source: str, *, page: int = 1):
    """Return the figure of `metrics.engagement`: one engagement rate, by channel."""
    title = metrics.describe_engagement(table, rate, period)[0]
    known = metrics.enough_posts(table, rate)
    if known.empty:
        return Note(title)
    texts = [
        f"{formats.percent(row[rate], 2)} ({formats.count(row[f'n_{rate}'])})"
        for _, row in known.iterrows()
    ]
    unit = f"{metrics.title_of(rate).lower()} (posts)"
    return show_bars(known, rate, texts, ["blue"] * len(known), title, unit, source, page)


def draw_history(ax: Axes, own: pd.DataFrame, period: Period) -> None:
    """Draw one channel's audience as a line, with its last value beside it."""
    values = own["value"].astype(float)
    breaks = own["date"].diff() > pd.Timedelta(days=45)
    line = values.mask(breaks)
    ax.axvspan(pd.Timestamp(period.start), pd.Timestamp(period.end), color="#EEF3F8", linewidth=0)
    ax.plot(own["date"], line, color=COLOURS["blue"])
    ax.plot(own["date"].iloc[-1:], values.iloc[-1:], "o", color=COLOURS["blue"], markersize=4)
    low, high = values.min(), values.max()
    margin = (high - low) * 0.15 or max(abs(high) * 0.1, 1)
    ax.set_ylim(low - margin, high + margin)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


@styled
def show_audience(
    table: pd.DataFrame, history: pd.DataFrame, period: Period, source: str, *, page: int = 1
):
    """Return small multiples of `metrics.followers_history`, in the order of the table.

    Parameters
    ----------
    table, period
        `metrics.audience` and the period that it compares: the title's finding, the shading.
    history
        `metrics.followers_history`.
    """
    title = metrics.describe_audience(table, period)[0]
    groups = dict(list(history.groupby("channel_id")))
    drawn = table[table["channel_id"].isin(list(groups))]
    if drawn.empty or not period.days:
        return Note(title)
    labels, part = take_page(list(drawn["label"]), page)
    ids = list(drawn["channel_id"])[(page - 1) * PER_PAGE :][: len(labels)]
    rows = -(-len(labels) // 2)
    height, gap, panel = 128, 14, (WIDTH - 24 - 20) / 2
    fig, box = new_figure(height * rows, title, bottom=30)
    start, end = history["date"].min(), history["date"].max()
    room = max((end - start) * 0.02, pd.Timedelta(days=1))
    unit_height = box[3] / (height * rows)
    for number, (channel_id, label) in enumerate(zip(ids, labels, strict=True)):
        row, column = divmod(number, 2)
        ax = fig.add_axes(
            (
                (12 + column * (panel + 20)) / WIDTH,
                box[1] + unit_height * (height * (rows - row - 1) + gap),
                panel / WIDTH,
                unit_height * (height - 36 - gap - 12),
            )
        )
        own = groups[channel_id]
        draw_history(ax, own, period)
        ax.set_xlim(start - room, end + room)
        ax.set_title(panel_label(label), linespacing=1.2, fontsize=9.5, fontweight="normal", pad=14)
        gained = own["kind"].iloc[0] == "gained"
        first, last = own["value"].iloc[0], own["value"].iloc[-1]
        ax.text(
            0,
            1.03,
            f"{formats.count(last, signed=True)} gained since {formats.day(own['date'].iloc[0])}"
            if gained
            else f"{formats.count(first)} → {formats.count(last)} followers",
            transform=ax.transAxes,
            fontsize=9,
            color="#404040",
        )
        date_axis(ax, start, end, months=(1,))
        if row < rows - 1 and number + 2 < len(labels):
            ax.tick_params(axis="x", labelbottom=False)
    totals = drawn[drawn["followers_end"].notna()]
    spread = (
        f" Followers at the end: {range_of(totals['followers_end'])}."
        if not totals.empty
        else " Only gained followers are given, no totals."
    )
    alt = (
        f"{title} A line for {formats.each_of(len(labels), 'channel')} shows its audience "
        f"from {formats.day(start)} to {formats.day(end)}.{spread}{part}"
    )
    own_scale = "Each panel has its own scale; shaded: the period compared. "
    return Figure(fig, alt, own_scale + source + part)


@styled
def show_missing(
    table: pd.DataFrame, runs: pd.DataFrame, as_of: date | None, source: str, *, page: int = 1
):
    """Return the figure of `metrics.runs_of_days`: on which days each channel has data."""
    title = metrics.describe_missing(table)[0]
    drawn = table[table["channel_id"].isin(list(runs["channel_id"]))]
    if drawn.empty:
        return Note(title)
    labels, part = take_page(list(drawn["label"]), page)
    ids = list(drawn["channel_id"])[(page - 1) * PER_PAGE :][: len(labels)]
    height = row_height(labels) * len(labels)
    fig, box = new_figure(height, title, left=LABEL_WIDTH + 12, bottom=48)
    ax = row_axes(fig, box, labels)
    draw_runs(ax, runs, ids)
    start, end = runs["start"].min(), max(pd.Timestamp(as_of), runs["end"].max())
    ax.set_xlim(start - pd.Timedelta(days=1), end + pd.Timedelta(days=1))
    date_axis(ax, start, end)
    ax.set_xlabel("days with data; white: nothing", loc="left")
    missing = int(drawn["days_missing"].max())
    most = f"at most {formats.number_of(missing, 'day')} of a channel are" if missing else "none is"
    alt = (
        f"{title} A strip for {formats.each_of(len(drawn), 'channel')} shows its days "
        f"with data {formats.span(formats.day(start), formats.day(end))}; {most} missing.{part}"
    )
    return Figure(fig, alt, source + part)


def draw_runs(ax: Axes, runs: pd.DataFrame, ids: Sequence[str]) -> None:
    """Draw runs of days as strips, a row for each channel."""
    groups = dict(list(runs.groupby("channel_id")))
    for row, channel_id in enumerate(ids):
        spans = [
            (mdates.date2num(run.start) - 0.5, (run.end - run.start).days + 1)
            for run in groups[channel_id].itertuples()
        ]
        ax.broken_barh(spans, (row - 0.22, 0.44), color=COLOURS["blue"], linewidth=0)
    ax.xaxis_date()


@styled
def show_weekly(table: pd.DataFrame, title: str, unit: str, source: str, *, stock: bool):
    """Return the figure of `metrics.weekly`: one measure of one channel, by week.

    Parameters
    ----------
    stock
        True for what is not a sum of days (followers, reach): a line, whose axis need not begin
        at zero. Sums are bars from zero, grey where days of the week are missing.
    """
    told = table[table["value"].notna()]
    if told.empty:
        return Note(title)
    fig, box = new_figure(180, title, left=66, right=36, bottom=52)
    ax = fig.add_axes(box)
    draw_line(ax, told) if stock else draw_weekly(ax, table)
    ax.yaxis.set_major_formatter(lambda value, _: formats.count(value))
    ax.yaxis.get_major_locator().set_params(nbins=4, integer=True)
    ax.grid(axis="y")
    ax.spines["left"].set_visible(False)
    partial = not stock and bool((told["days"] < 7).any())
    ax.set_xlabel(f"{unit}{'; grey: fewer than 7 days' if partial else ''}", loc="left")
    start, end = table["week_start"].min(), table["week_start"].max()
    ax.set_xlim(start - pd.Timedelta(days=1), end + pd.Timedelta(days=8))
    date_axis(ax, start, end)
    marks = formats.number_of(len(told), "point" if stock else "bar")
    alt = f"{title} {marks}, one for each week with data: {range_of(told['value'])} {unit}."
    return Figure(fig, alt, source)


def draw_weekly(ax: Axes, table: pd.DataFrame) -> None:
    """Draw each week's sum as a bar from zero."""
    colours = [COLOURS["grey" if days < 7 else "blue"] for days in table["days"]]
    middle = table["week_start"] + pd.Timedelta(days=3.5)
    ax.bar(middle, table["value"].astype(float), width=5.6, color=colours)
    ax.axhline(0, color=COLOURS["grey"], linewidth=0.8)


def draw_line(ax: Axes, told: pd.DataFrame) -> None:
    """Draw each week's value as a point on a line."""
    middle = told["week_start"] + pd.Timedelta(days=3.5)
    ax.plot(middle, told["value"].astype(float), "o-", color=COLOURS["blue"], markersize=4)
    ax.margins(y=0.2)
