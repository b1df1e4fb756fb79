"""What posts bring: definitions side by side, content mix, kinds and times, and their figures."""

from __future__ import annotations

import doctest
from datetime import date, timedelta

import pandas as pd
import pytest
from frames import make_channels, make_days, make_posts

from handbook import charts, metrics
from handbook.explorers import GroupsExplorer, explore_groups
from handbook.metrics import content
from handbook.periods import Period

LAST = date(2026, 3, 31)
PERIOD = Period.last(12, LAST)
SOURCE = "Made-up data of a test"
CHANNELS = make_channels({"channel_id": "x:a"}, {"channel_id": "x:b"}, {"channel_id": "x:c"})


def posts_of(channel: str, n: int, **measures) -> list[dict]:
    """Return n posts of a channel, on days from 1 March on."""
    counts = {"reactions": 0, "comments": 0, "shares": 0}
    return [
        {
            "channel_id": f"x:{channel}",
            "post_id": f"{channel}{number}-{sorted(measures.items())}",
            "published_date": date(2026, 3, 1) + timedelta(number),
            **counts,
            **measures,
        }
        for number in range(n)
    ]


def prepare(*rows: dict, followers: dict[str, int] | None = None) -> pd.DataFrame:
    days = [
        {"channel_id": f"x:{name}", "date": date(2026, 2, 28) + timedelta(number),
         "followers_total": total}
        for name, total in (followers or {}).items() for number in range(0, 30, 3)
    ]  # fmt: skip
    return metrics.prepare_posts(make_posts(*rows), make_days(*days), PERIOD)


def test_examples_in_docstrings():
    """An example that no longer gives what it says."""
    result = doctest.testmod(content)
    assert result.attempted
    assert not result.failed


TWO = prepare(
    *posts_of("a", 6, reactions=10, reach=100, views=1000),
    *posts_of("b", 6, reactions=5, reach=200, views=100),
    *posts_of("b", 2, reactions=900, reach=1),
    *posts_of("c", 4, reactions=99, reach=100, views=100),
    followers={"a": 50},
)
"""a is first by reach and b by views; c has four posts; two of b's posts have no views."""


def test_rankings_change_with_the_definition_on_the_same_posts():
    """A ranking of other posts, of too few, or by a denominator that only one channel has."""
    table = metrics.rankings(CHANNELS, TWO)
    ranks = {(row.definition, row.channel_id): row.rank for row in table.itertuples()}
    assert ranks == {
        ("er_by_reach", "x:a"): 1, ("er_by_reach", "x:b"): 2,
        ("er_by_views", "x:a"): 2, ("er_by_views", "x:b"): 1,
        ("engagements_per_post", "x:a"): 1, ("engagements_per_post", "x:b"): 2,
    }  # fmt: skip
    assert set(table["n"]) == {6}
    by_reach = table[table["definition"] == "er_by_reach"].set_index("channel_id")["value"]
    assert by_reach["x:a"] == pytest.approx(0.1)
    found = metrics.describe_rankings(table)
    assert found[0] == "The rank of 2 of 2 channels hangs on the definition of the rate."
    assert "First by engagement rate by views: x:b (X)." in found
    figure = charts.show_rankings(table, SOURCE)
    assert len(figure.fig.axes[0].lines) == 4
    assert figure.alt.startswith(found[0])
    assert "the ranks of one channel lie 1 apart" in figure.alt


def test_rankings_say_who_is_left_out_and_why():
    """A channel with posts that vanishes from the ranking without a word; one named falsely."""
    prepared = prepare(
        *posts_of("a", 6, reactions=10, reach=100, views=1000),
        *posts_of("b", 6, reactions=5, reach=200, views=100),
        *posts_of("c", 6, reactions=9, impressions=100),
    )
    table = metrics.rankings(CHANNELS, prepared)
    told = [line for line in metrics.describe_rankings(table) if line.startswith("Left out")]
    assert told == [
        "Left out, because too few of the posts (under 5, or under half) give "
        "a rate by reach and by views: x:c (X)."
    ]
    both = metrics.rankings(CHANNELS, prepared[prepared["channel_id"] != "x:c"])
    assert not any("Left out" in line for line in metrics.describe_rankings(both))


def test_one_channel_has_no_rank():
    """A channel that is first of one."""
    table = metrics.rankings(CHANNELS, TWO[TWO["channel_id"] == "x:a"])
    assert table.empty
    assert isinstance(charts.show_rankings(table, SOURCE), charts.Note)


