"""Workbooks as they are downloaded: .xls by xlrd, .xlsx by calamine.

calamine is fast, but what a damaged .xls does to it may end the whole process; xlrd raises.
A .xlsx is looked through before calamine gets it, because it holds all of a sheet's rectangle in
memory: one cell in the last corner would be more than any machine has.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
XLSX = b"PK\x03\x04"

MOST_CELLS = 20_000_000
_MOST_BYTES = 500_000_000
_MOST_COLUMNS = 16_384
_PLACE = re.compile(rb"<(?:\w+:)?(c|row)\b(?:[^>]{0,200}?\br=[\"']([A-Z]{0,3})([0-9]{1,7})[\"'])?")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PART = 1 << 20
_OVERLAP = 300


class Broken(Exception):
    """Why a workbook cannot be read."""


class Locked(Broken):
    """It can be read with a password only."""


def read_xls(data: bytes) -> dict[str, list[list[Any]]]:
    """Read all sheets of a .xls: rows of cells by sheet name; dates as datetime.

    Raises
    ------
    Broken
        It is cut short, damaged, or no workbook.
    Locked
        It has a password.
    """
    import xlrd

    if _ENCRYPTED in data:  # a locked .xlsx stands in such a file, too
        raise Locked
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), ragged_rows=True)
        return {
            sheet.name: [
                [_value(cell, book.datemode) for cell in sheet.row(number)]
                for number in range(sheet.nrows)
            ]
            for sheet in book.sheets()
        }
    except Exception as error:  # xlrd trusts what it reads: a broken file raises anything
        said = str(error) if isinstance(error, xlrd.XLRDError) else "its inner structure is broken"
        if "encrypted" in said:
            raise Locked from None
        raise Broken(said) from None


def _value(cell: Any, datemode: int) -> Any:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, datemode)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    return cell.value


def read_xlsx(data: bytes) -> dict[str, list[list[Any]]]:
    """Read all sheets of a .xlsx: rows of cells by sheet name; dates as date or datetime.

    Raises
    ------
    Broken
        It is cut short, damaged, no workbook, or larger than any export once unpacked.
    """
    from python_calamine import CalamineError, CalamineWorkbook, XmlError, ZipError

    _check_xlsx(data)
    try:
        with _silent_stderr():
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
            return {sheet.name: sheet.to_python(skip_empty_area=False) for sheet in sheets}
    except (CalamineError, XmlError, ZipError, OSError, ValueError) as error:
        raise Broken(str(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Broken("its inner structure is broken") from None


def _check_xlsx(data: bytes) -> None:
    """Unpack all parts once, without keeping them, and see how large its sheets are."""
    left = _MOST_BYTES
    cells = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if not any(name.startswith("xl/") for name in archive.namelist()):
                raise Broken("it is another program's document")
            if "xl/workbook.bin" in archive.namelist():
                raise Broken("it is a binary workbook; .xlsx is read")
            for info in archive.infolist():
                info.file_size = _MOST_BYTES * 2  # what it says of itself is not to be trusted
                is_sheet = info.filename.startswith("xl/worksheets/")
                last_row = last_column = in_row = 0
                tail = b""
                with archive.open(info) as part:
                    while piece := part.read(_PART):
                        left -= len(piece)
                        if left < 0:
                            raise Broken("once unpacked, it is far larger than any export")
                        if is_sheet:
                            for tag, letters, digits in _PLACE.findall(tail + piece):
                                in_row = 0 if tag == b"row" else in_row + 1
                                last_column = max(last_column, _number_of(letters) or in_row)
                                last_row = max(last_row + (tag == b"row"), int(digits or 0))
                            tail = piece[-_OVERLAP:]
                cells += last_row * last_column
                if cells > MOST_CELLS or last_column > _MOST_COLUMNS:
                    raise Broken(f"it has room for more than {MOST_CELLS:,} cells")
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise Broken(str(error)) from None


def _number_of(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Keep the reader's own crash reports, which it prints itself, from the user."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
