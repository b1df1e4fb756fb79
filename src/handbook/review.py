"""A month in review: a full month against the month before and the same month last year.

Days are compared with days where all of them are known.
Posts go on gathering for weeks, so posts of two months are compared only at equal age.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

import pandas as pd

from handbook import formats
from handbook.cadence import post_record
from handbook.errors import HandbookError
from handbook.metrics import net_followers, public_engagements
from handbook.periods import Period

MEASURES = {
    "posts": "posts",
    "followers": "new followers",
    "impressions": "impressions",
    "views": "views",
    "reactions": "reactions",
    "comments": "comments",
    "shares": "shares",
}
"""What a month is told by: sums of its days, and the posts published in it."""

REACHED = ("reach", "views", "impressions")
"""How many a post reached, in the order in which the measures say it."""

AGES = (28, 7)
"""Days after publication at which posts may be compared, the longer one first."""

TOLERANCE = 3
"""An export so many days later still shows a post at that age: the handbook's choice."""

POSTS_MINIMUM = 5
"""Fewer posts at equal age in a month are not compared: the handbook's choice."""

TOP = 5


def month_of(text: str) -> Period:
    """Return the month `2026-10` as a period.

    Raises
    ------
    HandbookError
        It is not a month.

    Examples
    --------
    >>> print(month_of("2026-10"))
    1 Oct – 31 Oct 2026
    """
    found = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 2000:
        raise HandbookError(f"expected a month such as 2026-10, found {text!r}.")
    return _month(int(found[1]), int(found[2]))


def _month(year: int, month: int) -> Period:
    last = calendar.monthrange(year, month)[1]
    return Period(date(year, month, 1), date(year, month, last))


def last_full_month(as_of: date | None) -> Period:
    """Return the newest month that ends on `as_of` or before; without days for None.

    Examples
    --------
    >>> print(last_full_month(date(2026, 11, 22)))
    1 Oct – 31 Oct 2026
    """
    if as_of is None:
        return Period(None, None)
    month = _month(as_of.year, as_of.month)
    return month if month.end == as_of else month_before(month)


def month_before(month: Period) -> Period:
    """Return the month before a month."""
    if month.start is None:
        return month
    end = month.start - timedelta(1)
    return _month(end.year, end.month)


def year_before(month: Period) -> Period:
    """Return the same month of the year before."""
    return month if month.start is None else _month(month.start.year - 1, month.start.month)


def name_of(month: Period) -> str:
    """Return a month's name: `October 2026`.

    Examples
    --------
    >>> name_of(month_of("2026-10"))
    'October 2026'
    """
    return "no month" if month.start is None else f"{month.start:%B %Y}"


def compare_days(
    channels: pd.DataFrame, days: pd.DataFrame, posts: pd.DataFrame, month: Period
) -> pd.DataFrame:
    """Return a month's sums beside those of the month before and of the same month last year.

    A sum stands where the measure is given on each day of that month; a change stands where both
    sums do. Months have 28 to 31 days: changes are of sums and not of days.

    Parameters
    ----------
    channels, days, posts
        As `handbook.channels` loads them.
    month
        As `month_of` returns it.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with data and each of `MEASURES` that it gives in any of the
        months: `channel_id`, `label`, `measure`, `value`, `before`, `last_year` (sums, missing
        where days are), `change_before`, `change_last_year` (fractions of the earlier sum,
        missing where that is 0 or less), `known_days` (days of the month with the measure).
    """
    record = post_record(channels, days, posts, month.end).rename(columns={"posts": "value"})
    months = {"value": month, "before": month_before(month), "last_year": year_before(month)}
    daily = _daily(days)
    rows = []
    for channel in channels[channels["has_data"]].itertuples():
        own = daily[daily["channel_id"] == channel.channel_id]
        published = record[record["channel_id"] == channel.channel_id]
        for measure in MEASURES:
            if measure == "posts":
                given = published[["date", "value"]]
            else:
                given = own[["date", measure]].rename(columns={measure: "value"})
            given = given.dropna(subset=["value"])
            sums = {name: _sum(given, period) for name, period in months.items()}
            known = len(month.select(given))
            if known or any(value is not None for value in sums.values()):
                row = {"channel_id": channel.channel_id, "label": channel.label}
                rows.append(row | {"measure": measure} | sums | {"known_days": known})
    columns = {"channel_id": "string", "label": "string", "measure": "string"}
    columns |= dict.fromkeys([*months, "known_days"], "Int64")
    table = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    for name in ("before", "last_year"):
        base = table[name].where(table[name] > 0).astype("Float64")
        table[f"change_{name}"] = (table["value"].astype("Float64") - base) / base
    return table


