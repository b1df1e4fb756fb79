"""A channel among its peers: median and quartiles of its platform and size, sample stated.

Peers are the other channels of the same data, never a vendor's average.
"""

from __future__ import annotations

import pandas as pd

from handbook import formats, metrics
from handbook.periods import Period
from handbook.schema import PLATFORMS

MEASURES = {
    "posts_per_week": "posts a week",
    "change_share": "change in followers, %",
    "er_by_impressions": "engagement rate by impressions, %",
    "er_by_views": "engagement rate by views, %",
    "er_by_reach": "engagement rate by reach, %",
    "er_by_followers": "engagement rate by followers, %",
}
"""What channels are compared by, in words; shares and rates are fractions shown as percentages."""

RATES = tuple(name for name in MEASURES if name.startswith("er_"))

SIZES = (
    (0, "fewer than 1,000 followers"),
    (1_000, "1,000 to 9,999 followers"),
    (10_000, "10,000 followers or more"),
)
"""Followers from which on a channel is of a size: the handbook's choice."""

PEERS_MINIMUM = 5
"""Quartiles of fewer other channels say little and are not told: the handbook's choice."""

NO_POSTS = "No record of single posts: posts a week are not compared."

PLACES = ("below the middle half", "in the middle half", "above the middle half")


def size_of(followers: float | None) -> str | None:
    """Return a channel's size in words; None where its followers are not known.

    Examples
    --------
    >>> size_of(1_000)
    '1,000 to 9,999 followers'
    """
    if formats.is_missing(followers):
        return None
    return [words for least, words in SIZES if followers >= least or least == 0][-1]


def values(
    channels: pd.DataFrame, days: pd.DataFrame, posts: pd.DataFrame, period: Period
) -> pd.DataFrame:
    """Return each channel's value of each measure.

    Parameters
    ----------
    channels, days, posts
        As `handbook.channels` loads them.
    period
        The days compared.

    Returns
    -------
    pandas.DataFrame
        A row for each channel with data and each measure that it has: `channel_id`, `label`,
        `platform`, `size` (missing where followers are not known), `measure` (a key of
        `MEASURES`), `value`. A rate needs as many posts as `metrics.enough_posts` asks for.
    """
    audience = metrics.audience(channels, days, period)
    activity = metrics.activity(channels, days, posts, period)
    engagement = metrics.engagement(channels, days, posts, period)
    sizes = dict(zip(audience["channel_id"], audience["followers_end"].map(size_of), strict=True))
    found = {"posts_per_week": activity, "change_share": audience}
    found |= {rate: metrics.enough_posts(engagement, rate) for rate in metrics.BASES}
    tables = [
        table[["channel_id", "label"]].assign(measure=name, value=table[name].astype("Float64"))
        for name, table in found.items()
    ]
    table = pd.concat(tables, ignore_index=True).dropna(subset=["value"])
    platforms = channels.set_index("channel_id")["platform"]
    table.insert(2, "platform", table["channel_id"].map(platforms).astype("string"))
    table.insert(3, "size", table["channel_id"].map(sizes).astype("string"))
    order = {name: number for number, name in enumerate(MEASURES)}
    table["order"] = table["measure"].map(order)
    table = table.sort_values(["label", "order"], kind="stable").drop(columns="order")
    return table.reset_index(drop=True)


def benchmark(table: pd.DataFrame) -> pd.DataFrame:
    """Return where each channel stands among its peers.

    Peers are the other channels of the same platform and size; where they are fewer than
    `PEERS_MINIMUM`, those of the same platform of any size.
    Quartiles interpolate linearly between the peers' values (type 7 of Hyndman and Fan 1996).

    Parameters
    ----------
    table
        As `values` returns it.

    Returns
    -------
    pandas.DataFrame
        The rows of `table` with `peers` (how many), `group` (who they are), `p25`, `median`,
        `p75` and `place` (one of `PLACES`), missing where the peers are too few, and `enough`.
    """
    rows = [_stand(table, row) for _, row in table.iterrows()]
    columns = {
        "peers": "Int64",
        "group": "string",
        "p25": "Float64",
        "median": "Float64",
        "p75": "Float64",
        "place": "string",
        "enough": "boolean",
    }
    told = pd.DataFrame(rows, columns=list(columns), index=table.index).astype(columns)
    return pd.concat([table, told], axis=1)


