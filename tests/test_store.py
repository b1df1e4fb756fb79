"""The store: rows kept import by import, the newest shown, all or nothing."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importers import samples
from importers.samples import START, write_csv, write_xlsx

from handbook.errors import HandbookError
from handbook.importers import read_file
from handbook.schema import CHANNEL_DAY, TABLES, VERSION
from handbook.store import assign, check_store, import_files, open_store, read_state, undo

PAGE = "linkedin:example-page"
DAYS = "channel_id,date,impressions,clicks,reactions"


@dataclass
class Registered:
    """A row of a register."""

    channel_id: str
    url: str | None = None

    @property
    def platform(self) -> str:
        """The first part of the id."""
        return self.channel_id.split(":")[0]


def load(store: Path, *paths: Path, **options):
    """Import files and return the reports; a refusal is an error here."""
    reports = list(import_files(store, paths, read=read_file, **options))
    assert [r.reason for r in reports if r.outcome == "refused"] == []
    return reports


def refusal(store: Path, path: Path, **options) -> str:
    """Import one file that is refused, and return the reason."""
    (report,) = import_files(store, [path], read=read_file, **options)
    assert report.outcome == "refused"
    return report.reason


def everything(store: Path, *, log: bool = True) -> dict[str, list[tuple]]:
    """All that readers see of a store, in an order of its own."""
    seen = {}
    with open_store(store) as connection:
        for table in TABLES:
            if table.name == "import_log" and not log:
                continue
            names = [name for name in table.columns if name not in ("imported_at", "undone_at")]
            if table.name == "import_log":
                names = [name for name in names if name != "warnings"]
            where = "WHERE undone_at IS NULL" if table.name == "import_log" else ""
            quoted = ", ".join(f'"{name}"' for name in names)
            query = f"SELECT {quoted} FROM {table.name} {where} ORDER BY ALL"
            seen[table.name] = connection.execute(query).fetchall()
        seen["post_latest"] = connection.execute("FROM post_latest ORDER BY ALL").fetchall()
    return seen


def query(store: Path, sql: str) -> list[tuple]:
    """Rows of a query."""
    with open_store(store) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "store.duckdb"


@pytest.fixture
def three(tmp_path) -> list[Path]:
    """Content, followers and visitors of one Page."""
    return [
        write_xlsx(tmp_path / "content.xlsx", samples.content(6, 3)),
        write_xlsx(tmp_path / "followers.xlsx", samples.followers(6)),
        write_xlsx(tmp_path / "visitors.xlsx", samples.visitors(6)),
    ]


def test_three_files_fill_the_same_days(store, three):
    """Files with other columns of the same days that overwrite each other."""
    load(store, *three, channel=PAGE)
    assert query(
        store,
        f"SELECT impressions, followers_gained, page_views FROM channel_day WHERE date = '{START}'",
    ) == [(110, 3, 27)]
    assert query(store, "SELECT count(*) FROM channel_day") == [(6,)]
    assert query(store, "SELECT count(*) FROM post") == [(3,)]
    assert query(store, "SELECT assumed, report_tz FROM channel") == [(False, "UTC")]


def test_demographics_are_dated_by_the_export(store, three):
    """A stock of followers that belongs to no day."""
    load(store, three[1], channel=PAGE, exported_on=date(2026, 3, 1))
    assert query(
        store, "SELECT owner, date, category, value FROM metric_extra WHERE name LIKE '%location'"
    ) == [(PAGE, date(2026, 3, 1), c, v) for c, v in (("Somewhere", 40.0), ("Elsewhere", 2.0))]


def test_the_same_file_twice_changes_nothing(store, three):
    """Rows or imports that are counted twice."""
    load(store, *three, channel=PAGE)
    before = everything(store)
    reports = load(store, *three, channel=PAGE)
    assert [report.outcome for report in reports] == ["unchanged"] * 3
    assert everything(store) == before


def test_a_newer_export_wins_and_an_older_one_fills(store, tmp_path):
    """Values that depend on the order of importing, or a newer blank that hides an older value."""
    old = write_csv(tmp_path / "old.csv", DAYS, ["x:a,2026-01-01,10,1,5"], ["exported 2026-01-02"])
    new = write_csv(tmp_path / "new.csv", DAYS, ["x:a,2026-01-01,12,,5"], ["exported 2026-02-01"])
    views = []
    for order in ((old, new), (new, old)):
        store.unlink(missing_ok=True)
        load(store, *order)
        views.append(query(store, "SELECT impressions, clicks, reactions FROM channel_day"))
    assert views == [[(12, 1, 5)]] * 2


def test_post_snapshots_drift(store, tmp_path):
    """An older total of a post shown as its newest, or an older one thrown away."""
    for exported, impressions in ((date(2026, 2, 1), 700), (date(2026, 1, 10), 500)):
        sheets = samples.content(2, 0)
        sheets["All posts"].append(samples.post_row(START, impressions=impressions))
        load(
            store,
            write_xlsx(tmp_path / f"{impressions}.xlsx", sheets),
            channel=PAGE,
            exported_on=exported,
        )
    assert query(store, "SELECT observed_on, impressions FROM post_snapshot ORDER BY 1") == [
        (date(2026, 1, 10), 500),
        (date(2026, 2, 1), 700),
    ]
    assert query(store, "SELECT impressions FROM post_latest") == [(700,)]


OF_POSTS = ("impressions", "reactions", "avg_view_s")


@st.composite
def snapshots(draw):
    """A few exports of two posts, each observed on some days, with blanks and other periods."""
    number = st.one_of(st.none(), st.integers(0, 2**40))
    key = st.tuples(
        st.sampled_from(["p1", "p2"]), st.integers(0, 3), st.sampled_from(["lifetime", "2026-01"])
    )
    rows = st.dictionaries(key, st.tuples(*[number] * len(OF_POSTS)), min_size=1, max_size=5)
    exported = st.integers(4, 6)
    return draw(st.lists(st.tuples(exported, rows), min_size=1, max_size=4))


@settings(max_examples=12, deadline=None)
@given(exports=snapshots(), undone=st.integers(0, 3))
def test_the_latest_of_a_post_is_the_newest_of_each_column(tmp_path_factory, exports, undone):
    """A value that a later snapshot left out and that is lost, or of another period, or undone."""
    folder = tmp_path_factory.mktemp("latest")
    store = folder / "store.duckdb"
    told = []
    for number, (day, rows) in enumerate(exports):
        lines = [
            ",".join(
                ["x:a", post, f"{START + timedelta(seen)}", period]
                + ["" if value is None else str(value) for value in values]
            )
            for (post, seen, period), values in rows.items()
        ]
        header = ",".join(["channel_id,post_id,observed_on,period", *OF_POSTS])
        notes = [f"file {number}", f"exported on {START + timedelta(day)}"]
        path = write_csv(folder / f"{number}.csv", header, lines, notes)
        (report,) = load(store, path)
        if number == undone:
            undo(store, report.import_id)
        else:
            told.append((day, read_file(path).sha256, rows))
    newest: dict[str, list] = {}
    for seen in range(4):
        for _, _, rows in sorted(told, key=lambda one: one[:2]):
            for (post, on, period), values in rows.items():
                if on == seen and period == "lifetime":
                    row = newest.setdefault(post, [None] * (1 + len(values)))
                    row[0] = START + timedelta(seen)
                    row[1:] = [
                        old if new is None else new
                        for old, new in zip(row[1:], values, strict=True)
                    ]
    names = ", ".join(OF_POSTS)
    assert query(store, f"SELECT post_id, observed_on, {names} FROM post_latest ORDER BY 1") == [
        (post, *values) for post, values in sorted(newest.items())
    ]


def test_a_store_of_the_version_before_shows_the_same(store, tmp_path):
    """A store made before, whose view of posts hides what the newest snapshot left out."""
    header = "channel_id,post_id,observed_on,impressions,reactions"
    rows = ["x:a,p1,2026-01-05,70,3", "x:a,p1,2026-01-09,,4"]
    load(store, write_csv(tmp_path / "posts.csv", header, rows))
    with duckdb.connect(str(store)) as connection:
        connection.execute(
            """CREATE OR REPLACE VIEW post_latest AS
               SELECT * FROM post_snapshot QUALIFY row_number() OVER (
                   PARTITION BY channel_id, post_id ORDER BY observed_on DESC) = 1;
               UPDATE meta SET value = '2' WHERE key = 'version'"""
        )
    shown = "SELECT impressions, reactions FROM post_latest"
    assert query(store, shown) == [(70, 4)]
    load(store, write_csv(tmp_path / "days.csv", DAYS, ["x:a,2026-01-01,1,1,1"]))
    assert query(store, "SELECT value FROM meta WHERE key = 'version'") == [(VERSION,)]
    with duckdb.connect(str(store), read_only=True) as connection:
        assert connection.execute(shown).fetchall() == [(70, 4)]


class TestExportDate:
    """Newer exports win, so that the date must be the right one."""

    def date_of(self, store, path, **options):
        """Export date and where it was found."""
        (report,) = load(store, path, channel=PAGE, **options)
        return report.exported_at, report.exported_at_source, report.warnings

    def test_said(self, store, three):
        """The user's word not heard."""
        found = self.date_of(store, three[0], exported_on=date(2026, 5, 1))
        assert found == (datetime(2026, 5, 1), "--exported-on", [])

    def test_in_the_file(self, store, tmp_path):
        """The workbook's own date not found."""
        path = write_xlsx(tmp_path / "a.xlsx", samples.content(), created=datetime(2026, 3, 1, 8))
        assert self.date_of(store, path)[:2] == (
            datetime(2026, 3, 1, 8),
            "the workbook's own date",
        )

    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("page_content_1769940000000", datetime(2026, 2, 1, 10)),
            ("content 2026-02-03", datetime(2026, 2, 3)),
            ("content_20260203", datetime(2026, 2, 3)),
            ("2025-01-01 - 2026-02-03", datetime(2026, 2, 3)),
        ],
    )
    def test_in_the_name(self, store, tmp_path, name, found):
        """A date in the file's name not found."""
        path = write_xlsx(tmp_path / f"{name}.xlsx", samples.content())
        assert self.date_of(store, path)[:2] == (found, "the file's name")

    def test_last_day(self, store, three):
        """A guess that is not said to be one; a date in the file that cannot be the export's."""
        found, source, warnings = self.date_of(store, three[0])
        assert found == datetime(2026, 1, 6)
        assert source.startswith("assumed")
        assert len(warnings) == 1

    def test_never_by_the_times_of_the_file(self, store, tmp_path, three):
        """A copy that counts as newer because it was copied later."""
        os.utime(three[0], (0, 0))
        first = self.date_of(store, three[0])
        os.utime(three[0])
        store.unlink()
        assert self.date_of(store, three[0]) == first

    def test_before_the_data(self, store, three):
        """An export that knows the future."""
        said = refusal(store, three[0], channel=PAGE, exported_on=date(2025, 1, 1))
        assert "lies before 2026-01-06" in said


