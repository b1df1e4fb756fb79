"""The canonical tables."""

from __future__ import annotations

import pytest

from handbook import schema


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
