"""`handbook import`, `status`, `undo` and `channel`, as a user types them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from importers import samples
from importers.samples import write_xlsx

from handbook import paths
from handbook.cli import main


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "ours.duckdb"


@pytest.fixture
def content(tmp_path) -> Path:
    return write_xlsx(tmp_path / "content.xlsx", samples.content(4, 2))


@pytest.fixture
def call(capsys):
    """Call the command; give its exit code and what it said."""

    def _call(*arguments: object) -> tuple[int, str]:
        try:
            main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        said = capsys.readouterr()
        return code, said.out + said.err

    return _call


def test_import_then_status(call, store, content):
    """A report or a status that leaves out what somebody needs to go on."""
    code, said = call("import", content, "--store", store)
    assert code == 0
    for part in (
        "LinkedIn Page content",
        "4 days, 2 posts",
        "2026-01-01 to 2026-01-04",
        "linkedin:unnamed (assumed",
        "handbook channel assign linkedin:unnamed",
        "handbook status --store",
    ):
        assert part in said
    code, said = call("status", "--store", store)
    assert code == 0
    for part in (
        "1 channel:",
        "linkedin:unnamed (assumed)",
        "4 days, 2026-01-01 to 2026-01-04",
        "no gaps",
        "2 posts",
        "content.xlsx",
        "Assumed, because no file says it:",
        "when these were exported",
    ):
        assert part in said


def test_again(call, store, content):
    """A second import that sounds as if it had done something."""
    call("import", content, "--store", store)
    code, said = call("import", content, "--store", store)
    assert code == 0
    assert "nothing changed" in said


def test_exported_on_and_channel(call, store, content):
    """Options that are not passed on."""
    call("import", content, "--store", store, "--channel", "linkedin:a", "--exported-on",
         "2026-02-03")  # fmt: skip
    _, said = call("status", "--store", store)
    assert "exported 2026-02-03, linkedin:a" in said
    assert "assumed" not in said.lower()


def test_a_bad_file_among_good_ones(call, store, content, tmp_path):
    """Good files lost because of a bad one, or a bad one that passes for good."""
    code, said = call("import", tmp_path / "no.xls", content, tmp_path, "--store", store)
    assert code == 2
    assert "[1] no.xls: REFUSED" in said
    assert "[2] content.xlsx: LinkedIn Page content" in said
    assert "2 of 3 refused" in said
    assert "4 days" in call("status", "--store", store)[1]


def test_assign_and_undo(call, store, content):
    """Corrections that do not reach the store."""
    call("import", content, "--store", store)
    code, said = call("channel", "assign", "linkedin:unnamed", "linkedin:a", "--store", store)
    assert (code, said) == (0, "1 import moved from linkedin:unnamed to linkedin:a, "
                               "which is confirmed.\n")  # fmt: skip
    _, said = call("status", "--store", store)
    import_id = next(line.split()[0] for line in said.splitlines() if "content.xlsx" in line)
    code, said = call("undo", import_id[:5], "--store", store)
    assert code == 0
    assert f"Took back {import_id} (content.xlsx)" in said
    assert "It is empty" in call("status", "--store", store)[1]
    code, said = call("undo", import_id, "--store", store)
    assert code == 2
    assert "is no import" in said


def test_no_store_yet(call, store):
    """A crash report for the first thing that somebody tries."""
    code, said = call("status", "--store", store)
    assert code == 2
    assert "handbook import FILE" in said


def test_default_store(call, content, tmp_path, monkeypatch):
    """Imports that go somewhere else than the status looks."""
    monkeypatch.setattr(paths, "WORK", tmp_path / "work")
    assert call("import", content)[0] == 0
    assert (tmp_path / "work" / "handbook.duckdb").exists()
    monkeypatch.setenv("HANDBOOK_STORE", str(tmp_path / "named.duckdb"))
    assert call("import", content)[0] == 0
    assert "named.duckdb" in call("status")[1]


def test_the_demo_store_is_left_alone(call, demo_store, content, monkeypatch):
    """Real numbers among the made-up ones."""
    before = demo_store.read_bytes()
    monkeypatch.setenv("HANDBOOK_STORE", str(demo_store))
    code, said = call("import", content)
    assert code == 2
    assert "made-up university" in said
    assert demo_store.read_bytes() == before
    code, said = call("status")
    assert code == 0
    assert "Made-up data" in said


def test_large_files_are_announced(call, store, content, monkeypatch):
    """A long silence."""
    monkeypatch.setattr("handbook.cli.data.LARGE", 1)
    assert "Reading content.xlsx" in call("import", content, "--store", store)[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "--store", "{store}"],
        ["import", "{content}", "--store", "{store}", "--exported-on", "yesterday"],
        ["import", "{content}", "--store", "{store}", "--channel", "ours"],
        ["import", "{content}", "--store", "{folder}"],
        ["import", "{content}", "--store", "{content}"],
        ["channel", "assign", "a", "b", "--store", "{store}"],
        ["undo", "--store", "{store}"],
    ],
)
def test_wrong_calls(call, arguments, store, content, tmp_path):
    """A crash report, or another exit code than 2, for a slip of the hand."""
    filled = [a.format(store=store, content=content, folder=tmp_path) for a in arguments]
    code, said = call(*filled)
    assert code == 2
    assert "Traceback" not in said


@pytest.mark.parametrize("command", [["import"], ["status"], ["undo"], ["channel", "assign"]])
def test_help(call, command):
    """A command that does not say what it does."""
    code, said = call(*command, "--help")
    assert code == 0
    assert "--store" in said


def test_from_a_shell(store, content):
    """A command that works in a test only: the entry point, the exit code, the streams."""
    command = [sys.executable, "-m", "handbook", "import", str(content), "no.xls"]
    environment = os.environ | {"HANDBOOK_STORE": str(store)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert "LinkedIn Page content" in done.stdout
    assert "REFUSED" in done.stderr
    assert "Traceback" not in done.stderr
