"""Exports of Meta Business Suite: content, reports by day, and days of one metric each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from importers.samples.meta import FACEBOOK, INSTAGRAM, PAGE, encode, pacific, stamp, utf16

from . import facts
from .facts import Channel
from .model import History, Post, each_day, in_any, stream

WITHOUT_REACH = (date(2025, 11, 3), date(2025, 11, 9))
"""A week in which Facebook gave no reach."""

FACEBOOK_TYPES = {"image": "Photos", "link": "Links", "video": "Videos", "text": "Text"}
INSTAGRAM_TYPES = {"image": "IG image", "carousel": "IG carousel", "short_video": "IG reel"}

AS_IN_2026 = dict(zip(FACEBOOK[2025], FACEBOOK[2026], strict=True))

FACEBOOK_DAY = {
    "Views": "views",
    "Reactions": "reactions",
    "Comments": "comments",
    "Shares": "shares",
    "Total clicks": "clicks",
    "Link clicks": "link_clicks",
    "Follows": "followers_gained",
    "Unfollows": "followers_lost",
}
INSTAGRAM_DAY = {
    "Views": "views",
    "Likes": "reactions",
    "Comments": "comments",
    "Shares": "shares",
    "Saves": "saves",
    "Follows": "followers_gained",
}
BY_DAY = {
    "facebook": {"Reach": ("Facebook reach", "reach"), "Visits": ("Facebook visits", "page_views")},
    "instagram": {
        "Reach": ("Instagram reach", "reach"),
        "Visits": ("Instagram profile visits", "profile_visits"),
    },
}
"""For each platform: the file's name, the name of the metric in it, and the measure."""

Rows = list[list[str]]


def write_meta(history: History) -> dict[str, bytes]:
    """Return what was downloaded on each day: posts, a report by day, reach and visits."""
    channel, files = history.channel, {}
    report = facebook_days if channel.platform == "facebook" else instagram_days
    posts = facebook_posts if channel.platform == "facebook" else instagram_posts
    for (first, last), (since, _) in zip(facts.YEARS, facts.POSTS_OBSERVED, strict=True):
        folder = f"exports/made-up-{channel.platform}/{channel.slug}/{last}"
        files[f"{folder}/{file_name(channel, 'posts', since, last)}"] = encode(
            posts(history, since, last)
        )
        files[f"{folder}/{file_name(channel, 'days', first, last)}"] = encode(
            report(history, first, last)
        )
        for name, (title, measure) in BY_DAY[channel.platform].items():
            rows = metric(history, title, measure, first, last)
            files[f"{folder}/{name}.csv"] = utf16(rows)
    for last in downloads(channel):
        since = last - timedelta(days=13)
        folder = f"exports/made-up-{channel.platform}/{channel.slug}/{last}"
        files[f"{folder}/{file_name(channel, 'posts', since, last)}"] = encode(
            posts(history, since, last)
        )
    return files


def downloads(channel: Channel) -> list[date]:
    """Return the Mondays and Thursdays on which the newest posts are downloaded."""
    watched, since = facts.WATCHED
    if channel.channel_id != watched:
        return []
    return [day for day in each_day(since, facts.END) if day.weekday() in (0, 3)]


def file_name(channel: Channel, what: str, first: date, last: date) -> str:
    """Return a name as Meta gives it: the period, and a number."""
    number = stream(channel.channel_id, what, last).randrange(10**14, 10**15)
    return f"{first:%b-%d-%Y}_{last:%b-%d-%Y}_{number}.csv"


def own_id(channel: Channel) -> str:
    """Return the number that Meta keeps the channel under."""
    random = stream(channel.channel_id, "id")
    if channel.platform == "facebook":
        return f"1000{random.randrange(10**11):011}"
    return f"1784{random.randrange(10**13):013}"


def known_days(history: History, first: date, last: date) -> Iterable[tuple[date, dict[str, int]]]:
    for day in each_day(first, last):
        if not in_any(day, history.channel.missing):
            yield day, history.days[day]


