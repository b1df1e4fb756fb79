"""Google Analytics 4 reports and explorations, as extra metrics of a website.

A file opens with lines that start with `#` and tell the period, such as `# Start date: 20260101`,
in whatever language. One or more tables follow, each with a header of its own. The visits are a
website's and no channel's: they stand under `website:<property>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from handbook.errors import HandbookError
from handbook.importers.many import many
from handbook.importers.masking import mask
from handbook.importers.source import Cell, Format, SourceFile, normalise
from handbook.schema import METRIC_EXTRA, WEBSITE, Reading

FORMATS = (
    Format(
        "ga4",
        "Google Analytics 4 report",
        None,
        "lines that start with # and hold the first and the last day, as 20260101",
        ("any",),
        "Which post a visit came from, unless its link had campaign parameters.",
    ),
)

_STAMP = re.compile(r"(?<!\d)(20\d{6})(?!\d)")
_PROPERTY = re.compile(
    r"#\s*(?:property|egenskap|egendom|omaisuus|propriété|propiedad|propriedade|proprietà)\s*:(.+)",
    re.IGNORECASE,
)
_TOTALS = {"grand total", "total", "totals", "gesamtsumme", "gesamt", "totalsumma", "yhteensä"}
_PERSON = re.compile(r"\b(?:user|client|device|customer)[ _-]?(?:id|name)\b|e-?mail|\bphone\b")
_GROUP = re.compile(
    "source|medium|campaign|channel|group|country|region|city|continent|device|platform|browser|"
    "operating system|landing|page|screen|title|path|location|event|language|host|referrer|"
    "content|age|gender|audience|established|stream|keyword|term|video|link|url|file|item|"
    "product|category|interest|network|date|day|hour|week|month|quarter|year|minute|"
    "quelle|kampagne|land|stadt|gerät|plattform|seite|titel|ereignis|sprache|alter|geschlecht|"
    "källa|kampanj|kanal|stad|ort|enhet|webbläsare|sida|händelse|språk|ålder|kön|målgrupp|"
    "lähde|tietoväline|kampanja|kanava|maa|alue|kaupunki|laite|alusta|selain|sivu|otsikko|"
    "tapahtuma|kieli|ikä|sukupuoli|yleisö"
)
"""Words of the groups that are kept; a column of words that has none of them may name people."""

_CALENDAR = re.compile(r"\b(?:hour|month|week|year|quarter|minute)\b")
_PADDED = re.compile(r"\d{4}")


def read_ga4(file: SourceFile) -> Reading | None:
    """Read a Google Analytics 4 export; None when it does not open as one.

    Raises
    ------
    HandbookError
        It is one, but a cell is wrong, or nothing stands in it.
    """
    if file.kind != "text" or not _opens_as_one(file.rows):
        return None
    reading = Reading(
        format="ga4",
        title="Google Analytics 4 report",
        sha256=file.sha256,
        platform=WEBSITE,
        handle=_property(file.rows),
    )
    kept: dict[int, float] = {}
    for block in _blocks(file):
        _read_block(block, reading, kept)
    if reading.rows_read and reading.rows_read == reading.dropped and not reading.warnings:
        reading.warnings.append("nothing stands in it but totals or repetitions")
    elif not reading.rows_kept and not reading.warnings:
        raise file.error(
            "a Google Analytics report without any row. Choose a period with data in it, and "
            "download it again."
        )
    return reading


def _opens_as_one(rows: Sequence[Sequence[str]]) -> bool:
    notes = []
    for row in rows[:40]:
        line = ",".join(row).strip()
        if line and not line.startswith("#"):
            break
        notes.append(line)
    stamps = [stamp for note in notes for stamp in _STAMP.findall(note) if _date(stamp)]
    return bool(notes) and notes[0].startswith("#") and len(stamps) >= 2


def _property(rows: Sequence[Sequence[str]]) -> str | None:
    for row in rows[:40]:
        if found := _PROPERTY.match(",".join(row)):
            return found[1].strip(" ,") or None
    return None


@dataclass
class _Block:
    """One table: its header, its rows with their numbers, and the period it covers."""

    file: SourceFile
    header: list[str]
    rows: list[tuple[int, list[str]]]
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def cell(self, number: int, index: int, value: str) -> Cell:
        numbers = "decimal comma" if self.file.decimal_comma else "english"
        return Cell(self.file.name, None, number, self.header[index], value, numbers)


def _blocks(file: SourceFile) -> Iterator[_Block]:
    stamps: list[date] = []
    block: _Block | None = None
    after_notes = False
    for number, row in enumerate(file.rows, start=1):
        line = ",".join(row).strip()
        if not line.strip(" ,"):
            if block and block.rows:
                yield block
                block = None
            continue
        if line.startswith("#"):
            if block:
                yield block
                block = None
            if not after_notes:
                stamps_here: list[date] = []
                after_notes = True
            stamps_here += [day for stamp in _STAMP.findall(line) if (day := _date(stamp))]
            continue
        if after_notes and len(stamps_here) >= 2:
            stamps = sorted(stamps_here[-2:])
        after_notes = False
        if block is None:
            block = _Block(file, _header(row), [], stamps[0], stamps[1])
        else:
            block.rows.append((number, row))
    if block:
        yield block


@lru_cache(maxsize=10_000)
def _date(stamp: str) -> date | None:
    try:
        return datetime.strptime(stamp, "%Y%m%d").date()
    except ValueError:
        return None


def _header(row: Sequence[str]) -> list[str]:
    """Return the headers; one that stands twice gets a number."""
    header: list[str] = []
    for cell in row:
        name = " ".join(cell.split())
        times = sum(normalise(name) == normalise(before) for before in row[: len(header)])
        header.append(f"{name} ({times + 1})" if name and times else name)
    while header and not header[-1]:
        header.pop()
    return header


def _read_block(block: _Block, reading: Reading, kept: dict[int, float]) -> None:
    """Read a table; `kept` has, by a hash of day, name and group, what has been kept so far."""
    reading.rows_read += len(block.rows)
    width = len(block.header)
    rows = []
    for number, cells in block.rows:
        if any(normalise(cell) in _TOTALS for cell in cells):
            reading.dropped += 1
        elif len(cells) < width:
            reading.rejected.append(
                f"row {number}: only {len(cells)} of {width} cells: the file is cut short there"
            )
        else:
            rows.append((number, cells))
    by_day, dated = _find_days(block, rows)
    dimensions = _dimensions(block, rows, by_day)
    groups = [index for index in dimensions if index != by_day]
    for index in range(width):
        header = normalise(block.header[index])
        if _PERSON.search(header) or (index in groups and not _GROUP.search(header)):
            reading.dropped += len(rows)
            reading.warnings.append(
                f"a table by {block.header[index]!r} was not kept: it may tell of single persons"
            )
            return
    groups.sort(key=lambda index: block.header[index].casefold())
    by = ", ".join(block.header[index].lower() for index in groups)
    suffix = (f" by {by}" if by else "") + ("" if dated else f" ({block.days} days)")
    full_names = {name: name + suffix for name in block.header}
    measures = [i for i, name in enumerate(block.header) if name and i not in dimensions]
    for i, (number, cells) in enumerate(rows):
        day = dated[i] if dated else block.end
        category = " / ".join(mask(cells[index].strip()) for index in groups)
        told = {}
        for index in measures:
            value = block.cell(number, index, cells[index]).number()
            if value is not None:
                told[block.header[index]] = value
        keys = {name: hash((day, full_names[name], category)) for name in told}
        before = {name: kept[key] for name, key in keys.items() if key in kept}
        if any(before[name] != told[name] for name in before):
            reading.rejected.append(f"row {number}: its group stood before with other numbers")
            continue
        if before and len(before) == len(told):
            reading.dropped += 1
            continue
        for name, value in told.items():
            if name in before:
                continue
            kept[keys[name]] = value
            many(reading, METRIC_EXTRA).append(
                {
                    "date": day,
                    "name": full_names[name],
                    "category": category,
                    "value": value,
                    "unit": _unit(name, value),
                }
            )


def _dimensions(block: _Block, rows: list[tuple[int, list[str]]], by_day: int | None) -> list[int]:
    """Return which columns divide the numbers: the day, parts of the calendar, all with words."""
    found = []
    for index, name in enumerate(block.header):
        if (
            index == by_day
            or _CALENDAR.search(normalise(name))
            or not all(_is_number(block.cell(number, index, row[index])) for number, row in rows)
        ):
            found.append(index)
    return found or [0]


def _is_number(cell: Cell) -> bool:
    try:
        cell.number()
    except HandbookError:
        return False
    return True


def _find_days(block: _Block, rows: list[tuple[int, list[str]]]) -> tuple[int | None, list[date]]:
    """Find the column of days, and the day of each row: 20260101, or the 0000th of the period."""
    for index, name in enumerate(block.header):
        values = [cells[index].strip() for _, cells in rows]
        stamps = [_date(value) for value in values if _STAMP.fullmatch(value)]
        if rows and len(stamps) == len(rows) and all(stamps):
            return index, [day for day in stamps if day]
        if rows and all(_PADDED.fullmatch(value) for value in values):
            numbers = [int(value) for value in values]
            every = sorted(set(numbers)) == list(range(block.days))
            if max(numbers) < block.days and ("day" in normalise(name) or (every and index == 0)):
                return index, [block.start + timedelta(days=number) for number in numbers]
    return None, []


def _unit(name: str, value: float) -> str:
    words = set(re.split(r"[\W_]+", name.casefold()))
    if "rate" in words:
        return "fraction"
    if words & {"time", "duration"}:
        return "seconds"
    return "count" if isinstance(value, int) and "per" not in words else "number"
