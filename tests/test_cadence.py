"""Posting against plans: records, weeks, pauses, gaps and dormant channels."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from frames import law, make_channels, make_days, make_posts
from hypothesis import given
from hypothesis import strategies as st

from handbook import cadence

MONDAY = date(2026, 3, 2)
AS_OF = date(2026, 6, 28)
"""A Sunday, 17 weeks later."""

PLAN = {
    "has_plan": True,
    "plan_starts": MONDAY,
    "plan_ends": date(2026, 12, 31),
    "posts_per_week": 2,
}


def channel(**facts) -> pd.DataFrame:
    return make_channels({"channel_id": "x:a", "status": "active", **facts})


def posts_on(*numbers: int, **facts) -> pd.DataFrame:
    """Return a post on each of the days after `MONDAY`, observed on `AS_OF`."""
    rows = [
        {"channel_id": "x:a", "published_date": MONDAY + timedelta(n), "observed_on": AS_OF}
        for n in numbers
    ]
    return make_posts(*(row | facts for row in rows))


def record_of(channels, posts, days=None, as_of=AS_OF):
    return cadence.post_record(channels, make_days() if days is None else days, posts, as_of)


def gaps_of(channels, posts, months=2, as_of=AS_OF):
    record = record_of(channels, posts, as_of=as_of)
    return cadence.gaps(channels, record, as_of, dormant_after_months=months).iloc[0]


def test_the_record_goes_from_the_first_post_to_the_newest_export():
    """Zeros before the first known post, or after the last export: there nothing is known."""
    posts = posts_on(3, 10, observed_on=MONDAY + timedelta(20))
    record = record_of(channel(), posts)
    assert record["date"].min() == pd.Timestamp(MONDAY + timedelta(3))
    assert record["date"].max() == pd.Timestamp(MONDAY + timedelta(20))
    assert record["posts"].sum() == 2


def test_nothing_after_as_of_counts():
    """A record that knows more than the day on which it is asked."""
    record = record_of(channel(), posts_on(3, 10), as_of=MONDAY + timedelta(5))
    assert record["posts"].tolist() == [1, 0, 0]


def test_replies_and_reposts_are_not_new_content():
    """A channel that keeps its promise by answering."""
    posts = pd.concat([posts_on(0), posts_on(1, post_type="reply"),
                       posts_on(2, post_type="repost")])  # fmt: skip
    assert record_of(channel(), posts)["posts"].sum() == 1


def test_numbers_a_day_stand_where_single_posts_are_unknown():
    """A channel that exports only totals and is said to be silent; a missing day made 0."""
    days = make_days(
        {"channel_id": "x:a", "date": MONDAY, "posts_published": 2},
        {"channel_id": "x:a", "date": MONDAY + timedelta(1)},
        {"channel_id": "x:a", "date": MONDAY + timedelta(2), "posts_published": 0},
    )
    assert record_of(channel(), make_posts(), days)["posts"].tolist() == [2, 0]
    assert record_of(channel(), posts_on(9), days)["posts"].sum() == 1


@law
@given(st.lists(st.integers(0, 118), min_size=1, max_size=40))
def test_weeks_add_up_to_the_record(numbers):
    """A post that falls between two weeks; a week of eight days."""
    channels = channel(**PLAN)
    record = record_of(channels, posts_on(*numbers))
    table = cadence.weeks(channels, record)
    assert table["posts"].sum() == len(numbers)
    assert table["known_days"].sum() == len(record)
    assert table["known_days"].between(1, 7).all()
    assert (table["partial"] == (table["known_days"] < 7)).all()
    assert (table["week_start"].dt.day_of_week == 0).all()
    judged = (record["in_plan"] & ~record["paused"]).sum()
    assert table["promised"].sum() == pytest.approx(2 * judged / 7)


def test_weeks_are_iso_weeks():
    """A week of the turn of the year under the wrong year."""
    posts = make_posts(
        {"channel_id": "x:a", "published_date": date(2027, 1, 1), "observed_on": date(2027, 1, 4)}
    )
    record = record_of(channel(), posts, as_of=date(2027, 1, 4))
    assert cadence.weeks(channel(), record)["week"].tolist() == ["2026-W53", "2027-W01"]


def test_a_plan_is_compared_within_plan_and_record():
    """Days before the plan, or posts outside it, that count for or against it."""
    plan = {**PLAN, "plan_starts": MONDAY + timedelta(7), "plan_ends": MONDAY + timedelta(34)}
    numbers = [0, 1, 2, 3, *range(7, 35, 7), 60]
    channels = channel(**plan)
    row = cadence.rhythm(channels, record_of(channels, posts_on(*numbers)), AS_OF).iloc[0]
    assert (row["judged_days"], row["plan"], row["verdict"]) == (28, "ended", "below")
    assert row["kept_per_week"] == pytest.approx(1)
    assert row["share_kept"] == pytest.approx(0.5)


def test_a_planned_pause_is_neither_kept_nor_missed():
    """A summer break that was planned and is held against the channel."""
    pause = ((MONDAY + timedelta(28), MONDAY + timedelta(83)),)
    numbers = [n for week in (*range(4), *range(12, 17)) for n in (7 * week, 7 * week + 3)]
    kept = channel(**PLAN, planned_pauses=pause)
    row = cadence.rhythm(kept, record_of(kept, posts_on(*numbers)), AS_OF).iloc[0]
    assert (row["judged_days"], row["verdict"]) == (63, "kept")
    assert gaps_of(kept, posts_on(*numbers))["gap_days"] == 3
    assert gaps_of(channel(**PLAN), posts_on(*numbers))["gap_days"] == 59


@pytest.mark.parametrize(
    ("facts", "numbers", "plan", "verdict"),
    [
        ({}, [0, 9], "none", "no promise"),
        ({**PLAN, "posts_per_week": None}, [0, 9], "in force", "no promise"),
        (PLAN, [], "in force", "no record"),
        ({**PLAN, "plan_starts": date(2026, 6, 8)}, [0], "in force", "too early"),
        ({**PLAN, "plan_starts": date(2026, 7, 1)}, [0], "not started", "too early"),
        ({**PLAN, "plan_starts": None, "plan_ends": None}, [0], "no dates", "below"),
    ],
)
def test_what_cannot_be_judged_is_said(facts, numbers, plan, verdict):
    """A verdict on a channel without promise, record or time enough."""
    channels = channel(**facts)
    row = cadence.rhythm(channels, record_of(channels, posts_on(*numbers)), AS_OF).iloc[0]
    assert (row["plan"], row["verdict"]) == (plan, verdict)


@pytest.mark.parametrize(("posts", "written", "verdict"), [(29, 2.0, "kept"), (28, 1.9, "below")])
def test_the_verdict_compares_what_is_written(posts, written, verdict):
    """1.97 posts a week, written as 2.0, called less than 2."""
    channels = channel(**{**PLAN, "plan_ends": MONDAY + timedelta(102)})
    record = record_of(channels, posts_on(*[0] * posts))
    row = cadence.rhythm(channels, record, AS_OF).iloc[0]
    assert row["kept_per_week"] < 2
    assert (round(row["kept_per_week"], 1), row["verdict"]) == (written, verdict)


def test_gaps_inside_and_at_the_end():
    """A gap counted with the days of the posts around it, or an open one not seen."""
    inner = gaps_of(channel(), posts_on(0, 11, *range(12, 119)))
    assert (inner["gap_days"], inner["gap_open"], inner["state"]) == (10, False, "active")
    assert inner["gap_from"] == pd.Timestamp(MONDAY + timedelta(1))
    assert inner["gap_to"] == pd.Timestamp(MONDAY + timedelta(10))
    last = gaps_of(channel(), posts_on(0, 5))
    assert (last["gap_days"], last["gap_open"], last["days_silent"]) == (113, True, 113)


@pytest.mark.parametrize(
    ("status", "last_post", "observed_on", "state"),
    [
        ("active", date(2026, 4, 28), AS_OF, "active"),
        ("active", date(2026, 4, 27), AS_OF, "dormant"),
        (None, date(2026, 4, 27), AS_OF, "dormant"),
        ("active", date(2026, 4, 27), date(2026, 5, 1), "cannot tell"),
        ("closed", date(2026, 3, 2), AS_OF, "closed"),
        ("paused", date(2026, 3, 2), AS_OF, "paused"),
    ],
)
def test_dormant_after_so_many_months(status, last_post, observed_on, state):
    """A day too early or late, silence concluded from an old export, a closed channel blamed."""
    posts = make_posts(
        {"channel_id": "x:a", "published_date": last_post, "observed_on": observed_on}
    )
    assert gaps_of(channel(status=status), posts)["state"] == state


def test_a_channel_without_posts_is_not_called_dormant():
    """Silence concluded from data that hold no posts at all."""
    row = gaps_of(channel(), make_posts())
    assert (row["state"], row["days_silent"] is pd.NA) == ("no record", True)


def test_the_calendar_keeps_unknown_and_silent_weeks_apart():
    """A week before the record shown as a week without a post."""
    channels = channel(**PLAN)
    table = cadence.calendar(channels, record_of(channels, posts_on(0, 20)), AS_OF, n_weeks=20)
    assert len(table) == 20
    assert table["posts"].isna().sum() == 3
    assert (table["posts"] == 0).sum() == 15
    totals = cadence.calendar_totals(table).iloc[0]
    assert (totals["weeks"], totals["silent_weeks"], totals["most"]) == (17, 15, 1)


def test_nothing_is_said_of_nothing():
    """A traceback, a warning or an invented number on an empty store."""
    channels = make_channels()
    record = record_of(channels, make_posts(), as_of=None)
    gaps = cadence.gaps(channels, record, None, dormant_after_months=6)
    said = [
        *cadence.describe_rhythm(cadence.rhythm(channels, record, None)),
        *cadence.describe_gaps(gaps, dormant_after_months=6),
        *cadence.describe_calendar(cadence.calendar(channels, record, None)),
    ]
    assert len(said) == 3
    assert not any(letter.isdigit() for letter in " ".join(said))


def test_the_sentences_tell_the_numbers_of_the_table():
    """A sentence that names another channel or another number than the table."""
    channels = make_channels(
        {"channel_id": "x:a", **PLAN}, {"channel_id": "x:b", **PLAN}, {"channel_id": "x:c"}
    )
    b = posts_on(*range(119))
    b["channel_id"] = "x:b"
    record = record_of(channels, pd.concat([posts_on(0, 3), b]))
    said = cadence.describe_rhythm(cadence.rhythm(channels, record, AS_OF))
    assert said[0].startswith("1 of 2 channels")
    assert "x:a (X), 0.1 posts a week where 2 were promised (2 Mar – 28 Jun 2026)" in said[1]
    assert said[2] == "No posts in the data, so nothing to compare: x:c (X)."


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (
            [0, 1, 2, 7, 14],
            "most posts in the week of 2 Mar 2026 (3), fewest in 14 weeks (0 each).",
        ),
        ([0, 7, 14, 15, 28, 29], "most posts in 2 weeks (2 each), fewest in 13 weeks (0 each)."),
    ],
)
def test_weeks_that_tie_are_counted(days, said):
    """One of several equal weeks told as the busiest or the quietest."""
    channels = channel(**PLAN)
    record = record_of(channels, posts_on(*days))
    line = cadence.describe_calendar(cadence.calendar(channels, record, AS_OF))[1]
    assert line == f"Of the weeks known in full, {said}"


def test_a_week_known_in_part_is_not_the_quietest():
    """Two days of the newest week compared with seven of the others."""
    channels = channel(**PLAN)
    record = record_of(channels, posts_on(*range(0, 112, 7), 1), as_of=AS_OF - timedelta(5))
    lines = cadence.describe_calendar(cadence.calendar(channels, record, AS_OF))
    assert lines[1].endswith("(2), fewest in 15 weeks (1 each).")
    assert lines[2] == "Weeks without a post: 1 of 17."


def test_weeks_that_are_all_alike_have_no_busiest():
    """The same week told as the one with most posts and the one with fewest."""
    channels = channel(**PLAN)
    record = record_of(channels, posts_on(*range(0, 119, 7)))
    lines = cadence.describe_calendar(cadence.calendar(channels, record, AS_OF))
    assert lines[1:] == ["Weeks without a post: none of 17."]


def test_the_threshold_says_whose_it_is():
    """Another institution's practice told as a rule of the university."""
    said = cadence.describe_threshold(6, "practice", "Some College does so")
    assert "6 months" in said
    assert "not a rule of the university: Some College does so." in said
