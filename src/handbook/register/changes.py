"""Changes of the register: each writes every file that it concerns, or none."""

from __future__ import annotations

import calendar
import difflib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from handbook import paths
from handbook.errors import HandbookError
from handbook.register.fields import Record, guard, looks_personal, validate
from handbook.register.files import finish_change, is_interrupted, write_files
from handbook.register.folder import Folder
from handbook.register.plans import Plan, Review, load_plan, load_review, load_reviews
from handbook.register.rows import Channel, InternalFacts, Row, read_rows, rewrite
from handbook.register.state import find_made_up

REVIEW_MONTHS = 6
"""A channel is reviewed every half year, as long as a plan is at least (COM-04); our reading."""

WAIT_S = 10.0
"""How long to wait for another command that changes the same register."""

NEEDED = {
    "exists_already": "whether it exists already",
    "platform": "the platform",
    "unit": "the unit",
    "contact_mailbox": "the contact mailbox",
    "main_language": "the main language",
    "name": "the name",
}
"""What a plan has to answer before its channel goes into the register."""

FACTS = ("name", "url", "unit", "language")
"""What somebody confirms who confirms a row."""


@dataclass(frozen=True)
class Change:
    """What a command did.

    Attributes
    ----------
    changed : bool
        Whether any file is different now.
    said, warnings : list of str
        Sentences for whoever keeps the register.
    """

    channel_id: str
    changed: bool
    said: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


Place = Callable[[str], str]
"""From the name of a column to where its value came from."""


def _option(column: str) -> str:
    return {"role_mailbox": "--mailbox"}.get(column, f"--{column.replace('_', '-')}")


@dataclass
class _Draft:
    """The files of a register as they are to become."""

    folder: Folder
    public: dict[str, Channel]
    internal: dict[str, InternalFacts]
    rows: dict[str, Channel] = field(default_factory=dict)
    facts: dict[str, InternalFacts] = field(default_factory=dict)
    others: dict[Path, bytes] = field(default_factory=dict)

    def set_row(self, channel_id: str, place: Place = _option, **changes: Any) -> None:
        """Change the public row, or begin it."""
        platform = channel_id.partition(":")[0]
        old = self.public.get(channel_id)
        row = _remake(Channel, old, place, channel_id=channel_id, platform=platform, **changes)
        if row != old:
            self.rows[channel_id] = self.public[channel_id] = row

    def set_facts(self, channel_id: str, place: Place = _option, **changes: Any) -> None:
        """Change the internal row, or begin it."""
        old = self.internal.get(channel_id)
        facts = _remake(InternalFacts, old, place, channel_id=channel_id, **changes)
        if facts != old:
            self.facts[channel_id] = self.internal[channel_id] = facts

    def find(self, channel_id: str) -> Channel:
        """Return a channel's public row."""
        if channel_id in self.public:
            return self.public[channel_id]
        near = difflib.get_close_matches(channel_id, self.public, n=3)
        raise HandbookError(
            f"{self.folder.register}: has no channel {channel_id!r}. "
            + (f"Did you mean {', '.join(near)}?" if near else "Add it: handbook register add PLAN")
        )

    def keep(self, path: Path, content: bytes, day: date, replace: bool, what: str) -> None:
        """Keep a record beside the register; another one there goes to `earlier`, with its day."""
        if not path.exists():
            self.others[path] = content
            return
        if not replace:
            raise HandbookError(
                f"{path}: another {what} is kept there. To put the new one in its place: "
                "--replace; the old one is kept with its date."
            )
        earlier, number = path.parent / "earlier" / f"{path.stem}-{day}.json", 1
        while earlier.exists():
            number += 1
            earlier = earlier.with_name(f"{path.stem}-{day}-{number}.json")
        self.others |= {earlier: path.read_bytes(), path: content}

    def save(self) -> bool:
        """Write what changed; return whether anything did."""
        files = dict(self.others)
        for path, model, rows in (
            (self.folder.register, Channel, self.rows),
            (self.folder.internal, InternalFacts, self.facts),
        ):
            if rows:
                content = path.read_bytes() if path.exists() else None
                files[path] = rewrite(path, content, model, rows)
                read_rows(path, model, files[path])
        write_files(self.folder, files)
        return bool(files)


def _remake(model: type[Row], old: Row | None, place: Place, **changes: Any) -> Row:
    """Return a row with some values changed; an empty text means none."""
    values = (old.model_dump() if old else {}) | changes
    cells = {}
    for name, value in values.items():
        try:
            cells[name] = (guard(value) or None) if isinstance(value, str) else value
        except ValueError as error:
            raise HandbookError(f"{place(name)}: expected {error}; found {value!r}.") from None
    return validate(model, cells, place, "a register")


