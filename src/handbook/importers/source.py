"""A file as it came, and the parsing of its cells: what all importers share."""

from __future__ import annotations

import hashlib
import io
import json
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cached_property, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from handbook.errors import HandbookError
from handbook.importers import spreadsheetml, text, workbooks
from handbook.importers.moments import parse_moment
from handbook.importers.strangers import UNFINISHED, tell_stranger

MISSING = {"", "-", "--", "–", "n/a", "nan", "null", "none", "undefined"}
"""Cells that mean "not there", in small letters; never zero."""

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\ufeff]")
_HEADER_WITHIN = 40
_HEAD = 65_536
_LONGEST_HEADER = 1_000
_MOST_OBJECTS = 2_000_000

LARGE = 8_000_000
"""Bytes from which on a CSV file is read in parts."""


def normalise(header: Any) -> str:
    """Return a header cell in the form that layouts are written in.

    NFKC, without soft hyphens and marks that nobody sees, single spaces, small letters.
    """
    text = str(header)
    return _normalise(text) if len(text) <= _LONGEST_HEADER else text


@lru_cache(maxsize=20_000)
def _normalise(text: str) -> str:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(plain.split()).casefold()


@dataclass(frozen=True)
class Options:
    """What the user says of all files.

    Attributes
    ----------
    platform : str or None
        Which platform they are of, for files that do not say it themselves.
    exported_on : date or None
        The day that they were downloaded on, for files that leave out the year.
    keep_text : bool
        False: no text of posts is kept.
    """

    platform: str | None = None
    exported_on: date | None = None
    keep_text: bool = True


NO_OPTIONS = Options()


@dataclass(frozen=True)
class Format:
    """An export that is known, as `handbook formats` tells of it.

    Attributes
    ----------
    id : str
        As reports and the import log name it, such as "x-posts".
    title : str
    platform : str or None
        None for the plain CSV and others that any platform's figures may stand in.
    known_by : str
        What in the file it is known by.
    languages : tuple of str
        Languages of its headers, such as ("en", "de").
    cannot_tell : str
        What it does not say, in words for an analyst.
    """

    id: str
    title: str
    platform: str | None
    known_by: str
    languages: tuple[str, ...]
    cannot_tell: str


