"""Mastodon files made by us: archives and statuses, with the same posts in both."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from importers.samples import START

HOST = "social.example"
NAME = "keksila"
ACTOR = f"https://{HOST}/users/{NAME}"
PAGE = f"https://{HOST}/@{NAME}"
HANDLE = f"{NAME}@{HOST}"
CHANNEL = f"mastodon:{NAME}-{HOST}"
STRANGER = "https://elsewhere.example/users/stranger"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
FOLLOWERS = f"{ACTOR}/followers"
STAMP = "20260215101112"
ARCHIVE_NAME = f"archive-{STAMP}-0123456789abcdef0123456789abcdef"

ADDRESSED = {
    "public": ([PUBLIC], [FOLLOWERS]),
    "unlisted": ([FOLLOWERS], [PUBLIC]),
    "private": ([FOLLOWERS], []),
    "direct": ([STRANGER], []),
}


def published(day: date, number: int = 0) -> datetime:
    """Return noon and some minutes of a day in UTC."""
    return datetime(day.year, day.month, day.day, 12, number % 60, 30, tzinfo=UTC)


def status_id(day: date, number: int = 0) -> str:
    """Return an id as servers make them: its time in milliseconds, and 16 bits more."""
    return str((int(published(day, number).timestamp() * 1000) << 16) + number)


def note(number: int, day: date, *, counted: bool = True, **more: Any) -> dict[str, Any]:
    """Return a status as an archive has it."""
    uri = f"{ACTOR}/statuses/{status_id(day, number)}"
    content = f"<p>Open lecture {number}<br />welcome &amp; join</p>"
    made = {
        "id": uri,
        "type": "Note",
        "summary": None,
        "inReplyTo": None,
        "published": f"{published(day, number):%Y-%m-%dT%H:%M:%SZ}",
        "url": f"{PAGE}/{status_id(day, number)}",
        "attributedTo": ACTOR,
        "to": [PUBLIC],
        "cc": [FOLLOWERS],
        "sensitive": False,
        "content": content,
        "contentMap": {"en": content},
        "attachment": [],
        "tag": [],
        "replies": {
            "id": f"{uri}/replies",
            "type": "Collection",
            "first": {"type": "CollectionPage", "items": [f"{uri}9"]},
        },
    }
    if counted:
        made["likes"] = {"id": f"{uri}/likes", "type": "Collection", "totalItems": 7 + number}
        made["shares"] = {"id": f"{uri}/shares", "type": "Collection", "totalItems": 2 + number}
    return made | more


def create(of: dict[str, Any]) -> dict[str, Any]:
    """Return the activity of publishing a status."""
    return {
        "id": f"{of['id']}/activity",
        "type": "Create",
        "actor": ACTOR,
        "published": of["published"],
        "to": of["to"],
        "cc": of["cc"],
        "object": of,
    }


def announce(number: int, day: date, visibility: str = "public") -> dict[str, Any]:
    """Return the activity of sharing what somebody else wrote."""
    to, cc = ADDRESSED[visibility]
    return {
        "id": f"{ACTOR}/statuses/{status_id(day, number)}/activity",
        "type": "Announce",
        "actor": ACTOR,
        "published": f"{published(day, number):%Y-%m-%dT%H:%M:%SZ}",
        "to": to,
        "cc": [STRANGER, *cc],
        "object": f"{STRANGER}/statuses/99",
    }


def outbox(items: list[Any]) -> dict[str, Any]:
    """Return an outbox.json."""
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": len(items),
        "orderedItems": items,
    }


def actor() -> dict[str, Any]:
    """Return an actor.json."""
    return {
        "@context": ["https://www.w3.org/ns/activitystreams"],
        "id": ACTOR,
        "type": "Organization",
        "preferredUsername": NAME,
        "name": "Keksilä University",
        "url": PAGE,
        "outbox": "outbox.json",
        "likes": "likes.json",
        "bookmarks": "bookmarks.json",
        "followers": FOLLOWERS,
    }


def beside(name: str) -> dict[str, Any]:
    """Return a likes.json or bookmarks.json: what others wrote."""
    made = outbox([f"{STRANGER}/statuses/5"])
    return made | {"id": f"{name}.json"}


def status(number: int, day: date, **more: Any) -> dict[str, Any]:
    """Return a status as the interface gives it."""
    made = note(number, day)
    return {
        "id": status_id(day, number),
        "created_at": f"{published(day, number):%Y-%m-%dT%H:%M:%S}.000Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": made["id"],
        "url": made["url"],
        "replies_count": 1 + number,
        "reblogs_count": 2 + number,
        "favourites_count": 7 + number,
        "quotes_count": 3,
        "content": made["content"],
        "reblog": None,
        "account": account(),
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "card": None,
        "poll": None,
    } | more


def account(name: str = NAME, number: int = 1) -> dict[str, Any]:
    """Return an account as statuses carry it."""
    return {
        "id": str(number),
        "username": name,
        "acct": name,
        "display_name": "A Person's Name",
        "url": f"https://{HOST}/@{name}",
        "uri": f"https://{HOST}/users/{name}",
        "followers_count": 321,
        "following_count": 12,
    }


def write(path: Path, document: Any) -> Path:
    """Write JSON as servers do: UTF-8, no line ends."""
    path.write_bytes(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
    return path


def archive_files(items: list[Any]) -> dict[str, bytes]:
    """Return the files of an archive."""
    parts = {
        "outbox.json": outbox(items),
        "actor.json": actor(),
        "likes.json": beside("likes"),
        "bookmarks.json": beside("bookmarks"),
    }
    return {
        "media_attachments/files/001/original/picture.png": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "avatar.png": b"\x89PNG\r\n\x1a\n" + bytes(64),
        **{name: json.dumps(part).encode() for name, part in parts.items()},
    }


def write_archive(path: Path, items: list[Any]) -> Path:
    """Write an archive as a server gives it: .zip today, .tar.gz before."""
    files = archive_files(items)
    if path.name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def write_outbox(path: Path, n: int = 5, start: date = START, base: int = 0) -> Path:
    """Write an outbox of one status a day."""
    items = [create(note(base + i, start + timedelta(days=i))) for i in range(n)]
    return write(path, outbox(items))


def write_statuses(path: Path, n: int = 5, start: date = START, base: int = 0) -> Path:
    """Write one status a day, the newest first."""
    made = [status(base + i, start + timedelta(days=i)) for i in range(n)]
    return write(path, made[::-1])


WRITERS = {"mastodon-archive": write_outbox, "mastodon-statuses": write_statuses}
"""A writer of each format: file, number of rows, first day, and what the numbers begin at."""
