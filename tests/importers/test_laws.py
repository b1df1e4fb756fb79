"""Laws that hold for every format: each is tried on samples of all layouts."""

from __future__ import annotations

import json
import random
from itertools import count
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importers.samples import START
from importers.samples.registry import (
    CHANNELS,
    EXPORTED_ON,
    OTHER_WRITERS,
    WRITERS,
    dump_json,
    header_of,
    open_sample,
    rewrite,
    split_json,
    write_sample,
)
from small_stores import make_empty

from handbook.importers import FORMATS, read_source
from handbook.importers.masking import mask
from handbook.importers.source import normalise
from handbook.schema import TABLES
from handbook.store import import_files, undo

LAYOUTS = sorted(WRITERS)
TABLES_ONLY = [name for name in LAYOUTS if not name.startswith(("mastodon", "bluesky"))]
ANY_COLUMNS = [name for name in TABLES_ONLY if not name.startswith("ga4")]
"""In Google Analytics the first columns say what the others are of, whatever their names."""

MANY_COLUMNS = [name for name in ANY_COLUMNS if name not in ("meta-days", "youtube-days")]
"""Layouts of two columns are not known by their headers once a third one is there."""

STRANGER = "Nemo Nobody"

few = settings(max_examples=2, deadline=None, derandomize=True)
sizes = st.integers(2, 9)
numbers = count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("laws")


def fresh(folder: Path) -> Path:
    """A folder of its own for each example."""
    made = folder / str(next(numbers))
    made.mkdir()
    return made


def put(store: Path, layout: str, *files: Path):
    """Import files of a layout as a user would who names channel, platform and day."""
    if not store.exists():
        make_empty(store)
    reports = list(
        import_files(
            store,
            files,
            read=lambda path: read_source(open_sample(path, layout)),
            channel=None if layout.startswith("plain") else list(CHANNELS.values()),
            exported_on=EXPORTED_ON,
        )
    )
    assert [report.reason for report in reports if report.outcome == "refused"] == []
    return reports


def seen(store: Path) -> dict[str, list[tuple]]:
    """All that a reader of the store sees."""
    with duckdb.connect(str(store), read_only=True) as connection:
        shown = {
            table.name: connection.execute(f"SELECT * FROM {table.name} ORDER BY ALL").fetchall()
            for table in TABLES
            if table.per_import
        }
        shown["channel"] = connection.execute(
            "SELECT channel_id, assumed FROM channel ORDER BY ALL"
        ).fetchall()
    return shown


def test_every_format_has_a_sample(folder):
    """A format that no law is tried on."""
    found = set()
    for layout in [*LAYOUTS, *OTHER_WRITERS]:
        path = write_sample(fresh(folder), layout)
        found |= {reading.format for reading in read_source(open_sample(path, layout))}
    assert {one.id for one in FORMATS} <= found


@pytest.mark.parametrize("layout", OTHER_WRITERS)
def test_layouts_of_groups_are_accounted_for_and_twice_is_once(folder, layout):
    """A group that is lost without a word, or a second import that adds something."""
    here = fresh(folder)
    path, store = write_sample(here, layout), here / "s.duckdb"
    for reading in read_source(open_sample(path, layout)):
        assert reading.rows_read == reading.rows_kept + reading.dropped + len(reading.rejected)
    (report,) = put(store, layout, path)
    assert (report.outcome, report.reason) == ("imported", None)
    once = seen(store)
    assert {report.outcome for report in put(store, layout, path)} == {"unchanged"}
    assert seen(store) == once


@pytest.mark.parametrize("layout", LAYOUTS)
@few
@given(n=sizes, base=st.integers(10, 500))
def test_every_row_is_accounted_for(folder, layout, n, base):
    """A row that is lost without a word, or counted twice."""
    path = write_sample(fresh(folder), layout, n=n, base=base)
    for reading in read_source(open_sample(path, layout)):
        assert reading.rows_read == reading.rows_kept + reading.dropped + len(reading.rejected)
        assert reading.rows_kept > 0


@pytest.mark.parametrize("layout", LAYOUTS)
@few
@given(n=sizes)
def test_twice_is_once(folder, layout, n):
    """A second import of the same file that adds, changes or logs something."""
    here = fresh(folder)
    path, store = write_sample(here, layout, n=n), here / "s.duckdb"
    put(store, layout, path)
    once = seen(store)
    assert {report.outcome for report in put(store, layout, path)} == {"unchanged"}
    assert seen(store) == once
    assert any(once[table.name] for table in TABLES if table.per_import)


