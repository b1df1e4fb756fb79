"""The yearly review of one channel: its plan against its record, for the head who decides.

The last twelve months of the data stand beside the twelve before.
The record says what speaks for each decision; it never decides.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date

import pandas as pd

from handbook import audit, cadence, formats, growth, metrics
from handbook.errors import HandbookError
from handbook.organisation import Organisation
from handbook.periods import Period

KNOWN_SHARE = 0.9
"""Years compare where this part of the days of both is known: the handbook's choice."""

PACE_WEEKS = 12
"""Weeks of the present pace towards a goal: the handbook's choice."""

SUMMED = {"impressions": "impressions", "views": "views"}
"""Numbers by the day that a year is told by, in words."""

DECISIONS = ("keep", "change", "merge", "close")
"""What a channel review decides, as its checklist names it."""

NEXT_STEPS = {
    "keep": "Set the day of the next review.",
    "change": "Write the next plan: the form “Start a community”.",
    "merge": "Tell the followers where to go, then follow “Closing a channel”.",
    "close": "Follow “Closing a channel”: archive, tell, close, note it in the register.",
}

PLAN = {"what": "string", "rule": "string", "plan": "string", "record": "string",
        "verdict": "string"}  # fmt: skip
NUMBERS = {"what": "string", "value": "string", "before": "string", "change": "string",
           "known": "string"}  # fmt: skip


@dataclass(frozen=True)
class Goal:
    """The members pursued (Q-09) against the followers on record.

    Attributes
    ----------
    plan, record
        What was pursued, and what the record says, in words.
    verdict
        `reached`, `not reached`, `likely`, `open`, `unlikely`, `no goal` or `cannot tell`.
    probability
        Of reaching it by its day; None where no forecast is made.
    """

    plan: str
    record: str
    verdict: str
    probability: float | None = None


@dataclass(frozen=True)
class Year:
    """Everything that a yearly review shows of one channel.

    Attributes
    ----------
    channel_id, label
        The channel; None and a sentence where there is none.
    period, before
        Twelve months up to the last day of the data, and the twelve before.
    record
        Rows of `handbook.cadence.post_record` of the period.
    goal
        As `find_goal` returns it.
    plan, numbers, mix, findings, decisions
        As `compare_plan`, `compare_years`, `handbook.metrics.content_mix`,
        `handbook.audit.run` (with `about`) and `weigh` return them.
    unknown
        What is not known, in sentences.
    """

    channel_id: str | None
    label: str
    period: Period
    before: Period
    record: pd.DataFrame
    goal: Goal
    plan: pd.DataFrame
    numbers: pd.DataFrame
    mix: pd.DataFrame
    findings: pd.DataFrame
    decisions: pd.DataFrame
    unknown: list[str]


def last_year(as_of: date | None) -> Period:
    """Return the twelve months that end with `as_of`; without days for None.

    Examples
    --------
    >>> print(last_year(date(2026, 10, 31)))
    1 Nov 2025 – 31 Oct 2026
    """
    if as_of is None:
        return Period(None, None)
    start = pd.Timestamp(as_of) - pd.DateOffset(years=1) + pd.Timedelta(days=1)
    return Period(start.date(), as_of)


def year_before(period: Period) -> Period:
    """Return the twelve months before a year."""
    return last_year((pd.Timestamp(period.start) - pd.Timedelta(days=1)).date()
                     if period.days else None)  # fmt: skip


def choose(channels: pd.DataFrame, wanted: str = "") -> str | None:
    """Return the id of the channel to review.

    Parameters
    ----------
    channels
        As from `handbook.channels.load_channels`.
    wanted
        A channel's id; empty for the first channel with a plan and data, else with data.

    Returns
    -------
    str or None
        None where there is no channel at all.

    Raises
    ------
    HandbookError
        No channel has this id; the nearest ones are named.
    """
    ids = list(channels["channel_id"])
    if not wanted:
        planned = channels["has_data"] & channels["has_plan"]
        tables = (channels[planned], channels[channels["has_data"]], channels)
        return next((table["channel_id"].iloc[0] for table in tables if len(table)), None)
    if wanted in ids:
        return wanted
    names = dict(zip(channels["label"].str.casefold(), ids, strict=True)) | {i: i for i in ids}
    near = difflib.get_close_matches(wanted.casefold(), names, n=4, cutoff=0.4)
    found = list(dict.fromkeys(names[name] for name in near))[:3]
    hint = f"Nearest: {formats.names(found)}." if found else "`handbook status` lists them."
    raise HandbookError(f"no channel {wanted!r} in the store or on the register. {hint}")


