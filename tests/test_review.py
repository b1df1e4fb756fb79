"""A month in review: which sums stand, which posts are compared, what is said to be missing."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from frames import make_channels, make_days, make_posts
from hypothesis import given
from hypothesis import strategies as st

from handbook import charts, explorers, review
from handbook.errors import HandbookError

SOURCE = "Made-up data of a test"
OCTOBER = review.month_of("2026-10")
CHANNELS = make_channels({"channel_id": "x:a"}, {"channel_id": "x:b"})
COUNTS = {"reactions": 3, "comments": 1, "shares": 0}


def days_of(first: date, n: int, **measures: int) -> list[dict]:
    return [{"channel_id": "x:a", "date": first + timedelta(i)} | measures for i in range(n)]


def posts_of(first: date, n: int, **measures: int) -> list[dict]:
    return [
        {"channel_id": "x:a", "post_id": f"{first}-{i}", "published_date": first + timedelta(i)}
        | {"observed_on": date(2026, 11, 30)}
        | measures
        for i in range(n)
    ]


def snapshots_of(posts: list[dict], age: int, period: str = "lifetime", **numbers) -> pd.DataFrame:
    rows = [
        {"channel_id": post["channel_id"], "post_id": post["post_id"], "period": period,
         "observed_on": pd.Timestamp(post["published_date"] + timedelta(age))}
        | COUNTS | numbers
        for post in posts
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("text", ["2026-13", "2026", "October", "26-10", "", "2026-00", "0001-01"])
def test_what_is_no_month_is_refused(text):
    """A typing mistake that is taken for another month."""
    with pytest.raises(HandbookError, match="expected a month such as 2026-10"):
        review.month_of(text)


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_the_last_full_month_ends_at_the_day_or_before(day):
    """A month that is not over, or an older one than the newest full one."""
    month = review.last_full_month(day)
    assert month.start.day == 1 and month.end <= day
    following = month.end + timedelta(1)
    assert (following.year, following.month) >= (day.year, day.month)
    assert review.month_before(month).end + timedelta(1) == month.start
    assert review.year_before(month).start.year == month.start.year - 1


def test_a_sum_needs_every_day_and_a_change_both_months():
    """A month with a missing day that looks like a weak one; a change from nothing."""
    days = make_days(
        *days_of(date(2026, 9, 1), 30, views=2, impressions=0),
        *days_of(date(2026, 10, 1), 31, views=3, impressions=5),
        *days_of(date(2025, 10, 2), 30, views=1),
    )
    table = review.compare_days(CHANNELS, days, make_posts(), OCTOBER).set_index("measure")
    assert table.loc["views", "value"] == 93
    assert table.loc["views", "before"] == 60
    assert table.loc["views", "change_before"] == pytest.approx(0.55)
    assert table.loc["views", "last_year"] is pd.NA
    assert table.loc["impressions", "before"] == 0
    assert table.loc["impressions", "change_before"] is pd.NA


def test_the_sentences_tell_last_year_only_where_it_is_known():
    """The same month last year left out of the text, or told of a year without data."""
    days = [*days_of(date(2026, 9, 1), 30, views=2), *days_of(date(2026, 10, 1), 31, views=3)]
    last_year = days_of(date(2025, 10, 1), 31, views=5)
    for held, known in ((days, False), ([*last_year, *days], True)):
        table = review.compare_days(CHANNELS, make_days(*held), make_posts(), OCTOBER)
        found = " ".join(review.describe_days(table, OCTOBER))
        assert ("and 0 of 1 more than in October 2025." in found) == known
        assert ("The same month last year is not in the data." in found) != known


def test_new_followers_come_from_what_there_is():
    """Totals whose gap is counted as one day's gain; losses that are left out."""
    totals = days_of(date(2026, 9, 30), 32)
    for number, row in enumerate(totals):
        row["followers_total"] = 100 + 2 * number
    lost = days_of(date(2026, 10, 1), 31, followers_gained=5, followers_lost=2)
    for days, expected in ((totals, 62), (lost, 93)):
        table = review.compare_days(CHANNELS, make_days(*days), make_posts(), OCTOBER)
        assert table.set_index("measure").loc["followers", "value"] == expected
    gap = make_days(*totals[:5], *totals[8:])
    table = review.compare_days(CHANNELS, gap, make_posts(), OCTOBER).set_index("measure")
    assert table.loc["followers", "value"] is pd.NA


def test_posts_are_compared_at_equal_age_only():
    """Posts that had a year to gather, held against posts of last week."""
    now, before = posts_of(date(2026, 10, 1), 8), posts_of(date(2026, 9, 1), 8)
    posts = make_posts(*now, *before)
    equal = pd.concat([snapshots_of(now, 28), snapshots_of(before, 30, reactions=9)])
    table = review.compare_posts(CHANNELS, posts, equal, OCTOBER)
    row = table.iloc[0]
    assert (row["age"], row["value"], row["before"], row["n"]) == (28, 4.0, 10.0, 8)
    late = pd.concat([snapshots_of(now, 5), snapshots_of(before, 60)])
    table = review.compare_posts(CHANNELS, posts, late, OCTOBER)
    assert table["age"].isna().all()
    assert table["why"][0] == "no export 7 or 28 days after most posts"
    assert "not comparable" in review.describe_posts(table, OCTOBER)[0]


