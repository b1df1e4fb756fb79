"""Files that are no exports, known by how they begin, and what to do with them."""

from __future__ import annotations

_UNPACK = "Unpack it first, and import what is in it (a folder with -r)."
_EXPORT = "Import the .csv, .xls, .xlsx, .zip or .json that the platform gave."
_WEB_PAGE = (
    "a web page, not an export: perhaps the platform's page for signing in. Sign in, and download "
    "the export again."
)

_BEGINNINGS = {
    b"Rar!\x1a\x07": f"a .rar archive, which is not opened. {_UNPACK}",
    b"7z\xbc\xaf\x27\x1c": f"a .7z archive, which is not opened. {_UNPACK}",
    b"\xfd7zXZ\x00": f"packed as .xz, which is not opened. {_UNPACK}",
    b"\x28\xb5\x2f\xfd": f"packed as .zst, which is not opened. {_UNPACK}",
    b"\x04\x22\x4d\x18": f"packed as .lz4, which is not opened. {_UNPACK}",
    b"\x1f\x9d": f"packed as .Z, which is not opened. {_UNPACK}",
    b"MSCF\x00\x00\x00\x00": f"a .cab archive, which is not opened. {_UNPACK}",
    b"%PDF-": f"a PDF, which holds pages and no table. {_EXPORT}",
    b"\x89PNG\r\n": f"a picture. {_EXPORT}",
    b"\xff\xd8\xff": f"a picture. {_EXPORT}",
    b"GIF87a": f"a picture. {_EXPORT}",
    b"GIF89a": f"a picture. {_EXPORT}",
    b"{\\rtf": f"a text with formatting (.rtf), not a table. {_EXPORT}",
    b"PAR1": f"a Parquet file, such as `handbook export` writes. {_EXPORT}",
    b"SQLite format 3\x00": f"a database, not an export. {_EXPORT}",
}

UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload")
"""Endings that browsers give to files until they have them whole."""


def tell_stranger(head: bytes) -> str | None:
    """Return what a file is that begins so, and what to do; None if it may be an export."""
    for beginning, said in _BEGINNINGS.items():
        if head.startswith(beginning):
            return said
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":
        return f"packed as .bz2, which is not opened. {_UNPACK}"
    if head[8:12] == b"DUCK" and b"\x00" in head[:64]:
        return "a store, not an export. Name it with --store, and import exports into it."
    begins = head[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if begins.startswith((b"<!doctype html", b"<html")):
        return _WEB_PAGE
    return None
