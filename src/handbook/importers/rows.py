"""Rows of a grid that a file holds in whole."""

from __future__ import annotations

from typing import Any

from handbook.importers.source import Grid
from handbook.schema import Reading


def place(grid: Grid, number: int) -> str:
    """Return where a row stands, for the reason that it is rejected with."""
    return f"sheet {grid.sheet!r}, row {number}" if grid.sheet else f"row {number}"


def whole_rows(grid: Grid, reading: Reading) -> list[tuple[int, list[Any]]]:
    """Return the rows that have a cell under each header; others are rejected with a reason."""
    width = max((i for i, header in enumerate(grid.headers, start=1) if header), default=0)
    whole = []
    for number, cells in grid.rows:
        if len(cells) < width:
            found = f"only {len(cells)} of {width} cells: the file is cut short there"
        elif any(str(cell).strip() for cell in cells[width:]):
            found = f"{len(cells)} cells under {width} headers: a comma in it is not quoted"
        else:
            whole.append((number, cells))
            continue
        reading.rejected.append(f"{place(grid, number)}: {found}")
    return whole