@contextmanager
def _open(folder: Folder) -> Iterator[_Draft]:
    """Hold the lock of a register, and give its content."""
    if folder.is_made_up:
        raise HandbookError(
            f"{folder.register}: belongs to the made-up university, and scripts/make_demo.py "
            "writes it. Copy data/demo/register.csv, and name the copy with --register and "
            "another folder with --beside."
        )
    beside = folder.internal.resolve().parent
    ignored = (paths.WORK.resolve(), paths.BUILD.resolve())
    if beside.is_relative_to(paths.ROOT.resolve()) and not any(
        beside.is_relative_to(place) for place in ignored
    ):
        raise HandbookError(
            f"{beside}: is part of the repository, where internal facts must not stand. Name a "
            "store or a folder outside it, or in work/, with --beside."
        )
    with _locked(folder):
        finish_change(folder)
        public = read_rows(folder.register, Channel)
        internal = read_rows(folder.internal, InternalFacts) if folder.internal.exists() else []
        yield _Draft(
            folder,
            {row.channel_id: row for row in public},
            {row.channel_id: row for row in internal},
        )


@contextmanager
def _locked(folder: Folder) -> Iterator[None]:
    """Keep other commands from changing the same register.

    Raises
    ------
    HandbookError
        Another command does not let go of it in time.
    """
    locks = paths.BUILD / "locks"
    with ExitStack() as stack:
        try:
            locks.mkdir(parents=True, exist_ok=True)
            for path in sorted({folder.register.resolve(), folder.internal.resolve()}):
                name = hashlib.sha256(str(path).encode()).hexdigest()[:16]
                stack.enter_context(FileLock(locks / f"register-{name}.lock", timeout=WAIT_S))
        except Timeout:
            raise HandbookError(
                f"{folder.register}: another command is changing the register. Wait until it has "
                "finished, then try again."
            ) from None
        except OSError as error:
            raise HandbookError(f"{locks}: cannot be written ({error.strerror}).") from None
        yield


def finish_interrupted(folder: Folder) -> bool:
    """Finish a change that was interrupted; return whether there was one.

    Raises
    ------
    HandbookError
        Somebody has changed one of its files since.
    """
    if not is_interrupted(folder):
        return False
    with _locked(folder):
        return finish_change(folder)


def add_plan(path: Path, folder: Folder, *, today: date, replace: bool = False) -> Change:
    """Put the channel of a plan into the register, unconfirmed, and keep the plan.

    Parameters
    ----------
    path
        A plan as the form gives it (`plan.json`).
    today
        The next review is due half a year later.
    replace
        Whether the plan takes the place of another one of the channel, and its facts those of
        the row.

    Raises
    ------
    HandbookError
        The plan is wrong, or says something else than what is kept; then nothing is written.
    """
    plan = load_plan(path)
    missing = [
        f"{name} ({what})"
        for name, what in NEEDED.items()
        if not (getattr(plan, name) or "").strip()
    ]
    if missing:
        raise HandbookError(
            f"{path}: the register needs answers that are missing: {', '.join(missing)}. Answer "
            "them in the form, and export the plan again."
        )
    with _open(folder) as draft:
        kept = folder.plans / f"{plan.stem}.json"
        earlier = _load_kept(kept, draft, plan.channel_id)
        old = draft.public.get(plan.channel_id)
        is_new = earlier is None or not _is_same(earlier, plan)
        if old and plan.channel_id in draft.internal and not is_new:
            return Change(plan.channel_id, False, [f"{plan.channel_id}: nothing is new."])
        if old and old.status == "closed":
            raise HandbookError(
                f"{folder.register}: {plan.channel_id} is closed. To open it again: handbook "
                f"register edit {plan.channel_id} --status planned"
            )
        if is_new:
            day = (earlier and earlier.made_on) or today
            draft.keep(kept, path.read_bytes(), day, replace, "plan of the channel")
        facts = {name: getattr(plan, name) for name in ("name", "url", "unit")}
        if plan.main_language != "other":
            facts["language"] = plan.main_language
        facts = {name: value for name, value in facts.items() if value is not None}
        if old and not replace:
            _refuse_differences(folder, old, facts)
        status = old.status if old else "planned"
        if status == "planned" and plan.exists_already == "yes":
            status = "active"

        def place(field: str) -> str:
            return f"{path}, field {field!r}"

        draft.set_row(plan.channel_id, place, status=status, **facts)
        said = _unconfirm(draft, old)
        row = draft.public[plan.channel_id]
        _refuse_made_up(folder, row)
        due = _add_months(today, REVIEW_MONTHS)
        internal = {"role_mailbox": plan.contact_mailbox, "administrators": plan.administrators}
        internal = {name: value for name, value in internal.items() if value is not None}
        draft.set_facts(plan.channel_id, place, plan_file=kept.name, review_due=due, **internal)
        draft.save()
    state = f"confirmed on {row.confirmed_on}" if row.confirmed_on else "unconfirmed"
    said = [
        f"{plan.channel_id}: in the register as {row.status}, {state}.",
        *said,
        f"Its plan is kept in {kept}. A review is due on {due}.",
    ]
    if not row.confirmed_on:
        said.append(f"When the row is right: handbook register confirm {plan.channel_id}")
    return Change(plan.channel_id, True, said, _warn(plan.contact_mailbox))


