"""Printed reviews: one page for a month of all channels, two for a year of one channel.

A review is one HTML file with everything in it, and the same printed by Chromium.
It is internal: it stands beside the store and never in a built book.
"""

from __future__ import annotations

import html
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import pandas as pd

from handbook import channels as data
from handbook import charts, formats, metrics, paths, review, yearly
from handbook.cadence import describe_days
from handbook.chromium import ARGUMENTS
from handbook.errors import HandbookError
from handbook.organisation import Organisation
from handbook.periods import Period

SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
"""Points of the text: the first with which a review keeps to its pages is taken."""

CHANNELS = 18
"""Channels in the table of a month; the notebook has all."""

LACKS = 4
"""Kinds of what is missing that a month names."""

KINDS = 6
"""Kinds of posts in the table of a year."""

COLUMNS = {
    "posts": "New posts",
    "followers": "New followers",
    "impressions": "Impressions",
    "views": "Views",
    "reactions": "Reactions",
    "comments": "Comments",
}
"""Measures of a month's table; one that no channel gives is left out."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>:root {{ font-size: {size:g}pt; }}
{css}</style>
</head>
<body>
{sheets}
</body>
</html>
"""


@dataclass(frozen=True)
class Data:
    """What reviews are made from: the chosen store, loaded once."""

    channels: pd.DataFrame
    days: pd.DataFrame
    posts: pd.DataFrame
    snapshots: pd.DataFrame
    last_day: date | None
    organisation: Organisation
    source: str
    made_up: bool

    @property
    def banner(self) -> str:
        """What every page says of its numbers."""
        if self.made_up:
            return f"Made-up data: {self.organisation.name} does not exist."
        return "Internal: figures of real channels. Do not publish."


@dataclass(frozen=True)
class Review:
    """A review that can be written.

    Attributes
    ----------
    stem
        The name of its files, without the ending.
    title
        The title of the document.
    sheets
        The HTML of each of its pages.
    """

    stem: str
    title: str
    sheets: tuple[str, ...]

    def to_html(self, size: float = SIZES[0]) -> str:
        """Return the whole document with its text in so many points."""
        css = files("handbook.book").joinpath("review.css").read_text(encoding="utf-8")
        sheets = "\n".join(f'<section class="sheet">\n{sheet}\n</section>' for sheet in self.sheets)
        return PAGE.format(title=html.escape(self.title), size=size, css=css, sheets=sheets)


def load() -> Data:
    """Load the chosen store.

    Raises
    ------
    HandbookError
        It has no day and no dated post.
    """
    last_day = data.as_of()
    if last_day is None:
        raise HandbookError(
            f"{data.current_store()}: the store holds no day and no dated post, so there is "
            "nothing to review. Import an export first: handbook import"
        )
    return Data(
        channels=data.load_channels(),
        days=data.load_days(),
        posts=data.load_posts(),
        snapshots=data.load_snapshots(),
        last_day=last_day,
        organisation=data.load_organisation(),
        source=data.source_line(),
        made_up=data.is_made_up(),
    )


# A month


def find_month(text: str, held: Data) -> Period:
    """Return a month that can be reviewed.

    Raises
    ------
    HandbookError
        It is no month, has not ended in the data, or has no data.
    """
    month = review.month_of(text)
    firsts = [held.days["date"].min(), held.posts["published_date"].min()]
    first = min(day.date() for day in firsts if not pd.isna(day))
    last = review.last_full_month(held.last_day)
    hint = "No month has ended in them yet."
    if last.end >= first:
        hint = f"The last full month is {last.start:%Y-%m}."
    if month.end > held.last_day:
        raise HandbookError(
            f"{review.name_of(month)} has not ended in these data, whose last day is "
            f"{formats.day(held.last_day)}. {hint}"
        )
    if month.select(held.days).empty and month.select(held.posts, "published_date").empty:
        raise HandbookError(
            f"{review.name_of(month)}: no day and no post in these data, which go from "
            f"{formats.day(first)} to {formats.day(held.last_day)}. {hint}"
        )
    return month


