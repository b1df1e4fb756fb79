"""Days that carry no year, in whatever language they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from handbook.importers.moments import month_names

LOCALES = (
    "en", "fi", "sv", "de", "nb", "da", "et", "is", "nl", "fr", "es", "pt", "it", "ca", "ro",
    "pl", "cs", "sk", "sl", "hu", "lt", "lv", "bg", "uk", "ru", "el", "tr", "id", "ms", "fil",
    "vi", "th", "ja", "ko", "zh", "ar", "he", "fa", "hi", "bn", "ur", "km", "my", "hr",
)  # fmt: skip
"""Languages to try, likeliest first; names of months are those of Unicode CLDR."""

_VIETNAMESE = (
    "một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai",
)  # fmt: skip
_IN_WORDS = {f"tháng {name}": number for number, name in enumerate(_VIETNAMESE, start=1)}
"""Months that Vietnamese exports write in words; CLDR has them in figures."""

_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:er\b|o\b)?[\s.-]*(?:de\s+|di\s+|d['’]|of\s+)?"
    r"(?P<month>[^\s\d.-].*?)\.?"
)
_MONTH_FIRST = re.compile(r"(?P<month>.*?[^\s\d.-])[\s.-]*(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?")
_NUMBERED = re.compile(r"(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]?")


def read_month_days(texts: Sequence[str]) -> list[tuple[int, int]] | None:
    """Read days without a year, all in one language.

    Returns
    -------
    list of (int, int) or None
        Month and day of each; None when no language reads them all.

    Examples
    --------
    >>> read_month_days(["30 de diciembre", "31 de diciembre", "1 de enero"])
    [(12, 30), (12, 31), (1, 1)]
    """
    plain = [" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in texts]
    forms = [_forms(text) for text in plain]
    if not all(forms):
        return None
    for locale in LOCALES:
        read = []
        for ways in forms:
            found = next(filter(None, (_month_day(*way, locale) for way in ways)), None)
            if found is None:
                break
            read.append(found)
        else:
            return read
    return None


def _forms(text: str) -> list[tuple[str, int]]:
    """Return month, as it is written, and day, in each way that the text can be taken apart."""
    if found := _NUMBERED.fullmatch(text):
        return [(found["month"], int(found["day"]))]
    ways = filter(None, (_DAY_FIRST.fullmatch(text), _MONTH_FIRST.fullmatch(text)))
    return [
        (found["month"].rstrip("."), int(found["day"]))
        for found in ways
        if any(map(str.isalpha, found["month"]))
    ]


def _month_day(name: str, day: int, locale: str) -> tuple[int, int] | None:
    month = int(name) if name.isdecimal() else month_names(locale).get(name) or _IN_WORDS.get(name)
    return (month, day) if month and _exists(month, day) else None


def _exists(month: int, day: int) -> bool:
    return _day(2000, month, day) is not None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def give_years(
    month_days: Sequence[tuple[int, int]], *, start: date | None = None, end: date | None = None
) -> list[date] | None:
    """Give years to days in their order, rolling over at each turn of the year.

    Parameters
    ----------
    month_days : sequence of (int, int)
        Month and day, oldest first or newest first; a day may stand several times in a row.
    start : date, optional
        What the file's name says to be its first day. Counts only if it is the first day.
    end : date, optional
        A day on which the file existed: no day lies after it, but for time zones.

    Returns
    -------
    list of date or None
        None when nothing says the year, or the 29th of February falls into a year without it.

    Examples
    --------
    >>> [str(day) for day in give_years([(12, 31), (1, 1)], end=date(2026, 1, 3))]
    ['2025-12-31', '2026-01-01']
    """
    backwards = _runs_backwards(month_days)
    ordered = list(reversed(month_days)) if backwards else list(month_days)
    turns, offsets = 0, [0]
    for before, after in zip(ordered, ordered[1:], strict=False):
        turns += after < before
        offsets.append(turns)
    if start and ordered[0] == (start.month, start.day):
        first = start.year
    elif end:
        latest = end + timedelta(days=1)
        first = latest.year - (ordered[-1] > (latest.month, latest.day)) - turns
    else:
        return None
    days = [_day(first + offset, *parts) for offset, parts in zip(offsets, ordered, strict=True)]
    if None in days:
        return None
    return days[::-1] if backwards else days


def _runs_backwards(month_days: Sequence[tuple[int, int]]) -> bool:
    """Return whether most steps lead to an earlier day of the year, a turn of the year aside."""
    steps = [
        ((after[0] - before[0]) * 31 + after[1] - before[1] + 186) % 372 - 186
        for before, after in zip(month_days, month_days[1:], strict=False)
    ]
    return sum(step < 0 for step in steps) > sum(step > 0 for step in steps)
