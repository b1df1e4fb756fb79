"""X exports into canonical tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from importers.samples import START, write_xlsx
from importers.samples import x as samples

from handbook.errors import HandbookError
from handbook.importers import Options, SourceFile, columns, read_source, source
from handbook.store import import_files, open_store


def read(tmp_path, rows, name="export.csv", options=None, **form):
    """Write rows in a form, and read them; the readings."""
    path = tmp_path / name
    path.write_bytes(rows if isinstance(rows, bytes) else samples.encode(rows, **form))
    return read_source(SourceFile(path, options=options or Options()))


def read_one(tmp_path, rows, name="export.csv", **form):
    """The only reading; its rows add up."""
    (reading,) = read(tmp_path, rows, name, **form)
    assert reading.rows_read == reading.rows_kept + reading.dropped + len(reading.rejected)
    return reading


def table(reading, name, /, **where):
    """Rows of a table whose cells are as said."""
    return [
        row
        for row in reading.rows.get(name, [])
        if all(row.get(key) == value for key, value in where.items())
    ]


def change(rows, **cells):
    """Rows whose cells in the columns of those names are replaced (underscores are spaces)."""
    header = [name.casefold() for name in rows[0]]
    changed = [list(row) for row in rows]
    for name, value in cells.items():
        index = header.index(name.replace("_", " ").casefold())
        for row in changed[1:]:
            row[index] = value(row) if callable(value) else value
    return changed


def test_by_tweet_is_read_in_whole(tmp_path):
    """A column that lands in the wrong place, or a count that was not read."""
    reading = read_one(tmp_path, samples.tweets(1), quote_all=True)
    assert (reading.format, reading.platform, reading.handle) == (
        "x-tweets",
        "x",
        samples.HANDLE,
    )
    assert (reading.language, reading.encoding, reading.warnings) == ("en", "UTF-8", [])
    at = datetime(2026, 1, 1, 9, 0)
    identity = samples.post_id(samples.moment(0))
    assert table(reading, "post") == [
        {
            "post_id": identity,
            "permalink": samples.link(identity),
            "published_at": at,
            "published_date": at.date(),
            "published_precision": "minute",
            "source_tz": "UTC",
            "post_type": None,
            "text": "Doors open at nine & everybody is welcome",
        }
    ]
    assert table(reading, "post_snapshot") == [
        {
            "post_id": identity,
            "period": "lifetime",
            "impressions": 100,
            "reactions": 7,
            "comments": 1,
            "shares": 3,
            "link_clicks": 4,
            "profile_visits": 2,
            "follows": 1,
            "engagements_reported": 20,
            "engagement_rate_reported": 0.2,
        }
    ]
    extras = {row["name"]: row["value"] for row in table(reading, "metric_extra")}
    assert extras == {
        "hashtag clicks": 0,
        "detail expands": 3,
        "permalink clicks": 0,
        "app opens": 0,
        "app installs": 0,
        "email tweet": 0,
        "dial phone": 0,
        "media views": 5,
        "media engagements": 5,
    }


def test_by_day_is_read_in_whole(tmp_path):
    """Follows from posts taken for all new followers; a day without posts lost."""
    reading = read_one(tmp_path, samples.activity_days(3), quote_all=True)
    assert (reading.format, reading.handle) == ("x-days", None)
    first, second, _ = table(reading, "channel_day")
    assert first == {
        "date": START,
        "day_tz": "UTC",
        "impressions": 500,
        "reactions": 4,
        "comments": 1,
        "shares": 3,
        "link_clicks": 5,
        "profile_visits": 3,
        "engagements": 16,
        "posts_published": 2,
    }
    assert second["posts_published"] == 0
    (follows,) = table(reading, "metric_extra", date=START, name="follows")
    assert (follows["value"], follows["unit"]) == (1, "count")
    (rate,) = table(reading, "metric_extra", date=START, name="engagement rate")
    assert (rate["value"], rate["unit"]) == (16 / 500, "fraction")


def test_account_overview_is_read_in_whole(tmp_path):
    """Reposts and X's newer shares taken for one another; a total of followers invented."""
    reading = read_one(tmp_path, samples.overview(3))
    assert (reading.format, reading.report_tz) == ("x-overview", "UTC")
    assert [row["date"] for row in table(reading, "channel_day")] == [
        START + timedelta(days=2),
        START + timedelta(days=1),
        START,
    ]
    assert table(reading, "channel_day", date=START) == [
        {
            "date": START,
            "day_tz": "UTC",
            "impressions": 400,
            "reactions": 12,
            "comments": 5,
            "shares": 6,
            "saves": 2,
            "profile_visits": 9,
            "views": 40,
            "engagements": 30,
            "followers_gained": 3,
            "followers_lost": 1,
            "posts_published": 1,
        }
    ]
    extras = {row["name"]: row["value"] for row in table(reading, "metric_extra", date=START)}
    assert extras == {"shares": 4, "media views": 50}


