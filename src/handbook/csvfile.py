"""A small CSV file of our own making or of a spreadsheet: notes, one header row, rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
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


@dataclass(frozen=True)
class CsvStream:
    """A CSV file whose rows are read one after another.

    Attributes
    ----------
    notes, header : list of str
        As in `CsvFile`.
    rows : iterator of (int, list of str)
        Number and cells of each row; what is wrong with a row raises when it is its turn.
    delimiter : str
        A comma or a semicolon.
    """

    notes: list[str]
    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    delimiter: str


def read_csv(path: Path, data: bytes | None = None) -> CsvFile:
    """Read a CSV file: UTF-8, comma (or the semicolon that some spreadsheets write).

    Raises
    ------
    HandbookError
        It is not UTF-8, has no header, a column twice, or a row of another length.
    """
    table = stream_csv(path, data)
    rows = [(number, dict(zip(table.header, cells, strict=True))) for number, cells in table.rows]
    return CsvFile(table.notes, table.header, rows)


def stream_csv(path: Path, data: bytes | None = None) -> CsvStream:
    """Open a CSV file as `read_csv` does, for files whose rows would fill the memory.

    Raises
    ------
    HandbookError
        It has no header, a column twice, or is not UTF-8 from the beginning.
    """
    raw = path.read_bytes() if data is None else data
    lines = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8-sig", newline="")
    notes = []
    try:
        while (line := lines.readline()).startswith(("#", '"#')):
            notes.append(line.strip().strip('"').lstrip("#").strip(" ;,"))
    except UnicodeDecodeError:
        raise _not_utf8(path, raw) from None
    delimiter = ";" if line.count(";") > line.count(",") else ","
    records = _records(path, raw, chain([line], lines), delimiter)
    header = [cell.strip() for cell in next(records, [])]
    if not any(header):
        raise HandbookError(f"{path.name}: empty. Expected a header row and rows under it.")
    for name in header:
        if header.count(name) > 1:
            raise HandbookError(
                f"{path.name}, row {len(notes) + 1}: column {name!r} stands twice. "
                "Keep one of them."
            )
    rows = _rows(path, records, len(header), len(notes) + 2)
    return CsvStream(notes, header, rows, delimiter)


def _rows(
    path: Path, records: Iterator[list[str]], width: int, first: int
) -> Iterator[tuple[int, list[str]]]:
    for number, record in enumerate(records, start=first):
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        if len(cells) != width:
            raise HandbookError(
                f"{path.name}, row {number}: expected {width} cells as in the header, found "
                f"{len(cells)}. The file may be cut short: save or download it again."
            )
        yield number, cells


def _records(path: Path, raw: bytes, lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=delimiter, strict=True)
    except UnicodeDecodeError:
        raise _not_utf8(path, raw) from None
    except csv.Error as error:
        raise HandbookError(
            f"{path.name}: damaged or cut short ({error}). Download or save it again."
        ) from None


def _not_utf8(path: Path, raw: bytes) -> HandbookError:
    try:
        raw.decode("utf-8")
        start = 0
    except UnicodeDecodeError as error:
        start = error.start
    line = raw[:start].count(b"\n") + 1
    return HandbookError(
        f"{path.name}, line {line}: not UTF-8. Save it as 'CSV UTF-8' and try again."
    )
