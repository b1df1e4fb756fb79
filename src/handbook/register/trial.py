"""A plan in a copy of the register: what would stand there, and what would be due."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from handbook import formats
from handbook.errors import HandbookError
from handbook.register.changes import add_plan
from handbook.register.folder import Folder
from handbook.register.rows import Channel, InternalFacts, load, load_internal
from handbook.register.state import Due, find_due


@dataclass(frozen=True)
class Trial:
    """What `handbook register add` would do with a plan.

    Attributes
    ----------
    channel : Channel or None
        The public row; None where the register would not take the plan.
    facts : InternalFacts or None
        The internal row.
    problem : str
        Why the register would not take the plan; empty where it would.
    due : list of Due
        What would be due of this channel by the plan's last day, the oldest first.
    """

    channel: Channel | None = None
    facts: InternalFacts | None = None
    problem: str = ""
    due: list[Due] = field(default_factory=list)

    def describe(self) -> list[str]:
        """Return sentences for readers: what stands there, or why nothing does."""
        if not self.channel:
            return [f"The register would not take it: {self.problem}"]
        row, facts = self.channel, self.facts
        confirmed = f"confirmed on {formats.day(row.confirmed_on)}"
        return [
            f"{row.name} would stand in the register as {row.channel_id}: {row.status}, "
            f"{confirmed if row.confirmed_on else 'unconfirmed'}.",
            f"Its unit is {row.unit}, and its mailbox {facts.role_mailbox}.",
            f"Its review is due on {formats.day(facts.review_due)}.",
        ]


def try_plan(plan: Mapping[str, Any], folder: Folder) -> Trial:
    """Put a plan into a copy of the register, and say what would stand there and be due.

    The plan is added on the day on which it was made, and what is due is asked on its last day.
    The register itself, and everything beside it, stays as it is.

    Parameters
    ----------
    plan
        As the form gives it.
    folder
        The register's files.

    Raises
    ------
    HandbookError
        The register itself is wrong. What is wrong with the plan stands in `problem`.
    """
    load(folder.register)
    today = date.fromisoformat(plan["made_on"])
    last = date.fromisoformat(plan["plan_ends"] or plan["made_on"])
    with tempfile.TemporaryDirectory() as name:
        copy = _copy(folder, Path(name))
        file = Path(name) / "plan.json"
        file.write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
        try:
            id = add_plan(file, copy, today=today).channel_id
        except HandbookError as error:
            return Trial(problem=" ".join(str(error).splitlines()).replace(f"{name}{os.sep}", ""))
        return Trial(
            next(row for row in load(copy.register) if row.channel_id == id),
            next(row for row in load_internal(copy.internal) if row.channel_id == id),
            due=[one for one in find_due(copy, on=last) if one.channel_id == id],
        )


def _copy(folder: Folder, target: Path) -> Folder:
    """Copy registers and plans; the organisation is only read."""
    copy = replace(
        folder,
        register=target / folder.register.name,
        internal=target / folder.internal.name,
        plans=target / folder.plans.name,
    )
    for path in (folder.register, folder.internal):
        if path.exists():
            shutil.copyfile(path, target / path.name)
    if folder.plans.is_dir():
        shutil.copytree(folder.plans, copy.plans)
    return copy