def review(
    channel_id: str | None,
    channels: pd.DataFrame,
    days: pd.DataFrame,
    posts: pd.DataFrame,
    as_of: date | None,
    organisation: Organisation,
) -> Year:
    """Return the yearly review of one channel.

    Parameters
    ----------
    channel_id
        As `choose` returns it.
    channels, days, posts
        As `handbook.channels` loads them, of all channels: the others are its peers.
    as_of
        The last day of the data.
    organisation
        Names and thresholds.
    """
    own = channels[channels["channel_id"] == channel_id].reset_index(drop=True)
    own_days = days[days["channel_id"] == channel_id]
    own_posts = posts[posts["channel_id"] == channel_id]
    period = last_year(as_of)
    before = year_before(period)
    record = cadence.post_record(own, own_days, own_posts, as_of)
    mix = metrics.content_mix(own, metrics.prepare_posts(own_posts, own_days, period))
    findings = audit.run(own, own_days, own_posts, as_of, organisation=organisation)
    findings.insert(2, "about", [audit.BY_RULE[rule].about for rule in findings["rule"]])
    goal = find_goal(own, channels, days, as_of)
    months = organisation.thresholds.dormant_after_months.value
    gaps = cadence.gaps(own, record, as_of, dormant_after_months=months)
    plan = compare_plan(own, own_days, own_posts, record, months, goal, period)
    return Year(
        channel_id=channel_id if len(own) else None,
        label=own["label"].iloc[0] if len(own) else "No channel",
        period=period,
        before=before,
        record=period.select(record),
        goal=goal,
        plan=plan,
        numbers=compare_years(own, own_days, own_posts, period, before),
        mix=mix,
        findings=findings,
        decisions=weigh(own, channels, plan, findings, gaps, goal),
        unknown=find_unknown(own, own_days, own_posts, record, findings, period, before),
    )


def find_goal(
    own: pd.DataFrame, channels: pd.DataFrame, days: pd.DataFrame, as_of: date | None
) -> Goal:
    """Return the members pursued against the followers, and how likely the goal is.

    Chance and paces are those of `handbook.growth.goals`.

    Parameters
    ----------
    own
        The channel's row; may be empty.
    channels, days
        Of all channels: the others are the peers of a short history.
    as_of
        The last day of the data.
    """
    if own.empty:
        return Goal("No channel.", formats.MISSING, "no goal")
    channel = own.iloc[0]
    target, by = channel["members_target"], channel["members_target_by"]
    mine = days[(days["channel_id"] == channel["channel_id"]) & days["followers_total"].notna()]
    now = "No export tells how many followers there are"
    if len(mine):
        last, newest = mine["followers_total"].iloc[-1], mine["date"].iloc[-1]
        now = f"{formats.count(last)} followers on {formats.day(newest)}"
    if formats.is_missing(target):
        told = "No members are pursued." if channel["target_answered"] else "No answer."
        return Goal(told if channel["has_plan"] else "No plan on file.", f"{now}.", "no goal")
    plan = f"{formats.count(target)} members"
    plan += "." if formats.is_missing(by) else f" by {formats.day(by)}."
    alone = channels["members_target"].where(channels["channel_id"] == channel["channel_id"])
    asked = channels.assign(members_target=alone)
    aim = growth.goals(asked, days, Period.last(PACE_WEEKS, as_of)).iloc[0]
    if aim["verdict"] == "no totals":
        return Goal(plan, f"{now}.", "cannot tell")
    if aim["verdict"] in ("reached", "missed"):
        then = mine[mine["date"] <= by]["followers_total"]
        told = f"{formats.count(then.iloc[-1])} by that day; {now}." if len(then) else f"{now}."
        verdict = "reached" if aim["verdict"] == "reached" else "not reached"
        return Goal(plan, told, verdict if len(then) else "cannot tell")
    if last >= target:
        return Goal(plan, f"{now}.", "reached")
    now += f", {formats.percent(last / target, 0)} of it"
    if aim["verdict"] == "no date":
        return Goal(plan, f"{now}. It has no day, so no pace is asked.", "open")
    now += f". It takes {formats.count(aim['needed'], signed=True)} a week"
    if not formats.is_missing(aim["pace"]):
        now += f"; the last {PACE_WEEKS} weeks: {formats.count(aim['pace'], signed=True)}"
    if formats.is_missing(aim["chance"]):
        return Goal(plan, f"{now}. Too short to forecast.", "cannot tell")
    chance = float(aim["chance"])
    return Goal(plan, f"{now}. Probability: {growth.write_chance(chance)}.", aim["verdict"], chance)


