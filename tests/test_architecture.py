"""The package's import order, and where the heavy libraries may stand."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from handbook import paths

PACKAGE = paths.ROOT / "src" / "handbook"

ROWS = [
    {"errors", "paths", "formats", "chromium", "yamlfile"},
    {"organisation", "policy", "schema", "csvfile", "database", "listings"},
    {"importers", "store", "register"},
    {"channels", "demo", "periods"},
    {
        "metrics",
        "growth",
        "surges",
        "uproar",
        "cadence",
        "audit",
        "benchmark",
        "checklists",
        "review",
        "yearly",
    },
    {"charts", "explorers"},
    {"book", "cli"},
]
"""A module imports only from the rows above its own, or from its own."""

ANYWHERE = {"", "__init__", "__main__"}

HEAVY = {
    "duckdb": {"database", "importers", "store"},
    "python_calamine": {"importers"},
    "xlrd": {"importers"},
    "babel": {"importers"},
    "matplotlib": {"charts"},
    "ipywidgets": {"explorers"},
    "anywidget": {"checklists"},
    "scipy": {"metrics", "growth", "surges"},
    "statsmodels": {"metrics", "growth", "surges"},
    "sphinx": {"book"},
    "nbclient": {"book"},
}
"""Which modules may import a library that others must do without."""

FILES = sorted(PACKAGE.rglob("*.py"))


def module_of(path) -> str:
    """Return the name of the top module or sub-package that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def row_of(module: str) -> int:
    """Return the number of a module's row; a module in none is a KeyError."""
    for number, row in enumerate(ROWS):
        if module in row:
            return number
    raise KeyError(f"handbook.{module} stands in no row of ROWS: say where it belongs")


def imports_of(path) -> list[str]:
    """Return the dotted names that a file imports, wherever in it."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_from_the_rows_above(path):
    """A module that reaches down (a metric that draws, an importer that knows the book)."""
    module = module_of(path)
    if module in ANYWHERE:
        return
    row = row_of(module)
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] != "handbook" or len(parts) < 2 or parts[1] == "__version__":
            continue
        assert row_of(parts[1]) <= row, f"{module} (row {row + 1}) imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_stay_where_they_belong(path):
    """A library that spreads: DuckDB in a metric, matplotlib in a module of tables."""
    module = module_of(path)
    for name in imports_of(path):
        allowed = HEAVY.get(name.split(".")[0])
        assert allowed is None or module in allowed, f"{module} imports {name}"


def test_the_commands_help_imports_nothing_heavy():
    """A command line that takes seconds to say what it can do."""
    code = (
        "import sys\n"
        "from handbook.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'numpy', 'duckdb', 'matplotlib', 'pydantic', 'sphinx', 'yaml'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout
