"""A DuckDB file: opened, or a plain reason why not."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from handbook.errors import HandbookError, ctrl_c

WAIT_S = 10.0
"""How long to wait for another process to let go of a store."""

_CONFIG = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
_LOCKED = re.compile(r"set lock on file|being used by another process|different configuration")
_HOLDER = re.compile(r"held in (.+?)\s*\(PID (\d+)\)")


@contextmanager
def open_database(
    path: Path, *, read_only: bool = True, wait_s: float = WAIT_S
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the DuckDB file at `path`, and close it at the end.

    Keep it open as briefly as possible: while anything holds a store open, nobody can import.

    Parameters
    ----------
    path : Path
        An existing store.
    read_only : bool
        True: several readers may have it open at once, and nothing can be changed.
    wait_s : float
        Seconds to wait while another process holds the file.

    Raises
    ------
    HandbookError
        It is missing, a folder, not a store, damaged, read-only, or held by another process.
    """
    if path.is_dir():
        raise HandbookError(f"{path} is a folder. Name a store, which is one file.")
    _refuse_missing(path)
    if not read_only and not path.stat().st_mode & 0o222:
        raise HandbookError(
            f"{path} is read-only. Give yourself the right to write it, or name another store "
            "with --store."
        )
    connection = _connect(path, read_only, time.monotonic() + wait_s)
    try:
        with ctrl_c():
            yield connection
    except duckdb.Error as error:
        raise _explain(path, error) from error
    finally:
        connection.close()


def _connect(path: Path, read_only: bool, deadline: float) -> duckdb.DuckDBPyConnection:
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only, config=_CONFIG)
        except duckdb.Error as error:
            if not _LOCKED.search(str(error)) or time.monotonic() >= deadline:
                raise _explain(path, error) from error
        time.sleep(0.05)
        _refuse_missing(path)  # the other process may have taken it away again


def _refuse_missing(path: Path) -> None:
    if not path.exists():
        raise HandbookError(
            f"There is no store at {path} yet. "
            f"Make it by importing: handbook import FILE --store {path}"
        )


def _explain(path: Path, error: duckdb.Error) -> HandbookError:
    said = str(error).splitlines()[0]
    if _LOCKED.search(said):
        holder = _HOLDER.search(said)
        who = f"{holder[1]} (process {holder[2]})" if holder else "another process"
        return HandbookError(
            f"{path} is held open by {who}. Close it there (in JupyterLab: Kernel, Shut Down; "
            "or wait until the other import has finished), then try again."
        )
    if re.search(r"not a valid DuckDB|read enough bytes|[Cc]orrupt|checksum|serializ", said):
        return HandbookError(
            f"{path} is not a store, or it is damaged. Nothing was changed in it. "
            f"Move it away, and import your exports again into a new one. (DuckDB says: {said})"
        )
    if re.search(r"No space left|[Cc]ould not write|File too large|quota", said):
        return HandbookError(
            f"{path} could not be written: the disk is full, or the file may not grow. "
            f"Make room and import again; what was there before is still there. "
            f"(DuckDB says: {said})"
        )
    if re.search(r"[Pp]ermission denied|read-only", said):
        return HandbookError(
            f"{path}, or the folder that it stands in, is read-only. Give yourself the right to "
            f"write there, or name another store with --store. (DuckDB says: {said})"
        )
    return HandbookError(f"{path} could not be used. (DuckDB says: {said})")
