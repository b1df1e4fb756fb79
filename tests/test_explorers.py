"""Explorers: what a choice shows, and what they leave on a page."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import ipywidgets
import pytest
from frames import make_channels, make_days, make_posts

from handbook import cadence, explorers

MONDAY = date(2026, 3, 2)
LAST = date(2026, 5, 22)
SOURCE = "Made-up data of a test"
CHANNELS = make_channels(
    {"channel_id": "x:a"}, {"channel_id": "x:b"}, {"channel_id": "x:none", "has_data": False}
)
DAYS = make_days(
    *({"channel_id": "x:a", "date": MONDAY + timedelta(n), "views": n, "impressions": 9}
      for n in range(82)),
    *({"channel_id": "x:b", "date": MONDAY + timedelta(n), "followers_total": 50 + n}
      for n in range(82)),
)  # fmt: skip
POSTS = make_posts(
    *({"channel_id": "x:a", "published_date": MONDAY + timedelta(n), "observed_on": LAST}
      for n in range(0, 82, 5)),
    {"channel_id": "x:b", "published_date": MONDAY, "observed_on": LAST},
)  # fmt: skip
RECORD = cadence.post_record(CHANNELS, DAYS, POSTS, LAST)

MAKE = {
    "measure": lambda: explorers.MeasureExplorer(CHANNELS, DAYS, source=SOURCE),
    "rhythm": lambda: explorers.RhythmExplorer(CHANNELS, RECORD, source=SOURCE),
}


def alt_of(text: str) -> str:
    return html.unescape(re.search(r'alt="([^"]*)"', text)[1])


def offered(control: ipywidgets.Dropdown) -> list:
    return [value for _, value in control.options]


def test_a_choice_changes_figure_table_and_call():
    """A control that is dead; a figure of another channel, period or measure than chosen."""
    explorer = MAKE["measure"]()
    assert explorer.values() == {"channel": "x:a", "weeks": 12, "measure": "impressions"}
    assert "738 impressions in 12 weeks" in alt_of(explorer.result.value)
    explorer.controls["measure"].value = "views"
    assert "views in 12 weeks" in alt_of(explorer.result.value)
    explorer.controls["weeks"].value = 4
    assert "views in 4 weeks" in alt_of(explorer.result.value)
    assert explorer.result.value.count('<th scope="row">') == 4
    explorer.controls["channel"].value = "x:b"
    assert "x:b (X): from 112 to 131 followers" in alt_of(explorer.result.value)
    assert SOURCE in explorer.result.value


def test_only_measures_that_the_channel_gives_are_offered():
    """A choice that leads to an empty figure."""
    explorer = MAKE["measure"]()
    assert offered(explorer.controls["channel"]) == ["x:a", "x:b"]
    assert offered(explorer.controls["measure"]) == ["impressions", "views"]
    explorer.controls["channel"].value = "x:b"
    assert offered(explorer.controls["measure"]) == ["followers_total"]
    explorer.controls["channel"].value = "x:a"
    assert explorer.values()["measure"] == "impressions"


def test_a_measure_stays_chosen_where_the_next_channel_has_it():
    """A choice that is lost with each change of channel."""
    both = make_days(
        *({"channel_id": name, "date": MONDAY, "impressions": 1, "views": 1}
          for name in ("x:a", "x:b"))
    )  # fmt: skip
    explorer = explorers.MeasureExplorer(CHANNELS, both, source=SOURCE)
    explorer.controls["measure"].value = "views"
    explorer.controls["channel"].value = "x:b"
    assert explorer.values()["measure"] == "views"


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("measure", {"channel": "x:a", "weeks": 26, "measure": "views"}),
        ("measure", {"channel": "x:b", "weeks": 4, "measure": "followers_total"}),
        ("rhythm", {"channel": "x:a", "weeks": 4}),
        ("rhythm", {"channel": "x:b", "weeks": 104}),
    ],
)
def test_the_call_gives_the_same_result(name, choice):
    """A call that a reader copies and that shows something else."""
    explorer = MAKE[name]()
    for control, value in choice.items():
        explorer.controls[control].value = value
    code = html.unescape(re.search("<code>(.*)</code>", explorer.reproduce.value, re.S)[1])
    imported, call = code.split("\n\n")
    names = {"channels": CHANNELS, "days": DAYS, "record": RECORD, "source": SOURCE}
    exec(imported, names)
    assert eval(call, names).to_html() == explorer.result.value


@pytest.mark.parametrize("name", MAKE)
def test_a_page_shows_the_first_choice_without_controls(name):
    """A dead control on the page, a page that hangs on what was clicked last, an address in it."""
    explorer = MAKE[name]()
    first = explorer.result.value
    untouched = explorer._repr_mimebundle_()
    assert first in untouched["text/html"]
    assert not re.search("<(input|select|button)", untouched["text/html"])
    assert "0x" not in untouched["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in untouched
    explorer.controls["weeks"].value = 4
    clicked = explorer._repr_mimebundle_()
    assert clicked["text/html"] == untouched["text/html"]
    assert clicked["text/plain"] == untouched["text/plain"]


@pytest.mark.parametrize("name", MAKE)
def test_no_output_widget(name):
    """A widget that makes executing, and comparing, notebooks fail."""
    waiting = [MAKE[name]()]
    while waiting:
        widget = waiting.pop()
        assert not isinstance(widget, ipywidgets.Output)
        waiting += getattr(widget, "children", ())


def test_the_first_choice_has_something_to_show():
    """A page that opens on an empty note because the first channel's data ended long ago."""
    early = {"channel_id": "x:a", "date": MONDAY - timedelta(400), "impressions": 9}
    last = [
        {"channel_id": "x:b", "date": MONDAY - timedelta(400), "impressions": 9},
        *({"channel_id": "x:b", "date": MONDAY + timedelta(n), "reactions": 2, "followers_net": 1}
          for n in range(60)),
    ]  # fmt: skip
    days = make_days(early, *last)
    measure = explorers.MeasureExplorer(CHANNELS, days, source=SOURCE)
    assert measure.values()["channel"] == "x:b"
    assert "<img" in measure.result.value
    record = cadence.post_record(CHANNELS, days, POSTS.iloc[-1:], LAST)
    rhythm = explorers.RhythmExplorer(CHANNELS, record, source=SOURCE)
    assert rhythm.values()["channel"] == "x:b"
    end = days["date"].max().date()
    month = explorers.MonthExplorer(CHANNELS, days, make_posts(), end, source=SOURCE)
    assert month.values()["measure"] == "followers"
    assert "<img" in month.result.value


def test_nothing_to_choose_from():
    """A traceback on an empty store."""
    nothing = cadence.post_record(make_channels(), make_days(), make_posts(), None)
    for explorer in (
        explorers.MeasureExplorer(make_channels(), make_days(), source=SOURCE),
        explorers.RhythmExplorer(make_channels(), nothing, source=SOURCE),
    ):
        assert "nothing to choose from" in explorer.result.value
        assert explorer.reproduce.value == ""
