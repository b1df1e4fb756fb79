"""X exports: by tweet and by day (to 2024), account overview and content (2024 on).

A file is known by its headers, in any language of `headers/x.csv`. The account is known by the
links to its posts; exports by day name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np

from handbook.errors import HandbookError, ctrl_c
from handbook.importers import staging
from handbook.importers.columns import Columns, add, read_parts, share
from handbook.importers.languages import read_headers, worded
from handbook.importers.masking import mask
from handbook.importers.source import Cell, Format, Grid, SourceFile
from handbook.importers.staging import Staging, Unusual, literal
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
    r"https?://[^/\s]+/(?:i/(?:web/)?|([A-Za-z0-9_]{1,20})/)status(?:es)?/([0-9]{1,20})"
)
_ID = re.compile(r"[0-9]{1,20}")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+|\d{15}0+")
_LEADING = re.compile(r"(?:[@\uff20][A-Za-z0-9_]*[\s,:]*)+")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ENTITY = re.compile("|".join(_ENTITIES))

_EPOCH_MS = 1_288_834_974_657
_LATEST_MS = 4_102_444_800_000
_FIRST_WITH_TIME = 29_700_859_247
"""The first post whose id has its time inside (4 November 2010)."""

_USUAL_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} [+]0000"
_SPACE = r"[\pZ\x00-\x20\x{85}]"
_UNUSUAL_TEXT = (
    rf"[@\x{{ff20}}&]|^{_SPACE}|{_SPACE}$"
    rf"|[+0]\(?\p{{Nd}}(?:(?:{_SPACE}|[().-]){{0,2}}\p{{Nd}}){{5}}"
)
"""Texts that `_own_text` or `mask` may change, and some others; in DuckDB's regular expressions."""

_HASH = 2**64 - 1
_ENOUGH_DAYS = 28
_ZEROS = ("video views", "media views")
"""What X's overview has been seen to fill with 0 for accounts that have views of videos."""


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
    export = None
    for grid in read_parts(file, LAYOUTS):
        if export is None:
            export = _Export(file, grid)
            if grid.layout in _BY_POST and file.size >= staging.STAGED_FROM and export.stage(grid):
                break
        grid = export.without_headers(grid)
        if grid.layout in _BY_POST:
            export.read_posts(grid)
        else:
            export.read_days(grid)
    return export and export.finish()


