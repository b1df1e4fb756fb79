"""Definitions of the metrics, and the tables of channels at a glance."""

from __future__ import annotations

import doctest
import re
from datetime import date

import pandas as pd
import pytest
from frames import law, make_channels, make_days, make_posts
from hypothesis import given
from hypothesis import strategies as st

from handbook import metrics, periods, schema
from handbook.checklists.definition import GIVEN_BY
from handbook.errors import HandbookError
from handbook.metrics import definitions, groups
from handbook.periods import Period

WEEK = Period(date(2026, 3, 2), date(2026, 3, 8))
A = {"channel_id": "x:a"}


def day(number: int, **measures) -> dict:
    """Return a day of channel a; day 0 is the Monday that begins `WEEK`."""
    return {**A, "date": date(2026, 3, 2) + pd.Timedelta(days=number), **measures}


def post(number: int, **measures) -> dict:
    """Return a post of channel a, published on a day of March 2026."""
    full = {"reactions": 0, "comments": 0, "shares": 0, **measures}
    return {**A, "published_date": date(2026, 3, number), "observed_on": date(2026, 4, 1), **full}


def test_examples_in_docstrings():
    """An example that no longer gives what it says."""
    for module in (definitions, groups, periods):
        result = doctest.testmod(module)
        assert result.attempted
        assert not result.failed


def test_every_metric_is_defined_in_full():
    """A metric in the dictionary without formula, unit, source or caveat, or there twice."""
    names = [metric.name for metric in metrics.METRICS]
    assert len(set(names)) == len(names)
    for metric in metrics.METRICS:
        assert metric.title and metric.formula and metric.unit and metric.source and metric.caveats
    assert set(metrics.BASES) <= set(names)


def test_every_metric_says_which_platforms_give_what_it_needs():
    """A metric of columns that no table has, or a checklist that offers what nobody can measure."""
    columns = {field.name for table in schema.TABLES for field in table.fields}
    for metric in metrics.METRICS:
        assert set(metric.columns) <= columns, metric.name
        assert bool(metric.platforms) != bool(metric.not_computed), metric.name
        if metric.name in GIVEN_BY:
            assert set(metric.platforms) == set(GIVEN_BY[metric.name]), metric.name


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("unit: x", "unit: x\n    colour: red"), "colour"),
        (("kind: rate", "kind: guess"), "kind"),
        (("name: one", "name: One!"), "a name in small letters"),
        (("caveats: [c]", "caveats: []"), "caveats"),
        (("metrics:\n", "metrics:\n" + "{one}"), "stand there twice: one"),
    ],
)
def test_a_wrong_definition_is_named_with_its_line(tmp_path, change, found):
    """A mistake in the file that ends in a traceback or, worse, in a page."""
    one = (
        "  - {name: one, title: T, formula: f, unit: u, kind: rate, source: s, columns: [], "
        "caveats: [c]}\n"
    )
    text = (
        "metrics:\n  - name: one\n    title: T\n    formula: f\n    unit: x\n    kind: rate\n"
        "    source: s\n    columns: []\n    caveats: [c]\n"
    )
    path = tmp_path / "metrics.yml"
    path.write_text(text)
    assert [metric.name for metric in metrics.load_metrics(path)] == ["one"]
    before, after = change
    path.write_text(text.replace(before, after.replace("{one}", one)))
    with pytest.raises(HandbookError, match=re.escape(found)) as error:
        metrics.load_metrics(path)
    assert "line" in str(error.value)


def test_a_missing_part_makes_the_sum_missing():
    """Shares that a platform does not give, taken for 0."""
    posts = make_posts(post(2, reactions=5), post(3, reactions=5, shares=None))
    assert metrics.public_engagements(posts).tolist() == [5, pd.NA]


counts = st.one_of(st.none(), st.integers(-5, 1000))


@law
@given(st.lists(st.tuples(counts, counts), max_size=12), st.randoms())
def test_a_rate_is_the_sum_over_the_sum(pairs, random):
    """A mean of rates, a rate over a missing or zero denominator, or one that hangs on order."""

    def rate(rows):
        frame = pd.DataFrame(rows, columns=["n", "d"]).astype("Int64")
        return metrics.ratio_of_sums(frame["n"], frame["d"])

    known = [(n, d) for n, d in pairs if n is not None and d is not None]
    base = sum(d for _, d in known)
    expected = sum(n for n, _ in known) / base if base > 0 else None
    assert rate(pairs) == (None if expected is None else pytest.approx(expected))
    shuffled = random.sample(pairs, len(pairs))
    assert rate(shuffled) == (None if expected is None else pytest.approx(expected))


