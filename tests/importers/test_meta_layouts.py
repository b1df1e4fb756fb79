"""Meta Business Suite exports into canonical tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importers.samples import START, meta

from handbook.errors import HandbookError
from handbook.importers import Options, SourceFile, read_file, read_source
from handbook.importers.meta import time_in_shortcode
from handbook.store import import_files, open_store

FACEBOOK = Options(platform="facebook")


def write(path, rows, **how):
    """Write rows as Meta does, or as said."""
    path.write_bytes(meta.encode(rows, **how))
    return path


def column(rows, header, values):
    """Rows whose cells under `header` are `values`, which may be one for all."""
    at = rows[0].index(header)
    given = [values] * (len(rows) - 1) if isinstance(values, str) else values
    return [
        rows[0],
        *([*row[:at], value, *row[at + 1 :]] for row, value in zip(rows[1:], given, strict=True)),
    ]


def rename(rows, names):
    """Rows with other headers."""
    return [[names.get(header, header) for header in rows[0]], *rows[1:]]


def table(reading, table_name, **where):
    """Rows of a table whose cells are as said."""
    return [
        row
        for row in reading.rows.get(table_name, [])
        if all(row.get(key) == value for key, value in where.items())
    ]


def warned(reading, words):
    return any(words in warning for warning in reading.warnings)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_facebook_content(tmp_path, year):
    """A column that lands in the wrong place under the headers of some year."""
    reading = read_file(write(tmp_path / "a.csv", meta.facebook(3, year=year)))
    assert (reading.format, reading.platform) == ("facebook-content", "facebook")
    assert (reading.handle, reading.external_id) == (meta.HANDLE, meta.PAGE_ID)
    assert reading.url == f"https://www.facebook.example/{meta.HANDLE}"
    assert (reading.rows_read, reading.rows_kept, reading.warnings) == (3, 3, [])
    reel = meta.post_id(meta.moment(2), 2)
    (snapshot,) = table(reading, "post_snapshot", post_id=reel)
    assert snapshot == {
        "post_id": reel,
        "period": "lifetime",
        ("impressions" if year == 2024 else "views"): 102,
        "reach": 52,
        "engagements_reported": 11,
        "reactions": 7,
        "comments": 3,
        "shares": 1,
        "clicks": 7,
        "link_clicks": 2,
        "watch_time_s": 202.708,
        "avg_view_s": 10.668,
    }
    (post,) = table(reading, "post", post_id=reel)
    assert (post["post_type"], post["source_type"], post["duration_s"]) == (
        "short_video",
        "Reels",
        61,
    )
    assert table(reading, "post", post_type="image")[0]["duration_s"] is None
    assert table(reading, "metric_extra", post_id=reel, name=meta.FACEBOOK[year][-1])


def test_instagram_content(tmp_path):
    """A column that lands in the wrong place, or an account that is not found in its rows."""
    reading = read_file(write(tmp_path / "a.csv", meta.instagram(3)))
    assert (reading.format, reading.platform) == ("instagram-content", "instagram")
    assert (reading.handle, reading.external_id) == (meta.ACCOUNT, meta.ACCOUNT_ID)
    types = sorted(row["post_type"] for row in reading.rows["post"])
    assert types == ["carousel", "image", "short_video"]
    (first,) = table(reading, "post_snapshot", views=80)
    assert first | {"post_id": ""} == {
        "post_id": "",
        "period": "lifetime",
        "views": 80,
        "reach": 40,
        "reactions": 6,
        "shares": 2,
        "comments": 1,
        "saves": 3,
        "follows": 1,
    }
    assert table(reading, "post_snapshot", views=81)[0]["follows"] is None
    assert reading.warnings == []


def test_publish_times_are_pacific(tmp_path):
    """Times taken for UTC or local ones: every best-time chart would be wrong."""
    rows = column(
        meta.facebook(4),
        "Publish time",
        ["01/15/2026 23:30", "07/15/2026 00:05", "03/08/2026 03:00", "03/08/2026 01:59"],
    )
    posts = read_file(write(tmp_path / "a.csv", rows)).rows["post"]
    assert [post["published_at"] for post in posts] == [
        datetime(2026, 1, 16, 7, 30),
        datetime(2026, 7, 15, 7, 5),
        datetime(2026, 3, 8, 10, 0),
        datetime(2026, 3, 8, 9, 59),
    ]
    assert [post["published_date"] for post in posts[:2]] == [date(2026, 1, 15), date(2026, 7, 15)]
    assert {post["source_tz"] for post in posts} == {"America/Los_Angeles"}


def test_times_that_contradict_instagram_addresses(tmp_path):
    """A file whose times are in another zone than Meta's, believed without a word."""
    rows = meta.instagram(4)
    at = rows[0].index("Publish time")
    for i, row in enumerate(reversed(rows[1:])):
        row[at] = f"{meta.moment(i):%m/%d/%Y %H:%M}"
    reading = read_file(write(tmp_path / "a.csv", rows))
    assert warned(reading, "4 of 4 posts have a publish time more than an hour from")
    assert warned(reading, "+8 hours off")