def edit_channel(folder: Folder, channel_id: str, changes: Mapping[str, Any]) -> Change:
    """Change what the register says of a channel.

    A row whose name, address, unit or language changes is unconfirmed again.

    Parameters
    ----------
    changes
        Values by column of either file; an empty text means none.

    Raises
    ------
    HandbookError
        There is no such channel, or a value is wrong; then nothing is written.
    """
    with _open(folder) as draft:
        old = draft.find(channel_id)
        mistakes = []
        for change, model in ((draft.set_row, Channel), (draft.set_facts, InternalFacts)):
            try:
                if values := _pick(changes, model):
                    change(channel_id, **values)
            except HandbookError as error:
                mistakes.append(str(error))
        plan_file = changes.get("plan_file")
        if plan_file and not (folder.plans / plan_file).is_file():
            mistakes.append(f"--plan-file: {plan_file} is not in {folder.plans}. Put it there.")
        if mistakes:
            raise HandbookError("\n".join(mistakes))
        said = _unconfirm(draft, old)
        _refuse_made_up(folder, draft.public[channel_id])
        changed = draft.save()
    said.insert(0, f"{channel_id}: {'changed' if changed else 'nothing is new'}.")
    return Change(channel_id, changed, said, _warn(changes.get("role_mailbox")))


def confirm_channel(folder: Folder, channel_id: str, on: date, *, today: date) -> Change:
    """Say that somebody confirmed a channel's row on a day.

    Raises
    ------
    HandbookError
        There is no such channel, the day is to come, or a later one is known.
    """
    _refuse_future(on, today)
    with _open(folder) as draft:
        row = draft.find(channel_id)
        if row.confirmed_on and on < row.confirmed_on:
            raise HandbookError(
                f"{channel_id}: was confirmed later than {on}, on {row.confirmed_on}. "
                "Name that day or a later one."
            )
        draft.set_row(channel_id, confirmed_on=on)
        changed = draft.save()
    return Change(channel_id, changed, [f"{channel_id}: confirmed on {on}."])


def close_channel(folder: Folder, channel_id: str, on: date, *, today: date) -> Change:
    """Say that a channel was closed on a day; its row stays, and no review is due any more.

    Raises
    ------
    HandbookError
        There is no such channel, or the day is to come.
    """
    _refuse_future(on, today)
    with _open(folder) as draft:
        if draft.find(channel_id).status == "closed":
            return Change(channel_id, False, [f"{channel_id}: is closed already."])
        _close(draft, channel_id, f"Closed on {on}.")
        draft.save()
    return Change(channel_id, True, [f"{channel_id}: closed on {on}. Its row stays."])


def add_review(path: Path, folder: Folder, *, today: date, replace: bool = False) -> Change:
    """Keep the record of a review, and do what was decided.

    `keep` and `change` set the next review; `merge` and `close` close the channel.
    A record that is older than one that is kept is kept as well and changes nothing else.

    Parameters
    ----------
    path
        A record as the form gives it (`review.json`).
    replace
        Whether it takes the place of another record of the same channel and day.

    Raises
    ------
    HandbookError
        The record is wrong, its day is to come, or a channel in it is not in the register.
    """
    review = load_review(path)
    _refuse_future(review.reviewed_on, today)
    with _open(folder) as draft:
        row = draft.find(review.channel_id)
        kept = folder.reviews / f"{review.stem}-{review.reviewed_on}.json"
        if kept.exists() and _is_same(load_review(kept), review):
            return Change(review.channel_id, False, [f"{review.channel_id}: nothing is new."])
        draft.keep(kept, path.read_bytes(), today, replace, "review of this channel and day")
        newer = [
            other.reviewed_on
            for other in load_reviews(folder.reviews)
            if other.channel_id == review.channel_id and other.reviewed_on > review.reviewed_on
        ]
        if newer:
            said = [f"A newer review, of {max(newer)}, counts: the register is as it was."]
        else:
            said = _apply(draft, row, review)
        draft.save()
    said = [f"{review.channel_id}: the review is kept in {kept}.", *said]
    return Change(review.channel_id, True, said)


