"""Finding a Chromium: the order of places, and what is said when there is none."""

from __future__ import annotations

import sys

import pytest

from handbook import chromium
from handbook.errors import HandbookError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine without a browser, a network or a package manager; returns what it was asked."""
    asked = []
    run = chromium._run

    def run_nothing_but_versions(*command):
        if command[-1] == "--version":
            return run(*command)
        asked.append(" ".join(command[1:]))
        return None

    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "PLACES", ())
    monkeypatch.setattr(chromium, "_is_root", lambda: False)
    monkeypatch.setattr(chromium, "_run", run_nothing_but_versions)
    return asked


def make_program(path, status=0):
    """Write a program that ends with `status`, and return its path."""
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)
    return str(path)


def test_the_variable_goes_before_the_path(machine, monkeypatch, tmp_path):
    """A choice that is passed over."""
    make_program(tmp_path / "chromium")
    chosen = make_program(tmp_path / "another")
    monkeypatch.setenv("CHROMIUM", chosen)
    assert chromium.find_chromium() == chosen


def test_a_variable_that_names_nothing_is_an_error(machine, monkeypatch, tmp_path):
    """A wrong choice that is silently replaced by another browser."""
    make_program(tmp_path / "chromium")
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "missing"))
    with pytest.raises(HandbookError, match="CHROMIUM.*missing"):
        chromium.find_chromium()


def test_the_path_is_searched_before_anything_is_fetched(machine, tmp_path):
    """A download although a browser is there."""
    found = make_program(tmp_path / "google-chrome")
    assert chromium.find_chromium() == found
    assert machine == []


def test_a_browser_that_does_not_start_is_passed_over(machine, tmp_path):
    """A broken program in the first place that hides a good one."""
    make_program(tmp_path / "chromium", status=127)
    good = make_program(tmp_path / "google-chrome")
    assert chromium.find_chromium() == good


def test_the_usual_places_of_other_systems_are_searched(machine, monkeypatch, tmp_path):
    """macOS and Windows, where the program is not on the path."""
    place = tmp_path / "Chromium.app"
    place.mkdir()
    found = make_program(place / "Chromium")
    monkeypatch.setattr(chromium, "PLACES", (str(tmp_path / "none"), found))
    assert chromium.find_chromium() == found


def test_playwright_is_asked_to_download_when_there_is_none(machine, monkeypatch, tmp_path):
    """A fresh machine where the download would have helped."""
    downloaded = tmp_path / "downloaded"

    def run(*command):
        if command[1:3] == ("-m", "playwright"):
            make_program(downloaded)
        return str(downloaded) if command[1] == "-c" else ""

    monkeypatch.setattr(chromium, "_run", run)
    assert chromium.find_chromium() == str(downloaded)


def test_debian_installs_its_package_for_root_only(machine, monkeypatch, tmp_path):
    """An installation without being asked to, or none where it is the last way."""
    make_program(tmp_path / "apt-get")
    with pytest.raises(HandbookError):
        chromium.find_chromium()
    assert not any(command.startswith("install") for command in machine)

    def run(*command):
        if command[:2] == ("apt-get", "install"):
            make_program(tmp_path / "chromium")
        return "" if command[0] == "apt-get" or command[-1] == "--version" else None

    monkeypatch.setattr(chromium, "_is_root", lambda: True)
    monkeypatch.setattr(chromium, "_run", run)
    assert chromium.find_chromium() == str(tmp_path / "chromium")


def test_a_machine_without_any_way_says_what_to_do(machine):
    """A traceback from the browser's library."""
    with pytest.raises(HandbookError, match="Install Chromium or Google Chrome"):
        chromium.find_chromium()
    assert machine == [
        "-c " + chromium.DOWNLOADED,
        "-m playwright install chromium",
    ]
