"""`channels.csv`: a file beside exports that says whose they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

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
        return list(self._channels)

    @cached_property
    def _channels(self) -> dict[str, None]:
        names = [name.casefold() for name in self.names]
        return dict.fromkeys(
            channel_id
            for pattern, channel_id in _parse(self.place, self.read())
            if any(map(pattern, names))
        )


@lru_cache(maxsize=16)
def _parse(place: str, content: bytes) -> list[tuple[Callable[[str], Any], str]]:
    """Return what tells whether a name in small letters fits a pattern, and the channel of each."""
    table = read_csv(Path(place), content)
    if not {"pattern", "channel_id"} <= set(table.header):
        raise HandbookError(
            f"{place}: expected the columns pattern and channel_id, found "
            f"{', '.join(table.header)}."
        )
    for number, row in table.rows:
        if not CHANNEL_ID.fullmatch(row["channel_id"]):
            raise HandbookError(
                f"{place}, row {number}, column 'channel_id': expected "
                f"{CHANNEL_ID_FORM}, found {row['channel_id']!r}."
            )
    return [
        (re.compile(translate(row["pattern"].casefold())).match, row["channel_id"])
        for _, row in table.rows
    ]