def _apply(draft: _Draft, row: Channel, review: Review) -> list[str]:
    """Do what a review decided, and say it."""
    channel_id = review.channel_id
    if review.administrators is not None:
        draft.set_facts(channel_id, administrators=review.administrators)
    if review.decision in ("keep", "change"):
        due = review.next_review_due or _add_months(review.reviewed_on, REVIEW_MONTHS)
        draft.set_facts(channel_id, review_due=due)
        said = [f"The next review is due on {due}."]
        if review.decision == "change":
            said.append("Make a new plan when much changes: handbook register add PLAN --replace")
        if review.register_right == "yes" and row.confirmed_on != review.reviewed_on:
            said.append(
                "It says that the entry is right: handbook register confirm "
                f"{channel_id} --on {review.reviewed_on}"
            )
        return said
    note = f"Closed on {review.reviewed_on}."
    if review.decision == "merge":
        if draft.find(review.merge_into).status == "closed":
            raise HandbookError(
                f"{review.merge_into}: is closed, so that nothing can be merged into it. "
                "Correct merge_into."
            )
        note = f"Merged into {review.merge_into} on {review.reviewed_on}."
    if row.status == "closed":
        return ["It was closed already."]
    _close(draft, channel_id, note)
    return [note, "Its row stays."]


def _close(draft: _Draft, channel_id: str, note: str) -> None:
    draft.set_row(channel_id, status="closed")
    facts = draft.internal.get(channel_id)
    notes = f"{facts.notes} {note}" if facts and facts.notes else note
    draft.set_facts(channel_id, review_due=None, notes=notes)


def _load_kept(path: Path, draft: _Draft, channel_id: str) -> Plan | None:
    """Return the plan of a channel that is kept, if there is one."""
    if path.exists():
        return load_plan(path)
    facts = draft.internal.get(channel_id)
    if facts and facts.plan_file and (path.parent / facts.plan_file).exists():
        raise HandbookError(
            f"{path.parent / facts.plan_file}: the plan of {channel_id} is kept under this name. "
            f"Call it {path.name}, and write this name into {draft.folder.internal}."
        )
    return None


def _is_same(one: Plan | Review, other: Plan | Review) -> bool:
    """Return whether two records say the same, whenever they were made."""
    return one.model_copy(update={"made_on": None}) == other.model_copy(update={"made_on": None})


def _unconfirm(draft: _Draft, old: Channel | None) -> list[str]:
    """Take a confirmation back when what was confirmed has changed."""
    if not old or not old.confirmed_on:
        return []
    row = draft.public[old.channel_id]
    if all(getattr(old, name) == getattr(row, name) for name in FACTS):
        return []
    draft.set_row(row.channel_id, confirmed_on=None)
    return [
        "What was confirmed has changed, so it is unconfirmed again: handbook register confirm "
        f"{row.channel_id}"
    ]


def _refuse_differences(folder: Folder, old: Channel, facts: Mapping[str, str]) -> None:
    others = [
        f"{name} {getattr(old, name)!r} there, {value!r} in the plan"
        for name, value in facts.items()
        if getattr(old, name) not in (None, value)
    ]
    if others:
        raise HandbookError(
            f"{folder.register}: says something else of {old.channel_id} than the plan: "
            f"{'; '.join(others)}. Correct one of the two, or take the plan's: --replace"
        )


def _refuse_made_up(folder: Folder, row: Channel) -> None:
    public = {paths.chosen_register().resolve(), (paths.DATA / "register.csv").resolve()}
    if folder.register.resolve() in public and find_made_up([row]):
        raise HandbookError(
            f"{row.channel_id}: a channel of the made-up university never stands in the "
            "directory. To try it out, name a copy of the register with --register."
        )


def _refuse_future(on: date, today: date) -> None:
    if on > today:
        raise HandbookError(f"Expected a day up to today ({today}), found {on}. Name another day.")


def _warn(mailbox: str | None) -> list[str]:
    if not mailbox or not looks_personal(mailbox):
        return []
    return [
        f"{mailbox} looks like a person's address. Practice elsewhere: a shared mailbox, which "
        "stays when people leave (University of South Carolina, Utah State University)."
    ]


def _pick(changes: Mapping[str, Any], model: type[Record]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name in model.model_fields}


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))