def test_what_keeps_a_month_from_being_compared_is_said():
    """A reader sent to look for an earlier month, where most posts of this one are not known."""
    now, before = posts_of(date(2026, 10, 1), 12), posts_of(date(2026, 9, 1), 8)
    posts = make_posts(*now, *before)
    for known, why in (
        (now[:5], "no export 7 or 28 days after most posts"),
        (now[:6], "no earlier month at the same age"),
    ):
        aged = pd.concat([snapshots_of(known, 7), snapshots_of(before, 60)])
        assert review.compare_posts(CHANNELS, posts, aged, OCTOBER)["why"][0] == why


def test_exports_twice_a_week_make_months_comparable():
    """Advice that does not help: exports once a week miss the age of half of the posts."""
    end = date(2026, 11, 9)
    exports = [date(2026, 9, 1) + timedelta(n) for n in range((end - date(2026, 9, 1)).days + 1)]
    exports = [day for day in exports if day.weekday() in (0, 3)]
    months = posts_of(date(2026, 9, 1), 30), posts_of(date(2026, 10, 1), 31)
    seen = pd.concat(
        snapshots_of([post], (day - post["published_date"]).days)
        for post in sum(months, [])
        for day in exports
        if day >= post["published_date"]
    )
    table = review.compare_posts(CHANNELS, make_posts(*sum(months, [])), seen, OCTOBER)
    assert (table["age"][0], table["n"][0], table["n_before"][0]) == (7, 31, 30)


def test_few_posts_are_not_compared():
    """Four posts that make a month's verdict."""
    now, before = posts_of(date(2026, 10, 1), 4), posts_of(date(2026, 9, 1), 8)
    known = pd.concat([snapshots_of(now, 28), snapshots_of(before, 28)])
    table = review.compare_posts(CHANNELS, make_posts(*now, *before), known, OCTOBER)
    assert table["why"][0] == "fewer than 5 posts"


def test_numbers_by_the_day_are_summed_over_the_first_days():
    """A post's later days counted as its first ones, or a post whose days are cut off."""
    posts = posts_of(date(2026, 10, 1), 2)
    parts = pd.concat([snapshots_of(posts, age, "day") for age in range(8)])
    found = review.at_age(make_posts(*posts), parts, 7)
    assert list(found["reactions"]) == [21, 21]
    assert review.at_age(make_posts(*posts), parts, 28).empty


def test_the_furthest_posts_are_ranked_by_one_measure():
    """Reach held against views; a post without numbers in the list."""
    posts = make_posts(
        *posts_of(date(2026, 10, 1), 7, reach=10, views=99, **COUNTS),
        *(row | {"post_id": f"v{row['post_id']}"}
          for row in posts_of(date(2026, 10, 2), 3, views=5_000)),
        *(row | {"post_id": f"n{row['post_id']}"} for row in posts_of(date(2026, 10, 9), 1)),
    )  # fmt: skip
    top = review.top_posts(posts, CHANNELS, OCTOBER)
    assert len(top) == 5 and set(top["measure"]) == {"reach"}
    assert top.attrs == {"measure": "reach", "left_out": 4}
    assert "4 posts of the month tell another measure" in " ".join(
        review.describe_top(top, OCTOBER)
    )
    assert review.describe_top(review.top_posts(make_posts(), CHANNELS, OCTOBER), OCTOBER)


def test_what_is_missing_is_told_for_each_channel():
    """A channel that was never exported and is not named."""
    days = make_days(*days_of(date(2026, 10, 1), 30, views=2))
    table = review.missing_in(CHANNELS, days, make_posts(), OCTOBER).set_index("channel_id")
    assert table.loc["x:a", "missing"] == "daily figures of 1 day; no record of posts"
    assert table.loc["x:b", "missing"] == "no daily figures; no record of posts"
    for status, has_data, asked in (
        ("planned", False, False),
        ("planned", True, True),
        ("closed", True, False),
        ("paused", False, True),
    ):
        other = make_channels({"channel_id": "x:c", "status": status, "has_data": has_data})
        assert len(review.missing_in(other, days, make_posts(), OCTOBER)) == asked, status


def test_the_figure_marks_each_month_and_says_the_ends():
    """A month that is not drawn; an alternative text of another table."""
    days = make_days(
        *days_of(date(2026, 9, 1), 30, views=2), *days_of(date(2026, 10, 1), 31, views=3)
    )
    table = review.compare_days(CHANNELS, days, make_posts(), OCTOBER)
    figure = charts.show_month(table, "views", OCTOBER, SOURCE)
    (ax,) = figure.fig.axes
    drawn = {
        line.get_marker(): line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1
    }
    assert drawn == {"o": 60, "D": 93}
    assert "Views: 1 of 1 channel had more in October 2026" in figure.alt
    assert "93 views" in figure.alt
    assert isinstance(charts.show_month(table, "posts", OCTOBER, SOURCE), charts.Note)


def test_the_explorer_follows_its_controls():
    """A control that is dead, a month that the data do not have."""
    days = make_days(
        *days_of(date(2026, 9, 1), 30, views=2), *days_of(date(2026, 10, 1), 31, views=3)
    )
    explorer = explorers.MonthExplorer(
        CHANNELS, days, make_posts(), date(2026, 10, 31), source=SOURCE
    )
    offered = [value for _, value in explorer.controls["month"].options]
    assert offered == ["2026-10", "2026-09"]
    explorer.controls["measure"].value = "views"
    assert "93 views" in explorer.result.value
    explorer.controls["month"].value = "2026-09"
    assert "60 views" in explorer.result.value
    assert 'explore_month(channels, days, posts, "2026-09"' in explorer.reproduce.value.replace(
        "&quot;", '"'
    )
    empty = explorers.MonthExplorer(CHANNELS, make_days(), make_posts(), None, source=SOURCE)
    assert "nothing to choose" in empty.result.value
