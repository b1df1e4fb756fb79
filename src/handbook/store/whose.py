"""Whose file is it, and when was it exported?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol

from handbook.csvfile import read_csv
from handbook.errors import HandbookError
from handbook.schema import (
    CHANNEL_DAY,
    CHANNEL_ID,
    CHANNEL_ID_FORM,
    COUNT_SERIES,
    PLATFORMS,
    POST,
    UNNAMED,
    Reading,
)

PATTERNS = "channels.csv"
"""The file beside exports that says whose they are."""

_NATIVE_NAME = re.compile(r"(?P<name>.+)_(?:content|followers|visitors|updates)_1\d{12}", re.I)
_EPOCH = re.compile(r"(?<!\d)(1\d{9})(?:\d{3})?(?!\d)")
_DAY = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)")


class Registered(Protocol):
    """A row of the register, as far as it is needed here."""

    channel_id: str
    platform: str
    url: str | None


@dataclass(frozen=True)
class Owner:
    """Whose a file is.

    Attributes
    ----------
    channel_id : str or None
        None when the rows name their channels themselves.
    source : str
        How it was found, in words.
    assumed : bool
        True until somebody confirms it.
    """

    channel_id: str | None
    source: str
    assumed: bool


def check_channel_id(channel_id: str) -> str:
    """Return `channel_id` if it has the right form."""
    if not CHANNEL_ID.fullmatch(channel_id):
        raise HandbookError(
            f"{channel_id!r} is not a channel id. Expected {CHANNEL_ID_FORM}; platforms are "
            f"{', '.join(PLATFORMS)}."
        )
    return channel_id


def find_owner(
    path: Path,
    reading: Reading,
    *,
    channel: str | None,
    registered: Sequence[Registered],
    known: Iterable[str],
) -> Owner:
    """Find the channel of a file, in the order that the documentation gives.

    The content; `--channel`; `channels.csv` beside the file; a registered or already imported
    channel's name in the file's name; the register's only channel of the platform (assumed);
    else `<platform>:unnamed` (assumed).

    Raises
    ------
    HandbookError
        What was said contradicts the file, or `channels.csv` is wrong.
    """
    if reading.platform is None:
        _refuse_contradiction(path, reading, channel)
        return Owner(None, "its rows", False)
    if channel:
        return Owner(_of_platform(channel, reading, path, "--channel"), "--channel", False)
    if listed := _listed(path):
        return Owner(_of_platform(listed, reading, path, PATTERNS), PATTERNS, False)
    of_platform = [row for row in registered if row.platform == reading.platform]
    ids = {row.channel_id for row in of_platform}
    ids |= {name for name in known if name.startswith(f"{reading.platform}:")}
    ids.discard(f"{reading.platform}:{UNNAMED}")
    urls = {row.channel_id: row.url for row in of_platform}
    if named := _named(path.stem, {channel_id: urls.get(channel_id) for channel_id in ids}):
        return Owner(named, "the file's name", False)
    native = _NATIVE_NAME.fullmatch(path.stem)
    if native and CHANNEL_ID.fullmatch(made := f"{reading.platform}:{native['name'].lower()}"):
        return Owner(made, "assumed: the file's name", True)
    if len(of_platform) == 1:
        only = of_platform[0].channel_id
        return Owner(only, "assumed: the register's only channel of the platform", True)
    return Owner(f"{reading.platform}:{UNNAMED}", "assumed: nothing says whose it is", True)


def _refuse_contradiction(path: Path, reading: Reading, channel: str | None) -> None:
    ids = {row.get("channel_id") for rows in reading.rows.values() for row in rows} - {None}
    if channel and ids != {channel}:
        raise HandbookError(
            f"{path.name}: its rows say {', '.join(sorted(ids))}, but --channel says {channel}. "
            "Leave --channel out for this file, or correct its channel_id column."
        )


def _of_platform(channel: str, reading: Reading, path: Path, source: str) -> str:
    check_channel_id(channel)
    if channel.split(":")[0] != reading.platform:
        raise HandbookError(
            f"{path.name} is a {PLATFORMS[reading.platform or '']} export, but {source} says "
            f"{channel}. Name a {reading.platform} channel."
        )
    return channel


def _listed(path: Path) -> str | None:
    """Return the channel that `channels.csv` beside the file gives, or None."""
    beside = path.parent / PATTERNS
    if not beside.is_file():
        return None
    table = read_csv(beside)
    if not {"pattern", "channel_id"} <= set(table.header):
        raise HandbookError(
            f"{beside}: expected the columns pattern and channel_id, found "
            f"{', '.join(table.header)}."
        )
    found = {}
    for number, row in table.rows:
        if not CHANNEL_ID.fullmatch(row["channel_id"]):
            raise HandbookError(
                f"{beside}, row {number}, column 'channel_id': expected {CHANNEL_ID_FORM}, found "
                f"{row['channel_id']!r}."
            )
        if fnmatchcase(path.name.casefold(), row["pattern"].casefold()):
            found[row["channel_id"]] = row["pattern"]
    if len(found) > 1:
        raise HandbookError(
            f"{path.name}: {beside} names several channels for it ({', '.join(found)}). "
            "Make the patterns narrower."
        )
    return next(iter(found), None)


def _named(stem: str, urls: dict[str, str | None]) -> str | None:
    """Return the one channel whose id or address ends the way the file is named; the longest."""
    plain = _plain(stem)
    hits: dict[str, int] = {}
    for channel_id, url in urls.items():
        names = {_plain(channel_id.split(":")[1])}
        if url:
            names.add(_plain(url.rstrip("/").rsplit("/", 1)[-1]))
        for name in names - {""}:
            if re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", plain):
                hits[channel_id] = max(len(name), hits.get(channel_id, 0))
    longest = [channel_id for channel_id, n in hits.items() if n == max(hits.values())]
    return longest[0] if len(longest) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")


def last_day(reading: Reading) -> date | None:
    """Return the last day that the rows tell of."""
    return max(days(reading), default=None)


def days(reading: Reading) -> list[date]:
    """Return the days that the rows tell of: reported, published on, or counted on."""
    found = [row["date"] for row in reading.rows.get(CHANNEL_DAY.name, [])]
    found += [row.get("published_date") for row in reading.rows.get(POST.name, [])]
    found += [row["at_utc"].date() for row in reading.rows.get(COUNT_SERIES.name, [])]
    return [day for day in found if day]


def find_export_date(
    path: Path, reading: Reading, exported_on: date | None
) -> tuple[datetime, str, list[str]]:
    """Find when a file was exported; never by the times of the file system.

    `--exported-on`; else a date in the file; else in its name; else the last day in it.
    A date before the last day in the file cannot be its export's, and is passed over.

    Returns
    -------
    datetime
        In UTC; midnight when only the day is known.
    str
        Where it comes from.
    list of str
        Warnings.

    Raises
    ------
    HandbookError
        `exported_on` lies before days that the file tells of.
    """
    last = last_day(reading)
    if exported_on:
        if last and exported_on < last:
            raise HandbookError(
                f"{path.name}: --exported-on {exported_on} lies before {last}, a day that the "
                "file tells of. Give the day that it was downloaded on."
            )
        return _midnight(exported_on), "--exported-on", []
    stated = reading.exported_at
    if stated and reading.exported_at_source and (not last or stated.date() >= last):
        return stated, reading.exported_at_source, []
    named = [stamp for stamp in _dates_in(path.stem) if not last or stamp.date() >= last]
    if named:
        return max(named), "the file's name", []
    if last is None:
        raise HandbookError(
            f"{path.name}: nothing says when it was exported. Give --exported-on YYYY-MM-DD."
        )
    warning = (
        f"no export date found: taken to be {last}, its last day (--exported-on says it better)"
    )
    return _midnight(last), "assumed: its last day", [warning]


def _dates_in(stem: str) -> list[datetime]:
    stamps = [
        datetime.fromtimestamp(int(found[1]), UTC).replace(tzinfo=None)
        for found in _EPOCH.finditer(stem)
    ]
    for found in _DAY.finditer(stem):
        try:
            stamps.append(datetime(int(found[1]), int(found[3]), int(found[4])))
        except ValueError:
            continue
    return stamps


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
