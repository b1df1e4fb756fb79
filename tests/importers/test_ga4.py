"""Google Analytics reports as extra metrics of a website."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from importers.samples import START
from importers.samples import ga4 as samples

from handbook.errors import HandbookError
from handbook.importers import SourceFile, read_source
from handbook.importers.archives import find_files
from handbook.store import import_files, open_store


def read(path: Path, text: str, encoding: str = "utf-8"):
    """Read a text as a file."""
    path.write_text(text, encoding=encoding)
    (reading,) = read_source(SourceFile(path))
    return reading


def extras(reading, **where):
    """Extra metrics whose cells are as said."""
    return [
        row
        for row in reading.rows["metric_extra"]
        if all(row.get(key) == value for key, value in where.items())
    ]


def test_numbers_by_day(tmp_path):
    """Days read as numbers, a grand total as a day, a rate as a count."""
    reading = read(tmp_path / "a.csv", samples.by_day(3))
    assert (reading.format, reading.platform, reading.handle) == (
        "ga4",
        "website",
        "keksila.example",
    )
    assert (reading.rows_read, reading.dropped, reading.rows_kept) == (4, 1, 3)
    assert extras(reading, date=START + timedelta(days=1)) == [
        {"date": START + timedelta(days=1), "category": "", **told}
        for told in (
            {"name": "Sessions", "value": 31, "unit": "count"},
            {"name": "Engagement rate", "value": 0.5, "unit": "fraction"},
            {"name": "Average engagement time per session", "value": 12.25, "unit": "seconds"},
        )
    ]
    assert set(reading.rows) == {"metric_extra"}


def test_several_tables_in_one_file(tmp_path):
    """The second table read under the headers of the first; numbers of a period as a day's."""
    reading = read(tmp_path / "a.csv", samples.by_source(4))
    users = extras(reading, name="Active users")
    assert [(row["date"], row["value"]) for row in users] == [
        (START + timedelta(days=i), 30 + i) for i in range(4)
    ]
    (sessions,) = extras(reading, name="Sessions by session source (4 days)", category="(direct)")
    assert (sessions["date"], sessions["value"]) == (START + timedelta(days=3), 31)
    (per,) = extras(
        reading, name="Views per session by session source (4 days)", category="linkedin.com"
    )
    assert (per["value"], per["unit"]) == (1.5, "number")


def test_notes_in_another_language(tmp_path):
    """A report of which only the English notes are known."""
    german = read(tmp_path / "a.csv", samples.by_day(3, words=samples.GERMAN))
    assert german.rows == read(tmp_path / "b.csv", samples.by_day(3)).rows


def test_one_line_of_notes_may_hold_both_days(tmp_path):
    """An exploration, whose notes give the period in one line."""
    text = '# All Users\n# 20260101-20260102\nEvent name,Event count\nclick,"1,204"\n'
    (row,) = extras(read(tmp_path / "a.csv", text))
    assert (row["name"], row["value"]) == ("Event count by event name (2 days)", 1204)


def test_a_total_at_the_end(tmp_path):
    """The grand total that an exploration puts last, beyond the last header."""
    text = "# 20260101-20260102\nDate,City,Sessions\n20260101,Espoo,5\n,,5,Grand total\n"
    reading = read(tmp_path / "a.csv", text)
    assert (reading.rows_read, reading.dropped) == (2, 1)
    assert extras(reading)[0]["name"] == "Sessions by city"


def test_groups_have_one_name_whatever_their_order(tmp_path):
    """Two names for one metric, because columns stand in another order."""
    notes = "# 20260101-20260102\n"
    one = read(tmp_path / "a.csv", notes + "City,Device,Sessions\nEspoo,mobile,5\n")
    other = read(tmp_path / "b.csv", notes + "Sessions,Device,City\n5,mobile,Espoo\n")
    assert one.rows == other.rows
    assert extras(one)[0]["category"] == "Espoo / mobile"


def test_tables_of_single_persons_are_not_kept(tmp_path):
    """Ids of visitors in the store."""
    notes = "# 20260101-20260102\n"
    text = notes + "Effective user ID,Sessions\nabc-123,5\n\nCity,Sessions\nEspoo,5\n"
    reading = read(tmp_path / "a.csv", text)
    assert "abc-123" not in repr(reading)
    assert any("single persons" in warning for warning in reading.warnings)
    assert (reading.rows_read, reading.dropped, reading.rows_kept) == (2, 1, 1)


def test_tables_by_a_column_that_nobody_foresaw_are_not_kept(tmp_path):
    """Names of people under a header of somebody's own."""
    text = "# 20260101-20260102\nTeacher,Views\nA Person,5\n\nCity,Views\nEspoo,5\n"
    reading = read(tmp_path / "a.csv", text)
    assert "A Person" not in repr(reading)
    assert any("'Teacher'" in warning for warning in reading.warnings)
    assert len(extras(reading)) == 1


def test_groups_are_masked(tmp_path):
    """An address of somebody in the path of a page."""
    text = "# 20260101-20260102\nPage path,Views\n/thanks?to=someone@example.org,5\n"
    assert "someone@" not in repr(read(tmp_path / "a.csv", text))


def test_repetitions_and_contradictions(tmp_path):
    """A group twice: once too many, or with other numbers and without a word."""
    text = "# 20260101-20260102\nCity,Views\nEspoo,5\nEspoo,5\nEspoo,6\n"
    reading = read(tmp_path / "a.csv", text)
    assert (reading.rows_read, reading.dropped, reading.rows_kept) == (3, 1, 1)
    assert reading.rejected == ["row 5: its group stood before with other numbers"]


def test_cut_short(tmp_path):
    """A last row that lost its end."""
    reading = read(tmp_path / "a.csv", "# 20260101-20260102\nCity,Views,Users\nEspoo,5,2\nTur")
    assert reading.rejected == ["row 4: only 1 of 3 cells: the file is cut short there"]


def test_nothing_in_it(tmp_path):
    """A report without rows, imported as if something stood there."""
    with pytest.raises(HandbookError, match="without any row"):
        read(tmp_path / "a.csv", "# 20260101-20260102\nCity,Views\n")


def test_notes_of_a_plain_file_are_no_report(tmp_path):
    """A file of our own that opens with notes."""
    path = tmp_path / "a.csv"
    path.write_text("# Exported on 2026-03-02\nchannel_id,date,views\nx:a,2026-03-01,4\n")
    (reading,) = read_source(SourceFile(path))
    assert reading.format == "plain-days"


def test_a_website_is_kept_apart_from_channels(tmp_path):
    """Visits of a website under a channel, or lost because no channel has them."""
    store = tmp_path / "a.duckdb"
    path = samples.write_by_day(tmp_path / "report.csv")
    (report,) = import_files(
        store, find_files([path]), read=lambda found: read_source(found.open())
    )
    assert (report.outcome, report.channel_id) == ("imported", "website:keksila.example")
    with open_store(store) as connection:
        owners = connection.execute("SELECT DISTINCT owner FROM metric_extra").fetchall()
    assert owners == [("website:keksila.example",)]
