"""Find a Chromium: the browser checks and the picture of the README need one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from handbook.errors import HandbookError

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
"""What the program may be called on the path."""

PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "~/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Chromium\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
)
"""Where macOS and Windows keep it without putting it on the path."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""How to start it so that it asks no other host for anything of its own."""

DOWNLOADED = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find_chromium() -> str:
    """Return the path of a Chromium that starts; fetch one if the machine has none.

    In this order: what `$CHROMIUM` names, the path, the usual places of macOS and Windows,
    what Playwright downloaded or can download, the package of a Debian where this is root.

    Raises
    ------
    HandbookError
        When `$CHROMIUM` names no program, or when none is found or can be fetched.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise HandbookError(
                f"CHROMIUM: expected the path of a Chromium, found {named!r}, which is no program. "
                "Correct the variable or unset it."
            )
        return found
    for candidate in _candidates():
        if _starts(candidate):
            return candidate
    raise HandbookError(
        "no Chromium was found, and none could be fetched. Install Chromium or Google Chrome, or "
        "set the environment variable CHROMIUM to the path of one."
    )


def _candidates() -> Iterator[str]:
    """Yield programs to try, the dearest to get last."""
    yield from filter(None, map(shutil.which, NAMES))
    for place in PLACES:
        path = Path(os.path.expandvars(place)).expanduser()
        if path.is_file():
            yield str(path)
    yield from _downloaded()
    if _run(sys.executable, "-m", "playwright", "install", "chromium") is not None:
        yield from _downloaded()
    if _is_root() and shutil.which("apt-get"):
        _run("apt-get", "update")
        _run("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
        yield from filter(None, map(shutil.which, NAMES))


def _downloaded() -> Iterator[str]:
    """Yield the browser that Playwright keeps, if it is there."""
    printed = (_run(sys.executable, "-c", DOWNLOADED) or "").strip()
    if printed and Path(printed).is_file():
        yield printed


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _starts(program: str) -> bool:
    """Return whether the program runs here: a download may lack libraries of the system."""
    if sys.platform == "win32":  # there it opens a window instead of telling its version
        return True
    return _run(program, "--version") is not None


def _run(*command: str) -> str | None:
    """Return what the command prints, None when it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
