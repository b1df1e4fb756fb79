"""What must be true of posts out of JSON, whatever stands in it."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importers.samples import START, bluesky, mastodon

from handbook.errors import HandbookError
from handbook.importers import SourceFile, read_source
from handbook.schema import POST, POST_SNAPSHOT
from handbook.store import import_files, open_store

DOCUMENTS = {
    "mastodon-archive": mastodon.outbox(
        [
            mastodon.create(
                mastodon.note(
                    0,
                    START,
                    inReplyTo=f"{mastodon.ACTOR}/statuses/1",
                    attachment=[{"type": "Document", "mediaType": "video/mp4", "duration": "PT5S"}],
                )
            ),
            mastodon.create(mastodon.note(1, START, summary="Warning", votersCount=3)),
            mastodon.announce(2, START),
        ]
    ),
    "mastodon-statuses": [
        mastodon.status(0, START, poll={"votes_count": 4}),
        mastodon.status(1, START, media_attachments=[{"type": "image", "meta": {"original": {}}}]),
        mastodon.status(2, START, reblog=mastodon.status(3, START)),
    ],
    "bluesky-feed": {
        "feed": [
            {"post": bluesky.view(0, START, record={"embed": {"$type": "app.bsky.embed.video"}})},
            {"post": bluesky.view(1, START, record={"reply": {"parent": {"uri": "at://a/b/c"}}})},
            bluesky.repost(2, START),
        ]
    },
}

STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["https://[", "at://", "PT", "9999-12-31T23:59:59-12:00", "<p><![x", "1e999"]),
    st.just([]),
    st.just({}),
    st.just([[{"a": [None]}]]),
)


def paths_in(value, here=()):
    """Yield the path of every value inside a document."""
    yield here
    if isinstance(value, (dict, list)):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield from paths_in(value[name], (*here, name))


def put(document, path, value):
    """Return a document with another value at a path."""
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def read(folder, document):
    """Write a document, and read it."""
    path = folder / "any.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_source(SourceFile(path))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder for one file after the other."""
    return tmp_path_factory.mktemp("feeds")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", DOCUMENTS)
def test_strange_values_are_refused_or_rejected_in_words(folder, name, data):
    """A crash on a value that nobody thought of, and rows that vanish without a reason."""
    document = DOCUMENTS[name]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([path for path in paths_in(document) if path]))
        document = put(document, path, data.draw(STRANGE))
    with suppress(HandbookError):
        for reading in read(folder, document):
            assert reading.rows_kept > 0
            assert reading.rows_kept == len(reading.rows[POST.name])
            assert reading.rows_read == (
                reading.rows_kept + reading.dropped + len(reading.rejected)
            )
            for row in reading.rows.get(POST_SNAPSHOT.name, []):
                for measure in ("reactions", "shares", "comments"):
                    assert row[measure] is None or isinstance(row[measure], int)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("writer", [mastodon.WRITERS["mastodon-statuses"], bluesky.write_feed])
def test_the_order_of_names_and_posts_does_not_matter(folder, writer, data):
    """A reader that goes by the place of a name, or by the newest coming first."""
    document = json.loads(writer(folder / "one.json", 6).read_bytes())
    shuffled = shuffle(document, data)
    first, second = read(folder, document)[0], read(folder, shuffled)[0]
    for table in first.rows:
        a, b = (sorted(map(repr, reading.rows[table])) for reading in (first, second))
        assert a == b, table


def shuffle(value, data):
    """Return a document with its names, and its lists, in another order."""
    if isinstance(value, list):
        return data.draw(st.permutations(value))
    names = data.draw(st.permutations(sorted(value)))
    return {name: shuffle(value[name], data) if name == "feed" else value[name] for name in names}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_halves_of_characters_reach_the_store(folder, name):
    """A text cut in the middle of a sign, as tools do it, which no database takes."""
    path = folder / "halves.json"
    text = json.dumps(DOCUMENTS[name]).replace("Open lecture", "\\ud83d Open")
    text = text.replace("Avoin luento", "\\uD83D\\ude00 \\ude00")
    path.write_text(text.replace("quoteCount", "\\ud800Count"), encoding="utf-8")
    store = folder / f"{name}.duckdb"
    (report,) = import_files(store, [path], read=lambda p: read_source(SourceFile(p)))
    assert (report.outcome, report.rows_kept) == ("imported", 3)
    with open_store(store) as connection:
        assert connection.execute("SELECT count(*) FROM post").fetchone() == (3,)


WRITERS = [mastodon.write_outbox, mastodon.write_statuses, bluesky.write_feed]


@pytest.mark.parametrize("write", WRITERS)
def test_two_halves_are_the_whole(folder, write):
    """A post at the seam that is lost or counted twice."""
    (whole,) = read_source(SourceFile(write(folder / "whole.json", 8)))
    starts = [START, START + timedelta(days=4)]
    halves = [write(folder / f"{i}.json", 4, start, 4 * i) for i, start in enumerate(starts)]
    for table in (POST.name, POST_SNAPSHOT.name):
        parts = [row for half in halves for row in read_source(SourceFile(half))[0].rows[table]]
        assert sorted(map(repr, parts)) == sorted(map(repr, whole.rows[table]))
