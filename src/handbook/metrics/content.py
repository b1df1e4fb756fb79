"""What posts bring: every definition of the rate side by side, content mix, kinds and times."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from handbook import formats
from handbook.metrics.definitions import (
    BASES,
    POSTS_MINIMUM,
    public_engagements,
    ratio_of_sums,
    title_of,
    with_followers,
)
from handbook.metrics.groups import COLUMNS, LEVEL, compare_groups, correct
from handbook.periods import Period

DEFINITIONS = (*BASES, "engagements_per_post")
"""The definitions of an engagement rate that are set side by side; the last one is no rate."""

OF_THE_POST = tuple(name for name in BASES if name != "er_by_followers")
"""The rates whose denominator is the post's own."""

NO_POSTS = "No posts in the data of the period."

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

PARTS_OF_DAY = {
    "night, 0–6 h": 0,
    "early, 6–9 h": 6,
    "morning, 9–12 h": 9,
    "noon, 12–15 h": 12,
    "afternoon, 15–18 h": 15,
    "evening, 18–24 h": 18,
}
"""Parts of the day, and the hour that each begins with: this handbook's choice."""

GROUPINGS = {"post_type": "kind of post", "weekday": "weekday", "part_of_day": "part of the day"}
"""What posts are grouped by, in words."""

ORDERS = {"weekday": list(WEEKDAYS), "part_of_day": list(PARTS_OF_DAY)}
"""Groupings whose groups have an order of their own."""

NO_KIND = "not given"
"""The kind of posts whose export does not say it."""


