"""Classic Facebook Insights into canonical tables."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from importers.samples import START, meta

from handbook.errors import HandbookError
from handbook.importers import Options, read_file, spreadsheetml


def write(path, rows, **how):
    """Write rows as Facebook did, or as said."""
    path.write_bytes(meta.encode(rows, **how))
    return path


def extras(reading, **where):
    """Extra metrics by name and category, of the rows whose cells are as said."""
    return {
        (row["name"], row["category"]): row["value"]
        for row in reading.rows["metric_extra"]
        if all(row.get(key) == value for key, value in where.items())
    }


def test_posts(tmp_path):
    """The row of descriptions taken for a post, or a column that lands in the wrong place."""
    reading = read_file(write(tmp_path / "a.csv", meta.classic_posts(3)))
    assert (reading.format, reading.platform) == ("facebook-classic-posts", "facebook")
    assert (reading.handle, reading.external_id) == (meta.HANDLE, meta.PAGE_ID)
    assert (reading.rows_read, reading.rows_kept, reading.warnings) == (3, 3, [])
    video, link, photo = reading.rows["post_snapshot"]
    identity = video.pop("post_id")
    assert identity == f"{meta.PAGE_ID}_{meta.post_id(meta.moment(2), 2)}"
    assert video == {
        "period": "lifetime",
        "reach": 202,
        "impressions": 602,
        "reactions": 6,
        "comments": 2,
        "clicks": 12,
        "avg_view_s": 29.932,
    }
    assert "comments" not in link
    assert "avg_view_s" not in photo
    posts = {post["post_type"]: post for post in reading.rows["post"]}
    assert posts["video"]["duration_s"] == 51.217
    assert "duration_s" not in posts["image"]


def test_times_are_pacific(tmp_path):
    """Afternoons read as mornings, or Pacific times as UTC."""
    rows = meta.classic_posts(2)
    at = rows[0].index("Posted")
    rows[2][at], rows[3][at] = "02/19/2015 11:45:22 PM", "07/01/2014 12:05:00 AM"
    posts = read_file(write(tmp_path / "a.csv", rows)).rows["post"]
    assert [post["published_at"] for post in posts] == [
        datetime(2015, 2, 20, 7, 45, 22),
        datetime(2014, 7, 1, 7, 5),
    ]
    assert posts[0]["published_date"] == date(2015, 2, 19)


def test_columns_of_one_name(tmp_path):
    """People added to counts, or one of two columns with one header lost."""
    reading = read_file(write(tmp_path / "a.csv", meta.classic_posts(3)))
    post_id = reading.rows["post"][0]["post_id"]
    found = extras(reading, post_id=post_id)
    assert found[("Lifetime Organic Video Views (Total Count)", "")] == 92
    assert found[("Lifetime Organic Video Views (Unique Users)", "")] == 62


def test_days(tmp_path):
    """Bytes of cp1252 broken, a day and its month swapped, or people taken for counts."""
    path = meta.write_classic_days(tmp_path / "a.csv", 3)
    reading = read_file(path)
    assert (reading.format, reading.encoding) == ("facebook-classic-days", "Windows-1252")
    assert (reading.rows_read, reading.rows_kept) == (3, 3)
    assert reading.rows["channel_day"][1] == {
        "date": date(2026, 1, 2),
        "day_tz": "America/Los_Angeles",
        "followers_total": 501,
        "followers_gained": 3,
        "followers_lost": 0,
        "reach": 1001,
        "impressions": 2001,
        "clicks": 14,
        "page_views": 31,
        "unique_visitors": 9,
    }
    found = extras(reading, date=START)
    assert found[("Lifetime Likes by City", "Åbo, Finland")] == 20
    assert ("Lifetime Likes by City", "Espoo, Finland") not in found


def test_people_are_told_from_counts_in_any_order(tmp_path):
    """Page views taken from whichever of two columns stands first."""
    rows = [[*row[:-2], row[-1], row[-2]] for row in meta.classic_days(2)]
    day = read_file(write(tmp_path / "a.csv", rows)).rows["channel_day"][0]
    assert (day["page_views"], day["unique_visitors"]) == (30, 9)


@pytest.mark.parametrize("name", ["a.xls", "a.csv"])
def test_workbooks_in_xml(tmp_path, name):
    """XML that is named .xls, or has no name at all, refused or read as text."""
    plain = read_file(write(tmp_path / "plain.csv", meta.classic_posts(4)))
    path = tmp_path / name
    path.write_bytes(meta.xml_workbook(meta.sheets_of(meta.classic_posts(4))))
    reading = read_file(path)
    assert _sorted(reading) == _sorted(plain)
    assert (reading.rows_read, reading.rows_kept) == (8, 8)


def test_workbooks(tmp_path):
    """Likes, comments and shares, which have a sheet of their own, lost."""
    plain = read_file(write(tmp_path / "plain.csv", meta.classic_posts(4)))
    path = meta.write_workbook(tmp_path / "a.xlsx", meta.sheets_of(meta.classic_posts(4)))
    assert _sorted(read_file(path)) == _sorted(plain)


def test_workbooks_of_days(tmp_path):
    """Groups of likes, on sheets of their own, lost or without their name."""
    rows = meta.classic_days(3)
    cities = [[row[0], *row[8:10]] for row in rows]
    cities[0] = ["Date", "Åbo, Finland", "Espoo, Finland"]
    main = [[*row[:8], *row[10:]] for row in rows]
    path = tmp_path / "a.xls"
    path.write_bytes(meta.xml_workbook({"Key Metrics": main, "Lifetime Likes by City": cities}))
    reading = read_file(path)
    plain = read_file(meta.write_classic_days(tmp_path / "b.csv", 3))
    assert _sorted(reading) == _sorted(plain)


def test_workbooks_with_real_dates(tmp_path):
    """Times that are dates already taken for UTC, or refused."""
    rows = meta.classic_posts(3)
    at = rows[0].index("Posted")
    plain = read_file(write(tmp_path / "plain.csv", rows))
    texts = [row[at] for row in rows[2:]]
    moments = [datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p") for text in texts]
    data = meta.xml_workbook(meta.sheets_of(rows)).decode()
    for text, moment in zip(texts, moments, strict=True):
        cell = '<Data ss:Type="{}">{}</Data>'
        data = data.replace(
            cell.format("String", text), cell.format("DateTime", f"{moment:%Y-%m-%dT%H:%M:%S}.000")
        )
    path = tmp_path / "a.xls"
    path.write_bytes(data.encode())
    assert _sorted(read_file(path)) == _sorted(plain)


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        ('<Data ss:Type="String">a<B>b</B> c</Data>', "ab c"),
        ('<Data ss:Type="Number">7</Data><Comment><ss:Data>of someone</ss:Data></Comment>', 7),
        ("<Comment><ss:Data>of someone</ss:Data></Comment>", ""),
        ('<Comment><ss:Data>x</ss:Data></Comment><Data ss:Type="String">a</Data>', "a"),
        ("<o:Data>another namespace</o:Data>", ""),
        ("<Data></Data><Data>second</Data>", ""),
        ("", ""),
    ],
)
def test_a_cell_in_xml_holds_its_own_content_only(inside, value):
    """The comment of a person, or what other programs write beside it, taken for a cell."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    text = (
        f'<Workbook xmlns="{space}" xmlns:ss="{space}" xmlns:o="urn:other">'
        f'<Worksheet ss:Name="a"><Table><Row><Cell>{inside}</Cell><Cell ss:Index="4"/></Row>'
        "</Table><o:Options><o:Row>1</o:Row><o:Cell>2</o:Cell></o:Options></Worksheet></Workbook>"
    )
    assert spreadsheetml.read(text.encode(), 10) == {"a": [[value, "", "", ""]]}


