"""Figures of the posting rhythm: promise and record, gaps, calendars."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from handbook import cadence, formats
from handbook.charts.base import (
    COLOURS,
    LABEL_WIDTH,
    PER_PAGE,
    WIDTH,
    Figure,
    Note,
    draw_bars,
    month_ticks,
    new_figure,
    range_of,
    row_axes,
    row_height,
    show_bars,
    styled,
    take_page,
)

STEPS = (
    (0, "#ECECEC", "0"),
    (1, "#A9CCE6", "1"),
    (2, "#5B9FCF", "2–3"),
    (4, "#1F6FA8", "4–6"),
    (7, "#0A3A63", "7 or more"),
)
"""Colours of a heat map: from how many posts on, colour, words of the legend."""

STATE_COLOURS = {"dormant": "orange", "active": "blue"}


@styled
def show_rhythm(table: pd.DataFrame, source: str, *, page: int = 1):
    """Return the figure of `cadence.rhythm`: posts a week against the plan's promise."""
    title = cadence.describe_rhythm(table)[0]
    judged = table[table["verdict"].isin(["kept", "below"])].reset_index(drop=True)
    if judged.empty:
        return Note(title)
    labels, part = take_page(list(judged["label"]), page)
    where = slice((page - 1) * PER_PAGE, (page - 1) * PER_PAGE + len(labels))
    shown = judged.iloc[where]
    height = row_height(labels) * len(labels)
    fig, box = new_figure(height, title, left=LABEL_WIDTH + 12, right=76, bottom=56)
    ax = row_axes(fig, box, labels)
    draw_rhythm(ax, shown)
    least, most = (
        judged.loc[judged["share_kept"].idxmin()],
        judged.loc[judged["share_kept"].idxmax()],
    )
    alt = (
        f"{title} Bars show posts a week of {formats.number_of(len(judged), 'channel')}, a line "
        f"the promise: from {least['label']}, {_of_promise(least)}, to {most['label']}, "
        f"{_of_promise(most)}.{part}"
    )
    return Figure(fig, alt, source + part)


def _of_promise(row: pd.Series) -> str:
    promised = row["promised_per_week"]
    digits = 0 if float(promised).is_integer() else 1
    return f"{formats.decimal(row['kept_per_week'])} of {formats.decimal(promised, digits)}"