def _stand(table: pd.DataFrame, row: pd.Series) -> dict[str, object]:
    others = table[
        (table["measure"] == row["measure"])
        & (table["platform"] == row["platform"])
        & (table["channel_id"] != row["channel_id"])
    ]
    platform = PLATFORMS.get(row["platform"], row["platform"])
    same_size = others.iloc[:0] if pd.isna(row["size"]) else others[others["size"] == row["size"]]
    if len(same_size) >= PEERS_MINIMUM:
        peers, group = same_size, f"{platform}, {row['size']}"
    else:
        peers, group = others, f"{platform}, any size"
    stand: dict[str, object] = {"peers": len(peers), "group": group, "enough": False}
    if len(peers) >= PEERS_MINIMUM:
        low, middle, high = peers["value"].astype(float).quantile([0.25, 0.5, 0.75])
        place = PLACES[0 if row["value"] < low else 2 if row["value"] > high else 1]
        stand |= {"p25": low, "median": middle, "p75": high, "place": place, "enough": True}
    return stand


def describe_benchmark(table: pd.DataFrame, period: Period) -> list[str]:
    """Return what `benchmark` found, in sentences."""
    if table.empty:
        return ["No channel has a figure to compare.", NO_POSTS]
    told = table[table["enough"]]
    channels = table["channel_id"].nunique()
    silent = [] if (table["measure"] == "posts_per_week").any() else [NO_POSTS]
    if told.empty:
        most = int(table["peers"].max())
        have = f"at most {formats.number_of(most, 'peer')}" if most else "no peer"
        return [
            "No channel has enough peers to be compared with.",
            f"Each of {formats.number_of(channels, 'channel')} has {have} of its platform; "
            f"quartiles need {PEERS_MINIMUM}.",
            *silent,
        ]
    n = told["channel_id"].nunique()
    sentences = [
        f"{formats.number_of(n, 'channel')} of {channels} can be compared with "
        f"{PEERS_MINIMUM} peers or more, {period}."
    ]
    for measure, words in MEASURES.items():
        of_measure = told[told["measure"] == measure]
        if not of_measure.empty:
            inside = int((of_measure["place"] == PLACES[1]).sum())
            sentences.append(
                f"{words.removesuffix(', %').capitalize()}: {inside} of "
                f"{formats.number_of(len(of_measure), 'channel')} in the middle half of the peers."
            )
    return sentences + silent


def describe_measure(table: pd.DataFrame, measure: str) -> str:
    """Return where the platforms stand by one measure, as the title of its figure."""
    own = table[table["measure"] == measure]
    words = MEASURES[measure].removesuffix(", %")
    if own.empty:
        return f"No channel tells its {words}."
    middle = own.groupby("platform")["value"].median().sort_values()
    write = write_value(measure)
    least, most = (PLATFORMS.get(name, name) for name in (middle.index[0], middle.index[-1]))
    single = (own["platform"] == middle.index[-1]).sum() == 1
    who = "the one channel" if single else "the median channel"
    found = f"{words.capitalize()}: {who} on {most} has {write(middle.iloc[-1])}"
    return found if len(middle) == 1 else f"{found}, on {least} {write(middle.iloc[0])}"


def write_value(measure: str):
    """Return the function that writes a value of a measure."""
    if MEASURES[measure].endswith("%"):
        return lambda value: formats.percent(value, 1)
    return formats.decimal


def write(table: pd.DataFrame, *measures: str) -> pd.DataFrame:
    """Return `benchmark`'s rows of some measures with values in words, for a table for readers.

    Returns
    -------
    pandas.DataFrame
        The rows of `table` with `words` (the measure), `told` (its value), `middle_half` and
        `middle` (the median), each written with its unit; a dash where peers are too few.
    """
    table = table[table["measure"].isin(measures)]
    written = table.copy()
    columns: dict[str, list[str]] = {"words": [], "told": [], "middle_half": [], "middle": []}
    for row in table.itertuples():
        say = write_value(row.measure)
        columns["words"].append(MEASURES[row.measure].removesuffix(", %"))
        columns["told"].append(say(row.value))
        columns["middle"].append(say(row.median) if row.enough else formats.MISSING)
        ends = f"{say(row.p25)} to {say(row.p75)}" if row.enough else formats.MISSING
        columns["middle_half"].append(ends)
    for name, texts in columns.items():
        written[name] = pd.Series(texts, index=table.index, dtype="string")
    return written