class _Export:
    """What has been read of a file so far, in its parts."""

    def __init__(self, file: SourceFile, grid: Grid) -> None:
        self.file = file
        self.title = grid.layout.title
        self.language = grid.language
        self.readings: dict[str, Reading] = {}
        self.seen: dict[Any, int] = {}  # row number and hash in one number: there may be a million
        self.headers = 0
        self.read = 0
        self.rejected: list[str] = []
        self.unlinked: list[str] = []
        self.not_kept: set[str] = set()
        self.recovered = 0
        self.contradicted = 0
        self.first_contradiction = ""
        self.zeros: dict[str, bool] = {}

    def without_headers(self, grid: Grid) -> Grid:
        """Leave out header rows among the others, as in files that somebody put together."""
        first, header = grid.headers[0], grid.headers[:3]
        rows = [row for row in grid.rows if row[1][0] != first or row[1][:3] != header]
        self.headers += len(grid.rows) - len(rows)
        return replace(grid, rows=rows)

    def reading(self, handle: str | None) -> Reading:
        """Return the reading of an account; None: the file has not said whose it is."""
        key = (handle or "").casefold()
        if key not in self.readings:
            self.readings[key] = Reading(
                format=_FORMATS[self.title],
                title=self.title,
                sha256=self.file.sha256,
                platform="x",
                report_tz="UTC",
                language=self.language,
                encoding=self.file.encoding,
                handle=handle,
            )
        return self.readings[key]

    def finish(self) -> list[Reading]:
        """Return the readings, what could not be kept added to the first."""
        self._place_unlinked()
        readings = list(self.readings.values()) or [self.reading(None)]
        first = readings[0]
        first.rows_read += self.read + self.headers
        first.dropped += self.headers
        first.rejected += self.rejected
        for reading in readings:
            self._drop_not_kept(reading)
        if not any(reading.rows_kept for reading in readings):
            raise self.file.error(
                f"a file of {self.title} without any row to keep"
                + (f" ({self.rejected[0]}). " if self.rejected else ". ")
                + "Choose a period with data in it, and download it again."
            )
        first.warnings += self._warnings()
        return readings

    def _place_unlinked(self) -> None:
        """Give posts without a link to the file's only account; with several, reject them."""
        named = [reading for key, reading in self.readings.items() if key]
        if not named or "" not in self.readings:
            return
        unlinked = self.readings.pop("")
        if len(named) > 1:
            self.read += unlinked.rows_read
            self.rejected += unlinked.rejected + self.unlinked
            named[0].dropped += unlinked.dropped
            return
        (only,) = named
        for table, rows in unlinked.rows.items():
            only.rows.setdefault(table, []).extend(rows)
        only.blocks += unlinked.blocks
        only.rows_read += unlinked.rows_read
        only.dropped += unlinked.dropped
        only.rejected += unlinked.rejected

    def _drop_not_kept(self, reading: Reading) -> None:
        """Drop columns that turned out, in a later part, to hold more than numbers."""
        if METRIC_EXTRA.name in reading.rows:
            reading.rows[METRIC_EXTRA.name] = [
                row for row in reading.rows[METRIC_EXTRA.name] if row["name"] not in self.not_kept
            ]
        for block in reading.blocks:
            for header in self.not_kept:
                block.metrics.pop(header, None)

    def _warnings(self) -> list[str]:
        warnings = [
            f"column {header!r} is not known, holds more than numbers, and was not kept"
            for header in sorted(self.not_kept)
        ]
        if self.recovered:
            warnings.append(
                f"{self.recovered} post ids were rounded by a spreadsheet program; they were "
                "taken from the links instead"
            )
        if self.contradicted:
            warnings.append(
                f"{self.contradicted} posts have a time that contradicts the one inside their "
                f"own id, first {self.first_contradiction}"
            )
        zeros = [name for name, only_zeros in self.zeros.items() if only_zeros]
        if len(self.seen) >= _ENOUGH_DAYS and len(zeros) == len(_ZEROS):
            warnings.append(
                f"{' and '.join(zeros)} are 0 on every day. X writes 0 also for what it has not "
                "counted: do not take it for a finding"
            )
        return warnings

    def _extras(self, columns: Columns, of_table: dict[str, str]) -> dict[str, tuple[Any, str]]:
        """Return numbers and unit of the columns that the table does not have."""
        extras = {
            name: columns.numbers(name)
            for name in columns.known
            if name not in of_table and name not in _ABOUT
        }
        for header in columns.unknown:
            numbers = columns.numbers_of_unknown(header)
            if numbers is None:
                self.not_kept.add(header)
            else:
                extras[header] = numbers
        return {name: (numbers, _unit(name)) for name, numbers in extras.items()}

    def _is_repeated(self, key: Any, number: int, cells: Sequence[Any]) -> int | None:
        """Return the row in which `key` stood before with other cells; 0 if with the same.

        None: it has not stood before.
        """
        this = number << 64 | hash(tuple(cells)) & _HASH
        before = self.seen.setdefault(key, this)
        if before is this:
            return None
        return 0 if not (before ^ this) & _HASH else before >> 64

    def read_days(self, grid: Grid) -> None:
        """Read a table of days."""
        columns = Columns(grid)
        reading = self.reading(None)
        reading.rows_read += len(grid.rows)
        reading.rejected += columns.rejected
        dates = columns.convert("date", _day)
        kept = []
        for i, (number, cells) in enumerate(columns.rows):
            if dates[i] is None:
                reading.rejected.append(columns.at(number, "no day in the column of dates"))
                continue
            before = self._is_repeated(dates[i], number, cells)
            if before:
                raise HandbookError(
                    f"{grid.file}: {dates[i]} stands in row {before} and in row {number} with "
                    "other numbers. Keep the right one, or download it again."
                )
            if before is None:
                kept.append(i)
            else:
                reading.dropped += 1
        days = _take(dates, kept)
        measures = _measures(columns, _OF_DAY)
        extras = self._extras(columns, _OF_DAY)
        values = {name: _take(column, kept) for name, column in measures.items()}
        add(reading, CHANNEL_DAY, {"date": days, "day_tz": "UTC", **values}, days=days)
        add(reading, METRIC_EXTRA, {"date": days}, metrics=_take_extras(extras, kept), days=days)
        if grid.layout is OVERVIEW:
            for name in set(_ZEROS) & set(columns.known):
                only_zeros = bool((columns.counts(name) == 0).all())
                self.zeros[name] = self.zeros.get(name, True) and only_zeros

    def read_posts(self, grid: Grid) -> None:
        """Read a table of posts."""
        columns = Columns(grid)
        self.read += len(grid.rows) - len(columns.rows)
        self.rejected += columns.rejected
        measures = _measures(columns, _OF_POST)
        extras = self._extras(columns, _OF_POST)
        times = _times(columns)
        days = _days(columns) if times is None else times.astype("datetime64[D]")
        undated = np.isnat(days).tolist()
        links = _links(columns)
        _refuse_rounded(columns, links)
        ids = self._ids(columns, links)
        kept: dict[str | None, list[int]] = {}
        reading, its_handle = None, None
        for i, (number, cells) in enumerate(columns.rows):
            handle = links[i][0] if links[i] else None
            if reading is None or handle != its_handle:
                reading, its_handle = self.reading(handle), handle
            reading.rows_read += 1
            post_id, problem = ids[i]
            if problem is None and undated[i]:
                problem = "nothing says when it was published"
            before = None if problem else self._is_repeated(post_id, number, cells)
            if before:
                problem = f"post {post_id} stood in row {before} with other numbers"
            if problem:
                reading.rejected.append(columns.at(number, problem))
            elif before is None:
                kept.setdefault(handle, []).append(i)
                if handle is None:
                    reason = "no link to the post, in a file of several accounts"
                    self.unlinked.append(columns.at(number, reason))
            else:
                reading.dropped += 1
        for handle, rows in kept.items():
            self._add_posts(
                columns,
                handle,
                rows,
                [ids[i][0] for i in rows],
                _take(days, rows),
                None if times is None else _take(times, rows),
                {name: _take(column, rows) for name, column in measures.items()},
                _take_extras(extras, rows),
            )

    def stage(self, grid: Grid) -> bool:
        """Read the posts of a large file at once; False if that takes a closer look at them."""
        try:
            with ctrl_c(), Staging(self.file, grid) as staging:
                self._stage(staging)
        except (Unusual, HandbookError, OSError):
            return False
        return True

    def _stage(self, staging: Staging) -> None:
        """Say in SQL what `read_posts` says of each cell, for cells that are as usual."""
        known = staging.columns.known
        link = next(iter(staging.columns.raw("permalink")), None)
        link = _LINK.match(str(link))
        if link is None or link[1] is None:
            raise Unusual
        handle, before = link[1], literal(link[0][: -len(link[2])])
        _stage_cells(staging, before)
        measures = {ours: name for name, ours in _OF_POST.items() if name in known}
        names = [*(name for name in known if name not in _ABOUT), *staging.columns.unknown]
        present = staging.check_numbers(names, set(measures.values()) - _RATES)
        extras = [name for name in present if name not in _OF_POST]
        _stage_texts(staging, handle, keep=self.file.options.keep_text)
        cells, day, published = _stage_days(staging)
        days = _check_staged_days(staging, cells, day)
        snapshot = [
            f"{staging.number(name)}{'' if name in _RATES else '::BIGINT'} AS {ours}"
            for ours, name in measures.items()
        ]
        tables = {
            POST.name: f"""
                SELECT post_id::VARCHAR AS post_id, {before} || post_id AS permalink, {published},
                       {day} AS published_date, post_type,
                       CASE WHEN place IS NULL THEN nullif(text, '') ELSE told END AS text
                FROM {cells} LEFT JOIN told ON place = cells.rowid""",
            POST_SNAPSHOT.name: f"""
                SELECT post_id::VARCHAR AS post_id, 'lifetime' AS period, {", ".join(snapshot)}
                FROM cells""",
        }
        if extras:
            tables[METRIC_EXTRA.name] = f"""
                SELECT post_id, name, value, unit FROM (
                    SELECT post_id::VARCHAR AS post_id,
                           unnest([{", ".join(map(literal, extras))}]) AS name,
                           unnest([{", ".join(map(staging.number, extras))}]) AS value,
                           unnest([{", ".join(literal(_unit(name)) for name in extras)}]) AS unit
                    FROM cells)
                WHERE value IS NOT NULL"""
        reading = self.reading(handle)
        reading.staged = staging.finish(tables, days)
        reading.rows_read = staging.rows

    def _ids(self, columns: Columns, links: list[tuple[str | None, str] | None]) -> list[Any]:
        """Return the id of each post, and what is wrong with it."""
        index = columns.known["post id"]
        ids = []
        for (number, cells), link in zip(columns.rows, links, strict=True):
            written = cells[index]
            if link and link[1] == written:
                ids.append((written, None))
            else:
                ids.append(self._id(columns.cell(number, index, written), link and link[1]))
        return ids

    def _id(self, cell: Cell, linked: str | None) -> tuple[str, str | None]:
        written = str(cell.value).strip()
        damaged = isinstance(cell.value, float) or _ROUNDED.fullmatch(written) or not written
        if linked and damaged and written != linked:
            self.recovered += 1
            return linked, None
        found = cell.identifier() or ""
        if not _ID.fullmatch(found):
            return "", "no post id"
        if linked and found != linked:
            return "", f"its id is {found}, but its link is to {linked}"
        return found, None

    def _add_posts(
        self,
        columns: Columns,
        handle: str | None,
        rows: list[int],
        ids: list[str],
        days: np.ndarray,
        times: np.ndarray | None,
        measures: dict[str, Any],
        extras: dict[str, tuple[Any, str]],
    ) -> None:
        reading = self.reading(handle)
        links = columns.raw("permalink")
        texts = columns.raw("text")
        keep = self.file.options.keep_text
        told = [_stored_text(texts[i], handle, keep=keep) for i in rows]
        post = {
            "permalink": [links[i] or None for i in rows],
            "published_date": days,
            "published_precision": "day",
            "post_type": [post_type for _, post_type in told],
            "text": [text for text, _ in told],
        }
        if times is not None:
            post |= {"published_at": times, "published_precision": "minute", "source_tz": "UTC"}
        self._check_times(columns, rows, ids, days, times)
        post["post_id"] = shared = share(ids)
        add(reading, POST, post, days=[days.min().item(), days.max().item()])
        add(reading, POST_SNAPSHOT, {"post_id": shared, "period": "lifetime", **measures})
        add(reading, METRIC_EXTRA, {"post_id": shared}, metrics=extras)

    def _check_times(
        self,
        columns: Columns,
        rows: list[int],
        ids: list[str],
        days: np.ndarray,
        times: np.ndarray | None,
    ) -> None:
        """Compare with the times inside ids; an account's own day may be one off from UTC's."""
        whole = np.fromiter(map(int, ids), np.float64, len(ids))
        made = (np.floor(whole / 2**22) + _EPOCH_MS).clip(0, _LATEST_MS).astype("datetime64[ms]")
        if times is not None:
            apart = np.abs(times - made) >= np.timedelta64(2, "m")
        else:
            apart = np.abs(days - made.astype("datetime64[D]")) > np.timedelta64(1, "D")
        wrong = np.flatnonzero(apart & (whole >= _FIRST_WITH_TIME))
        if len(wrong):
            i = wrong[0]
            said = (days if times is None else times)[i].item()
            at = made[i].astype("datetime64[m]").item()
            if not self.contradicted:
                number, _ = columns.rows[rows[i]]
                self.first_contradiction = columns.at(number, f"{said}, but {at} UTC")
            self.contradicted += len(wrong)


