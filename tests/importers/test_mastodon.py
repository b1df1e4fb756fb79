"""Mastodon archives and statuses into canonical tables."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from importers.samples import START
from importers.samples import mastodon as samples

from handbook.errors import HandbookError
from handbook.importers import Options, SourceFile, read_source
from handbook.importers.archives import find_files
from handbook.store import import_files, open_store

ANSWER = f"{samples.STRANGER}/statuses/1"


def read(tmp_path, document, name="outbox.json", options=None):
    """Write a document (or bytes), and read it; the readings, whose rows add up."""
    path = tmp_path / name
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    readings = read_source(SourceFile(path, options=options or Options()))
    for reading in readings:
        assert reading.rows_read == reading.rows_kept + reading.dropped + len(reading.rejected)
    return readings


def read_notes(tmp_path, *notes, **options):
    """Read an archive of statuses; its only reading."""
    activities = [note if "actor" in note else samples.create(note) for note in notes]
    (reading,) = read(tmp_path, samples.outbox(activities), **options)
    return reading


def read_statuses(tmp_path, *statuses):
    """Read statuses of one account; their only reading."""
    (reading,) = read(tmp_path, list(statuses), "statuses.json")
    return reading


def addressed(visibility):
    """To whom a status is, in an archive's words."""
    to, cc = samples.ADDRESSED[visibility]
    return {"to": to, "cc": cc}


def test_an_archive_is_read_in_whole(tmp_path):
    """A field that lands in the wrong place, or a count that was not read."""
    reading = read_notes(tmp_path, samples.note(3, START))
    identity = samples.status_id(START, 3)
    assert (reading.format, reading.platform) == ("mastodon-archive", "mastodon")
    assert (reading.handle, reading.external_id, reading.url) == (
        samples.HANDLE,
        samples.ACTOR,
        samples.PAGE,
    )
    assert reading.warnings == []
    assert reading.rows["post"] == [
        {
            "post_id": identity,
            "permalink": f"{samples.PAGE}/{identity}",
            "published_at": datetime(2026, 1, 1, 12, 3, 30),
            "published_date": START,
            "published_precision": "minute",
            "source_tz": "UTC",
            "post_type": "text",
            "source_type": None,
            "text": "Open lecture 3\nwelcome & join",
            "language": "en",
            "duration_s": None,
        }
    ]
    assert reading.rows["post_snapshot"] == [
        {
            "post_id": identity,
            "period": "lifetime",
            "reactions": 10,
            "shares": 5,
            "comments": None,
        }
    ]


def test_statuses_are_read_in_whole(tmp_path):
    """A count of another thing, or an account that is not found again in an archive."""
    reading = read_statuses(tmp_path, samples.status(3, START))
    archived = read_notes(tmp_path, samples.note(3, START))
    assert reading.rows["post"] == archived.rows["post"]
    assert (reading.handle, reading.external_id, reading.url) == (
        archived.handle,
        archived.external_id,
        archived.url,
    )
    assert reading.rows["post_snapshot"] == [
        {
            "post_id": samples.status_id(START, 3),
            "period": "lifetime",
            "reactions": 10,
            "shares": 5,
            "comments": 4,
        }
    ]
    extras = {row["name"]: row["value"] for row in reading.rows["metric_extra"]}
    assert extras == {"followers_count": 321, "quotes_count": 3}


@pytest.mark.parametrize("visibility", ["private", "direct"])
def test_only_what_anyone_may_see_is_kept(tmp_path, visibility):
    """A message to followers or to one person, in a store that colleagues read."""
    public = samples.note(0, START)
    hidden = samples.note(1, START, content="<p>Between us</p>", **addressed(visibility))
    boost = samples.announce(2, START, "private")
    for reading in (
        read_notes(tmp_path, public, hidden, boost),
        read_statuses(
            tmp_path,
            samples.status(0, START),
            samples.status(1, START, visibility=visibility, content="<p>Between us</p>"),
            samples.status(2, START, local_only=True),
        ),
    ):
        assert (reading.rows_read, reading.rows_kept, reading.dropped) == (3, 1, 2)
        assert "Between us" not in str(reading)
        assert reading.warnings == ["left out: 2 not public"]


