"""YouTube Studio exports into canonical tables."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from importers.samples import START
from importers.samples import youtube as samples
from importers.samples.x import encode

from handbook.errors import HandbookError
from handbook.importers import Options, SourceFile, read_file, read_source

PERIOD_UNKNOWN = "nothing says which period"


def read(path: Path, rows, **kinds):
    """Read rows as a file."""
    encoding = kinds.pop("encoding", "utf-8")
    delimiter = kinds.pop("delimiter", ",")
    path.write_bytes(encode(rows, encoding=encoding, delimiter=delimiter))
    (reading,) = read_source(SourceFile(path, **kinds))
    return reading


def table(reading, name, **where):
    """Rows of a table whose cells are as said."""
    return [
        row
        for row in reading.rows.get(name, [])
        if all(row.get(key) == value for key, value in where.items())
    ]


def test_videos_are_read_in_whole(tmp_path):
    """A metric in the wrong column or unit: hours for seconds, percents for fractions."""
    reading = read(tmp_path / "a.csv", samples.videos(3))
    assert (reading.format, reading.platform, reading.language) == (
        "youtube-videos",
        "youtube",
        "en",
    )
    assert (reading.rows_read, reading.dropped, reading.rows_kept) == (4, 1, 3)
    (post,) = table(reading, "post", post_id="v0000000001")
    assert post == {
        "post_id": "v0000000001",
        "permalink": "https://www.youtube.com/watch?v=v0000000001",
        "published_date": START + timedelta(days=1),
        "published_precision": "day",
        "post_type": "video",
        "text": "Video 1, with a comma",
        "duration_s": 61,
    }
    (snapshot,) = table(reading, "post_snapshot", post_id="v0000000001")
    assert snapshot == {
        "post_id": "v0000000001",
        "period": "lifetime",
        "views": 101,
        "watch_time_s": 18180.0,
        "impressions": 1010,
        "follows": -1,
        "ctr": pytest.approx(0.045),
    }


@pytest.mark.parametrize("language", ["en", "de", "sv", "fi"])
def test_every_language_says_the_same(tmp_path, language):
    """A header of one language that is not known, soft hyphens and all."""
    english = read(tmp_path / "a.csv", samples.videos(4))
    other = read(tmp_path / "b.csv", samples.videos(4, language=language))
    assert other.language == language
    assert other.rows == english.rows
    assert (other.rows_read, other.dropped, other.rejected) == (5, 1, [])
    days = read(tmp_path / "c.csv", samples.totals(3, language=language))
    assert [row["views"] for row in table(days, "channel_day")] == [10, 11, 12]
    chart = read(tmp_path / "d.csv", samples.chart(3, language=language))
    assert chart.rows == read(tmp_path / "e.csv", samples.chart(3)).rows


def test_ids_that_start_with_a_dash(tmp_path):
    """The space that Studio writes before a dash, kept as part of the id."""
    reading = read(tmp_path / "a.csv", samples.videos(4))
    assert table(reading, "post")[3]["post_id"] == "-0000000003"


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_footer_is_a_warning_and_no_video(tmp_path, language):
    """The line that tells of the cap, read as a video or passed over in silence."""
    rows = [*samples.videos(2, language=language), [samples.FOOTER[language]]]
    reading = read(tmp_path / "a.csv", rows)
    assert (reading.rows_read, reading.dropped, reading.rows_kept) == (4, 2, 2)
    assert reading.rejected == []
    assert any("first 500 rows only" in warning for warning in reading.warnings)


def test_a_missing_rate_is_not_zero(tmp_path):
    """An empty cell, read as 0."""
    reading = read(tmp_path / "a.csv", samples.videos(1))
    assert table(reading, "post_snapshot")[0]["ctr"] is None


def test_the_zip_tells_the_period(tmp_path):
    """Numbers of four weeks, taken for those of a video's whole life."""
    rows = samples.videos(4)
    start, end = START + timedelta(days=2), START + timedelta(days=29)
    reading = read(
        tmp_path / "Table data.csv", rows, origin=(f"Content {start}_{end} Channel.zip",)
    )
    periods = [row["period"] for row in table(reading, "post_snapshot")]
    assert periods == [f"{start}/{end}"] * 2 + ["lifetime"] * 2
    assert any("2 videos are older than the period" in warning for warning in reading.warnings)
    unknown = read(tmp_path / "Table data.csv", rows)
    assert any(PERIOD_UNKNOWN in warning for warning in unknown.warnings)
    whole = read(tmp_path / "a.csv", rows, origin=(f"Content 2020-01-01_{end} Channel",))
    assert whole.warnings == []