def _sorted(reading):
    return {
        table: sorted(
            repr(sorted((name, _float(value)) for name, value in row.items())) for row in rows
        )
        for table, rows in reading.rows.items()
    }


def _float(value):
    return str(float(value)) if isinstance(value, int | float) else str(value)


def test_line_ends_of_an_old_mac(tmp_path):
    """A file of one line."""
    plain = read_file(write(tmp_path / "a.csv", meta.classic_posts(3)))
    other = read_file(write(tmp_path / "b.csv", meta.classic_posts(3), newline="\r"))
    assert other.rows == plain.rows


def test_a_post_twice(tmp_path):
    """A repeated row counted as a post, or one with other numbers dropped in silence."""
    rows = meta.classic_posts(2)
    other = [*rows[2][:8], "1", *rows[2][9:]]
    reading = read_file(write(tmp_path / "a.csv", [*rows, rows[2], other]))
    assert (reading.rows_read, reading.rows_kept, reading.dropped) == (4, 2, 1)
    assert "stood before with other numbers" in reading.rejected[0]


def test_a_day_twice(tmp_path):
    """A day counted twice, or of two with other numbers one lost in silence."""
    rows = meta.classic_days(2)
    other = [rows[2][0], "1", *rows[2][2:]]
    reading = read_file(write(tmp_path / "a.csv", [*rows, rows[2], other]))
    assert (reading.rows_read, reading.rows_kept, reading.dropped) == (4, 2, 1)
    assert len(reading.rejected) == 1


