"""What tests of more than one folder need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from handbook import paths

os.environ.pop("HANDBOOK_STORE", None)
os.environ.pop("HANDBOOK_REGISTER", None)
os.environ["PYTHONHASHSEED"] = "0"


def _real(variable: str) -> Path:
    named = os.environ.get(variable)
    if named:
        folder = Path(named)
        assert folder.is_dir(), f"${variable} names {named}, and there is no such folder"
        return folder
    pytest.skip(f"${variable} is not set: real files are not part of the repository")


@pytest.fixture(scope="session")
def real_exports() -> Path:
    """The folder of real exports; the test is skipped where there is none."""
    return _real("REAL_EXPORTS")


@pytest.fixture(scope="session")
def real_datasets() -> Path:
    """The folder of public data sets; the test is skipped where there is none."""
    return _real("REAL_DATASETS")


@pytest.fixture(scope="session")
def demo_store() -> Path:
    """The made-up university's store."""
    from handbook.demo import demo_store

    return demo_store()


@pytest.fixture(scope="session")
def built_book() -> Path:
    """The folder of the built book, built when it is out of date, by one process for all."""
    from handbook.book.build import build, is_current

    html = paths.BUILD / "html"
    paths.BUILD.mkdir(exist_ok=True)
    with FileLock(paths.BUILD / "tests.lock"):
        return html if is_current(html) else build()
