"""The files that the made-up channels are kept in, as bytes by path below `data/demo`.

Each platform in its own layouts; plain CSV for what no platform tells.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import xlsxwriter

from . import facts
from .facts import Channel
from .meta import write_meta
from .model import History, Post, count_hours, each_day, in_any, simulate, stream
from .tiktok import write_tiktok
from .x import write_x
from .youtube import write_youtube

Rows = Iterable[Iterable[object]]

NOTED_MONTHLY = (
    "linkedin:keksila-university",
    "linkedin:keksila-school-of-engineering",
    "x:keksila-university",
    "youtube:keksila-university",
)
"""Channels whose followers somebody writes down on the first of each month."""

NOTED_ON_MONDAYS = ("facebook", "instagram")
"""Platforms whose followers somebody writes down every Monday."""


def make_files() -> dict[str, bytes]:
    """Return every generated file of `data/demo`: path below it to content."""
    histories = [simulate(channel) for channel in facts.CHANNELS]
    files = {
        "register.csv": write_register(),
        "register-internal.csv": write_internal_register(),
        "incidents.csv": write_csv(("channel_id", "start", "end", "note"), facts.INCIDENTS),
        "exports/channels.csv": write_owners(),
        "exports/followers_noted_by_hand_2026-10-31.csv": write_noted_followers(histories),
    }
    for channel in (*facts.CHANNELS, facts.PLANNED):
        if channel.plan:
            files[f"plans/{channel.plan_file}"] = write_plan(channel)
    for history in histories:
        files |= WRITERS[history.channel.platform](history)
        if history.channel.channel_id == "facebook:keksilan-yliopisto":
            files["exports/counts_2026-03-16.csv"] = write_counts(history)
    return files


def write_csv(header: Iterable[str], rows: Rows, note: str = "") -> bytes:
    text = io.StringIO()
    text.write(f"# {facts.LABEL}{' ' if note else ''}{note}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def write_register() -> bytes:
    header = ("channel_id", "name", "platform", "url", "unit", "language", "status", "confirmed_on")
    return write_csv(
        header,
        ([getattr(channel, name) for name in header] for channel in ALL),
    )


def write_internal_register() -> bytes:
    return write_csv(
        ("channel_id", "role_mailbox", "administrators", "plan_file", "notified_on",
         "review_due", "notes"),
        ((c.channel_id, c.mailbox, c.administrators, c.plan_file, c.notified_on, c.review_due,
          c.notes) for c in ALL),
    )  # fmt: skip


ALL = (*facts.CHANNELS, facts.PLANNED)


def write_plan(channel: Channel) -> bytes:
    given = {
        "exists_already": "no" if channel.status == "planned" else "yes",
        "platform": channel.platform,
        "unit": channel.unit,
        "contact_mailbox": channel.mailbox,
        "main_language": channel.language,
        "name": channel.name,
        "handle": channel.handle,
        "url": channel.url,
        "planned_pauses": [],
        "measures": [],
        "left_out": [],
        "made_on": f"{date.fromisoformat(channel.plan['plan_starts']) - PLANNED_AHEAD}",
        **channel.plan,
    }
    plan = {"schema": "handbook-plan/1", "channel_id": channel.channel_id}
    plan |= {name: given.get(name) for name in facts.PLAN_FIELDS}
    plan["purpose"] = f"[made up] {plan['purpose']}"
    return (json.dumps(plan, ensure_ascii=False, indent=2) + "\n").encode()


PLANNED_AHEAD = timedelta(days=70)
"""How long before its first day a plan is made."""


def write_owners() -> bytes:
    return write_csv(
        ("pattern", "channel_id"),
        ((file_pattern(channel), channel.channel_id) for channel in facts.CHANNELS),
    )


def file_pattern(channel: Channel) -> str:
    if channel.platform == "linkedin":
        return f"linkedin_{channel.slug}_*"
    return f"made-up-{channel.platform}/{channel.slug}/*"


def write_noted_followers(histories: list[History]) -> bytes:
    return write_csv(
        ("channel_id", "date", "followers_total"),
        (
            (history.channel.channel_id, day, row["followers_total"])
            for history in histories
            for day, row in history.days.items()
            if is_noted(history.channel, day)
        ),
        "Written down from the page on the first of each month, or every Monday.",
    )


def is_noted(channel: Channel, day: date) -> bool:
    """Return whether somebody wrote down how many followers the channel had."""
    if channel.platform in NOTED_ON_MONDAYS:
        last = day == facts.END and channel.counts_followers == "daily"
        return (day.weekday() == 0 or last) and not in_any(day, channel.missing)
    return channel.channel_id in NOTED_MONTHLY and (day.day == 1 or day == facts.END)


def write_counts(history: History) -> bytes:
    channel_id = history.channel.channel_id
    return write_csv(
        ("series_id", "channel_id", "at_utc", "step_s", "count"),
        (
            (f"{name}-{history.channel.slug}", channel_id, at.strftime("%Y-%m-%dT%H:%M:%SZ"), 3600,
             count)
            for name, series in count_hours(history).items()
            for at, count in series.items()
        ),
        "Comments on the page and mentions of the university, by the hour.",
    )  # fmt: skip


def write_linkedin(history: History) -> dict[str, bytes]:
    """Return the three workbooks of each download of a LinkedIn Page."""
    files = {}
    for first, last in facts.EXPORTS:
        for name, sheets in (
            ("content", content_sheets(history, first, last)),
            ("followers", followers_sheets(history, first, last)),
            ("visitors", visitors_sheets(history, first, last)),
        ):
            path = f"exports/linkedin_{history.channel.slug}_{name}_{last}.xlsx"
            files[path] = write_workbook(sheets, last)
    return files


def write_workbook(sheets: dict[str, list[list]], made: date) -> bytes:
    """Return a workbook as bytes that depend on the sheets and the date only."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties(
            {
                "title": facts.LABEL,
                "comments": facts.LABEL,
                "created": datetime.combine(made, time(9), UTC),
            }
        )
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


