"""Real YouTube exports, checked against an independent reading by the csv module."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import pytest

from handbook.importers import read_file
from handbook.store import import_files, open_store

pytestmark = pytest.mark.real

OF_VIDEO = {"Views": "views", "Subscribers": "follows", "Impressions": "impressions"}


def records(path: Path) -> list[dict[str, str]]:
    """Return the videos of a table as the csv module reads them, without the total."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["Content"] != "Total"]


def total(rows: list[dict[str, str]], header: str) -> float:
    """Return the sum of a column, its empty cells left out."""
    return sum(float(row[header]) for row in rows if row[header])


@pytest.fixture(scope="module")
def tables(real_exports) -> list[Path]:
    """The tables of videos."""
    return sorted((real_exports / "youtube").glob("*Table*data.csv"))


@pytest.fixture(scope="module")
def totals(real_exports) -> list[Path]:
    """The totals by day."""
    return sorted((real_exports / "youtube").glob("*Totals.csv"))


def test_there_are_files(tables, totals):
    """A folder without files, on which everything below would hold."""
    assert len(tables) >= 2 and len(totals) >= 1


def test_sums_of_videos_in_the_store_are_the_files(tables, tmp_path):
    """A video, a number or an hour that is lost or invented on the way into the store."""
    for number, path in enumerate(tables):
        store = tmp_path / f"{number}.duckdb"
        (report,) = import_files(store, [path], read=read_file, channel="youtube:example")
        assert report.outcome == "imported"
        rows = records(path)
        with open_store(store) as connection:
            for header, name in OF_VIDEO.items():
                (found,) = connection.execute(f"SELECT sum({name}) FROM post_snapshot").fetchone()
                assert found == total(rows, header), (path.name, header)
            (seconds, videos, dated) = connection.execute(
                """SELECT (SELECT sum(watch_time_s) FROM post_snapshot), count(*),
                          count(published_date) FROM post"""
            ).fetchone()
        assert seconds == pytest.approx(total(rows, "Watch time (hours)") * 3600, abs=0.01)
        assert videos == len(rows)
        assert dated == sum(bool(row["Video publish time"]) for row in rows)


def test_rates_lengths_and_days(tables):
    """A percent kept as a fraction, a clock read as a number, a day moved."""
    for path in tables:
        reading = read_file(path)
        snapshots = {row["post_id"]: row for row in reading.rows["post_snapshot"]}
        posts = {row["post_id"]: row for row in reading.rows["post"]}
        for row in records(path):
            identity = row["Content"].strip()
            rate = row["Impressions click-through rate (%)"]
            assert snapshots[identity]["ctr"] == (
                pytest.approx(float(rate) / 100) if rate else None
            )
            day = row["Video publish time"]
            expected = datetime.strptime(day, "%b %d, %Y").date() if day else None
            assert posts[identity]["published_date"] == expected
            if row.get("Average view duration"):
                h, m, s = map(int, row["Average view duration"].split(":"))
                assert snapshots[identity]["avg_view_s"] == h * 3600 + m * 60 + s


def test_rows_add_up(tables, totals):
    """A row that is neither kept nor dropped nor rejected."""
    for path in (*tables, *totals):
        reading = read_file(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(row)]
        assert reading.rows_read == len(rows) - 1
        assert reading.rows_kept + reading.dropped + len(reading.rejected) == reading.rows_read
        assert reading.rejected == []


def test_totals_keep_each_day(totals):
    """A day of the totals that is lost, or an empty one that became 0."""
    for path in totals:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = [row for row in csv.reader(file) if any(row)]
        extras = read_file(path).rows["metric_extra"]
        assert {row["name"] for row in extras} == {header[1]}
        expected = {date.fromisoformat(day): float(value) for day, value in rows if value}
        assert {row["date"]: row["value"] for row in extras} == expected
