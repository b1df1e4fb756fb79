"""TikTok exports made by us: Studio's without years, and those of business accounts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from importers.samples import START
from importers.samples.x import encode

HANDLE = "keksila.example"

Rows = list[list[str]]
Spell = Callable[[date], str]


def english(day: date) -> str:
    """Return a day as Studio writes it in English."""
    return f"{day:%B} {day.day}"


def overview(n: int = 5, start: date = START, base: int = 700, spell: Spell = english) -> Rows:
    """Return Studio's overview; comments fall below zero on the second day."""
    rows = [
        [spell(start + timedelta(days=i)), str(base + i), "25", "26", "-1" if i == 1 else "3", "4"]
        for i in range(n)
    ]
    header = ["Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares"]
    return [header, *rows]


def followers(n: int = 5, start: date = START, base: int = 50, spell: Spell = english) -> Rows:
    """Return followers; the column of differences holds those to the next day, as seen."""
    totals = [base + i * i for i in range(n + 1)]
    rows = [
        [spell(start + timedelta(days=i)), str(totals[i]), str(totals[i + 1] - totals[i])]
        for i in range(n)
    ]
    return [["Date", "Followers", "Difference in followers from previous day"], *rows]


def viewers(n: int = 5, start: date = START, base: int = 40, spell: Spell = english) -> Rows:
    """Return viewers; nothing is known of the first day, though Studio writes zeros."""
    rows = [[spell(start), "undefined", "0", "0"]]
    rows += [
        [spell(start + timedelta(days=i)), str(base + i), str(base), str(i)] for i in range(1, n)
    ]
    return [["Date", "Total Viewers", "New Viewers", "Returning Viewers"], *rows]


def activity(start: date = START, days: int = 2) -> Rows:
    """Return active followers by hour; the last six hours are not counted yet."""
    rows = [
        [english(start + timedelta(days=i)), str(hour), str(400 + hour)]
        for i in range(days)
        for hour in range(24)
    ]
    for row in rows[-6:]:
        row[2] = "0"
    return [["Date", "Hour", "Active followers"], *rows]


def video(at: datetime, number: int = 0, handle: str = HANDLE, kind: str = "video") -> str:
    """Return a video's address on a reserved host; its id has the time inside."""
    identity = (int(at.replace(tzinfo=UTC).timestamp()) << 32) + number
    return f"https://www.tiktok.example/@{handle}/{kind}/{identity}"


def moment(number: int, start: date = START) -> datetime:
    """Return when video `number` was published (UTC)."""
    return datetime(start.year, start.month, start.day, 16, 5, 9) + timedelta(days=number)


def content(n: int = 5, start: date = START, base: int = 900, spell: Spell = english) -> Rows:
    """Return Studio's content, seen three days after the last video."""
    seen = spell(start + timedelta(days=n + 2))
    rows = []
    for i in range(n):
        at = moment(i, start)
        about = [seen, f"Video {i} #keksila", video(at, i), spell(at.date())]
        rows.append([*about, "30", "2", "1", str(base + i)])
    header = ["Time", "Video title", "Video link", "Post time"]
    return [[*header, "Total likes", "Total comments", "Total shares", "Total views"], *rows]


def business_days(n: int = 5, start: date = START, base: int = 700) -> Rows:
    """Return a business account's days; the reach of the first is not there."""
    header = ["Date", "Video views", "Reached audience", "Profile views", "Likes", "Shares"]
    header += ["Comments", "Phone number clicks ", "Leads submission"]
    header += ["Net growth", "New followers", "Lost followers"]
    rows = [
        [
            f"{start + timedelta(days=i):%Y/%m/%d}",
            str(base + i),
            "NAN" if i == 0 else str(base - 9),
            *["25", "26", "4", "7", "0", "0", "-2", "1", "3"],
        ]
        for i in range(n)
    ]
    return [header, *rows]


def business_posts(n: int = 5, start: date = START, base: int = 900) -> Rows:
    """Return a business account's videos; the saves of the first are not there."""
    rows = []
    for i in range(n):
        at = moment(i, start)
        about = [f"Call +358 40 123 4567, says @someone {i}", video(at, i)]
        numbers = [str(base + i), "30", "2", "1", "--" if i == 0 else "5"]
        rows.append([*about, f"{at + timedelta(seconds=4):%Y/%m/%d %H:%M:%S}", *numbers])
    header = ["Video title", "Video link", "Post time", "Video views"]
    return [[*header, "Likes", "Comments", "Shares", "Add to Favorites"], *rows]


def studio(rows: Rows) -> bytes:
    """Return rows as Studio writes them: a mark, everything quoted, no line end at the end."""
    return encode(rows, quote_all=True, encoding="utf-8-sig").rstrip(b"\n")


def studio_name(kind: str, start: date, end: date, handle: str = HANDLE) -> str:
    """Return the name of Studio's .zip: kind, first day, seconds of the end, account."""
    noon = datetime(end.year, end.month, end.day, 12, tzinfo=UTC)
    return f"{kind}_{start}_{int(noon.timestamp())}_{handle}.zip"


def write_zip(folder: Path, n: int = 5, start: date = START, base: int = 700) -> Path:
    """Write an overview in a .zip as it is downloaded."""
    path = folder / studio_name("Overview", start, start + timedelta(days=n))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Overview.csv", studio(overview(n, start, base)))
    return path


def write_business_days(path: Path, n: int = 5, start: date = START, base: int = 700) -> Path:
    """Write a business account's days."""
    path.write_bytes(encode(business_days(n, start, base), encoding="utf-8-sig"))
    return path


def write_business_posts(path: Path, n: int = 5, start: date = START, base: int = 900) -> Path:
    """Write a business account's videos."""
    path.write_bytes(encode(business_posts(n, start, base), encoding="utf-8-sig"))
    return path


def write_content(path: Path, n: int = 5, start: date = START, base: int = 900) -> Path:
    """Write Studio's content."""
    path.write_bytes(studio(content(n, start, base)))
    return path


def _write_named(path: Path, kind: str, start: date, rows: Rows) -> Path:
    """Write what Studio writes, beside `path`, under a name that tells the year."""
    named = path.with_name(f"{kind}_{start}_{path.stem}{path.suffix}")
    named.write_bytes(studio(rows))
    return named


def write_overview(path: Path, n: int = 5, start: date = START, base: int = 700) -> Path:
    """Write Studio's overview in English."""
    return _write_named(path, "Overview", start, overview(n, start, base))


def write_followers(path: Path, n: int = 5, start: date = START, base: int = 50) -> Path:
    """Write Studio's followers in English."""
    return _write_named(path, "FollowerHistory", start, followers(n, start, base))


def write_viewers(path: Path, n: int = 5, start: date = START, base: int = 40) -> Path:
    """Write Studio's viewers in English."""
    return _write_named(path, "Viewers", start, viewers(n, start, base))


def write_activity(path: Path, n: int = 2, start: date = START, base: int = 0) -> Path:
    """Write the hours of Studio's followers: `n` days."""
    return _write_named(path, "FollowerActivity", start, activity(start, n))


WRITERS = {
    "tiktok-days": write_overview,
    "tiktok-posts": write_content,
    "tiktok-business-days": write_business_days,
    "tiktok-business-posts": write_business_posts,
}
"""A writer of each layout: file, number of rows, first day, and what the numbers begin at."""
