"""Channels among their peers: who is compared with whom, and when nothing is said."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from frames import make_channels, make_days, make_posts
from hypothesis import given
from hypothesis import strategies as st

from handbook import benchmark, charts, explorers
from handbook.periods import Period

SOURCE = "Made-up data of a test"
LAST = date(2026, 5, 31)
PERIOD = Period.last(26, LAST)


def make_values(numbers: dict[str, float], platform: str = "x", size: str | None = None):
    """Return rows as `benchmark.values` gives them, of one measure and one platform."""
    rows = [
        {"channel_id": f"{platform}:{name}", "label": f"{name} (X)", "platform": platform,
         "size": size, "measure": "posts_per_week", "value": value}
        for name, value in numbers.items()
    ]  # fmt: skip
    columns = {name: "string" for name in ("channel_id", "label", "platform", "size", "measure")}
    return pd.DataFrame(rows, columns=[*columns, "value"]).astype(columns | {"value": "Float64"})


def test_quartiles_are_of_the_others():
    """A channel that is its own peer: one outlier among six then stands inside its own band."""
    values = make_values({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "own": 100})
    row = benchmark.benchmark(values).set_index("channel_id").loc["x:own"]
    assert (row["peers"], row["p25"], row["median"], row["p75"]) == (5, 2, 3, 4)
    assert row["place"] == "above the middle half"
    assert row["group"] == "X, any size"


def test_fewer_than_five_peers_say_nothing():
    """A quartile of four channels."""
    table = benchmark.benchmark(make_values({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}))
    assert set(table["peers"]) == {4}
    assert not table["enough"].any()
    assert table[["p25", "median", "p75", "place"]].isna().all(axis=None)
    assert benchmark.describe_benchmark(table, PERIOD)[0].startswith("No channel has enough")
    alone = benchmark.describe_benchmark(table.head(1).assign(peers=0), PERIOD)
    assert alone[1] == "Each of 1 channel has no peer of its platform; quartiles need 5."


@pytest.mark.parametrize(
    ("names", "who"), [("a", "the one channel"), ("abc", "the median channel")]
)
def test_one_channel_is_no_median(names, who):
    """A single channel told as if it were the middle of many."""
    values = make_values({name: 3 for name in names})
    said = benchmark.describe_measure(values, "posts_per_week")
    assert said == f"Posts a week: {who} on X has 3.0"


def test_a_size_is_compared_with_its_own_where_it_can():
    """A small channel held against large ones although six small ones are there."""
    small = make_values({f"s{i}": i for i in range(6)}, size="fewer than 1,000 followers")
    large = make_values({f"l{i}": 50 + i for i in range(3)}, size="10,000 followers or more")
    table = benchmark.benchmark(pd.concat([small, large], ignore_index=True))
    told = table.set_index("channel_id")
    assert told.loc["x:s0", "group"] == "X, fewer than 1,000 followers"
    assert told.loc["x:s0", "peers"] == 5
    assert told.loc["x:l0", "group"] == "X, any size"
    assert told.loc["x:l0", "peers"] == 8


@given(st.lists(st.floats(0, 100, allow_nan=False, width=32), min_size=6, max_size=15))
def test_order_of_channels_does_not_matter_and_half_is_inside(numbers):
    """Quartiles that depend on the order of rows, or that do not enclose their median."""
    values = make_values({f"c{i:02}": value for i, value in enumerate(numbers)})
    table = benchmark.benchmark(values)
    turned = benchmark.benchmark(values.iloc[::-1])
    pd.testing.assert_frame_equal(table, turned.sort_index())
    assert (table["p25"] <= table["median"]).all() and (table["median"] <= table["p75"]).all()


@pytest.mark.parametrize(
    ("followers", "size"),
    [(0, 0), (999, 0), (1_000, 1), (9_999, 1), (10_000, 2), (pd.NA, None)],
)
def test_sizes(followers, size):
    """A limit that is off by one; a channel without totals that counts as small."""
    assert benchmark.size_of(followers) == (None if size is None else benchmark.SIZES[size][1])


def test_values_hold_each_channel_with_data():
    """A channel without posts that drops out, or a rate that rests on one post."""
    channels = make_channels({"channel_id": "x:a"}, {"channel_id": "x:b"})
    days = make_days(
        *({"channel_id": "x:b", "date": LAST - timedelta(n), "followers_total": 1_500 - n}
          for n in reversed(range(200))),
    )  # fmt: skip
    posts = make_posts(
        *({"channel_id": "x:a", "published_date": LAST - timedelta(n), "observed_on": LAST,
           "impressions": 100, "reactions": 1, "comments": 0, "shares": 0} for n in range(4)),
    )  # fmt: skip
    values = benchmark.values(channels, days, posts, PERIOD)
    assert set(values["measure"]) <= set(benchmark.MEASURES)
    assert "er_by_impressions" not in set(values["measure"])
    of_b = values[values["channel_id"] == "x:b"].set_index("measure")
    assert of_b.loc["change_share", "value"] == pytest.approx(182 / 1_318, rel=0.01)
    assert set(of_b["size"]) == {"1,000 to 9,999 followers"}


def test_the_figure_draws_a_dot_for_each_and_names_the_ends():
    """A channel that is not drawn; an alternative text of another table."""
    table = benchmark.benchmark(make_values({f"c{i}": i for i in range(8)}))
    figure = charts.show_peers(table, "posts_per_week", SOURCE, channel="x:c7")
    (ax,) = figure.fig.axes
    dots = sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() in ("o", "D"))
    assert dots == 8
    assert "from c0 (X), 0.0 to c7 (X), 7.0" in figure.alt
    assert "c7 (X) has 7.0: above the middle half." in figure.alt
    empty = charts.show_peers(table.iloc[:0], "posts_per_week", SOURCE)
    assert isinstance(empty, charts.Note)


def test_the_explorer_follows_its_controls():
    """A control that is dead, or a call that gives another figure."""
    table = benchmark.benchmark(make_values({f"c{i}": i for i in range(8)}))
    explorer = explorers.PeersExplorer(table, source=SOURCE)
    explorer.controls["channel"].value = "x:c3"
    assert "c3 (X) has 3.0: in the middle half." in explorer.result.value
    assert "explore_peers(table, &quot;x:c3&quot;" in explorer.reproduce.value
    empty = explorers.PeersExplorer(table.iloc[:0], source=SOURCE)
    assert "nothing to choose" in empty.result.value
