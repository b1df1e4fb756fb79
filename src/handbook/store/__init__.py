"""The store: one DuckDB file that keeps what was imported, import by import."""

from handbook.store.changes import assign, undo
from handbook.store.intake import Report, import_files
from handbook.store.state import ChannelState, State, read_state
from handbook.store.tables import check_store, is_made_up, open_store

__all__ = [
    "ChannelState",
    "Report",
    "State",
    "assign",
    "check_store",
    "import_files",
    "is_made_up",
    "open_store",
    "read_state",
    "undo",
]
