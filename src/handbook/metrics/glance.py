"""The tables of channels at a glance: audience, activity, engagement, what is missing."""

from __future__ import annotations

from datetime import date

import pandas as pd

from handbook import formats
from handbook.cadence import post_record
from handbook.metrics.definitions import (
    BASES,
    PARTS,
    POSTS_MINIMUM,
    engagement_rate,
    net_followers,
    public_engagements,
    title_of,
    with_followers,
)
from handbook.periods import Period

EXPECTED_MEASURES = {
    "followers_total": "follower totals",
    "impressions": "impressions",
    "views": "views",
    "reach": "reach",
    "reactions": "reactions",
    "comments": "comments",
    "shares": "shares",
}
"""Measures that the glance needs, in words; `missing_data` says which of them a channel lacks."""

KNOWN_DAYS_MINIMUM = 7
"""Posts a week are not told of a channel whose record covers fewer days of the period."""

WEEKLY = {"followers_total": "last", "reach": "mean", "unique_visitors": "mean"}
"""How a week of a measure is told; every other measure is summed."""

NO_DAYS = "There are no days with data."
"""What every description says of an empty store."""


def audience(channels: pd.DataFrame, days: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return followers before and at the end of the period, and their change.

    Parameters
    ----------
    channels, days
        As `handbook.channels` loads them.
    period
        The days compared.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with data, the largest audience first:

        - `channel_id`, `label`;
        - `followers_start`, `start_on`: the total nearest to the day before the period (the
          newest one up to it or the first one after it), and its day; `followers_end`, `end_on`:
          the newest total of the period;
        - `change`, `change_share` (change ÷ followers_start, a fraction);
        - `change_from`: `totals`; `net per day`; `gained per day` where losses are not given;
          missing where the data say nothing. Sums of days leave out missing days;
        - `change_days`: the days between the two totals, or those that were summed.
    """
    columns = {
        "channel_id": "string",
        "label": "string",
        "followers_start": "Int64",
        "start_on": "datetime64[us]",
        "followers_end": "Int64",
        "end_on": "datetime64[us]",
        "change": "Int64",
        "change_share": "Float64",
        "change_from": "string",
        "change_days": "Int64",
    }
    groups = dict(list(days.groupby("channel_id")))
    rows = []
    for channel in channels[channels["has_data"]].itertuples():
        own = groups.get(channel.channel_id, days.iloc[:0])
        row = {"channel_id": channel.channel_id, "label": channel.label}
        rows.append(row | _followers(own, period))
    table = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    return table.sort_values(
        ["followers_end", "change", "label"], ascending=[False, False, True]
    ).reset_index(drop=True)


def _followers(own: pd.DataFrame, period: Period) -> dict[str, object]:
    """Return one channel's part of `audience`."""
    within = period.select(own)
    totals = own[own["followers_total"].notna()]
    inside = period.select(totals)
    if not inside.empty:
        upto, end = totals[totals["date"] <= inside["date"].iloc[0]].tail(2), inside.iloc[-1]
        eve = pd.Timestamp(period.start) - pd.Timedelta(days=1)
        start = upto.loc[(upto["date"] - eve).abs().idxmin()]
        first, last = start["followers_total"], end["followers_total"]
        found = {
            "followers_start": first,
            "start_on": start["date"],
            "followers_end": last,
            "end_on": end["date"],
        }
        if start["date"] < end["date"]:
            found |= {
                "change": last - first,
                "change_share": (last - first) / first if first > 0 else None,
                "change_from": "totals",
                "change_days": (end["date"] - start["date"]).days,
            }
        return found
    net = net_followers(within)
    for values, name in ((net, "net per day"), (within["followers_gained"], "gained per day")):
        if values.notna().any():
            known = int(values.notna().sum())
            return {"change": values.sum(), "change_from": name, "change_days": known}
    return {}


def followers_history(channels: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return the course of each channel's audience, for small multiples.

    Returns
    -------
    pandas.DataFrame
        `channel_id`, `label`, `date`, `value`, `kind`: `followers` (totals), or `gained` where a
        channel has no totals: followers gained since its first day, missing days left out.
        By channel and day; a row for each day with a value.
    """
    own = days.merge(channels[["channel_id", "label"]], on="channel_id")
    net = net_followers(own)
    own["daily"] = net.fillna(own["followers_gained"])
    has_totals = own.groupby("channel_id")["followers_total"].transform(lambda t: t.notna().any())
    totals = own[own["followers_total"].notna()]
    totals = totals.assign(value=totals["followers_total"], kind="followers")
    gained = own[~has_totals.astype(bool) & own["daily"].notna()]
    gained = gained.assign(value=gained.groupby("channel_id")["daily"].cumsum(), kind="gained")
    table = pd.concat([totals, gained])[["channel_id", "label", "date", "value", "kind"]]
    table = table.astype({"value": "Int64", "kind": "string"})
    return table.sort_values(["channel_id", "date"]).reset_index(drop=True)


def activity(
    channels: pd.DataFrame, days: pd.DataFrame, posts: pd.DataFrame, period: Period
) -> pd.DataFrame:
    """Return how much each channel published, and how often it was seen, in the period.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with data, most posts a week first: `channel_id`, `label`,
        `posts`, `posts_before` (in the stretch of the same length before), `known_days` (days of
        the period that the posting record covers), `posts_per_week` (posts ÷ known days × 7, from
        `KNOWN_DAYS_MINIMUM` known days on),
        `impressions` and `views` (sums of the days that give them). Missing where the data say
        nothing.
    """
    table = channels.loc[channels["has_data"], ["channel_id", "label"]]
    record = post_record(channels, days, posts, period.end)
    now = period.select(record).groupby("channel_id")["posts"].agg(posts="sum", known_days="size")
    before = period.before().select(record).groupby("channel_id")["posts"].sum()
    sums = period.select(days).groupby("channel_id")[["impressions", "views"]].sum(min_count=1)
    table = table.merge(now.reset_index(), on="channel_id", how="left")
    table = table.merge(before.rename("posts_before").reset_index(), on="channel_id", how="left")
    table = table.merge(sums.reset_index(), on="channel_id", how="left")
    counts = ["posts", "posts_before", "known_days", "impressions", "views"]
    table[counts] = table[counts].astype("Int64")
    enough = table["posts"].where(table["known_days"] >= KNOWN_DAYS_MINIMUM)
    table["posts_per_week"] = (7 * enough / table["known_days"]).astype("Float64")
    table = table.sort_values(["posts_per_week", "label"], ascending=[False, True])
    return table[["channel_id", "label", "posts", "posts_before", "known_days", "posts_per_week",
                  "impressions", "views"]].reset_index(drop=True)  # fmt: skip


def engagement(
    channels: pd.DataFrame, days: pd.DataFrame, posts: pd.DataFrame, period: Period
) -> pd.DataFrame:
    """Return public engagements and every engagement rate of the posts of the period.

    What a post gathered by the newest export that tells it counts, whenever it gathered it: posts
    of the last days have had less time.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with data, by label: `channel_id`, `label`, `posts` (published in
        the period; missing where no single posts of it are known), `reactions`, `comments`,
        `shares`, `public_engagements` (sums over the posts that give them), and for each rate of
        `BASES` the rate (a fraction) and `n_<rate>`, the posts that it rests on.
    """
    chosen = with_followers(period.select(posts, "published_date"), days)
    chosen["public_engagements"] = public_engagements(chosen)
    sums = [*PARTS, "public_engagements"]
    groups = dict(list(chosen.groupby("channel_id")))
    record = post_record(channels, days.iloc[:0], posts, period.end)
    recorded = set(period.select(record)["channel_id"])
    rows = []
    for channel in channels[channels["has_data"]].sort_values("label").itertuples():
        own = groups.get(channel.channel_id, chosen.iloc[:0])
        row = {"channel_id": channel.channel_id, "label": channel.label}
        row["posts"] = len(own) if channel.channel_id in recorded else None
        row |= own[sums].sum(min_count=1).to_dict()
        for name, base in BASES.items():
            row[name] = engagement_rate(own, name)
            row[f"n_{name}"] = int((own["public_engagements"].notna() & own[base].notna()).sum())
        rows.append(row)
    columns = {"channel_id": "string", "label": "string", "posts": "Int64"}
    columns |= dict.fromkeys(sums, "Int64")
    for name in BASES:
        columns |= {name: "Float64", f"n_{name}": "Int64"}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def commonest_rate(table: pd.DataFrame) -> str:
    """Return the engagement rate by which most channels can be ranked; the first of equals."""
    return max(BASES, key=lambda name: len(enough_posts(table, name)))


def missing_data(
    channels: pd.DataFrame, days: pd.DataFrame, posts: pd.DataFrame, as_of: date | None
) -> pd.DataFrame:
    """Return what the data do not say, channel by channel.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with data, most missing days first: `channel_id`, `label`,
        `first_day`, `last_day` (of the daily data), `days_missing` (days between them without
        any value), `longest_gap_days`, `days_behind` (from the last day to `as_of`), `posts`,
        `not_given`: measures of `EXPECTED_MEASURES` that neither days nor posts give.
    """
    measures = _measures(days)
    groups = dict(list(days[days[measures].notna().any(axis=1)].groupby("channel_id")))
    own_posts = dict(list(posts.groupby("channel_id")))
    rows = []
    for channel in channels[channels["has_data"]].itertuples():
        own = groups.get(channel.channel_id, days.iloc[:0])
        published = own_posts.get(channel.channel_id, posts.iloc[:0])
        row = {"channel_id": channel.channel_id, "label": channel.label, "posts": len(published)}
        if not own.empty:
            steps = own["date"].diff().dt.days.dropna()
            row |= {
                "first_day": own["date"].min(),
                "last_day": own["date"].max(),
                "days_missing": int((steps - 1).sum()),
                "longest_gap_days": int(steps.max() - 1) if len(steps) else 0,
                "days_behind": (pd.Timestamp(as_of) - own["date"].max()).days,
            }
        row["not_given"] = ", ".join(
            words
            for name, words in EXPECTED_MEASURES.items()
            if own[name].isna().all() and (name not in posts or published[name].isna().all())
        )
        rows.append(row)
    columns = {
        "channel_id": "string",
        "label": "string",
        "first_day": "datetime64[us]",
        "last_day": "datetime64[us]",
        "days_missing": "Int64",
        "longest_gap_days": "Int64",
        "days_behind": "Int64",
        "posts": "Int64",
        "not_given": "string",
    }
    table = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    return table.sort_values(["days_missing", "label"], ascending=[False, True]).reset_index(
        drop=True
    )


def runs_of_days(channels: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return the unbroken runs of days with data, for a picture of what is missing.

    Returns
    -------
    pandas.DataFrame
        `channel_id`, `label`, `start`, `end` (first and last day of the run), `days`, by channel
        in the order of `channels`, then by day.
    """
    told = days.loc[days[_measures(days)].notna().any(axis=1), ["channel_id", "date"]].copy()
    broken = told.groupby("channel_id")["date"].diff() != pd.Timedelta(days=1)
    told["run"] = broken.cumsum()
    runs = told.groupby(["channel_id", "run"])["date"].agg(start="min", end="max", days="size")
    table = channels[["channel_id", "label"]].merge(runs.reset_index(), on="channel_id")
    table["days"] = table["days"].astype("Int64")
    return table[["channel_id", "label", "start", "end", "days"]]


def _measures(days: pd.DataFrame) -> list[str]:
    return [name for name in days if name not in ("channel_id", "date", "day_tz")]


def weekly(days: pd.DataFrame, channel_id: str, measure: str, period: Period) -> pd.DataFrame:
    """Return one measure of one channel by ISO week.

    Counts are summed over the days that give them, the stock `followers_total` is the week's
    last. Reach and unique visitors do not add up over days: they are the mean of the days.

    Returns
    -------
    pandas.DataFrame
        `week_start` (Monday), `value` (missing where no day gives it), `days` (days of the week
        that give it), for every week that the period touches.
    """
    own = period.select(days[days["channel_id"] == channel_id])[["date", measure]]
    starts = own["date"] - pd.to_timedelta(own["date"].dt.day_of_week, unit="D")
    groups = own.dropna().groupby(starts.rename("week_start"))[measure]
    table = pd.DataFrame({"value": groups.agg(WEEKLY.get(measure, "sum")), "days": groups.size()})
    if period.days:
        first = pd.Timestamp(period.start) - pd.Timedelta(days=period.start.weekday())
        table = table.reindex(pd.date_range(first, pd.Timestamp(period.end), freq="7D", unit="us"))
    table = table.rename_axis("week_start").reset_index()
    table["days"] = table["days"].astype("Int64").fillna(0)
    return table.astype({"value": "Float64"})


def words_of(measure: str) -> str:
    """Return a measure's name for readers, with how a week of it is told."""
    words = "followers" if measure == "followers_total" else measure.replace("_", " ")
    how = {"last": "at the end of the week", "mean": "a day on average"}
    return " ".join(filter(None, [words, how.get(WEEKLY.get(measure))]))


def given_measures(days: pd.DataFrame, channel_id: str) -> list[str]:
    """Return the measures that a channel's days give, in the order of the data dictionary."""
    own = days[days["channel_id"] == channel_id]
    return [name for name in _measures(days) if own[name].notna().any()]


def describe_weekly(table: pd.DataFrame, label: str, measure: str) -> str:
    """Return what `weekly` shows, in one sentence."""
    told, words = table[table["value"].notna()], words_of(measure)
    if told.empty:
        return f"{label} gives no {words} in these weeks."
    values = told["value"]
    if measure in WEEKLY:
        first, last = formats.count(values.iloc[0]), formats.count(values.iloc[-1])
        return f"{label}: {formats.span(first, last)} {words}."
    top = told.loc[values.idxmax()]
    most = f", most in the week of {formats.day(top['week_start'])} ({formats.count(top['value'])})"
    return (
        f"{label}: {formats.count(values.sum())} {words} in "
        f"{formats.number_of(len(told), 'week')}{most if top['value'] > 0 else ''}."
    )


def describe_audience(table: pd.DataFrame, period: Period) -> list[str]:
    """Return what `audience` found, in sentences; the first one is the title of its figure."""
    if table.empty or not period.days:
        return [NO_DAYS]
    known = table[table["change"].notna()]
    if known.empty:
        return [f"No channel gives followers for {period}."]
    best = known.loc[known["change"].idxmax()]
    by = f"{formats.count(best['change'], signed=True)} ({_how(best, period)}; {period})"
    if len(known) == 1:
        lines = [f"{best['label']}: change in followers {by}."]
    else:
        grew, shrank = int((known["change"] > 0).sum()), int((known["change"] < 0).sum())
        lines = [
            f"{grew} of {len(known)} channels with follower numbers gained followers"
            + (f", {shrank} lost some." if shrank else ".")
        ]
        if best["change"] > 0:
            lines.append(f"Gained most: {best['label']}, {by}.")
    shares = known[known["change_share"] > 0]
    if len(shares) > 1:
        fastest = shares.loc[shares["change_share"].idxmax()]
        lines.append(
            f"Best for its size: {fastest['label']}, "
            f"{formats.percent(fastest['change_share'], signed=True)} of "
            f"{formats.count(fastest['followers_start'])} followers."
        )
    silent = table[table["change"].isna()]
    if not silent.empty:
        lines.append(f"No follower numbers in the period: {formats.names(list(silent['label']))}.")
    return lines


def _how(row: pd.Series, period: Period) -> str:
    if row["change_from"] == "totals":
        return "from the totals"
    part = row["change_days"] < period.days
    some = f" of {row['change_days']} of {period.days} days" if part else ""
    if row["change_from"] == "net per day":
        return f"from the daily net changes{some}"
    return f"gained{some}; losses are not given"


def describe_activity(table: pd.DataFrame, period: Period) -> list[str]:
    """Return what `activity` found, in sentences; the first one is the title of its figure."""
    if table.empty or not period.days:
        return [NO_DAYS]
    known = table[table["posts_per_week"].notna()]
    if known.empty:
        return [f"No channel has a posting record of {KNOWN_DAYS_MINIMUM} days in {period}."]
    total = int(known["posts"].sum())
    if not total:
        return [f"Nothing was posted in {period}."]
    most = known[known["posts_per_week"] == known["posts_per_week"].max()]
    often = f"{formats.decimal(most['posts_per_week'].iloc[0])} times a week"
    lines = [
        f"{formats.names(list(most['label']), 2)} posted"
        + (f" most: {often}." if len(known) > len(most) else f" {often}."),
        f"{formats.number_of(len(known), 'channel')} published {formats.number_of(total, 'post')} "
        f"in {period.days} days ({period})"
        + (
            f", {formats.count(int(known['posts_before'].sum()))} in the {period.days} before."
            if known["posts_before"].notna().all()
            else "."
        ),
    ]
    for chosen, text in (
        (known["posts"] == 0, "No post in the period"),
        (known["known_days"] < period.days, "The posting record covers only a part of the period"),
    ):
        if chosen.any():
            lines.append(f"{text}: {formats.names(list(known.loc[chosen, 'label']))}.")
    unknown = table[table["posts_per_week"].isna()]
    if not unknown.empty:
        lines.append(
            f"No posting record of {KNOWN_DAYS_MINIMUM} days in the period: "
            f"{formats.names(list(unknown['label']))}."
        )
    return lines


def enough_posts(table: pd.DataFrame, rate: str) -> pd.DataFrame:
    """Return the channels of `engagement` that can be ranked by a rate, highest first.

    The rate rests on at least `POSTS_MINIMUM` posts and on half of the channel's: a rate of the
    few videos of a channel is not the rate of the channel.
    """
    n = table[f"n_{rate}"]
    enough = table[table[rate].notna() & (n >= POSTS_MINIMUM) & (2 * n >= table["posts"])]
    return enough.sort_values([rate, "label"], ascending=[False, True]).reset_index(drop=True)


def write_engagement(table: pd.DataFrame) -> pd.DataFrame:
    """Return `engagement` for readers: a rate of few of the posts says on how many it rests."""
    told = table.copy()
    for name in BASES:
        few = (2 * table[f"n_{name}"] < table["posts"]).fillna(False)
        told[name] = pd.Series(
            [
                formats.percent(rate, 2) + (f" ({n} of {posts} posts)" if part else "")
                for rate, n, posts, part in zip(
                    table[name], table[f"n_{name}"], table["posts"],
                    few & table[name].notna(), strict=True,
                )
            ],
            index=table.index,
            dtype="string",
        )  # fmt: skip
    return told


def describe_engagement(table: pd.DataFrame, rate: str, period: Period) -> list[str]:
    """Return what `engagement` found by one rate; the first sentence is the figure's title."""
    if table.empty or not period.days:
        return [NO_DAYS]
    known = enough_posts(table, rate)
    title = title_of(rate).lower()
    if known.empty:
        lines = [f"No channel has {POSTS_MINIMUM} posts of {period} with what the {title} needs."]
    elif len(known) == 1:
        only = known.iloc[0]
        lines = [f"{only['label']}: {title} {formats.percent(only[rate], 2)}."]
    else:
        best, last = known.iloc[0], known.iloc[-1]
        lines = [
            f"The highest {title} is that of {best['label']}: {formats.percent(best[rate], 2)}.",
            f"It rests on {formats.number_of(best[f'n_{rate}'], 'post')}; the lowest is "
            f"{last['label']}, {formats.percent(last[rate], 2)} "
            f"({formats.number_of(last[f'n_{rate}'], 'post')}).",
        ]
    posts = table["posts"].fillna(-1)
    ranked = table["channel_id"].isin(list(known["channel_id"]))
    for chosen, text in (
        (posts.between(1, POSTS_MINIMUM - 1), f"Too few to rank, under {POSTS_MINIMUM} posts"),
        (
            (posts >= POSTS_MINIMUM) & ~ranked,
            "Not ranked, because most of the posts give no such rate",
        ),
        (posts == 0, "No posts in the period"),
        (posts < 0, "No record of single posts in the period"),
    ):
        if chosen.any():
            lines.append(f"{text}: {formats.names(list(table.loc[chosen, 'label']))}.")
    return lines


def describe_missing(table: pd.DataFrame) -> list[str]:
    """Return what `missing_data` found, in sentences; the first one is the figure's title."""
    if table.empty:
        return [NO_DAYS]
    told = table[table["days_missing"].notna()]
    holes = told[told["days_missing"] > 0]
    if told.empty:
        lines = ["No channel has daily numbers."]
    elif holes.empty:
        lines = ["No day is missing between the first and the last day of any channel."]
    else:
        how_many = f"{len(holes)} of {len(told)} channels" if len(told) > 1 else "The one channel"
        have = "has" if len(holes) == 1 else "have"
        lines = [f"{how_many} with daily numbers {have} missing days."]
        lines += [
            f"Most: {row.label}, {formats.number_of(row.days_missing, 'day')}, "
            f"at most {formats.number_of(row.longest_gap_days, 'day')} on end."
            for row in holes.head(1).itertuples()
        ]
    late = told[told["days_behind"] > 0]
    if not late.empty:
        row = late.loc[late["days_behind"].idxmax()]
        lines.append(
            f"{formats.number_of(len(late), 'channel ends', 'channels end')} before the last day "
            f"of the data, {row['label']} by {formats.number_of(row['days_behind'], 'day')}."
        )
    for words in EXPECTED_MEASURES.values():
        lacking = table[[words in given.split(", ") for given in table["not_given"]]]
        if not lacking.empty:
            lines.append(f"No {words} from: {formats.names(list(lacking['label']))}.")
    no_days = table[table["days_missing"].isna()]
    if not no_days.empty and not told.empty:
        lines.append(f"Posts but no daily numbers: {formats.names(list(no_days['label']))}.")
    return lines
