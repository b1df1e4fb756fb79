"""`handbook book`, `serve` and `build`."""

from __future__ import annotations

from pathlib import Path

import click

from handbook import paths
from handbook.errors import HandbookError

out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the build goes; the pages come to stand in OUT/html.",
)
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Tell what Sphinx does.")


@click.command()
@out_option
@click.option("--allow-warnings", is_flag=True, help="Finish although Sphinx warns.")
@verbose_option
def book(out: Path | None, allow_warnings: bool, verbose: bool) -> None:
    """Build the book into _build/html.

    The notebooks' pages show what was committed: the made-up university, never your own figures.
    """
    from handbook.book.build import build

    click.echo("Building the book ...")
    html = build((out or paths.BUILD).resolve(), strict=not allow_warnings, verbose=verbose)
    click.echo(f"The book is built. Open {(html / 'index.html').as_uri()}")
    click.echo("Or show it with: make serve (handbook serve)")


@click.command("build")
@click.option(
    "--store",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The store that `handbook import` wrote.",
)
@out_option
@verbose_option
def internal(store: Path, out: Path | None, verbose: bool) -> None:
    """Build an internal book on the figures of your own store.

    Copies of the notebooks are executed on the store; the committed ones stay as they are.
    Every page says that it is internal. Do not publish it.

    \b
    Example:
      handbook build --store work/handbook.duckdb
    """
    from handbook.book.internal import build_internal

    html = build_internal(
        store.resolve(), (out or paths.BUILD / "internal").resolve(), click.echo, verbose=verbose
    )
    click.echo(f"The internal book is built. Open {(html / 'index.html').as_uri()}")
    click.echo("It shows figures of real channels: do not publish it.")


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Another folder of built pages, such as _build/internal/html.",
)
def serve(port: int, folder: Path | None) -> None:
    """Show the built book in a browser, on this machine only.

    Port 0, or one that is taken, means any free port.
    """
    from handbook.book.build import build, is_current
    from handbook.book.serve import make_server

    if folder is None:
        folder = paths.BUILD / "html"
        if not is_current(folder):
            click.echo("Building the book ...")
            build()
    if not (folder / "index.html").exists():
        raise HandbookError(f"{folder} holds no built book: there is no index.html in it.")
    with make_server(folder, port) as server:
        click.echo(f"The book is at http://127.0.0.1:{server.server_port}/ (Ctrl-C ends this)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo()