def compare_plan(
    own: pd.DataFrame,
    days: pd.DataFrame,
    posts: pd.DataFrame,
    record: pd.DataFrame,
    dormant_after_months: float,
    goal: Goal,
    period: Period,
) -> pd.DataFrame:
    """Return what was planned beside what was done.

    Parameters
    ----------
    own, days, posts, record
        The channel's rows of each; `own` may be empty.
    dormant_after_months
        As for `handbook.cadence.gaps`.
    goal
        As from `find_goal`.
    period
        The year; the rhythm is judged on its days within the plan.

    Returns
    -------
    pandas.DataFrame
        `what`, `rule`, `plan`, `record`, `verdict`, in words; no rows without a channel.
    """
    if own.empty:
        return pd.DataFrame(columns=list(PLAN)).astype(PLAN)
    channel = own.iloc[0]
    year = period.select(record)
    kept = cadence.rhythm(own, year, period.end).iloc[0]
    whole, gap = (
        cadence.gaps(own, part, period.end, dormant_after_months=dormant_after_months).iloc[0]
        for part in (record, year)
    )
    rows = [
        ("Members", "Q-09", goal.plan, goal.record, goal.verdict),
        ("New posts", "Q-04", *_rhythm(channel, kept)),
        ("Updates", "Q-02", *_updates(channel)),
        ("Gaps", "Q-04", *_gaps(channel, whole, gap, period)),
        ("Measures", "Q-10", *_measures(channel, days, posts, period)),
        ("Length of the plan", "COM-04", *_length(channel, period)),
    ]
    return pd.DataFrame(rows, columns=list(PLAN)).astype(PLAN)


def _rhythm(channel: pd.Series, kept: pd.Series) -> tuple[str, str, str]:
    promised = kept["promised_per_week"]
    plan = "No answer." if channel["has_plan"] else "No plan on file."
    if not formats.is_missing(promised):
        plan = f"{promised:g} a week."
    if formats.is_missing(kept["kept_per_week"]):
        told = "No posts are on record." if kept["verdict"] == "no record" else "–"
        return plan, told, "cannot tell"
    told = f"{formats.decimal(kept['kept_per_week'])} a week"
    told += f" ({formats.days_between(kept['judged_from'], kept['judged_to'])})."
    verdict = {"kept": "kept", "below": "not kept"}.get(kept["verdict"], "cannot tell")
    if str(channel["status"]) == "paused":
        told, verdict = f"{told} The register says paused.", "cannot tell"
    return plan, told, verdict


def _updates(channel: pd.Series) -> tuple[str, str, str]:
    plan = "No answer." if channel["has_plan"] else "No plan on file."
    if not formats.is_missing(channel["updates_per_week"]):
        plan = f"{channel['updates_per_week']:.2g} a week."
    if not formats.is_missing(channel["enough_resources"]):
        plan += f" Enough resources: {channel['enough_resources']}."
    return plan, "No export tells replies and upkeep: ask who does it.", "cannot tell"


def _gaps(
    channel: pd.Series, whole: pd.Series, gap: pd.Series, period: Period
) -> tuple[str, str, str]:
    touched = [
        pause for pause in channel["planned_pauses"]
        if period.days and pause[1] >= period.start and pause[0] <= period.end
    ]  # fmt: skip
    plan = "No planned pauses." if channel["has_plan"] else "No plan on file."
    if touched:
        plan = f"{formats.number_of(len(touched), 'planned pause')}: " + formats.names(
            [formats.days_between(*pause) for pause in touched], limit=2
        )
    if formats.is_missing(whole["last_post_on"]):
        return plan, "No posts are on record.", "cannot tell"
    told = f"Last post on {formats.day(whole['last_post_on'])}."
    if not formats.is_missing(gap["gap_days"]) and gap["gap_days"]:
        told += (
            f" Longest gap of the year outside pauses: {formats.number_of(gap['gap_days'], 'day')},"
            f" {formats.days_between(gap['gap_from'], gap['gap_to'])}."
        )
    return plan, told, whole["state"]


