"""The canonical tables: the one place where their columns, types and units are defined.

The store creates its tables from this, the importers fill them, and the data dictionary in the
book is generated from it.
"""

from __future__ import annotations

import re
import shutil
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from handbook.errors import HandbookError

VERSION = "3"
"""Version of the tables; a store of a version that is not known is refused."""

PLATFORMS = {
    "linkedin": "LinkedIn",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "x": "X",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
}
"""Platforms that a channel id may begin with, and their names."""

POST_TYPES = (
    "text",
    "image",
    "carousel",
    "video",
    "short_video",
    "link",
    "document",
    "story",
    "live",
    "repost",
    "reply",
)

WEBSITE = "website"
"""What the id of a website begins with: an owner of extra metrics, and no channel."""

CHANNEL_ID = re.compile(rf"(?:{'|'.join([*PLATFORMS, WEBSITE])}):[a-z0-9][a-z0-9._-]*")
CHANNEL_ID_FORM = "<platform>:<name in small letters>, such as linkedin:example-page"

UNNAMED = "unnamed"
"""The name of a channel whose file says nothing about whose it is."""

DUCKDB_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}


@dataclass(frozen=True)
class Field:
    """One column: its name, type (a key of `DUCKDB_TYPES`), unit and meaning.

    Attributes
    ----------
    least, most : number or date, optional
        Values outside of them cannot be right.
    allowed : tuple of str
        The only values that it may have; empty: any.
    """

    name: str
    type: str
    unit: str
    description: str
    least: Any = None
    most: Any = None
    allowed: tuple[str, ...] = ()

    @property
    def duckdb_type(self) -> str:
        """The type of the column in DuckDB."""
        return DUCKDB_TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes
    ----------
    key : tuple of str
        Columns that identify a row.
    per_import : bool
        True: the store keeps the rows of each import in `<name>_import`, and the table itself
        is a view of the newest value that is not missing, column by column.
    """

    name: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    per_import: bool = False

    def __getitem__(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(f.name for f in self.fields)

    @property
    def values(self) -> tuple[str, ...]:
        """Names of the columns outside the key."""
        return tuple(name for name in self.columns if name not in self.key)


def _count(name: str, description: str, least: int | None = None) -> Field:
    return Field(name, "integer", "count", description, least)


def _day(name: str, description: str) -> Field:
    return Field(name, "date", "", description, _FIRST_DAY, _LAST_DAY)


_FIRST_DAY = date(2001, 1, 1)
_LAST_DAY = date(2100, 1, 1)
_MOST_RATE = 100.0
"""A fraction beyond it is no rate: LinkedIn's corrections reach 2."""

UNITS = ("count", "fraction", "percent", "seconds", "number")
PRECISIONS = ("minute", "day")


_CHANNEL_ID = Field("channel_id", "string", "", f"The channel: {CHANNEL_ID_FORM}.")
_POST_ID = Field("post_id", "string", "", "The platform's own id of the post, as text.")

DAY_MEASURES = (
    _count("followers_total", "Followers at the end of the day (a stock).", least=0),
    _count(
        "followers_gained",
        "New followers of the day. LinkedIn corrects some days below zero.",
    ),
    _count("followers_lost", "Followers lost on the day."),
    _count("followers_net", "Followers gained less followers lost; may be negative."),
    _count("impressions", "Times that content was displayed; one person may count many times."),
    _count("views", "Plays of videos, or what Meta calls views; never merged with impressions."),
    _count(
        "reach",
        "Unique accounts on the day. Must not be summed across days: one account may count "
        "on each. LinkedIn: unique impressions, organic only.",
    ),
    _count("engagements", "The platform's own total of engagements, where it reports one."),
    _count("reactions", "Likes and other reactions."),
    _count("comments", "Comments and replies."),
    _count("shares", "Shares, reposts, retweets."),
    _count("saves", "Saves, bookmarks, additions to favourites."),
    _count("clicks", "All clicks that the platform counts as clicks on content."),
    _count("link_clicks", "Clicks on links."),
    _count("profile_visits", "Visits to the channel's profile."),
    _count("page_views", "Views of the channel's page."),
    _count("unique_visitors", "Unique visitors of the page on the day. Must not be summed."),
    Field("watch_time_s", "integer", "seconds", "Time that videos were watched."),
    _count("posts_published", "Posts published on the day, as the platform counts them."),
    *(
        _count(f"{name}_{part}", f"The {words} part of {name}, where the platform divides it.")
        for name in ("impressions", "clicks", "reactions", "comments", "shares", "followers_gained")
        for part, words in (("organic", "organic (unpaid)"), ("paid", "paid (sponsored)"))
    ),
    _count("followers_gained_invited", "The part of followers_gained that LinkedIn auto-invited."),
)
"""Measures of a channel's day, all nullable whole numbers."""

