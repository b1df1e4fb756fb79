"""Rows by the million: a list of rows that keeps them column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

from handbook.schema import Reading, Table

_LOOSE = 4_000
"""Rows that are kept as they came."""

_ABSENT: Any = object()


class Many(Sequence[dict[str, Any]]):
    """A list of rows that takes a fraction of the memory of a dict for each.

    A row that has been added is not to be changed any more: what comes out may be a copy.
    """

    def __init__(self, rows: Iterable[dict[str, Any]] = ()) -> None:
        self._columns: dict[str, list[Any]] = {}
        self._packed = 0
        self._loose: list[dict[str, Any]] = []
        self.extend(rows)

    def __len__(self) -> int:
        return self._packed + len(self._loose)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def append(self, row: dict[str, Any]) -> None:
        """Add a row."""
        self._loose.append(row)
        if len(self._loose) >= _LOOSE:
            self._pack()

    def extend(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows."""
        if isinstance(rows, Many) and not self:
            self._columns, self._packed, self._loose = rows._columns, rows._packed, rows._loose
            return
        for row in rows:
            self.append(row)

    def clear(self, name: str) -> None:
        """Take a column for missing in all rows."""
        self._columns[name] = [None] * self._packed
        for row in self._loose:
            row[name] = None

    def _pack(self) -> None:
        for name in dict.fromkeys(name for row in self._loose for name in row):
            column = self._columns.setdefault(name, [_ABSENT] * self._packed)
            column += [row.get(name, _ABSENT) for row in self._loose]
        self._packed += len(self._loose)
        self._loose.clear()
        for column in self._columns.values():
            column += [_ABSENT] * (self._packed - len(column))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self), _LOOSE):
            yield from self[start : start + _LOOSE]

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            place = range(len(self))[index]
            return self[place : place + 1][0]
        if not self._packed:
            return self._loose[index]
        start, stop, step = index.indices(len(self))
        names = list(self._columns)
        rows = [
            {name: value for name, value in zip(names, row, strict=True) if value is not _ABSENT}
            for row in zip(*(self._columns[name][start:stop] for name in names), strict=True)
        ]
        rows += self._loose[max(start - self._packed, 0) : max(stop - self._packed, 0)]
        return rows[::step]

    def __delitem__(self, index: slice) -> None:
        if not self._packed:
            del self._loose[index]
            return
        self._pack()
        for column in self._columns.values():
            del column[index]
        self._packed = min(map(len, self._columns.values()), default=0)


def many(reading: Reading, table: Table) -> Many:
    """Return the rows of a table in a reading, ready to become very many."""
    rows = reading.rows.get(table.name, [])
    if not isinstance(rows, Many):
        rows = reading.rows[table.name] = Many(rows)
    return rows
