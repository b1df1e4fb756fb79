"""`channels.csv`: a file beside exports that says whose they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from handbook.csvfile import read_csv
from handbook.errors import HandbookError
from handbook.schema import CHANNEL_ID, CHANNEL_ID_FORM

PATTERNS = "channels.csv"
"""Its name. Columns: pattern (for a file's name, or its path from here), channel_id."""


@dataclass(frozen=True)
class Listing:
    """A `channels.csv` that may say whose a file is.

    Attributes
    ----------
    place : str
        Where it stands, for messages.
    read : callable
        Gives its bytes.
    names : tuple of str
        What its patterns are compared with: the file's name, and its path from there.
    """

    place: str
    read: Callable[[], bytes]
    names: tuple[str, ...]

    def channels(self) -> list[str]:
        """Return the channels whose pattern fits the file.

        Raises
        ------
        HandbookError
            It lacks a column, or what it names is no channel id.
        """
        table = read_csv(Path(self.place), self.read())
        if not {"pattern", "channel_id"} <= set(table.header):
            raise HandbookError(
                f"{self.place}: expected the columns pattern and channel_id, found "
                f"{', '.join(table.header)}."
            )
        found: dict[str, None] = {}
        for number, row in table.rows:
            if not CHANNEL_ID.fullmatch(row["channel_id"]):
                raise HandbookError(
                    f"{self.place}, row {number}, column 'channel_id': expected "
                    f"{CHANNEL_ID_FORM}, found {row['channel_id']!r}."
                )
            pattern = row["pattern"].casefold()
            if any(fnmatchcase(name.casefold(), pattern) for name in self.names):
                found[row["channel_id"]] = None
        return list(found)
