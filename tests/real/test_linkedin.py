"""Real LinkedIn exports, checked against another reader than the importer's."""

from __future__ import annotations

import itertools
import random
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from handbook.errors import HandbookError
from handbook.importers import read_file
from handbook.store import import_files, open_store

pytestmark = pytest.mark.real

CHANNEL = "linkedin:real-page"

DAY_COLUMNS = {
    "content": {
        f"{header} ({part})": name + suffix
        for header, name in {
            "Impressions": "impressions",
            "Clicks": "clicks",
            "Reactions": "reactions",
            "Comments": "comments",
            "Reposts": "shares",
        }.items()
        for part, suffix in {"organic": "_organic", "sponsored": "_paid", "total": ""}.items()
    }
    | {"Unique impressions (organic)": "reach"},
    "followers": {
        "Sponsored followers": "followers_gained_paid",
        "Organic followers": "followers_gained_organic",
        "Auto-invited followers": "followers_gained_invited",
        "Total followers": "followers_gained",
    },
    "visitors": {
        "Total page views (total)": "page_views",
        "Total unique visitors (total)": "unique_visitors",
    },
}
DAY_SHEETS = {"content": "Metrics", "followers": "New followers", "visitors": "Visitor metrics"}
POST_COLUMNS = {
    "Impressions": "impressions",
    "Views": "views",
    "Clicks": "clicks",
    "Likes": "reactions",
    "Comments": "comments",
    "Reposts": "shares",
    "Follows": "follows",
    "Click through rate (CTR)": "ctr",
    "Engagement rate": "engagement_rate_reported",
}


@pytest.fixture(scope="module")
def files(real_exports) -> dict[str, Path]:
    """The three files by kind."""
    return {
        kind: next((real_exports / "linkedin").glob(f"*_{kind}.xls"))
        for kind in ("content", "followers", "visitors")
    }


@pytest.fixture(scope="module")
def store(files, tmp_path_factory) -> Path:
    """A store of the three files."""
    path = tmp_path_factory.mktemp("real") / "real.duckdb"
    load(path, files.values())
    return path


def load(store: Path, paths) -> list:
    """Import files that must not be refused."""
    reports = list(import_files(store, paths, read=read_file, channel=CHANNEL))
    assert [report.reason for report in reports if report.outcome == "refused"] == []
    return reports


def sheet_rows(path: Path, sheet: str) -> list[dict]:
    """Rows of a sheet by header, read by calamine."""
    values = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    start = next(i for i, row in enumerate(values) if row[1] != "")
    return [dict(zip(values[start], row, strict=True)) for row in values[start + 1 :]]


def fetch(store: Path, sql: str) -> list[tuple]:
    """Rows of a query."""
    with open_store(store) as connection:
        return connection.execute(sql).fetchall()


def summed(rows: list[dict], header: str) -> float | None:
    """Sum of a column, or None where it holds nothing."""
    values = [row[header] for row in rows if row[header] != ""]
    return sum(values) if values else None


def test_how_much_there_is(store):
    """Days or posts lost or counted twice."""
    ((days, gained, viewed, first, last),) = fetch(
        store,
        """SELECT count(impressions), count(followers_gained), count(page_views),
                  min(date), max(date) FROM channel_day""",
    )
    assert (days, gained, viewed) == (365, 365, 365)
    assert (first, last) == (date(2024, 5, 21), date(2025, 5, 20))
    assert fetch(store, "SELECT count(*) FROM post") == [(78,)]
    assert fetch(store, "SELECT count(*) FROM post_latest") == [(78,)]


@pytest.mark.parametrize("kind", DAY_COLUMNS)
def test_sums_of_days(store, files, kind):
    """Any column whose sum in the store is another than in the file."""
    rows = sheet_rows(files[kind], DAY_SHEETS[kind])
    names = DAY_COLUMNS[kind]
    sums = fetch(store, f"SELECT {', '.join(f'sum({n})' for n in names.values())} FROM channel_day")
    assert dict(zip(names, sums[0], strict=True)) == {h: summed(rows, h) for h in names}


@pytest.mark.parametrize("kind", DAY_COLUMNS)
def test_every_day(store, files, kind):
    """Values on the wrong day, which sums do not show."""
    names = DAY_COLUMNS[kind]
    found = fetch(store, f"SELECT date, {', '.join(names.values())} FROM channel_day ORDER BY 1")
    expected = [
        (datetime.strptime(row["Date"], "%m/%d/%Y").date(), *(row[h] for h in names))
        for row in sheet_rows(files[kind], DAY_SHEETS[kind])
    ]
    assert found == sorted(expected)


def test_sums_of_posts(store, files):
    """Any column of the posts whose sum in the store is another than in the file."""
    rows = sheet_rows(files["content"], "All posts")
    names = ", ".join(f"sum({name})" for name in POST_COLUMNS.values())
    (sums,) = fetch(store, f"SELECT {names} FROM post_latest")
    for header, value in zip(POST_COLUMNS, sums, strict=True):
        expected = summed(rows, header)
        assert value == (None if expected is None else pytest.approx(expected)), header


