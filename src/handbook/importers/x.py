"""X exports: by tweet and by day (to 2024), account overview and content (2024 on).

A file is known by its headers, in any language of `headers/x.csv`. The account is known by the
links to its posts; exports by day name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from handbook.errors import HandbookError
from handbook.importers.languages import read_headers, worded
from handbook.importers.masking import mask
from handbook.importers.source import Cell, Format, Grid, SourceFile, find_grid, normalise
from handbook.schema import CHANNEL_DAY, METRIC_EXTRA, POST, POST_SNAPSHOT, Reading

_HEADERS = read_headers("x")

TWEETS = worded("X posts, by tweet", _HEADERS, frozenset({"post id", "time", "impressions"}))
CONTENT = worded("X content, by post", _HEADERS, frozenset({"post id", "date", "text"}))
CONTENT_WITHOUT_TEXT = worded(
    CONTENT.title, _HEADERS, frozenset({"post id", "date", "impressions", "reposts", "replies"})
)
OVERVIEW = worded(
    "X account overview, by day",
    _HEADERS,
    frozenset({"date", "impressions", "new follows", "unfollows"}),
)
DAYS = worded("X activity, by day", _HEADERS, frozenset({"date", "posts", "impressions"}))

_BY_POST = (TWEETS, CONTENT, CONTENT_WITHOUT_TEXT)
LAYOUTS = (*_BY_POST, OVERVIEW, DAYS)

_LANGUAGES = tuple(_HEADERS)
_NO_REACH = "Impressions are displays, not people: X tells no reach."
_NO_OWNER = "Whose it is; how many followers there are in all."
FORMATS = (
    Format(
        "x-tweets",
        TWEETS.title,
        "x",
        "Tweet id, time, impressions; as X (Twitter) gave it until 2024",
        _LANGUAGES,
        f"What kind of post it is; bookmarks. {_NO_REACH}",
    ),
    Format(
        "x-content",
        CONTENT.title,
        "x",
        "Post id, Date, Post text; as X gives it since 2024",
        _LANGUAGES,
        f"The hour of a post; what kind of post it is. {_NO_REACH}",
    ),
    Format(
        "x-overview",
        OVERVIEW.title,
        "x",
        "Date, Impressions, New follows, Unfollows; as X gives it since 2024",
        _LANGUAGES,
        f"{_NO_OWNER} 0 can mean that X has not counted.",
    ),
    Format(
        "x-days",
        DAYS.title,
        "x",
        "Date, Tweets published, impressions; as X (Twitter) gave it until 2024",
        _LANGUAGES,
        f"{_NO_OWNER} Its follows are those that posts brought.",
    ),
)
_FORMATS = {form.title: form.id for form in FORMATS}

_BOTH = {
    "impressions": "impressions",
    "likes": "reactions",
    "replies": "comments",
    "reposts": "shares",
    "bookmarks": "saves",
    "url clicks": "link_clicks",
    "profile visits": "profile_visits",
    "video views": "views",
}
_OF_POST = _BOTH | {
    "follows": "follows",
    "new follows": "follows",
    "engagements": "engagements_reported",
    "engagement rate": "engagement_rate_reported",
}
_OF_DAY = _BOTH | {
    "engagements": "engagements",
    "new follows": "followers_gained",
    "unfollows": "followers_lost",
    "posts": "posts_published",
}
"""X's "follows" of a day come from posts only, and are therefore an extra metric."""

_RATES = {"engagement rate"}
_ABOUT = ("post id", "permalink", "text", "time", "date")
_DAY_FORMS = ("%a, %b %d, %Y", "%a %b %d %Y", "%Y-%m-%d", "%d.%m.%Y")
_TIME_FORMS = ("%Y-%m-%d %H:%M %z", "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%z")
_LINK = re.compile(
    r"https?://[^/\s]+/(?:(i/(?:web/)?)|([A-Za-z0-9_]{1,20})/)status(?:es)?/(\d{1,20})"
)
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+|\d{15}0+")
_LEADING = re.compile(r"(?:[@\uff20][A-Za-z0-9_]*[\s,:]*)+")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ENTITY = re.compile("|".join(_ENTITIES))

_EPOCH_MS = 1_288_834_974_657
_FIRST_WITH_TIME = 29_700_859_247
"""The first post whose id has its time inside (4 November 2010)."""

_ENOUGH_DAYS = 28


