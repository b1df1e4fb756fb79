"""How numbers, days and names are written for readers, the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

MISSING = "–"
"""What stands where the data say nothing; never 0."""


def is_missing(value: object) -> bool:
    """Return whether a value of a table is missing (None, NaN, NA, NaT)."""
    return value is None or str(value) in ("<NA>", "NaT", "nan")


def count(value: float | None, *, signed: bool = False) -> str:
    """Write a whole number with thousands: `12,345`, signed `+12` and `−3`."""
    return decimal(value, 0, signed=signed)


def decimal(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """Write a number with a fixed number of digits after the point."""
    if is_missing(value):
        return MISSING
    text = f"{abs(value):,.{digits}f}"
    if not float(text.replace(",", "")):
        return text
    return ("−" if value < 0 else "+" if signed else "") + text


def percent(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """Write a fraction as a percentage: 0.034 is `3.4%`."""
    if is_missing(value):
        return MISSING
    return decimal(value * 100, digits, signed=signed) + "%"


def day(value: date | None) -> str:
    """Write a day: `31 Oct 2026`."""
    return MISSING if is_missing(value) else f"{_day_of_year(value)} {value.year}"


def days_between(start: date | None, end: date | None) -> str:
    """Write a range of days: `9 Aug – 31 Oct 2026`."""
    if is_missing(start) or is_missing(end):
        return MISSING
    if start == end:
        return day(end)
    first = _day_of_year(start) if start.year == end.year else day(start)
    return f"{first} – {day(end)}"


def _day_of_year(value: date) -> str:
    return f"{value.day} {MONTHS[value.month - 1]}"


def number_of(value: int, noun: str, nouns: str | None = None) -> str:
    """Write a number with its noun: `1 post`, `2 posts`, `no posts`."""
    nouns = nouns or f"{noun}s"
    if value == 0:
        return f"no {nouns}"
    return f"{count(value)} {noun if value == 1 else nouns}"


def each_of(value: int, noun: str) -> str:
    """Write of how many things each has something: `the one channel`, `each of 14 channels`."""
    return f"the one {noun}" if value == 1 else f"each of {number_of(value, noun)}"


def span(low: str, high: str) -> str:
    """Write from where to where numbers go: `from 3 to 9`, or `3` when they are the same."""
    return low if low == high else f"from {low} to {high}"


def names(values: Sequence[str], limit: int = 4) -> str:
    """Write a list of names: `A, B and C`, or `A, B, C, D and 6 more`."""
    shown = list(map(str, values[:limit]))
    if len(values) > limit:
        shown.append(f"{len(values) - limit} more")
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def markdown(text: str) -> str:
    """Return text that Markdown shows as it is, whatever characters a name has."""
    return re.sub(r"([\\`*_\[\]<>&$])", r"\\\1", text)


def bullets(sentences: Sequence[str]) -> str:
    """Return sentences as a Markdown list."""
    return "\n".join(f"- {markdown(sentence)}" for sentence in sentences)
