"""LinkedIn Page exports: content, followers and visitors, as .xls or .xlsx.

Layouts of today (`Metrics`, `All posts`) and of before (`Update metrics (aggregated)`,
`Update engagement`) differ in the names of sheets and of some headers only.
Sheets are known by their headers, so the sheets' names do not matter.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from handbook.errors import HandbookError
from handbook.importers.extras import Extras
from handbook.importers.masking import mask
from handbook.importers.source import (
    Cell,
    Format,
    Grid,
    Layout,
    SourceFile,
    find_grid,
    nearest_layout,
)
from handbook.schema import CHANNEL_DAY, METRIC_EXTRA, POST, POST_SNAPSHOT, Reading

_PARTS = {"organic": "_organic", "sponsored": "_paid", "total": ""}

CONTENT_DAYS = Layout(
    "LinkedIn Page content, by day",
    {
        "Date": "date",
        **{
            f"{header} ({part})": f"{name}{suffix}"
            for header, name in (
                ("Impressions", "impressions"),
                ("Clicks", "clicks"),
                ("Reactions", "reactions"),
                ("Comments", "comments"),
                ("Reposts", "shares"),
                ("Shares", "shares"),
            )
            for part, suffix in _PARTS.items()
        },
        "Unique impressions (organic)": "reach",
    },
    frozenset({"date", "impressions", "clicks", "reactions", "comments", "shares"}),
)

CONTENT_POSTS = Layout(
    "LinkedIn Page content, by post",
    {
        "Post title": "text",
        "Update title": "text",
        "Post link": "permalink",
        "Update link": "permalink",
        "Post type": "paid",
        "Update type": "paid",
        "Campaign name": "campaign",
        "Posted by": "a name of staff",
        "Created date": "published_date",
        "Campaign start date": "not kept",
        "Campaign end date": "not kept",
        "Audience": "not kept",
        "Impressions": "impressions",
        "Views": "views",
        "Views (excluding offsite video views)": "views",
        "Views (excluding off-site video views)": "views",
        "Video views": "views",
        "Clicks": "clicks",
        "Click through rate (CTR)": "ctr",
        "Likes": "reactions",
        "Reactions": "reactions",
        "Comments": "comments",
        "Reposts": "shares",
        "Shares": "shares",
        "Follows": "follows",
        "Engagement rate": "engagement_rate_reported",
        "Content Type": "source_type",
    },
    frozenset(
        {"permalink", "published_date", "impressions", "clicks", "reactions", "comments", "shares"}
    ),
    ignored=frozenset({"a name of staff", "not kept"}),
)

FOLLOWERS = Layout(
    "LinkedIn Page followers, by day",
    {
        "Date": "date",
        "Sponsored followers": "followers_gained_paid",
        "Organic followers": "followers_gained_organic",
        "Auto-invited followers": "followers_gained_invited",
        "Total followers": "followers_gained",
    },
    frozenset({"date", "followers_gained_paid", "followers_gained_organic", "followers_gained"}),
)

VISITORS = Layout(
    "LinkedIn Page visitors, by day",
    {
        "Date": "date",
        "Total page views (total)": "page_views",
        "Total unique visitors (total)": "unique_visitors",
    },
    frozenset({"date", "page_views", "unique_visitors"}),
)

_GROUPS = ("Location", "Country", "County", "Job function", "Seniority", "Industry", "Company size")

DEMOGRAPHICS = tuple(
    Layout(
        f"LinkedIn Page {whose} by {group.lower()}",
        {group: "category", header: "value"},
        frozenset({"category", "value"}),
    )
    for group in _GROUPS
    for whose, header in (
        ("followers", "Total followers"),
        ("visitors", "Total views"),
        ("visitors", "Total visitors"),
    )
)

_BY_DAY = (CONTENT_DAYS, FOLLOWERS, VISITORS)
LAYOUTS = (*_BY_DAY, CONTENT_POSTS, *DEMOGRAPHICS)
_NEAR = (*_BY_DAY, CONTENT_POSTS)
_HISTORY = "Nothing older than twelve months, nor what followers do elsewhere."
FORMATS = (
    Format(
        "linkedin-content",
        "LinkedIn Page content",
        "linkedin",
        "a sheet with Date and Impressions, Clicks, Reactions, Comments … (total), or one with "
        "Post link, Created date and the counts of each post",
        ("en",),
        "Whose it is; the hour of a post; reach by post. Some days are corrected up to two days "
        f"later. {_HISTORY}",
    ),
    Format(
        "linkedin-followers",
        "LinkedIn Page followers",
        "linkedin",
        "a sheet with Date, Sponsored, Organic and Total followers",
        ("en",),
        "Whose it is; how many followers there are in all: it has the new ones of each day. "
        f"{_HISTORY}",
    ),
    Format(
        "linkedin-visitors",
        "LinkedIn Page visitors",
        "linkedin",
        "a sheet with Date, Total page views (total) and Total unique visitors (total)",
        ("en",),
        f"Whose it is; where visitors came from. {_HISTORY}",
    ),
    Format(
        "linkedin-demographics",
        "LinkedIn Page demographics alone",
        "linkedin",
        "sheets with Location, Job function, Seniority, Industry or Company size and a total",
        ("en",),
        "Whose it is, and of which day; more than 100 locations or industries.",
    ),
)
_CAPPED_AT = 100
"""Rows after which LinkedIn cuts its lists of locations and industries."""

_URN = re.compile(r"urn(?::|%3A)li(?::|%3A)(?:activity|share|ugcPost)(?::|%3A)(\d+)", re.IGNORECASE)
_ACTIVITY = re.compile(r"urn(?::|%3A)li(?::|%3A)activity", re.IGNORECASE)
_NUMBERS = ("ctr", "engagement_rate_reported")
_COUNTS = ("impressions", "views", "clicks", "reactions", "comments", "shares", "follows")

_POST_TYPES = {
    "text": "text",
    "image": "image",
    "photo": "image",
    "multi image": "carousel",
    "multi photo": "carousel",
    "carousel": "carousel",
    "video": "video",
    "live video": "live",
    "article": "link",
    "link": "link",
    "newsletter": "link",
    "document": "document",
    "repost": "repost",
    "reshare": "repost",
}


def read_linkedin(file: SourceFile) -> Reading | None:
    """Read a LinkedIn Page export; None when no sheet looks like one.

    Raises
    ------
    HandbookError
        It is one, but a header is missing, a cell is wrong, or nothing stands in it.
    """
    grids: list[Grid] = []
    strange: list[tuple[str, list[list[Any]]]] = []
    for sheet, rows in file.sheets.items():
        grid = find_grid(file.name, sheet, rows, LAYOUTS)
        if grid:
            grids.append(grid)
        else:
            strange.append((sheet, rows))
    if not grids:
        return None
    reading = Reading(
        format=_format(grids),
        title=grids[0].layout.title,
        sha256=file.sha256,
        platform="linkedin",
        report_tz="UTC",
        language="en",
        encoding=file.kind,
        exported_at=file.created_at,
        exported_at_source="the workbook's own date" if file.created_at else None,
    )
    for sheet, rows in strange:
        _refuse_if_renamed(file, sheet, rows)
        known = "is empty" if not any(any(row) for row in rows) else "is not known and was not read"
        reading.warnings.append(f"sheet {sheet!r} {known}")
    for grid in grids:
        reading.rows_read += len(grid.rows)
        if grid.layout in _BY_DAY:
            _read_days(grid, reading)
        elif grid.layout is CONTENT_POSTS:
            _read_posts(grid, reading)
        else:
            _read_demographics(grid, reading)
    if not reading.rows_kept:
        raise file.error(
            f"a {reading.title.split(',')[0]} export without any row. "
            "Choose a period with data in it, and download it again."
        )
    return reading


def _format(grids: list[Grid]) -> str:
    layouts = [grid.layout for grid in grids]
    if CONTENT_DAYS in layouts or CONTENT_POSTS in layouts:
        return "linkedin-content"
    if FOLLOWERS in layouts:
        return "linkedin-followers"
    if VISITORS in layouts:
        return "linkedin-visitors"
    return "linkedin-demographics"


def _refuse_if_renamed(file: SourceFile, sheet: str, rows: list[list[Any]]) -> None:
    near = nearest_layout(rows, _NEAR)
    if near:
        layout, missing = near
        raise file.error(
            f"sheet {sheet!r} looks like {layout.title}, but lacks the header"
            f"{'s' if len(missing) > 1 else ''} {', '.join(map(repr, missing))}. "
            "Download it again in English, and change nothing in it."
        )


def _read_days(grid: Grid, reading: Reading) -> None:
    """Read a sheet of days; several sheets may fill the same days with other columns."""
    _refuse_mixed_dates(grid)
    known = {row["date"]: row for row in reading.rows.get(CHANNEL_DAY.name, [])}
    seen: dict[date, int] = {}
    extras = Extras(reading, grid)
    for number, cells, unknown in grid.cells():
        day = _day(cells.pop("date"))
        values = {name: cell.count() for name, cell in cells.items()}
        row = known.get(day)
        if row is None:
            known[day] = row = {"date": day, "day_tz": "UTC"}
            reading.add(CHANNEL_DAY, row)
        for name, value in values.items():
            if row.get(name, value) != value:
                before = f"row {seen[day]}" if day in seen else "another sheet"
                raise HandbookError(
                    f"{grid.file}, sheet {grid.sheet!r}: {day} stands in {before} and in row "
                    f"{number} with other numbers. Keep the right one, or download it again."
                )
        row.update(values)
        if day in seen:
            reading.dropped += 1
            continue
        seen[day] = number
        for cell in unknown:
            extras.add(cell, date=day)
    extras.finish()


def _read_posts(grid: Grid, reading: Reading) -> None:
    main = {row["post_id"]: row for row in reading.rows.get(POST_SNAPSHOT.name, [])}
    extras = Extras(reading, grid)
    contradicted = 0
    _refuse_mixed_dates(grid, "published_date")
    for number, cells, unknown in grid.cells():
        permalink = cells["permalink"].text
        urn = _URN.search(permalink or "")
        if not permalink or not urn:
            reading.rejected.append(
                f"sheet {grid.sheet!r}, row {number}: no post id in the link, so nothing to keep "
                "its numbers under"
            )
            continue
        created = _day(cells["published_date"])
        measures = {name: cells[name].count() for name in _COUNTS if name in cells}
        measures |= {name: cells[name].number() for name in _NUMBERS if name in cells}
        paid = _is_paid(cells.get("paid"))
        post_id = urn[1]
        if post_id in main:
            _add_second_row(reading, grid, number, post_id, measures, cells, main[post_id])
            continue
        main[post_id] = {"post_id": post_id, "period": "lifetime", **measures}
        contradicted += _ACTIVITY.search(permalink) is not None and not _fits(post_id, created)
        source_type = cells["source_type"].text if "source_type" in cells else None
        text = cells["text"].text if "text" in cells else None
        reading.add(
            POST,
            {
                "post_id": post_id,
                "permalink": permalink,
                "published_date": created,
                "published_precision": "day",
                "source_tz": "UTC",
                "post_type": _POST_TYPES.get(normalise_type(source_type)),
                "source_type": source_type,
                "text": mask(text) if text else None,
                "is_paid": paid,
            },
        )
        reading.add(POST_SNAPSHOT, main[post_id])
        for cell in unknown:
            extras.add(cell, post_id=post_id)
    if contradicted:
        reading.warnings.append(
            f"{contradicted} posts have a created date far from the time inside their own id"
        )
    extras.finish()


def _add_second_row(
    reading: Reading,
    grid: Grid,
    number: int,
    post_id: str,
    measures: dict[str, Any],
    cells: dict[str, Cell],
    first: dict[str, Any],
) -> None:
    """Keep the row of a post's campaign beside the post's own row, as extra metrics."""
    if measures.items() <= first.items():
        reading.dropped += 1
        return
    if not _is_paid(cells.get("paid")):
        reading.rejected.append(
            f"sheet {grid.sheet!r}, row {number}: post {post_id} stood before with other numbers"
        )
        return
    campaign = cells["campaign"].text if "campaign" in cells else None
    for name, value in measures.items():
        if value is not None:
            unit = "fraction" if name in _NUMBERS else "count"
            extra = {"name": f"{name} (sponsored)", "category": campaign or f"row {number}"}
            reading.add(METRIC_EXTRA, {"post_id": post_id, "value": value, "unit": unit, **extra})


def _read_demographics(grid: Grid, reading: Reading) -> None:
    whose, _, group = grid.layout.title.removeprefix("LinkedIn Page ").partition(" by ")
    name = f"{whose} by {group}"
    extras = reading.rows.get(METRIC_EXTRA.name, [])
    seen = {row["category"]: row["value"] for row in extras if row["name"] == name}
    for number, cells, _ in grid.cells():
        category = cells["category"].text or "(no name)"
        value = cells["value"].count()
        if category not in seen:
            row = {"name": name, "category": category, "value": value, "unit": "count"}
            reading.add(METRIC_EXTRA, row)
        elif seen[category] == value:
            reading.dropped += 1
        else:
            reading.rejected.append(
                f"sheet {grid.sheet!r}, row {number}: {category!r} stood before with another number"
            )
        seen.setdefault(category, value)
    if len(grid.rows) >= _CAPPED_AT:
        reading.warnings.append(
            f"sheet {grid.sheet!r} stops at {_CAPPED_AT} rows: LinkedIn tells no more"
        )


def _day(cell: Cell) -> date:
    value = cell.value
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise cell.error(
        "a day as LinkedIn writes it, MM/DD/YYYY",
        "Download the file again, and do not open it in a spreadsheet program first.",
    )


def _refuse_mixed_dates(grid: Grid, name: str = "date") -> None:
    """Refuse a column where a spreadsheet turned some days into dates and left others as text.

    It read 05/06/2024 as the 5th of June and could not read 05/21/2024: day and month are mixed.
    """
    kinds = {isinstance(cells[name].value, (date, datetime)) for _, cells, _ in grid.cells()}
    if len(kinds) > 1:
        raise HandbookError(
            f"{grid.file}, sheet {grid.sheet!r}: some days are dates and some are text. "
            "A spreadsheet program has mixed up day and month. Download the file again, and do "
            "not open it before importing."
        )


def _is_paid(cell: Cell | None) -> bool | None:
    text = (cell.text or "").casefold() if cell else ""
    return {"organic": False, "sponsored": True}.get(text)


def normalise_type(source_type: str | None) -> str:
    """Return LinkedIn's word for a post's type in the form that the table of types has."""
    return re.sub(r"[\s_-]+", " ", (source_type or "").casefold()).strip()


def _fits(activity: str, created: date) -> bool:
    """True if the created date is at most 8 days before, or a day after, the id's own time."""
    try:
        made = datetime.fromtimestamp((int(activity) >> 22) / 1000, UTC).date()
    except (OverflowError, ValueError, OSError):
        return False
    return timedelta(days=-1) <= made - created <= timedelta(days=8)
