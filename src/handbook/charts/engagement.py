"""Figures of what posts bring: ranks by definition, content mix, kinds and times with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from handbook import formats, metrics
from handbook.charts.base import (
    COLOURS,
    LABEL_WIDTH,
    PER_PAGE,
    Figure,
    Note,
    new_figure,
    row_axes,
    row_height,
    row_label,
    styled,
    take_page,
)
from handbook.charts.rhythm import STEPS

SHADES = tuple(colour for _, colour, _ in STEPS)
"""Colours of cells, from nothing to the most."""

DARK = 3
"""The first of `SHADES` on which letters are white."""


@styled
def show_rankings(table: pd.DataFrame, source: str, *, page: int = 1):
    """Return the figure of `metrics.rankings`: the channels' ranks by each definition."""
    title = metrics.describe_rankings(table)[0]
    if table.empty:
        return Note(title)
    wide = metrics.rankings_by_channel(table)
    labels, part = take_page(list(wide["label"]), page)
    shown = wide[wide["label"].isin(labels)]
    names = [name for name in metrics.DEFINITIONS if f"rank_{name}" in wide]
    fig, box = new_figure(46 * len(labels), title, left=12, right=LABEL_WIDTH + 12, bottom=52)
    ax = fig.add_axes(box)
    draw_ranks(ax, shown, names)
    ax.set_xticks(range(len(names)), [_short(name) for name in names], linespacing=1.1)
    moved = wide[[f"rank_{name}" for name in names]].astype(int)
    spread = moved.max(axis=1) - moved.min(axis=1)
    ends = formats.span(str(spread.min()), str(spread.max()))
    alt = (
        f"{title} A line for {formats.each_of(len(wide), 'channel')} shows its rank "
        f"{formats.names([_in_line(name) for name in names], 9)}; "
        f"the ranks of one channel lie {ends} apart.{part}"
    )
    return Figure(fig, alt, "Rank 1 is the highest; the same posts in each definition. "
                  + source + part)  # fmt: skip


def _short(name: str) -> str:
    return "engagements\na post" if name not in metrics.BASES else f"by\n{metrics.BASES[name]}"


def _in_line(name: str) -> str:
    return "by " + _short(name).replace("\n", " ").removeprefix("by ")


def draw_ranks(ax: Axes, wide: pd.DataFrame, names: Sequence[str]) -> None:
    """Draw a line for each channel through its ranks; those that move most stand out."""
    ranks = wide[[f"rank_{name}" for name in names]].astype(int)
    spread = ranks.max(axis=1) - ranks.min(axis=1)
    for number, (place, row) in enumerate(ranks.iterrows()):
        stands_out = spread[place] == spread.max() and spread[place] > 0
        colour = COLOURS["orange" if stands_out else "blue" if spread[place] else "grey"]
        ax.plot(range(len(names)), row, color=colour, linewidth=2 if stands_out else 1.4, zorder=2)
        ax.plot(range(len(names)), row, "o", color=colour, markersize=15, zorder=3)
        for x, rank in enumerate(row):
            ax.text(x, rank, str(rank), color="white", fontsize=9, ha="center", va="center",
                    zorder=4)  # fmt: skip
        ax.annotate(
            row_label(wide["label"].iloc[number]),
            (len(names) - 1, row.iloc[-1]),
            xytext=(12, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            linespacing=1.0,
            color=COLOURS["ink"],
        )
    ax.set_ylim(ranks.to_numpy().max() + 0.5, ranks.to_numpy().min() - 0.5)
    ax.set_xlim(-0.3, len(names) - 1 + 0.15)
    ax.set_yticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="x", length=0)