class TestWhose:
    """Whose a file is, in the order of the documentation."""

    def owner(self, store, path, **options):
        """Channel, how it was found, and whether it is assumed."""
        (report,) = load(store, path, **options)
        return report.channel_id, report.channel_source, report.assumed

    def test_said(self, store, three):
        """The user's word not heard."""
        assert self.owner(store, three[0], channel=PAGE) == (PAGE, "--channel", False)

    def test_channels_csv(self, store, tmp_path, three):
        """The list beside the files not read."""
        write_csv(tmp_path / "channels.csv", "pattern,channel_id", ["CONT*,linkedin:b"])
        assert self.owner(store, three[0]) == ("linkedin:b", "channels.csv", False)
        assert self.owner(store, three[1])[0] == "linkedin:unnamed"

    def test_channels_csv_is_wrong(self, store, tmp_path, three):
        """Two patterns that fit, or an id of no form, taken as they come."""
        listing = tmp_path / "channels.csv"
        write_csv(listing, "pattern,channel_id", ["*,linkedin:a", "c*,linkedin:b"])
        assert "names several channels" in refusal(store, three[0])
        write_csv(listing, "pattern,channel_id", ["*,LinkedIn"])
        assert "row 2, column 'channel_id'" in refusal(store, three[0])
        write_csv(listing, "file,channel", ["*,LinkedIn"])
        assert "pattern and channel_id" in refusal(store, three[0])

    @pytest.mark.parametrize("name", ["example-page_content", "2026 Example_Page", "lab-of-x"])
    def test_name_of_a_registered_channel(self, store, tmp_path, name):
        """A channel's name in the file's name not seen, or the shorter of two taken."""
        rows = [
            Registered(PAGE, "https://linkedin.example/school/lab-of-x/"),
            Registered("linkedin:example"),
            Registered("x:example-page"),
        ]
        path = write_xlsx(tmp_path / f"{name}.xlsx", samples.content())
        assert self.owner(store, path, registered=rows) == (PAGE, "the file's name", False)

    def test_name_of_an_imported_channel(self, store, tmp_path, three):
        """A channel that the store knows already."""
        load(store, three[0], channel=PAGE)
        path = write_xlsx(tmp_path / "example-page followers.xlsx", samples.followers())
        assert self.owner(store, path)[0] == PAGE

    def test_name_that_linkedin_gives(self, store, tmp_path):
        """The Page's name in a name of LinkedIn's own form; it is a guess and says so."""
        path = write_xlsx(tmp_path / "Our_Page_content_1769940000000.xlsx", samples.content())
        assert self.owner(store, path) == ("linkedin:our_page", "assumed: the file's name", True)

    def test_only_registered_channel(self, store, three):
        """The register's only Page of LinkedIn; it is a guess and says so."""
        found = self.owner(store, three[0], registered=[Registered(PAGE), Registered("x:a")])
        assert found[0] == PAGE
        assert found[2]
        assert query(store, "SELECT assumed FROM channel") == [(True,)]

    def test_nothing_says(self, store, three):
        """A file given to one of two channels."""
        rows = [Registered(PAGE), Registered("linkedin:b")]
        (report,) = load(store, three[0], registered=rows)
        assert (report.channel_id, report.assumed) == ("linkedin:unnamed", True)
        assert any("handbook channel assign" in warning for warning in report.warnings)

    def test_another_platform(self, store, three):
        """LinkedIn's numbers under a channel of X."""
        assert "LinkedIn export, but --channel says x:a" in refusal(store, three[0], channel="x:a")

    def test_rows_say_otherwise(self, store, tmp_path):
        """A word of the user's that contradicts the rows."""
        path = write_csv(tmp_path / "d.csv", DAYS, ["x:a,2026-01-01,1,1,1"])
        assert "its rows say x:a" in refusal(store, path, channel="x:b")
        assert self.owner(store, path, channel="x:a")[1] == "its rows"

    def test_no_channel_id(self, store, three):
        """A channel id of no form, which would stand in the store for ever."""
        with pytest.raises(HandbookError, match="not a channel id"):
            list(import_files(store, three, read=read_file, channel="our page"))
        assert not store.exists()

    def test_told_later(self, store, three):
        """A file imported without a channel, then with one, that counts twice."""
        load(store, three[0])
        (report,) = load(store, three[0], channel=PAGE)
        assert report.outcome == "imported"
        assert query(store, "SELECT channel_id FROM channel") == [(PAGE,)]
        assert query(store, "SELECT count(*) FROM channel_day") == [(6,)]


