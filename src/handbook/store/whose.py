"""Whose file is it, and when was it exported?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from handbook.errors import HandbookError
from handbook.listings import PATTERNS, Listing
from handbook.schema import (
    CHANNEL_DAY,
    CHANNEL_ID,
    CHANNEL_ID_FORM,
    COUNT_SERIES,
    METRIC_EXTRA,
    PLATFORMS,
    POST,
    POST_SNAPSHOT,
    UNNAMED,
    Reading,
)

_NATIVE_NAMES = {
    "linkedin": r"(?P<name>.+)_(?:content|followers|visitors|updates)_1\d{12}",
    "x": r"(?:daily_)?tweet_activity_metrics_(?P<name>\w+?)_\d{8}_\d{8}_[a-z]{2}.*",
    "tiktok": r"(?:overview|followers|viewers|content)(?:_20\d\d-\d\d-\d\d)?(?:_1\d{9,12})?"
    r"_(?P<name>[a-z0-9][a-z0-9._]*?)(?:-\d| ?\(\d+\))?(?:\.zip)?",
    "youtube": r"\D+ 20\d\d-\d\d-\d\d_20\d\d-\d\d-\d\d (?P<name>.+?)(?: ?\(\d+\))?(?:\.zip)?",
}
"""How platforms that write a channel's name into a file's name do it."""

_EPOCH = re.compile(r"(?<!\d)(1\d{9})(?:\d{3})?(?!\d)")
_MONTH_DAY = re.compile(r"(?<![A-Za-z])[A-Z][a-z]{2}-\d\d?-20\d\d(?!\d)")
_DAY = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)")


class Registered(Protocol):
    """A row of the register, as far as it is needed here."""

    channel_id: str
    platform: str
    name: str
    url: str | None


@dataclass(frozen=True)
class Known:
    """A channel that the store holds already, or the register names.

    Attributes
    ----------
    handle, external_id, url : str or None
        As a file said them, or the register.
    registered : bool
        It stands in the register.
    """

    channel_id: str
    handle: str | None = None
    external_id: str | None = None
    url: str | None = None
    registered: bool = False
    name: str | None = None


class Incoming(Protocol):
    """A file that comes in: `handbook.importers.archives.Found`, or the like."""

    path: Path
    name: str
    stem: str
    origin: tuple[str, ...]
    listings: tuple[Listing, ...]
    dated: datetime | None


@dataclass(frozen=True)
class Alone:
    """A file named by its path."""

    path: Path
    dated: datetime | None = None

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def stem(self) -> str:
        return self.path.stem

    @property
    def origin(self) -> tuple[str, ...]:
        return (self.path.absolute().parent.name,)

    @property
    def listings(self) -> tuple[Listing, ...]:
        beside = self.path.parent / PATTERNS
        if not beside.is_file():
            return ()
        return (Listing(str(beside), beside.read_bytes, (self.path.name,)),)


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
    file: Incoming,
    reading: Reading,
    *,
    channels: Sequence[str],
    known: Mapping[str, Known],
) -> Owner:
    """Find the channel of a file, in the order that the documentation gives.

    The content, where it names a channel that is known; `--channel`; `channels.csv` beside the
    file; what the content calls it; a known channel's name in the file's name; the register's
    only channel of the platform (assumed); else `<platform>:unnamed` (assumed).

    Parameters
    ----------
    channels : sequence of str
        What `--channel` says: one channel, or one for each platform.
    known : mapping of str to Known
        Channels of the register and of the store, by id.

    Raises
    ------
    HandbookError
        What was said contradicts the file, or `channels.csv` is wrong.
    """
    if reading.platform is None:
        _refuse_contradiction(file, reading, channels)
        return Owner(None, "its rows", False)
    here = {i: row for i, row in known.items() if i.split(":")[0] == reading.platform}
    told = find_known(reading, here.values())
    said = _said(file, reading, channels)
    if told and said and told.channel_id != said.channel_id:
        raise HandbookError(
            f"{file.name}: what stands in it is of {told.channel_id} ({_call(reading)}), but "
            f"{said.source} says {said.channel_id}. Correct that, or leave it out for this file."
        )
    if told:
        return Owner(told.channel_id, f"the content: {_call(reading)}", False)
    if said:
        _refuse_other(file, reading, here.get(said.channel_id or ""), said.source)
        return said
    if made := name_of(reading):
        _refuse_other(file, reading, here.get(made), "its name")
        return Owner(made, f"the content: {_call(reading)}", False)
    ids = {i: row.url for i, row in here.items() if not i.endswith(f":{UNNAMED}")}
    for name in (file.stem, *reversed(file.origin)):
        if named := _named(name, ids):
            where = "the file's name" if name == file.stem else f"the name {name!r} around it"
            return Owner(named, where, False)
    for name in (file.stem, *reversed(file.origin)):
        native = re.fullmatch(_NATIVE_NAMES.get(reading.platform, "(?!)"), name, re.I)
        made = native and _id_of(reading.platform, native["name"])
        if made:
            where = "the file's name" if name == file.stem else f"the name {name!r} around it"
            return Owner(made, f"assumed: {where}", True)
    of_platform = [row.channel_id for row in here.values() if row.registered]
    if len(of_platform) == 1:
        only = of_platform[0]
        return Owner(only, "assumed: the register's only channel of the platform", True)
    return Owner(f"{reading.platform}:{UNNAMED}", "assumed: nothing says whose it is", True)


def find_known(reading: Reading, known: Iterable[Known]) -> Known | None:
    """Return the one channel that the content names: by id, else address, else handle."""
    rows = list(known)
    for matches in (
        lambda row: reading.external_id and reading.external_id in (row.external_id, _tail(row)),
        lambda row: reading.url and row.url and _bare(reading.url) == _bare(row.url),
        lambda row: reading.handle and _plain(reading.handle) in _names(row),
    ):
        found = [row for row in rows if matches(row)]
        if reading.external_id:
            found = [r for r in found if r.external_id in (None, reading.external_id)]
        if len(found) == 1:
            return found[0]
    return None


def name_of(reading: Reading) -> str | None:
    """Return the id that a channel gets after what its content calls it, or None."""
    for told in (reading.handle, reading.external_id):
        if made := _id_of(reading.platform, told or ""):
            return made
    return None


def _id_of(platform: str | None, told: str) -> str | None:
    """Return a channel's id after a name, in small letters of ASCII; None if nothing is left."""
    folded = unicodedata.normalize("NFKD", told.strip().lstrip("@").lower())
    ascii_only = folded.encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9._-]+", "-", ascii_only).strip("-._")
    made = f"{platform}:{name}"
    return made if name and CHANNEL_ID.fullmatch(made) else None


