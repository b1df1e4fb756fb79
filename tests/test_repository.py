"""What the repository promises about itself: set-up, locks, names, licences."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest
import yaml

from handbook import paths
from handbook.cli import COMMANDS

PYPROJECT = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = PYPROJECT["project"]["dependencies"]
TESTING = PYPROJECT["project"]["optional-dependencies"]["test"]
LOCK = (paths.ROOT / "requirements.txt").read_text(encoding="utf-8")

CONDA_NAMES = {"duckdb": "python-duckdb", "brotli": "brotli-python"}
"""Where conda-forge's name of a package is another one."""


def committed_files() -> list:
    """Return the files that git tracks, or every file where this is no checkout."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=paths.ROOT, capture_output=True, text=True)
    names = done.stdout.split("\0") if done.returncode == 0 else []
    return [paths.ROOT / name for name in names if name and (paths.ROOT / name).is_file()]


def texts():
    """Yield the path and the text of each committed file that is text."""
    for path in committed_files():
        try:
            yield path.relative_to(paths.ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def name_and_version(requirement: str) -> tuple[str, str]:
    """Split 'pandas>=3' into its name, in lower case, and the rest."""
    name = re.match(r"[A-Za-z0-9_.-]+", requirement).group()
    return name.lower().replace("_", "-"), requirement[len(name) :].strip()


def test_conda_environment_equals_the_project():
    """A dependency that was added or changed in one file and not in the other."""
    environment = yaml.safe_load((paths.ROOT / "environment.yml").read_text(encoding="utf-8"))
    listed = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    found = dict(name_and_version(entry) for entry in listed)
    assert found.pop("python") == PYPROJECT["project"]["requires-python"]
    assert found.pop("pip") == ""
    nbval = [entry for entry in TESTING if entry.startswith("nbval")]
    wanted = dict(name_and_version(entry) for entry in RUNTIME + nbval)
    assert found == {CONDA_NAMES.get(name, name): version for name, version in wanted.items()}
    assert environment["dependencies"][-1] == {"pip": ["-e ."]}


def test_every_dependency_says_why():
    """A dependency that nobody remembers the reason for."""
    text = (paths.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in RUNTIME + TESTING:
        reason = re.search(re.escape(f'"{requirement}"') + r",\s+# \w+", text)
        assert reason, f"no reason stands beside {requirement}"


def test_lock_holds_every_dependency_with_hashes_and_no_address():
    """A lock that is behind pyproject.toml, or that names where it was made."""
    pins = re.findall(r"^([a-z0-9][a-z0-9._-]*)==\S+", LOCK, flags=re.M)
    locked = {name.replace("_", "-").replace(".", "-") for name in pins}
    for requirement in RUNTIME + TESTING:
        assert name_and_version(requirement)[0].replace(".", "-") in locked, requirement
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.M)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in LOCK and "--index" not in LOCK and "--find-links" not in LOCK


@pytest.mark.parametrize(
    "pattern",
    [
        r"p[y]pi[.]org|python[h]osted[.]org|registry[.]n[p]mjs[.]org|deb[.]d[e]bian[.]org",
        r"/(work|farm|root)/|/tmp/[a-z]|/home/[a-z]",
    ],
    ids=["registry", "machine path"],
)
def test_no_file_names_a_registry_or_a_path_of_a_machine(pattern):
    """An address or a path that holds on one machine only."""
    found = [f"{name}: {m.group()}" for name, text in texts() for m in re.finditer(pattern, text)]
    assert not found


def test_readme_shows_the_two_commands_and_every_kind_of_user():
    """A front page that does not say how to begin."""
    readme = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    for wanted in ("make book", "make test", "Windows", "handbook import", "handbook lab"):
        assert wanted in readme, wanted


def test_makefile_only_calls_the_command():
    """Work that only people with make can do."""
    text = (paths.ROOT / "Makefile").read_text(encoding="utf-8")
    called = set(re.findall(r"\$\(HANDBOOK\) ([a-z]+)", text))
    assert called and called <= set(COMMANDS)


def test_no_stored_figures_are_committed():
    """A store, an internal register or a real export that reached git."""
    for path in committed_files():
        assert path.suffix not in {".duckdb", ".wal", ".xls"}, path
        if path.name == "register-internal.csv":
            assert paths.DEMO in path.parents, path
