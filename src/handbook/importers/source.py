"""A file as it came, and the parsing of its cells: what all importers share."""

from __future__ import annotations

import hashlib
import io
import os
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from handbook.errors import HandbookError
from handbook.importers import ole

MISSING = {"", "-", "--", "–", "n/a", "nan", "null", "none", "undefined"}
"""Cells that mean "not there", in small letters; never zero."""

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\ufeff]")
_HEADER_WITHIN = 10
_MOST_CELLS = 20_000_000


def normalise(header: Any) -> str:
    """Return a header cell in the form that layouts are written in.

    NFKC, without soft hyphens and marks that nobody sees, single spaces, small letters.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", str(header)))
    return " ".join(text.split()).casefold()


class SourceFile:
    """A file, read once.

    Attributes
    ----------
    name : str
        Its name without the folder, as errors give it.
    data : bytes
    kind : str
        "xls", "xlsx" or "text", by content and not by name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        if path.is_dir():
            raise HandbookError(f"{path} is a folder. Name the files in it: {path}/*")
        try:
            self.data = path.read_bytes()
        except FileNotFoundError:
            raise HandbookError(f"{path} is not there. Check the name.") from None
        except OSError as error:
            raise HandbookError(f"{path} could not be read ({error.strerror}).") from None
        if not self.data:
            raise HandbookError(f"{self.name} is empty: 0 bytes. Download it again.")
        self.sha256 = hashlib.sha256(self.data).hexdigest()

    @cached_property
    def kind(self) -> str:
        if self.data.startswith(ole.MAGIC):
            return "xls"
        if self.data.startswith(b"PK\x03\x04"):
            return "xlsx"
        if b"\x00" in self.data[:4096] and not self.data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise self.error("neither a spreadsheet nor text. Is it an export?")
        return "text"

    @cached_property
    def sheets(self) -> dict[str, list[list[Any]]]:
        """Rows of cells by sheet name; empty for text."""
        if self.kind == "text":
            return {}
        if self.kind == "xls":
            try:
                ole.check(self.data)
            except ole.Broken as error:
                raise self._unreadable(str(error)) from None
        from python_calamine import CalamineError, CalamineWorkbook, XmlError, ZipError

        try:
            with _silent_stderr():
                book = CalamineWorkbook.from_filelike(io.BytesIO(self.data))
                sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
                if sum(sheet.height * sheet.width for sheet in sheets) > _MOST_CELLS:
                    raise ValueError(f"more than {_MOST_CELLS:,} cells")
                return {sheet.name: sheet.to_python(skip_empty_area=False) for sheet in sheets}
        except (CalamineError, XmlError, ZipError, OSError, ValueError) as error:
            raise self._unreadable(str(error)) from None
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            raise self._unreadable("its inner structure is broken") from None

    @cached_property
    def created_at(self) -> datetime | None:
        """When the workbook says that it was made (UTC); .xlsx only."""
        if self.kind != "xlsx":
            return None
        try:
            with (
                zipfile.ZipFile(io.BytesIO(self.data)) as archive,
                archive.open("docProps/core.xml") as file,
            ):
                core = file.read(100_000)
            if b"<!" in core:
                return None
            made = ElementTree.fromstring(core).findtext("{http://purl.org/dc/terms/}created")
            stamp = datetime.fromisoformat(made or "")
            return stamp.astimezone(UTC).replace(tzinfo=None) if stamp.tzinfo else stamp
        except Exception:  # a help only: whatever is wrong with it, the sheets may be right
            return None

    def error(self, problem: str) -> HandbookError:
        """Return an error about this file."""
        return HandbookError(f"{self.name}: {problem}")

    def _unreadable(self, reason: str) -> HandbookError:
        return self.error(
            f"cut short, damaged or not a spreadsheet ({reason}). Download it again, and do not "
            "open it in a spreadsheet program first."
        )


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


@dataclass(frozen=True)
class Layout:
    """What a table in an export looks like.

    Attributes
    ----------
    title : str
        Words for a reader.
    columns : mapping of str to str
        The platform's header, as it writes it, to our name; several headers may have one name.
    required : frozenset of str
        Our names that must be there to know the table by.
    ignored : frozenset of str
        Our names for columns that are known and never kept.
    """

    title: str
    columns: Mapping[str, str]
    required: frozenset[str]
    ignored: frozenset[str] = frozenset()

    @cached_property
    def targets(self) -> dict[str, str]:
        """Our name by normalised header."""
        return {normalise(header): name for header, name in self.columns.items()}

    def missing(self, headers: Sequence[Any]) -> list[str]:
        """Return the required headers that `headers` lacks, as the platform writes them."""
        found = {self.targets.get(normalise(header)) for header in headers}
        return [
            next(header for header, target in self.columns.items() if target == name)
            for name in dict.fromkeys(self.columns.values())
            if name in self.required and name not in found
        ]


