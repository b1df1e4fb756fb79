"""LinkedIn Page exports into canonical tables."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from importers import samples
from importers.samples import START, write_xlsx

from handbook.errors import HandbookError
from handbook.importers import read_file


def rows(reading, table, **where):
    """Rows of a table whose cells are as said."""
    return [
        row
        for row in reading.rows.get(table, [])
        if all(row.get(name) == value for name, value in where.items())
    ]


def test_content_is_read_in_whole(tmp_path):
    """A column that lands in the wrong place, or a sheet that is passed over."""
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", samples.content(3, 2)))
    assert (reading.format, reading.platform) == ("linkedin-content", "linkedin")
    (day,) = rows(reading, "channel_day", date=START)
    assert day == {
        "date": START,
        "day_tz": "UTC",
        "impressions": 110,
        "impressions_organic": 100,
        "impressions_paid": 10,
        "reach": 50,
        "clicks": 11,
        "clicks_organic": 10,
        "clicks_paid": 1,
        "reactions": 5,
        "reactions_organic": 5,
        "reactions_paid": 0,
        "comments": 2,
        "comments_organic": 2,
        "comments_paid": 0,
        "shares": 1,
        "shares_organic": 1,
        "shares_paid": 0,
    }
    assert rows(reading, "metric_extra", date=START, name="Engagement rate (total)") == [
        {
            "name": "Engagement rate (total)",
            "category": "",
            "value": 0.0485,
            "unit": "fraction",
            "date": START,
        }
    ]
    (post,) = rows(reading, "post", post_id=str(samples.activity(START)))
    assert post["published_date"] == START
    assert post["published_precision"] == "day"
    assert post["is_paid"] is False
    assert "published_at" not in post
    (snapshot,) = rows(reading, "post_snapshot", post_id=post["post_id"])
    assert snapshot | {"post_id": ""} == {
        "post_id": "",
        "period": "lifetime",
        "impressions": 500,
        "views": None,
        "clicks": 50,
        "reactions": 25,
        "comments": 2,
        "shares": 1,
        "follows": None,
        "ctr": 0.1,
        "engagement_rate_reported": 0.156,
    }
    assert (reading.rows_read, reading.rows_kept, reading.warnings) == (5, 5, [])


def test_followers_are_new_ones_and_may_be_negative(tmp_path):
    """New followers a day taken for a total, or a correction below zero lost."""
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", samples.followers(3)))
    assert reading.format == "linkedin-followers"
    gained = [row["followers_gained"] for row in rows(reading, "channel_day")]
    assert gained == [3, -1, 5]
    assert all("followers_total" not in row for row in rows(reading, "channel_day"))
    (somewhere,) = rows(reading, "metric_extra", category="Somewhere")
    assert (somewhere["name"], somewhere["value"]) == ("followers by location", 40)
    assert "date" not in somewhere


def test_visitors_keep_their_parts_as_extra_metrics(tmp_path):
    """A part (desktop, a page of the Page) that is lost, or taken for the whole."""
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", samples.visitors(2)))
    assert reading.format == "linkedin-visitors"
    (day,) = rows(reading, "channel_day", date=START)
    assert (day["page_views"], day["unique_visitors"]) == (7 + 20, 7 + 23)
    extras = rows(reading, "metric_extra", date=START)
    assert len(extras) == 22
    assert {row["unit"] for row in extras} == {"count"}


def test_older_layout(tmp_path):
    """Files from before LinkedIn renamed updates to posts and shares to reposts."""
    old = {
        "Update metrics (aggregated)": [
            [cell.replace("Reposts", "Shares") for cell in row]
            if row == samples.CONTENT_HEADER
            else row
            for row in samples.content(2)["Metrics"]
        ],
        "Update engagement": [
            ["A note"],
            [
                {
                    "Post title": "Update title",
                    "Post link": "Update link",
                    "Post type": "Update type",
                    "Reposts": "Shares",
                    "Views": "Video views",
                }.get(header, header)
                for header in samples.POSTS_HEADER
            ],
            samples.post_row(START),
        ],
    }
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", old))
    assert rows(reading, "channel_day", date=START)[0]["shares"] == 1
    assert rows(reading, "post_snapshot")[0]["shares"] == 1
    assert rows(reading, "post")[0]["is_paid"] is False
    older = samples.followers(2)
    older["New followers"] = [[*row[:3], row[4]] for row in older["New followers"]]
    reading = read_file(write_xlsx(tmp_path / "b.xlsx", older))
    assert rows(reading, "channel_day")[0]["followers_gained"] == 3


def test_headers_in_any_case_order_and_dress(tmp_path):
    """Soft hyphens, a byte-order mark, double spaces, capitals or another order of columns."""
    sheets = samples.followers(2)
    header, *body = sheets["New followers"]
    dressed = ["\ufeffDATE ", "Spon\u00adsored  Followers", *header[2:]]
    sheets["New followers"] = [row[::-1] for row in (dressed, *body)]
    plain = read_file(write_xlsx(tmp_path / "a.xlsx", samples.followers(2)))
    assert read_file(write_xlsx(tmp_path / "b.xlsx", sheets)).rows == plain.rows


def test_dates_as_date_cells(tmp_path):
    """A file whose days are real dates and not text."""
    sheets = samples.followers(2)
    for row, day in zip(sheets["New followers"][1:], samples.days(2), strict=True):
        row[0] = datetime(day.year, day.month, day.day)
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert [row["date"] for row in rows(reading, "channel_day")] == samples.days(2)


def test_mixed_dates_are_damage(tmp_path):
    """Days and months swapped by a spreadsheet program for the first twelve of each month."""
    sheets = samples.followers(3)
    sheets["New followers"][1][0] = datetime(2026, 1, 1)
    with pytest.raises(HandbookError, match="mixed up day and month"):
        read_file(write_xlsx(tmp_path / "a.xlsx", sheets))


def test_staff_names_are_nowhere(tmp_path):
    """A person's name in the tables, the warnings or the reasons."""
    sheets = samples.content(2, 2)
    sheets["All posts"].append(samples.post_row(START, 9))
    sheets["All posts"][-1][1] = "no link"
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert len(reading.rejected) == 1
    assert samples.STAFF not in repr(reading)


