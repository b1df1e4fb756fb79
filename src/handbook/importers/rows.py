"""Rows of a grid: where they stand, which are whole, and which say what stood before."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from handbook.importers.source import Grid
from handbook.schema import Reading


def place(grid: Grid, number: int) -> str:
    """Return where a row stands, for the reason that it is rejected with."""
    return f"sheet {grid.sheet!r}, row {number}" if grid.sheet else f"row {number}"


class Seen:
    """What earlier rows have said, a few bytes for each."""

    def __init__(self) -> None:
        self._rows: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def before(self, key: Hashable, number: int, told: Iterable[Hashable]) -> int | None:
        """Return the row in which `key` stood with something else; 0 if it said the same.

        None: it has not stood before, and is remembered from now on.
        """
        this = number << 64 | hash(tuple(told)) & _HASH
        first = self._rows.setdefault(key, this)
        if first is this:
            return None
        return 0 if not (first ^ this) & _HASH else first >> 64


_HASH = 2**64 - 1


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
