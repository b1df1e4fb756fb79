"""Meta Business Suite exports: content of Facebook and Instagram, days of a Page, audience.

Content files name their Page or account in every row. Files of days and of the audience hold one
or several blocks, each under a line with the name of its metric; often nothing in them says
whether it is Facebook's or Instagram's, and then the user must.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

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
    normalise,
)
from handbook.schema import (
    CHANNEL_DAY,
    METRIC_EXTRA,
    POST,
    POST_MEASURES,
    POST_SNAPSHOT,
    Reading,
)

PACIFIC = "America/Los_Angeles"
"""Meta's own clock: its times and days are in it, wherever the Page is."""

TIMES = (
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%z",
)
DAYS = (
    "%m/%d/%Y",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%z",
)
_STAMPS = (*DAYS[1:], "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")
"""Days of files by day, year first; with dots where a spreadsheet program has written them anew."""

_NOT_KEPT = "not kept"
_POST_HEAD = {
    "Post ID": "post_id",
    "Title": "title",
    "Description": "description",
    "Duration (sec)": "duration_s",
    "Publish time": "published_at",
    "Permalink": "permalink",
    "Post type": "source_type",
    "Data comment": "comment_of_export",
    "Date": "period",
}
_POST_NUMBERS = {
    "Impressions": "impressions",
    "Views": "views",
    "Reach": "reach",
    "IMPRESSION:UNIQUE_USERS": "unique_impressions",
    "Comments": "comments",
    "Shares": "shares",
    "Saves": "saves",
    "Follows": "follows",
    "Profile visits": "profile_visits",
    "Link clicks": "link_clicks",
    "Seconds viewed": "watch_time_s",
    "Average seconds viewed": "avg_view_s",
}

FACEBOOK_CONTENT = Layout(
    "Facebook content (Meta Business Suite)",
    {
        **_POST_HEAD,
        "Page ID": "owner_id",
        "Page name": _NOT_KEPT,
        "Caption type": _NOT_KEPT,
        "Languages": _NOT_KEPT,
        "Custom labels": _NOT_KEPT,
        "Funded content status": _NOT_KEPT,
        **_POST_NUMBERS,
        "Reactions": "reactions",
        "Total clicks": "clicks",
        "Reactions, comments and shares": "engagements_reported",
    },
    frozenset({"post_id", "owner_id", "published_at"}),
    ignored=frozenset({_NOT_KEPT}),
)

INSTAGRAM_CONTENT = Layout(
    "Instagram content (Meta Business Suite)",
    {
        **_POST_HEAD,
        "Account ID": "owner_id",
        "Account username": "handle",
        "Account name": _NOT_KEPT,
        **_POST_NUMBERS,
        "Likes": "reactions",
    },
    frozenset({"post_id", "owner_id", "published_at"}),
    ignored=frozenset({_NOT_KEPT}),
)

FACEBOOK_PAGE = Layout(
    "Facebook Page report (Meta Business Suite)",
    {
        "Page ID": "owner_id",
        "Page name": _NOT_KEPT,
        "Data comment": "comment_of_export",
        "Date": "date",
    },
    frozenset({"owner_id", _NOT_KEPT, "date"}),
    ignored=frozenset({_NOT_KEPT}),
)

INSTAGRAM_ACCOUNT = Layout(
    "Instagram account report (Meta Business Suite)",
    {
        "Account ID": "owner_id",
        "Account username": "handle",
        "Account name": _NOT_KEPT,
        "Data comment": "comment_of_export",
        "Date": "date",
    },
    frozenset({"owner_id", "handle", "date"}),
    ignored=frozenset({_NOT_KEPT}),
)

BY_DAY = Layout(
    "Meta page level, by day",
    {"Date": "date", "Primary": "value"},
    frozenset({"date", "value"}),
)

LAYOUTS = (FACEBOOK_CONTENT, INSTAGRAM_CONTENT, FACEBOOK_PAGE, INSTAGRAM_ACCOUNT, BY_DAY)
_PLATFORM = {
    FACEBOOK_CONTENT.title: "facebook",
    FACEBOOK_PAGE.title: "facebook",
    INSTAGRAM_CONTENT.title: "instagram",
    INSTAGRAM_ACCOUNT.title: "instagram",
}

