"""The container that .xls, and a .xlsx with a password, stand in; as plain as it gets."""

from __future__ import annotations

import struct

_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 4096


def compound(name: str, stream: bytes) -> bytes:
    """Return a compound file with one stream of up to 400 MB: tables, folder, stream."""
    stream = stream.ljust(-(-len(stream) // _SECTOR) * _SECTOR, b"\x00")
    sectors = len(stream) // _SECTOR
    tables = -(-(sectors + 110) // (_SECTOR // 4))
    chain = [*[_TABLE] * tables, _END, *range(tables + 2, tables + 1 + sectors), _END]
    header = struct.pack(
        "<8s16x5H6x9I109I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 12, 6),
        *(0, tables, tables, 0, _SECTOR, _END, 0, _END, 0),
        *range(tables),
        *[_FREE] * (109 - tables),
    )
    folder = _entry("Root Entry", 5, 1, _END, 0) + _entry(name, 2, _FREE, tables + 1, len(stream))
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(tables * _SECTOR, b"\xff")
    return header + table + folder.ljust(_SECTOR, b"\x00") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    letters = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII36xIQ", letters, len(letters) + 2, kind, 1, _FREE, _FREE, child, start, size
    )


def locked_xls() -> bytes:
    """Return a .xls with a password."""
    begin = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 5, 0x0DBB, 0x07CC, 0, 6)
    password = struct.pack("<HHHHH", 0x002F, 6, 0, 0x1234, 0x5678)
    return compound("Workbook", begin + password + struct.pack("<HH", 0x000A, 0))


def locked_xlsx() -> bytes:
    """Return a .xlsx with a password: another kind of file, under the same name."""
    return compound("EncryptedPackage", bytes(range(256)) * 20)