def test_averages_of_a_post():
    """A mean that counts posts which do not tell, or one of a few posts."""
    prepared = prepare(
        *posts_of("a", 5, reactions=10, comments=4, shares=2, impressions=100),
        *posts_of("a", 1, reactions=40, comments=None, shares=None),
        *posts_of("c", 4, reactions=99, impressions=100),
    )
    table = metrics.interaction(CHANNELS, prepared).set_index("channel_id")
    row = table.loc["x:a"]
    assert (row["applause"], row["conversation"], row["amplification"]) == (15, 4, 2)
    assert (row["virality"], row["n_virality"]) == (pytest.approx(0.02), 5)
    few = ["amplification", "applause", "conversation", "virality"]
    assert table.loc["x:c", few].isna().all()
    said = " ".join(metrics.describe_interaction(table.reset_index()))
    assert "Most reactions a post: x:a (X), 15.0 (6 posts)." in said


def test_the_mix_adds_up():
    """Shares that do not sum to one, or a kind that nobody gave taken for another."""
    prepared = prepare(
        *posts_of("a", 3, post_type="short_video", reactions=9),
        *posts_of("a", 1, post_type="link", reactions=3),
        *posts_of("b", 2),
    )
    table = metrics.content_mix(CHANNELS, prepared)
    rows = {(row.channel_id, row.post_type): row for row in table.itertuples()}
    assert rows["x:a", "short video"].share == pytest.approx(0.75)
    assert rows["x:a", "short video"].engagement_share == pytest.approx(0.9)
    assert rows["x:b", "not given"].share == 1
    assert rows["x:b", "not given"].engagement_share is pd.NA
    assert table.groupby("channel_id")["share"].sum().tolist() == [1, 1]
    found = metrics.describe_mix(table)
    assert found[0] == (
        "The commonest kind that is given is short video: 3 posts of 6 in 2 channels; "
        "the kind of 2 is not given."
    )
    given = metrics.describe_mix(table[table["channel_id"] == "x:a"])
    assert given == ["The commonest kind is short video: 3 posts of 4 in 1 channel."]
    assert found[1] == "The kind of some or all posts is not given: x:b (X)."
    figure = charts.show_mix(table, SOURCE)
    assert [text.get_text() for text in figure.fig.axes[0].texts] == ["75%", "25%", "100%"]
    assert figure.alt.endswith("shares of the channel's posts: from 25% to 100%.")


def test_the_mean_of_rates_is_another_number():
    """The trap itself: a post that one person saw counts as much as one that a thousand saw."""
    prepared = prepare(
        *posts_of("a", 4, reactions=10, views=1000),
        *posts_of("a", 1, reactions=1, views=1),
        *posts_of("b", 5, reactions=20, views=1000),
        followers={"a": 9, "b": 9, "c": 9},
    )
    table = metrics.mean_against_sum(CHANNELS, prepared).set_index("channel_id")
    assert table.loc["x:a", "sum_over_sum"] == pytest.approx(41 / 4001)
    assert table.loc["x:a", "mean_of_rates"] == pytest.approx((4 * 0.01 + 1) / 5)
    assert table["rate"].unique().tolist() == ["er_by_views"]
    assert table["rank_sum"].to_dict() == {"x:b": 1, "x:a": 2}
    assert table["rank_mean"].to_dict() == {"x:b": 2, "x:a": 1}
    found = metrics.describe_means(table.reset_index())
    assert "2 of 2 channels would change rank." in found[2]
    figure = charts.show_means(table.reset_index(), SOURCE)
    assert figure.fig.axes[0].get_xlim()[0] == 0
    assert figure.alt.endswith("from 1.02% to 20.80%.")


def kinds(seed_gap: int) -> pd.DataFrame:
    """Return posts of a: videos that do better by a gap, links, and three texts."""
    rows = []
    for number in range(10):
        day = {"reach": 1000 + number}
        rows += posts_of("a", 1, post_type="video", reactions=20 + number + seed_gap, **day)
        rows += posts_of("a", 1, post_type="link", reactions=20 + number, **day)
        rows += posts_of("b", 1, post_type="link", reactions=20 + number, **day)
    rows += posts_of("a", 3, post_type="text", reactions=500, reach=1000)
    return prepare(*rows)


def test_kinds_are_compared_within_a_channel():
    """A kind that differs by its channel, or a judgement from three posts."""
    table = metrics.compare_within(CHANNELS, kinds(60), ["post_type"])
    own = table[table["channel_id"] == "x:a"].set_index("group")
    assert own["differs"].fillna(False).to_dict() == {"video": True, "link": True, "text": False}
    assert table[table["channel_id"] == "x:b"]["p"].isna().all()
    assert set(table["rate"]) == {"er_by_reach"}
    said = metrics.describe_kinds(table, "post_type")
    assert said[0] == "2 kinds of post do better or worse beyond chance."
    assert "Not enough data, under 5 posts with a rate: 1 group of 4." in said
    told = metrics.write_groups(table)
    few = told[told["group"] == "text"].iloc[0]
    assert few["verdict"] == "not enough data"
    assert few[["estimate", "low", "high"]].isna().all()
    rows = table[table["channel_id"] == "x:a"]
    figure = charts.show_groups(rows, "a (X)", "post_type", SOURCE)
    assert [t.get_text() for t in figure.fig.axes[0].get_yticklabels()] == ["video", "link"]
    assert "fewer than 5 posts: text" in figure.source
    assert figure.fig.axes[0].get_xlim()[0] == 0
    alone = metrics.describe_groups(table[table["channel_id"] == "x:b"], "b (X)", "post_type")
    assert alone.startswith("b (X): only one kind of post has 5 posts with a rate")


