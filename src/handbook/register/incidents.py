"""Incidents that a channel has acknowledged: what was unusual, and no longer counts as usual."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from handbook.csvfile import read_csv
from handbook.errors import HandbookError
from handbook.register.fields import guard, read_cell
from handbook.register.files import write_files
from handbook.register.folder import Folder
from handbook.schema import CHANNEL_ID, CHANNEL_ID_FORM

COLUMNS = ("channel_id", "start", "end", "note")
"""Columns of `incidents.csv`."""

EXPECTED = "a day such as 2026-03-09, or a time in UTC such as 2026-03-09T14:00Z"


@dataclass(frozen=True)
class Incident:
    """One acknowledged incident.

    Attributes
    ----------
    channel_id : str
    start, end : datetime
        In UTC, both included; a day as an end is its last second.
    note : str
        What it was; no names of people.
    """

    channel_id: str
    start: datetime
    end: datetime
    note: str


def load_incidents(path: Path) -> list[Incident]:
    """Return the incidents of a file, by start; none where there is no file.

    Raises
    ------
    HandbookError
        A column is missing, or a row has a wrong channel or time.
    """
    if not path.exists():
        return []
    table = read_csv(path)
    if missing := [name for name in COLUMNS if name not in table.header]:
        raise HandbookError(
            f"{path}: the column {missing[0]} is missing; expected {', '.join(COLUMNS)}."
        )
    found = []
    for number, row in table.rows:
        where = f"{path}, row {number}"
        try:
            note = read_cell(row["note"])
        except ValueError as error:
            raise HandbookError(
                f"{where}, note: expected {error}, found {row['note']!r}."
            ) from None
        found.append(read_incident(row["channel_id"], row["start"], row["end"], note, where))
    return sorted(found, key=lambda one: (one.start, one.channel_id))


def read_incident(channel_id: str, start: str, end: str, note: str, where: str) -> Incident:
    """Return an incident from what somebody wrote; `where` is told in errors."""
    if not CHANNEL_ID.fullmatch(channel_id):
        raise HandbookError(
            f"{where}, channel_id: expected {CHANNEL_ID_FORM}, found {channel_id!r}."
        )
    first = read_time(start, f"{where}, start")
    last = read_time(end, f"{where}, end", end=True)
    if last < first:
        raise HandbookError(f"{where}: the end {end} comes before the start {start}.")
    return Incident(channel_id, first, last, note)


def read_time(text: str, where: str, *, end: bool = False) -> datetime:
    """Return a moment in UTC; a day begins at 0, and as an end it includes its last second."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise HandbookError(f"{where}: expected {EXPECTED}, found {text!r}.") from None
    if len(text) <= len("2026-03-09"):
        time = time + timedelta(days=1, seconds=-1) if end else time
        return time.replace(tzinfo=UTC)
    if time.tzinfo is None:
        raise HandbookError(f"{where}: {text} has no time zone; expected {EXPECTED}.")
    return time.astimezone(UTC)


def add_incident(folder: Folder, incident: Incident) -> bool:
    """Write an incident into the file beside the store; False where it stands there already."""
    if folder.is_made_up:
        raise HandbookError(
            f"{folder.incidents}: these are the made-up university's files. Name a store of your "
            "own with --store."
        )
    known = load_incidents(folder.incidents)
    if incident in known:
        return False
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in sorted([*known, incident], key=lambda one: (one.start, one.channel_id)):
        times = (f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in (one.start, one.end))
        writer.writerow([one.channel_id, *times, guard(one.note)])
    write_files(folder, {folder.incidents: text.getvalue().encode()})
    return True