class SourceFile:
    """A file, read once.

    Parameters
    ----------
    path : Path
        Where it stands, or the archive that it stands in.
    data : bytes, optional
        Its content, where it was taken out of an archive.
    name : str, optional
        Its name in the archive.
    origin : tuple of str
        Names around it, the outermost first: folder, archive, folders in the archive.
    options : Options

    Attributes
    ----------
    name : str
        Its name without the folder, as errors give it.
    dated : datetime or None
        The date of its entry in an archive.
    head : bytes
        What it begins with.
    asked : dict
        The first rows of its tables, and their cells as headers: see `find_grid`.
    """

    def __init__(
        self,
        path: Path,
        data: bytes | None = None,
        *,
        name: str | None = None,
        origin: tuple[str, ...] = (),
        options: Options = NO_OPTIONS,
    ) -> None:
        self.path = path
        self.name = name or path.name
        self.origin = origin
        self.options = options
        self.dated: datetime | None = None
        self.asked: dict[tuple[int, ...], tuple[Any, list[set[str]]]] = {}
        self._given = data
        self._stamp = _stamp(path)
        self.head = _read(path, _HEAD) if data is None else data[:_HEAD]
        if not self.head:
            raise HandbookError(f"{self.name} is empty: 0 bytes. Download it again.")
        if said := tell_stranger(self.head):
            raise self.error(said)
        if Path(self.name).suffix.casefold() in UNFINISHED:
            raise self.error(
                "the browser has not finished downloading it. Wait, or start it again."
            )

    @cached_property
    def data(self) -> bytes:
        """All of its bytes."""
        return _read(self.path) if self._given is None else self._given

    @cached_property
    def sha256(self) -> str:
        """Hash of its bytes."""
        with self.open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def open(self) -> IO[bytes]:
        """Open its bytes."""
        return self.path.open("rb") if self._given is None else io.BytesIO(self._given)

    def place(self, folder: Path) -> Path:
        """Return where its bytes stand by themselves: out of an archive, a copy in `folder`."""
        if self._given is None:
            return self.path.absolute()
        copy = folder / "taken-out.csv"
        copy.write_bytes(self._given)
        return copy

    def refuse_changed(self) -> None:
        """Refuse it if another program has written to it since it was opened."""
        if self._given is None and _stamp(self.path) != self._stamp:
            raise self.error(
                "it changed while it was read: another program is writing it. Wait until that is "
                "done, and import it again."
            )

    @cached_property
    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size if self._given is None else len(self._given)

    @cached_property
    def streams(self) -> bool:
        """True for a large CSV file: ask for `stream` first, for not all of it fits into memory."""
        return self.size >= LARGE and text.is_plain(self.head)

    def stream(self) -> Iterator[list[str]]:
        """Return the rows of a large CSV file, one after another."""
        try:
            yield from text.stream(self.open())
        except text.Damaged as error:
            raise self.error(f"{error}. {_AGAIN}") from None

    def beside(self, name: str) -> bytes | None:
        """Return the content of the file `name` beside this one, in the same archive too."""
        try:
            return (self.path.parent / name).read_bytes()
        except OSError:
            return None

    @cached_property
    def kind(self) -> str:
        """One of "xls", "xlsx", "xml" (a spreadsheet in XML), "json" and "text"; by content."""
        if self.head.startswith(workbooks.XLS):
            return "xls"
        if self.head.startswith(workbooks.XLSX):
            return "xlsx"
        if self.streams:
            return "text"
        head = self._decoded.text[:2000].lstrip("\ufeff \t\r\n")
        if head.startswith("<") and "urn:schemas-microsoft-com:office:spreadsheet" in head:
            return "xml"
        if head.startswith(("{", "[")) and self._parsed is not None:
            return "json"
        return "text"

    @cached_property
    def _decoded(self) -> text.Decoded:
        try:
            return text.decode(self.data)
        except text.Damaged as error:
            raise self.error(f"{error}. Is it an export? {_AGAIN}") from None

    @property
    def encoding(self) -> str:
        """Encoding of a text, as a reader knows it; the kind of workbook for others."""
        if self.kind in ("xls", "xlsx"):
            return self.kind
        if self.streams and "_decoded" not in vars(self):
            return text.name_utf8(self.head)
        return self._decoded.encoding

    @property
    def repairs(self) -> list[str]:
        """What was mended in reading, one sentence each: warnings for the report."""
        if self.kind in ("xls", "xlsx") or (self.streams and "rows" not in vars(self)):
            return []
        if self.kind == "text":
            _ = self.rows
        return self._decoded.repairs

    @cached_property
    def rows(self) -> list[list[str]]:
        """Rows of cells of a text file; empty for others.

        Row `i` of the list is row `i + 1` as a spreadsheet counts.
        """
        if self.kind != "text":
            return []
        try:
            rows = text.split(self._decoded)
        except text.TooLarge as error:
            raise self.error(f"{error}. {_IN_PARTS}") from None
        except text.Damaged as error:
            raise self.error(f"{error}. {_AGAIN}") from None
        self._decoded.text = ""
        vars(self).pop("data", None)
        return rows

    @property
    def decimal_comma(self) -> bool:
        """True where a spreadsheet program of Finland or the like has written the numbers."""
        if self.kind != "text" or self.streams:
            return False
        return bool(self.rows) and self._decoded.delimiter == ";"

    @cached_property
    def _parsed(self) -> Any:
        content = self._decoded.text
        if content.count("{") + content.count("[") > _MOST_OBJECTS:
            raise self.error(f"more than {_MOST_OBJECTS:,} things in it. No export has so many.")
        try:
            return json.loads(self._decoded.text.lstrip("\ufeff"), parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            return None

    @property
    def json(self) -> Any:
        """The parsed JSON; None for other files."""
        return self._parsed if self.kind == "json" else None

    @cached_property
    def tables(self) -> dict[str | None, list[list[Any]]]:
        """Rows of cells by sheet name; those of a text file under None; empty for JSON."""
        if self.kind == "text":
            return {None: self.rows}
        return dict(self.sheets)

    @cached_property
    def sheets(self) -> dict[str, list[list[Any]]]:
        """Rows of cells by sheet name; empty for text."""
        if self.kind in ("text", "json"):
            return {}
        try:
            if self.kind == "xls":
                return workbooks.read_xls(self.data)
            if self.kind == "xlsx":
                return workbooks.read_xlsx(self.data)
            return spreadsheetml.read(self.data, workbooks.MOST_CELLS)
        except workbooks.Locked:
            raise self.error(
                "locked with a password, which no export is as it comes. Import the file that you "
                "downloaded, or remove the password in the spreadsheet program."
            ) from None
        except workbooks.TooLarge as error:
            raise self.error(f"{error}. {_IN_PARTS}") from None
        except (workbooks.Broken, spreadsheetml.Broken) as error:
            raise self.error(
                f"cut short, damaged or not a spreadsheet ({error}). {_AGAIN}"
            ) from None

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


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is written to; None if it is not there."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_size, told.st_mtime_ns


def _read(path: Path, most: int = -1) -> bytes:
    if path.is_dir():
        raise HandbookError(f"{path} is a folder. Import all files in it with -r.")
    try:
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise HandbookError(f"{path} is not there. Check the name.") from None
    except OSError as error:
        raise HandbookError(f"{path} could not be read ({error.strerror}).") from None


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
    numbers : str
        How numbers are written: "plain" (1234.5), "english" (1,234.5), or "continental"
        (1.234,5 and 1 234,5).
    one_decimal : frozenset of str
        Our names for columns whose numbers have one decimal at most. Only there `3.huhti`, made
        of 3.4 by a spreadsheet program, is turned back.
    languages : mapping of str to tuple of str
        Languages by normalised header, where the export comes in several: see
        `handbook.importers.languages`.
    """

    title: str
    columns: Mapping[str, str]
    required: frozenset[str]
    ignored: frozenset[str] = frozenset()
    numbers: str = "plain"
    one_decimal: frozenset[str] = frozenset()
    languages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def targets(self) -> dict[str, str]:
        """Our name by normalised header."""
        return {normalise(header): name for header, name in self.columns.items()}

    @cached_property
    def _wanted(self) -> list[frozenset[str]]:
        """The normalised headers of each column that must be there."""
        return [
            frozenset(header for header, name in self.targets.items() if name == required)
            for required in self.required
        ]

    def fits(self, keys: set[str]) -> bool:
        """Return whether all that must be there is among normalised headers."""
        return not any(keys.isdisjoint(wanted) for wanted in self._wanted)

    def language_of(self, headers: Sequence[Any]) -> str | None:
        """Return the language that most of `headers` are in; None if the layout has one only."""
        found = Counter(
            language for header in headers for language in self.languages.get(normalise(header), ())
        )
        return max(found, key=lambda language: found[language]) if found else None

    def missing(self, headers: Sequence[Any]) -> list[str]:
        """Return the required headers that `headers` lacks, as the platform writes them."""
        found = {self.targets.get(normalise(header)) for header in headers}
        if self.required <= found:
            return []
        return [
            next(header for header, target in self.columns.items() if target == name)
            for name in dict.fromkeys(self.columns.values())
            if name in self.required and name not in found
        ]


class Cell(NamedTuple):
    """A cell and where it stands, so that an error can say so.

    Attributes
    ----------
    numbers, one_decimal
        How numbers are written in it: see `Layout`.
    """

    file: str
    sheet: str | None
    row: int
    column: str
    value: Any
    numbers: str = "plain"
    one_decimal: bool = False

    @property
    def place(self) -> str:
        """File, sheet, row and column in words."""
        sheet = f", sheet {self.sheet!r}" if self.sheet else ""
        return f"{self.file}{sheet}, row {self.row}, column {self.column!r}"

    def error(self, expected: str, advice: str = "") -> HandbookError:
        """Return an error that says what was expected here, what was found, and what to do."""
        return HandbookError(
            f"{self.place}: expected {expected}, found {str(self.value)[:40]!r}. {advice or _AGAIN}"
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
            raise self.error("a whole number")
        return int(number)

    def number(self, expected: str = "a number") -> float | int | None:
        """The cell as a number, or None."""
        value = self.value
        if value.__class__ is str:
            if not value:
                return None
            if len(value) <= 18 and value.isascii() and value.isdigit():
                return int(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if value != value:
                return None
        elif (text := self.text) is None:
            return None
        elif _WHOLE.fullmatch(text):
            return int(text)
        else:
            plain = _NUMBERS[self.numbers](text)
            if _WHOLE.fullmatch(plain):
                return int(plain)
            if not _DECIMAL.fullmatch(plain):
                return self._undo_month(expected)
            value = float(plain)
        if value in _INFINITE:
            raise self.error(expected)
        return value

    def _undo_month(self, expected: str) -> float:
        """Turn `3.huhti` back into 3.4, where no other number can have become it."""
        found = parse_moment(str(self.value), ("%d.%B", "%d-%B", "%d %B"), MONTHS_OF)
        if found is None:
            raise self.error(expected)
        if not self.one_decimal or found.month > 9:
            raise self.error(expected, f"A spreadsheet program has made a date of it. {_AGAIN}")
        return found.day + found.month / 10

    def fraction(self) -> float | None:
        """The percentage in the cell (4.2, or 4.2%) as a fraction, or None."""
        text = self.text
        bare = self if text is None else self._replace(value=text.removesuffix("%").strip())
        number = bare.number("a percentage")
        return None if number is None else number / 100

    def identifier(self) -> str | None:
        """The cell as an id, which is text whatever it looks like; None if there is none.

        Raises
        ------
        HandbookError
            A spreadsheet program has rounded it, so that it is nobody's id.
        """
        value = self.value
        if isinstance(value, float) and not isinstance(value, bool):
            if value != value:
                return None
            if value != int(value) or abs(value) >= 10**15:
                raise self.error("a whole id", _DESTROYED)
            return str(int(value))
        text = (self.text or "").lstrip("'")
        if re.fullmatch(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+", text):
            raise self.error("a whole id", _DESTROYED)
        return text or None

    def day(self, *forms: str, languages: Sequence[str] = ("en",)) -> date | None:
        """The day in the cell, or None.

        Parameters
        ----------
        forms : str
            Such as "%m/%d/%Y" or "%a, %b %d, %Y": see `parse_moment`. A cell that is a date
            already is taken as it is.
        languages : sequence of str
            Whose names of months may stand in it.
        """
        found = self._moment(forms, languages)
        return found and found.date()

    def moment(
        self, *forms: str, tz: str = "UTC", languages: Sequence[str] = ("en",)
    ) -> datetime | None:
        """The time in the cell, in UTC and without a zone, or None.

        Parameters
        ----------
        forms : str
            Such as "%m/%d/%Y %H:%M": see `parse_moment`. With "%z" the cell says its own zone.
        tz : str
            The zone that the cell's time is in otherwise, such as "America/Los_Angeles".
            In the hour that a clock goes through twice, the first is taken.
        """
        found = self._moment(forms, languages)
        if found is None:
            return None
        try:
            aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(tz))
            return aware.astimezone(UTC).replace(tzinfo=None)
        except (OverflowError, ValueError):
            raise self.error("a time") from None

    def _moment(self, forms: Sequence[str], languages: Sequence[str]) -> datetime | None:
        value = self.value
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day)
        if (text := self.text) is None:
            return None
        found = parse_moment(text, tuple(forms), tuple(languages))
        if found is None:
            raise self.error(f"{'a time' if '%H' in forms[0] else 'a day'} such as {_show(forms)}")
        return found


MONTHS_OF = ("en", "fi", "sv", "de", "ru")
"""Languages in which spreadsheet programs have been seen to make dates of numbers."""

_AGAIN = "Download the file again, and do not open it in a spreadsheet program first."
_IN_PARTS = "Choose a shorter period, and import several files instead of one."
_DESTROYED = f"A spreadsheet program has destroyed it. {_AGAIN}"

_INFINITE = (float("inf"), float("-inf"))
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NUMBERS = {
    "plain": lambda text: text,
    "english": lambda text: re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", text),
    "continental": lambda text: re.sub(
        r"(?<=[0-9])[.\s\u00a0\u202f'](?=[0-9]{3}(?![0-9]))", "", text
    ).replace(",", "."),
    "decimal comma": lambda text: re.sub(r"^([+-]?[0-9]+),([0-9]+)$", r"\1.\2", text),
}


def _show(forms: Sequence[str]) -> str:
    example = datetime(2026, 3, 31, 14, 5, tzinfo=UTC)
    return " or ".join(example.strftime(form) for form in forms[:2])


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
    numbers: str = "plain"

    @cached_property
    def language(self) -> str | None:
        """The language that most headers are in; None where the layout has one only."""
        return self.layout.language_of(self.headers)

    def cells(
        self, only: Container[str] | None = None
    ) -> Iterator[tuple[int, dict[str, Cell], list[Cell]]]:
        """Yield row number, cells by our name, and cells that the layout does not know.

        Columns without a header are left out. Where two columns have one name of ours, the
        first one has it.

        Parameters
        ----------
        only : container of str, optional
            Those of our names that are wanted, and nothing else.
        """
        known: list[tuple[str, int, str, bool]] = []
        unknown: list[tuple[int, str]] = []
        taken = set()
        for index, header in enumerate(self.headers):
            name = self.layout.targets.get(normalise(header))
            if header and name is not None and name not in taken:
                known.append((name, index, header, name in self.layout.one_decimal))
            elif header:
                unknown.append((index, header))
            if name not in self.layout.ignored:
                taken.add(name)
        if only is not None:
            known, unknown = [column for column in known if column[0] in only], []
        file, sheet, numbers, width = self.file, self.sheet, self.numbers, len(self.headers)
        make = partial(tuple.__new__, Cell)  # a third of the time of Cell(...)
        for number, cells in self.rows:
            values = cells if len(cells) >= width else [*cells, *[""] * (width - len(cells))]
            yield (
                number,
                {
                    name: make((file, sheet, number, header, values[index], numbers, one))
                    for name, index, header, one in known
                },
                [
                    make((file, sheet, number, header, values[index], numbers, False))
                    for index, header in unknown
                ],
            )


def find_grid(
    file: SourceFile | str,
    sheet: str | None,
    rows: Sequence[Sequence[Any]],
    layouts: Sequence[Layout],
) -> Grid | None:
    """Find the header row of one of `layouts` among the first rows; None if there is none.

    Where several layouts fit the same row, the first of them is taken.
    """
    for index, keys in enumerate(_keys(file, rows)):
        for layout in layouts:
            if layout.fits(keys):
                return make_grid(file, sheet, rows, index, layout)
    return None


def _keys(file: SourceFile | str, rows: Sequence[Sequence[Any]]) -> list[set[str]]:
    """Return the first rows as normalised headers; each reader of a file asks for them anew."""
    first = rows[:_HEADER_WITHIN]
    asked = file.asked if isinstance(file, SourceFile) else {}
    key = tuple(map(id, first))
    if key not in asked:
        asked[key] = first, [{normalise(cell) for cell in row} for row in first]
    return asked[key][1]


def make_grid(
    file: SourceFile | str,
    sheet: str | None,
    rows: Sequence[Sequence[Any]],
    index: int,
    layout: Layout,
) -> Grid:
    """Return the table whose header is `rows[index]`; the rows under it are the table's."""
    body = [
        (number, cells if isinstance(cells, list) else list(cells))
        for number, cells in enumerate(islice(rows, index + 1, None), start=index + 2)
        if any(str(cell).strip() for cell in cells)
    ]
    numbers, name = layout.numbers, file
    if isinstance(file, SourceFile):
        name = file.name
        if numbers == "plain" and file.decimal_comma:
            numbers = "decimal comma"
    return Grid(str(name), sheet, layout, _distinct(rows[index]), body, numbers)


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
    most headers are the layout's. A header with a slip in it counts nearly as one that is there.
    """
    best: tuple[float, Layout, list[str]] | None = None
    for row in rows[:_HEADER_WITHIN]:
        headers = [header for cell in row if (header := normalise(cell))]
        for layout in layouts:
            missing = layout.missing(row)
            unknown = [header for header in headers if header not in layout.targets]
            known = len(headers) - len(unknown)
            alike = sum(
                bool(get_close_matches(normalise(one), unknown, 1, 0.75)) for one in missing
            )
            near = 1 - (len(missing) - 0.8 * alike) / len(layout.required)
            if near < 2 / 3 and (near < 1 / 2 or known * 2 < len(headers) or known < 2):
                continue
            score = near + 0.1 * known / len(headers)
            if best is None or score > best[0]:
                best = score, layout, missing
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
