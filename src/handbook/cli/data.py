"""`handbook import`, `formats`, `template`, `status`, `undo` and `channel`."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handbook import paths
from handbook.errors import HandbookError
from handbook.schema import PLATFORMS

if TYPE_CHECKING:
    from handbook.importers.archives import Found
    from handbook.store import ChannelState, Report, State

LARGE = 5_000_000
"""Bytes from which on reading a file takes long enough to say so."""

_TABLES = {
    "channel_day": ("day", "days"),
    "post": ("post", "posts"),
    "count_series": ("count within the day", "counts within the day"),
    "metric_extra": ("extra value", "extra values"),
}


def _default_store() -> Path:
    return paths.chosen_store() or paths.WORK / "handbook.duckdb"


store_option = click.option(
    "--store",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The store: one file.  [default: $HANDBOOK_STORE, else work/handbook.duckdb]",
)


def chosen(store: Path | None) -> Path:
    """Return the store that the user means."""
    return (store or _default_store()).expanduser().resolve()


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@store_option
@click.option(
    "-r",
    "--recursive",
    is_flag=True,
    help="Take folders with all the exports in them, and in the folders below.",
)
@click.option(
    "--channel",
    "channels",
    multiple=True,
    metavar="ID",
    help="Whose the files are, such as linkedin:example-page. Once for each platform.",
)
@click.option(
    "--platform",
    type=click.Choice(list(PLATFORMS)),
    help="Which platform files are of that do not say it: some of Meta's by day.",
)
@click.option(
    "--exported-on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day on which you downloaded the files. Newer exports win over older ones.",
)
@click.option("--no-text", is_flag=True, help="Keep no text of posts.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each file, write nothing.")
@click.option("--strict", is_flag=True, help="Exit with 1 if there is any warning.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON, for other programs.")
def import_(
    files: tuple[Path, ...],
    store: Path | None,
    recursive: bool,
    channels: tuple[str, ...],
    platform: str | None,
    exported_on: datetime | None,
    no_text: bool,
    dry_run: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Import exports of your channels into a store.

    Give the files as you downloaded them, .zip and .tar.gz included; do not open them in a
    spreadsheet program first. `handbook formats` lists what is known. For everything else there
    is a plain CSV: `handbook template`.

    \b
    Examples:
      handbook import content.xls followers.xls visitors.xls --channel linkedin:our-page
      handbook import -r downloads --exported-on 2026-03-01
      handbook import Overview.zip --channel tiktok:ours --dry-run
      handbook import days.csv posts.csv --store work/ours.duckdb

    Whose a file is, is found in this order: the channel that its content names, if it is known;
    --channel; a file channels.csv beside it (columns pattern,channel_id); what the content calls
    it; a known channel's name in the file's name. Then it is assumed: from a name as LinkedIn
    gives it, or as the register's only channel of the platform. Otherwise it is kept under
    PLATFORM:unnamed. `handbook channel assign` says later whose it is.

    The same file twice changes nothing. Files may be imported in any order: where several tell
    of the same day, the newest export wins. A file that cannot be read is refused with a reason,
    and the others are imported. `handbook undo` takes an import back.

    Exit code: 0 all fine; 1 with --strict, if there was a warning or a rejected row; 2 if
    anything was refused.
    """
    from handbook import register
    from handbook.importers import Options, read_source
    from handbook.importers.archives import find_files
    from handbook.store import import_files

    path = chosen(store)
    if store is None and paths.chosen_store() is None and not dry_run:
        path.parent.mkdir(exist_ok=True)
    passed_over: list[str] = []
    found = find_files(
        files,
        recursive=recursive,
        options=Options(
            platform=platform or (channels[0].split(":")[0] if len(channels) == 1 else None),
            exported_on=exported_on.date() if exported_on else None,
            keep_text=not no_text,
        ),
        passed_over=passed_over.append,
    )
    reports = import_files(
        path,
        _announced(found),
        read=lambda file: read_source(file.open()),
        registered=register.load(),
        channel=channels,
        exported_on=exported_on.date() if exported_on else None,
        dry_run=dry_run,
    )
    done: list[Report] = []
    several = recursive or len(files) > 1
    for report in reports:
        done.append(report)
        if report.outcome == "passed over":
            passed_over.append(report.name)
        elif not as_json:
            number = f"[{len(done)}] " if several or len(done) > 1 else ""
            name = str(report.path.parent / report.name) if recursive else report.name
            click.echo(number + describe(report, name), err=report.outcome == "refused")
    refused = sum(report.outcome == "refused" for report in done)
    warned = sum(report.has_warnings for report in done)
    if as_json:
        click.echo(_as_json(path, done, passed_over, dry_run))
    else:
        _sum_up(path, done, passed_over, dry_run)
    if refused or (strict and warned):
        sys.exit(2 if refused else 1)


