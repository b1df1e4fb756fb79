"""Files that are no exports: named for what they are, with what to do."""

from __future__ import annotations

import bz2
import lzma
import struct
import zipfile

import pytest
from importers.samples import write_csv
from importers.samples.compound import compound, locked_xls, locked_xlsx

from handbook.errors import HandbookError
from handbook.importers import read_file, read_source
from handbook.importers.archives import find_files
from handbook.store.tables import create_store

DAYS = b"channel_id,date,views\nx:a,2026-01-01,1\n"
REST = bytes(range(256)) * 3


def refusal(path) -> str:
    """Return what is said of the one file that is found at `path`."""
    with pytest.raises(HandbookError) as caught:
        for found in find_files([path]):
            read_source(found.open())
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.rar", b"Rar!\x1a\x07\x01\x00" + REST, r"a \.rar archive.*Unpack it first"),
        ("old.rar", b"Rar!\x1a\x07\x00" + REST, r"a \.rar archive.*Unpack it first"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + REST, r"a \.7z archive.*Unpack it first"),
        ("a.csv.xz", lzma.compress(DAYS), r"\.xz.*Unpack it first"),
        ("a.tar.zst", b"\x28\xb5\x2f\xfd" + REST, r"\.zst.*Unpack it first"),
        ("a.tar.bz2", bz2.compress(DAYS), r"\.bz2.*Unpack it first"),
        ("a.csv.lz4", b"\x04\x22\x4d\x18" + REST, r"\.lz4.*Unpack it first"),
        ("a.csv.Z", b"\x1f\x9d\x90" + REST, r"\.Z.*Unpack it first"),
        ("a.cab", b"MSCF\x00\x00\x00\x00" + REST, r"\.cab.*Unpack it first"),
        ("a.csv", b"%PDF-1.7\n" + REST, "a PDF"),
        ("b.csv", b"\x89PNG\r\n\x1a\n" + REST, "a picture"),
        ("c.csv", b"PAR1" + REST, "Parquet"),
        ("d.csv", b"SQLite format 3\x00" + REST, "a database"),
        ("a.xls", b"\xef\xbb\xbf\n<!DOCTYPE HTML><html><table>", "a web page.*Sign in"),
        ("b.xls", b"<html lang=fi><body>", "a web page.*Sign in"),
        ("data.csv.crdownload", DAYS, "not finished downloading"),
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["alone", "in a zip"])
def test_named_for_what_it_is(tmp_path, name, data, said, packed):
    """A user told to download again what has only to be unpacked, or is no export at all."""
    path = tmp_path / name
    path.write_bytes(data)
    if packed:
        path = tmp_path / "all.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, data)
    told = refusal(path)
    assert name in told
    with pytest.raises(HandbookError, match=said):
        raise HandbookError(told)


def test_a_store(tmp_path):
    """A store imported by a slip of the hand, and called text in no encoding."""
    create_store(tmp_path / "ours.duckdb")
    assert "a store, not an export" in refusal(tmp_path / "ours.duckdb")


@pytest.mark.parametrize(
    ("name", "data"), [("a.xls", locked_xls()), ("a.xlsx", locked_xlsx()), ("b.xls", locked_xlsx())]
)
def test_workbooks_with_a_password(tmp_path, name, data):
    """A password that passes for damage, so that the user downloads it again and again."""
    (tmp_path / name).write_bytes(data)
    assert "locked with a password" in refusal(tmp_path / name)


def test_a_compound_file_without_a_workbook(tmp_path):
    """A text document of the same container taken for a workbook with a password."""
    (tmp_path / "a.xls").write_bytes(compound("WordDocument", b"words"))
    told = refusal(tmp_path / "a.xls")
    assert "not a spreadsheet" in told
    assert "password" not in told


def test_entries_with_a_password(tmp_path):
    """Entries packed as other programs lock them: damage, or a rare way of packing."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("days.csv", DAYS)
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\x01\x02")
    for flags, method in ((6, 8), (directory + 8, directory + 10)):
        data[flags] |= 1
        data[method : method + 2] = struct.pack("<H", 99)
    path.write_bytes(data)
    told = refusal(path)
    assert "a.zip/days.csv: locked with a password. Unpack" in told


@pytest.mark.parametrize(
    "parts",
    [
        ("mimetype", "content.xml", "styles.xml"),
        ("Index/Document.iwa", "preview.jpg"),
        ("[Content_Types].xml", "word/document.xml"),
        ("[Content_Types].xml", "xl/workbook.bin", "xl/worksheets/sheet1.bin"),
    ],
    ids=["opendocument", "numbers", "word", "xlsb"],
)
def test_documents_of_other_programs(tmp_path, parts):
    """A document, which is a zip inside, taken apart and refused piece by piece."""
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    told = refusal(path)
    assert told.startswith("a.ods: ")
    assert "another program" in told or "binary workbook" in told


def test_a_file_that_is_being_written(tmp_path):
    """Half of a file imported as if it were all, because its download went on meanwhile."""
    path = write_csv(tmp_path / "days.csv", "channel_id,date,views", ["x:a,2026-01-01,1"])
    (found,) = find_files([path])
    file = found.open()
    with path.open("a") as other:
        other.write("x:a,2026-01-02,2\n")
    with pytest.raises(HandbookError, match="another program is writing it"):
        read_source(file)
    assert read_file(path).rows_kept == 2


@pytest.mark.parametrize("column", ["BZh", "Rar!", "DUCK", "7z", "GIF8", "%PDF"])
def test_exports_are_no_strangers(tmp_path, column):
    """An export refused because a column's name happens to be how something else begins."""
    path = write_csv(tmp_path / "a.csv", f"{column},channel_id,date,views", ["1,x:a,2026-01-01,1"])
    assert read_file(path).rows_kept == 1