_DRIFT = "Numbers are those of the day of the export and go on changing."
FORMATS = (
    Format(
        "facebook-content",
        FACEBOOK_CONTENT.title,
        "facebook",
        "the headers Post ID, Page ID and Publish time",
        ("en",),
        f"When each reaction came; what was paid for a post. {_DRIFT}",
    ),
    Format(
        "instagram-content",
        INSTAGRAM_CONTENT.title,
        "instagram",
        "the headers Post ID, Account ID and Publish time",
        ("en",),
        f"Clicks; when each like came; stories, unless they were chosen. {_DRIFT}",
    ),
    Format(
        "meta-days",
        BY_DAY.title,
        None,
        "a line with a metric's name, then Date and Primary; several such blocks may follow",
        ("en",),
        "Whose it is, and often whether it is Facebook's or Instagram's (--platform says it). "
        "Days without any are sometimes left out.",
    ),
    Format(
        "meta-audience",
        "Meta audience",
        None,
        "blocks such as Age & gender, Top countries, Top cities",
        ("en",),
        "Whose it is, of which platform and of which day; how many people a share stands for.",
    ),
    Format(
        "facebook-page",
        FACEBOOK_PAGE.title,
        "facebook",
        "the headers Page ID, Page name and Date, and no Post ID",
        ("en",),
        "What single posts gathered.",
    ),
    Format(
        "instagram-account",
        INSTAGRAM_ACCOUNT.title,
        "instagram",
        "the headers Account ID, Account username and Date, and no Post ID",
        ("en",),
        "What single posts gathered.",
    ),
)
_FORMAT_IDS = {one.title: one.id for one in FORMATS}

_POST_TYPES = {
    "photo": "image",
    "image": "image",
    "carousel": "carousel",
    "album": "carousel",
    "video": "video",
    "reel": "short_video",
    "link": "link",
    "text": "text",
    "status": "text",
    "story": "story",
    "live": "live",
    "live video": "live",
    "sharedvideo": "repost",
    "shared video": "repost",
}
_NUMBERS = {"duration_s", "watch_time_s", "avg_view_s"}
_SNAPSHOT = [measure.name for measure in POST_MEASURES]

_DAY_NAMES = {
    "reach": "reach",
    "views": "views",
    "impressions": "impressions",
    "content interactions": "engagements",
    "interactions": "engagements",
    "reactions": "reactions",
    "likes": "reactions",
    "comments": "comments",
    "shares": "shares",
    "saves": "saves",
    "clicks": "clicks",
    "total clicks": "clicks",
    "link clicks": "link_clicks",
    "follows": "followers_gained",
    "new follows": "followers_gained",
    "new followers": "followers_gained",
    "unfollows": "followers_lost",
    "net follows": "followers_net",
    "net followers": "followers_net",
    "total followers": "followers_total",
    "lifetime followers": "followers_total",
    "visits": "profile_visits",
    "profile visits": "profile_visits",
    "page visits": "profile_visits",
}
"""Names of a day's metrics in small letters, without the platform."""

_FACEBOOK_URL = re.compile(
    r"https?://[\w.]*facebook\.\w+/(?!pages/|groups/|events/|watch|reel/|reels/|photo|story\.php)"
    r"([A-Za-z][\w.-]*)/(?:posts|videos|photos|reels?|events)/",
    re.IGNORECASE,
)
_SHORTCODE = re.compile(
    r"(https?://[\w.]*instagram\.\w+)/(?:[\w.]+/)?(?:p|reel|reels|tv)/([\w-]{11})", re.IGNORECASE
)
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_INSTAGRAM_EPOCH_MS = 1_314_220_021_721
_POST_ID = re.compile(r"[0-9]+(?:_[0-9]+)*")
_SURE_DIGITS = 15
"""Digits of an id that a spreadsheet program keeps; it makes the rest zeros."""
_FAR = timedelta(hours=1)


def read_meta(file: SourceFile) -> list[Reading] | None:
    """Read an export of Meta Business Suite; None when no table looks like one.

    Returns
    -------
    list of Reading
        One for each Page or account that the file tells of.

    Raises
    ------
    HandbookError
        A cell is wrong, nothing stands in it, or nothing says which platform it is of.
    """
    grids = [
        grid
        for sheet, rows in file.tables.items()
        if (grid := find_grid(file, sheet, rows, LAYOUTS[:4]))
    ]
    if grids:
        _refuse_posts_without_times(file, grids)
        readings = _read_owned(file, grids)
    elif blocks := _find_blocks(file):
        readings = _read_blocks(file, blocks)
    else:
        return None
    if not any(reading.rows_kept for reading in readings):
        reasons = [reason for reading in readings for reason in reading.rejected]
        raise file.error(
            f"{readings[0].title} without any row{' that can be kept' if reasons else ''}. "
            + (f"{reasons[0]}. " if reasons else "")
            + "Choose a period with data in it, and download it again."
        )
    return readings


