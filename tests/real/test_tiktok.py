"""Real TikTok exports, checked against an independent reading by the csv module."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handbook.importers import read_file
from handbook.store import import_files, open_store

pytestmark = pytest.mark.real

OF_DAY = {
    "Video views": "views",
    "Reached audience": "reach",
    "Profile views": "profile_visits",
    "Likes": "reactions",
    "Shares": "shares",
    "Comments": "comments",
    "Net growth": "followers_net",
    "New followers": "followers_gained",
    "Lost followers": "followers_lost",
}
OF_POST = {
    "Video views": "views",
    "Likes": "reactions",
    "Comments": "comments",
    "Shares": "shares",
    "Add to Favorites": "saves",
}
MISSING = {"", "--", "NAN"}


def records(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file as the csv module reads them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def total(rows: list[dict[str, str]], header: str) -> int:
    """Return the sum of a column, its missing cells left out."""
    return sum(int(row[header]) for row in rows if row[header] not in MISSING)


@pytest.fixture(scope="module")
def days(real_exports) -> Path:
    """The file of days."""
    return real_exports / "tiktok" / "TIKTOK_RAW.csv"


@pytest.fixture(scope="module")
def posts(real_exports) -> Path:
    """The file of videos."""
    return real_exports / "tiktok" / "TIKTOK_VIDEO_RAW.csv"


def test_sums_in_the_store_are_the_files(days, posts, tmp_path):
    """A day, a video or a number that is lost or invented on the way into the store."""
    store = tmp_path / "a.duckdb"
    reports = list(import_files(store, [days, posts], read=read_file, channel="tiktok:example"))
    assert [report.outcome for report in reports] == ["imported", "imported"]
    with open_store(store) as connection:
        for path, table, names in (
            (days, "channel_day", OF_DAY),
            (posts, "post_snapshot", OF_POST),
        ):
            rows = records(path)
            for header, name in names.items():
                found = connection.execute(f"SELECT sum({name}), count(*) FROM {table}").fetchone()
                assert found == (total(rows, header), len(rows)), (path.name, header)


def test_missing_days_stay_missing(days):
    """NAN that became 0."""
    found = {row["date"]: row["reach"] for row in read_file(days).rows["channel_day"]}
    for row in records(days):
        day = datetime.strptime(row["Date"], "%Y/%m/%d").date()
        assert (found[day] is None) == (row["Reached audience"] in MISSING)


def test_times_are_those_inside_the_ids(posts):
    """A time moved into another zone."""
    reading = read_file(posts)
    for post in reading.rows["post"]:
        inside = datetime.fromtimestamp(int(post["post_id"]) >> 32, UTC).replace(tzinfo=None)
        assert abs((post["published_at"] - inside).total_seconds()) < 900
    assert not any("ids" in warning for warning in reading.warnings)


def test_texts_are_masked(posts):
    """A phone number of the account, which its videos name, in a stored text."""
    texts = " ".join(row["text"] or "" for row in read_file(posts).rows["post"])
    assert "[phone]" in texts
    assert not re.search(r"\+\d{2,3}[ \d]{7}", texts)


def test_rows_add_up(days, posts):
    """A row that is neither kept nor dropped nor rejected."""
    for path in (days, posts):
        reading = read_file(path)
        assert reading.rows_read == reading.rows_kept == len(records(path))


def test_the_account_is_found_in_the_links(posts):
    """An account that the content names, and that nobody reads."""
    (handle,) = {row["Video link"].split("@")[1].split("/")[0] for row in records(posts)}
    assert read_file(posts).handle == handle
