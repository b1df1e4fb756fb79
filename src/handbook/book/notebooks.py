"""Execute notebooks so that the same code on the same data gives the same bytes."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from handbook import paths
from handbook.errors import HandbookError

DEMO = "demo"
"""What a notebook's metadata says of its data when they are the made-up university's."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

KERNEL_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "agg",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def list_notebooks(folder: Path = paths.NOTEBOOKS) -> list[Path]:
    """Return the notebooks of `folder` in the order of their numbers."""
    return sorted(folder.glob("*.ipynb"))


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a notebook; a file that is none is a clear error."""
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:
        raise HandbookError(f"{path}: not a notebook that can be read: {error}") from error


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook whole or not at all."""
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(to_text(notebook), encoding="utf-8", newline="\n")
    unfinished.replace(path)


def to_text(notebook: nbformat.NotebookNode) -> str:
    """Return the text of a notebook's file."""
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


@contextmanager
def kernel_environment(store: Path | None):
    """Set what a kernel inherits: the store, and what would make outputs differ by machine."""
    wanted = {**KERNEL_ENVIRONMENT, "HANDBOOK_STORE": str(store) if store else ""}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def execute(path: Path, *, store: Path | None = None) -> nbformat.NotebookNode:
    """Execute a notebook and return it as it is to be kept.

    Parameters
    ----------
    path
        The notebook; the file stays as it is.
    store
        The store that its figures come from; None means the demo store.

    Raises
    ------
    HandbookError
        When a cell raises: names the notebook, the cell and the error.
    """
    notebook = clear(read_notebook(path))
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    with kernel_environment(store):
        try:
            client.execute()
        except CellExecutionError as error:
            number = sum(
                cell.cell_type == "code" and cell.get("execution_count") is not None
                for cell in notebook.cells
            )
            raise HandbookError(
                f"{path.name}: code cell {number} failed with {error.ename}: {error.evalue}"
            ) from error
    return normalise(notebook, data=store.name if store else DEMO)


def normalise(notebook: nbformat.NotebookNode, *, data: str) -> nbformat.NotebookNode:
    """Remove what differs by machine, and say which data the outputs show."""
    notebook.metadata = nbformat.from_dict(
        {
            "handbook": {"data": data},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {
                "name": "python",
                "file_extension": ".py",
                "mimetype": "text/x-python",
            },
        }
    )
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number:02d}"
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output["metadata"] = nbformat.from_dict({})
    return without_widgets(notebook)


def without_widgets(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Remove the views of widgets whose kernel has ended; their HTML stays and is shown."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    return notebook


def forget_widgets(path: Path) -> None:
    """Let a notebook that was saved in JupyterLab show its explorers when it is opened again."""
    if WIDGET_VIEW in path.read_text(encoding="utf-8"):
        write_notebook(without_widgets(read_notebook(path)), path)


def clear(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Remove every output, so that nothing of another store is left."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def copy_for_work(store: Path, folder: Path) -> list[Path]:
    """Copy the notebooks for an analyst, without outputs; what is there already stays.

    Returns
    -------
    list of Path
        The copies made now.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for path in list_notebooks():
        target = folder / path.name
        if not target.exists():
            notebook = normalise(clear(read_notebook(path)), data=store.name)
            for cell in notebook.cells:
                cell.source = cell.source.replace("](../book/", "](../../book/")
            write_notebook(notebook, target)
            made.append(target)
    return made


def copy_executed(store: Path, folder: Path, say) -> None:
    """Execute copies of the notebooks on `store` into `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in list_notebooks():
        say(f"Executing {path.name} on {store.name} ...")
        write_notebook(execute(path, store=store), folder / path.name)
