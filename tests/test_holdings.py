"""Many files in one import say what each of them says in an import of its own."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importers import samples
from importers.samples import START, write_csv, write_xlsx, x

from handbook.importers import SourceFile, read_source
from handbook.schema import TABLES
from handbook.store import forget, import_files, open_store

LATER = START + timedelta(days=2)
OWN = f"x:{x.HANDLE}"
DAYS = "channel_id,date,clicks"


@pytest.fixture(scope="module")
def pool(tmp_path_factory) -> list[Path]:
    """Files that find, make, move, refuse and repeat channels and imports."""
    folder = tmp_path_factory.mktemp("pool")

    def write(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    two = x.tweets(2, base=20) + x.tweets(3, LATER, base=30, handle="other")[1:]
    return [
        write(f"{x.HANDLE} days.csv", x.encode(x.overview(5))),
        write("tweets.csv", x.encode(x.tweets(4))),
        write("tweets of two.csv", x.encode(two)),
        write("content.csv", x.encode(x.content(4, LATER))),
        write("copy of other days.csv", x.encode(x.overview(5))),
        write("more days.csv", x.encode(x.overview(5, START + timedelta(days=20)))),
        write("most days.csv", x.encode(x.overview(5, START + timedelta(days=40)))),
        write_csv(folder / "days.csv", DAYS, [f"{OWN},2026-01-0{i},{i}" for i in range(1, 6)]),
        write_csv(folder / "not.csv", DAYS, [f"{OWN},2026-01-0{i},77" for i in range(1, 6)]),
        write_xlsx(folder / "linkedin.xlsx", samples.content(4, 4)),
        write_xlsx(folder / "strange.xlsx", _with_other_posts(samples.content(4, 4))),
        write_xlsx(folder / "followers.xlsx", samples.followers(4)),
        write("nothing.csv", b"Nothing,of,ours\n1,2,3\n"),
    ]


def _with_other_posts(sheets: samples.Sheets) -> samples.Sheets:
    """Posts of the same days under other ids: another channel's, which is found out late."""
    return {name: [[_other(cell) for cell in row] for row in rows] for name, rows in sheets.items()}


def _other(cell: object) -> object:
    if not (isinstance(cell, str) and "urn:li:" in cell):
        return cell
    head, _, number = cell.rpartition(":")
    return f"{head}:{int(number) + 1}"


def run(store: Path, paths: list[Path]) -> list[tuple]:
    """Import files at once; what is said of each."""
    reports = import_files(store, paths, read=lambda path: read_source(SourceFile(path)))
    return [
        (r.name, r.outcome, r.reason, r.import_id, r.channel_id, r.kept, r.warnings)
        for r in reports
    ]


def everything(store: Path) -> dict[str, list[tuple]]:
    """All rows of all tables, but for the times at which they came."""
    with open_store(store) as connection:
        return {
            table.name: connection.execute(
                f"SELECT * EXCLUDE ({gone}) FROM {table.name} ORDER BY ALL"
                if (gone := {"import_log": "imported_at, undone_at"}.get(table.name))
                else f"FROM {table.name} ORDER BY ALL"
            ).fetchall()
            for table in TABLES
            if table.name != "forgotten"
        }


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_at_once_is_one_by_one(pool, tmp_path_factory, data):
    """What the store is remembered to hold, when it holds something else by now."""
    paths = data.draw(st.lists(st.sampled_from(pool), min_size=3, max_size=8))
    gone = data.draw(st.sampled_from([None, (OWN, None), (OWN, "post")]))
    folder = tmp_path_factory.mktemp("law")
    at_once, one_by_one = folder / "at_once.duckdb", folder / "one_by_one.duckdb"
    run(at_once, [write_csv(folder / "base.csv", DAYS, ["x:base,2026-01-01,1"])])
    if gone:
        channel, post = gone
        forget(at_once, channel=channel, posts=[x.post_id(x.moment(1), 1)] if post else [])
    shutil.copy(at_once, one_by_one)
    said = [told for path in paths for told in run(one_by_one, [path])]
    assert run(at_once, paths) == said
    assert everything(at_once) == everything(one_by_one)


def test_the_pool_has_what_it_should(pool, tmp_path):
    """A law that holds because nothing of the kind ever happens in its files."""
    said = run(tmp_path / "a.duckdb", [*pool, *pool])
    outcomes = {outcome for _, outcome, *_ in said}
    assert outcomes == {"imported", "unchanged", "refused"}
    reasons = " ".join(str(reason) for _, _, reason, *_ in said if reason)
    assert "none is in both" in reasons
    assert "says other numbers" in reasons
    warnings = " ".join(warning for *_, warnings in said for warning in warnings)
    assert "was put together with" in warnings
    assert "(assumed) before, and moved" in warnings
    assert "already stand under" in warnings
    assert {told[4] for told in said} >= {OWN, "x:other", "linkedin:unnamed", "x:unnamed"}
