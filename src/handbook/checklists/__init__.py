"""Checklists as data: their definitions, what answers to them give, and what is made of it.

`Checklist` is the checklist in JupyterLab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handbook.checklists.widget import Checklist

__all__ = ["Checklist"]


def __getattr__(name: str) -> Any:
    """Import the widget only for those who ask for it."""
    if name != "Checklist":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from handbook.checklists.widget import Checklist

    return Checklist