def draw_grid(ax: Axes, values: pd.DataFrame, write: Callable[[float], str]) -> None:
    """Draw a table of numbers as cells, darker for more; an empty cell is nothing.

    Parameters
    ----------
    values
        Numbers of 0 or more, a row and a column for each of the cells; missing is not drawn.
    write
        How a number is written in its cell.
    """
    most = float(values.max(axis=None))
    for y, (_, row) in enumerate(values.iterrows()):
        for x, value in enumerate(row):
            if formats.is_missing(value):
                continue
            step = 0 if value <= 0 else 1 + min(int(4 * value / most), 3)
            ax.add_patch(
                Rectangle((x - 0.47, y - 0.44), 0.94, 0.88, color=SHADES[step], linewidth=0)
            )
            ax.text(x, y, write(value), ha="center", va="center", fontsize=8.5,
                    color="white" if step >= DARK else COLOURS["ink"])  # fmt: skip
    ax.set_xlim(-0.5, values.shape[1] - 0.5)
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    for spine in ax.spines.values():
        spine.set_visible(False)


@styled
def show_mix(table: pd.DataFrame, source: str, *, page: int = 1):
    """Return the figure of `metrics.content_mix`: the share of each kind, by channel."""
    title = metrics.describe_mix(table)[0]
    if table.empty:
        return Note(title)
    kinds = list(table.groupby("post_type")["posts"].sum().sort_values(ascending=False).index)
    labels, part = take_page(list(dict.fromkeys(table["label"])), page)
    shares = table.pivot(index="label", columns="post_type", values="share")
    height = row_height(labels) * len(labels)
    fig, box = new_figure(height + 34, title, left=LABEL_WIDTH + 12, right=12, bottom=16)
    ax = row_axes(fig, (*box[:3], box[3] * height / (height + 34)), labels)
    draw_grid(ax, shares.loc[labels, kinds], lambda share: formats.percent(share, 0))
    ax.set_xticks(range(len(kinds)), [kind.replace(" ", "\n") for kind in kinds], fontsize=8)
    low, high = (formats.percent(v, 0) for v in (table["share"].min(), table["share"].max()))
    alt = (
        f"{title} Cells of {formats.number_of(shares.shape[0], 'channel')} and "
        f"{formats.number_of(len(kinds), 'kind')} show shares of the channel's posts: "
        f"{formats.span(low, high)}.{part}"
    )
    return Figure(fig, alt, "Per cent of the channel's posts. " + source + part)


@styled
def show_groups(table: pd.DataFrame, label: str, by: str, source: str):
    """Return the figure of one channel's part of `metrics.compare_within`.

    Parameters
    ----------
    table
        The rows of one channel and one grouping.
    label, by
        The channel's label, and a key of `metrics.GROUPINGS`.
    source
        Where the numbers come from, for the caption.
    """
    title = metrics.describe_groups(table, label, by)
    known = table[table["enough"].fillna(False) & table["low"].notna()]
    if known.empty:
        return Note(title)
    order = metrics.ORDERS.get(by)
    if order:
        known = known.sort_values("group", key=lambda groups: groups.map(order.index))
    rate = metrics.title_of(known["rate"].iloc[0]).lower()
    fig, box = new_figure(30 * len(known), title, left=132, right=92, bottom=66)
    ax = fig.add_axes(box)
    draw_groups(ax, known)
    ax.set_xlabel(f"{rate}\nof the typical post, with its 95% interval", loc="left")
    few = table[~table["enough"].fillna(False)]
    left_out = ""
    if not few.empty:
        names = formats.names([str(group).replace("_", " ") for group in few["group"]])
        left_out = f" Not enough data, fewer than {metrics.POSTS_MINIMUM} posts: {names}."
    low, high = known["low"].min(), known["high"].max()
    alt = (
        f"{title} A dot with its interval for {formats.each_of(len(known), 'group')}, {rate}: "
        f"{formats.span(formats.percent(low, 2), formats.percent(high, 2))}.{left_out}"
    )
    return Figure(fig, alt, f"{left_out} {source}".strip())


def draw_groups(ax: Axes, known: pd.DataFrame) -> None:
    """Draw an estimate with its interval for each group; those that differ stand out."""
    for y, row in enumerate(known.itertuples()):
        differs = row.differs is not pd.NA and row.differs
        colour = COLOURS["orange" if differs else "blue"]
        ax.plot([row.low, row.high], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
        ax.plot([row.estimate], [y], "o", color=colour, markersize=7)
        ax.annotate(
            f"{formats.percent(row.estimate, 2)} ({formats.count(row.n)})",
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            color=COLOURS["ink"],
        )
    ax.set_yticks(range(len(known)), [str(g).replace("_", " ") for g in known["group"]])
    ax.set_ylim(len(known) - 0.4, -0.6)
    ax.set_xlim(0, float(known["high"].max()) * 1.04)
    ax.xaxis.get_major_locator().set_params(nbins=4)
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)


