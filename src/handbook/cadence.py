"""How often channels post: against their plans, with gaps, pauses and dormant channels.

Only new content counts (Q-04): replies and reposts do not.
Nothing here knows today's date: everything is as of a day that the caller names.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from handbook import formats

NOT_NEW = ("reply", "repost")
"""Types of posts that are not new content."""

JUDGED_DAYS_MINIMUM = 28
"""A plan that has run for fewer known days is not judged: four weeks, this handbook's choice."""

RECORD_COLUMNS = {
    "channel_id": "string",
    "date": "datetime64[us]",
    "posts": "Int64",
    "in_plan": "boolean",
    "paused": "boolean",
}

VERDICTS = ("kept", "below", "too early", "no promise", "no record")
"""What `rhythm` says of a channel, in the order of its table."""

STATES = ("active", "dormant", "cannot tell", "no record", "paused", "closed", "planned")
"""What `gaps` says of a channel."""


def post_record(
    channels: pd.DataFrame, days: pd.DataFrame, posts: pd.DataFrame, as_of: date | None
) -> pd.DataFrame:
    """Return how many posts each channel published on each day that its record covers.

    The record of a channel with posts runs from its first known post to the day of its newest
    export, at the latest `as_of`.
    A channel without single posts has the days of which its platform gives a number
    (`posts_published`).
    Outside the record nothing is known: such days have no row.

    Parameters
    ----------
    channels, days, posts
        As `handbook.channels` loads them.
    as_of
        The last day that counts; None gives an empty table.

    Returns
    -------
    pandas.DataFrame
        `channel_id`, `date`, `posts` (0 where it is known that there were none), `in_plan`
        (the day lies within the plan; always, for a plan without dates), `paused` (within a
        planned pause), by channel and day.
    """
    plans = channels.set_index("channel_id")
    parts = []
    for channel_id, counted in _counted(days, posts, as_of).items():
        part = counted.rename("posts").rename_axis("date").reset_index()
        part.insert(0, "channel_id", channel_id)
        part["in_plan"], part["paused"] = False, False
        if channel_id in plans.index:
            plan = plans.loc[channel_id]
            if plan["has_plan"]:
                part["in_plan"] = _between(part["date"], plan["plan_starts"], plan["plan_ends"])
            for first, last in plan["planned_pauses"]:
                part["paused"] |= _between(part["date"], first, last)
        parts.append(part)
    if not parts:
        parts = [pd.DataFrame(columns=list(RECORD_COLUMNS))]
    return pd.concat(parts, ignore_index=True).astype(RECORD_COLUMNS)


def _counted(days: pd.DataFrame, posts: pd.DataFrame, as_of: date | None) -> dict[str, pd.Series]:
    """Return posts by day for each channel."""
    counted = {}
    if as_of is None:
        return counted
    end = pd.Timestamp(as_of)
    dated = posts[posts["published_date"].notna() & (posts["published_date"] <= end)]
    for channel_id, own in dated.groupby("channel_id"):
        newest = own[["published_date", "observed_on"]].max().max()
        index = pd.date_range(own["published_date"].min(), min(newest, end), unit="us")
        new = own[~own["post_type"].isin(NOT_NEW).fillna(False)]
        counted[channel_id] = new.groupby("published_date").size().reindex(index, fill_value=0)
    told = days[days["posts_published"].notna() & (days["date"] <= end)]
    for channel_id, own in told.groupby("channel_id"):
        counted.setdefault(channel_id, own.set_index("date")["posts_published"])
    return counted


def _between(dates: pd.Series, first: object, last: object) -> pd.Series:
    """Return which days lie between two days; a missing end is open."""
    within = pd.Series(True, index=dates.index)
    if not formats.is_missing(first):
        within &= dates >= pd.Timestamp(first)
    if not formats.is_missing(last):
        within &= dates <= pd.Timestamp(last)
    return within


