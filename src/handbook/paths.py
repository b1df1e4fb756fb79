"""Where the repository, the data and the store are: environment variable over default."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("HANDBOOK_ROOT") or Path(__file__).resolve().parents[2])
"""The repository: the package is always installed from it (`pip install -e .`)."""

BOOK = ROOT / "book"
NOTEBOOKS = ROOT / "notebooks"
DATA = ROOT / "data"
DEMO = DATA / "demo"
BUILD = ROOT / "_build"
WORK = ROOT / "work"


def chosen_store() -> Path | None:
    """Return the store named by `$HANDBOOK_STORE`, or None: the demo store is meant."""
    named = os.environ.get("HANDBOOK_STORE")
    return Path(named).expanduser().resolve() if named else None


def chosen_register() -> Path:
    """Return the public register: `$HANDBOOK_REGISTER`, else the repository's own."""
    named = os.environ.get("HANDBOOK_REGISTER")
    return Path(named).expanduser().resolve() if named else DATA / "register.csv"
