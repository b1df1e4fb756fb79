"""The yearly review: a plan against a record, two years, and what speaks for a decision."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from frames import make_channels, make_days, make_posts

from handbook import growth, organisation, yearly
from handbook.errors import HandbookError
from handbook.periods import Period

END = date(2026, 10, 31)
ORGANISATION = organisation.load()
PLAN = {
    "channel_id": "x:a",
    "platform": "x",
    "language": "en",
    "status": "active",
    "has_plan": True,
    "plan_starts": date(2026, 1, 1),
    "plan_ends": date(2026, 12, 31),
    "posts_per_week": 7.0,
    "target_answered": False,
}


def days_of(n_days: int, channel_id: str = "x:a", **measures) -> list[dict]:
    """Return days up to `END`; a measure may be a function of the day's number."""
    days = pd.date_range(end=END, periods=n_days)
    return [
        {"channel_id": channel_id, "date": day}
        | {name: told(n) if callable(told) else told for name, told in measures.items()}
        for n, day in enumerate(days)
    ]


def posts_of(n_days: int, every: int = 1, channel_id: str = "x:a", **measures) -> list[dict]:
    days = pd.date_range(end=END, periods=n_days)[::every]
    return [
        {"channel_id": channel_id, "published_date": day, "observed_on": END, "post_type": "text"}
        | measures
        for day in days
    ]


def review(rows=(PLAN,), days=(), posts=(), channel_id="x:a") -> yearly.Year:
    return yearly.review(
        channel_id,
        make_channels(*rows),
        make_days(*days),
        make_posts(*posts),
        END,
        ORGANISATION,
    )


def row_of(table: pd.DataFrame, what: str) -> pd.Series:
    return table.set_index("what").loc[what]


@pytest.mark.parametrize(
    ("end", "start"),
    [
        (date(2026, 10, 31), date(2025, 11, 1)),
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2025, 2, 28), date(2024, 2, 29)),
    ],
)
def test_a_year_has_twelve_months(end, start):
    """A year that counts a day twice, or loses one, around a leap day."""
    year = yearly.last_year(end)
    assert year == Period(start, end)
    assert yearly.year_before(year).end == start - pd.Timedelta(days=1)


def test_without_a_channel_nothing_is_judged():
    """An empty store that ends in a traceback, or in a verdict."""
    year = yearly.review(None, make_channels(), make_days(), make_posts(), None, ORGANISATION)
    assert year.channel_id is None
    for table in (year.plan, year.numbers, year.mix, year.findings, year.decisions):
        assert table.empty
    assert yearly.describe(year) == year.unknown == ["There is no channel to review."]


def test_the_first_channel_with_a_plan_and_data_is_chosen():
    """A review that opens on a channel which has nothing to show."""
    rows = [
        {"channel_id": "x:none", "has_data": False, "has_plan": True},
        {"channel_id": "x:data"},
        {"channel_id": "x:both", "has_plan": True},
    ]
    assert yearly.choose(make_channels(*rows)) == "x:both"
    assert yearly.choose(make_channels(*rows[:2])) == "x:data"
    assert yearly.choose(make_channels(rows[0])) == "x:none"
    assert yearly.choose(make_channels()) is None
    assert yearly.choose(make_channels(*rows), "x:none") == "x:none"


def test_an_unknown_channel_is_named_with_the_nearest():
    """A wrong letter that leaves the user to guess the ids."""
    channels = make_channels({"channel_id": "x:our-page"}, {"channel_id": "tiktok:lab"})
    with pytest.raises(HandbookError, match=r"'x:our-pge'.*Nearest: x:our-page"):
        yearly.choose(channels, "x:our-pge")
    with pytest.raises(HandbookError, match="handbook status"):
        yearly.choose(channels, "%%%%%%%%%%%%")


@pytest.mark.parametrize(("every", "verdict"), [(1, "kept"), (2, "not kept")])
def test_the_promised_rhythm_is_held_against_the_posts(every, verdict):
    """A promise that is kept and called broken, or the other way round."""
    year = review(posts=posts_of(300, every))
    assert row_of(year.plan, "New posts")["verdict"] == verdict
    assert ("less than its plan" in yearly.describe(year)[0]) == (verdict == "not kept")
    speaks = year.decisions.set_index("decision")["speaks_for"]
    assert ("rhythm" in speaks["keep"]) == (verdict == "kept")
    assert ("Fewer posts" in speaks["change"]) == (verdict == "not kept")