@dataclass(frozen=True)
class Cell:
    """A cell and where it stands, so that an error can say so."""

    file: str
    sheet: str | None
    row: int
    column: str
    value: Any

    @property
    def place(self) -> str:
        """File, sheet, row and column in words."""
        sheet = f", sheet {self.sheet!r}" if self.sheet else ""
        return f"{self.file}{sheet}, row {self.row}, column {self.column!r}"

    def error(self, expected: str, advice: str) -> HandbookError:
        """Return an error that says what was expected here, what was found, and what to do."""
        return HandbookError(
            f"{self.place}: expected {expected}, found {str(self.value)[:40]!r}. {advice}"
        )

    @property
    def text(self) -> str | None:
        """The cell as text, or None."""
        text = str(self.value).strip()
        return None if text.casefold() in MISSING else text

    def count(self) -> int | None:
        """The cell as a whole number, or None; negative corrections are numbers like others."""
        number = self.number("a whole number")
        if number is None:
            return None
        if number != int(number) or abs(number) >= 2**63:
            raise self.error("a whole number", _AGAIN)
        return int(number)

    def number(self, expected: str = "a number") -> float | int | None:
        """The cell as a number, or None."""
        value = self.value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if value != value:
                return None
        elif (text := self.text) is None:
            return None
        elif re.fullmatch(r"[+-]?\d{1,18}", text):
            return int(text)
        elif re.fullmatch(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", text):
            value = float(text)
        else:
            raise self.error(expected, _AGAIN)
        if value in (float("inf"), float("-inf")):
            raise self.error(expected, _AGAIN)
        return value


_AGAIN = "Download the file again, and do not open it in a spreadsheet program first."


@dataclass(frozen=True)
class Grid:
    """A sheet, or a CSV file, whose header row has been found.

    Attributes
    ----------
    headers : list of str
        As written, without invisible marks.
    rows : list of (int, list)
        Row number, counted from 1 as a spreadsheet does, and cells; empty rows left out.
    """

    file: str
    sheet: str | None
    layout: Layout
    headers: list[str]
    rows: list[tuple[int, list[Any]]]

    def cells(self) -> Iterator[tuple[int, dict[str, Cell], list[Cell]]]:
        """Yield row number, cells by our name, and cells that the layout does not know.

        Columns without a header are left out. Where two columns have one name of ours, the
        first one has it.
        """
        columns: list[tuple[int, str, str | None]] = []
        taken = set()
        for index, header in enumerate(self.headers):
            name = self.layout.targets.get(normalise(header))
            if header:
                columns.append((index, header, None if name in taken else name))
            if name not in self.layout.ignored:
                taken.add(name)
        for number, values in self.rows:
            known: dict[str, Cell] = {}
            unknown: list[Cell] = []
            for index, header, name in columns:
                value = values[index] if index < len(values) else ""
                cell = Cell(self.file, self.sheet, number, header, value)
                if name is None:
                    unknown.append(cell)
                else:
                    known[name] = cell
            yield number, known, unknown


def find_grid(
    file: str, sheet: str | None, rows: Sequence[Sequence[Any]], layouts: Sequence[Layout]
) -> Grid | None:
    """Find the header row of one of `layouts` among the first rows; None if there is none."""
    for index, row in enumerate(rows[:_HEADER_WITHIN]):
        for layout in layouts:
            if layout.missing(row):
                continue
            headers = _distinct(row)
            body = [
                (number, list(cells))
                for number, cells in enumerate(rows[index + 1 :], start=index + 2)
                if any(str(cell).strip() for cell in cells)
            ]
            return Grid(file, sheet, layout, headers, body)
    return None


def _distinct(headers: Sequence[Any]) -> list[str]:
    """Return headers without invisible marks; one that stands twice gets a number."""
    distinct: list[str] = []
    times: dict[str, int] = {}
    for cell in headers:
        header = " ".join(_INVISIBLE.sub("", str(cell)).split())
        key = normalise(header)
        times[key] = times.get(key, 0) + 1
        distinct.append(f"{header} ({times[key]})" if key and times[key] > 1 else header)
    return distinct


def nearest_layout(
    rows: Sequence[Sequence[Any]], layouts: Sequence[Layout]
) -> tuple[Layout, list[str]] | None:
    """Return the layout that some row comes nearest to, and the headers that the row lacks.

    None when no row is near: two thirds of the required headers, or half of them in a row where
    most headers are the layout's.
    """
    best: tuple[float, Layout, list[str]] | None = None
    for row in rows[:_HEADER_WITHIN]:
        headers = [header for cell in row if (header := normalise(cell))]
        for layout in layouts:
            missing = layout.missing(row)
            present = 1 - len(missing) / len(layout.required)
            known = sum(header in layout.targets for header in headers)
            near = present >= 2 / 3 or (present >= 1 / 2 and known * 2 >= len(headers) > 1)
            if near and (best is None or present > best[0]):
                best = present, layout, missing
    return best and best[1:]


def parse_iso_date(cell: Cell) -> date:
    """Return the day in a cell that should say 2026-03-01."""
    value = cell.value
    if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value).strip()):
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            pass
    raise cell.error("a day such as 2026-03-01", "Write it so, year first.")