def _stage_cells(staging: Staging, before: str) -> None:
    """Read cells: ids that are whole, links that begin with `before`, and times in UTC."""
    known = staging.columns.known
    written, linked = staging.cell("post id"), staging.cell("permalink")
    post_id = f"TRY_CAST({written} AS UBIGINT)"
    fixed, told = [written, linked], {"post_id": post_id}
    usual = [f"{linked} = {before} || {written}", f"{written} = {post_id}::VARCHAR"]
    texts = {name: staging.cell(name) for name in ("text", "date") if name in known}
    if "text" not in texts:
        told["text"] = "NULL::VARCHAR"
    if "time" in known:
        time = staging.cell("time")
        fixed.append(time)
        told["published"] = f"TRY_CAST({time}[:16] AS TIMESTAMP)"
        usual.append(f"regexp_full_match({time}, '{_USUAL_TIME}')")
    staging.read(texts, fixed, told, " AND ".join(usual))


def _stage_texts(staging: Staging, handle: str, *, keep: bool) -> None:
    """Make the table `told`: what is kept of texts that are not kept as they stand."""
    to_whom = "lower(regexp_extract(text, '^@([A-Za-z0-9_]+)', 1))"
    not_own = f"{to_whom} NOT IN ('', {literal(handle.lower())})"
    to_others = f"CASE WHEN starts_with(text, '@') THEN {not_own} ELSE false END"
    others = f"regexp_matches(text, {literal(_UNUSUAL_TEXT)})" if keep else "text IS NOT NULL"
    staging.convert(
        "told",
        f"SELECT rowid, text FROM cells WHERE {others} AND NOT {to_others}",
        {"place": "BIGINT", "told": "VARCHAR", "post_type": "VARCHAR"},
        lambda text: _stored_text(text, handle, keep=keep),
    )
    staging.add("told", f"SELECT rowid, NULL, 'reply' FROM cells WHERE {to_others}")