def _daily(days: pd.DataFrame) -> pd.DataFrame:
    """Return the days with `followers`: net, else gained less lost, else from totals."""
    net = net_followers(days)
    before = days.groupby("channel_id")["followers_total"].shift(1)
    follows = days["date"] - days.groupby("channel_id")["date"].shift(1) == pd.Timedelta(days=1)
    total = (days["followers_total"] - before).where(follows)
    return days.assign(followers=net.fillna(total).fillna(days["followers_gained"]))


def _sum(given: pd.DataFrame, month: Period) -> int | None:
    chosen = month.select(given)
    return int(chosen["value"].sum()) if month.days and len(chosen) == month.days else None


def at_age(posts: pd.DataFrame, snapshots: pd.DataFrame, age: int) -> pd.DataFrame:
    """Return what posts had gathered `age` days after the day of publication.

    A snapshot of the lifetime counts that was observed on that day or at most `TOLERANCE` days
    later, the earliest of them. Numbers by the day are summed over the first `age` days.

    Parameters
    ----------
    posts, snapshots
        As `handbook.channels.load_posts` and `load_snapshots` return them.
    age
        In days.

    Returns
    -------
    pandas.DataFrame
        A row for each post that is known at that age: `channel_id`, `post_id`,
        `published_date`, `observed_on` and the measures.
    """
    keys = ["channel_id", "post_id"]
    days = posts[[*keys, "published_date"]].dropna()
    joined = days.merge(snapshots, on=keys)
    late = (joined["observed_on"] - joined["published_date"]).dt.days
    life = joined[(joined["period"] == "lifetime") & late.between(age, age + TOLERANCE)]
    life = life.sort_values("observed_on", kind="stable").drop_duplicates(keys)
    daily = snapshots[snapshots["period"] == "day"]
    ends = daily.groupby("channel_id")["observed_on"].agg(["min", "max"]).reset_index()
    covered = days.merge(ends, on="channel_id")
    last = covered["published_date"] + pd.Timedelta(days=age - 1)
    covered = covered[(covered["min"] <= covered["published_date"]) & (covered["max"] >= last)]
    parts = joined[(joined["period"] == "day") & late.between(0, age - 1)]
    parts = parts.merge(covered[keys], on=keys)
    numbers = list(snapshots.columns.difference([*keys, "observed_on", "period"], sort=False))
    sums = parts.groupby([*keys, "published_date"])[numbers].sum(min_count=1).reset_index()
    sums["observed_on"] = sums["published_date"] + pd.Timedelta(days=age - 1)
    found = pd.concat([life.drop(columns="period"), sums], ignore_index=True)
    return found.drop_duplicates(keys).sort_values([*keys]).reset_index(drop=True)


def compare_posts(
    channels: pd.DataFrame, posts: pd.DataFrame, snapshots: pd.DataFrame, month: Period
) -> pd.DataFrame:
    """Return public engagements a post at equal age, by channel and month.

    A month counts at an age when `POSTS_MINIMUM` of its posts, and half of them, are known at that
    age. The longest of `AGES` is taken at which the month and an earlier one count.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with posts in the month: `channel_id`, `label`, `posts` (published
        in the month), `age` (days; missing where nothing can be compared), `value`, `before`,
        `last_year` (public engagements a post at that age), `n`, `n_before`, `n_last_year` (posts
        that they rest on) and `why` (what is missing where months cannot be compared).
    """
    months = {"value": month, "before": month_before(month), "last_year": year_before(month)}
    aged = {age: at_age(posts, snapshots, age) for age in AGES}
    rows = []
    for channel in channels[channels["has_data"]].sort_values("label").itertuples():
        own = posts[posts["channel_id"] == channel.channel_id]
        published = {name: len(p.select(own, "published_date")) for name, p in months.items()}
        if not published["value"]:
            continue
        row = {"channel_id": channel.channel_id, "label": channel.label}
        row |= {"posts": published["value"], "why": ""}
        known = False
        for age in AGES:
            of_age = aged[age][aged[age]["channel_id"] == channel.channel_id]
            found = {name: _mean(of_age, p, published[name]) for name, p in months.items()}
            known |= found["value"][0] is not None
            if found["value"][0] is not None and (
                found["before"][0] is not None or found["last_year"][0] is not None
            ):
                row["age"] = age
                for name, (mean, n) in found.items():
                    row[name], row["n" if name == "value" else f"n_{name}"] = mean, n
                break
        else:
            row["why"] = _say_why(published["value"], known)
        rows.append(row)
    columns = {"channel_id": "string", "label": "string", "posts": "Int64", "age": "Int64"}
    columns |= dict.fromkeys(months, "Float64")
    columns |= dict.fromkeys(["n", "n_before", "n_last_year"], "Int64") | {"why": "string"}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _mean(of_age: pd.DataFrame, month: Period, published: int) -> tuple[float | None, int]:
    told = public_engagements(month.select(of_age, "published_date")).dropna()
    enough = len(told) >= POSTS_MINIMUM and 2 * len(told) >= published
    return (float(told.mean()) if enough else None), len(told)