def test_unknown_text_columns_are_named_and_not_kept(tmp_path):
    """A column that holds names under a new header."""
    sheets = samples.content(1, 1)
    sheets["All posts"][1] = [*samples.POSTS_HEADER, "Author"]
    sheets["All posts"][2] = [*sheets["All posts"][2], samples.STAFF]
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert samples.STAFF not in repr(reading)
    assert any("'Author'" in warning for warning in reading.warnings)


def test_unknown_number_columns_become_extra_metrics(tmp_path):
    """Numbers of a column that LinkedIn added after this was written."""
    sheets = samples.content(1, 1)
    sheets["Metrics"][1] = [*samples.CONTENT_HEADER, "Saves (total)"]
    sheets["Metrics"][2] = [*sheets["Metrics"][2], 4]
    sheets["All posts"][2][11] = 8
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert rows(reading, "metric_extra", name="Saves (total)")[0]["value"] == 4
    (offsite,) = rows(reading, "metric_extra", name="Offsite Views")
    assert (offsite["value"], offsite["post_id"]) == (8, str(samples.activity(START)))


def test_a_column_twice_loses_nothing(tmp_path):
    """The second of two columns with one header, silently passed over."""
    sheets = samples.followers(1)
    sheets["New followers"] = [
        [*samples.FOLLOWERS_HEADER, "Total followers"],
        [*sheets["New followers"][1], 99],
    ]
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert rows(reading, "channel_day")[0]["followers_gained"] == 3
    assert rows(reading, "metric_extra", name="Total followers (2)")[0]["value"] == 99


def test_texts_are_masked(tmp_path):
    """A handle, an address or a phone number in a stored text."""
    sheets = samples.content(1, 0)
    text = "Ask @some.one or some.one@example.org, +358 40 123 4567 by 01/02/2026"
    sheets["All posts"].append(samples.post_row(START, text=text))
    (post,) = rows(read_file(write_xlsx(tmp_path / "a.xlsx", sheets)), "post")
    assert post["text"] == "Ask [handle] or [e-mail], [phone] by 01/02/2026"


@pytest.mark.parametrize("kind", ["activity", "share", "ugcPost"])
def test_post_ids_from_any_host(tmp_path, kind):
    """Links of a kind or on a host that the id is not found in."""
    sheets = samples.content(1, 1)
    sheets["All posts"][2][1] = f"https://pages.example/x/urn%3Ali%3A{kind}%3A7654321?a=1"
    (post,) = rows(read_file(write_xlsx(tmp_path / "a.xlsx", sheets)), "post")
    assert post["post_id"] == "7654321"


