"""Every layout that the importers know, written by us: what laws, fuzz runs and benches go over."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from importers import samples
from importers.samples import (
    START,
    bluesky,
    ga4,
    mastodon,
    meta,
    tiktok,
    write_csv,
    write_xlsx,
    x,
    youtube,
)

from handbook.importers import LAYOUTS, Options, SourceFile

Writer = Callable[..., Path]


def write_linkedin_content(path: Path, n: int = 5, start: date = START, base: int = 100) -> Path:
    """Write a LinkedIn content export, a post for each day."""
    return write_xlsx(path, samples.content(n, n, start, base))


def write_linkedin_followers(path: Path, n: int = 5, start: date = START, base: int = 3) -> Path:
    """Write a LinkedIn followers export."""
    return write_xlsx(path, samples.followers(n, start, base))


def write_linkedin_visitors(path: Path, n: int = 5, start: date = START, base: int = 7) -> Path:
    """Write a LinkedIn visitors export."""
    return write_xlsx(path, samples.visitors(n, start, base))


def write_plain_days(path: Path, n: int = 5, start: date = START, base: int = 10) -> Path:
    """Write a plain CSV of days."""
    rows = [f"x:plain,{start + timedelta(i)},{base + i},{i},0.5" for i in range(n)]
    return write_csv(path, "channel_id,date,impressions,shares,score", rows)


def write_plain_posts(path: Path, n: int = 5, start: date = START, base: int = 10) -> Path:
    """Write a plain CSV of posts."""
    seen = start + timedelta(n)
    rows = [
        f'x:plain,p{start:%y%m%d}{i},{seen},{start + timedelta(i)},"a, b\nc",{base + i}'
        for i in range(n)
    ]
    return write_csv(path, "channel_id,post_id,observed_on,published_date,text,reactions", rows)


def write_plain_counts(path: Path, n: int = 5, start: date = START, base: int = 10) -> Path:
    """Write a plain CSV of counts within the day."""
    rows = [f"m,x:plain,{start + timedelta(i)}T10:00:00Z,3600,{base + i}" for i in range(n)]
    return write_csv(path, "series_id,channel_id,at_utc,step_s,count", rows)


WRITERS: dict[str, Writer] = {
    "linkedin-content": write_linkedin_content,
    "linkedin-followers": write_linkedin_followers,
    "linkedin-visitors": write_linkedin_visitors,
    "plain-days": write_plain_days,
    "plain-posts": write_plain_posts,
    "plain-counts": write_plain_counts,
    **x.WRITERS,
    **meta.WRITERS,
    **youtube.WRITERS,
    **tiktok.WRITERS,
    **ga4.WRITERS,
    **mastodon.WRITERS,
    **bluesky.WRITERS,
}
"""A writer of each layout: file, number of rows, first day, and what the numbers begin at."""


def write_demographics(path: Path) -> Path:
    """Write the groups of LinkedIn's followers without their days."""
    sheets = samples.followers()
    return write_xlsx(path, {name: sheets[name] for name in ("Location", "Seniority")})


def write_audience(path: Path) -> Path:
    """Write the shares of Meta's audience."""
    path.write_bytes(meta.utf16(meta.audience()))
    return path


def write_account_report(path: Path) -> Path:
    """Write the report of an Instagram account by day."""
    header = ["Account ID", "Account username", "Data comment", "Date", "Reach"]
    rows = [["17841400000000001", "keksila", "", "01/05/2026", "40"]]
    path.write_bytes(meta.encode([header, *rows]))
    return path


OTHER_WRITERS: dict[str, Callable[[Path], Path]] = {
    "linkedin-demographics": write_demographics,
    "meta-audience": write_audience,
    "instagram-account": write_account_report,
    "youtube-groups": lambda path: youtube.write(path, youtube.groups()),
    "tiktok-audience": tiktok.write_activity,
    "tiktok-followers": tiktok.write_followers,
    "tiktok-viewers": tiktok.write_viewers,
}
"""A writer of each layout of groups, or of days that each tell of the one before: no law of
splitting holds for these."""

CHANNELS = {
    "linkedin": "linkedin:keksila",
    "facebook": "facebook:keksila",
    "instagram": "instagram:keksila",
    "x": "x:keksila",
    "youtube": "youtube:keksila",
    "tiktok": "tiktok:keksila",
    "mastodon": "mastodon:keksila",
    "bluesky": "bluesky:keksila",
}
"""What is said of files that do not name their channel."""

EXPORTED_ON = date(2026, 12, 1)
PLATFORM = {
    "meta-days": "facebook",
    "meta-audience": "facebook",
    "ga4": "facebook",
    "ga4-two-tables": "facebook",
}
"""What the user has to say of layouts that do not name their platform."""


def options_of(layout: str, **more: Any) -> Options:
    """Return what the user says of a layout's files."""
    return Options(platform=PLATFORM.get(layout), exported_on=EXPORTED_ON, **more)


def open_sample(path: Path, layout: str) -> SourceFile:
    """Open a sample with what the user says of it."""
    return SourceFile(path, options=options_of(layout))


def write_sample(folder: Path, layout: str, name: str = "", **size: Any) -> Path:
    """Write a sample; its name says the layout only."""
    write = WRITERS.get(layout) or OTHER_WRITERS[layout]
    return write(folder / f"{name or layout}.dat", **size)


def header_of(rows: list[list[Any]]) -> int:
    """Return the row that the table's header stands in: a known one, else the first after notes."""
    known = (i for i, row in enumerate(rows) if any(not layout.missing(row) for layout in LAYOUTS))
    first = (i for i, row in enumerate(rows) if any(row) and not str(row[0]).startswith("#"))
    return next(known, next(first, 0))


def rewrite(file: SourceFile, path: Path, tables: dict[str | None, list[list[Any]]]) -> Path:
    """Write other tables in the same kind of file: text as UTF-8 CSV, workbooks as .xlsx."""
    if file.kind == "text":
        out = io.StringIO(newline="")
        csv.writer(out).writerows(tables[None])
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        return path
    return write_xlsx(path, {str(name): rows for name, rows in tables.items()})


def split_json(content: Any, at: float) -> list[Any]:
    """Return JSON with one list of posts as two, each with a part of the list."""
    key = next(
        (k for k in ("orderedItems", "feed") if isinstance(content, dict) and k in content), None
    )
    items = content if key is None else content[key]
    middle = max(1, int(len(items) * at))
    parts = [items[:middle], items[middle:]]
    return [part if key is None else {**content, key: part} for part in parts]


def dump_json(path: Path, content: Any) -> Path:
    """Write JSON."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