@given(st.datetimes(datetime(2012, 1, 1), datetime(2036, 1, 1)))
@settings(deadline=None, max_examples=60)
def test_time_in_shortcode(made):
    """A time read from an address that is not the one that was put into it."""
    aware = made.replace(tzinfo=meta.UTC)
    assert abs(time_in_shortcode(meta.shortcode(aware)) - made) < timedelta(seconds=1)


def test_columns_of_zeros_are_missing(tmp_path):
    """A fault of the export read as posts that nobody saw."""
    rows = column(meta.facebook(3, year=2025), "Views", "0")
    reading = read_file(write(tmp_path / "a.csv", rows))
    assert [row["views"] for row in reading.rows["post_snapshot"]] == [None] * 3
    assert all(row["reach"] for row in reading.rows["post_snapshot"])
    assert warned(reading, "views: 0 on every post")


def test_a_post_that_nobody_saw_keeps_its_zero(tmp_path):
    """A real zero taken for missing."""
    rows = column(meta.facebook(3), "Views", ["0", "4", "5"])
    reading = read_file(write(tmp_path / "a.csv", column(rows, "Reach", ["0", "3", "4"])))
    assert sorted(row["views"] for row in reading.rows["post_snapshot"]) == [0, 4, 5]


def test_a_column_twice(tmp_path):
    """The second of two columns with one header lost, or zeros that hide the numbers."""
    rows = meta.facebook(2)
    twice = [[*rows[0], "Views"], *([*row, str(900 + i)] for i, row in enumerate(rows[1:]))]
    reading = read_file(write(tmp_path / "a.csv", twice))
    assert [row["views"] for row in reading.rows["post_snapshot"]] == [101, 100]
    assert [row["value"] for row in table(reading, "metric_extra", name="Views (2)")] == [900, 901]
    hidden = column(twice, "Views", "0")
    reading = read_file(write(tmp_path / "b.csv", hidden))
    assert [row["views"] for row in reading.rows["post_snapshot"]] == [900, 901]
    same = [[*row, row[rows[0].index("Views")]] for row in rows]
    reading = read_file(write(tmp_path / "c.csv", same))
    assert not table(reading, "metric_extra", name="Views (2)")


def test_error_rows_are_rejected_with_what_the_platform_says(tmp_path):
    """Rows that the platform could not fill, kept as posts of no time or dropped in silence."""
    rows = meta.facebook(3)
    broken = ["", "", "", *[""] * (len(rows[0]) - 3)]
    broken[rows[0].index("Data comment")] = meta.ERROR
    reading = read_file(write(tmp_path / "a.csv", [*rows, broken]))
    assert (reading.rows_read, reading.rows_kept) == (4, 3)
    assert len(reading.rejected) == 1
    assert "computing metadata" in reading.rejected[0]
    assert reading.rejected[0].startswith("row ")


def test_title_and_description_swap(tmp_path):
    """A caption lost, or doubled, when Meta moves it to the other column."""
    rows = column(column(meta.facebook(2), "Title", "A caption"), "Description", "")
    moved = column(column(meta.facebook(2), "Title", ""), "Description", "A caption")
    both = column(column(meta.facebook(2), "Title", "A name"), "Description", "A longer caption")
    turned = column(column(meta.facebook(2), "Title", "A longer caption"), "Description", "A name")
    texts = [
        {post["text"] for post in read_file(write(tmp_path / "a.csv", one)).rows["post"]}
        for one in (rows, moved, both, turned)
    ]
    assert texts[0] == texts[1] == {"A caption"}
    assert texts[2] == texts[3] == {"A name\n\nA longer caption"}