def test_drafts_have_no_day(tmp_path):
    """A video without a day of publishing, left out or dated."""
    rows = samples.videos(2)
    rows[2][2] = ""
    reading = read(tmp_path / "a.csv", rows)
    assert table(reading, "post")[0]["published_date"] is None
    assert table(reading, "post")[0]["published_precision"] is None


def test_metrics_of_choice(tmp_path):
    """A metric that the analyst chose, lost or in a column that means something else."""
    rows = samples.videos(2)
    header = ["Likes", "Dislikes", "Comments added", "Shares", "Unique viewers"]
    header += ["Average view duration", "Average percentage viewed (%)", "Hype points", "Maker"]
    cells = ["5", "1", "2", "3", "44", "0:03:53", "7.76", "9", "A Person"]
    rows = [[*rows[0], *header], *([*row, *cells] for row in rows[1:])]
    reading = read(tmp_path / "a.csv", rows)
    row = table(reading, "post_snapshot")[0]
    assert (row["reactions"], row["comments"], row["shares"], row["reach"]) == (5, 2, 3, 44)
    assert row["avg_view_s"] == 233
    extras = {row["name"]: (row["value"], row["unit"]) for row in table(reading, "metric_extra")}
    assert extras == {
        "Dislikes": (1, "count"),
        "Average percentage viewed (%)": (7.76, "percent"),
        "Hype points": (9, "count"),
    }
    assert "A Person" not in repr(reading)
    assert any("'Maker'" in warning for warning in reading.warnings)


def test_extra_metrics_have_english_names(tmp_path):
    """One metric under a name for each language."""
    header = ["Datum", "Aufrufe", "Durchschnittliche Wiedergabedauer"]
    reading = read(tmp_path / "a.csv", [header, [f"{START}", "4", "0:01:05"]])
    assert table(reading, "metric_extra") == [
        {
            "name": "Average view duration",
            "category": "",
            "value": 65,
            "unit": "seconds",
            "date": START,
        }
    ]


def test_columns_in_any_order(tmp_path):
    """A column found by its place and not by its header."""
    rows = samples.videos(4)
    order = list(range(len(rows[0])))
    random.Random(4).shuffle(order)
    shuffled = [[row[i] for i in order] for row in rows]
    plain = read(tmp_path / "a.csv", rows)
    assert read(tmp_path / "b.csv", shuffled).rows == plain.rows


def test_totals_and_the_table_of_days(tmp_path):
    """Subscribers read as a stock, hours as seconds, the total as a day."""
    reading = read(tmp_path / "a.csv", samples.table_of_days(3))
    assert (reading.format, reading.report_tz) == ("youtube-days", "America/Los_Angeles")
    assert table(reading, "channel_day", date=START + timedelta(days=2)) == [
        {
            "date": START + timedelta(days=2),
            "day_tz": "America/Los_Angeles",
            "views": 12,
            "watch_time_s": 5400,
            "followers_net": -1,
        }
    ]
    assert (reading.rows_read, reading.dropped) == (4, 1)


def test_days_of_one_extra_metric_fill_no_days(tmp_path):
    """Days without any number in the table of days."""
    rows = [["Date", "Average percentage viewed (%)"], ["2026-01-01", "28.88"], ["2026-01-02", ""]]
    reading = read(tmp_path / "a.csv", rows)
    assert list(reading.rows) == ["metric_extra"]
    assert table(reading, "metric_extra")[0]["value"] == 28.88


