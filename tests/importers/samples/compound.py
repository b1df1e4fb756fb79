"""The container that .xls, and a .xlsx with a password, stand in; as small as it gets."""

from __future__ import annotations

import struct

_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALLEST = 4096


def compound(name: str, stream: bytes) -> bytes:
    """Return a compound file with one stream."""
    stream = stream.ljust(_SMALLEST, b"\x00")
    sectors = len(stream) // 512
    chain = [_TABLE, _END, *range(3, sectors + 2), _END]
    header = struct.pack(
        "<8s16x5H6x9I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, _SMALLEST, _END, 0, _END, 0),
    )
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    folder = _entry("Root Entry", 5, 1, _END, 0) + _entry(name, 2, _FREE, 2, len(stream))
    return header + table + folder.ljust(512, b"\x00") + stream


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
