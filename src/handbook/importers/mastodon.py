"""Mastodon: the archive that an account downloads, and statuses as its interface gives them.

Servers of the same family (GoToSocial, Pleroma, Pixelfed) write the same forms.
Only what anyone may see is kept: statuses to followers or to single people are left out.
"""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser
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
from handbook.schema import METRIC_EXTRA, POST_SNAPSHOT, Reading

LAYOUTS = ()
ARCHIVE, STATUSES = FORMATS = (
    Format(
        "mastodon-archive",
        "Mastodon archive",
        "mastodon",
        "outbox.json with orderedItems of Create and Announce, in the .zip or .tar.gz or alone",
        (),
        "Impressions and reach; how many replied; followers. Archives of older servers have no "
        "counts at all.",
    ),
    Format(
        "mastodon-statuses",
        "Mastodon statuses",
        "mastodon",
        "JSON of statuses with created_at, visibility and favourites_count",
        (),
        "Impressions and reach; when it was fetched. From another server than the account's own "
        "the counts are too small.",
    ),
)

_PUBLIC = {"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"}
_OPEN = {"public", "unlisted"}
"""Visibilities that anyone may see; Mastodon also calls the second one quiet public."""

_COUNTS = ("reactions", "shares", "comments")
_NOT_PUBLIC = "not public"
_BESIDE = re.compile(r"(?:likes|bookmarks)(?:\.json)?$")
"""Lists in an archive of what others wrote."""

_ACTORS = {"Person", "Service", "Organization", "Group", "Application"}
_STAMP = re.compile(r"archive-(20\d{12})(?!\d)")
_NAME = re.compile(r"^/(?:users/|@)([\w.-]+)")
_ADDRESS = re.compile(r"https?://([\w.:-]+)([^?#]*)", re.IGNORECASE)
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


def read_mastodon(file: SourceFile) -> list[Reading] | None:
    """Read an archive's outbox.json, or statuses; None for other files.

    The other JSON files of an archive (actor, likes, bookmarks) give no reading: nothing in
    them is of the channel's own posts.

    Raises
    ------
    HandbookError
        It is one, but no public post of the account is in it.
    """
    documents = parse_documents(file, b'"orderedItems"', b'"favourites_count"')
    if any(isinstance(look(one, "orderedItems"), list) for one in documents):
        return _read_outbox(file, documents)
    if len(documents) == 1 and _is_actor(documents[0]):
        return []
    statuses = list(iter_items(documents, "statuses"))
    if any(map(_is_status, statuses)):
        return Feed(file, STATUSES).read(statuses, _parse_status)
    return None


def _is_actor(document: Any) -> bool:
    return words(look(document, "type")) in _ACTORS and look(document, "outbox") is not None


def _read_outbox(file: SourceFile, documents: list[Any]) -> list[Reading]:
    items = [item for one in documents for item in look(one, "orderedItems") or []]
    ids = [words(look(one, "id")) or "" for one in documents]
    if all(isinstance(item, str) for item in items) and all(map(_BESIDE.search, ids)):
        return []
    made = _made_at(file)
    feed = Feed(
        file,
        ARCHIVE,
        exported_at=made,
        exported_at_source="the archive's name" if made else None,
    )
    readings = feed.read(items, _Outbox(items).parse)
    for reading in readings:
        snapshots = reading.rows.get(POST_SNAPSHOT.name, [])
        if not any(row[name] is not None for row in snapshots for name in _COUNTS):
            reading.rows.pop(POST_SNAPSHOT.name, None)
            reading.warnings.append(
                "it has no counts of favourites and boosts: archives of older servers have none"
            )
    return readings


def _made_at(file: SourceFile) -> datetime | None:
    """Return when the archive was made, which its own name says."""
    for name in (*file.origin, file.name):
        if found := _STAMP.search(name):
            try:
                return datetime.strptime(found[1], "%Y%m%d%H%M%S")
            except ValueError:
                continue
    return None