def test_the_rates_divide_by_what_they_name():
    """A rate with the wrong denominator."""
    rows = make_posts(post(2, reactions=6, impressions=60, reach=30, views=20))
    assert metrics.er_by_impressions(rows) == pytest.approx(0.1)
    assert metrics.er_by_reach(rows) == pytest.approx(0.2)
    assert metrics.er_by_views(rows) == pytest.approx(0.3)
    with_total = metrics.with_followers(rows, make_days(day(0, followers_total=600)))
    assert metrics.er_by_followers(with_total) == pytest.approx(0.01)


def test_followers_are_those_of_the_day_of_publication():
    """Today's followers under an old post, tomorrow's under today's, or a total of last year."""
    days = make_days(
        {**A, "date": date(2025, 3, 1), "followers_total": 1}, day(0, followers_total=10),
        day(5, followers_total=20),
    )  # fmt: skip
    posts = make_posts(post(1), post(2), post(6), post(30))
    found = metrics.with_followers(posts, days)["followers"]
    assert found.tolist() == [pd.NA, 10, 10, pd.NA]


def test_audience_from_totals():
    """A change counted from the first day of the period in place of the day before it."""
    days = make_days(day(-1, followers_total=100), day(0, followers_total=104),
                     day(6, followers_total=110), day(7, followers_total=999))  # fmt: skip
    row = metrics.audience(make_channels(A), days, WEEK).iloc[0]
    assert (row["followers_start"], row["followers_end"], row["change"]) == (100, 110, 10)
    assert row["change_share"] == pytest.approx(0.1)
    assert row["change_from"] == "totals"


def test_a_change_is_counted_from_the_total_nearest_to_the_periods_start():
    """The growth of a year told as that of a week, for a channel that is seldom counted."""
    old = {**A, "date": date(2025, 3, 1), "followers_total": 1}
    channels, late = make_channels(A), day(6, followers_total=110)
    near = metrics.audience(channels, make_days(old, day(2, followers_total=104), late), WEEK)
    assert (near["followers_start"][0], near["change"][0]) == (104, 6)
    alone = metrics.audience(channels, make_days(old, late), WEEK)
    assert alone["followers_end"][0] == 110
    assert alone["change"].isna().all()


@pytest.mark.parametrize(
    ("measures", "change", "how", "known"),
    [
        ({"followers_net": -1}, -2, "net per day", 2),
        ({"followers_gained": 3, "followers_lost": 1}, 4, "net per day", 2),
        ({"followers_gained": 3}, 6, "gained per day", 2),
        ({"impressions": 3}, pd.NA, pd.NA, pd.NA),
    ],
)
def test_audience_without_totals(measures, change, how, known):
    """A change from days that is not said to be one, or 0 where nothing is known."""
    days = make_days(day(0, **measures), day(4, **measures), day(9, **measures))
    row = metrics.audience(make_channels(A), days, WEEK).iloc[0]
    assert [row["change"]] == [change]
    assert [row["change_from"]] == [how]
    assert [row["change_days"]] == [known]
    assert row[["followers_start", "change_share"]].isna().all()


@pytest.mark.parametrize(
    ("last", "said"),
    [(2, "from the daily net changes of 3 of 7 days;"), (6, "from the daily net changes;")],
)
def test_a_change_of_some_days_is_not_told_as_that_of_the_period(last, said):
    """A channel whose export ended early, told as if it had gained so few in all the weeks."""
    days = make_days(*(day(number, followers_net=2) for number in range(last + 1)))
    table = metrics.audience(make_channels(A), days, WEEK)
    assert said in metrics.describe_audience(table, WEEK)[0]


def test_activity_counts_posts_of_the_known_days():
    """Posts of other weeks, replies counted as content, or zeros where nothing is known."""
    channels = make_channels(A, {"channel_id": "x:silent"})
    posts = make_posts(post(1), post(3), post(4, post_type="reply"), post(8), post(9))
    days = make_days(day(0, impressions=5), day(1, impressions=7), day(2), day(9, impressions=9))
    table = metrics.activity(channels, days, posts, WEEK).set_index("channel_id")
    known, silent = table.loc["x:a"], table.loc["x:silent"]
    assert (known["posts"], known["posts_before"], known["known_days"]) == (2, 1, 7)
    assert known["posts_per_week"] == 2
    assert known["impressions"] == 12
    assert silent[["posts", "posts_per_week", "impressions", "views"]].isna().all()