@pytest.mark.parametrize("year", [2025, 2026])
def test_content_is_read_in_whole(tmp_path, year):
    """A header that X has renamed, or a day that is taken for a time."""
    reading = read_one(tmp_path, samples.content(2, year=year), newline="\r\n")
    assert (reading.format, reading.handle, reading.warnings) == (
        "x-content",
        samples.HANDLE,
        [],
    )
    identity = samples.post_id(samples.moment(0))
    (post,) = table(reading, "post", post_id=identity)
    assert post["published_date"] == START
    assert post["published_precision"] == "day"
    assert "published_at" not in post
    assert "source_tz" not in post
    (snapshot,) = table(reading, "post_snapshot", post_id=identity)
    assert snapshot == {
        "post_id": identity,
        "period": "lifetime",
        "impressions": 300,
        "reactions": 8,
        "comments": 3,
        "shares": 4,
        "saves": 1,
        "link_clicks": 5,
        "profile_visits": 6,
        "follows": 1,
        "engagements_reported": 25,
    }
    extras = {row["name"]: row["value"] for row in table(reading, "metric_extra", post_id=identity)}
    assert extras == {"shares": 2, "detail expands": 7, "hashtag clicks": 0, "permalink clicks": 0}


def test_personal_data_is_masked_or_not_kept(tmp_path):
    """A handle, an address, or the words to somebody else that come into the store."""
    reading = read_one(tmp_path, samples.tweets(4), quote_all=True)
    first, second, reply, thanks = reversed(table(reading, "post"))
    assert first["post_type"] is None
    assert second["text"] == 'First line, with a comma\n\nsecond "line"'
    assert (reply["text"], reply["post_type"]) == (None, "reply")
    assert thanks["text"] == "Thanks to [handle], write to [e-mail] or [phone]"
    assert "somebody" not in repr(reading)


@pytest.mark.parametrize(
    ("text", "kept", "post_type"),
    [
        ("@Keksila_Example and on it goes", "[handle] and on it goes", "reply"),
        ("@keksila_example @other and on", None, "reply"),
        ("\uff20other in another alphabet", None, "reply"),
        (".@other wrote a book", ".[handle] wrote a book", None),
        ("RT @other: words of others", None, "repost"),
        ("&amp;lt; stays as it was written", "&lt; stays as it was written", None),
        ("", None, None),
    ],
)
def test_what_a_text_tells(tmp_path, text, kept, post_type):
    """A reply in the account's own thread lost; others' words kept; entities undone twice."""
    reading = read_one(tmp_path, change(samples.tweets(1), tweet_text=text))
    (post,) = table(reading, "post")
    assert (post["text"], post["post_type"]) == (kept, post_type)


def test_no_text_keeps_types(tmp_path):
    """`--no-text` that keeps a text, or forgets that a post is a reply."""
    (reading,) = read(tmp_path, samples.tweets(4), options=Options(keep_text=False))
    assert {post["text"] for post in table(reading, "post")} == {None}
    assert [post["post_type"] for post in table(reading, "post")].count("reply") == 1


