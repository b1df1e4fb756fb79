"""Explorers for JupyterLab: choose a channel, a period, a measure; see the figure and its call.

On a page, in print and in a reopened notebook an explorer is the result of its first choice,
without controls that would be dead there.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from datetime import date

import ipywidgets as widgets
import pandas as pd

from handbook import (
    audit,
    benchmark,
    cadence,
    charts,
    growth,
    metrics,
    policy,
    review,
    uproar,
    yearly,
)
from handbook.organisation import Organisation
from handbook.periods import Period

WEEKS = {4: "4 weeks", 12: "12 weeks", 26: "26 weeks", 52: "52 weeks", 104: "104 weeks"}
"""The periods to choose from, counted back from the last day of the data."""


ALARM_RATES = {0.5: "1 in two months", 1.0: "1 a month", 2.0: "2 a month", 4.0: "4 a month"}
"""How many alerts a month somebody is ready to look at."""

ALERT_HEADINGS = {
    "when": "First alert",
    "alert": "Alert",
    "count": "Counted in the day from then",
    "expected": "Expected",
}
"""The columns of a table of alerts of one series."""

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


def explore_month(
    channels: pd.DataFrame,
    days: pd.DataFrame,
    posts: pd.DataFrame,
    month: str,
    *,
    measure: str = "posts",
    source: str = "",
) -> Exploration:
    """Return one measure of a month beside the month before and the same month last year.

    Parameters
    ----------
    channels, days, posts
        As `handbook.channels` loads them.
    month
        Such as `2026-10`.
    measure
        A key of `handbook.review.MEASURES`.
    source
        Where the numbers come from, for the caption.
    """
    chosen = review.month_of(month)
    table = review.compare_days(channels, days, posts, chosen)
    figure = charts.show_month(table, measure, chosen, source)
    own = table[table["measure"] == measure]
    if isinstance(figure, charts.Note):
        return Exploration(figure, None)
    columns = {"label": "Channel", "value": "This month", "before": "Month before",
               "last_year": "Same month last year"}  # fmt: skip
    caption = f"{review.MEASURES[measure].capitalize()} in {review.name_of(chosen)}"
    return Exploration(figure, charts.Table(own, columns, caption, source))


def explore_growth(
    channels: pd.DataFrame,
    days: pd.DataFrame,
    channel: str,
    last_day: date,
    *,
    months: int = 6,
    source: str = "",
) -> Exploration:
    """Return one channel's audience, and what to expect of it some months ahead.

    Parameters
    ----------
    channels, days
        As `handbook.channels` loads them.
    channel
        The channel's id.
    last_day
        The last day of the data.
    months
        How far to look ahead.
    source
        Where the numbers come from, for the caption.
    """
    by = pd.Timestamp(last_day) + pd.DateOffset(months=months)
    course = growth.course(channels, days, channel, by)
    goal = channels.set_index("channel_id").reindex([channel]).iloc[0]
    figure = charts.show_course(
        course, _label(channels, channel), goal["members_target"], goal["members_target_by"], source
    )
    if isinstance(figure, charts.Note):
        return Exploration(figure, None)
    ahead = course[course["mean"].notna()].iloc[[0, -1]].reset_index(names="date")
    columns = {"date": "Day", "mean": "Expected", "lo80": "80% from", "hi80": "to",
               "lo95": "95% from", "hi95": "to"}  # fmt: skip
    numbers = list(columns)[1:]
    ahead[numbers] = ahead[numbers].round().astype("Int64")
    caption = f"Followers ahead, {_label(channels, channel)}"
    return Exploration(figure, charts.Table(ahead, columns, caption, source))


def explore_year(
    channels: pd.DataFrame,
    days: pd.DataFrame,
    posts: pd.DataFrame,
    last_day: date | None,
    channel: str,
    *,
    organisation: Organisation,
    source: str = "",
) -> Exploration:
    """Return the plan of one channel against its record of the last twelve months.

    Parameters
    ----------
    channels, days, posts
        As `handbook.channels` loads them.
    last_day
        The last day of the data.
    channel
        The channel's id.
    organisation
        Names and thresholds.
    source
        Where the numbers come from, for the caption.
    """
    year = yearly.review(channel, channels, days, posts, last_day, organisation)
    figure = charts.show_days(year.record, cadence.describe_days(year.record, year.label), source)
    columns = {"what": "What", "rule": "Rule", "plan": "Plan", "record": "Record",
               "verdict": "Verdict"}  # fmt: skip
    caption = f"Plan against record, {year.label}, {year.period}"
    return Exploration(figure, charts.Table(year.plan, columns, caption, source))


def explore_threshold(
    channels: pd.DataFrame,
    days: pd.DataFrame,
    posts: pd.DataFrame,
    as_of: date | None,
    threshold: str,
    *,
    value: float,
    organisation: Organisation,
    source: str = "",
) -> Exploration:
    """Return which channels of the audit change when a threshold has another value.

    Parameters
    ----------
    channels, days, posts, as_of
        As for `handbook.audit.run`.
    threshold
        One of `handbook.audit.THRESHOLDS`.
    value
        The value to try.
    organisation
        Names and thresholds as they are.
    source
        Where the numbers come from, for the caption.
    """
    arguments = (channels, days, posts, as_of, threshold)
    changed = audit.what_if(*arguments, value, organisation=organisation)
    today = getattr(organisation.thresholds, threshold).value
    values = [*range(1, round(2 * today) + 1), value]
    curve = audit.threshold_curve(*arguments, values, organisation=organisation)
    title = audit.describe_what_if(changed, channels, threshold, value, today)
    figure = charts.show_threshold(curve, threshold, value, title, source)
    if changed.empty:
        return Exploration(figure, None)
    labels = dict(zip(channels["channel_id"], channels["label"], strict=True))
    table = changed.assign(label=changed["channel"].map(labels))
    columns = {
        "label": "Channel",
        "rule": "Rule",
        "verdict": "Verdict today",
        "verdict_then": "Verdict then",
        "evidence_then": "Because",
    }
    caption = f"Verdicts that change with {value:g} {audit.THRESHOLD_WORDS[threshold]}"
    return Exploration(figure, charts.Table(table, columns, caption, source))


def explore_impact(
    channels: pd.DataFrame, findings: pd.DataFrame, rule: str, *, source: str = ""
) -> Exploration:
    """Return what depends on a rule: checklists, audits, notebooks, pages, channels.

    Parameters
    ----------
    channels, findings
        As from `handbook.channels.load_channels` and `handbook.audit.run`.
    rule
        The rule's id.
    source
        Where the numbers come from, for the caption.
    """
    found = policy.find_impact(rule)
    parts = {
        "Checklists": found.checklists,
        "Audits": found.audits,
        "Notebooks": found.notebooks,
        "Pages": found.pages,
        "Thresholds": found.thresholds,
    }
    rows = [(what, len(names), ", ".join(names)) for what, names in parts.items()]
    for row in audit.impact(findings, channels, rule).itertuples():
        rows.append((f"Channels, {row.verdict}", row.channels, row.labels))
    table = pd.DataFrame(rows, columns=["what", "number", "names"])
    columns = {"what": "What", "number": "How many", "names": "Which"}
    note = charts.Note(f"{rule}: “{found.rule.text}”")
    return Exploration(note, charts.Table(table, columns, f"What depends on {rule}", source))


def explore_groups(
    channels: pd.DataFrame,
    prepared: pd.DataFrame,
    channel: str,
    *,
    by: str = "post_type",
    rate: str = "er_by_reach",
    source: str = "",
) -> Exploration:
    """Return which groups of one channel's posts do better, by one engagement rate.

    Parameters
    ----------
    channels
        As `handbook.channels` loads them.
    prepared
        As from `handbook.metrics.prepare_posts`; for times, from `with_local_time` of it.
    channel
        The channel's id.
    by
        A key of `handbook.metrics.GROUPINGS`.
    rate
        A key of `handbook.metrics.BASES`.
    source
        Where the numbers come from, for the caption.
    """
    own = prepared[prepared["channel_id"] == channel]
    table = metrics.compare_within(channels, own, [by], rate=rate)
    label = _label(channels, channel)
    figure = charts.show_groups(table, label, by, source)
    if isinstance(figure, charts.Note):
        return Exploration(figure, None)
    caption = f"{metrics.title_of(rate)} of the typical post, {label}"
    told = metrics.write_groups(table)
    return Exploration(figure, charts.Table(told, metrics.GROUP_HEADINGS, caption, source))


def explore_surges(
    series: pd.DataFrame,
    incidents: pd.DataFrame,
    name: str,
    *,
    weeks: int = 12,
    alarms_per_month: float = 1.0,
    source: str = "",
) -> Exploration:
    """Return one watched series of counts, its alerts and what was expected.

    Parameters
    ----------
    series, incidents
        As from `handbook.uproar.gather` and `handbook.channels.load_incidents`.
    name
        One of `series["series"]`.
    weeks
        How many weeks back from the series' last count.
    alarms_per_month
        How many alerts a month you are ready to look at when nothing happens.
    source
        Where the numbers come from, for the caption.
    """
    own = series[series["series"] == name]
    own = uproar.watch_all(own, incidents, alarms_per_month=alarms_per_month)
    if own.empty:
        return Exploration(charts.Note("There is no series to watch."), None)
    end = own["at"].max()
    own = own[own["at"] > end - pd.Timedelta(weeks=weeks)]
    figure = charts.show_watch(own, name, source)
    if isinstance(figure, charts.Note):
        return Exploration(figure, None)
    found = uproar.alerts(own, end.date(), weeks=weeks)
    caption = f"Alerts of {name}, {Period(own['at'].min().date(), end.date())}"
    return Exploration(figure, charts.Table(found, ALERT_HEADINGS, caption, source))


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


def _choose_channel(channels: pd.DataFrame, frame: pd.DataFrame, weeks: int) -> widgets.Dropdown:
    """Return the control of a channel; first the first one that the last weeks tell of."""
    recent = Period.last_calendar_weeks(weeks, _last_day(frame)).select(frame)["channel_id"]
    told = [channel_id for _, channel_id in _channel_options(channels, recent)]
    return _choose("Channel", _channel_options(channels, frame["channel_id"]), *told)


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
        weeks = _choose("Period", _week_options(), 12)
        channel = _choose_channel(channels, days, weeks.value)
        recent = Period.last_calendar_weeks(weeks.value, _last_day(days)).select(days)
        given = metrics.given_measures(recent, channel.value)
        first = [*(name for name in FIRST_MEASURES if name in given), *given]
        measure = _choose("Measure", self._measures(channel.value), *first)
        controls = {"channel": channel, "weeks": weeks}
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
        weeks = _choose("Period", _week_options(), 26)
        super().__init__(
            lambda channel, weeks: explore_rhythm(
                channels, record, channel, weeks=weeks, source=source
            ),
            lambda channel, weeks: (
                f'explore_rhythm(channels, record, "{channel}", weeks={weeks}, source=source)'
            ),
            {
                "channel": _choose_channel(channels, record, weeks.value),
                "weeks": weeks,
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


class GrowthExplorer(Explorer):
    """Choose a channel and how far to look ahead; see its course with intervals.

    The first choice is the channel with most totals.

    Parameters
    ----------
    channels, days
        As `handbook.channels` loads them.
    last_day
        The last day of the data; None where there are none.
    source
        Where the numbers come from, for the caption.
    """

    AHEAD = {"3 months": 3, "6 months": 6, "12 months": 12}

    def __init__(
        self,
        channels: pd.DataFrame,
        days: pd.DataFrame,
        last_day: date | None,
        *,
        source: str = "",
    ) -> None:
        told = days.loc[days["followers_total"].notna(), "channel_id"]
        longest = told.groupby(told, sort=False).size().nlargest(1).index
        super().__init__(
            lambda channel, months: explore_growth(
                channels, days, channel, last_day, months=months, source=source
            ),
            lambda channel, months: (
                f'explore_growth(channels, days, "{channel}", last_day, '
                f"months={months}, source=source)"
            ),
            {
                "channel": _choose("Channel", _channel_options(channels, told), *longest),
                "months": _choose("Look ahead", list(self.AHEAD.items()), 6),
            },
        )


class MonthExplorer(Explorer):
    """Choose one of the full months of the data, and a measure.

    Parameters
    ----------
    channels, days, posts
        As `handbook.channels` loads them.
    last_day
        The last day of the data; None where there are none.
    source
        Where the numbers come from, for the caption.
    """

    def __init__(
        self,
        channels: pd.DataFrame,
        days: pd.DataFrame,
        posts: pd.DataFrame,
        last_day: date | None,
        *,
        source: str = "",
    ) -> None:
        firsts = [frame[name].min() for frame, name in ((days, "date"), (posts, "published_date"))]
        first = min((day.date() for day in firsts if not pd.isna(day)), default=last_day)
        months, month = [], review.last_full_month(last_day)
        while month.start is not None and month.end >= first and len(months) < 36:
            months.append((review.name_of(month), f"{month.start:%Y-%m}"))
            month = review.month_before(month)
        measures = [(words, name) for name, words in review.MEASURES.items()]
        told = []
        if months:
            table = review.compare_days(channels, days, posts, review.month_of(months[0][1]))
            given = set(table.loc[table["value"].notna(), "measure"])
            told = [name for name in review.MEASURES if name in given]
        super().__init__(
            lambda month, measure: explore_month(
                channels, days, posts, month, measure=measure, source=source
            ),
            lambda month, measure: (
                f'explore_month(channels, days, posts, "{month}", '
                f'measure="{measure}", source=source)'
            ),
            {
                "month": _choose("Month", months),
                "measure": _choose("Measure", measures, *told),
            },
        )


class YearExplorer(Explorer):
    """Choose a channel; see its plan against its record.

    Parameters
    ----------
    channels, days, posts, last_day, organisation
        As for `explore_year`.
    channel
        The channel that is shown first.
    source
        Where the numbers come from, for the caption.
    """

    def __init__(
        self,
        channels: pd.DataFrame,
        days: pd.DataFrame,
        posts: pd.DataFrame,
        last_day: date | None,
        channel: str | None = None,
        *,
        organisation: Organisation,
        source: str = "",
    ) -> None:
        options = list(zip(channels["label"], channels["channel_id"], strict=True))
        super().__init__(
            lambda channel: explore_year(
                channels,
                days,
                posts,
                last_day,
                channel,
                organisation=organisation,
                source=source,
            ),
            lambda channel: (
                f'explore_year(channels, days, posts, last_day, "{channel}", '
                "organisation=organisation, source=source)"
            ),
            {"channel": _choose("Channel", options, channel)},
        )


class ThresholdExplorer(Explorer):
    """Choose a threshold of the audit and another value; see which channels change.

    Parameters
    ----------
    channels, days, posts, as_of, organisation
        As for `handbook.audit.run`.
    source
        Where the numbers come from, for the caption.
    """

    def __init__(
        self,
        channels: pd.DataFrame,
        days: pd.DataFrame,
        posts: pd.DataFrame,
        as_of: date | None,
        *,
        organisation: Organisation,
        source: str = "",
    ) -> None:
        self.organisation = organisation
        names = [] if channels.empty else audit.THRESHOLDS
        threshold = _choose("Threshold", [(audit.THRESHOLD_WORDS[name], name) for name in names])
        options = self._values(threshold.value)
        value = _choose("Value", options, *(number for _, number in options[-1:]))
        threshold.observe(self._offer_values, names="value")
        super().__init__(
            lambda threshold, value: explore_threshold(
                channels,
                days,
                posts,
                as_of,
                threshold,
                value=value,
                organisation=organisation,
                source=source,
            ),
            lambda threshold, value: (
                f'explore_threshold(channels, days, posts, last_day, "{threshold}", '
                f"value={value:g}, organisation=organisation, source=source)"
            ),
            {"threshold": threshold, "value": value},
        )

    def _values(self, threshold: str | None) -> list[tuple[str, float]]:
        if threshold is None:
            return []
        today = getattr(self.organisation.thresholds, threshold).value
        return [(f"{number}", float(number)) for number in range(1, round(2 * today) + 1)]

    def _offer_values(self, _change: object) -> None:
        value = self.controls["value"]
        options = self._values(self.controls["threshold"].value)
        value.unobserve(self._changed, names="value")
        value.options = options
        value.value = options[-1][1]
        value.observe(self._changed, names="value")


class ImpactExplorer(Explorer):
    """Choose a rule; see what depends on it.

    Parameters
    ----------
    channels, findings
        As from `handbook.channels.load_channels` and `handbook.audit.run`.
    source
        Where the numbers come from, for the caption.
    """

    def __init__(self, channels: pd.DataFrame, findings: pd.DataFrame, *, source: str = "") -> None:
        rules = [rule for rule in policy.load_rules() if rule.status == "in force"]
        options = [(f"{rule.id}: {rule.text[:60]}", rule.id) for rule in rules]
        super().__init__(
            lambda rule: explore_impact(channels, findings, rule, source=source),
            lambda rule: f'explore_impact(channels, findings, "{rule}", source=source)',
            {"rule": _choose("Rule", options, *audit.BY_RULE)},
        )


class GroupsExplorer(Explorer):
    """Choose a channel, what its posts are grouped by, and an engagement rate.

    Parameters
    ----------
    channels, prepared
        As in `explore_groups`.
    by
        Keys of `handbook.metrics.GROUPINGS` to choose from.
    source
        Where the numbers come from, for the caption.
    """

    def __init__(
        self,
        channels: pd.DataFrame,
        prepared: pd.DataFrame,
        *,
        by: Sequence[str] = ("post_type",),
        source: str = "",
    ) -> None:
        counts = prepared["channel_id"].value_counts()
        most = counts.index[0] if len(counts) else None
        own = prepared[prepared["channel_id"] == most]
        rates = [(metrics.title_of(name), name) for name in metrics.BASES]
        groupings = [(metrics.GROUPINGS[name].capitalize(), name) for name in by]
        super().__init__(
            lambda channel, by, rate: explore_groups(
                channels, prepared, channel, by=by, rate=rate, source=source
            ),
            lambda channel, by, rate: (
                f'explore_groups(channels, posts, "{channel}", by="{by}", rate="{rate}", '
                "source=source)"
            ),
            {
                "channel": _choose(
                    "Channel", _channel_options(channels, prepared["channel_id"]), most
                ),
                "by": _choose("Posts by", groupings),
                "rate": _choose("Rate", rates, metrics.best_known_rate(own)),
            },
        )


class SurgeExplorer(Explorer):
    """Choose a series, a period and how many alerts a month you can look at; see the surges.

    Parameters
    ----------
    series, incidents
        As from `handbook.uproar.gather` and `handbook.channels.load_incidents`.
    first
        The series shown first; the first one unless given.
    source
        Where the numbers come from, for the caption.
    """

    def __init__(
        self,
        series: pd.DataFrame,
        incidents: pd.DataFrame,
        *,
        first: str | None = None,
        source: str = "",
    ) -> None:
        names = [(name, name) for name in series["series"].drop_duplicates()]
        rates = [(words, rate) for rate, words in ALARM_RATES.items()]
        super().__init__(
            lambda series_name, weeks, alarms: explore_surges(
                series, incidents, series_name, weeks=weeks, alarms_per_month=alarms, source=source
            ),
            lambda series_name, weeks, alarms: (
                f'explore_surges(series, incidents, "{series_name}", weeks={weeks}, '
                f"alarms_per_month={alarms:g}, source=source)"
            ),
            {
                "series_name": _choose("Series", names, first),
                "weeks": _choose("Period", _week_options(), 26),
                "alarms": _choose("Alerts", rates, 1.0),
            },
        )