def test_a_rate_of_a_few_days_is_not_told():
    """One post on the only known day, told as seven posts a week."""
    table = metrics.activity(make_channels(A), make_days(), make_posts(post(3)),
                             Period(date(2026, 2, 1), date(2026, 3, 5)))  # fmt: skip
    assert (table["posts"][0], table["known_days"][0]) == (1, 3)
    assert table["posts_per_week"].isna().all()


def test_engagement_takes_the_posts_of_the_period():
    """Engagements of other weeks, or a rate whose number of posts is not the one it rests on."""
    posts = make_posts(
        post(3, reactions=4, views=100), post(4, reactions=2), post(20, reactions=99, views=100)
    )
    row = metrics.engagement(make_channels(A), make_days(), posts, WEEK).iloc[0]
    assert (row["posts"], row["public_engagements"]) == (2, 6)
    assert (row["er_by_views"], row["n_er_by_views"]) == (pytest.approx(0.04), 1)
    assert [row["er_by_reach"], row["n_er_by_reach"]] == [pd.NA, 0]


def test_posts_that_nobody_exported_are_not_told_as_none():
    """A channel of which only followers are known, said to have posted nothing."""
    quiet, old = {"channel_id": "x:quiet"}, {"channel_id": "x:old"}
    posts = make_posts(
        post(1) | quiet, post(1) | old | {"observed_on": date(2026, 3, 1)}, post(3, reactions=1)
    )
    days = make_days(day(1, followers_total=5) | {"channel_id": "x:unknown"})
    channels = make_channels(A, quiet, old, {"channel_id": "x:unknown"})
    table = metrics.engagement(channels, days, posts, WEEK).set_index("label")["posts"]
    assert table["x:a (X)"] == 1
    assert table["x:quiet (X)"] == 0
    assert table[["x:old (X)", "x:unknown (X)"]].isna().all()
    told = metrics.describe_engagement(
        metrics.engagement(channels, days, posts, WEEK), "er_by_views", WEEK
    )
    assert "No posts in the period: x:quiet (X)." in told
    assert "No record of single posts in the period: x:old (X) and x:unknown (X)." in told


def test_few_posts_are_not_ranked():
    """A channel on top of the ranking for one lucky post, or for its few videos."""
    lucky = {"channel_id": "x:lucky"}
    videos = {"channel_id": "x:videos"}
    posts = make_posts(
        *(post(3, reactions=1, views=100) for _ in range(5)),
        post(3, reactions=50, views=100) | lucky,
        *(post(3, reactions=60, views=100) | videos for _ in range(5)),
        *(post(3, reactions=1) | videos for _ in range(6)),
    )
    table = metrics.engagement(make_channels(A, lucky, videos), make_days(), posts, WEEK)
    assert metrics.enough_posts(table, "er_by_views")["channel_id"].tolist() == ["x:a"]
    said = " ".join(metrics.describe_engagement(table, "er_by_views", WEEK))
    assert "under 5 posts: x:lucky (X)" in said
    assert "most of the posts give no such rate: x:videos (X)" in said


def test_the_figure_takes_the_rate_that_most_channels_have():
    """A figure of one channel where another definition would show all."""
    b = {"channel_id": "x:b"}
    posts = make_posts(
        *(post(3, reactions=1, views=10, impressions=10) for _ in range(5)),
        *(post(3, reactions=1, reach=10, views=10) | b for _ in range(5)),
    )
    table = metrics.engagement(make_channels(A, b), make_days(), posts, WEEK)
    assert metrics.commonest_rate(table) == "er_by_views"


def test_missing_days_are_counted_between_the_first_and_the_last():
    """A gap that is not seen, a day before the record called missing, or 0 taken for missing."""
    days = make_days(day(0, impressions=0), day(1), day(4, impressions=2), day(5, impressions=1))
    row = metrics.missing_data(make_channels(A), days, make_posts(), date(2026, 3, 10)).iloc[0]
    assert (row["days_missing"], row["longest_gap_days"], row["days_behind"]) == (3, 3, 3)
    assert "impressions" not in row["not_given"].split(", ")
    assert "views" in row["not_given"].split(", ")