@pytest.mark.parametrize("token", ["-", "--", "", "NaN", "undefined"])
def test_missing_is_missing(tmp_path, token):
    """A dash that becomes 0."""
    reading = read_one(tmp_path, change(samples.tweets(1), likes=token, media_views=token))
    (snapshot,) = table(reading, "post_snapshot")
    assert snapshot["reactions"] is None
    assert not table(reading, "metric_extra", name="media views")


def test_promoted_columns_are_kept_beside(tmp_path):
    """Paid numbers that are lost, or added to the post's own."""
    reading = read_one(tmp_path, change(samples.tweets(1), promoted_impressions="70"))
    (extra,) = table(reading, "metric_extra", name="promoted impressions")
    assert extra["value"] == 70
    assert table(reading, "post_snapshot")[0]["impressions"] == 100


FORMS = {
    "BOM": {"encoding": "utf-8-sig"},
    "UTF-16": {"encoding": "utf-16"},
    "semicolons": {"delimiter": ";"},
    "tabs": {"delimiter": "\t"},
    "CRLF": {"newline": "\r\n"},
    "CR": {"newline": "\r"},
    "all quoted": {"quote_all": True},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    "rows",
    [samples.tweets(4), samples.activity_days(4), samples.overview(4), samples.content(4)],
    ids=["tweets", "days", "overview", "content"],
)
def test_any_form_says_the_same(tmp_path, rows, form):
    """An encoding, a delimiter or a line end in which numbers or texts get lost."""
    usual = read_one(tmp_path, rows)
    assert read_one(tmp_path, rows, name="export.xls", **form).rows == usual.rows


def test_lines_quoted_again(tmp_path):
    """A file whose lines a spreadsheet program has each put into one cell."""
    rows = samples.content(3)
    lines = samples.encode(rows).decode().splitlines()
    again = samples.encode([[line] for line in lines], quote_all=True)
    reading = read_one(tmp_path, again)
    assert reading.rows == read_one(tmp_path, rows).rows
    assert len(reading.warnings) == 1


def test_headers_in_other_letters(tmp_path):
    """Headers with other letter case, soft hyphens or spaces that are not known any more."""
    rows = samples.overview(2)
    rows[0] = [f" {header.upper()[:3]}\u00ad{header.upper()[3:]}\u00a0" for header in rows[0]]
    assert read_one(tmp_path, rows).rows == read_one(tmp_path, samples.overview(2)).rows


JAPANESE = (
    "ポストID,日付,ポスト本文,ポストのリンク,インプレッション数,いいね,エンゲージメント,"
    "ブックマーク,共有された回数,新しいフォロー,返信,リポスト,プロフィールへのアクセス数,"
    "詳細のクリック数,URLのクリック数,ハッシュタグのクリック数,パーマリンクのクリック数"
)


def test_headers_in_japanese(tmp_path):
    """A language of the table of headers that is not read like English."""
    rows = samples.content(3)
    rows[0] = JAPANESE.split(",")
    reading = read_one(tmp_path, rows)
    assert reading.language == "ja"
    assert reading.rows == read_one(tmp_path, samples.content(3)).rows


def test_shuffled_columns(tmp_path):
    """Columns read by their place instead of their header."""
    rows = [list(reversed(row)) for row in samples.tweets(4)]
    reading = read_one(tmp_path, rows)
    usual = read_one(tmp_path, samples.tweets(4))
    assert table(reading, "post") == table(usual, "post")
    assert table(reading, "post_snapshot") == table(usual, "post_snapshot")


