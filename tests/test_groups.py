"""Groups of posts: their estimates, their intervals, and what is said of few posts."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from frames import law, make_posts
from hypothesis import given
from hypothesis import strategies as st

from handbook import metrics

KINDS = ("text", "image", "video", "link")


def rates(groups: dict[str, list[float]]) -> pd.DataFrame:
    """Return posts of each group with these rates."""
    return pd.DataFrame(
        [(group, rate) for group, own in groups.items() for rate in own], columns=["kind", "rate"]
    )


def compare(groups: dict[str, list[float]]) -> pd.DataFrame:
    """Compare groups without any warning, by group."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return metrics.compare_groups(rates(groups), "kind", "rate").set_index("group")


def draw(seed: int, sizes: dict[str, int], centres: dict[str, float] | None = None) -> dict:
    """Return lognormal rates of groups, around 2 per cent unless `centres` say otherwise."""
    random = np.random.default_rng(seed)
    centres = centres or {}
    return {
        group: list(centres.get(group, 0.02) * np.exp(random.normal(0, 0.8, size)))
        for group, size in sizes.items()
    }


samples = st.dictionaries(
    st.sampled_from(KINDS), st.lists(st.floats(1e-6, 5), min_size=1, max_size=9), min_size=1
)


@law
@given(samples)
def test_an_estimate_lies_between_its_own_mean_and_all_others(groups):
    """Shrinkage that overshoots, an interval without its estimate, n that counts other posts."""
    table = compare(groups)
    means = {group: np.log(own).mean() for group, own in groups.items()}
    for group, row in table.iterrows():
        assert row["n"] == len(groups[group])
        assert row["enough"] == (len(groups[group]) >= metrics.POSTS_MINIMUM)
        low, high = min(means.values()), max(means.values())
        assert low - 1e-6 <= math.log(row["estimate"]) <= high + 1e-6
        if not pd.isna(row["low"]):
            assert row["low"] <= row["estimate"] * (1 + 1e-9)
            assert row["estimate"] <= row["high"] * (1 + 1e-9)


@law
@given(samples, st.randoms())
def test_the_order_of_posts_does_not_matter(groups, random):
    """A result that hangs on the order of the rows, or on what the index holds."""
    posts = rates(groups)
    order = list(posts.index)
    random.shuffle(order)
    shuffled = posts.loc[order].set_axis([0] * len(order))
    one, other = (metrics.compare_groups(frame, "kind", "rate") for frame in (posts, shuffled))
    pd.testing.assert_frame_equal(
        one.sort_values("group", ignore_index=True), other.sort_values("group", ignore_index=True)
    )


@law
@given(samples, st.floats(0.01, 100))
def test_another_denominator_changes_the_scale_only(groups, factor):
    """An estimate or a judgement that hangs on the size of the rates."""
    one = compare(groups)
    other = compare({group: [factor * rate for rate in own] for group, own in groups.items()})
    other = other.loc[one.index]
    for name in ("estimate", "low", "high"):
        assert np.allclose(
            other[name].astype(float), one[name].astype(float) * factor, rtol=1e-4, equal_nan=True
        )


def test_a_difference_beyond_chance_is_found():
    """A comparison that finds nothing where videos do four times as well."""
    table = compare(draw(1, dict.fromkeys(KINDS, 12), {"video": 0.08}))
    assert table.loc["video", "differs"]
    assert table.loc["video", "low"] > table.drop("video")["estimate"].max()
    assert table.index[0] == "video"


def test_a_few_posts_are_drawn_towards_the_others():
    """Three lucky posts that make a kind the best one."""
    groups = draw(2, {"text": 30, "image": 30, "link": 30}) | {"video": [0.05, 0.06, 0.04]}
    table = compare(groups)
    assert table.loc["video", "estimate"] < 0.8 * np.exp(np.log(groups["video"]).mean())
    assert not table.loc["video", "enough"]
    assert table.loc["video", ["p", "p_adjusted", "differs"]].isna().all()


def test_large_groups_keep_their_own_mean():
    """Shrinkage that does harm where the differences are real."""
    groups = draw(3, dict.fromkeys(KINDS, 200), {"text": 0.01, "video": 0.1})
    table = compare(groups)
    for group, own in groups.items():
        assert table.loc[group, "estimate"] == pytest.approx(np.exp(np.log(own).mean()), rel=0.03)


def test_intervals_hold_what_they_promise():
    """95% intervals of small groups that hold the truth much more or less often."""
    truth = {"text": 0.02, "image": 0.024, "video": 0.03, "link": 0.015}
    held = [
        row["low"] <= truth[group] <= row["high"]
        for seed in range(150)
        for group, row in compare(draw(seed, dict.fromkeys(KINDS, 4), truth)).iterrows()
    ]
    assert 0.92 <= np.mean(held) <= 0.985