def _sum_up(path: Path, done: list[Report], passed_over: list[str], dry_run: bool) -> None:
    if passed_over:
        shown = ", ".join(passed_over[:5])
        more = f" and {len(passed_over) - 5} more" if len(passed_over) > 5 else ""
        click.echo(f"Passed over, as no exports of a channel: {shown}{more}")
    refused = sum(report.outcome == "refused" for report in done)
    if refused:
        these = "it" if refused == 1 else "them"
        click.echo(
            f"{refused} of {len(done)} refused; nothing of {these} is in the store.", err=True
        )
    if dry_run:
        click.echo("Dry run: nothing was written.")
    elif any(report.outcome != "refused" for report in done):
        click.echo(f"Store: {path}\nWhat it holds: handbook status --store {quoted(path)}")


def _as_json(path: Path, done: list[Report], passed_over: list[str], dry_run: bool) -> str:
    """Return the reports for other programs; days and times in ISO 8601, times in UTC."""
    files = []
    for report in done:
        if report.outcome == "passed over":
            continue
        row = asdict(report)
        row["path"] = str(report.path)
        row["period"] = report.period and {"start": report.period[0], "end": report.period[1]}
        row["rows"] = {
            "read": row.pop("rows_read"),
            "kept": row.pop("rows_kept"),
            "dropped": row.pop("rows_dropped"),
            "rejected": row.pop("rows_rejected"),
        }
        files.append(row)
    outcomes = Counter(report.outcome for report in done)
    whole = {
        "schema": "handbook-import/1",
        "store": str(path),
        "dry_run": dry_run,
        "imported": outcomes["imported"],
        "unchanged": outcomes["unchanged"],
        "refused": outcomes["refused"],
        "files": files,
        "passed_over": passed_over,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=_iso)


def _iso(value: date) -> str:
    return value.isoformat() + ("Z" if isinstance(value, datetime) else "")


def _announced(files: Iterable[Found]) -> Iterable[Found]:
    """Say before a large file that it is being read."""
    for file in files:
        if file.load is None and file.path.is_file() and file.path.stat().st_size >= LARGE:
            size = file.path.stat().st_size / 1e6
            click.echo(f"Reading {file.name} ({size:.0f} MB) …", err=True)
        yield file


def describe(report: Report, name: str) -> str:
    """Return what became of a file, in a few lines."""
    if report.outcome == "refused":
        return f"{name}: REFUSED\n    {report.reason}"
    if report.outcome == "unchanged":
        whose = report.channel_id or "its own channels"
        lines = [f"{name}: imported before as {report.import_id} ({whose}); nothing changed"]
    else:
        kept = ", ".join(
            number_of(report.kept[table], *words)
            for table, words in _TABLES.items()
            if report.kept.get(table)
        )
        language = f", headers in {report.language}" if report.language else ""
        lines = [
            f"{name}: {(report.title or '').split(',')[0]}, import {report.import_id}",
            f"    format    {report.format}{language}, {report.encoding}",
            f"    kept      {kept or 'nothing'}{_days(report.period)}",
            f"    channel   {report.channel_id or 'as its rows say'} ({report.channel_source})",
            f"    exported  {report.exported_at:%Y-%m-%d} ({report.exported_at_source})",
            f"    rows      {report.rows_read:,} read, {report.rows_kept:,} kept, "
            f"{report.rows_dropped:,} dropped, {report.rows_rejected:,} rejected",
        ]
        lines += [f"    rejected  {reason}" for reason in report.rejected[:10]]
        if report.rows_rejected > 10:
            listed = len(report.rejected)
            told = "all" if listed == report.rows_rejected else f"the first {listed:,}"
            more = report.rows_rejected - 10
            lines.append(f"    rejected  … and {more:,} more ({told}: --json)")
    lines += [f"    warning   {warning}" for warning in report.warnings]
    return "\n".join(lines)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
