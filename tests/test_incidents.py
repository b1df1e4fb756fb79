"""Acknowledged incidents: recorded beside the store, read back, refused when wrong."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner
from small_stores import day_rows, make_store

from handbook import channels
from handbook.cli.data import channel
from handbook.demo import demo_store
from handbook.errors import HandbookError
from handbook.register import load_incidents


def acknowledge(store, *words):
    arguments = ["acknowledge", "x:lab", *words, "--store", str(store)]
    return CliRunner().invoke(channel, arguments, catch_exceptions=False).output


def test_it_is_recorded_once_and_read_back(tmp_path, monkeypatch):
    """Catches a day that ends at its first moment, a second row for the same, a lost note."""
    store = make_store(tmp_path, day_rows("x:lab", 3, comments=1))
    words = ["--start", "2026-03-09", "--end", "2026-03-10", "--note", "=1+1, parking"]
    assert "is acknowledged" in acknowledge(store, *words)
    assert "already" in acknowledge(store, *words)
    acknowledge(store, "--start", "2026-02-01T14:00+02:00", "--end", "2026-02-01T13:30Z")
    monkeypatch.setenv("HANDBOOK_STORE", str(store))
    found = channels.load_incidents()
    assert list(found["start"]) == [
        pd.Timestamp("2026-02-01 12:00", tz="UTC"),
        pd.Timestamp("2026-03-09", tz="UTC"),
    ]
    assert found["end"].iloc[1] == pd.Timestamp("2026-03-10 23:59:59", tz="UTC")
    assert list(found["note"]) == ["", "=1+1, parking"]
    assert "'=1+1" in (tmp_path / "incidents.csv").read_text()


def test_no_file_is_no_incident(tmp_path, monkeypatch):
    """Catches a store without incidents that can't be read."""
    monkeypatch.setenv("HANDBOOK_STORE", str(make_store(tmp_path)))
    assert channels.load_incidents().empty


def test_the_made_up_files_are_left_alone():
    """Catches a row that somebody's trial leaves in the repository."""
    with pytest.raises(HandbookError, match="made-up"):
        acknowledge(demo_store(), "--start", "2026-03-09", "--end", "2026-03-10")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("lab,2026-03-09,2026-03-10,", "row 2, channel_id: expected <platform>"),
        ("x:lab,9.3.2026,2026-03-10,", "row 2, start: expected a day"),
        ("x:lab,2026-03-09T10:00,2026-03-10,", "no time zone"),
        ("x:lab,2026-03-11,2026-03-10,", "before the start"),
        ("x:lab,2026-03-09,2026-03-10,=1+1", "note"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, row, message):
    """Catches a wrong row that is taken for something."""
    path = tmp_path / "incidents.csv"
    path.write_text(f"channel_id,start,end,note\n{row}\n", encoding="utf-8")
    with pytest.raises(HandbookError, match=message):
        load_incidents(path)


def test_a_missing_column_is_told(tmp_path):
    """Catches a KeyError."""
    path = tmp_path / "incidents.csv"
    path.write_text("channel_id,start,note\n", encoding="utf-8")
    with pytest.raises(HandbookError, match="column end is missing"):
        load_incidents(path)
