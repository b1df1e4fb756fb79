"""Bluesky feeds into canonical tables."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from importers.samples import START
from importers.samples import bluesky as samples

from handbook.errors import HandbookError
from handbook.importers import Options, SourceFile, read_source
from handbook.store import import_files, open_store


def read(tmp_path, document, options=None):
    """Write a document (or bytes), and read it; the readings, whose rows add up."""
    path = tmp_path / "feed.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    readings = read_source(SourceFile(path, options=options or Options()))
    for reading in readings:
        assert reading.rows_read == reading.rows_kept + reading.dropped + len(reading.rejected)
    return readings


def read_items(tmp_path, *items, **options):
    """Read a feed; its only reading."""
    items = [item if "post" in item else {"post": item} for item in items]
    (reading,) = read(tmp_path, {"feed": items}, **options)
    return reading


def reply(uri):
    """The part of a record that says what it answers."""
    return {"reply": {"root": {"uri": uri, "cid": "a"}, "parent": {"uri": uri, "cid": "a"}}}


def test_a_feed_is_read_in_whole(tmp_path):
    """A field that lands in the wrong place, or a count that was not read."""
    reading = read_items(tmp_path, samples.view(3, START, bookmarkCount=6))
    key = samples.key(START, 3)
    assert (reading.format, reading.platform) == ("bluesky-feed", "bluesky")
    assert (reading.handle, reading.external_id, reading.url) == (
        samples.HANDLE,
        samples.DID,
        f"https://bsky.app/profile/{samples.HANDLE}",
    )
    assert reading.warnings == []
    assert reading.rows["post"] == [
        {
            "post_id": key,
            "permalink": f"https://bsky.app/profile/{samples.HANDLE}/post/{key}",
            "published_at": datetime(2026, 1, 1, 12, 3, 30),
            "published_date": START,
            "published_precision": "minute",
            "source_tz": "UTC",
            "post_type": "text",
            "source_type": None,
            "text": "Avoin luento 3",
            "language": "fi",
        }
    ]
    assert reading.rows["post_snapshot"] == [
        {
            "post_id": key,
            "period": "lifetime",
            "reactions": 10,
            "shares": 5,
            "comments": 4,
            "saves": 6,
        }
    ]
    (extra,) = reading.rows["metric_extra"]
    assert (extra["name"], extra["value"], extra["post_id"]) == ("quoteCount", 3, key)


def test_older_feeds_have_fewer_counts(tmp_path):
    """Counts that are not there, and become zeros."""
    old = samples.view(0, START)
    del old["quoteCount"], old["likeCount"]
    reading = read_items(tmp_path, old)
    assert reading.rows["post_snapshot"][0]["reactions"] is None
    assert "saves" not in reading.rows["post_snapshot"][0]
    assert "metric_extra" not in reading.rows


def test_reposts_are_kept_without_what_others_wrote(tmp_path):
    """Numbers, texts and names of other people, counted as the channel's own."""
    reading = read_items(
        tmp_path,
        samples.view(0, START),
        samples.repost(1, START),
        samples.repost(2, START, with_id=False),
    )
    assert (reading.rows_read, reading.rows_kept, reading.dropped) == (3, 2, 1)
    repost = reading.rows["post"][1]
    assert (repost["post_type"], repost["post_id"]) == ("repost", samples.key(START, 1))
    assert repost.get("text") is None and repost.get("permalink") is None
    assert len(reading.rows["post_snapshot"]) == 1
    for secret in ("99999", samples.STRANGER, samples.STRANGER_HANDLE, "A Person's Name"):
        assert secret not in str(reading)


def test_texts_of_replies_to_others_are_dropped(tmp_path):
    """What was said to a person, kept; or the channel's own thread, lost."""
    to_other = samples.view(0, START, record=reply(f"at://{samples.STRANGER}/x/1"))
    to_own = samples.view(1, START, record=reply(f"at://{samples.DID}/x/1"))
    to_nobody = samples.view(2, START, record={"reply": {}})
    reading = read_items(tmp_path, to_other, to_own, to_nobody)
    assert [(row["post_type"], row["text"]) for row in reading.rows["post"]] == [
        ("reply", None),
        ("text", "Avoin luento 1"),
        ("reply", None),
    ]
    assert [row["reactions"] for row in reading.rows["post_snapshot"]] == [7, 8, 9]


def test_texts_are_masked(tmp_path):
    """People who can be found through a text."""
    text = "Ask @somebody.bsky.social or someone@example.org, +358 40 123 4567"
    reading = read_items(tmp_path, samples.view(0, START, record={"text": text}))
    assert reading.rows["post"][0]["text"] == "Ask [handle] or [e-mail], [phone]"
    reading = read_items(tmp_path, samples.view(0, START), options=Options(keep_text=False))
    assert reading.rows["post"][0]["text"] is None


IMAGE = {"alt": "", "image": {}}


@pytest.mark.parametrize(
    ("embed", "expected"),
    [
        ({"$type": "app.bsky.embed.images", "images": [IMAGE]}, "image"),
        ({"$type": "app.bsky.embed.images", "images": [IMAGE, IMAGE]}, "carousel"),
        ({"$type": "app.bsky.embed.video"}, "video"),
        ({"$type": "app.bsky.embed.external"}, "link"),
        ({"$type": "app.bsky.embed.record"}, "text"),
        (
            {
                "$type": "app.bsky.embed.recordWithMedia",
                "media": {"$type": "app.bsky.embed.images", "images": [IMAGE, IMAGE]},
            },
            "carousel",
        ),
        ({"$type": "app.bsky.embed.unheardOf"}, "text"),
        (None, "text"),
    ],
)
def test_types(tmp_path, embed, expected):
    """A type that is not seen in the record, or in the view of it."""
    reading = read_items(tmp_path, samples.view(0, START, record={"embed": embed}))
    assert reading.rows["post"][0]["post_type"] == expected
    viewed = embed and {
        name: f"{value}#view" if name == "$type" else value for name, value in embed.items()
    }
    reading = read_items(tmp_path, samples.view(0, START, embed=viewed))
    assert reading.rows["post"][0]["post_type"] == expected


