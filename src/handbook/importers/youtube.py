"""YouTube Studio exports: table of videos, totals by day, chart by day and video, and groups.

One export is a .zip of `Table data`, `Totals` and `Chart data`, under names of the language it
was downloaded in; a table is known by its headers, in any language of `headers/youtube.csv`.
Which metrics stand in it is the analyst's choice. The numbers cover a period that only the name
of the .zip tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from itertools import chain
from typing import Any

from handbook.importers.columns import read_parts
from handbook.importers.extras import Extras
from handbook.importers.languages import read_headers, worded
from handbook.importers.many import Many, many
from handbook.importers.masking import mask
from handbook.importers.rows import Seen, place, whole_rows
from handbook.importers.source import (
    Cell,
    Format,
    Grid,
    Layout,
    SourceFile,
    find_grid,
    make_grid,
    normalise,
)
from handbook.schema import CHANNEL_DAY, POST, POST_SNAPSHOT, Reading

_HEADERS = read_headers("youtube")
_LANGUAGES = tuple(_HEADERS)
_ENGLISH = {name: header for header, name in reversed(_HEADERS["en"].items())}
_TOTALS = {
    normalise(header)
    for headers in _HEADERS.values()
    for header, name in headers.items()
    if name == "total"
}

_GROUPS = (
    "traffic_source",
    "geography",
    "cities",
    "viewer_age",
    "viewer_gender",
    "viewer_loyalty",
    "subscription_status",
    "subscription_source",
    "content_type",
    "playlist",
    "device_type",
    "operating_system",
    "playback_location",
    "sharing_service",
    "subtitles",
    "youtube_product",
)
"""What else YouTube Studio can divide its numbers by, one at a time."""

_OWN = {
    "watch_hours",
    "subscribers",
    "subscribers_gained",
    "subscribers_lost",
    "ctr",
    "average_view",
    "average_percentage",
    "engaged_views",
}
"""Metrics that no other platform calls so: a table with one of them is YouTube's."""

_ABOUT = {"date", "video_id", "title", "published", "duration", "total", *_GROUPS}
_METRICS = set(_ENGLISH) - _ABOUT

CHART = worded(
    "YouTube Studio chart, by day and video", _HEADERS, frozenset({"date", "video_id", "title"})
)
VIDEOS = worded(
    "YouTube Studio table of videos", _HEADERS, frozenset({"video_id", "title", "published"})
)
DAYS = worded(
    "YouTube Studio numbers by day",
    _HEADERS,
    frozenset({"date"}),
    names=frozenset({"date", "total", *_METRICS}),
)
GROUPED = {
    name: worded(
        f"YouTube Studio numbers by {_ENGLISH[name].lower()}",
        _HEADERS,
        frozenset({name}),
        names=frozenset({"date", "total", name, *_METRICS}),
    )
    for name in _GROUPS
}
LAYOUTS = (CHART, VIDEOS)

_NOT_TOLD = "Which of the videos are Shorts or live; the hour of publishing; whose it is."
FORMATS = (
    Format(
        "youtube-videos",
        VIDEOS.title,
        "youtube",
        "Content, Video title, Video publish time (Table data)",
        _LANGUAGES,
        f"The period, unless the .zip's name does. {_NOT_TOLD} More than 500 videos.",
    ),
    Format(
        "youtube-days",
        DAYS.title,
        "youtube",
        "Date and the metrics that were chosen (Totals, or Table data by date)",
        _LANGUAGES,
        "Whose it is; how many subscribers there are in all.",
    ),
    Format(
        "youtube-chart",
        CHART.title,
        "youtube",
        "Date, Content, Video title and one metric (Chart data)",
        _LANGUAGES,
        f"Videos that were not chosen for the chart. {_NOT_TOLD}",
    ),
    Format(
        "youtube-groups",
        "YouTube Studio numbers by group",
        "youtube",
        "Traffic source, Geography, Viewer age or another group, and metrics",
        _LANGUAGES,
        "The period, unless the .zip's name does; groups that are too small. Whose it is.",
    ),
)
_FORMATS = {
    CHART.title: "youtube-chart",
    VIDEOS.title: "youtube-videos",
    DAYS.title: "youtube-days",
}

