"""What depends on a rule: checklists, audits, notebooks, pages and thresholds."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from handbook import organisation, paths
from handbook.errors import HandbookError
from handbook.policy.published import find_citations
from handbook.policy.rules import Rule, load_rules


@dataclass(frozen=True)
class Impact:
    """What has to be looked at when a rule changes.

    Attributes
    ----------
    rule : Rule
    checklists : tuple of str
        Names of the checklists that ask for it.
    audits : tuple of str
        Names of the audits that measure it.
    notebooks : tuple of str
        Names of the notebooks whose text or code cites it; their outputs do not count.
    pages : tuple of str
        Pages of the book that cite it, as paths below the repository.
    thresholds : tuple of str
        Names of the organisation's thresholds that it gives.
    """

    rule: Rule
    checklists: tuple[str, ...]
    audits: tuple[str, ...]
    notebooks: tuple[str, ...]
    pages: tuple[str, ...]
    thresholds: tuple[str, ...]


def find_impact(id: str, rules: Sequence[Rule] | None = None, root: Path = paths.ROOT) -> Impact:
    """Return what depends on a rule.

    Parameters
    ----------
    id
        The rule's id.
    rules
        Every rule; `load_rules()` unless given.
    root
        The folder of the repository.

    Raises
    ------
    HandbookError
        There is no such rule.
    """
    known = {rule.id: rule for rule in (load_rules() if rules is None else rules)}
    if id not in known:
        near = difflib.get_close_matches(id, known, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "The rule index lists them all."
        raise HandbookError(f"expected the id of a rule such as COM-04, found '{id}'. {hint}")
    cited = {path for path, _ in find_citations([id], root)[id]}
    thresholds = organisation.load(root / "data" / "organisation.yml").thresholds
    return Impact(
        known[id],
        tuple(sorted(Path(path).stem for path in cited if path.startswith("data/checklists/"))),
        known[id].audits,
        tuple(
            path.stem for path in sorted((root / "notebooks").glob("*.ipynb")) if _cites(path, id)
        ),
        tuple(sorted(path for path in cited if path.startswith("book/"))),
        tuple(name for name, value in thresholds if id in value.rules),
    )


def _cites(notebook: Path, id: str) -> bool:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    return bool(re.search(rf"\b{re.escape(id)}\b", text))
