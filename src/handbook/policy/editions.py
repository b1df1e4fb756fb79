"""Editions: the policy as it was adopted, frozen, so that it can change without losing its past.

An edition is a file `data/editions/N.json`.
It holds the guidelines' own statements; law and other institutions' practice on the pages are not
part of it.
Each edition carries the hash of the one before it, so that none can be changed afterwards.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handbook import paths
from handbook.errors import HandbookError

EDITIONS = paths.DATA / "editions"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Statement(_Model):
    """What an edition freezes of a rule; the fields mean what they mean in `Rule`."""

    id: str
    force: str
    text: str
    since: int = 1
    status: str = "in force"
    replaced_by: str = ""


class Edition(_Model):
    """The policy as it was adopted.

    Attributes
    ----------
    edition
        Its number, counted from 1.
    date
        When it was adopted; None where the source does not say.
    reason
        Why it was made.
    approver_role
        Whose decision it was: a role, never a person's name; None where the source does not say.
    previous
        The hash of the edition before it; None for the first.
    rules
        The statements, those that are no longer in force included.
    """

    edition: int = Field(ge=1)
    date: datetime.date | None
    reason: str
    approver_role: str | None
    previous: str | None
    rules: tuple[Statement, ...]

    @property
    def hash(self) -> str:
        """SHA-256 over the content, whatever the file's spaces and line ends."""
        content = json.dumps(
            self.model_dump(mode="json", exclude_defaults=True),
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        return hashlib.sha256(content.encode()).hexdigest()


class Change(_Model):
    """One statement that differs between two states of the policy."""

    old: Statement | None
    new: Statement | None

    @property
    def id(self) -> str:
        return (self.old or self.new).id

    @property
    def kind(self) -> str:
        """One of added, missing, withdrawn, replaced, changed."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "missing"
        if self.new.status != self.old.status and self.new.status != "in force":
            return self.new.status
        return "changed"

    @property
    def fields(self) -> Iterator[tuple[str, str, str]]:
        """Yield the name, the old value and the new value of each field that differs."""
        old = self.old.model_dump() if self.old else {}
        new = self.new.model_dump() if self.new else {}
        for name in Statement.model_fields:
            before, after = str(old.get(name, "")), str(new.get(name, ""))
            if name != "id" and before != after:
                yield name.replace("_", " "), before, after


def compare(old: Sequence[Statement], new: Sequence[Statement]) -> list[Change]:
    """Return what differs from `old` to `new`: by the order of `old`, then what was added."""
    before = {statement.id: statement for statement in old}
    after = {statement.id: statement for statement in new}
    return [
        Change(old=before.get(id), new=after.get(id))
        for id in {**before, **after}
        if before.get(id) != after.get(id)
    ]


def load_editions(folder: Path = EDITIONS) -> list[Edition]:
    """Read every edition, the oldest first; the last one is the current one.

    Raises
    ------
    HandbookError
        When there is none, a number is left out, a file is broken, or an edition is not the one
        that its successor was made from.
    """
    editions: list[Edition] = []
    files = {file.stem: file for file in folder.glob("*.json")}
    if not files:
        raise HandbookError(f"{folder}: expected editions (1.json, …), found none. Restore them.")
    for number in range(1, len(files) + 1):
        file = files.get(str(number))
        if file is None:
            raise HandbookError(
                f"{folder}: expected 1.json to {len(files)}.json, found "
                f"{', '.join(sorted(f.name for f in files.values()))}. No edition is left out."
            )
        try:
            edition = Edition.model_validate_json(file.read_bytes())
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the file"
            raise HandbookError(
                f"{file}, {place}: {first['msg']}. Editions are not edited: restore the file."
            ) from None
        if edition.edition != number:
            raise HandbookError(
                f"{file}, edition: expected {number}, as the file is named; "
                f"found {edition.edition}. Editions are not edited: restore the file."
            )
        if edition.previous != (editions[-1].hash if editions else None):
            raise HandbookError(
                f"{folder / f'{number - 1}.json'}: this edition was changed after edition {number} "
                "was made from it. Editions are not edited: restore the file."
            )
        editions.append(edition)
    return editions


def make_edition(
    editions: Sequence[Edition],
    statements: Sequence[Statement],
    *,
    date: datetime.date,
    reason: str,
    approver_role: str,
) -> Edition:
    """Return the next edition.

    Parameters
    ----------
    editions
        All editions so far.
    statements
        The policy as the pages have it now.
    date, reason, approver_role
        See `Edition`.

    Raises
    ------
    HandbookError
        When nothing changed, an id vanished or is used again, a new rule does not say since which
        edition, a withdrawn rule's text changed, `replaced_by` names no rule, or the date is
        before the last edition's.
    """
    last = editions[-1]
    mistakes = find_mistakes(last, statements)
    if last.date and date < last.date:
        mistakes.append(f"the date {date} is before that of edition {last.edition}, {last.date}.")
    if not reason.strip():
        mistakes.append("the reason is empty. Say why the rules change.")
    if not approver_role.strip() or "@" in approver_role:
        mistakes.append("the approver is a role, such as 'Head of Communications'.")
    if mistakes:
        raise HandbookError("\n".join(mistakes))
    now = {statement.id: statement for statement in statements}
    order = {statement.id: now[statement.id] for statement in last.rules} | now
    return Edition(
        edition=last.edition + 1,
        date=date,
        reason=reason.strip(),
        approver_role=approver_role.strip(),
        previous=last.hash,
        rules=tuple(order.values()),
    )


def write_edition(edition: Edition, folder: Path = EDITIONS) -> Path:
    """Write a new edition and return its file; an edition that exists is never overwritten."""
    file = folder / f"{edition.edition}.json"
    content = edition.model_dump(mode="json", exclude_defaults=True)
    with file.open("x", encoding="utf-8", newline="\n") as out:
        json.dump(content, out, ensure_ascii=False, indent=1)
        out.write("\n")
    return file


def find_mistakes(last: Edition, statements: Sequence[Statement]) -> list[str]:
    """Say why statements cannot become the edition after `last`; empty when they can."""
    changes = compare(last.rules, statements)
    if not changes:
        return [
            f"the pages say what edition {last.edition} says: there is nothing to make an edition "
            "of. Change the rules in the pages first."
        ]
    return list(_find_mistakes(changes, statements, last.edition + 1))


def _find_mistakes(
    changes: Sequence[Change], statements: Sequence[Statement], number: int
) -> Iterator[str]:
    """Yield why these changes cannot become edition `number`."""
    ids = {statement.id for statement in statements}
    for change in changes:
        old, new = change.old, change.new
        if new is None:
            yield (
                f"{change.id}: this rule vanished from the pages. An id is permanent: put the rule "
                "back with :status: withdrawn, or :status: replaced and :replaced_by:."
            )
        elif old is None and new.status != "in force":
            yield f"{change.id}: a new rule is in force; found status '{new.status}'."
        elif old is None and new.since != number:
            yield (
                f"{change.id}: this rule is new. Expected :since: {number}, found {new.since}; "
                "or take the old rule's id if it is an old rule."
            )
        elif old and new.since != old.since:
            yield (
                f"{change.id}: this id is in use since edition {old.since} and cannot be used "
                f"again. Expected :since: {old.since}, found {new.since}; "
                "or take the next free number."
            )
        elif old and old.status != "in force" and new.status == "in force":
            yield (
                f"{change.id}: this id belongs to a rule that was {old.status}. "
                "Ids are never used again: take the next free number."
            )
        elif old and new.status != "in force" and new.text != old.text:
            yield f"{change.id}: a rule that is {new.status} keeps its text. Put the old text back."
        if new and new.replaced_by and new.replaced_by not in ids:
            yield f"{change.id}: replaced by {new.replaced_by}, and there is no such rule."
