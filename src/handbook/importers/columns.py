"""Tables read column by column, in parts: for exports that may have a million rows.

What a cell means stays with `Cell`: a column is parsed at once where all of its cells are plain
numbers, and by `Cell`, once for each distinct value, where they are not. So a large file says
the same as a small one, and a wrong cell gets the same error.

Examples
--------
In the reader of a platform::

    for grid in read_parts(file, LAYOUTS):         # one for a sheet; several for a large file
        columns = Columns(grid)
        likes = columns.counts("likes")            # an array; missing stays missing
        ids = columns.convert("post id", Cell.identifier)
        add(reading, POST_SNAPSHOT, {"post_id": ids, "reactions": likes, "period": "lifetime"})
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from handbook.errors import HandbookError
from handbook.importers.source import Cell, Grid, Layout, SourceFile, find_grid, normalise
from handbook.schema import METRIC_EXTRA, POST, Block, Reading, Table

ROWS_AT_ONCE = 25_000
"""Rows of a large file that are in memory at once as text."""

BLOCK_FROM = 10_000
"""Posts from which on they are kept as columns, and not as a dict each; days are never so many."""

_HEAD = 50
_MANY = 4
"""One in so many values must be another one before it pays to parse all of them at once."""

_EXACT = 2.0**53
_TEXT = np.dtypes.StringDType(na_object=None)


def read_parts(file: SourceFile, layouts: Sequence[Layout]) -> Iterator[Grid]:
    """Yield the tables of a file that have one of the layouts; a large one in parts."""
    if not file.streams:
        for sheet, rows in file.tables.items():
            if grid := find_grid(file, sheet, rows, layouts):
                yield grid
        return
    rows = file.stream()
    head = list(islice(rows, _HEAD))
    grid = find_grid(file, None, head, layouts)
    if grid is None:
        return
    yield grid
    first = len(head) + 1
    while part := list(islice(rows, ROWS_AT_ONCE)):
        numbered = enumerate(part, start=first)
        yield replace(
            grid,
            rows=[
                (n, cells)
                for n, cells in numbered
                if cells and (cells[0].strip() or any(map(str.strip, cells)))
            ],
        )
        first += len(part)


class Columns:
    """The columns of a grid.

    Rows that are cut short, or have cells beyond the last header, are left out.

    Attributes
    ----------
    rows : list of (int, list)
        Row number and cells of each whole row.
    rejected : list of str
        Why the other rows are left out.
    known, unknown : dict of str to int
        Where a column stands: by our name, and by header where we have no name for it.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rejected: list[str] = []
        width = max((i + 1 for i, header in enumerate(grid.headers) if header), default=0)
        self.rows = grid.rows
        if any(len(cells) != width for _, cells in grid.rows):
            self.rows = [row for row in grid.rows if self._is_whole(row, width)]
        self.known: dict[str, int] = {}
        self.unknown: dict[str, int] = {}
        for index, header in enumerate(grid.headers):
            name = grid.layout.targets.get(normalise(header))
            if name and name not in self.known:
                self.known[name] = index
            elif header:
                self.unknown[header] = index

    def __len__(self) -> int:
        return len(self.rows)

    def _is_whole(self, row: tuple[int, list[Any]], width: int) -> bool:
        number, cells = row
        if len(cells) < width:
            found = f"only {len(cells)} of {width} cells: the file is cut short there"
        elif any(str(cell).strip() for cell in cells[width:]):
            found = f"{len(cells)} cells under {width} headers: a comma or line end is not quoted"
        else:
            return True
        self.rejected.append(self.at(number, found))
        return False

    def at(self, number: int, reason: str) -> str:
        """Return a reason with the place that it is of."""
        sheet = f"sheet {self.grid.sheet!r}, " if self.grid.sheet else ""
        return f"{sheet}row {number}: {reason}"

    @cached_property
    def _values(self) -> list[tuple[Any, ...]]:
        return list(zip(*(cells for _, cells in self.rows), strict=False))

    def raw(self, name: str) -> Sequence[Any]:
        """Return the cells of a known column as they stand; None if the file does not have it."""
        index = self.known.get(name)
        if index is None or not self.rows:
            return [None] * len(self.rows)
        return self._values[index]

    def cell(self, number: int, index: int, value: Any) -> Cell:
        """Return one cell, for what needs its place."""
        grid = self.grid
        return Cell(grid.file, grid.sheet, number, grid.headers[index], value, grid.numbers)

    def convert(self, name: str, convert: Callable[[Cell], Any]) -> list[Any]:
        """Return a known column, converted; missing values if the file does not have it."""
        index = self.known.get(name)
        if index is None or not self.rows:
            return [None] * len(self.rows)
        return self._convert(index, convert)

    def _convert(self, index: int, convert: Callable[[Cell], Any]) -> list[Any]:
        values = self._values[index]
        converted = self._convert_distinct(index, convert)
        return [converted[value] for value in values]

    def _convert_distinct(self, index: int, convert: Callable[[Cell], Any]) -> dict[Any, Any]:
        """Return what each value becomes, in the order in which they first stand."""
        values = self._values[index]
        converted = dict.fromkeys(values)
        for value in converted:
            try:
                converted[value] = convert(self.cell(0, index, value))
            except HandbookError:
                number, _ = self.rows[values.index(value)]
                convert(self.cell(number, index, value))
                raise
        return converted

    def counts(self, name: str) -> pd.api.extensions.ExtensionArray:
        """Return a known column as whole numbers, some of which may be missing."""
        return self._numbers(self.known[name], Cell.count, "Int64")

    def numbers(self, name: str) -> pd.api.extensions.ExtensionArray:
        """Return a known column as numbers, some of which may be missing."""
        return self._numbers(self.known[name], Cell.number, "Float64")

    def numbers_of_unknown(self, header: str) -> pd.api.extensions.ExtensionArray | None:
        """Return the numbers of an unknown column; None if it holds anything else."""
        try:
            return self._numbers(self.unknown[header], Cell.number, "Float64")
        except HandbookError:
            return None

    def _numbers(
        self, index: int, convert: Callable[[Cell], Any], dtype: str
    ) -> pd.api.extensions.ExtensionArray:
        if not self.rows:
            return pd.array([], dtype=dtype)
        values = self._values[index]
        if values[0] == values[-1] and values.count(values[0]) == len(values):
            one = convert(self.cell(self.rows[0][0], index, values[0]))
            return pd.array([one], dtype=dtype).repeat(len(values))
        plain = None
        if self.grid.numbers != "continental" and len(set(values)) * _MANY > len(values):
            plain = self._plain_numbers(values)
        if plain is not None and dtype == "Float64":
            return pd.array(plain, dtype=dtype)
        if plain is not None and (plain == np.floor(plain)).all():
            return pd.array(plain.astype(np.int64), dtype=dtype)
        converted = self._convert_distinct(index, convert)
        places = {value: place for place, value in enumerate(converted)}
        at = np.fromiter(map(places.__getitem__, values), np.intp, len(values))
        return pd.array(list(converted.values()), dtype=dtype).take(at)

    @staticmethod
    def _plain_numbers(values: Sequence[Any]) -> np.ndarray | None:
        """Return text cells as numbers if all of them are plain ones that floats hold exactly."""
        try:
            joined = "".join(values)
            if "_" in joined or not joined.isascii():
                return None
            numbers = np.fromiter(map(float, values), np.float64, len(values))
        except (TypeError, ValueError):
            return None
        return numbers if (np.abs(numbers) < _EXACT).all() else None