POST_FIELDS = (
    Field("permalink", "string", "URL", "The post's address."),
    Field("published_at", "datetime", "UTC", "When it was published, if the time is known."),
    _day("published_date", "The day it was published, as the platform dates it."),
    Field(
        "published_precision",
        "string",
        "",
        "minute, or day when only the day is known.",
        allowed=PRECISIONS,
    ),
    Field("source_tz", "string", "", "Time zone that the file's own times are in."),
    Field("post_type", "string", "", f"One of {', '.join(POST_TYPES)}.", allowed=POST_TYPES),
    Field("source_type", "string", "", "The platform's own word for the type."),
    Field(
        "text",
        "string",
        "",
        "Text as published; handles, e-mail addresses and phone numbers masked.",
    ),
    Field("language", "string", "", "Language of the text (fi, sv, en …)."),
    Field("duration_s", "number", "seconds", "Length of the video.", least=0),
    Field("is_paid", "boolean", "", "True for a sponsored post, False for an organic one."),
)

POST_MEASURES = (
    _count("impressions", "Times that the post was displayed."),
    _count("views", "Plays of its video, or what Meta calls views."),
    _count("reach", "Unique accounts that saw it."),
    _count("reactions", "Likes and other reactions."),
    _count("comments", "Comments and replies."),
    _count("shares", "Shares, reposts, retweets."),
    _count("saves", "Saves, bookmarks, additions to favourites."),
    _count("clicks", "All clicks that the platform counts as clicks on the post."),
    _count("link_clicks", "Clicks on its links."),
    _count("follows", "Follows that the platform attributes to the post."),
    _count("profile_visits", "Profile visits that the platform attributes to the post."),
    _count("engagements_reported", "The platform's own total of engagements."),
    Field("watch_time_s", "number", "seconds", "Time that its video was watched."),
    Field("avg_view_s", "number", "seconds", "Average time of one view.", least=0),
    Field(
        "ctr",
        "number",
        "fraction",
        "Click-through rate as the platform reports it.",
        -_MOST_RATE,
        _MOST_RATE,
    ),
    Field(
        "engagement_rate_reported",
        "number",
        "fraction",
        "Engagement rate as the platform reports it; not comparable between platforms.",
        -_MOST_RATE,
        _MOST_RATE,
    ),
)
"""Measures of a post, as observed on one day."""

CHANNEL = Table(
    "channel",
    "Channels that the store holds data of.",
    (
        _CHANNEL_ID,
        Field("platform", "string", "", "The platform: the first part of the channel's id."),
        Field("handle", "string", "", "The channel's name on the platform."),
        Field("external_id", "string", "", "The platform's own id of the channel."),
        Field("url", "string", "URL", "The channel's address."),
        Field("report_tz", "string", "", "Time zone of the platform's reporting day."),
        Field("assumed", "boolean", "", "True until somebody said whose the files are."),
    ),
    key=("channel_id",),
)

CHANNEL_DAY = Table(
    "channel_day",
    "One row for each channel and day; a missing value is missing, never zero.",
    (
        _CHANNEL_ID,
        _day("date", "The platform's reporting day, not converted."),
        Field("day_tz", "string", "", "Time zone of the reporting day, where it is known."),
        *DAY_MEASURES,
    ),
    key=("channel_id", "date"),
    per_import=True,
)

POST = Table(
    "post",
    "One row for each post.",
    (_CHANNEL_ID, _POST_ID, *POST_FIELDS),
    key=("channel_id", "post_id"),
    per_import=True,
)

POST_SNAPSHOT = Table(
    "post_snapshot",
    "What a post had gathered when it was observed; totals drift, so each export is a snapshot. "
    "The view post_latest shows the newest value of each column of a post's lifetime.",
    (
        _CHANNEL_ID,
        _POST_ID,
        _day("observed_on", "The day of the export that the numbers stand in."),
        Field("period", "string", "", "What the numbers cover: lifetime, or another period."),
        *POST_MEASURES,
    ),
    key=("channel_id", "post_id", "observed_on", "period"),
    per_import=True,
)

COUNT_SERIES = Table(
    "count_series",
    "Counts within the day, such as mentions or comments in each hour.",
    (
        Field("series_id", "string", "", "The series: what is counted, and where."),
        Field("channel_id", "string", "", "The channel counted on; missing for a wider count."),
        Field("at_utc", "datetime", "UTC", "Start of the interval."),
        Field("step_s", "integer", "seconds", "Length of the interval.", least=1),
        _count("count", "How many in the interval.", least=0),
    ),
    key=("series_id", "at_utc"),
    per_import=True,
)

