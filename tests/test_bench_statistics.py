"""The frame that measures the statistics, and what it leaves for the page to show."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from handbook import paths
from handbook.csvfile import read_csv

TOPIC = '''
"""A topic."""


def measure_taste(datasets):
    """Measure how good biscuits taste.

    Ten were eaten.
    None was left.

    Returns
    -------
    list of dict
        Not for readers.
    """
    row = {"what": "Taste, of 1", "value": 0.8201, "low": None, "high": None}
    row |= {"goal": "", "met": None}
    good = {"low": 0.7, "high": float("nan"), "goal": "at least 0.8", "met": MET}
    return [row, {**row, **good, "what": datasets.name}]
'''


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """The script as a module, with a folder of topics and one of results of its own."""
    file = paths.ROOT / "scripts" / "bench_statistics.py"
    spec = importlib.util.spec_from_file_location("bench_statistics", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "MODULES", tmp_path / "topics")
    monkeypatch.setattr(module, "RESULTS", tmp_path / "results")
    (tmp_path / "topics").mkdir()
    (tmp_path / "datasets").mkdir()
    monkeypatch.setenv("REAL_DATASETS", str(tmp_path / "datasets"))
    yield module
    sys.modules.pop("measure_taste", None)


def run(bench, monkeypatch, met: str, *arguments: str) -> int:
    (bench.MODULES / "taste.py").write_text(TOPIC.replace("MET", met), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["bench_statistics.py", *arguments])
    return bench.main()


@pytest.mark.parametrize(("met", "code"), [("True", 0), ("False", 1), ("None", 0)])
def test_a_missed_goal_is_the_exit_code(bench, monkeypatch, capsys, met, code):
    """A missed goal that nobody notices, or a row without a goal that counts as missed."""
    assert run(bench, monkeypatch, met) == code
    assert ("MISSED" in capsys.readouterr().out) == bool(code)


def test_a_missed_goal_of_numpy_is_one(bench, monkeypatch):
    """A comparison of arrays, whose result is no bool of Python."""
    assert run(bench, monkeypatch, "__import__('numpy').bool_(False)", "taste") == 1
    rows = read_csv(bench.RESULTS / "taste.csv").rows
    assert [row["met"] for _, row in rows] == ["", "false"]


def test_what_is_written_is_what_was_measured(bench, monkeypatch):
    """Notes that are lost, numbers that are rounded away, a table that no reader can read."""
    run(bench, monkeypatch, "True")
    table = read_csv(bench.RESULTS / "taste.csv")
    assert [note.strip() for note in table.notes] == ["Ten were eaten.", "None was left."]
    assert tuple(table.header) == bench.COLUMNS
    first, second = (row for _, row in table.rows)
    assert first == {"what": "Taste, of 1", "value": "0.820", "low": "", "high": "", "goal": "",
                     "met": ""}  # fmt: skip
    assert (second["what"], second["low"], second["high"]) == ("datasets", "0.700", "")
    assert second["met"] == "true"


@pytest.mark.parametrize(
    ("arguments", "datasets", "said"),
    [(["tea"], True, "no topic tea; there are taste"), ([], False, "$REAL_DATASETS must name")],
)
def test_what_can_not_be_measured_is_refused(bench, monkeypatch, capsys, arguments, datasets, said):
    """A traceback, or results of nothing."""
    if not datasets:
        monkeypatch.delenv("REAL_DATASETS")
    with pytest.raises(SystemExit) as stopped:
        run(bench, monkeypatch, "True", *arguments)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
    assert not bench.RESULTS.exists()


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, ""), (float("nan"), ""), (True, "true"), (np.bool_(False), "false"), (7, "7"),
     (0.8204, "0.820"), (np.float64(2), "2.000"), ("at most 1", "at most 1")],
)  # fmt: skip
def test_values_are_written_alike(bench, value, written):
    """A missing value that becomes a number, or a number with chance digits."""
    assert bench.tell(value) == written


@pytest.mark.parametrize("topic", sorted((paths.DATA / "statistics").glob("*.csv")), ids=str)
def test_every_result_has_its_measure(topic):
    """Results that nothing measures any more, or that say of no row whether its goal was met."""
    assert (paths.ROOT / "scripts" / "statistics" / f"{topic.stem}.py").exists()
    table = read_csv(topic)
    assert table.notes
    for number, row in table.rows:
        assert row["what"] and row["value"], number
        assert bool(row["goal"]) == (row["met"] in ("true", "false")), row["what"]
