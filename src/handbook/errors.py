"""The one kind of error that a user is meant to read."""


class HandbookError(Exception):
    """Something that the user can mend.

    The message says where (file, row, column), what was expected, what stood there and what to
    do next.
    The `handbook` command prints it without a traceback and exits with 2.
    """
