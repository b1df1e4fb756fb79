"""Two files that cannot be of one channel."""

from __future__ import annotations

from typing import Any

import duckdb

from handbook.errors import HandbookError
from handbook.schema import DAY_MEASURES

FEWEST_DAYS = 3
"""Differing days needed to say that two files contradict each other."""


def refuse_contradictions(
    connection: duckdb.DuckDBPyConnection, name: str, arriving: list[dict[str, Any]]
) -> None:
    """Refuse days whose values contradict those in the store on most overlapping days.

    Days on which both say zero everywhere tell nothing and are not counted. A platform corrects
    single days: a few differences are no contradiction.

    Parameters
    ----------
    name : str
        What the days come from, for the message.
    arriving : list of dict
        Rows of `channel_day`.

    Raises
    ------
    HandbookError
        At least `FEWEST_DAYS` days differ, and more than half of those compared do.
    """
    measures = [measure.name for measure in DAY_MEASURES]
    by_channel: dict[str, list[dict[str, Any]]] = {}
    for row in arriving:
        by_channel.setdefault(row["channel_id"], []).append(row)
    for channel_id, rows in by_channel.items():
        stored = connection.execute(
            f"SELECT date, {', '.join(measures)} FROM channel_day WHERE channel_id = ?",
            [channel_id],
        ).fetchall()
        before = {day: dict(zip(measures, values, strict=True)) for day, *values in stored}
        compared, differing = 0, []
        for row in rows:
            old = before.get(row["date"], {})
            pairs = [
                (row[measure], old[measure])
                for measure in measures
                if row.get(measure) is not None and old.get(measure) is not None
            ]
            if any(new or was for new, was in pairs):
                compared += 1
                if any(new != was for new, was in pairs):
                    differing.append(row["date"])
        if len(differing) >= FEWEST_DAYS and len(differing) * 2 > compared:
            raise HandbookError(
                f"{name}: says other numbers than the store for {channel_id} on {len(differing)} "
                f"of {compared} days that both tell of ({min(differing)} to {max(differing)}). "
                "It is probably another channel's: name that with --channel. If it is not, take "
                "the older import back first: handbook status shows its id, handbook undo ID."
            )
