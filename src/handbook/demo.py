"""The made-up university's store: what notebooks, pages and tests run on."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from filelock import FileLock

from handbook import paths, register
from handbook.errors import HandbookError
from handbook.importers import read_source
from handbook.importers.archives import Found, find_files
from handbook.store import import_files

EXPORTS = paths.DEMO / "exports"

SOURCES = ("importers", "store", "schema.py", "csvfile.py", "database.py", "register", "demo.py")
"""What of the package decides about the content of the store."""


def demo_store() -> Path:
    """Return the store of the made-up university, built first where there is none yet.

    It is built by the ordinary importers from `data/demo/exports`, under a lock and another
    name, so that nobody ever opens half of it. Its name carries a hash of the exports and of the
    code that reads them: a change of either makes a new store.

    Returns
    -------
    pathlib.Path
        `_build/demo-<hash>.duckdb`; its table `meta` says `made_up = true`.

    Raises
    ------
    HandbookError
        An export was refused, or the store could not be written.
    """
    store = paths.BUILD / f"demo-{_fingerprint()}.duckdb"
    if not store.exists():
        paths.BUILD.mkdir(parents=True, exist_ok=True)
        with FileLock(paths.BUILD / "demo.lock"):
            if not store.exists():
                _build(store)
    return store


def find_exports() -> list[Found]:
    """Return the made-up exports, folder by folder in the order of their names."""
    return list(find_files([EXPORTS], recursive=True))


def _fingerprint() -> str:
    package = Path(__file__).parent
    sources = [package / name for name in SOURCES]
    files = {path.relative_to(package): path for source in sources for path in _files_of(source)}
    files |= {path.relative_to(paths.DEMO): path for path in _files_of(paths.DEMO)}
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(files[name].read_bytes()).digest())
    return digest.hexdigest()[:12]


def _files_of(source: Path) -> list[Path]:
    """Return a file, or those below a folder that a person wrote."""
    if source.is_file():
        return [source]
    return [p for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def _build(store: Path) -> None:
    with tempfile.TemporaryDirectory(dir=paths.BUILD) as folder:
        new = Path(folder) / store.name
        reports = import_files(
            new,
            find_exports(),
            read=lambda found: read_source(found.open()),
            registered=register.load(paths.DEMO / "register.csv"),
            made_up=True,
        )
        refused = [report.reason for report in reports if report.outcome == "refused"]
        if refused:
            raise HandbookError("\n".join(["The made-up exports were refused:", *refused]))
        new.replace(store)
