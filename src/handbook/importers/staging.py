"""Very large exports, read by DuckDB: for files in which every cell is as usual.

DuckDB parses a file in a fraction of the time that Python needs, but it knows no row numbers and
no reasons, and passes over damage that must be told. So it is only asked whether a file is as
usual throughout: each cell is what its column has in millions of others, and the cells account
for every byte of the file. If not, `Unusual` is raised, and the file is read part by part, as
`columns` does it. Both ways say the same.
"""

from __future__ import annotations

import re
import tempfile
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pandas as pd

from handbook.importers.columns import ROWS_AT_ONCE, Columns
from handbook.importers.source import MISSING, Grid, SourceFile, normalise
from handbook.schema import Staged

STAGED_FROM = 16_000_000
"""Bytes from which on a file is tried."""

_CONFIG = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "500MB",
}
_LONGEST_CELL = 131_072
"""Longer ones are damage to Python's reader of CSV."""

_BETWEEN = "\x1f"
_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?"
_ABSENT = "|".join(re.escape(token) for token in sorted(MISSING - {"", "nan"}))
_NUMBERS = f"(?:{_BETWEEN}(?:{_NUMBER}|(?i:{_ABSENT}))?)*"
"""Cells that DuckDB and `Cell.number` understand alike."""

_EXACT = 2**53
_MARKS = '"\r\n'
_QUOTED = r'[",\r\n]'
_CHUNK = 4_000_000


class Unusual(Exception):
    """The file must be read part by part."""