def weeks(channels: pd.DataFrame, record: pd.DataFrame) -> pd.DataFrame:
    """Return each channel's posts by ISO week, beside what its plan promised for that week.

    Parameters
    ----------
    channels, record
        As from `load_channels` and `post_record`.

    Returns
    -------
    pandas.DataFrame
        `channel_id`, `label`, `week` (`2026-W44`), `week_start` (its Monday), `posts`,
        `known_days` (of the week's seven; fewer in a partial week), `partial`, `paused_days`,
        `promised` (posts promised for the known days of the plan outside its pauses; missing
        without a promise), by channel and week.
    """
    daily = record.merge(channels[["channel_id", "label", "posts_per_week"]], on="channel_id")
    daily["week_start"] = _monday(daily["date"])
    daily["judged"] = (daily["in_plan"] & ~daily["paused"]).astype("Int64")
    daily["paused"] = daily["paused"].astype("Int64")
    table = (
        daily.groupby(["channel_id", "week_start"])
        .agg(
            label=("label", "first"),
            posts=("posts", "sum"),
            known_days=("posts", "size"),
            paused_days=("paused", "sum"),
            judged=("judged", "sum"),
            posts_per_week=("posts_per_week", "first"),
        )
        .reset_index()
    )
    table["known_days"] = table["known_days"].astype("Int64")
    table["partial"] = (table["known_days"] < 7).astype("boolean")
    table["promised"] = (table["posts_per_week"] * table["judged"] / 7).astype("Float64")
    table["week"] = pd.Series(
        [f"{day.isocalendar().year}-W{day.isocalendar().week:02d}" for day in table["week_start"]],
        index=table.index,
        dtype="string",
    )
    return table[["channel_id", "label", "week", "week_start", "posts", "known_days", "partial",
                  "paused_days", "promised"]]  # fmt: skip


def _monday(dates: pd.Series) -> pd.Series:
    return dates - pd.to_timedelta(dates.dt.day_of_week, unit="D")


def rhythm(channels: pd.DataFrame, record: pd.DataFrame, as_of: date | None) -> pd.DataFrame:
    """Return what each channel's plan promised and what it kept.

    A channel is judged on the days that lie within its plan, outside its planned pauses and
    within its record, up to `as_of`: posts on these days ÷ days × 7.
    The verdict compares the numbers as they are written, to one decimal.

    Returns
    -------
    pandas.DataFrame
        A row for each channel, the largest shortfall first:

        - `channel_id`, `label`, `status`;
        - `plan`: `in force`, `ended`, `not started`, `no dates` or `none`, as of `as_of`;
        - `promised_per_week` (Q-04), `kept_per_week`, `share_kept` (kept ÷ promised, a fraction);
        - `judged_from`, `judged_to`, `judged_days`;
        - `updates_per_week`: promised updates (Q-02). They include replies and upkeep, which no
          export tells, so that they can only be shown and not judged;
        - `verdict`: one of `VERDICTS`.
    """
    judged = record[record["in_plan"] & ~record["paused"]]
    found = judged.groupby("channel_id").agg(
        judged_from=("date", "min"),
        judged_to=("date", "max"),
        judged_days=("date", "size"),
        judged_posts=("posts", "sum"),
    )
    table = channels[["channel_id", "label", "status", "has_plan", "plan_starts", "plan_ends",
                      "posts_per_week", "updates_per_week"]].merge(
        found.reset_index(), on="channel_id", how="left"
    )  # fmt: skip
    table["judged_days"] = table["judged_days"].astype("Int64").fillna(0)
    table["promised_per_week"] = table["posts_per_week"].astype("Float64")
    per_day = table["judged_posts"].astype("Float64") / table["judged_days"].replace(0, pd.NA)
    table["kept_per_week"] = (7 * per_day).astype("Float64")
    table["share_kept"] = table["kept_per_week"] / table["promised_per_week"]
    recorded = set(record["channel_id"])
    table["plan"] = [_plan_at(row, as_of) for row in table.itertuples()]
    table["verdict"] = [_verdict(row, recorded) for row in table.itertuples()]
    order = table["verdict"].map({v: n for n, v in enumerate(("below", "kept", *VERDICTS[2:]))})
    table = table.assign(order=order).sort_values(["order", "share_kept", "label"])
    return table[["channel_id", "label", "status", "plan", "promised_per_week", "kept_per_week",
                  "share_kept", "judged_from", "judged_to", "judged_days", "updates_per_week",
                  "verdict"]].reset_index(drop=True)  # fmt: skip


def _plan_at(row, as_of: date | None) -> str:
    if not row.has_plan:
        return "none"
    if formats.is_missing(row.plan_starts) or formats.is_missing(row.plan_ends) or as_of is None:
        return "no dates"
    if pd.Timestamp(as_of) < row.plan_starts:
        return "not started"
    return "ended" if pd.Timestamp(as_of) > row.plan_ends else "in force"