class TestContradictions:
    """Two channels' files never merge in silence."""

    def test_other_numbers(self, store, tmp_path):
        """A second Page's file under the first one's name."""
        load(store, write_xlsx(tmp_path / "a.xlsx", samples.content(6)), channel=PAGE)
        before = everything(store)
        other = write_xlsx(tmp_path / "b.xlsx", samples.content(6, base=4000))
        said = refusal(store, other, channel=PAGE)
        assert "6 of 6 days" in said
        assert "handbook undo" in said
        assert everything(store) == before
        load(store, other, channel="linkedin:other")

    def test_corrections(self, store, tmp_path):
        """A platform's corrections taken for another channel's numbers."""
        load(store, write_xlsx(tmp_path / "a.xlsx", samples.content(8)), channel=PAGE)
        sheets = samples.content(8)
        for row in sheets["Metrics"][2:6]:
            row[3] += 5
        path = write_xlsx(tmp_path / "b.xlsx", sheets)
        load(store, path, channel=PAGE, exported_on=date(2026, 2, 1))

    def test_silent_days_say_nothing(self, store, tmp_path):
        """Two quiet channels that agree because nothing happens on either."""
        zeros = [f"x:a,2026-02-{day:02},0,0,0" for day in range(1, 29)]
        loud = [f"x:a,2026-01-{day:02},{day},1,1" for day in range(1, 6)]
        louder = [f"x:a,2026-01-{day:02},{day + 50},9,9" for day in range(1, 6)]
        load(store, write_csv(tmp_path / "a.csv", DAYS, loud + zeros))
        said = refusal(store, write_csv(tmp_path / "b.csv", DAYS, louder + zeros))
        assert "5 of 5 days" in said

    def test_posts_under_two_channels(self, store, tmp_path):
        """A post that stands under two channels without a word."""
        load(store, write_xlsx(tmp_path / "a.xlsx", samples.content(3, 2)), channel=PAGE)
        path = write_xlsx(tmp_path / "b.xlsx", samples.content(4, 2))
        (report,) = load(store, path, channel="linkedin:other")
        assert any(f"2 of its posts already stand under {PAGE}" in w for w in report.warnings)