def _say_why(published: int, known: bool) -> str:
    if published < POSTS_MINIMUM:
        return f"fewer than {POSTS_MINIMUM} posts"
    if not known:
        return f"no export {min(AGES)} or {max(AGES)} days after most posts"
    return "no earlier month at the same age"


def top_posts(posts: pd.DataFrame, channels: pd.DataFrame, month: Period) -> pd.DataFrame:
    """Return the posts of a month that reached most, by their links.

    Platforms count different things: each post is told by the first of `REACHED` that it has, and
    only posts told by the commonest one are ranked.

    Returns
    -------
    pandas.DataFrame
        At most `TOP` rows, the furthest first: `label`, `published_date`, `permalink` (missing
        where the export has none), `post_type`, `measure`, `value`, `public_engagements`; and
        in `attrs`: `measure`, `left_out` (posts told by another measure, or by none).
    """
    chosen = month.select(posts, "published_date").copy()
    chosen["measure"] = pd.NA
    for name in reversed(REACHED):
        chosen.loc[chosen[name].notna(), "measure"] = name
    told = chosen["measure"].dropna()
    measure = None if told.empty else str(told.value_counts(sort=True).index[0])
    ranked = chosen[(chosen["measure"] == measure).fillna(False)].copy()
    ranked["value"] = ranked[measure] if measure else pd.Series(dtype="Int64")
    ranked["public_engagements"] = public_engagements(ranked)
    labels = channels.set_index("channel_id")["label"]
    ranked["label"] = ranked["channel_id"].map(labels).astype("string")
    ranked["post_type"] = ranked["post_type"].str.replace("_", " ")
    ranked = ranked.sort_values(
        ["value", "published_date", "post_id"], ascending=[False, True, True], kind="stable"
    )
    columns = ["label", "published_date", "permalink", "post_type", "measure", "value",
               "public_engagements"]  # fmt: skip
    top = ranked[columns].head(TOP).reset_index(drop=True)
    top.attrs = {"measure": measure, "left_out": len(chosen) - len(ranked)}
    return top


def missing_in(
    channels: pd.DataFrame, days: pd.DataFrame, posts: pd.DataFrame, month: Period
) -> pd.DataFrame:
    """Return what a month lacks, by channel.

    Returns
    -------
    pandas.DataFrame
        `channel_id`, `label`, `days_known` (days of the month with any measure), `days_missing`,
        `record_days` (days of the month that the posting record covers) and `missing`, in words
        and empty where nothing is missing; a row for each channel with data or on the register,
        but for those that are closed, or planned and not begun.
    """
    record = post_record(channels, days, posts, month.end)
    measures = [name for name in days.columns if name not in ("channel_id", "date", "day_tz")]
    told = month.select(days)
    told = told[told[measures].notna().any(axis=1)]
    known = told.groupby("channel_id").size()
    recorded = month.select(record).groupby("channel_id").size()
    status = channels["status"].fillna("")
    expected = (status != "closed") & ((status != "planned") | channels["has_data"])
    table = channels.loc[expected, ["channel_id", "label"]].copy()
    for name, counted in (("days_known", known), ("record_days", recorded)):
        table[name] = table["channel_id"].map(counted).fillna(0).astype("Int64")
    table["days_missing"] = month.days - table["days_known"]
    table["missing"] = [
        _say_missing(row.days_known, row.record_days, month.days) for row in table.itertuples()
    ]
    table["missing"] = table["missing"].astype("string")
    columns = ["channel_id", "label", "days_known", "days_missing", "record_days", "missing"]
    return table[columns].reset_index(drop=True)


def _say_missing(known: int, recorded: int, days: int) -> str:
    said = []
    if not known:
        said.append("no daily figures")
    elif known < days:
        said.append(f"daily figures of {formats.number_of(days - known, 'day')}")
    if not recorded:
        said.append("no record of posts")
    elif recorded < days:
        said.append(f"posts of {formats.number_of(days - recorded, 'day')}")
    return "; ".join(said)


