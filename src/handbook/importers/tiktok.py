"""TikTok exports: overview, followers, viewers and content, of Studio and of business accounts.

Days of TikTok Studio carry no year, and come in the language of whoever downloaded them. The
year is told by the name of the .zip, by `--exported-on`, or by the time inside a video's id.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from handbook.importers.dates import give_years, read_month_days
from handbook.importers.extras import Extras
from handbook.importers.languages import read_headers, worded
from handbook.importers.many import many
from handbook.importers.masking import mask
from handbook.importers.rows import Seen, place, whole_rows
from handbook.importers.source import Cell, Format, Grid, SourceFile, find_grid
from handbook.schema import CHANNEL_DAY, METRIC_EXTRA, POST, POST_SNAPSHOT, Reading

_HEADERS = read_headers("tiktok")
_LANGUAGES = tuple(_HEADERS)

DAYS = worded(
    "TikTok overview, by day",
    _HEADERS,
    frozenset({"date", "views", "profile visits", "likes", "comments", "shares"}),
)
FOLLOWERS = worded(
    "TikTok followers, by day", _HEADERS, frozenset({"date", "followers", "difference"})
)
VIEWERS = worded(
    "TikTok viewers, by day",
    _HEADERS,
    frozenset({"date", "reach", "new viewers", "returning viewers"}),
)
ACTIVITY = worded(
    "TikTok followers' activity, by hour", _HEADERS, frozenset({"date", "hour", "active followers"})
)
GENDER = worded("TikTok followers by gender", _HEADERS, frozenset({"gender", "share of followers"}))
TERRITORIES = worded(
    "TikTok followers by territory", _HEADERS, frozenset({"territory", "share of followers"})
)
CONTENT = worded(
    "TikTok content, by video",
    _HEADERS,
    frozenset({"title", "permalink", "post time", "views", "likes", "comments", "shares"}),
    ignored=frozenset({"time"}),
)
_BY_DAY = (DAYS, FOLLOWERS, VIEWERS)
_AUDIENCE = (ACTIVITY, GENDER, TERRITORIES)
LAYOUTS = (CONTENT, *_BY_DAY, *_AUDIENCE)

_NO_YEAR = "In Studio's files the year, unless the .zip's name does."
FORMATS = (
    Format(
        "tiktok-days",
        DAYS.title,
        "tiktok",
        "Date, Video views, Profile views, Likes, Comments, Shares (Studio and business)",
        _LANGUAGES,
        f"{_NO_YEAR} Which videos the numbers come from.",
    ),
    Format(
        "tiktok-followers",
        FOLLOWERS.title,
        "tiktok",
        "Date, Followers, Difference in followers from previous day",
        _LANGUAGES,
        f"{_NO_YEAR} Who left and who came: only the difference.",
    ),
    Format(
        "tiktok-viewers",
        VIEWERS.title,
        "tiktok",
        "Date, Total Viewers, New Viewers, Returning Viewers",
        _LANGUAGES,
        f"{_NO_YEAR} Viewers over several days: one person counts on each.",
    ),
    Format(
        "tiktok-audience",
        "TikTok followers by hour, gender or territory",
        "tiktok",
        "Date, Hour, Active followers; Gender or Top territories, Distribution",
        _LANGUAGES,
        "How many followers a share is of; in which time zone the hours are.",
    ),
    Format(
        "tiktok-posts",
        CONTENT.title,
        "tiktok",
        "Video title, Video link, Post time and numbers (Studio and business)",
        _LANGUAGES,
        "In Studio's files the hour of publishing, and all but about 15 videos.",
    ),
)
_FORMATS = {
    CONTENT.title: "tiktok-posts",
    DAYS.title: "tiktok-days",
    FOLLOWERS.title: "tiktok-followers",
    VIEWERS.title: "tiktok-viewers",
}

_OF_DAY = {
    "views": "views",
    "reach": "reach",
    "profile visits": "profile_visits",
    "likes": "reactions",
    "comments": "comments",
    "shares": "shares",
    "saves": "saves",
    "followers": "followers_total",
    "net growth": "followers_net",
    "new followers": "followers_gained",
    "lost followers": "followers_lost",
}
_OF_POST = {
    "views": "views",
    "reach": "reach",
    "likes": "reactions",
    "comments": "comments",
    "shares": "shares",
    "saves": "saves",
    "new followers": "follows",
}
_ABOUT = {"date", "difference", "hour", "title", "permalink", "post time", "time"}

_STUDIO = re.compile(
    r"(?:Overview|Followers|Viewers|Content)"
    r"(?:_(?P<start>20\d\d-\d\d-\d\d))?(?:_(?P<epoch>1\d{9})(?:\d{3})?)?_[^/]+",
    re.IGNORECASE,
)
_NAMED_DAY = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)")
_LINK = re.compile(
    r"(?:tiktok\.[a-z.]+/@(?P<handle>[^/?#\s]+)/)?(?P<kind>video|photo|v)/(?P<id>\d+)"
)
_DAY_FORMS = ("%Y/%m/%d", "%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y")
_TIME_FORMS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
)
_TYPES = {"video": "short_video", "v": "short_video", "photo": "carousel"}
_FIRST_ID = datetime(2014, 1, 1)
_EARLY = timedelta(minutes=15)
_SCHEDULED = timedelta(days=31)
_LISTED = 15
"""About as many videos as Studio lists in its content."""


def read_tiktok(file: SourceFile) -> list[Reading] | None:
    """Read a TikTok export; None when no table in it looks like one.

    Returns
    -------
    list of Reading
        One for each account whose videos stand in it.

    Raises
    ------
    HandbookError
        It is one, but a cell is wrong, nothing says the year, or nothing stands in it.
    """
    grids = [
        grid
        for sheet, rows in file.tables.items()
        if (grid := find_grid(file, sheet, rows, LAYOUTS))
    ]
    if not grids:
        return None
    readings: dict[str | None, Reading] = {}
    for grid in grids:
        if grid.layout is CONTENT:
            _read_content(grid, file, readings)
            continue
        reading = _reading(readings, next(iter(readings), None), grid, file)
        reading.rows_read += len(grid.rows)
        whole = replace(grid, rows=whole_rows(grid, reading))
        if grid.layout in _BY_DAY:
            _read_days(whole, file, reading)
        elif grid.layout is ACTIVITY:
            _read_activity(whole, file, reading)
        else:
            _read_shares(whole, reading)
    empty = not any(len(grid.rows) for grid in grids)
    if empty and all(grid.layout in _AUDIENCE for grid in grids):
        readings[None].warnings.append("nothing stands in it: TikTok tells this of larger accounts")
    elif not any(reading.rows_kept for reading in readings.values()):
        reasons = [reason for reading in readings.values() for reason in reading.rejected]
        raise file.error(
            f"a file of {grids[0].layout.title} without any row to keep"
            + (f" ({reasons[0]}). " if reasons else ". ")
            + "Choose a period with data in it, and download it again."
        )
    return list(readings.values())


def _reading(
    readings: dict[str | None, Reading], handle: str | None, grid: Grid, file: SourceFile
) -> Reading:
    if handle not in readings:
        readings[handle] = Reading(
            format=_FORMATS.get(grid.layout.title, "tiktok-audience"),
            title=grid.layout.title,
            sha256=file.sha256,
            platform="tiktok",
            language=grid.language,
            handle=handle,
            url=f"https://www.tiktok.com/@{handle}" if handle else None,
        )
    return readings[handle]


def _days(grid: Grid, file: SourceFile) -> list[date | None]:
    """Return the days of all rows, with the years that the file leaves out."""
    cells = [found["date"] for _, found, _ in grid.cells()]
    told = [cell for cell in cells if cell.text]
    yearless = read_month_days([cell.text for cell in told if isinstance(cell.value, str)])
    if not told or yearless is None or len(yearless) != len(told):
        return [cell.day(*_DAY_FORMS) for cell in cells]
    start, end = _named_days(file)
    days = give_years(yearless, start=start, end=end)
    if days and end and max(days) > end + timedelta(days=1):
        days = give_years(yearless, end=end)
    if days is None:
        raise file.error(
            f"its days carry no year ({told[0].text} to {told[-1].text}), and nothing else says "
            "it. Import the .zip as it was downloaded, because its name may say it, or give the "
            "day of the download: --exported-on YYYY-MM-DD."
        )
    dated = iter(days)
    return [next(dated) if cell.text else None for cell in cells]


def _named_days(file: SourceFile) -> tuple[date | None, date | None]:
    """Return the first day of the file, and a day on which it existed, by what names say."""
    start = end = None
    for name in (file.name, *reversed(file.origin)):
        base = re.split(r"[/\\]", name)[-1].rsplit(".", 1)[0] if "." in name else name
        studio = _STUDIO.fullmatch(base)
        if studio and studio["start"]:
            start = start or _date(studio["start"].replace("-", ""))
        if studio and studio["epoch"]:
            end = end or datetime.fromtimestamp(int(studio["epoch"]), UTC).date()
        elif not studio:
            days = [_date(a + b + c) for a, _, b, c in _NAMED_DAY.findall(base)]
            end = end or max((day for day in days if day), default=None)
    if end is None and file.dated:
        end = file.dated.date()
    return start, file.options.exported_on or end


def _date(digits: str) -> date | None:
    try:
        return datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        return None


def _read_days(grid: Grid, file: SourceFile, reading: Reading) -> None:
    extras = Extras(reading, grid)
    seen = Seen()
    rows: dict[date, dict[str, Any]] = {}
    differences: dict[date, int | None] = {}
    missing = 0
    for day, (number, cells, unknown) in zip(_days(grid, file), grid.cells(), strict=True):
        if day is None:
            reading.rejected.append(f"{place(grid, number)}: no day in the column of dates")
            continue
        told = [cell.text for name, cell in cells.items() if name != "date"]
        told += [cell.text for cell in unknown]
        before = seen.before(day, number, told)
        if before == 0:
            reading.dropped += 1
            continue
        if before:
            reading.rejected.append(
                f"{place(grid, number)}: {day} stood in row {before} with other numbers"
            )
            continue
        values = {ours: cells[name].count() for name, ours in _OF_DAY.items() if name in cells}
        not_yet = grid.layout is VIEWERS and values["reach"] is None
        if not_yet or all(text is None for text in told):
            missing += 1
            reading.dropped += 1
            continue
        rows[day] = {"date": day, **values}
        if "difference" in cells:
            differences[day] = cells["difference"].count()
        for name in ("new viewers", "returning viewers"):
            if name in cells:
                extras.add(cells[name], date=day)
        for cell in unknown:
            extras.add(cell, date=day)
    if grid.layout is FOLLOWERS:
        _recompute(rows, differences, reading)
    for row in rows.values():
        reading.add(CHANNEL_DAY, row)
    extras.finish()
    if missing:
        reading.warnings.append(
            f"{missing} days have no numbers: TikTok tells nothing of the first days of an "
            "account, nor of the last two"
        )


def _recompute(
    rows: dict[date, dict[str, Any]], differences: dict[date, int | None], reading: Reading
) -> None:
    """Compute the followers won or lost on a day from the totals, whatever the file says."""
    wrong = compared = 0
    for day, row in rows.items():
        before = rows.get(day - timedelta(days=1), {}).get("followers_total")
        if before is None or row["followers_total"] is None:
            continue
        row["followers_net"] = row["followers_total"] - before
        compared += 1
        wrong += differences.get(day) not in (None, row["followers_net"])
    if wrong:
        reading.warnings.append(
            f"the column of differences contradicts the followers' totals on {wrong} of {compared} "
            "days: differences were computed from the totals"
        )


def _read_activity(grid: Grid, file: SourceFile, reading: Reading) -> None:
    told = []
    for day, (number, cells, _) in zip(_days(grid, file), grid.cells(), strict=True):
        hour = cells["hour"].count()
        if day is None or hour is None or not 0 <= hour <= 23:
            reading.rejected.append(f"{place(grid, number)}: no day and hour (0 to 23) in it")
        else:
            told.append((day, hour, cells["active followers"].count(), number))
    kept: dict[tuple[date, int], int] = {}
    unfinished = _unfinished(told)
    for day, hour, count, number in told:
        if kept.get((day, hour), count) != count:
            reading.rejected.append(
                f"{place(grid, number)}: {day}, hour {hour} stood before with another number"
            )
        elif (day, hour) in kept or count is None or (day, hour) in unfinished:
            reading.dropped += 1
        else:
            kept[day, hour] = count
            reading.add(
                METRIC_EXTRA,
                {
                    "date": day,
                    "name": "Active followers",
                    "category": f"{hour:02d}:00",
                    "value": count,
                    "unit": "count",
                },
            )
    if unfinished:
        reading.warnings.append(
            f"the last {len(unfinished)} hours are 0 after hours that are not: taken for missing"
        )


def _unfinished(told: list[tuple[date, int, int | None, int]]) -> set[tuple[date, int]]:
    """Return the hours at the end of the last day that TikTok had not counted yet."""
    hours = sorted((day, hour, count) for day, hour, count, _ in told if count is not None)
    if not hours or not any(count for day, _, count in hours if day == hours[-1][0]):
        return set()
    found = set()
    for day, hour, count in reversed(hours):
        if count:
            break
        found.add((day, hour))
    return found


def _read_shares(grid: Grid, reading: Reading) -> None:
    name = "gender" if grid.layout is GENDER else "territory"
    rows = []
    for number, cells, _ in grid.cells():
        cell = cells["share of followers"]
        value = cell.fraction() if "%" in (cell.text or "") else cell.number()
        rows.append((number, cells[name].text or "(no name)", value))
    percent = sum(value or 0 for _, _, value in rows) > 2
    seen: dict[str, float | None] = {}
    for number, category, value in rows:
        if category in seen and seen[category] != value:
            reading.rejected.append(
                f"{place(grid, number)}: {category!r} stood before with another number"
            )
        elif category in seen or value is None:
            reading.dropped += 1
        else:
            extra = {
                "name": f"Followers by {name}",
                "category": category,
                "value": value / 100 if percent else value,
                "unit": "fraction",
            }
            reading.add(METRIC_EXTRA, extra)
        seen.setdefault(category, value)


def _read_content(grid: Grid, file: SourceFile, readings: dict[str | None, Reading]) -> None:
    """Read videos; those of each account into a reading of their own."""
    rows_of: dict[str | None, list[tuple[int, list[Any]]]] = {}
    for row, (_, cells, _) in zip(grid.rows, grid.cells(), strict=True):
        link = _LINK.search(cells["permalink"].text or "")
        handle = link["handle"].casefold() if link and link["handle"] else None
        rows_of.setdefault(handle, []).append(row)
    main = next((handle for handle in rows_of if handle), None)
    if main:
        nobodys = rows_of.pop(None, [])
        rows_of[main] = sorted(rows_of[main] + nobodys, key=lambda row: row[0])
    for handle, rows in rows_of.items():
        reading = _reading(readings, handle, grid, file)
        reading.rows_read += len(rows)
        part = replace(grid, rows=rows)
        _read_videos(replace(part, rows=whole_rows(part, reading)), reading)


def _read_videos(grid: Grid, reading: Reading) -> None:
    extras = Extras(reading, grid)
    seen = Seen()
    stamps: dict[Any, Cell] = {}
    offsets: list[timedelta] = []
    contradicted = 0
    newest: date | None = None
    for number, cells, unknown in grid.cells():
        link = _LINK.search(cells["permalink"].text or "")
        if link is None:
            reading.rejected.append(
                f"{place(grid, number)}: no video id in the link, so nothing to keep its numbers "
                "under"
            )
            continue
        post_id = link["id"]
        told = [cell.text for cell in (*cells.values(), *unknown)]
        before = seen.before(post_id, number, told)
        if before == 0:
            reading.dropped += 1
            continue
        if before:
            reading.rejected.append(
                f"{place(grid, number)}: video {post_id} stood in row {before} otherwise"
            )
            continue
        made = _time_in(post_id)
        published = _published(cells["post time"], made)
        day = published.get("published_date")
        if made and day:
            newest = max(newest or day, day)
            at = published.get("published_at")
            offset = (at - made) if at else timedelta(days=(day - made.date()).days)
            if at:
                offsets.append(offset)
            early = _EARLY if at else timedelta(days=1)
            contradicted += not -early <= offset <= _SCHEDULED
        title = cells["title"].text
        many(reading, POST).append(
            {
                "post_id": post_id,
                "permalink": cells["permalink"].text,
                **published,
                "post_type": _TYPES[link["kind"]],
                "source_type": link["kind"],
                "text": mask(title) if title else None,
            }
        )
        measures = {ours: cells[name].count() for name, ours in _OF_POST.items() if name in cells}
        many(reading, POST_SNAPSHOT).append({"post_id": post_id, "period": "lifetime", **measures})
        if "time" in cells and cells["time"].text:
            stamps[cells["time"].value] = cells["time"]
        for cell in unknown:
            extras.add(cell, post_id=post_id)
    extras.finish()
    _check_times(reading, offsets, contradicted)
    if stamps:
        _date_export(reading, list(stamps.values()), newest)
        if len(seen) >= _LISTED:
            reading.warnings.append(
                f"TikTok lists about {_LISTED} videos only, and not the newest ones: there may be "
                "more"
            )


def _time_in(post_id: str) -> datetime | None:
    """Return the time inside a video's id (UTC): its upper 32 bits are seconds."""
    try:
        made = datetime.fromtimestamp(int(post_id) >> 32, UTC).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        return None
    return made if made >= _FIRST_ID else None


