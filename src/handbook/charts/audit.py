"""Figures of the register audit: each channel by each rule, each rule, a threshold tried."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from handbook import audit, formats
from handbook.charts.base import (
    COLOURS,
    LABEL_WIDTH,
    WIDTH,
    Figure,
    Note,
    new_figure,
    row_axes,
    row_height,
    styled,
    take_page,
)

MARKS = {
    "met": ("o", "blue", True),
    "not met": ("X", "orange", True),
    "differs from": ("D", "purple", True),
    "cannot tell": ("o", "grey", False),
}
"""Verdict to shape, colour, and whether the shape is filled: told apart without colour, too."""

WORDS = {verdict: verdict for verdict in MARKS} | {"differs from": "differs from practice"}
"""What the legend says of each verdict."""

HEAD = 52
"""Height of the rules' ids above the rows, in CSS pixels."""


@styled
def show_audit(findings: pd.DataFrame, register: pd.DataFrame, source: str, *, page: int = 1):
    """Return the figure of `audit.matrix`: a mark for each channel and rule."""
    title = audit.describe(findings, register)[0]
    table = audit.matrix(findings, register)
    if table.empty:
        return Note(title)
    labels, part = take_page(list(table["label"]), page)
    shown = table[table["label"].isin(labels)]
    height = row_height(labels) * len(labels)
    fig, box = new_figure(height + HEAD, title, left=LABEL_WIDTH + 12, bottom=34)
    left, bottom, width, full = box
    ax = row_axes(fig, (left, bottom, width, full * height / (height + HEAD)), labels)
    draw_marks(ax, shown)
    _legend(fig, [_marker(verdict) for verdict in audit.VERDICTS], ncols=4)
    most, least = table.iloc[0], table.iloc[-1]
    ends = formats.span(_departures(most), _departures(least))
    alt = (
        f"{title} A mark for {formats.each_of(len(table), 'channel')} and each of "
        f"{len(audit.AUDITS)} rules: {ends}.{part}"
    )
    return Figure(fig, alt, source + part)


def _departures(row: pd.Series) -> str:
    number = int(row["departing"])
    return f"{row['label']}, {formats.number_of(number, 'departure')}"


def draw_marks(ax: Axes, table: pd.DataFrame) -> None:
    """Draw a verdict's mark in each cell; a cell without a verdict stays empty."""
    rules = list(audit.BY_RULE)
    for verdict, (shape, colour, filled) in MARKS.items():
        cells = [
            (column, row)
            for row, verdicts in enumerate(table[rules].itertuples(index=False))
            for column, found in enumerate(verdicts)
            if not formats.is_missing(found) and found == verdict
        ]
        ax.scatter(
            [x for x, _ in cells],
            [y for _, y in cells],
            s=46,
            marker=shape,
            facecolor=COLOURS[colour] if filled else "none",
            edgecolor=COLOURS[colour],
            linewidth=1.2 if not filled else 0,
            label=verdict,
        )
    ax.set_xlim(-0.6, len(rules) - 0.4)
    ax.set_xticks(range(len(rules)), rules, rotation=90, fontsize=9)
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0, pad=4)
    ax.spines["bottom"].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(axis="y", color="#E2E2E2", linewidth=0.8)


def _marker(verdict: str) -> Line2D:
    shape, colour, filled = MARKS[verdict]
    return Line2D([], [], linestyle="", marker=shape, markersize=6.5, label=WORDS[verdict],
                  markeredgecolor=COLOURS[colour], markeredgewidth=0 if filled else 1.2,
                  markerfacecolor=COLOURS[colour] if filled else "none")  # fmt: skip


def _legend(fig, handles: list, ncols: int) -> None:
    fig.legend(
        handles=handles,
        ncols=ncols,
        loc="lower left",
        bbox_to_anchor=(6 / WIDTH, 0),
        columnspacing=1.2,
        handletextpad=0.4,
        handlelength=1.2,
        frameon=False,
    )