def formats(as_json: bool) -> None:
    """List the exports that are known, what each is known by, and what it cannot tell.

    A file is known by what stands in it, never by its name or ending.
    """
    from handbook.importers import FORMATS

    if as_json:
        rows = [asdict(one) for one in FORMATS]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    platform: str | None = ""
    order = [*PLATFORMS, None]
    for one in sorted(FORMATS, key=lambda one: order.index(one.platform)):
        if one.platform != platform:
            platform = one.platform
            click.echo(f"\n{PLATFORMS.get(platform or '', 'Any platform')}")
        languages = f" ({', '.join(one.languages)})" if one.languages else ""
        click.echo(f"  {one.id:<24}{one.title}{languages}")
        for label, text in (("known by", one.known_by), ("can't tell", one.cannot_tell)):
            click.echo(click.wrap_text(text, 96, f"      {label:<12}", " " * 18))
    click.echo("\nFor anything else: handbook template days, posts or counts.")


@click.command()
@click.argument("kind", type=click.Choice(["days", "posts", "counts"]))
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
def template(kind: str, file: Path | None) -> None:
    """Write an empty plain CSV to fill in, for figures that no importer reads.

    \b
    days     a row for each channel and day
    posts    a row for each post and day on which you noted its numbers
    counts   a row for each interval within the day

    It goes to FILE, or to the screen. Notes in its first lines explain the columns; leave out
    those that you have no numbers for.
    """
    from handbook.importers.plain import write_template

    text = write_template(kind)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        with file.open("x", encoding="utf-8", newline="") as new:
            new.write(text)
    except FileExistsError:
        raise HandbookError(f"{file} is there already. Name another file.") from None
    except OSError as error:
        raise HandbookError(f"{file} could not be written ({error.strerror}).") from None
    click.echo(f"{file} is written. Fill it in, then: handbook import {quoted(file)}")


@click.command()
@store_option
def status(store: Path | None) -> None:
    """Say what a store holds and what is missing in it.

    Channels with their days, posts, first and last day and gaps; imports with the ids that
    `handbook undo` takes; and what is assumed because no file said it.
    """
    from handbook.store import read_state

    for line in _status_lines(read_state(chosen(store))):
        click.echo(line)


def _status_lines(state: State) -> Iterable[str]:
    yield f"Store: {state.store}"
    if state.made_up:
        yield "Made-up data of a made-up university."
    if state.forgotten:
        entries = number_of(state.forgotten, "entry", "entries")
        yield f"Forgotten: {entries}. handbook forget --list says what."
    if not state.imports:
        yield "It is empty: nothing has been imported, or everything was taken back."
        return
    yield ""
    yield f"{number_of(len(state.channels), 'channel', 'channels')}:"
    for channel in state.channels:
        yield from _channel_lines(channel)
    if state.series:
        yield f"Counts within the day: {state.series} series."
    yield ""
    yield f"{number_of(len(state.imports), 'import', 'imports')}:"
    width = max(len(one.file_name) for one in state.imports)
    for one in state.imports:
        period = _days((one.period_start, one.period_end)) if one.period_start else ""
        yield (
            f"  {one.import_id}  {one.file_name:<{width}}  {one.format}, "
            f"{number_of(one.rows_kept, 'row', 'rows')}{period}, "
            f"exported {one.exported_at:%Y-%m-%d}, {one.channel_id or 'its own channels'}"
        )
        if one.rows_rejected:
            yield f"      {number_of(one.rows_rejected, 'row', 'rows')} rejected"
    if state.undone:
        yield f"  ({number_of(state.undone, 'import was', 'imports were')} taken back.)"
    assumed = list(_assumed_lines(state))
    if assumed:
        yield ""
        yield "Assumed, because no file says it:"
        yield from assumed


def _channel_lines(channel: ChannelState) -> Iterable[str]:
    mark = " (assumed)" if channel.assumed else ""
    yield f"  {channel.channel_id}{mark}"
    days = number_of(channel.days, "day", "days")
    yield f"    {days}{_days((channel.first_day, channel.last_day)) if channel.first_day else ''}"
    if channel.gaps:
        lost = sum((end - start).days + 1 for start, end in channel.gaps)
        shown = ", ".join(
            f"{start}" if start == end else f"{start} to {end}" for start, end in channel.gaps[:5]
        )
        more = f" and {len(channel.gaps) - 5} more" if len(channel.gaps) > 5 else ""
        yield f"    no data on {number_of(lost, 'day', 'days')} in between: {shown}{more}"
    elif channel.days:
        yield "    no gaps"
    posts = number_of(channel.posts, "post", "posts")
    first = channel.first_post
    yield f"    {posts}{_days((first, channel.last_post)) if first else ''}"


