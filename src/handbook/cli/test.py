"""`handbook test`, `check` and `clean`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from handbook import paths
from handbook.errors import HandbookError

GENERATED = ("make_demo.py", "make_datapackage.py")
"""Scripts whose output is committed; each knows `--check`."""

SLOW = ("tests/test_notebooks.py", "tests/browser")
"""What takes, with the notebooks themselves, about as long as all the other tests."""

SHARES = (("notebooks", *SLOW), ("tests", *(f"--ignore={part}" for part in SLOW)))
"""The whole suite in two parts."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def test(pytest_arguments: tuple[str, ...]) -> None:
    """Run every test: the package, the notebooks, the built book, the browser.

    PYTEST_ARGUMENTS go to pytest in place of the whole suite (handbook test tests/test_policy.py).
    """
    from handbook.chromium import find_chromium

    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env"]
    command += ["--nbval-sanitize-with", "tests/nbval.cfg"]
    if not pytest_arguments:
        os.environ["CHROMIUM"] = find_chromium()
    shares = [pytest_arguments] if pytest_arguments else SHARES
    sys.exit(call_together([[*command, *share] for share in shares]))


def call_together(commands: Sequence[Sequence[str]]) -> int:
    """Run commands at once and return 0, or what the first one that failed ended with.

    The last one speaks as it goes; what the others said follows, one after the other.
    """
    *others, last = commands
    with tempfile.TemporaryDirectory() as folder:
        said = [Path(folder) / f"{number}" for number in range(len(others))]
        started = []
        for one, path in zip(others, said, strict=True):
            with path.open("wb") as file:
                started.append(
                    subprocess.Popen(one, cwd=paths.ROOT, stdout=file, stderr=subprocess.STDOUT)
                )
        codes = [subprocess.call(last, cwd=paths.ROOT)]
        codes += [process.wait() for process in started]
        for path in said:
            click.echo(path.read_text(encoding="utf-8", errors="replace"))
    return next((code for code in codes if code), 0)


@click.command()
@click.option(
    "--public",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Check only that this folder of built pages may be published.",
)
def check(public: Path | None) -> None:
    """Lint, and check that everything generated is up to date."""
    if public:
        from handbook.book.build import refuse_internal

        click.echo(f"{refuse_internal(public)} pages, none of an internal build.")
        return
    python = sys.executable
    steps = [
        ("lint", [python, "-m", "ruff", "check", "."]),
        ("format", [python, "-m", "ruff", "format", "--check", "."]),
        ("rules", [python, "-m", "handbook", "policy", "check"]),
        ("checklists", [python, "-m", "handbook", "checklist", "check"]),
        ("register", [python, "-m", "handbook", "register", "check"]),
        *((name, [python, f"scripts/{name}", "--check"]) for name in GENERATED),
        ("notebooks", [python, "-m", "handbook", "notebooks", "--check"]),
    ]
    failed = []
    for name, command in steps:
        click.echo(f"{name}:")
        if subprocess.call(command, cwd=paths.ROOT):
            failed.append(name)
    if failed:
        raise HandbookError(f"not in order: {', '.join(failed)}. What to do stands above.")


@click.command()
def clean() -> None:
    """Remove what was built; stores and copies in work/ stay."""
    shutil.rmtree(paths.BUILD, ignore_errors=True)
    click.echo(f"Removed {paths.BUILD}")
