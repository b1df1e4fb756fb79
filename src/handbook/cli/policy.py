"""`handbook policy`: check the rules, make and compare editions, see what depends on a rule."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import click

from handbook import paths
from handbook.errors import HandbookError

PAGES = "pages"


@click.group()
def policy() -> None:
    """Check the rules, compare editions, make a new edition.

    \b
    The rules stand in the pages below book/, and nowhere else.
    An edition (data/editions/N.json) is the policy as it was adopted; it is never edited.
    To change the policy: change the pages, look at `handbook policy check`, have the change
    adopted, then run `handbook policy new-edition`.
    """


@policy.command()
def check() -> None:
    """Say where the pages and the current edition differ; exit 2 if they do."""
    from handbook import organisation
    from handbook.policy import find_differences, load_editions, load_rules

    rules = load_rules()
    edition = load_editions()[-1]
    mistakes = find_differences(rules, edition)
    known = {rule.id for rule in rules}
    for path in (organisation.PATH, paths.DEMO / "organisation.yml"):
        if path.exists():
            mistakes += [
                f"{path.relative_to(paths.ROOT).as_posix()}: {id} is cited there, "
                "and there is no such rule. Cite a rule of the pages."
                for id in sorted(organisation.load(path).cited - known)
            ]
    if mistakes:
        raise HandbookError("\n".join(mistakes))
    click.echo(f"The pages say what edition {edition.edition} says: {len(edition.rules)} rules.")
    beside = len(rules) - len(edition.rules)
    if beside:
        click.echo(f"Rules of law and practice, which no edition holds: {beside}.")


@policy.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
def diff(old: str, new: str) -> None:
    """Show what changed from edition A to edition B.

    A and B are numbers of editions; `pages` means the pages as they are now.

    \b
    Examples:
      handbook policy diff 1 2
      handbook policy diff 1 pages
    """
    from handbook.policy import compare

    changes = compare(_find_statements(old), _find_statements(new))
    _show(changes)
    if not changes:
        click.echo("Nothing differs.")


@policy.command("new-edition")
@click.option("--date", help="When it was adopted: YYYY-MM-DD.")
@click.option("--reason", help="Why the policy changes, in a sentence.")
@click.option("--approver-role", help="Whose decision it was: a role, never a person's name.")
@click.option("--dry-run", is_flag=True, help="Show what would change, write nothing.")
def new_edition(
    date: str | None, reason: str | None, approver_role: str | None, dry_run: bool
) -> None:
    """Make an edition of the pages as they are now.

    It lists the rules that changed and where they are cited, asks for what no option gave, and
    writes data/editions/N.json.
    Nothing is written when an id vanished or is used again: a rule that is no longer in force
    keeps its id and its address, with `:status: withdrawn` or `:status: replaced`.

    \b
    Example:
      handbook policy new-edition --date 2027-01-15 --reason "New law" \\
          --approver-role "Head of Communications"
    """
    from handbook.policy import (
        compare,
        find_mistakes,
        load_editions,
        load_rules,
        make_edition,
        make_statements,
        write_edition,
    )

    editions = load_editions()
    rules = load_rules()
    statements = make_statements(rules)
    changes = compare(editions[-1].rules, statements)
    _show(changes)
    _show_dependants([change.id for change in changes], rules)
    mistakes = find_mistakes(editions[-1], statements)
    if mistakes:
        raise HandbookError("\n".join(mistakes))
    if dry_run:
        click.echo(f"\nThis would be edition {len(editions) + 1}. Nothing was written.")
        return
    edition = make_edition(
        editions,
        statements,
        date=_read_date(date or _ask("--date", "Adopted on (YYYY-MM-DD)")),
        reason=_ask("--reason", "Reason") if reason is None else reason,
        approver_role=(
            _ask("--approver-role", "Approved by (a role, no name)")
            if approver_role is None
            else approver_role
        ),
    )
    file = write_edition(edition)
    click.echo(f"\nWrote {file.relative_to(paths.ROOT).as_posix()}. Commit it with the pages.")


@policy.command()
@click.argument("rule", metavar="RULE")
@click.option(
    "--store",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A store: show what the audit says of its channels.",
)
def impact(rule: str, store: Path | None) -> None:
    """Show what depends on a rule: checklists, audits, notebooks, pages, channels.

    \b
    Examples:
      handbook policy impact COM-04
      handbook policy impact COM-04 --store work/2026.duckdb
    """
    from handbook.policy import find_impact

    found = find_impact(rule)
    click.echo(f"{found.rule.id} ({found.rule.place}): {found.rule.text}")
    for what in ("checklists", "audits", "notebooks", "pages", "thresholds"):
        names = getattr(found, what)
        click.echo(f"{what}: {', '.join(names) or 'none'}")
    if not found.audits:
        click.echo("channels: no audit measures it, so none can be named")
    elif not store:
        click.echo("channels: name a store with --store to see what the audit says of them")
    else:
        _show_channels(rule, store)


def _show_channels(rule: str, store: Path) -> None:
    from handbook import audit, channels

    os.environ["HANDBOOK_STORE"] = str(store)
    register = channels.load_channels()
    findings = audit.run(
        register,
        channels.load_days(),
        channels.load_posts(),
        channels.as_of(),
        organisation=channels.load_organisation(),
    )
    if channels.is_made_up():
        click.echo("These channels are made up.")
    own = findings[findings["rule"] == rule]
    for finding in own.itertuples():
        click.echo(f"  {finding.channel}: {finding.verdict}. {finding.evidence}")
    if own.empty:
        click.echo("channels: none")


def _find_statements(which: str) -> list:
    from handbook.policy import load_editions, load_rules, make_statements

    if which == PAGES:
        return make_statements(load_rules())
    editions = load_editions()
    numbers = [str(edition.edition) for edition in editions]
    if which not in numbers:
        raise HandbookError(
            f"expected an edition ({', '.join(numbers)}) or '{PAGES}', found '{which}'."
        )
    return list(editions[int(which) - 1].rules)


def _show(changes: list) -> None:
    for change in changes:
        click.echo(f"{change.id} {change.kind}")
        for name, old, new in change.fields:
            for sign, value in (("-", old), ("+", new)):
                if value:
                    click.echo(f"  {sign} {name}: {value}")


def _show_dependants(ids: list[str], rules: list) -> None:
    from handbook.policy.published import find_citations

    audits = {rule.id: rule.audits for rule in rules}
    lines = []
    for id, places in find_citations(ids).items():
        lines += [f"  {id}: {path}, line {line}" for path, line in places]
        lines += [f"  {id}: audit {name}" for name in audits.get(id, ())]
    if lines:
        click.echo("\nLook at what depends on them:")
        click.echo("\n".join(lines))
    elif ids:
        click.echo("\nNothing cites them.")


def _ask(option: str, question: str) -> str:
    try:
        return click.prompt(question)
    except click.Abort:
        click.echo()
        raise HandbookError(f"{option} is missing. Give it as an option or answer.") from None


def _read_date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise HandbookError(
            f"--date: expected a date such as 2027-01-15, found '{text}'."
        ) from None