class _Outbox:
    """The activities of an outbox, which say of replies only what they answer."""

    def __init__(self, items: list[Any]) -> None:
        self.own = {
            words(look(item, "object", "id")): _actor(item) for item in items if _actor(item)
        }

    def parse(self, feed: Feed, activity: Any) -> Item | str:
        kind, owner = look(activity, "type"), _actor(activity)
        if kind not in ("Create", "Announce"):
            return "neither statuses nor boosts"
        if not owner:
            raise Rejected("no account that it is of")
        note = look(activity, "object")
        if kind == "Announce":
            if not _is_public(activity):
                return _NOT_PUBLIC
            _whose(feed, owner, None)
            published = feed.time("published", look(activity, "published"))
            post = post_row(_last(look(activity, "id")), published, post_type="repost")
            return Item(owner, post)
        if not _is_public(note if look(note, "to") or look(note, "cc") else activity):
            return _NOT_PUBLIC
        _whose(feed, owner, _address(note))
        answered = look(note, "inReplyTo")
        to_others = bool(answered) and not self._is_own(answered, owner)
        content, language = _content(note)
        kinds = [_kind(one) for one in _as_list(look(note, "attachment"))]
        source_type = "poll" if look(note, "type") == "Question" else _source_type(kinds)
        published = look(note, "published") or look(activity, "published")
        post = post_row(
            _last(look(note, "id")),
            feed.time("published", published),
            text=None if to_others else _with_warning(look(note, "summary"), content),
            language=language,
            permalink=_address(note) or words(look(note, "id")),
            post_type="reply" if to_others else _post_type(kinds),
            source_type=source_type,
            duration_s=_duration(look(note, "attachment")),
        )
        measures = {
            "reactions": ("likes", look(note, "likes", "totalItems")),
            "shares": ("shares", look(note, "shares", "totalItems")),
            "comments": ("replies", look(note, "replies", "totalItems")),
        }
        return Item(owner, post, measures, {"votersCount": look(note, "votersCount")})

    def _is_own(self, answered: Any, owner: str) -> bool:
        uri = words(answered if isinstance(answered, str) else look(answered, "id")) or ""
        handle = _handle(owner)
        pages = (f"{owner}/", f"{_page(handle)}/") if handle else (f"{owner}/",)
        return self.own.get(uri) == owner or uri.startswith(pages)


def _is_status(item: Any) -> bool:
    return isinstance(item, dict) and {"created_at", "visibility", "account"} <= set(item)


def _parse_status(feed: Feed, status: Any) -> Item | str:
    if not _is_status(status):
        raise Rejected("no status: created_at, visibility or account is missing")
    if words(status["visibility"]) not in _OPEN or status.get("local_only"):
        return _NOT_PUBLIC
    account = status["account"]
    page = words(look(account, "url")) or words(look(account, "uri"))
    if not page:
        raise Rejected("no address of the account that it is of")
    owner = words(look(account, "uri")) or page
    name = words(look(account, "username"))
    reading = feed.reading(
        page,
        handle=f"{name}@{_split(page)[0]}" if name else _handle(page),
        external_id=owner if owner != page else None,
        url=page,
    )
    published = feed.time("created_at", status["created_at"])
    uri = words(status.get("uri"))
    post_id = _last(uri) or feed.cell("id", status.get("id")).identifier()
    _add_followers(reading, feed, look(account, "followers_count"))
    if status.get("reblog"):
        return Item(page, post_row(post_id, published, post_type="repost"))
    answered = status.get("in_reply_to_account_id")
    to_others = bool(status.get("in_reply_to_id") or answered) and (
        str(answered) != str(look(account, "id"))
    )
    attached = _as_list(status.get("media_attachments"))
    kinds = [words(look(one, "type")) or "unknown" for one in attached]
    if status.get("card") and not kinds:
        kinds = ["link"]
    text = _plain(words(status.get("content")) or "")
    lengths = [look(one, "meta", "original", "duration") for one in attached]
    post = post_row(
        post_id,
        published,
        text=None if to_others else _with_warning(status.get("spoiler_text"), text),
        language=words(status.get("language")),
        permalink=words(status.get("url")) or uri,
        post_type="reply" if to_others else _post_type(kinds),
        source_type="poll" if status.get("poll") else _source_type(kinds),
        duration_s=next((x for x in lengths if isinstance(x, (int, float)) and x > 0), None),
    )
    measures = {
        "reactions": ("favourites_count", status.get("favourites_count")),
        "shares": ("reblogs_count", status.get("reblogs_count")),
        "comments": ("replies_count", status.get("replies_count")),
    }
    known = {column for column, _ in measures.values()}
    extras = {
        name: value
        for name, value in status.items()
        if name.endswith("_count") and name not in known and not isinstance(value, (dict, list))
    }
    extras["poll.votes_count"] = look(status, "poll", "votes_count")
    return Item(page, post, measures, extras)


