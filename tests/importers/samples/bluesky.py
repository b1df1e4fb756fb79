"""Bluesky feeds made by us."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from importers.samples import START

DID = "did:plc:keksilaexamplekeksilaexa"
HANDLE = "keksila.example"
CHANNEL = "bluesky:keksila.example"
STRANGER = "did:plc:strangerstrangerstranger"
STRANGER_HANDLE = "stranger.example"
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


def published(day: date, number: int = 0) -> datetime:
    """Return noon and some minutes of a day in UTC."""
    return datetime(day.year, day.month, day.day, 12, number % 60, 30, tzinfo=UTC)


def key(day: date, number: int = 0) -> str:
    """Return the key of a record: its time in microseconds, 5 bits to a letter."""
    bits = (int(published(day, number).timestamp() * 1e6) << 10) + number % 1024
    return "".join(_LETTERS[bits >> shift & 31] for shift in range(60, -1, -5))


def author(did: str = DID, handle: str = HANDLE) -> dict[str, Any]:
    """Return an account as posts carry it."""
    return {"did": did, "handle": handle, "displayName": "A Person's Name", "labels": []}


def view(number: int, day: date, *, record: Any = None, **more: Any) -> dict[str, Any]:
    """Return the view of a post."""
    at = published(day, number)
    return {
        "uri": f"at://{DID}/app.bsky.feed.post/{key(day, number)}",
        "cid": "bafyreiexample",
        "author": author(),
        "record": {
            "$type": "app.bsky.feed.post",
            "createdAt": f"{at:%Y-%m-%dT%H:%M:%S}.123Z",
            "langs": ["fi"],
            "text": f"Avoin luento {number}",
        }
        | (record or {}),
        "replyCount": 1 + number,
        "repostCount": 2 + number,
        "likeCount": 7 + number,
        "quoteCount": 3,
        "indexedAt": f"{at + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}.456Z",
        "labels": [],
    } | more


def repost(number: int, day: date, *, with_id: bool = True) -> dict[str, Any]:
    """Return what the author shared of somebody else: the numbers are the other's."""
    at = published(day, number)
    reason = {
        "$type": "app.bsky.feed.defs#reasonRepost",
        "by": author(),
        "indexedAt": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
    }
    if with_id:
        reason["uri"] = f"at://{DID}/app.bsky.feed.repost/{key(day, number)}"
    other = view(0, day - timedelta(days=9), author=author(STRANGER, STRANGER_HANDLE))
    other |= {"uri": f"at://{STRANGER}/app.bsky.feed.post/3kstranger222", "likeCount": 99_999}
    return {"post": other, "reason": reason}


def write(path: Path, document: Any) -> Path:
    """Write JSON."""
    path.write_bytes(json.dumps(document, ensure_ascii=False).encode())
    return path


def write_feed(path: Path, n: int = 5, start: date = START, base: int = 0) -> Path:
    """Write a feed of one post a day, the newest first."""
    items = [{"post": view(base + i, start + timedelta(days=i))} for i in range(n)]
    return write(path, {"feed": items[::-1], "cursor": "2026-01-01T00:00:00Z"})


WRITERS = {"bluesky-feed": write_feed}
"""A writer of each format: file, number of rows, first day, and what the numbers begin at."""
