"""Spreadsheets written as XML text (SpreadsheetML 2003), which exports name .xls."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

_NS = "{urn:schemas-microsoft-com:office:spreadsheet}"
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
    sheets: dict[str, list[list[Any]]] = {}
    rows: list[list[Any]] = []
    row: list[Any] = []
    cells = 0
    try:
        for event, element in iterparse(io.BytesIO(data), ("start", "end"), forbid_dtd=True):
            tag = element.tag.removeprefix(_NS)
            if event == "start" and tag == "Worksheet":
                rows = sheets.setdefault(element.get(f"{_NS}Name") or f"{len(sheets) + 1}", [])
            elif event == "start" and tag == "Row":
                gap = _gap(element.get(f"{_NS}Index"), len(rows))
                cells += gap
                if cells > most_cells:
                    raise Broken(f"more than {most_cells:,} cells")
                rows.extend([] for _ in range(gap))
                row = []
            elif event == "end" and tag == "Cell":
                gap = _gap(element.get(f"{_NS}Index"), len(row))
                cells += gap + 1
                if cells > most_cells or len(row) + gap >= _MOST_COLUMNS:
                    raise Broken(f"more than {most_cells:,} cells")
                row.extend([""] * gap)
                row.append(_value(element.find(f"{_NS}Data")))
                merged = _gap(element.get(f"{_NS}MergeAcross"), -1)
                row.extend([""] * min(merged, _MOST_COLUMNS - len(row)))
            elif event == "end" and tag == "Row":
                rows.append(row)
                element.clear()
    except DefusedXmlException:
        raise Broken("it declares entities, which no export does") from None
    except (ParseError, LookupError, ValueError) as error:
        raise Broken(str(error)) from None
    if not sheets:
        raise Broken("there is no sheet in it")
    return sheets


def _gap(index: str | None, length: int) -> int:
    """Return how many cells or rows are left out before the one with this index."""
    return max(int(index) - 1 - length, 0) if index else 0


def _value(element: Any) -> Any:
    if element is None:
        return ""
    text = "".join(element.itertext())
    kind = element.get(f"{_NS}Type")
    if kind == "Number":
        try:
            return int(text)
        except ValueError:
            return float(text)
    if kind == "DateTime":
        return datetime.fromisoformat(text)
    return text