def prepare_posts(posts: pd.DataFrame, days: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the period's posts with `followers` and `public_engagements`."""
    chosen = with_followers(period.select(posts, "published_date"), days)
    chosen["public_engagements"] = public_engagements(chosen)
    return chosen


def with_local_time(posts: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Return the posts whose time of publication is known, with their local time.

    Parameters
    ----------
    posts
        As `handbook.channels.load_posts` gives them.
    zone
        The audience's time zone, such as `Europe/Helsinki`.

    Returns
    -------
    pandas.DataFrame
        The posts whose `published_precision` is `minute`, with `local_hour` (0 to 23), `weekday`
        (of `WEEKDAYS`) and `part_of_day` (of `PARTS_OF_DAY`).

    Examples
    --------
    >>> posts = pd.DataFrame({
    ...     "published_at": pd.to_datetime(["2026-03-01T22:30Z"]), "published_precision": "minute",
    ... })
    >>> with_local_time(posts, "Europe/Helsinki")[["local_hour", "weekday", "part_of_day"]]
       local_hour weekday   part_of_day
    0           0  Monday  night, 0–6 h
    """
    timed = posts[posts["published_at"].notna() & (posts["published_precision"] == "minute")]
    local = timed["published_at"].dt.tz_convert(zone)
    return timed.assign(
        local_hour=local.dt.hour.astype("Int64"),
        weekday=local.dt.day_of_week.map(dict(enumerate(WEEKDAYS))).astype("string"),
        part_of_day=pd.cut(
            local.dt.hour,
            [*PARTS_OF_DAY.values(), 24],
            right=False,
            labels=list(PARTS_OF_DAY),
        ).astype("string"),
    )


def rankings(channels: pd.DataFrame, prepared: pd.DataFrame) -> pd.DataFrame:
    """Return how channels are ranked by each definition of the engagement rate, on the same posts.

    Not every platform gives every denominator.
    So those definitions are taken by which most numbers can be compared: the number of
    definitions times the number of channels that have `POSTS_MINIMUM` posts with all of them, on
    at least half of their posts; at least two of each.

    Parameters
    ----------
    channels
        As `handbook.channels.load_channels` gives them.
    prepared
        As from `prepare_posts`.

    Returns
    -------
    pandas.DataFrame
        A row for each channel and definition, by definition and rank: `channel_id`, `label`,
        `definition` (of `DEFINITIONS`), `value` (sum over sum; the last is engagements a post),
        `rank` (1 is the highest), `of` (channels), `n` (the posts, the same in each definition).
        Empty where no two channels can be compared by two definitions.
        In `attrs`: `left_out`, the labels of the channels with posts that are not compared, by the
        definitions that too few of their posts give (a tuple, empty where they give each but not
        all at once).
    """
    best, most = [], 0
    held = {name: prepared[["public_engagements", base]].notna().all(axis=1)
            & (prepared[base] > 0).fillna(False) for name, base in BASES.items()}  # fmt: skip
    for size in range(1, len(BASES) + 1):
        for names in combinations(BASES, size):
            rows = prepared[pd.concat([held[name] for name in names], axis=1).all(axis=1)]
            n, of = rows["channel_id"].value_counts(), prepared["channel_id"].value_counts()
            ids = list(n[(n >= POSTS_MINIMUM) & (2 * n >= of.reindex(n.index))].index)
            if len(ids) > 1 and (size + 1) * len(ids) > most:
                most = (size + 1) * len(ids)
                best = [(names, rows[rows["channel_id"].isin(ids)])]
    rows = []
    labels = dict(zip(channels["channel_id"], channels["label"], strict=True))
    for names, chosen in best:
        for channel_id, own in chosen.groupby("channel_id"):
            total = own["public_engagements"]
            values = {name: ratio_of_sums(total, own[BASES[name]]) for name in names}
            values["engagements_per_post"] = float(total.sum()) / len(own)
            rows += [
                {"channel_id": channel_id, "label": labels.get(channel_id, channel_id),
                 "definition": name, "value": value, "n": len(own)}
                for name, value in values.items()
            ]  # fmt: skip
    columns = ["channel_id", "label", "definition", "value", "rank", "of", "n"]
    table = pd.DataFrame(rows, columns=columns)
    groups = table.groupby("definition")["value"]
    table["rank"] = groups.rank(ascending=False, method="min")
    table["of"] = groups.transform("size")
    table = table.astype({"value": "Float64", "rank": "Int64", "of": "Int64", "n": "Int64"})
    table["definition"] = pd.Categorical(table["definition"], DEFINITIONS)
    table = table.sort_values(["definition", "rank", "label"], ignore_index=True)
    table = table.astype({"definition": "string", "label": "string", "channel_id": "string"})
    left_out: dict[tuple[str, ...], list[str]] = {}
    for names, chosen in best:
        ranked = set(chosen["channel_id"])
        for channel_id, label, own in _by_channel(channels, prepared):
            if channel_id not in ranked:
                told = {name: int(held[name].loc[own.index].sum()) for name in names}
                lacking = tuple(
                    name for name, n in told.items() if n < POSTS_MINIMUM or 2 * n < len(own)
                )
                left_out.setdefault(lacking, []).append(label)
    table.attrs["left_out"] = left_out
    return table


def rankings_by_channel(table: pd.DataFrame) -> pd.DataFrame:
    """Return `rankings` with a row for each channel and a column for each definition.

    Returns
    -------
    pandas.DataFrame
        `label`, `n`, then for each definition the value and `rank_<definition>`, in the order of
        the first definition's ranks.
    """
    names = list(dict.fromkeys(table["definition"]))
    wide = table.drop_duplicates("channel_id")[["channel_id", "label", "n"]]
    for name in names:
        own = table[table["definition"] == name][["channel_id", "value", "rank"]]
        own = own.rename(columns={"value": name, "rank": f"rank_{name}"})
        wide = wide.merge(own, on="channel_id", how="left")
    return wide


def describe_rankings(table: pd.DataFrame) -> list[str]:
    """Return what `rankings` found, in sentences; the first one is the title of its figure."""
    if table.empty:
        return [
            "No two channels can be compared by two definitions: each needs "
            f"{POSTS_MINIMUM} posts that give both."
        ]
    names = list(dict.fromkeys(table["definition"]))
    channels = table["channel_id"].nunique()
    tops = {name: list(table.loc[(table["definition"] == name) & (table["rank"] == 1), "label"])
            for name in names}  # fmt: skip
    firsts = list(dict.fromkeys(label for labels in tops.values() for label in labels))
    spread = table.groupby("label")["rank"].agg(["min", "max"])
    moved = spread[spread["min"] != spread["max"]]
    lines = [
        f"The rank of {len(moved)} of {formats.number_of(channels, 'channel')} hangs on the "
        "definition of the rate."
    ]
    lines.append(
        f"By {len(names)} definitions, {formats.names(firsts)} "
        + ("is first each time." if len(firsts) == 1 else "come first, each by some of them.")
    )
    if len(moved):
        widest = (moved["max"] - moved["min"]).idxmax()
        low, high = moved.loc[widest, "min"], moved.loc[widest, "max"]
        lines.append(f"It moves most for {widest}: from {low} to {high} of {channels}.")
    lines += [
        f"First by {title_of(name).lower()}: {formats.names(labels)}."
        for name, labels in tops.items()
    ]
    for lacking, labels in table.attrs.get("left_out", {}).items():
        rates = [title_of(name).lower().removeprefix("engagement rate ") for name in lacking]
        lines.append(
            f"Left out, because too few of the posts (under {POSTS_MINIMUM}, or under half) give "
            f"a rate {formats.names(rates) or 'by each of these at once'}: {formats.names(labels)}."
        )
    return lines


def interaction(channels: pd.DataFrame, prepared: pd.DataFrame) -> pd.DataFrame:
    """Return amplification, applause, conversation and virality of each channel.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with posts, by label: `channel_id`, `label`, `posts`,
        `amplification` (shares a post), `applause` (reactions a post), `conversation` (comments
        a post), each over the posts that give it, and `virality` (shares ÷ impressions, a
        fraction) with `n_virality`, its posts. Averages of fewer than `POSTS_MINIMUM` posts are
        missing.
    """
    names = {"amplification": "shares", "applause": "reactions", "conversation": "comments"}
    rows = []
    for channel_id, label, own in _by_channel(channels, prepared):
        row = {"channel_id": channel_id, "label": label, "posts": len(own)}
        for name, part in names.items():
            told = own[part].dropna()
            row[name] = told.mean() if len(told) >= POSTS_MINIMUM else None
        both = own[["shares", "impressions"]].notna().all(axis=1).sum()
        row |= {"n_virality": both}
        if both >= POSTS_MINIMUM:
            row["virality"] = ratio_of_sums(own["shares"], own["impressions"])
        rows.append(row)
    columns = {"channel_id": "string", "label": "string", "posts": "Int64"}
    columns |= dict.fromkeys([*names, "virality"], "Float64") | {"n_virality": "Int64"}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _by_channel(channels: pd.DataFrame, prepared: pd.DataFrame):
    """Yield id, label and posts of each channel that has posts, by label."""
    groups = dict(list(prepared.groupby("channel_id")))
    for channel in channels.sort_values("label").itertuples():
        if channel.channel_id in groups:
            yield channel.channel_id, channel.label, groups[channel.channel_id]


def describe_interaction(table: pd.DataFrame) -> list[str]:
    """Return what `interaction` found, in sentences."""
    lines = []
    for name, words in (
        ("amplification", "shares"),
        ("applause", "reactions"),
        ("conversation", "comments"),
    ):
        told = table[table[name].notna()]
        if not told.empty:
            top = told.loc[told[name].idxmax()]
            lines.append(
                f"Most {words} a post: {top['label']}, {formats.decimal(top[name])} "
                f"({formats.number_of(top['posts'], 'post')})."
            )
    told = table[table["virality"].notna()]
    if not told.empty:
        top = told.loc[told["virality"].idxmax()]
        lines.append(
            f"Largest share of displays that were passed on: {top['label']}, "
            f"{formats.percent(top['virality'], 2)}."
        )
    return lines or ([NO_POSTS] if table.empty else ["No channel has enough posts with counts."])


def content_mix(channels: pd.DataFrame, prepared: pd.DataFrame) -> pd.DataFrame:
    """Return which kinds of posts each channel publishes, and which part of engagements they bring.

    Returns
    -------
    pandas.DataFrame
        A row for each channel and kind, by label, most posts first: `channel_id`, `label`,
        `post_type` (`not given` where the export does not say), `posts`, `share` (of the
        channel's posts), `engagement_share` (of its public engagements; missing where they are
        not known or are none).
    """
    rows = []
    for channel_id, label, own in _by_channel(channels, prepared):
        kinds = own["post_type"].str.replace("_", " ").fillna(NO_KIND)
        known = own["public_engagements"].clip(lower=0)
        brought, total = known.groupby(kinds).sum(min_count=1), known.sum()
        for kind, posts in kinds.value_counts().items():
            rows.append(
                {"channel_id": channel_id, "label": label, "post_type": kind, "posts": posts,
                 "share": posts / len(own),
                 "engagement_share": brought[kind] / total if total else None}
            )  # fmt: skip
    columns = {"channel_id": "string", "label": "string", "post_type": "string", "posts": "Int64",
               "share": "Float64", "engagement_share": "Float64"}  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def describe_mix(table: pd.DataFrame) -> list[str]:
    """Return what `content_mix` found, in sentences; the first one is the title of its figure."""
    if table.empty:
        return [NO_POSTS]
    told = table[table["post_type"] != NO_KIND]
    channels = table["channel_id"].nunique()
    untold = [label for label, own in table.groupby("label") if (own["post_type"] == NO_KIND).any()]
    lines = ["No export says which kind of post each is."]
    if not told.empty:
        most = told.groupby("post_type")["posts"].sum().sort_values(ascending=False)
        posts, silent = table["posts"].sum(), table["posts"].sum() - told["posts"].sum()
        known = f"The commonest kind{' that is given' if silent else ''} is {most.index[0]}"
        lines = [
            f"{known}: {formats.number_of(most.iloc[0], 'post')} of {formats.count(posts)} in "
            f"{formats.number_of(channels, 'channel')}"
            + (f"; the kind of {formats.count(silent)} is not given." if silent else ".")
        ]
    if untold:
        lines.append(f"The kind of some or all posts is not given: {formats.names(untold)}.")
    return lines


def best_known_rate(own: pd.DataFrame) -> str:
    """Return the rate that most of one channel's posts give; the first of equals.

    Followers are the last resort: they say nothing of how many saw a post, and grow with time.
    """
    counts = {
        name: int(((own["public_engagements"] >= 0) & (own[BASES[name]] > 0)).fillna(False).sum())
        for name in OF_THE_POST
    }
    best = max(counts, key=counts.get)
    return best if counts[best] else "er_by_followers"


def compare_within(
    channels: pd.DataFrame, prepared: pd.DataFrame, by: Sequence[str], *, rate: str | None = None
) -> pd.DataFrame:
    """Return `compare_groups` of each channel's posts, corrected for all comparisons together.

    Each channel is compared with itself only.

    Parameters
    ----------
    channels, prepared
        As `rankings` takes them.
    by
        Columns that say each post's group: keys of `GROUPINGS`.
    rate
        A key of `BASES`; for each channel the one of `best_known_rate` unless given.

    Returns
    -------
    pandas.DataFrame
        `channel_id`, `label`, `by`, `rate` (a key of `BASES`) and the columns of
        `compare_groups`; `p_adjusted` and `differs` know of every comparison in the table.
        By label, the order of `by`, and group.
    """
    parts, tests = [], []
    for channel_id, label, own in _by_channel(channels, prepared):
        chosen = rate or best_known_rate(own)
        for name in by:
            part = compare_groups(own, name, chosen)
            part.insert(0, "rate", chosen)
            part.insert(0, "by", name)
            part.insert(0, "label", label)
            part.insert(0, "channel_id", channel_id)
            parts.append(part)
            p = part["p"].dropna()
            tests += list(p[:1] if (part["n"] > 0).sum() == 2 else p)
    first = dict.fromkeys(["channel_id", "label", "by", "rate"], "string")
    if not parts:
        return pd.DataFrame(columns=[*first, *COLUMNS]).astype(first | COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    adjusted = dict(zip(tests, correct(tests), strict=True))
    table["p_adjusted"] = table["p"].map(adjusted).astype("Float64")
    known = table["p_adjusted"].notna()
    table["differs"] = (table["p_adjusted"] <= 1 - LEVEL).where(known, pd.NA).astype("boolean")
    return table.astype(first)


GROUP_HEADINGS = {
    "group": "Posts",
    "n": "How many",
    "estimate": "Typical post, %",
    "low": "95% interval from, %",
    "high": "to, %",
    "verdict": "Against the others",
}
"""The columns of `write_groups` that readers see, and their headings."""


def write_groups(table: pd.DataFrame) -> pd.DataFrame:
    """Return `compare_within` for readers: the rate and the verdict in words, few posts untold."""
    told = table.copy()
    enough = told["enough"].fillna(False)
    for name in ("estimate", "low", "high"):
        told[name] = told[name].where(enough)
    told["verdict"] = "nothing to compare with"
    told.loc[told["p_adjusted"].notna(), "verdict"] = "no difference beyond chance"
    told.loc[told["differs"].fillna(False), "verdict"] = "differs"
    told.loc[~enough, "verdict"] = "not enough data"
    told["group"] = told["group"].astype("string").str.replace("_", " ")
    told["rate"] = told["rate"].map(title_of)
    return told


def describe_kinds(table: pd.DataFrame, by: str) -> list[str]:
    """Return what `compare_within` found by one grouping; the first sentence is a title."""
    own = table[table["by"] == by]
    words = GROUPINGS[by]
    if own.empty:
        return ["No posts in the data that can be compared."]
    judged = own[own["p_adjusted"].notna()]
    if judged.empty:
        return [
            f"Not enough data: no channel has {POSTS_MINIMUM} posts of a {words} "
            "and others to compare them with."
        ]
    found = judged[judged["differs"].fillna(False)]
    channels = formats.number_of(judged["channel_id"].nunique(), "channel")
    compared = f"{formats.number_of(len(judged), 'comparison')} in {channels}"
    if found.empty:
        lines = [f"No {words} does better or worse than the others beyond chance."]
    else:
        lines = [
            f"{formats.number_of(len(found), words, _plural(words))} "
            f"{'does' if len(found) == 1 else 'do'} better or worse beyond chance."
        ]
    lines.append(f"That is what {compared} show, corrected for their number.")
    lines += [_describe_group(row, own) for row in found.head(6).itertuples()]
    few = own[~own["enough"]]
    if not few.empty:
        lines.append(
            f"Not enough data, under {POSTS_MINIMUM} posts with a rate: "
            f"{formats.number_of(len(few), 'group')} of {formats.count(len(own))}."
        )
    return lines


def _plural(words: str) -> str:
    first, _, rest = words.partition(" ")
    return f"{first}s {rest}".rstrip()


def _describe_group(row, own: pd.DataFrame) -> str:
    others = own[(own["channel_id"] == row.channel_id) & (own["group"] != row.group)]
    centre = (others["estimate"] * others["n"]).sum() / others["n"].sum()
    return (
        f"{row.label}, {str(row.group).replace('_', ' ')}: the typical post has "
        f"{formats.percent(row.estimate, 2)} {title_of(row.rate).lower()}, "
        f"{formats.percent(row.low, 2)} to "
        f"{formats.percent(row.high, 2)} ({formats.number_of(row.n, 'post')}), "
        f"{'more' if row.estimate > centre else 'less'} than the others."
    )


def describe_groups(own: pd.DataFrame, label: str, by: str) -> str:
    """Return what one channel's part of `compare_within` shows: the title of its figure."""
    words = GROUPINGS[by]
    if not own["enough"].any() or own["low"].isna().all():
        return f"{label}: not enough data, no {words} has {POSTS_MINIMUM} posts with a rate."
    if own["p_adjusted"].isna().all():
        return (
            f"{label}: only one {words} has {POSTS_MINIMUM} posts with a rate, "
            "so there is nothing to compare it with."
        )
    found = own[own["differs"].fillna(False)]
    if found.empty:
        return f"{label}: no {words} does better or worse than the others beyond chance."
    names = [str(group).replace("_", " ") for group in found["group"]]
    differ = "differs" if len(names) == 1 else "differ"
    return f"{label}: {formats.names(names)} {differ} from the others."


def mean_against_sum(
    channels: pd.DataFrame, prepared: pd.DataFrame, rate: str | None = None
) -> pd.DataFrame:
    """Return the sum over the sum beside the mean of the posts' rates, by channel.

    Parameters
    ----------
    channels, prepared
        As `rankings` takes them.
    rate
        A key of `BASES`; of `OF_THE_POST`, the one that gives most channels a row unless given.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with `POSTS_MINIMUM` posts that give the rate, the highest first:
        `channel_id`, `label`, `rate`, `n`, `sum_over_sum`, `mean_of_rates` (fractions), `ratio`
        (mean ÷ sum), `rank_sum`, `rank_mean`.
    """
    tables = {name: _mean_against_sum(channels, prepared, name) for name in BASES}
    return tables[rate or max(OF_THE_POST, key=lambda name: len(tables[name]))]


def _mean_against_sum(channels: pd.DataFrame, prepared: pd.DataFrame, rate: str) -> pd.DataFrame:
    rows = []
    for channel_id, label, own in _by_channel(channels, prepared):
        total, base = own["public_engagements"], own[BASES[rate]]
        known = ((total >= 0) & (base > 0)).fillna(False)
        if known.sum() >= POSTS_MINIMUM:
            total, base = total[known].astype(float), base[known].astype(float)
            rows.append({"channel_id": channel_id, "label": label, "rate": rate,
                         "n": len(total), "sum_over_sum": total.sum() / base.sum(),
                         "mean_of_rates": (total / base).mean()})  # fmt: skip
    columns = {"channel_id": "string", "label": "string", "rate": "string", "n": "Int64",
               "sum_over_sum": "Float64", "mean_of_rates": "Float64"}  # fmt: skip
    table = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    table["ratio"] = table["mean_of_rates"] / table["sum_over_sum"].where(table["sum_over_sum"] > 0)
    for name, column in (("rank_sum", "sum_over_sum"), ("rank_mean", "mean_of_rates")):
        table[name] = table[column].rank(ascending=False, method="min").astype("Int64")
    return table.sort_values(["sum_over_sum", "label"], ascending=[False, True], ignore_index=True)


def describe_means(table: pd.DataFrame) -> list[str]:
    """Return what `mean_against_sum` found, in sentences; the first one is a figure's title."""
    if table.empty:
        return [f"No channel has {POSTS_MINIMUM} posts that give a rate."]
    rate = title_of(table["rate"].iloc[0]).lower()
    known = table[table["ratio"].notna()]
    if known.empty:
        return ["No post with a rate was engaged with, so that both ways give 0."]
    farthest = known.loc[(known["ratio"] - 1).abs().idxmax()]
    apart = (
        f"{formats.percent(farthest['sum_over_sum'], 2)} against "
        f"{formats.percent(farthest['mean_of_rates'], 2)}"
    )
    how = "up" if farthest["ratio"] > 1 else "down"
    times = formats.decimal(farthest["ratio"], 2)
    lines = [f"The mean of rates is {how} to {times} times the {rate}."]
    lines.append(f"Farthest apart: {farthest['label']}, {apart} as a mean of its posts' rates.")
    moved = table[table["rank_sum"] != table["rank_mean"]]
    if len(table) > 1:
        lines.append(
            f"{len(moved)} of {formats.number_of(len(table), 'channel')} would change rank."
            + (f" These would: {formats.names(list(moved['label']))}." if len(moved) else "")
        )
    return lines


def posting_times(timed: pd.DataFrame, channel_id: str | None = None) -> pd.DataFrame:
    """Return how many posts were published in each part of each weekday.

    Parameters
    ----------
    timed
        As from `with_local_time`.
    channel_id
        One channel; all of them unless given.

    Returns
    -------
    pandas.DataFrame
        `weekday`, `part_of_day`, `posts`: a row for each of both, in their order; 0 where
        nothing was posted.
    """
    own = timed if channel_id is None else timed[timed["channel_id"] == channel_id]
    index = pd.MultiIndex.from_product([WEEKDAYS, PARTS_OF_DAY], names=["weekday", "part_of_day"])
    counts = own.groupby(["weekday", "part_of_day"]).size().reindex(index, fill_value=0)
    return counts.rename("posts").reset_index().astype({"posts": "Int64"})


def describe_times(posts: pd.DataFrame, timed: pd.DataFrame, zone: str) -> list[str]:
    """Return how many posts tell their time; the first sentence is the title of the figure."""
    if posts.empty:
        return [NO_POSTS]
    if timed.empty:
        return [
            f"Not enough data: of {formats.number_of(len(posts), 'post')} the day of publication "
            "is known, and no time."
        ]
    grid = posting_times(timed)
    top, never = grid.loc[grid["posts"].idxmax()], int((grid["posts"] == 0).sum())
    share = top["posts"] / grid["posts"].sum()
    lines = [
        f"Most posts appear on {top['weekday']}, {top['part_of_day']}: {formats.percent(share)} of "
        f"{formats.number_of(len(timed), 'post')}.",
        f"{formats.count(len(timed))} of {formats.number_of(len(posts), 'post')} tell the time; "
        f"hours are those of {zone}.",
    ]
    if never:
        lines.append(
            f"In {never} of {len(grid)} parts of the week nothing was posted, so nothing is known "
            "of them."
        )
    return lines


def describe_zone(zone: str, origin: str, source: str) -> str:
    """Return whose hours are told, and where that is known from."""
    whose = {
        "guidelines": "the guidelines say so",
        "law": "the law says so",
        "practice": "after other institutions' practice",
        "handbook": "this handbook's choice",
        "unknown": "not confirmed",
    }[origin]
    return f"Hours are those of {zone}: {whose}{f' ({source})' if source else ''}."


def times_known(channels: pd.DataFrame, posts: pd.DataFrame, timed: pd.DataFrame) -> pd.DataFrame:
    """Return of how many posts of each channel the time is known, and when most appear.

    Parameters
    ----------
    channels
        As `handbook.channels.load_channels` gives them.
    posts, timed
        As from `prepare_posts`, and from `with_local_time` of them.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with posts, by label: `channel_id`, `label`, `posts`, `timed`
        (posts whose time is known), `first` (the weekday and part of the day with most of them)
        and `first_share` (of `timed`); missing where no time is known.
    """
    rows = []
    for channel_id, label, own in _by_channel(channels, posts):
        grid = posting_times(timed, channel_id)
        known, top = int(grid["posts"].sum()), grid.loc[grid["posts"].idxmax()]
        row = {"channel_id": channel_id, "label": label, "posts": len(own), "timed": known}
        if known:
            row["first"] = f"{top['weekday']}, {top['part_of_day']}"
            row["first_share"] = top["posts"] / known
        rows.append(row)
    columns = {"channel_id": "string", "label": "string", "posts": "Int64", "timed": "Int64",
               "first": "string", "first_share": "Float64"}  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def most_posts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `compare_within` of the channel with most posts; none of an empty one."""
    if table.empty:
        return table
    sizes = table.groupby("channel_id", sort=False)["n"].sum()
    return table[table["channel_id"] == sizes.idxmax()]
