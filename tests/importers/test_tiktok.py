"""TikTok exports into canonical tables."""

from __future__ import annotations

import random
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from importers.samples import START, write_xlsx
from importers.samples import tiktok as samples
from importers.samples.x import encode

from handbook.errors import HandbookError
from handbook.importers import Options, SourceFile, read_source
from handbook.importers.archives import find_files
from handbook.importers.dates import give_years, read_month_days
from handbook.store import import_files, open_store

DECEMBER = date(2025, 12, 29)


def read_all(path: Path, rows, **kinds):
    """Read rows as Studio writes them."""
    path.write_bytes(samples.studio(rows))
    return read_source(SourceFile(path, **kinds))


def read(path: Path, rows, **kinds):
    """Read rows of one account."""
    (reading,) = read_all(path, rows, **kinds)
    return reading


def table(reading, name, **where):
    """Rows of a table whose cells are as said."""
    return [
        row
        for row in reading.rows.get(name, [])
        if all(row.get(key) == value for key, value in where.items())
    ]


def days_of(reading):
    """Days in the table of days."""
    return [row["date"] for row in table(reading, "channel_day")]


EXPORTED = {"options": Options(exported_on=date(2026, 1, 4))}


@pytest.mark.parametrize(
    ("day", "read_as"),
    [
        ("April 12", (4, 12)),
        ("12 April", (4, 12)),
        ("12 april", (4, 12)),
        ("12. huhtikuuta", (4, 12)),
        ("12 de abril", (4, 12)),
        ("1º de março", (3, 1)),
        ("1er août", (8, 1)),
        ("12 апреля", (4, 12)),
        ("12 Απριλίου", (4, 12)),
        ("4月12日", (4, 12)),
        ("4월 12일", (4, 12)),
        ("12 tháng 4", (4, 12)),
        ("12 tháng Tư", (4, 12)),
        ("12 tháng Mười Một", (11, 12)),
        ("١٢ أبريل", (4, 12)),
        ("12 เมษายน", (4, 12)),
        ("12-Apr", (4, 12)),
        ("29 February", (2, 29)),
        ("30 February", None),
        ("4/12", None),
        ("yesterday", None),
    ],
)
def test_days_of_any_language(day, read_as):
    """A day of a language that is not read, or one in doubt that is."""
    assert read_month_days([day]) == ([read_as] if read_as else None)


def test_one_language_reads_all_days():
    """Days of one file read by the months of two languages: listopad is October or November."""
    assert read_month_days(["30 listopada", "1 grudnia"]) == [(11, 30), (12, 1)]
    assert read_month_days(["31 listopada", "1 studenoga"]) == [(10, 31), (11, 1)]
    assert read_month_days(["1 April", "1 huhtikuuta"]) is None


def test_the_year_rolls_over():
    """January in the year of December, whichever way the days run."""
    turn = [(12, 30), (12, 31), (1, 1), (1, 2)]
    days = [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]
    assert give_years(turn, end=date(2026, 1, 4)) == days
    assert give_years(turn, start=date(2025, 12, 30)) == days
    assert give_years(turn[::-1], end=date(2026, 12, 1)) == days[::-1]
    assert give_years(turn, start=date(2020, 5, 1), end=date(2026, 1, 2)) == days
    assert give_years(turn) is None
    assert give_years([(2, 29)], end=date(2026, 3, 1)) is None
    year = [(2, 28), *[((i % 12) + 1, 1) for i in range(2, 14)], (2, 27)]
    assert give_years(year, end=date(2026, 3, 1))[0] == date(2025, 2, 28)


def test_overview_takes_its_years_from_the_name_of_the_zip(tmp_path):
    """Days without a year, put into the wrong one or dropped."""
    rows = samples.overview(6, DECEMBER)
    name = samples.studio_name("Overview", DECEMBER, date(2026, 1, 3))
    reading = read(tmp_path / "Overview.csv", rows, origin=("folder", name))
    assert (reading.format, reading.platform) == ("tiktok-days", "tiktok")
    assert days_of(reading) == [DECEMBER + timedelta(days=i) for i in range(6)]
    assert table(reading, "channel_day", date=date(2025, 12, 30)) == [
        {
            "date": date(2025, 12, 30),
            "views": 701,
            "profile_visits": 25,
            "reactions": 26,
            "comments": -1,
            "shares": 4,
        }
    ]