def _refuse_posts_without_times(file: SourceFile, grids: list[Grid]) -> None:
    for grid in grids:
        content = INSTAGRAM_CONTENT if grid.layout is INSTAGRAM_ACCOUNT else FACEBOOK_CONTENT
        missing = content.missing(grid.headers)
        if grid.layout in (FACEBOOK_PAGE, INSTAGRAM_ACCOUNT) and "Post ID" not in missing:
            raise file.error(
                f"it looks like {content.title}, but lacks the header {missing[0]!r}. Download it "
                "again in English, and change nothing in it."
            )


def _read_owned(file: SourceFile, grids: list[Grid]) -> list[Reading]:
    """Read tables whose rows name their Page or account; one reading for each of these."""
    readings: dict[tuple[Any, ...], Reading] = {}
    for grid in grids:
        for (external_id, handle), part in _split(grid).items():
            reading = readings.setdefault(
                (grid.layout.title, external_id, handle),
                Reading(
                    format=_FORMAT_IDS[grid.layout.title],
                    title=grid.layout.title,
                    sha256=file.sha256,
                    platform=_PLATFORM[grid.layout.title],
                    external_id=external_id,
                    report_tz=PACIFIC,
                    language="en",
                ),
            )
            reading.rows_read += len(part.rows)
            if grid.layout in (FACEBOOK_CONTENT, INSTAGRAM_CONTENT):
                _read_posts(part, reading)
            else:
                _read_report(part, reading)
    return list(readings.values())


def _english(grid: Grid) -> Grid:
    """Read 12,400 as twelve thousand, but not where commas are decimal ones."""
    return replace(grid, numbers="english") if grid.numbers == "plain" else grid


def _split(grid: Grid) -> dict[tuple[str | None, str | None], Grid]:
    """Return the grid's rows by the id of their owner, best columns first.

    Where a spreadsheet program has rounded the id, the name in the post's address stands for it.
    Rows that name no owner (the platform's own error rows) go with the first one.
    """
    grid = _order_columns(_english(grid))
    owners: dict[tuple[str | None, str | None], list[tuple[int, list[Any]]]] = {}
    strays = []
    whose = grid.cells(only=("owner_id", "permalink", "handle"))
    for (_, cells, _), row in zip(whose, grid.rows, strict=True):
        owner = _owner_key(cells) if len(row[1]) <= len(grid.headers) else None
        if owner is None:
            strays.append(row)
        else:
            owners.setdefault(owner, []).append(row)
    owners.setdefault(next(iter(owners), (None, None)), []).extend(strays)
    return {
        owner: replace(grid, rows=sorted(rows, key=lambda row: row[0]))
        for owner, rows in owners.items()
    }


def _owner_key(cells: dict[str, Cell]) -> tuple[str | None, str | None] | None:
    try:
        external_id = cells["owner_id"].identifier()
    except HandbookError:
        return next(((None, name) for name, _ in _owner(cells)), None)
    return (external_id, None) if external_id and external_id.isdigit() else None


def _order_columns(grid: Grid) -> Grid:
    """Put, of columns with one header, those with numbers before those of zeros only.

    Of columns that say the same, and of columns of zeros beside better ones, one is left.
    """
    names = {normalise(header) for header in grid.headers}
    alike: dict[str, list[int]] = {}
    for index, header in enumerate(grid.headers):
        stem = normalise(re.sub(r" \(\d+\)$", "", header))
        alike.setdefault((stem if stem in names else normalise(header)) or str(index), []).append(
            index
        )
    headers, keep = [], []
    for group in alike.values():
        for place, index in enumerate(_different(grid, group) if len(group) > 1 else group):
            headers.append(grid.headers[group[0]] + (f" ({place + 1})" if place else ""))
            keep.append(index)
    rows = [
        (number, [row[index] if index < len(row) else "" for index in keep] + _beyond(row, grid))
        for number, row in grid.rows
    ]
    return replace(grid, headers=headers, rows=rows)


