"""Our own plain CSV into canonical tables."""

from __future__ import annotations

import zipfile
from datetime import date, datetime

import pytest
from importers.samples import write_csv, write_xlsx

from handbook.errors import HandbookError
from handbook.importers import read_file, read_source
from handbook.importers.archives import find_files
from handbook.store import import_files

DAYS = "channel_id,date,followers_total,impressions"
POSTS = "channel_id,post_id,observed_on,published_at,post_type,text,is_paid,reactions,ctr"
COUNTS = "series_id,channel_id,at_utc,step_s,count"


def refused(path) -> str:
    """What a refusal says."""
    with pytest.raises(HandbookError) as caught:
        read_file(path)
    return str(caught.value)


def test_days(tmp_path):
    """A missing value that becomes zero, a zero that becomes missing, a correction lost."""
    path = write_csv(
        tmp_path / "d.csv", DAYS, ["x:a,2026-03-01,,0", "x:a,2026-03-02,12,-3"], ["Made up"]
    )
    reading = read_file(path)
    assert (reading.format, reading.platform) == ("plain-days", None)
    assert reading.rows["channel_day"] == [
        {"channel_id": "x:a", "date": date(2026, 3, 1), "followers_total": None, "impressions": 0},
        {"channel_id": "x:a", "date": date(2026, 3, 2), "followers_total": 12, "impressions": -3},
    ]


def test_posts(tmp_path):
    """Times that shift, types that turn into others, quoted texts of several lines."""
    path = write_csv(
        tmp_path / "p.csv",
        POSTS,
        [
            'x:a,0012,2026-03-05,2026-03-01T12:05:00Z,image,"one,\ntwo @you",false,3,0.25',
            "x:a,13,2026-03-05,2026-03-01T23:30:00-05:00,,,,,",
        ],
    )
    reading = read_file(path)
    first, second = reading.rows["post"]
    assert first == {
        "channel_id": "x:a",
        "post_id": "0012",
        "published_at": datetime(2026, 3, 1, 12, 5),
        "published_date": date(2026, 3, 1),
        "published_precision": "minute",
        "source_tz": "UTC",
        "post_type": "image",
        "text": "one,\ntwo [handle]",
        "is_paid": False,
    }
    assert second["published_at"] == datetime(2026, 3, 2, 4, 30)
    snapshot = reading.rows["post_snapshot"][0]
    assert (snapshot["reactions"], snapshot["ctr"], snapshot["period"]) == (3, 0.25, "lifetime")
    assert reading.exported_at == datetime(2026, 3, 5)


def test_several_observations_of_one_post(tmp_path):
    """A post that stands twice, or older words that win over newer ones."""
    path = write_csv(
        tmp_path / "p.csv",
        "channel_id,post_id,observed_on,published_date,text,reactions",
        ["x:a,1,2026-03-09,,new,9", "x:a,1,2026-03-02,2026-03-01,old,2"],
    )
    reading = read_file(path)
    (post,) = reading.rows["post"]
    assert (post["text"], post["published_date"]) == ("new", date(2026, 3, 1))
    assert post["published_precision"] == "day"
    assert len(reading.rows["post_snapshot"]) == 2


def test_counts(tmp_path):
    """A count without a channel of its own, which is allowed, or a time that shifts."""
    path = write_csv(
        tmp_path / "c.csv", COUNTS, ["m,x:a,2026-03-01T12:00:00Z,3600,4"], ["exported 2026-03-03"]
    )
    reading = read_file(path)
    assert reading.rows["count_series"] == [
        {
            "series_id": "m",
            "channel_id": "x:a",
            "at_utc": datetime(2026, 3, 1, 12),
            "step_s": 3600,
            "count": 4,
        }
    ]
    assert reading.exported_at == datetime(2026, 3, 3)


def test_counts_of_no_single_channel(tmp_path):
    """Mentions anywhere, which belong to no channel."""
    path = write_csv(tmp_path / "c.csv", COUNTS, ["m,,2026-03-01T12:00:00Z,3600,4"])
    assert read_file(path).rows["count_series"][0].get("channel_id") is None


