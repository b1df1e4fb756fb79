"""Real exports of Meta, checked against an independent reading by the csv module."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from handbook.importers import Options, read_file
from handbook.store import import_files, open_store

pytestmark = pytest.mark.real

FACEBOOK = {
    "Views": "views",
    "Reach": "reach",
    "Reactions": "reactions",
    "Comments": "comments",
    "Shares": "shares",
    "Total clicks": "clicks",
    "Link Clicks": "link_clicks",
    "Reactions, Comments and Shares": "engagements_reported",
    "Seconds viewed": "watch_time_s",
}
INSTAGRAM = {
    "Views": "views",
    "Reach": "reach",
    "Likes": "reactions",
    "Comments": "comments",
    "Shares": "shares",
    "Saves": "saves",
    "Follows": "follows",
}
TEXTS = {
    "Post ID",
    "Page ID",
    "Page name",
    "Title",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Caption type",
    "Permalink",
    "Post type",
    "Languages",
    "Custom labels",
    "Funded content status",
    "Data comment",
    "Date",
    "Average Seconds viewed",
}
BY_DAY = {
    ("Reach.csv", "facebook"): "reach",
    ("Views.csv", "facebook"): "views",
    ("Follows.csv", "facebook"): "followers_gained",
    ("Interactions.csv", "facebook"): "engagements",
    ("Visits.csv", "facebook"): "profile_visits",
    ("Interactions (1).csv", "instagram"): "engagements",
    ("Visits (1).csv", "instagram"): "profile_visits",
}
CLASSIC_POSTS = {
    "Lifetime Post Total Reach": "reach",
    "Lifetime Post Total Impressions": "impressions",
    "Lifetime Post Stories by action type - like": "reactions",
    "Lifetime Post Stories by action type - comment": "comments",
    "Lifetime Post Stories by action type - share": "shares",
    "Lifetime Post Consumptions": "clicks",
    "Lifetime Post Consumptions by type - link clicks": "link_clicks",
}
CLASSIC_DAYS = {
    "Lifetime Total Likes": "followers_total",
    "Daily New Likes": "followers_gained",
    "Daily Unlikes": "followers_lost",
    "Daily Total Reach": "reach",
    "Daily Total Impressions": "impressions",
    "Daily Organic impressions": "impressions_organic",
    "Daily Paid Impressions": "impressions_paid",
    "Daily Page consumptions": "clicks",
    "Daily Page consumptions by type - link clicks": "link_clicks",
    "Daily Total Video Views": "views",
}


def rows_of(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    """Return the rows of a file as the csv module reads them."""
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def total(rows: list[list[str]], index: int) -> float:
    """Return the sum of a column; empty cells count for nothing."""
    return sum(float(row[index]) for row in rows if index < len(row) and row[index].strip())


def sums(store: Path, table: str, columns: list[str]) -> dict[str, float]:
    """Return the sum of columns of a table; 0 where all is missing."""
    chosen = ", ".join(f'coalesce(sum("{name}"), 0)' for name in columns)
    with open_store(store) as connection:
        (values,) = connection.execute(f"SELECT {chosen} FROM {table}").fetchall()
    return {name: pytest.approx(float(v)) for name, v in zip(columns, values, strict=True)}


def keep(tmp_path: Path, path: Path, channel: str) -> Path:
    """Import one file into a store of its own, without a rejected row."""
    store = tmp_path / "store.duckdb"
    options = Options(platform=channel.split(":")[0])
    (report,) = import_files(
        store, [path], read=lambda file: read_file(file, options), channel=channel
    )
    assert (report.outcome, report.rejected, report.rows_dropped) == ("imported", [], 0)
    return store


@pytest.mark.parametrize(
    ("name", "zeros"),
    [
        ("Jan-14-2025_Apr-14-2025_1396269028466733.csv", False),
        ("Mar-18-2025_Apr-14-2025_553302954456165.csv", True),
    ],
)
def test_facebook_content_adds_up(tmp_path, real_exports, name, zeros):
    """A number of a post that got lost, was counted twice, or landed in another column."""
    path = real_exports / "meta" / "oigetit" / name
    header, *rows = rows_of(path)
    store = keep(tmp_path, path, "facebook:of-a-page")
    expected = {ours: total(rows, header.index(h)) for h, ours in FACEBOOK.items() if h in header}
    assert sums(store, "post_snapshot", list(expected)) == expected
    with open_store(store) as connection:
        extras = dict(
            connection.execute("SELECT name, sum(value) FROM metric_extra GROUP BY name").fetchall()
        )
        seen = connection.execute("SELECT count(views) FROM post_snapshot").fetchone()
    others = [h for h in dict.fromkeys(header) if h not in TEXTS and h not in FACEBOOK]
    assert extras == {h: pytest.approx(total(rows, header.index(h))) for h in others}
    assert seen == (0 if zeros else len(rows),)


def test_instagram_content_adds_up(tmp_path, real_exports):
    """A number of a post that got lost, was counted twice, or landed in another column."""
    folder = real_exports / "meta" / "oigetit"
    path = folder / "Mar-18-2025_Apr-14-2025_1019826952924933.csv"
    header, *rows = rows_of(path)
    store = keep(tmp_path, path, "instagram:of-an-account")
    expected = {ours: total(rows, header.index(h)) for h, ours in INSTAGRAM.items()}
    assert sums(store, "post_snapshot", list(expected)) == expected
    with open_store(store) as connection:
        types = dict(
            connection.execute("SELECT source_type, count(*) FROM post GROUP BY ALL").fetchall()
        )
    assert types == Counter(row[header.index("Post type")] for row in rows)


def test_a_second_copy_changes_nothing(tmp_path, real_exports):
    """Posts counted twice because one report was downloaded twice."""
    folder = real_exports / "meta" / "oigetit"
    names = [f"Mar-18-2025_Apr-14-2025_{n}.csv" for n in (1019826952924933, 578982927868853)]
    store = tmp_path / "store.duckdb"
    reports = import_files(store, [folder / name for name in names], read=read_file)
    assert [report.outcome for report in reports] == ["imported", "unchanged"]


def test_every_post_has_its_own_time_and_owner(real_exports):
    """A time that is not the file's, an id that is not text, or an owner that is not named."""
    for path in sorted((real_exports / "meta" / "oigetit").glob("*-2025_*.csv")):
        header, *rows = rows_of(path)
        reading = read_file(path)
        owner = "Page ID" if "Page ID" in header else "Account ID"
        assert {row[header.index(owner)] for row in rows} == {reading.external_id}
        assert reading.handle
        local, utc = ZoneInfo("America/Los_Angeles"), ZoneInfo("UTC")
        found = {
            (
                post["post_id"],
                post["permalink"],
                post["published_at"].replace(tzinfo=ZoneInfo("UTC")),
            )
            for post in reading.rows["post"]
        }
        assert found == {
            (
                row[header.index("Post ID")],
                row[header.index("Permalink")],
                datetime.strptime(row[header.index("Publish time")], "%m/%d/%Y %H:%M")
                .replace(tzinfo=local)
                .astimezone(utc),
            )
            for row in rows
        }
        assert not [warning for warning in reading.warnings if "hour" in warning]


