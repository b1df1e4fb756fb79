"""How the made-up channels behave, day by day.

A post is shown on the day that it appears and ever less on the days after; what people do with it
follows from how often it is shown. The days of a channel are the sums of what its posts got that
day, so that days and posts agree. All chance comes from named, seeded streams: one channel's
history does not depend on another's.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from importers.samples.meta import shortcode

from . import facts
from .facts import Channel

SEED = 20241101
WARM_UP = timedelta(days=60)
"""Posts from before the first day still get attention during the first weeks."""

WEEKDAYS = (1.25, 1.5, 1.45, 1.5, 1.05, 0.15, 0.10)
MONTHS = (1.0, 1.05, 1.15, 1.0, 1.0, 0.7, 0.25, 0.85, 1.25, 1.15, 1.1, 0.85)
HOURS = {8: 2, 9: 5, 10: 5, 11: 3, 12: 4, 13: 3, 14: 4, 15: 3, 16: 2, 18: 1, 20: 1}
"""When posts appear, Helsinki time: hour and parts."""

RATES = {
    "linkedin": {"clicks": 0.034, "reactions": 0.022, "comments": 0.0014, "shares": 0.0012},
    "facebook": {"clicks": 0.02, "reactions": 0.015, "comments": 0.0016,
                 "shares": 0.0012},
    "instagram": {"reactions": 0.034, "comments": 0.0009, "shares": 0.002, "saves": 0.003,
                  "follows": 0.0004},
    "x": {"reactions": 0.008, "comments": 0.0007, "shares": 0.0015, "saves": 0.0006,
          "link_clicks": 0.006, "detail_expands": 0.012},
    "youtube": {"reactions": 0.02, "comments": 0.0015, "shares": 0.003},
    "tiktok": {"reactions": 0.05, "comments": 0.001, "shares": 0.003, "saves": 0.004},
}  # fmt: skip
"""What happens per display, in an ordinary post."""

TYPES = {
    "linkedin": {"text": 2, "image": 5, "link": 2, "video": 1},
    "facebook": {"image": 5, "link": 3, "video": 1, "text": 1},
    "instagram": {"image": 4, "carousel": 3, "short_video": 3},
    "x": {"text": 4, "link": 4, "image": 3},
    "youtube": {"video": 3, "short_video": 1},
    "tiktok": {"short_video": 1},
}
SHOWN = {"text": 0.8, "link": 0.7, "carousel": 1.15, "short_video": 1.5, "video": 1.15}
ANSWERED = {"text": 0.9, "link": 0.75, "carousel": 1.25, "video": 1.1}
"""How a type fares against a picture: how often it is shown, how much people do with it."""

SUBJECTS = {"research": 4, "teaching": 2, "people": 3, "event": 3, "campus": 2}
LIKED = {"people": 1.35, "event": 0.75, "campus": 1.1}
"""What posts are about, in parts, and how much people do with it against research."""


@dataclass
class Post:
    """A post and what it got: `got[measure][day]`."""

    post_id: str
    published_at: datetime
    post_type: str
    text: str
    permalink: str
    subject: str
    duration_s: int | None = None
    campaign: facts.Campaign | None = None
    created: date | None = None
    got: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def day(self) -> date:
        return self.published_at.date()

    def total(self, measure: str, until: date) -> int:
        """Return what the post got from its first day to the end of the day `until`."""
        return sum(value for day, value in self.got[measure].items() if day <= until)


@dataclass
class History:
    """A channel's posts in the order of their publication, and its days."""

    channel: Channel
    posts: list[Post]
    days: dict[date, Counter]


def stream(*names: object) -> Random:
    """Return the seeded source of chance of this name."""
    return Random(":".join(map(str, (SEED, *names))))


def each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def poisson(random: Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-max(mean, 0.0)), 0, random.random()
    while product > limit:
        count += 1
        product *= random.random()
    return count


def bursty(random: Random, mean: float, shape: float = 3) -> int:
    """Draw a count that varies more than a Poisson count (negative binomial)."""
    return poisson(random, mean * random.gammavariate(shape, 1 / shape))


def season(day: date, admissions: bool = False) -> float:
    """Return how lively the Finnish academic year is on this day; 1 is an ordinary week."""
    level = MONTHS[day.month - 1]
    if (day.month, day.day) >= (12, 21) or (day.month, day.day) <= (1, 6):
        level *= 0.25
    if (day.month, day.day) in {(12, 6), (5, 1)} or (6, 19) <= (day.month, day.day) <= (6, 25):
        level *= 0.4
    if admissions:
        level *= {1: 1.5, 3: 1.7, 8: 1.3, 9: 1.2}.get(day.month, 0.85)
    return level