def test_rows_without_time_or_id(tmp_path):
    """A row that is dropped without a word."""
    rows = meta.classic_posts(3)
    rows[2][rows[0].index("Posted")] = "-"
    rows[3][0] = ""
    reading = read_file(write(tmp_path / "a.csv", rows))
    assert (reading.rows_read, reading.rows_kept, len(reading.rejected)) == (3, 1, 2)


def test_destroyed_ids_are_refused(tmp_path):
    """Ids that a spreadsheet program has rounded."""
    rows = meta.classic_posts(2)
    rows[2][0] = "5.18996E+29"
    with pytest.raises(HandbookError, match=r"row 3, column 'Post ID'.*destroyed"):
        read_file(write(tmp_path / "a.csv", rows))


def test_wrong_numbers_say_where(tmp_path):
    """A number that cannot be read taken for missing."""
    rows = meta.classic_posts(2)
    rows[3][rows[0].index("Lifetime Post Total Reach")] = "3.huhti"
    with pytest.raises(HandbookError, match=r"row 4, column 'Lifetime Post Total Reach'"):
        read_file(write(tmp_path / "a.csv", rows))


def test_people_are_masked_and_names_not_kept(tmp_path):
    """A handle, an address, a number or a name in the tables or the report."""
    rows = [[*row, "Staff Person"] for row in meta.classic_posts(3)]
    rows[0][-1] = "Lifetime author"
    path = write(tmp_path / "a.csv", rows)
    reading = read_file(path)
    text = repr(reading)
    assert "Staff Person" not in text
    assert any("'Lifetime author'" in warning for warning in reading.warnings)
    assert "@someone" not in text
    assert "123 4567" not in text
    bare = read_file(path, Options(keep_text=False))
    assert {post["text"] for post in bare.rows["post"]} == {None}


def test_posts_without_ids_are_refused_with_what_is_missing(tmp_path):
    """A table made for research, of posts that nothing tells apart, kept or refused in riddles."""
    header = ["Page total likes", "Type", "Category", "Post Month", "Paid", "comment", "like"]
    header += [name for name in meta.CLASSIC_POSTS if name.startswith("Lifetime Post Total")]
    header += ["Lifetime Engaged Users", "Lifetime Post Consumptions", "share"]
    path = write(tmp_path / "a.csv", [header, ["1"] * len(header)], newline="\r")
    with pytest.raises(HandbookError, match=r"Facebook Insights, post level.*'Post ID', 'Posted'"):
        read_file(path)


def test_an_empty_export(tmp_path):
    """A file without a row that is imported as if it told something."""
    for rows in (meta.classic_posts(0), meta.classic_days(0)):
        with pytest.raises(HandbookError, match="without any row"):
            read_file(write(tmp_path / "a.csv", rows))