def facebook_days(history: History, first: date, last: date) -> Rows:
    """Return the report of a Page."""
    channel = history.channel
    head = [own_id(channel), channel.name, ""]
    return [
        [*PAGE[:4], *FACEBOOK_DAY],
        *(
            [*head, f"{day:%m/%d/%Y}", *(str(row[name]) for name in FACEBOOK_DAY.values())]
            for day, row in known_days(history, first, last)
        ),
    ]


def instagram_days(history: History, first: date, last: date) -> Rows:
    """Return the report of an account."""
    channel = history.channel
    head = [own_id(channel), channel.handle, channel.name, ""]
    counted = {
        header: name
        for header, name in INSTAGRAM_DAY.items()
        if channel.counts_followers == "daily" or name != "followers_gained"
    }
    return [
        [*INSTAGRAM[1:4], "Data comment", "Date", *counted],
        *(
            [*head, f"{day:%m/%d/%Y}", *(str(row[name]) for name in counted.values())]
            for day, row in known_days(history, first, last)
        ),
    ]


def metric(history: History, title: str, measure: str, first: date, last: date) -> Rows:
    """Return the days of one metric; those that Meta does not tell are left out."""
    unknown = title == "Facebook reach"
    values = [
        [stamp(day), str(row[measure])]
        for day, row in known_days(history, first, last)
        if not (unknown and in_any(day, (WITHOUT_REACH,)))
    ]
    return [["sep=,"], [title], ["Date", "Primary"], *values, []]


def facebook_posts(history: History, first: date, last: date) -> Rows:
    """Return the content of a Page, newest first, with the headers of the year."""
    channel, header = history.channel, FACEBOOK[last.year]
    rows = [header]
    for post in listed(history, first, last):
        got = totals(post, last)
        cells = {
            "Post ID": post.post_id,
            "Page ID": own_id(channel),
            "Page name": channel.name,
            "Title": post.text,
            "Duration (sec)": post.duration_s or 0,
            "Publish time": pacific(post.published_at),
            "Caption type": "N/A",
            "Permalink": post.permalink,
            "Is crosspost": 0,
            "Is share": 0,
            "Post type": FACEBOOK_TYPES[post.post_type],
            "Date": "Lifetime",
            **got,
            "Total clicks": post.total("clicks", last),
            "Link clicks": post.total("link_clicks", last),
            "Reactions, comments and shares": got["Reactions"] + got["Comments"] + got["Shares"],
            "Negative feedback from users: Hide all": 0,
        }
        if post.duration_s:
            seconds = post.total("watch_time_s", last)
            cells["Seconds viewed"] = seconds
            cells["Average Seconds viewed"] = round(seconds / got["Views"], 3) if seconds else 0
        rows.append([str(cells.get(AS_IN_2026.get(name, name), "")) for name in header])
    return rows


def instagram_posts(history: History, first: date, last: date) -> Rows:
    """Return the content of an account, newest first."""
    channel = history.channel
    rows = [INSTAGRAM]
    for post in listed(history, first, last):
        got = totals(post, last)
        cells = {
            "Post ID": post.post_id,
            "Account ID": own_id(channel),
            "Account username": channel.handle,
            "Account name": channel.name,
            "Description": post.text,
            "Duration (sec)": post.duration_s or 0,
            "Publish time": pacific(post.published_at),
            "Permalink": post.permalink,
            "Post type": INSTAGRAM_TYPES[post.post_type],
            "Date": "Lifetime",
            **got,
            "Likes": got["Reactions"],
            "Saves": post.total("saves", last),
            "Follows": post.total("follows", last),
        }
        rows.append([str(cells.get(name, "")) for name in INSTAGRAM])
    return rows


def listed(history: History, first: date, last: date) -> Iterable[Post]:
    return (post for post in reversed(history.posts) if first <= post.day <= last)


def totals(post: Post, last: date) -> dict[str, int]:
    """Return what the post got until the end of the day `last`, by Meta's names."""
    names = ("views", "reach", "reactions", "comments", "shares")
    return {name.capitalize(): post.total(name, last) for name in names}
