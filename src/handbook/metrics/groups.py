"""Which kind of post does better: rates of groups with intervals, and a refusal of few posts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtr
from scipy.stats import mannwhitneyu

from handbook.metrics.definitions import BASES, POSTS_MINIMUM, public_engagements

LEVEL = 0.95
"""How often an interval holds the rate of the typical post."""

SMALLEST = 0.5
"""Added to engagements and denominators, so that a post without engagement has a logarithm."""

SHRUNK_FROM = 3
"""Fewer groups than this tell nothing of how far groups lie apart: nothing is shrunk."""

SPREADS = 60
"""How many standard deviations between the groups are weighed, besides none."""

COLUMNS = {
    "group": "object",
    "n": "Int64",
    "estimate": "Float64",
    "low": "Float64",
    "high": "Float64",
    "enough": "boolean",
    "p": "Float64",
    "p_adjusted": "Float64",
    "differs": "boolean",
}


def compare_groups(posts: pd.DataFrame, by: str, rate: str) -> pd.DataFrame:
    """Return the rate of the typical post of each group, with an interval, and which differ.

    Each post gives log((engagements + ½) ÷ (denominator + ½)): the ½ lets a post without any
    engagement count for what it is, and moves the others hardly at all (Haldane 1956, Anscombe
    1956).
    The groups' means are estimated together by a hierarchical normal model: one variance of posts
    within groups, pooled over them, and a standard deviation between groups that every value from
    none to many standard errors is weighed for (uniform prior; Gelman 2006).
    So a small group is drawn towards the mean of all by as much as chance explains, and the
    interval knows that nobody knows how much that is.
    Each group of `POSTS_MINIMUM` posts is then compared with all other posts (Mann–Whitney),
    and the p values are corrected for the number of comparisons (Holm 1979).

    Parameters
    ----------
    posts
        Posts as `handbook.channels.load_posts` gives them, of one channel: groups of several
        channels would differ by their channels.
    by
        The column that says each post's group, such as `post_type`; posts without are left out.
    rate
        A key of `BASES` (its denominator must be a column; see `with_followers`), or a column
        with a rate of each post, where half of the smallest rate stands for a rate of 0.

    Returns
    -------
    pandas.DataFrame
        A row for each group, the highest estimate first, groups without a rate last:

        - `group`; `n`: its posts whose rate is known (a negative count or a denominator that is
          not above 0 gives none);
        - `estimate`, `low`, `high`: the rate of the typical post (the geometric mean, a fraction)
          and its 95% interval; the interval is missing where no group has two posts;
        - `enough`: it has `POSTS_MINIMUM` posts; a group that has not must not be ranked or drawn;
        - `p`, `p_adjusted`: of the comparison with all other posts, missing where there is none;
        - `differs`: `p_adjusted` is at most 1 − `LEVEL`; missing where nothing was compared.

    Raises
    ------
    ValueError
        A column is missing, or a column of rates holds a negative or infinite number.

    Notes
    -----
    Posts are taken as independent of each other. What came with a kind (topic, season, promotion)
    is not told from the kind.

    Examples
    --------
    >>> posts = pd.DataFrame({
    ...     "post_type": ["video"] * 6 + ["link"] * 6 + ["text"] * 2,
    ...     "rate": [0.05, 0.06, 0.04, 0.07, 0.05, 0.06, 0.02, 0.01, 0.02, 0.03, 0.02, 0.01,
    ...              0.09, 0.01],
    ... })
    >>> compare_groups(posts, "post_type", "rate")[["group", "n", "enough", "differs"]]
       group  n  enough  differs
    0  video  6    True     True
    1   text  2   False     <NA>
    2   link  6    True     True
    """
    logs = _log_rates(posts, by, rate)
    if logs.empty:
        return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    sizes = logs.groupby("group")["log"].count()
    known = logs.dropna()
    values = {group: own["log"].to_numpy() for group, own in known.groupby("group")}
    table = pd.DataFrame({"group": sizes.index.astype(object), "n": sizes.to_numpy()})
    estimates = _shrink(values)
    for name in ("estimate", "low", "high"):
        table[name] = np.exp(table["group"].map(estimates[name]).astype(float))
    table["enough"] = table["n"] >= POSTS_MINIMUM
    tested = [group for group in table.loc[table["enough"], "group"] if sizes[group] < len(known)]
    p = [_compare(group, values) for group in tested]
    table["p"] = table["group"].map(dict(zip(tested, p, strict=True)))
    adjusted = p if len(values) == 2 else correct(p)  # two groups make one comparison
    table["p_adjusted"] = table["group"].map(dict(zip(tested, adjusted, strict=True)))
    table["differs"] = (table["p_adjusted"] <= 1 - LEVEL).where(table["p_adjusted"].notna(), pd.NA)
    table = table.astype(COLUMNS).sort_values("estimate", ascending=False, kind="stable")
    return table.reset_index(drop=True)


def _log_rates(posts: pd.DataFrame, by: str, rate: str) -> pd.DataFrame:
    """Return `group` and `log` of each post that has a group; `log` is missing without a rate."""
    needed = [by, "reactions", "comments", "shares", BASES[rate]] if rate in BASES else [by, rate]
    lacking = [name for name in needed if name not in posts]
    if lacking:
        raise ValueError(
            f"compare_groups: expected the columns {', '.join(needed)}, found no "
            f"{', '.join(lacking)}. rate is one of {', '.join(BASES)} or a column with each "
            "post's rate; metrics.with_followers adds followers."
        )
    if rate in BASES:
        engagements = public_engagements(posts).astype(float)
        base = posts[BASES[rate]].astype(float)
        known = (engagements >= 0) & (base > 0)
        log = np.log((engagements + SMALLEST) / (base + SMALLEST).where(known))
    else:
        rates = posts[rate].astype(float)
        if (rates < 0).any() or np.isinf(rates).any():
            raise ValueError(
                f"compare_groups: expected rates of 0 or more in the column {rate!r}, found "
                f"{rates[(rates < 0) | np.isinf(rates)].iloc[0]:g}. Leave such posts out."
            )
        log = np.log(rates.mask(rates == 0, rates[rates > 0].min() / 2))
    logs = pd.DataFrame({"group": posts[by].to_numpy(), "log": log.to_numpy()})
    return logs[logs["group"].notna()]


def _shrink(values: dict[object, np.ndarray]) -> dict[str, dict[object, float]]:
    """Return estimate, low and high of each group's mean.

    For each spread between the groups the posterior of a mean is normal (here Student's, for the
    pooled variance is an estimate); the groups' means are then mixed over the spreads by their
    marginal likelihood.
    """
    groups = list(values)
    n = np.array([len(own) for own in values.values()])
    means = np.array([own.mean() for own in values.values()])
    freedom = int((n - 1).sum())
    squares = sum(((own - own.mean()) ** 2).sum() for own in values.values())
    if not freedom or not squares:
        missing = np.full(len(n), np.nan)
        low, high = (means, means) if freedom else (missing, missing)
        return _by_group(groups, means, low, high)
    variances = squares / freedom / n
    if len(n) < SHRUNK_FROM:
        weights, centres, widths = np.ones(1), means[None], np.sqrt(variances)[None]
    else:
        weights, centres, widths = _mix(means, variances)
    estimate = weights @ centres
    low, high = (
        _quantile(level, weights, centres, widths, freedom)
        for level in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    )
    return _by_group(groups, estimate, low, high)


def _by_group(groups: list, *columns: np.ndarray) -> dict[str, dict[object, float]]:
    names = ("estimate", "low", "high")
    return {
        name: dict(zip(groups, column, strict=True))
        for name, column in zip(names, columns, strict=True)
    }


def _mix(means: np.ndarray, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return weights of the spreads, and centre and width of each mean for each spread."""
    error = np.sqrt(variances.mean())
    widest = max(30 * error, 10 * means.std())
    spreads = np.concatenate([[0.0], np.geomspace(error / 20, widest, SPREADS)])
    precision = 1 / (variances + spreads[:, None] ** 2)
    overall = (precision * means).sum(axis=1) / precision.sum(axis=1)
    distance = means - overall[:, None]
    likelihood = (
        np.log(precision).sum(axis=1)
        - np.log(precision.sum(axis=1))
        - (precision * distance**2).sum(axis=1)
    ) / 2
    weights = np.exp(likelihood - likelihood.max()) * np.gradient(spreads)
    shrunk = variances * precision
    centres = overall[:, None] + (1 - shrunk) * distance
    widths = np.sqrt((1 - shrunk) * variances + shrunk**2 / precision.sum(axis=1)[:, None])
    return weights / weights.sum(), centres, widths


def _quantile(
    level: float, weights: np.ndarray, centres: np.ndarray, widths: np.ndarray, freedom: int
) -> np.ndarray:
    """Return a quantile of each column's mixture of Student's distributions, by bisection."""
    reach = widths.max(axis=0) * 1e4
    low, high = centres.min(axis=0) - reach, centres.max(axis=0) + reach
    for _ in range(80):
        middle = (low + high) / 2
        below = weights @ stdtr(freedom, (middle - centres) / widths) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def _compare(group: object, values: dict[object, np.ndarray]) -> float:
    """Return the p value of one group against all other posts."""
    others = np.concatenate([own for name, own in values.items() if name != group])
    return float(mannwhitneyu(values[group], others).pvalue)


def correct(p: list[float]) -> np.ndarray:
    """Return p values corrected for their number (Holm 1979), in the same order."""
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(np.array(p, float)[order] * np.arange(len(p), 0, -1))
    return np.minimum(raised, 1)[np.argsort(order)]