@law
@given(st.sets(st.integers(0, 60), min_size=1))
def test_runs_and_missing_days_add_up_to_the_whole(numbers):
    """Days lost or counted twice between the strips of the figure and the table."""
    days = make_days(*(day(number, views=1) for number in sorted(numbers)))
    channels = make_channels(A)
    runs = metrics.runs_of_days(channels, days)
    row = metrics.missing_data(channels, days, make_posts(), date(2027, 1, 1)).iloc[0]
    assert runs["days"].sum() == len(numbers)
    assert len(numbers) + row["days_missing"] == max(numbers) - min(numbers) + 1


@law
@given(st.lists(st.integers(0, 500), min_size=1, max_size=70))
def test_weeks_add_up_to_the_days(values):
    """A day that falls between two weeks, or into both."""
    days = make_days(*(day(number, views=value) for number, value in enumerate(values)))
    period = Period.last_calendar_weeks(12, days["date"].max().date())
    table = metrics.weekly(days, "x:a", "views", period)
    within = period.select(days)
    assert table["value"].sum() == within["views"].sum()
    assert table["days"].sum() == len(within)
    assert len(table) == 12
    assert (table["week_start"].dt.day_of_week == 0).all()


def test_reach_is_never_summed_over_days():
    """A week's reach that counts one account seven times, and a stock that is added up."""
    days = make_days(*(day(n, reach=10, followers_total=100 + n) for n in range(7)))
    reach = metrics.weekly(days, "x:a", "reach", WEEK)
    followers = metrics.weekly(days, "x:a", "followers_total", WEEK)
    assert reach["value"].tolist() == [10]
    assert followers["value"].tolist() == [106]


def test_followers_history_keeps_missing_days_missing():
    """A line that falls to zero on a day without data; gains mixed with totals."""
    days = make_days(
        day(0, followers_total=5), day(1), day(2, followers_total=7),
        day(0, followers_gained=2) | {"channel_id": "x:b"},
        day(3, followers_gained=-1) | {"channel_id": "x:b"},
    )  # fmt: skip
    table = metrics.followers_history(make_channels(A, {"channel_id": "x:b"}), days)
    assert table["value"].tolist() == [5, 7, 2, 1]
    assert table["kind"].tolist() == ["followers"] * 2 + ["gained"] * 2


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_changes_nothing(seed):
    """A table that hangs on how the store happened to sort its rows."""
    rows = [day(n, followers_total=100 + n, views=n) for n in range(10)]
    posts = [post(2 + n, reactions=n, views=10) for n in range(8)]
    channels = make_channels(A)

    def tables(days, own_posts):
        days = make_days(*days).sort_values(["channel_id", "date"])
        return (
            metrics.audience(channels, days, WEEK),
            metrics.activity(channels, days, own_posts, WEEK),
            metrics.engagement(channels, days, own_posts, WEEK),
        )

    shuffled = make_posts(*posts).sample(frac=1, random_state=seed)
    for one, other in zip(
        tables(rows, make_posts(*posts)), tables(rows[::-1], shuffled), strict=True
    ):
        pd.testing.assert_frame_equal(one, other)


NOTHING = (make_channels(), make_days(), make_posts())


def test_nothing_is_said_of_nothing():
    """A traceback, a warning or an invented number on an empty store."""
    channels, days, posts = NOTHING
    period = Period.last(12, None)
    assert metrics.audience(channels, days, period).empty
    said = [
        *metrics.describe_audience(metrics.audience(channels, days, period), period),
        *metrics.describe_activity(metrics.activity(channels, days, posts, period), period),
        *metrics.describe_missing(metrics.missing_data(channels, days, posts, None)),
    ]
    table = metrics.engagement(channels, days, posts, period)
    said += metrics.describe_engagement(table, metrics.commonest_rate(table), period)
    assert set(said) == {metrics.NO_DAYS}


def test_the_sentences_tell_the_numbers_of_the_table():
    """A sentence that names another channel or another number than the table."""
    b = {"channel_id": "x:b"}
    c = {"channel_id": "x:c"}
    days = make_days(
        day(-1, followers_total=100), day(6, followers_total=90),
        day(-1, followers_total=1000) | b, day(6, followers_total=1500) | b,
        day(-1, followers_total=10) | c, day(6, followers_total=16) | c,
    )  # fmt: skip
    table = metrics.audience(make_channels(A, b, c), days, WEEK)
    said = metrics.describe_audience(table, WEEK)
    assert said[0] == "2 of 3 channels with follower numbers gained followers, 1 lost some."
    assert said[1] == "Gained most: x:b (X), +500 (from the totals; 2 Mar – 8 Mar 2026)."
    assert said[2] == "Best for its size: x:c (X), +60.0% of 10 followers."