def in_any(day: date, ranges: tuple[tuple[date, date], ...]) -> bool:
    return any(first <= day <= last for first, last in ranges)


def choose(random: Random, parts: dict) -> object:
    return random.choices(list(parts), weights=list(parts.values()))[0]


def name_post(channel: Channel, at: datetime, random: Random) -> tuple[str, str]:
    """Return the id and the address that the platform would give to a post of this moment."""
    ms = round(at.timestamp() * 1000)
    if channel.platform == "linkedin":
        number = str((ms << 22) | random.getrandbits(22))
        return number, f"https://www.linkedin.example/feed/update/urn:li:activity:{number}"
    if channel.platform == "facebook":
        number = f"10{random.randrange(10**13):013}"
        return number, f"https://www.facebook.example/{channel.slug}/posts/{number}"
    if channel.platform == "instagram":
        number = f"17{random.randrange(10**15):015}"
        code = shortcode(at, int("".join(random.choices(LETTERS, k=10)), 36) % 2**23)
        return number, f"https://www.instagram.example/p/{code}/"
    if channel.platform == "x":
        number = str(((ms - 1288834974657) << 22) | random.getrandbits(22))
        return number, f"https://x.example/{channel.handle}/status/{number}"
    if channel.platform == "tiktok":
        number = str(((ms // 1000) << 32) | random.getrandbits(32))
        return number, f"https://www.tiktok.example/@{channel.slug}/video/{number}"
    code = "".join(random.choices(LETTERS + "-_", k=11))
    return code, f"https://www.youtube.example/watch?v={code}"


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def write_text(channel: Channel, subject: str, random: Random) -> str:
    language = channel.language
    return random.choice(facts.TEXTS[language][subject]).format(
        topic=random.choice(facts.TOPICS[language]),
        number=random.randrange(100, 1000),
        tag=facts.TAGS[language],
    )


def moment(day: date, random: Random) -> datetime:
    """Return a moment of the day at which a communications office would post."""
    hour = choose(random, HOURS)
    minute = random.choice((0, 0, 0, 30, random.randrange(60)))
    local = datetime.combine(day, time(hour, minute, random.randrange(60)), HELSINKI)
    return local.astimezone(UTC)


HELSINKI = ZoneInfo("Europe/Helsinki")


def make_posts(channel: Channel) -> list[Post]:
    """Return the channel's posts, without what they got."""
    random, posts = stream(channel.channel_id, "posts"), []
    for day in each_day(channel.opened - WARM_UP * (channel.opened == facts.START), facts.END):
        rate = channel.posts / 7 * WEEKDAYS[day.weekday()] * season(day, channel.admissions)
        count = poisson(random, rate)
        if day > channel.last_post or in_any(day, channel.pauses):
            continue
        campaign = channel.campaign_on(day)
        paid = campaign if campaign and (day - campaign.start).days % 7 == 1 else None
        for number in range(max(count, 1 if paid else 0)):
            at = moment(day, random)
            posts.append(make_post(channel, at, random, None if number else paid))
    if channel.last_post < facts.END:
        posts.append(make_post(channel, moment(channel.last_post, random), random, None))
    if channel.channel_id == "facebook:keksilan-yliopisto":
        posts.append(special_post(channel, facts.UPROAR, facts.UPROAR_TEXT, "uproar", random))
    if channel.channel_id in ("linkedin:keksila-university", "instagram:keksilauniversity"):
        posts.append(special_post(channel, facts.PRIZE, facts.PRIZE_TEXT, "prize", random))
    return sorted(posts, key=lambda post: (post.published_at, post.post_id))


def make_post(
    channel: Channel, at: datetime, random: Random, campaign: facts.Campaign | None
) -> Post:
    subject = choose(random, SUBJECTS)
    kind = choose(random, TYPES[channel.platform])
    post_id, permalink = name_post(channel, at, random)
    if channel.platform == "instagram" and kind == "short_video":
        permalink = permalink.replace("/p/", "/reel/")
    seconds = {"video": (60, 400), "short_video": (12, 60)}.get(kind)
    if kind == "video" and channel.slug == "keksila-forelasningar":
        seconds = (1800, 4800)
    text = write_text(channel, subject, random)
    if kind == "link" and "https:" not in text:
        text += f" https://keksila.example/{channel.language}/{random.randrange(100, 1000)}"
    return Post(
        post_id, at, kind, text, permalink, subject,
        duration_s=random.randint(*seconds) if seconds else None,
        campaign=campaign,
        created=max(facts.START, at.date() - timedelta(days=random.choice((0, 0, 0, 0, 1, 2, 4)))),
    )  # fmt: skip


def special_post(channel: Channel, day: date, text: str, subject: str, random: Random) -> Post:
    at = datetime.combine(day, time(11, 5), UTC)
    post_id, permalink = name_post(channel, at, random)
    return Post(post_id, at, "image", text, permalink, subject, created=day)


def fade(platform: str, subject: str, age: int) -> float:
    """Return the part of a post's displays that falls on the day at this age."""
    if subject == "uproar":
        return 0.35 * 0.65**age
    if platform == "youtube":
        return 0.25 * 0.5 * 0.5**age + 0.75 * 0.02 * 0.98**age
    return 0.8 * 0.58 * 0.42**age + 0.2 * 0.07 * 0.93**age


def give_attention(channel: Channel, post: Post, followers: float, random: Random) -> None:
    """Fill `post.got`: displays day by day, and what people did."""
    platform = channel.platform
    mean = followers * channel.reach * SHOWN.get(post.post_type, 1.0)
    mean *= (0.5 + 0.5 * season(post.day)) * random.lognormvariate(-0.3, 0.8)
    liking = ANSWERED.get(post.post_type, 1.0) * LIKED.get(post.subject, 1.0)
    rates = {
        measure: rate * liking * random.lognormvariate(-0.12, 0.5)
        for measure, rate in RATES[platform].items()
    }
    if post.subject == "uproar":
        mean = followers * 2.2
        rates |= {"comments": 0.03, "shares": 0.008, "reactions": 0.04}
    if post.subject == "prize":
        mean = followers * 1.8
        rates |= {"reactions": 0.06, "comments": 0.004}
    if post.campaign:
        mean *= 3
    last = min(channel.closed, post.day + timedelta(days=HORIZON[platform]))
    for day in each_day(post.day, last):
        age = (day - post.day).days
        expected = mean * fade(platform, post.subject, age) * (0.6 if day.weekday() > 4 else 1.0)
        if expected < 0.05:
            break
        count = bursty(random, expected, shape=60 if post.subject == "uproar" else 6)
        if not count:
            continue
        post.got[channel.shown][day] = count
        post.got["reach"][day] = count - poisson(random, count * 0.25) if count > 3 else count
        for measure, rate in rates.items():
            done = poisson(random, count * rate)
            if done:
                post.got[measure][day] = done
        if platform == "facebook" and post.got["clicks"][day]:
            post.got["link_clicks"][day] = int(post.got["clicks"][day] * random.uniform(0.2, 0.6))
        if post.duration_s:
            seconds = count * post.duration_s * random.uniform(0.25, 0.5)
            post.got["watch_time_s"][day] = round(seconds)
        if platform == "youtube":
            post.got["impressions"][day] = round(count / random.uniform(0.03, 0.07))


HORIZON = {"linkedin": 60, "facebook": 60, "instagram": 60, "x": 30, "youtube": 365, "tiktok": 60}


def simulate(channel: Channel) -> History:
    """Return what happened on a channel from its first to its last day."""
    posts = make_posts(channel)
    random = stream(channel.channel_id, "days")
    waiting, days = iter(posts), {}
    upcoming = next(waiting, None)
    followers = channel.followers
    summed: dict[date, Counter] = defaultdict(Counter)
    for day in each_day(min(posts[0].day, channel.opened), channel.closed):
        while upcoming and upcoming.day <= day:
            luck = stream(channel.channel_id, upcoming.post_id)
            give_attention(channel, upcoming, followers, luck)
            for measure, by_day in upcoming.got.items():
                for when, count in by_day.items():
                    summed[when][measure] += count
            upcoming = next(waiting, None)
        if day < channel.opened:
            continue
        row = summed[day]
        row[channel.shown] += bursty(random, followers * 0.004 + 2)
        row["reach"] = min(
            row["reach"] + poisson(random, followers * 0.002 + 1), row[channel.shown]
        )
        row["posts_published"] = sum(post.day == day for post in posts)
        add_followers(channel, day, followers, row, random)
        add_visits(channel, day, followers, row, random)
        followers += row["followers_net"]
        row["followers_total"] = followers
        days[day] = row
    if channel.platform == "linkedin":
        correct(channel, posts, days)
    return History(channel, [post for post in posts if post.day >= channel.opened], days)


def add_followers(
    channel: Channel, day: date, followers: int, row: Counter, random: Random
) -> None:
    leaving = 0.00015 + max(0.0, -channel.growth / 7)
    coming = followers * (max(0.0, channel.growth) / 7 + 0.00015) * season(day, channel.admissions)
    organic = bursty(random, coming + row[channel.shown] * 0.0002 + 0.3)
    campaign = channel.campaign_on(day)
    paid = bursty(random, coming * (campaign.boost - 1)) if campaign else 0
    uproar = channel.channel_id == "facebook:keksilan-yliopisto" and (
        0 <= (day - facts.UPROAR).days <= 3
    )
    lost = poisson(random, followers * leaving * (9 if uproar else 1))
    row["followers_gained"] = organic + paid
    row["followers_lost"] = lost
    row["followers_net"] = organic + paid - lost
    row["followers_paid"] = paid


def add_visits(channel: Channel, day: date, followers: int, row: Counter, random: Random) -> None:
    mean = followers * 0.0022 * season(day, channel.admissions) + row["followers_gained"] * 0.8
    if day.weekday() > 4:
        mean *= 0.5
    visitors = bursty(random, mean)
    row["unique_visitors"] = visitors
    row["page_views"] = row["profile_visits"] = visitors + poisson(random, visitors * 0.7)


def correct(channel: Channel, posts: list[Post], days: dict[date, Counter]) -> None:
    """Take reactions and comments back on quiet days, as LinkedIn does: counts below zero."""
    random = stream(channel.channel_id, "corrections")
    for year in (2025, 2026):
        quiet = [day for day in each_day(date(year, 6, 20), date(year, 8, 5)) if day.weekday() > 4]
        for day in sorted(random.sample(quiet, 3)):
            for measure, most in (("reactions", 5), ("comments", 1)):
                post = max(
                    (post for post in posts if post.day < day - timedelta(days=10)),
                    key=lambda post: post.total(measure, day) if post.day.year == year else -1,
                )
                taken = days[day][measure] + random.randint(1, most)
                if post.total(measure, day) > taken:
                    post.got[measure][day] -= taken
                    days[day][measure] -= taken


def count_hours(history: History) -> dict[str, dict[datetime, int]]:
    """Return what was counted hour by hour: the channel's comments, and mentions elsewhere.

    The hours of the comments add up to the channel's days.
    The mentions have their own rhythm, a wave of good news and the uproar.
    """
    random = stream("hours")
    comments, mentions = {}, {}
    rhythm = [0.2, 0.1, 0.1, 0.1, 0.3, 0.7, 1.2, 1.5, 1.5, 1.4, 1.4, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3,
              1.4, 1.5, 1.4, 1.1, 0.8, 0.5, 0.3]  # fmt: skip
    uproar = datetime.combine(facts.UPROAR, time(11), UTC)
    prize = datetime.combine(facts.PRIZE, time(8), UTC)
    mood = 1.0
    for day in each_day(*facts.COUNTS):
        split = Counter()
        weights = [0.0 if day == facts.UPROAR and hour < 11 else rhythm[hour] for hour in range(24)]
        for _ in range(history.days[day]["comments"]):
            split[random.choices(range(24), weights=weights)[0]] += 1
        for hour in range(24):
            at = datetime.combine(day, time(hour), UTC)
            comments[at] = split[hour]
            mood = 0.9 * mood + 0.1 * random.gammavariate(4, 0.25)
            mean = 6 * rhythm[hour] * mood * (0.6 if day.weekday() > 4 else 1.0)
            mean *= 0.5 + 0.5 * season(day)
            mean += 90 * rhythm[hour] * 0.5 ** ((at - uproar).total_seconds() / 3600 / 20) * (
                at >= uproar)  # fmt: skip
            mean += 25 * 0.5 ** ((at - prize).total_seconds() / 3600 / 6) * (at >= prize)
            mentions[at] = bursty(random, mean, shape=5)
    for hour in range(5):
        del mentions[datetime(2026, 1, 20, 2 + hour, tzinfo=UTC)]
    return {"comments": comments, "mentions": mentions}