def test_headers_in_any_case_order_and_dress(tmp_path):
    """Other capitals, spaces, soft hyphens, or another order of the columns."""
    rows = meta.facebook(3)
    dressed = [[f" {rows[0][0].upper()}\u00ad", *rows[0][1:]], *rows[1:]]
    turned = [row[::-1] for row in dressed]
    plain = read_file(write(tmp_path / "a.csv", rows))
    reading = read_file(write(tmp_path / "b.csv", turned))
    for name, of_table in plain.rows.items():
        assert sorted(map(repr, map(sorted_row, reading.rows[name]))) == sorted(
            map(repr, map(sorted_row, of_table))
        )


def sorted_row(row):
    return sorted(row.items(), key=lambda pair: pair[0])


def test_monthly_files_with_other_columns(tmp_path):
    """A file refused, or moved by a column, because its columns are more or fewer."""
    rows = [row[:20] for row in meta.facebook(2)]
    reading = read_file(write(tmp_path / "a.csv", rows))
    assert reading.rows["post_snapshot"][0].keys() >= {"views", "reach"}
    more = [[*row, "7"] for row in meta.facebook(2)]
    more[0][-1] = "Ad CPM (USD)"
    reading = read_file(write(tmp_path / "b.csv", more))
    assert {row["unit"] for row in table(reading, "metric_extra", name="Ad CPM (USD)")} == {
        "number"
    }


def test_short_and_long_rows(tmp_path):
    """Cells that a row lacks taken from the next one, or cells too many read as other columns."""
    rows = meta.facebook(3)
    rows[1] = rows[1][:-3]
    rows[2] = [*rows[2], "stray"]
    reading = read_file(write(tmp_path / "a.csv", rows))
    assert reading.rows_kept == 2
    assert "more cells than the header" in reading.rejected[0]


@pytest.mark.parametrize("missing", ["", "-", "--", "NAN", "undefined"])
def test_missing_is_never_zero(tmp_path, missing):
    """A sign for missing that becomes 0, or stops the import."""
    reading = read_file(write(tmp_path / "a.csv", column(meta.facebook(2), "Shares", missing)))
    assert [row["shares"] for row in reading.rows["post_snapshot"]] == [None, None]


def test_thousands(tmp_path):
    """12,400 read as 12.4, or refused."""
    reading = read_file(write(tmp_path / "a.csv", column(meta.facebook(1), "Views", "12,400")))
    assert reading.rows["post_snapshot"][0]["views"] == 12_400


def test_negative_numbers_are_kept(tmp_path):
    """A correction below zero lost."""
    reading = read_file(write(tmp_path / "a.csv", column(meta.facebook(1), "Reactions", "-1")))
    assert reading.rows["post_snapshot"][0]["reactions"] == -1


@pytest.mark.parametrize(
    "ids", [["1.22158E+17"] * 3, ["1,22158E+17"] * 3, [f"1835515111617{i}700" for i in range(3)]]
)
def test_destroyed_ids_are_refused(tmp_path, ids):
    """Ids that a spreadsheet program has rounded, under which posts would merge."""
    if ids[0].endswith("00"):
        ids = [f"{number[:15]}00" for number in ids]
    path = write(tmp_path / "a.csv", column(meta.instagram(3), "Post ID", ids))
    with pytest.raises(HandbookError, match=r"Post ID.*spreadsheet program"):
        read_file(path)


def test_rounded_ids_are_taken_from_the_addresses(tmp_path):
    """Posts refused, or merged, although their addresses say which they are."""
    rows = [row for row in meta.facebook(5) if "Reels" not in row]
    plain = read_file(write(tmp_path / "a.csv", rows))
    ids = [row[0] for row in rows[1:]]
    damaged = column(rows, "Post ID", [f"{int(number):.5E}".replace(".", ",") for number in ids])
    damaged = column(damaged, "Page ID", "1E+14")
    reading = read_file(
        write(tmp_path / "b.csv", damaged, encoding="cp1252", delimiter=";", newline="\r\n")
    )
    assert reading.rows == plain.rows
    assert (reading.external_id, reading.handle) == (None, meta.HANDLE)
    assert warned(reading, "4 post ids had been rounded")
    other = column(rows, "Post ID", "1.22158E+17")
    with pytest.raises(HandbookError, match="destroyed"):
        read_file(write(tmp_path / "c.csv", other))


