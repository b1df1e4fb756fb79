"""Two files that cannot be of one channel."""

from __future__ import annotations

from typing import Any

import duckdb

from handbook.errors import HandbookError
from handbook.schema import DAY_MEASURES

FEWEST_DAYS = 3
"""Differing days needed to say that two files contradict each other."""


def refuse_contradictions(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    arriving: list[dict[str, Any]],
    channel_id: str | None = None,
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
    channel_id : str, optional
        Whose the rows are that do not say it themselves.

    Raises
    ------
    HandbookError
        At least `FEWEST_DAYS` days differ, and more than half of those compared do.
    """
    by_channel: dict[str, list[dict[str, Any]]] = {}
    for row in arriving:
        by_channel.setdefault(row.get("channel_id") or channel_id, []).append(row)
    for its_channel, rows in by_channel.items():
        told = set().union(*rows)
        measures = [measure.name for measure in DAY_MEASURES if measure.name in told]
        where = "WHERE channel_id = ? AND date BETWEEN ? AND ?"
        dates = [row["date"] for row in rows]
        place = [its_channel, min(dates), max(dates)]
        if (
            not measures
            or not connection.execute(
                f"SELECT 1 FROM channel_day_import {where} LIMIT 1", place
            ).fetchone()
        ):
            continue
        stored = connection.execute(
            f"SELECT date, {', '.join(measures)} FROM channel_day {where}", place
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
                f"{name}: says other numbers than the store for {its_channel} on {len(differing)} "
                f"of {compared} days that both tell of ({min(differing)} to {max(differing)}). "
                "It is probably another channel's: name that with --channel. If it is not, take "
                "the older import back first: handbook status shows its id, handbook undo ID."
            )


FEWEST_POSTS = 3
"""Posts that each of two exports must have from the same weeks to be compared."""


def refuse_strange_posts(
    connection: duckdb.DuckDBPyConnection, name: str, import_id: str, channel_id: str
) -> None:
    """Refuse posts of weeks of which another export of the same layout has other posts only.

    Two exports of one channel have posts in common where their weeks overlap.

    Parameters
    ----------
    name : str
        What the posts come from, for the message.
    import_id : str
        Their import, whose rows are in the tables already.

    Raises
    ------
    HandbookError
        In the weeks that both tell of, each has `FEWEST_POSTS` posts and none is the other's.
    """
    found = connection.execute(
        """
        WITH posts AS (
            SELECT import_id, post_id, published_date AS day FROM post_import
            WHERE channel_id = $channel AND published_date IS NOT NULL
        ), spans AS (
            SELECT import_id, file_name, min(day) AS first, max(day) AS last
            FROM posts JOIN import_log USING (import_id)
            WHERE format = (SELECT format FROM import_log WHERE import_id = $import)
            GROUP BY ALL
        ), pairs AS (
            SELECT other.import_id, other.file_name, greatest(own.first, other.first) AS first,
                   least(own.last, other.last) AS last
            FROM spans AS own JOIN spans AS other ON other.import_id <> own.import_id
            WHERE own.import_id = $import
        )
        SELECT pairs.file_name, pairs.import_id, pairs.first, pairs.last,
               count(DISTINCT post_id) FILTER (posts.import_id = $import) AS own,
               count(DISTINCT post_id) FILTER (posts.import_id = pairs.import_id) AS others,
               count(DISTINCT post_id) AS together
        FROM pairs JOIN posts ON posts.day BETWEEN pairs.first AND pairs.last
             AND posts.import_id IN ($import, pairs.import_id)
        GROUP BY ALL
        HAVING least(own, others) >= $fewest AND together = own + others
        ORDER BY ALL LIMIT 1
        """,
        {"channel": channel_id, "import": import_id, "fewest": FEWEST_POSTS},
    ).fetchone()
    if found:
        other, other_id, first, last, own, others, _ = found
        raise HandbookError(
            f"{name}: has {own} posts of {first} to {last}, and {other} (import {other_id}) has "
            f"{others} of the same time, but none is in both. They are of two channels: name them "
            f"with --channel. If they are not, say whose {other} is first: handbook channel assign."
        )
