"""The rules as data, published beside the pages: `rules.json`, `rules.csv` and their schema."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from handbook import paths
from handbook.organisation import Organisation
from handbook.policy.editions import Edition
from handbook.policy.rules import Rule

SCHEMA = Path(__file__).with_name("rules.schema.json")

CITED = (
    "book/**/*.md",
    "data/checklists/*.yml",
    "data/organisation.yml",
    "notebooks/*.ipynb",
    "src/handbook/**/*.py",
)
"""Where a rule can be cited by its id: pages, checklists, thresholds, notebooks, code."""

OWN_LINE = re.compile(r"\s*:{3,}\{rule\}")


def order_rules(rules: Sequence[Rule], edition: Edition) -> list[Rule]:
    """Return the rules in the edition's order; those that it does not hold come last."""
    place = {statement.id: number for number, statement in enumerate(edition.rules)}
    return sorted(rules, key=lambda rule: place.get(rule.id, len(place)))


def find_citations(ids: Sequence[str], root: Path = paths.ROOT) -> dict[str, list[tuple[str, int]]]:
    """Find where rules are cited.

    Parameters
    ----------
    ids
        The rules' ids.
    root
        The folder that `CITED` is relative to.

    Returns
    -------
    dict
        Id to (path below `root`, line), for each of `ids`; the line that defines a rule is no
        citation.
    """
    found: dict[str, list[tuple[str, int]]] = {id: [] for id in ids}
    if not ids:
        return found
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, ids))})\b")
    for glob in CITED:
        for path in sorted(root.glob(glob)):
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, start=1):
                if not OWN_LINE.match(line):
                    for id in dict.fromkeys(pattern.findall(line)):
                        found[id].append((path.relative_to(root).as_posix(), number))
    return found


def find_checklists(ids: Sequence[str], root: Path = paths.ROOT) -> dict[str, list[str]]:
    """Return, for each rule, the names of the checklists that ask for it."""
    return {
        id: sorted({Path(path).stem for path, _ in places if path.startswith("data/checklists/")})
        for id, places in find_citations(ids, root).items()
    }


def make_records(
    rules: Sequence[Rule],
    edition: Edition,
    addresses: Mapping[str, str],
    checklists: Mapping[str, Sequence[str]],
) -> Iterator[dict]:
    """Yield the rules as `rules.schema.json` describes them.

    Parameters
    ----------
    rules
        Every rule of the pages.
    edition
        The current edition.
    addresses
        Id to page address, relative to the book's root, without the `#`.
    checklists
        Id to names of checklists.
    """
    for rule in order_rules(rules, edition):
        yield {
            "id": rule.id,
            "text": rule.text,
            "force": rule.force,
            "origin": rule.origin,
            "source": rule.source,
            "status": rule.status,
            "replaced_by": rule.replaced_by,
            "since": rule.since,
            "note": re.sub(r"\{\w+\}`([^`]*)`", r"\1", rule.note),
            "page": addresses[rule.id],
            "address": f"{addresses[rule.id]}#{rule.id}",
            "checklists": list(checklists[rule.id]),
            "audits": list(rule.audits),
        }


def publish(
    records: Sequence[dict], edition: Edition, organisation: Organisation, folder: Path
) -> None:
    """Write `rules.json`, `rules.csv` and `rules.schema.json` into `folder`."""
    content = {
        "$schema": SCHEMA.name,
        "university": organisation.name,
        "handbook_status": organisation.status,
        "edition": edition.edition,
        "edition_date": edition.date.isoformat() if edition.date else None,
        "rules": list(records),
    }
    (folder / "rules.json").write_text(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    with (folder / "rules.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [*content["rules"][0], "edition"], lineterminator="\n")
        writer.writeheader()
        for record in content["rules"]:
            row = {
                name: " ".join(value) if isinstance(value, list) else value
                for name, value in record.items()
            }
            writer.writerow(row | {"edition": edition.edition})
    shutil.copyfile(SCHEMA, folder / SCHEMA.name)
