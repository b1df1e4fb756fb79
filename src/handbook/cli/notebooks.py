"""`handbook lab` and `handbook notebooks`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from handbook import paths
from handbook.errors import HandbookError


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail where a file would change.")
@click.argument("names", nargs=-1)
def notebooks(check: bool, names: tuple[str, ...]) -> None:
    """Execute the notebooks in place on the made-up university's data.

    NAMES choose notebooks by the start of their file names (01 02); none means all.
    The same code and data give the same bytes: --check executes again and compares.
    """
    from handbook.book.notebooks import execute, list_notebooks, to_text, write_notebook

    chosen = [path for path in list_notebooks() if not names or path.name.startswith(tuple(names))]
    if not chosen:
        raise HandbookError(
            f"no notebook's name starts with {' or '.join(names)}. There are: "
            + ", ".join(path.name for path in list_notebooks())
        )
    changed = []
    for path in chosen:
        notebook = execute(path)
        if to_text(notebook) == path.read_text(encoding="utf-8"):
            click.echo(f"{path.name}: as it stands")
            continue
        changed.append(path.name)
        if not check:
            write_notebook(notebook, path)
            click.echo(f"{path.name}: executed, changed")
    if check and changed:
        raise HandbookError(
            f"{', '.join(changed)}: executing gives other bytes than the file holds. "
            "Run `handbook notebooks` and look at what changed."
        )


@click.command()
@click.argument("jupyter_arguments", nargs=-1)
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Your own store: copies of the notebooks are opened in work/, which git ignores.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, open no browser.")
def lab(jupyter_arguments: tuple[str, ...], store: Path | None, no_browser: bool) -> None:
    """Open the notebooks in JupyterLab.

    Without --store they show the made-up university. With --store you work in copies, so that
    real figures never stand in the files that git keeps.

    JUPYTER_ARGUMENTS, after --, go to JupyterLab: handbook lab -- --port 9000
    """
    from handbook.book.notebooks import copy_for_work, forget_widgets, list_notebooks

    folder = paths.NOTEBOOKS
    environment = {k: v for k, v in os.environ.items() if k != "HANDBOOK_STORE"}
    if store is None:
        from handbook.demo import demo_store

        demo_store()
    else:
        from handbook.store import check_store

        store = store.resolve()
        check_store(store)
        folder = paths.WORK / store.stem
        for made in copy_for_work(store, folder):
            click.echo(f"Copied {made.name} to {folder}")
        environment["HANDBOOK_STORE"] = str(store)
    for path in list_notebooks(folder):
        forget_widgets(path)
    command = [sys.executable, "-m", "jupyter", "lab", f"--notebook-dir={paths.ROOT}"]
    command += [f"--LabApp.default_url=/lab/tree/{folder.relative_to(paths.ROOT).as_posix()}"]
    command += ["--no-browser"] * no_browser
    sys.exit(subprocess.call([*command, *jupyter_arguments], env=environment))