def test_semicolons_and_byte_order_mark(tmp_path):
    """A file that a spreadsheet program of a country with decimal commas has saved."""
    path = tmp_path / "d.csv"
    path.write_text(f"# note;;;\n{DAYS};\n".replace(",", ";").replace(";\n", "\n"), "utf-8-sig")
    with path.open("a", encoding="utf-8") as file:
        file.write("x:a;2026-03-01;5;6\n\n;;;\n")
    reading = read_file(path)
    assert reading.rows["channel_day"][0]["followers_total"] == 5
    assert reading.rows_read == 1


def test_an_unknown_column_is_said_and_kept(tmp_path):
    """A misspelt measure that vanishes."""
    path = write_csv(
        tmp_path / "d.csv", "channel_id,date,impresions,author", ["x:a,2026-03-01,5,Somebody"]
    )
    reading = read_file(path)
    assert any("did you mean 'impressions'" in warning for warning in reading.warnings)
    (extra,) = reading.rows["metric_extra"]
    assert (extra["name"], extra["value"], extra["date"]) == ("impresions", 5, date(2026, 3, 1))
    assert "Somebody" not in repr(reading)


def test_a_repeated_row_is_dropped_and_a_contradiction_refused(tmp_path):
    """A day counted twice, or one of two values picked in silence."""
    row = "x:a,2026-03-01,5,6"
    assert read_file(write_csv(tmp_path / "a.csv", DAYS, [row, row])).dropped == 1
    said = refused(write_csv(tmp_path / "b.csv", DAYS, [row, "x:a,2026-03-01,5,7"]))
    assert "rows 2 and 3" in said


@pytest.mark.parametrize(
    ("header", "row", "column", "expected", "found"),
    [
        (DAYS, "x:a,01.03.2026,1,2", "date", "2026-03-01", "01.03.2026"),
        (DAYS, "x:a,2026-02-30,1,2", "date", "2026-03-01", "2026-02-30"),
        (DAYS, "x:a,,1,2", "date", "in every row", ""),
        (DAYS, "x:a,2026-03-01,1.5,2", "followers_total", "whole number", "1.5"),
        (DAYS, "twitter:a,2026-03-01,1,2", "channel_id", "<platform>:<name", "twitter:a"),
        (DAYS, "x:A b,2026-03-01,1,2", "channel_id", "<platform>:<name", "x:A b"),
        (POSTS, "x:a,1,2026-03-01,2026-03-01T12:00:00,,,,,", "published_at", "12:05:00Z", "T12:"),
        (POSTS, "x:a,1,2026-03-01,,photo,,,,", "post_type", "carousel", "photo"),
        (POSTS, "x:a,1,2026-03-01,,,,maybe,,", "is_paid", "true or false", "maybe"),
        (POSTS, "x:a,1,2026-03-01,,,,,,5%", "ctr", "decimal point", "5%"),
        (POSTS, "x:a,1.2E+17,2026-03-01,,,,,,", "post_id", "a whole id", "1.2E+17"),
        (POSTS, "x:a,,2026-03-01,,,,,,", "post_id", "in every row", ""),
        (COUNTS, "m,x:a,2026-03-01,3600,4", "at_utc", "12:05:00Z", "2026-03-01"),
    ],
)
def test_wrong_cells(tmp_path, header, row, column, expected, found):
    """A wrong cell taken for something, or a message that does not say where and what."""
    said = refused(write_csv(tmp_path / "w.csv", header, [row], ["a note"]))
    assert f"w.csv, row 3, column '{column}'" in said
    assert expected in said
    assert found in said


def test_cut_short(tmp_path):
    """A file that broke off within a row, or within a quoted text."""
    path = write_csv(tmp_path / "d.csv", DAYS, ["x:a,2026-03-01,5"])
    assert "row 2: expected 4 cells" in refused(path)
    path = write_csv(tmp_path / "p.csv", POSTS, ['x:a,1,2026-03-01,,,"begun'])
    assert "cut short" in refused(path)