def describe_days(table: pd.DataFrame, month: Period) -> list[str]:
    """Return what `compare_days` found, in sentences; the first one is a title."""
    if month.start is None or table.empty:
        return ["There is no full month with data."]
    sentences = []
    for measure in ("posts", "impressions", "views", "followers"):
        own = table[table["measure"] == measure]
        both = own.dropna(subset=["value", "before"])
        if both.empty:
            continue
        now, before = int(both["value"].sum()), int(both["before"].sum())
        more = int((both["value"] > both["before"]).sum())
        sentence = (
            f"{MEASURES[measure].capitalize()}: {formats.count(now)} in {name_of(month)}, "
            f"{formats.count(before)} in {name_of(month_before(month))}; {more} of "
            f"{formats.number_of(len(both), 'channel')} had more"
        )
        year = own.dropna(subset=["value", "last_year"])
        if len(year):
            more = int((year["value"] > year["last_year"]).sum())
            sentence += f", and {more} of {len(year)} more than in {name_of(year_before(month))}"
        sentences.append(sentence + ".")
    if not (table["measure"] == "posts").any():
        sentences.append("No record of single posts.")
    if not table["last_year"].notna().any():
        sentences.append("The same month last year is not in the data.")
    return sentences or [f"{name_of(month)} stands alone: the month before is not complete."]


def describe_measure(own: pd.DataFrame, measure: str, month: Period) -> str:
    """Return how one measure moved, as the title of its figure.

    Parameters
    ----------
    own
        The rows of `compare_days` of that measure with a value.
    """
    words = MEASURES[measure].capitalize()
    if own.empty:
        return f"{words}: no channel gives every day of {name_of(month)}"
    both = own.dropna(subset=["before"])
    if both.empty:
        total = formats.count(int(own["value"].sum()))
        return f"{words}: {total} in {name_of(month)}; the month before is not complete"
    more, fewer = (
        int((both["value"] > both["before"]).sum()),
        int((both["value"] < both["before"]).sum()),
    )
    return (
        f"{words}: {more} of {formats.number_of(len(both), 'channel')} had more in "
        f"{name_of(month)} than in the month before, {fewer} had fewer"
    )


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `compare_days` with `words`, the measure's name for readers."""
    return table.assign(words=table["measure"].map(MEASURES).astype("string"))


def describe_posts(table: pd.DataFrame, month: Period) -> list[str]:
    """Return what `compare_posts` found, in sentences; the first one is a title."""
    if table.empty:
        return ["No posts in the data of this month."] if month.days else ["There is no month."]
    told = table.dropna(subset=["age"])
    if told.empty:
        return [
            f"Posts of {name_of(month)} are not comparable with earlier ones.",
            f"A post gathers for weeks: months compare only when most posts are known "
            f"{min(AGES)} or {max(AGES)} days after publication, at least {POSTS_MINIMUM} of them.",
            "Export the newest posts twice a week, and they will be.",
        ]
    more = int((told["value"] > told["before"].fillna(told["last_year"])).sum())
    sentences = [
        f"A post gathered more than before at equal age on {more} of "
        f"{formats.number_of(len(told), 'channel')}."
    ]
    if len(told) < len(table):
        sentences.append(
            f"{formats.number_of(len(table) - len(told), 'channel')} of {len(table)} cannot be "
            "compared: the table says why."
        )
    return sentences


def describe_top(top: pd.DataFrame, month: Period) -> list[str]:
    """Return what `top_posts` found, in sentences."""
    measure, left_out = top.attrs.get("measure"), top.attrs.get("left_out", 0)
    if top.empty:
        return ["No post of the month says how many it reached."]
    sentences = [
        f"The post that went furthest in {name_of(month)}, on {top['label'][0]}: "
        f"{measure} {formats.count(top['value'][0])}."
    ]
    if left_out:
        sentences.append(
            f"{formats.number_of(left_out, 'post')} of the month tell another measure than "
            f"{measure}, or none, and are not ranked."
        )
    return sentences


def describe_missing(table: pd.DataFrame, month: Period) -> list[str]:
    """Return what `missing_in` found, in sentences."""
    if month.start is None or table.empty:
        return ["There is no full month with data."]
    lacking = table[table["missing"] != ""]
    if lacking.empty:
        return [f"Nothing is missing in {name_of(month)}."]
    return [
        f"Something is missing in {name_of(month)}: "
        f"{len(lacking)} of {formats.number_of(len(table), 'channel')}."
    ]