class TestUndo:
    """An import taken back."""

    def test_what_it_covered_shows_again(self, store, three, tmp_path):
        """Anything of an import that stays, or anything of others that goes."""
        load(store, *three, channel=PAGE, exported_on=date(2026, 1, 10))
        before = everything(store)
        sheets = samples.content(6, 3)
        sheets["Metrics"][2][3] = 9999
        path = write_xlsx(tmp_path / "newer.xlsx", sheets)
        (report,) = load(store, path, channel=PAGE, exported_on=date(2026, 2, 1))
        assert query(store, "SELECT max(impressions) FROM channel_day") == [(9999,)]
        assert undo(store, report.import_id[:6])[0] == report.import_id
        assert everything(store) == before
        assert query(store, "SELECT count(*) FROM import_log WHERE undone_at IS NOT NULL") == [(1,)]

    def test_and_imported_again(self, store, three):
        """A file that cannot come back."""
        load(store, *three, channel=PAGE)
        before = everything(store)
        undo(store, load(store, three[0], channel=PAGE)[0].import_id)
        load(store, three[0], channel=PAGE)
        assert everything(store) == before

    def test_the_last_one(self, store, three):
        """A channel that stays when nothing is left of it."""
        (report,) = load(store, three[0], channel=PAGE)
        undo(store, report.import_id)
        assert query(store, "SELECT * FROM channel") == []

    @pytest.mark.parametrize("wrong", ["", "zzz", "  "])
    def test_no_such_import(self, store, three, wrong):
        """The wrong import taken back."""
        load(store, three[0], channel=PAGE)
        with pytest.raises(HandbookError, match="handbook status"):
            undo(store, wrong)
        assert query(store, "SELECT count(*) FROM channel_day") == [(6,)]


