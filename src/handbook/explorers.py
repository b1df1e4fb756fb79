"""Explorers for JupyterLab: choose a channel, a period, a measure; see the figure and its call.

On a page, in print and in a reopened notebook an explorer is the result of its first choice,
without controls that would be dead there.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date

import ipywidgets as widgets
import pandas as pd

from handbook import benchmark, cadence, charts, metrics
from handbook.periods import Period

WEEKS = {4: "4 weeks", 12: "12 weeks", 26: "26 weeks", 52: "52 weeks", 104: "104 weeks"}
"""The periods to choose from, counted back from the last day of the data."""


FIRST_MEASURES = ("impressions", "views", "reach")
"""What a measure's control shows first, where the channel gives it."""


class Exploration:
    """A figure and the table behind it.

    Parameters
    ----------
    figure
        What was drawn, or the note that there is nothing to draw.
    table
        The rows behind it; None where there are none.
    """

    def __init__(self, figure: charts.Figure | charts.Note, table: charts.Table | None) -> None:
        self.figure, self.table = figure, table

    def to_html(self) -> str:
        """Return the figure and the table as HTML."""
        return self.figure.to_html() + (self.table.to_html() if self.table else "")

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.figure.alt}


def explore_measure(
    channels: pd.DataFrame,
    days: pd.DataFrame,
    channel: str,
    *,
    weeks: int = 12,
    measure: str = "impressions",
    source: str = "",
) -> Exploration:
    """Return one measure of one channel by week, up to the last day of `days`.

    Parameters
    ----------
    channels, days
        As `handbook.channels` loads them.
    channel
        The channel's id.
    weeks
        How many weeks back from the last day.
    measure
        A column of `days`.
    source
        Where the numbers come from, for the caption.
    """
    period = Period.last_calendar_weeks(weeks, _last_day(days))
    table = metrics.weekly(days, channel, measure, period)
    words = metrics.words_of(measure)
    title = metrics.describe_weekly(table, _label(channels, channel), measure)
    stock = measure in metrics.WEEKLY
    figure = charts.show_weekly(table, title, words, source, stock=stock)
    if isinstance(figure, charts.Note):
        return Exploration(figure, None)
    columns = {"week_start": "Week of", "value": words.capitalize(), "days": "Days with data"}
    caption = f"{words.capitalize()} by week, {_label(channels, channel)}, {period}"
    return Exploration(figure, charts.Table(table.iloc[::-1], columns, caption, source))


def explore_rhythm(
    channels: pd.DataFrame,
    record: pd.DataFrame,
    channel: str,
    *,
    weeks: int = 26,
    source: str = "",
) -> Exploration:
    """Return the posting calendar of one channel, up to the last day of `record`.

    Parameters
    ----------
    channels, record
        As from `handbook.channels.load_channels` and `handbook.cadence.post_record`.
    channel, weeks, source
        As in `explore_measure`.
    """
    period = Period.last_calendar_weeks(weeks, _last_day(record))
    own = period.select(record[record["channel_id"] == channel])
    label = _label(channels, channel)
    figure = charts.show_days(own, cadence.describe_days(own, label), source)
    if own.empty:
        return Exploration(figure, None)
    columns = {
        "week": "Week",
        "posts": "Posts",
        "promised": "Promised",
        "known_days": "Days known",
        "paused_days": "Days of pause",
    }
    table = cadence.weeks(channels, own).iloc[::-1]
    caption = f"Posts by week, {label}, {period}"
    return Exploration(figure, charts.Table(table, columns, caption, source))


def explore_peers(
    table: pd.DataFrame, channel: str, *, measure: str = "posts_per_week", source: str = ""
) -> Exploration:
    """Return where one channel stands among its peers by one measure.

    Parameters
    ----------
    table
        As from `handbook.benchmark.benchmark`.
    channel
        The channel's id.
    measure
        A key of `handbook.benchmark.MEASURES`.
    source
        Where the numbers come from, for the caption.
    """
    figure = charts.show_peers(table, measure, source, channel=channel)
    own = table[(table["channel_id"] == channel) & (table["measure"] == measure)]
    if own.empty:
        return Exploration(figure, None)
    unit = benchmark.MEASURES[measure]
    columns = {"label": "Channel", "value": unit.capitalize(), "place": "Place", "group": "Peers",
               "peers": "How many"}  # fmt: skip
    caption = f"{unit.removesuffix(', %').capitalize()} among peers"
    return Exploration(figure, charts.Table(own, columns, caption, source))


def _last_day(frame: pd.DataFrame) -> date | None:
    return None if frame.empty else frame["date"].max().date()


def _label(channels: pd.DataFrame, channel: str) -> str:
    found = channels.loc[channels["channel_id"] == channel, "label"]
    return channel if found.empty else found.iloc[0]


