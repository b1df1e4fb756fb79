"""The internal book: the same pages, with the notebooks executed on a store of real channels."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from handbook import paths
from handbook.book.build import LEFT_OUT, build
from handbook.book.notebooks import copy_executed
from handbook.store import check_store


def build_internal(
    store: Path, out: Path, say: Callable[[str], None], *, verbose: bool = False
) -> Path:
    """Build the book on `store` and return the folder of its pages.

    Parameters
    ----------
    store
        A store that `handbook import` wrote; it is only read.
    out
        The pages come to stand in `out/html`, the copies they are made from in `out/source`.
    say
        Called with a line for each step.
    """
    check_store(store)
    source = out / "source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy2(paths.ROOT / name, source / name)
    shutil.copytree(paths.BOOK, source / "book", ignore=shutil.ignore_patterns(*LEFT_OUT))
    copy_executed(store, source / "notebooks", say)
    say("Building the internal book ...")
    return build(out, source=source, internal=True, verbose=verbose)
