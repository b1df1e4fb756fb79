"""Headers in several languages, from one plain table that anybody can extend.

A table stands in `headers/<name>.csv`: the first column `name` is ours, each further column is
named after a language (en, fi, sv, de …) and holds the platform's header in that language.
Where a language has several wordings, ` | ` stands between them. An empty cell: not known yet.
"""

from __future__ import annotations

import csv
from importlib.resources import files

from handbook.importers.source import Layout, normalise


def read_headers(table: str) -> dict[str, dict[str, str]]:
    """Return our names by header, for each language, from `headers/<table>.csv`."""
    text = files("handbook.importers").joinpath("headers", f"{table}.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    headers: dict[str, dict[str, str]] = {}
    for row in rows:
        for language, cell in row.items():
            for header in (cell or "").split("|"):
                if language != "name" and header.strip():
                    headers.setdefault(language, {})[header.strip()] = row["name"]
    return headers


def worded(
    title: str,
    headers: dict[str, dict[str, str]],
    required: frozenset[str],
    *,
    names: frozenset[str] | None = None,
    ignored: frozenset[str] = frozenset(),
    numbers: str = "plain",
) -> Layout:
    """Return one layout for all languages of `headers`; its grids know theirs.

    Parameters
    ----------
    headers : dict
        Our names by header, for each language, English first: see `read_headers`.
    names : frozenset of str, optional
        Those of our names that this layout has; all of them otherwise.
    """
    columns: dict[str, str] = {}
    languages: dict[str, tuple[str, ...]] = {}
    for language, by_header in headers.items():
        for header, name in by_header.items():
            if names is None or name in names:
                columns.setdefault(header, name)
                key = normalise(header)
                languages[key] = (*languages.get(key, ()), language)
    return Layout(title, columns, required, ignored, numbers, languages=languages)
