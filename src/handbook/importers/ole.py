"""Checks of a .xls before it is read: whole, and no cell outside a sheet.

A .xls has no checksum. What its reader does with a broken one is not always an error: it may
ask for more memory than there is, and end the whole process.

The layout of the file: [MS-CFB] and [MS-XLS] of Microsoft's open specifications.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE = 0xFFFFFFFF
_LAST = 0xFFFFFFFA
"""Sector numbers from here on are not sectors."""
_ROWS = 65_536
_COLUMNS = 256
_CELLS = {0x0006, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E}
_MANY_CELLS = {0x00BD, 0x00BE}
_DIMENSIONS = 0x0200
_STRINGS = 0x00FC
_SHEET = 0x0085
_BEGINNING = 0x0809


class Broken(Exception):
    """Why a .xls cannot be read."""


def check(data: bytes) -> None:
    """Raise `Broken` if a .xls is cut short or has cells where no sheet has any."""
    try:
        _check(data)
    except (struct.error, IndexError):
        raise Broken("its table of contents is broken") from None


def _check(data: bytes) -> None:
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in (9, 12):
        raise Broken("its table of contents is broken")
    size = 1 << shift
    table = _read_table(data, size)
    last = max((i for i, entry in enumerate(table) if entry != _FREE), default=0)
    if len(data) <= (last + 1) * size:
        raise Broken(f"it ends at byte {len(data)}")
    (directory,) = struct.unpack_from("<I", data, 48)
    stream = _find_workbook(_read_chain(data, size, table, directory))
    if stream is None:
        raise Broken("there is no workbook in it")
    start, length = stream
    book = _read_chain(data, size, table, start)[:length]
    sheets = set()
    beginnings = set()
    for at, kind, record in _records(book):
        if kind == _SHEET:
            sheets.add(struct.unpack_from("<I", record)[0])
            continue
        if kind == _BEGINNING:
            beginnings.add(at)
            continue
        if kind in _CELLS:
            right = struct.unpack_from("<H", record, 2)[0] < _COLUMNS
        elif kind in _MANY_CELLS:
            right = struct.unpack_from("<H", record, len(record) - 2)[0] < _COLUMNS
        elif kind == _DIMENSIONS:
            right = _are_possible(record)
        elif kind == _STRINGS:
            right = struct.unpack_from("<I", record, 4)[0] <= len(book)
        else:
            continue
        if not right:
            raise Broken("it has cells where no sheet has any")
    if not sheets or not sheets <= beginnings:
        raise Broken("its sheets do not begin where it says")


def _are_possible(dimensions: bytes) -> bool:
    form = "<IIHH" if len(dimensions) >= 12 else "<HHHH"
    top, bottom, left, right = struct.unpack_from(form, dimensions)
    return top <= bottom <= _ROWS and left <= right <= _COLUMNS


def _read_table(data: bytes, size: int) -> list[int]:
    """Return the next sector of each sector."""
    (count,) = struct.unpack_from("<I", data, 44)
    if count > len(data) // size:
        raise Broken("its table of contents is broken")
    sectors = list(struct.unpack_from("<109I", data, 76))
    (more,) = struct.unpack_from("<I", data, 68)
    seen: set[int] = set()
    while more < _LAST and more not in seen:
        seen.add(more)
        *further, more = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        sectors += further
    table: list[int] = []
    for sector in sectors[:count]:
        table += struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
    return table


def _read_chain(data: bytes, size: int, table: list[int], sector: int) -> bytes:
    parts = []
    seen: set[int] = set()
    while sector < _LAST:
        if sector in seen:
            raise Broken("its table of contents runs in a circle")
        seen.add(sector)
        parts.append(data[(sector + 1) * size : (sector + 2) * size])
        sector = table[sector]
    return b"".join(parts)


def _find_workbook(directory: bytes) -> tuple[int, int] | None:
    """Return first sector and length of the stream that the workbook stands in."""
    for at in range(0, len(directory) - 127, 128):
        (length,) = struct.unpack_from("<H", directory, at + 64)
        name = directory[at : at + max(length - 2, 0)].decode("utf-16-le", errors="replace")
        if name.casefold() in ("workbook", "book"):
            return struct.unpack_from("<II", directory, at + 116)
    return None


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield where each record begins, its kind and its content."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length