def test_days_of_other_platforms_are_not_ours(tmp_path):
    """Any table with a Date, taken for YouTube's."""
    for header in (["Date", "Primary"], ["Date", "Impressions", "Engagements"], ["Date"]):
        path = tmp_path / "a.csv"
        path.write_bytes(encode([header, ["2026-01-01", *"12"[: len(header) - 1]]]))
        with pytest.raises(HandbookError):
            read_source(SourceFile(path))


def test_the_platform_can_be_asked_for(tmp_path):
    """A metric newer than this importer, in totals that name nothing else."""
    rows = [["Date", "Hype points"], ["2026-01-01", "3"]]
    reading = read(tmp_path / "a.csv", rows, options=Options(platform="youtube"))
    assert table(reading, "metric_extra")[0]["name"] == "Hype points"


def test_a_chart_is_of_days_and_videos(tmp_path):
    """Days before a video was there, kept as zeros; a day's views taken for a lifetime's."""
    reading = read(tmp_path / "a.csv", samples.chart(4))
    assert (reading.rows_read, reading.dropped, reading.rows_kept) == (8, 2, 6)
    late = table(reading, "post_snapshot", post_id="-0000000003")
    assert [(row["observed_on"], row["views"], row["period"]) for row in late] == [
        (START + timedelta(days=2), 5, "day"),
        (START + timedelta(days=3), 6, "day"),
    ]
    assert len(table(reading, "post")) == 2


def test_groups_are_extra_metrics(tmp_path):
    """Numbers by traffic source, refused or counted as days."""
    name = f"Traffic source {START}_{START + timedelta(days=27)} Channel.zip"
    reading = read(tmp_path / "a.csv", samples.groups(2), origin=(name,))
    assert reading.format == "youtube-groups"
    (views,) = table(reading, "metric_extra", category="Source 1", unit="count", value=21)
    assert views["name"] == "Views by traffic source (28 days)"
    assert views["date"] == START + timedelta(days=27)
    (watched,) = table(reading, "metric_extra", category="Source 1", unit="seconds")
    assert watched["value"] == 40


def test_repetitions_and_contradictions(tmp_path):
    """A video twice: once too many, or with other numbers and without a word."""
    rows = samples.videos(2)
    other = [*rows[2]]
    other[4] = "77"
    reading = read(tmp_path / "a.csv", [*rows, rows[2], other])
    assert (reading.rows_read, reading.dropped, reading.rows_kept) == (5, 2, 2)
    (reason,) = reading.rejected
    assert "row 6" in reason and "row 3" in reason


def test_rows_without_an_id_are_rejected(tmp_path):
    """Numbers kept under something that is no id."""
    rows = samples.videos(2)
    rows[2][0] = "#NAME?"
    reading = read(tmp_path / "a.csv", rows)
    assert reading.rejected == ["row 3: no video id, so nothing to keep its numbers under"]
    assert len(table(reading, "post")) == 1


def test_cut_short(tmp_path):
    """A last row that lost its end, its missing cells read as missing numbers."""
    rows = samples.videos(3)
    rows[-1] = rows[-1][:5]
    reading = read(tmp_path / "a.csv", rows)
    assert reading.rejected == ["row 5: only 5 of 9 cells: the file is cut short there"]


def test_views_that_are_all_zero_are_missing(tmp_path):
    """A column that the export filled with zeros, taken for a finding."""
    rows = samples.videos(3)
    for row in rows[1:]:
        row[4] = "0"
    reading = read(tmp_path / "a.csv", rows)
    assert [row["views"] for row in table(reading, "post_snapshot")] == [None] * 3
    assert any("taken for missing" in warning for warning in reading.warnings)


def test_saved_again_by_a_finnish_spreadsheet_program(tmp_path):
    """Semicolons, decimal commas and days as 1.1.2026, read as other numbers."""
    rows = samples.videos(3)
    saved = [
        [cell.replace(".", ",") if i in (5, 8) else cell for i, cell in enumerate(row)]
        for row in rows
    ]
    for i, row in enumerate(saved[2:]):
        row[2] = f"{i + 1}.1.2026"
    plain = read(tmp_path / "a.csv", rows)
    again = read(tmp_path / "b.csv", saved, delimiter=";", encoding="utf-8-sig")
    assert again.rows == plain.rows