def test_ids_are_text(tmp_path):
    """The last digits of a long id lost."""
    reading = read_file(write(tmp_path / "a.csv", meta.instagram(1)))
    assert reading.rows["post"][0]["post_id"] == "18001767290700000"


def test_a_post_twice(tmp_path):
    """A repeated row counted as a post, or one with other numbers dropped in silence."""
    rows = meta.facebook(2)
    other = column([rows[0], rows[1]], "Views", "5")[1]
    reading = read_file(write(tmp_path / "a.csv", [*rows, rows[1], other]))
    assert (reading.rows_read, reading.rows_kept, reading.dropped) == (4, 2, 1)
    assert "stood before with other numbers" in reading.rejected[0]


def test_numbers_of_a_day_are_not_a_lifetime(tmp_path):
    """Rows for each day of a post, which would hide one another as lifetime totals."""
    rows = meta.facebook(1)
    days = [*rows, rows[1]]
    reading = read_file(
        write(tmp_path / "a.csv", column(days, "Date", ["02/10/2026", "02/11/2026"]))
    )
    assert [row["period"] for row in reading.rows["post_snapshot"]] == ["2026-02-10", "2026-02-11"]
    assert len(reading.rows["post"]) == 1


def test_several_pages_in_one_file(tmp_path):
    """Two Pages merged into one channel."""
    both = [*meta.facebook(2), *meta.facebook(3, page="100000000000999", base=9)[1:]]
    readings = read_source(SourceFile(write(tmp_path / "a.csv", both)))
    assert [(one.external_id, one.rows_kept) for one in readings] == [
        (meta.PAGE_ID, 2),
        ("100000000000999", 3),
    ]


def test_shared_posts(tmp_path):
    """A post of somebody else's counted as the Page's own photo."""
    reading = read_file(write(tmp_path / "a.csv", column(meta.facebook(1), "Is share", "1")))
    assert reading.rows["post"][0]["post_type"] == "repost"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Photo", "image"),
        ("Photos", "image"),
        ("Links", "link"),
        ("Videos", "video"),
        ("Text", "text"),
        ("Live videos", "live"),
        ("Stories", "story"),
        ("IG story", "story"),
        ("Something new", None),
    ],
)
def test_post_types(tmp_path, word, expected):
    """A type that changes its name between years."""
    reading = read_file(write(tmp_path / "a.csv", column(meta.facebook(1), "Post type", word)))
    post = reading.rows["post"][0]
    assert (post["post_type"], post["source_type"]) == (expected, word)


def test_people_are_masked_and_names_not_kept(tmp_path):
    """A handle, an address, a number or the name of a person in the tables or the report."""
    rows = meta.facebook(3)
    rows = [[*row, "Staff Person"] for row in rows]
    rows[0][-1] = "Published by"
    reading = read_file(write(tmp_path / "a.csv", rows))
    text = repr(reading)
    assert "Staff Person" not in text
    assert warned(reading, "'Published by'")
    assert "@someone" not in text
    assert "someone@example.org" not in text
    assert "123 4567" not in text
    bare = read_file(tmp_path / "a.csv", Options(keep_text=False))
    assert {post["text"] for post in bare.rows["post"]} == {None}


def test_file_by_day(tmp_path):
    """A label with an hour in the winter of the United States taken for a time to convert."""
    path = tmp_path / "Reach.csv"
    path.write_bytes(meta.utf16(meta.by_day("Facebook reach", 5, date(2026, 3, 6))))
    (reading,) = read_source(SourceFile(path))
    assert (reading.format, reading.platform, reading.encoding) == (
        "meta-days",
        "facebook",
        "UTF-16LE",
    )
    days = reading.rows["channel_day"]
    assert [row["date"] for row in days] == [date(2026, 3, 6 + i) for i in range(5)]
    assert [row["reach"] for row in days] == [40, 41, 42, 43, 44]


