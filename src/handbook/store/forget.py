"""Erasure on request: what is forgotten leaves the store's file, and no import brings it back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from handbook.database import WAIT_S
from handbook.errors import HandbookError
from handbook.schema import CHANNEL_ID, FORGOTTEN
from handbook.store.tables import (
    drop_empty_channels,
    insert,
    open_store,
    refuse_made_up,
    rewrite_store,
)
from handbook.store.whose import check_channel_id

_SHORTEST_ID = 8
"""Letters of a post id from which on it is searched for in the warnings of imports."""

_TARGETS = """
    CREATE OR REPLACE TEMP TABLE erased_post AS
    WITH told AS (
        SELECT channel_id, post_id, coalesce(published_date, published_at::DATE) AS published,
               NULL::DATE AS observed
        FROM post_import
        UNION ALL
        SELECT channel_id, post_id, NULL, observed_on FROM post_snapshot_import),
    dated AS (
        SELECT channel_id, post_id, coalesce(min(published), min(observed)) AS day
        FROM told GROUP BY ALL),
    assumed AS (SELECT channel_id FROM channel WHERE assumed)
    SELECT DISTINCT dated.channel_id, dated.post_id
    FROM dated JOIN forgotten AS f ON f.lifted_at IS NULL AND (
        f.post_id IS NULL AND f.channel_id = dated.channel_id
            AND (f.before IS NULL OR dated.day < f.before)
        OR f.post_id = dated.post_id AND (
            f.channel_id = dated.channel_id
            OR dated.channel_id IN (FROM assumed)
                AND split_part(f.channel_id, ':', 1) = split_part(dated.channel_id, ':', 1)))"""

_ERASED = "SELECT post_id FROM erased_post"

_OF_CHANNEL = """EXISTS (
    SELECT 1 FROM forgotten AS f
    WHERE f.lifted_at IS NULL AND f.post_id IS NULL AND f.channel_id = {channel}
        AND (f.before IS NULL OR {day} < f.before))"""

_CONDITIONS = {
    "post": "(channel_id, post_id) IN (FROM erased_post)",
    "post_snapshot": "(channel_id, post_id) IN (FROM erased_post)",
    "channel_day": _OF_CHANNEL.format(channel="one.channel_id", day="one.date"),
    "count_series": _OF_CHANNEL.format(channel="one.channel_id", day="one.at_utc"),
    "metric_extra": f"""owner IN (SELECT channel_id || '/' || post_id FROM erased_post)
        OR owner IN (SELECT channel_id || '/' || post_id FROM forgotten WHERE lifted_at IS NULL)
        OR {_OF_CHANNEL.format(channel="split_part(one.owner, '/', 1)", day="one.date")}""",
}


@dataclass(frozen=True)
class Entry:
    """One thing that was forgotten: a post, a channel, or what is older than a day of it."""

    forget_id: str
    channel_id: str
    post_id: str | None
    before: date | None
    forgotten_at: datetime
    rows_erased: int
    lifted_at: datetime | None

    @property
    def words(self) -> str:
        """What was forgotten, for a reader."""
        if self.post_id:
            return f"post {self.post_id} of {self.channel_id}"
        return f"{self.channel_id} before {self.before}" if self.before else self.channel_id


@dataclass(frozen=True)
class Erasure:
    """What `forget` has erased, or would erase.

    Attributes
    ----------
    entries : list of Entry
    rows : dict of str to int
        Rows erased by table; tables without any are left out.
    """

    entries: list[Entry]
    rows: dict[str, int]


def forget(
    store: Path,
    *,
    posts: Sequence[str] = (),
    channel: str | None = None,
    before: date | None = None,
    dry_run: bool = False,
    wait_s: float = WAIT_S,
) -> Erasure:
    """Erase posts or a channel, and keep imports from bringing them back.

    The file of the store is written anew, so that nothing of it is left in free space. A log
    row, which holds ids only, says what was erased and when.

    Parameters
    ----------
    store : Path
    posts : sequence of str
        Posts: `<channel_id>/<post_id>`, or an id or address that stands in the store, or an id
        of `channel`.
    channel : str, optional
        The channel; without `posts`, all of it.
    before : date, optional
        Of the channel, only days before this one and posts published before it. A post whose
        day of publishing is not known counts as of the day on which it was first observed.
    dry_run : bool
        True: only say what would be erased.

    Raises
    ------
    HandbookError
        Neither posts nor a channel are named, a post is not found, or the store holds the
        made-up university.
    """
    if not posts and not channel:
        raise HandbookError("Nothing named. Say --post ID, or --channel ID with or without a day.")
    if before and (posts or not channel):
        raise HandbookError("A day (--before) goes with a channel, not with posts.")
    if channel:
        check_channel_id(channel)
    with open_store(store, read_only=False, wait_s=wait_s) as connection:
        refuse_made_up(connection, store)
        now = _now()
        named: list[tuple[str, str | None]] = [
            _find_post(connection, post, channel) for post in posts
        ] or [(str(channel), None)]
        connection.execute("BEGIN")
        entries, rows = [], dict.fromkeys(_CONDITIONS, 0)
        post_ids = {post_id for _, post_id in named if post_id}
        for channel_id, post_id in dict.fromkeys(named):
            forget_id = _id(channel_id, post_id, before, now)
            entry = Entry(forget_id, channel_id, post_id, before, now, 0, None)
            insert(connection, FORGOTTEN, [vars(entry)])
            erased = erase_forgotten(connection)
            count = sum(erased.values())
            connection.execute(
                "UPDATE forgotten SET rows_erased = ? WHERE forget_id = ?", [count, entry.forget_id]
            )
            entries.append(Entry(**vars(entry) | {"rows_erased": count}))
            rows = {name: rows[name] + erased[name] for name in rows}
            post_ids |= {row[0] for row in connection.execute(_ERASED).fetchall()}
        _clean_log(connection, entries, post_ids)
        result = Erasure(entries, {name: count for name, count in rows.items() if count})
        if dry_run:
            connection.execute("ROLLBACK")
            return result
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
        try:
            rewrite_store(connection, store)
        except (OSError, duckdb.Error) as error:
            raise HandbookError(
                f"{store}: erased, but the file could not be written anew "
                f"({str(error).splitlines()[0]}), so that traces may linger in its free space. "
                "Make room beside it, and run the same command again."
            ) from None
    return result


def lift(store: Path, forget_id: str, *, wait_s: float = WAIT_S) -> Entry:
    """Let imports bring back what an entry has kept out; what was erased stays erased.

    Raises
    ------
    HandbookError
        No entry that holds, or several, have such an id.
    """
    with open_store(store, read_only=False, wait_s=wait_s) as connection:
        refuse_made_up(connection, store)
        wanted = forget_id.strip().lower()
        found = [
            entry
            for entry in find_entries(connection)
            if wanted and entry.forget_id.startswith(wanted) and not entry.lifted_at
        ]
        if len(found) != 1:
            raise HandbookError(
                f"{forget_id!r} is {'the beginning of several entries' if found else 'no entry'}. "
                f"handbook forget --list --store {store} lists them."
            )
        connection.execute(
            "UPDATE forgotten SET lifted_at = ? WHERE forget_id = ?", [_now(), found[0].forget_id]
        )
        connection.execute("CHECKPOINT")
    return found[0]


def read_forgotten(store: Path, *, wait_s: float = WAIT_S) -> list[Entry]:
    """Return what was forgotten in a store, the oldest first."""
    with open_store(store, wait_s=wait_s) as connection:
        return find_entries(connection)


def erase_forgotten(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Erase what the table `forgotten` names, inside the open transaction.

    Returns
    -------
    dict of str to int
        Rows erased by table; empty where nothing is forgotten.
    """
    if not any(entry.lifted_at is None for entry in find_entries(connection)):
        return {}
    connection.execute(_TARGETS)
    erased = {}
    for name, condition in _CONDITIONS.items():
        (erased[name],) = connection.execute(
            f"DELETE FROM {name}_import AS one WHERE {condition}"
        ).fetchone()
    if any(erased.values()):
        drop_empty_channels(connection)
    return erased


