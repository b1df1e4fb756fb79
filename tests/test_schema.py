"""The canonical tables."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from handbook import schema
from handbook.errors import HandbookError


@pytest.mark.parametrize("table", schema.TABLES, ids=lambda table: table.name)
def test_every_column_is_described(table):
    """A column without words in the data dictionary, or a key that is no column."""
    assert table.description.endswith(".")
    assert len(set(table.columns)) == len(table.columns)
    assert set(table.key) <= set(table.columns)
    for field in table.fields:
        assert field.description.endswith("."), field.name
        assert field.type in schema.DUCKDB_TYPES


def test_measures_of_a_day_are_whole_numbers():
    """A rate among the days, where rates are computed and never stored."""
    assert {measure.type for measure in schema.DAY_MEASURES} == {"integer"}


@pytest.mark.parametrize("channel_id", ["x:a", "linkedin:example-page", "tiktok:a.b_c1"])
def test_channel_ids(channel_id):
    """A channel id that ought to be allowed."""
    assert schema.CHANNEL_ID.fullmatch(channel_id)


@pytest.mark.parametrize("channel_id", ["x:", "a", "twitter:a", "x:A", "x:a/b", "x: a", "x:-a"])
def test_wrong_channel_ids(channel_id):
    """A channel id that breaks addresses and file names."""
    assert not schema.CHANNEL_ID.fullmatch(channel_id)


DAY = date(2026, 3, 1)
GOOD = {
    schema.CHANNEL_DAY: {"channel_id": ["x:a"], "date": [DAY], "followers_gained": [-3]},
    schema.POST: {
        "channel_id": ["x:a"],
        "post_id": ["007"],
        "post_type": [None],
        "published_date": [DAY],
        "published_at": [datetime(2026, 3, 1, 12)],
        "is_paid": [True],
        "duration_s": [3],
    },
    schema.POST_SNAPSHOT: {
        "channel_id": ["x:a"],
        "post_id": ["007"],
        "observed_on": [DAY],
        "ctr": [float("nan")],
        "engagement_rate_reported": [-0.4],
    },
    schema.COUNT_SERIES: {"series_id": ["m"], "step_s": [3600], "count": [0]},
}


@pytest.mark.parametrize("table", GOOD, ids=lambda table: table.name)
def test_values_that_platforms_give(table):
    """A check that refuses what platforms really give: corrections below zero, missing values."""
    schema.check_columns(table, GOOD[table])


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        (schema.CHANNEL_DAY, "date", None),
        (schema.CHANNEL_DAY, "date", datetime(2026, 3, 1)),
        (schema.CHANNEL_DAY, "date", date(1900, 3, 1)),
        (schema.CHANNEL_DAY, "date", "2026-03-01"),
        (schema.CHANNEL_DAY, "followers_total", -1),
        (schema.CHANNEL_DAY, "views", 1.0),
        (schema.CHANNEL_DAY, "views", True),
        (schema.CHANNEL_DAY, "views", "1"),
        (schema.POST, "post_id", 7),
        (schema.POST, "post_id", None),
        (schema.POST, "post_type", "IG reel"),
        (schema.POST, "published_precision", "hour"),
        (schema.POST, "published_at", DAY),
        (schema.POST, "is_paid", 1),
        (schema.POST, "duration_s", -1),
        (schema.POST_SNAPSHOT, "ctr", 523.0),
        (schema.COUNT_SERIES, "step_s", 0),
        (schema.COUNT_SERIES, "count", -1),
    ],
)
def test_values_that_cannot_be(table, name, value):
    """A fault of an importer, or of a file, that reaches the store in silence."""
    with pytest.raises(HandbookError, match=f"its {name} is .* where .* is expected"):
        schema.check_columns(table, GOOD[table] | {name: [value]})