def read_x(file: SourceFile) -> list[Reading] | None:
    """Read an X export; None when no table in it looks like one.

    Returns
    -------
    list of Reading
        One for each account whose posts stand in it.

    Raises
    ------
    HandbookError
        It is one, but a cell is damaged, or nothing stands in it.
    """
    grids = [
        grid
        for sheet, rows in file.tables.items()
        if (grid := find_grid(file, sheet, rows, LAYOUTS))
    ]
    if not grids:
        return None
    owners = _Owners(file)
    for grid in grids:
        if grid.layout in _BY_POST:
            _read_posts(grid, owners)
        else:
            _read_days(grid, owners)
    readings = list(owners.readings.values())
    if not any(reading.rows_kept for reading in readings):
        reasons = [reason for reading in readings for reason in reading.rejected]
        raise file.error(
            f"a file of {grids[0].layout.title} without any row to keep"
            + (f" ({reasons[0]}). " if reasons else ". ")
            + "Choose a period with data in it, and download it again."
        )
    return readings


class _Owners:
    """The readings of one file, one for each account in it."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.readings: dict[str, Reading] = {}

    def reading(self, grid: Grid, handle: str | None = None) -> Reading:
        """Return the reading of an account; None: the file does not say whose it is."""
        key = (handle or "").casefold()
        if key not in self.readings:
            self.readings[key] = Reading(
                format=_FORMATS[grid.layout.title],
                title=grid.layout.title,
                sha256=self.file.sha256,
                platform="x",
                report_tz="UTC",
                language=grid.language,
                encoding=self.file.encoding,
                handle=handle,
            )
        return self.readings[key]


class _Columns:
    """The columns of a grid: each converted once, each different value of it once.

    Rows that are cut short or have cells beyond the last header are left out, with the reason.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rejected: list[str] = []
        width = max((i + 1 for i, header in enumerate(grid.headers) if header), default=0)
        self.rows = [row for row in grid.rows if self._is_whole(row, width)]
        self.known: dict[str, int] = {}
        self.unknown: dict[str, int] = {}
        for index, header in enumerate(grid.headers):
            name = grid.layout.targets.get(normalise(header))
            if name and name not in self.known:
                self.known[name] = index
            elif header:
                self.unknown[header] = index

    def _is_whole(self, row: tuple[int, list[Any]], width: int) -> bool:
        number, cells = row
        if len(cells) < width:
            found = f"only {len(cells)} of {width} cells: the file is cut short there"
        elif any(str(cell).strip() for cell in cells[width:]):
            found = f"{len(cells)} cells under {width} headers: a comma or line end is not quoted"
        else:
            return True
        self.rejected.append(_at(self.grid, number, found))
        return False

    def cell(self, number: int, index: int, value: Any) -> Cell:
        """Return one cell, for what needs its place."""
        grid = self.grid
        return Cell(grid.file, grid.sheet, number, grid.headers[index], value, grid.numbers)

    def convert(self, name: str, convert: Callable[[Cell], Any]) -> list[Any]:
        """Return a known column, converted; missing values if the file does not have it."""
        index = self.known.get(name)
        if index is None:
            return [None] * len(self.rows)
        return self._convert(index, convert)

    def convert_unknown(self, header: str) -> list[Any] | None:
        """Return the numbers of an unknown column; None if it holds anything else."""
        try:
            return self._convert(self.unknown[header], Cell.number)
        except HandbookError:
            return None

    def _convert(self, index: int, convert: Callable[[Cell], Any]) -> list[Any]:
        converted: dict[Any, Any] = {}
        column = []
        for number, cells in self.rows:
            value = cells[index]
            if value not in converted:
                converted[value] = convert(self.cell(number, index, value))
            column.append(converted[value])
        return column

    def measures(self, of_table: dict[str, str]) -> dict[str, list[Any]]:
        """Return the columns of a table by its names for them; those the file has."""
        return {
            ours: self.convert(name, Cell.number if name in _RATES else Cell.count)
            for name, ours in of_table.items()
            if name in self.known
        }

    def extras(self, of_table: dict[str, str], warnings: list[str]) -> dict[str, list[Any]]:
        """Return the columns of numbers that the table does not have; others are told of."""
        extras = {
            name: self.convert(name, Cell.number)
            for name in self.known
            if name not in of_table and name not in _ABOUT
        }
        for header in self.unknown:
            column = self.convert_unknown(header)
            if column is not None:
                extras[header] = column
            else:
                warnings.append(
                    f"column {header!r} is not known, holds more than numbers, and was not kept"
                )
        return extras