def test_quietly_public_statuses_are_public(tmp_path):
    """Threads that are public, but not in public timelines, and would be missing."""
    reading = read_notes(tmp_path, samples.note(0, START, **addressed("unlisted")))
    assert reading.rows_kept == 1
    reading = read_statuses(tmp_path, samples.status(0, START, visibility="unlisted"))
    assert reading.rows_kept == 1


def test_nothing_of_a_status_without_visibility_is_kept(tmp_path):
    """A status of which nobody says that it is public."""
    hidden = samples.status(1, START)
    del hidden["visibility"]
    reading = read_statuses(tmp_path, samples.status(0, START), hidden)
    assert len(reading.rejected) == 1
    assert reading.rows_kept == 1


def test_older_archives_have_no_counts(tmp_path):
    """Counts that are not there, and become zeros."""
    reading = read_notes(tmp_path, samples.note(0, START, counted=False))
    assert "post_snapshot" not in reading.rows
    assert len(reading.rows["post"]) == 1
    assert "no counts" in reading.warnings[0]


def test_own_answers_in_an_archive_are_not_all_answers(tmp_path):
    """The account's own continuations counted as comments."""
    of_others = samples.note(0, START)
    assert of_others["replies"]["first"]["items"]
    reading = read_notes(tmp_path, of_others)
    assert reading.rows["post_snapshot"][0]["comments"] is None


@pytest.mark.parametrize("how", ["archive", "statuses"])
def test_texts_of_replies_to_others_are_dropped(tmp_path, how):
    """What was said to a person, kept with the person in it."""
    if how == "archive":
        reading = read_notes(
            tmp_path, samples.note(0, START, inReplyTo=ANSWER), samples.note(1, START)
        )
    else:
        answer = {"in_reply_to_id": "9", "in_reply_to_account_id": "77"}
        reading = read_statuses(
            tmp_path, samples.status(0, START, **answer), samples.status(1, START)
        )
    by_id = {row["post_id"]: row for row in reading.rows["post"]}
    reply, own = by_id[samples.status_id(START, 0)], by_id[samples.status_id(START, 1)]
    assert (reply["post_type"], reply["text"]) == ("reply", None)
    assert (own["post_type"], own["text"]) == ("text", "Open lecture 1\nwelcome & join")
    assert reading.rows["post_snapshot"][0]["reactions"] == 7


def test_threads_of_its_own_are_posts(tmp_path):
    """The second part of a channel's own thread, lost as if it were a reply to a person."""
    first = samples.note(0, START)
    for answered in (first["id"], first["url"], {"id": first["id"]}):
        reading = read_notes(tmp_path, first, samples.note(1, START, inReplyTo=answered))
        assert [row["post_type"] for row in reading.rows["post"]] == ["text", "text"]
        assert reading.rows["post"][1]["text"]
    own = {"in_reply_to_id": samples.status_id(START, 0), "in_reply_to_account_id": "1"}
    reading = read_statuses(tmp_path, samples.status(1, START, **own))
    assert reading.rows["post"][0]["text"]


def test_boosts_are_reposts_without_what_others_wrote(tmp_path):
    """Numbers, texts and addresses of other people, counted as the channel's own."""
    reading = read_notes(tmp_path, samples.note(0, START), samples.announce(1, START))
    boosted = samples.status(1, START, content="<p>Mine</p>", account=samples.account("other", 8))
    wrapped = samples.status(2, START, reblog=boosted, favourites_count=0, content="<p>Mine</p>")
    for one in (reading, read_statuses(tmp_path, samples.status(0, START), wrapped)):
        repost = one.rows["post"][-1]
        assert repost["post_type"] == "repost"
        assert repost.get("text") is None and repost.get("permalink") is None
        assert len(one.rows["post_snapshot"]) == 1
        assert "Mine" not in str(one) and samples.STRANGER not in str(one)


