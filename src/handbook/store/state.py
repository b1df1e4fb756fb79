"""What a store holds, and what is missing in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from handbook.database import WAIT_S
from handbook.store.forget import find_entries
from handbook.store.tables import is_made_up, open_store


@dataclass(frozen=True)
class ChannelState:
    """One channel of a store.

    Attributes
    ----------
    gaps : list of (date, date)
        First and last day of each run of days without a row, between its first and last day.
    """

    channel_id: str
    assumed: bool
    days: int
    first_day: date | None
    last_day: date | None
    posts: int
    first_post: date | None
    last_post: date | None
    gaps: list[tuple[date, date]]


@dataclass(frozen=True)
class ImportState:
    """One import that counts."""

    import_id: str
    file_name: str
    format: str
    channel_id: str | None
    channel_source: str
    exported_at: datetime
    exported_at_source: str
    period_start: date | None
    period_end: date | None
    rows_kept: int
    rows_rejected: int
    warnings: str | None


@dataclass(frozen=True)
class State:
    """A store, as `handbook status` tells of it."""

    store: Path
    made_up: bool
    channels: list[ChannelState]
    imports: list[ImportState]
    undone: int
    series: int
    forgotten: int


def read_state(store: Path, *, wait_s: float = WAIT_S) -> State:
    """Read what a store holds.

    Raises
    ------
    HandbookError
        The store cannot be opened.
    """
    with open_store(store, wait_s=wait_s) as connection:
        channels = connection.execute(
            """SELECT channel_id, coalesce(assumed, false), coalesce(d.days, 0), d.first, d.last,
                      coalesce(p.posts, 0), p.first, p.last
               FROM channel
               LEFT JOIN (SELECT channel_id, count(*) AS days, min(date) AS first,
                                 max(date) AS last
                          FROM channel_day GROUP BY channel_id) d USING (channel_id)
               LEFT JOIN (SELECT channel_id, count(*) AS posts, min(published_date) AS first,
                                 max(published_date) AS last
                          FROM post GROUP BY channel_id) p USING (channel_id)
               ORDER BY channel_id"""
        ).fetchall()
        gaps: dict[str, list[tuple[date, date]]] = {}
        for channel_id, before, after in connection.execute(
            """SELECT channel_id, date, next FROM (
                   SELECT channel_id, date,
                          lead(date) OVER (PARTITION BY channel_id ORDER BY date) AS next
                   FROM channel_day)
               WHERE next > date + 1 ORDER BY ALL"""
        ).fetchall():
            one = timedelta(days=1)
            gaps.setdefault(channel_id, []).append((before + one, after - one))
        imports = connection.execute(
            f"""SELECT {", ".join(ImportState.__dataclass_fields__)}
                FROM import_log WHERE undone_at IS NULL
                ORDER BY channel_id, period_start, exported_at, import_id"""
        ).fetchall()
        (undone,) = connection.execute(
            "SELECT count(*) FROM import_log WHERE undone_at IS NOT NULL"
        ).fetchone()
        (series,) = connection.execute(
            "SELECT count(DISTINCT series_id) FROM count_series"
        ).fetchone()
        return State(
            store=store,
            made_up=is_made_up(connection),
            channels=[ChannelState(*row, gaps.get(row[0], [])) for row in channels],
            imports=[ImportState(*row) for row in imports],
            undone=undone,
            series=series,
            forgotten=sum(entry.lifted_at is None for entry in find_entries(connection)),
        )