class TestAssign:
    """Whose files are, said later."""

    def test_everything_moves(self, store, three):
        """Rows, posts, extra metrics or log lines left behind under the old name."""
        load(store, *three)
        assert assign(store, "linkedin:unnamed", PAGE) == 3
        with open_store(store) as connection:
            for table in TABLES:
                rows = connection.execute(f"FROM {table.name}").fetchall()
                assert not any("unnamed" in str(row) for row in rows), table.name
        assert query(store, "SELECT channel_id, assumed FROM channel") == [(PAGE, False)]
        assert query(store, "SELECT DISTINCT split_part(owner, '/', 1) FROM metric_extra") == [
            (PAGE,)
        ]

    def test_same_as_said_at_once(self, store, three, tmp_path):
        """A store that differs by when its owner was said."""
        load(store, *three)
        assign(store, "linkedin:unnamed", PAGE)
        other = tmp_path / "other.duckdb"
        load(other, *three, channel=PAGE)
        for name, rows in everything(other, log=False).items():
            assert everything(store, log=False)[name] == rows, name

    def test_importing_again_changes_nothing(self, store, three):
        """Files that come back under the name that they lost."""
        load(store, *three)
        assign(store, "linkedin:unnamed", PAGE)
        before = everything(store)
        assert {report.outcome for report in load(store, *three)} == {"unchanged"}
        assert everything(store) == before

    def test_confirms(self, store, three):
        """A guess that stays one after it was confirmed."""
        load(store, three[0], registered=[Registered(PAGE)])
        assert assign(store, PAGE, PAGE) == 0
        assert query(store, "SELECT assumed FROM channel") == [(False,)]

    def test_joins_what_does_not_contradict(self, store, three):
        """Two halves of one channel that cannot come together."""
        load(store, three[0], channel=PAGE)
        load(store, three[1], three[2])
        assign(store, "linkedin:unnamed", PAGE)
        assert query(store, "SELECT count(*), sum(page_views) > 0 FROM channel_day") == [(6, True)]

    def test_refuses_what_contradicts(self, store, tmp_path):
        """Two channels that merge because somebody mistyped."""
        load(store, write_xlsx(tmp_path / "a.xlsx", samples.content(6)), channel=PAGE)
        load(store, write_xlsx(tmp_path / "b.xlsx", samples.content(6, base=4000)))
        before = everything(store)
        with pytest.raises(HandbookError, match="other numbers"):
            assign(store, "linkedin:unnamed", PAGE)
        assert everything(store) == before

    def test_two_channels_of_one_file(self, store, tmp_path):
        """Two channels that one file tells apart."""
        rows = ["x:a,2026-01-01,1,1,1", "x:b,2026-01-01,1,1,1"]
        load(store, write_csv(tmp_path / "d.csv", DAYS, rows))
        with pytest.raises(HandbookError, match="two channels"):
            assign(store, "x:a", "x:b")

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("linkedin:nobody", PAGE, "There are: linkedin:unnamed"),
            ("linkedin:unnamed", "x:a", "different platforms"),
            ("linkedin:unnamed", "ours", "not a channel id"),
        ],
    )
    def test_wrong_names(self, store, three, old, new, said):
        """A misspelt name that makes a new channel."""
        load(store, three[0])
        with pytest.raises(HandbookError, match=said):
            assign(store, old, new)


