"""Exports of YouTube Studio: table of videos, table of days, totals and a chart."""

from __future__ import annotations

from collections import Counter
from datetime import date

from importers.samples.x import encode
from importers.samples.youtube import ABOUT, DATE, METRICS, TOTAL, published

from . import facts
from .model import History, Post, each_day

CHART = (date(2026, 8, 1), facts.END)
CHARTED = 5
"""The period of the chart, and how many videos Studio draws in it."""

MORE = {
    "en": ("Subscribers gained", "Subscribers lost", "Likes", "Comments added", "Shares"),
    "sv": ("Nya prenumeranter", "Förlorade prenumeranter", "Gilla-markeringar",
           "Tillagda kommentarer", "Delningar"),
}  # fmt: skip
"""Metrics that the analyst chose besides those that Studio shows at first."""

MEASURES = ("views", "watch_time_s", "followers_net", "impressions", "ctr",
            "followers_gained", "followers_lost", "reactions", "comments", "shares")  # fmt: skip
OF_SUBSCRIBERS = {"followers_net", "followers_gained", "followers_lost"}

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Rows = list[list[str]]


def write_youtube(history: History) -> dict[str, bytes]:
    """Return the files of each download, in a folder named as Studio names its .zip."""
    channel = history.channel
    above = f"exports/made-up-youtube/{channel.slug}"
    name = "Keksila University" if channel.language == "en" else "Keksila universitet"
    files = {}
    for _, last in facts.YEARS:
        folder = f"{above}/Content {facts.START}_{last} {name}"
        files[f"{folder}/Table data.csv"] = encode(videos(history, last))
        folder = f"{above}/Date {facts.START}_{last} {name}"
        files[f"{folder}/Table data.csv"] = encode(days(history, last))
        files[f"{folder}/Totals.csv"] = encode(totals(history, facts.START, last))
    if channel.language == "en":
        folder = f"{above}/Content {CHART[0]}_{CHART[1]} {name}"
        files[f"{folder}/Chart data.csv"] = encode(chart(history))
        files[f"{folder}/Totals.csv"] = encode(totals(history, *CHART))
    return files


def metrics(history: History, of_days: bool) -> dict[str, str]:
    """Return the header of each measure; nobody counts which subscribers a video brought."""
    language = history.channel.language
    names = zip(MEASURES, (*METRICS[language], *MORE[language]), strict=True)
    counted = of_days and history.channel.counts_followers == "daily"
    return {name: header for name, header in names if counted or name not in OF_SUBSCRIBERS}


def cells(got: Counter, measures: dict[str, str]) -> list[str]:
    """Return numbers as Studio writes them: hours, percent, and whole counts."""
    written = {
        "watch_time_s": f"{got['watch_time_s'] / 3600:.4f}",
        "ctr": f"{100 * got['views'] / got['impressions']:.2f}" if got["impressions"] else "",
    }
    return [written.get(measure, str(got[measure])) for measure in measures]


def days(history: History, last: date) -> Rows:
    """Return the table by day, under its total; newest first."""
    language, measures = history.channel.language, metrics(history, of_days=True)
    told = [(day, history.days[day]) for day in each_day(facts.START, last)]
    total: Counter = Counter()
    for _, row in told:
        total.update({name: row[name] for name in measures})
    return [
        [DATE[language], *measures.values()],
        [TOTAL[language], *cells(total, measures)],
        *([str(day), *cells(row, measures)] for day, row in reversed(told)),
    ]


def totals(history: History, first: date, last: date) -> Rows:
    """Return views by day, oldest first."""
    language = history.channel.language
    rows = [[str(day), str(history.days[day]["views"])] for day in each_day(first, last)]
    return [[DATE[language], METRICS[language][0]], *rows]


def videos(history: History, last: date) -> Rows:
    """Return the table of videos, under its total; the most watched first."""
    language, measures = history.channel.language, metrics(history, of_days=False)
    told = [(post, gathered(post, last)) for post in history.posts if post.day <= last]
    told.sort(key=lambda item: -item[1]["views"])
    total: Counter = Counter()
    for _, got in told:
        total.update(got)
    return [
        [*ABOUT[language], *measures.values()],
        [TOTAL[language], "", "", "", *cells(total, measures)],
        *([*about(post), *cells(got, measures)] for post, got in told),
    ]


def chart(history: History) -> Rows:
    """Return views by day and video, of the most watched videos of the period."""
    language, (first, last) = history.channel.language, CHART

    def watched(post: Post) -> int:
        return sum(n for day, n in post.got["views"].items() if first <= day <= last)

    most = sorted(history.posts, key=watched, reverse=True)[:CHARTED]
    return [
        [DATE[language], *ABOUT[language], METRICS[language][0]],
        *(
            [str(day), *about(post), str(post.got["views"][day])]
            for day in each_day(first, last)
            for post in most
        ),
    ]


def gathered(post: Post, last: date) -> Counter:
    names = ("views", "watch_time_s", "impressions", "reactions", "comments", "shares")
    return Counter({name: post.total(name, last) for name in names})


def about(post: Post) -> list[str]:
    return [video_id(post.post_id), post.text, published(post.day), str(post.duration_s or "")]


def video_id(code: str) -> str:
    """Return an id that no video can have: the last of 11 letters has two bits that must be 0.

    Studio writes a space before one that starts with a dash.
    """
    return f"{' ' * code.startswith('-')}{code[:-1]}{LETTERS[LETTERS.index(code[-1]) | 1]}"
