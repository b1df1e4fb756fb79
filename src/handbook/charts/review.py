"""Figures of a month beside earlier ones."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from handbook import formats, review
from handbook.charts.base import (
    COLOURS,
    LABEL_WIDTH,
    PER_PAGE,
    Figure,
    Note,
    new_figure,
    row_axes,
    row_height,
    styled,
    take_page,
)
from handbook.periods import Period

MARKS = {
    "last_year": ("|", "grey", "same month last year"),
    "before": ("o", "grey", "month before"),
    "value": ("D", "blue", "this month"),
}
"""How a month is drawn: marker, colour, words of the legend."""


@styled
def show_month(table: pd.DataFrame, measure: str, month: Period, source: str, *, page: int = 1):
    """Return one measure of a month beside the earlier months, a row for each channel.

    Parameters
    ----------
    table
        `review.compare_days`.
    measure
        A key of `review.MEASURES`.
    """
    own = table[(table["measure"] == measure) & table["value"].notna()]
    own = own.sort_values(["value", "label"], ascending=[False, True]).reset_index(drop=True)
    title = review.describe_measure(own, measure, month)
    if own.empty:
        return Note(title)
    labels, part = take_page(list(own["label"]), page)
    shown = own.iloc[(page - 1) * PER_PAGE :][: len(labels)]
    height = row_height(labels) * len(labels)
    fig, box = new_figure(height, title, left=LABEL_WIDTH + 12, right=60, bottom=72)
    ax = row_axes(fig, box, labels)
    draw_months(ax, shown)
    words = review.MEASURES[measure]
    ax.set_xlabel(words, loc="left")
    ends = [
        f"{row['label']}, {formats.count(row['value'])}" for _, row in own.iloc[[-1, 0]].iterrows()
    ]
    alt = (
        f"{title}. A row for {formats.each_of(len(own), 'channel')} with this month, the month "
        f"before and the same month last year: {formats.span(*ends)} {words}.{part}"
    )
    return Figure(fig, alt, source + part)


def draw_months(ax: Axes, shown: pd.DataFrame) -> None:
    """Draw the months of each row as marks on a line, this month's number beside it."""
    numbers = shown[list(MARKS)].astype("Float64")
    high = float(numbers.max(axis=None, skipna=True))
    for row in range(len(shown)):
        known = numbers.iloc[row].dropna().astype(float)
        ax.plot([known.min(), known.max()], [row, row], color="#C9C9C9", linewidth=1.2, zorder=1)
        for name, (marker, colour, _) in MARKS.items():
            if name in known:
                ax.plot([known[name]], [row], marker, color=COLOURS[colour], markersize=7,
                        markeredgewidth=1.6 if marker == "|" else 0, zorder=3,
                        clip_on=False)  # fmt: skip
        ax.annotate(
            formats.count(shown["value"].iloc[row]),
            (known.max(), row),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            color=COLOURS["blue"],
        )
    low = min(0.0, float(numbers.min(axis=None, skipna=True)))
    ax.set_xlim(low, high if high > low else low + 1)
    ax.xaxis.set_major_formatter(lambda value, _: formats.count(value))
    ax.xaxis.get_major_locator().set_params(nbins=4, integer=True)
    ax.figure.legend(
        handles=[
            Line2D([], [], marker=marker, linestyle="", color=COLOURS[colour], label=words)
            for marker, colour, words in reversed(MARKS.values())
        ],
        ncols=3,
        loc="lower left",
        bbox_to_anchor=(0.01, 0),
        handlelength=1,
        columnspacing=1,
    )
