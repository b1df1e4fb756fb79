"""The figures: `draw_*` puts a table on axes and computes nothing, `show_*` makes the figure.

A figure's title says what was found, its alternative text says that and the range, and its
caption says where the numbers come from.
All three are computed from the table that is drawn, so that they are true of any store.
"""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from importlib.resources import files

import pandas as pd
from matplotlib import dates as mdates
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from PIL import Image

from handbook import cadence, formats, metrics
from handbook.periods import Period

STYLE = str(files("handbook") / "handbook.mplstyle")

COLOURS = {
    "blue": "#0B6BA8",
    "orange": "#C4500B",
    "purple": "#7A4FA3",
    "grey": "#767676",
    "ink": "#1F1F1F",
}
"""The only colours of lines and bars: at least 3:1 on white, told apart by colour-blind people."""

STEPS = (
    (0, "#ECECEC", "0"),
    (1, "#A9CCE6", "1"),
    (2, "#5B9FCF", "2–3"),
    (4, "#1F6FA8", "4–6"),
    (7, "#0A3A63", "7 or more"),
)
"""Colours of a heat map: from how many posts on, colour, words of the legend."""

STATE_COLOURS = {"dormant": "orange", "active": "blue"}

WIDTH = 470
"""Width of a figure in CSS pixels: it stays readable when shown 350 px wide."""

PER_PAGE = 24
"""Channels in one figure; the others are on its next pages."""

LABEL_WIDTH = 164

SHORT = 12
"""Letters of a word that a table keeps on one line."""


class Figure:
    """A picture with its alternative text and its source, ready for a notebook and a page.

    Parameters
    ----------
    fig
        The matplotlib figure.
    alt
        What a reader who does not see the picture needs: the finding and the range.
    source
        Whose numbers these are, from which imports, through which day.
    """

    def __init__(self, fig: Canvas, alt: str, source: str) -> None:
        self.fig, self.alt, self.source = fig, alt, source

    def to_png(self) -> bytes:
        """Return the picture at twice its size on the page; the same bytes each time.

        Its colours are few, so that 128 of them make a third of the bytes.
        """
        drawn, file = io.BytesIO(), io.BytesIO()
        with style.context(STYLE):
            self.fig.savefig(drawn, format="png", dpi=192)
        picture = Image.open(drawn).convert("RGB").quantize(128, dither=Image.Dither.NONE)
        picture.save(file, format="PNG", optimize=True)
        return file.getvalue()

    def to_html(self) -> str:
        """Return an HTML figure with the picture inside."""
        width, height = (round(inches * 96) for inches in self.fig.get_size_inches())
        picture = base64.b64encode(self.to_png()).decode("ascii")
        return (
            '<figure class="handbook-figure">'
            f'<img src="data:image/png;base64,{picture}" width="{width}" height="{height}" '
            f'alt="{html.escape(self.alt)}">'
            f"<figcaption>{html.escape(self.source)}</figcaption></figure>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.alt}


class Note:
    """What stands in place of a figure when there is nothing to draw."""

    def __init__(self, text: str) -> None:
        self.alt = text

    def to_html(self) -> str:
        """Return an HTML paragraph."""
        return f'<p class="handbook-note">{html.escape(self.alt)}</p>'

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.alt}


