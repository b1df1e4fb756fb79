"""Days and times as platforms write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handbook.errors import HandbookError
from handbook.importers.moments import parse_moment
from handbook.importers.source import Cell


@pytest.mark.parametrize(
    ("text", "form", "languages", "expected"),
    [
        ("Tue, Feb 18, 2025", "%a, %b %d, %Y", ("en",), (2025, 2, 18)),
        ("Mon Feb 17 2025", "%a %b %d %Y", ("en",), (2025, 2, 17)),
        ("Dec 18, 2022", "%b %d, %Y", ("en",), (2022, 12, 18)),
        ("Sept 3, 2022", "%b %d, %Y", ("en",), (2022, 9, 3)),
        ("18. joulukuuta 2022", "%d. %B %Y", ("fi",), (2022, 12, 18)),
        ("18. joulu 2022", "%d. %B %Y", ("fi",), (2022, 12, 18)),
        ("18 dec. 2022", "%d %b %Y", ("sv",), (2022, 12, 18)),
        ("3. März 2024", "%d. %B %Y", ("de",), (2024, 3, 3)),
        ("8 de marzo", "%d de %B", ("es",), (2000, 3, 8)),
        ("2025/10/31", "%Y/%m/%d", (), (2025, 10, 31)),
        ("20231010", "%Y%m%d", (), (2023, 10, 10)),
        ("2021-11-30 16:00 +0000", "%Y-%m-%d %H:%M %z", (), (2021, 11, 30, 16)),
        ("02/19/2015 11:45:22 PM", "%m/%d/%Y %I:%M:%S %p", (), (2015, 2, 19, 23, 45, 22)),
        ("02/19/2015 12:05:00 AM", "%m/%d/%Y %I:%M:%S %p", (), (2015, 2, 19, 0, 5)),
    ],
)
def test_forms(text, form, languages, expected):
    """A form that platforms write, not understood or understood otherwise."""
    found = parse_moment(text, (form,), languages)
    assert found is not None
    assert found.replace(tzinfo=None) == datetime(*expected)


@pytest.mark.parametrize("text", ["31/12/2024", "02/30/2024", "1/1/24", "", "0/1/2024", "x"])
def test_what_is_no_day(text):
    """Day and month swapped in silence, or a day that no calendar has."""
    assert parse_moment(text, ("%m/%d/%Y",)) is None


def cell(value) -> Cell:
    return Cell("a.csv", None, 2, "Publish time", value)


@pytest.mark.parametrize(
    ("pacific", "utc"),
    [
        ("01/15/2025 12:00", datetime(2025, 1, 15, 20)),
        ("07/15/2025 12:00", datetime(2025, 7, 15, 19)),
        ("12/31/2025 23:30", datetime(2026, 1, 1, 7, 30)),
    ],
)
def test_pacific_to_utc(pacific, utc):
    """Meta's times taken for UTC: every chart of the best hour is then wrong."""
    found = cell(pacific).moment("%m/%d/%Y %H:%M", tz="America/Los_Angeles")
    assert found == utc


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1)))
def test_there_and_back(moment):
    """An hour lost or won between a platform's clock and UTC."""
    utc = moment.replace(microsecond=0, tzinfo=UTC)
    local = utc.astimezone(ZoneInfo("America/Los_Angeles"))
    if local.fold:
        return
    found = cell(f"{local:%m/%d/%Y %H:%M:%S}").moment("%m/%d/%Y %H:%M:%S", tz="America/Los_Angeles")
    assert found == utc.replace(tzinfo=None)


def test_a_wrong_day_says_where():
    """An error that does not help to find the cell."""
    with pytest.raises(HandbookError, match=r"a\.csv, row 2, column 'Publish time': .*31\.12"):
        cell("31.12.2025").day("%m/%d/%Y")