def add(
    reading: Reading,
    table: Table,
    columns: dict[str, Any],
    *,
    metrics: dict[str, tuple[Any, str]] | None = None,
    days: Sequence[date] = (),
) -> None:
    """Add rows to a reading, column by column; see `Block`."""
    length = next(len(values) for values in columns.values() if not isinstance(values, str))
    metrics = {h: told for h, told in (metrics or {}).items() if not told[0].isna().all()}
    if not length or (table is METRIC_EXTRA and not metrics):
        return
    if length >= BLOCK_FROM and "post_id" in columns:
        between = (min(days), max(days)) if len(days) else None
        types = {field.name: field.type for field in (*table.fields, POST["post_id"])}
        compact = {
            name: values if isinstance(values, str) else _compact(values, types[name])
            for name, values in columns.items()
        }
        reading.blocks.append(Block(table.name, compact, between, metrics))
        return
    lists = {
        name: [values] * length if isinstance(values, str) else _list(values)
        for name, values in columns.items()
    }
    rows = [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]
    if table is METRIC_EXTRA:
        told = {header: _list(values) for header, (values, _) in metrics.items()}
        rows = [
            {"name": header, "category": "", "value": values[i], "unit": metrics[header][1], **row}
            for i, row in enumerate(rows)
            for header, values in told.items()
            if values[i] is not None
        ]
    reading.rows.setdefault(table.name, []).extend(rows)


def share(texts: list[str]) -> Any:
    """Return a column of several tables in the form that `add` keeps: it is then kept once."""
    return _compact(texts, "string") if len(texts) >= BLOCK_FROM else texts


def _compact(values: Any, kind: str) -> Any:
    """Return a column as an array, which takes a fraction of a list's memory."""
    if kind in ("date", "datetime"):
        return np.asarray(values, dtype="datetime64[us]")
    return np.asarray(values, dtype=_TEXT) if kind == "string" else values


def _list(values: Any) -> list[Any]:
    if isinstance(values, pd.api.extensions.ExtensionArray):
        return values.to_numpy(dtype=object, na_value=None).tolist()
    if isinstance(values, np.ndarray):
        return values.astype(object).tolist()
    return list(values)
