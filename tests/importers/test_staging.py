"""Large files that DuckDB reads: they say what the ordinary way of reading says, or take it."""

from __future__ import annotations

import tempfile
from itertools import count
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importers.samples import x as samples

from handbook.errors import HandbookError
from handbook.importers import Options, SourceFile, columns, read_source, source, staging, x
from handbook.schema import Staged
from handbook.store import forget, import_files, open_store

TABLES = dict.fromkeys(("post", "post_snapshot", "metric_extra", "channel"), "*")
TABLES["import_log"] = "* EXCLUDE (imported_at)"
NEVER = 10**12
numbers = count()


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder for passing files, of this test alone."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def large(monkeypatch):
    """Any file counts as large."""
    monkeypatch.setattr(source, "LARGE", 1)
    monkeypatch.setattr(staging, "STAGED_FROM", 1)


def stage(data: bytes, tmp_path, **options) -> Staged | None:
    """Return what is staged of a file; None if it was read in another way."""
    path = tmp_path / "export.csv"
    path.write_bytes(data)
    (reading, *_) = read_source(SourceFile(path, options=Options(**options)))
    return reading.staged


def outcome(data: bytes, folder, **options):
    """All that a store holds of a file, and what is said of it."""
    folder = folder / str(next(numbers))
    folder.mkdir()
    path, store = folder / "export.csv", folder / "store.duckdb"
    path.write_bytes(data)

    def read(path):
        return read_source(SourceFile(path, options=Options(**options)))

    told = [
        {name: value for name, value in vars(report).items() if name != "path"}
        for report in import_files(store, [path], read=read)
    ]
    return told, held(store)


def held(store):
    """All that a store holds."""
    if not store.exists():
        return {}
    with open_store(store) as connection:
        return {
            table: connection.execute(f"SELECT {told} FROM {table} ORDER BY ALL").fetchall()
            for table, told in TABLES.items()
        }


def both(data: bytes, folder, **options):
    """What is said of a file that is read part by part, and of one that is staged if it may be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "LARGE", 1)
        patch.setattr(columns, "ROWS_AT_ONCE", 7)
        patch.setattr(staging, "STAGED_FROM", NEVER)
        by_parts = outcome(data, folder, **options)
        patch.setattr(staging, "STAGED_FROM", 1)
        return by_parts, outcome(data, folder, **options)


def assert_both_say_the_same_if_staged(data: bytes, folder):
    """A file that is not staged is read part by part: there is nothing to compare."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "LARGE", 1)
        patch.setattr(staging, "STAGED_FROM", 1)
        try:
            staged = stage(data, folder)
        except HandbookError:
            return
    if staged:
        by_parts, at_once = both(data, folder)
        assert at_once == by_parts


HARMLESS = {
    "by tweet": (samples.tweets(9), {"quote_all": True}),
    "quoted where needed": (samples.tweets(9), {}),
    "CRLF": (samples.tweets(9), {"quote_all": True, "newline": "\r\n"}),
    "BOM": (samples.tweets(9), {"quote_all": True, "encoding": "utf-8-sig"}),
    "content of 2025": (samples.content(9, year=2025), {"newline": "\r\n"}),
    "content of 2026": (samples.content(9), {"quote_all": True}),
    "other way round": ([list(reversed(row)) for row in samples.tweets(9)], {}),
    "without texts": ([row[:2] + row[3:] for row in samples.content(9)], {}),
    "a new number": (
        [[*row, "0.5" if i else "Zap's"] for i, row in enumerate(samples.tweets(9))],
        {},
    ),
}
"""Files in which nothing needs a word."""


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_is_usual_is_staged_and_says_the_same(tmp_path, large, kind):
    """A usual file that takes the slow way; a column, a mask or a type that only one way knows."""
    rows, form = HARMLESS[kind]
    data = samples.encode(rows, **form)
    assert stage(data, tmp_path)
    by_parts, staged = both(data, tmp_path)
    assert staged == by_parts
    assert staged[0][0]["outcome"] == "imported"


TEXTS = (
    "",
    "-",
    "  padded\u00a0",
    "\u3000",
    "RT @other: words of others",
    f"@{samples.HANDLE.title()} and on it goes",
    "@other thank you, @more",
    "@ nobody",
    "\uff20other in another alphabet",
    "me \uff20other",
    ".@other, a&amp;b &lt;c&gt;",
    "call 040 123 4567 or \u0660\u0664\u0660 123",
    "+358 (0)9\u2009123\u2009456",
    'two "" quotes, and\r\nlines\n\n',
    "it's 'quoted'\\",
    "x" * 200,
    *samples.TEXTS,
)