def test_texts_are_plain_and_masked(tmp_path):
    """Markup in texts, words that run together, or people who can be found through them."""
    html = (
        '<p>Ask <span class="h-card"><a href="https://elsewhere.example/@stranger" '
        'class="u-url mention">@<span>stranger</span></a></span> or '
        "someone@example.org, +358 40 123 4567</p><p>See "
        '<a href="https://example.org/a-long-way"><span class="invisible">https://</span>'
        '<span class="ellipsis">example.org/a-long</span><span class="invisible">-way</span></a>'
        " &lt;now&gt;</p>"
    )
    tags = [{"type": "Mention", "href": samples.STRANGER, "name": "@stranger@elsewhere.example"}]
    reading = read_notes(tmp_path, samples.note(0, START, content=html, contentMap={}, tag=tags))
    assert reading.rows["post"][0]["text"] == (
        "Ask [handle] or [e-mail], [phone]\n\nSee https://example.org/a-long-way <now>"
    )
    assert "stranger" not in str(reading)
    reading = read_statuses(tmp_path, samples.status(0, START, content=html))
    assert "stranger" not in str(reading)
    assert "A Person's Name" not in str(reading)


def test_a_warning_before_the_text_is_part_of_it(tmp_path):
    """The line before a folded text, lost."""
    reading = read_notes(tmp_path, samples.note(0, START, summary="Exam results"))
    assert reading.rows["post"][0]["text"].startswith("Exam results\n\nOpen lecture 0")


def test_no_text_where_none_is_wanted(tmp_path):
    """Texts kept against --no-text."""
    options = Options(keep_text=False)
    reading = read_notes(tmp_path, samples.note(0, START), options=options)
    assert reading.rows["post"][0]["text"] is None


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ([("image/png", "image")], "image"),
        ([("image/png", "image"), ("image/jpeg", "image")], "carousel"),
        ([("video/mp4", "video")], "video"),
        ([("audio/mpeg", "audio")], None),
    ],
)
def test_types(tmp_path, media, expected):
    """A type by what a status only mentions, or none where it shows one."""
    attached = [
        {"type": "Document", "mediaType": mime, "url": "/a", "name": None, "duration": "PT1M2.5S"}
        for mime, _ in media
    ]
    shown = [{"type": kind, "meta": {"original": {"duration": 62.5}}} for _, kind in media]
    archived = read_notes(tmp_path, samples.note(0, START, attachment=attached))
    fetched = read_statuses(tmp_path, samples.status(0, START, media_attachments=shown))
    for reading in (archived, fetched):
        assert reading.rows["post"][0]["post_type"] == expected
        assert reading.rows["post"][0]["duration_s"] == 62.5


def test_polls_and_links(tmp_path):
    """A poll that is rejected for its other type, a link that is not seen."""
    poll = samples.note(0, START, type="Question", votersCount=12, oneOf=[])
    link = samples.note(1, START, attachment=[{"type": "Link", "href": "https://example.org"}])
    reading = read_notes(tmp_path, poll, link)
    assert [row["source_type"] for row in reading.rows["post"]] == ["poll", "link"]
    assert [row["post_type"] for row in reading.rows["post"]] == ["text", "link"]
    (extra,) = reading.rows["metric_extra"]
    assert (extra["name"], extra["value"]) == ("votersCount", 12)


def test_a_video_in_a_list_of_attachments_that_is_no_list(tmp_path):
    """Servers of the family that write one attachment, one reader, or several addresses."""
    reading = read_notes(
        tmp_path,
        samples.note(
            0,
            START,
            to=samples.PUBLIC,
            cc=None,
            url=[{"type": "Link", "href": "https://video.example/w/1"}],
            attachment={"type": "Document", "mediaType": "image/png"},
        ),
    )
    (post,) = reading.rows["post"]
    assert (post["post_type"], post["permalink"]) == ("image", "https://video.example/w/1")


