"""Build the book with Jupyter Book, and say when what stands in `_build/html` is out of date."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from handbook import paths
from handbook.errors import HandbookError

SOURCES = ("_config.yml", "_toc.yml", "book", "notebooks", "data", "src/handbook", "pyproject.toml")
"""What the pages depend on, relative to the source folder."""

LEFT_OUT = {"__pycache__", ".ipynb_checkpoints"}

STAMP = ".built-from"

INTERNAL_MARK = '<meta name="robots" content="noindex'
"""What stands in the head of each page of an internal build."""

JUPYTER_BOOK = """
import sys
from jupyter_book.cli.main import main
try:
    main()
except RuntimeError:  # what is wrong was printed before
    sys.exit(1)
"""
"""Jupyter Book has no `python -m`, and its script need not be on the path."""


def fingerprint(source: Path) -> str:
    """Return a hash over the names and bytes of everything that the pages are made from."""
    digest = hashlib.sha256()
    for name in SOURCES:
        top = source / name
        files = [top] if top.is_file() else sorted(top.rglob("*"))
        for file in files:
            if file.is_file() and not LEFT_OUT & set(file.parts):
                digest.update(f"{file.relative_to(source).as_posix()}\0".encode())
                digest.update(file.read_bytes())
    register = paths.chosen_register()
    digest.update(register.read_bytes() if register.exists() else b"")
    return digest.hexdigest()


def build(
    out: Path = paths.BUILD,
    *,
    source: Path = paths.ROOT,
    internal: bool = False,
    strict: bool = True,
    verbose: bool = False,
) -> Path:
    """Build the book and return the folder of its pages.

    Parameters
    ----------
    out
        The pages come to stand in `out/html`.
    source
        The folder with `_config.yml` and `_toc.yml`.
    internal
        Whether the pages show figures of real channels: they say so, and ask search engines to
        stay away.
    strict
        Whether a warning fails the build.
    verbose
        Whether Sphinx tells what it does; warnings and errors are always printed.

    Raises
    ------
    HandbookError
        When Sphinx finds an error, or a warning while `strict`.
    """
    html = out / "html"
    out.mkdir(parents=True, exist_ok=True)
    target = out / "sphinx"
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(source)]
    command += ["--path-output", str(target), "--all"]
    command += ["-W", "-n", "--keep-going"] if strict else []
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HANDBOOK_")}
    environment |= {"PYTHONUTF8": "1", "HANDBOOK_INTERNAL": "1" if internal else ""}
    environment["HANDBOOK_REGISTER"] = str(paths.chosen_register())
    with FileLock(out / ".build.lock"):
        made_from = fingerprint(source)
        done = subprocess.run(
            command,
            env=environment,
            cwd=source,
            stdout=None if verbose else subprocess.DEVNULL,
        )
        built = target / "_build" / "html"
        if done.returncode:
            raise HandbookError(
                "the book was not built: what Sphinx found stands above, each with file and line. "
                "Mend it and build again; --verbose tells more."
            )
        shutil.rmtree(html, ignore_errors=True)
        shutil.move(built, html)
        (html / STAMP).write_text(made_from, encoding="utf-8")
    return html


def is_current(html: Path, *, source: Path = paths.ROOT) -> bool:
    """Return whether `html` was built from what `source` holds now."""
    stamp = html / STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint(source)


def refuse_internal(html: Path) -> int:
    """Return how many pages `html` holds; pages of an internal build are an error.

    Raises
    ------
    HandbookError
        When a page asks search engines to stay away, as each page of an internal build does, or
        when there is no page.
    """
    pages = sorted(html.rglob("*.html"))
    if not pages:
        raise HandbookError(f"{html} holds no pages. Build the book first: handbook book")
    for page in pages:
        if INTERNAL_MARK in page.read_text(encoding="utf-8"):
            raise HandbookError(
                f"{page} is a page of an internal build: it shows figures of real channels and "
                "must not be published. Publish what `handbook book` builds."
            )
    return len(pages)
