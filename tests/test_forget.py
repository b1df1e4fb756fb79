"""Erasure on request: gone from the store's file, kept out of it, and logged."""

from __future__ import annotations

import io
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importers.samples import mastodon as toots
from small_stores import START, day_rows, make_empty, make_store, post_rows, write_rows

from handbook.cli import main
from handbook.errors import HandbookError
from handbook.importers import read_file
from handbook.schema import FORGOTTEN, TABLES
from handbook.store import (
    assign,
    forget,
    import_files,
    lift,
    open_store,
    read_forgotten,
    read_state,
    undo,
)

PAGE = "linkedin:example-page"
OTHER = "linkedin:other-page"
LATER = date(2026, 12, 1)


def query(store: Path, sql: str) -> list[tuple]:
    """Rows of a query."""
    with open_store(store) as connection:
        return connection.execute(sql).fetchall()


def everything(store: Path) -> dict[str, list[tuple]]:
    """All data in a store, without its logs."""
    names = [table.name for table in TABLES if table.per_import or table.name == "channel"]
    with open_store(store) as connection:
        return {name: connection.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names}


def load(store: Path, *files: Path, **options) -> list:
    """Import files on a later day."""
    return list(import_files(store, files, read=read_file, exported_on=LATER, **options))


def files(folder: Path) -> list[Path]:
    """Write days, posts with extras and counts of two channels."""
    days = [
        row | {"reach_of_stories": 5}
        for channel in (PAGE, OTHER)
        for row in day_rows(channel, 10, impressions=40, followers_total=900)
    ]
    posts = [
        row | {"post_id": f"71234567890{i}{number}", "text": f"Secret {i}{number}", "saves_2": 3}
        for i, channel in enumerate((PAGE, OTHER))
        for number, row in enumerate(post_rows(channel, [0, 2, 5, 9], impressions=70))
    ]
    counts = [
        {
            "series_id": f"{channel}/comments",
            "channel_id": channel,
            "at_utc": f"{START + timedelta(day)}T10:00:00Z",
            "step_s": 3600,
            "count": 4,
        }
        for channel in (PAGE, OTHER)
        for day in range(4)
    ]
    tables = {"days": days, "posts": posts, "counts": counts}
    return [write_rows(folder / f"{name}.csv", rows) for name, rows in tables.items()]


@pytest.fixture
def sources(tmp_path) -> list[Path]:
    """Files of two channels."""
    return files(tmp_path)


@pytest.fixture
def store(tmp_path, sources) -> Path:
    """A store of two channels."""
    made = tmp_path / "ours.duckdb"
    assert {report.outcome for report in load(made, *sources)} == {"imported"}
    return made


def test_a_forgotten_post_is_gone_from_every_table_and_from_the_file(store):
    """A post that is hidden only: in a table, in free space of the file, or beside it."""
    assert b"Secret 00" in store.read_bytes()
    done = forget(store, posts=["712345678900" + "0"])
    assert done.rows == {"post": 1, "post_snapshot": 1, "metric_extra": 1}
    for table in TABLES:
        if table is not FORGOTTEN:
            found = query(store, f"SELECT * FROM {table.name}")
            assert "7123456789000" not in str(found), table.name
            assert "Secret 00" not in str(found), table.name
    assert len(query(store, "FROM post")) == 7
    for file in store.parent.glob(f"*{store.name}*"):
        assert b"Secret 00" not in file.read_bytes()
    assert [path.name for path in store.parent.iterdir() if "duckdb" in path.name] == [store.name]


def test_the_store_is_as_before_but_for_what_was_forgotten(store):
    """A store that loses rows, keys or views when its file is written anew."""
    before, made = everything(store), definitions(store)
    forget(store, posts=[f"{PAGE}/7123456789000"])
    after = everything(store)
    for name, rows in before.items():
        assert after[name] == [row for row in rows if "7123456789000" not in str(row)], name
    assert len(query(store, "FROM import_log")) == 3
    assert definitions(store) == made


def definitions(store: Path) -> list[tuple]:
    """How the tables and views of a store are defined."""
    made = "SELECT sql FROM duckdb_tables() UNION SELECT sql FROM duckdb_views() ORDER BY ALL"
    return query(store, made)