class Staging:
    """A file on its way into a DuckDB file of its own.

    As a context it removes what has been made when something goes wrong, and turns DuckDB's
    complaints into `Unusual`.

    Attributes
    ----------
    columns : Columns
        Of the file's first rows.
    rows : int
        How many rows have been read.

    Raises
    ------
    Unusual
        Its header is not the first row, or a column has none.
    """

    def __init__(self, file: SourceFile, grid: Grid) -> None:
        self.columns = Columns(grid)
        self.rows = 0
        self._file = file
        self._header = next(file.stream())
        headers = [normalise(header) for header in self._header]
        as_found = [normalise(header) for header in grid.headers]
        if not all(headers) or headers != as_found or '"' in "".join(self._header):
            raise Unusual

    def __enter__(self) -> Self:
        import duckdb

        self._complaint = duckdb.Error
        self._staged = Staged(Path(tempfile.mkdtemp(prefix="handbook-")))
        self._connection = duckdb.connect(str(self._staged.path), config=_CONFIG)
        self._connection.execute("PRAGMA force_compression = 'uncompressed'")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()
        if error is not None:
            self._staged.discard()
        if isinstance(error, self._complaint):
            raise Unusual from error

    def cell(self, name: str) -> str:
        """Return a known column's cells, in SQL."""
        return f"c{self.columns.known[name]}"

    def number(self, name: str) -> str:
        """Return the numbers in a column, by our name or else by header, in SQL."""
        return f"n{(self.columns.unknown | self.columns.known)[name]}"

    def read(
        self, texts: Mapping[str, str], fixed: Iterable[str], told: Mapping[str, str], usual: str
    ) -> None:
        """Read the file into the table `cells`.

        All columns that are neither in `texts` nor `fixed` are numbers.

        Parameters
        ----------
        texts : mapping of str to str
            Columns of the table that hold cells of any content, in SQL.
        fixed : iterable of str
            Cells, in SQL, to which `usual` leaves no freedom.
        told : mapping of str to str
            Columns of the table that are made of those, in SQL.
        usual : str
            What is so in every row, in SQL.
        """
        cells = [f"c{i}" for i in range(len(self._header))]
        worded = {*texts.values(), *fixed}
        numbers = [cell for cell in cells if cell not in worded]
        between = literal(_BETWEEN)
        joined = f"concat({between}, {f', {between}, '.join(numbers)})"
        conditions = [
            usual,
            f"regexp_full_match({joined}, {literal(_NUMBERS)})",
            *(f"coalesce(strlen({cell}), 0) <= {_LONGEST_CELL}" for cell in texts.values()),
        ]
        size = " + ".join(f"coalesce(strlen({cell}), 0)" for cell in worded)
        size += f" + strlen({joined}) - {len(numbers)}"
        columns = [f"{sql} AS {name}" for name, sql in (texts | told).items()]
        columns += [
            f"TRY_CAST(nullif(nullif({cell}, '-'), '') AS DOUBLE) AS n{cell[1:]}"
            for cell in numbers
        ]
        self._connection.execute(
            f"""CREATE TABLE cells AS SELECT {", ".join(columns)},
                    CASE WHEN {" AND ".join(conditions)} THEN {size}
                         ELSE error('unusual') END AS size
                FROM read_csv({literal(self._place())}, auto_detect = false, header = true,
                    delim = ',', quote = '"', escape = '"', strict_mode = true,
                    compression = 'none', hive_partitioning = false,
                    columns = {{{", ".join(f"'{cell}': 'VARCHAR'" for cell in cells)}}})"""
        )
        self._check_bytes(list(texts))

    def _place(self) -> str:
        """Return where DuckDB finds the file's bytes, under a name that is no pattern."""
        place = str(self._file.place(self._staged.folder))
        if set("*?[") & set(place):
            raise Unusual
        return place

    def _check_bytes(self, texts: list[str]) -> None:
        """Refuse a file that says more than has been read, or something else.

        Each kind of mark is counted for itself. Other columns than texts have none.
        """
        sums = [
            " + ".join(
                f"coalesce(sum(strlen({text}) - strlen(replace({text}, {literal(mark)}, ''))), 0)"
                for text in texts
            )
            for mark in _MARKS
        ]
        quoted = " + ".join(
            f"count(*) FILTER (regexp_matches({text}, {literal(_QUOTED)}))" for text in texts
        )
        found = self.ask("count(*)", "coalesce(sum(size), 0)", quoted, *sums)
        self.rows, size, quoted, *marks = map(int, found)
        lines, width = self.rows + 1, len(self._header)
        header = "".join(self._header)
        size += len(header.encode())
        quoted += sum(bool(re.search(_QUOTED, cell)) for cell in self._header)
        told = {m: n + header.count(m) for m, n in zip(_MARKS, marks, strict=True)}
        found = self._count_marks()
        ends = found["\n"] - told["\n"]
        if (
            ends != lines - found["unended"]
            or found["\r"] - told["\r"] not in (0, ends)
            or found['"'] - 2 * told['"'] not in (2 * lines * width, 2 * quoted)
            or found[_BETWEEN]
            or found["others"] != size - sum(told.values()) + lines * (width - 1)
        ):
            raise Unusual

    def _count_marks(self) -> Counter[str]:
        """Return how often each mark stands in the file, and how many other bytes do."""
        found: Counter[str] = Counter()
        last = b"\n"
        with self._file.open() as file:
            found["others"] = -len(BOM_UTF8) if self._file.head.startswith(BOM_UTF8) else 0
            while chunk := file.read(_CHUNK):
                values = np.frombuffer(chunk, np.uint8)
                for mark in (*_MARKS, _BETWEEN):
                    count = int(np.count_nonzero(values == ord(mark)))
                    found[mark] += count
                    found["others"] -= count
                found["others"] += len(chunk)
                last = chunk[-1:]
        found["unended"] = int(last != b"\n")
        return found

    def ask(self, *asked: str, cells: str = "cells") -> tuple[Any, ...]:
        """Return aggregates of `cells`, or of them joined with other tables."""
        (found,) = self._connection.execute(f"SELECT {', '.join(asked)} FROM {cells}").fetchall()
        return found

    def check_numbers(self, names: Sequence[str], counts: Iterable[str]) -> list[str]:
        """Refuse numbers that a table cannot hold; return the columns that have any.

        Parameters
        ----------
        names : sequence of str
            Columns of numbers, by our names or by headers.
        counts : iterable of str
            Those that are of whole numbers.
        """
        counts = set(counts)
        fits = [
            f"bool_and(abs({n}) < {_EXACT}" + (f" AND {n} = floor({n}))" if name in counts else ")")
            for name, n in zip(names, map(self.number, names), strict=True)
        ]
        found = self.ask(*fits)
        if False in found:
            raise Unusual
        return [name for name, fit in zip(names, found, strict=True) if fit]

    def convert(
        self, table: str, query: str, types: Mapping[str, str], convert: Callable[[Any], tuple]
    ) -> None:
        """Make a table by Python: a query's first column, and what becomes of its second.

        Parameters
        ----------
        types : mapping of str to str
            Columns of the table, and their types in DuckDB.
        convert : callable
            Gets a value, and gives those of all columns but the first.
        """
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        self._connection.execute(f"CREATE TABLE {table} ({columns})")
        asking = self._connection.cursor()
        asking.execute(query)
        while part := asking.fetchmany(ROWS_AT_ONCE):
            rows = [(key, *convert(value)) for key, value in part]
            self._connection.register("part", pd.DataFrame(rows, columns=list(types), dtype=object))
            self.add(table, "SELECT * FROM part")
        asking.close()

    def add(self, table: str, query: str) -> None:
        """Add rows to a table that `convert` has made."""
        self._connection.execute(f"INSERT INTO {table} {query}")

    def finish(self, tables: Mapping[str, str], days: tuple[date, ...]) -> Staged:
        """Return what has been read, with a query for each canonical table; see `Staged`."""
        for table, query in tables.items():
            self._connection.execute(f"CREATE VIEW {table} AS {query}")
        self._staged.tables = tuple(tables)
        self._staged.days = days
        self._staged.has_texts = bool(
            self._connection.execute("SELECT 1 FROM post WHERE text IS NOT NULL LIMIT 1").fetchall()
        )
        return self._staged


def literal(text: str) -> str:
    """Return a text in SQL."""
    return "'" + text.replace("'", "''") + "'"