@pytest.mark.parametrize("keep_text", [True, False])
@pytest.mark.parametrize("quote_all", [True, False])
def test_texts_become_the_same(tmp_path, large, keep_text, quote_all):
    """A text that DuckDB takes for harmless, and Python masks, trims or leaves out."""
    rows = samples.tweets(len(TEXTS))
    for row, text in zip(rows[1:], TEXTS, strict=True):
        row[2] = text
    data = samples.encode(rows, quote_all=quote_all)
    staged = stage(data, tmp_path, keep_text=keep_text)
    assert staged
    assert staged.has_texts == keep_text
    by_parts, others = both(data, tmp_path, keep_text=keep_text)
    assert others == by_parts


CELLS = st.sampled_from(
    ["5", "7.0", "0.25", "1e-05", "-3", "-", "--", "", "n/a", "Undefined", "–", "NaN", "inf", " 7"]
    + ["1_0", "1,234", "many", "9" * 17, "1e40", "2.5", "+5", ".5", "5.", "0x1", "1\x1f2"]
)
UNUSUAL_IDS = st.sampled_from(["", "Total", "Tweet id", "2.00E+18", "0123", "9" * 25, "１２３"])
UNUSUAL_TIMES = st.sampled_from(
    ["-", "2026-01-01 11:00 +0200", "2026-01-01 09:00", "2026-13-01 09:00 +0000", "2009-1-1"]
    + ["2026-01-01 23:59 +0000", "2026-01-01 24:00 +0000", " 026-01-01 09:00 +0000", "soon"]
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.randoms(use_true_random=False),
    texts=st.lists(st.text("ab1 0+@&\n\r\",'\uff20é.-", max_size=12), min_size=6, max_size=6),
    counts=st.lists(CELLS, max_size=3),
    change=st.sampled_from(
        ["none", "none", "id", "time", "twice", "other", "link", "short", "two"]
    ),
    id=UNUSUAL_IDS,
    time=UNUSUAL_TIMES,
    content=st.booleans(),
    quote_all=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_both_ways_say_the_same(
    tmp_path_factory, seed, texts, counts, change, id, time, content, quote_all, newline
):
    """A cell, a row or a file that the fast way understands otherwise, or passes over."""
    rows = samples.content(6) if content else samples.tweets(6)
    header, rows = rows[0], rows[1:]
    for row, text in zip(rows, texts, strict=True):
        row[2] = text
    for cell in counts:
        seed.choice(rows)[seed.randrange(4, len(header))] = cell
    link = header.index("Post Link" if content else "Tweet permalink")
    row = rows[3]
    if change == "id":
        row[0] = id
    elif change == "time":
        row[1 if content else 3] = time
    elif change == "twice":
        rows.append(list(row))
    elif change == "other":
        rows.append([*row[:-1], "8"])
    elif change == "link":
        row[link] = seed.choice(["", row[link] + "?s=20", samples.link(row[0], "Other"), "x"])
    elif change == "short":
        rows[seed.randrange(6)] = row[:-2]
    elif change == "two":
        rows.insert(2, list(header))
    order = list(range(len(header)))
    seed.shuffle(order)
    shuffled = [[row[i] for i in order if i < len(row)] for row in [header, *rows]]
    data = samples.encode(shuffled, quote_all=quote_all, newline=newline)
    assert_both_say_the_same_if_staged(data, tmp_path_factory.mktemp("ways"))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.randoms(use_true_random=False),
    bytes_=st.lists(
        st.sampled_from([b'"', b'""', b",", b" ", b"\n", b"\r", b"\r\n", b'","', b'" "', b"\xff"]),
        min_size=1,
        max_size=3,
    ),
    quote_all=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_damage_is_told_in_both_ways(tmp_path_factory, seed, bytes_, quote_all, newline):
    """Quotation marks and line ends that DuckDB forgives, and Python refuses."""
    data = samples.encode(samples.tweets(5), quote_all=quote_all, newline=newline)
    header = data.index(b"\n")
    for piece in bytes_:
        if seed.random() < 0.5:
            place = seed.randrange(header, len(data) + 1)
        else:
            place = seed.choice([i for i, byte in enumerate(data) if byte in b',"\n'])
        data = data[:place] + piece + data[place + seed.randrange(2) :]
    assert_both_say_the_same_if_staged(data, tmp_path_factory.mktemp("damage"))


UNUSUAL = {
    "twice": lambda rows: rows.append(rows[3]),
    "with other numbers": lambda rows: rows.append([*rows[3][:-1], "8"]),
    "short": lambda rows: rows[4].pop(),
    "late": lambda rows: rows[2].__setitem__(3, "2026-01-01 23:59 +0000"),
    "rounded": lambda rows: rows[2].__setitem__(0, "2.00E+18"),
    "two accounts": lambda rows: rows.extend(samples.tweets(2, samples.START, 7, "Other")[1:]),
    "a wrong cell": lambda rows: rows[2].__setitem__(9, "many"),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_what_is_unusual_is_told_as_ever(tmp_path, large, kind):
    """A row that is taken as if nothing were wrong with it; a first attempt that leaves traces."""
    rows = samples.tweets(9)
    UNUSUAL[kind](rows)
    by_parts, at_once = both(samples.encode(rows, quote_all=True), tmp_path)
    assert at_once == by_parts


def test_what_was_forgotten_stays_out(tmp_path, large):
    """A post that comes back through the fast way, or is not counted as left out."""
    data = samples.encode(samples.tweets(5), quote_all=True)
    _, before = outcome(data, tmp_path)
    store = tmp_path / "store.duckdb"
    path = tmp_path / "export.csv"
    path.write_bytes(data[:-1])
    channel, post, *_ = before["post"][0]
    list(import_files(store, [path], read=lambda path: read_source(SourceFile(path))))
    forget(store, posts=[f"{channel}/{post}"])
    path.write_bytes(data)
    (report,) = import_files(store, [path], read=lambda path: read_source(SourceFile(path)))
    assert (report.rows_kept, report.rows_dropped) == (4, 1)
    assert post not in repr(held(store)["post"])


def test_an_archive_and_odd_names(tmp_path, large):
    """A file out of an archive that DuckDB cannot find; a name that it takes for a pattern."""
    data = samples.encode(samples.tweets(4), quote_all=True)
    taken_out = SourceFile(tmp_path / "archive.zip", data, name="export.csv")
    (reading,) = read_source(taken_out)
    assert reading.staged
    for name in ("day=1", "it's"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "export.gz").write_bytes(data)
        (reading,) = read_source(SourceFile(folder / "export.gz"))
        assert reading.staged
    (tmp_path / "export[1].csv").write_bytes(data)
    (reading,) = read_source(SourceFile(tmp_path / "export[1].csv"))
    assert reading.staged is None
    assert reading.rows_kept == 4


def test_nothing_stays_behind(tmp_path, large, scratch, monkeypatch):
    """Posts that stay in a folder for passing files when all is done, refused or interrupted."""
    data = samples.encode(samples.tweets(6), quote_all=True)
    assert outcome(data, tmp_path)[0][0]["outcome"] == "imported"
    assert not list(scratch.iterdir())
    late = samples.encode(samples.tweets(3, samples.START.replace(year=2150)), quote_all=True)
    assert outcome(late, tmp_path)[0][0]["outcome"] == "refused"
    assert not list(scratch.iterdir())
    path = tmp_path / "export.csv"
    path.write_bytes(data)
    store = tmp_path / "dry.duckdb"
    (report,) = import_files(
        store, [path], read=lambda path: read_source(SourceFile(path)), dry_run=True
    )
    assert (report.outcome, store.exists()) == ("imported", False)
    assert not list(scratch.iterdir())
    reading = read_source(SourceFile(path))
    assert len(list(scratch.iterdir())) == 1
    del reading
    assert not list(scratch.iterdir())

    for error in (KeyboardInterrupt(), RuntimeError("Query interrupted")):
        monkeypatch.setattr(x, "_stage_texts", Mock(side_effect=error))
        with pytest.raises(KeyboardInterrupt):
            read_source(SourceFile(path))
        assert not list(scratch.iterdir())


def test_no_folder_for_passing_files(tmp_path, large, monkeypatch):
    """A file that cannot be imported because nothing can be written beside it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    assert stage(samples.encode(samples.tweets(4), quote_all=True), tmp_path) is None