def test_a_device_with_a_wrong_clock(tmp_path):
    """A post of the future, which would be the store's last day for years."""
    reading = read_items(
        tmp_path, samples.view(0, START, record={"createdAt": "2099-01-01T00:00:00Z"})
    )
    assert reading.rows["post"][0]["published_at"] == datetime(2026, 1, 1, 12, 0, 31)
    reading = read_items(tmp_path, samples.view(0, START, record={"createdAt": None}))
    assert reading.rows["post"][0]["published_at"] == datetime(2026, 1, 1, 12, 0, 31)
    reading = read_items(
        tmp_path, samples.view(0, START, record={"createdAt": "2026-01-01T09:00:00.1+02:00"})
    )
    assert reading.rows["post"][0]["published_at"] == datetime(2026, 1, 1, 7)


def test_a_pinned_post_is_one_post(tmp_path):
    """A post counted twice because it is pinned."""
    pinned = {
        "post": samples.view(0, START),
        "reason": {"$type": "app.bsky.feed.defs#reasonPin"},
    }
    reading = read_items(tmp_path, pinned, samples.view(1, START), samples.view(0, START))
    assert (reading.rows_kept, reading.dropped, len(reading.rows["post"])) == (2, 1, 2)


def test_bad_items_are_rejected_with_a_reason(tmp_path):
    """One broken post that takes all others with it, or vanishes without a word."""
    items = [
        {"post": samples.view(0, START)},
        {"post": samples.view(1, START, likeCount="many")},
        {"post": samples.view(2, START, author={})},
        {"post": samples.view(3, START, record={"createdAt": None}, indexedAt=None)},
        {"post": {"uri": "at://nobody", "notFound": True}},
        None,
        7,
    ]
    (reading,) = read(tmp_path, {"feed": items})
    assert (reading.rows_kept, len(reading.rejected)) == (1, 6)
    again = samples.view(0, START, likeCount=99)
    reading = read_items(tmp_path, samples.view(0, START), again)
    assert "other numbers" in reading.rejected[0]


def test_pages_and_lines(tmp_path):
    """Feeds as tools save them: page by page, line by line, posts alone, with a mark."""
    made = [samples.view(i, START + timedelta(days=i)) for i in range(4)]
    items = [{"post": one} for one in made]
    pages = [{"feed": items[:2], "cursor": "x"}, {"feed": items[2:]}]
    forms = {
        "items": json.dumps(items),
        "pages": json.dumps(pages),
        "lines": "\n".join(map(json.dumps, pages)),
        "posts": json.dumps({"posts": made}),
        "views": "\r\n".join(map(json.dumps, made)),
        "marked": "\ufeff" + json.dumps({"feed": items}, indent=2),
    }
    for form, text in forms.items():
        (reading,) = read(tmp_path, text.encode())
        assert len(reading.rows["post"]) == 4, form
    with pytest.raises(HandbookError, match="cut short or damaged"):
        read(tmp_path, forms["lines"].encode()[:-9])


def test_accounts_do_not_merge(tmp_path):
    """Two accounts' posts in one file, as if they were one channel's; or a crowd's."""
    other = samples.author("did:plc:other", "other.example")
    feed = [{"post": samples.view(0, START)}, {"post": samples.view(1, START, author=other)}]
    assert {one.handle for one in read(tmp_path, {"feed": feed})} == {
        samples.HANDLE,
        "other.example",
    }
    crowd = [
        {"post": samples.view(i, START, author=samples.author(f"did:plc:{i}", f"p{i}.example"))}
        for i in range(30)
    ]
    with pytest.raises(HandbookError, match="timeline"):
        read(tmp_path, {"feed": crowd})


def test_an_account_whose_name_is_unknown(tmp_path):
    """A channel called after the mark for names that do not resolve."""
    nameless = samples.author(handle="handle.invalid")
    reading = read_items(tmp_path, samples.view(0, START, author=nameless))
    assert reading.handle is None
    assert reading.url.endswith(samples.DID)


def test_nothing_to_keep_is_said(tmp_path):
    """An empty import that looks like a success."""
    with pytest.raises(HandbookError, match="no public post"):
        read(tmp_path, {"feed": [samples.repost(0, START, with_id=False)]})
    with pytest.raises(HandbookError, match="no public post"):
        read(tmp_path, {"feed": []})
    with pytest.raises(HandbookError, match="not an export that is known"):
        read(tmp_path, {"feed": [{"title": "News"}]})


def test_a_feed_names_its_channel(tmp_path):
    """A channel that must be named by hand although the file names it."""
    store = tmp_path / "s.duckdb"
    path = samples.write_feed(tmp_path / "feed.json", 3)
    (report,) = import_files(store, [path], read=lambda p: read_source(SourceFile(p)))
    assert (report.channel_id, report.assumed) == (samples.CHANNEL, False)
    with open_store(store) as connection:
        (total,) = connection.execute("SELECT sum(reactions) FROM post_latest").fetchone()
    assert total == 7 + 8 + 9
