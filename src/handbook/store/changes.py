"""Corrections: take an import back, say whose files are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from handbook.database import WAIT_S
from handbook.errors import HandbookError
from handbook.schema import CHANNEL
from handbook.store.contradictions import refuse_contradictions
from handbook.store.forget import copy_forgotten, erase_forgotten, refuse_forgotten
from handbook.store.tables import (
    PER_IMPORT,
    drop_empty_channels,
    insert,
    open_store,
    refuse_made_up,
)
from handbook.store.whose import check_channel_id


def erase_import(connection: duckdb.DuckDBPyConnection, import_id: str) -> int:
    """Remove the rows of an import, and channels that nothing is left of; the log row stays.

    Returns
    -------
    int
        Rows removed from all tables.
    """
    removed = 0
    for table in PER_IMPORT:
        (gone,) = connection.execute(
            f"DELETE FROM {table.name}_import WHERE import_id = ?", [import_id]
        ).fetchone()
        removed += gone
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    connection.execute("UPDATE import_log SET undone_at = ? WHERE import_id = ?", [now, import_id])
    drop_empty_channels(connection)
    return removed


def undo(store: Path, import_id: str, *, wait_s: float = WAIT_S) -> tuple[str, str, int]:
    """Take an import back; what it covered shows again.

    Parameters
    ----------
    store : Path
    import_id : str
        The id, or the beginning of it.

    Returns
    -------
    tuple of (str, str, int)
        The id, the name of the file, and how many rows were removed.

    Raises
    ------
    HandbookError
        No import, or several, has such an id.
    """
    with open_store(store, read_only=False, wait_s=wait_s) as connection:
        refuse_made_up(connection, store)
        found = connection.execute(
            """SELECT import_id, file_name FROM import_log
               WHERE starts_with(import_id, ?) AND undone_at IS NULL ORDER BY import_id""",
            [import_id.strip().lower()],
        ).fetchall()
        if len(found) != 1 or not import_id.strip():
            several = ", ".join(row[0] for row in found)
            raise HandbookError(
                f"{import_id!r} is "
                + (f"the beginning of several imports ({several})." if found else "no import.")
                + f" handbook status --store {store} lists them."
            )
        ((full_id, file_name),) = found
        connection.execute("BEGIN")
        removed = erase_import(connection, full_id)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    return full_id, file_name, removed


def assign(store: Path, old: str, new: str, *, wait_s: float = WAIT_S) -> int:
    """Say that what stands under the channel `old` is of the channel `new`, and confirm it.

    The two may be the same: then the channel is confirmed only.

    Returns
    -------
    int
        Imports that moved.

    Raises
    ------
    HandbookError
        `old` is not in the store, `new` is on another platform, or their values contradict each
        other.
    """
    check_channel_id(new)
    with open_store(store, read_only=False, wait_s=wait_s) as connection:
        refuse_made_up(connection, store)
        known = [row[0] for row in connection.execute("SELECT channel_id FROM channel").fetchall()]
        if old not in known:
            raise HandbookError(
                f"{old!r} is not a channel of {store}. There are: {', '.join(sorted(known))}."
            )
        if old.split(":")[0] != new.split(":")[0]:
            raise HandbookError(f"{old} and {new} are on different platforms. Correct the name.")
        connection.execute("BEGIN")
        moved = _move(connection, old, new) if old != new else 0
        connection.execute("UPDATE channel SET assumed = false WHERE channel_id = ?", [new])
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    return moved


def _move(connection: duckdb.DuckDBPyConnection, old: str, new: str) -> int:
    refuse_forgotten(connection, old, [new])
    _refuse_merge(connection, old, new)
    row = connection.execute("SELECT * FROM channel WHERE channel_id = ?", [old])
    names = [column[0] for column in row.description]
    was = dict(zip(names, row.fetchone(), strict=True))
    for table in PER_IMPORT:
        if "owner" in table.columns:
            change = """UPDATE {0} SET owner = $new || substr(owner, length($old) + 1)
                        WHERE owner = $old OR starts_with(owner, $old || '/')"""
        else:
            change = "UPDATE {0} SET channel_id = $new WHERE channel_id = $old"
        connection.execute(change.format(f"{table.name}_import"), {"old": old, "new": new})
    (moved,) = connection.execute(
        """UPDATE import_log SET channel_id = $new, channel_source = 'handbook channel assign'
           WHERE channel_id = $old AND undone_at IS NULL""",
        {"old": old, "new": new},
    ).fetchone()
    copy_forgotten(connection, old, new)
    connection.execute("DELETE FROM channel WHERE channel_id = ?", [old])
    here = connection.execute("SELECT 1 FROM channel WHERE channel_id = ?", [new]).fetchone()
    if not here:
        insert(connection, CHANNEL, [was | {"channel_id": new, "handle": None, "url": None}])
    erase_forgotten(connection)
    return moved


def _refuse_merge(connection: duckdb.DuckDBPyConnection, old: str, new: str) -> None:
    rows = connection.execute("SELECT * FROM channel_day WHERE channel_id = ?", [old])
    names = [column[0] for column in rows.description]
    arriving = [
        dict(zip(names, values, strict=True)) | {"channel_id": new} for values in rows.fetchall()
    ]
    refuse_contradictions(connection, old, arriving)
    for table in PER_IMPORT:
        if "channel_id" not in table.key:
            continue
        rest = ", ".join(name for name in (*table.key, "import_id") if name != "channel_id")
        both = connection.execute(
            f"""SELECT import_id FROM {table.name}_import WHERE channel_id IN (?, ?)
                GROUP BY {rest} HAVING count(*) > 1 LIMIT 1""",
            [old, new],
        ).fetchone()
        if both:
            raise HandbookError(
                f"Import {both[0]} tells of {old} and of {new} on the same days: they are two "
                f"channels. If the file is wrong, correct it: handbook undo {both[0]}, then "
                "import it again."
            )
