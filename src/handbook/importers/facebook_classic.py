"""Facebook Insights as Facebook gave them until about 2020: by post and by day of the Page.

Both have a second header row with descriptions. Names of columns stand twice in them, once for a
count and once for people; the description says which. Workbooks have one sheet for each group of
metrics.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from handbook.errors import HandbookError
from handbook.importers.many import Many, many
from handbook.importers.masking import mask
from handbook.importers.meta import (
    DAYS,
    PACIFIC,
    TIMES,
    owner_in,
    post_type,
    published_fields,
    refuse_mixed_dates,
    unit_of,
)
from handbook.importers.source import Cell, Format, Grid, Layout, SourceFile, find_grid, normalise
from handbook.schema import CHANNEL_DAY, METRIC_EXTRA, POST, POST_SNAPSHOT, Reading

_NOT_KEPT = "not kept"
_STORIES = "Lifetime Post Stories by action type"
_CLICKS = "Lifetime Post Consumptions by type"

POSTS = Layout(
    "Facebook Insights, post level (classic)",
    {
        "Post ID": "post_id",
        "Posted": "published_at",
        "Permalink": "permalink",
        "Post Message": "text",
        "Type": "source_type",
        "Countries": _NOT_KEPT,
        "Languages": _NOT_KEPT,
        "Audience Targeting": _NOT_KEPT,
        "Lifetime Post Total Reach": "reach",
        "Lifetime Post Total Impressions": "impressions",
        "Lifetime Engaged Users": "engaged_users",
        "Lifetime Post Consumers": "consumers",
        "Lifetime Post Consumptions": "clicks",
        "Lifetime Post Impressions by people who have liked your Page": "impressions_of_fans",
        "Lifetime Post reach by people who like your Page": "reach_of_fans",
        "Lifetime People who have liked your Page and engaged with your post": "engaged_fans",
        f"{_STORIES} - like": "reactions",
        f"{_STORIES} - comment": "comments",
        f"{_STORIES} - share": "shares",
        f"{_CLICKS} - link clicks": "link_clicks",
        "Lifetime Total Video Views": "views",
        "Lifetime Average time video viewed": "avg_view_ms",
        "Lifetime Video length": "duration_ms",
        "like": "like",
        "comment": "comment",
        "share": "share",
    },
    frozenset({"post_id", "published_at", "permalink", "text"}),
    ignored=frozenset({_NOT_KEPT}),
)

DAYS_OF_PAGE = Layout(
    "Facebook Insights, page level (classic)",
    {
        "Date": "date",
        "Lifetime Total Likes": "followers_total",
        "Daily New Likes": "followers_gained",
        "Daily Unlikes": "followers_lost",
        "Daily Total Reach": "reach",
        "Daily Total Impressions": "impressions",
        "Daily Organic impressions": "impressions_organic",
        "Daily Paid Impressions": "impressions_paid",
        "Daily Page consumptions": "clicks",
        "Daily Page consumptions by type - link clicks": "link_clicks",
        "Daily Total Video Views": "views",
        "Daily Logged-in Page Views (Total Count)": "page_views",
        "Daily Logged-in Page Views (Unique Users)": "unique_visitors",
        "Daily Page Engaged Users": "engaged_users",
    },
    frozenset({"date", "followers_total", "followers_gained"}),
)

_POSTS_BY_NUMBERS = replace(
    POSTS, required=frozenset({"post_id", "published_at", "reach", "impressions"})
)
"""What a table of posts without ids, as made for research, is compared with."""

_KNOWN = (POSTS, DAYS_OF_PAGE)
LAYOUTS = (*_KNOWN, _POSTS_BY_NUMBERS)
FORMATS = (
    Format(
        "facebook-classic-posts",
        POSTS.title,
        "facebook",
        "the headers Post ID, Permalink, Post Message and Posted over a row of descriptions",
        ("en",),
        "Counts that are empty and not 0: Facebook left zeros out. Likes are stories made by "
        "liking; reactions by kind are extra metrics.",
    ),
    Format(
        "facebook-classic-days",
        DAYS_OF_PAGE.title,
        "facebook",
        "the headers Date, Lifetime Total Likes and Daily New Likes over a row of descriptions",
        ("en",),
        "Whose it is; followers apart from likes of the Page. Numbers of a week and of 28 days "
        "are extra metrics.",
    ),
)

_SNAPSHOT = (
    "impressions",
    "views",
    "reach",
    "reactions",
    "comments",
    "shares",
    "clicks",
    "link_clicks",
)
_DAY = frozenset(DAYS_OF_PAGE.columns.values()) - {"date", "engaged_users"}
_OF_PEOPLE = {"reach", "followers_total", "followers_gained", "followers_lost", "unique_visitors"}
_COUNTED = re.compile(r"\((Total Count|Unique Users)\)\s*$")
_PERIOD = re.compile(r"(?:lifetime|daily|weekly|28 days) ")
_PAGE = re.compile(r"(\d+)_\d+")
_SHEET = Layout("a sheet of one group of metrics", {"Date": "date"}, frozenset({"date"}))


@dataclass(frozen=True)
class _Column:
    """A column of numbers: where it stands, its header with its group, our name if it has one."""

    index: int
    header: str
    name: str | None

    @cached_property
    def extra(self) -> dict[str, str]:
        """Return what an extra metric is called: `Likes by Country - FI` is of the group FI."""
        name, _, category = self.header.partition(" - ")
        if counted := _COUNTED.search(category):
            category = category[: counted.start()].strip()
            name = f"{name} {counted[0].strip()}"
        return {"name": name, "category": category, "unit": unit_of(name)}


def read_facebook_classic(file: SourceFile) -> Reading | None:
    """Read a classic Facebook Insights export; None when no table looks like one.

    Raises
    ------
    HandbookError
        A cell is wrong, or nothing stands in it.
    """
    grids = {
        sheet: grid
        for sheet, rows in file.tables.items()
        if (grid := find_grid(file, sheet, rows, _KNOWN))
    }
    if not grids:
        return None
    main = next(iter(grids.values())).layout
    reading = Reading(
        format=FORMATS[_KNOWN.index(main)].id,
        title=main.title,
        sha256=file.sha256,
        platform="facebook",
        report_tz=PACIFIC,
        language="en",
        exported_at=file.created_at,
        exported_at_source="the workbook's own date" if file.created_at else None,
    )
    for sheet, rows in file.tables.items():
        grid = grids.get(sheet)
        if grid is None and main is DAYS_OF_PAGE:
            grid = find_grid(file, sheet, rows, [_SHEET])
        if grid is None:
            reading.warnings.append(f"sheet {sheet!r} is not known and was not read")
            continue
        columns, body = _columns(grid)
        reading.rows_read += len(body)
        read = _read_posts if grid.layout is POSTS else _read_days
        read(replace(grid, rows=body), columns, reading)
    if not reading.rows_read:
        raise file.error(
            f"{reading.title} without any row. Choose a period with data in it, and download it "
            "again."
        )
    return reading


def _columns(grid: Grid) -> tuple[list[_Column], list[tuple[int, list[Any]]]]:
    """Return the columns of numbers, and the rows without that of the descriptions."""
    key = next(i for i, h in enumerate(grid.headers) if normalise(h) in ("post id", "date"))
    rows = grid.rows
    described: list[str] = []
    if rows and not str(_value(rows[0][1], key)).strip():
        described = [str(cell) for cell in rows[0][1]]
        rows = rows[1:]
    kinds = _kinds(grid.headers, described)
    stems = [re.sub(r" \(\d+\)$", "", header) for header in grid.headers]
    times = Counter(map(normalise, stems))
    head = {"post_id", "published_at", "permalink", "text", "source_type", "date", _NOT_KEPT}
    columns: list[_Column] = []
    taken: set[str | None] = set()
    called: list[dict[str, str]] = []
    for index, (header, stem, kind) in enumerate(zip(grid.headers, stems, kinds, strict=True)):
        if not header or grid.layout.targets.get(normalise(header)) in head:
            continue
        if grid.sheet and not _PERIOD.match(normalise(stem)):
            header = stem = f"{_group(grid.sheet)} - {header}"
        counted = f"{stem} ({kind})" if kind else stem
        targets = grid.layout.targets if grid.layout is not _SHEET else DAYS_OF_PAGE.targets
        name = targets.get(normalise(stem)) or targets.get(normalise(counted))
        if name in taken or (kind == "Unique Users" and name not in _OF_PEOPLE):
            name = None
        column = _Column(index, header, name)
        if times[normalise(stem)] > 1 and kind:
            named = replace(column, header=counted)
            column = column if named.extra in called else named
        called.append(column.extra)
        columns.append(column)
        taken |= {name} - {None}
    return columns, rows


def _kinds(headers: list[str], described: list[str]) -> list[str]:
    """Return what each column counts, "Total Count" or "Unique Users", as its description says.

    Of columns of one group, only the first one is described.
    """
    kinds: list[str] = []
    for index, header in enumerate(headers):
        said = _COUNTED.search(described[index]) if index < len(described) else None
        group = header.partition(" - ")[0]
        follows = index > 0 and group != header and headers[index - 1].startswith(f"{group} - ")
        kinds.append(said[1] if said else kinds[-1] if follows else "")
    return kinds


def _group(sheet: str) -> str:
    """Return the group of metrics that a sheet holds; names of sheets are cut at 31 letters."""
    name = sheet.rstrip(". …")
    return next((full for full in (_STORIES, _CLICKS) if full.startswith(name)), name)


def _value(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else ""


class _Extras:
    """Numbers that no canonical table has; a column with anything else in it is left out."""

    def __init__(self, grid: Grid, reading: Reading) -> None:
        self.grid = grid
        self.reading = reading
        self.unread: dict[str, dict[str, str]] = {}
        self.rows = Many()

    def add(self, column: _Column, cell: Cell, owner: dict[str, Any]) -> None:
        if column.header in self.unread:
            return
        try:
            value = cell.number()
        except HandbookError:
            self.unread[column.header] = column.extra
            return
        if value is not None:
            self.rows.append({**column.extra, "value": value, **owner})

    def finish(self) -> None:
        kept = many(self.reading, METRIC_EXTRA)
        keys = {_extra_key(row) for row in kept}
        unread = {(one["name"], one["category"]) for one in self.unread.values()}
        new = (
            row
            for row in self.rows
            if (row["name"], row["category"]) not in unread and _extra_key(row) not in keys
        )
        kept.extend(new if unread or keys else self.rows)
        for header in sorted(self.unread):
            self.reading.warnings.append(
                f"column {header!r} is not known, holds no numbers, and was not kept"
            )


def _extra_key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row.get("post_id"), row.get("date"), row["name"], row["category"]


def _read_posts(grid: Grid, columns: list[_Column], reading: Reading) -> None:
    refuse_mixed_dates(grid, "published_at")
    snapshots = {row["post_id"]: row for row in reading.rows.get(POST_SNAPSHOT.name, [])}
    extras = _Extras(grid, reading)
    seen: dict[str, list[Any]] = {}
    owners: Counter[tuple[str, str | None]] = Counter()
    pages: Counter[str] = Counter()
    told = grid.cells(only=("post_id", "published_at", "permalink", "source_type", "text"))
    for (number, cells, _), (_, values) in zip(told, grid.rows, strict=True):
        post_id = cells["post_id"].identifier()
        if post_id is None or cells["published_at"].text is None:
            lacking = "post id" if post_id is None else "time of publishing"
            reading.rejected.append(f"row {number}: no {lacking}")
            continue
        if post_id in seen:
            if seen[post_id] == values:
                reading.dropped += 1
            else:
                reading.rejected.append(
                    f"row {number}: post {post_id} stood before with other numbers"
                )
            continue
        seen[post_id] = values
        if post_id not in snapshots:
            snapshots[post_id] = {"post_id": post_id, "period": "lifetime"}
            reading.add(POST_SNAPSHOT, snapshots[post_id])
            reading.add(POST, _post(post_id, cells))
        owners.update(owner_in(cells["permalink"].text))
        pages.update(_PAGE.findall(post_id))
        for column, cell in _filled(grid, columns, number, values):
            if column.name in _SNAPSHOT:
                snapshots[post_id][column.name] = cell.count()
            elif column.name in ("avg_view_ms", "duration_ms"):
                _add_seconds(reading, post_id, column.name, cell, snapshots[post_id])
            else:
                extras.add(column, cell, {"post_id": post_id})
    extras.finish()
    if owners:
        ((reading.handle, reading.url), _) = owners.most_common(1)[0]
    if pages:
        reading.external_id = pages.most_common(1)[0][0]


def _filled(
    grid: Grid, columns: list[_Column], number: int, values: list[Any]
) -> Iterator[tuple[_Column, Cell]]:
    """Yield the columns that a row has something in; most have nothing in most."""
    for column in columns:
        value = _value(values, column.index)
        if value != "":
            yield (
                column,
                Cell(grid.file, grid.sheet, number, column.header, value, grid.numbers),
            )


def _post(post_id: str, cells: dict[str, Cell]) -> dict[str, Any]:
    source_type = cells["source_type"].text if "source_type" in cells else None
    text = cells["text"].text
    return {
        "post_id": post_id,
        "permalink": cells["permalink"].text,
        **published_fields(cells["published_at"].moment(*TIMES, tz=PACIFIC)),
        "post_type": post_type(source_type),
        "source_type": source_type,
        "text": mask(text) if text else None,
    }


def _add_seconds(
    reading: Reading, post_id: str, name: str, cell: Cell, snapshot: dict[str, Any]
) -> None:
    """Keep a length, given in milliseconds; posts without a video have 0."""
    thousandths = cell.number()
    if not thousandths:
        return
    if name == "avg_view_ms":
        snapshot["avg_view_s"] = thousandths / 1000
        return
    post = next(row for row in reversed(reading.rows[POST.name]) if row["post_id"] == post_id)
    post["duration_s"] = thousandths / 1000


def _read_days(grid: Grid, columns: list[_Column], reading: Reading) -> None:
    refuse_mixed_dates(grid, "date")
    days = {row["date"]: row for row in reading.rows.get(CHANNEL_DAY.name, [])}
    extras = _Extras(grid, reading)
    seen: dict[date, list[Any]] = {}
    at = next(i for i, header in enumerate(grid.headers) if normalise(header) == "date")
    for number, values in grid.rows:
        day = Cell(grid.file, grid.sheet, number, "Date", _value(values, at)).day(*DAYS)
        if day is None:
            reading.rejected.append(f"row {number}: no date")
            continue
        if day in seen:
            if seen[day] == values:
                reading.dropped += 1
            else:
                reading.rejected.append(f"row {number}: {day} stood before with other numbers")
            continue
        seen[day] = values
        if day not in days:
            days[day] = {"date": day, "day_tz": PACIFIC}
            reading.add(CHANNEL_DAY, days[day])
        for column, cell in _filled(grid, columns, number, values):
            if column.name in _DAY:
                days[day][column.name] = cell.count()
            else:
                extras.add(column, cell, {"date": day})
    extras.finish()