@styled
def show_means(table: pd.DataFrame, source: str, *, page: int = 1):
    """Return the figure of `metrics.mean_against_sum`: both ways of one rate, by channel."""
    title = metrics.describe_means(table)[0]
    if table.empty or not table["ratio"].notna().any():
        return Note(title)
    labels, part = take_page(list(table["label"]), page)
    shown = table.iloc[(page - 1) * PER_PAGE :][: len(labels)]
    height = row_height(labels) * len(labels)
    fig, box = new_figure(height, title, left=LABEL_WIDTH + 12, right=80, bottom=84)
    ax = row_axes(fig, box, labels)
    draw_means(ax, shown)
    rate = metrics.title_of(table["rate"].iloc[0]).lower()
    ax.set_xlabel(
        f"{rate}\ndot: sum over sum; ring: mean of\nthe posts' rates; right: ring ÷ dot", loc="left"
    )
    values = pd.concat([table["sum_over_sum"], table["mean_of_rates"]])
    alt = (
        f"{title} A dot and a ring for {formats.each_of(len(table), 'channel')}, {rate}: "
        f"{formats.span(*(formats.percent(v, 2) for v in (values.min(), values.max())))}.{part}"
    )
    return Figure(fig, alt, source + part)


def draw_means(ax: Axes, shown: pd.DataFrame) -> None:
    """Draw the sum over the sum as a dot and the mean of rates as a ring, with a line between."""
    for y, row in enumerate(shown.itertuples()):
        ends = [float(row.sum_over_sum), float(row.mean_of_rates)]
        ax.plot(ends, [y, y], color=COLOURS["grey"], linewidth=1.5, zorder=1)
        ax.plot(ends[1:], [y], "o", color=COLOURS["orange"], markerfacecolor="white",
                markeredgewidth=1.8, markersize=8, zorder=2)  # fmt: skip
        ax.plot(ends[:1], [y], "o", color=COLOURS["blue"], markersize=6, zorder=3)
        ax.annotate(
            "" if formats.is_missing(row.ratio) else f"× {formats.decimal(row.ratio, 2)}",
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(12, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            color=COLOURS["ink"],
        )
    most = float(shown[["sum_over_sum", "mean_of_rates"]].max(axis=None))
    ax.set_xlim(0, 1.06 * most)
    ax.xaxis.get_major_locator().set_params(nbins=4)
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")
    ax.grid(axis="x")


@styled
def show_times(grid: pd.DataFrame, title: str, source: str):
    """Return the figure of `metrics.posting_times`: posts by weekday and part of the day.

    Parameters
    ----------
    grid
        As from `metrics.posting_times`.
    title
        What it shows: the first sentence of `metrics.describe_times`.
    source
        Where the numbers come from, for the caption.
    """
    if not grid["posts"].sum():
        return Note(title)
    counts = grid.pivot(index="weekday", columns="part_of_day", values="posts")
    counts = counts.loc[list(metrics.WEEKDAYS), list(metrics.PARTS_OF_DAY)]
    height = 26 * len(counts)
    fig, box = new_figure(height + 36, title, left=92, right=12, bottom=16)
    ax = fig.add_axes((*box[:3], box[3] * height / (height + 36)))
    draw_grid(ax, counts, formats.count)
    ax.set_ylim(len(counts) - 0.5, -0.5)
    ax.set_yticks(range(len(counts)), list(counts.index))
    ax.set_xticks(range(counts.shape[1]), [name.replace(", ", "\n") for name in counts])
    cells = [formats.count(v) for v in (grid["posts"].min(), grid["posts"].max())]
    alt = (
        f"{title} Cells of seven weekdays and {counts.shape[1]} parts of the day show the posts "
        f"published then: {formats.span(*cells)}."
    )
    return Figure(fig, alt, "Posts published. " + source)