def _verdict(row, recorded: set[str]) -> str:
    if row.channel_id not in recorded:
        return "no record"
    if formats.is_missing(row.promised_per_week):
        return "no promise"
    if row.judged_days < JUDGED_DAYS_MINIMUM:
        return "too early"
    return "kept" if round(row.kept_per_week, 1) >= row.promised_per_week else "below"


def gaps(
    channels: pd.DataFrame,
    record: pd.DataFrame,
    as_of: date | None,
    *,
    dormant_after_months: float,
) -> pd.DataFrame:
    """Return each channel's longest stretch without a post, and whether it is dormant.

    Days of a planned pause are no part of a gap.
    The stretch after the last post counts up to the end of the record: then the gap is open.

    Parameters
    ----------
    channels, record
        As from `load_channels` and `post_record`.
    as_of
        The day on which a channel is dormant or not.
    dormant_after_months
        Months without a post after which a channel counts as dormant: a threshold of the
        organisation, which names its source.

    Returns
    -------
    pandas.DataFrame
        A row for each channel, the longest silence first: `channel_id`, `label`, `status`,
        `state` (one of `STATES`), `last_post_on`, `days_silent` (from the last post to the end
        of the record), `record_ends`, `gap_days` (days of the longest gap outside planned
        pauses), `gap_from`, `gap_to`, `gap_open`.
    """
    found = {channel_id: _longest_gap(own) for channel_id, own in record.groupby("channel_id")}
    rows = []
    for channel in channels.itertuples():
        row = {"channel_id": channel.channel_id, "label": channel.label, "status": channel.status}
        row |= found.get(channel.channel_id, {})
        row["state"] = _state(row, as_of, dormant_after_months)
        rows.append(row)
    columns = {
        "channel_id": "string",
        "label": "string",
        "status": "string",
        "state": "string",
        "last_post_on": "datetime64[us]",
        "days_silent": "Int64",
        "record_ends": "datetime64[us]",
        "gap_days": "Int64",
        "gap_from": "datetime64[us]",
        "gap_to": "datetime64[us]",
        "gap_open": "boolean",
    }
    table = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    return table.sort_values(["days_silent", "label"], ascending=[False, True]).reset_index(
        drop=True
    )


def _longest_gap(own: pd.DataFrame) -> dict[str, object]:
    """Return the last post and the longest gap of one channel's record."""
    end = own["date"].iloc[-1]
    posted = own.loc[own["posts"] > 0, "date"]
    active = own[~own["paused"]]
    known = {"record_ends": end}
    if posted.empty:
        return known
    known |= {"last_post_on": posted.iloc[-1], "days_silent": (end - posted.iloc[-1]).days}
    active = active[active["date"] >= posted.iloc[0]]
    silent = active[active["posts"] == 0]
    if silent.empty:
        return known | {"gap_days": 0}
    after_post = np.searchsorted(posted.to_numpy(), silent["date"].to_numpy())
    lengths = np.bincount(after_post)
    longest = silent["date"][after_post == lengths.argmax()]
    return known | {
        "gap_days": len(longest),
        "gap_from": longest.iloc[0],
        "gap_to": longest.iloc[-1],
        "gap_open": bool(longest.iloc[-1] > posted.iloc[-1]),
    }


def _state(row: dict, as_of: date | None, dormant_after_months: float) -> str:
    status = row["status"]
    if not formats.is_missing(status) and status in ("paused", "closed", "planned"):
        return status
    last = row.get("last_post_on")
    if formats.is_missing(last):
        return "no record"
    limit = add_months(last, dormant_after_months)
    if row["record_ends"] > limit:
        return "dormant"
    return "active" if pd.Timestamp(as_of) <= limit else "cannot tell"


def add_months(day: pd.Timestamp, months: float) -> pd.Timestamp:
    """Return the same day so many months later; a part of a month counts 30 days a month."""
    whole = int(months)
    return day + pd.DateOffset(months=whole) + pd.Timedelta(days=round(30 * (months - whole)))