def test_unknown_columns(tmp_path):
    """A new number lost, a text about persons kept, or either one fatal."""
    rows = samples.content(2)
    rows[0] += ["Zaps", "Approved by", "Boost rate"]
    rows[1] += ["4", "Staff Person", "0.5"]
    rows[2] += ["-", "7", "0.25"]
    reading = read_one(tmp_path, rows)
    assert [row["value"] for row in table(reading, "metric_extra", name="Zaps")] == [4]
    rates = table(reading, "metric_extra", name="Boost rate")
    assert [(row["value"], row["unit"]) for row in rates] == [(0.5, "fraction"), (0.25, "fraction")]
    assert not table(reading, "metric_extra", name="Approved by")
    assert [w for w in reading.warnings if "'Approved by'" in w]
    assert "Staff Person" not in repr(reading)


def test_content_without_texts(tmp_path):
    """Numbers lost because somebody took the texts out; a missing header that is not named."""
    rows = [row[:2] + row[3:] for row in samples.content(4)]
    reading = read_one(tmp_path, rows)
    usual = read_one(tmp_path, samples.content(4))
    assert table(reading, "post_snapshot") == table(usual, "post_snapshot")
    assert {post["text"] for post in table(reading, "post")} == {None}
    rows = [row[:9] for row in rows]
    with pytest.raises(HandbookError, match="X.*lacks the header"):
        read(tmp_path, rows)


def test_destroyed_ids_are_taken_from_the_links(tmp_path):
    """Ids that a spreadsheet program rounded, kept as they are."""
    usual = read_one(tmp_path, samples.tweets(4))
    for destroyed in ("2.00E+18", lambda row: row[0][:15] + "0000", lambda row: ""):
        reading = read_one(tmp_path, change(samples.tweets(4), tweet_id=destroyed))
        assert reading.rows == usual.rows
        assert "4 post ids" in reading.warnings[0]


@pytest.mark.parametrize("destroyed", ["2.00E+18", "2,00E+18", "200000000000000000"])
def test_destroyed_ids_without_links_are_refused(tmp_path, destroyed):
    """Posts kept under an id that is nobody's."""
    rows = change(samples.content(4), post_id=destroyed, post_link="")
    with pytest.raises(HandbookError, match="column 'Post id'.*Download"):
        read(tmp_path, rows)


def test_workbook(tmp_path):
    """A file saved as .xlsx, where ids are numbers and rounded."""
    header, *rows = samples.tweets(1)
    numbers = [[float(row[0]), *row[1:4], *(_value(cell) for cell in row[4:])] for row in rows]
    path = write_xlsx(tmp_path / "export.xlsx", {"Sheet1": [header, *numbers]})
    (reading,) = read_source(SourceFile(path))
    usual = read_one(tmp_path, samples.tweets(1))
    assert reading.rows == usual.rows


def _value(cell):
    return cell if cell == "-" else float(cell)


def test_ids_and_links_that_contradict(tmp_path):
    """Numbers kept under one of two ids without knowing which."""
    rows = samples.tweets(3)
    rows[1][0] = "1234567890123456789"
    rows[2][0] = "Total"
    rows[2][1] = ""
    reading = read_one(tmp_path, rows)
    assert [reason.split(":")[0] for reason in reading.rejected] == ["row 2", "row 3"]
    assert reading.rows_kept == 1


def test_posts_without_an_id_or_a_time_are_rejected_alone(tmp_path):
    """One incomplete post that takes the others with it, or comes in under no id."""
    rows = samples.tweets(5)
    rows[2][3] = "-"
    rows[3][0], rows[3][1] = "", samples.link("")
    rows[4][0], rows[4][1] = "Total", samples.link("Total")
    reading = read_one(tmp_path, rows)
    assert [reason.split(":")[0] for reason in reading.rejected] == ["row 3", "row 4", "row 5"]
    assert reading.rows_kept == 2


