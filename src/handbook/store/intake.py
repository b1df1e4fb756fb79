"""Files into a store: one transaction each, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from handbook.database import WAIT_S
from handbook.errors import HandbookError
from handbook.schema import (
    CHANNEL,
    CHANNEL_DAY,
    IMPORT_LOG,
    METRIC_EXTRA,
    POST,
    POST_SNAPSHOT,
    UNNAMED,
    Reading,
)
from handbook.store.changes import erase_import
from handbook.store.contradictions import refuse_contradictions
from handbook.store.forget import erase_forgotten, refuse_forgotten
from handbook.store.tables import PER_IMPORT, create_store, insert, is_made_up, open_store
from handbook.store.whose import (
    Owner,
    Registered,
    check_channel_id,
    days,
    find_export_date,
    find_owner,
)


@dataclass
class Report:
    """What became of one file.

    Attributes
    ----------
    outcome : str
        "imported", "unchanged" (the same file was imported before) or "refused".
    reason : str or None
        Why it was refused.
    """

    path: Path
    outcome: str
    reason: str | None = None
    import_id: str | None = None
    title: str | None = None
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
    rejected: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def import_files(
    store: Path,
    paths: Iterable[Path],
    *,
    read: Callable[[Path], Reading],
    registered: Sequence[Registered] = (),
    channel: str | None = None,
    exported_on: date | None = None,
    made_up: bool = False,
    wait_s: float = WAIT_S,
) -> Iterator[Report]:
    """Import files into a store, which is made when it is not there yet.

    Parameters
    ----------
    store : Path
    paths : iterable of Path
    read : callable
        Reads one file: `handbook.importers.read_file`.
    registered : sequence
        Rows of the register, to find whose a file is.
    channel, exported_on
        What the user says of all the files.
    made_up : bool
        True only for the demo store.
    wait_s : float
        Seconds to wait while another process holds the store.

    Yields
    ------
    Report
        One for each file, as soon as it is done. A refused file does not stop the others, and
        nothing of it is in the store.

    Raises
    ------
    HandbookError
        The store itself cannot be used.
    """
    if channel:
        check_channel_id(channel)
    with ExitStack() as stack:
        connection = None
        if store.exists():
            connection = stack.enter_context(_open(store, made_up, wait_s))
        for path in paths:
            try:
                reading = read(path)
            except HandbookError as error:
                yield Report(path, "refused", str(error))
                continue
            if connection is None:
                create_store(store, made_up=made_up)
                connection = stack.enter_context(_open(store, made_up, wait_s))
            try:
                yield _import(connection, path, reading, registered, channel, exported_on)
            except HandbookError as error:
                yield Report(path, "refused", str(error), title=reading.title)
        if connection is not None:
            connection.execute("CHECKPOINT")


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
        yield connection


def _import(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    reading: Reading,
    registered: Sequence[Registered],
    channel: str | None,
    exported_on: date | None,
) -> Report:
    known = [row[0] for row in connection.execute("SELECT channel_id FROM channel").fetchall()]
    owner = find_owner(path, reading, channel=channel, registered=registered, known=known)
    exported_at, source, warnings = find_export_date(path, reading, exported_on)
    found = days(reading)
    report = Report(
        path,
        "imported",
        import_id=_import_id(reading.sha256, owner.channel_id),
        title=reading.title,
        channel_id=owner.channel_id,
        channel_source=owner.source,
        assumed=owner.assumed,
        exported_at=exported_at,
        exported_at_source=source,
        period=(min(found), max(found)) if found else None,
        rows_read=reading.rows_read,
        rows_kept=reading.rows_kept,
        rows_dropped=reading.dropped,
        rejected=reading.rejected,
        warnings=[*reading.warnings, *warnings],
    )
    earlier = connection.execute(
        """SELECT import_id, channel_id, coalesce(assumed, false), exported_at
           FROM import_log LEFT JOIN channel USING (channel_id)
           WHERE sha256 = ? AND undone_at IS NULL""",
        [reading.sha256],
    ).fetchall()
    for import_id, its_channel, _, its_date in earlier:
        if its_channel == owner.channel_id or owner.assumed:
            report.outcome = "unchanged"
            report.import_id, report.channel_id = import_id, its_channel
            report.warnings = []
            if exported_on and its_date != exported_at:
                report.warnings.append(
                    f"it stands in the store as exported on {its_date:%Y-%m-%d}. To change that: "
                    f"handbook undo {import_id}, then import it again"
                )
            return report
    logged = [*report.warnings, *reading.rejected]
    if owner.assumed:
        report.warnings.append(
            f"whose it is, is assumed. To say it: handbook channel assign {owner.channel_id} "
            f"{_example(owner.channel_id, registered)}"
        )
    connection.execute("BEGIN")
    try:
        for import_id, its_channel, its_assumed, _ in earlier:
            if its_assumed:
                erase_import(connection, import_id)
                report.warnings.append(f"it stood under {its_channel} (assumed) before, and moved")
        _write(connection, path, reading, owner, registered, report, logged)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise
    return report


def _import_id(sha256: str, channel_id: str | None) -> str:
    return hashlib.sha256(f"{sha256} {channel_id or ''}".encode()).hexdigest()[:10]


def _example(channel_id: str | None, registered: Sequence[Registered]) -> str:
    platform, _, name = (channel_id or "").partition(":")
    if name != UNNAMED:
        return str(channel_id)
    return next((r.channel_id for r in registered if r.platform == platform), f"{platform}:NAME")


def _write(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    reading: Reading,
    owner: Owner,
    registered: Sequence[Registered],
    report: Report,
    logged: list[str],
) -> None:
    rows = _complete(reading, owner.channel_id, report)
    refuse_forgotten(
        connection,
        path.name,
        (row["channel_id"] for of_table in rows.values() for row in of_table if row["channel_id"]),
        assumed_sha256=reading.sha256 if owner.assumed else None,
    )
    refuse_contradictions(connection, path.name, rows.get(CHANNEL_DAY.name, []))
    _warn_of_other_channels(connection, rows.get(POST_SNAPSHOT.name, []), report)
    connection.execute("DELETE FROM import_log WHERE import_id = ?", [report.import_id])
    for table in PER_IMPORT:
        insert(connection, table, rows.get(table.name, []))
    start, end = report.period or (None, None)
    log = {
        "import_id": report.import_id,
        "file_name": path.name,
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
        "rows_rejected": len(reading.rejected),
        "warnings": "\n".join(logged) or None,
        "imported_at": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
    }
    insert(connection, IMPORT_LOG, [log])
    _add_channels(connection, rows, reading, owner, registered)
    report.kept = {name: len(of_table) for name, of_table in rows.items() if of_table}
    if any(erase_forgotten(connection).values()):
        _count_forgotten(connection, report)


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


def _complete(
    reading: Reading, channel_id: str | None, report: Report
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows with what only the store knows: channel, import, day of the export."""
    day = report.exported_at.date() if report.exported_at else None
    complete = {
        name: [{"channel_id": channel_id, **row, "import_id": report.import_id} for row in of_table]
        for name, of_table in reading.rows.items()
    }
    for row in complete.get(POST_SNAPSHOT.name, []):
        row.setdefault("observed_on", day)
    for row in complete.get(METRIC_EXTRA.name, []):
        row.setdefault("date", day)
        post_id = row.get("post_id")
        row["owner"] = f"{row['channel_id']}/{post_id}" if post_id else row["channel_id"]
    return complete