def test_the_seconds_in_the_name_are_enough(tmp_path):
    """A name whose first day is not the file's first day."""
    rows = samples.overview(6, DECEMBER)
    name = samples.studio_name("Overview", date(2025, 3, 1), date(2026, 1, 3))
    reading = read(tmp_path / "Overview.csv", rows, origin=(name,))
    assert days_of(reading)[-1] == date(2026, 1, 3)


def test_other_sources_of_the_year(tmp_path):
    """A day of the download that was given, or stands in a name, and was not used."""
    rows = samples.overview(4, DECEMBER)
    assert days_of(read(tmp_path / "a.csv", rows, **EXPORTED))[0] == DECEMBER
    assert days_of(read(tmp_path / "tiktok 2026-01-05.csv", rows))[-1] == date(2026, 1, 1)
    assert days_of(read(tmp_path / "b.csv", rows, origin=("2026-01-05",)))[0] == DECEMBER


def test_the_date_in_an_archive_tells_the_year(tmp_path):
    """Followers, whose .zip has no date in its name, refused although its entries have one."""
    path = tmp_path / "Followers_keksila.example.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("FollowerHistory.csv", (2026, 1, 4, 10, 0, 0))
        archive.writestr(entry, samples.studio(samples.followers(4, DECEMBER)))
    ((reading,),) = [read_source(found.open()) for found in find_files([path])]
    assert days_of(reading)[0] == DECEMBER


def test_without_a_year_a_file_is_refused(tmp_path):
    """A year made up."""
    with pytest.raises(HandbookError, match=r"no year \(January 1 to January 3\).*--exported-on"):
        read(tmp_path / "Overview.csv", samples.overview(3))


def test_days_of_a_spanish_account(tmp_path):
    """Days in another language than the headers."""
    months = {12: "diciembre", 1: "enero"}
    spanish = samples.overview(4, DECEMBER, spell=lambda day: f"{day.day} de {months[day.month]}")
    english = samples.overview(4, DECEMBER)
    first = read(tmp_path / "a.csv", spanish, **EXPORTED)
    assert first.rows == read(tmp_path / "b.csv", english, **EXPORTED).rows


def test_a_spreadsheet_of_studio(tmp_path):
    """The same table as .xlsx, which Studio offers too."""
    path = write_xlsx(tmp_path / "a.xlsx", {"Overview": samples.overview(4, DECEMBER)})
    (reading,) = read_source(SourceFile(path, **EXPORTED))
    assert days_of(reading) == [DECEMBER + timedelta(days=i) for i in range(4)]


def test_followers_are_recomputed(tmp_path):
    """The column of differences, which holds the next day's, stored as this day's."""
    reading = read(tmp_path / "a.csv", samples.followers(4, DECEMBER), **EXPORTED)
    rows = table(reading, "channel_day")
    assert [row["followers_total"] for row in rows] == [50, 51, 54, 59]
    assert [row.get("followers_net") for row in rows] == [None, 1, 3, 5]
    assert any("contradicts the followers' totals on 3 of 3" in said for said in reading.warnings)
    assert not any("difference" in row["name"] for row in table(reading, "metric_extra"))


def test_followers_over_a_gap_have_no_difference(tmp_path):
    """The difference of several days given to one of them."""
    rows = samples.followers(4, DECEMBER)
    del rows[3]
    found = table(read(tmp_path / "a.csv", rows, **EXPORTED), "channel_day")
    assert [row.get("followers_net") for row in found] == [None, 1, None]


def test_viewers_that_are_undefined_are_missing(tmp_path):
    """Zeros that stand beside an undefined total, kept as zeros."""
    reading = read(tmp_path / "a.csv", samples.viewers(3, DECEMBER), **EXPORTED)
    assert reading.format == "tiktok-viewers"
    assert [(row["date"].day, row["reach"]) for row in table(reading, "channel_day")] == [
        (30, 41),
        (31, 42),
    ]
    assert (reading.rows_read, reading.dropped) == (3, 1)
    assert {row["name"] for row in table(reading, "metric_extra")} == {
        "New Viewers",
        "Returning Viewers",
    }