def refuse_forgotten(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    channel_ids: Iterable[str],
    *,
    assumed_sha256: str | None = None,
) -> None:
    """Refuse what is of forgotten channels only.

    Parameters
    ----------
    name : str
        What comes in, for the message.
    channel_ids : iterable of str
        Whose it is.
    assumed_sha256 : str, optional
        Hash of a file of which it is only assumed whose it is: it is refused, too, if it was
        imported as a channel that has been forgotten since.

    Raises
    ------
    HandbookError
        All of `channel_ids` are forgotten.
    """
    whole = {
        entry.channel_id: entry
        for entry in find_entries(connection)
        if not entry.post_id and not entry.before and not entry.lifted_at
    }
    if not whole:
        return
    was = connection.execute(
        "SELECT channel_id FROM import_log WHERE sha256 = ?", [assumed_sha256]
    ).fetchall()
    ids = set(channel_ids)
    forgotten = {channel_id for (channel_id,) in was} & set(whole)
    if ids <= set(whole):
        forgotten |= ids
    if forgotten:
        entry = whole[min(forgotten)]
        raise HandbookError(
            f"{name}: {entry.channel_id} was forgotten on {entry.forgotten_at:%Y-%m-%d}, so "
            "nothing of it is imported. To allow it again: "
            f"handbook forget --lift {entry.forget_id}"
        )