def _published(cell: Cell, made: datetime | None) -> dict[str, Any]:
    """Return when a video was published: to the minute, or the day with the year of its id."""
    if cell.text is None:
        return {}
    yearless = read_month_days([cell.text]) if isinstance(cell.value, str) else None
    if yearless:
        if made is None:
            return {}
        near = [
            day
            for year in (made.year - 1, made.year, made.year + 1)
            if (day := _date(f"{year}{yearless[0][0]:02d}{yearless[0][1]:02d}"))
        ]
        day = min(near, key=lambda day: abs(day - made.date()), default=None)
        return {"published_date": day, "published_precision": "day"} if day else {}
    if isinstance(cell.value, str) and not re.search(r"\d:\d", cell.value):
        return {"published_date": cell.day(*_DAY_FORMS), "published_precision": "day"}
    at = cell.moment(*_TIME_FORMS)
    return {
        "published_at": at,
        "published_date": at and at.date(),
        "published_precision": "minute",
        "source_tz": "UTC",
    }


def _check_times(reading: Reading, offsets: list[timedelta], contradicted: int) -> None:
    """Warn where the times contradict those inside the ids, one by one or all alike."""
    usual = median(offset.total_seconds() for offset in offsets) if offsets else 0
    if abs(usual) >= _EARLY.total_seconds() and len(offsets) > 2:
        reading.warnings.append(
            f"times of publishing lie {usual / 3600:+.1f} hours from those inside the videos' own "
            "ids: they may not be in UTC"
        )
    elif contradicted:
        reading.warnings.append(
            f"{contradicted} videos have a time of publishing that the time inside their own id "
            "contradicts"
        )


def _date_export(reading: Reading, stamps: list[Cell], newest: date | None) -> None:
    """Take the day in the column Time for that of the export; without a year, the first after."""
    yearless = read_month_days([str(cell.value) for cell in stamps])
    if yearless is None:
        days = [cell.day(*_DAY_FORMS, *(form for form in _TIME_FORMS)) for cell in stamps]
        found = max((day for day in days if day), default=None)
    else:
        found = _first_after(max(yearless), newest) if newest else None
    if found:
        reading.exported_at = datetime(found.year, found.month, found.day)
        reading.exported_at_source = "its column Time"


def _first_after(month_day: tuple[int, int], newest: date) -> date | None:
    earliest = newest - timedelta(days=1)
    for year in (earliest.year, earliest.year + 1):
        day = _date(f"{year}{month_day[0]:02d}{month_day[1]:02d}")
        if day and day >= earliest:
            return day
    return None
