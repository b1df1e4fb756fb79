"""The two files of the register, read and written."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field

from handbook import paths
from handbook.csvfile import read_csv
from handbook.errors import HandbookError
from handbook.register.fields import (
    LANGUAGE,
    Cell,
    Day,
    Email,
    OfChannel,
    OnPlatform,
    Status,
    Text,
    Url,
    guard,
    validate,
)


class Channel(OnPlatform):
    """A row of the public register.

    Attributes
    ----------
    confirmed_on : date or None
        Day on which somebody confirmed it; None: nobody has yet.
    """

    name: Annotated[Text, Cell]
    url: Url | None = None
    unit: Annotated[Text, Cell] | None = None
    language: Annotated[str, Field(pattern=LANGUAGE)] | None = None
    status: Status
    confirmed_on: Day | None = None


class InternalFacts(OfChannel):
    """A row of the internal register, which never stands in the repository of real channels.

    Attributes
    ----------
    plan_file : str or None
        A file in the folder `plans` beside the internal register.
    """

    role_mailbox: Annotated[Email, Cell] | None = None
    administrators: Annotated[int, Field(ge=0)] | None = None
    plan_file: Annotated[str, Field(pattern=r"^[^/\\:]+\.json$"), Cell] | None = None
    notified_on: Day | None = None
    review_due: Day | None = None
    notes: Annotated[Text, Cell] | None = None


def load(path: Path | None = None) -> list[Channel]:
    """Return the channels of a public register, in its order.

    Parameters
    ----------
    path
        The file; `handbook.paths.chosen_register()` unless given.

    Raises
    ------
    HandbookError
        The file is missing or wrong; the message names each wrong row and column.
    """
    return read_rows(path or paths.chosen_register(), Channel)


def load_internal(path: Path) -> list[InternalFacts]:
    """Return the rows of an internal register; none when there is no such file.

    Raises
    ------
    HandbookError
        The file is wrong; the message names each wrong row and column.
    """
    return read_rows(path, InternalFacts) if path.exists() else []


Row = TypeVar("Row", bound=OfChannel)


def read_rows(path: Path, model: type[Row], content: bytes | None = None) -> list[Row]:
    """Return the rows of a register, or of what is to become its content."""
    columns = ", ".join(model.model_fields)
    if content is None:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise HandbookError(f"{path} is not there. Its columns are {columns}.") from None
        except OSError as error:
            raise HandbookError(f"{path} could not be read ({error.strerror}).") from None
    table = read_csv(path, content)
    expected = set(model.model_fields)
    if set(table.header) != expected:
        missing = ", ".join(sorted(expected - set(table.header)))
        extra = ", ".join(sorted(set(table.header) - expected))
        raise HandbookError(
            f"{path}: expected the columns {columns}"
            + (f"; missing: {missing}" if missing else "")
            + (f"; not known: {extra}" if extra else "")
            + ". Correct the header row."
        )
    rows: list[Row] = []
    mistakes: list[str] = []
    seen: dict[str, int] = {}
    for number, cells in table.rows:
        values = {name: value or None for name, value in cells.items()}
        try:
            row = validate(
                model, values, lambda field, n=number: _place(path, n, field), "a register"
            )
        except HandbookError as error:
            mistakes.append(str(error))
            continue
        if row.channel_id in seen:
            mistakes.append(
                f"{_place(path, number, 'channel_id')}: {row.channel_id} stands in row "
                f"{seen[row.channel_id]} already. Keep one row for each channel."
            )
        seen.setdefault(row.channel_id, number)
        rows.append(row)
    if mistakes:
        raise HandbookError("\n".join(mistakes))
    return rows


def _place(path: Path, number: int, field: str) -> str:
    return f"{path}, row {number}" + (f", column {field!r}" if field else "")


def rewrite(path: Path, content: bytes | None, model: type[Row], rows: Mapping[str, Row]) -> bytes:
    """Return the content of a register with some rows changed or added at its end.

    What is not changed stays byte for byte: notes, the order of rows and columns, other rows.
    A file as a spreadsheet program saves it (semicolons, CRLF, a byte order mark) becomes plain
    UTF-8 with commas and LF.

    Parameters
    ----------
    content
        What the file holds now; None: there is no file yet.
    rows
        The new rows by channel_id.
    """
    if content is None:
        content = _write_lines([list(model.model_fields)])
    text = content.decode("utf-8-sig")
    table = read_csv(path, content)
    saved_elsewhere = content.startswith(b"\xef\xbb\xbf") or b"\r" in content
    head, records = _split(text)
    header = records[0][1] if records else []
    if saved_elsewhere or len(header) < 2 or '"#' in head:
        cells = [list(row.values()) for _, row in table.rows]
        notes = "".join(f"# {note}".rstrip() + "\n" for note in table.notes)
        text = notes + _write_lines([table.header, *cells]).decode()
        head, records = _split(text)
    at = table.header.index("channel_id")
    lines = [head]
    left = dict(rows)
    for number, (raw, cells) in enumerate(records):
        row = left.pop(cells[at].strip(), None) if number and len(cells) > at else None
        lines.append(raw if row is None else _write_row(table.header, row))
    if lines[-1] and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    lines += [_write_row(table.header, row) for row in left.values()]
    return "".join(lines).encode()


def _split(text: str) -> tuple[str, list[tuple[str, list[str]]]]:
    """Return the notes, and each record (the header first) as it stands there and as cells."""
    lines = io.StringIO(text, newline="").readlines()
    noted = 0
    while noted < len(lines) and lines[noted].startswith(("#", '"#')):
        noted += 1
    body = lines[noted:]
    records = []
    reader = csv.reader(body)
    start = 0
    for cells in reader:
        records.append(("".join(body[start : reader.line_num]), cells))
        start = reader.line_num
    return "".join(lines[:noted]), records


def _write_row(header: list[str], row: OfChannel) -> str:
    return _write_lines([[_show(getattr(row, name)) for name in header]]).decode()


def _show(value: Any) -> str:
    return "" if value is None else guard(str(value))


def _write_lines(records: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records)
    return text.getvalue().encode()
