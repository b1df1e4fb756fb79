"""YouTube Studio exports made by us: tables, totals, charts and groups, in each language."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from importers.samples import START
from importers.samples.x import encode

ABOUT = {
    "en": ("Content", "Video title", "Video publish time", "Duration"),
    "de": ("Videos", "Video\u00adtitel", "Veröffentlichungs\u00adzeitpunkt des Videos", "Dauer"),
    "sv": ("Innehåll", "Videotitel", "Publiceringstid för video", "Längd"),
    "fi": ("Sisältö", "Videon nimi", "Videon julkaisuaika", "Kesto"),
}
METRICS = {
    "en": (
        "Views",
        "Watch time (hours)",
        "Subscribers",
        "Impressions",
        "Impressions click-through rate (%)",
    ),
    "de": (
        "Aufrufe",
        "Wiedergabezeit (Stunden)",
        "Abonnenten",
        "Impressionen",
        "Klickrate der Impres\u00adsionen (%)",
    ),
    "sv": (
        "Visningar",
        "Visningstid (timmar)",
        "Prenumeranter",
        "Exponeringar",
        "Klickfrekvens för exponeringar (%)",
    ),
    "fi": (
        "Katselukerrat",
        "Katseluaika (tuntia)",
        "Tilaajat",
        "Näyttökerrat",
        "Näyttökertojen klikkausprosentti (%)",
    ),
}
DATE = {"en": "Date", "de": "Datum", "sv": "Datum", "fi": "Päivämäärä"}
TOTAL = {"en": "Total", "de": "Ge\u00adsamt", "sv": "Totalt", "fi": "Yhteensä"}
FOOTER = {
    "en": "Showing top 500 results",
    "de": "Die 500 besten Er\u00adgebnisse werden angezeigt",
}

Rows = list[list[str]]


def video_id(number: int, start: date = START) -> str:
    """Return an id, another one for each first day.

    Every fourth starts with a dash, before which Studio writes a space.
    """
    return f"{' -' if number % 4 == 3 else 'v'}{number + 1000 * (start - START).days:010d}"


def published(day: date) -> str:
    """Return a day as Studio writes it in every language."""
    return f"{day:%b} {day.day}, {day.year}"


def videos(n: int = 5, start: date = START, base: int = 100, language: str = "en") -> Rows:
    """Return a table of videos; the total is not the sum, and one video lost a subscriber."""
    rows = [[TOTAL[language], "", "", "", str(base * n + 7), "99.5", "12", "5000", "3.1"]]
    for i in range(n):
        rows.append(
            [
                video_id(i, start),
                f"Video {i}, with a comma",
                published(start + timedelta(days=i)),
                str(60 + i),
                str(base + i),
                f"{(base + i) / 20:.4f}",
                str(-1 if i == 1 else i),
                str((base + i) * 10),
                "4.5" if i else "",
            ]
        )
    return [[*ABOUT[language], *METRICS[language]], *rows]


def totals(
    n: int = 5, start: date = START, base: int = 10, language: str = "en", metric: int = 0
) -> Rows:
    """Return totals by day of one metric."""
    header = [DATE[language], METRICS[language][metric]]
    return [header, *([f"{start + timedelta(days=i)}", str(base + i)] for i in range(n))]


def table_of_days(n: int = 5, start: date = START, base: int = 10) -> Rows:
    """Return the table of days, newest first, under its total."""
    header = ["Date", "Views", "Watch time (hours)", "Average view duration", "Subscribers"]
    rows = [
        [f"{start + timedelta(days=i)}", str(base + i), "1.5", "0:01:30", str(1 - i)]
        for i in reversed(range(n))
    ]
    return [header, ["Total", str(base * n), "7.5", "0:01:31", "0"], *rows]


def chart(n: int = 5, start: date = START, base: int = 3, language: str = "en") -> Rows:
    """Return a chart of two videos; the second is published on the third day."""
    header = [DATE[language], *ABOUT[language], METRICS[language][0]]
    rows = []
    for i in range(n):
        day = start + timedelta(days=i)
        for number, since in ((0, 0), (3, 2)):
            about = [
                video_id(number, start),
                f"Video {number}",
                published(start + timedelta(since)),
                "60",
            ]
            rows.append([f"{day}", *about, str(base + i if i >= since else 0)])
    return [header, *rows]


def groups(n: int = 5, start: date = START, base: int = 20) -> Rows:
    """Return views by traffic source."""
    rows = [[f"Source {i}", str(base + i), "1.25", "0:00:40"] for i in range(n)]
    header = ["Traffic source", "Views", "Watch time (hours)", "Average view duration"]
    return [header, ["Total", "999", "9.9", "0:00:41"], *rows]


def write(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write rows as Studio writes them."""
    path.write_bytes(encode(rows))
    return path


def write_zip(path: Path, entries: dict[str, Rows]) -> Path:
    """Write a .zip as it is downloaded."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, rows in entries.items():
            archive.writestr(name, encode(rows))
    return path


def write_videos(path: Path, n: int = 5, start: date = START, base: int = 100) -> Path:
    """Write a table of videos."""
    return write(path, videos(n, start, base))


def write_videos_de(path: Path, n: int = 5, start: date = START, base: int = 100) -> Path:
    """Write a German table of videos, with the footer of one that is cut."""
    rows = videos(n, start, base, "de")
    return write(path, [*rows, [FOOTER["de"]]])


def write_totals(path: Path, n: int = 5, start: date = START, base: int = 10) -> Path:
    """Write totals by day."""
    return write(path, totals(n, start, base))


def write_table_of_days(path: Path, n: int = 5, start: date = START, base: int = 10) -> Path:
    """Write a table of days."""
    return write(path, table_of_days(n, start, base))


def write_chart(path: Path, n: int = 5, start: date = START, base: int = 3) -> Path:
    """Write a chart."""
    return write(path, chart(n, start, base))


WRITERS = {
    "youtube-videos": write_videos,
    "youtube-videos-de": write_videos_de,
    "youtube-days": write_totals,
    "youtube-days-table": write_table_of_days,
    "youtube-chart": write_chart,
}
"""A writer of each layout: file, number of rows, first day, and what the numbers begin at."""
