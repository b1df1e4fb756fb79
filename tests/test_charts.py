"""Figures and tables: what is drawn, what is said beside it, and that it can be read."""

from __future__ import annotations

import base64
import io
import itertools
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from frames import make_channels, make_days, make_posts
from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from handbook import cadence, charts, metrics
from handbook.book.figures import PICTURE, read_attributes
from handbook.periods import Period

MONDAY = date(2026, 3, 2)
LAST = date(2026, 5, 24)
PERIOD = Period.last(12, LAST)
SOURCE = "Made-up data of a test"
LONG = "Keksilän yliopiston epätodennäköisen tekniikan korkeakoulu (LinkedIn)"


def tables(n: int) -> dict[str, charts.Figure | charts.Note]:
    """Return every figure of `n` channels that have data of twelve weeks."""
    names = [f"x:c{number}" for number in range(n)]
    channels = make_channels(
        *(
            {
                "channel_id": name,
                "label": LONG if number == 2 else f"{name} (X)",
                "has_plan": True,
                "posts_per_week": 2 + number % 3,
            }
            for number, name in enumerate(names)
        )
    )
    days = make_days(
        *(
            {"channel_id": name, "date": MONDAY + timedelta(d), "followers_total": 100 + d * k}
            for k, name in enumerate(names)
            for d in range(0, 84, 7 if n > 5 else 1)
        )
    )
    posts = make_posts(
        *(
            {
                "channel_id": name,
                "published_date": MONDAY + timedelta(d),
                "observed_on": LAST,
                "reactions": k + 1,
                "comments": 0,
                "shares": 0,
                "views": 1000,
            }
            for k, name in enumerate(names)
            for d in range(0, 84, 3 + k % 4)
        )
    )
    record = cadence.post_record(channels, days, posts, LAST)
    audience = metrics.audience(channels, days, PERIOD)
    missing = metrics.missing_data(channels, days, posts, LAST)
    return {
        "audience": lambda **o: charts.show_audience(
            audience, metrics.followers_history(channels, days), PERIOD, SOURCE, **o
        ),
        "activity": lambda **o: charts.show_activity(
            metrics.activity(channels, days, posts, PERIOD), PERIOD, SOURCE, **o
        ),
        "engagement": lambda **o: charts.show_engagement(
            metrics.engagement(channels, days, posts, PERIOD), "er_by_views", PERIOD, SOURCE, **o
        ),
        "missing": lambda **o: charts.show_missing(
            missing, metrics.runs_of_days(channels, days), LAST, SOURCE, **o
        ),
        "rhythm": lambda **o: charts.show_rhythm(
            cadence.rhythm(channels, record, LAST), SOURCE, **o
        ),
        "gaps": lambda **o: charts.show_gaps(
            cadence.gaps(channels, record, LAST, dormant_after_months=6),
            SOURCE,
            dormant_after_months=6,
            **o,
        ),
        "calendar": lambda **o: charts.show_calendar(
            cadence.calendar(channels, record, LAST), SOURCE, **o
        ),
    }


FEW, MANY = tables(3), tables(60)


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


