"""Every metric, defined once in `data/metrics.yml`, and the rates that everything else is made of.

Rates are fractions and a sum over a sum, never a mean of rates.
A missing value stays missing: a sum with a missing part is missing, and so is a rate without a
denominator.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from handbook import paths
from handbook.schema import PLATFORMS
from handbook.yamlfile import parse, read_yaml

PATH = paths.DATA / "metrics.yml"

NAME = r"^[a-z][a-z0-9_]*$"

Name = Annotated[str, Field(pattern=NAME)]
Text = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Metric(_Model):
    """One definition, as the metric dictionary shows it.

    Attributes
    ----------
    name
        The name of the column that holds it.
    title
        Its name for readers.
    formula
        How it is computed from columns of the data dictionary.
    unit
        Its unit; a `fraction` is shown as a percentage in figures.
    kind
        What sort of number it is; `data/metrics.yml` says what each means.
    source
        Where the definition comes from.
    columns
        Columns of the data dictionary that it needs.
    platforms
        Platforms whose exports have them.
    caveats
        What to know before comparing; one sentence each.
    conflicts
        Where definitions elsewhere differ from this one.
    not_computed
        Why no notebook shows it; None where one does.
    """

    name: Name
    title: Text
    formula: Text
    unit: Text
    kind: Literal["stock", "count", "rate", "average", "range", "effect", "teaching"]
    source: Text
    columns: tuple[Name, ...] = Field(strict=False)
    platforms: tuple[Literal[tuple(PLATFORMS)], ...] = Field(tuple(PLATFORMS), strict=False)
    caveats: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]
    conflicts: tuple[Text, ...] = Field((), strict=False)
    not_computed: Text | None = None


class _Dictionary(_Model):
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> _Dictionary:
        names = [metric.name for metric in self.metrics]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"these metrics stand there twice: {', '.join(twice)}")
        return self


def load_metrics(path: Path = PATH) -> tuple[Metric, ...]:
    """Read the definitions of the metrics.

    Parameters
    ----------
    path
        The file; `data/metrics.yml` unless given.

    Returns
    -------
    tuple of Metric
        In the order of the file, which is that of the metric dictionary.

    Raises
    ------
    HandbookError
        When the file is missing, is not YAML, or breaks a rule of its fields: every mistake with
        line, field, what was expected and what was found.

    Examples
    --------
    >>> next(metric.formula for metric in load_metrics() if metric.name == "virality")
    'shares ÷ impressions'
    """
    file = read_yaml(path, "the field metrics", "It is a part of the handbook.")
    expected = {NAME: "a name in small letters such as er_by_reach"}
    return parse(file, _Dictionary, expected).metrics


METRICS = load_metrics()
"""Every metric that a notebook shows, in the order of the metric dictionary."""

POSTS_MINIMUM = 5
"""A rate that rests on fewer posts is neither ranked nor drawn: the handbook's choice."""

BASES = {
    "er_by_impressions": "impressions",
    "er_by_reach": "reach",
    "er_by_followers": "followers",
    "er_by_views": "views",
}
"""The engagement rates, and the column that each divides by."""

PARTS = ("reactions", "comments", "shares")
"""The parts of public_engagements."""

FOLLOWERS_TOLERANCE = pd.Timedelta(days=7)
"""How old a follower total may be and still stand for a day."""


def public_engagements(rows: pd.DataFrame) -> pd.Series:
    """Return reactions + comments + shares of each row; missing where one of them is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"reactions": [5, 1], "comments": [2, pd.NA], "shares": [1, 0]})
    >>> public_engagements(rows).tolist()
    [8, <NA>]
    """
    return rows[list(PARTS)].astype("Int64").sum(axis=1, skipna=False)


def ratio_of_sums(numerators: pd.Series, denominators: pd.Series) -> float | None:
    """Return the sum of the numerators over the sum of the denominators, where both are known.

    Returns
    -------
    float or None
        None where no row has both, or where the denominators do not sum to more than 0.

    Examples
    --------
    >>> ratio_of_sums(pd.Series([1, 30]), pd.Series([100, 200]))
    0.10333333333333333
    """
    both = numerators.notna() & denominators.notna()
    base = denominators[both].sum()
    return float(numerators[both].sum() / base) if both.any() and base > 0 else None