def calendar(
    channels: pd.DataFrame, record: pd.DataFrame, as_of: date | None, *, n_weeks: int = 52
) -> pd.DataFrame:
    """Return the weeks of a heat map: every channel with a record, the newest `n_weeks` weeks.

    Returns
    -------
    pandas.DataFrame
        `channel_id`, `label`, `week_start`, `posts` (missing where nothing is known),
        `known_days`, `paused_days`; a row for each channel and each of the weeks up to the one
        of `as_of`, the channel with most posts first.
    """
    columns = ["channel_id", "label", "week_start", "posts", "known_days", "paused_days"]
    known = weeks(channels, record)
    if known.empty or as_of is None:
        return known[columns]
    last = _monday(pd.Series([pd.Timestamp(as_of)]))[0]
    starts = pd.date_range(end=last, periods=n_weeks, freq="7D", unit="us")
    known = known[known["week_start"].isin(starts)]
    totals = known.groupby("channel_id")["posts"].sum()
    frame = pd.MultiIndex.from_product(
        [sorted(set(record["channel_id"])), starts], names=["channel_id", "week_start"]
    ).to_frame(index=False)
    frame["channel_id"] = frame["channel_id"].astype("string")
    table = frame.merge(known.drop(columns="label"), on=["channel_id", "week_start"], how="left")
    table = table.merge(channels[["channel_id", "label"]], on="channel_id")
    table["total"] = table["channel_id"].map(totals).fillna(0)
    table = table.sort_values(["total", "label", "week_start"], ascending=[False, True, True])
    return table[columns].reset_index(drop=True)


