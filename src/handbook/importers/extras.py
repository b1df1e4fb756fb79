"""Columns that no canonical table has: numbers are kept, anything else is reported."""

from __future__ import annotations

from typing import Any

from handbook.errors import HandbookError
from handbook.importers.many import Many, many
from handbook.importers.source import Cell, Grid
from handbook.schema import METRIC_EXTRA, Reading


class Extras:
    """Gather the unknown columns of one grid into `metric_extra`.

    A column that holds anything but numbers is not kept at all: it may name people. The report
    then names the column, never what stands in it.
    """

    def __init__(self, reading: Reading, grid: Grid) -> None:
        self.reading = reading
        self.grid = grid
        self._rows: dict[str, Many] = {}
        self._unread: set[str] = set()

    def add(self, cell: Cell, *, unit: str | None = None, **owner: Any) -> None:
        """Keep a cell; `owner` is date=… or post_id=…, and category=… where there is one."""
        if not cell.column or cell.column in self._unread:
            return
        try:
            value = cell.number()
        except HandbookError:
            self._unread.add(cell.column)
            self._rows.pop(cell.column, None)
            return
        if value is not None:
            row = {"name": cell.column, "category": "", "value": value, "unit": unit or _unit(cell)}
            self._rows.setdefault(cell.column, Many()).append(row | owner)

    def finish(self) -> None:
        """Add what was gathered to the reading, and a warning for each column not kept."""
        if self._rows:
            kept = many(self.reading, METRIC_EXTRA)
        while self._rows:
            kept.extend(self._rows.pop(next(iter(self._rows))))
        where = f"sheet {self.grid.sheet!r}: " if self.grid.sheet else ""
        for column in sorted(self._unread):
            self.reading.warnings.append(
                f"{where}column {column!r} is not known, holds no numbers, and was not kept"
            )


def _unit(cell: Cell) -> str:
    header = cell.column.casefold()
    if "%" in header:
        return "percent"
    return "fraction" if "rate" in header.split() else "count"
