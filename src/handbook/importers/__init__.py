"""From an export, as the platform wrote it, to the canonical tables.

One module for each platform. A file is known by its content, never by its name.
A module brings its reader, the layouts that an unknown file is compared with, and its formats.
"""

from __future__ import annotations

from pathlib import Path

from handbook.errors import HandbookError
from handbook.importers import (
    bluesky,
    facebook_classic,
    ga4,
    linkedin,
    mastodon,
    meta,
    plain,
    tiktok,
    x,
    youtube,
)
from handbook.importers.many import many
from handbook.importers.source import NO_OPTIONS, Options, SourceFile, nearest_layout
from handbook.schema import POST, Reading

READERS = (
    x.read_x,
    plain.read_plain,
    linkedin.read_linkedin,
    meta.read_meta,
    facebook_classic.read_facebook_classic,
    youtube.read_youtube,
    tiktok.read_tiktok,
    ga4.read_ga4,
    mastodon.read_mastodon,
    bluesky.read_bluesky,
)
"""Asked in this order: the first that knows a file reads it.

X comes first: its files may be large, and it looks at their beginning only. Our own comes next,
because a header of ours is nobody else's.
"""

LAYOUTS = (
    *linkedin.LAYOUTS,
    *meta.LAYOUTS,
    *facebook_classic.LAYOUTS,
    *x.LAYOUTS,
    *youtube.LAYOUTS,
    *tiktok.LAYOUTS,
    *mastodon.LAYOUTS,
    *bluesky.LAYOUTS,
    *plain.LAYOUTS,
)
FORMATS = (
    *linkedin.FORMATS,
    *meta.FORMATS,
    *facebook_classic.FORMATS,
    *x.FORMATS,
    *youtube.FORMATS,
    *tiktok.FORMATS,
    *ga4.FORMATS,
    *mastodon.FORMATS,
    *bluesky.FORMATS,
    *plain.FORMATS,
)

__all__ = ["FORMATS", "Options", "SourceFile", "read_file", "read_source"]


def read_file(path: Path, options: Options = NO_OPTIONS) -> Reading:
    """Read one export of one channel; see `read_source`."""
    (reading,) = read_source(SourceFile(Path(path), options=options))
    return reading


def read_source(file: SourceFile) -> list[Reading]:
    """Read one export.

    Parameters
    ----------
    file : SourceFile
        The file, as it was downloaded.

    Returns
    -------
    list of Reading
        Its rows in canonical tables, and what is known of them; one for each channel in it.

    Raises
    ------
    HandbookError
        It is not an export that is known, or something in it is wrong; the message says where,
        and what to do.
    """
    for read in READERS:
        found = read(file)
        if found is None:
            continue
        file.refuse_changed()
        readings = [found] if isinstance(found, Reading) else found
        for reading in readings:
            reading.encoding = reading.encoding or file.encoding
            reading.warnings[:0] = [said for said in file.repairs if said not in reading.warnings]
            if not file.options.keep_text:
                reading.texts_left_out = True
                if reading.rows.get(POST.name):
                    many(reading, POST).clear("text")
                for block in reading.blocks:
                    if block.table == POST.name:
                        block.columns.pop("text", None)
        return readings
    raise _unknown(file)


def _unknown(file: SourceFile) -> HandbookError:
    if file.kind == "json":
        return file.error(
            "JSON, but not an export that is known. `handbook formats` lists those that are."
        )
    tables = file.tables
    if not any(any(str(cell).strip() for cell in row) for t in tables.values() for row in t):
        empty = "nothing stands in it" if file.kind == "text" else "every sheet is empty"
        return file.error(f"{empty}. Choose a period with data in it, and download it again.")
    best = None
    for sheet, rows in tables.items():
        near = nearest_layout(rows, LAYOUTS)
        if near and (best is None or len(near[1]) < len(best[2])):
            best = sheet, *near
    if best is None:
        return file.error(
            "not an export that is known: no known one has such headers. `handbook formats` lists "
            "what each is known by. If the platform speaks another language with you, set it to "
            "English and download the file again."
        )
    sheet, layout, missing = best
    if not missing and layout in plain.LAYOUTS:
        return file.error(f"a {layout.title}, but in a workbook. Save it as 'CSV UTF-8'.")
    where = f"Sheet {sheet!r}" if sheet else "It"
    language = "" if layout.languages else " in English"
    advice = (
        "Name the columns as the page 'Add your data' does."
        if layout in plain.LAYOUTS
        else f"Download it again{language} with all its columns, and change nothing in it."
    )
    return file.error(
        f"not an export that is known. {where} looks most like {layout.title}, but lacks the "
        f"header{'s' if len(missing) > 1 else ''} {', '.join(map(repr, missing))}. {advice}"
    )
