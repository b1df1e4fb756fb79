"""Exports made by us in the layouts of the platforms, with any numbers that a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

START = date(2026, 1, 1)
STAFF = "Staff Person"

NOTE = "Numbers of your posts over time. All dates and times are in UTC."

_METRICS = ("Impressions", "Clicks", "Reactions", "Comments", "Reposts")
CONTENT_HEADER = [
    "Date",
    *(f"{metric} ({part})" for metric in _METRICS for part in ("organic", "sponsored", "total")),
    "Unique impressions (organic)",
    "Engagement rate (organic)",
    "Engagement rate (sponsored)",
    "Engagement rate (total)",
]
POSTS_HEADER = [
    "Post title",
    "Post link",
    "Post type",
    "Campaign name",
    "Posted by",
    "Created date",
    "Campaign start date",
    "Campaign end date",
    "Audience",
    "Impressions",
    "Views",
    "Offsite Views",
    "Clicks",
    "Click through rate (CTR)",
    "Likes",
    "Comments",
    "Reposts",
    "Follows",
    "Engagement rate",
    "Content Type",
]
FOLLOWERS_HEADER = [
    "Date",
    "Sponsored followers",
    "Organic followers",
    "Auto-invited followers",
    "Total followers",
]
VISITORS_HEADER = [
    "Date",
    *(
        f"{page} {what} ({part})"
        for page in ("Overview", "Life", "Jobs", "Total")
        for what in ("page views", "unique visitors")
        for part in ("desktop", "mobile", "total")
    ),
]

Sheets = dict[str, list[list[Any]]]


def days(n: int, start: date = START) -> list[date]:
    """Return `n` days from `start` on."""
    return [start + timedelta(days=i) for i in range(n)]


def american(day: date) -> str:
    """Return a day as LinkedIn writes it."""
    return f"{day:%m/%d/%Y}"


def activity(day: date, number: int = 0) -> int:
    """Return an activity id whose time is noon of `day`."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return (int(noon.timestamp() * 1000) << 22) + number


def link(day: date, number: int = 0, kind: str = "activity") -> str:
    """Return a post's address on a reserved host."""
    return f"https://www.linkedin.example/feed/update/urn:li:{kind}:{activity(day, number)}"


def content_row(day: date, organic: int = 100, paid: int = 10) -> list[Any]:
    """Return a day whose numbers all follow from two: impressions, and a tenth of each else."""
    row: list[Any] = [american(day)]
    for divisor in (1, 10, 20, 50, 100):
        row += [organic // divisor, paid // divisor, (organic + paid) // divisor]
    return [*row, organic // 2, 0.05, 0.0, 0.0485]


def post_row(
    day: date,
    number: int = 0,
    *,
    text: str = "A post",
    impressions: int = 500,
    kind: str = "Organic",
    content_type: str = "",
    campaign: str = "",
) -> list[Any]:
    """Return a post."""
    return [
        text,
        link(day, number),
        kind,
        campaign,
        STAFF,
        american(day),
        "",
        "",
        "All followers",
        impressions,
        "",
        "",
        impressions // 10,
        0.1,
        impressions // 20,
        2,
        1,
        "",
        0.156,
        content_type,
    ]


def content(n: int = 5, posts: int = 2, start: date = START, base: int = 100) -> Sheets:
    """Return a content export of `n` days and `posts` posts."""
    all_days = days(n, start)
    return {
        "Metrics": [
            [NOTE],
            list(CONTENT_HEADER),
            *(content_row(day, base + i) for i, day in enumerate(all_days)),
        ],
        "All posts": [
            ["Numbers of single posts. All dates and times are in UTC."],
            list(POSTS_HEADER),
            *(post_row(all_days[i % n], i, text=f"Post {i}") for i in range(posts)),
        ],
    }


def followers(n: int = 5, start: date = START, base: int = 3) -> Sheets:
    """Return a followers export of `n` days; the second day is corrected below zero."""
    gained = [-1 if i == 1 else base + i for i in range(n)]
    return {
        "New followers": [
            list(FOLLOWERS_HEADER),
            *(
                [american(day), 1, new - 1, 0, new]
                for day, new in zip(days(n, start), gained, strict=True)
            ),
        ],
        "Location": [["Location", "Total followers"], ["Somewhere", 40], ["Elsewhere", 2]],
        "Seniority": [["Seniority", "Total followers"], ["Entry", 30]],
    }


def visitors(n: int = 5, start: date = START, base: int = 7) -> Sheets:
    """Return a visitors export of `n` days."""
    return {
        "Visitor metrics": [
            list(VISITORS_HEADER),
            *(
                [american(day), *(base + i + column for column in range(24))]
                for i, day in enumerate(days(n, start))
            ),
        ],
        "Industry": [["Industry", "Total views"], ["Higher Education", 12]],
    }


def write_xlsx(path: Path, sheets: Sheets, created: datetime | None = None) -> Path:
    """Write sheets as .xlsx; dates become real date cells."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": created or datetime(2000, 1, 1)})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    book.close()
    return path


def write_csv(path: Path, header: str, rows: Sequence[str], notes: Sequence[str] = ()) -> Path:
    """Write a plain CSV."""
    lines = [*(f"# {note}" for note in notes), header, *rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