def calendar_totals(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the weeks of `calendar` add up to.

    Returns
    -------
    pandas.DataFrame
        A row for each channel, in the order of the table: `label`, `posts`, `weeks` (of which
        at least a day is known), `silent_weeks` (known weeks without a post), `most` (posts of
        the fullest week).
    """
    known = table[table["known_days"] > 0]
    totals = known.groupby("channel_id", sort=False).agg(
        label=("label", "first"), posts=("posts", "sum"), weeks=("posts", "size"),
        silent_weeks=("posts", lambda posts: int((posts == 0).sum())), most=("posts", "max"),
    )  # fmt: skip
    counts = ["posts", "weeks", "silent_weeks", "most"]
    return totals.astype(dict.fromkeys(counts, "Int64")).reset_index(drop=True)


def describe_threshold(months: float, origin: str, source: str) -> str:
    """Return from when on a channel counts as dormant, and who says so.

    Parameters
    ----------
    months, origin, source
        The threshold `dormant_after_months` of the organisation.
    """
    whose = {
        "guidelines": "a rule of the guidelines",
        "law": "law",
        "practice": "other institutions' practice and not a rule of the university",
        "handbook": "this handbook's choice and not a rule of the university",
    }.get(origin, "not confirmed by anybody")
    return (
        f"A channel counts as dormant after {_plain(months)} months without a post. "
        f"This is {whose}" + (f": {source}." if source else ".")
    )


def describe_rhythm(table: pd.DataFrame) -> list[str]:
    """Return what `rhythm` found, in sentences; the first one is the title of its figure."""
    if table.empty:
        return ["There is no channel to judge."]
    judged = table[table["verdict"].isin(["kept", "below"])]
    below = judged[judged["verdict"] == "below"]
    lines = []
    if judged.empty:
        lines.append("No channel has both a promise and a record long enough to compare.")
    elif below.empty:
        lines.append(
            "The one channel that can be compared kept its plan."
            if len(judged) == 1
            else f"All {len(judged)} channels that can be compared kept their plans."
        )
    elif len(judged) == 1:
        lines.append("The one channel that can be compared posted less than its plan promised.")
    else:
        lines.append(
            f"{len(below)} of {len(judged)} channels that can be compared posted less than their "
            f"plans promised."
        )
    if not below.empty:
        worst = below.iloc[0]
        lines.append(
            f"Furthest from its plan: {worst['label']}, "
            f"{formats.decimal(worst['kept_per_week'])} posts a week where "
            f"{_plain(worst['promised_per_week'])} were promised "
            f"({formats.days_between(worst['judged_from'], worst['judged_to'])})."
        )
        near = int((below["share_kept"] >= 0.9).sum())
        if near:
            lines.append(
                f"{near} of the {len(below)} missed {'its plan' if near == 1 else 'their plans'} "
                "by a tenth or less."
            )
    for verdict, text in (
        ("no promise", "No promise of how often to post"),
        ("too early", f"Too early to say, under {JUDGED_DAYS_MINIMUM} days of plan and record"),
        ("no record", "No posts in the data, so nothing to compare"),
    ):
        some = table[table["verdict"] == verdict]
        if not some.empty:
            lines.append(f"{text}: {formats.names(list(some['label']))}.")
    ended = table[table["plan"] == "ended"]
    if not ended.empty:
        lines.append(f"The plan has ended: {formats.names(list(ended['label']))}.")
    return lines


def describe_gaps(table: pd.DataFrame, *, dormant_after_months: float) -> list[str]:
    """Return what `gaps` found, in sentences; the first one is the title of its figure."""
    known = table[table["last_post_on"].notna()]
    if known.empty:
        return ["No channel has a post in the data, so no gap can be told."]
    dormant = known[known["state"] == "dormant"]
    months = f"{_plain(dormant_after_months)} months"
    if dormant.empty:
        lines = [f"No open channel has been silent for more than {months}."]
    else:
        lines = [
            f"{formats.number_of(len(dormant), 'open channel has', 'open channels have')} been "
            f"silent for more than {months}: {formats.names(list(dormant['label']))}."
        ]
        lines += [
            f"{row.label} last posted on {formats.day(row.last_post_on)}, "
            f"{formats.number_of(row.days_silent, 'day')} before its record ends."
            for row in dormant.head(3).itertuples()
        ]
    active = known[(known["state"] == "active") & (known["gap_days"] > 0)]
    if not active.empty:
        row = active.loc[active["gap_days"].idxmax()]
        lines.append(
            f"Longest gap of an active channel, planned pauses left out: {row['label']}, "
            f"{formats.number_of(row['gap_days'], 'day')} "
            f"({formats.days_between(row['gap_from'], row['gap_to'])})"
            + (", still open." if row["gap_open"] else ".")
        )
    unknown = table[table["state"] == "cannot tell"]
    if not unknown.empty:
        lines.append(
            f"Cannot tell, because the posts were exported too long ago: "
            f"{formats.names(list(unknown['label']))}."
        )
    return lines


def describe_calendar(table: pd.DataFrame) -> list[str]:
    """Return what `calendar` shows, in sentences; the first one is the title of its figure."""
    known = table[table["known_days"] > 0]
    if known.empty:
        return ["No week has a known number of posts."]
    by_week = known.groupby("week_start")[["posts", "known_days"]].sum()
    channels = known["channel_id"].nunique()
    whole = by_week[by_week["known_days"] == 7 * channels]
    silent = known[known["posts"] == 0]
    paused = int((silent["paused_days"] > 0).sum())
    lines = [
        f"{formats.number_of(channels, 'channel')} published "
        f"{formats.number_of(int(known['posts'].sum()), 'post')} in "
        f"{formats.number_of(len(by_week), 'week')}.",
    ]
    if whole["posts"].nunique() > 1:
        most, fewest = (_where(whole["posts"], end) for end in (max, min))
        lines.append(f"Of the weeks known in full, most posts in {most}, fewest in {fewest}.")
    if len(by_week) > 1:
        lines.append(
            f"Weeks without a post: {formats.count(len(silent)) if len(silent) else 'none'} of "
            f"{formats.count(len(known))}"
            + (", all channels together" if channels > 1 else "")
            + (f"; {formats.count(paused)} of these touch a planned pause." if paused else ".")
        )
    return lines


def _where(posts: pd.Series, end: Callable) -> str:
    """Write in which weeks the posts are the most (`max`) or the fewest (`min`), and how many."""
    number = end(posts)
    found = posts.index[posts == number]
    if len(found) == 1:
        return f"the week of {formats.day(found[0])} ({formats.count(number)})"
    return f"{formats.count(len(found))} weeks ({formats.count(number)} each)"


def describe_days(own: pd.DataFrame, label: str) -> str:
    """Return what a stretch of one channel's record shows, in one sentence."""
    if own.empty:
        return f"{label} has no posting record in these weeks."
    return (
        f"{label}: {formats.number_of(int(own['posts'].sum()), 'post')} on "
        f"{formats.number_of(int((own['posts'] > 0).sum()), 'day')} of {len(own)}."
    )


def _plain(value: float) -> str:
    """Write a number without a trailing .0."""
    return formats.decimal(value, 0 if float(value).is_integer() else 1)