def test_times_that_contradict_the_ids(tmp_path):
    """Times in another zone than UTC, or other days, that nobody is told of."""
    late = change(
        samples.tweets(2), time=lambda row: f"{row[3][:11]}{int(row[3][11:13]) + 2}:00 +0000"
    )
    (warning,) = read_one(tmp_path, late).warnings
    assert "2 posts have a time that contradicts" in warning
    (warning,) = read_one(tmp_path, change(samples.content(2), date="Mon Feb 17 2025")).warnings
    assert "2 posts" in warning
    neighbour = change(samples.content(2), date=lambda row: _next_day(row[1]))
    assert not read_one(tmp_path, neighbour).warnings


def _next_day(text):
    day = datetime.strptime(text, "%a, %b %d, %Y") + timedelta(days=1)
    return f"{day:%a, %b %d, %Y}"


def test_other_offsets_become_utc(tmp_path):
    """A time whose offset is passed over."""
    reading = read_one(tmp_path, change(samples.tweets(1), time="2026-01-01 11:00 +0200"))
    assert table(reading, "post")[0]["published_at"] == datetime(2026, 1, 1, 9, 0)
    assert not reading.warnings


def test_two_accounts_in_one_file(tmp_path):
    """Posts of two accounts that merge."""
    rows = samples.tweets(3) + samples.tweets(2, date(2026, 3, 1), handle="Other_Example")[1:]
    one, other = read(tmp_path, rows)
    assert (one.handle, other.handle) == (samples.HANDLE, "Other_Example")
    assert (one.rows_read, other.rows_read) == (3, 2)
    assert len(table(other, "post")) == 2
    rows[1][1] = ""
    one, other = read(tmp_path, rows)
    assert [reading.rows_kept for reading in (one, other)] == [2, 2]
    assert "several accounts" in one.rejected[0]


def test_repeated_rows(tmp_path):
    """A row that stands twice counted twice; contradicting rows merged."""
    rows = samples.tweets(3)
    assert read_one(tmp_path, [*rows, rows[1]]).dropped == 1
    other = [*rows[1][:4], "9999", *rows[1][5:]]
    (reason,) = read_one(tmp_path, [*rows, other]).rejected
    assert reason.startswith("row 5") and "other numbers" in reason
    days = samples.overview(3)
    assert read_one(tmp_path, [*days, days[1]]).dropped == 1
    with pytest.raises(HandbookError, match="2026-01-03 stands in row 2 and in row 5"):
        read(tmp_path, [*days, [days[1][0], "1", *days[1][2:]]])


def test_files_put_together(tmp_path):
    """A month's file under another's, refused because its header stands among the rows."""
    both = samples.tweets(3) + samples.tweets(2, date(2026, 3, 1))
    reading = read_one(tmp_path, both)
    assert (reading.rows_read, reading.rows_kept, reading.dropped) == (6, 5, 1)
    days = samples.overview(3) + samples.overview(2, date(2026, 3, 1))
    assert read_one(tmp_path, days).rows_kept == 5


def test_cut_short(tmp_path):
    """A last row whose number lost its end, kept as a smaller number."""
    data = samples.encode(samples.overview(4)).rstrip(b"\n")
    reading = read_one(tmp_path, data[: data.rindex(b",") - 1])
    assert reading.rows_kept == 3
    assert "row 5" in reading.rejected[0]
    rows = samples.overview(2)
    rows[1] += ["7"]
    assert "row 2" in read_one(tmp_path, rows).rejected[0]


def test_a_wrong_cell_says_where(tmp_path):
    """A number that is none, passed over or without its place."""
    with pytest.raises(HandbookError, match=r"row 2, column 'likes': expected.*'many'"):
        read(tmp_path, change(samples.tweets(1), likes="many"))
    with pytest.raises(HandbookError, match=r"row 2, column 'Date'.*expected.*'13/45/2026'"):
        read(tmp_path, change(samples.overview(1), date="13/45/2026"))


def test_nothing_to_keep(tmp_path):
    """A file of headers only, imported as if it said something."""
    for rows in (samples.tweets(0), samples.activity_days(0), samples.content(0)):
        with pytest.raises(HandbookError, match="without any row"):
            read(tmp_path, rows)