METRIC_EXTRA = Table(
    "metric_extra",
    "Everything else that exports tell, in long form: demographics, reported rates, parts.",
    (
        Field("owner", "string", "", "The channel's id, or <channel_id>/<post_id> for a post."),
        _day("date", "The day it is told of; for a stock, the day of the export."),
        Field("name", "string", "", "The name of the metric, after the export's own header."),
        Field("category", "string", "", "The group that the value is of; empty for the whole."),
        Field("value", "number", "see unit", "The value."),
        Field("unit", "string", "", f"One of {', '.join(UNITS)}.", allowed=UNITS),
    ),
    key=("owner", "date", "name", "category"),
    per_import=True,
)

IMPORT_LOG = Table(
    "import_log",
    "One row for each imported file: what it was, whose, of when, and what was kept of it.",
    (
        Field("import_id", "string", "", "Made from the file's hash and the channel."),
        Field("file_name", "string", "", "The file's name, without its folder."),
        Field("sha256", "string", "", "Hash of the file's bytes."),
        Field("format", "string", "", "The format it was read as."),
        Field("language", "string", "", "Language of its headers."),
        Field("encoding", "string", "", "Its encoding, or kind of workbook."),
        Field("exported_at", "datetime", "UTC", "When it was exported: newer exports win."),
        Field("exported_at_source", "string", "", "Where that date comes from."),
        Field("channel_id", "string", "", "Whose it is; missing when its rows say so each."),
        Field("channel_source", "string", "", "How the channel was found."),
        Field("period_start", "date", "", "First day that it tells of."),
        Field("period_end", "date", "", "Last day that it tells of."),
        _count("rows_read", "Rows under its headers."),
        _count("rows_kept", "Rows kept."),
        _count("rows_dropped", "Rows dropped: totals, footers, repetitions."),
        _count("rows_rejected", "Rows rejected with a reason."),
        Field("warnings", "string", "", "What its reader should know, one line each."),
        Field("imported_at", "datetime", "UTC", "When it was imported."),
        Field("undone_at", "datetime", "UTC", "When it was taken back; missing while it counts."),
    ),
    key=("import_id",),
)

FORGOTTEN = Table(
    "forgotten",
    "What was erased on request, so that no import brings it back, and when.",
    (
        Field("forget_id", "string", "", "Made from what was erased, and when."),
        _CHANNEL_ID,
        Field("post_id", "string", "", "The post; missing when the whole channel is meant."),
        Field("before", "date", "", "Only what is older than this day; missing for all."),
        Field("forgotten_at", "datetime", "UTC", "When it was erased."),
        _count("rows_erased", "Rows erased from all tables at that time."),
        Field("lifted_at", "datetime", "UTC", "When importing was allowed again, if it was."),
    ),
    key=("forget_id",),
)

META = Table(
    "meta",
    "Facts about the store itself: its version, and made_up = true for the demo store.",
    (
        Field("key", "string", "", "Name of the fact."),
        Field("value", "string", "", "The fact."),
    ),
    key=("key",),
)

TABLES = (
    CHANNEL,
    CHANNEL_DAY,
    POST,
    POST_SNAPSHOT,
    COUNT_SERIES,
    METRIC_EXTRA,
    IMPORT_LOG,
    FORGOTTEN,
    META,
)
"""All tables, in the order of the data dictionary."""


@dataclass
class Block:
    """Many rows of one table, column by column: what `Reading.rows` has one by one.

    Attributes
    ----------
    table : str
        Name of the table.
    columns : dict of str to array or list, or one text for all rows
        By the table's names for them; no `channel_id`.
    days : (date, date) or None
        First and last day that the rows tell of.
    metrics : dict of str to (array, str)
        For `metric_extra` only: values and unit by the metric's name, one for each row of
        `columns`; a missing value makes no row.
    """

    table: str
    columns: dict[str, Any]
    days: tuple[date, date] | None = None
    metrics: dict[str, tuple[Any, str]] = field(default_factory=dict)