def _measures(
    channel: pd.Series, days: pd.DataFrame, posts: pd.DataFrame, period: Period
) -> tuple[str, str, str]:
    names = channel["measures"]
    if not names:
        return "No answer." if channel["has_plan"] else "No plan on file.", "–", "cannot tell"
    own_days = period.select(days)
    own_posts = metrics.prepare_posts(posts, days, period)
    told, known = [], 0
    for name in names:
        value = _measure(name, own_days, own_posts)
        known += value is not None
        told.append(f"{title_of(name)}: {value or 'not in the data'}")
    verdict = "known" if known == len(names) else "cannot tell" if not known else "partly known"
    plan = ", ".join(title_of(name) for name in names)
    return f"{plan[0].upper()}{plan[1:]}.", "; ".join(told) + ".", verdict


def title_of(measure: str) -> str:
    """Return a measure's name for readers, also of one that the handbook does not know.

    Examples
    --------
    >>> title_of("er_by_reach"), title_of("our_own")
    ('engagement rate by reach', 'our own')
    """
    if measure in metrics.BASES:
        return f"engagement rate by {metrics.BASES[measure]}"
    if measure == "followers_net":
        return "net new followers"
    return measure.removesuffix("_s").replace("_", " ")


def _measure(name: str, days: pd.DataFrame, posts: pd.DataFrame) -> str | None:
    """Return a plan's measure over the year, as it is written; None where the data lack it."""
    if name in metrics.BASES:
        rate = metrics.engagement_rate(posts, name)
        return None if formats.is_missing(rate) else formats.percent(rate, 2)
    if name == "followers_total":
        known = days["followers_total"].dropna()
        return None if known.empty else formats.count(known.iloc[-1])
    if name == "followers_net" and days["followers_net"].isna().all():
        return _net(days)
    for frame in (days, posts):
        if name in frame and name not in metrics.WEEKLY and frame[name].notna().any():
            total = frame[name].sum()
            if name.endswith("_s"):
                return f"{formats.count(total / 3600)} h"
            return formats.count(total)
    return None


def _net(days: pd.DataFrame) -> str | None:
    """Return new followers less lost ones, else the difference of the totals."""
    change = (days["followers_gained"] - days["followers_lost"]).sum(min_count=1)
    known = days["followers_total"].dropna()
    if formats.is_missing(change) and len(known) > 1:
        change = known.iloc[-1] - known.iloc[0]
    return None if formats.is_missing(change) else formats.count(change, signed=True)


def _length(channel: pd.Series, period: Period) -> tuple[str, str, str]:
    first, last = channel["plan_starts"], channel["plan_ends"]
    if not channel["has_plan"]:
        return "No plan on file.", "–", "cannot tell"
    if formats.is_missing(first) or formats.is_missing(last) or not period.days:
        return "It does not say from when to when.", "–", "cannot tell"
    left = (last - pd.Timestamp(period.end)).days
    told = (
        f"It ended on {formats.day(last)}." if left < 0
        else f"{formats.number_of(left, 'day')} of it left on {formats.day(period.end)}."
    )  # fmt: skip
    started = first <= pd.Timestamp(period.end)
    verdict = "ended" if left < 0 else "in force" if started else "not started"
    return f"{formats.days_between(first, last)}.", told, verdict