@styled
def show_rules(totals: pd.DataFrame, source: str):
    """Return the figure of `audit.totals`: of how many channels each rule says what."""
    title = audit.describe_totals(totals)
    drawn = totals[totals["channels"] > 0].reset_index(drop=True)
    if drawn.empty:
        return Note(title)
    labels = [f"{row.about} ({row.rule})" for row in drawn.itertuples()]
    height = row_height(labels) * len(labels)
    fig, box = new_figure(height, title, left=LABEL_WIDTH + 12, bottom=56)
    ax = row_axes(fig, box, labels)
    draw_totals(ax, drawn)
    colours = {verdict: COLOURS[colour] for verdict, (_, colour, _) in MARKS.items()}
    _legend(fig, [Patch(color=colours[name], label=WORDS[name]) for name in MARKS], ncols=4)
    said = [f"{formats.count(int(totals[name].sum()))} × {WORDS[name]}" for name in MARKS]
    rules = formats.each_of(len(drawn), "rule")
    alt = f"{title} A bar for {rules}, divided by verdict; together {formats.names(said)}."
    return Figure(fig, alt, source)


def draw_totals(ax: Axes, table: pd.DataFrame) -> None:
    """Draw the channels of each verdict one after another, from zero."""
    starts = [0] * len(table)
    for verdict in audit.VERDICTS:
        counts = [int(number) for number in table[verdict]]
        ax.barh(range(len(counts)), counts, left=starts, height=0.6,
                color=COLOURS[MARKS[verdict][1]])  # fmt: skip
        for row, (start, number) in enumerate(zip(starts, counts, strict=True)):
            if number >= 0.05 * int(table["channels"].max()):
                ax.text(start + number / 2, row, formats.count(number), ha="center", va="center",
                        fontsize=9, color="white")  # fmt: skip
        starts = [start + number for start, number in zip(starts, counts, strict=True)]
    ax.set_xlim(0, max(starts))
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_xlabel("channels", loc="left")


@styled
def show_threshold(curve: pd.DataFrame, threshold: str, value: float, title: str, source: str):
    """Return the figure of `audit.threshold_curve`: who departs, by the threshold's value."""
    if not curve[["met", "departing", "open"]].to_numpy().sum():
        return Note(title)
    fig, box = new_figure(150, title, left=24, right=24, bottom=76)
    ax = fig.add_axes(box)
    draw_threshold(ax, curve, value)
    ax.set_xlabel(f"{audit.THRESHOLD_WORDS[threshold]}; bars: channels", loc="left")
    handles = [
        Patch(color=COLOURS["blue"], label="today's value"),
        Patch(color=COLOURS["orange"], label="the value tried"),
        Patch(color=COLOURS["grey"], label="other values"),
    ]
    _legend(fig, handles, ncols=3)
    ends = [
        f"{formats.number_of(int(row.departing), 'channel')} at {row.value:g}"
        for row in curve.iloc[[0, -1]].itertuples()
    ]
    alt = f"{title} Bars: channels that depart, {ends[0]} to {ends[1]}."
    return Figure(fig, alt, source)


def draw_threshold(ax: Axes, curve: pd.DataFrame, value: float) -> None:
    """Draw the departing channels as bars from zero."""
    colours = [
        COLOURS[
            "orange" if row.value == value and not row.today else "blue" if row.today else "grey"
        ]
        for row in curve.itertuples()
    ]
    places = range(len(curve))
    ax.bar(places, curve["departing"], width=0.7, color=colours)
    for place, number in zip(places, curve["departing"], strict=True):
        ax.annotate(formats.count(number), (place, number), xytext=(0, 2), ha="center",
                    textcoords="offset points", fontsize=9, color=COLOURS["ink"])  # fmt: skip
    step = 1 + len(curve) // 16
    ticks = list(places)[::step]
    ax.set_xticks(ticks, [f"{curve['value'].iloc[place]:g}" for place in ticks])
    ax.set_yticks([])
    ax.set_ylim(0, max(1, int(curve["departing"].max())) * 1.15)
    ax.axhline(0, color=COLOURS["grey"], linewidth=0.8)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