def _different(grid: Grid, group: list[int]) -> list[int]:
    """Return those of the columns that say something of their own, columns of zeros last."""
    said = {
        index: tuple(str(row[index]).strip() if index < len(row) else "" for _, row in grid.rows)
        for index in group
    }
    empty = {index for index in group if not set(said[index]) - {"", "0", "0.0"}}
    first = sorted(group, key=lambda index: index in empty)
    own = {said[index]: index for index in reversed(first)}
    return [first[0], *(i for i in first[1:] if own[said[i]] == i and i not in empty)]


def _beyond(row: list[Any], grid: Grid) -> list[Any]:
    """Return the cells of a row that stand right of the last header, if anything is in them."""
    rest = row[len(grid.headers) :]
    return rest if any(str(cell).strip() for cell in rest) else []


def _read_posts(grid: Grid, reading: Reading) -> None:
    """Read posts; a post may have a row for its lifetime, or one for each day."""
    refuse_mixed_dates(grid, "published_at")
    extras = Extras(reading, grid)
    posts = {row["post_id"]: row for row in reading.rows.get(POST.name, [])}
    seen = {
        (row["post_id"], row["period"]): row for row in reading.rows.get(POST_SNAPSHOT.name, [])
    }
    owners: Counter[tuple[str, str | None]] = Counter()
    mended = 0
    for (number, cells, unknown), (_, values) in zip(grid.cells(), grid.rows, strict=True):
        reason = _why_not(cells, values, grid)
        if reason:
            reading.rejected.append(f"row {number}: {reason}")
            continue
        post_id = str(_post_id(cells))
        mended += post_id != str(cells["post_id"].value).strip().lstrip("'").removesuffix(".0")
        period = _period(cells.get("period"))
        measures = _measures(cells, unknown)
        key = post_id, period
        if key in seen:
            if seen[key].items() >= measures.items():
                reading.dropped += 1
            else:
                reading.rejected.append(
                    f"row {number}: post {post_id} stood before with other numbers"
                )
            continue
        seen[key] = {"post_id": post_id, "period": period, **measures}
        reading.add(POST_SNAPSHOT, seen[key])
        if post_id not in posts:
            posts[post_id] = _post(post_id, cells, unknown)
            reading.add(POST, posts[post_id])
        owners.update(_owner(cells))
        for cell in unknown:
            category = "" if period == "lifetime" else period
            extras.add(cell, unit=unit_of(cell.column), post_id=post_id, category=category)
    extras.finish()
    if mended:
        reading.warnings.append(
            f"{mended} post ids had been rounded by a spreadsheet program; they were taken from "
            "the posts' addresses"
        )
    _refuse_rounded_ids(grid, list(posts))
    if owners and reading.handle is None:
        ((reading.handle, reading.url), _) = owners.most_common(1)[0]
    _drop_columns_of_zeros(reading)
    _compare_with_ids(reading)


def _why_not(cells: dict[str, Cell], values: list[Any], grid: Grid) -> str | None:
    """Return why a row cannot be kept, or None."""
    comment = cells["comment_of_export"].text if "comment_of_export" in cells else None
    if cells["published_at"].text is None:
        said = f": the platform says {mask(comment)[:120]!r}" if comment else ""
        return f"no publish time{said}"
    if len(values) > len(grid.headers):
        return "more cells than the header has, so that its columns cannot be told apart"
    post_id = _post_id(cells)
    if post_id is None or not _POST_ID.fullmatch(post_id):
        return "no post id, so nothing to keep its numbers under"
    return None


def _post_id(cells: dict[str, Cell]) -> str | None:
    """Return the post's id; a rounded one is taken from its address, if it is the same number."""
    cell = cells["post_id"]
    try:
        return cell.identifier()
    except HandbookError:
        permalink = (cells["permalink"].text or "") if "permalink" in cells else ""
        whole = re.search(r"/(?:posts|videos|photos)/(?:[\w.-]+/)?(\d+)/?$", permalink)
        rounded = re.fullmatch(
            r"\d(?:\.(\d+))?e\+?\d+", str(cell.value).strip().replace(",", ".").lower()
        )
        if whole and rounded:
            digits = len(rounded[1] or "")
            if f"{int(whole[1]):.{digits}e}" == f"{float(rounded[0]):.{digits}e}":
                return whole[1]
        raise


def _period(cell: Cell | None) -> str:
    """Return "lifetime", or the day that the row's numbers are of."""
    text = cell.text if cell else None
    if cell is None or text is None or not re.search(r"\d", text):
        return "lifetime"
    return str(cell.day(*DAYS))


