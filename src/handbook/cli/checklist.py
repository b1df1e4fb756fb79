"""`handbook checklist`: check the checklists, the handbook's and one's own."""

from __future__ import annotations

from pathlib import Path

import click

from handbook.errors import HandbookError


@click.group()
def checklist() -> None:
    """Check the checklists, also one of your own.

    A checklist is one YAML file; the handbook's stand in data/checklists/.
    """


@checklist.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE…]")
def check(files: tuple[Path, ...]) -> None:
    """Say what is wrong in checklists; exit 2 if anything is.

    Without a file, the handbook's own are checked.
    Checked are the fields, that rules and contacts exist, that no more than nine items stand at
    a pause point, and that some answers lead to every item, advice and outcome.

    \b
    Example:
      handbook checklist check my-list.yml
    """
    from handbook.checklists.definition import FOLDER
    from handbook.checklists.validation import validate
    from handbook.policy import load_rules

    rules, mistakes = load_rules(), []
    for path in files or sorted(FOLDER.glob("*.yml")):
        try:
            found = validate(path, rules=rules)
        except HandbookError as error:
            mistakes.append(str(error))
        else:
            click.echo(
                f"{found.id}: {len(found.items)} items, {len(found.cited)} rules, "
                f"{len(found.outcomes)} outcomes. Nothing to mend."
            )
    if mistakes:
        raise HandbookError("\n".join(mistakes))
