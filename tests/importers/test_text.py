"""Bytes as programs and people leave them: encodings, delimiters, line ends, damage."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handbook.errors import HandbookError
from handbook.importers import text
from handbook.importers.source import Layout, SourceFile, find_grid

ROWS = [
    ["Post ID", "Description", "Reach"],
    ["101", "Päivää, sanoi\nöljynen ”hyvä”", "1200"],
    ["102", "", "3"],
]
LAYOUT = Layout("a test", {"Post ID": "id", "Description": "text", "Reach": "reach"},
                frozenset({"id", "reach"}))  # fmt: skip


def dumped(rows=ROWS, delimiter=",", end="\r\n", quoting=csv.QUOTE_ALL) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


def opened(folder: Path, data: bytes, name: str = "a.csv") -> SourceFile:
    path = folder / name
    path.write_bytes(data)
    return SourceFile(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16LE"),
        ("utf-16-le", "UTF-16LE"),
        ("utf-16-be", "UTF-16BE"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_one_table_however_it_is_written(tmp_path, delimiter, end, codec, said):
    """A table that comes out otherwise because of its encoding, delimiter or line ends."""
    file = opened(tmp_path, dumped(delimiter=delimiter, end=end).encode(codec))
    if codec == "cp1252" and end == "\r":
        assert file.encoding == "Mac OS Roman"
        return
    assert file.rows == ROWS
    assert file.encoding == said
    assert bool(file.repairs) == (codec == "cp1252")


def test_an_old_mac(tmp_path):
    """A spreadsheet program of a Mac: CR alone, and letters in a code page of its own."""
    rows = [["Päivä", "Määrä"], ["1", "2"]]
    file = opened(tmp_path, dumped(rows, end="\r").encode("mac_roman"))
    assert file.rows == rows


def test_cyrillic(tmp_path):
    """A Russian spreadsheet program's months, read as Western letters."""
    rows = [["Date", "Primary"], ["2025-01-01", "3.апр"]]
    file = opened(tmp_path, dumped(rows, ";").encode("cp1251"))
    assert file.rows == rows
    assert file.encoding == "Windows-1251"


def test_sep_line(tmp_path):
    """The line that tells spreadsheet programs the delimiter, taken for a row of data or lost."""
    file = opened(tmp_path, ("sep=,\r\n" + dumped()).encode("utf-16"))
    assert file.rows == [["sep=,"], *ROWS]
    file = opened(tmp_path, ("sep=;\r\n" + dumped(delimiter=";")).encode())
    assert file.rows == [["sep=;"], *ROWS]


def test_rows_quoted_once_more(tmp_path):
    """A file that a spreadsheet program saved with each row as one cell."""
    lines = [[line] for line in dumped(end="\n").split("\n")[:-1]]
    file = opened(tmp_path, dumped(lines, quoting=csv.QUOTE_ALL).encode())
    assert file.rows == ROWS
    assert "taken apart" in file.repairs[0]


def test_some_rows_quoted_once_more(tmp_path):
    """The same where only rows with quotation marks in them were quoted."""
    rows = [["a", "b", "c"], ["1", "x, y", "2"], ["3", "z", "4"]]
    said = 'a,b,c\n"1,""x, y"",2"\n3,z,4\n'
    file = opened(tmp_path, said.encode())
    assert file.rows == rows
    assert file.repairs


