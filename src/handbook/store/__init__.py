"""The store: one DuckDB file that keeps what was imported, import by import."""

from handbook.store.changes import assign, undo
from handbook.store.export import export_store
from handbook.store.forget import forget, lift, read_forgotten
from handbook.store.intake import Report, import_files
from handbook.store.state import ChannelState, State, read_state
from handbook.store.tables import check_store, is_made_up, open_store

__all__ = [
    "ChannelState",
    "Report",
    "State",
    "assign",
    "check_store",
    "export_store",
    "forget",
    "import_files",
    "is_made_up",
    "lift",
    "open_store",
    "read_forgotten",
    "read_state",
    "undo",
]