def test_accounts_by_number(tmp_path):
    """Servers that call accounts by numbers: whose a status is stands in its address only."""
    actor = "https://social.example/ap/users/115"
    first = samples.note(0, START, attributedTo=actor, id=f"{actor}/statuses/1")
    second = samples.note(
        1, START, attributedTo=actor, id=f"{actor}/statuses/2", inReplyTo=first["id"]
    )
    made = [samples.create(one) | {"actor": actor} for one in (first, second)]
    (reading,) = read(tmp_path, samples.outbox(made))
    assert (reading.handle, reading.external_id) == (samples.HANDLE, actor)
    assert [row["post_id"] for row in reading.rows["post"]] == ["1", "2"]
    assert reading.rows["post"][1]["text"]


def test_times_in_other_zones(tmp_path):
    """A time that is moved by hours, or not read at all."""
    times = {
        "2026-01-01T02:00:00+02:00": datetime(2026, 1, 1),
        "2026-01-01T00:00:00.123456Z": datetime(2026, 1, 1),
        "2025-12-31T19:00:00-0500": datetime(2026, 1, 1),
    }
    for text, expected in times.items():
        reading = read_statuses(tmp_path, samples.status(0, START, created_at=text))
        assert reading.rows["post"][0]["published_at"] == expected


def test_bad_items_are_rejected_with_a_reason(tmp_path):
    """One broken status that takes all others with it, or vanishes without a word."""
    broken = [
        samples.note(1, START, published="yesterday"),
        samples.note(2, START, published=None),
        samples.note(3, START, id=None, url=None),
        samples.note(4, START, likes={"totalItems": "many"}),
    ]
    activities = [samples.create(one) for one in (samples.note(0, START), *broken)]
    (reading,) = read(tmp_path, samples.outbox([*activities, None, "https://x.example", {}]))
    assert (reading.rows_read, reading.rows_kept) == (8, 1)
    assert len(reading.rejected) == 4
    assert reading.dropped == 3
    assert all("item" in one or "row" in one for one in reading.rejected)


def test_destroyed_ids_are_rejected(tmp_path):
    """An id that went through a number and is nobody's any more."""
    lost = samples.status(1, START, uri=None, id=1.1581973004288e17)
    reading = read_statuses(tmp_path, samples.status(0, START), lost)
    assert "destroyed" in reading.rejected[0]


@pytest.mark.parametrize("value", [None, "", "-", "undefined"])
def test_missing_counts_are_missing(tmp_path, value):
    """A count that is not there, and becomes zero."""
    reading = read_statuses(tmp_path, samples.status(0, START, favourites_count=value))
    assert reading.rows["post_snapshot"][0]["reactions"] is None


def test_the_same_status_twice(tmp_path):
    """Pages that overlap, counted twice; or one of two numbers chosen in silence."""
    once, other = samples.status(0, START), samples.status(1, START)
    reading = read_statuses(tmp_path, once, once, other)
    assert (reading.rows_kept, reading.dropped) == (2, 1)
    reading = read_statuses(tmp_path, once, once | {"favourites_count": 99}, other)
    assert len(reading.rejected) == 1 and "other numbers" in reading.rejected[0]


def test_pages_and_lines(tmp_path):
    """Statuses as tools save them: page by page, line by line, under a name, with a mark."""
    made = [samples.status(i, START + timedelta(days=i)) for i in range(4)]
    lines = "\n".join(json.dumps(one) for one in made)
    forms = {
        "list": json.dumps(made),
        "pages": json.dumps([made[:2], made[2:]]),
        "named": json.dumps({"account": samples.account(), "statuses": made}),
        "lines": lines,
        "lines of pages": f"{json.dumps(made[:1])}\n\n{json.dumps(made[1:])}\n",
        "marked": "\ufeff" + json.dumps(made, indent=2),
    }
    for form, text in forms.items():
        (reading,) = read(tmp_path, text.encode(), "statuses.json")
        assert len(reading.rows["post"]) == 4, form
    (reading,) = read(tmp_path, json.dumps(made).encode("utf-16"), "statuses.json")
    assert len(reading.rows["post"]) == 4


def test_json_that_is_cut_short_is_refused(tmp_path):
    """A download that broke off, of which a part is taken for the whole."""
    made = [samples.status(i, START) for i in range(4)]
    whole = json.dumps(made).encode()
    lines = "\n".join(json.dumps(one) for one in made).encode()
    for cut in (whole[:-40], lines[:-40], json.dumps(samples.outbox([]), indent=1).encode()[:-3]):
        with pytest.raises(HandbookError, match="cut short or damaged"):
            read(tmp_path, cut, "statuses.json")