def _at(grid: Grid, number: int, reason: str) -> str:
    sheet = f"sheet {grid.sheet!r}, " if grid.sheet else ""
    return f"{sheet}row {number}: {reason}"


def _extra(name: str, value: float, **owner: Any) -> dict[str, Any]:
    unit = "fraction" if "rate" in name.casefold().split() else "count"
    return {"name": name, "category": "", "value": value, "unit": unit, **owner}


def _read_days(grid: Grid, owners: _Owners) -> None:
    reading = owners.reading(grid)
    columns = _Columns(grid)
    reading.rows_read += len(grid.rows)
    reading.rejected += columns.rejected
    dates = columns.convert("date", _day)
    measures = columns.measures(_OF_DAY)
    extras = columns.extras(_OF_DAY, reading.warnings)
    seen: dict[date, int] = {}
    for i, (number, _) in enumerate(columns.rows):
        day = dates[i]
        if day is None:
            reading.rejected.append(_at(grid, number, "no day in the column of dates"))
            continue
        if day in seen:
            if columns.rows[i][1] != columns.rows[seen[day]][1]:
                raise HandbookError(
                    f"{grid.file}: {day} stands in row {columns.rows[seen[day]][0]} and in row "
                    f"{number} with other numbers. Keep the right one, or download it again."
                )
            reading.dropped += 1
            continue
        seen[day] = i
        values = {name: column[i] for name, column in measures.items()}
        reading.add(CHANNEL_DAY, {"date": day, "day_tz": "UTC", **values})
        for name, column in extras.items():
            if column[i] is not None:
                reading.add(METRIC_EXTRA, _extra(name, column[i], date=day))
    if grid.layout is OVERVIEW:
        _warn_of_zeros(columns, reading)


def _warn_of_zeros(columns: _Columns, reading: Reading) -> None:
    """Warn of columns that X fills with 0 although other pages of it show views."""
    names = [name for name in ("video views", "media views") if name in columns.known]
    if len(columns.rows) >= _ENOUGH_DAYS and names:
        values = [value for name in names for value in columns.convert(name, Cell.count)]
        if not any(values) and any(columns.convert("impressions", Cell.count)):
            reading.warnings.append(
                f"{' and '.join(names)} are 0 on every day. X writes 0 also for what it has not "
                "counted: do not take it for a finding"
            )


@dataclass
class _Checks:
    """What the posts of one grid were found to contradict or to lack."""

    recovered: int = 0
    contradicted: list[str] = field(default_factory=list)


def _read_posts(grid: Grid, owners: _Owners) -> None:
    columns = _Columns(grid)
    links = columns.convert("permalink", _link)
    handles = {link[0].casefold(): link[0] for link in links if link and link[0]}
    only = next(iter(handles.values())) if len(handles) == 1 else None
    first = owners.reading(grid, only or next(iter(handles.values()), None))
    first.rows_read += len(grid.rows) - len(columns.rows)
    first.rejected += columns.rejected
    measures = columns.measures(_OF_POST)
    extras = columns.extras(_OF_POST, first.warnings)
    times = columns.convert("time", _time)
    dates = columns.convert("date", _day)
    texts = columns.known.get("text")
    ids = columns.known["post id"]
    _refuse_rounded(columns, ids, links)
    checks = _Checks()
    seen: dict[tuple[int, str], int] = {}
    for i, (number, cells) in enumerate(columns.rows):
        handle, linked = links[i] or (None, None)
        handle = handle or only
        reading = first if handle is None else owners.reading(grid, handles[handle.casefold()])
        reading.rows_read += 1
        post_id, problem = _post_id(columns.cell(number, ids, cells[ids]), linked, checks)
        if handle is None and len(handles) > 1:
            problem = "no link to the post, in a file of several accounts"
        if problem is None and not (times[i] or dates[i]):
            problem = "nothing says when it was published"
        if problem is None and (reading_of := (id(reading), post_id)) in seen:
            if hash(tuple(cells)) == seen[reading_of]:
                reading.dropped += 1
                continue
            problem = f"post {post_id} stood before with other numbers"
        if problem:
            reading.rejected.append(_at(grid, number, problem))
            continue
        seen[id(reading), post_id] = hash(tuple(cells))
        text, post_type = _own_text(cells[texts] if texts is not None else None, handle)
        post = {
            "post_id": post_id,
            "permalink": cells[columns.known["permalink"]] if linked else None,
            **_published(times[i], dates[i]),
            "post_type": post_type,
            "text": mask(text) if text and owners.file.options.keep_text else None,
        }
        _check_time(post, number, checks)
        reading.add(POST, post)
        values = {name: column[i] for name, column in measures.items()}
        reading.add(POST_SNAPSHOT, {"post_id": post_id, "period": "lifetime", **values})
        for name, column in extras.items():
            if column[i] is not None:
                reading.add(METRIC_EXTRA, _extra(name, column[i], post_id=post_id))
    _warn(checks, first)


