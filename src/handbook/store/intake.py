"""Files into a store: one transaction each, all or nothing."""

from __future__ import annotations

import gc
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from handbook.database import WAIT_S
from handbook.errors import HandbookError
from handbook.listings import PATTERNS
from handbook.schema import (
    CHANNEL,
    CHANNEL_DAY,
    IMPORT_LOG,
    METRIC_EXTRA,
    POST,
    POST_SNAPSHOT,
    UNNAMED,
    Reading,
    Table,
)
from handbook.store.changes import erase_import
from handbook.store.contradictions import refuse_contradictions, refuse_strange_posts
from handbook.store.forget import erase_forgotten, refuse_forgotten
from handbook.store.holdings import Holdings
from handbook.store.tables import (
    PER_IMPORT,
    attached,
    check_inserted,
    check_store,
    create_store,
    insert,
    insert_block,
    insert_staged,
    is_made_up,
    open_store,
    refuse_repeated,
    remove_if_unused,
)
from handbook.store.whose import (
    Alone,
    Incoming,
    Known,
    Owner,
    Registered,
    check_channel_id,
    days,
    find_export_date,
    find_owner,
)

_TOLD = ("handle", "external_id", "url")
"""What files say of their channel, in the order that `Known` has it."""

MOST_SAID = 1_000
"""Reasons for rejected rows of one file that are logged and reported; all of them are counted."""

_ROWS_AT_ONCE = 20_000
"""Rows that are made ready for the store at once."""

_MOST_MEMORY = "400MB"
"""DuckDB's own: rows on their way into the store may fill as much again."""


@dataclass
class Report:
    """What became of one file.

    Attributes
    ----------
    path : Path
        The file, or the archive that it stands in.
    outcome : str
        "imported", "unchanged" (the same file was imported before), "refused", or "passed over"
        (known, and nothing in it belongs into a store).
    reason : str or None
        Why it was refused.
    name : str
        Its name; in an archive, archive/folder/name.
    rejected : list of str
        Where the rejected rows stand, and why; the first `MOST_SAID` of them.
    """

    path: Path
    outcome: str
    reason: str | None = None
    name: str = ""
    import_id: str | None = None
    format: str | None = None
    title: str | None = None
    language: str | None = None
    encoding: str | None = None
    channel_id: str | None = None
    channel_source: str | None = None
    assumed: bool = False
    exported_at: datetime | None = None
    exported_at_source: str | None = None
    period: tuple[date, date] | None = None
    kept: dict[str, int] = field(default_factory=dict)
    rows_read: int = 0
    rows_kept: int = 0
    rows_dropped: int = 0
    rows_rejected: int = 0
    rejected: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def has_warnings(self) -> bool:
        """Whether somebody should look at it."""
        return bool(self.warnings or self.rejected)


def import_files(
    store: Path,
    files: Iterable[Path | Incoming],
    *,
    read: Callable[[Any], Reading | list[Reading]],
    registered: Sequence[Registered] = (),
    channel: str | Sequence[str] | None = None,
    exported_on: date | None = None,
    made_up: bool = False,
    dry_run: bool = False,
    wait_s: float = WAIT_S,
) -> Iterator[Report]:
    """Import files into a store, which is made when it is not there yet.

    Parameters
    ----------
    store : Path
    files : iterable of Path or Incoming
        Paths, or what `handbook.importers.archives.find_files` finds.
    read : callable
        Gets one of `files`, and gives what stands in it; one reading for each channel.
    registered : sequence
        Rows of the register, to find whose a file is.
    channel, exported_on
        What the user says of all the files; one channel, or one for each platform.
    made_up : bool
        True only for the demo store.
    dry_run : bool
        Say what would become of each file, and write nothing.
    wait_s : float
        Seconds to wait while another process holds the store.

    Yields
    ------
    Report
        One for each channel in a file, as soon as the file is done. A refused file does not stop
        the others, and nothing of it is in the store.

    Raises
    ------
    HandbookError
        The store itself cannot be used.
    """
    channels = [channel] if isinstance(channel, str) else list(channel or ())
    for one in channels:
        check_channel_id(one)
    with ExitStack() as stack:
        connection = holdings = None
        if dry_run:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            store = _copy(store, Path(folder) / store.name, wait_s)
        if store.exists():
            connection = stack.enter_context(_open(store, made_up, wait_s))
        for file in files:
            incoming = Alone(file) if isinstance(file, Path) else file
            try:
                with _without_gc():
                    found = read(file)
            except HandbookError as error:
                yield Report(incoming.path, "refused", str(error), incoming.name)
                continue
            readings = [found] if isinstance(found, Reading) else found
            if not readings:
                yield Report(incoming.path, "passed over", name=incoming.name)
                continue
            if connection is None:
                create_store(store, made_up=made_up)
                connection = stack.enter_context(_open(store, made_up, wait_s))
                stack.callback(remove_if_unused, connection, store)
            holdings = holdings or Holdings(connection, registered)
            try:
                with _without_gc(), attached(connection, readings[0].staged):
                    reports = _import(
                        connection, holdings, incoming, readings, registered, channels, exported_on
                    )
            except HandbookError as error:
                yield Report(
                    incoming.path,
                    "refused",
                    str(error),
                    incoming.name,
                    format=readings[0].format,
                    title=readings[0].title,
                )
            else:
                yield from reports
        if connection is not None:
            connection.execute("CHECKPOINT")


