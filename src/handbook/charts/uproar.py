"""Figures of the uproar watch: alerts in time, the audit of the rule, one series."""

from __future__ import annotations

from datetime import date

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from handbook import formats, uproar
from handbook.charts.base import (
    COLOURS,
    LABEL_WIDTH,
    PER_PAGE,
    Figure,
    Note,
    date_axis,
    new_figure,
    row_axes,
    row_height,
    styled,
    take_page,
)

MARKS = {
    "amber": {"marker": "o", "markerfacecolor": "white", "markersize": 7},
    "red": {"marker": "D", "markerfacecolor": COLOURS["orange"], "markersize": 6.5},
}
"""An amber alert is an open ring and a red one a full diamond: told apart without colours."""


def draw_marks(ax: Axes, x, y, alert: str) -> None:
    """Draw the alerts of one kind."""
    ax.plot(x, y, linestyle="", color=COLOURS["orange"], markeredgewidth=1.6, zorder=4,
            clip_on=False, **MARKS[alert])  # fmt: skip


def legend_below(ax: Axes, handles: list, drop: float) -> None:
    """Write the legend under the axis."""
    ax.legend(
        handles=handles,
        ncols=len(handles),
        loc="upper left",
        bbox_to_anchor=(-0.02, 0),
        bbox_transform=ax.transAxes,
        borderaxespad=drop,
        handlelength=1.4,
        columnspacing=1.2,
    )


def mark_handles() -> list[Line2D]:
    """Return what the legend says of the marks."""
    return [
        Line2D([], [], linestyle="", color=COLOURS["orange"], markeredgewidth=1.6, label=alert,
               **MARKS[alert])
        for alert in MARKS
    ]  # fmt: skip


@styled
def show_alerts(
    found: pd.DataFrame,
    audited: pd.DataFrame,
    as_of: date | None,
    source: str,
    *,
    weeks: int = uproar.RECENT_WEEKS,
    page: int = 1,
):
    """Return the figure of `uproar.alerts`: when what stood out, a row for each series with any."""
    title = uproar.describe_alerts(found, audited, weeks=weeks)[0]
    if found.empty:
        return Note(title)
    series = list(found["series"].drop_duplicates())
    shown, part = take_page(series, page)
    labels = [_row_of(found, name) for name in shown]
    fig, box = new_figure(row_height(labels) * len(labels), title, left=LABEL_WIDTH + 40,
                          right=46, bottom=58)  # fmt: skip
    ax = row_axes(fig, box, labels)
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    ax.set_xlim(end - pd.Timedelta(weeks=weeks), end)
    for row, name in enumerate(shown):
        ax.axhline(row, color=COLOURS["grey"], linewidth=0.6)
        for alert in MARKS:
            own = found[(found["series"] == name) & (found["alert"] == alert)]
            draw_marks(ax, own["start"], [row] * len(own), alert)
    date_axis(ax, end - pd.Timedelta(weeks=weeks), end)
    legend_below(ax, mark_handles(), 2.2)
    first, last = found.iloc[-1], found.iloc[0]
    ends = formats.span(*(f"{one['series']}, {one['when']} ({one['alert']})"
                          for one in (first, last)))  # fmt: skip
    alt = f"{title} Marks in time, a row for each series with an alert: {ends}.{part}"
    return Figure(fig, alt, source + part)


def _row_of(table: pd.DataFrame, name: str) -> str:
    """Return the label of a series' row: the channel, and what is counted in brackets."""
    row = table[table["series"] == name].iloc[0]
    channel, _, platform = row["label"].rpartition(" (")
    if not channel:
        return f"{row['label']} ({row['what']})"
    if row["what"] == uproar.BY_DAY:
        return f"{channel} ({platform.removesuffix(')')}, by day)"
    return f"{channel} ({row['what']})"


@styled
def show_rate(audited: pd.DataFrame, source: str, *, page: int = 1):
    """Return the figure of `uproar.overview`: alerts a month of each series, beside the rate."""
    title = uproar.describe_audit(audited)[0]
    judged = audited[audited["enough"].astype(bool)].sort_values(
        ["per_month", "series"], ascending=[False, True]
    )
    if judged.empty:
        return Note(title)
    _, part = take_page(list(judged["series"]), page)
    shown = judged.iloc[(page - 1) * PER_PAGE : page * PER_PAGE]
    labels = [_row_of(shown, name) for name in shown["series"]]
    fig, box = new_figure(row_height(labels) * len(labels), title, left=LABEL_WIDTH + 40,
                          right=30, bottom=46)  # fmt: skip
    ax = row_axes(fig, box, labels)
    rows = range(len(shown))
    ax.hlines(rows, shown["low"], shown["high"], color=COLOURS["blue"], linewidth=2)
    ax.plot(shown["per_month"], rows, "o", color=COLOURS["blue"], markersize=6)
    stated = float(shown["stated"].iloc[0])
    ax.axvline(stated, color=COLOURS["ink"], linewidth=1.2, linestyle=(0, (4, 3)))
    ax.set_xlim(0, max(2 * stated, float(shown["per_month"].max()) * 1.6))
    for row, high in zip(rows, shown["high"], strict=True):
        if high > ax.get_xlim()[1]:
            ax.annotate("›", (1, row), xycoords=("axes fraction", "data"), va="center",
                        color=COLOURS["blue"], fontsize=12)  # fmt: skip
    ax.set_xlabel("alerts a month (dashed: stated)", loc="left")
    ends = [
        f"{row['series']}, {formats.decimal(row['per_month'], 2)} "
        f"({formats.decimal(row['low'], 2)} to {formats.decimal(row['high'], 2)})"
        for _, row in judged.iloc[[-1, 0]].iterrows()
    ]
    alt = (
        f"{title} Dots with intervals of {formats.number_of(len(judged), 'series', 'series')}, "
        f"alerts a month: {formats.span(*ends)}.{part}"
    )
    return Figure(fig, alt, source + part)


@styled
def show_watch(own: pd.DataFrame, name: str, source: str):
    """Return the figure of one watched series: counts, what was expected, and the alerts."""
    title = uproar.describe_series(own, name)
    if own.empty or not own["score"].notna().any():
        return Note(f"{title}.")
    fig, box = new_figure(190, title, left=52, right=14, bottom=66)
    ax = fig.add_axes(box)
    ax.plot(own["at"], own["count"], color=COLOURS["blue"], linewidth=1.2)
    ax.plot(own["at"], own["expected"], color=COLOURS["ink"], linewidth=1, linestyle=(0, (4, 2)))
    for alert in MARKS:
        at = own[own["alert"] == alert]
        draw_marks(ax, at["at"], at["count"], alert)
    ax.set_ylim(0, max(1.0, float(own["count"].max()) * 1.12))
    ax.set_xlim(own["at"].min(), own["at"].max())
    ax.set_ylabel(f"count in {uproar.step_words(own['step_s'].iloc[0])}")
    date_axis(ax, own["at"].min(), own["at"].max())
    lines = [
        Line2D([], [], color=COLOURS["blue"], linewidth=1.4, label="counted"),
        Line2D([], [], color=COLOURS["ink"], linestyle=(0, (4, 2)), label="expected"),
    ]
    legend_below(ax, lines + mark_handles(), 2.2)
    low, high = formats.count(own["count"].min()), formats.count(own["count"].max())
    alt = (
        f"{title}. Lines of what was counted and expected, "
        f"{formats.days_between(own['at'].min(), own['at'].max())}: "
        f"{formats.span(low, high)} in {uproar.step_words(own['step_s'].iloc[0])}."
    )
    return Figure(fig, alt, source)