def review_month(month: Period, held: Data) -> Review:
    """Return a month of all channels on one page."""
    arguments = (held.channels, held.days, held.posts)
    table = review.compare_days(*arguments, month)
    aged = review.compare_posts(held.channels, held.posts, held.snapshots, month)
    top = review.top_posts(held.posts, held.channels, month)
    missing = review.missing_in(*arguments, month)
    name = review.name_of(month)
    found = [
        *review.describe_days(table, month),
        *review.describe_posts(aged, month)[:2],
    ]
    before, last = (review.name_of(one(month)) for one in (review.month_before, review.year_before))
    parts = [
        _head(held, f"{name} in review", held.organisation.name),
        _bullets(found),
        "<h2>By channel</h2>",
        _text(
            f"Beneath a number: the change against {before}, then against {last}. "
            f"{formats.MISSING} where days are missing."
        ),
        _month_table(table, aged, missing),
        "<h2>What is missing</h2>",
        _bullets([*review.describe_missing(missing, month), *_say_missing(missing)]),
        "<h2>Posts that went furthest</h2>",
        _bullets(review.describe_top(top, month)),
        _top_table(top),
        _source(held),
    ]
    return Review(f"month-{month.start:%Y-%m}", f"{name} in review", ("\n".join(parts),))


def _month_table(table: pd.DataFrame, aged: pd.DataFrame, missing: pd.DataFrame) -> str:
    """Return a row for each channel: its measures, and its posts at equal age where any are."""
    given = table.loc[table["value"].notna(), "measure"]
    measures = [name for name in COLUMNS if (given == name).any()]
    rows_of = {(row.channel_id, row.measure): row for row in table.itertuples()}
    ages = {row.channel_id: row for row in aged.itertuples()} if aged["age"].notna().any() else {}
    posts = table[table["measure"] == "posts"].set_index("channel_id")["value"]
    order = missing.assign(posts=missing["channel_id"].map(posts).fillna(-1))
    order = order.sort_values(["posts", "label"], ascending=[False, True], kind="stable")
    rows = []
    for channel in order.head(CHANNELS).itertuples():
        cells = [_change_cell(rows_of.get((channel.channel_id, name))) for name in measures]
        if ages:
            cells.append(_age_cell(ages.get(channel.channel_id)))
        rows.append([_cell(channel.label), *cells])
    headings = ["Channel", *(COLUMNS[name] for name in measures)]
    headings += ["Engagements a post"] if ages else []
    left_out = len(order) - len(rows)
    note = _text(
        f"{formats.number_of(left_out, 'channel')} with fewer posts left out here: "
        "the notebook “Month in review” has all."
    ) if left_out else ""  # fmt: skip
    table = _table(headings, rows, numbers=range(1, len(headings)))
    return f'<div class="channels">{table}</div>{note}'


def _say_missing(missing: pd.DataFrame) -> list[str]:
    """Return what is missing, with the channels that lack it."""
    lacking = missing[missing["missing"] != ""]
    kinds = [(what, list(own["label"])) for what, own in lacking.groupby("missing")]
    kinds = sorted(kinds, key=lambda kind: (-len(kind[1]), kind[0]))
    lines = [f"{what[0].upper()}{what[1:]}: {formats.names(labels)}." for what, labels in kinds]
    left_out = len(kinds) - LACKS
    return lines[:LACKS] + ([f"And {left_out} other kinds of gaps."] if left_out > 0 else [])


def _change_cell(row) -> str:
    if row is None:
        return formats.MISSING
    changes = [
        formats.percent(change, 0, signed=True)
        for change in (row.change_before, row.change_last_year)
    ]
    small = "" if formats.is_missing(row.value) else f"<small>{' · '.join(changes)}</small>"
    return f"{formats.count(row.value)}{small}"


def _age_cell(row) -> str:
    if row is None:
        return formats.MISSING
    if formats.is_missing(row.age):
        return "<small>not comparable</small>"
    earlier = " · ".join(formats.decimal(value) for value in (row.before, row.last_year))
    return f"{formats.decimal(row.value)}<small>{row.age} days; {earlier}</small>"


def _top_table(top: pd.DataFrame) -> str:
    rows = [
        [
            _cell(row.label),
            _cell(formats.day(row.published_date)),
            _cell("" if formats.is_missing(row.post_type) else row.post_type),
            formats.count(row.value),
            formats.count(row.public_engagements),
            _link(row.permalink),
        ]
        for row in top.itertuples()
    ]
    measure = str(top.attrs["measure"]).capitalize()
    headings = ["Channel", "Published", "Kind", measure, "Public engagements", "Link"]
    return _table(headings, rows, numbers=(3, 4))


