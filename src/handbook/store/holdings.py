"""What each import asks of a store, asked once for all files that come in together.

While a process imports, nobody else writes into the store, so that an answer holds until the
import itself changes something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from handbook.store.forget import find_entries
from handbook.store.whose import Known, Registered


class Holdings:
    """What a store holds, as far as every import needs it.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        The store, open to be written.
    registered : sequence of Registered

    Attributes
    ----------
    forgets : bool
        Whether anything is to be kept out. Imports do not change that.
    hashes, import_ids : set of str
        Of all files that were ever imported, and of some that were rolled back: what is not
        among them is not in the log.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, registered: Sequence[Registered]
    ) -> None:
        self._connection = connection
        self._registered = {
            row.channel_id: Known(
                row.channel_id, url=row.url, registered=True, name=getattr(row, "name", None)
            )
            for row in registered
        }
        self._stored: dict[str, Known] | None = None
        self._known: dict[str, Known] = {}
        self.forgets = any(entry.lifted_at is None for entry in find_entries(connection))
        logged = connection.execute("SELECT sha256, import_id FROM import_log").fetchall()
        self.hashes = {sha256 for sha256, _ in logged}
        self.import_ids = {import_id for _, import_id in logged}

    @property
    def stored(self) -> dict[str, Known]:
        """The channels of the store, by id."""
        if self._stored is None:
            rows = self._connection.execute(
                "SELECT channel_id, handle, external_id, url FROM channel"
            ).fetchall()
            self._stored, self._known = {}, dict(self._registered)
            for row in rows:
                self.add(Known(*row))
        return self._stored

    @property
    def known(self) -> dict[str, Known]:
        """The channels of the register and of the store, by id."""
        _ = self.stored
        return self._known

    def add(self, row: Known) -> None:
        """Take in a channel as it stands in the store now."""
        known = self._registered.get(row.channel_id, row)
        self.stored[row.channel_id] = row
        self._known[row.channel_id] = replace(
            known, handle=row.handle, external_id=row.external_id, url=row.url or known.url
        )

    def ask_again(self) -> None:
        """Ask for the channels anew: they were changed, or a change of them was taken back."""
        self._stored = None