def test_a_rate_made_a_date_is_refused(tmp_path):
    """3.4 that a spreadsheet program made the 3rd of April, read as something."""
    rows = samples.videos(2)
    rows[3][8] = "3.huhti"
    with pytest.raises(HandbookError, match=r"row 4, column 'Impressions click.*Download"):
        read(tmp_path / "a.csv", rows)


def test_days_in_doubt_are_refused(tmp_path):
    """02/03/2026 read as February or as March."""
    rows = samples.videos(2)
    rows[2][2] = "02/03/2026"
    with pytest.raises(HandbookError, match="row 3, column 'Video publish time'"):
        read(tmp_path / "a.csv", rows)


def test_titles_are_masked(tmp_path):
    """A handle or an address in a stored title."""
    rows = samples.videos(1)
    rows[2][1] = "Hosted by @someone, someone@example.org"
    reading = read(tmp_path / "a.csv", rows)
    assert table(reading, "post")[0]["text"] == "Hosted by [handle], [e-mail]"


def test_nothing_in_it(tmp_path):
    """A header without rows, imported as if something stood there."""
    with pytest.raises(HandbookError, match="without any row"):
        read(tmp_path / "a.csv", samples.videos(3)[:1])
    total = read(tmp_path / "a.csv", samples.videos(3)[:2])
    assert total.rows == {}
    assert any("nothing stands in it but totals" in warning for warning in total.warnings)
    chart = read(tmp_path / "b.csv", samples.chart(3)[:1])
    assert chart.rows == {}
    assert any("nothing stands in it" in warning for warning in chart.warnings)


def test_older_tables(tmp_path):
    """Files from before Studio said Content and told the duration."""
    rows = [[cell for i, cell in enumerate(row) if i != 3] for row in samples.videos(2)]
    rows[0][0] = "Video"
    reading = read(tmp_path / "a.csv", rows)
    assert table(reading, "post")[0]["duration_s"] is None
    assert len(table(reading, "post")) == 2


def test_the_day_of_a_title_is_no_day(tmp_path):
    """A title that is a date, such as "March 27, 2021"."""
    rows = samples.videos(1)
    rows[2][1] = "March 27, 2021"
    reading = read(tmp_path / "a.csv", rows)
    assert table(reading, "post")[0]["published_date"] == START
    assert isinstance(table(reading, "post")[0]["published_date"], date)


def test_no_text_keeps_no_title(tmp_path):
    """A title kept although none was wanted."""
    options = replace(Options(), keep_text=False)
    reading = read(tmp_path / "a.csv", samples.videos(2), options=options)
    assert {row["text"] for row in table(reading, "post")} == {None}


@pytest.mark.parametrize("other", ["keksila", "x:a", "https://example.org/1", "2026-01-01 10:00 Z"])
def test_numbers_of_others_by_day(tmp_path, other):
    """A table with Date and Views, as YouTube's, and somebody's words beside them."""
    path = tmp_path / "days.csv"
    path.write_text(f"Who,Date,Views\n{other},2026-01-01,1\n", encoding="utf-8")
    with pytest.raises(HandbookError, match="not an export that is known"):
        read_file(path)


@pytest.mark.parametrize("other", ["3", "-", "4.5%", "1,234", "0:03:53", ""])
def test_a_metric_that_is_new(tmp_path, other):
    """YouTube's own table refused because of a metric that nobody here knows."""
    path = tmp_path / "days.csv"
    path.write_text(f'Date,Views,Sparkles\n2026-01-01,1,"{other}"\n', encoding="utf-8")
    assert read_file(path).rows["channel_day"][0]["views"] == 1


def test_a_header_with_a_slip_in_it(tmp_path):
    """A file that is nearly YouTube's, of which no more is said than that it is not known."""
    path = tmp_path / "videos.csv"
    path.write_text("Content,Video titel,Video publish date,Views\nabc12345678,Hi,x,1\n")
    with pytest.raises(HandbookError, match="of videos.* 'Video title', 'Video publish time'"):
        read_file(path)
