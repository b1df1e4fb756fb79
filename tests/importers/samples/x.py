"""X exports made by us: the same numbers and texts in each layout, in any encoding."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from importers.samples import START

HANDLE = "keksila_example"
_EPOCH_MS = 1_288_834_974_657

_NUMBERS = (
    "impressions",
    "engagements",
    "engagement rate",
    "retweets",
    "replies",
    "likes",
    "user profile clicks",
    "url clicks",
    "hashtag clicks",
    "detail expands",
    "permalink clicks",
    "app opens",
    "app installs",
    "follows",
    "email tweet",
    "dial phone",
    "media views",
    "media engagements",
)
_PROMOTED = tuple(f"promoted {name}" for name in _NUMBERS)
TWEETS_HEADER = ["Tweet id", "Tweet permalink", "Tweet text", "time", *_NUMBERS, *_PROMOTED]
DAYS_HEADER = ["Date", "Tweets published", *_NUMBERS, *_PROMOTED]
OVERVIEW_HEADER = [
    "Date",
    "Impressions",
    "Likes",
    "Engagements",
    "Bookmarks",
    "Shares",
    "New follows",
    "Unfollows",
    "Replies",
    "Reposts",
    "Profile visits",
    "Create Post",
    "Video views",
    "Media views",
]
CONTENT_2026_HEADER = [
    "Post id",
    "Date",
    "Post text",
    "Post Link",
    "Impressions",
    "Likes",
    "Engagements",
    "Bookmarks",
    "Shares",
    "New follows",
    "Replies",
    "Reposts",
    "Profile visits",
    "Detail Expands",
    "URL Clicks",
    "Hashtag Clicks",
    "Permalink Clicks",
]
_IN_2025 = {
    "Post Link": "Link",
    "Shares": "Share",
    "Detail Expands": "Detail expands",
    "URL Clicks": "Url clicks",
    "Hashtag Clicks": "Hashtag clicks",
    "Permalink Clicks": "Permalink clicks",
}
CONTENT_2025_HEADER = [_IN_2025.get(header, header) for header in CONTENT_2026_HEADER]

TEXTS = (
    "Doors open at nine &amp; everybody is welcome",
    'First line, with a comma\n\nsecond "line"',
    "@somebody thank you for asking",
    "Thanks to @somebody, write to someone@example.org or +358 40 123 4567",
)
"""Texts in turn: an entity, several lines, a reply to somebody, something to mask."""

Rows = list[list[str]]


def moment(number: int, start: date = START) -> datetime:
    """Return when post `number` was published: one a day, at different times."""
    day = datetime(start.year, start.month, start.day, 9, tzinfo=UTC) + timedelta(days=number)
    return day + timedelta(minutes=17 * number % 600)


def post_id(at: datetime, number: int = 0) -> str:
    """Return an id with a time in it, as X makes them."""
    return str((int(at.timestamp() * 1000) - _EPOCH_MS << 22) + number)


def link(identity: str, handle: str = HANDLE) -> str:
    """Return a post's address on a reserved host."""
    return f"https://x.example/{handle}/status/{identity}"


def tweets(n: int = 5, start: date = START, base: int = 100, handle: str = HANDLE) -> Rows:
    """Return an export by tweet, newest first, as it came until 2024."""
    rows = []
    for i in range(n):
        at = moment(i, start)
        identity = post_id(at, i)
        floats = [base + i, 20, 20 / (base + i), 3, 1, 7, 2, 4, 0, 3, 0]
        whole = [0, 0, 1, 0, 0, 5, 5]
        numbers = [f"{float(value)!r}" for value in floats] + [str(value) for value in whole]
        rows.append(
            [
                identity,
                link(identity, handle),
                TEXTS[i % len(TEXTS)],
                f"{at:%Y-%m-%d %H:%M} +0000",
                *numbers,
                *["-"] * len(_PROMOTED),
            ]
        )
    return [list(TWEETS_HEADER), *reversed(rows)]


def activity_days(n: int = 5, start: date = START, base: int = 500) -> Rows:
    """Return an export by day, as it came until 2024; nothing was published on the second."""
    rows = [
        [
            f"{start + timedelta(days=i)}",
            str(0 if i == 1 else 2),
            *(str(value) for value in (base + i, 16, 16 / (base + i), 3, 1, 4)),
            *(str(value) for value in (3, 5, 0, 6, 0, 0, 0, 1, 0, 0, 2, 2)),
            *["-"] * len(_PROMOTED),
        ]
        for i in range(n)
    ]
    return [list(DAYS_HEADER), *rows]


def overview(n: int = 5, start: date = START, base: int = 400) -> Rows:
    """Return an account overview, newest first, as it comes since 2024."""
    rows = []
    for i in range(n):
        day = start + timedelta(days=i)
        numbers = [base + i, 12, 30, 2, 4, 3, 1, 5, 6, 9, 1, 40, 50]
        rows.append([f"{day:%a, %b} {day.day}, {day.year}", *map(str, numbers)])
    return [list(OVERVIEW_HEADER), *reversed(rows)]


def content(
    n: int = 5, start: date = START, base: int = 300, year: int = 2026, handle: str = HANDLE
) -> Rows:
    """Return posts as X gives them since 2024, with the headers and dates of a year."""
    rows = []
    for i in range(n):
        at = moment(i, start)
        identity = post_id(at, i)
        day = f"{at:%a %b %d %Y}" if year == 2025 else f"{at:%a, %b} {at.day}, {at.year}"
        text = " ".join(TEXTS[i % len(TEXTS)].split())
        numbers = [base + i, 8, 25, 1, 2, 1, 3, 4, 6, 7, 5, 0, 0]
        rows.append([identity, day, text, link(identity, handle), *map(str, numbers)])
    header = CONTENT_2025_HEADER if year == 2025 else CONTENT_2026_HEADER
    return [list(header), *reversed(rows)]


def encode(
    rows: Sequence[Sequence[str]],
    *,
    quote_all: bool = False,
    delimiter: str = ",",
    newline: str = "\n",
    encoding: str = "utf-8",
) -> bytes:
    """Return rows as the bytes of a CSV file."""
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def write_tweets(path: Path, n: int = 5, start: date = START, base: int = 100) -> Path:
    """Write an export by tweet."""
    path.write_bytes(encode(tweets(n, start, base), quote_all=True))
    return path


def write_days(path: Path, n: int = 5, start: date = START, base: int = 500) -> Path:
    """Write an export by day."""
    path.write_bytes(encode(activity_days(n, start, base), quote_all=True))
    return path


def write_overview(path: Path, n: int = 5, start: date = START, base: int = 400) -> Path:
    """Write an account overview."""
    path.write_bytes(encode(overview(n, start, base)))
    return path


def write_content(path: Path, n: int = 5, start: date = START, base: int = 300) -> Path:
    """Write posts with the headers of 2026."""
    path.write_bytes(encode(content(n, start, base)))
    return path


def write_content_2025(path: Path, n: int = 5, start: date = START, base: int = 300) -> Path:
    """Write posts with the headers of 2025, and its line ends."""
    path.write_bytes(encode(content(n, start, base, 2025), newline="\r\n"))
    return path


WRITERS = {
    "x-tweets": write_tweets,
    "x-days": write_days,
    "x-overview": write_overview,
    "x-content": write_content,
    "x-content-2025": write_content_2025,
}
"""A writer of each layout: file, number of rows, first day, and what the numbers begin at."""
