"""The one kind of error that a user is meant to read, and Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class HandbookError(Exception):
    """Something that the user can mend.

    The message says where (file, row, column), what was expected, what stood there and what to
    do next.
    The `handbook` command prints it without a traceback and exits with 2.
    """


@contextmanager
def ctrl_c() -> Iterator[None]:
    """Make of Ctrl-C what it is everywhere else, also while DuckDB works."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise
