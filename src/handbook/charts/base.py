"""What every figure is made of: style, frame, rows, bars, date axes, tables, and their HTML."""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.resources import files

import pandas as pd
from matplotlib import dates as mdates
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from PIL import Image

from handbook import formats

STYLE = str(files("handbook") / "handbook.mplstyle")

COLOURS = {
    "blue": "#0B6BA8",
    "orange": "#C4500B",
    "purple": "#7A4FA3",
    "grey": "#767676",
    "ink": "#1F1F1F",
}
"""The only colours of lines and bars: at least 3:1 on white, told apart by colour-blind people."""

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
        digits = _digits_of_percent(column.dropna().astype(float).abs())
        return [formats.percent(value, digits) for value in column.astype(float)]
    if pd.api.types.is_datetime64_any_dtype(column):
        return [formats.day(value) for value in column]
    if _class_of(column) == "number":
        told = column.dropna()
        digits = 0 if (told == told.round()).all() else 1
        return [formats.decimal(value, digits) for value in column]
    return [formats.MISSING if formats.is_missing(v) or v == "" else str(v) for v in column]


def _digits_of_percent(sizes: pd.Series) -> int:
    """Return the digits of a column of fractions: two where one would hide small ones."""
    told = sizes[sizes > 0]
    return 2 if told.empty or told.min() < 0.01 or told.max() < 0.1 else 1


def styled(function: Callable) -> Callable:
    """Run a function with the handbook's style and leave the user's own alone."""

    @wraps(function)
    def styled(*arguments, **options):
        with style.context(STYLE):
            return function(*arguments, **options)

    return styled


def take_page(labels: Sequence[str], page: int) -> tuple[list[str], str]:
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


def new_figure(
    height: float, title: str, *, left: float = 12, right: float = 12, bottom: float = 30
) -> tuple[Canvas, tuple[float, float, float, float]]:
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


def range_of(values: pd.Series) -> str:
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


def row_axes(fig: Canvas, box: tuple, labels: Sequence[str]) -> Axes:
    """Return axes with a row for each channel, the first one on top."""
    ax = fig.add_axes(box)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_yticks(range(len(labels)), [row_label(label) for label in labels], linespacing=1.1)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", pad=6)
    return ax


def row_height(labels: Sequence[str]) -> int:
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


def show_bars(
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
    labels, part = take_page(list(table["label"]), page)
    where = slice((page - 1) * PER_PAGE, (page - 1) * PER_PAGE + len(labels))
    height = row_height(labels) * len(labels)
    fig, box = new_figure(height, title, left=LABEL_WIDTH + 12, right=text_width, bottom=34)
    ax = row_axes(fig, box, labels)
    draw_bars(ax, table[column].iloc[where], texts[where], colours[where])
    ax.set_xlabel(unit, loc="left")
    by_value = table.assign(text=texts).sort_values(column, kind="stable")
    ends = [f"{row['label']}, {row['text']}" for _, row in by_value.iloc[[0, -1]].iterrows()]
    bars = "One bar" if len(table) == 1 else f"Bars of {formats.number_of(len(table), 'channel')}"
    alt = f"{title} {bars}, {unit}: {formats.span(*ends)}."
    return Figure(fig, alt + part, source + part)


def date_axis(
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


def month_ticks(ax: Axes, starts: Sequence[pd.Timestamp]) -> None:
    """Name a month at the first Monday in it; every second one, or fewer, where there are many."""
    step = 1 + len(starts) // 30
    firsts = [
        (number, day.month)
        for number, day in enumerate(starts)
        if day.day <= 7 and (day.month - 1) % step == 0
    ]
    ax.set_xticks([n for n, _ in firsts], [formats.MONTHS[month - 1] for _, month in firsts])