@pytest.mark.parametrize(
    ("title", "platform", "name"),
    [
        ("Facebook follows", "facebook", "followers_gained"),
        ("Facebook visits", "facebook", "profile_visits"),
        ("Facebook link clicks", "facebook", "link_clicks"),
        ("Instagram profile visits", "instagram", "profile_visits"),
        ("Instagram reach", "instagram", "reach"),
        ("Facebook content interactions", "facebook", "engagements"),
        ("Facebook views", "facebook", "views"),
        ("Facebook impressions", "facebook", "impressions"),
    ],
)
def test_titles_of_metrics(tmp_path, title, platform, name):
    """A metric under another one's name."""
    path = write(tmp_path / "a.csv", meta.by_day(title, 2), encoding="utf-16")
    (reading,) = read_source(SourceFile(path))
    assert reading.platform == platform
    assert [row[name] for row in reading.rows["channel_day"]] == [40, 41]


def test_a_metric_that_no_table_has(tmp_path):
    """A metric that is new lost, or taken for another."""
    path = write(tmp_path / "a.csv", meta.by_day("Viewers", 2), encoding="utf-16")
    (reading,) = read_source(SourceFile(path, options=FACEBOOK))
    assert "channel_day" not in reading.rows
    assert [(row["name"], row["value"]) for row in reading.rows["metric_extra"]] == [
        ("Viewers", 40),
        ("Viewers", 41),
    ]


def test_an_unnamed_platform_is_asked_for(tmp_path):
    """Instagram's numbers in Facebook's name, or a message that does not say what to do."""
    path = write(tmp_path / "Views.csv", meta.by_day("Views"), encoding="utf-16")
    with pytest.raises(HandbookError, match="--platform facebook or --platform instagram"):
        read_file(path)
    for platform in ("facebook", "instagram"):
        reading = read_file(path, Options(platform=platform))
        assert reading.platform == platform
        assert [row["views"] for row in reading.rows["channel_day"]] == [40, 41, 42, 43, 44]
    with pytest.raises(HandbookError, match="Say facebook or instagram"):
        read_file(path, Options(platform="x"))


def test_stacked_blocks(tmp_path):
    """The second block lost, or added to the first one's channel."""
    path = tmp_path / "Reach.csv"
    path.write_bytes(meta.utf16(meta.stacked(3)))
    readings = read_source(SourceFile(path))
    assert [
        (one.platform, [row["reach"] for row in one.rows["channel_day"]]) for one in readings
    ] == [("facebook", [40, 41, 42]), ("instagram", [80, 81, 82])]
    tight = [row for row in meta.stacked(3) if row]
    again = read_source(SourceFile(write(path, tight, encoding="utf-16")))
    assert [one.rows for one in again] == [one.rows for one in readings]


def test_unnamed_blocks_that_contradict_each_other(tmp_path):
    """Two platforms' numbers under one name, of which one wins in silence."""
    rows = [*meta.by_day("Views", 3), *meta.by_day("Views", 3, base=7)]
    path = write(tmp_path / "a.csv", rows, encoding="utf-16")
    with pytest.raises(HandbookError, match="another number"):
        read_source(SourceFile(path, options=FACEBOOK))
    rows = [*meta.by_day("Viewers", 3), *meta.by_day("Viewers", 3, base=7)]
    path = write(tmp_path / "b.csv", rows, encoding="utf-16")
    with pytest.raises(HandbookError, match="another number"):
        read_source(SourceFile(path, options=FACEBOOK))


def test_days_left_out_stay_missing(tmp_path):
    """A day that is not in the file taken for a day of zero."""
    rows = meta.by_day(n=5)
    del rows[4]
    (reading,) = read_source(SourceFile(write(tmp_path / "a.csv", rows)))
    assert len(reading.rows["channel_day"]) == 4
    assert warned(reading, "1 day between")


def test_days_in_any_order_of_columns(tmp_path):
    """The label taken for the number because it stands second."""
    turned = [row[::-1] for row in meta.by_day(n=3)]
    (plain,) = read_source(SourceFile(write(tmp_path / "a.csv", meta.by_day(n=3))))
    (reading,) = read_source(SourceFile(write(tmp_path / "b.csv", turned)))
    assert reading.rows == plain.rows


