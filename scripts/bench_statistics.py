"""Measure how good the statistics are, on public data and on made-up backgrounds.

    make bench-statistics      (or: .venv/bin/python scripts/bench_statistics.py [TOPIC ...])

Needs the folder of public data sets in $REAL_DATASETS; nothing of it is copied. Each module of
scripts/statistics/ has a function `measure_<topic>(datasets)`, whose rows go to
data/statistics/<topic>.csv, beside what its docstring says of the way of measuring.
The exit code is 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import inspect
import os
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "scripts" / "statistics"
RESULTS = ROOT / "data" / "statistics"
COLUMNS = ("what", "value", "low", "high", "goal", "met")


def main() -> int:
    """Measure the topics named, or all; print and write what was found; return the exit code."""
    topics = sorted(path.stem for path in MODULES.glob("*.py"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(topics))
    chosen = parser.parse_args().topics or topics
    if unknown := sorted(set(chosen) - set(topics)):
        parser.error(f"no topic {', '.join(unknown)}; there are {', '.join(topics)}")
    datasets = os.environ.get("REAL_DATASETS")
    if not datasets or not Path(datasets).is_dir():
        parser.error("$REAL_DATASETS must name the folder of public data sets")
    missed = 0
    for topic in chosen:
        started = time.monotonic()
        measure = find_measure(topic)
        rows = measure(Path(datasets))
        path = write_rows(RESULTS / f"{topic}.csv", inspect.getdoc(measure), rows)
        for row in rows:
            told = "" if row["met"] is None else ("met" if row["met"] else "MISSED")
            print(f"{row['what']}: {tell(row['value'])} {told}")
        missed += sum(row["met"] is not None and not row["met"] for row in rows)
        print(f"{path.relative_to(ROOT)}: {time.monotonic() - started:.0f} s\n", flush=True)
    return 1 if missed else 0


def find_measure(topic: str):
    """Return the function that measures a topic.

    The folder is no package, because the standard library has a module of its name.
    """
    spec = importlib.util.spec_from_file_location(f"measure_{topic}", MODULES / f"{topic}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, f"measure_{topic}")


def write_rows(path: Path, how: str, rows: list[dict]) -> Path:
    """Write the rows, under notes on how they were measured, and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    notes = how.split("\n\nReturns\n")[0].split("\n\n", 1)[-1]
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in notes.splitlines():
            file.write(f"# {line}".rstrip() + "\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([tell(row[name]) for name in COLUMNS])
    return path


def tell(value: object) -> str:
    """Write a value: numbers with three digits after the point, nothing for what is missing."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else f"{float(value):.3f}"


if __name__ == "__main__":
    sys.exit(main())
