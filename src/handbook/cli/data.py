"""`handbook import`, `status`, `undo` and `channel`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handbook import paths

if TYPE_CHECKING:
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


def _chosen(store: Path | None) -> Path:
    return (store or _default_store()).expanduser().resolve()


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@store_option
@click.option(
    "--channel",
    metavar="ID",
    help="Whose the files are, such as linkedin:example-page. Needed where nothing else says it.",
)
@click.option(
    "--exported-on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day on which you downloaded the files. Newer exports win over older ones.",
)
def import_(
    files: tuple[Path, ...],
    store: Path | None,
    channel: str | None,
    exported_on: datetime | None,
) -> None:
    """Import exports of your channels into a store.

    Give the files as you downloaded them; do not open them in a spreadsheet program first.
    Known are LinkedIn Page exports (content, followers, visitors; .xls and .xlsx) and the plain
    CSV described in the book, on the page "Add your data".

    \b
    Examples:
      handbook import content.xls followers.xls visitors.xls --channel linkedin:our-page
      handbook import downloads/*.xls --exported-on 2026-03-01
      handbook import days.csv posts.csv --store work/ours.duckdb

    Whose a file is, is found in this order: the channel ids in its rows; --channel; a file
    channels.csv beside it (columns pattern,channel_id); a known channel's name in the file's name.
    Then it is assumed: from a name as LinkedIn gives it, or as the register's only channel of the
    platform. Otherwise it is kept under PLATFORM:unnamed. `handbook channel assign` says later
    whose it is.

    The same file twice changes nothing. Files may be imported in any order: where several tell
    of the same day, the newest export wins. A file that cannot be read is refused with a reason,
    and the others are imported; the exit code is then 2. `handbook undo` takes an import back.
    """
    from handbook import register
    from handbook.importers import read_file
    from handbook.store import import_files

    path = _chosen(store)
    if store is None and paths.chosen_store() is None:
        path.parent.mkdir(exist_ok=True)
    reports = import_files(
        path,
        _announced(files),
        read=read_file,
        registered=register.load(),
        channel=channel,
        exported_on=exported_on.date() if exported_on else None,
    )
    refused = 0
    for number, report in enumerate(reports, start=1):
        counter = f"[{number}/{len(files)}] " if len(files) > 1 else ""
        click.echo(counter + describe(report), err=report.outcome == "refused")
        refused += report.outcome == "refused"
    if refused:
        click.echo(f"{refused} of {len(files)} refused; nothing of it is in the store.", err=True)
        sys.exit(2)
    click.echo(f"Store: {path}\nWhat it holds: handbook status --store {_quoted(path)}")


def _announced(files: Iterable[Path]) -> Iterable[Path]:
    """Say before a large file that it is being read."""
    for path in files:
        if path.is_file() and path.stat().st_size >= LARGE:
            size = path.stat().st_size / 1e6
            click.echo(f"Reading {path.name} ({size:.0f} MB) …", err=True)
        yield path


def describe(report: Report) -> str:
    """Return what became of a file, in a few lines."""
    name = report.path.name
    if report.outcome == "refused":
        return f"{name}: REFUSED\n    {report.reason}"
    if report.outcome == "unchanged":
        whose = report.channel_id or "its own channels"
        lines = [f"{name}: imported before as {report.import_id} ({whose}); nothing changed"]
    else:
        kept = ", ".join(
            _number_of(report.kept[table], *words)
            for table, words in _TABLES.items()
            if report.kept.get(table)
        )
        lines = [
            f"{name}: {report.title.split(',')[0]}, import {report.import_id}",
            f"    kept      {kept}{_days(report.period)}",
            f"    channel   {report.channel_id or 'as its rows say'} ({report.channel_source})",
            f"    exported  {report.exported_at:%Y-%m-%d} ({report.exported_at_source})",
        ]
        left_out = report.rows_dropped + len(report.rejected)
        if left_out:
            lines.append(
                f"    rows      {report.rows_read} read, {report.rows_kept} kept, "
                f"{report.rows_dropped} repeated, {len(report.rejected)} rejected"
            )
        lines += [f"    rejected  {reason}" for reason in report.rejected[:10]]
        if len(report.rejected) > 10:
            lines.append(f"    rejected  … and {len(report.rejected) - 10} more")
    lines += [f"    warning   {warning}" for warning in report.warnings]
    return "\n".join(lines)


@click.command()
@store_option
def status(store: Path | None) -> None:
    """Say what a store holds and what is missing in it.

    Channels with their days, posts, first and last day and gaps; imports with the ids that
    `handbook undo` takes; and what is assumed because no file said it.
    """
    from handbook.store import read_state

    for line in _status_lines(read_state(_chosen(store))):
        click.echo(line)


def _status_lines(state: State) -> Iterable[str]:
    yield f"Store: {state.store}"
    if state.made_up:
        yield "Made-up data of a made-up university."
    if not state.imports:
        yield "It is empty: nothing has been imported, or everything was taken back."
        return
    yield ""
    yield f"{_number_of(len(state.channels), 'channel', 'channels')}:"
    for channel in state.channels:
        yield from _channel_lines(channel)
    if state.series:
        yield f"Counts within the day: {state.series} series."
    yield ""
    yield f"{_number_of(len(state.imports), 'import', 'imports')}:"
    width = max(len(one.file_name) for one in state.imports)
    for one in state.imports:
        period = _days((one.period_start, one.period_end)) if one.period_start else ""
        yield (
            f"  {one.import_id}  {one.file_name:<{width}}  {one.format}, "
            f"{_number_of(one.rows_kept, 'row', 'rows')}{period}, "
            f"exported {one.exported_at:%Y-%m-%d}, {one.channel_id or 'its own channels'}"
        )
        if one.rows_rejected:
            yield f"      {_number_of(one.rows_rejected, 'row', 'rows')} rejected"
    if state.undone:
        yield f"  ({_number_of(state.undone, 'import was', 'imports were')} taken back.)"
    assumed = list(_assumed_lines(state))
    if assumed:
        yield ""
        yield "Assumed, because no file says it:"
        yield from assumed


def _channel_lines(channel: ChannelState) -> Iterable[str]:
    mark = " (assumed)" if channel.assumed else ""
    yield f"  {channel.channel_id}{mark}"
    days = _number_of(channel.days, "day", "days")
    yield f"    {days}{_days((channel.first_day, channel.last_day)) if channel.first_day else ''}"
    if channel.gaps:
        lost = sum((end - start).days + 1 for start, end in channel.gaps)
        shown = ", ".join(
            f"{start}" if start == end else f"{start} to {end}" for start, end in channel.gaps[:5]
        )
        more = f" and {len(channel.gaps) - 5} more" if len(channel.gaps) > 5 else ""
        yield f"    no data on {_number_of(lost, 'day', 'days')} in between: {shown}{more}"
    elif channel.days:
        yield "    no gaps"
    posts = _number_of(channel.posts, "post", "posts")
    first = channel.first_post
    yield f"    {posts}{_days((first, channel.last_post)) if first else ''}"


def _assumed_lines(state: State) -> Iterable[str]:
    for channel in state.channels:
        if channel.assumed:
            platform, _, name = channel.channel_id.partition(":")
            to = f"{platform}:NAME" if name == "unnamed" else channel.channel_id
            yield (
                f"  whose the files of {channel.channel_id} are. To say it: "
                f"handbook channel assign {channel.channel_id} {to} --store {_quoted(state.store)}"
            )
    undated = [one.file_name for one in state.imports if "assumed" in one.exported_at_source]
    if undated:
        shown = ", ".join(undated[:3]) + (f" and {len(undated) - 3} more" if undated[3:] else "")
        yield f"  when these were exported (their last day was taken): {shown}"


@click.command()
@click.argument("import_id", metavar="IMPORT")
@store_option
def undo(import_id: str, store: Path | None) -> None:
    """Take one import back; what it covered shows again.

    IMPORT is the id that `handbook import` and `handbook status` print, or its beginning.
    """
    from handbook.store import undo as take_back

    full_id, name, removed = take_back(_chosen(store), import_id)
    click.echo(f"Took back {full_id} ({name}): {_number_of(removed, 'row', 'rows')} removed.")


@click.group()
def channel() -> None:
    """Say which channel imported files belong to."""


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

    moved = give(_chosen(store), old, new)
    if old == new:
        click.echo(f"{new} is confirmed.")
    else:
        moves = _number_of(moved, "import", "imports")
        click.echo(f"{moves} moved from {old} to {new}, which is confirmed.")


def _number_of(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _days(period: tuple[date | None, date | None] | None) -> str:
    if not period or not period[0]:
        return ""
    return f", {period[0]}" if period[0] == period[1] else f", {period[0]} to {period[1]}"


def _quoted(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if re.search(r"[^\w./\\:-]", text) else text
