"""The audits: one for each rule that can be measured, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from handbook import cadence, formats
from handbook import organisation as organisations
from handbook.checklists.evaluate import months_between
from handbook.organisation import Organisation

VERDICTS = ("met", "not met", "differs from", "cannot tell")
"""What an audit says: `differs from` is said of practice, which is no rule of the university."""

DEPARTURES = ("not met", "differs from")

OPEN = ("active", "paused", "planned")
STARTED = ("active", "paused")


class Judgement(NamedTuple):
    """What one audit says of one channel; without a remedy the audit's own is shown."""

    verdict: str
    evidence: str
    remedy: str = ""


@dataclass(frozen=True)
class Setting:
    """Facts, thresholds and names, and what was counted from them for all channels."""

    as_of: pd.Timestamp | None
    university: Organisation
    rhythm: Mapping[str, Sequence]
    silence: Mapping[str, Sequence]
    followers: Mapping[str, tuple]

    def departs(self, name: str) -> str:
        """Return the verdict of a channel that a threshold is not kept by."""
        origin = getattr(self.university.thresholds, name).origin
        return "not met" if origin in ("guidelines", "law") else "differs from"

    def limit(self, name: str) -> float:
        """Return the value of a threshold."""
        return getattr(self.university.thresholds, name).value


REGISTER_FIRST = "Add the channel to the register first."
"""What to do about a channel of which only its data are known."""


def _without_plan(channel) -> Judgement:
    """Say why no plan can be read."""
    if not channel.registered:
        return Judgement("cannot tell", "It stands in no register.", REGISTER_FIRST)
    if not channel.has_internal:
        return Judgement(
            "cannot tell",
            "No internal register says whether it has a plan.",
            "Keep an internal register, and name the plan's file in it.",
        )
    return Judgement("cannot tell", "No plan is on file.", "Put the plan on file first.")