def _link(address: object) -> str:
    """Return a link to a post; other text than an address of the web stays text."""
    if formats.is_missing(address):
        return formats.MISSING
    text = html.escape(_clip(str(address), 70))
    if not re.match(r"https?://", str(address)):
        return text
    return f'<a href="{html.escape(str(address))}" rel="noreferrer">{text}</a>'


# A year


def review_year(channel_id: str, held: Data) -> Review:
    """Return a year of one channel on two pages."""
    year = yearly.review(
        channel_id, held.channels, held.days, held.posts, held.last_day, held.organisation
    )
    measure = yearly.pick_measure(held.days, channel_id, year.period)
    weeks = metrics.weekly(held.days, channel_id, measure, year.period)
    audience = charts.show_weekly(
        weeks,
        metrics.describe_weekly(weeks, year.label, measure),
        metrics.words_of(measure),
        "By ISO week.",
        stock=measure in metrics.WEEKLY,
    )
    calendar = charts.show_days(year.record, describe_days(year.record, year.label), "By day.")
    title = f"{year.label}: the year to {formats.day(year.period.end)}"
    first = [
        _head(held, title, f"Plan against record, {year.period}"),
        _bullets(yearly.describe(year)),
        "<h2>Plan against record</h2>",
        _frame(year.plan, {"what": "What", "rule": "Rule", "plan": "Plan", "record": "Record",
                           "verdict": "Verdict"}),
        "<h2>The year in numbers</h2>",
        _frame(year.numbers, {"what": "What", "value": f"{year.period}",
                              "before": f"{year.before}", "change": "Change",
                              "known": "Known on"}, numbers=(1, 2, 3))
        or _text("No numbers of either year."),
        f'<div class="figures">{audience.to_html()}{calendar.to_html()}</div>',
        _source(held),
    ]  # fmt: skip
    second = [
        _head(held, title, "What the rules say, what is not known, and the decision"),
        "<h2>Content mix</h2>",
        _mix(year.mix),
        "<h2>Audit</h2>",
        _frame(_findings(year), {"about": "What", "rule": "Rule", "verdict": "Verdict",
                                 "evidence": "Evidence", "remedy": "What to do"})
        or _text("The register says that it is closed, so nothing is audited."),
        "<h2>Not known</h2>",
        _bullets(year.unknown),
        "<h2>The decision</h2>",
        _frame(year.decisions, {"decision": "Decision", "speaks_for": "What speaks for it here",
                                "next_step": "What then to do"}),
        _decide(),
        _source(held),
    ]  # fmt: skip
    stem = f"year-{channel_id.replace(':', '-')}"
    return Review(stem, title, ("\n".join(first), "\n".join(second)))


def _mix(mix: pd.DataFrame) -> str:
    if mix.empty:
        return _text("No single posts of the year are on record.")
    rows = [
        [_cell(row.post_type), formats.count(row.posts), formats.percent(row.share, 0),
         formats.percent(row.engagement_share, 0)]
        for row in mix.head(KINDS).itertuples()
    ]  # fmt: skip
    headings = ["Kind of post", "Posts", "Of the posts", "Of the public engagements"]
    left_out = len(mix) - len(rows)
    note = _text(f"Left out: {formats.number_of(left_out, 'rarer kind')}.") if left_out else ""
    return _table(headings, rows, numbers=(1, 2, 3)) + note


def _findings(year: yearly.Year) -> pd.DataFrame:
    """Return the findings that ask for something, the open ones, and those met in one row."""
    met = year.findings[year.findings["verdict"] == "met"]
    order = {"not met": 0, "differs from": 1, "cannot tell": 2}
    rest = year.findings[year.findings["verdict"] != "met"]
    rest = rest.assign(order=rest["verdict"].map(order)).sort_values("order", kind="stable")
    if len(met):
        row = {"about": formats.number_of(len(met), "audit"), "rule": ", ".join(met["rule"]),
               "verdict": "met", "evidence": ", ".join(met["about"]), "remedy": ""}  # fmt: skip
        rest = pd.concat([rest, pd.DataFrame([row])], ignore_index=True)
    return rest