def american(day: date | None) -> str:
    return day.strftime("%m/%d/%Y") if day else ""


PARTS = ("organic", "sponsored", "total")
COUNTED = {
    "Impressions": "impressions",
    "Clicks": "clicks",
    "Reactions": "reactions",
    "Comments": "comments",
    "Reposts": "shares",
}


def content_sheets(history: History, first: date, last: date) -> dict[str, list[list]]:
    header = ["Date"]
    for title in COUNTED:
        header += [f"{title} ({part})" for part in PARTS]
        if title == "Impressions":
            header.append("Unique impressions (organic)")
    header += [f"Engagement rate ({part})" for part in PARTS]
    metrics = [[f"{facts.LABEL} Days are in UTC; the last two are not complete yet."], header]
    paid: dict[date, Counter] = {}
    for post in history.posts:
        if post.campaign:
            for measure, by_day in post.got.items():
                for day, count in by_day.items():
                    paid.setdefault(day, Counter())[measure] += count
    for day in each_day(max(first, history.channel.opened), last):
        metrics.append(metrics_row(day, history.days[day], paid.get(day, Counter()), last))
    posts = [[f"{facts.LABEL} What each post got until the day of this download, in UTC."]]
    posts.append(
        ["Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date",
         "Campaign start date", "Campaign end date", "Audience", "Impressions", "Views",
         "Offsite Views", "Clicks", "Click through rate (CTR)", "Likes", "Comments", "Reposts",
         "Follows", "Engagement rate", "Content Type"]
    )  # fmt: skip
    for post in reversed(history.posts):
        if first <= post.day <= last:
            posts.append(post_row(post, last))
    return {"Metrics": metrics, "All posts": posts}


def metrics_row(day: date, row: Counter, paid: Counter, last: date) -> list:
    """Return a day as it stood on the day `last`: the last two days are not complete."""
    arrived = {0: 0.55, 1: 0.9}.get((last - day).days, 1)
    cells: list = [american(day)]
    counts: dict[str, list[int]] = {}
    for title, measure in COUNTED.items():
        sponsored = int(paid[measure] * arrived)
        organic = int((row[measure] - paid[measure]) * arrived)
        counts[title] = [organic, sponsored, organic + sponsored]
        cells += counts[title]
        if title == "Impressions":
            cells.append(min(int((row["reach"] - paid["reach"]) * arrived), organic))
    for part in range(3):
        shown = counts["Impressions"][part]
        done = sum(counts[title][part] for title in COUNTED if title != "Impressions")
        cells.append(done / shown if shown else 0)
    return cells