@contextmanager
def _without_gc() -> Iterator[None]:
    """Keep Python from searching the cells of a file for cycles, which they cannot have."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _copy(store: Path, copy: Path, wait_s: float) -> Path:
    """Copy what a store holds, if there is one, to try an import on."""
    if store.exists():
        check_store(store, wait_s=wait_s)
        with duckdb.connect(":memory:") as connection:
            old, new = (str(path).replace("'", "''") for path in (store, copy))
            connection.execute(f"ATTACH '{old}' AS old (READ_ONLY); ATTACH '{new}' AS new")
            connection.execute("COPY FROM DATABASE old TO new; DETACH old; DETACH new")
    return copy


@contextmanager
def _open(store: Path, made_up: bool, wait_s: float) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_store(store, read_only=False, wait_s=wait_s) as connection:
        if is_made_up(connection) != made_up:
            raise HandbookError(
                f"{store} holds the made-up university; nothing else may come into it. "
                "Name another store with --store."
                if not made_up
                else f"{store} holds real channels; made-up ones may not come into it."
            )
        # Ordinary files are too small to be shared out.
        connection.execute(f"SET threads = 1; SET memory_limit = '{_MOST_MEMORY}'")
        yield connection


def _import(
    connection: duckdb.DuckDBPyConnection,
    holdings: Holdings,
    file: Incoming,
    readings: Sequence[Reading],
    registered: Sequence[Registered],
    channels: Sequence[str],
    exported_on: date | None,
) -> list[Report]:
    """Import all that one file says, or nothing of it."""
    known = dict(holdings.known)  # as it was before this file
    reports = []
    connection.execute("BEGIN")
    try:
        for reading in readings:
            owner = find_owner(file, reading, channels=channels, known=known)
            if any(report.channel_id == owner.channel_id for report in reports):
                raise HandbookError(
                    f"{file.name} holds several channels, and all of them were taken for "
                    f"{owner.channel_id}. Say whose they are with one --channel for each "
                    f"platform, or with a {PATTERNS} beside the file."
                )
            reports.append(
                _import_one(connection, holdings, file, reading, owner, registered, exported_on)
            )
        connection.execute("COMMIT")
    except BaseException:
        holdings.ask_again()
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise
    return reports


def _import_one(
    connection: duckdb.DuckDBPyConnection,
    holdings: Holdings,
    file: Incoming,
    reading: Reading,
    owner: Owner,
    registered: Sequence[Registered],
    exported_on: date | None,
) -> Report:
    exported_at, source, warnings = find_export_date(file, reading, exported_on)
    found = days(reading)
    report = Report(
        file.path,
        "imported",
        name=file.name,
        import_id=_import_id(reading.sha256, owner.channel_id),
        format=reading.format,
        title=reading.title,
        language=reading.language,
        encoding=reading.encoding,
        channel_id=owner.channel_id,
        channel_source=owner.source,
        assumed=owner.assumed,
        exported_at=exported_at,
        exported_at_source=source,
        period=(min(found), max(found)) if found else None,
        rows_read=reading.rows_read,
        rows_kept=reading.rows_kept,
        rows_dropped=reading.dropped,
        rows_rejected=len(reading.rejected),
        rejected=reading.rejected[:MOST_SAID],
        warnings=[*reading.warnings, *warnings],
    )
    earlier = _find_earlier(connection, reading) if reading.sha256 in holdings.hashes else []
    for import_id, its_channel, _, its_date in earlier:
        if its_channel == owner.channel_id or owner.assumed:
            report.outcome = "unchanged"
            report.import_id, report.channel_id = import_id, its_channel
            report.warnings = _about_texts(connection, reading, import_id)
            if exported_on and its_date != exported_at:
                report.warnings.append(
                    f"it stands in the store as exported on {its_date:%Y-%m-%d}. To change that: "
                    f"handbook undo {import_id}, then import it again"
                )
            return report
    logged = [*report.warnings, *report.rejected]
    if report.rows_rejected > MOST_SAID:
        logged.append(f"and {report.rows_rejected - MOST_SAID:,} more rows rejected")
    if owner.assumed:
        report.warnings.append(
            f"whose it is, is assumed. To say it: handbook channel assign {owner.channel_id} "
            f"{_example(owner.channel_id, registered)}"
        )
        _warn_of_others_assumed(connection, report)
    for import_id, its_channel, its_assumed, _ in earlier:
        if its_assumed:
            erase_import(connection, import_id)
            holdings.ask_again()
            report.warnings.append(f"it stood under {its_channel} (assumed) before, and moved")
    _write(connection, holdings, file, reading, owner, registered, report, logged)
    if owner.assumed:
        refuse_strange_posts(connection, file.name, report.import_id, owner.channel_id)
    return report


def _find_earlier(connection: duckdb.DuckDBPyConnection, reading: Reading) -> list[tuple]:
    """Return the imports of the same file that count: id, channel, whether assumed, exported at."""
    return connection.execute(
        """SELECT import_id, channel_id, coalesce(assumed, false), exported_at
           FROM import_log LEFT JOIN channel USING (channel_id)
           WHERE sha256 = ? AND undone_at IS NULL
             AND (channel_id IS NULL OR starts_with(channel_id, ?))""",
        [reading.sha256, f"{reading.platform or ''}"],
    ).fetchall()


def _about_texts(
    connection: duckdb.DuckDBPyConnection, reading: Reading, import_id: str
) -> list[str]:
    """Say what "nothing changed" means for texts, where the file was imported otherwise before."""
    posts, texts = connection.execute(
        "SELECT count(*), count(text) FROM post_import WHERE import_id = ?", [import_id]
    ).fetchone()
    again = f"handbook undo {import_id}, then import it again"
    if texts and reading.texts_left_out:
        return [
            "the texts of its posts stand in the store, because it was imported with them. "
            f"To take them out: {again} with --no-text"
        ]
    if posts and not texts and reading.has_texts:
        return [
            "it stands in the store without the texts of its posts (--no-text). "
            f"For the texts: {again}"
        ]
    return []


def _warn_of_others_assumed(connection: duckdb.DuckDBPyConnection, report: Report) -> None:
    """Warn when nothing says that files of one layout are all of one channel."""
    others = connection.execute(
        """SELECT file_name, import_id FROM import_log
           WHERE channel_id = ? AND format = ? AND undone_at IS NULL
           ORDER BY imported_at, rowid""",
        [report.channel_id, report.format],
    ).fetchall()
    if others:
        (first, import_id), *more = others
        also = f" and {len(more)} more" if more else ""
        report.warnings.append(
            f"it was put together with {first} (import {import_id}){also}, of which the same is "
            "assumed. If they are not of one channel: handbook undo the one, and import it again "
            "with --channel"
        )


def _import_id(sha256: str, channel_id: str | None) -> str:
    return hashlib.sha256(f"{sha256} {channel_id or ''}".encode()).hexdigest()[:10]


def _example(channel_id: str | None, registered: Sequence[Registered]) -> str:
    platform, _, name = (channel_id or "").partition(":")
    if name != UNNAMED:
        return str(channel_id)
    return next((r.channel_id for r in registered if r.platform == platform), f"{platform}:NAME")


def _write(
    connection: duckdb.DuckDBPyConnection,
    holdings: Holdings,
    file: Incoming,
    reading: Reading,
    owner: Owner,
    registered: Sequence[Registered],
    report: Report,
    logged: list[str],
) -> None:
    channel_ids = {
        row.get("channel_id", owner.channel_id)
        for of_table in reading.rows.values()
        for row in of_table
    } - {None}
    if (reading.blocks or reading.staged) and owner.channel_id:
        channel_ids.add(owner.channel_id)
    if holdings.forgets:
        refuse_forgotten(
            connection,
            file.name,
            channel_ids,
            assumed_sha256=reading.sha256 if owner.assumed else None,
        )
    days_of_channel = reading.rows.get(CHANNEL_DAY.name, [])
    refuse_contradictions(connection, file.name, days_of_channel, owner.channel_id)
    if report.import_id in holdings.import_ids:
        connection.execute("DELETE FROM import_log WHERE import_id = ?", [report.import_id])
    report.kept = {name: len(of_table) for name, of_table in reading.rows.items() if of_table}
    for table in PER_IMPORT:
        _write_rows(connection, table, reading.rows.get(table.name, []), owner.channel_id, report)
    if reading.blocks or reading.staged:
        _write_blocks(connection, reading, report)
    _warn_of_other_channels(connection, holdings, report)
    start, end = report.period or (None, None)
    log = {
        "import_id": report.import_id,
        "file_name": file.name,
        "sha256": reading.sha256,
        "format": reading.format,
        "language": reading.language,
        "encoding": reading.encoding,
        "exported_at": report.exported_at,
        "exported_at_source": report.exported_at_source,
        "channel_id": owner.channel_id,
        "channel_source": owner.source,
        "period_start": start,
        "period_end": end,
        "rows_read": reading.rows_read,
        "rows_kept": reading.rows_kept,
        "rows_dropped": reading.dropped,
        "rows_rejected": report.rows_rejected,
        "warnings": "\n".join(logged) or None,
        "imported_at": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
    }
    insert(connection, IMPORT_LOG, [log])
    holdings.hashes.add(reading.sha256)
    holdings.import_ids.add(str(report.import_id))
    _add_channels(connection, holdings, channel_ids, reading, owner, registered)
    if holdings.forgets and any(erase_forgotten(connection).values()):
        holdings.ask_again()
        _count_forgotten(connection, report)


def _write_blocks(connection: duckdb.DuckDBPyConnection, reading: Reading, report: Report) -> None:
    """Write rows that came as columns; each block leaves the memory before the next comes."""
    connection.execute("RESET threads")
    whose = str(report.channel_id), str(report.import_id), report.exported_at.date()
    while reading.blocks:
        block = reading.blocks.pop(0)
        added = insert_block(connection, block, *whose)
        report.kept[block.table] = report.kept.get(block.table, 0) + added
    for table in PER_IMPORT:
        if reading.staged and table.name in reading.staged.tables:
            report.kept[table.name] = insert_staged(connection, table, *whose)
    for table in (POST, POST_SNAPSHOT):
        if table.name in report.kept:
            check_inserted(connection, table, report.import_id)
    connection.execute("SET threads = 1")


def _count_forgotten(connection: duckdb.DuckDBPyConnection, report: Report) -> None:
    """Count what was forgotten before and has just been kept out again as dropped."""
    gone = {}
    for name, kept in report.kept.items():
        (left,) = connection.execute(
            f"SELECT count(*) FROM {name}_import WHERE import_id = ?", [report.import_id]
        ).fetchone()
        gone[name], report.kept[name] = kept - left, left
    extras = gone.pop(METRIC_EXTRA.name, 0)
    posts = max(gone.pop(POST.name, 0), gone.pop(POST_SNAPSHOT.name, 0))
    dropped = min(sum(gone.values()) + posts or extras, report.rows_kept)
    if not dropped:
        return
    report.rows_dropped += dropped
    report.rows_kept -= dropped
    report.warnings.append(
        f"{dropped} of its rows were not kept: they are of what was forgotten "
        "(handbook forget --list)"
    )
    connection.execute(
        """UPDATE import_log SET rows_dropped = ?, rows_kept = ?,
               warnings = concat_ws(chr(10), warnings, ?) WHERE import_id = ?""",
        [report.rows_dropped, report.rows_kept, report.warnings[-1], report.import_id],
    )


def _write_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    rows: list[dict[str, Any]],
    channel_id: str | None,
    report: Report,
) -> None:
    """Write rows part by part; each part leaves the memory before the next is made ready."""
    several = len(rows) > _ROWS_AT_ONCE
    day = report.exported_at.date() if report.exported_at else None
    same = {"channel_id": channel_id, "import_id": report.import_id}
    if table in (POST_SNAPSHOT, METRIC_EXTRA):
        same["observed_on" if table is POST_SNAPSHOT else "date"] = day
    while rows:
        part = rows[:_ROWS_AT_ONCE]
        insert(connection, table, _owned(part, channel_id) if table is METRIC_EXTRA else part, same)
        del rows[:_ROWS_AT_ONCE]
    if several:
        refuse_repeated(connection, table, str(report.import_id))


def _owned(rows: list[dict[str, Any]], channel_id: str | None) -> list[dict[str, Any]]:
    """Return rows of metrics with whose they are: the channel's, or one post's."""
    owned = []
    for row in rows:
        owner, post_id = row.get("channel_id", channel_id), row.get("post_id")
        owned.append({**row, "owner": f"{owner}/{post_id}" if post_id else owner})
    return owned


def _add_channels(
    connection: duckdb.DuckDBPyConnection,
    holdings: Holdings,
    channel_ids: set[str],
    reading: Reading,
    owner: Owner,
    registered: Sequence[Registered],
) -> None:
    urls = {row.channel_id: row.url for row in registered}
    was = holdings.stored.get(str(owner.channel_id))
    new = [
        {
            "channel_id": channel_id,
            "platform": channel_id.split(":")[0],
            "handle": reading.handle,
            "external_id": reading.external_id,
            "url": urls.get(channel_id) or reading.url,
            "report_tz": reading.report_tz,
            "assumed": owner.assumed,
        }
        for channel_id in sorted(channel_ids - holdings.stored.keys())
    ]
    insert(connection, CHANNEL, new)
    for row in new:
        holdings.add(Known(*(row[name] for name in ("channel_id", *_TOLD))))
    if was is None:
        return
    told = {name: getattr(was, name) or getattr(reading, name) for name in _TOLD}
    if told != {name: getattr(was, name) for name in _TOLD}:
        connection.execute(
            """UPDATE channel SET handle = $handle, external_id = $external_id, url = $url
               WHERE channel_id = $channel_id""",
            {"channel_id": was.channel_id, **told},
        )
        holdings.add(replace(was, **told))


def _warn_of_other_channels(
    connection: duckdb.DuckDBPyConnection, holdings: Holdings, report: Report
) -> None:
    """Warn when posts of this file already stand under another channel of the same platform."""
    if report.channel_id is None or not report.kept.get(POST_SNAPSHOT.name):
        return
    platform = report.channel_id.split(":")[0] + ":"
    if not any(one.startswith(platform) for one in holdings.stored if one != report.channel_id):
        return
    others = connection.execute(
        """SELECT channel_id, count(DISTINCT post_id) FROM post_snapshot_import
           WHERE channel_id <> $channel AND starts_with(channel_id, $platform) AND post_id IN (
               SELECT post_id FROM post_snapshot_import WHERE import_id = $import)
           GROUP BY ALL ORDER BY ALL""",
        {
            "channel": report.channel_id,
            "platform": platform,
            "import": report.import_id,
        },
    ).fetchall()
    for other, count in others:
        report.warnings.append(
            f"{count} of its posts already stand under {other}: one of the two is the wrong "
            f"channel. To join them: handbook channel assign {other} {report.channel_id}"
        )