BLINDNESS = {
    "nobody": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
"""How linear RGB looks (Machado, Oliveira and Fernandes 2009, severity 1)."""


def as_seen(colour: str, by: str) -> np.ndarray:
    """Return a colour in CIELAB as somebody sees it."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(BLINDNESS[by]) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.array(to_xyz) @ linear / (0.95047, 1, 1.08883)
    f = [t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("name", charts.COLOURS)
def test_colours_stand_out_on_white(name):
    """A line or a bar that somebody with weak eyes does not see (WCAG 1.4.11)."""
    assert contrast(charts.COLOURS[name], "#FFFFFF") >= 3


@pytest.mark.parametrize("by", BLINDNESS)
def test_colours_are_told_apart(by):
    """Two colours of one figure that look the same to somebody."""
    for one, other in itertools.combinations(("blue", "orange", "ink"), 2):
        seen = as_seen(charts.COLOURS[one], by) - as_seen(charts.COLOURS[other], by)
        assert np.linalg.norm(seen) > 20, (one, other)


@pytest.mark.parametrize("by", BLINDNESS)
def test_steps_of_a_heat_map_grow_darker(by):
    """A heat map whose steps somebody can't put in order."""
    lightness = [as_seen(colour, by)[0] for _, colour, _ in charts.STEPS]
    assert all(before - after > 8 for before, after in itertools.pairwise(lightness))


@pytest.mark.parametrize("name", FEW)
def test_every_figure_says_finding_range_and_source(name):
    """A figure that is only a picture to who does not see it, or whose numbers are nobody's."""
    figure = FEW[name]()
    title = " ".join(figure.fig.texts[0].get_text().split())
    assert figure.alt.startswith(title)
    assert len(figure.alt) > len(title) + 30
    assert SOURCE in figure.source
    assert figure.fig.texts[0].get_ha() == "left"


@pytest.mark.parametrize("name", FEW)
def test_every_text_can_be_read_and_stands_inside(name):
    """Small print, and texts that are cut off at the edge of the picture."""
    canvas = FEW[name]().fig
    renderer = FigureCanvasAgg(canvas).get_renderer()
    canvas.draw(renderer)
    edge = canvas.bbox
    texts = [t for t in canvas.findobj(lambda a: hasattr(a, "get_fontsize")) if t.get_text()]
    for text in texts:
        if text.get_visible():
            assert text.get_fontsize() >= 9, text.get_text()
    for ax in canvas.axes:
        labels = [*ax.texts, *ax.get_yticklabels(), ax.xaxis.label]
        for label in (one for one in labels if one.get_visible() and one.get_text()):
            box = label.get_window_extent(renderer)
            assert box.x0 >= edge.x0 - 1 and box.x1 <= edge.x1 + 1, label.get_text()


@pytest.mark.parametrize("name", ["activity", "engagement", "rhythm", "gaps"])
def test_bars_begin_at_zero(name):
    """A bar that exaggerates."""
    ax = FEW[name]().fig.axes[0]
    assert ax.patches
    assert {bar.get_x() for bar in ax.patches} == {0}
    assert ax.get_xlim()[0] <= 0


def test_bars_are_as_long_as_the_numbers_of_the_table():
    """A bar beside another channel's name."""
    figure = FEW["activity"]()
    ax = figure.fig.axes[0]
    labels = [label.get_text().split("\n")[0] for label in ax.get_yticklabels()]
    widths = {label: bar.get_width() for label, bar in zip(labels, ax.patches, strict=True)}
    assert widths["x:c0"] == pytest.approx(28 / 84 * 7)
    assert widths["x:c1"] == pytest.approx(21 / 84 * 7)


def test_the_promise_is_drawn_where_it_was_made():
    """A promise drawn at another channel's number; a kept plan in the colour of a missed one."""
    ax = FEW["rhythm"]().fig.axes[0]
    promises = [line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1][-3:]
    kept = [bar.get_width() for bar in ax.patches]
    colours = [bar.get_facecolor() for bar in ax.patches]
    assert sorted(promises) == [2, 3, 4]
    for promise, width, colour in zip(promises, kept, colours, strict=True):
        below = round(width, 1) < promise
        expected = charts.COLOURS["orange" if below else "blue"]
        assert "#{:02X}{:02X}{:02X}".format(*(round(255 * c) for c in colour[:3])) == expected


@pytest.mark.parametrize("name", MANY)
def test_sixty_channels_are_paged_and_it_is_said(name):
    """A figure of sixty channels that nobody can read, or one that leaves some out in silence."""
    first, last = MANY[name](), MANY[name](page=3)
    assert "of 60" in first.source and "page=1 of 3" in first.source
    assert "of 60" in first.alt
    assert first.fig.get_size_inches()[1] < 20
    rows = {"audience": len(last.fig.axes)}.get(name, len(last.fig.axes[0].get_yticklabels()))
    assert rows == 60 - 2 * charts.PER_PAGE


def test_the_picture_is_the_same_each_time():
    """A committed notebook that changes at each execution; a clock inside the PNG."""
    one, other = FEW["rhythm"]().to_png(), FEW["rhythm"]().to_png()
    assert one == other
    assert b"Software" not in one and b"tIME" not in one


def test_the_style_leaves_the_readers_own_alone():
    """A notebook whose own figures change because ours were drawn."""
    before = rcParams["axes.spines.top"]
    FEW["activity"]().to_png()
    assert rcParams["axes.spines.top"] == before


def test_the_html_is_what_the_book_turns_into_a_file():
    """A picture that stays inside the page as text, without size or alternative text."""
    figure = FEW["gaps"]()
    found = PICTURE.search(figure.to_html())
    attributes = read_attributes(found.group())
    picture = Image.open(io.BytesIO(base64.b64decode(attributes["src"].partition(",")[2])))
    assert attributes["alt"] == figure.alt
    assert picture.size == (2 * int(attributes["width"]), 2 * int(attributes["height"]))
    assert figure._repr_mimebundle_()["text/plain"] == figure.alt


def test_names_are_text_and_not_markup():
    """A channel's name that runs as a script on the page, or breaks the figure."""
    name = '<script>alert("1")</script> & $x^2$ "quoted"'
    channels = make_channels({"channel_id": "x:a", "label": f"{name} (X)"})
    posts = make_posts({"channel_id": "x:a", "published_date": MONDAY, "observed_on": LAST})
    table = metrics.activity(channels, make_days(), posts, PERIOD)
    figure = charts.show_activity(table, PERIOD, SOURCE)
    shown = charts.Table(table, {"label": "Channel", "posts": "Posts"}, name, name)
    for text in (figure.to_html(), shown.to_html(), charts.Note(name).to_html()):
        assert "<script" not in text
        assert "&lt;script" in text


@pytest.mark.parametrize("name", FEW)
def test_nothing_to_draw_is_said_and_not_drawn(name):
    """An empty figure, or a traceback, where there are no data."""
    figure = tables(0)[name]()
    assert isinstance(figure, charts.Note)
    assert figure.alt in figure.to_html()


def test_a_table_writes_numbers_for_readers():
    """Missing values as 0 or NaN, fractions as fractions, digits that differ in one column."""
    frame = pd.DataFrame(
        {
            "label": ["a (X)", "b (X)"],
            "n": pd.array([12345, None], dtype="Int64"),
            "rate": pd.array([0.0312, 0.5], dtype="Float64"),
            "x": pd.array([2, 2.5], dtype="Float64"),
            "on": pd.to_datetime(pd.Series([date(2026, 5, 4), None])),
            "word": pd.array(["", None], dtype="string"),
        }
    )
    headings = {"label": "C", "n": "N", "rate": "R, %", "x": "X", "on": "On", "word": "W"}
    table = charts.Table(frame, headings, "A table", SOURCE)
    assert table.rows == [
        ("a (X)", "12,345", "3.1%", "2.0", "4 May 2026", "–"),
        ("b (X)", "–", "50.0%", "2.5", "–", "–"),
    ]
    text = table.to_html()
    assert '<th scope="row">a (X)</th>' in text
    assert "<caption>A table</caption>" in text
    assert SOURCE in text
    assert "A table" in table._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize(
    ("rates", "written"),
    [
        ([0.0524, 1.277], ["5.2%", "127.7%"]),
        ([0.0026, 0.145], ["0.26%", "14.50%"]),
        ([0.024, 0.0815], ["2.40%", "8.15%"]),
        ([0.0, 0.5], ["0.0%", "50.0%"]),
    ],
)
def test_percentages_of_a_column_have_the_same_digits(rates, written):
    """5.24% above 127.7%, or small rates that one digit makes equal."""
    frame = pd.DataFrame({"label": ["a", "b"], "rate": pd.array(rates, dtype="Float64")})
    table = charts.Table(frame, {"label": "C", "rate": "R, %"}, "A table", SOURCE)
    assert [row[1] for row in table.rows] == written


def test_a_table_without_rows_says_so():
    """A heading over nothing."""
    empty = charts.Table(pd.DataFrame({"label": []}), {"label": "Channel"}, "Posts", SOURCE)
    assert empty.to_html() == '<p class="handbook-note">Posts: no rows.</p>'


@pytest.mark.parametrize(
    ("label", "row", "panel"),
    [
        ("Short (X)", "Short\nX", "Short\nX"),
        (
            "A name that is much too long for one line of a figure (LinkedIn)",
            "A name that is much\ntoo long for one …\nLinkedIn",
            "A name that i…e of a figure\nLinkedIn",
        ),
        (
            "linkedin:x (not in the register)",
            "linkedin:x\nnot in the register",
            "linkedin:x\nnot in the register",
        ),
    ],
)
def test_long_names_are_shortened(label, row, panel):
    """A name that runs over the figure, or loses its platform."""
    assert charts.row_label(label) == row
    assert charts.panel_label(label) == panel