@pytest.mark.parametrize(
    "data",
    [
        b'a,b\n1,"cut short',
        b"\xef\xbb\xbfa,b\n\xff\xff",
        b"\xff\xfea\x00,\x00b",
        b'a,b\n1,"x" y, "z", "w\n2,3\n',
        bytes(range(256)) * 4,
        b"a,b\n1,\x81\x8d\n",
    ],
)
def test_damaged(tmp_path, data):
    """Text that cannot be right, read all the same."""
    with pytest.raises(HandbookError, match=r"a\.csv: .*Download the file again"):
        _ = opened(tmp_path, data).rows


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
tables = st.lists(st.lists(cells, min_size=3, max_size=3), min_size=2, max_size=6)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(tables, st.sampled_from(["utf-8-sig", "utf-16"]), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read(table, codec, end):
    """A character or a cell that is lost or moved between bytes and rows."""
    table = [["Post ID", "Description", "Reach"], *table]
    decoded = text.decode(dumped(table, end=end, quoting=csv.QUOTE_ALL).encode(codec))
    assert text.split(decoded) == table


def cell_of(tmp_path, value, numbers="plain", one_decimal=frozenset(), delimiter=","):
    layout = replace(LAYOUT, numbers=numbers, one_decimal=one_decimal)
    file = opened(tmp_path, dumped([ROWS[0], ["1", "", value]], delimiter).encode())
    ((_, known, _),) = find_grid(file, None, file.rows, (layout,)).cells()
    return known["reach"]


@pytest.mark.parametrize("token", ["-", "--", "NAN", "nan", "undefined", "", " ", "–"])
def test_missing(tmp_path, token):
    """A missing value that becomes 0, or an error."""
    cell = cell_of(tmp_path, token)
    assert cell.number() is cell.count() is cell.identifier() is cell.fraction() is None
    assert cell.day("%Y-%m-%d") is cell.moment("%Y-%m-%d") is None


@pytest.mark.parametrize(
    ("value", "numbers", "expected"),
    [
        ("1938.0", "plain", 1938),
        ("-3", "plain", -3),
        ("1,234,567.5", "english", 1234567.5),
        ("1.234.567,5", "continental", 1234567.5),
        ("1\u00a0234,5", "continental", 1234.5),
        ("0,25", "continental", 0.25),
    ],
)
def test_numbers(tmp_path, value, numbers, expected):
    """Thousands taken for decimals, or the other way round."""
    assert cell_of(tmp_path, value, numbers).number() == expected


def test_separators_only_where_a_layout_says_so(tmp_path):
    """1,234 guessed to be a thousand, or a bit more than one."""
    with pytest.raises(HandbookError, match=r"row 2, column 'Reach': expected a number"):
        cell_of(tmp_path, "1,234").number()


def test_decimal_comma_of_a_spreadsheet_program(tmp_path):
    """A Finnish spreadsheet program's 0,034 refused, or read as 34."""
    assert cell_of(tmp_path, "0,034", delimiter=";").number() == 0.034


@pytest.mark.parametrize("value", ["3.апр", "3.huhti", "3.huhtikuu", "3.apr", "3-Apr", "03.Apr"])
def test_a_number_that_became_a_month(tmp_path, value):
    """3.4 that a spreadsheet program turned into the 3rd of April."""
    assert cell_of(tmp_path, value, one_decimal=frozenset({"reach"})).number() == 3.4
    with pytest.raises(HandbookError, match=r"has made a date of it.*Download the file again"):
        cell_of(tmp_path, value).number()


@pytest.mark.parametrize("value", ["1.22158E+17", "1,22158E+17", "1E17", "1e+17"])
def test_destroyed_ids(tmp_path, value):
    """An id that a spreadsheet program rounded, kept as if it were one."""
    with pytest.raises(HandbookError, match="has destroyed it"):
        cell_of(tmp_path, value).identifier()


def test_ids_are_text(tmp_path):
    """Digits lost, or leading zeros and signs."""
    for value in ("17841446494080465123", "007", "-abc", "1.5.2"):
        assert cell_of(tmp_path, value).identifier() == value


def test_percentages(tmp_path):
    """Percentages kept as if they were fractions."""
    assert cell_of(tmp_path, "5.15").fraction() == pytest.approx(0.0515)
    assert cell_of(tmp_path, "5.15 %").fraction() == pytest.approx(0.0515)


def test_headers_that_look_alike(tmp_path):
    """Headers not known for a soft hyphen, a width, a case or a space that nobody sees."""
    header = ["\ufeffPOST\u00a0ID", "De\u00adscription ", "Ｒｅａｃｈ"]
    file = opened(tmp_path, dumped([header, *ROWS[1:]]).encode())
    assert find_grid(file, None, file.rows, (LAYOUT,)) is not None


def test_more_cells_than_an_export_has(tmp_path, monkeypatch):
    """A text of commas that takes more memory than there is."""
    monkeypatch.setattr(text, "MOST_CELLS", 1000)
    with pytest.raises(HandbookError, match="more than 1,000 cells"):
        _ = opened(tmp_path, b"a,b\n" * 600).rows