def test_state(store, tmp_path, three):
    """A gap that is not seen, a number that is wrong, a guess that is not told."""
    load(store, three[0])
    rows = [f"x:a,2026-01-{day:02},1,1,1" for day in (1, 2, 5, 6, 8)]
    load(store, write_csv(tmp_path / "d.csv", DAYS, rows))
    state = read_state(store)
    page, x = state.channels
    assert (page.channel_id, page.assumed, page.days, page.posts) == (
        "linkedin:unnamed",
        True,
        6,
        3,
    )
    assert (x.first_day, x.last_day) == (date(2026, 1, 1), date(2026, 1, 8))
    assert x.gaps == [
        (date(2026, 1, 3), date(2026, 1, 4)),
        (date(2026, 1, 7), date(2026, 1, 7)),
    ]
    assert [one.format for one in state.imports] == ["linkedin-content", "plain-days"]


def test_the_made_up_store_stays_so(store, tmp_path, three):
    """Real numbers in the demo store, made-up ones in a real store, or a demo store changed."""
    (report,) = load(store, three[0], channel=PAGE, made_up=True)
    with pytest.raises(HandbookError, match="made-up university"):
        load(store, three[1])
    with pytest.raises(HandbookError, match="made-up university"):
        undo(store, report.import_id)
    with pytest.raises(HandbookError, match="made-up university"):
        assign(store, PAGE, PAGE)
    real = tmp_path / "real.duckdb"
    load(real, three[0])
    with pytest.raises(HandbookError, match="real channels"):
        load(real, three[1], made_up=True)


# Laws ------------------------------------------------------------------------------------------

MEASURES = ("impressions", "clicks", "reactions")


@st.composite
def exports(draw):
    """A few exports of one channel: the same truth, with blanks, and corrections of two days."""
    truth = {
        (day, measure): draw(st.integers(-3, 2**40)) for day in range(12) for measure in MEASURES
    }
    files = []
    for number in range(draw(st.integers(1, 4))):
        first, length = draw(st.integers(0, 6)), draw(st.integers(1, 6))
        corrected = draw(st.sets(st.integers(0, 11), max_size=2)) if number == 1 else set()
        rows = []
        for day in range(first, min(first + length, 12)):
            cells = [
                ""
                if draw(st.booleans()) and day % 3 == 0
                else str(truth[day, measure] + (day in corrected))
                for measure in MEASURES
            ]
            rows.append((START + timedelta(days=day), cells))
        exported = START + timedelta(days=12 + draw(st.integers(0, 2)))
        files.append((number, exported, rows))
    return files


def write_export(folder: Path, number: int, exported: date, rows) -> Path:
    """Write one of `exports()` as plain CSV."""
    lines = [",".join([PAGE, day.isoformat(), *cells]) for day, cells in rows]
    notes = [f"file {number}", f"exported on {exported}"]
    return write_csv(
        folder / f"{number}.csv", ",".join(["channel_id,date", *MEASURES]), lines, notes
    )


law = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@law
@given(files=exports(), data=st.data())
def test_twice_is_once_and_order_does_not_matter(tmp_path_factory, files, data):
    """Any two ways of importing the same files that end in other stores."""
    folder = tmp_path_factory.mktemp("law")
    paths = [write_export(folder, *file) for file in files]
    one, other = folder / "one.duckdb", folder / "other.duckdb"
    load(one, *paths)
    load(other, *data.draw(st.permutations(paths)), *data.draw(st.permutations(paths)))
    assert everything(one) == everything(other)


@law
@given(files=exports(), data=st.data())
def test_import_then_undo_is_before(tmp_path_factory, files, data):
    """Anything that an import leaves behind when it is taken back."""
    folder = tmp_path_factory.mktemp("law")
    *before, last = [write_export(folder, *file) for file in data.draw(st.permutations(files))]
    store = folder / "store.duckdb"
    load(store, write_csv(folder / "base.csv", DAYS, ["x:base,2026-01-01,1,1,1"]), *before)
    state = everything(store)
    (report,) = load(store, last)
    undo(store, report.import_id)
    assert everything(store) == state


@law
@given(files=exports())
def test_the_view_is_the_newest_value(tmp_path_factory, files):
    """A view that differs from the rule, applied here by hand to the files themselves."""
    folder = tmp_path_factory.mktemp("law")
    paths = [write_export(folder, *file) for file in files]
    store = folder / "store.duckdb"
    load(store, *paths)
    by_age = sorted(
        zip(files, paths, strict=True), key=lambda pair: (pair[0][1], read_file(pair[1]).sha256)
    )
    newest: dict[date, list[int | None]] = {}
    for (_, _, rows), _ in by_age:
        for day, cells in rows:
            shown = newest.setdefault(day, [None] * len(MEASURES))
            newest[day] = [int(c) if c else s for c, s in zip(cells, shown, strict=True)]
    assert query(store, f"SELECT date, {', '.join(MEASURES)} FROM channel_day ORDER BY 1") == [
        (day, *values) for day, values in sorted(newest.items())
    ]