def _assumed_lines(state: State) -> Iterable[str]:
    for channel in state.channels:
        if channel.assumed:
            platform, _, name = channel.channel_id.partition(":")
            to = f"{platform}:NAME" if name == "unnamed" else channel.channel_id
            yield (
                f"  whose the files of {channel.channel_id} are. To say it: "
                f"handbook channel assign {channel.channel_id} {to} --store {quoted(state.store)}"
            )
    undated = [one.file_name for one in state.imports if "assumed" in one.exported_at_source]
    if undated:
        shown = ", ".join(undated[:3]) + (f" and {len(undated) - 3} more" if undated[3:] else "")
        yield f"  when these were exported (their last day, or the import's): {shown}"


@click.command()
@click.argument("import_id", metavar="IMPORT")
@store_option
def undo(import_id: str, store: Path | None) -> None:
    """Take one import back; what it covered shows again.

    IMPORT is the id that `handbook import` and `handbook status` print, or its beginning.
    """
    from handbook.store import undo as take_back

    full_id, name, removed = take_back(chosen(store), import_id)
    click.echo(f"Took back {full_id} ({name}): {number_of(removed, 'row', 'rows')} removed.")


@click.group()
def channel() -> None:
    """Say which channel imported files belong to, and what happened on it."""


@channel.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@store_option
def assign(old: str, new: str, store: Path | None) -> None:
    """Say that what stands under OLD is of the channel NEW, and confirm it.

    \b
    Examples:
      handbook channel assign linkedin:unnamed linkedin:our-page
      handbook channel assign linkedin:our-page linkedin:our-page   (confirms only)
    """
    from handbook.store import assign as give

    moved = give(chosen(store), old, new)
    if old == new:
        click.echo(f"{new} is confirmed.")
    else:
        moves = number_of(moved, "import", "imports")
        click.echo(f"{moves} moved from {old} to {new}, which is confirmed.")


@channel.command()
@click.argument("channel_id", metavar="CHANNEL")
@click.option("--start", required=True, metavar="TIME", help="A day, or a time in UTC.")
@click.option("--end", required=True, metavar="TIME", help="A day, or a time in UTC; included.")
@click.option("--note", default="", help="What it was, without names of people.")
@store_option
def acknowledge(channel_id: str, start: str, end: str, note: str, store: Path | None) -> None:
    """Record an incident, so that it no longer counts as usual.

    The uproar watch still tells of it, and no longer takes it for what this channel is like. It
    is written into incidents.csv beside the store; to take it back, delete the row there.

    \b
    Examples:
      handbook channel acknowledge x:ours --start 2026-03-09 --end 2026-03-11 --note "Parking fees"
      handbook channel acknowledge x:ours --start 2026-03-09T14:00Z --end 2026-03-09T23:00Z
    """
    from handbook import register

    path = chosen(store)
    incident = register.read_incident(channel_id, start, end, note, "The incident")
    folder = register.folder_for(path)
    if register.add_incident(folder, incident):
        click.echo(f"{channel_id}: {incident.start:%Y-%m-%d %H:%M} to {incident.end:%Y-%m-%d %H:%M}"
                   f" UTC is acknowledged, in {folder.incidents}.")  # fmt: skip
    else:
        click.echo(f"{channel_id}: this incident stands in {folder.incidents} already.")


def number_of(count: int, one: str, many: str) -> str:
    """Return a count with its noun, such as 1,200 posts."""
    return f"{count:,} {one if count == 1 else many}"


def _days(period: tuple[date | None, date | None] | None) -> str:
    if not period or not period[0]:
        return ""
    return f", {period[0]}" if period[0] == period[1] else f", {period[0]} to {period[1]}"


def quoted(path: Path) -> str:
    """Return a path as a shell wants it."""
    text = str(path)
    return f'"{text}"' if re.search(r"[^\w./\\:-]", text) else text