def test_looking_often_is_paid_for():
    """Two groupings on one page, each corrected as if the other were not looked at."""
    prepared = kinds(2).assign(weekday="Monday")
    prepared.loc[prepared.index[::2], "weekday"] = "Friday"
    one = metrics.compare_within(CHANNELS, prepared, ["post_type"])
    both = metrics.compare_within(CHANNELS, prepared, ["post_type", "weekday"])
    again = both[both["by"] == "post_type"].reset_index(drop=True)
    assert (again["p"].dropna() == one["p"].dropna()).all()
    assert (again["p_adjusted"].dropna() >= one["p_adjusted"].dropna()).all()
    assert (again["p_adjusted"].dropna() > one["p_adjusted"].dropna()).any()


def timed(*times: str, **columns) -> pd.DataFrame:
    return make_posts(
        *(
            {"channel_id": "x:a", "published_at": time, "published_date": time[:10],
             "published_precision": "minute", **columns}
            for time in times
        )
    )  # fmt: skip


def test_hours_are_the_audiences():
    """Hours of UTC, an hour lost in summer, or a weekday of another zone."""
    posts = timed("2026-01-05T23:30Z", "2026-07-06T05:59Z", "2026-07-06T20:59Z")
    local = metrics.with_local_time(posts, "Europe/Helsinki")
    assert local["local_hour"].tolist() == [1, 8, 23]
    assert local["weekday"].tolist() == ["Tuesday", "Monday", "Monday"]
    assert local["part_of_day"].str.partition(",")[0].tolist() == ["night", "early", "evening"]


def test_a_day_is_no_time():
    """Posts of which only the day is known, all told as posts of midnight."""
    posts = timed("2026-03-02T00:00Z", published_precision="day")
    assert metrics.with_local_time(posts, "UTC").empty
    prepared = metrics.prepare_posts(posts, make_days(), PERIOD)
    local = metrics.with_local_time(prepared, "UTC")
    found = metrics.describe_times(prepared, local, "UTC")
    assert found == ["Not enough data: of 1 post the day of publication is known, and no time."]
    assert isinstance(charts.show_times(metrics.posting_times(local), found[0], SOURCE),
                      charts.Note)  # fmt: skip
    known = metrics.times_known(CHANNELS, prepared, local)
    assert (known["posts"][0], known["timed"][0]) == (1, 0)
    assert known["first"].isna().all()


def test_the_grid_counts_every_post_once():
    """A post on the edge of two parts of the day, or one that falls out of all."""
    posts = timed(*(f"2026-03-02T{hour:02d}:00Z" for hour in range(24)))
    local = metrics.with_local_time(posts, "UTC")
    grid = metrics.posting_times(local)
    assert grid["posts"].sum() == 24
    assert (grid["posts"] > 0).sum() == len(metrics.PARTS_OF_DAY)
    found = metrics.describe_times(posts, local, "UTC")
    assert found[1] == "24 of 24 posts tell the time; hours are those of UTC."
    assert found[2].startswith("In 36 of 42 parts of the week nothing was posted")
    figure = charts.show_times(grid, found[0], SOURCE)
    assert len(figure.fig.axes[0].patches) == 42
    assert figure.alt.endswith("from 0 to 6.")


def test_the_explorer_gives_the_call_that_gives_it_again():
    """A call beside the figure that is not the one that made it."""
    prepared = kinds(60)
    explorer = GroupsExplorer(CHANNELS, prepared, source=SOURCE)
    assert explorer.values() == {"channel": "x:a", "by": "post_type", "rate": "er_by_reach"}
    again = explore_groups(CHANNELS, prepared, "x:a", by="post_type", rate="er_by_reach",
                           source=SOURCE)  # fmt: skip
    assert explorer.result.value == again.to_html()
    assert "explore_groups(channels, posts, &quot;x:a&quot;" in explorer.reproduce.value
    explorer.controls["rate"].value = "er_by_views"
    assert "not enough data" in explorer.result.value
    assert GroupsExplorer(CHANNELS, prepared.iloc[:0]).values()["channel"] is None
