"""Several files written together: all of them or none, also when the power fails in between."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from handbook.errors import HandbookError
from handbook.register.folder import Folder

JOURNAL = ".register-change.json"
"""What is about to be written; it stands beside the internal register while that lasts."""


def write_files(folder: Folder, files: Mapping[Path, bytes]) -> None:
    """Write files of a register: all of them, or none.

    What is to be written is noted first.
    If the program is ended in between, the next change finishes it (`finish_change`).

    Raises
    ------
    HandbookError
        A file could not be written; then all are as they were.
    """
    if not files:
        return
    journal = folder.internal.parent / JOURNAL
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    entries = [
        {"path": str(path.resolve()), "before": _hash(before[path]), "after": content.decode()}
        for path, content in files.items()
    ]
    done: list[Path] = []
    try:
        _write(journal, json.dumps(entries).encode())
        for path, content in files.items():
            done.append(path)
            _write(path, content)
        journal.unlink()
    except OSError as error:
        for path in done:
            _restore(path, before[path])
        journal.unlink(missing_ok=True)
        raise HandbookError(
            f"{error.filename or folder.register}: cannot be written ({error.strerror}). "
            "Nothing was changed."
        ) from None


def is_interrupted(folder: Folder) -> bool:
    """Return whether a change of the register was begun and not finished."""
    return (folder.internal.parent / JOURNAL).exists()


def finish_change(folder: Folder) -> bool:
    """Finish a change that was interrupted; return whether there was one.

    Raises
    ------
    HandbookError
        Somebody has changed one of its files since.
    """
    if not is_interrupted(folder):
        return False
    journal = folder.internal.parent / JOURNAL
    entries = json.loads(journal.read_text(encoding="utf-8"))
    for entry in entries:
        path, after = Path(entry["path"]), entry["after"].encode()
        now = _hash(path.read_bytes() if path.exists() else None)
        if now not in (entry["before"], _hash(after)):
            raise HandbookError(
                f"{path}: a change of the register was interrupted, and this file was edited "
                f"since. Delete {journal} to leave the files as they are, then check them: "
                "handbook register check"
            )
    for entry in entries:
        _write(Path(entry["path"]), entry["after"].encode())
    journal.unlink()
    return True


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; who may read it stays as it was."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, new)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != content:
        _write(path, content)


def _hash(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()
