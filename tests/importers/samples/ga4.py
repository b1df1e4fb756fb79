"""Google Analytics reports made by us: tables by day and by group under lines that start with #."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from importers.samples import START

RULE = "# ----------------------------------------"


def notes(n: int, start: date, words: tuple[str, str, str]) -> list[str]:
    """Return the nine lines that a report opens with."""
    end = start + timedelta(days=n - 1)
    return [
        RULE,
        "# Traffic acquisition: Session source",
        "# Account: Keksilä",
        f"# {words[0]}: keksila.example",
        RULE,
        "#",
        "# All Users",
        f"# {words[1]}: {start:%Y%m%d}",
        f"# {words[2]}: {end:%Y%m%d}",
    ]


ENGLISH = ("Property", "Start date", "End date")
GERMAN = ("Property", "Startdatum", "Enddatum")


def by_day(
    n: int = 5, start: date = START, base: int = 30, words: tuple[str, str, str] = ENGLISH
) -> str:
    """Return sessions by day, most first and not by day, under a grand total."""
    rows = [f"{start + timedelta(days=i):%Y%m%d},{base + i},0.5,12.25" for i in reversed(range(n))]
    header = "Date,Sessions,Engagement rate,Average engagement time per session"
    return "\n".join([*notes(n, start, words), header, "Grand total,999,0.5,12", *rows]) + "\n"


def by_source(n: int = 5, start: date = START, base: int = 30) -> str:
    """Return two tables: users by the number of the day, then sessions by source."""
    first = [f"{i:04d},{base + i}" for i in range(n)]
    second = [f"linkedin.com,{base},1.5", f"(direct),{base + 1},1.25"]
    lines = [*notes(n, start, ENGLISH), "Nth day,Active users", *first, ""]
    lines += [*notes(n, start, ENGLISH)[-2:], "Session source,Sessions,Views per session", *second]
    return "\n".join(lines) + "\n"


def write_by_day(path: Path, n: int = 5, start: date = START, base: int = 30) -> Path:
    """Write sessions by day."""
    path.write_text(by_day(n, start, base), encoding="utf-8")
    return path


def write_by_source(path: Path, n: int = 5, start: date = START, base: int = 30) -> Path:
    """Write two tables."""
    path.write_text(by_source(n, start, base), encoding="utf-8")
    return path


WRITERS = {"ga4": write_by_day, "ga4-two-tables": write_by_source}
"""A writer of each layout: file, number of rows, first day, and what the numbers begin at."""
