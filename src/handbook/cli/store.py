"""`handbook forget` and `handbook export`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from handbook.cli.data import chosen, number_of, quoted, store_option
from handbook.errors import HandbookError

_ROWS = {
    "channel_day": ("day", "days"),
    "post": ("post", "posts"),
    "post_snapshot": ("snapshot of a post", "snapshots of posts"),
    "count_series": ("count within the day", "counts within the day"),
    "metric_extra": ("extra value", "extra values"),
}


@click.command()
@click.option(
    "--post",
    "posts",
    multiple=True,
    metavar="POST",
    help="Erase a post: its id, its address, or CHANNEL/ID. May be given several times.",
)
@click.option("--channel", metavar="ID", help="Erase a channel, such as linkedin:our-page.")
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Of the channel, only what is older than this day.",
)
@click.option("--list", "show", is_flag=True, help="List what was forgotten, and erase nothing.")
@click.option("--lift", metavar="ID", help="Let imports bring back what this entry keeps out.")
@click.option("--dry-run", is_flag=True, help="Say what would be erased, and erase nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@store_option
def forget(
    posts: tuple[str, ...],
    channel: str | None,
    before: datetime | None,
    show: bool,
    lift: str | None,
    dry_run: bool,
    yes: bool,
    store: Path | None,
) -> None:
    """Erase posts or a channel from a store, for good.

    No import brings them back. The store's file is written anew, so that nothing lingers in it;
    a row of ids says what was erased, and when. This cannot be undone: `handbook undo` is for
    imports that were a mistake.

    \b
    Examples:
      handbook forget --post linkedin:our-page/7123456789012345678
      handbook forget --post https://social.example/@ours/115819730042880000
      handbook forget --channel facebook:our-page --before 2020-01-01
      handbook forget --list
    """
    from handbook.store import forget as erase
    from handbook.store import lift as allow

    path = chosen(store)
    if show:
        _list(path)
        return
    if lift:
        entry = allow(path, lift)
        click.echo(
            f"Imports may bring back {entry.words}. Import its files again; an import that still "
            f"counts is taken back first (handbook status --store {quoted(path)} lists them)."
        )
        return
    asked = {"posts": posts, "channel": channel, "before": before.date() if before else None}
    planned = erase(path, **asked, dry_run=True)
    whose = ", ".join(entry.words for entry in planned.entries)
    click.echo(f"{path}\n    {whose}: {_said(planned.rows)}")
    if dry_run:
        click.echo("Nothing was erased: this was a dry run.")
        return
    if not yes:
        _ask()
    done = erase(path, **asked)
    click.echo(
        f"Erased: {_said(done.rows)}. No import brings it back.\n"
        "The files that it was imported from, copies of the store, exported folders and built "
        "books may still hold it: delete those, too."
    )


def _ask() -> None:
    try:
        click.confirm("Erase this for good?", abort=True)
    except click.Abort:
        raise HandbookError("Nothing was erased. To erase without being asked: --yes.") from None


def _list(path: Path) -> None:
    from handbook.store import read_forgotten

    entries = read_forgotten(path)
    if not entries:
        click.echo("Nothing was forgotten in this store.")
    for entry in entries:
        lifted = f", lifted on {entry.lifted_at:%Y-%m-%d}" if entry.lifted_at else ""
        rows = number_of(entry.rows_erased, "row", "rows")
        click.echo(
            f"{entry.forget_id}  {entry.forgotten_at:%Y-%m-%d}  {entry.words} ({rows}){lifted}"
        )


def _said(rows: dict[str, int]) -> str:
    told = [number_of(rows[table], *words) for table, words in _ROWS.items() if rows.get(table)]
    return ", ".join(told) or "nothing of it is in the store"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--no-text", is_flag=True, help="Leave out the texts of posts.")
@store_option
def export(folder: Path, no_text: bool, store: Path | None) -> None:
    """Write the tables of a store into DIR, for other tools.

    Parquet in folders by platform and year, for DuckDB, Spark or BigQuery; CSV for spreadsheet
    programs, in which no cell can act as a formula; and a data package descriptor that says
    what each column is. An earlier export in DIR is replaced.

    \b
    Examples:
      handbook export work/tables
      handbook export work/tables --no-text --store work/ours.duckdb
    """
    from handbook.store import export_store

    done = export_store(chosen(store), folder.expanduser(), texts=not no_text)
    for table, rows in done.rows.items():
        click.echo(f"    {table:<14} {number_of(rows, 'row', 'rows')}")
    files = number_of(done.files, "file", "files")
    click.echo(f"{done.folder}: {files}, {done.size / 1e6:.1f} MB. Begin with README.md there.")
