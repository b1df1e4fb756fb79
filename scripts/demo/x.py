"""X's account overview and content, as X gives them since 2024."""

from __future__ import annotations

from collections import Counter
from datetime import date

from importers.samples.x import CONTENT_2025_HEADER, CONTENT_2026_HEADER, OVERVIEW_HEADER, encode

from . import facts
from .model import History, Post

ENGAGEMENTS = ("reactions", "comments", "shares", "saves", "link_clicks", "detail_expands")


def write_x(history: History) -> dict[str, bytes]:
    """Return an account overview for each year, and the posts of each download."""
    channel, files = history.channel, {}
    folder = f"exports/made-up-x/{channel.slug}"
    for first, last in facts.YEARS:
        last = min(last, channel.closed)
        name = f"{folder}/account_overview_analytics_{first}_{last}.csv"
        files[name] = encode(overview(history, first, last))
    for first, last in facts.POSTS_OBSERVED:
        last = min(last, channel.closed)
        name = f"{folder}/account_analytics_content_{first}_{last}.csv"
        newline = "\r\n" if last.year == 2025 else "\n"
        files[name] = encode(content(history, first, last), newline=newline)
    return files


def overview(history: History, first: date, last: date) -> list[list[str]]:
    """Return the days, newest first."""
    media: Counter[date] = Counter()
    for post in history.posts:
        if post.post_type == "image":
            media.update(post.got["impressions"])
    rows = []
    for day, row in history.days.items():
        if first <= day <= last:
            numbers = {
                "Impressions": row["impressions"],
                "Likes": row["reactions"],
                "Engagements": sum(row[name] for name in ENGAGEMENTS),
                "Bookmarks": row["saves"],
                "New follows": row["followers_gained"],
                "Unfollows": row["followers_lost"],
                "Replies": row["comments"],
                "Reposts": row["shares"],
                "Profile visits": row["profile_visits"],
                "Create Post": row["posts_published"],
                "Media views": media[day],
            }
            cells = {"Date": f"{day:%a, %b} {day.day}, {day.year}"} | numbers
            rows.append([str(cells.get(header, 0)) for header in OVERVIEW_HEADER])
    return [OVERVIEW_HEADER, *reversed(rows)]


def content(history: History, first: date, last: date) -> list[list[str]]:
    """Return the posts, newest first, with the headers and dates of the year of the download."""
    old = last.year == 2025
    rows = []
    for post in reversed(history.posts):
        if first <= post.day <= last:
            day = post.day
            written = f"{day:%a %b %d %Y}" if old else f"{day:%a, %b} {day.day}, {day.year}"
            cells = {"Date": written} | describe(post, last)
            rows.append([str(cells.get(header, 0)) for header in CONTENT_2026_HEADER])
    return [CONTENT_2025_HEADER if old else CONTENT_2026_HEADER, *rows]


def describe(post: Post, last: date) -> dict[str, object]:
    """Return a post as it stood at the end of the day `last`, under the headers of 2026."""
    got = {name: post.total(name, last) for name in ("impressions", *ENGAGEMENTS)}
    return {
        "Post id": post.post_id,
        "Post text": post.text.replace("&", "&amp;"),
        "Post Link": post.permalink,
        "Impressions": got["impressions"],
        "Likes": got["reactions"],
        "Engagements": sum(got[name] for name in ENGAGEMENTS),
        "Bookmarks": got["saves"],
        "New follows": int(got["impressions"] * 0.0002),
        "Replies": got["comments"],
        "Reposts": got["shares"],
        "Profile visits": int(got["impressions"] * 0.002),
        "Detail Expands": got["detail_expands"],
        "URL Clicks": got["link_clicks"],
    }
