"""Spreadsheets written as XML text (SpreadsheetML 2003), which exports name .xls."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.parsers import expat

_NS = "urn:schemas-microsoft-com:office:spreadsheet "
_NAMES = {
    f"{_NS}Data": "Data",
    **{f"{space}{name}": name for name in ("Cell", "Row", "Worksheet") for space in (_NS, "")},
}
_INDEX, _MERGED, _TYPE = f"{_NS}Index", f"{_NS}MergeAcross", f"{_NS}Type"
_MOST_COLUMNS = 16_384


class Broken(Exception):
    """Why it cannot be read."""


def read(data: bytes, most_cells: int) -> dict[str, list[list[Any]]]:
    """Read all sheets: rows of cells by sheet name.

    Numbers become int or float, dates datetime, everything else text.

    Raises
    ------
    Broken
        It is no XML, declares entities or a document type, or has more than `most_cells` cells.
    """
    sheets = _Sheets(most_cells)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = sheets.start
    parser.EndElementHandler = sheets.end
    parser.CharacterDataHandler = sheets.text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Broken(str(error)) from None
    if not sheets.rows_of:
        raise Broken("there is no sheet in it")
    return sheets.rows_of


def _refuse_doctype(*_: Any) -> None:
    raise Broken("it declares entities, which no export does")


class _Sheets:
    """What has been read so far.

    Attributes
    ----------
    rows_of : dict of str to list
        Rows of cells by sheet name.
    """

    def __init__(self, most_cells: int) -> None:
        self.rows_of: dict[str, list[list[Any]]] = {}
        self.most_cells = most_cells
        self.cells = 0
        self.rows: list[list[Any]] = []
        self.row: list[Any] = []
        self.cell: dict[str, str] = {}
        self.value: Any = None
        self.depth = 0
        self.kind: str | None = None
        self.pieces: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a sheet, row or cell, or the content of a cell: the first Data right in it."""
        self.depth += 1
        name = _NAMES.get(tag)
        if name == "Cell":
            self.cell, self.value, self.depth = attributes, None, 0
        elif name == "Data" and self.depth == 1 and self.value is None:
            self.kind, self.pieces = attributes.get(_TYPE), []
        elif name == "Row":
            gap = _gap(attributes.get(_INDEX), len(self.rows))
            self._count(gap)
            self.rows.extend([] for _ in range(gap))
            self.row = []
        elif name == "Worksheet":
            title = attributes.get(f"{_NS}Name") or f"{len(self.rows_of) + 1}"
            self.rows = self.rows_of.setdefault(title, [])

    def text(self, text: str) -> None:
        """Take what stands in a cell, with or without marks around its parts."""
        if self.pieces is not None:
            self.pieces.append(text)

    def end(self, tag: str) -> None:
        """End what has begun."""
        self.depth -= 1
        if self.pieces is not None and self.depth == 0:
            self.value, self.pieces = _value("".join(self.pieces), self.kind), None
            return
        name = _NAMES.get(tag)
        if name == "Cell":
            gap = _gap(self.cell.get(_INDEX), len(self.row))
            self._count(gap + 1)
            if len(self.row) + gap >= _MOST_COLUMNS:
                raise Broken(f"more than {self.most_cells:,} cells")
            if gap:
                self.row.extend([""] * gap)
            self.row.append("" if self.value is None else self.value)
            if merged := _gap(self.cell.get(_MERGED), -1):
                self.row.extend([""] * min(merged, _MOST_COLUMNS - len(self.row)))
        elif name == "Row":
            self.rows.append(self.row)

    def _count(self, more: int) -> None:
        self.cells += more
        if self.cells > self.most_cells:
            raise Broken(f"more than {self.most_cells:,} cells")


def _gap(index: str | None, length: int) -> int:
    """Return how many cells or rows are left out before the one with this index."""
    return max(int(index) - 1 - length, 0) if index else 0


def _value(text: str, kind: str | None) -> Any:
    if kind == "Number":
        try:
            return int(text)
        except ValueError:
            return float(text)
    if kind == "DateTime":
        return datetime.fromisoformat(text)
    return text