def _stage_days(staging: Staging) -> tuple[str, str, str]:
    """Return, in SQL: cells with the days of posts, the day, and the columns that tell the time."""
    if "time" in staging.columns.known:
        told = "published AS published_at, 'minute' AS published_precision, 'UTC' AS source_tz"
        return "cells", "published::DATE", told
    index = staging.columns.known["date"]
    staging.convert(
        "days",
        "SELECT DISTINCT date, date FROM cells",
        {"date": "VARCHAR", "day": "DATE"},
        lambda said: (_day(staging.columns.cell(0, index, said)),),
    )
    return "cells JOIN days USING (date)", "day", "'day' AS published_precision"


def _check_staged_days(staging: Staging, cells: str, day: str) -> tuple[date, date]:
    """Return the first and the last day; refuse ids that stand twice or contradict the times."""
    made = f"least(floor(post_id::DOUBLE / {2**22}) + {_EPOCH_MS}, {_LATEST_MS})"
    if "time" in staging.columns.known:
        apart = f"abs(epoch_ms(published) - {made}) >= {2 * 60_000}"
    else:
        apart = f"abs({day} - DATE '1970-01-01' - floor({made} / {24 * 60 * 60_000})) > 1"
    first, last, dated, ids, contradicting = staging.ask(
        f"min({day})",
        f"max({day})",
        f"count({day})",
        "count(DISTINCT post_id)",
        f"count(*) FILTER (post_id >= {_FIRST_WITH_TIME} AND {apart})",
        cells=cells,
    )
    if (dated, ids, contradicting) != (staging.rows, staging.rows, 0):
        raise Unusual
    return first, last