def _call(reading: Reading) -> str:
    return str(reading.handle or reading.url or reading.external_id)


def _tail(row: Known) -> str:
    return re.split(r"[/=]", (row.url or "").rstrip("/"))[-1]


def _bare(url: str) -> str:
    return re.sub(r"^https?://(www\.|m\.)?", "", url.strip().casefold()).rstrip("/")


def _names(row: Known) -> set[str]:
    """Return what the channel may be called: its handle; if none is known, its id and address."""
    if row.handle:
        return {_plain(row.handle)}
    names = {_plain(row.channel_id.split(":")[1]), _plain(_tail(row)), _plain(row.name or "")}
    host = re.match(r"https?://([^/]+)/@", row.url or "")
    return {*names, *({_plain(f"{_tail(row)}@{host[1]}")} if host else set())} - {""}


def _said(file: Incoming, reading: Reading, channels: Sequence[str]) -> Owner | None:
    """Return what `--channel` or a `channels.csv` says of the file."""
    of_platform = [one for one in channels if one.split(":")[0] == reading.platform]
    if len(of_platform) > 1:
        raise HandbookError(
            f"--channel names {', '.join(of_platform)}: one channel of a platform at a time. "
            f"Several at once: write a {PATTERNS} beside the files."
        )
    if of_platform:
        return Owner(of_platform[0], "--channel", False)
    if len(channels) == 1:
        _of_platform(channels[0], reading, file, "--channel")
    for listing in file.listings:
        if listed := _listed(file, listing, reading):
            return Owner(_of_platform(listed, reading, file, PATTERNS), PATTERNS, False)
    return None


