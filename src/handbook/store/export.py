"""The canonical tables as files for other tools: Parquet, and CSV safe for spreadsheets."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from handbook.database import WAIT_S
from handbook.errors import HandbookError
from handbook.schema import (
    CHANNEL,
    CHANNEL_DAY,
    COUNT_SERIES,
    IMPORT_LOG,
    METRIC_EXTRA,
    POST,
    POST_SNAPSHOT,
    Field,
    Table,
)
from handbook.store.tables import is_made_up, open_store

EXPORTED = (CHANNEL, CHANNEL_DAY, POST, POST_SNAPSHOT, COUNT_SERIES, METRIC_EXTRA, IMPORT_LOG)
"""What is exported; the rows of each import, and what was forgotten, stay in the store."""

NAME = "handbook-export"
"""Name of the data package, by which an earlier export is known."""

_PLATFORM = ("platform", "split_part(channel_id, ':', 1)")
_PARTITIONS = {
    CHANNEL_DAY.name: (_PLATFORM, ("year", "year(date)")),
    POST.name: (_PLATFORM,),
    POST_SNAPSHOT.name: (_PLATFORM, ("year", "year(observed_on)")),
    COUNT_SERIES.name: (("year", "year(at_utc)"),),
    METRIC_EXTRA.name: (("platform", "split_part(owner, ':', 1)"), ("year", "year(date)")),
}
"""Columns that the folders of a table's Parquet files are named after, and what they are of."""

_ROWS = 10_000
_MADE_UP = "Made-up data of a made-up university."
_STARTS = "=+\\-@＝＋－＠"
_RISKY = re.compile(rf"^[\s\"']*[{_STARTS}]|^[\t\r\n]|^\d{{16,}}$|^[\d.,]+[eE][+-]?\d+$")
_RISKY_INSIDE = re.compile(rf"([;\t\r\n])(?=[\s\"]*[{_STARTS}])")


@dataclass(frozen=True)
class Exported:
    """What `export_store` has written.

    Attributes
    ----------
    rows : dict of str to int
        Rows by table.
    files, size : int
        Number of files, and their bytes.
    """

    folder: Path
    rows: dict[str, int]
    files: int
    size: int