class Explorer(widgets.VBox):
    """Controls, the result of what they say, and the function call that gives it again.

    Parameters
    ----------
    show
        Makes the result from the values of the controls.
    call
        Writes the function call from the same values.
    controls
        A control for each argument of the two, by its name.
    """

    def __init__(
        self,
        show: Callable[..., Exploration],
        call: Callable[..., str],
        controls: dict[str, widgets.Dropdown],
    ) -> None:
        self.show, self.call, self.controls = show, call, controls
        self.result = widgets.HTML()
        self.reproduce = widgets.HTML()
        row = widgets.HBox(list(controls.values()), layout=widgets.Layout(flex_flow="row wrap"))
        super().__init__([row, self.reproduce, self.result])
        for control in controls.values():
            control.observe(self._changed, names="value")
        self.refresh()
        self.first, self.first_values = self.result.value, self.values()

    def values(self) -> dict[str, object]:
        """Return what the controls say."""
        return {name: control.value for name, control in self.controls.items()}

    def refresh(self) -> None:
        """Draw what the controls say."""
        if None in self.values().values():
            self.result.value = charts.Note("There is nothing to choose from yet.").to_html()
            self.reproduce.value = ""
            return
        self.result.value = self.show(**self.values()).to_html()
        name, _, _ = (call := self.call(**self.values())).partition("(")
        call = html.escape(f"from handbook.explorers import {name}\n\n{call}")
        self.reproduce.value = (
            f"<p>The same in a cell of your own:</p><pre><code>{call}</code></pre>"
        )

    def _changed(self, _change: object) -> None:
        self.refresh()

    def _repr_mimebundle_(self, **kwargs) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(**kwargs) or {}
        page = (
            '<p class="handbook-note">In JupyterLab you choose here; this is the first choice.</p>'
        )
        chosen = ", ".join(f"{name}={value!r}" for name, value in self.first_values.items())
        return bundle | {
            "text/html": page + self.first,
            "text/plain": f"{type(self).__name__}({chosen})",
        }


def _preferred(options: list[tuple[str, object]], *wanted: object) -> object:
    """Return the first wanted value that is among the options, else the first option."""
    values = [value for _, value in options]
    return next((value for value in wanted if value in values), next(iter(values), None))


def _choose(description: str, options: list[tuple[str, object]], *wanted: object):
    return widgets.Dropdown(
        options=options,
        value=_preferred(options, *wanted),
        description=description,
        layout=widgets.Layout(width="22rem", max_width="100%"),
    )


def _channel_options(channels: pd.DataFrame, ids: pd.Series) -> list[tuple[str, str]]:
    held = channels[channels["channel_id"].isin(list(ids.unique()))]
    return list(zip(held["label"], held["channel_id"], strict=True))


def _week_options() -> list[tuple[str, int]]:
    return [(words, weeks) for weeks, words in WEEKS.items()]


class MeasureExplorer(Explorer):
    """Choose a channel, a period and one of the measures that the channel's days give.

    Parameters
    ----------
    channels, days
        As `handbook.channels` loads them.
    source
        Where the numbers come from, for the caption.
    """

    def __init__(self, channels: pd.DataFrame, days: pd.DataFrame, *, source: str = "") -> None:
        self.days = days
        channel = _choose("Channel", _channel_options(channels, days["channel_id"]))
        measure = _choose("Measure", self._measures(channel.value), *FIRST_MEASURES)
        controls = {"channel": channel, "weeks": _choose("Period", _week_options(), 12)}
        channel.observe(self._offer_measures, names="value")
        super().__init__(
            lambda channel, weeks, measure: explore_measure(
                channels, days, channel, weeks=weeks, measure=measure, source=source
            ),
            lambda channel, weeks, measure: (
                f'explore_measure(channels, days, "{channel}", weeks={weeks}, '
                f'measure="{measure}", source=source)'
            ),
            controls | {"measure": measure},
        )

    def _measures(self, channel: str | None) -> list[tuple[str, str]]:
        return [
            (metrics.words_of(name), name) for name in metrics.given_measures(self.days, channel)
        ]

    def _offer_measures(self, _change: object) -> None:
        measure = self.controls["measure"]
        before, options = measure.value, self._measures(self.controls["channel"].value)
        measure.unobserve(self._changed, names="value")
        measure.options = options
        measure.value = _preferred(options, before)
        measure.observe(self._changed, names="value")


class RhythmExplorer(Explorer):
    """Choose a channel and a period; see on which days it posted.

    Parameters
    ----------
    channels, record
        As from `handbook.channels.load_channels` and `handbook.cadence.post_record`.
    source
        Where the numbers come from, for the caption.
    """

    def __init__(self, channels: pd.DataFrame, record: pd.DataFrame, *, source: str = "") -> None:
        super().__init__(
            lambda channel, weeks: explore_rhythm(
                channels, record, channel, weeks=weeks, source=source
            ),
            lambda channel, weeks: (
                f'explore_rhythm(channels, record, "{channel}", weeks={weeks}, source=source)'
            ),
            {
                "channel": _choose("Channel", _channel_options(channels, record["channel_id"])),
                "weeks": _choose("Period", _week_options(), 26),
            },
        )


class PeersExplorer(Explorer):
    """Choose a channel and one of the measures that it can be compared by.

    Parameters
    ----------
    table
        As from `handbook.benchmark.benchmark`.
    source
        Where the numbers come from, for the caption.
    """

    def __init__(self, table: pd.DataFrame, *, source: str = "") -> None:
        known = table.drop_duplicates("channel_id")
        options = list(zip(known["label"], known["channel_id"], strict=True))
        held = [name for name in benchmark.MEASURES if name in set(table["measure"])]
        measures = [(benchmark.MEASURES[name].removesuffix(", %"), name) for name in held]
        super().__init__(
            lambda channel, measure: explore_peers(table, channel, measure=measure, source=source),
            lambda channel, measure: (
                f'explore_peers(table, "{channel}", measure="{measure}", source=source)'
            ),
            {"channel": _choose("Channel", options), "measure": _choose("Measure", measures)},
        )