# What can happen to a store ----------------------------------------------------------------------


def run(code: str, *arguments: object, **options) -> subprocess.Popen:
    """Run Python code in another process."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def test_held_by_another_process(store, three):
    """An import that waits for ever, or does not say what holds the store."""
    load(store, three[0], channel=PAGE)
    holder = run(
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); input()",
        store,
        stdin=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(HandbookError) as caught:
            load(store, three[1], channel=PAGE, wait_s=0.1)
        said = str(caught.value)
        assert str(holder.pid) in said
        assert "Close it there" in said
    finally:
        holder.communicate(b"\n")
    load(store, three[1], channel=PAGE)


def test_a_reader_that_lets_go_in_time(store, three):
    """An import that gives up at once although the store is free a moment later."""
    load(store, three[0], channel=PAGE)
    holder = run(
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); "
        "sys.stdin.read(1); c.close()",
        store,
        stdin=subprocess.PIPE,
    )
    assert holder.stdout.readline().strip() == b"held"
    holder.stdin.write(b"x")
    holder.stdin.close()
    load(store, three[1], channel=PAGE)
    holder.wait()


def test_ctrl_c_while_the_store_works(store, three):
    """A traceback in place of "Aborted!": DuckDB raises an error of its own."""
    load(store, three[0], channel=PAGE)
    with pytest.raises(KeyboardInterrupt), open_store(store) as connection:
        later = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
        later.start()
        connection.execute("SELECT sum(random()) FROM range(1_000_000_000_000)")


def test_read_only(store, three):
    """A store that its owner has closed to writing."""
    load(store, three[0], channel=PAGE)
    store.chmod(0o444)
    with pytest.raises(HandbookError, match="is read-only"):
        load(store, three[1], channel=PAGE)
    assert query(store, "SELECT count(*) FROM import_log") == [(1,)]


@pytest.mark.parametrize("kept", [0, 100, 5000, 0.5])
def test_damaged(store, three, kept):
    """A damaged store that is overwritten, or answers with a crash report."""
    load(store, *three, channel=PAGE)
    whole = store.read_bytes()
    store.write_bytes(whole[: kept if isinstance(kept, int) else int(len(whole) * kept)])
    damaged = store.read_bytes()
    with pytest.raises(HandbookError, match=r"store\.duckdb"):
        load(store, three[0], channel="linkedin:other")
    assert store.read_bytes() == damaged


def test_not_a_store(tmp_path, store, three):
    """Another file overwritten, or another DuckDB file taken for a store."""
    store.write_text("My diary")
    with pytest.raises(HandbookError, match="not a store"):
        load(store, three[0])
    assert store.read_text() == "My diary"
    other = tmp_path / "other.duckdb"
    duckdb.connect(str(other)).execute("CREATE TABLE mine (a INTEGER)").close()
    with pytest.raises(HandbookError, match="not a store of the handbook"):
        load(other, three[0])


def test_of_another_version(store, three):
    """Tables of another version read as if they were these."""
    load(store, three[0])
    with duckdb.connect(str(store)) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'version'")
    with pytest.raises(HandbookError, match="another version"):
        check_store(store)


def test_missing_folder_or_store(tmp_path, three):
    """A store made in a place that is misspelt, or read where there is none."""
    with pytest.raises(HandbookError, match="is not there"):
        load(tmp_path / "no" / "store.duckdb", three[0])
    with pytest.raises(HandbookError, match="no store"):
        read_state(tmp_path / "store.duckdb")
    with pytest.raises(HandbookError, match="is a folder"):
        load(tmp_path, three[0])


def test_nothing_good_makes_no_store(store, tmp_path):
    """An empty store left behind by files that were all refused."""
    assert "not there" in refusal(store, tmp_path / "nothing.xls")
    assert not store.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [{"exported_on": date(2020, 1, 1)}, {"channel": "x:other"}])
def test_a_refusal_makes_no_store(store, three, tmp_path, wrong):
    """An empty store left behind by files that are known, and refused for what was said of them."""
    reports = list(import_files(store, three, read=read_file, **{"channel": PAGE, **wrong}))
    assert {report.outcome for report in reports} == {"refused"}
    assert not [path.name for path in store.parent.iterdir() if store.name in path.name]


def test_a_refusal_leaves_an_older_store(store, three):
    """A store from which all was taken back that is removed after a refused import."""
    load(store, three[0])
    undo(store, query(store, "SELECT import_id FROM import_log")[0][0])
    (report,) = import_files(
        store, three[:1], read=read_file, channel=PAGE, exported_on=date(2020, 1, 1)
    )
    assert report.outcome == "refused"
    assert query(store, "SELECT count(*) FROM import_log") == [(1,)]


def test_a_refused_file_does_not_stop_the_others(store, three, tmp_path):
    """Good files lost because of a bad one."""
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(three[0].read_bytes()[:500])
    reports = list(import_files(store, [three[1], bad, three[0]], read=read_file, channel=PAGE))
    assert [report.outcome for report in reports] == ["imported", "refused", "imported"]
    assert query(store, "SELECT count(*) FROM import_log") == [(2,)]


IMPORT = """
import sys
from pathlib import Path
from handbook.importers import read_file
from handbook.store import import_files
print("ready", flush=True)
for report in import_files(Path(sys.argv[1]), map(Path, sys.argv[2:]), read=read_file):
    print(report.outcome, flush=True)