def test_comparisons_are_not_kept(tmp_path):
    """Numbers of the period before, kept as if they were of these days."""
    rows = [[*row, "7"] if len(row) == 2 else row for row in meta.by_day(n=2)]
    rows[2][-1] = "Comparison"
    (reading,) = read_source(SourceFile(write(tmp_path / "a.csv", rows)))
    assert "metric_extra" not in reading.rows
    assert warned(reading, "'Comparison'")


def test_file_by_day_saved_again(tmp_path):
    """Semicolons, a Windows code page and days with dots, as Excel saves them."""
    rows = meta.by_day("Facebook reach", 3)[1:]
    (plain,) = read_source(SourceFile(write(tmp_path / "a.csv", rows)))
    for row in rows[2:5]:
        day = date.fromisoformat(row[0][:10])
        row[0] = f"{day.day}.{day.month}.{day.year} 1:00:00"
    padded = [[*row, *[""] * (2 - len(row))] for row in rows]
    path = write(tmp_path / "b.csv", padded, encoding="cp1252", delimiter=";", newline="\r\n")
    (reading,) = read_source(SourceFile(path))
    assert reading.rows == plain.rows


def test_audience(tmp_path):
    """Shares of the audience taken for numbers of people, or put to the wrong group."""
    path = tmp_path / "Audience.csv"
    path.write_bytes(meta.utf16(meta.audience()))
    (reading,) = read_source(SourceFile(path, options=FACEBOOK))
    assert reading.format == "meta-audience"
    shares = {(row["name"], row["category"]): row["value"] for row in reading.rows["metric_extra"]}
    assert shares[("audience by age & gender", "18-24, Women")] == 0.306
    assert shares[("audience by age & gender", "65+, Men")] == 0.034
    assert shares[("audience by top countries", "Sweden")] == 0.034
    assert len(shares) == 8
    assert {row["unit"] for row in reading.rows["metric_extra"]} == {"fraction"}
    assert all("date" not in row for row in reading.rows["metric_extra"])


@pytest.mark.parametrize(
    ("encoding", "month"), [("cp1251", "{}.апр"), ("cp1252", "{}.huhti"), ("cp1252", "{:02}-apr")]
)
def test_audience_whose_numbers_became_months(tmp_path, encoding, month):
    """3.4 lost because a spreadsheet program made the 3rd of April of it."""
    whole = tmp_path / "a.csv"
    whole.write_bytes(meta.utf16(meta.audience()))
    damaged = [
        [month.format(3) if cell == "3.4" else cell for cell in (*row, "", "", "")][:3]
        for row in meta.audience()[1:]
    ]
    path = write(tmp_path / "b.csv", damaged, encoding=encoding, delimiter=";", newline="\r\n")
    (reading,) = read_source(SourceFile(path, options=FACEBOOK))
    (plain,) = read_source(SourceFile(whole, options=FACEBOOK))
    assert reading.rows == plain.rows


def test_numbers_that_became_months_where_they_cannot_be_told(tmp_path):
    """An average of seconds guessed from the name of a month."""
    rows = column(meta.facebook(3), "Average Seconds viewed", "3.huhti")
    with pytest.raises(HandbookError, match=r"Average Seconds viewed.*do not open it"):
        read_file(write(tmp_path / "a.csv", rows))


def test_rows_quoted_once_more(tmp_path):
    """A file of one column, because a spreadsheet program quoted every line again."""
    rows = [[cell.replace("\n", " ") for cell in row] for row in meta.facebook(3)]
    plain = read_file(write(tmp_path / "a.csv", rows))
    lines = meta.encode(rows, encoding="utf-8").decode().splitlines()
    again = write(tmp_path / "b.csv", [[line] for line in lines], quote_all=True)
    reading = read_file(again)
    assert reading.rows == plain.rows
    assert warned(reading, "into one cell each")


@pytest.mark.parametrize("newline", ["\r", "\r\n", "\n"])
def test_line_ends(tmp_path, newline):
    """A file of one line, because its lines end as on an old Mac."""
    plain = read_file(write(tmp_path / "a.csv", meta.facebook(3)))
    other = read_file(write(tmp_path / "b.csv", meta.facebook(3), newline=newline))
    assert other.rows == plain.rows