@pytest.mark.parametrize("again", ["the same file", "a newer file"])
def test_no_import_brings_a_post_back(store, sources, tmp_path, again):
    """An import that brings back what its subject asked to have erased."""
    forget(store, posts=["7123456789000"])
    left = everything(store)
    posts = sources[1]
    if again == "a newer file":
        posts.write_text(posts.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (report,) = load(store, posts)
    assert query(store, "FROM post WHERE post_id = '7123456789000'") == []
    assert "Secret 00" not in str(everything(store))
    assert {name: set(rows) for name, rows in everything(store).items()} == {
        name: set(rows) for name, rows in left.items()
    }
    if again == "a newer file":
        assert (report.rows_read, report.rows_kept, report.rows_dropped) == (8, 7, 1)
        assert report.kept["post"] == 7
        assert "forgotten" in report.warnings[-1]
        ((logged, warnings),) = query(
            store,
            f"SELECT rows_kept, warnings FROM import_log WHERE import_id = '{report.import_id}'",
        )
        assert logged == 7 and "forgotten" in warnings


def test_a_forgotten_channel_is_refused(store, sources, tmp_path):
    """A channel of which something stays, or that comes back under its name."""
    done = forget(store, channel=PAGE)
    assert done.rows == {
        "channel_day": 10,
        "post": 4,
        "post_snapshot": 4,
        "count_series": 4,
        "metric_extra": 14,
    }
    assert PAGE not in str(everything(store))
    assert [one.channel_id for one in read_state(store).channels] == [OTHER]
    alone = write_rows(tmp_path / "alone.csv", day_rows(PAGE, 3, impressions=1))
    (report,) = load(store, alone)
    assert report.outcome == "refused"
    assert PAGE in report.reason and "forgotten" in report.reason and "--lift" in report.reason
    both = day_rows(PAGE, 3, impressions=40) + day_rows(OTHER, 3, impressions=40)
    (report,) = load(store, write_rows(tmp_path / "both.csv", both))
    assert (report.outcome, report.rows_kept, report.rows_dropped) == ("imported", 3, 3)
    assert PAGE not in str(everything(store))


def test_the_log_of_imports_says_no_more_of_a_forgotten_channel(tmp_path):
    """File names and warnings that go on telling of what was erased."""
    toots.write_outbox(tmp_path / "outbox-of-somebody.json")
    store = tmp_path / "s.duckdb"
    load(store, tmp_path / "outbox-of-somebody.json")
    forget(store, channel=toots.CHANNEL)
    assert "somebody" not in str(query(store, "FROM import_log"))
    assert read_state(store).imports == []
    (report,) = load(store, tmp_path / "outbox-of-somebody.json")
    assert report.outcome == "refused"


def test_a_file_of_a_forgotten_channel_does_not_come_back_unnamed(tmp_path):
    """A file that says nothing of whose it is, imported again without its channel's name."""
    from importers.samples import x

    path = x.write_days(tmp_path / "days.csv")
    store = tmp_path / "s.duckdb"
    load(store, path, channel="x:ours")
    forget(store, channel="x:ours")
    (report,) = load(store, path)
    assert report.outcome == "refused"
    assert query(store, "FROM channel_day") == []


def test_before_a_day(store, sources):
    """Newer days or posts that are erased, older ones that stay or come back."""
    day = START + timedelta(5)
    forget(store, channel=PAGE, before=day)
    assert query(store, f"SELECT min(date), count(*) FROM channel_day WHERE channel_id = '{PAGE}'")[
        0
    ] == (day, 5)
    assert query(store, f"SELECT count(*) FROM post WHERE channel_id = '{PAGE}'") == [(2,)]
    assert query(store, f"SELECT count(*) FROM count_series WHERE channel_id = '{PAGE}'") == [(0,)]
    assert query(store, f"SELECT count(*) FROM post WHERE channel_id = '{OTHER}'") == [(4,)]
    kept = everything(store)
    for source in sources:
        source.write_text(source.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    load(store, *sources)
    assert everything(store)["channel_day"] == kept["channel_day"]
    assert everything(store)["post_snapshot"] == kept["post_snapshot"]
    assert everything(store)["metric_extra"] == kept["metric_extra"]


@settings(max_examples=10, deadline=None)
@given(order=st.permutations([0, 1, 2]), at=st.integers(0, 3))
def test_forgetting_before_or_after_an_import_is_the_same(tmp_path_factory, order, at):
    """What is forgotten depends on when: an import after it sees another store than before it."""
    folder = tmp_path_factory.mktemp("any")
    sources = files(folder)

    def run(forget_at: int) -> dict:
        store = make_empty(folder / f"{forget_at}.duckdb")
        for step, number in enumerate([*order, None]):
            if step == forget_at:
                forget(store, posts=[f"{PAGE}/7123456789001"])
                forget(store, channel=OTHER, before=START + timedelta(3))
            if number is not None:
                load(store, sources[number])
        found = everything(store)
        (folder / f"{forget_at}.duckdb").unlink()
        return found

    assert run(at) == run(3)


def test_a_file_that_cannot_be_written_anew_is_whole_all_the_same(store, sources, monkeypatch):
    """A full disk that takes the store with it, or an erasure that only seems complete."""

    def fail(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(HandbookError, match=r"erased, but .*No space left.* again"):
        forget(store, posts=["7123456789000"])
    monkeypatch.undo()
    assert len(query(store, "FROM post")) == 7
    assert [path for path in store.parent.iterdir() if path.is_dir()] == []
    forget(store, posts=[f"{PAGE}/7123456789000"])
    assert b"Secret 00" not in store.read_bytes()


def test_a_dry_run_erases_nothing(store):
    """A look that is already the deed."""
    before = everything(store)
    done = forget(store, channel=PAGE, dry_run=True)
    assert done.rows["post"] == 4
    assert everything(store) == before
    assert read_forgotten(store) == []


def test_lifting_lets_imports_bring_it_back(store, sources):
    """An erasure by mistake that can never be mended."""
    before = everything(store)
    (entry,) = forget(store, posts=["7123456789000"]).entries
    lift(store, entry.forget_id[:6])
    assert read_forgotten(store)[0].lifted_at
    undo(store, query(store, "SELECT import_id FROM import_log WHERE format = 'plain-posts'")[0][0])
    load(store, sources[1])
    after = everything(store)
    assert set(after["post"]) == set(before["post"])
    with pytest.raises(HandbookError, match="no entry"):
        lift(store, entry.forget_id)


def test_what_is_forgotten_follows_a_channel_to_its_name(tmp_path):
    """A post erased under the name that was assumed, which comes back under the right one."""
    toots.write_outbox(tmp_path / "outbox.json", 3)
    store = tmp_path / "s.duckdb"
    load(store, tmp_path / "outbox.json")
    post = toots.status_id(toots.START, 0)
    forget(store, posts=[post])
    assign(store, toots.CHANNEL, "mastodon:ours")
    toots.write_statuses(tmp_path / "statuses.json", 3)
    load(store, tmp_path / "statuses.json", channel="mastodon:ours")
    assert len(query(store, "FROM post")) == 2
    assert query(store, f"FROM post WHERE post_id = '{post}'") == []


def test_nothing_moves_to_a_forgotten_channel(store):
    """A channel that comes back through `handbook channel assign`."""
    forget(store, channel=OTHER)
    with pytest.raises(HandbookError, match="was forgotten"):
        assign(store, PAGE, OTHER)
    assert len(query(store, "FROM channel_day")) == 10


def test_posts_are_found_by_their_address(tmp_path):
    """An address, as people send it who ask for an erasure, that is not understood."""
    toots.write_outbox(tmp_path / "outbox.json", 2)
    store = tmp_path / "s.duckdb"
    load(store, tmp_path / "outbox.json")
    (entry,) = forget(store, posts=[f"{toots.PAGE}/{toots.status_id(toots.START)}"]).entries
    assert (entry.channel_id, entry.rows_erased) == (toots.CHANNEL, 2)


def test_what_cannot_be_meant_is_refused(store, tmp_path):
    """A slip of the keyboard that erases something else, or seems to erase something."""
    for wrong, said in (
        ({}, "Nothing named"),
        ({"posts": ["1"], "before": START}, "goes with a channel"),
        ({"posts": ["999"]}, "no id and no address"),
        ({"channel": "somebody"}, "not a channel id"),
    ):
        with pytest.raises(HandbookError, match=said):
            forget(store, **wrong)
    twice = [row | {"post_id": "42"} for row in post_rows(PAGE, [0]) + post_rows(OTHER, [0])]
    load(store, write_rows(tmp_path / "twice.csv", twice))
    with pytest.raises(HandbookError, match="several posts"):
        forget(store, posts=["42"])
    assert read_forgotten(store) == []
    forget(store, posts=["42"], channel=OTHER)
    assert query(store, "SELECT channel_id FROM post WHERE post_id = '42'") == [(PAGE,)]


def test_the_made_up_store_is_not_changed(demo_store):
    """Pages and notebooks built on a store that somebody tried this out on."""
    with pytest.raises(HandbookError, match="made-up"):
        forget(demo_store, channel="linkedin:keksila-university")


def test_a_store_of_before_has_nothing_forgotten_and_can_forget(tmp_path):
    """A store of the version before, refused, or without a place to log what was erased."""
    store = make_store(tmp_path, day_rows(PAGE, 3, impressions=5))
    with duckdb.connect(str(store)) as connection:
        connection.execute(
            "DROP TABLE forgotten; UPDATE meta SET value = '1' WHERE key = 'version'"
        )
    assert read_forgotten(store) == []
    assert len(read_state(store).channels) == 1
    forget(store, channel=PAGE)
    assert query(store, "FROM channel_day") == []
    assert len(read_forgotten(store)) == 1


def run(*arguments: str) -> int:
    """Run a command and return its exit code."""
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as end:
        return end.code or 0
    return 0


def test_the_command_asks_and_says(store, capsys, monkeypatch):
    """An erasure without a question, or one of which nobody knows what it was."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    assert run("forget", "--post", "7123456789000", "--store", store) == 2
    assert "--yes" in capsys.readouterr().err
    assert len(query(store, "FROM post")) == 8
    assert run("forget", "--post", "7123456789000", "--store", store, "--dry-run") == 0
    assert "dry run" in capsys.readouterr().out
    assert (
        run("forget", "--channel", PAGE, "--before", "2026-01-10", "--store", store, "--yes") == 0
    )
    said = capsys.readouterr().out
    assert "2 posts" in said and "5 days" in said and "delete those, too" in said
    assert run("forget", "--list", "--store", store) == 0
    listed = capsys.readouterr().out
    assert run("status", "--store", store) == 0
    assert "Forgotten: 1 entry" in capsys.readouterr().out
    assert f"{PAGE} before 2026-01-10" in listed
    assert run("forget", "--lift", listed.split()[0], "--store", store) == 0
    assert run("forget", "--list", "--store", store) == 0
    assert "lifted" in capsys.readouterr().out