def _add_followers(reading: Reading, feed: Feed, value: Any) -> None:
    """Keep how many followers the account had when the file was fetched."""
    if METRIC_EXTRA.name in reading.rows or value is None:
        return
    count = feed.cell("followers_count", value).count()
    row = {"name": "followers_count", "category": "", "value": count, "unit": "count"}
    reading.add(METRIC_EXTRA, row)


def _whose(feed: Feed, owner: str, address: str | None) -> None:
    """Begin the reading of an account, which its own address names, or that of one of its posts."""
    handle = _handle(owner) or _handle(address or "")
    reading = feed.reading(owner, external_id=owner)
    if handle and not reading.handle:
        reading.handle, reading.url = handle, _page(handle)


def _handle(address: str) -> str | None:
    """Return name@server of an account's address, or of a post's; None if no name is in it."""
    host, path = _split(address)
    found = _NAME.match(path)
    return f"{found[1]}@{host}" if found else None


def _split(address: str) -> tuple[str, str]:
    """Return the server and the path of an address on the web; empty for anything else."""
    found = _ADDRESS.match(address)
    return (found[1].lower(), found[2]) if found else ("", "")


def _page(handle: str) -> str:
    name, _, host = handle.partition("@")
    return f"https://{host}/@{name}"


def _actor(activity: Any) -> str | None:
    for value in (look(activity, "actor"), look(activity, "object", "attributedTo")):
        if found := words(value if isinstance(value, str) else look(value, "id")):
            return found
    return None


def _is_public(thing: Any) -> bool:
    named = [*_as_list(look(thing, "to")), *_as_list(look(thing, "cc"))]
    return any(isinstance(one, str) and one in _PUBLIC for one in named)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _last(uri: Any) -> str | None:
    """Return the id at the end of an address."""
    path = _split(words(uri) or "")[1].rstrip("/").removesuffix("/activity")
    return path.rsplit("/", 1)[-1] or None


def _address(note: Any) -> str | None:
    for one in _as_list(look(note, "url")):
        found = words(one if isinstance(one, str) else look(one, "href"))
        if found and found.startswith(("https://", "http://")):
            return found
    return None


def _content(note: Any) -> tuple[str, str | None]:
    """Return the text of a status, and its language where it says one."""
    by_language = look(note, "contentMap")
    by_language = by_language if isinstance(by_language, dict) else {}
    html = words(look(note, "content")) or next(filter(None, map(words, by_language.values())), "")
    named = [language for language, text in by_language.items() if words(text) == html]
    return _plain(html), named[0] if len(named) == 1 else None


def _with_warning(warning: Any, text: str) -> str:
    """Return a text with the line that its author put before it."""
    return "\n\n".join(part for part in (words(warning), text) if part)


def _kind(attachment: Any) -> str:
    if look(attachment, "type") == "Link":
        return "link"
    return (words(look(attachment, "mediaType")) or "unknown").split("/")[0]


def _post_type(kinds: list[str]) -> str | None:
    media = [kind for kind in kinds if kind != "link"]
    if len(media) > 1:
        return "carousel"
    if not media:
        return "link" if kinds else "text"
    return {"image": "image", "video": "video", "gifv": "video"}.get(media[0])


def _source_type(kinds: list[str]) -> str | None:
    return ", ".join(dict.fromkeys(kinds)) or None


def _duration(attachments: Any) -> float | None:
    for one in _as_list(attachments):
        found = _DURATION.fullmatch(words(look(one, "duration")) or "-")
        if found:
            hours, minutes, seconds = (float(part or 0) for part in found.groups())
            return hours * 3600 + minutes * 60 + seconds or None
    return None


class _Text(HTMLParser):
    """Text of a status: paragraphs and line breaks become lines, links their own text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in ("br", "li"):
            self.parts.append("\n")
        elif tag in ("p", "blockquote", "ul", "ol", "pre"):
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _plain(html: str) -> str:
    reader = _Text()
    reader.feed(html)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.parts)).strip()