def test_a_planned_pause_is_no_gap():
    """A summer break that the plan announced, told as a failure."""
    quiet = [row for row in posts_of(300) if row["published_date"].month != 7]
    pause = (date(2026, 7, 1), date(2026, 7, 31))
    gap = row_of(review(posts=quiet).plan, "Gaps")
    assert "31 days, 1 Jul – 31 Jul 2026" in gap["record"]
    gap = row_of(review([PLAN | {"planned_pauses": (pause,)}], posts=quiet).plan, "Gaps")
    assert "31 days" not in gap["record"]
    assert gap["plan"] == "1 planned pause: 1 Jul – 31 Jul 2026"


@pytest.mark.parametrize(
    ("target", "by", "verdict"),
    [
        (1_300, date(2026, 12, 31), "reached"),
        (1_402, date(2026, 12, 31), "likely"),
        (90_000, date(2026, 12, 31), "unlikely"),
        (1_500, None, "open"),
        (1_200, date(2026, 9, 30), "reached"),
        (1_399, date(2026, 9, 30), "not reached"),
    ],
)
def test_the_goal_is_held_against_the_followers(target, by, verdict):
    """A goal judged by another day's followers than those of its own day."""
    plan = PLAN | {"members_target": target, "members_target_by": by, "target_answered": True}
    year = review([plan], days_of(400, followers_total=lambda n: 1_000 + n))
    goal = year.goal
    assert goal.verdict == verdict
    assert (goal.probability is not None) == (by is not None and verdict in ("likely", "unlikely"))
    if verdict in ("likely", "unlikely"):
        assert "; the last 12 weeks: +7." in goal.record
        assert growth.write_chance(goal.probability) in goal.record


def test_a_goal_without_totals_or_with_few_cannot_be_told():
    """A probability from three points, or from none."""
    plan = PLAN | {"members_target": 5_000, "members_target_by": date(2027, 1, 31)}
    assert review([plan]).goal.verdict == "cannot tell"
    few = review([plan], days_of(3, followers_total=10)).goal
    assert (few.verdict, few.probability) == ("cannot tell", None)
    assert "Too short to forecast" in few.record
    assert review().goal.verdict == "no goal"


def test_years_compare_only_where_both_are_known():
    """A channel that began in summer and has doubled by the calendar's doing."""
    whole = review(days=days_of(730, impressions=lambda n: 20 if n >= 365 else 10))
    told = row_of(whole.numbers, "Impressions")
    assert (told["value"], told["before"], told["change"]) == ("7,300", "3,650", "+100.0%")
    part = row_of(review(days=days_of(500, impressions=10)).numbers, "Impressions")
    assert part["change"] == "–"
    assert part["known"] == "365 days and 135 days"


def test_measures_of_the_plan_are_told_or_missed():
    """A measure that the data lack, told as zero."""
    plan = PLAN | {"measures": ("er_by_reach", "impressions", "newsletter readers")}
    posts = posts_of(100, reach=100, reactions=1, comments=1, shares=0)
    told = row_of(review([plan], days_of(10, impressions=5), posts).plan, "Measures")
    assert "engagement rate by reach: 2.00%" in told["record"]
    assert "impressions: 50" in told["record"]
    assert "newsletter readers: not in the data" in told["record"]
    assert told["verdict"] == "partly known"


def test_what_speaks_for_merging_and_closing():
    """A neighbour that is closed or of another language, offered to merge with."""
    others = [
        {"channel_id": "x:near", "platform": "x", "language": "en", "status": "active"},
        {"channel_id": "x:closed", "platform": "x", "language": "en", "status": "closed"},
        {"channel_id": "x:fi", "platform": "x", "language": "fi", "status": "active"},
    ]
    silent = [row for row in posts_of(400) if row["published_date"].year == 2025]
    year = review([PLAN | {"enough_resources": "no"}, *others], posts=silent)
    speaks = year.decisions.set_index("decision")["speaks_for"]
    assert "x:near" in speaks["merge"]
    assert "x:closed" not in speaks["merge"] and "x:fi" not in speaks["merge"]
    assert "resources" in speaks["close"]
    assert list(year.decisions["decision"]) == list(yearly.DECISIONS)


def test_open_findings_stand_under_not_known():
    """A score without what could not be told."""
    year = review([PLAN], days_of(30, impressions=1), posts_of(30))
    open_ones = year.findings[year.findings["verdict"] == "cannot tell"]
    assert len(open_ones)
    assert all(rule in year.unknown[-1] for rule in open_ones["rule"])
    assert "No daily figures of 335 days of 365." in year.unknown
    assert "Nothing of the year before." in year.unknown