def _warn(checks: _Checks, reading: Reading) -> None:
    if checks.recovered:
        reading.warnings.append(
            f"{checks.recovered} post ids were rounded by a spreadsheet program; they were taken "
            "from the links instead"
        )
    if checks.contradicted:
        reading.warnings.append(
            f"{len(checks.contradicted)} posts have a time that contradicts the one inside their "
            f"own id, first {checks.contradicted[0]}"
        )


def _link(cell: Cell) -> tuple[str | None, str] | None:
    """Return handle and post id of a link to a post."""
    found = _LINK.match(str(cell.value).strip())
    return (found[2], found[3]) if found else None


def _refuse_rounded(columns: _Columns, index: int, links: list[Any]) -> None:
    """Refuse ids that a spreadsheet program has cut to 15 digits, where no link has them whole."""
    bare = [
        (number, str(cells[index]).strip())
        for (number, cells), link in zip(columns.rows, links, strict=True)
        if link is None
    ]
    if len(bare) > 2 and all(_ROUNDED.fullmatch(value) for _, value in bare):
        raise columns.cell(bare[0][0], index, bare[0][1]).error(
            "a whole id",
            "A spreadsheet program has rounded the ids. Download the file again, "
            "and do not open it in a spreadsheet program first.",
        )


def _post_id(cell: Cell, linked: str | None, checks: _Checks) -> tuple[str, str | None]:
    """Return the id of a post and what is wrong with it."""
    written = str(cell.value).strip()
    if written == linked:
        return written, None
    if linked and (isinstance(cell.value, float) or _ROUNDED.fullmatch(written) or not written):
        checks.recovered += 1
        return linked, None
    found = cell.identifier() or ""
    if not re.fullmatch(r"[0-9]{1,20}", found):
        return "", "no post id"
    if linked and found != linked:
        return "", f"its id is {found}, but its link is to {linked}"
    return found, None


def _own_text(value: Any, handle: str | None) -> tuple[str | None, str | None]:
    """Return the text of an own post, and its type where the text tells it.

    What begins with a mention is a reply, and what begins with RT a repost: their texts are for
    or by others, and are not kept. A reply to the account itself goes on with its own thread.
    """
    text = _ENTITY.sub(lambda found: _ENTITIES[found[0]], str(value or "")).strip()
    if text.startswith("RT @"):
        return None, "repost"
    if not text.startswith(("@", "\uff20")):
        return text or None, None
    mentioned = re.findall(r"[A-Za-z0-9_]+", _LEADING.match(text)[0])
    own = handle is not None and all(name.casefold() == handle.casefold() for name in mentioned)
    return (text if own else None), "reply"


def _published(at: datetime | None, day: date | None) -> dict[str, Any]:
    """Return when a post was published; a day without a time is the account's own day."""
    if at is not None:
        return {
            "published_at": at,
            "published_date": at.date(),
            "published_precision": "minute",
            "source_tz": "UTC",
        }
    return {"published_date": day, "published_precision": "day"}


def _check_time(post: dict[str, Any], number: int, checks: _Checks) -> None:
    """Compare with the time inside the id; the day of an account may be one off from UTC's."""
    post_id = int(post["post_id"])
    if not _FIRST_WITH_TIME <= post_id < 2**63:
        return
    made = datetime.fromtimestamp(((post_id >> 22) + _EPOCH_MS) / 1000, UTC).replace(tzinfo=None)
    if at := post.get("published_at"):
        fits = abs(at - made) < timedelta(minutes=2)
    else:
        fits = abs(post["published_date"] - made.date()) <= timedelta(days=1)
    if not fits:
        said = at or post["published_date"]
        checks.contradicted.append(f"row {number}: {said}, but {made:%Y-%m-%d %H:%M} UTC")


def _day(cell: Cell) -> date | None:
    return cell.day(*_DAY_FORMS)


def _time(cell: Cell) -> datetime | None:
    try:
        return datetime.strptime(cell.value, "%Y-%m-%d %H:%M +0000")
    except (TypeError, ValueError):
        return cell.moment(*_TIME_FORMS)