def _measures(columns: Columns, of_table: dict[str, str]) -> dict[str, Any]:
    """Return the columns of a table by its names for them; those the file has."""
    return {
        ours: columns.numbers(name) if name in _RATES else columns.counts(name)
        for name, ours in of_table.items()
        if name in columns.known
    }


def _take(values: Any, rows: list[int]) -> Any:
    """Return the values of some rows, in their order."""
    if len(rows) == len(values):
        return values
    return [values[i] for i in rows] if isinstance(values, list) else values[rows]


def _take_extras(extras: dict[str, tuple[Any, str]], rows: list[int]) -> dict[str, Any]:
    return {name: (_take(values, rows), unit) for name, (values, unit) in extras.items()}


def _unit(name: str) -> str:
    return "fraction" if "rate" in name.casefold().split() else "count"


def _links(columns: Columns) -> list[tuple[str | None, str] | None]:
    """Return handle and post id of each link; most links differ from the last in the id only."""
    links: list[tuple[str | None, str] | None] = []
    before, handle = "", None
    for written, link in zip(columns.raw("post id"), columns.raw("permalink"), strict=True):
        if before and link == f"{before}{written}" and _ID.fullmatch(written):
            links.append((handle, written))
        elif found := _LINK.match(str(link).strip()):
            before, handle = found[0][: -len(found[2])], found[1]
            links.append((handle, found[2]))
        else:
            links.append(None)
    return links


