"""Which files belong together: registers, plans, reviews and the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from handbook import paths
from handbook.store import is_made_up, open_store

INTERNAL = "register-internal.csv"


@dataclass(frozen=True)
class Folder:
    """The files that belong to a store.

    Attributes
    ----------
    organisation, register, internal : Path
        `internal` may not exist.
    plans : Path
        A folder, which may not exist.
    """

    organisation: Path
    register: Path
    internal: Path
    plans: Path

    @property
    def reviews(self) -> Path:
        """The folder of review records, which may not exist."""
        return self.internal.parent / "reviews"

    @property
    def incidents(self) -> Path:
        """The file of acknowledged incidents, which may not exist."""
        return self.internal.parent / "incidents.csv"

    @property
    def is_made_up(self) -> bool:
        """Whether these are the made-up university's own files, which a script writes."""
        made = paths.DEMO.resolve()
        return any(p.resolve().is_relative_to(made) for p in (self.register, self.internal))


def folder_for(store: Path) -> Folder:
    """Return which register, plans and organisation belong to a store.

    The demo store has those of the made-up university; any other has the repository's public
    ones, and beside the store its own internal register and plans.
    """
    with open_store(store) as connection:
        made_up = is_made_up(connection)
    if made_up:
        return Folder(
            paths.DEMO / "organisation.yml",
            paths.DEMO / "register.csv",
            paths.DEMO / INTERNAL,
            paths.DEMO / "plans",
        )
    return folder_beside(store.parent)


def folder_beside(folder: Path, register: Path | None = None) -> Folder:
    """Return the files of a folder that holds the internal register, plans and reviews.

    Parameters
    ----------
    folder
        It need not exist yet.
    register
        The public register; `handbook.paths.chosen_register()` unless given.
    """
    return Folder(
        paths.DATA / "organisation.yml",
        register or paths.chosen_register(),
        folder / INTERNAL,
        folder / "plans",
    )
