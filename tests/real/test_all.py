"""Every real file in one import, and each of its columns against an independent reading."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from handbook.schema import CHANNEL_DAY, POST_SNAPSHOT

pytestmark = pytest.mark.real

CHANNELS = """pattern,channel_id
linkedin/*,linkedin:real-page
x/daily*,x:real-days
facebook-classic/*,facebook:real-classic
meta/*(1).csv,instagram:real-account
meta/*/[AFIRV]*s.csv,facebook:real-page
meta/*/Audience.csv,facebook:real-page
meta/*/Reach.csv,facebook:real-page
tiktok/*,tiktok:real-account
youtube/ethio*,youtube:real-one
youtube/pune*,youtube:real-two
"""
"""Whose the files are that do not say it themselves."""

MISSING = {"", "-", "--", "nan", "undefined", "none"}
SCALES = (1, 3600, 0.001, 0.01)
"""A column is kept as it is, in seconds where it was in hours or milliseconds, or as a fraction."""


@pytest.fixture(scope="module")
def imported(real_exports, tmp_path_factory):
    """A store of all files, and the report that a machine reads."""
    folder = tmp_path_factory.mktemp("all")
    exports = folder / "exports"
    shutil.copytree(real_exports, exports, copy_function=shutil.copyfile)
    for path in (exports, *exports.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (exports / "channels.csv").write_text(CHANNELS, encoding="utf-8")
    store = folder / "all.duckdb"
    done = subprocess.run(
        [sys.executable, "-m", "handbook", "import", "-r", str(exports), "--store", str(store)]
        + ["--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return exports, store, json.loads(done.stdout)


def files_of(exports: Path) -> list[Path]:
    """The files that are exports."""
    ours = ("README.md", "channels.csv")
    return sorted(p for p in exports.rglob("*") if p.is_file() and p.name not in ours)


def test_every_file_is_taken(imported):
    """A real file that is refused or passed over, or a row that is lost without a word."""
    exports, _, report = imported
    reports = report["files"]
    assert {Path(one["path"]).name for one in reports} == {p.name for p in files_of(exports)}
    assert [Path(name).name for name in report["passed_over"]] == ["README.md"]
    assert {one["outcome"] for one in reports} <= {"imported", "unchanged"}
    for one in reports:
        rows = one["rows"]
        assert rows["read"] == rows["kept"] + rows["dropped"] + rows["rejected"]
        assert rows["rejected"] == len(one["rejected"])
        assert rows["kept"] > 0


def test_every_number_is_there(imported):
    """A column of numbers that was lost, doubled, or read as something else."""
    exports, store, _ = imported
    lost = []
    with duckdb.connect(str(store), read_only=True) as connection:
        for path in files_of(exports):
            if path.name == "Audience.csv":
                continue
            kept = sums_in_store(connection, path)
            for column, total in sums_in_file(path).items():
                if not any(
                    math.isclose(total * scale, value, rel_tol=1e-6)
                    for value in kept
                    for scale in SCALES
                ):
                    lost.append((path.name, column, total))
    assert lost == []


def sums_in_store(connection: duckdb.DuckDBPyConnection, path: Path) -> list[float]:
    """Sums of all measures and extra metrics that came with a file."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    ids = [
        row[0]
        for row in connection.execute(
            "SELECT import_id FROM import_log WHERE sha256 = ?", [sha256]
        ).fetchall()
    ]
    assert ids, path.name
    found: list[Any] = []
    for table in (CHANNEL_DAY, POST_SNAPSHOT):
        numbers = [f.name for f in table.fields if f.type in ("integer", "number")]
        sums = ", ".join(f"sum({name})" for name in numbers)
        found += connection.execute(
            f"SELECT {sums} FROM {table.name}_import WHERE list_contains(?, import_id)", [ids]
        ).fetchone()
    for keys in ("name", "name, category", "category"):
        found += [
            row[0]
            for row in connection.execute(
                f"""SELECT sum(value) FROM metric_extra_import
                    WHERE list_contains(?, import_id) GROUP BY {keys}""",
                [ids],
            ).fetchall()
        ]
    found += connection.execute(
        "SELECT sum(duration_s) FROM post_import WHERE list_contains(?, import_id)", [ids]
    ).fetchone()
    return [float(value) for value in found if value is not None]


def sums_in_file(path: Path) -> dict[str, float]:
    """Sums of all columns of numbers, but for ids and those that are zero, read without us."""
    sums = {}
    for sheet, rows in tables_of(path).items():
        head = max(range(min(10, len(rows))), key=lambda i: (sum(map(bool, rows[i])), -i))
        body = [row for row in rows[head + 1 :] if any(row) and row[0] not in ("Total", "Gesamt")]
        body = [row for row in body if any(number(cell) is not None for cell in row)]
        for place, header in enumerate(rows[head]):
            cells = [row[place] for row in body if place < len(row)]
            values = [number(cell) for cell in cells if cell.casefold() not in MISSING]
            if header and values and None not in values and not header.lower().endswith("id"):
                total = math.fsum(values)
                if total:
                    sums[f"{sheet}{header} [{place}]"] = total
    return sums


def tables_of(path: Path) -> dict[str, list[list[str]]]:
    """Rows of cells by sheet, as text."""
    data = path.read_bytes()
    if data.startswith((b"\xd0\xcf\x11\xe0", b"PK")):
        book = CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_name
        return {
            f"{name}: ": [[str(c).strip() for c in row] for row in sheet(name).to_python()]
            for name in book.sheet_names
        }
    for codec in ("utf-16", "utf-8-sig", "cp1252"):
        try:
            text = data.decode(codec) if codec != "utf-16" or data[:2] == b"\xff\xfe" else None
        except UnicodeDecodeError:
            continue
        if text is not None:
            break
    return {"": [[c.strip() for c in row] for row in csv.reader(io.StringIO(text, newline=""))]}


def number(cell: str) -> float | None:
    """A plain number, or None."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