def test_a_post_without_an_id_is_rejected_with_its_row(tmp_path):
    """A post that vanishes without a word."""
    sheets = samples.content(1, 2)
    sheets["All posts"][3][1] = ""
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert len(reading.rejected) == 1
    assert "'All posts', row 4" in reading.rejected[0]
    assert reading.rows_read == reading.rows_kept + 1


def test_sponsored_row_of_a_post_stands_beside_it(tmp_path):
    """Organic and sponsored numbers of one post merged, or one of them lost."""
    sheets = samples.content(1, 0)
    sheets["All posts"] += [
        samples.post_row(START, impressions=500),
        samples.post_row(START, impressions=80, kind="Sponsored", campaign="Spring"),
    ]
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    (snapshot,) = rows(reading, "post_snapshot")
    assert snapshot["impressions"] == 500
    (extra,) = rows(reading, "metric_extra", name="impressions (sponsored)")
    assert (extra["category"], extra["value"]) == ("Spring", 80)


def test_post_types(tmp_path):
    """LinkedIn's own words for types that end up under no type of ours."""
    words = ["Video", "Image", "Multi-image", "Document", "Article", "Something new", ""]
    sheets = samples.content(1, 0)
    sheets["All posts"] += [
        samples.post_row(START, i, content_type=word) for i, word in enumerate(words)
    ]
    posts = rows(read_file(write_xlsx(tmp_path / "a.xlsx", sheets)), "post")
    kinds = [post["post_type"] for post in posts]
    assert kinds == ["video", "image", "carousel", "document", "link", None, None]
    assert posts[5]["source_type"] == "Something new"


def test_created_dates_far_from_the_id_are_a_warning(tmp_path):
    """Days and months swapped in all rows, which no single cell shows."""
    sheets = samples.content(1, 2)
    sheets["All posts"][3][5] = "06/01/2026"
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert any("1 posts have a created date" in warning for warning in reading.warnings)


def test_several_kinds_in_one_workbook(tmp_path):
    """Sheets that analysts gathered in one workbook, filling the same days."""
    sheets = samples.content(2, 1) | samples.followers(2) | samples.visitors(2)
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert len(rows(reading, "channel_day")) == 2
    (day,) = rows(reading, "channel_day", date=START)
    assert (day["impressions"], day["followers_gained"], day["page_views"]) == (110, 3, 27)


def test_the_same_day_twice(tmp_path):
    """A repeated row counted twice, or two rows that contradict each other."""
    sheets = samples.followers(2)
    sheets["New followers"].append(list(sheets["New followers"][1]))
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert (reading.rows_read, reading.dropped) == (6, 1)
    assert len(rows(reading, "channel_day")) == 2
    sheets["New followers"][-1][4] = 77
    with pytest.raises(HandbookError, match=r"row 2 and in row 4"):
        read_file(write_xlsx(tmp_path / "b.xlsx", sheets))


def test_capped_lists_are_a_warning(tmp_path):
    """A list of a hundred places taken for all places."""
    sheets = samples.followers(1)
    sheets["Location"] = [
        ["Location", "Total followers"],
        *([f"Place {i}", 200 - i] for i in range(100)),
    ]
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert any("stops at 100 rows" in warning for warning in reading.warnings)


def test_the_workbooks_own_date(tmp_path):
    """The export date inside a workbook passed over."""
    made = datetime(2026, 3, 1, 8, 30)
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", samples.content(), created=made))
    assert reading.exported_at == made


