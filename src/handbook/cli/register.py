"""`handbook register`: check, add, edit, confirm, close, review, due."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handbook import paths
from handbook.errors import HandbookError

if TYPE_CHECKING:
    from handbook.register import Change, Folder

KINDS = {
    "plan": "Plans that end soon, or have ended",
    "review": "Reviews",
    "confirmation": "Channels that nobody has confirmed for long",
    "import": "Imported channels without a row",
}


@click.group()
def register() -> None:
    """Keep the register of channels: what stands in the directory, and what is due.

    \b
    The public file (data/register.csv) is what the channel directory shows.
    The internal one (register-internal.csv) stands beside your store, outside the
    repository, with the plans (plans/) and the records of reviews (reviews/).
    Both may be edited in a spreadsheet program: save as CSV, then `handbook register check`.
    Write roles and shared mailboxes into them, and no person's name.

    A command writes every file that it concerns, or none.

    Exit code: 0 all fine; 1 something is due, or a warning with --strict; 2 something is wrong,
    and nothing was written.
    """


def _options(command: Callable) -> Callable:
    """Add what every command takes: which files are meant."""
    for option in (
        click.option(
            "--beside",
            type=click.Path(path_type=Path),
            metavar="STORE|FOLDER",
            help="Where the internal file stands.  [default: beside $HANDBOOK_STORE, else work/]",
        ),
        click.option(
            "--register",
            "public",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="PATH",
            help="The public file.  [default: $HANDBOOK_REGISTER, else data/register.csv]",
        ),
    ):
        command = option(command)
    return command


def _on(text: str) -> Callable:
    return click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help=text)


as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="As JSON, for other programs."
)


def _find(public: Path | None, beside: Path | None) -> Folder:
    """Return the files that the user means."""
    from handbook.register import folder_beside, folder_for

    place = (beside or paths.chosen_store() or paths.WORK).expanduser().resolve()
    if place.is_file():
        folder = folder_for(place)
    else:
        folder = folder_beside(place if place.suffix != ".duckdb" else place.parent)
    if public:
        folder = dataclasses.replace(folder, register=public.expanduser().resolve())
    return folder


def _tell(change: Change) -> None:
    for line in change.said:
        click.echo(line)
    for warning in change.warnings:
        click.echo(f"Warning: {warning}")


@register.command()
@_options
@click.option("--strict", is_flag=True, help="Exit with 1 if there is any warning.")
@as_json_option
def check(public: Path | None, beside: Path | None, strict: bool, as_json: bool) -> None:
    """Say what is wrong in the registers, plans and reviews, and between them.

    A change that was interrupted is finished first.

    Exit code: 0 no mistakes; 1 with --strict, if there is a warning; 2 mistakes.
    """
    from handbook.register import check as find
    from handbook.register import finish_interrupted

    folder = _find(public, beside)
    finished = finish_interrupted(folder)
    findings = find(folder, today=date.today())
    if as_json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        click.echo(_to_json("handbook-register-check/1", folder, findings=rows))
    else:
        if finished:
            click.echo("A change that was interrupted was finished.")
        for finding in findings:
            click.echo(f"{finding.level.capitalize()}: {finding.text}", err=True)
        if not findings:
            click.echo(f"{folder.register} and {folder.internal}: nothing is wrong.")
    levels = {finding.level for finding in findings}
    if "mistake" in levels or (strict and levels):
        sys.exit(2 if "mistake" in levels else 1)


@register.command()
@click.argument("plan", type=click.Path(path_type=Path))
@_options
@click.option("--replace", is_flag=True, help="Put it in the place of the channel's earlier plan.")
@_on("Day that the next review is counted from.  [default: today]")
def add(
    plan: Path, public: Path | None, beside: Path | None, replace: bool, on: datetime | None
) -> None:
    """Put the channel of PLAN, a plan.json, into the register.

    The form "Start a community" gives the file. The row is unconfirmed, and planned or active as
    the plan says. The plan is kept in plans/, and a review is due half a year later. The same
    plan again changes nothing. With --replace another plan takes the place of the earlier one,
    which is kept in plans/earlier/ with its date, and its facts replace those of the row.

    \b
    Examples:
      handbook register add plan.json
      handbook register add plan.json --replace
    """
    from handbook.register import add_plan

    _tell(add_plan(plan, _find(public, beside), today=_day(on), replace=replace))


@register.command()
@click.argument("channel")
@_options
@click.option("--name", help="The name that readers see.")
@click.option("--url", metavar="ADDRESS", help="It begins with https://.")
@click.option("--unit", help="The lab, department or service.")
@click.option("--language", metavar="CODE", help="fi, sv, en …")
@click.option("--status", help="planned, active, paused or closed.")
@click.option("--mailbox", "role_mailbox", metavar="ADDRESS", help="A shared mailbox (internal).")
@click.option("--administrators", metavar="N", help="How many there are (internal).")
@click.option("--plan-file", metavar="FILE", help="Its plan in plans/ (internal).")
@click.option("--notified-on", metavar="DAY", help="When Communications was told (internal).")
@click.option("--review-due", metavar="DAY", help="When it is to be reviewed (internal).")
@click.option("--notes", help="Anything else; no names of persons (internal).")
def edit(channel: str, public: Path | None, beside: Path | None, **changes: str | None) -> None:
    """Change what the register says of CHANNEL.

    An empty text ("") takes a value out. When the name, the address, the unit or the language
    changes, the row is unconfirmed again.

    \b
    Examples:
      handbook register edit linkedin:our-page --name "Our page" --unit "Our lab"
      handbook register edit linkedin:our-page --notified-on 2026-11-02
      handbook register edit linkedin:our-page --status paused --notes ""
    """
    from handbook.register import edit_channel

    given = {name: value for name, value in changes.items() if value is not None}
    if not given:
        raise HandbookError("Nothing to change. Name what: handbook register edit --help")
    _tell(edit_channel(_find(public, beside), channel, given))


@register.command()
@click.argument("channel")
@_options
@_on("Day on which somebody confirmed it.  [default: today]")
def confirm(channel: str, public: Path | None, beside: Path | None, on: datetime | None) -> None:
    """Say that the row of CHANNEL was confirmed: the directory then shows the day."""
    from handbook.register import confirm_channel

    _tell(confirm_channel(_find(public, beside), channel, _day(on), today=date.today()))


@register.command()
@click.argument("channel")
@_options
@_on("Day on which it was closed.  [default: today]")
def close(channel: str, public: Path | None, beside: Path | None, on: datetime | None) -> None:
    """Say that CHANNEL is closed; its row stays, and no review is due any more."""
    from handbook.register import close_channel

    _tell(close_channel(_find(public, beside), channel, _day(on), today=date.today()))


@register.command()
@click.argument("record", metavar="REVIEW", type=click.Path(path_type=Path))
@_options
@click.option("--replace", is_flag=True, help="Put it in the place of another of the same day.")
def review(record: Path, public: Path | None, beside: Path | None, replace: bool) -> None:
    """Take REVIEW, a review.json, and do what was decided.

    The form "Channel review" gives the file; it is kept in reviews/ with its day. "keep" and
    "change" set the day of the next review, half a year ahead where the form leaves it open;
    "merge" and "close" close the channel. The same review again changes nothing, and one that is
    older than the newest is only kept.

    \b
    Example:
      handbook register review review.json
    """
    from handbook.register import add_review

    folder = _find(public, beside)
    _tell(add_review(record, folder, today=date.today(), replace=replace))


@register.command()
@_options
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The store to compare with.  [default: that of --beside, else $HANDBOOK_STORE, else "
    "work/handbook.duckdb where there is one]",
)
@_on("The day on which it is asked.  [default: today]")
@as_json_option
def due(
    public: Path | None,
    beside: Path | None,
    store: Path | None,
    on: datetime | None,
    as_json: bool,
) -> None:
    """Say what is due: plans, reviews, confirmations, and imports without a row.

    Plans that end within the threshold of organisation.yml (60 days), or have ended; reviews;
    open channels that were never confirmed, or not for the threshold (12 months); channels of
    the store that the register does not know. Closed channels are left out.

    Exit code: 0 nothing is due; 1 something is; 2 a file is wrong.
    """
    from handbook.register import find_due

    folder, day = _find(public, beside), _day(on)
    compared = _find_store(store, beside)
    found = find_due(folder, on=day, store=compared)
    if as_json:
        rows: list[dict[str, Any]] = [
            dataclasses.asdict(one) | {"day": one.day and one.day.isoformat()} for one in found
        ]
        told = {"on": day.isoformat(), "store": compared and str(compared), "due": rows}
        click.echo(_to_json("handbook-due/1", folder, **told))
    else:
        click.echo(f"Due on {day}:" if found else f"Nothing is due on {day}.")
        for kind, title in KINDS.items():
            lines = [f"    {one.channel_id}: {one.text}" for one in found if one.kind == kind]
            if lines:
                click.echo("\n".join([f"  {title}", *lines]))
        if compared is None:
            click.echo("No store was compared with the register: there is none.")
    if found:
        sys.exit(1)


def _find_store(store: Path | None, beside: Path | None) -> Path | None:
    if store:
        return store.expanduser().resolve()
    if beside and beside.expanduser().is_file():
        return beside.expanduser().resolve()
    default = paths.WORK / "handbook.duckdb"
    return paths.chosen_store() or (default if default.exists() else None)


def _day(on: datetime | None) -> date:
    return on.date() if on else date.today()


def _to_json(schema: str, folder: Folder, **content: Any) -> str:
    files = {"register": str(folder.register), "internal": str(folder.internal)}
    return json.dumps({"schema": schema, **files, **content}, ensure_ascii=False, indent=1)
