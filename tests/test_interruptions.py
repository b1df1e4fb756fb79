"""Commands that are killed at any moment, imports that meet each other or an open notebook."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from importers.samples.registry import CHANNELS, EXPORTED_ON, open_sample, write_sample

from handbook.importers import read_source
from handbook.schema import TABLES
from handbook.store import forget, import_files, undo
from handbook.store.tables import open_store

POINTS = 50
EARLIER = ("linkedin-content", "x-days", "youtube-videos")
ARRIVING = "facebook-content"

forked = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="needs processes that fork"
)


def take(store: Path, layout: str, path: Path) -> None:
    """Import one file."""
    reports = import_files(
        store,
        [path],
        read=lambda file: read_source(open_sample(file, layout)),
        channel=list(CHANNELS.values()),
        exported_on=EXPORTED_ON,
    )
    assert {report.outcome for report in reports} == {"imported"}


def everything(store: Path) -> dict[str, list[tuple]]:
    """All rows of all tables of the file, but for the times of imports, undoing and forgetting."""
    with open_store(store) as connection:
        rows = {
            table.name: connection.execute(
                f"SELECT * FROM {table.name}{'_import' if table.per_import else ''} ORDER BY ALL"
            ).fetchall()
            for table in TABLES
            if table.name not in ("import_log", "forgotten")
        }
        rows["log"] = connection.execute(
            """SELECT * EXCLUDE imported_at REPLACE (undone_at IS NULL AS undone_at)
               FROM import_log ORDER BY ALL"""
        ).fetchall()
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("interrupted")


@pytest.fixture(scope="module")
def arriving(folder):
    return write_sample(folder, ARRIVING, n=120)


@pytest.fixture(scope="module")
def before(folder):
    """A store that holds three imports."""
    store = folder / "before.duckdb"
    for layout in EARLIER:
        take(store, layout, write_sample(folder, layout, n=10))
    return store


@pytest.fixture(scope="module")
def unchanged(before):
    """All that it holds."""
    return everything(before)


def in_child(do: Callable[[], object], stop_at: int | None = None, delay: float = 0) -> int | None:
    """Do something in a process that kills itself at its n-th call into C or return from it.

    With a delay it goes on for so many seconds, and is killed wherever it is then.

    Returns
    -------
    int or None
        The number of such events, when it was left alone.
    """
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            events = 0

            def end() -> None:
                os.kill(os.getpid(), signal.SIGKILL)

            def count(frame, event, argument) -> None:
                nonlocal events
                if event in ("c_call", "c_return"):
                    events += 1
                    if events == stop_at:
                        sys.setprofile(None)
                        if not delay:
                            end()
                        threading.Timer(delay, end).start()

            sys.setprofile(count)
            do()
            sys.setprofile(None)
            os.write(into, str(events).encode())
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out) as told:
        said = told.read()
    _, status = os.waitpid(child, 0)
    assert stop_at is None or delay or os.WTERMSIG(status) == signal.SIGKILL
    return int(said) if said else None


@pytest.fixture(scope="module")
def events(folder, before, arriving):
    """How many points there are to kill an import at."""
    store = Path(shutil.copy(before, folder / "counted.duckdb"))
    return in_child(lambda: take(store, ARRIVING, arriving))


@pytest.fixture(scope="module")
def after(folder, before, arriving):
    """What a store holds that nobody interrupted."""
    store = Path(shutil.copy(before, folder / "after.duckdb"))
    take(store, ARRIVING, arriving)
    return everything(store)


@forked
@pytest.mark.parametrize("point", range(POINTS))
def test_killed_anywhere(tmp_path, before, unchanged, after, events, arriving, point):
    """A store that does not open after a kill, lost what it had, or holds half of a file."""
    chance = random.Random(point)
    store = Path(shutil.copy(before, tmp_path / "store.duckdb"))
    delay = chance.choice((0, 0, chance.uniform(0, 0.02)))
    in_child(lambda: take(store, ARRIVING, arriving), chance.randrange(1, events), delay)
    held = everything(store)
    assert held in (unchanged, after)
    if held != after:
        take(store, ARRIVING, arriving)
    assert everything(store) == after


UNDONE = "linkedin:keksila"
CHANGES = {
    "undo": lambda store: undo(store, imported(store)),
    "forget a post": lambda store: forget(store, posts=[a_post(store)]),
    "forget a channel": lambda store: forget(store, channel=UNDONE),
}


def imported(store: Path) -> str:
    """The id of the import of a channel."""
    with open_store(store) as connection:
        query = "SELECT import_id FROM import_log WHERE channel_id = ?"
        return connection.execute(query, [UNDONE]).fetchone()[0]


def a_post(store: Path) -> str:
    """A post of that channel."""
    with open_store(store) as connection:
        query = "SELECT min(post_id) FROM post WHERE channel_id = ?"
        return f"{UNDONE}/{connection.execute(query, [UNDONE]).fetchone()[0]}"


@forked
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_killed_anywhere(tmp_path, before, unchanged, change):
    """A store that does not open after a kill, lost what it had, or has changed by half."""
    do = CHANGES[change]
    whole = Path(shutil.copy(before, tmp_path / "whole.duckdb"))
    n_events = in_child(lambda: do(whole))
    changed = everything(whole)
    assert changed != unchanged
    for point in range(POINTS // 5):
        chance = random.Random(f"{change} {point}")
        (tmp_path / f"{point}").mkdir()
        store = Path(shutil.copy(before, tmp_path / f"{point}" / "store.duckdb"))
        delay = chance.choice((0, 0, chance.uniform(0, 0.02)))
        in_child(lambda store=store: do(store), chance.randrange(1, n_events), delay)
        held = everything(store)
        assert held in (unchanged, changed)
        if change == "undo" and held != changed:
            do(store)
        elif change != "undo":
            do(store) if held != changed else forget(store, channel="x:nobody")
            assert [path.name for path in store.parent.iterdir()] == [store.name]
        assert everything(store) == changed


def command(store: Path, *files: Path) -> subprocess.Popen:
    """Start `handbook import`."""
    return subprocess.Popen(
        [sys.executable, "-m", "handbook", "import", *map(str, files), "--store", str(store)]
        + ["--exported-on", str(EXPORTED_ON), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_imports_at_once(tmp_path):
    """Two imports of which one is lost, or that make the store twice."""
    layouts = ("plain-days", "plain-posts", "plain-counts")
    files = [write_sample(tmp_path, layout, n=50) for layout in layouts]
    store, turns = tmp_path / "both.duckdb", tmp_path / "turns.duckdb"
    started = [command(store, path) for path in files]
    for process in started:
        said, problem = process.communicate()
        assert process.returncode == 0, said + problem
    for path in files:
        process = command(turns, path)
        process.communicate()
        assert process.returncode == 0
    assert everything(store) == everything(turns)


def test_import_while_a_notebook_holds_the_store(tmp_path):
    """A wait without end, or a refusal that does not say which process to close."""
    store = tmp_path / "held.duckdb"
    first, second = (
        write_sample(tmp_path, layout, n=20) for layout in ("plain-days", "plain-posts")
    )
    assert command(store, first).wait() == 0
    held = everything(store)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(1); input()"
    notebook = subprocess.Popen(
        [sys.executable, "-u", "-c", code, str(store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert notebook.stdout.readline().strip() == "1"
    process = command(store, second)
    said, problem = process.communicate()
    notebook.communicate("\n")
    assert process.returncode == 2
    assert f"process {notebook.pid}" in said + problem
    assert "Kernel, Shut Down" in said + problem
    assert everything(store) == held
    process = command(store, second)
    assert json.loads(process.communicate()[0])
    assert len(everything(store)["log"]) == 2


def test_a_reader_between_two_imports(tmp_path):
    """A notebook's reading that blocks the next import although it has closed the store."""
    store = tmp_path / "read.duckdb"
    for layout in ("plain-days", "plain-posts"):
        take_plain(store, write_sample(tmp_path, layout, n=5))
        with duckdb.connect(str(store), read_only=True) as connection:
            assert connection.execute("SELECT count(*) FROM import_log").fetchone()[0]


def take_plain(store: Path, path: Path) -> None:
    """Import a plain CSV, whose rows name their channels."""
    reports = list(
        import_files(store, [path], read=lambda file: read_source(open_sample(file, "")))
    )
    assert [report.outcome for report in reports] == ["imported"]