def copy_forgotten(connection: duckdb.DuckDBPyConnection, old: str, new: str) -> None:
    """Let what is forgotten of `old` be forgotten of `new`, too."""
    copies = [
        vars(entry)
        | {
            "channel_id": new,
            "forget_id": _id(new, entry.post_id, entry.before, entry.forgotten_at),
        }
        for entry in find_entries(connection)
        if entry.channel_id == old and not entry.lifted_at
    ]
    here = {entry.forget_id for entry in find_entries(connection)}
    insert(connection, FORGOTTEN, [copy for copy in copies if copy["forget_id"] not in here])


def find_entries(connection: duckdb.DuckDBPyConnection) -> list[Entry]:
    """Return what was forgotten, the oldest first; lifted entries included."""
    names = ", ".join(FORGOTTEN.columns)
    try:
        if not connection.execute("SELECT 1 FROM forgotten LIMIT 1").fetchone():
            return []
        found = connection.execute(
            f"SELECT {names} FROM forgotten ORDER BY forgotten_at, forget_id"
        ).fetchall()
    except duckdb.CatalogException:  # a store of before this table, opened to be read
        return []
    return [Entry(*row) for row in found]


def _find_post(
    connection: duckdb.DuckDBPyConnection, post: str, channel: str | None
) -> tuple[str, str]:
    owner, _, post_id = post.partition("/")
    if channel:
        return channel, post.removeprefix(f"{channel}/")
    if post_id and CHANNEL_ID.fullmatch(owner):
        return owner, post_id
    found = connection.execute(
        """SELECT channel_id, post_id FROM post_import WHERE post_id = $post OR permalink = $post
           UNION SELECT channel_id, post_id FROM post_snapshot_import WHERE post_id = $post
           ORDER BY ALL""",
        {"post": post},
    ).fetchall()
    if len(found) == 1:
        return found[0]
    if found:
        said = ", ".join("/".join(one) for one in found)
        raise HandbookError(f"{post!r} is the id of several posts: {said}. Name one of them so.")
    raise HandbookError(
        f"{post!r} is no id and no address of a post in the store. To keep a post out that is "
        f"not there, name its channel: --channel ID --post {post}"
    )


def _clean_log(
    connection: duckdb.DuckDBPyConnection, entries: Sequence[Entry], post_ids: set[str]
) -> None:
    """Take what is forgotten out of the log of imports."""
    for entry in entries:
        if not entry.post_id and not entry.before:
            connection.execute(
                """UPDATE import_log SET undone_at = coalesce(undone_at, $now), warnings = NULL,
                       file_name = '(forgotten)' WHERE channel_id = $channel""",
                {"now": entry.forgotten_at, "channel": entry.channel_id},
            )
    long = {post_id for post_id in post_ids if len(post_id) >= _SHORTEST_ID}
    for import_id, warnings in connection.execute(
        "SELECT import_id, warnings FROM import_log WHERE warnings IS NOT NULL"
    ).fetchall():
        lines = warnings.split("\n")
        kept = [line for line in lines if long.isdisjoint(re.findall(r"[\w-]+", line))]
        if kept != lines:
            connection.execute(
                "UPDATE import_log SET warnings = ? WHERE import_id = ?",
                ["\n".join(kept) or None, import_id],
            )


def _id(channel_id: str, post_id: str | None, before: date | None, at: datetime) -> str:
    named = f"{channel_id} {post_id or ''} {before or ''} {at.isoformat()}"
    return hashlib.sha256(named.encode()).hexdigest()[:10]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
