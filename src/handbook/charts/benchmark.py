"""Figures of channels among their peers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from handbook import benchmark, formats
from handbook.charts.base import COLOURS, LABEL_WIDTH, Figure, Note, new_figure, styled
from handbook.schema import PLATFORMS


@styled
def show_peers(table: pd.DataFrame, measure: str, source: str, *, channel: str | None = None):
    """Return a strip for each platform: a dot for each channel, the middle half where told.

    Parameters
    ----------
    table
        `benchmark.benchmark`.
    measure
        A key of `benchmark.MEASURES`.
    channel
        The id of a channel to mark, and to name.
    """
    own = table[table["measure"] == measure].reset_index(drop=True)
    title = benchmark.describe_measure(own, measure)
    if own.empty:
        return Note(title)
    middle = own.groupby("platform")["value"].median().sort_values(ascending=False)
    platforms = list(middle.index)
    fig, box = new_figure(38 * len(platforms), title, left=LABEL_WIDTH, right=24, bottom=76)
    ax = fig.add_axes(box)
    draw_peers(ax, own, platforms, channel)
    unit = benchmark.MEASURES[measure]
    ax.xaxis.set_major_formatter(
        lambda value, _: formats.decimal(100 * value if unit.endswith("%") else value, 1)
    )
    ax.xaxis.get_major_locator().set_params(nbins=5)
    ax.set_xlabel(unit, loc="left")
    write = benchmark.write_value(measure)
    low, high = own.loc[own["value"].idxmin()], own.loc[own["value"].idxmax()]
    ends = [f"{row['label']}, {write(row['value'])}" for row in (low, high)]
    alt = (
        f"{title}. A dot for {formats.each_of(len(own), 'channel')}, a row for "
        f"{formats.each_of(len(platforms), 'platform')}: {formats.span(*ends)}."
    )
    marked = own[own["channel_id"] == channel]
    if len(marked):
        row = marked.iloc[0]
        place = row["place"] if row["enough"] else "too few peers to say where that stands"
        alt += f" {row['label']} has {write(row['value'])}: {place}."
    return Figure(fig, alt, source)


def draw_peers(ax: Axes, own: pd.DataFrame, platforms: Sequence[str], channel: str | None) -> None:
    """Draw a dot for each channel in its platform's row, and the middle half of large rows."""
    labels = []
    for row, platform in enumerate(platforms):
        found = own[own["platform"] == platform]
        numbers = found["value"].astype(float)
        labels.append(f"{PLATFORMS.get(platform, platform)} ({len(found)})")
        if len(found) > benchmark.PEERS_MINIMUM:
            low, middle, high = numbers.quantile([0.25, 0.5, 0.75])
            ax.plot([low, high], [row, row], color="#C9DCEB", linewidth=12,
                    solid_capstyle="butt", zorder=1)  # fmt: skip
            ax.plot([middle] * 2, [row - 0.3, row + 0.3], color=COLOURS["ink"], linewidth=1.6)
        others = found["channel_id"] != channel
        ax.plot(numbers[others], [row] * int(others.sum()), "o", markersize=6, zorder=3,
                color=COLOURS["blue"], markeredgecolor="white", markeredgewidth=0.8)  # fmt: skip
        ax.plot(numbers[~others], [row] * int((~others).sum()), "D", markersize=8, zorder=4,
                color=COLOURS["orange"], markeredgecolor="white", markeredgewidth=0.8)  # fmt: skip
    ax.set_yticks(range(len(platforms)), labels)
    ax.set_ylim(len(platforms) - 0.5, -0.5)
    ax.spines["left"].set_visible(False)
    low, high = float(own["value"].min()), float(own["value"].max())
    margin = (high - min(low, 0)) * 0.04 or 1
    ax.set_xlim(min(low, 0) - margin, max(high, 0) + margin)
    if low < 0:
        ax.axvline(0, color=COLOURS["grey"], linewidth=0.8)
    handles = [Line2D([], [], marker="o", linestyle="", color=COLOURS["blue"], label="a channel")]
    if channel in set(own["channel_id"]):
        handles.append(
            Line2D([], [], marker="D", linestyle="", color=COLOURS["orange"], label="this channel")
        )
    if own["platform"].value_counts().max() > benchmark.PEERS_MINIMUM:
        handles += [
            Line2D([], [], color="#C9DCEB", linewidth=8, label="middle half"),
            Line2D([], [], color=COLOURS["ink"], linewidth=1.6, label="median"),
        ]
    ax.figure.legend(
        handles=handles,
        ncols=4,
        loc="lower left",
        bbox_to_anchor=(0.01, 0),
        handlelength=1,
        columnspacing=1,
    )