def test_days_and_months_mixed_up(tmp_path):
    """Days before the 13th with day and month swapped by a spreadsheet program."""
    rows = column(meta.facebook(2), "Publish time", ["5.3.2026 9:48", "03/18/2026 09:48"])
    with pytest.raises(HandbookError, match=r"row 2, column 'Publish time': expected a time"):
        read_file(write(tmp_path / "a.csv", rows))
    typed = [list(row) for row in meta.facebook(2)]
    typed[1][typed[0].index("Publish time")] = datetime(2026, 5, 3)
    with pytest.raises(HandbookError, match="mixed up day and month"):
        read_file(_workbook(tmp_path / "b.xlsx", typed))


def _workbook(path, rows):
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("Sheet1")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, place, cell)
            else:
                sheet.write(number, place, cell)
    book.close()
    return path


def test_page_report(tmp_path):
    """A report of a Page read as posts, or its days in American order lost."""
    rows = meta.page_report(3, date(2026, 2, 10))
    error = [meta.PAGE_ID, "", meta.ERROR, "", "", ""]
    reading = read_file(write(tmp_path / "a.csv", [*rows, error]))
    assert (reading.format, reading.external_id) == ("facebook-page", meta.PAGE_ID)
    assert [(row["date"].day, row["views"]) for row in reading.rows["channel_day"]] == [
        (10, 60),
        (11, 61),
        (12, 62),
    ]
    assert [row["value"] for row in reading.rows["metric_extra"]] == [5, 6, 7]
    assert (reading.rows_read, reading.rows_kept) == (4, 3)
    assert "computing metadata" in reading.rejected[0]


def test_posts_without_times_are_no_page_report(tmp_path):
    """Posts read as days of a Page because one header is gone."""
    rows = rename(meta.facebook(2), {"Publish time": "Zeit"})
    with pytest.raises(HandbookError, match="lacks the header 'Publish time'"):
        read_file(write(tmp_path / "a.csv", rows))


def test_nearest_layout(tmp_path):
    """An unknown file without a word on what it looks like."""
    rows = rename(meta.instagram(2), {"Account ID": "Konto"})
    with pytest.raises(HandbookError, match=r"looks most like Instagram content.*'Account ID'"):
        read_file(write(tmp_path / "a.csv", rows))


def test_an_empty_export(tmp_path):
    """A file without a row that is imported as if it told something."""
    for rows in (meta.facebook(0), meta.by_day(n=0), meta.page_report(0)):
        with pytest.raises(HandbookError, match="without any row"):
            read_file(write(tmp_path / "a.csv", rows))


def test_a_row_of_everything(tmp_path):
    """Rows that are neither kept, dropped nor rejected."""
    rows = meta.instagram(6)
    rows += [rows[1], ["", *rows[2][1:]], ["x" * 3, *rows[3][1:]]]
    reading = read_file(write(tmp_path / "a.csv", rows))
    assert (reading.rows_read, reading.rows_kept, reading.dropped, len(reading.rejected)) == (
        9,
        6,
        1,
        2,
    )
    assert len(reading.rows["post"]) == 6
    assert min(row["published_date"] for row in reading.rows["post"]) == START


def test_columns_of_zeros_hide_no_numbers(tmp_path):
    """Views that one export of a day tells, covered by another one's zeros."""
    whole = write(tmp_path / "a.csv", meta.facebook(4))
    zeros = write(tmp_path / "b.csv", column(meta.facebook(4), "Views", "0"))
    for order in ([whole, zeros], [zeros, whole]):
        store = tmp_path / f"{order[0].stem}.duckdb"
        reports = list(import_files(store, order, read=read_file, exported_on=date(2026, 2, 1)))
        assert [report.outcome for report in reports] == ["imported", "imported"]
        assert {report.channel_id for report in reports} == {"facebook:keksilauniversity"}
        with open_store(store) as connection:
            found = connection.execute("SELECT views FROM post_latest ORDER BY views").fetchall()
        assert [views for (views,) in found] == [100, 101, 102, 103]