def post_row(post: Post, last: date) -> list:
    shown, clicks, likes, comments, reposts = (
        post.total(measure, last) for measure in COUNTED.values()
    )
    campaign = post.campaign
    video = post.post_type == "video"
    return [
        post.text, post.permalink, "Sponsored" if campaign else "Organic",
        campaign.name if campaign else "", "Made-up Editor", american(post.created),
        american(campaign.start) if campaign else "", american(campaign.end) if campaign else "",
        "All followers", shown, int(shown * 0.4) if video else "", "", clicks,
        clicks / shown if shown else 0, likes, comments, reposts, "",
        (clicks + likes + comments + reposts) / shown if shown else 0, "Video" if video else "",
    ]  # fmt: skip


def demographic_sheets(total: int, title: str, names: Iterable[object]) -> dict[str, list[list]]:
    """Return LinkedIn's five breakdowns of `total` people or views."""
    sheets = {}
    for name, parts in facts.DEMOGRAPHICS.items():
        random = stream("demographics", title, name, *names)
        weights = {key: part * random.uniform(0.8, 1.2) for key, part in parts.items()}
        whole = sum(weights.values()) * 1.06
        rows = [[key, int(total * weight / whole)] for key, weight in weights.items()]
        rows = sorted((row for row in rows if row[1]), key=lambda row: -row[1])
        sheets[name] = [[name, title], *rows]
    return sheets


def followers_sheets(history: History, first: date, last: date) -> dict[str, list[list]]:
    rows: list[list] = [
        ["Date", "Sponsored followers", "Organic followers", "Auto-invited followers",
         "Total followers"]
    ]  # fmt: skip
    for day in each_day(first, last):
        row = history.days[day]
        net, paid = row["followers_net"], row["followers_paid"]
        rows.append([american(day), paid, net - paid, 0, net])
    total = history.days[last]["followers_total"]
    return {
        "New followers": rows,
        **demographic_sheets(total, "Total followers", (history.channel.channel_id, last)),
    }


TABS = ("Overview", "Life", "Jobs", "Total")


def visitors_sheets(history: History, first: date, last: date) -> dict[str, list[list]]:
    header = ["Date"]
    for tab in TABS:
        for measure in ("page views", "unique visitors"):
            header += [f"{tab} {measure} ({device})" for device in ("desktop", "mobile", "total")]
    rows, viewed = [header], 0
    for day in each_day(first, last):
        row = history.days[day]
        views, visitors = split_visits(history.channel, day, row)
        viewed += row["page_views"]
        cells: list = [american(day)]
        for tab in TABS:
            for counts in (views[tab], visitors[tab]):
                cells += [*counts, sum(counts)]
        rows.append(cells)
    return {
        "Visitor metrics": rows,
        **demographic_sheets(viewed, "Total views", (history.channel.channel_id, last)),
    }


def split_visits(channel: Channel, day: date, row: Counter) -> tuple[dict, dict]:
    """Split a day's page views and visitors by tab and device."""
    random = stream(channel.channel_id, "visits", day)
    views: dict[str, list[int]] = {tab: [0, 0] for tab in TABS}
    visitors: dict[str, list[int]] = {tab: [0, 0] for tab in TABS}
    for number in range(row["page_views"]):
        tab = random.choices(TABS[:3], weights=(80, 5, 15))[0]
        device = random.random() < 0.45
        first_visit = number < row["unique_visitors"]
        for name in (tab, "Total"):
            views[name][device] += 1
            visitors[name][device] += first_visit
    return views, visitors


WRITERS = {
    "linkedin": write_linkedin,
    "facebook": write_meta,
    "instagram": write_meta,
    "x": write_x,
    "youtube": write_youtube,
    "tiktok": write_tiktok,
}
