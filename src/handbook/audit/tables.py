"""What an audit found, as tables and in sentences."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from handbook import formats
from handbook.audit.rules import (
    AUDITS,
    BY_RULE,
    DEPARTURES,
    THRESHOLD_WORDS,
    THRESHOLDS,
    VERDICTS,
)
from handbook.organisation import Organisation


def matrix(findings: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Return the findings with a row for each channel and a column for each rule.

    Returns
    -------
    pandas.DataFrame
        `label`, a column for each audited rule (its verdict; missing where it does not concern
        the channel), and how many rules are `departing`; channels with most of them first.
    """
    rules = list(BY_RULE)
    table = findings.pivot(index="channel", columns="rule", values="verdict").reindex(columns=rules)
    table = table.astype("string")
    table["departing"] = table.isin(DEPARTURES).sum(axis=1).astype("Int64")
    table.insert(0, "label", _labels(table.index, register))
    table = table.sort_values(["departing", "label"], ascending=[False, True])
    return table.rename_axis(columns=None).reset_index(drop=True)


def totals(findings: pd.DataFrame) -> pd.DataFrame:
    """Return how many channels each rule says what of; the open ones are never left out.

    Returns
    -------
    pandas.DataFrame
        `rule`, `about`, a column for each of `VERDICTS`, `channels` (their sum), in the order of
        `AUDITS`.
    """
    counts = (
        findings.groupby(["rule", "verdict"]).size().unstack(fill_value=0)
        .reindex(index=list(BY_RULE), columns=list(VERDICTS), fill_value=0).astype("Int64")
    )  # fmt: skip
    counts["channels"] = counts.sum(axis=1)
    counts.insert(0, "about", [BY_RULE[rule].about for rule in counts.index])
    table = counts.rename_axis(index="rule", columns=None).reset_index()
    return table.astype({"rule": "string", "about": "string"})


def to_do(findings: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Return the findings that ask for something to be done, rules of the guidelines first.

    Returns
    -------
    pandas.DataFrame
        `label`, `rule`, `verdict`, `evidence`, `remedy`.
    """
    found = findings[findings["verdict"].isin(DEPARTURES)]
    found = found.assign(
        label=_labels(found["channel"], register),
        order=found["verdict"].map(DEPARTURES.index),
        place=found["rule"].map(list(BY_RULE).index),
    ).sort_values(["order", "place", "label"])
    return found[["label", "rule", "verdict", "evidence", "remedy"]].reset_index(drop=True)


def _labels(ids: Iterable[str], register: pd.DataFrame) -> list[str]:
    names = register["label"] if "label" in register else register["channel_id"]
    labels = dict(zip(register["channel_id"], names, strict=True))
    return [labels[channel] for channel in ids]


def describe(findings: pd.DataFrame, register: pd.DataFrame) -> list[str]:
    """Return what the audit found, in sentences; the first one is the title of its figure."""
    if findings.empty:
        return ["There is no open channel to audit."]
    counts = findings["verdict"].value_counts()
    not_met, differs, unknown, met = (
        int(counts.get(name, 0)) for name in ("not met", "differs from", "cannot tell", "met")
    )
    channels = findings["channel"].nunique()
    lines = [
        f"{formats.count(not_met)} of {formats.number_of(len(findings), 'finding')} "
        f"{'is' if not_met == 1 else 'are'} “not met”, and {formats.count(unknown)} "
        "cannot be told.",
        f"{formats.number_of(channels, 'channel').capitalize()}: {formats.count(met)} met, "
        f"{formats.count(not_met)} not met, {formats.count(differs)} "
        f"{'differs' if differs == 1 else 'differ'} from other institutions' practice, "
        f"{formats.count(unknown)} cannot be told.",
    ]
    table = totals(findings)
    for verdict, text in (("not met", "Most often not met"), ("cannot tell", "Most often open")):
        worst = table.loc[table[verdict].idxmax()]
        if worst[verdict]:
            lines.append(
                f"{text}: {worst['rule']} ({worst['about']}), {formats.count(worst[verdict])} of "
                f"{formats.number_of(int(worst['channels']), 'channel')}."
            )
    silent = findings[(findings["rule"] == "PRAC-01") & findings["evidence"].str.startswith("No p")]
    if not silent.empty:
        labels = formats.names(_labels(silent["channel"], register))
        lines.append(f"No posts in the data of: {labels}.")
    left_out = register[~register["channel_id"].isin(set(findings["channel"]))]
    if not left_out.empty:
        labels = formats.names(_labels(left_out["channel_id"], register))
        lines.append(f"Left out, because it is closed: {labels}.")
    return lines


def describe_totals(table: pd.DataFrame) -> str:
    """Return in one sentence of which rule most channels depart."""
    departing = table["not met"] + table["differs from"]
    if not departing.sum():
        return (
            "No channel departs from a rule that can be told."
            if table["channels"].sum()
            else "There is no open channel to audit."
        )
    worst = table.loc[departing.idxmax()]
    number = int(departing.max())
    return (
        f"Most departures: {worst['about']} ({worst['rule']}), {formats.count(number)} of "
        f"{formats.number_of(int(worst['channels']), 'channel')}."
    )


def describe_thresholds(university: Organisation) -> list[str]:
    """Return the thresholds with where each comes from, in sentences."""
    lines = []
    for name in THRESHOLDS:
        found = getattr(university.thresholds, name)
        (one,) = [audit for audit in AUDITS if name in audit.thresholds]
        whose = {
            "guidelines": f"the guidelines ({formats.names(found.rules)})",
            "law": "law",
            "practice": "practice of other institutions",
            "handbook": "this handbook's choice",
        }.get(found.origin, "not confirmed by anybody")
        lines.append(
            f"{one.rule}: {found.value:g} {THRESHOLD_WORDS[name]}. Origin: {whose}"
            + (f"; {found.source}." if found.source else ".")
        )
    return lines


def describe_what_if(
    changed: pd.DataFrame, register: pd.DataFrame, threshold: str, value: float, today: float
) -> str:
    """Return in one sentence which channels change when a threshold has another value."""
    words = THRESHOLD_WORDS[threshold]
    if value == today:
        return f"As it is: {today:g} {words}."
    said = f"With {value:g} instead of {today:g} {words}"
    if changed.empty:
        return f"{said}, no verdict changes."
    labels = formats.names(_labels(changed["channel"], register))
    number = formats.number_of(len(changed), "channel changes", "channels change")
    return f"{said}, {number}: {labels}."


def impact(findings: pd.DataFrame, register: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Return which channels a rule says what of.

    Returns
    -------
    pandas.DataFrame
        `verdict`, `channels` (how many), `labels` (who they are), in the order of `VERDICTS`;
        no rows where no audit measures the rule.
    """
    own = findings[findings["rule"] == rule]
    own = own.assign(label=_labels(own["channel"], register))
    rows = [
        (verdict, len(labels), formats.names(labels, limit=12))
        for verdict in VERDICTS
        if (labels := list(own.loc[own["verdict"] == verdict, "label"]))
    ]
    return pd.DataFrame(rows, columns=["verdict", "channels", "labels"])
