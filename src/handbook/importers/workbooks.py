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

MOST_CELLS = 5_000_000
_MOST_BYTES = 500_000_000
_MOST_TEXT = 100_000_000
_MANY_SHARED = 3_000
"""Cells with a shared text from which on these may be more than `_MOST_TEXT`: 32,767 each."""
_MOST_COLUMNS = 16_384
_PLACE = re.compile(rb"<(?:\w+:)?(c|row)\b(?:[^>]{0,200}?\br=[\"']([A-Z]{0,3})([0-9]{1,7})[\"'])?")
_TAG = re.compile(rb"<[^>]*>")
_SHARED = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_SHARED_CELL = re.compile(rb"\bt=[\"']s[\"'][^>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PART = 1 << 20


class Broken(Exception):
    """Why a workbook cannot be read."""


class TooLarge(Broken):
    """It has more in it than is held in memory."""


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
        It is cut short, damaged, or no workbook.
    TooLarge
        It has more than `MOST_CELLS` cells, or more text or bytes than any export has.
    """
    from python_calamine import CalamineError, CalamineWorkbook, XmlError, ZipError

    _check_xlsx(data)
    try:
        with _silent_stderr():
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            return {
                name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in book.sheet_names
            }
    except (CalamineError, XmlError, ZipError, OSError, ValueError) as error:
        raise Broken(str(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Broken("its inner structure is broken") from None


def _check_xlsx(data: bytes) -> None:
    """Unpack all parts once, without keeping them, and see how much there is in its sheets."""
    left, cells, shared = _MOST_BYTES, 0, 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if not any(name.startswith("xl/") for name in names):
                raise Broken("it is another program's document")
            if "xl/workbook.bin" in names:
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
                            raise TooLarge("once unpacked, it is far larger than any export")
                        if is_sheet:
                            shared += piece.count(b't="s"') + piece.count(b"t='s'")
                            whole, tail = _cut(tail + piece)
                            for tag, letters, digits in _PLACE.findall(whole):
                                in_row = 0 if tag == b"row" else in_row + 1
                                last_column = max(last_column, _number_of(letters) or in_row)
                                last_row = max(last_row + (tag == b"row"), int(digits or 0))
                cells += last_row * last_column
                if cells > MOST_CELLS or last_column > _MOST_COLUMNS:
                    raise TooLarge(f"it has room for more than {MOST_CELLS:,} cells")
            if _MOST_BYTES - left > _MOST_TEXT or shared > _MANY_SHARED:
                _check_text(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise Broken(str(error)) from None


def _check_text(archive: zipfile.ZipFile) -> None:
    """Count the text in all cells: what is written once may stand in a million of them."""
    total, lengths = 0, []
    parts = sorted(name for name in archive.namelist() if name.startswith(("xl/s", "xl/w")))
    for name in parts:
        with archive.open(name) as part:
            if name.startswith("xl/sharedStrings"):
                texts = part.read(_MOST_TEXT + 1)
                total = len(texts)
                lengths = [len(found[1] or b"") for found in _SHARED.finditer(texts)]
            elif name.startswith("xl/worksheets/"):
                tail = b""
                while total <= _MOST_TEXT and (piece := part.read(_PART)):
                    whole, tail = _cut(tail + piece, b"<c")
                    total += len(_TAG.sub(b"", whole))
                    for index in map(int, _SHARED_CELL.findall(whole)):
                        total += lengths[index] if index < len(lengths) else 0
        if total > _MOST_TEXT:
            raise TooLarge(f"there are more than {_MOST_TEXT // 1_000_000} MB of text in it")


def _cut(text: bytes, before: bytes = b"<") -> tuple[bytes, bytes]:
    """Cut before the last tag, of which more may follow; a text without end is taken as it is."""
    at = max(text.rfind(before), 0)
    return (text[:at], text[at:]) if len(text) - at < _PART else (text, b"")


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
