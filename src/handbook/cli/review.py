"""`handbook review`: months and years on paper."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from handbook import paths
from handbook.errors import HandbookError


@click.command()
@click.option("--month", metavar="YYYY-MM", help="A month of all channels, on one page.")
@click.option("--channel", metavar="ID", help="The last twelve months of a channel, on two pages.")
@click.option("--all", "every", is_flag=True, help="The same of every channel that is not closed.")
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="The store.  [default: $HANDBOOK_STORE, else work/handbook.duckdb where there is one, "
    "else the made-up university]",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the files come to stand.  [default: work/reviews/]",
)
def review(
    month: str | None, channel: str | None, every: bool, store: Path | None, out: Path | None
) -> None:
    """Write a month or a channel's year as an HTML file and as a PDF to print.

    A month stands beside the month before and the same month last year. A year holds a channel's
    plan against its record, and ends with what speaks for keeping, changing, merging or closing
    it. The files are internal: each has everything in it and asks no other host for anything.

    Exit code: 0 all written; 1 HTML alone, because no Chromium printed it; 2 nothing to review.

    \b
    Examples:
      handbook review --month 2026-10
      handbook review --channel linkedin:our-page
      handbook review --all --store work/handbook.duckdb
    """
    if sum(map(bool, (month, channel, every))) != 1:
        raise HandbookError("say what to review: one of --month, --channel or --all.")
    chosen = _find_store(store)
    if chosen:
        os.environ["HANDBOOK_STORE"] = str(chosen)

    from handbook import yearly
    from handbook.book import reviews
    from handbook.chromium import find_chromium

    held = reviews.load()
    folder = (out or paths.WORK / "reviews").expanduser().resolve()
    reviews.check_folder(folder, made_up=held.made_up)
    if month:
        chosen_month = reviews.find_month(month, held)
        wanted = [lambda: reviews.review_month(chosen_month, held)]
    else:
        open_ones = held.channels[held.channels["status"].fillna("active") != "closed"]
        ids = list(open_ones["channel_id"]) if every else [yearly.choose(held.channels, channel)]
        wanted = [lambda one=one: reviews.review_year(one, held) for one in ids]
    click.echo(held.banner)
    try:
        chromium, why = find_chromium(), ""
    except HandbookError as error:
        chromium, why = None, str(error)
    for make in wanted:
        one = make()
        if chromium:
            try:
                pdf, pages = reviews.write_pdf(one, folder, chromium)
            except HandbookError as error:
                chromium, why = None, str(error)
            else:
                click.echo(f"{pdf} ({pages} {'page' if pages == 1 else 'pages'}), and as HTML")
                continue
        click.echo(str(reviews.write_html(one, folder)))
    if why:
        click.echo(f"Not printed, HTML alone: {why}", err=True)
        sys.exit(1)


def _find_store(store: Path | None) -> Path | None:
    """Return the store that is meant; None for the made-up university's."""
    default = paths.WORK / "handbook.duckdb"
    chosen = store.expanduser().resolve() if store else paths.chosen_store()
    chosen = chosen or (default if default.exists() else None)
    if chosen:
        from handbook.store import check_store

        check_store(chosen)
    return chosen
