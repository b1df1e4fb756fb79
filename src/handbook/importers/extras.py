"""Columns that no canonical table has: numbers are kept, anything else is reported."""

from __future__ import annotations

from functools import lru_cache
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
        self._rows = Many()
        self._unread: set[str] = set()

    def add(self, cell: Cell, *, unit: str | None = None, **owner: Any) -> None:
        """Keep a cell; `owner` is date=… or post_id=…, and category=… where there is one."""
        if not cell.column or cell.column in self._unread:
            return
        try:
            value = cell.number()
        except HandbookError:
            self._unread.add(cell.column)
            return
        if value is not None:
            unit = unit or _unit(cell.column)
            self._rows.append(
                {"name": cell.column, "category": "", "value": value, "unit": unit, **owner}
            )

    def finish(self) -> None:
        """Add what was gathered to the reading, and a warning for each column not kept."""
        if self._rows:
            unread = self._unread
            kept = (row for row in self._rows if row["name"] not in unread)
            many(self.reading, METRIC_EXTRA).extend(kept if unread else self._rows)
        where = f"sheet {self.grid.sheet!r}: " if self.grid.sheet else ""
        for column in sorted(self._unread):
            self.reading.warnings.append(
                f"{where}column {column!r} is not known, holds no numbers, and was not kept"
            )


@lru_cache(maxsize=1_000)
def _unit(header: str) -> str:
    if "%" in header:
        return "percent"
    return "fraction" if "rate" in header.casefold().split() else "count"
