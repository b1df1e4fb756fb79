"""`handbook book`, `serve` and `build`."""

from __future__ import annotations

from pathlib import Path

import click

from handbook import paths


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=paths.BUILD,
    help="Where the build goes; the pages come to stand in OUT/html.",
    show_default="_build",
)
@click.option("--allow-warnings", is_flag=True, help="Finish although Sphinx warns.")
@click.option("-q", "--quiet", is_flag=True, help="Print warnings and errors only.")
def book(out: Path, allow_warnings: bool, quiet: bool) -> None:
    """Build the book into _build/html from the committed notebooks."""
    from handbook.book.build import build

    html = build(out.resolve(), strict=not allow_warnings, quiet=quiet)
    click.echo(f"The book stands in {html}.\nOpen {(html / 'index.html').as_uri()}")