def _refuse_rounded(columns: Columns, links: list[Any]) -> None:
    """Refuse ids that a spreadsheet program has cut to 15 digits, where no link has them whole."""
    index = columns.known["post id"]
    bare = [
        (number, str(cells[index]).strip())
        for (number, cells), link in zip(columns.rows, links, strict=True)
        if link is None
    ]
    if len(bare) > 2 and all(_ROUNDED.fullmatch(value) for _, value in bare):
        raise columns.cell(bare[0][0], index, bare[0][1]).error(
            "a whole id",
            "A spreadsheet program has rounded the ids. Download the file again, and do not open "
            "it in a spreadsheet program first.",
        )


def _own_text(value: Any, handle: str | None) -> tuple[str | None, str | None]:
    """Return the text of an own post, and its type where the text tells it.

    What begins with a mention is a reply, and what begins with RT a repost: their texts are for
    or by others, and are not kept. A reply to the account itself goes on with its own thread.
    """
    text = str(value or "").strip()
    if "&" in text:
        text = _ENTITY.sub(lambda found: _ENTITIES[found[0]], text)
    if text.startswith("RT @"):
        return None, "repost"
    if not text.startswith(("@", "\uff20")):
        return text or None, None
    mentioned = re.findall(r"[A-Za-z0-9_]+", _LEADING.match(text)[0])
    own = handle is not None and all(name.casefold() == handle.casefold() for name in mentioned)
    return (text if own else None), "reply"


def _stored_text(value: str, handle: str | None, *, keep: bool) -> tuple[str | None, str | None]:
    """Return the text of a post as it is kept, and its type where the text tells it."""
    text, post_type = _own_text(value, handle)
    return (mask(text) if text and keep else None), post_type


def _times(columns: Columns) -> np.ndarray | None:
    """Return when posts were published, in UTC; None if the file has days only."""
    if "time" not in columns.known:
        return None
    texts = columns.raw("time")
    try:
        if {text[16:] for text in texts} == {" +0000"}:
            return np.array([text[:16] for text in texts], "datetime64[s]")
    except (TypeError, ValueError):
        pass
    return np.array(columns.convert("time", _time), "datetime64[s]")


def _days(columns: Columns) -> np.ndarray:
    return np.array(columns.convert("date", _day), "datetime64[D]")


def _day(cell: Cell) -> date | None:
    return cell.day(*_DAY_FORMS)


def _time(cell: Cell) -> datetime | None:
    return cell.moment(*_TIME_FORMS)
