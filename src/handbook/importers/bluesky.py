"""Bluesky: an author's feed as the network's interface gives it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handbook.importers.feeds import (
    Feed,
    Item,
    Rejected,
    iter_items,
    look,
    parse_documents,
    post_row,
    words,
)
from handbook.importers.source import Format, SourceFile
from handbook.schema import Reading

LAYOUTS = ()
FORMATS = (
    Format(
        "bluesky-feed",
        "Bluesky author feed",
        "bluesky",
        "JSON with feed[].post, each with uri (at://…), author, record and indexedAt",
        (),
        "Impressions and reach; clicks; followers; when it was fetched.",
    ),
)

_UNKNOWN_HANDLE = "handle.invalid"
_MEASURES = {
    "reactions": "likeCount",
    "shares": "repostCount",
    "comments": "replyCount",
    "saves": "bookmarkCount",
}
_TYPES = {"images": "image", "gallery": "image", "video": "video", "external": "link"}


def read_bluesky(file: SourceFile) -> list[Reading] | None:
    """Read the JSON of an author's feed; None for other files.

    Raises
    ------
    HandbookError
        It is one, but no post of the author is in it.
    """
    documents = parse_documents(file, b"app.bsky.feed.post")
    items = list(iter_items(documents, "feed", "posts"))
    empty = bool(documents) and all(look(one, "feed") == [] for one in documents)
    if not empty and not any(map(_view, items)):
        return None
    return Feed(file, FORMATS[0]).read(items, _parse)


def _view(item: Any) -> Any:
    """Return the view of a post in an item of a feed, or the item if it is one itself."""
    view = look(item, "post") if isinstance(look(item, "post"), dict) else item
    uri = words(look(view, "uri")) or ""
    known = uri.startswith("at://") and "/app.bsky.feed.post/" in uri
    return view if known and isinstance(look(view, "author"), dict) else None


def _parse(feed: Feed, item: Any) -> Item | str:
    view = _view(item)
    if view is None:
        raise Rejected("no post: uri or author is missing")
    reason = look(item, "reason")
    if str(look(reason, "$type") or "").endswith("reasonRepost") or look(reason, "by"):
        return _parse_repost(feed, reason)
    record = look(view, "record")
    owner = _whose(feed, look(view, "author"))
    post_id = _key(look(view, "uri"))
    parent = words(look(record, "reply", "parent", "uri"))
    to_others = look(record, "reply") is not None and _authority(parent) != owner
    languages = look(record, "langs")
    kind = _kind(look(record, "embed") or look(view, "embed"))
    handle = feed.readings[owner].handle
    post = post_row(
        post_id,
        _published(feed, look(record, "createdAt"), look(view, "indexedAt")),
        text=None if to_others else words(look(record, "text")),
        language=words(languages[0]) if isinstance(languages, list) and languages else None,
        permalink=f"https://bsky.app/profile/{handle or owner}/post/{post_id}",
        post_type="reply" if to_others else _post_type(record, view, kind),
        source_type=kind,
    )
    measures = {
        ours: (theirs, look(view, theirs))
        for ours, theirs in _MEASURES.items()
        if theirs != "bookmarkCount" or theirs in view
    }
    extras = {
        name: value
        for name, value in view.items()
        if name.endswith("Count") and name not in _MEASURES.values()
    }
    return Item(owner, post, measures, extras)


def _parse_repost(feed: Feed, reason: Any) -> Item | str:
    """Keep that the author shared something, and when; whose it was and its numbers are not."""
    post_id = _key(look(reason, "uri"))
    if not post_id:
        return "reposts without an id of their own"
    owner = _whose(feed, look(reason, "by"))
    published = feed.time("indexedAt", look(reason, "indexedAt"))
    return Item(owner, post_row(post_id, published, post_type="repost"))


def _whose(feed: Feed, author: Any) -> str:
    did, handle = words(look(author, "did")), words(look(author, "handle"))
    if not did:
        raise Rejected("no did of its author")
    handle = None if handle == _UNKNOWN_HANDLE else handle
    url = f"https://bsky.app/profile/{handle or did}"
    feed.reading(did, handle=handle, external_id=did, url=url)
    return did


def _published(feed: Feed, created: Any, indexed: Any) -> datetime | None:
    """Return when it was published: as its author's device says, but not after it was seen.

    The device's clock is not checked by anyone, and may be wrong.
    """
    times = (feed.time("createdAt", created), feed.time("indexedAt", indexed))
    return min(filter(None, times), default=None)


def _key(uri: Any) -> str | None:
    return (words(uri) or "").rstrip("/").rsplit("/", 1)[-1] or None


def _authority(uri: str | None) -> str | None:
    return (uri or "").removeprefix("at://").split("/")[0] or None


def _kind(embed: Any) -> str | None:
    """Return Bluesky's word for what is embedded, without the parts that are always there."""
    kind = words(look(embed, "$type"))
    name = (kind or "").removeprefix("app.bsky.embed.").split("#")[0]
    if name == "recordWithMedia":
        return _kind(look(embed, "media"))
    return name or None


def _post_type(record: Any, view: Any, kind: str | None) -> str:
    for embed in (look(record, "embed"), look(view, "embed")):
        media = look(embed, "media") or embed
        for name in ("images", "items"):
            several = look(media, name)
            if isinstance(several, list) and len(several) > 1:
                return "carousel"
    return _TYPES.get(kind or "", "text")