"""

LIMITED = """
import resource, signal, sys
from pathlib import Path
from handbook.errors import HandbookError
from handbook.importers import read_file
from handbook.store import import_files
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    for report in import_files(Path(sys.argv[2]), map(Path, sys.argv[3:]), read=read_file):
        print(report.outcome)
except HandbookError as error:
    print("SAID", error)
"""


def write_large(path: Path, n: int, channel: str = "x:large") -> Path:
    """Write a plain CSV of `n` posts."""
    rows = [f"{channel},{i},2026-02-01,2026-01-01,{i * 7919 % 99991}" for i in range(n)]
    return write_csv(path, "channel_id,post_id,observed_on,published_date,impressions", rows)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
def test_full_disk(store, three, tmp_path):
    """A disk that is full in the middle: a crash report, a broken store, half an import."""
    load(store, *three)
    before = everything(store)
    large = write_large(tmp_path / "large.csv", 20_000)
    process = run(LIMITED, store.stat().st_size + 65536, store, large)
    out, err = process.communicate()
    assert b"SAID" in out, (out, err)
    assert b"disk is full" in out
    assert b"Traceback" not in err
    assert everything(store) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
def test_full_disk_at_the_first_import(store, three):
    """A half-made store left behind."""
    process = run(LIMITED, 20_000, store, *three)
    out, err = process.communicate()
    assert b"SAID" in out, (out, err)
    assert not store.exists()
    assert not [path for path in store.parent.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("moment", ["journal", "journal", 0.2, 0.5, 0.7, 0.8, 0.9])
def test_killed_in_the_middle(store, three, tmp_path, moment):
    """A store that does not open after a kill, or holds half of a file.

    The kill comes when the journal appears, or after a part of the time that the import takes
    when it is left alone; how far it came does not matter to what must hold.
    """
    load(store, *three)
    before = everything(store)
    large = write_large(tmp_path / "large.csv", 4000)
    whole = Path(shutil.copy(store, tmp_path / "whole.duckdb"))
    process = run(IMPORT, whole, large)
    process.stdout.readline()
    start = time.monotonic()
    process.communicate()
    takes = time.monotonic() - start
    after = everything(whole)
    assert before != after
    process = run(IMPORT, store, large)
    assert process.stdout.readline().strip() == b"ready"
    journal = Path(f"{store}.wal")
    if moment == "journal":
        while process.poll() is None and not journal.exists():
            pass
    else:
        with suppress(subprocess.TimeoutExpired):
            process.wait(takes * moment)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert everything(store) in (before, after)
    load(store, large)
    assert everything(store) == after


def test_new_files_are_not_left_around(store, three, tmp_path):
    """Temporary files beside the store."""
    load(store, *three)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["store.duckdb", *(path.name for path in three)]
    )


def test_every_day_column_is_stored(store):
    """A column of the schema that the store forgets."""
    header = ",".join(CHANNEL_DAY.columns)
    row = ",".join(
        {"channel_id": "x:a", "date": "2026-01-01", "day_tz": "UTC"}.get(name, str(number))
        for number, name in enumerate(CHANNEL_DAY.columns)
    )
    load(store, write_csv(store.parent / "d.csv", header, [row]))
    (found,) = query(store, f"SELECT {header} FROM channel_day")
    assert found[3:] == tuple(range(3, len(CHANNEL_DAY.columns)))
    assert re.fullmatch("[0-9a-f]{10}", query(store, "SELECT import_id FROM import_log")[0][0])