def export_store(
    store: Path, folder: Path, *, texts: bool = True, wait_s: float = WAIT_S
) -> Exported:
    """Write the canonical tables of a store into a folder.

    `parquet/<table>/` has them exactly, in folders by platform and year; `csv/<table>.csv` for
    people who open them in a spreadsheet program, where no cell can act as a formula;
    `datapackage.json` says what each file and column is.

    Parameters
    ----------
    store : Path
    folder : Path
        A new or empty folder, or an earlier export, which is replaced as a whole.
    texts : bool
        False: the texts of posts are left out.

    Raises
    ------
    HandbookError
        The folder has something else in it or cannot be written, or the store cannot be opened.
    """
    folder = folder.absolute()
    _refuse_foreign(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise HandbookError(f"{folder} could not be made ({error.strerror}).") from None
    try:
        with open_store(store, wait_s=wait_s) as connection:
            rows = _write(connection, new, texts)
        files = [path for path in new.rglob("*") if path.is_file()]
        exported = Exported(folder, rows, len(files), sum(path.stat().st_size for path in files))
        new.chmod(0o755)
        old = new.with_name(f"{new.name}-old")
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise HandbookError(f"{folder} could not be written ({error.strerror}).") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return exported


def guard(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula or a number.

    An apostrophe is put before what begins like a formula, and before ids that would be rounded.
    The same is done inside a text after a semicolon, a tab or a line end: a program that
    separates cells by semicolons begins a new cell there, whatever quotes say.

    Examples
    --------
    >>> guard("=1+1"), guard("7123456789012345678"), guard("Open; @all"), guard("a-b = c")
    ("'=1+1", "'7123456789012345678", "Open;' @all", 'a-b = c')
    """
    text = _RISKY_INSIDE.sub(r"\1'", text)
    return f"'{text}" if _RISKY.search(text) else text


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder with anything in it that is not an earlier export."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise HandbookError(f"{folder} is a file. Name a folder.")
    names = {path.name for path in folder.iterdir()}
    try:
        described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        described = None
    ours = isinstance(described, dict) and described.get("name") == NAME
    foreign = names - {"datapackage.json", "README.md", "csv", "parquet"} if ours else names
    if foreign:
        raise HandbookError(
            f"{folder} has something else in it ({', '.join(sorted(foreign)[:3])}), which is not "
            "overwritten. Name a new or empty folder, or that of an earlier export."
        )


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, texts: bool) -> dict[str, int]:
    connection.execute("SET threads = 1")
    connection.execute("SET TimeZone = 'UTC'")
    made_up = is_made_up(connection)
    (folder / "csv").mkdir()
    rows, resources = {}, []
    for table in EXPORTED:
        fields = [field for field in table.fields if texts or field.name != "text"]
        (rows[table.name],) = connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
        file = folder / "csv" / f"{'made-up-' if made_up else ''}{table.name}.csv"
        _write_csv(connection, table, fields, file)
        parts = _write_parquet(connection, table, fields, folder / "parquet" / table.name)
        resources += [
            _describe_csv(table, fields, file, rows[table.name]),
            _describe_parquet(table, fields, [part.relative_to(folder) for part in parts]),
        ]
    (last,) = connection.execute("SELECT max(date) FROM channel_day").fetchone()
    title = "Channel figures from the Social Media Handbook"
    package = {
        "profile": "data-package",
        "name": NAME,
        "title": f"{title}: {_MADE_UP.lower()}" if made_up else title,
        "description": " ".join([*([_MADE_UP] if made_up else []), _ABOUT]),
        "made_up": made_up,
        "created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "last_day": last and last.isoformat(),
        "resources": resources,
    }
    text = json.dumps(package, indent=1, ensure_ascii=False)
    (folder / "datapackage.json").write_text(f"{text}\n", encoding="utf-8")
    note = f"**{_MADE_UP}**\n\n" if made_up else ""
    (folder / "README.md").write_text(f"# {title}\n\n{note}{_README}", encoding="utf-8")
    return rows


_ABOUT = (
    "The canonical tables: per column the newest value of all imports that is not missing. "
    "A missing value is missing, never zero. Reach and unique visitors must not be summed over "
    "days."
)
_README = """`datapackage.json` says what each file and each column is, with its unit.

- `parquet/` has the exact values, in folders by platform and year. DuckDB reads it with
  `SELECT * FROM read_parquet('parquet/channel_day/**/*.parquet', hive_partitioning = true)`,
  Spark with `spark.read.parquet("parquet/channel_day")`, BigQuery as hive-partitioned files.
- `csv/` is for spreadsheet programs. A text that might act as a formula there, and an id that
  would be rounded, has an apostrophe before it; the same inside a text, after a semicolon, a tab
  or a line end.

A missing value is missing, never zero. Times are UTC, rates are fractions.
Reach and unique visitors must not be summed over days.
"""


def _write_csv(
    connection: duckdb.DuckDBPyConnection, table: Table, fields: list[Field], path: Path
) -> None:
    found = connection.execute(_select(table, fields))
    guarded = [field.type == "string" for field in fields]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        writer.writerow([field.name for field in fields])
        while batch := found.fetchmany(_ROWS):
            for row in batch:
                writer.writerow(map(_cell, row, guarded))


def _cell(value: Any, guarded: bool) -> Any:
    if value is None:
        return ""
    if guarded:
        return guard(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}Z"
    return value.isoformat() if isinstance(value, date) else value


def _select(table: Table, fields: list[Field]) -> str:
    names = ", ".join(f'"{field.name}"' for field in fields)
    order = ", ".join(f'"{name}"' for name in table.key)
    return f"SELECT {names} FROM {table.name} ORDER BY {order}"


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, table: Table, fields: list[Field], folder: Path
) -> list[Path]:
    """Write a table as Parquet: times as UTC instants, so that no tool takes them for local."""
    columns = [
        f'timezone(\'UTC\', "{field.name}") AS "{field.name}"'
        if field.type == "datetime"
        else f'"{field.name}"'
        for field in fields
    ]
    partitions = _PARTITIONS.get(table.name, ())
    columns += [f"{of} AS {name}" for name, of in partitions]
    order = ", ".join(f'"{name}"' for name in table.key)
    query = f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {order}"
    (some,) = connection.execute(f"SELECT count(*) > 0 FROM {table.name}").fetchone()
    options, target = "FORMAT parquet, COMPRESSION zstd", folder
    if partitions and some:
        names = ", ".join(name for name, _ in partitions)
        options += f", PARTITION_BY ({names}), FILENAME_PATTERN 'part-{{i}}'"
        folder.parent.mkdir(exist_ok=True)
    else:
        folder.mkdir(parents=True)
        target = folder / "part-0.parquet"
    literal = str(target).replace("'", "''")
    connection.execute(f"COPY ({query}) TO '{literal}' ({options})")
    return sorted(folder.rglob("*.parquet"))


def _describe_csv(table: Table, fields: list[Field], path: Path, rows: int) -> dict[str, Any]:
    data = path.read_bytes()
    return {
        "name": f"{table.name}-csv",
        "path": f"csv/{path.name}",
        "profile": "tabular-data-resource",
        "title": table.name,
        "description": f"{table.description} Safe for spreadsheets: see README.md.",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "rows": rows,
        "dialect": {"header": True, "delimiter": ",", "lineTerminator": "\r\n"},
        "schema": _schema(table, fields),
    }


def _describe_parquet(table: Table, fields: list[Field], paths: list[Path]) -> dict[str, Any]:
    partitions = [
        {"name": name, "type": "integer" if name == "year" else "string"}
        for name, _ in _PARTITIONS.get(table.name, ())
    ]
    return {
        "name": f"{table.name}-parquet",
        "path": [path.as_posix() for path in paths],
        "profile": "data-resource",
        "title": table.name,
        "description": f"{table.description} The exact values.",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "partitions": partitions,
        "schema": _schema(table, fields),
    }


def _schema(table: Table, fields: list[Field]) -> dict[str, Any]:
    described = [
        {"name": field.name, "type": field.type, "description": field.description}
        | ({"unit": field.unit} if field.unit else {})
        for field in fields
    ]
    return {"fields": described, "primaryKey": list(table.key), "missingValues": [""]}