def test_renamed_header(tmp_path):
    """A file that is nearly ours."""
    said = refused(write_csv(tmp_path / "d.csv", "channel,date,impressions", ["x:a,2026-03-01,1"]))
    assert "plain CSV of days" in said
    assert "'channel_id'" in said


def test_not_ours(tmp_path):
    """Another CSV read as ours because it has a date."""
    said = refused(write_csv(tmp_path / "d.csv", "Date,Cost,Shop", ["2026-03-01,1,x"]))
    assert "no known one has such headers" in said
    assert "set it to English" in said


def test_no_rows(tmp_path):
    """A header alone."""
    assert "without any row" in refused(write_csv(tmp_path / "d.csv", DAYS, []))


def test_wrong_encoding(tmp_path):
    """A file saved in a Windows code page."""
    path = tmp_path / "p.csv"
    path.write_bytes((POSTS + "\nx:a,1,2026-03-01,,,ä,,,\n").encode("cp1252"))
    assert "line 2: not UTF-8" in refused(path)


@pytest.mark.parametrize("codec", ["utf-16", "cp1252"])
def test_another_encoding(tmp_path, codec):
    """Our own layout in another encoding, taken for another platform's or refused without help."""
    path = tmp_path / "d.csv"
    path.write_bytes("channel_id,date,views,ä\nx:a,2026-03-01,1,2\n".encode(codec))
    assert "CSV UTF-8" in refused(path)


def test_nearly_ours_is_nobody_elses(tmp_path):
    """A header of ours with a slip in it, whose numbers then count as YouTube's."""
    said = refused(write_csv(tmp_path / "d.csv", "channel,date,views", ["x:a,2026-01-01,1"]))
    assert "plain CSV of days" in said
    assert "'channel_id'" in said


def test_decimal_commas(tmp_path):
    """Numbers lost, or taken for others, when a Finnish spreadsheet program has saved the file."""
    path = tmp_path / "p.csv"
    path.write_text(
        "channel_id;post_id;observed_on;ctr;mood\nx:a;1;2026-02-01;0,031;3,5\n", encoding="utf-8"
    )
    rows = read_file(path).rows
    assert rows["post_snapshot"][0]["ctr"] == 0.031
    assert rows["metric_extra"][0]["value"] == 3.5


@pytest.mark.parametrize("number", ["1,234", "1 234", "many", "3.5"])
def test_numbers_with_something_in_them(tmp_path, number):
    """Somebody who filled in a template told to download it again."""
    row = f'x:a,2026-01-01,"{number}"'
    said = refused(write_csv(tmp_path / "d.csv", "channel_id,date,views", [row]))
    assert f"row 2, column 'views': expected a whole number such as 1234, found '{number}'" in said
    assert "Download" not in said


def test_the_name_in_an_archive(tmp_path):
    """A row that is wrong in an archive's file, laid at the archive's door."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ours/days.csv", "channel_id,date,views\nx:a,2026-01-01\n")
    for found in find_files([path]):
        with pytest.raises(HandbookError, match=r"^days\.csv, row 2: expected 3 cells"):
            read_source(found.open())


def test_in_a_workbook(tmp_path):
    """A template that was filled in and saved as a workbook, and is told to lack nothing."""
    path = write_xlsx(tmp_path / "d.xlsx", {"Days": [DAYS.split(","), ["x:a", "2026-03-01", 1, 2]]})
    assert "a plain CSV of days, but in a workbook. Save it as 'CSV UTF-8'." in refused(path)


def test_a_slip_in_a_year(tmp_path):
    """A day that lies far away, told of in the words of a program."""
    path = write_csv(tmp_path / "d.csv", DAYS, ["x:a,2206-03-01,1,2"])
    (report,) = import_files(tmp_path / "s.duckdb", [path], read=read_file)
    assert "its date is 2206-03-01, where 2100-01-01 or less is expected" in report.reason