@pytest.mark.parametrize(("name", "platform"), BY_DAY)
def test_days_add_up(tmp_path, real_exports, name, platform):
    """A day lost, moved by the clock of the United States, or under another metric's name."""
    path = real_exports / "meta" / "oigetit" / name
    rows = [row for row in rows_of(path, "utf-16")[3:] if row]
    store = keep(tmp_path, path, f"{platform}:of-a-page")
    metric = BY_DAY[name, platform]
    with open_store(store) as connection:
        found = connection.execute(f"SELECT date, {metric} FROM channel_day ORDER BY 1").fetchall()
    assert [(f"{day}", value) for day, value in found] == [
        (label[:10], int(value)) for label, value in rows
    ]


def test_audience_adds_up(real_exports):
    """A share lost, or put to another group."""
    path = real_exports / "meta" / "oigetit" / "Audience.csv"
    numbers = [
        float(cell)
        for row in rows_of(path, "utf-16")
        for cell in row
        if cell.replace(".", "", 1).isdigit()
    ]
    reading = read_file(path, Options(platform="facebook"))
    values = [row["value"] for row in reading.rows["metric_extra"]]
    assert (len(values), sum(values)) == (len(numbers), pytest.approx(sum(numbers) / 100))


def classic(real_exports: Path, by_post: bool) -> Path:
    """Return the file by post, or the one by day."""
    (path,) = (
        path
        for path in (real_exports / "facebook-classic").glob("*.csv")
        if ("(Post Level)" in path.name) == by_post
    )
    return path


@pytest.mark.parametrize("by_post", [True, False])
def test_classic_insights_add_up(tmp_path, real_exports, by_post):
    """A number lost, counted twice, or in another column, among 95 or 2,325 of them."""
    path = classic(real_exports, by_post)
    header, _, *rows = rows_of(path, "utf-8-sig" if by_post else "cp1252")
    store = keep(tmp_path, path, "facebook:of-a-studio")
    names = CLASSIC_POSTS if by_post else CLASSIC_DAYS
    expected = {ours: total(rows, header.index(h)) for h, ours in names.items()}
    table = "post_snapshot" if by_post else "channel_day"
    assert sums(store, table, list(expected)) == expected
    first = 8 if by_post else 1
    apart = {header.index(h) for h in names}
    if by_post:
        apart |= {i for i, h in enumerate(header) if h.endswith(("time video viewed", "length"))}
    else:
        apart |= {i for i, h in enumerate(header) if h == "Daily Logged-in Page Views"}
    others = [i for i in range(first, len(header)) if i not in apart]
    filled = [(row, i) for row in rows for i in others if row[i].strip()]
    with open_store(store) as connection:
        found = connection.execute("SELECT count(*), sum(value) FROM metric_extra").fetchone()
        kept = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert found == (len(filled), pytest.approx(sum(float(row[i]) for row, i in filled)))
    assert kept == (len(rows),)


def test_classic_page_views(real_exports):
    """People who viewed the Page taken for views, which stand under the same header."""
    path = classic(real_exports, by_post=False)
    header, described, *rows = rows_of(path, "cp1252")
    days = read_file(path).rows["channel_day"]
    for index in (i for i, h in enumerate(header) if h == "Daily Logged-in Page Views"):
        ours = "page_views" if "(Total Count)" in described[index] else "unique_visitors"
        assert sum(day[ours] for day in days) == total(rows, index)


def test_classic_times(real_exports):
    """Afternoons read as mornings."""
    path = classic(real_exports, by_post=True)
    header, _, *rows = rows_of(path)
    reading = read_file(path)
    found = {post["post_id"]: post["published_at"] for post in reading.rows["post"]}
    for row in rows:
        local = datetime.strptime(row[header.index("Posted")], "%m/%d/%Y %I:%M:%S %p")
        assert found[row[0]].hour - local.hour in (8, 7, -16, -17)
        assert found[row[0]].minute == local.minute


def test_posts_without_ids_are_refused(real_datasets):
    """A table of posts that nothing tells apart, kept under made-up ids."""
    from handbook.errors import HandbookError

    with pytest.raises(HandbookError, match="'Post ID', 'Posted'"):
        read_file(real_datasets / "uci_moro_original_headers_CR.csv")