def _refuse_other(file: Incoming, reading: Reading, row: Known | None, source: str) -> None:
    """Refuse to put a file under a channel that other files have said another name of."""
    pairs = [(reading.external_id, row.external_id), (reading.handle, row.handle)] if row else []
    for told, before in pairs:
        if told and before:
            if _plain(told) == _plain(before):
                return
            raise HandbookError(
                f"{file.name}: what stands in it is of {_call(reading)}, but {source} says "
                f"{row.channel_id if row else ''}, which is {before}. Name another channel."
            )


def _refuse_contradiction(file: Incoming, reading: Reading, channels: Sequence[str]) -> None:
    ids = {row.get("channel_id") for rows in reading.rows.values() for row in rows} - {None}
    if channels and ids != set(channels):
        raise HandbookError(
            f"{file.name}: its rows say {', '.join(sorted(ids))}, but --channel says "
            f"{', '.join(channels)}. Leave --channel out for this file, or correct its channel_id "
            "column."
        )


def _of_platform(channel: str, reading: Reading, file: Incoming, source: str) -> str:
    check_channel_id(channel)
    if channel.split(":")[0] != reading.platform:
        raise HandbookError(
            f"{file.name} is a {PLATFORMS.get(reading.platform, 'website')} export, but {source} "
            f"says {channel}. Name a {reading.platform} channel."
        )
    return channel


def _listed(file: Incoming, listing: Listing, reading: Reading) -> str | None:
    """Return the channel that a `channels.csv` gives, or None.

    Where it gives channels of several platforms, that of the file's platform is meant.
    """
    found = listing.channels()
    if len(found) > 1:
        found = [one for one in found if one.split(":")[0] == reading.platform] or found
    if len(found) > 1:
        raise HandbookError(
            f"{file.name}: {listing.place} names several channels for it ({', '.join(found)}). "
            "Make the patterns narrower."
        )
    return found[0] if found else None


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
    """Return the days that the rows tell of: reported, published on, observed or counted on."""
    found = [row["date"] for row in reading.rows.get(CHANNEL_DAY.name, [])]
    found += [row.get("observed_on") for row in reading.rows.get(POST_SNAPSHOT.name, [])]
    found += [row.get("published_date") for row in reading.rows.get(POST.name, [])]
    found += [row["at_utc"].date() for row in reading.rows.get(COUNT_SERIES.name, [])]
    found += [day for block in reading.blocks for day in block.days or ()]
    found += reading.staged.days if reading.staged else ()
    if not found:
        found = [row.get("date") for row in reading.rows.get(METRIC_EXTRA.name, [])]
    return [day for day in found if day]


def find_export_date(
    file: Incoming, reading: Reading, exported_on: date | None
) -> tuple[datetime, str, list[str]]:
    """Find when a file was exported; never by the times of the file system.

    `--exported-on`; else a date in the file; else in its name, or in a name around it; else that
    of its entry in an archive; else the last day in it; a file without any day, such as one of
    demographics alone, is of the day of the import.
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
                f"{file.name}: --exported-on {exported_on} lies before {last}, a day that the "
                "file tells of. Give the day that it was downloaded on."
            )
        return _midnight(exported_on), "--exported-on", []
    stated = reading.exported_at
    if stated and reading.exported_at_source and (not last or stated.date() >= last):
        return stated, reading.exported_at_source, []
    for name in (file.stem, *reversed(file.origin)):
        named = [stamp for stamp in _dates_in(name) if not last or stamp.date() >= last]
        if named:
            where = "the file's name" if name == file.stem else f"the name {name!r} around it"
            return max(named), where, []
    if file.dated and (not last or file.dated.date() >= last):
        return file.dated, "the date in the archive", []
    if last is None:
        today = datetime.now(UTC).date()
        warning = (
            f"nothing in it says of which day it is: taken to be {today}, the day of the import "
            "(--exported-on says it better)"
        )
        return _midnight(today), "assumed: the day of the import", [warning]
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
    for found in _MONTH_DAY.finditer(stem):
        with suppress(ValueError):
            stamps.append(datetime.strptime(found[0], "%b-%d-%Y"))
    return stamps


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
