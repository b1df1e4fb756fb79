"""Small stores of made-up channels, written by the ordinary importers."""

from __future__ import annotations

import csv
import tempfile
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from handbook.importers import read_file
from handbook.store import import_files
from handbook.store.tables import create_store

START = date(2026, 1, 5)
"""A Monday."""


def write_rows(path: Path, rows: list[dict]) -> Path:
    """Write rows as plain CSV; a column that a row lacks stays empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "empty.duckdb"
        create_store(store)
        return store.read_bytes()


def make_empty(store: Path) -> Path:
    """Make an empty store: a copy of one that was made before, which takes much less long."""
    store.write_bytes(_empty())
    return store


def make_store(folder: Path, days: list[dict] = (), posts: list[dict] = ()) -> Path:
    """Make a store of plain CSV rows in `folder`; without rows it is empty."""
    store = make_empty(folder / "small.duckdb")
    files = [
        write_rows(folder / f"{name}.csv", list(rows))
        for name, rows in (("days", days), ("posts", posts))
        if rows
    ]
    reports = list(import_files(store, files, read=read_file, exported_on=date(2026, 12, 1)))
    assert [report.reason for report in reports if report.outcome != "imported"] == []
    return store


def day_rows(channel_id: str, n_days: int, **measures: int) -> list[dict]:
    """Return `n_days` days from `START` on with the same measures."""
    return [
        {"channel_id": channel_id, "date": START + timedelta(number), **measures}
        for number in range(n_days)
    ]


def post_rows(channel_id: str, days: list[int], **measures: int) -> list[dict]:
    """Return a post on each of the days after `START`, observed on 1 July 2026."""
    return [
        {
            "channel_id": channel_id,
            "post_id": f"{number}",
            "observed_on": date(2026, 7, 1),
            "published_date": START + timedelta(day),
            "post_type": "text",
            **measures,
        }
        for number, day in enumerate(days)
    ]
