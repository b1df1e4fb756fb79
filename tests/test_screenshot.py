"""The README's picture and the script that takes it."""

from __future__ import annotations

import struct
import subprocess
import sys

from handbook import paths

SCRIPT = paths.ROOT / "scripts" / "make_screenshot.py"


def run(*arguments: str) -> subprocess.CompletedProcess:
    """Run the script."""
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False
    )


def test_the_script_says_what_it_does():
    """A script that does not start."""
    done = run("--help")
    assert done.returncode == 0 and "--page" in done.stdout


def test_without_a_book_it_says_how_to_build_one(tmp_path):
    """A picture of an error page, or a traceback."""
    done = run("--html", str(tmp_path), "--out", str(tmp_path / "picture.png"))
    assert done.returncode == 2 and "handbook book" in done.stderr
    assert not (tmp_path / "picture.png").exists()


def test_the_picture_is_there_and_light():
    """A README with a hole, or one that loads slowly."""
    picture = (paths.ROOT / "docs" / "handbook.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) < 200_000
    assert struct.unpack(">II", picture[16:24]) == (1280, 800)