def _add_channels(
    connection: duckdb.DuckDBPyConnection,
    rows: dict[str, list[dict[str, Any]]],
    reading: Reading,
    owner: Owner,
    registered: Sequence[Registered],
) -> None:
    urls = {row.channel_id: row.url for row in registered}
    ids = {row["channel_id"] for of_table in rows.values() for row in of_table} - {None}
    known = {row[0] for row in connection.execute("SELECT channel_id FROM channel").fetchall()}
    new = [
        {
            "channel_id": channel_id,
            "platform": channel_id.split(":")[0],
            "url": urls.get(channel_id),
            "report_tz": reading.report_tz,
            "assumed": owner.assumed,
        }
        for channel_id in sorted(ids - known)
    ]
    insert(connection, CHANNEL, new)


def _warn_of_other_channels(
    connection: duckdb.DuckDBPyConnection, snapshots: list[dict[str, Any]], report: Report
) -> None:
    """Warn when posts of this file already stand under another channel of the same platform."""
    if not snapshots or report.channel_id is None:
        return
    others = connection.execute(
        """SELECT channel_id, count(DISTINCT post_id) FROM post_snapshot
           WHERE channel_id <> $channel AND starts_with(channel_id, $platform)
             AND list_contains($ids, post_id)
           GROUP BY ALL ORDER BY ALL""",
        {
            "channel": report.channel_id,
            "platform": report.channel_id.split(":")[0] + ":",
            "ids": [row["post_id"] for row in snapshots],
        },
    ).fetchall()
    for other, count in others:
        report.warnings.append(
            f"{count} of its posts already stand under {other}: one of the two is the wrong "
            f"channel. To join them: handbook channel assign {other} {report.channel_id}"
        )