def _measures(cells: dict[str, Cell], unknown: list[Cell]) -> dict[str, Any]:
    """Return the numbers of the row; unique impressions are the reach where no other is given."""
    unique = cells.pop("unique_impressions", None)
    if unique and "reach" in cells:
        unknown.append(unique)
    elif unique:
        cells["reach"] = unique
    return {
        name: cells[name].number() if name in _NUMBERS else cells[name].count()
        for name in _SNAPSHOT
        if name in cells
    }


@lru_cache(maxsize=1_000)
def unit_of(header: str) -> str:
    """Return the unit of an extra metric by its header."""
    words = set(re.findall(r"[a-z]+", header.casefold()))
    if words & {"seconds", "earnings", "cpm", "rpm", "minutes", "time", "length", "average"}:
        return "number"
    return "fraction" if words & {"rate", "percentage"} else "count"


def _post(post_id: str, cells: dict[str, Cell], unknown: list[Cell]) -> dict[str, Any]:
    published = cells["published_at"].moment(*TIMES, tz=PACIFIC)
    texts = {name: cells[name].text if name in cells else None for name in ("title", "description")}
    source_type = cells["source_type"].text if "source_type" in cells else None
    shared = any(normalise(cell.column) == "is share" and cell.text == "1" for cell in unknown)
    duration = cells["duration_s"].number() if "duration_s" in cells else None
    return {
        "post_id": post_id,
        "permalink": cells["permalink"].text if "permalink" in cells else None,
        **published_fields(published),
        "post_type": "repost" if shared else post_type(source_type),
        "source_type": source_type,
        "text": _caption(*texts.values()),
        "duration_s": duration or None,
    }


def published_fields(published: datetime | None) -> dict[str, Any]:
    """Return the fields that tell when a post was published, from its time in UTC."""
    local = published and published.replace(tzinfo=UTC).astimezone(ZoneInfo(PACIFIC))
    return {
        "published_at": published,
        "published_date": local and local.date(),
        "published_precision": "minute",
        "source_tz": PACIFIC,
    }


def post_type(source_type: str | None) -> str | None:
    """Return our word for Meta's, in any of its spellings (Photo, Photos, IG image)."""
    word = normalise(source_type or "").removeprefix("ig ").removeprefix("facebook ")
    plural = {"stories": "story", "statuses": "status"}
    return _POST_TYPES.get(word) or _POST_TYPES.get(plural.get(word, word.removesuffix("s")))


def _caption(*texts: str | None) -> str | None:
    """Join a title and a description, which swap places between exports, if they differ."""
    parts = sorted((text for text in texts if text), key=lambda text: (len(text), text))
    if len(parts) == 2 and parts[0] in parts[1]:
        del parts[0]
    return mask("\n\n".join(parts)) if parts else None


def _owner(cells: dict[str, Cell]) -> list[tuple[str, str | None]]:
    """Return the channel's name on the platform and its address, as a row tells: one or none."""
    permalink = (cells["permalink"].text or "") if "permalink" in cells else ""
    if "handle" in cells:
        name = (cells["handle"].text or "").removeprefix("@")
        found = _SHORTCODE.match(permalink)
        return [(name, f"{found[1]}/{name}" if found else None)] if name else []
    return owner_in(permalink)


def owner_in(permalink: str | None) -> list[tuple[str, str | None]]:
    """Return the Page's name and address, as the address of a Facebook post tells: one or none."""
    found = _FACEBOOK_URL.match(permalink or "")
    return [(found[1], found[0][: found.end(1)])] if found else []


def _refuse_rounded_ids(grid: Grid, ids: list[str]) -> None:
    """Refuse ids whose last digits a spreadsheet program has made zeros."""
    long = [post_id for post_id in ids if post_id.isdigit() and len(post_id) > _SURE_DIGITS]
    if len(long) >= 3 and not any(post_id[_SURE_DIGITS:].strip("0") for post_id in long):
        raise HandbookError(
            f"{grid.file}, column 'Post ID': expected whole ids, found {long[0]} and others that "
            "end in zeros. A spreadsheet program has rounded them. Download the file again, and "
            "do not open it in a spreadsheet program first."
        )