def test_days_without_a_date_are_rejected(tmp_path):
    """A row of numbers for no day."""
    rows = samples.overview(2)
    rows[1][0] = ""
    assert "row 2" in read_one(tmp_path, rows).rejected[0]


def test_zeros_for_what_was_not_counted(tmp_path):
    """Views that X has not counted, taken for a finding without a word."""
    rows = change(samples.overview(30), video_views="0", media_views="0")
    (warning,) = read_one(tmp_path, rows).warnings
    assert "0 on every day" in warning
    assert not read_one(tmp_path, change(samples.overview(30), video_views="0")).warnings


def test_days_that_a_spreadsheet_wrote_anew(tmp_path):
    """Days in the form of Finnish spreadsheets, which leaves no doubt."""
    rows = change(samples.activity_days(2), date=lambda row: row[0][8:] + ".1.2026")
    days = [row["date"] for row in table(read_one(tmp_path, rows), "channel_day")]
    assert days == [START, START + timedelta(days=1)]


def stored(tmp_path, name, rows):
    """Everything that a store holds of a file, and the report."""
    path = tmp_path / f"{name}.csv"
    path.write_bytes(samples.encode(rows, quote_all=True))
    store = tmp_path / f"{name}.duckdb"
    (report,) = import_files(store, [path], read=lambda p: read_source(SourceFile(p)))
    with open_store(store) as connection:
        tables = {
            table: sorted(map(repr, connection.execute(f"SELECT * FROM {table}").fetchall()))
            for table in ("post", "post_snapshot", "metric_extra")
        }
    return tables, report


def test_a_large_file_says_what_a_small_one_says(tmp_path, monkeypatch):
    """The way through which large files come in, losing, doubling or mixing up rows."""
    rows = samples.tweets(300)
    rows[0] += ["Zaps", "Approved by"]
    for i, row in enumerate(rows[1:]):
        row += [str(i), "Staff Person" if i == 250 else "7"]
    rows[100][5] = rows[101][7] = "-"
    rows.insert(150, [])
    rows.insert(200, rows[60])
    rows.insert(210, [*rows[61][:4], "77", *rows[61][5:]])
    rows.insert(220, rows[62][:9])
    rows[230] = ["", "", *rows[230][2:]]
    small, report = stored(tmp_path, "small", rows)
    monkeypatch.setattr(source, "LARGE", 1)
    monkeypatch.setattr(columns, "ROWS_AT_ONCE", 40)
    monkeypatch.setattr(columns, "BLOCK_FROM", 10)
    large, other = stored(tmp_path, "large", rows)
    assert SourceFile(tmp_path / "large.csv").streams
    assert large == small
    assert (other.rows_read, other.rows_kept, other.rows_dropped, other.rejected) == (
        report.rows_read,
        report.rows_kept,
        report.rows_dropped,
        report.rejected,
    )
    assert other.warnings == report.warnings
    assert (report.rows_read, report.rows_dropped, len(report.rejected)) == (303, 1, 3)
    assert "Staff Person" not in repr(small) + repr(report)


def test_whose_it_is(tmp_path):
    """Posts and days of one account that land under two channels, or a guess that is not told."""
    name = "daily_tweet_activity_metrics_Keksila_Example_{}_en.csv"
    january = samples.write_days(tmp_path / name.format("20260101_20260201"))
    posts = samples.write_tweets(tmp_path / "posts.csv")
    february = samples.write_days(
        tmp_path / name.format("20260201_20260301"), start=date(2026, 2, 1)
    )
    found = [
        (report.channel_id, report.assumed, report.exported_at.date())
        for report in import_files(
            tmp_path / "store.duckdb",
            [january, posts, february],
            read=lambda path: read_source(SourceFile(path)),
        )
    ]
    assert found == [
        ("x:keksila_example", True, date(2026, 2, 1)),
        ("x:keksila_example", False, date(2026, 1, 5)),
        ("x:keksila_example", False, date(2026, 3, 1)),
    ]
