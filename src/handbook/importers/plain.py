"""Plain CSV of our own, for platforms and tools whose exports have no importer.

UTF-8, comma, one header row; leading lines that start with `#` are notes; an empty cell is
missing; days are 2026-03-01, times 2026-03-01T12:05:00Z, rates fractions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import Any

from handbook.csvfile import stream_csv
from handbook.errors import HandbookError
from handbook.importers.many import many
from handbook.importers.masking import mask
from handbook.importers.rows import Seen
from handbook.importers.source import (
    Cell,
    Format,
    Layout,
    SourceFile,
    nearest_layout,
    normalise,
    parse_iso_date,
)
from handbook.schema import (
    CHANNEL_DAY,
    CHANNEL_ID,
    CHANNEL_ID_FORM,
    COUNT_SERIES,
    METRIC_EXTRA,
    POST,
    POST_SNAPSHOT,
    POST_TYPES,
    Reading,
    Table,
)

_EXPORTED = re.compile(r"exported(?: on| at)?:?\s+(\d{4}-\d\d-\d\d)", re.IGNORECASE)


def _layout(title: str, required: tuple[str, ...], *tables: Table) -> Layout:
    names = dict.fromkeys((*required, *(name for table in tables for name in table.columns)))
    return Layout(title, {name: name for name in names}, frozenset(required))


DAYS = _layout("plain CSV of days", ("channel_id", "date"), CHANNEL_DAY)
POSTS = _layout("plain CSV of posts", ("channel_id", "post_id", "observed_on"), POST, POST_SNAPSHOT)
COUNTS = _layout(
    "plain CSV of counts", ("series_id", "channel_id", "at_utc", "step_s", "count"), COUNT_SERIES
)
LAYOUTS = (COUNTS, POSTS, DAYS)
_FORMAT_IDS = {COUNTS.title: "plain-counts", POSTS.title: "plain-posts", DAYS.title: "plain-days"}
FORMATS = tuple(
    Format(
        _FORMAT_IDS[layout.title],
        layout.title[0].upper() + layout.title[1:],
        None,
        "the columns " + ", ".join(layout.missing([])) + ", named so",
        ("en",),
        "Nothing but what you write into it.",
    )
    for layout in (DAYS, POSTS, COUNTS)
)
_TABLES = {COUNTS.title: COUNT_SERIES, POSTS.title: POST_SNAPSHOT, DAYS.title: CHANNEL_DAY}
_MOST_KNOWN = 20_000


def read_plain(file: SourceFile) -> Reading | None:
    """Read a plain CSV; None when the header is not one of the three.

    Raises
    ------
    HandbookError
        A cell is not what its column asks for, or two rows contradict each other.
    """
    if file.kind != "text" or "channel_id" not in _beginning(file):
        return None
    try:
        content = stream_csv(Path(file.name), file.data)
    except HandbookError:
        if looks_plain(file):
            raise
        return None
    layout = next((layout for layout in LAYOUTS if not layout.missing(content.header)), None)
    if layout is None:
        return None
    numbers = "decimal comma" if content.delimiter == ";" else "plain"
    columns = [_Column(file, name, numbers) for name in content.header]
    if len({column.name for column in columns}) < len(columns):
        raise file.error("two columns have one name. Keep one of them.")
    reading = Reading(
        format=_FORMAT_IDS[layout.title],
        title=layout.title,
        sha256=file.sha256,
        encoding="UTF-8",
        warnings=_warn_unknown(content.header, layout),
    )
    _read_rows(file, content.rows, layout, columns, reading)
    if not reading.rows_read:
        raise file.error(f"a {layout.title} without any row under its header. Fill it in.")
    _find_export_date(reading, content.notes)
    return reading


class _Column:
    """A column, and what its cells mean; a cell that stands in many rows is parsed once."""

    def __init__(self, file: SourceFile, header: str, numbers: str) -> None:
        self.name = normalise(header)
        self._at = file.name, header
        self._numbers = numbers
        self._known: dict[str, Any] = {}

    def parse(self, number: int, value: str) -> Any:
        if value in self._known:
            return self._known[value]
        file_name, header = self._at
        parsed = _parse(Cell(file_name, None, number, header, value, self._numbers), self.name)
        if len(self._known) < _MOST_KNOWN:
            self._known[value] = parsed
        return parsed


def _read_rows(
    file: SourceFile,
    rows: Iterable[tuple[int, list[str]]],
    layout: Layout,
    columns: Sequence[_Column],
    reading: Reading,
) -> None:
    table, seen = _TABLES[layout.title], Seen()
    names = [column.name for column in columns if layout is not COUNTS]
    others = [name for name in names if name and name not in layout.targets]
    posts: list[dict[str, Any]] = []
    for number, cells in rows:
        reading.rows_read += 1
        row = {
            column.name: column.parse(number, value)
            for column, value in zip(columns, cells, strict=True)
            if value or column.name != "channel_id" or layout is not COUNTS
        }
        if layout is POSTS:
            row["period"] = row.get("period") or "lifetime"
        key = tuple(row[name] for name in table.key)
        before = seen.before(key, number, row.values())
        if before:
            raise file.error(
                f"rows {before} and {number} are both of {_say(key)}, with other values. "
                "Keep the right one."
            )
        if before == 0:
            reading.dropped += 1
            continue
        many(reading, table).append(_pick(row, table))
        _add_others(reading, row, others)
        if layout is POSTS:
            told = {name: value for name, value in _pick(row, POST).items() if value is not None}
            posts.append(told | {"observed_on": row["observed_on"]})
    if posts:
        reading.exported_at = datetime.combine(
            max(row["observed_on"] for row in posts), datetime.min.time()
        )
        reading.exported_at_source = "its last observed_on"
        _add_posts(reading, posts)


def _add_posts(reading: Reading, rows: list[dict[str, Any]]) -> None:
    """Add one row for each post, column by column from the last day on which it was observed."""

    def key(row: dict[str, Any]) -> tuple[str, str]:
        return row["channel_id"], row["post_id"]

    kept = many(reading, POST)
    rows.sort(key=lambda row: (*key(row), row["observed_on"]))
    for _, of_post in groupby(rows, key):
        post: dict[str, Any] = {}
        for told in of_post:
            del told["observed_on"]
            if "published_at" in told:
                told["published_date"] = told.get("published_date") or told["published_at"].date()
                told |= {"published_precision": "minute", "source_tz": "UTC"}
            elif "published_date" in told:
                told["published_precision"] = "day"
            post.update(told)
        kept.append(post)


def looks_plain(file: SourceFile) -> bool:
    """Return whether a header that is ours stands in the first lines, whatever else is wrong."""
    rows = [re.split("[,;\t]", line) for line in _beginning(file).splitlines()]
    near = nearest_layout(rows, LAYOUTS)
    return near is not None and not near[1]


def _beginning(file: SourceFile) -> str:
    """Return the first lines in small letters, in whatever encoding they are."""
    head = file.head[:4096].replace(b"\x00", b"").removeprefix(b"\xff\xfe")
    return head.decode("utf-8-sig", errors="replace").casefold()


def _find_export_date(reading: Reading, notes: list[str]) -> None:
    for note in notes:
        if found := _EXPORTED.search(note):
            try:
                reading.exported_at = datetime.fromisoformat(found[1])
            except ValueError:
                continue
            reading.exported_at_source = "a note in the file"
            return


def _warn_unknown(header: list[str], layout: Layout) -> list[str]:
    warnings = []
    for name in header:
        if name and normalise(name) not in layout.targets:
            near = get_close_matches(normalise(name), list(layout.targets), n=1)
            meant = f" (did you mean {near[0]!r}?)" if near else ""
            warnings.append(
                f"column {name!r} is not one of ours{meant}: its numbers are kept as an extra "
                "metric, anything else is not"
            )
    return warnings


def _say(key: tuple[Any, ...]) -> str:
    return ", ".join(str(part) for part in key)


def _add_others(reading: Reading, row: dict[str, Any], names: Sequence[str]) -> None:
    """Keep the numbers in columns that are not ours."""
    for name in names:
        value = row[name]
        if isinstance(value, (int, float)):
            many(reading, METRIC_EXTRA).append(
                {
                    "channel_id": row["channel_id"],
                    "name": name,
                    "value": value,
                    "unit": "count" if isinstance(value, int) else "number",
                    **_about(row),
                }
            )


def _about(row: dict[str, Any]) -> dict[str, Any]:
    """Return which day and post an extra metric of a row is of."""
    if "post_id" not in row:
        return {"date": row["date"], "category": ""}
    period = row["period"]
    return {
        "date": row["observed_on"],
        "post_id": row["post_id"],
        "category": "" if period == "lifetime" else period,
    }


def _pick(row: dict[str, Any], table: Table) -> dict[str, Any]:
    return {name: row[name] for name in table.columns if name in row}


_TYPES = {
    field.name: field.type
    for table in (CHANNEL_DAY, POST, POST_SNAPSHOT, COUNT_SERIES)
    for field in table.fields
}
_REQUIRED = {"channel_id", "date", "post_id", "observed_on", "series_id", "at_utc", "step_s"}


def _parse(cell: Cell, name: str) -> Any:
    if name in _SPECIAL:
        return _SPECIAL[name](cell)
    kind = _TYPES.get(name)
    if kind is None:
        try:
            return cell.number()
        except HandbookError:
            return None
    if not cell.value:
        if name in _REQUIRED:
            raise cell.error(f"a {name} in every row", "Fill it in, or remove the row.")
        return None
    if kind in ("integer", "number"):
        return _parse_number(cell, kind)
    if kind == "date":
        return parse_iso_date(cell)
    if kind == "datetime":
        return _parse_time(cell)
    if kind == "boolean":
        return _parse_boolean(cell)
    return cell.value


def _parse_channel(cell: Cell) -> str:
    if CHANNEL_ID.fullmatch(cell.value):
        return cell.value
    raise cell.error(
        f"a channel id of the form {CHANNEL_ID_FORM}", "Write the platform, a colon and a name."
    )


def _parse_post_id(cell: Cell) -> str:
    if not cell.value:
        raise cell.error("a post id in every row", "Fill it in, or remove the row.")
    if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+\d+", cell.value):
        raise cell.error(
            "a whole id", "A spreadsheet program has destroyed it: take the file from its source."
        )
    return cell.value


def _parse_number(cell: Cell, kind: str) -> float | int | None:
    try:
        return cell.count() if kind == "integer" else cell.number()
    except HandbookError:
        if kind == "integer":
            raise cell.error("a whole number such as 1234", "Write digits only.") from None
        raise cell.error(
            "a number with a decimal point, such as 0.031", "Write digits and a point only."
        ) from None


def _parse_time(cell: Cell) -> datetime:
    try:
        time = datetime.fromisoformat(cell.value)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise cell.error("a time such as 2026-03-01T12:05:00Z", "Write it so, in UTC.")
    return time.astimezone(UTC).replace(tzinfo=None)


def _parse_boolean(cell: Cell) -> bool:
    value = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
        cell.value.casefold()
    )
    if value is None:
        raise cell.error("true or false", "Write one of them, or leave the cell empty.")
    return value


def _parse_post_type(cell: Cell) -> str | None:
    if cell.value and cell.value not in POST_TYPES:
        raise cell.error(
            f"one of {', '.join(POST_TYPES)}",
            "Write one of them, or leave the cell empty and use source_type.",
        )
    return cell.value or None


_SPECIAL: dict[str, Callable[[Cell], Any]] = {
    "channel_id": _parse_channel,
    "post_id": _parse_post_id,
    "post_type": _parse_post_type,
    "text": lambda cell: mask(cell.value) if cell.value else None,
}


_NOTES = {
    "days": (
        "One row for each channel and day.",
        "x:example,2026-03-01,… (a channel id is PLATFORM:NAME)",
    ),
    "posts": (
        "One row for each post and each day on which you noted its numbers (observed_on).",
        "x:example,post-1,2026-03-31,… ; published_at is a time in UTC, published_date a day alone",
    ),
    "counts": (
        "One row for each interval; step_s is its length in seconds, at_utc its beginning.",
        "mentions,x:example,2026-03-01T12:00:00Z,3600,7 ; channel_id may be empty",
    ),
}


def write_template(kind: str) -> str:
    """Return an empty plain CSV: notes that explain it, and the header.

    Parameters
    ----------
    kind : str
        "days", "posts" or "counts".
    """
    layout = {"days": DAYS, "posts": POSTS, "counts": COUNTS}[kind]
    what, example = _NOTES[kind]
    notes = [
        f"{what} Needed: {', '.join(layout.missing([]))}. Leave out columns without numbers.",
        "Empty means missing, which is not 0. Days 2026-03-01, times 2026-03-01T12:05:00Z, rates "
        "as fractions with a decimal point.",
        f"For example: {example}",
    ]
    header = dict.fromkeys(layout.columns.values())
    return "".join(f'"# {note}"\n' for note in notes) + ",".join(header) + "\n"