_BOTH = {
    "views": "views",
    "watch_hours": "watch_time_s",
    "impressions": "impressions",
    "likes": "reactions",
    "comments": "comments",
    "shares": "shares",
    "unique_viewers": "reach",
}
_OF_VIDEO = _BOTH | {"subscribers": "follows", "ctr": "ctr", "average_view": "avg_view_s"}
_OF_DAY = _BOTH | {
    "subscribers": "followers_net",
    "subscribers_gained": "followers_gained",
    "subscribers_lost": "followers_lost",
    "videos_published": "posts_published",
}

_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_PERIOD = re.compile(r"(?<!\d)(20\d\d-\d\d-\d\d)[_ ](20\d\d-\d\d-\d\d)(?!\d)")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})(?:\.\d+)?")
_DAY_FORMS = ("%b %d, %Y", "%Y-%m-%d", "%d %b %Y", "%d. %b %Y", "%d.%m.%Y")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?: 00:00:00)?|\d{1,2}\.\d{1,2}\.\d{4}")
_AMOUNT = re.compile(r"\s*(?:[-–+]?[0-9][0-9.,:\s]*%?|[-–]*)\s*")
_NOTHING = (None, "0", "0.0", "0:00:00")
_PACIFIC = "America/Los_Angeles"
"""YouTube's reporting day begins at midnight there, wherever the channel is."""


def read_youtube(file: SourceFile) -> Reading | None:
    """Read a YouTube Studio export; None when no table in it looks like one.

    Raises
    ------
    HandbookError
        It is one, but a cell is wrong, or nothing stands in it.
    """
    grids = _grids(file)
    first = next(grids, None)
    if first is None:
        return None
    reading = Reading(
        format=_FORMATS.get(first.layout.title, "youtube-groups"),
        title=first.layout.title,
        sha256=file.sha256,
        platform="youtube",
        report_tz=_PACIFIC,
        language=first.language,
        exported_at=file.created_at,
        exported_at_source="the workbook's own date" if file.created_at else None,
    )
    period = _period(file)
    tables: list[_Table] = []
    for grid in chain([first], grids):
        reading.rows_read += len(grid.rows)
        grid = replace(grid, rows=_without_totals(grid, reading))
        grid = replace(grid, rows=whole_rows(grid, reading))
        if tables and tables[-1].grid.sheet == grid.sheet:
            tables[-1].grid = grid
        else:
            tables.append(_Table(grid, reading, period))
        if grid.layout is VIDEOS:
            _read_videos(tables[-1])
        elif grid.layout is CHART:
            _read_chart(tables[-1])
        elif grid.layout is DAYS:
            _read_days(tables[-1])
        else:
            _read_groups(tables[-1])
    for table in tables:
        table.extras.finish()
    if not reading.rows_read and all(table.grid.layout is CHART for table in tables):
        reading.warnings.append("nothing stands in it: YouTube has no numbers for this chart")
    elif reading.rows_read and reading.rows_read == reading.dropped:
        reading.warnings.append("nothing stands in it but totals, footers or repetitions")
    elif not reading.rows_kept:
        raise file.error(
            f"a {first.layout.title} without any row that could be kept"
            + (f": {reading.rejected[0]}. " if reading.rejected else ". ")
            + "Choose a period with data in it, and download it again."
        )
    return reading


def _grids(file: SourceFile) -> Iterator[Grid]:
    """Yield the tables of a file; a large chart in parts."""
    parts = read_parts(file, [CHART]) if file.streams else iter(())
    first = next(parts, None)
    if first:
        yield first
        yield from parts
        return
    for sheet, rows in file.tables.items():
        if grid := _find(file, sheet, rows):
            yield grid


