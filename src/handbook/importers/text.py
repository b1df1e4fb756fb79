"""The text of a file, and the rows in it: encodings, delimiters, and damage that can be undone."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with BOM"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16LE"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16BE"),
)
_DELIMITERS = ",;\t"
_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?[,;\t]*\s*", re.IGNORECASE)
_LOOKED_AT = 50
_LARGE = 4_000_000
_OFTEN_SAID = 24
"""Letters up to which a cell is likely to stand in a file again."""
_MOST_KNOWN = 500_000

MOST_CELLS = 8_000_000
MOST_ROWS = 1_000_000
"""Cells and rows of a text that is held in memory as a whole; `stream` has no such limit."""
_HIGH = re.compile(rb"[\x80-\xff]+")


class Damaged(Exception):
    """Why text cannot be read as a table, in words."""


class TooLarge(Damaged):
    """It has more cells or rows than are held in memory."""


@dataclass
class Decoded:
    """Text, and what had to be done to get it.

    Attributes
    ----------
    text : str
        Empty again when a table has been made of it: both may not fit into memory.
    encoding : str
        As a reader knows it, such as "UTF-16LE".
    repairs : list of str
        What was mended on the way, one sentence each: a warning for the report.
    delimiter : str
        Set when the rows have been split.
    """

    text: str
    encoding: str
    repairs: list[str] = field(default_factory=list)
    delimiter: str = ","


def decode(data: bytes) -> Decoded:
    """Decode bytes by their mark, else as UTF-8, else by the code page that they look like.

    Raises
    ------
    Damaged
        They are no text in any encoding that exports come in.
    """
    for mark, codec, name in _BOMS:
        if data.startswith(mark):
            return Decoded(_strictly(data, codec, name), name)
    if b"\x00" in data[:4096]:
        name = _utf16_without_mark(data[:4096])
        if name is None:
            raise Damaged("neither a spreadsheet nor text")
        return Decoded(_strictly(data, name.lower(), name), name)
    try:
        return Decoded(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        pass
    codec, name = _code_page(data)
    text = data.decode(codec, errors="replace")
    if "\ufffd" in text or re.search("[\x01-\x08\x0e-\x1a\x1c-\x1f]", text[:4096]):
        raise Damaged("its characters are in no encoding that exports come in")
    return Decoded(
        text,
        name,
        [
            f"it is not in UTF-8, and was read as {name}: check that letters such as ä and ö are "
            "right"
        ],
    )


def _strictly(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise Damaged(f"it says that it is {name}, but byte {error.start} is not") from None


def _utf16_without_mark(head: bytes) -> str | None:
    odd, even = head[1::2].count(0), head[0::2].count(0)
    most = len(head) // 2 * 0.6
    if odd > most and even < most / 8:
        return "UTF-16LE"
    if even > most and odd < most / 8:
        return "UTF-16BE"
    return None


def _code_page(data: bytes) -> tuple[str, str]:
    """Guess: old Macs end lines by CR alone; Cyrillic letters stand in runs, ä and ö alone."""
    if data.count(b"\r") - data.count(b"\r\n") > data.count(b"\n"):
        return "mac_roman", "Mac OS Roman"
    runs = [len(run) for run in _HIGH.findall(data[:1_000_000])]
    if sum(length for length in runs if length >= 3) * 2 > sum(runs):
        return "cp1251", "Windows-1251"
    return "cp1252", "Windows-1252"


def is_plain(head: bytes) -> bool:
    """Return whether a file that begins so is UTF-8 with commas, with nothing to mend."""
    try:
        lines = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return False
    if "\x00" in lines or lines.lstrip().startswith(("<", "{", "[")):
        return False
    return _find_delimiter(lines, None) == "," and not re.match(r'"[^"]*,""', lines)


def name_utf8(head: bytes) -> str:
    """Return the name of UTF-8 as readers know it, with or without its mark."""
    return "UTF-8 with BOM" if head.startswith(codecs.BOM_UTF8) else "UTF-8"


def stream(file: IO[bytes]) -> Iterator[list[str]]:
    """Yield the rows of a plain file, without holding all of them.

    Raises
    ------
    Damaged
        It is not UTF-8 throughout, or its quotation marks do not fit together.
    """
    with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as lines:
        try:
            yield from csv.reader(lines, strict=True)
        except UnicodeDecodeError:
            raise Damaged("it begins in UTF-8, but is not UTF-8 throughout") from None
        except csv.Error as error:
            raise Damaged(f"damaged or cut short ({error})") from None


def split(decoded: Decoded) -> list[list[str]]:
    """Split text into rows of cells: quoted cells, any line end, the delimiter that it has.

    A line `sep=,` stays as a row of its own, with the one cell `sep=,`. Lines that a spreadsheet
    program has quoted once more, as one cell each, are taken apart again, with a word in
    `repairs`.

    Raises
    ------
    Damaged
        A quotation mark is never closed, or stands inside a cell so that rows cannot be told
        apart; or there are more than `MOST_CELLS` cells or `MOST_ROWS` rows.
    """
    text = decoded.text
    head = text[:20].splitlines()
    said = _SEPARATOR_LINE.fullmatch(head[0]) if head else None
    decoded.delimiter = _find_delimiter(text, said[1] if said else None)
    if text.count(decoded.delimiter) + text.count("\n") > MOST_CELLS:
        raise TooLarge(f"it has more than {MOST_CELLS:,} cells")
    rows = _records(text, decoded)
    if said and rows:
        rows[0] = [f"sep={said[1]}"]
    return _unquote_again(rows, decoded)


def _find_delimiter(text: str, said: str | None) -> str:
    """Return the delimiter that gives the most rows of one width, and the widest ones."""
    lines = io.StringIO(text[:200_000], newline="")
    sample = "".join(line for _, line in zip(range(_LOOKED_AT * 4), lines, strict=False))
    best, found = (0, 0), said if said and said in _DELIMITERS else ","
    for delimiter in _DELIMITERS:
        rows = []
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                rows.append(row)
        except csv.Error:
            pass
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, times = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
        score = times * width, width
        if delimiter == said:
            score = score[0] + 1, width
        if score > best:
            best, found = score, delimiter
    return found


def _records(text: str, decoded: Decoded) -> list[list[str]]:
    try:
        return _parse(text, decoded.delimiter, strict=True)
    except csv.Error as error:
        problem = str(error)
    if "unexpected end" in problem or "field larger" in problem:
        raise Damaged("a quotation mark is opened and never closed: it was cut short")
    rows = _parse(text, decoded.delimiter, strict=False)
    widths = Counter(len(row) for row in rows if any(row))
    usual = max(widths, key=lambda width: widths[width], default=0)
    for number, row in enumerate(rows, start=1):
        if len(row) > usual:
            raise Damaged(
                f"in row {number} a quotation mark inside a cell is not doubled, so that its "
                "cells cannot be told apart"
            )
    decoded.repairs.append("quotation marks inside cells were not doubled; they were kept as text")
    return rows


def _parse(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    """Parse rows; of cells that say the same, a large text keeps one in memory."""
    if len(text) < _LARGE:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict))
    lines = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")
    known: dict[str, str] = {}
    rows = []
    for row in csv.reader(lines, delimiter=delimiter, strict=strict):
        same = known.setdefault if len(known) < _MOST_KNOWN else known.get
        rows.append([same(cell, cell) if len(cell) < _OFTEN_SAID else cell for cell in row])
        if len(rows) > MOST_ROWS:
            raise TooLarge(f"it has more than {MOST_ROWS:,} rows")
    return rows


def _unquote_again(rows: list[list[str]], decoded: Decoded) -> list[list[str]]:
    """Undo a spreadsheet program's saving of a whole row as one cell."""
    filled = [row for row in rows[:_LOOKED_AT] if any(row)]
    if filled and all(_alone(row) for row in filled):
        inner = Decoded("\n".join(row[0] if row else "" for row in rows), decoded.encoding)
        inner.delimiter = _find_delimiter(inner.text, None)
        again = _records(inner.text, inner)
        if sum(len(row) > 1 for row in again[:_LOOKED_AT]) * 2 > len(filled):
            decoded.repairs.append(_UNQUOTED)
            decoded.delimiter = inner.delimiter
            return again
        return rows
    width = max((len(row) for row in filled), default=0)
    mended = 0
    for index, row in enumerate(rows):
        if width > 2 and row and '"' in row[0] and _alone(row):
            for delimiter in _DELIMITERS:
                parts = next(csv.reader(io.StringIO(row[0], newline=""), delimiter=delimiter), [])
                if len(parts) == width:
                    rows[index] = parts
                    mended += 1
                    break
    if mended:
        decoded.repairs.append(_UNQUOTED)
    return rows


def _alone(row: list[str]) -> bool:
    return not any(row[1:])


_UNQUOTED = (
    "a spreadsheet program had put whole rows into one cell each; they were taken apart again"
)