def compare_years(
    own: pd.DataFrame, days: pd.DataFrame, posts: pd.DataFrame, period: Period, before: Period
) -> pd.DataFrame:
    """Return the year's numbers beside those of the year before.

    Sums are of the days that are known. A change is told where `KNOWN_SHARE` of the days of both
    years are, and then of the means by the day. Posts gather for weeks: those of both years are
    told as the newest export has them.

    Returns
    -------
    pandas.DataFrame
        `what`, `value`, `before`, `change` and `known` (days, or posts, that it rests on), in
        words; a row for each number that either year has.
    """
    years = (period, before)
    rows = []
    heard = [metrics.audience(own, days, year) for year in years]
    now, then = (dict(a.iloc[0]) if len(a) else {} for a in heard)
    start = ""
    if not formats.is_missing(now.get("change_share")):
        start = f"from {formats.count(now['followers_start'])} on {formats.day(now['start_on'])}"
    ends = [now.get("followers_end"), then.get("followers_end")]
    rows.append(_row("Followers at the end", ends, formats.count, now.get("change_share"), start))
    if formats.is_missing(ends[0]):
        gained = [now.get("change"), then.get("change")]
        known = [formats.number_of(a["change_days"], "day") for a in (now, then)
                 if not formats.is_missing(a.get("change_days"))]  # fmt: skip
        how = "" if formats.is_missing(now.get("change_from")) else f"{now['change_from']}, "
        rows.append(_row("New followers", gained, _signed, None, how + " and ".join(known)))
    record = cadence.post_record(own, days, posts, period.end)
    told = [year.select(record) for year in years]
    rows.append(_daily_row("New posts", [t["posts"] for t in told], years))
    for name, words in SUMMED.items():
        parts = [year.select(days)[name].dropna() for year in years]
        rows.append(_daily_row(words.capitalize(), parts, years))
    prepared = [metrics.prepare_posts(posts, days, year) for year in years]
    known = [p["public_engagements"].dropna() for p in prepared]
    means = [k.mean() if len(k) >= metrics.POSTS_MINIMUM else None for k in known]
    counts = " and ".join(formats.number_of(len(k), "post") for k in known)
    rows.append(_row("Public engagements a post", means, formats.decimal, _relative(means), counts))
    rate = metrics.best_known_rate(pd.concat(prepared)) if any(map(len, prepared)) else None
    if rate:
        enough = [(p["public_engagements"].notna() & p[metrics.BASES[rate]].notna()).sum()
                  for p in prepared]  # fmt: skip
        rates = [
            metrics.engagement_rate(p, rate) if n >= metrics.POSTS_MINIMUM else None
            for p, n in zip(prepared, enough, strict=True)
        ]
        counts = " and ".join(formats.number_of(int(n), "post") for n in enough)
        rows.append(_row(title_of(rate).capitalize(), rates, lambda v: formats.percent(v, 2),
                         _relative(rates), counts))  # fmt: skip
    table = pd.DataFrame([row for row in rows if row], columns=list(NUMBERS))
    return table.astype(NUMBERS)


def _signed(value: float | None) -> str:
    return formats.count(value, signed=True)


def _row(what: str, values: list, write, change: float | None, known: str) -> tuple | None:
    """Return a row in words; None where neither year says anything."""
    if all(map(formats.is_missing, values)):
        return None
    return (what, *map(write, values), formats.percent(change, signed=True), known)


def _daily_row(what: str, parts: list[pd.Series], years: tuple[Period, Period]) -> tuple | None:
    """Return the sums of what the days tell, and the change of the mean day."""
    sums = [part.sum() if len(part) else None for part in parts]
    whole = all(
        y.days and len(p) >= KNOWN_SHARE * y.days for p, y in zip(parts, years, strict=True)
    )
    change = _relative([part.mean() for part in parts]) if whole else None
    known = " and ".join(formats.number_of(len(part), "day") for part in parts)
    return _row(what, sums, formats.count, change, known)


def _relative(values: list) -> float | None:
    now, before = values
    if formats.is_missing(now) or formats.is_missing(before) or before <= 0:
        return None
    return (now - before) / before


def find_unknown(
    own: pd.DataFrame,
    days: pd.DataFrame,
    posts: pd.DataFrame,
    record: pd.DataFrame,
    findings: pd.DataFrame,
    period: Period,
    before: Period,
) -> list[str]:
    """Return what the data do not say of the year, in sentences."""
    if own.empty:
        return ["There is no channel to review."]
    if not own["has_data"].iloc[0]:
        lines = ["The store holds nothing of this channel."]
    else:
        told = period.select(days)
        recorded = len(period.select(record))
        missing = metrics.missing_data(own, days, posts, period.end).iloc[0]
        lines = []
        if told.empty:
            lines.append("No daily figures of the year.")
        elif len(told) < period.days:
            lines.append(
                f"No daily figures of {formats.number_of(period.days - len(told), 'day')} of "
                f"{formats.count(period.days)}."
            )
        if not recorded:
            lines.append("No posts of the year are on record.")
        elif recorded < period.days:
            lines.append(
                f"No record of posts of {formats.number_of(period.days - recorded, 'day')} of "
                f"{formats.count(period.days)}."
            )
        if before.select(days).empty and before.select(record).empty:
            lines.append("Nothing of the year before.")
        if missing["not_given"]:
            lines.append(f"In no export: {missing['not_given']}.")
    open_ones = list(findings.loc[findings["verdict"] == "cannot tell", "rule"])
    if open_ones:
        lines.append(f"The audit cannot tell {formats.names(open_ones, limit=len(open_ones))}.")
    return lines or ["Nothing that this review asks for is missing."]