class TestBadInput:
    """Each is refused with words that say where, what and what to do."""

    def refused(self, path: Path) -> str:
        with pytest.raises(HandbookError) as caught:
            read_file(path)
        return str(caught.value)

    def test_not_an_export(self, tmp_path):
        """A workbook of something else."""
        path = write_xlsx(tmp_path / "budget.xlsx", {"Sheet1": [["Cost", "Sum"], ["Pens", 3]]})
        assert "budget.xlsx: not an export that is known" in self.refused(path)

    @pytest.mark.parametrize("kept", [0.02, 0.3, 0.7, 0.99])
    def test_cut_short(self, tmp_path, capfd, kept):
        """A download that broke off."""
        path = write_xlsx(tmp_path / "a.xlsx", samples.content())
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * kept)])
        assert "cut short, damaged" in self.refused(path)
        assert capfd.readouterr().err == ""

    def test_renamed_header(self, tmp_path):
        """A header that LinkedIn or somebody renamed."""
        sheets = samples.content()
        sheets["Metrics"][1] = [
            "Taps (total)" if header == "Clicks (total)" else header
            for header in samples.CONTENT_HEADER
        ]
        said = self.refused(write_xlsx(tmp_path / "a.xlsx", sheets))
        assert "sheet 'Metrics'" in said
        assert "LinkedIn Page content, by day" in said
        assert "'Clicks (total)'" in said

    def test_renamed_header_in_the_only_sheet(self, tmp_path):
        """The same where nothing else in the file is known."""
        rows = samples.followers()["New followers"]
        rows[0] = ["Date", "Sponsored followers", "Organic followers", "x", "All followers"]
        said = self.refused(write_xlsx(tmp_path / "a.xlsx", {"New followers": rows}))
        assert "LinkedIn Page followers, by day" in said
        assert "'Total followers'" in said

    def test_wrong_date(self, tmp_path):
        """A day that is none."""
        sheets = samples.followers(3)
        sheets["New followers"][2][0] = "13/45/2026"
        said = self.refused(write_xlsx(tmp_path / "a.xlsx", sheets))
        assert "a.xlsx, sheet 'New followers', row 3, column 'Date'" in said
        assert "MM/DD/YYYY" in said
        assert "'13/45/2026'" in said

    @pytest.mark.parametrize("value", ["many", 1.5, "1,234", True, "3.апр"])
    def test_wrong_count(self, tmp_path, value):
        """A cell that is no whole number."""
        sheets = samples.followers(1)
        sheets["New followers"][1][4] = value
        said = self.refused(write_xlsx(tmp_path / "a.xlsx", sheets))
        assert "row 2, column 'Total followers': expected a whole number" in said

    @pytest.mark.parametrize("token", ["", "-", "--", "NAN", "undefined", " "])
    def test_missing_is_missing(self, tmp_path, token):
        """A missing value that becomes zero."""
        sheets = samples.followers(1)
        sheets["New followers"][1][1] = token
        reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
        assert rows(reading, "channel_day")[0]["followers_gained_paid"] is None

    def test_every_sheet_empty(self, tmp_path):
        """A workbook without anything."""
        said = self.refused(write_xlsx(tmp_path / "a.xlsx", {"Metrics": [], "All posts": []}))
        assert "every sheet is empty" in said

    def test_headers_without_rows(self, tmp_path):
        """A period without data."""
        sheets = {"New followers": [samples.FOLLOWERS_HEADER]}
        assert "without any row" in self.refused(write_xlsx(tmp_path / "a.xlsx", sheets))

    def test_one_sheet_empty(self, tmp_path):
        """An empty sheet passed over without a word, or taken for an error."""
        sheets = samples.content(2, 1) | {"Metrics": []}
        reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
        assert reading.warnings == ["sheet 'Metrics' is empty"]

    def test_a_folder(self, tmp_path):
        """A folder in place of a file."""
        assert "is a folder" in self.refused(tmp_path)

    def test_no_such_file(self, tmp_path):
        """A name that is misspelt."""
        assert "is not there" in self.refused(tmp_path / "nothing.xls")

    @pytest.mark.parametrize(
        "data", [b"", b"\x00\x01\x02\x03" * 99, b"hello", b"PK\x03\x04" + b"x" * 99]
    )
    def test_other_bytes(self, tmp_path, capfd, data):
        """Something that is no spreadsheet whatever its name says."""
        path = tmp_path / "a.xls"
        path.write_bytes(data)
        assert self.refused(path).startswith("a.xls")
        assert capfd.readouterr().err == ""

    def test_ole_without_a_workbook(self, tmp_path, capfd):
        """The first bytes of a .xls and nothing behind them."""
        path = tmp_path / "a.xls"
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 4000)
        assert "cut short, damaged" in self.refused(path)
        assert capfd.readouterr().err == ""


def test_iso_days_are_read_too(tmp_path):
    """Days that a tool in between wrote year first."""
    sheets = samples.followers(1)
    sheets["New followers"][1][0] = "2026-05-06"
    (row,) = rows(read_file(write_xlsx(tmp_path / "a.xlsx", sheets)), "channel_day")
    assert row["date"] == date(2026, 5, 6)