class Table:
    """A table for readers: numbers written out, missing values as a dash, caption and source.

    Parameters
    ----------
    frame
        The rows in the order in which they are shown; the first column heads each row.
    columns
        Heading by column name; columns that it does not name are not shown. Under a heading that
        ends in `%` stand fractions as percentages.
    caption
        What the table counts, of whom, over which days.
    source
        Whose numbers these are, from which imports, through which day.
    """

    def __init__(
        self, frame: pd.DataFrame, columns: dict[str, str], caption: str, source: str
    ) -> None:
        self.headings, self.caption, self.source = list(columns.values()), caption, source
        cells = [_write_column(frame[name], heading) for name, heading in columns.items()]
        self.rows = list(zip(*cells, strict=True))
        self.classes = [_class_of(frame[name]) for name in columns]

    def to_html(self) -> str:
        """Return an HTML table in a region that scrolls by keyboard."""
        if not self.rows:
            return Note(f"{self.caption}: no rows.").to_html()
        kinds = [f' class="{name}"' if name else "" for name in self.classes]
        head = "".join(
            f'<th scope="col"{kind}>{html.escape(heading)}</th>'
            for heading, kind in zip(self.headings, kinds, strict=True)
        )
        body = []
        for first, *rest in self.rows:
            cells = "".join(
                f"<td{kind}>{html.escape(cell)}</td>"
                for cell, kind in zip(rest, kinds[1:], strict=True)
            )
            body.append(f'<tr><th scope="row">{html.escape(first)}</th>{cells}</tr>')
        caption = html.escape(self.caption)
        long = " long" if len(self.rows) > PER_PAGE else ""
        return (
            f'<div class="handbook-table{long}" role="region" tabindex="0" aria-label="{caption}">'
            f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody></table></div>"
            f'<p class="handbook-source">{html.escape(self.source)}</p>'
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        text = pd.DataFrame(self.rows, columns=self.headings).to_string(index=False)
        if not self.rows:
            text = "no rows"
        return {"text/html": self.to_html(), "text/plain": f"{self.caption}\n{text}"}


def _class_of(column: pd.Series) -> str:
    """Return how a column is set: numbers at the right, days and single words on one line."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return "number"
    words = column.astype("string").str.len().max()
    days = pd.api.types.is_datetime64_any_dtype(column)
    return "short" if days or (words is not pd.NA and words <= SHORT) else ""


def _write_column(column: pd.Series, heading: str) -> list[str]:
    """Write the cells of one column, all numbers with as many digits."""
    if heading.endswith("%"):
        return [formats.percent(v, 1 if v >= 0.1 else 2) for v in column.astype(float)]
    if pd.api.types.is_datetime64_any_dtype(column):
        return [formats.day(value) for value in column]
    if _class_of(column) == "number":
        told = column.dropna()
        digits = 0 if (told == told.round()).all() else 1
        return [formats.decimal(value, digits) for value in column]
    return [formats.MISSING if formats.is_missing(v) or v == "" else str(v) for v in column]


def _styled(function: Callable) -> Callable:
    """Run a function with the handbook's style and leave the user's own alone."""

    @wraps(function)
    def styled(*arguments, **options):
        with style.context(STYLE):
            return function(*arguments, **options)

    return styled


def _page(labels: Sequence[str], page: int) -> tuple[list[str], str]:
    """Return the labels of one page, and the words that say which part this is."""
    first = (page - 1) * PER_PAGE
    shown = list(labels[first : first + PER_PAGE])
    if len(labels) <= PER_PAGE:
        return shown, ""
    pages = -(-len(labels) // PER_PAGE)
    return shown, (
        f" Channels {first + 1} to {first + len(shown)} of {len(labels)}: "
        f"page={page} of {pages}, the table has all."
    )


def _new(height: float, title: str, *, left: float = 12, right: float = 12, bottom: float = 30):
    """Return a figure with its title and one axes; sizes in CSS pixels."""
    lines = textwrap.wrap(title, 45)
    top = 16 + 20 * len(lines) + 6
    total = height + top + bottom
    fig = Canvas(figsize=(WIDTH / 96, total / 96))
    fig.text(
        12 / WIDTH,
        1 - 12 / total,
        "\n".join(lines),
        va="top",
        ha="left",
        fontsize=12,
        fontweight="bold",
        color=COLOURS["ink"],
        linespacing=1.25,
    )
    box = (left / WIDTH, bottom / total, (WIDTH - left - right) / WIDTH, height / total)
    return fig, box


def _range_of(values: pd.Series) -> str:
    """Write from where to where counts go."""
    return formats.span(formats.count(values.min()), formats.count(values.max()))


def row_label(label: str, width: int = 22) -> str:
    """Return a channel's label in at most three short lines, the platform on the last one."""
    name, where = _split(label)
    lines = textwrap.wrap(name, width, max_lines=2, placeholder=" …", break_on_hyphens=False)
    return "\n".join([*lines, where])


def _split(label: str) -> tuple[str, str]:
    """Return a channel's name and what stands in brackets after it."""
    name, _, where = label.rpartition(" (")
    return name, where.removesuffix(")")


def panel_label(label: str, width: int = 28) -> str:
    """Return a channel's label in two lines; a long name loses its middle."""
    name, where = _split(label)
    if len(name) > width:
        half = (width - 1) // 2
        name = f"{name[:half].rstrip()}…{name[-half:].lstrip()}"
    return f"{name}\n{where}"


def _row_axes(fig: Canvas, box: tuple, labels: Sequence[str]) -> Axes:
    """Return axes with a row for each channel, the first one on top."""
    ax = fig.add_axes(box)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_yticks(range(len(labels)), [row_label(label) for label in labels], linespacing=1.1)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", pad=6)
    return ax


def _row_height(labels: Sequence[str]) -> int:
    """Return the height of a row in CSS pixels."""
    return 16 * max(row_label(label).count("\n") + 1 for label in labels) + 4


def draw_bars(
    ax: Axes, values: Sequence[float], texts: Sequence[str], colours: Sequence[str]
) -> None:
    """Draw horizontal bars from zero with their numbers beside them."""
    numbers = [float(value) for value in values]
    ax.barh(range(len(numbers)), numbers, height=0.55, color=[COLOURS[c] for c in colours])
    low, high = min([0.0, *numbers]), max([0.0, *numbers])
    for row, (number, text) in enumerate(zip(numbers, texts, strict=True)):
        ax.annotate(
            text,
            (max(number, 0), row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            color=COLOURS["ink"],
        )
    ax.set_xlim(low, high if high > low else 1)
    ax.axvline(0, color=COLOURS["grey"], linewidth=0.8)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)


def _show_bars(
    table: pd.DataFrame,
    column: str,
    texts: Sequence[str],
    colours: Sequence[str],
    title: str,
    unit: str,
    source: str,
    page: int,
    text_width: float = 104,
) -> Figure:
    """Return a figure of bars, a row for each channel of the table."""
    labels, part = _page(list(table["label"]), page)
    where = slice((page - 1) * PER_PAGE, (page - 1) * PER_PAGE + len(labels))
    height = _row_height(labels) * len(labels)
    fig, box = _new(height, title, left=LABEL_WIDTH + 12, right=text_width, bottom=34)
    ax = _row_axes(fig, box, labels)
    draw_bars(ax, table[column].iloc[where], texts[where], colours[where])
    ax.set_xlabel(unit, loc="left")
    by_value = table.assign(text=texts).sort_values(column, kind="stable")
    ends = [f"{row['label']}, {row['text']}" for _, row in by_value.iloc[[0, -1]].iterrows()]
    bars = "One bar" if len(table) == 1 else f"Bars of {formats.number_of(len(table), 'channel')}"
    alt = f"{title} {bars}, {unit}: {formats.span(*ends)}."
    return Figure(fig, alt + part, source + part)


@_styled
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
    return _show_bars(
        known, "posts_per_week", texts, ["blue"] * len(known), title, unit, source, page
    )


@_styled
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
    return _show_bars(known, rate, texts, ["blue"] * len(known), title, unit, source, page)


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


@_styled
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
    labels, part = _page(list(drawn["label"]), page)
    ids = list(drawn["channel_id"])[(page - 1) * PER_PAGE :][: len(labels)]
    rows = -(-len(labels) // 2)
    height, gap, panel = 128, 14, (WIDTH - 24 - 20) / 2
    fig, box = _new(height * rows, title, bottom=30)
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
        _date_axis(ax, start, end, months=(1,))
        if row < rows - 1 and number + 2 < len(labels):
            ax.tick_params(axis="x", labelbottom=False)
    totals = drawn[drawn["followers_end"].notna()]
    spread = (
        f" Followers at the end: {_range_of(totals['followers_end'])}."
        if not totals.empty
        else " Only gained followers are given, no totals."
    )
    alt = (
        f"{title} A line for {formats.each_of(len(labels), 'channel')} shows its audience "
        f"from {formats.day(start)} to {formats.day(end)}.{spread}{part}"
    )
    own_scale = "Each panel has its own scale; shaded: the period compared. "
    return Figure(fig, alt, own_scale + source + part)


def _date_axis(
    ax: Axes, start: pd.Timestamp, end: pd.Timestamp, months: Sequence[int] = (1, 7)
) -> None:
    """Write a few days under the axes, whatever the length."""
    span = (end - start).days
    if span > 400:
        ax.xaxis.set_major_locator(mdates.MonthLocator(bymonth=months))
    elif span > 60:
        ax.xaxis.set_major_locator(mdates.MonthLocator(interval=1 + span // 90))
    else:
        ticks = [start, end] if span > 3 else [start]
        ax.set_xticks(ticks, [formats.day(tick) for tick in ticks])
        for text, side in zip(ax.get_xticklabels(), ("left", "right"), strict=False):
            text.set_horizontalalignment(side if span > 3 else "center")
        return
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%b %Y"))


@_styled
def show_missing(
    table: pd.DataFrame, runs: pd.DataFrame, as_of: date | None, source: str, *, page: int = 1
):
    """Return the figure of `metrics.runs_of_days`: on which days each channel has data."""
    title = metrics.describe_missing(table)[0]
    drawn = table[table["channel_id"].isin(list(runs["channel_id"]))]
    if drawn.empty:
        return Note(title)
    labels, part = _page(list(drawn["label"]), page)
    ids = list(drawn["channel_id"])[(page - 1) * PER_PAGE :][: len(labels)]
    height = _row_height(labels) * len(labels)
    fig, box = _new(height, title, left=LABEL_WIDTH + 12, bottom=48)
    ax = _row_axes(fig, box, labels)
    draw_runs(ax, runs, ids)
    start, end = runs["start"].min(), max(pd.Timestamp(as_of), runs["end"].max())
    ax.set_xlim(start - pd.Timedelta(days=1), end + pd.Timedelta(days=1))
    _date_axis(ax, start, end)
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


@_styled
def show_rhythm(table: pd.DataFrame, source: str, *, page: int = 1):
    """Return the figure of `cadence.rhythm`: posts a week against the plan's promise."""
    title = cadence.describe_rhythm(table)[0]
    judged = table[table["verdict"].isin(["kept", "below"])].reset_index(drop=True)
    if judged.empty:
        return Note(title)
    labels, part = _page(list(judged["label"]), page)
    where = slice((page - 1) * PER_PAGE, (page - 1) * PER_PAGE + len(labels))
    shown = judged.iloc[where]
    height = _row_height(labels) * len(labels)
    fig, box = _new(height, title, left=LABEL_WIDTH + 12, right=76, bottom=56)
    ax = _row_axes(fig, box, labels)
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


@_styled
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
    return _show_bars(known, "gap_days", texts, colours, title, unit, source, page, 134)


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


@_styled
def show_calendar(table: pd.DataFrame, source: str, *, page: int = 1):
    """Return the heat map of `cadence.calendar`: posts by channel and week."""
    title = cadence.describe_calendar(table)[0]
    if not table["posts"].notna().any():
        return Note(title)
    labels, part = _page(list(table["label"].unique()), page)
    shown = table[table["label"].isin(labels)]
    height = _row_height(labels) * len(labels)
    fig, box = _new(height, title, left=LABEL_WIDTH + 12, bottom=70)
    ax = _row_axes(fig, box, labels)
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
    _month_ticks(ax, starts)
    ax.set_xlabel("weeks, by the month that they begin in", loc="left")
    _cells_legend(ax)
    told = table["posts"].dropna()
    alt = (
        f"{title} A heat map with a row for each channel and a column for each of "
        f"{formats.number_of(len(starts), 'week')} from {formats.day(starts[0])} on: "
        f"{_range_of(told)} posts a week.{part}"
    )
    return Figure(fig, alt, source + part)


def _month_ticks(ax: Axes, starts: Sequence[pd.Timestamp]) -> None:
    """Name a month at the first Monday in it; every second one, or fewer, where there are many."""
    step = 1 + len(starts) // 30
    firsts = [
        (number, day.month)
        for number, day in enumerate(starts)
        if day.day <= 7 and (day.month - 1) % step == 0
    ]
    ax.set_xticks([n for n, _ in firsts], [formats.MONTHS[month - 1] for _, month in firsts])


@_styled
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
    fig, box = _new(180, title, left=66, right=36, bottom=52)
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
    _date_axis(ax, start, end)
    marks = formats.number_of(len(told), "point" if stock else "bar")
    alt = f"{title} {marks}, one for each week with data: {_range_of(told['value'])} {unit}."
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


@_styled
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
    fig, box = _new(150, title, left=46, bottom=70)
    ax = fig.add_axes(box)
    draw_cells(ax, cells)
    ax.set_yticks(range(7), ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
    ax.set_ylim(6.6, -0.6)
    _month_ticks(ax, starts)
    ax.set_xlabel("weeks, by the month that they begin in; posts a day", loc="left")
    _cells_legend(ax)
    alt = (
        f"{title} A calendar of {formats.number_of(len(starts), 'week')} from "
        f"{formats.day(table['date'].min())} on, a cell for each day: "
        f"{_range_of(table['posts'])} posts."
    )
    return Figure(fig, alt, source)
