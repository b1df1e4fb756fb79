"""Small frames with the columns and types that `handbook.channels` gives."""

from __future__ import annotations

import pandas as pd
from hypothesis import settings

from handbook import channels as loading
from handbook import schema

law = settings(max_examples=40, deadline=None)
"""How often a property is tried: making frames is slow, and no test is timed."""


def _frame(rows: list[dict], columns: dict[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    for name, kind in columns.items():
        values = frame[name]
        if kind in ("date", "datetime"):
            values = pd.to_datetime(values, utc=kind == "datetime")
        frame[name] = values.astype(loading.DTYPES[kind])
    return frame


def make_channels(*rows: dict) -> pd.DataFrame:
    """Return channels; a row needs `channel_id` and may have any other column."""
    defaults = {"registered": True, "has_plan": False, "assumed": False, "has_data": True}
    full = [
        {"label": f"{row['channel_id']} (X)", "name": row["channel_id"], **defaults, **row}
        for row in rows
    ]
    frame = _frame(full, loading.CHANNEL_COLUMNS)
    for name in loading.TUPLES:
        frame[name] = [row.get(name, ()) for row in full]
    return frame


def make_days(*rows: dict) -> pd.DataFrame:
    """Return days; a row needs `channel_id` and `date`."""
    return _frame(list(rows), {f.name: f.type for f in schema.CHANNEL_DAY.fields})


def make_posts(*rows: dict) -> pd.DataFrame:
    """Return posts; a row needs `channel_id` and `published_date`."""
    fields = [*schema.POST.fields, schema.POST_SNAPSHOT["observed_on"], *schema.POST_MEASURES]
    full = [{"post_id": str(number), **row} for number, row in enumerate(rows)]
    return _frame(full, {f.name: f.type for f in fields})
