"""TikTok's exports of a business account, and the followers of TikTok Studio."""

from __future__ import annotations

from datetime import date

from importers.samples.tiktok import business_days, business_posts, followers, studio, studio_name
from importers.samples.x import encode

from . import facts
from .model import History, each_day

OF_DAY = {
    "Video views": "views",
    "Reached audience": "reach",
    "Profile views": "profile_visits",
    "Likes": "reactions",
    "Shares": "shares",
    "Comments": "comments",
    "Net growth": "followers_net",
    "New followers": "followers_gained",
    "Lost followers": "followers_lost",
}
OF_POST = {
    "Video views": "views",
    "Likes": "reactions",
    "Comments": "comments",
    "Shares": "shares",
    "Add to Favorites": "saves",
}
MONTHS = (
    "tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka",
    "marras", "joulu",
)  # fmt: skip

Rows = list[list[str]]


def write_tiktok(history: History) -> dict[str, bytes]:
    """Return the days, followers and videos of each download."""
    channel, files = history.channel, {}
    above = f"exports/made-up-tiktok/{channel.slug}"
    for (first, last), (since, _) in zip(facts.YEARS, facts.POSTS_OBSERVED, strict=True):
        first = max(first, channel.opened)
        files[f"{above}/overview_{last}.csv"] = encode(
            overview(history, first, last), encoding="utf-8-sig"
        )
        files[f"{above}/videos_{last}.csv"] = encode(
            videos(history, since, last), encoding="utf-8-sig"
        )
        folder = studio_name("Followers", first, last, channel.handle).removesuffix(".zip")
        files[f"{above}/{folder}/Followers.csv"] = studio(totals(history, first, last))
    return files


def overview(history: History, first: date, last: date) -> Rows:
    """Return a business account's days."""
    header = business_days(0)[0]
    rows = []
    for day in each_day(first, last):
        row = history.days[day]
        numbers = {title: row[name] for title, name in OF_DAY.items()}
        numbers["Reached audience"] = min(row["reach"], row["views"])
        cells = {"Date": f"{day:%Y/%m/%d}"} | numbers
        rows.append([str(cells.get(title, 0)) for title in header])
    return [header, *rows]


def videos(history: History, first: date, last: date) -> Rows:
    """Return a business account's videos, newest first."""
    header = business_posts(0)[0]
    rows = []
    for post in reversed(history.posts):
        if first <= post.day <= last:
            numbers = (str(post.total(name, last)) for name in OF_POST.values())
            written = f"{post.published_at:%Y/%m/%d %H:%M:%S}"
            rows.append([post.text, post.permalink, written, *numbers])
    return [header, *rows]


def totals(history: History, first: date, last: date) -> Rows:
    """Return followers, with days as Studio writes them for a reader of Finnish: no year."""
    rows = []
    for day in each_day(first, last):
        row = history.days[day]
        written = f"{day.day}. {MONTHS[day.month - 1]}kuuta"
        rows.append([written, str(row["followers_total"]), str(row["followers_net"])])
    return [followers(0)[0], *rows]