def test_every_post(store, files):
    """A post under another's id, on another's day, or with another's numbers."""
    expected = {
        (
            re.search(r"urn:li:\w+:(\d+)", row["Post link"])[1],
            datetime.strptime(row["Created date"], "%m/%d/%Y").date(),
            int(row["Impressions"]),
            int(row["Likes"]),
        )
        for row in sheet_rows(files["content"], "All posts")
    }
    found = fetch(
        store,
        """SELECT post_id, published_date, impressions, reactions
           FROM post JOIN post_latest USING (channel_id, post_id)""",
    )
    assert set(found) == expected


@pytest.mark.parametrize(("kind", "value"), [("followers", "followers"), ("visitors", "views")])
def test_demographics(store, files, kind, value):
    """A group lost, or its number."""
    for sheet in ("Location", "Job function", "Seniority", "Industry", "Company size"):
        rows = sheet_rows(files[kind], sheet)
        found = fetch(
            store,
            f"""SELECT category, value FROM metric_extra
                WHERE owner = '{CHANNEL}' AND name = '{kind} by {sheet.lower()}'""",
        )
        assert sorted(found) == sorted((row[sheet], row[f"Total {value}"]) for row in rows)


def test_parts_of_the_visitors(store, files):
    """A part of the page views that is not kept as an extra metric."""
    rows = sheet_rows(files["visitors"], "Visitor metrics")
    for header in set(rows[0]) - {"Date", *DAY_COLUMNS["visitors"]}:
        ((found,),) = fetch(store, f"SELECT sum(value) FROM metric_extra WHERE name = '{header}'")
        assert found == summed(rows, header), header


def test_no_name_of_staff(store, files):
    """A name from the column of staff anywhere but in the posts' own texts."""
    names = {row["Posted by"] for row in sheet_rows(files["content"], "All posts")} - {""}
    assert names
    with open_store(store) as connection:
        for table in connection.execute("SHOW TABLES").fetchall():
            for row in connection.execute(f"FROM {table[0]}").fetchall():
                cells = [str(cell) for name, cell in zip(connection.description, row, strict=True)
                         if name[0] != "text"]  # fmt: skip
                assert not [name for name in names if any(name in cell for cell in cells)]
    columns = fetch(store, "SELECT column_name FROM duckdb_columns()")
    assert "posted_by" not in {column for (column,) in columns}


def test_a_second_import_changes_nothing(store, files):
    """Rows that are counted twice."""
    tables = [name for (name,) in fetch(store, "SHOW TABLES")]
    before = {name: fetch(store, f"FROM {name} ORDER BY ALL") for name in tables}
    assert {report.outcome for report in load(store, files.values())} == {"unchanged"}
    assert {name: fetch(store, f"FROM {name} ORDER BY ALL") for name in tables} == before


def test_any_order_of_the_files(store, files, tmp_path):
    """A view that depends on which file came first."""
    views = ("channel_day", "post", "post_latest", "metric_extra", "channel")
    expected = {name: fetch(store, f"FROM {name} ORDER BY ALL") for name in views}
    for number, order in enumerate(itertools.permutations(files.values())):
        other = tmp_path / f"{number}.duckdb"
        load(other, order)
        assert {name: fetch(other, f"FROM {name} ORDER BY ALL") for name in views} == expected


def test_cut_short(files, tmp_path, capfd):
    """A broken download that is read in part, or answered with a crash report."""
    whole = files["content"].read_bytes()
    path = tmp_path / "content.xls"
    for hundredths in range(1, 100, 7):
        path.write_bytes(whole[: len(whole) * hundredths // 100])
        with pytest.raises(HandbookError, match=r"content\.xls"):
            read_file(path)
    assert capfd.readouterr().err == ""


def test_a_sheet_that_says_another_size(files, tmp_path):
    """A flipped byte that makes the reader ask for more memory than there is, or lose rows."""
    data = bytearray(files["followers"].read_bytes())
    at = data.index(b"\x00\x02\x0e\x00\x00\x00\x00\x00")
    data[at + 5] = 0xAE
    path = tmp_path / "followers.xls"
    path.write_bytes(data)
    assert read_file(path).rows == read_file(files["followers"]).rows


@pytest.mark.parametrize("seed", range(25))
def test_flipped_bytes(files, tmp_path, seed, capfd):
    """Damage that ends in anything but an answer: a crash report, or the end of the process."""
    dice = random.Random(seed)
    for kind, file in files.items():
        data = bytearray(file.read_bytes())
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path = tmp_path / f"{kind}.xls"
        path.write_bytes(data)
        try:
            reading = read_file(path)
        except HandbookError as error:
            assert f"{kind}.xls" in str(error)
        else:
            assert reading.rows_kept + reading.dropped + len(reading.rejected) == reading.rows_read
    assert capfd.readouterr().err == ""