def test_accounts_do_not_merge(tmp_path):
    """Two accounts' statuses in one file, as if they were one channel's."""
    mine = samples.status(0, START)
    yours = samples.status(1, START, account=samples.account("other", 2))
    readings = read(tmp_path, [mine, yours, yours], "statuses.json")
    assert {one.handle for one in readings} == {samples.HANDLE, "other@social.example"}
    assert sorted(one.rows_kept for one in readings) == [1, 1]
    assert sum(one.rows_read for one in readings) == 3


def test_a_timeline_of_others_is_refused(tmp_path):
    """What hundreds of people wrote, imported as channels."""
    crowd = [samples.status(i, START, account=samples.account(f"p{i}", i)) for i in range(30)]
    with pytest.raises(HandbookError, match="timeline"):
        read(tmp_path, crowd, "home.json")


@pytest.mark.parametrize("private", [[], [samples.note(0, START, to=["x"], cc=[])]])
def test_nothing_to_keep_is_said(tmp_path, private):
    """An empty import that looks like a success."""
    with pytest.raises(HandbookError, match="no public post"):
        read(tmp_path, samples.outbox([samples.create(one) for one in private]))


@pytest.mark.parametrize(
    "document", [samples.actor(), samples.beside("likes"), samples.beside("bookmarks")]
)
def test_what_stands_beside_gives_nothing(tmp_path, document):
    """What others wrote and the account liked, taken for its own; or an unpacked archive that
    cannot be imported for it."""
    assert read(tmp_path, document, "beside.json") == []


@pytest.mark.parametrize(
    "document", [[], {}, [1, 2], {"a": [{"b": 1}]}, [[[[[[]]]]]], "text", None]
)
def test_other_json_is_not_known(tmp_path, document):
    """Any JSON taken for statuses."""
    with pytest.raises(HandbookError, match="not an export that is known"):
        read(tmp_path, document, "other.json")


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
def test_archives_as_downloaded(tmp_path, ending):
    """An archive that must be unpacked by hand, or whose date and account are not found."""
    items = [samples.create(samples.note(i, START)) for i in range(3)] + [
        samples.announce(4, START)
    ]
    path = samples.write_archive(tmp_path / f"{samples.ARCHIVE_NAME}.{ending}", items)
    store = tmp_path / "s.duckdb"
    reports = list(
        import_files(store, find_files([path]), read=lambda found: read_source(found.open()))
    )
    (report,) = [one for one in reports if one.outcome == "imported"]
    assert {one.outcome for one in reports} <= {"imported", "passed over"}
    assert (report.channel_id, report.assumed) == (samples.CHANNEL, False)
    assert report.exported_at == datetime(2026, 2, 15, 10, 11, 12)
    with open_store(store) as connection:
        observed = connection.execute("SELECT DISTINCT observed_on FROM post_snapshot").fetchall()
        owner = connection.execute("SELECT handle, external_id, url FROM channel").fetchall()
    assert observed == [(date(2026, 2, 15),)]
    assert owner == [(samples.HANDLE, samples.ACTOR, samples.PAGE)]


def test_an_archive_and_statuses_are_of_one_channel(tmp_path):
    """Two channels made of one account, or the newer counts hidden by the older."""
    store = tmp_path / "s.duckdb"
    old = samples.write_outbox(tmp_path / "outbox.json", 3)
    new = samples.write_statuses(tmp_path / "statuses.json", 3)
    for path, day in ((new, date(2026, 3, 1)), (old, date(2026, 2, 1))):
        (report,) = import_files(
            store, [path], read=lambda p: read_source(SourceFile(p)), exported_on=day
        )
        assert report.channel_id == samples.CHANNEL
    with open_store(store) as connection:
        rows = connection.execute("SELECT comments FROM post_latest ORDER BY comments").fetchall()
    assert rows == [(1,), (2,), (3,)]