@dataclass(eq=False)
class Staged:
    """Rows of one channel that wait in a DuckDB file of their own, ready for the store.

    Attributes
    ----------
    folder : Path
        Where the file stands, alone. It goes with `discard`, or when nobody asks for it any more.
    tables : tuple of str
        Canonical tables that it has as views, without `channel_id`, and a metric_extra with
        `post_id` and no `owner`; the day of a snapshot or metric is that of the export.
    days : tuple of date
        First and last day that the rows tell of.
    has_texts : bool
        Whether texts of posts stand in it.
    """

    folder: Path
    tables: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    has_texts: bool = False

    def __post_init__(self) -> None:
        self.discard = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    @property
    def path(self) -> Path:
        """The DuckDB file."""
        return self.folder / "arriving.duckdb"


@dataclass
class Reading:
    """What one file says, in canonical tables, before the store knows whose it is.

    Attributes
    ----------
    format, title : str
        Short name of the format, and the words for a reader.
    platform : str or None
        The platform; None when the rows name their channels themselves.
    rows : dict of str to list of dict
        Rows by table name. Where `platform` is given they carry no `channel_id`; a metric_extra
        row carries `post_id` where it is of a post, and no `owner`. A missing `observed_on`, or
        `date` of a metric_extra row, means the day of the export.
    blocks : list of Block
        Further rows, of files so large that a dict for each row would not fit into memory.
    staged : Staged or None
        All rows instead, of a large file in which every cell is as usual.
    report_tz : str or None
        Time zone of the reporting day.
    exported_at : datetime or None
        When it was exported, as the file itself says (UTC).
    handle, external_id, url : str or None
        Whose it is, as the content says: the channel's name on the platform (without @), the
        platform's own id of it, its address. The store finds the channel by them first.
    texts_left_out : bool
        True when the user wants no texts of posts.
    dropped : int
        Rows left out on purpose: totals, footers, exact repetitions.
    rejected : list of str
        One reason for each row that could not be kept.
    """

    format: str
    title: str
    sha256: str
    platform: str | None = None
    handle: str | None = None
    external_id: str | None = None
    url: str | None = None
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    staged: Staged | None = None
    report_tz: str | None = None
    language: str | None = None
    encoding: str | None = None
    exported_at: datetime | None = None
    exported_at_source: str | None = None
    texts_left_out: bool = False
    rows_read: int = 0
    dropped: int = 0
    rejected: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, table: Table, row: dict[str, Any]) -> None:
        """Add a row of `table`."""
        self.rows.setdefault(table.name, []).append(row)

    @property
    def has_texts(self) -> bool:
        """Whether texts of posts stand in it."""
        if self.texts_left_out:
            return False
        if self.staged:
            return self.staged.has_texts
        return any(row.get("text") for row in self.rows.get(POST.name, [])) or any(
            block.table == POST.name and any(block.columns.get("text", ())) for block in self.blocks
        )

    @property
    def rows_kept(self) -> int:
        """Rows that were neither dropped nor rejected."""
        return self.rows_read - self.dropped - len(self.rejected)


_PYTHON = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "date": (date,),
    "datetime": (datetime,),
}
_IN_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a day",
    "datetime": "a time in UTC",
}


def check_columns(table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """Check values against what the table's fields allow, before they are written.

    Parameters
    ----------
    table : Table
    columns : mapping of str to sequence
        Values by column; None, NaN and the like are missing. Columns that are not the table's
        are not looked at.

    Raises
    ------
    HandbookError
        A key is missing, a value has another type than its field, or lies outside of its range.
    """
    for column in table.fields:
        if column.name not in columns:
            continue
        values = columns[column.name]
        present = [value for value in values if value is not None and value == value]
        if column.name in table.key and len(present) < len(values):
            raise _wrong(table, column, None, "a value in each row")
        if not present:
            continue
        for kind in {type(value) for value in present}:
            if not _fits(kind, column.type):
                found = next(value for value in present if type(value) is kind)
                raise _wrong(table, column, found, _IN_WORDS[column.type])
        if column.least is not None and min(present) < column.least:
            raise _wrong(table, column, min(present), f"{column.least} or more")
        if column.most is not None and max(present) > column.most:
            raise _wrong(table, column, max(present), f"{column.most} or less")
        if column.allowed and (others := set(present) - set(column.allowed)):
            raise _wrong(table, column, min(others), f"one of {', '.join(column.allowed)}")


def _fits(kind: type, type_name: str) -> bool:
    if kind in (bool, datetime) and type_name not in ("boolean", "datetime"):
        return False
    return issubclass(kind, _PYTHON[type_name])


def _wrong(table: Table, column: Field, found: Any, expected: str) -> HandbookError:
    said = found if isinstance(found, date) else repr(found)
    return HandbookError(
        f"its {column.name} is {said}, where {expected} is expected ({table.name}). Correct it, "
        "or download the file again; if the file is right, its importer is wrong: report that."
    )