@few
@given(
    layouts=st.lists(st.sampled_from(LAYOUTS), min_size=3, max_size=5, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_any_order_shows_the_same(folder, layouts, order):
    """A view that depends on which file came first."""
    here = fresh(folder)
    files = [
        (
            layout,
            write_sample(here, layout, f"{layout}-{part}", n=4, start=START.replace(month=part)),
        )
        for layout in layouts
        for part in (1, 2)
    ]
    for name in ("a", "b"):
        for layout, path in files:
            put(here / f"{name}.duckdb", layout, path)
        order.shuffle(files)
    assert seen(here / "a.duckdb") == seen(here / "b.duckdb")


@pytest.mark.parametrize("layout", LAYOUTS)
@few
@given(n=st.integers(5, 9), at=st.floats(0.4, 0.7))
def test_a_split_file_is_the_whole_file(folder, layout, n, at):
    """Rows that mean something else when the file is cut in two."""
    here = fresh(folder)
    path = write_sample(here, layout, n=n)
    file = open_sample(path, layout)
    parts = [here / f"{part}.dat" for part in (1, 2)]
    if file.kind == "json":
        for part, content in zip(parts, split_json(file.json, at), strict=True):
            dump_json(part, content)
    else:
        halves: list[dict] = [{}, {}]
        for sheet, rows in file.tables.items():
            first = header_of(rows) + 1 + layout.startswith("facebook-classic")
            middle = first + max(1, int((len(rows) - first) * at))
            halves[0][sheet] = rows[:middle]
            halves[1][sheet] = rows[:first] + rows[middle:]
        for part, tables in zip(parts, halves, strict=True):
            rewrite(file, part, tables)
    put(here / "whole.duckdb", layout, path)
    put(here / "split.duckdb", layout, *parts)
    assert seen(here / "split.duckdb") == seen(here / "whole.duckdb")


@pytest.mark.parametrize("layout", ANY_COLUMNS)
@few
@given(order=st.randoms(use_true_random=False))
def test_shuffled_columns_say_the_same(folder, layout, order):
    """A column that is known by its place and not by its header."""
    here = fresh(folder)
    path = write_sample(here, layout)
    file = open_sample(path, layout)
    tables = {sheet: shuffled(rows, order) for sheet, rows in file.tables.items()}
    put(here / "a.duckdb", layout, path)
    put(here / "b.duckdb", layout, rewrite(file, here / "shuffled.dat", tables))
    assert seen(here / "a.duckdb") == seen(here / "b.duckdb")


def shuffled(rows: list[list], order: random.Random) -> list[list]:
    """Rows with their columns in another order; columns of one name keep theirs."""
    head = header_of(rows)
    width = len(rows[head])
    places = list(range(width))
    order.shuffle(places)
    names = [normalise(cell) for cell in rows[head]]
    for name in set(names):
        same = [place for place in places if names[place] == name]
        for old, new in zip(same, sorted(same), strict=True):
            places[places.index(old)] = -1 - new
        places = [-1 - place if place < 0 else place for place in places]
    return [
        [row[place] for place in places] if i >= head and len(row) == width else row
        for i, row in enumerate(rows)
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_undone_is_as_before(folder, layout):
    """An import that leaves something behind when it is taken back."""
    here = fresh(folder)
    store = here / "s.duckdb"
    put(store, layout, write_sample(here, layout, "before", n=4))
    before = seen(store)
    reports = put(
        store, layout, write_sample(here, layout, "after", n=6, start=START.replace(month=4))
    )
    assert seen(store) != before
    for report in reports:
        undo(store, report.import_id)
    assert seen(store) == before


@pytest.mark.parametrize("layout", MANY_COLUMNS)
def test_names_of_people_are_nowhere(folder, layout):
    """The name of a follower, commenter or colleague, from a column that nobody foresaw."""
    here = fresh(folder)
    path = write_sample(here, layout)
    file = open_sample(path, layout)
    tables = {}
    for sheet, rows in file.tables.items():
        head = header_of(rows)
        tables[sheet] = [
            [*row, "Commenter name" if i == head else STRANGER]
            if i >= head and len(row) == len(rows[head])
            else row
            for i, row in enumerate(rows)
        ]
    store = here / "s.duckdb"
    reports = put(store, layout, rewrite(file, here / "named.dat", tables))
    assert STRANGER not in json.dumps([vars(report) for report in reports], default=str)
    assert STRANGER not in str(seen(store))
    assert STRANGER.encode() not in store.read_bytes()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_texts_are_masked(folder, layout):
    """A handle, an e-mail address or a telephone number in a text that is kept."""
    here = fresh(folder)
    store = here / "s.duckdb"
    put(store, layout, write_sample(here, layout, n=8))
    for row in seen(store)["post"]:
        for cell in row:
            if isinstance(cell, str) and " " in cell:
                assert mask(cell) == cell
