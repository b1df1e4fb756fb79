"""Real X exports, checked against an independent reading by the csv module."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handbook.importers import read_file
from handbook.store import import_files, open_store

pytestmark = pytest.mark.real

OF_BOTH = {
    "impressions": "impressions",
    "likes": "reactions",
    "replies": "comments",
    "retweets": "shares",
    "url clicks": "link_clicks",
    "user profile clicks": "profile_visits",
}
OF_POST = OF_BOTH | {"engagements": "engagements_reported", "follows": "follows"}
OF_DAY = OF_BOTH | {"engagements": "engagements", "Tweets published": "posts_published"}
EXTRA = (
    "hashtag clicks",
    "detail expands",
    "permalink clicks",
    "app opens",
    "app installs",
    "email tweet",
    "dial phone",
    "media views",
    "media engagements",
)


def records(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file as the csv module reads them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def total(rows: list[dict[str, str]], header: str) -> int:
    """Return the sum of a column, its dashes left out."""
    return int(sum(float(row[header]) for row in rows if row[header] != "-"))


@pytest.fixture(scope="module")
def posts(real_exports) -> list[Path]:
    """The files by tweet."""
    return sorted((real_exports / "x").glob("tweet_activity_metrics_*.csv"))


@pytest.fixture(scope="module")
def days(real_exports) -> list[Path]:
    """The files by day."""
    return sorted((real_exports / "x").glob("daily_tweet_activity_metrics_*.csv"))


@pytest.fixture(scope="module")
def store(tmp_path_factory, posts, days) -> Path:
    """A store of all files, the ones by day given to a channel of their own."""
    path = tmp_path_factory.mktemp("x") / "store.duckdb"
    reports = [
        *import_files(path, posts, read=read_file, channel="x:posts-of-one"),
        *import_files(path, days, read=read_file, channel="x:days-of-another"),
    ]
    assert [report.outcome for report in reports] == ["imported"] * 3
    assert [report.rejected for report in reports] == [[]] * 3
    return path


def sums(store: Path, table: str, columns) -> dict[str, int]:
    """Return the sum of columns of a table in the store."""
    chosen = ", ".join(f'sum("{name}")' for name in columns)
    with open_store(store) as connection:
        (values,) = connection.execute(f"SELECT {chosen} FROM {table}").fetchall()
    return dict(zip(columns, values, strict=True))


def extra_sums(store: Path, owner: str) -> dict[str, int]:
    """Return the sum of each extra metric."""
    with open_store(store) as connection:
        return dict(
            connection.execute(
                "SELECT name, sum(value)::BIGINT FROM metric_extra "
                "WHERE starts_with(owner, ?) AND unit = 'count' GROUP BY ALL",
                [owner],
            ).fetchall()
        )


def test_posts_add_up(store, posts):
    """A number of a post that got lost, was counted twice, or landed in another column."""
    rows = [row for path in posts for row in records(path)]
    assert sums(store, "post_snapshot", list(OF_POST.values())) == {
        ours: total(rows, header) for header, ours in OF_POST.items()
    }
    assert extra_sums(store, "x:posts-of-one/") == {name: total(rows, name) for name in EXTRA}


def test_days_add_up(store, days):
    """A number of a day that got lost, or a day."""
    rows = [row for path in days for row in records(path)]
    assert sums(store, "channel_day", list(OF_DAY.values())) == {
        ours: total(rows, header) for header, ours in OF_DAY.items()
    }
    extras = extra_sums(store, "x:days-of-another")
    assert extras == {name: total(rows, name) for name in (*EXTRA, "follows")}
    with open_store(store) as connection:
        found = connection.execute("SELECT date FROM channel_day ORDER BY date").fetchall()
    assert [f"{day}" for (day,) in found] == sorted(row["Date"] for row in rows)


def test_every_post_has_its_own_time_and_id(store, posts):
    """An id that is not text, or a time that is not the one in the file."""
    rows = [row for path in posts for row in records(path)]
    with open_store(store) as connection:
        found = connection.execute("SELECT post_id, permalink, published_at FROM post").fetchall()
    assert {(post, link, f"{at:%Y-%m-%d %H:%M} +0000") for post, link, at in found} == {
        (row["Tweet id"], row["Tweet permalink"], row["time"]) for row in rows
    }
    for post_id, _, at in found:
        made = (int(post_id) >> 22) / 1000 + 1288834974.657
        assert abs(at.replace(tzinfo=UTC) - datetime.fromtimestamp(made, UTC)).seconds < 60


def test_who_and_what_is_in_texts(store, posts):
    """Somebody's handle, or the words of a reply, in the store."""
    rows = [row for path in posts for row in records(path)]
    with open_store(store) as connection:
        texts = dict(connection.execute("SELECT post_id, text FROM post").fetchall())
        types = Counter(
            row[0] for row in connection.execute("SELECT post_type FROM post").fetchall()
        )
    replies = [row["Tweet id"] for row in rows if row["Tweet text"].startswith("@")]
    assert types == {None: len(rows) - len(replies), "reply": len(replies)}
    assert [texts[post_id] for post_id in replies] == [None] * len(replies)
    assert not [text for text in texts.values() if text and ("@" in text or "&amp;" in text)]
    assert sum("\n" in (text or "") for text in texts.values()) == sum(
        "\n" in row["Tweet text"].strip() for row in rows if row["Tweet id"] not in replies
    )


def test_the_files_say_whose_they_are(posts, days):
    """An account that the links name and the importer does not."""
    for path in posts:
        (handle,) = {row["Tweet permalink"].split("/")[3] for row in records(path)}
        reading = read_file(path)
        assert (reading.handle, reading.language, reading.warnings) == (handle, "en", [])
    assert [read_file(path).handle for path in days] == [None]