def _decide() -> str:
    boxes = " &nbsp; ".join(f"☐ {name}" for name in yearly.DECISIONS)
    line = "_" * 18
    return (
        f'<div class="decide"><p><strong>Decided:</strong> {boxes} &nbsp; on {line}</p>'
        f"<p>By (role): {line}{line} &nbsp; Next review on: {line}</p>"
        "<p>Then fill in the checklist “Channel review” of the handbook and give its record to "
        "whoever keeps the register: <code>handbook register review review.json</code>.</p></div>"
    )


# HTML


def _head(held: Data, title: str, lead: str) -> str:
    return (
        f'<p class="banner">{html.escape(held.banner)}</p>\n'
        f'<h1>{html.escape(_clip(title, 110))}</h1>\n<p class="lead">{html.escape(lead)}</p>'
    )


def _source(held: Data) -> str:
    return f'<p class="source">{html.escape(held.source)}</p>'


def _text(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _bullets(sentences: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(one)}</li>" for one in sentences) + "</ul>"


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _cell(value: object) -> str:
    if formats.is_missing(value) or value == "":
        return formats.MISSING
    return html.escape(_clip(str(value), 240))


def _frame(table: pd.DataFrame, columns: dict[str, str], numbers: Sequence[int] = ()) -> str:
    rows = [list(map(_cell, row)) for row in table[list(columns)].itertuples(index=False)]
    return _table(list(columns.values()), rows, numbers=numbers)


def _table(headings: Sequence[str], rows: list[list[str]], *, numbers: Sequence[int] = ()) -> str:
    """Return an HTML table of cells that are HTML already; nothing without rows."""
    if not rows:
        return ""
    kinds = [' class="number"' if i in numbers else "" for i in range(len(headings))]
    head = "".join(
        f'<th scope="col"{kind}>{html.escape(text)}</th>'
        for kind, text in zip(kinds, headings, strict=True)
    )
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td{k}>{c}</td>" for k, c in zip(kinds[1:], row[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


# Files


def check_folder(folder: Path, *, made_up: bool) -> None:
    """Refuse a folder of the repository that is, or may be, published.

    Raises
    ------
    HandbookError
        The data are real, and the folder is inside the repository and not in `work/`.
    """
    place = folder.resolve()
    if not made_up and place.is_relative_to(paths.ROOT) and not place.is_relative_to(paths.WORK):
        raise HandbookError(
            f"{folder}: reviews of real channels are internal, and this folder is part of the "
            f"repository. Choose one in {paths.WORK} or outside of {paths.ROOT}."
        )


def write_html(one: Review, folder: Path, size: float = SIZES[0]) -> Path:
    """Write a review as one HTML file and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{one.stem}.html"
    unfinished = path.with_suffix(".html.tmp")
    unfinished.write_text(one.to_html(size), encoding="utf-8", newline="\n")
    unfinished.replace(path)
    return path


def write_pdf(one: Review, folder: Path, chromium: str) -> tuple[Path, int]:
    """Write a review as HTML and PDF, in the first of `SIZES` that keeps to its pages.

    Returns
    -------
    Path
        The PDF.
    int
        Its pages: more than its sheets where not even the smallest text fits.
    """
    path = folder / f"{one.stem}.pdf"
    for size in SIZES:
        printed = print_page(write_html(one, folder, size), chromium)
        pages = count_pages(printed)
        if pages <= len(one.sheets):
            break
    unfinished = path.with_suffix(".pdf.tmp")
    unfinished.write_bytes(printed)
    unfinished.replace(path)
    return path, pages


def count_pages(printed: bytes) -> int:
    """Return how many pages a PDF of Chromium has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))


def print_page(page: Path, chromium: str) -> bytes:
    """Return an HTML file printed by Chromium, without its header and footer.

    Raises
    ------
    HandbookError
        Chromium ended without a PDF, or took longer than two minutes.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        pdf = Path(folder) / "printed.pdf"
        command = [
            chromium,
            *ARGUMENTS,
            "--headless",
            "--no-pdf-header-footer",
            f"--user-data-dir={Path(folder) / 'profile'}",
            f"--print-to-pdf={pdf}",
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HandbookError(f"{chromium} did not print {page}: {error}") from None
        if not pdf.is_file():
            lines = done.stderr.strip().splitlines() or ["it said nothing"]
            raise HandbookError(f"{chromium} printed nothing of {page}: {lines[-1]}")
        return pdf.read_bytes()