def draw_rhythm(ax: Axes, table: pd.DataFrame) -> None:
    """Draw kept posts a week as bars and the promised ones as upright lines."""
    colours = ["orange" if verdict == "below" else "blue" for verdict in table["verdict"]]
    texts = [_of_promise(row) for _, row in table.iterrows()]
    draw_bars(ax, table["kept_per_week"], [""] * len(table), colours)
    furthest = float(max(table["kept_per_week"].max(), table["promised_per_week"].max()))
    for row, (promised, kept, text) in enumerate(
        zip(table["promised_per_week"], table["kept_per_week"], texts, strict=True)
    ):
        ax.plot([promised] * 2, [row - 0.38, row + 0.38], color=COLOURS["ink"], linewidth=2.2,
                clip_on=False)  # fmt: skip
        ax.annotate(
            text,
            (max(float(promised), float(kept)), row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            color=COLOURS["ink"],
        )
    ax.set_xlim(0, furthest)
    ax.set_xlabel("posts a week: kept of promised", loc="left")
    ax.legend(
        handles=[
            Patch(color=COLOURS["blue"], label="kept"),
            Patch(color=COLOURS["orange"], label="below"),
            Line2D([], [], color=COLOURS["ink"], linewidth=2.2, label="promised"),
        ],
        ncols=3,
        loc="upper left",
        bbox_to_anchor=(-0.04, 0),
        bbox_transform=ax.transAxes,
        borderaxespad=1.8,
        handlelength=1.2,
        columnspacing=1.2,
    )


@styled
def show_gaps(table: pd.DataFrame, source: str, *, dormant_after_months: float, page: int = 1):
    """Return the figure of `cadence.gaps`: the longest gap of each channel."""
    title = cadence.describe_gaps(table, dormant_after_months=dormant_after_months)[0]
    known = table[table["gap_days"].notna()].sort_values(["gap_days", "label"],
                                                        ascending=[False, True])  # fmt: skip
    if known.empty:
        return Note(title)
    known = known.reset_index(drop=True)
    texts = [f"{formats.count(row.gap_days)}{_gap_ends(row)}" for row in known.itertuples()]
    colours = [STATE_COLOURS.get(state, "grey") for state in known["state"]]
    unit = "days of the longest gap"
    return show_bars(known, "gap_days", texts, colours, title, unit, source, page, 134)


def _gap_ends(row) -> str:
    """Say what is special about a channel, else when its longest gap ended."""
    if row.state != "active":
        return f" ({row.state})"
    return f" (to {formats.day(row.gap_to)})" if row.gap_days else ""


def step_colour(posts: float) -> str:
    """Return the colour of a heat map's cell."""
    return [colour for least, colour, _ in STEPS if posts >= least][-1]


def draw_cells(ax: Axes, cells: pd.DataFrame) -> None:
    """Draw a heat map's cells.

    Parameters
    ----------
    cells
        `x` and `y` (whole numbers, y downwards), `posts` (missing: no cell), `paused`.
    """
    told = cells[cells["posts"].notna()]
    for cell in told.itertuples():
        ax.add_patch(_square(cell.x, cell.y, facecolor=step_colour(cell.posts)))
    for cell in cells[cells["paused"]].itertuples():
        ax.plot([cell.x - 0.42, cell.x + 0.42], [cell.y + 0.47] * 2, color=COLOURS["orange"],
                linewidth=2, solid_capstyle="butt")  # fmt: skip
    ax.set_xlim(cells["x"].min() - 0.6, cells["x"].max() + 0.6)
    ax.set_ylim(cells["y"].max() + 0.6, cells["y"].min() - 0.6)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.tick_params(length=0)


def _square(x: float, y: float, **look) -> Rectangle:
    return Rectangle((x - 0.44, y - 0.4), 0.88, 0.8, **look)


def _cells_legend(ax: Axes) -> None:
    """Say what the colours mean, under the axes."""
    handles = [Patch(color=colour, label=words) for _, colour, words in STEPS]
    handles.append(Line2D([], [], color=COLOURS["orange"], linewidth=2, label="planned pause"))
    ax.figure.legend(
        handles=handles,
        ncols=6,
        loc="lower left",
        bbox_to_anchor=(4 / WIDTH, 0),
        handlelength=0.9,
        columnspacing=0.9,
        handletextpad=0.4,
        fontsize=9,
    )


@styled
def show_calendar(table: pd.DataFrame, source: str, *, page: int = 1):
    """Return the heat map of `cadence.calendar`: posts by channel and week."""
    title = cadence.describe_calendar(table)[0]
    if not table["posts"].notna().any():
        return Note(title)
    labels, part = take_page(list(table["label"].unique()), page)
    shown = table[table["label"].isin(labels)]
    height = row_height(labels) * len(labels)
    fig, box = new_figure(height, title, left=LABEL_WIDTH + 12, bottom=70)
    ax = row_axes(fig, box, labels)
    starts = sorted(shown["week_start"].unique())
    rows = {label: row for row, label in enumerate(labels)}
    cells = pd.DataFrame(
        {
            "x": shown["week_start"].map({day: number for number, day in enumerate(starts)}),
            "y": shown["label"].map(rows),
            "posts": shown["posts"],
            "paused": (shown["paused_days"] > 0).fillna(False),
        }
    )
    draw_cells(ax, cells)
    month_ticks(ax, starts)
    ax.set_xlabel("weeks, by the month that they begin in", loc="left")
    _cells_legend(ax)
    told = table["posts"].dropna()
    alt = (
        f"{title} A heat map with a row for each channel and a column for each of "
        f"{formats.number_of(len(starts), 'week')} from {formats.day(starts[0])} on: "
        f"{range_of(told)} posts a week.{part}"
    )
    return Figure(fig, alt, source + part)


@styled
def show_days(table: pd.DataFrame, title: str, source: str):
    """Return a calendar of one channel: a column for each week, a row for each weekday.

    Parameters
    ----------
    table
        Rows of `cadence.post_record` of one channel.
    """
    if table.empty:
        return Note(title)
    monday = table["date"] - pd.to_timedelta(table["date"].dt.day_of_week, unit="D")
    starts = list(pd.date_range(monday.min(), monday.max(), freq="7D"))
    cells = pd.DataFrame(
        {
            "x": (monday - monday.min()).dt.days // 7,
            "y": table["date"].dt.day_of_week,
            "posts": table["posts"],
            "paused": table["paused"].astype(bool),
        }
    )
    fig, box = new_figure(150, title, left=46, bottom=70)
    ax = fig.add_axes(box)
    draw_cells(ax, cells)
    ax.set_yticks(range(7), ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
    ax.set_ylim(6.6, -0.6)
    month_ticks(ax, starts)
    ax.set_xlabel("weeks, by the month that they begin in; posts a day", loc="left")
    _cells_legend(ax)
    alt = (
        f"{title} A calendar of {formats.number_of(len(starts), 'week')} from "
        f"{formats.day(table['date'].min())} on, a cell for each day: "
        f"{range_of(table['posts'])} posts."
    )
    return Figure(fig, alt, source)