def _drop_columns_of_zeros(reading: Reading) -> None:
    """Take a column of zeros for missing where another says that the posts were seen."""
    rows = reading.rows.get(POST_SNAPSHOT.name, [])
    for name, other in (("views", "reach"), ("impressions", "reach"), ("reach", "views")):
        told = [row[name] for row in rows if row.get(name) is not None]
        if told and not any(told) and any(row.get(other) for row in rows):
            for row in rows:
                row[name] = None
            reading.warnings.append(
                f"{name}: 0 on every post, although {other} is not: a fault of the export, "
                "taken as missing"
            )


def _compare_with_ids(reading: Reading) -> None:
    """Warn where publish times contradict the times inside Instagram's own short codes."""
    apart = []
    for row in reading.rows.get(POST.name, []):
        found = _SHORTCODE.search(row["permalink"] or "")
        made = found and time_in_shortcode(found[2])
        if made and row["published_at"]:
            apart.append(row["published_at"] - made)
    far = sum(abs(one) > _FAR for one in apart)
    if far:
        middle = median(one.total_seconds() / 3600 for one in apart)
        hint = (
            f"; half of all are {middle:+.0f} hours off: the file's times may not be US Pacific"
            if far * 2 > len(apart)
            else ""
        )
        reading.warnings.append(
            f"{far} of {len(apart)} posts have a publish time more than an hour from the time "
            f"inside their own address{hint}"
        )