def weigh(
    own: pd.DataFrame,
    channels: pd.DataFrame,
    plan: pd.DataFrame,
    findings: pd.DataFrame,
    gaps: pd.DataFrame,
    goal: Goal,
) -> pd.DataFrame:
    """Return what in the record speaks for each decision, and what then to do.

    Returns
    -------
    pandas.DataFrame
        `decision` (one of `DECISIONS`), `speaks_for` and `next_step`, in words; no rows without a
        channel.
    """
    columns = {"decision": "string", "speaks_for": "string", "next_step": "string"}
    if own.empty:
        return pd.DataFrame(columns=list(columns)).astype(columns)
    channel, gap = own.iloc[0], gaps.iloc[0]
    verdicts = dict(zip(plan["what"], plan["verdict"], strict=True))
    departing = findings[findings["verdict"].isin(audit.DEPARTURES)]
    met = int((findings["verdict"] == "met").sum())
    keep, change, merge, close = [], [], [], []
    if verdicts["New posts"] == "kept":
        keep.append("the promised rhythm is kept")
    if goal.verdict in ("reached", "likely"):
        keep.append(f"the goal is {goal.verdict}")
    if 2 * met > len(findings):
        keep.append(f"{met} of {formats.number_of(len(findings), 'audit')} met")
    if verdicts["New posts"] == "not kept":
        change.append("fewer posts than promised")
    if goal.verdict in ("unlikely", "not reached"):
        change.append(f"the goal is {goal.verdict}")
    if verdicts["Length of the plan"] == "ended":
        change.append("the plan has ended")
    if not channel["has_plan"]:
        change.append("no plan is on file")
    if len(departing):
        change.append(f"to mend: {', '.join(departing['rule'])}")
    others = channels[
        (channels["channel_id"] != channel["channel_id"])
        & (channels["platform"] == channel["platform"])
        & (channels["status"].fillna("active") != "closed")
    ]
    same = others[(others["language"] == channel["language"]).fillna(False)]
    if len(same):
        merge.append(
            f"on the same platform and in the same language: {formats.names(list(same['label']))}"
        )
    if gap["state"] == "dormant":
        close.append(f"silent since {formats.day(gap['last_post_on'])}")
    if channel["has_plan"] and str(channel["enough_resources"]) == "no":
        close.append("the plan says that resources do not suffice")
    if str(channel["status"]) in ("paused", "closed"):
        close.append(f"the register says {channel['status']}")
    rows = [
        (name, _sentence(said), NEXT_STEPS[name])
        for name, said in zip(DECISIONS, (keep, change, merge, close), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _sentence(said: list[str]) -> str:
    if not said:
        return "Nothing in these data."
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def describe(year: Year) -> list[str]:
    """Return the year in a few sentences; the first one is its title."""
    if year.channel_id is None:
        return ["There is no channel to review."]
    verdicts = dict(zip(year.plan["what"], year.plan["verdict"], strict=True))
    counts = year.findings["verdict"].value_counts()
    rhythm = {
        "kept": "kept the rhythm that its plan promised",
        "not kept": "posted less than its plan promised",
    }.get(verdicts["New posts"], "cannot be held against a promise of how often to post")
    lines = [f"{year.label} {rhythm}."]
    lines.append(_say_goal(year.goal))
    if len(year.findings):
        lines.append(
            f"Of {formats.number_of(len(year.findings), 'audit')}: "
            + ", ".join(f"{counts[name]} {name}" for name in audit.VERDICTS if name in counts)
            + "."
        )
    else:
        lines.append("The register says that it is closed, so nothing is audited.")
    return lines


def _say_goal(goal: Goal) -> str:
    said = {
        "no goal": "No number of members is pursued on file, so there is no goal to reach",
        "cannot tell": "Whether its goal of members is reached cannot be told",
        "open": "Whether it reaches its goal of members is open",
        "likely": "It is likely to reach its goal of members",
        "unlikely": "It is unlikely to reach its goal of members",
    }.get(goal.verdict, f"Its goal of members is {goal.verdict}")
    if goal.probability is None:
        return f"{said}."
    return f"{said} (probability {growth.write_chance(goal.probability)})."


def pick_measure(days: pd.DataFrame, channel_id: str | None, period: Period) -> str:
    """Return what tells most of a channel's audience over a year.

    Totals of followers, else new ones, else how often it was seen.
    """
    own = period.select(days[days["channel_id"] == channel_id])
    wanted = ("followers_total", "followers_net", "followers_gained", "impressions", "views")
    return next((name for name in wanted if own[name].notna().any()), wanted[0])