def test_labels_without_meaning_seldom_differ():
    """A correction that forgets how often was looked: every fifth comparison finds something."""
    found = [compare(draw(seed, dict.fromkeys(KINDS, 8)))["differs"].any() for seed in range(300)]
    assert np.mean(found) <= 0.07


def test_the_correction_is_holms():
    """A correction that is not monotone, or not the one that its docstring names."""
    from statsmodels.stats.multitest import multipletests

    table = compare(draw(6, dict.fromkeys("abcdef", 9), {"a": 0.06, "b": 0.01, "c": 0.03}))
    expected = multipletests(table["p"].astype(float), method="holm")[1]
    assert np.allclose(table["p_adjusted"].astype(float), expected)


def test_two_groups_are_one_comparison():
    """The same comparison counted twice, so that a difference is missed."""
    table = compare(draw(4, {"text": 10, "video": 10}, {"video": 0.05}))
    assert table["p"].nunique() == 1
    assert (table["p"] == table["p_adjusted"]).all()


def test_one_group_has_nothing_to_compare_with():
    """A difference from nobody."""
    table = compare(draw(5, {"text": 9}))
    assert table["differs"].isna().all()
    assert table["enough"].all()
    own = draw(5, {"text": 9})["text"]
    assert table.loc["text", "estimate"] == pytest.approx(np.exp(np.log(own).mean()))


def test_single_posts_have_no_interval():
    """An interval from one post of each kind, which nobody can know."""
    table = compare({kind: [0.01 * (number + 1)] for number, kind in enumerate(KINDS)})
    assert table[["low", "high"]].isna().all(axis=None)
    assert table["estimate"].notna().all()


def test_equal_rates_are_equal():
    """A warning or a missing number where every post has the same rate."""
    table = compare({kind: [0.02] * 6 for kind in KINDS})
    assert np.allclose(table[["estimate", "low", "high"]].astype(float), 0.02)
    assert not table["differs"].any()


def posts_of(kind: str | None, *numbers: tuple) -> list[dict]:
    names = ("reactions", "comments", "shares", "reach")
    return [
        {"channel_id": "x:a", "published_date": "2026-03-02", "post_type": kind}
        | dict(zip(names, row, strict=True))
        for row in numbers
    ]


def test_rates_of_counts():
    """A rate of other parts or another denominator, posts without one that count as 0."""
    posts = make_posts(
        *posts_of("text", *[(10, 5, 5, 1000)] * 6),
        *posts_of("image", (1, 0, 0, 0), (-3, 0, 0, 100), (1, None, 0, 100), (1, 0, 0, None)),
        *posts_of(None, (500, 0, 0, 1000)),
    )
    table = metrics.compare_groups(posts, "post_type", "er_by_reach").set_index("group")
    assert table["n"].to_dict() == {"text": 6, "image": 0}
    assert table.loc["text", "estimate"] == pytest.approx(20.5 / 1000.5)
    assert table.loc["image", ["estimate", "low", "high", "differs"]].isna().all()
    assert not table.loc["image", "enough"]


def test_a_post_that_nobody_touched_counts():
    """Posts without engagement left out, so that a dead kind looks like its best posts."""
    posts = make_posts(
        *posts_of("text", *[(0, 0, 0, 1000)] * 5, *[(20, 0, 0, 1000)] * 5),
        *posts_of("image", *[(20, 0, 0, 1000)] * 10),
        *posts_of("video", *[(21, 0, 0, 1000)] * 10),
    )
    table = metrics.compare_groups(posts, "post_type", "er_by_reach").set_index("group")
    assert table.loc["text", "n"] == 10
    assert table.loc["text", "estimate"] < 0.6 * table.loc["image", "estimate"]
    given = compare({"a": [0.0, 0.0, 0.02, 0.02], "b": [0.02, 0.02, 0.02, 0.03]})
    assert given.loc["a", "n"] == 4
    assert given.loc["a", "estimate"] < given.loc["b", "estimate"]


def test_nothing_but_zeros_or_nothing_at_all():
    """A traceback or a warning on the posts of a channel that nobody engages with."""
    table = compare({"a": [0.0] * 5, "b": [0.0] * 5})
    assert table["n"].tolist() == [0, 0]
    assert table["estimate"].isna().all()
    empty = metrics.compare_groups(make_posts(), "post_type", "er_by_reach")
    assert list(empty.columns)[:5] == ["group", "n", "estimate", "low", "high"]
    assert empty.empty


def test_wrong_input_is_named():
    """A KeyError of pandas, or a logarithm of a negative rate."""
    posts = rates({"a": [0.1, 0.2]})
    with pytest.raises(ValueError, match="found no reactions, comments, shares, followers"):
        metrics.compare_groups(posts, "kind", "er_by_followers")
    with pytest.raises(ValueError, match="found no colour"):
        metrics.compare_groups(posts, "colour", "rate")
    with pytest.raises(ValueError, match="0 or more in the column 'rate', found -0.1"):
        metrics.compare_groups(rates({"a": [0.1, -0.1]}), "kind", "rate")