def _plan_length(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        lacking = _without_plan(channel)
        if not (channel.registered and channel.has_internal):
            return lacking
        return Judgement(setting.departs("plan_months_minimum"), lacking.evidence)
    first, last = channel.plan_starts, channel.plan_ends
    if not formats.is_missing(last) and setting.as_of is not None and last < setting.as_of:
        return Judgement(
            setting.departs("plan_months_minimum"),
            f"The plan ended on {formats.day(last)}.",
            "Write the next plan, for a year ahead.",
        )
    if formats.is_missing(first) or formats.is_missing(last):
        return Judgement("cannot tell", "The plan does not say from when to when.")
    months = months_between(f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}")
    least, wanted = setting.limit("plan_months_minimum"), setting.limit("plan_months_recommended")
    said = (
        f"The plan is for {formats.number_of(max(months, 0), 'month')} "
        f"({formats.days_between(first, last)})"
    )
    if months < least:
        return Judgement(
            setting.departs("plan_months_minimum"), f"{said}; the minimum is {least:g}."
        )
    if months < wanted:
        said += f", above the minimum of {least:g} and below the recommended {wanted:g}"
    if setting.as_of is not None and (left := (last - setting.as_of).days) <= setting.limit(
        "plan_ends_soon_days"
    ):
        said += f"; it ends in {formats.number_of(left, 'day')}"
    return Judgement("met", f"{said}.")


def _rhythm_kept(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if formats.is_missing(channel.posts_per_week):
        return Judgement(
            "not met", "The plan does not say how often.", "Add to the plan how often you post."
        )
    row = setting.rhythm[channel.channel_id]
    promised = f"{_per_week(channel.posts_per_week, 'post')} promised"
    if channel.status == "paused":
        return Judgement(
            "cannot tell",
            f"{promised}; the register says that the channel is paused.",
            "Write the pause into the plan, with its first and last day.",
        )
    if row.verdict == "no record":
        return Judgement("cannot tell", f"{promised}; no post is in the data.")
    if row.verdict == "too early":
        return Judgement(
            "cannot tell",
            f"{promised}; {formats.number_of(int(row.judged_days), 'day')} can be compared, "
            f"fewer than {cadence.JUDGED_DAYS_MINIMUM}.",
            "Wait until there are enough days, or import them.",
        )
    return Judgement(
        "met" if row.verdict == "kept" else "not met",
        f"{promised}, {formats.decimal(row.kept_per_week)} kept "
        f"({formats.days_between(row.judged_from, row.judged_to)}, planned pauses left out).",
    )


def _updates_kept(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if _is(channel.enough_resources, "no"):
        return Judgement(
            "not met",
            "The plan says that the unit's resources are not sufficient.",
            "Reserve time for it, promise less, or do without the channel.",
        )
    if formats.is_missing(channel.updates_per_week):
        return Judgement("not met", "The plan does not say how often it is updated.")
    promised = f"{_per_week(channel.updates_per_week, 'update')} promised"
    row = setting.rhythm[channel.channel_id]
    if row.judged_days < cadence.JUDGED_DAYS_MINIMUM:
        return Judgement("cannot tell", f"{promised}; too few days can be compared.")
    kept = f"{formats.decimal(row.kept_per_week)} posts a week on record"
    if round(row.kept_per_week, 1) >= channel.updates_per_week:
        return Judgement("met", f"{promised}, {kept} alone.")
    return Judgement(
        "cannot tell", f"{promised}, {kept}; no export tells replies and upkeep, which count too."
    )


def _terms_of_use(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if formats.is_missing(channel.terms_of_use):
        return Judgement("not met", "The plan names no terms of use.")
    return Judgement("met", "The plan answers what the terms of use are.")


def _goal_set(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if not channel.target_answered:
        return Judgement("not met", "The plan does not say what number of members is pursued.")
    if formats.is_missing(channel.members_target):
        return Judgement("met", "The plan says that no number of members is pursued.")
    goal = f"{formats.count(channel.members_target)} members"
    if not formats.is_missing(channel.members_target_by):
        passed = setting.as_of is not None and channel.members_target_by < setting.as_of
        goal += f" by {formats.day(channel.members_target_by)}" + (", which has passed" * passed)
    if channel.channel_id in setting.followers:
        number, day = setting.followers[channel.channel_id]
        goal += f"; {formats.count(number)} on {formats.day(day)}"
    return Judgement("met", f"Pursued: {goal}.")


def _measure_set(channel, setting: Setting) -> Judgement:
    if not channel.has_plan:
        return _without_plan(channel)
    if not channel.measures:
        return Judgement("not met", "The plan names no measure.")
    number = formats.number_of(len(channel.measures), "measure")
    return Judgement("met", f"The plan names {number}: {formats.names(channel.measures)}.")


def _name_in_language(channel, setting: Setting) -> Judgement:
    languages = dict.fromkeys(
        language
        for language in (channel.language, channel.main_language)
        if not formats.is_missing(language)
    )
    if not channel.registered or formats.is_missing(channel.name):
        return Judgement("cannot tell", "No register gives its name.", REGISTER_FIRST)
    if not languages:
        return Judgement(
            "cannot tell",
            "Neither the register nor the plan says its main language.",
            "Say the main language in the register.",
        )
    names = {code: name.text for code, name in setting.university.names.items()}
    short = setting.university.short_names
    found = {
        language: organisations.includes_name(channel.name, language, names, short)
        for language in languages
    }
    said = f"“{channel.name}”, language {formats.names(list(languages))}"
    answers = found.values()
    if "yes" in answers:
        return Judgement("met", f"{said}: it includes the university's name.")
    if "no" in answers:
        language = next(code for code, answer in found.items() if answer == "no")
        wanted = f" “{names[language]}”" if language in names else " the university's name"
        return Judgement("not met", f"{said}: it does not include{wanted}.")
    return Judgement(
        "cannot tell",
        f"{said}: a short form, or a language in which the university's name is not known.",
    )


def _communications_notified(channel, setting: Setting) -> Judgement:
    if not formats.is_missing(channel.notified_on):
        return Judgement("met", f"Communications was told on {formats.day(channel.notified_on)}.")
    if not channel.has_internal:
        return Judgement("cannot tell", "No internal register says whether Communications knows.")
    return Judgement("not met", "No notice to Communications is on file.")


def _review_in_time(channel, setting: Setting) -> Judgement:
    due, confirmed = channel.review_due, channel.confirmed_on
    if not channel.registered:
        return Judgement("cannot tell", "It stands in no register.", REGISTER_FIRST)
    departs = setting.departs("register_review_months")
    if formats.is_missing(due) and formats.is_missing(confirmed):
        return Judgement(departs, "Nobody has confirmed it yet, and no review is set.")
    if setting.as_of is None:
        return Judgement("cannot tell", "There are no data, so that no day can be called now.")
    months = setting.limit("register_review_months")
    said = []
    overdue = False
    if not formats.is_missing(confirmed):
        late = cadence.add_months(confirmed, months) < setting.as_of
        overdue |= late
        said.append(
            f"last confirmed on {formats.day(confirmed)}"
            + (f", more than {months:g} months ago" if late else "")
        )
    if not formats.is_missing(due):
        late = due < setting.as_of
        overdue |= late
        said.append(f"review {'was' if late else 'is'} due on {formats.day(due)}")
    text = "; ".join(said)
    return Judgement(departs if overdue else "met", f"{text[0].upper()}{text[1:]}.")


def _not_dormant(channel, setting: Setting) -> Judgement:
    row = setting.silence[channel.channel_id]
    months = setting.limit("dormant_after_months")
    if row.state == "paused":
        return Judgement(
            "cannot tell",
            "The register says that it is paused.",
            "Ask until when; close it when nobody knows.",
        )
    if formats.is_missing(row.last_post_on):
        return Judgement("cannot tell", "No post is in the data.")
    last = f"The last post is of {formats.day(row.last_post_on)}"
    if row.state == "dormant":
        silent = formats.number_of(int(row.days_silent), "day")
        return Judgement(
            setting.departs("dormant_after_months"),
            f"{last}, {silent} before the record ends: more than {months:g} months.",
        )
    if row.state == "active":
        return Judgement("met", f"{last}.")
    ends = formats.day(row.record_ends)
    return Judgement("cannot tell", f"{last}, and the record ends on {ends}.")


def _administrators(channel, setting: Setting) -> Judgement:
    number = channel.administrators
    if formats.is_missing(number):
        return Judgement("cannot tell", "Neither register nor plan says how many there are.")
    said = formats.number_of(int(number), "administrator")
    said = f"{said[0].upper()}{said[1:]}"
    if number >= setting.limit("administrators_minimum"):
        return Judgement("met", f"{said}.")
    least = setting.limit("administrators_minimum")
    return Judgement(setting.departs("administrators_minimum"), f"{said}; practice is {least:g}.")


def _per_week(number: float, noun: str) -> str:
    digits = 0 if float(number).is_integer() else 1
    return f"{formats.decimal(number, digits)} {noun if number == 1 else noun + 's'} a week"


def _is(value: object, wanted: str) -> bool:
    return not formats.is_missing(value) and value == wanted


@dataclass(frozen=True)
class Audit:
    """How one rule is measured.

    Attributes
    ----------
    id
        The name that the rule's `:audit:` option has.
    rule
        The rule's id.
    about
        What is asked, in a few words.
    judge
        Gives the judgement of a channel.
    remedy, would_tell
        What to do where the rule is not kept, and where it cannot be told.
    checklist
        The checklist that asks for it.
    statuses
        The channels that it concerns, by their status in the register.
    thresholds
        Names of the organisation's thresholds that its verdict depends on.
    """

    id: str
    rule: str
    about: str
    judge: Callable[[object, Setting], Judgement]
    remedy: str
    would_tell: str
    checklist: str = "start-a-community"
    statuses: tuple[str, ...] = OPEN
    thresholds: tuple[str, ...] = ()


AUDITS = (
    Audit(
        "plan_length", "COM-04", "plan for a year ahead", _plan_length,
        "Write a plan for a year ahead, half a year at a minimum.",
        "Put the plan with its days on file.",
        thresholds=("plan_months_minimum",),
    ),
    Audit(
        "updates_kept", "Q-02", "updates as promised", _updates_kept,
        "Say in the plan who updates it and how often.",
        "Ask whoever updates it.",
        "channel-review",
    ),
    Audit(
        "rhythm_kept", "Q-04", "new content as promised", _rhythm_kept,
        "Change the plan or the work: post what is promised, or promise what is posted.",
        "Import the posts of these days.",
        "channel-review", STARTED,
    ),
    Audit(
        "terms_of_use", "Q-07", "terms of use", _terms_of_use,
        "Write the terms of use, and name them in the plan.",
        "Put the plan on file.",
    ),
    Audit(
        "goal_set", "Q-09", "pursued number of members", _goal_set,
        "Set a number of members and a day, or write that there is none.",
        "Put the plan on file.",
    ),
    Audit(
        "measure_set", "Q-10", "measure of usefulness", _measure_set,
        "Choose how usefulness is measured.",
        "Put the plan on file.",
    ),
    Audit(
        "name_in_language", "NAM-02", "the university's name", _name_in_language,
        "Ask Communications whether the name can still change; write the full name into the "
        "description until then.",
        "Ask Communications what the name is in this language, and whether the short form is "
        "enough.",
    ),
    Audit(
        "communications_notified", "REG-01", "Communications notified", _communications_notified,
        "Tell Communications, and note the day in the internal register.",
        "Keep an internal register, and note the day in it.",
        statuses=STARTED,
    ),
    Audit(
        "not_dormant", "PRAC-01", "not dormant", _not_dormant,
        "Decide: post again, hand it over, merge it or close it.",
        "Import newer posts.",
        "closing-a-channel", STARTED, ("dormant_after_months",),
    ),
    Audit(
        "administrators", "PRAC-02", "two administrators", _administrators,
        "Name a second administrator who is an employee.",
        "Note in the internal register how many administrators there are.",
        "account-security", thresholds=("administrators_minimum",),
    ),
    Audit(
        "review_in_time", "PRAC-03", "reviewed in time", _review_in_time,
        "Review the channel, and confirm its row.",
        "Add the channel to the register.",
        "channel-review", STARTED, ("register_review_months",),
    ),
)  # fmt: skip
"""Every audit, in the order of the rules in the guidelines; those of practice come last."""

BY_RULE = {audit.rule: audit for audit in AUDITS}

THRESHOLDS = tuple(dict.fromkeys(name for audit in AUDITS for name in audit.thresholds))
"""Names of the thresholds that a verdict depends on."""

THRESHOLD_WORDS = {
    "plan_months_minimum": "months that a plan must cover at least",
    "dormant_after_months": "months of silence after which a channel is dormant",
    "administrators_minimum": "administrators at least",
    "register_review_months": "months between two reviews of the register",
}
"""The thresholds with their units, for readers."""