def time_in_shortcode(code: str) -> datetime | None:
    """Return when an Instagram post was made (UTC), from the 11 letters in its address."""
    number = 0
    for letter in code:
        number = number * 64 + _BASE64.index(letter)
    try:
        made = datetime.fromtimestamp(((number >> 23) + _INSTAGRAM_EPOCH_MS) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return made.replace(tzinfo=None)


def refuse_mixed_dates(grid: Grid, name: str) -> None:
    """Refuse a column where a spreadsheet turned some days into dates and left others as text."""
    at = next(
        (i for i, h in enumerate(grid.headers) if grid.layout.targets.get(normalise(h)) == name),
        None,
    )
    cells = [row[at] for _, row in grid.rows if at is not None and at < len(row)]
    kinds = {isinstance(cell, date) for cell in cells if str(cell).strip()}
    if len(kinds) > 1:
        raise HandbookError(
            f"{grid.file}: in some rows the time is a date, in others text. A spreadsheet program "
            "has mixed up day and month. Download the file again, and do not open it before "
            "importing."
        )


def _read_report(grid: Grid, reading: Reading) -> None:
    """Read a report with a row for each day of a Page or account."""
    seen: dict[date | None, dict[str, Any]] = {}
    extras = Extras(reading, grid)
    for number, cells, unknown in grid.cells():
        reading.handle = reading.handle or next((name for name, _ in _owner(cells)), None)
        text = cells["date"].text
        if text is None:
            comment = cells["comment_of_export"].text if "comment_of_export" in cells else None
            said = f": the platform says {mask(comment)[:120]!r}" if comment else ""
            reading.rejected.append(f"row {number}: no date{said}")
            continue
        day = cells["date"].day(*DAYS) if re.search(r"\d", text) else None
        named: dict[str, Cell] = {}
        rest = []
        for cell in unknown:
            name = _day_name(cell.column) if day else None
            if name and name not in named:
                named[name] = cell
            else:
                rest.append(cell)
        told = {cell.column: cell.text for cell in unknown}
        if seen.setdefault(day, told) is not told:
            if seen[day] == told:
                reading.dropped += 1
            else:
                reading.rejected.append(f"row {number}: {text} stood before with other numbers")
            continue
        values = {name: cell.count() for name, cell in named.items()}
        if any(value is not None for value in values.values()):
            reading.add(CHANNEL_DAY, {"date": day, "day_tz": PACIFIC, **values})
        for cell in rest:
            extras.add(cell, unit=unit_of(cell.column), **({"date": day} if day else {}))
    extras.finish()


def _day_name(title: str) -> str | None:
    return _DAY_NAMES.get(_without_platform(title))


def _without_platform(title: str) -> str:
    return re.sub(r"^(?:facebook|instagram)\s+", "", normalise(title))


@dataclass
class _Block:
    """Rows under a line with a name; `number` is that of a row as a spreadsheet counts."""

    title: str
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    sheet: str | None = None

    @property
    def by_day(self) -> bool:
        return bool(self.rows) and "date" in map(normalise, self.rows[0][1])

    @property
    def ends_before_a_line(self) -> bool:
        """Whether a line with one cell only cannot be one of this block's own."""
        return self.by_day or any(sum(map(bool, row)) > 1 for _, row in self.rows)


_HEAD_ROWS = 40
_AUDIENCE = re.compile(
    r"(?:top |followers? by |audience by )?(?:age(?: (?:&|and) gender)?|gender|countries|"
    r"(?:towns/|towns and )?cities|territories|regions|languages)"
)


def _find_blocks(file: SourceFile) -> list[_Block]:
    """Return the blocks of days or of the audience, if the file begins with one."""
    head = [
        block
        for sheet, rows in file.tables.items()
        for block in _blocks(sheet, rows[:_HEAD_ROWS])
        if block.rows
    ]
    if not any(
        (block.by_day and "primary" in map(normalise, block.rows[0][1]))
        or _AUDIENCE.fullmatch(_without_platform(block.title))
        for block in head
    ):
        return []
    blocks = [block for sheet, rows in file.tables.items() for block in _blocks(sheet, rows)]
    return [block for block in blocks if block.rows]


def _blocks(sheet: str | None, rows: Sequence[Sequence[Any]]) -> list[_Block]:
    blocks: list[_Block] = []
    current: _Block | None = None
    for number, cells in enumerate(rows, start=1):
        row = [str(cell).strip() for cell in cells]
        filled = sum(map(bool, row))
        if filled == 0:
            current = current if current and not current.rows else None
            continue
        if filled == 1 and re.fullmatch(r"sep=.?", row[0], re.IGNORECASE):
            continue
        alone = filled == 1 and bool(row[0]) and not row[0][0].isdigit()
        if current is None or (alone and current.ends_before_a_line):
            current = _Block(row[0] if alone else "", sheet=sheet)
            blocks.append(current)
            if alone:
                continue
        current.rows.append((number, row))
    return blocks


def _read_blocks(file: SourceFile, blocks: list[_Block]) -> list[Reading]:
    readings: dict[str, Reading] = {}
    for block in blocks:
        platform = _platform(file, block)
        title = BY_DAY.title if block.by_day else "Meta audience"
        reading = readings.setdefault(
            platform,
            Reading(
                format=_FORMAT_IDS[title],
                title=title,
                sha256=file.sha256,
                platform=platform,
                report_tz=PACIFIC,
                language="en",
            ),
        )
        if block.by_day:
            reading.format, reading.title = _FORMAT_IDS[BY_DAY.title], BY_DAY.title
            _read_days(file, block, reading)
        else:
            _read_audience(file, block, reading)
    _scale_shares(readings)
    return list(readings.values())


def _platform(file: SourceFile, block: _Block) -> str:
    """Return the platform that the block's name says, else the one that the user says."""
    words = normalise(block.title).split()
    said = [name for name in ("facebook", "instagram") if name in words]
    asked = file.options.platform
    if len(said) == 1:
        return said[0]
    if asked in ("facebook", "instagram"):
        return asked
    if asked:
        raise file.error(
            f"a file of Meta Business Suite ({block.title or 'days'}), but the platform is said "
            f"to be {asked}. Say facebook or instagram."
        )
    raise file.error(
        f"it says {block.title or 'nothing'!r}, but not whether that is Facebook's or Instagram's. "
        "Say it with --platform facebook or --platform instagram, or name the channel."
    )


def _cell(file: SourceFile, block: _Block, number: int, column: str, value: str) -> Cell:
    numbers = "decimal comma" if file.decimal_comma else "english"
    return Cell(file.name, block.sheet, number, column, value, numbers)


def _read_days(file: SourceFile, block: _Block, reading: Reading) -> None:
    (_, header), *rows = block.rows
    at = list(map(normalise, header)).index("date")
    metrics = _metrics(file, block, header)
    days = {row["date"]: row for row in reading.rows.get(CHANNEL_DAY.name, [])}
    extras = {
        (row["date"], row["name"]): row
        for row in reading.rows.get(METRIC_EXTRA.name, [])
        if "date" in row
    }
    seen: dict[date, dict[str, Any]] = {}
    for number, row in rows:
        reading.rows_read += 1
        row += [""] * (len(header) - len(row))
        day = _cell(file, block, number, header[at], row[at]).day(*_STAMPS)
        if day is None:
            reading.rejected.append(f"row {number}: no date")
            continue
        cells = {label: _cell(file, block, number, label, row[i]) for i, label in metrics.items()}
        values = {
            label: cell.count() if _day_name(label) else cell.number()
            for label, cell in cells.items()
        }
        if day in seen:
            _compare(file, day, number, seen[day], values)
            reading.dropped += 1
            continue
        seen[day] = values
        for label, value in values.items():
            name = _day_name(label)
            if name and day not in days:
                days[day] = {"date": day, "day_tz": PACIFIC}
                reading.add(CHANNEL_DAY, days[day])
            if name:
                _compare(file, day, number, days[day], {name: value})
                days[day].setdefault(name, value)
            elif value is not None:
                extra = {"name": label, "category": "", "unit": unit_of(label), "date": day}
                before = extras.get((day, label))
                _compare(file, day, number, before or {}, {"value": value})
                if before is None:
                    reading.add(METRIC_EXTRA, {**extra, "value": value})
    if seen and (absent := (max(seen) - min(seen)).days + 1 - len(seen)):
        reading.warnings.append(
            f"{block.title}: {absent} {'days' if absent > 1 else 'day'} between {min(seen)} and "
            f"{max(seen)} not in it, left missing"
        )
    for name in header:
        if normalise(name) in _OTHER_PERIOD:
            reading.warnings.append(f"column {name!r} is of another period and was not kept")


_OTHER_PERIOD = ("comparison", "secondary")


def _metrics(file: SourceFile, block: _Block, header: list[str]) -> dict[int, str]:
    """Return where a block's metrics stand, and their names: the block's own, or the header's."""
    metrics = {}
    for index, name in enumerate(header):
        if normalise(name) in ("primary", "value"):
            metrics[index] = block.title
        elif normalise(name) not in ("", "date", *_OTHER_PERIOD):
            metrics[index] = name
    if "" in metrics.values():
        raise file.error(
            f"row {block.rows[0][0]}: expected a line above it with the metric's name, such as "
            "'Facebook reach', found none. Download it again, and change nothing in it."
        )
    return metrics


def _compare(
    file: SourceFile, day: date, number: int, before: dict[str, Any], now: dict[str, Any]
) -> None:
    for name, value in now.items():
        was = before.get(name)
        if was is not None and value is not None and was != value:
            raise file.error(
                f"row {number}: {day} stood before with another number. Keep the right one, or "
                "download it again; two platforms under one name need a file each."
            )


def _read_audience(file: SourceFile, block: _Block, reading: Reading) -> None:
    """Read shares of the audience: a table with a header, a row of names, or a list."""
    (_, first), *rows = block.rows
    reading.rows_read += len(rows)
    entries: list[tuple[str, Cell]] = []
    for number, row in rows:
        cells = [_cell(file, block, number, block.title, text) for text in row]
        in_list = bool(first[0]) and _is_number(cells[0])
        for header, cell in list(zip(first, cells, strict=False))[0 if in_list else 1 :]:
            if in_list or not header or len(first) == 2:
                entries.append((header if in_list else row[0], cell))
            else:
                entries.append((f"{row[0]}, {header}", cell))
    name = f"audience by {_without_platform(block.title)}"
    extras = reading.rows.get(METRIC_EXTRA.name, [])
    told = {row["category"]: row["value"] for row in extras if row["name"] == name}
    for label, cell in entries:
        value = _share(cell) if label else None
        if value is None:
            continue
        if label not in told:
            told[label] = value
            extra = {"name": name, "category": label, "value": value, "unit": "count"}
            reading.add(METRIC_EXTRA, extra)
        elif told[label] != value:
            raise cell.error(f"{told[label]}, as stood for {label!r} before")


def _is_number(cell: Cell) -> bool:
    try:
        return _share(cell) is not None
    except HandbookError:
        return False


def _share(cell: Cell) -> float | int | None:
    bare = str(cell.value).removesuffix("%").strip()
    return cell._replace(value=bare, one_decimal=True).number()


def _scale_shares(readings: dict[str, Reading]) -> None:
    """Turn percentages of the audience into fractions; numbers of people stay as they are."""
    for reading in readings.values():
        rows = [
            row
            for row in reading.rows.get(METRIC_EXTRA.name, [])
            if row["name"].startswith("audience by ")
        ]
        totals = Counter[str]()
        for row in rows:
            totals[row["name"]] += row["value"]
        parted = any(isinstance(row["value"], float) for row in rows)
        if rows and max(totals.values()) <= 101 and (parted or max(totals.values()) >= 99):
            for row in rows:
                row |= {"value": round(row["value"] / 100, 6), "unit": "fraction"}