def test_hours_that_are_not_counted_yet_are_missing(tmp_path):
    """Zeros at the end of the last day, taken for followers asleep."""
    options = {"options": Options(exported_on=START + timedelta(days=2))}
    reading = read(tmp_path / "a.csv", samples.activity(), **options)
    assert (reading.rows_read, reading.dropped, reading.rows_kept) == (48, 6, 42)
    hours = table(reading, "metric_extra", date=START + timedelta(days=1))
    assert max(row["category"] for row in hours) == "17:00"


@pytest.mark.parametrize("shares", [["0.59", "0.41", "0"], ["59%", "41%", "0%"]])
def test_shares_are_fractions(tmp_path, shares):
    """Percents kept as if they were fractions."""
    rows = [["Gender", "Distribution"], *zip(("Female", "Male", "Other"), shares, strict=True)]
    reading = read(tmp_path / "a.csv", rows)
    found = {row["category"]: row["value"] for row in table(reading, "metric_extra")}
    assert found == {"Female": pytest.approx(0.59), "Male": pytest.approx(0.41), "Other": 0}


def test_content_of_studio(tmp_path):
    """Days of publishing in the wrong year, totals in the wrong column."""
    reading = read(tmp_path / "Content.csv", samples.content(4, DECEMBER))
    assert (reading.format, reading.handle) == ("tiktok-posts", "keksila.example")
    posts = table(reading, "post")
    assert [post["published_date"] for post in posts] == [
        DECEMBER + timedelta(days=i) for i in range(4)
    ]
    assert {post["published_precision"] for post in posts} == {"day"}
    assert "published_at" not in posts[0]
    assert posts[0]["post_type"] == "short_video"
    snapshot = table(reading, "post_snapshot")[1] | {"post_id": ""}
    assert snapshot == {
        "post_id": "",
        "period": "lifetime",
        "views": 901,
        "reactions": 30,
        "comments": 2,
        "shares": 1,
    }
    assert reading.exported_at == datetime(2026, 1, 4)
    assert reading.exported_at_source == "its column Time"


def test_the_cap_of_content_is_a_warning(tmp_path):
    """A list that TikTok cuts, taken for all videos."""
    reading = read(tmp_path / "a.csv", samples.content(15))
    assert any("about 15 videos only" in warning for warning in reading.warnings)


def test_business_days(tmp_path):
    """NAN read as a number, followers lost that count as won."""
    path = samples.write_business_days(tmp_path / "a.csv", 3)
    (reading,) = read_source(SourceFile(path))
    assert table(reading, "channel_day", date=START) == [
        {
            "date": START,
            "views": 700,
            "reach": None,
            "profile_visits": 25,
            "reactions": 26,
            "comments": 7,
            "shares": 4,
            "followers_net": -2,
            "followers_gained": 1,
            "followers_lost": 3,
        }
    ]
    names = {row["name"] for row in table(reading, "metric_extra")}
    assert names == {"Phone number clicks", "Leads submission"}


def test_business_posts(tmp_path):
    """A time of publishing in another zone, a missing number read as 0, a text not masked."""
    path = samples.write_business_posts(tmp_path / "a.csv", 2)
    (reading,) = read_source(SourceFile(path))
    assert reading.handle == samples.HANDLE
    post = table(reading, "post")[0]
    assert post["published_at"] == samples.moment(0) + timedelta(seconds=4)
    assert (post["published_precision"], post["source_tz"]) == ("minute", "UTC")
    assert post["text"] == "Call [phone], says [handle] 0"
    assert [row["saves"] for row in table(reading, "post_snapshot")] == [None, 5]
    assert reading.warnings == []


def test_times_in_another_zone_are_told_of(tmp_path):
    """Local times taken for UTC, although the videos' ids say otherwise."""
    rows = samples.business_posts(4)
    for row in rows[1:]:
        moved = datetime.strptime(row[2], "%Y/%m/%d %H:%M:%S") + timedelta(hours=2)
        row[2] = f"{moved:%Y/%m/%d %H:%M:%S}"
    reading = read(tmp_path / "a.csv", rows)
    assert any("+2.0 hours" in warning for warning in reading.warnings)


