"""A stretch of days that an analysis looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from handbook import formats


@dataclass(frozen=True)
class Period:
    """The days from `start` to `end`, both included; without days when they are None.

    Examples
    --------
    >>> period = Period.last(12, date(2026, 10, 31))
    >>> print(period)
    9 Aug – 31 Oct 2026
    >>> period.days
    84
    >>> print(period.before())
    17 May – 8 Aug 2026
    """

    start: date | None
    end: date | None

    @classmethod
    def last(cls, weeks: int, end: date | None) -> Period:
        """Return the `weeks` weeks that end with the day `end`; none where `end` is None."""
        return cls(None, None) if end is None else cls(end - timedelta(7 * weeks - 1), end)

    @classmethod
    def last_calendar_weeks(cls, weeks: int, end: date | None) -> Period:
        """Return the `weeks` weeks from a Monday on, the last one ending early with `end`."""
        if end is None:
            return cls(None, None)
        return cls(end - timedelta(end.weekday() + 7 * (weeks - 1)), end)

    @property
    def days(self) -> int:
        """The number of days."""
        return 0 if self.start is None else (self.end - self.start).days + 1

    def before(self) -> Period:
        """Return the stretch of the same length that ends the day before this one starts."""
        if self.start is None:
            return self
        return Period(self.start - timedelta(self.days), self.start - timedelta(1))

    def select(self, frame: pd.DataFrame, column: str = "date") -> pd.DataFrame:
        """Return the rows of `frame` whose day in `column` lies within."""
        if self.start is None:
            return frame.iloc[:0]
        within = frame[column].between(pd.Timestamp(self.start), pd.Timestamp(self.end))
        return frame[within.fillna(False)]

    def __str__(self) -> str:
        return formats.days_between(self.start, self.end) if self.days else "no days"
