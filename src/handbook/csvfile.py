"""A small CSV file of our own making or of a spreadsheet: notes, one header row, rows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from handbook.errors import HandbookError


@dataclass(frozen=True)
class CsvFile:
    """A CSV file as text.

    Attributes
    ----------
    notes : list of str
        Leading lines that start with `#`, without it.
    header : list of str
        Column names, spaces around them removed.
    rows : list of (int, dict)
        For each row its number in the file (as a spreadsheet counts, from 1) and its cells by
        column name, spaces around them removed; a missing cell is the empty string.
    """

    notes: list[str]
    header: list[str]
    rows: list[tuple[int, dict[str, str]]]


def read_csv(path: Path, data: bytes | None = None) -> CsvFile:
    """Read a CSV file: UTF-8, comma (or the semicolon that some spreadsheets write).

    Raises
    ------
    HandbookError
        It is not UTF-8, has no header, a column twice, or a row of another length.
    """
    raw = path.read_bytes() if data is None else data
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise HandbookError(
            f"{path.name}, line {line}: not UTF-8. Save it as 'CSV UTF-8' and try again."
        ) from None
    lines = text.splitlines(keepends=True)
    noted = 0
    while noted < len(lines) and lines[noted].startswith(("#", '"#')):
        noted += 1
    notes = [line.strip().strip('"').lstrip("#").strip(" ;,") for line in lines[:noted]]
    body = "".join(lines[noted:])
    first = body.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        records = list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise HandbookError(
            f"{path.name}: damaged or cut short ({error}). Download or save it again."
        ) from None
    if not records or not any(cell.strip() for cell in records[0]):
        raise HandbookError(f"{path.name}: empty. Expected a header row and rows under it.")
    header = [cell.strip() for cell in records[0]]
    for name in header:
        if header.count(name) > 1:
            raise HandbookError(
                f"{path.name}, row {noted + 1}: column {name!r} stands twice. Keep one of them."
            )
    rows = []
    for number, record in enumerate(records[1:], start=noted + 2):
        if not any(cell.strip() for cell in record):
            continue
        if len(record) != len(header):
            raise HandbookError(
                f"{path.name}, row {number}: expected {len(header)} cells as in the header, found "
                f"{len(record)}. The file may be cut short: save or download it again."
            )
        rows.append((number, dict(zip(header, (cell.strip() for cell in record), strict=True))))
    return CsvFile(notes, header, rows)
