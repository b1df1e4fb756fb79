"""From an export, as the platform wrote it, to the canonical tables.

One module for each platform. A file is known by its content, never by its name.
"""

from __future__ import annotations

import re
from pathlib import Path

from handbook.errors import HandbookError
from handbook.importers import linkedin, plain
from handbook.importers.source import SourceFile, nearest_layout
from handbook.schema import Reading

READERS = (linkedin.read_linkedin, plain.read_plain)
LAYOUTS = (*linkedin.LAYOUTS, *plain.LAYOUTS)

__all__ = ["read_file"]


def read_file(path: Path) -> Reading:
    """Read one export.

    Parameters
    ----------
    path : Path
        The file, as it was downloaded.

    Returns
    -------
    Reading
        Its rows in canonical tables, and what is known of them.

    Raises
    ------
    HandbookError
        It is not an export that is known, or something in it is wrong; the message says where,
        and what to do.
    """
    file = SourceFile(Path(path))
    for read in READERS:
        reading = read(file)
        if reading is not None:
            return reading
    raise _unknown(file)


def _unknown(file: SourceFile) -> HandbookError:
    if file.kind == "text":
        head = file.data[:16384].decode("utf-8-sig", errors="replace")
        tables = {"": [re.split("[,;\t]", line) for line in head.splitlines()]}
    else:
        tables = file.sheets
        if not any(any(str(cell).strip() for cell in row) for t in tables.values() for row in t):
            return file.error("every sheet is empty. Choose a period with data, download it again.")
    for sheet, rows in tables.items():
        near = nearest_layout(rows, LAYOUTS)
        if near:
            layout, missing = near
            where = f"Sheet {sheet!r}" if sheet else "It"
            advice = (
                "Name the columns as the page 'Add your data' does."
                if layout in plain.LAYOUTS
                else "Download it again in English, and change nothing in it."
            )
            return file.error(
                f"not an export that is known. {where} looks most like {layout.title}, but lacks "
                f"the header{'s' if len(missing) > 1 else ''} {', '.join(map(repr, missing))}. "
                + advice
            )
    return file.error(
        "not an export that is known: none of its headers is. Known are LinkedIn Page exports "
        "(content, followers, visitors) and the plain CSV described in 'Add your data'."
    )