@dataclass
class _Table:
    """A grid, or what has come of it so far, on its way into the reading."""

    grid: Grid
    reading: Reading
    period: tuple[date, date] | None
    extras: Extras = field(init=False)
    seen: Seen = field(default_factory=Seen)
    videos: set[str] = field(default_factory=set)
    _days: dict[Any, date | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.extras = Extras(self.reading, self.grid)

    @property
    def languages(self) -> tuple[str, ...]:
        """Whose names of months may stand in the cells: English ones, whatever the headers."""
        return tuple(dict.fromkeys(("en", self.grid.language or "en", "fi", "sv", "de")))

    def day(self, cell: Cell) -> date | None:
        """Return the day in a cell; days that stand in many rows are read once."""
        if cell.value not in self._days:
            self._days[cell.value] = cell.day(*_DAY_FORMS, languages=self.languages)
        return self._days[cell.value]

    def reject(self, number: int, reason: str) -> None:
        self.reading.rejected.append(f"{place(self.grid, number)}: {reason}")

    def keep_extra(self, cell: Cell, name: str | None = None, **owner: Any) -> None:
        """Keep a number that no canonical column has, under its English name."""
        unit = "number" if re.search(r"\([A-Z]{3}\)", cell.column) else None
        if _is_clock(cell.value):
            cell, unit = cell._replace(value=_seconds(cell)), "seconds"
        if name in _ENGLISH:
            cell = cell._replace(column=_ENGLISH[name])
        self.extras.add(cell, unit=unit, **owner)


def _find(file: SourceFile, sheet: str | None, rows: list[list[Any]]) -> Grid | None:
    if found := find_grid(file, sheet, rows, LAYOUTS):
        return found
    for index, row in enumerate(rows[:3]):
        if layout := _layout_of(row, rows[index + 1 :], file.options.platform):
            return make_grid(file, sheet, rows, index, layout)
    return None


def _layout_of(
    header: Sequence[Any], body: Sequence[Sequence[Any]], platform: str | None
) -> Layout | None:
    """Return the layout of numbers by day or by group, if the headers say that they are.

    A header of YouTube's own is enough; else all are known, or half of them and Views, and
    numbers stand under the others.

    What the user says of the platform decides where headers such as Views are not YouTube's only.
    """
    cells = [normalise(cell) for cell in header]
    while cells and not cells[-1]:
        cells.pop()
    names = [VIDEOS.targets.get(cell) for cell in cells]
    dated = names.index("date") if "date" in names else None
    group = next((name for name in names if name in GROUPED), None)
    measures = [name for name in names if name is None or name not in ("date", group)]
    if not measures or (dated is None and group is None) or "channel_id" in cells:
        return None
    asked = platform == "youtube"
    known = sum(name in _METRICS for name in measures)
    most = known == len(measures) or ("views" in measures and known * 2 >= len(measures))
    others = [index for index, name in enumerate(names) if name is None]
    words = any(not _AMOUNT.fullmatch(str(row[i])) for row in body for i in others if i < len(row))
    guessed = platform is None and most and not words
    ours = asked or guessed or bool(_OWN & set(measures))
    if dated is not None and not asked:
        days = (str(row[dated]).strip() for row in body if len(row) > dated)
        first = next((day for day in days if day and not _is_total(day)), None)
        ours = ours and (first is None or bool(_ISO.fullmatch(first)))
    if not ours:
        return None
    return GROUPED[group] if group else DAYS


def _period(file: SourceFile) -> tuple[date, date] | None:
    """Return the period that the name of the .zip, the folder or the file itself tells."""
    for name in (file.name, *reversed(file.origin)):
        if found := _PERIOD.search(name):
            try:
                start, end = date.fromisoformat(found[1]), date.fromisoformat(found[2])
            except ValueError:
                continue
            if start <= end:
                return start, end
    return None


def _is_total(value: Any) -> bool:
    return normalise(value) in _TOTALS


def _without_totals(grid: Grid, reading: Reading) -> list[tuple[int, list[Any]]]:
    """Return the rows without totals and footers; a footer that tells of a cap is a warning."""
    kept = []
    last = grid.rows[-1][0] if grid.rows else 0
    targets = [grid.layout.targets.get(normalise(header)) for header in grid.headers]
    named = [i for i, name in enumerate(targets) if name in ("date", "video_id", *_GROUPS)]
    for number, cells in grid.rows:
        alone = not any(str(cell).strip() for cell in cells[1:])
        text = str(cells[0]).strip() if cells else ""
        if any(_is_total(cells[index]) for index in named if index < len(cells)):
            reading.dropped += 1
        elif alone and number == last and " " in text and re.search(r"\d", text):
            reading.dropped += 1
            cap = re.search(r"\d[\d .,\u00a0]*", normalise(text))
            reading.warnings.append(
                f"YouTube tells the first {cap[0].strip(' .,') if cap else ''} rows only: what "
                "comes after them is not in the file"
            )
        else:
            kept.append((number, cells))
    return kept


def _read_videos(table: _Table) -> None:
    reading, period = table.reading, table.period
    kept = set()
    days = []
    for number, cells, _ in table.grid.cells():
        video_id = _video_id(cells["video_id"])
        if video_id is None:
            table.reject(number, "no video id, so nothing to keep its numbers under")
            continue
        before = table.seen.before(video_id, number, (cell.text for cell in cells.values()))
        if before is None:
            kept.add(number)
            days.append(table.day(cells["published"]))
        elif before:
            table.reject(number, f"video {video_id} stood in row {before} with other numbers")
        else:
            reading.dropped += 1
    earliest = min(filter(None, days), default=None)
    snapshots = Many()
    for number, cells, unknown in table.grid.cells():
        if number not in kept:
            continue
        video_id, published = _video_id(cells["video_id"]), table.day(cells["published"])
        covers = _covers(period, published or earliest)
        many(reading, POST).append(_post(str(video_id), published, cells))
        snapshots.append({"post_id": video_id, "period": covers, **_measures(cells, _OF_VIDEO)})
        category = "" if covers == "lifetime" else covers
        for name, cell in cells.items():
            if name in _METRICS - _OF_VIDEO.keys():
                table.keep_extra(cell, name, post_id=video_id, category=category)
        for cell in unknown:
            table.keep_extra(cell, post_id=video_id, category=category)
    _refuse_zeros(snapshots, reading)
    if snapshots:
        many(reading, POST_SNAPSHOT).extend(snapshots)
    partly = sum(row["period"] != "lifetime" for row in snapshots)
    if period is None and snapshots:
        reading.warnings.append(
            "nothing says which period the numbers of videos cover: taken for their lifetime. "
            "Import the .zip as it was downloaded, because its name says it"
        )
    elif partly:
        reading.warnings.append(
            f"{partly} videos are older than the period of the export, {period[0]} to {period[1]}: "
            "their numbers are kept as those of that period, not of their lifetime"
        )


def _covers(period: tuple[date, date] | None, published: date | None) -> str:
    """Return "lifetime" for a video younger than the period's first day, else the period."""
    if period is None or (published and published >= period[0]):
        return "lifetime"
    return f"{period[0]}/{period[1]}"


def _post(video_id: str, published: date | None, cells: dict[str, Cell]) -> dict[str, Any]:
    title = cells["title"].text
    duration = cells.get("duration")
    return {
        "post_id": video_id,
        "permalink": f"https://www.youtube.com/watch?v={video_id}",
        "published_date": published,
        "published_precision": "day" if published else None,
        "post_type": "video",
        "text": mask(title) if title else None,
        "duration_s": _seconds(duration) if duration else None,
    }


def _refuse_zeros(rows: Many, reading: Reading) -> None:
    """Take views for missing where all are zero although videos were watched."""
    views = {row.get("views") for row in rows} - {None}
    if views == {0} and any(row.get("watch_time_s") for row in rows):
        rows.clear("views")
        reading.warnings.append(
            "Views is 0 for every video although they were watched: taken for missing, not for 0"
        )


def _read_chart(table: _Table) -> None:
    """Read numbers by day and video; days before a video was there tell nothing of it."""
    reading = table.reading
    for number, cells, unknown in table.grid.cells():
        video_id = _video_id(cells["video_id"])
        day = table.day(cells["date"])
        if video_id is None or day is None:
            table.reject(number, f"no {'day' if video_id else 'video id'}, so nothing to keep")
            continue
        published = table.day(cells["published"]) if "published" in cells else None
        if video_id not in table.videos:
            table.videos.add(video_id)
            reading.add(POST, _post(video_id, published, cells))
        numbers = [*(cell for name, cell in cells.items() if name in _METRICS), *unknown]
        told = [cell.text for cell in numbers]
        if published and day < published and all(text in _NOTHING for text in told):
            reading.dropped += 1
            continue
        before = table.seen.before((video_id, day), number, told)
        if before == 0:
            reading.dropped += 1
            continue
        if before:
            table.reject(number, f"video {video_id} on {day} stood in row {before} otherwise")
            continue
        measures = _measures(cells, _OF_VIDEO)
        if measures:
            row = {"post_id": video_id, "observed_on": day, "period": "day", **measures}
            many(reading, POST_SNAPSHOT).append(row)
        for name, cell in cells.items():
            if name in _METRICS - _OF_VIDEO.keys():
                table.keep_extra(cell, name, post_id=video_id, date=day, category="day")
        for cell in unknown:
            table.keep_extra(cell, post_id=video_id, date=day, category="day")


def _read_days(table: _Table) -> None:
    reading = table.reading
    for number, cells, unknown in table.grid.cells():
        day = table.day(cells["date"])
        if day is None:
            table.reject(number, "no day, so nothing to keep its numbers under")
            continue
        before = table.seen.before(day, number, (cell.text for cell in cells.values()))
        if before == 0:
            reading.dropped += 1
            continue
        if before:
            table.reject(number, f"{day} stood in row {before} with other numbers")
            continue
        measures = _measures(cells, _OF_DAY)
        if "watch_time_s" in measures and measures["watch_time_s"] is not None:
            measures["watch_time_s"] = round(measures["watch_time_s"])
        if measures:
            reading.add(CHANNEL_DAY, {"date": day, "day_tz": _PACIFIC, **measures})
        for name, cell in cells.items():
            if name in _METRICS - _OF_DAY.keys():
                table.keep_extra(cell, name, date=day)
        for cell in unknown:
            table.keep_extra(cell, date=day)


def _read_groups(table: _Table) -> None:
    """Read numbers by group, of each day or of the whole period, as extra metrics."""
    (group,) = table.grid.layout.required
    by = _ENGLISH[group].lower()
    span = ""
    if table.period:
        span = f" ({(table.period[1] - table.period[0]).days + 1} days)"
    for number, cells, unknown in table.grid.cells():
        category = cells[group].text or "(no name)"
        owner: dict[str, Any] = {"category": category}
        if "date" in cells:
            owner["date"] = table.day(cells["date"])
            if owner["date"] is None:
                table.reject(number, "no day, so nothing to keep its numbers under")
                continue
        elif table.period:
            owner["date"] = table.period[1]
        told = [cell.text for cell in (*cells.values(), *unknown)]
        before = table.seen.before((category, owner.get("date")), number, told)
        if before == 0:
            table.reading.dropped += 1
            continue
        if before:
            table.reject(number, f"{category!r} stood in row {before} with other numbers")
            continue
        suffix = f" by {by}" + ("" if "date" in cells else span)
        for name, cell in cells.items():
            if name in _METRICS:
                cell = cell._replace(column=_ENGLISH[name] + suffix)
                table.keep_extra(cell, **owner)
        for cell in unknown:
            table.keep_extra(cell._replace(column=cell.column + suffix), **owner)


def _measures(cells: dict[str, Cell], names: dict[str, str]) -> dict[str, Any]:
    return {ours: _parse(cells[name], name) for name, ours in names.items() if name in cells}


def _parse(cell: Cell, name: str) -> float | int | None:
    if name == "watch_hours":
        hours = cell.number("hours")
        return None if hours is None else round(hours * 3600, 2)
    if name == "ctr":
        return cell.fraction()
    if name == "average_view":
        return _seconds(cell)
    return cell.count()


def _video_id(cell: Cell) -> str | None:
    """Return the id; one that starts with `-` comes with a space before it."""
    text = (cell.text or "").lstrip("'")
    return text if _VIDEO_ID.fullmatch(text) else None


def _is_clock(value: Any) -> bool:
    return isinstance(value, (time, timedelta)) or bool(_CLOCK.fullmatch(str(value).strip()))


def _seconds(cell: Cell) -> float | int | None:
    """Return seconds from a number of them, or from 0:03:53."""
    value = cell.value
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, time):
        return value.hour * 3600 + value.minute * 60 + value.second
    if found := _CLOCK.fullmatch(str(value).strip()):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return hours * 3600 + minutes * 60 + seconds
    return cell.number("seconds, or a length such as 0:03:53")