def engagement_rate(rows: pd.DataFrame, name: str) -> float | None:
    """Return one of the engagement rates over all rows.

    Parameters
    ----------
    rows
        Posts (or days) with `reactions`, `comments`, `shares` and the denominator's column:
        `impressions`, `reach`, `views`, or `followers` (see `with_followers`).
    name
        A key of `BASES`.

    Returns
    -------
    float or None
        A fraction: the sum over the sum of the rows that have all parts; None without any.

    Examples
    --------
    >>> posts = pd.DataFrame({"reactions": [8, 2], "comments": [1, 0], "shares": [1, 0],
    ...                       "impressions": [100, 300], "reach": [80, 120]})
    >>> engagement_rate(posts, "er_by_impressions"), engagement_rate(posts, "er_by_reach")
    (0.03, 0.06)
    """
    return ratio_of_sums(public_engagements(rows), rows[BASES[name]])


def er_by_impressions(rows: pd.DataFrame) -> float | None:
    """Return public engagements ÷ impressions over all rows, a fraction; see `METRICS`.

    Examples
    --------
    >>> posts = pd.DataFrame({"reactions": [8, 2], "comments": [1, 0], "shares": [1, 0],
    ...                       "impressions": [100, 300]})
    >>> er_by_impressions(posts)
    0.03
    """
    return engagement_rate(rows, "er_by_impressions")


def er_by_reach(rows: pd.DataFrame) -> float | None:
    """Return public engagements ÷ reach over all posts, a fraction; see `METRICS`.

    Examples
    --------
    >>> posts = pd.DataFrame({"reactions": [8, 2], "comments": [1, 0], "shares": [1, 0],
    ...                       "reach": [100, 300]})
    >>> er_by_reach(posts)
    0.03
    """
    return engagement_rate(rows, "er_by_reach")


def er_by_followers(rows: pd.DataFrame) -> float | None:
    """Return public engagements ÷ followers (`with_followers`) over all posts, a fraction.

    Examples
    --------
    >>> posts = pd.DataFrame({"reactions": [8, 2], "comments": [1, 0], "shares": [1, 0],
    ...                       "followers": [100, 300]})
    >>> er_by_followers(posts)
    0.03
    """
    return engagement_rate(rows, "er_by_followers")


def er_by_views(rows: pd.DataFrame) -> float | None:
    """Return public engagements ÷ views over all rows, a fraction; see `METRICS`.

    Examples
    --------
    >>> posts = pd.DataFrame({"reactions": [8, 2], "comments": [1, 0], "shares": [1, 0],
    ...                       "views": [100, 300]})
    >>> er_by_views(posts)
    0.03
    """
    return engagement_rate(rows, "er_by_views")


def with_followers(posts: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return the posts with `followers`: the channel's total on the day of publication.

    The newest total of at most `FOLLOWERS_TOLERANCE` before stands for a day without one.

    Parameters
    ----------
    posts
        With `channel_id` and `published_date`; a post without a day has no followers.
    days
        With `channel_id`, `date` and `followers_total`.

    Examples
    --------
    >>> posts = pd.DataFrame({"channel_id": "x:a",
    ...                       "published_date": pd.to_datetime(["2026-03-04", "2026-03-20"])})
    >>> days = pd.DataFrame({"channel_id": ["x:a"], "date": pd.to_datetime(["2026-03-02"]),
    ...                      "followers_total": pd.array([120], "Int64")})
    >>> with_followers(posts, days)["followers"].tolist()
    [120, <NA>]
    """
    totals = days.loc[days["followers_total"].notna(), ["channel_id", "date", "followers_total"]]
    totals = totals.rename(columns={"followers_total": "followers"}).sort_values("date")
    dated = posts["published_date"].notna()
    joined = pd.merge_asof(
        posts[dated].sort_values("published_date"),
        totals,
        left_on="published_date",
        right_on="date",
        by="channel_id",
        tolerance=FOLLOWERS_TOLERANCE,
    ).drop(columns="date")
    undated = posts[~dated].assign(followers=pd.Series(dtype="Int64"))
    return pd.concat([joined, undated], ignore_index=True) if len(undated) else joined


def net_followers(days: pd.DataFrame) -> pd.Series:
    """Return the daily net change in followers: as given, or those gained less those lost.

    Examples
    --------
    >>> days = pd.DataFrame({"followers_net": pd.array([5, None, None], "Int64"),
    ...                      "followers_gained": pd.array([9, 4, 3], "Int64"),
    ...                      "followers_lost": pd.array([1, 1, None], "Int64")})
    >>> net_followers(days).tolist()
    [5, 3, <NA>]
    """
    return days["followers_net"].fillna(days["followers_gained"] - days["followers_lost"])


def title_of(name: str) -> str:
    """Return a metric's name for readers.

    Examples
    --------
    >>> title_of("followers_change")
    'Change in followers'
    """
    return next(metric.title for metric in METRICS if metric.name == name)