def test_a_time_that_contradicts_the_id_is_told_of(tmp_path):
    """A single wrong time that nobody hears of."""
    rows = samples.business_posts(4)
    rows[1][2] = "2024/01/01 10:00:00"
    reading = read(tmp_path / "a.csv", rows)
    assert any(warning.startswith("1 videos have a time") for warning in reading.warnings)


def test_two_accounts_in_one_file(tmp_path):
    """Videos of two accounts under one name."""
    rows = samples.business_posts(3)
    rows[2][1] = samples.video(samples.moment(1), 1, "another.example")
    first, second = read_all(tmp_path / "a.csv", rows)
    assert [(r.handle, r.rows_read, len(table(r, "post"))) for r in (first, second)] == [
        (samples.HANDLE, 2, 2),
        ("another.example", 1, 1),
    ]


def test_links_without_an_id_are_rejected(tmp_path):
    """Numbers kept under something that is no id."""
    rows = samples.business_posts(2)
    rows[1][1] = "deleted"
    reading = read(tmp_path / "a.csv", rows)
    (reason,) = reading.rejected
    assert reason.startswith("row 2: no video id")
    assert reading.rows_read == reading.rows_kept + reading.dropped + len(reading.rejected)


def test_photos_are_no_videos(tmp_path):
    """A carousel of photos counted as a video."""
    rows = samples.business_posts(1)
    rows[1][1] = samples.video(samples.moment(0), kind="photo")
    assert table(read(tmp_path / "a.csv", rows), "post")[0]["post_type"] == "carousel"


def test_columns_in_any_order(tmp_path):
    """A column found by its place and not by its header."""
    rows = samples.business_days(4)
    order = list(range(len(rows[0])))
    random.Random(4).shuffle(order)
    shuffled = read(tmp_path / "b.csv", [[row[i] for i in order] for row in rows])
    plain = read(tmp_path / "a.csv", rows)
    assert table(shuffled, "channel_day") == table(plain, "channel_day")


def test_repetitions_and_contradictions(tmp_path):
    """A day twice: once too many, or with other numbers and without a word."""
    rows = samples.business_days(2)
    other = [*rows[1]]
    other[1] = "1"
    reading = read(tmp_path / "a.csv", [*rows, rows[1], other])
    assert (reading.rows_read, reading.dropped, reading.rows_kept) == (4, 1, 2)
    assert "row 5" in reading.rejected[0] and "row 2" in reading.rejected[0]


def test_saved_again_with_semicolons(tmp_path):
    """A file that a spreadsheet program saved anew, with days as 12-Apr."""
    rows = samples.overview(3)
    saved = [[cell.replace("January ", "") for cell in row] for row in rows]
    for row in saved[1:]:
        row[0] = f"{row[0]}-Jan"
    path = tmp_path / "a.csv"
    path.write_bytes(encode(saved, delimiter=";", newline="\r\n"))
    options = Options(exported_on=START + timedelta(days=9))
    (again,) = read_source(SourceFile(path, options=options))
    assert again.rows == read(tmp_path / "b.csv", rows, options=options).rows


def test_a_wrong_cell_says_where(tmp_path):
    """A refusal that does not say which cell is wrong."""
    rows = samples.business_days(2)
    rows[2][1] = "many"
    with pytest.raises(HandbookError, match=r"row 3, column 'Video views'.*found 'many'"):
        read(tmp_path / "a.csv", rows)


def test_nothing_in_it(tmp_path):
    """A header without rows, imported as if something stood there."""
    with pytest.raises(HandbookError, match="without any row to keep"):
        read(tmp_path / "a.csv", samples.overview(0))
    audience = read(tmp_path / "b.csv", [["Gender", "Distribution"]])
    assert audience.rows == {}
    assert any("nothing stands in it" in warning for warning in audience.warnings)


def test_a_zip_finds_its_account_and_its_year(tmp_path):
    """A .zip as it is downloaded, whose name nobody reads."""
    path = samples.write_zip(tmp_path, 6, DECEMBER)
    store = tmp_path / "a.duckdb"
    (report,) = import_files(
        store, find_files([path]), read=lambda found: read_source(found.open())
    )
    assert (report.outcome, report.channel_id) == ("imported", "tiktok:keksila.example")
    with open_store(store) as connection:
        days = connection.execute("SELECT min(date), max(date) FROM channel_day").fetchone()
    assert days == (DECEMBER, date(2026, 1, 3))
