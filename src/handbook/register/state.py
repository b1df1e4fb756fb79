"""What is wrong in a register, and what is due in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from handbook import organisation, paths, schema
from handbook.errors import HandbookError
from handbook.register.fields import looks_personal
from handbook.register.folder import Folder
from handbook.register.plans import Plan, Review, load_plan, load_plans, load_review
from handbook.register.rows import Channel, InternalFacts, load, load_internal
from handbook.store import read_state


@dataclass(frozen=True)
class Finding:
    """Something that `check` found; a mistake has to be corrected, a warning looked at."""

    level: Literal["mistake", "warning"]
    text: str


@dataclass(frozen=True)
class Due:
    """Something to do.

    Attributes
    ----------
    kind : str
        `plan`, `review`, `confirmation` or `import`.
    day : date or None
        Since when, or until when; None where there is no day.
    """

    kind: Literal["plan", "review", "confirmation", "import"]
    channel_id: str
    day: date | None
    text: str


def check(folder: Folder, *, today: date) -> list[Finding]:
    """Return what is wrong in the registers, the plans and the reviews, and between them.

    Parameters
    ----------
    today
        No row can be confirmed after it.
    """
    found: list[Finding] = []

    def mistake(text: str) -> None:
        found.append(Finding("mistake", text))

    def warn(text: str) -> None:
        found.append(Finding("warning", text))

    channels = _collect(lambda: load(folder.register), mistake)
    if channels is None:
        return found
    facts = _collect(lambda: load_internal(folder.internal), mistake) or []
    plans = dict(_read_each(folder.plans, load_plan, mistake))
    reviews = dict(_read_each(folder.reviews, load_review, mistake))
    known = {channel.channel_id for channel in channels}

    for channel in channels:
        if channel.confirmed_on and channel.confirmed_on > today:
            mistake(
                f"{folder.register}: {channel.channel_id} is confirmed on {channel.confirmed_on}, "
                "which is to come. Correct the day."
            )
    for text in _find_same_addresses(channels):
        mistake(f"{folder.register}: {text}")
    if not folder.is_made_up:
        for channel in find_made_up(channels):
            mistake(
                f"{folder.register}: {channel.channel_id} is of the made-up university, which "
                "never stands in the directory. Remove the row."
            )
    _check_facts(folder, facts, plans, known, mistake, warn)
    owners: dict[str, str] = {}
    for file, plan in plans.items():
        if plan.channel_id not in known:
            mistake(
                f"{folder.plans / file}: a plan of {plan.channel_id}, which has no row in "
                f"{folder.register}. Add it: handbook register add {folder.plans / file}"
            )
        if plan.channel_id in owners:
            mistake(
                f"{folder.plans / file}: {owners[plan.channel_id]} is of {plan.channel_id} too. "
                "Keep the one in force there, and move the other to the folder earlier."
            )
        owners.setdefault(plan.channel_id, file)
    for file, review in reviews.items():
        for channel_id in filter(None, (review.channel_id, review.merge_into)):
            if channel_id not in known:
                mistake(
                    f"{folder.reviews / file}: names {channel_id}, which has no row in "
                    f"{folder.register}. Correct its id there."
                )
    if not folder.internal.exists():
        if channels:
            warn(f"{folder.internal}: is not there, so that mailboxes and plans are not known.")
    else:
        for channel_id in sorted(known - {row.channel_id for row in facts}):
            warn(
                f"{folder.internal}: has no row for {channel_id}. Say who keeps it: handbook "
                f"register edit {channel_id} --mailbox ADDRESS"
            )
    return found


def _check_facts(
    folder: Folder,
    facts: Iterable[InternalFacts],
    plans: dict[str, Plan],
    known: set[str],
    mistake,
    warn,
) -> None:
    planned = {plan.channel_id: file for file, plan in plans.items()}
    for row in facts:
        place = f"{folder.internal}: {row.channel_id}"
        if row.channel_id not in known:
            mistake(f"{place} has no row in {folder.register}. Remove one, or add the other.")
        if row.role_mailbox and looks_personal(row.role_mailbox):
            warn(
                f"{place} has the mailbox {row.role_mailbox}, which looks like a person's. "
                "Practice elsewhere: a shared one, which stays when people leave."
            )
        if not row.plan_file:
            if row.channel_id in planned:
                warn(f"{place} does not name its plan, {planned[row.channel_id]}. Add plan_file.")
        elif not (folder.plans / row.plan_file).is_file():
            mistake(
                f"{place} names the plan {row.plan_file}, which is not in {folder.plans}. Put it "
                "there, or empty plan_file."
            )
        elif (plan := plans.get(row.plan_file)) and plan.channel_id != row.channel_id:
            mistake(f"{place} names the plan {row.plan_file}, which is of {plan.channel_id}.")


def _find_same_addresses(channels: Iterable[Channel]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for channel in channels:
        if channel.url:
            address = channel.url.casefold().rstrip("/")
            if address in owners:
                yield (
                    f"{channel.channel_id} and {owners[address]} have the same address "
                    f"{channel.url}. Correct one of them."
                )
            owners.setdefault(address, channel.channel_id)


def find_made_up(channels: Iterable[Channel]) -> list[Channel]:
    """Return the channels that are of the made-up university: by id, address or name."""
    if not (paths.DEMO / "register.csv").exists():
        return []
    demo = load(paths.DEMO / "register.csv")
    ids, urls = {row.channel_id for row in demo}, {row.url for row in demo}
    university = organisation.load(paths.DEMO / "organisation.yml")
    names = [name.text for name in university.names.values()] + list(university.short_names)
    return [
        channel
        for channel in channels
        if channel.channel_id in ids
        or (channel.url and channel.url in urls)
        or any(name.casefold() in channel.name.casefold() for name in names)
    ]


def find_due(folder: Folder, *, on: date, store: Path | None = None) -> list[Due]:
    """Return what is to be done in a register by a day, the oldest first.

    Plans that end soon or have ended, reviews, channels that nobody has confirmed for long, and
    channels of a store that have no row; nothing of closed channels.

    Parameters
    ----------
    on
        The day on which it is asked.
    store
        A store to compare with.

    Raises
    ------
    HandbookError
        A file is wrong, or the store cannot be opened.
    """
    thresholds = organisation.load(folder.organisation).thresholds
    channels = load(folder.register)
    open_ = {channel.channel_id: channel for channel in channels if channel.status != "closed"}
    due = [
        *_find_plans(load_plans(folder.plans), open_, on, thresholds.plan_ends_soon_days.value),
        *_find_reviews(load_internal(folder.internal), open_, on),
        *_find_unconfirmed(open_.values(), on, thresholds.register_review_months.value),
    ]
    if store:
        due += _find_imports(store, {channel.channel_id for channel in channels})
    return sorted(due, key=lambda one: (one.day or date.max, one.kind, one.channel_id))


def _find_plans(
    plans: Iterable[Plan], open_: dict[str, Channel], on: date, days: float
) -> Iterator[Due]:
    for plan in plans:
        ends = plan.plan_ends
        if plan.channel_id in open_ and ends and ends <= on + timedelta(days=days):
            said = "ended" if ends < on else "ends"
            yield Due("plan", plan.channel_id, ends, f"the plan {said} on {ends}")


def _find_reviews(
    facts: Iterable[InternalFacts], open_: dict[str, Channel], on: date
) -> Iterator[Due]:
    for row in facts:
        if row.channel_id in open_ and row.review_due and row.review_due <= on:
            yield Due("review", row.channel_id, row.review_due, f"review due on {row.review_due}")


def _find_unconfirmed(channels: Iterable[Channel], on: date, months: float) -> Iterator[Due]:
    limit = on - timedelta(days=round(months * 365.25 / 12))
    for channel in channels:
        day = channel.confirmed_on
        if day is None and channel.status != "planned":
            yield Due("confirmation", channel.channel_id, None, "never confirmed")
        elif day and day < limit:
            yield Due("confirmation", channel.channel_id, day, f"last confirmed on {day}")


def _find_imports(store: Path, known: set[str]) -> Iterator[Due]:
    for channel in read_state(store).channels:
        channel_id = channel.channel_id
        platform, _, name = channel_id.partition(":")
        if platform == schema.WEBSITE or channel_id in known:
            continue
        unnamed = name == schema.UNNAMED
        todo = (
            f"say whose it is: handbook channel assign {channel_id} {platform}:NAME"
            if unnamed
            else "it has no row in the register"
        )
        yield Due("import", channel_id, None, f"imported, and {todo}")


def _collect(read, mistake):
    try:
        return read()
    except HandbookError as error:
        for line in str(error).splitlines():
            mistake(line)
        return None


def _read_each(folder: Path, read, mistake) -> Iterator[tuple[str, Plan | Review]]:
    for file in sorted(folder.glob("*.json")):
        record = _collect(lambda file=file: read(file), mistake)
        if record is not None:
            yield file.name, record
