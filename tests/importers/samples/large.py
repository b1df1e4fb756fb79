"""Workbooks that take little room and want much memory, written byte by byte."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path

from importers.samples import VISITORS_HEADER, american, days
from importers.samples.compound import compound

_ROWS, _COLUMNS = 65_000, 250


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def write_xls(path: Path, cells: int = 8_000_000) -> Path:
    """Write a .xls full of numbers, several sheets of them."""
    rows = cells // _COLUMNS
    begin = struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6)
    sheet_begin = struct.pack("<HHHHII", 0x0600, 0x10, 0x0DBB, 0x07CC, 0, 6)
    font = struct.pack("<HHHHHBBBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0, 5, 0) + b"Arial"
    style = struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    globals_ = _record(0x0809, begin) + _record(0x0031, font) * 4 + _record(0x00E0, style) * 16
    sheets = []
    for first in range(0, rows, _ROWS):
        body = [_record(0x0809, sheet_begin)]
        for row in range(min(_ROWS, rows - first)):
            numbers = [((row * _COLUMNS + column) << 2 | 2) & 0x3FFFFFFF for column in range(250)]
            pairs = [value for number in numbers for value in (15, number)]
            body.append(
                _record(
                    0x00BD,
                    struct.pack("<HH", row, 0)
                    + struct.pack("<" + "HI" * _COLUMNS, *pairs)
                    + struct.pack("<H", _COLUMNS - 1),
                )
            )
        sheets.append(b"".join([*body, _record(0x000A, b"")]))
    names = [f"Sheet{number}".encode() for number in range(len(sheets))]
    at = len(globals_) + sum(4 + 8 + len(name) for name in names) + 4
    for name, sheet in zip(names, sheets, strict=True):
        globals_ += _record(0x0085, struct.pack("<IHBB", at, 0, len(name), 0) + name)
        at += len(sheet)
    path.write_bytes(compound("Workbook", globals_ + _record(0x000A, b"") + b"".join(sheets)))
    return path


def write_xlsx(path: Path, rows: Iterable[str], shared: str = "", title: str = "Sheet") -> Path:
    """Write a .xlsx of one sheet with these rows of cells, and one shared text."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _relations("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
        'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<sheets><sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            "worksheet", "worksheets/sheet1.xml", "sharedStrings", "sharedStrings.xml"
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}"><si><t>{shared}</t></si></sst>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for row in rows:
                sheet.write(f"<row>{row}</row>".encode())
            sheet.write(b"</sheetData></worksheet>")
    return path


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def _relations(*pairs: str) -> str:
    made = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(zip(pairs[::2], pairs[1::2], strict=True), start=1)
    )
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{made}</Relationships>"
    )


def _same(cells: int, cell: str) -> Iterator[str]:
    return repeat(cell * _COLUMNS, cells // _COLUMNS)


def _text(cell: object) -> str:
    return f'<c t="inlineStr"><is><t>{cell}</t></is></c>'


def write_visitors(path: Path, n: int = 190_000) -> Path:
    """Write LinkedIn's visitors of very many days."""
    rows = (
        _text(american(day)) + "".join(f"<c><v>{i % 9973 + column}</v></c>" for column in range(24))
        for i, day in enumerate(days(n))
    )
    header = "".join(map(_text, VISITORS_HEADER))
    return write_xlsx(path, chain([header], rows), title="Visitor metrics")


WRITERS = {
    "xls-of-numbers": write_xls,
    "xlsx-of-numbers": lambda path: write_xlsx(path, _same(4_900_000, "<c><v>12345.5</v></c>")),
    "xlsx-of-empty-cells": lambda path: write_xlsx(path, _same(4_900_000, "<c/>")),
    "xlsx-of-texts": lambda path: write_xlsx(
        path, _same(700_000, '<c t="s"><v>0</v></c>'), "Tervetuloa \U0001f393 " * 8
    ),
    "xlsx-of-one-text": lambda path: write_xlsx(
        path, _same(5_000_000, '<c t="s"><v>0</v></c>'), "Tervetuloa! " * 2_000
    ),
    "xlsx-of-visitors": write_visitors,
}
"""A writer of each kind of workbook that fills the memory."""
