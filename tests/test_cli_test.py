"""`handbook test`: all tests, in shares that run at once."""

from __future__ import annotations

import sys

import pytest

from handbook import paths
from handbook.cli.test import SHARES, call_together


def say(word: str, code: int = 0) -> list[str]:
    """Return a command that says a word and ends."""
    return [sys.executable, "-c", f"print({word!r}); raise SystemExit({code})"]


def test_no_test_is_left_out_of_the_shares():
    """A folder that one share leaves to the other, which does not run it."""
    named = [part for share in SHARES for part in share if not part.startswith("--ignore=")]
    left_out = [part.partition("=")[2] for share in SHARES for part in share if "=" in part]
    assert sorted(named) == sorted(["notebooks", "tests", *left_out])
    assert all((paths.ROOT / part).exists() for part in named)


@pytest.mark.parametrize("codes", [(0, 0), (1, 0), (0, 1), (5, 0)])
def test_one_failure_is_a_failure(codes):
    """A run that passes because the share that failed was not the last one."""
    assert call_together([say("a", code) for code in codes]) == sum(codes)


def test_what_each_share_says_is_shown(capfd):
    """A failure in a share of which nothing is seen."""
    call_together([say("first"), say("second"), say("third")])
    assert sorted(capfd.readouterr().out.split()) == ["first", "second", "third"]
