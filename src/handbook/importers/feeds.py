"""Posts out of JSON, as open networks give them: what the readers of such files share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handbook.errors import HandbookError
from handbook.importers.masking import mask
from handbook.importers.source import Cell, Format, SourceFile
from handbook.schema import METRIC_EXTRA, POST, POST_SNAPSHOT, Reading

MOST_OWNERS = 10
"""Accounts from which on a file is a timeline of other people, and not of channels."""

_HALF = re.compile("[\ud800-\udfff]")
_TIMES = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d")


def parse_documents(file: SourceFile, *marks: bytes) -> list[Any]:
    """Return the JSON documents in a file: one, or one for each line; none if it is no JSON.

    Raises
    ------
    HandbookError
        It begins as JSON and holds one of `marks`, but is cut short or damaged.
    """
    if file.json is not None:
        return _mend([file.json], file)
    head = file.data[:100].lstrip(b"\xef\xbb\xbf \t\r\n")
    if file.kind != "text" or not head.startswith((b"{", b"[")):
        return []
    documents = []
    try:
        for line in file.data.decode("utf-8-sig").split("\n"):
            if line.strip():
                documents.append(json.loads(line, parse_constant=lambda _: None))
    except (ValueError, RecursionError):
        if any(mark in file.data for mark in marks):
            raise file.error(
                "JSON that is cut short or damaged: its end is not that of its beginning. "
                "Download it again."
            ) from None
        return []
    return _mend(documents, file)


def _mend(documents: list[Any], file: SourceFile) -> list[Any]:
    """Replace halves of characters, which JSON may hold and nothing else can, by a mark."""
    if b"\\ud" not in file.data.lower():
        return documents
    text = json.dumps(documents, ensure_ascii=False)
    return json.loads(_HALF.sub("\ufffd", text)) if _HALF.search(text) else documents


def iter_items(documents: list[Any], *names: str, depth: int = 3) -> Iterator[Any]:
    """Yield what a list has, or each of several pages, which are lists or have one by a name."""
    for one in documents:
        inside = next((look(one, name) for name in names if look(one, name) is not None), one)
        if isinstance(inside, list) and depth:
            yield from iter_items(inside, *names, depth=depth - 1)
        else:
            yield one


@dataclass
class Item:
    """One post in a file, in our words, before it is known whether it is kept.

    Attributes
    ----------
    owner : str
        What the account is told from others by.
    post : dict
        A row of `post`.
    measures : dict of str to (str, value)
        For each measure of `post_snapshot` its name in the file and its value there.
    extras : dict of str to value
        Numbers for `metric_extra`, by their names in the file.
    """

    owner: str
    post: dict[str, Any]
    measures: dict[str, tuple[str, Any]] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)


class Feed:
    """The posts of one file, one reading for each account in it.

    Each item that is read is kept, dropped or rejected with a reason.
    """

    def __init__(self, file: SourceFile, form: Format, **known: Any) -> None:
        self.file = file
        self.form = form
        self.known = known
        self.readings: dict[str, Reading] = {}
        self.number = 0
        self.rejected: list[str] = []
        self.dropped: dict[str, int] = {}
        self._seen: dict[tuple[str, str], dict[str, Any]] = {}

    def cell(self, column: str, value: Any) -> Cell:
        """Return a value of the present item as a cell, which knows where it stands."""
        return Cell(self.file.name, None, self.number, column, "" if value is None else value)

    def time(self, column: str, value: Any) -> datetime | None:
        """Return a time of the present item in UTC, or None."""
        return self.cell(column, value if isinstance(value, str) else "").moment(*_TIMES)

    def reading(self, owner: str, **whose: str | None) -> Reading:
        """Return the reading of an account; `whose` is its handle, external_id and url."""
        if owner not in self.readings:
            self.readings[owner] = Reading(
                format=self.form.id,
                title=self.form.title,
                sha256=self.file.sha256,
                platform=self.form.platform,
                report_tz="UTC",
                encoding=self.file.encoding,
                **self.known,
                **whose,
            )
        return self.readings[owner]

    def read(self, items: Iterable[Any], parse: Callable[[Feed, Any], Item | str]) -> list[Reading]:
        """Read items by `parse(feed, item)`, which returns an Item, or why it is dropped.

        Raises
        ------
        HandbookError
            Nothing in the file can be kept.
        """
        for self.number, item in enumerate(items, start=1):
            try:
                found = parse(self, item)
                if isinstance(found, Item):
                    self._keep(found)
                else:
                    self.dropped[found] = self.dropped.get(found, 0) + 1
            except Rejected as error:
                self.rejected.append(f"item {self.number}: {error}")
            except HandbookError as error:
                self.rejected.append(str(error).removeprefix(f"{self.file.name}, "))
            if len(self.readings) > MOST_OWNERS:
                raise self.file.error(
                    f"posts of more than {MOST_OWNERS} accounts. It is a timeline of what others "
                    "wrote; only a channel's own posts are imported."
                )
        return self._finish()

    def _keep(self, item: Item) -> None:
        reading = self.readings[item.owner]
        post_id = item.post["post_id"]
        values = {
            name: self.cell(column, value).count()
            for name, (column, value) in item.measures.items()
        }
        extras = {
            name: self.cell(name, value).number()
            for name, value in item.extras.items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        }
        key = item.owner, post_id
        if key in self._seen:
            if self._seen[key] != values:
                raise Rejected(f"post {post_id} stood before with other numbers")
            self.dropped["repeated"] = self.dropped.get("repeated", 0) + 1
            return
        self._seen[key] = values
        reading.rows_read += 1
        reading.add(POST, item.post)
        if item.measures:
            reading.add(POST_SNAPSHOT, {"post_id": post_id, "period": "lifetime", **values})
        for name, value in extras.items():
            if value is not None:
                reading.add(
                    METRIC_EXTRA,
                    {
                        "post_id": post_id,
                        "name": name,
                        "category": "",
                        "value": value,
                        "unit": "count",
                    },
                )

    def _finish(self) -> list[Reading]:
        kept = [reading for reading in self.readings.values() if reading.rows_kept]
        told = ", ".join(f"{count} {reason}" for reason, count in self.dropped.items())
        if not kept:
            why = [f"{told} left out"] * bool(told) + self.rejected[:1]
            raise self.file.error(
                f"{self.form.title}, but no public post to keep in it"
                + (f" ({'; '.join(why)})." if why else ". Is it the right account's?")
            )
        first = max(kept, key=lambda reading: reading.rows_kept)
        first.rows_read += sum(self.dropped.values()) + len(self.rejected)
        first.dropped = sum(self.dropped.values())
        first.rejected = self.rejected
        if private := {name: n for name, n in self.dropped.items() if name != "repeated"}:
            first.warnings.append(
                "left out: " + ", ".join(f"{count} {name}" for name, count in private.items())
            )
        return kept


class Rejected(Exception):
    """An item that cannot be kept, and why."""


def post_row(
    post_id: str | None,
    published: datetime | None,
    *,
    text: str | None = None,
    language: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a row of `post`.

    Raises
    ------
    Rejected
        It has no id or no time.
    """
    if not post_id:
        raise Rejected("no id of the post, so nothing to keep its numbers under")
    if published is None:
        raise Rejected("no time of publishing")
    primary = re.match(r"[a-z]{2,3}(?![a-z])", (language or "").lower())
    return {
        "post_id": post_id,
        "published_at": published,
        "published_date": published.date(),
        "published_precision": "minute",
        "source_tz": "UTC",
        "text": mask(text) if text and text.strip() else None,
        "language": primary[0] if primary and primary[0] != "und" else None,
        **more,
    }


def look(value: Any, *path: str) -> Any:
    """Return what stands in nested JSON objects under `path`, or None."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def words(value: Any) -> str | None:
    """Return a JSON value if it is a text with something in it, else None."""
    return value.strip() or None if isinstance(value, str) else None
