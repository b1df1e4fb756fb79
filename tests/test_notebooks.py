"""What every notebook keeps, and that each is true of any store."""

from __future__ import annotations

import ast
import html
import json
import re
import warnings
from datetime import date, timedelta
from pathlib import Path

import pytest
from IPython.display import Markdown
from small_stores import START, day_rows, make_store, post_rows

from handbook import paths
from handbook.book.figures import PICTURE, read_attributes
from handbook.book.notebooks import DEMO, WIDGET_VIEW, list_notebooks, read_notebook
from handbook.importers import read_file
from handbook.store import import_files

NOTEBOOKS = list_notebooks()
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

PLANNING = "plan_a_community"
"""The notebook that shows no figures of channels: it takes a checklist all the way."""

ANALYSES = [path for path in NOTEBOOKS if PLANNING not in path.name]
every_analysis = pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)

A_ROW_EACH = ("01_", "02_", "08_")
"""Notebooks whose figures have a row for each channel, and so come in parts."""

TELLS_OF_PLANS = ("02_", "03_", "08_")
"""Notebooks that tell of channels without data, too: of their plans, or of what is missing."""

BY_THE_HOUR = "06_"
"""The notebook that has nothing to draw where exports tell days only, as LinkedIn's do."""

READS_NO_POSTS = ("07_",)
"""Notebooks of counts by day and within the day, which ask for no posts."""

ASKS_FOR_NO_POSTS = ("04_",)
"""Notebooks that look at days only."""

FORBIDDEN = {"open", "exec", "eval", "input", "print"}
"""A notebook shows what it found as its output, and reads only through `load_*`."""

CLOCK = re.compile(r"\b\d{1,2}:\d{2}(:\d{2})?\b")
MACHINE = re.compile(r"/(home|root|tmp|work|Users|usr|opt)/|[A-Z]:\\\\")
PICTURE_BYTES = re.compile(r"base64,[A-Za-z0-9+/=]+")


def code_cells(path) -> list:
    return [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]


def output_text(path) -> str:
    """Return all that the outputs show, without the bytes of pictures."""
    outputs = [output for cell in code_cells(path) for output in cell.outputs]
    return PICTURE_BYTES.sub("base64,", json.dumps(outputs, ensure_ascii=False))


def test_there_are_notebooks():
    """Tests of no notebook at all, which all pass."""
    assert len(NOTEBOOKS) >= 2


@every_notebook
def test_it_is_executed_in_order_and_without_errors(path):
    """A notebook without outputs, which compares nothing, or with a traceback on its page."""
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert all(output.output_type not in ("error", "stream") for output in cell.outputs)


@every_notebook
def test_it_shows_the_made_up_channels_only(path):
    """Numbers of real channels that reach the repository; a kernel or a machine in metadata."""
    metadata = read_notebook(path).metadata
    assert metadata["handbook"] == {"data": DEMO}
    assert "version" not in metadata["language_info"]
    assert "widgets" not in metadata
    assert "made-up data" in output_text(path)
    assert "These numbers are made up." in output_text(path)


@every_notebook
def test_it_leaves_no_widget_path_or_clock(path):
    """A dead widget on the page; a path of somebody's machine; an output that changes by itself."""
    text = output_text(path)
    assert WIDGET_VIEW not in text
    assert not MACHINE.search(text)
    assert not CLOCK.search(text)
    assert not re.search(r"0x[0-9a-f]{6,}", text)


@every_notebook
def test_its_code_is_short_and_only_asks_and_shows(path):
    """Definitions, files, installs or hidden outputs in a notebook."""
    for cell in code_cells(path):
        lines = cell.source.splitlines()
        assert len(lines) <= 12, cell.source
        assert not cell.source.rstrip().endswith(";")
        assert not any(line.lstrip().startswith(("%", "!")) for line in lines), cell.source
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)
            if isinstance(node, ast.Name):
                assert node.id not in FORBIDDEN, cell.source
            if isinstance(node, ast.Attribute):
                assert not re.match(r"(read|to)_(csv|excel|parquet|sql)", node.attr)


@every_notebook
def test_its_prose_tells_no_number_that_the_data_could_change(path):
    """A typed finding: it stays when the data change, and is false for another store."""
    shown = set(re.findall(r"\d[\d,.]*\d|\d", output_text(path)))
    computed = {number for number in shown if "," in number or "." in number}
    for cell in read_notebook(path).cells:
        if cell.cell_type == "markdown":
            assert not computed & set(re.findall(r"\d[\d,.]*\d", cell.source)), cell.source
            assert "Keksil" not in cell.source


@every_notebook
def test_its_parts(path):
    """A notebook without a question, a way to read it, an explorer, or what to do next."""
    notebook = read_notebook(path)
    first, last = notebook.cells[0].source, notebook.cells[-1].source
    assert first.startswith("# ")
    assert "**The question.**" in first
    assert "**How to read this page.**" in first
    assert last.startswith("## What to do next")
    assert "../book/guidelines/" in last
    alive = "Checklist." if PLANNING in path.name else "Explorer("
    assert any(alive in cell.source for cell in code_cells(path))


@every_analysis
def test_figures_are_folded_described_and_followed_by_a_table(path):
    """Code in the reader's way, a picture without words, a result that nbval can't compare."""
    cells = code_cells(path)
    figures = 0
    for number, cell in enumerate(cells):
        shown = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
        for match in PICTURE.finditer(shown):
            figures += 1
            attributes = read_attributes(match.group())
            assert re.search(r"\. [A-Z0-9].+\.$", attributes["alt"]), attributes["alt"]
            assert int(attributes["width"]) <= 720
            assert "made-up data" in html.unescape(shown)
            assert "hide-input" in cell.metadata["tags"]
            following = cells[number + 1].outputs if number + 1 < len(cells) else []
            near = [cell.outputs, following]
            assert any("handbook-table" in json.dumps(outputs) for outputs in near)
    assert figures >= 3


def check_on(path, store, monkeypatch) -> str:
    """Run a notebook's code on a store, warnings as errors, and return what it shows."""
    monkeypatch.setenv("HANDBOOK_STORE", str(store))
    shown = []

    def display(value):
        bundle = {"text/markdown": value.data} if isinstance(value, Markdown) else None
        bundle = bundle or value._repr_mimebundle_()
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        shown.append(bundle.get("text/html") or bundle["text/markdown"])

    names = {"display": display}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for cell in code_cells(path):
            *before, last = ast.parse(cell.source).body
            if not isinstance(last, ast.Expr):
                before, last = [*before, last], None
            exec(compile(ast.Module(before, []), path.name, "exec"), names)
            if last is not None:
                display(eval(compile(ast.Expression(last.value), path.name, "eval"), names))
    text = PICTURE_BYTES.sub("base64,", "\n".join(shown))
    assert not re.search(r"\b(nan|NaN|NaT|None|<NA>|&lt;NA&gt;|inf)\b", text)
    assert "made up" not in text and "made-up" not in text
    return text


def many_channels(n: int) -> tuple[list[dict], list[dict]]:
    names = [f"mastodon:channel-{number}" for number in range(n)]
    days = [row for name in names for row in day_rows(name, 15, followers_total=len(name))]
    numbers = [0, 3, 9]
    counts = {"reactions": 2, "comments": 1, "shares": 0, "views": 50}
    posts = [row for name in names for row in post_rows(name, numbers, **counts)]
    return days, posts


ONE = "linkedin:unnamed"
STORES = {
    "empty": ([], []),
    "one day": (day_rows(ONE, 1, impressions=3), []),
    "one day and one post": (day_rows(ONE, 1, impressions=3), post_rows(ONE, [0], reactions=1)),
    "no posts": (day_rows(ONE, 90, impressions=3, followers_gained=-1), []),
    "posts only": ([], post_rows(ONE, [0, 40, 41], reactions=1, comments=0, shares=0, views=9)),
    "all zero": (
        day_rows(ONE, 40, impressions=0, followers_total=0),
        post_rows(ONE, [0, 1, 2, 3, 4], reactions=0, comments=0, shares=0, impressions=0),
    ),
    "negative": (
        day_rows(ONE, 40, impressions=-3, followers_net=-2),
        post_rows(ONE, [0, 1, 2, 3, 4], reactions=-3, comments=0, shares=0, impressions=10),
    ),
    "two hundred channels": many_channels(200),
}


@pytest.fixture(scope="module", params=STORES)
def any_store(request, tmp_path_factory) -> tuple[str, Path]:
    """Each of the stores, with its name; it is made once for all notebooks."""
    folder = tmp_path_factory.mktemp("any")
    return request.param, make_store(folder, *STORES[request.param])


@every_notebook
def test_it_is_true_of_any_store(path, any_store, monkeypatch):
    """A traceback, a warning, a NaN, an empty figure, a promise of data that are not there."""
    name, store = any_store
    text = check_on(path, store, monkeypatch)
    for figure in PICTURE.findall(text):
        assert read_attributes(figure)["alt"]
    if name == "empty":
        assert "<img" not in text
    if path not in ANALYSES:
        return
    if name == "two hundred channels" and path.name.startswith(A_ROW_EACH):
        assert re.search(r"Channels 1 to \d+ of 200", text)
    if name == "no posts" and path.name.startswith(READS_NO_POSTS):
        assert "so nothing is watched" in text
    elif name == "no posts" and not path.name.startswith(ASKS_FOR_NO_POSTS):
        assert "No posts in the period" not in text
        assert "No record of single posts" in text or "No posts in the data" in text


@every_notebook
def test_it_is_true_of_a_plan_without_data(path, tmp_path, monkeypatch):
    """A plan beside the store that is not read, or a promise judged without a record."""
    plans = tmp_path / "plans"
    plans.mkdir()
    ends = START + timedelta(365)
    plan = {
        "schema": "handbook-plan/1",
        "channel_id": "x:planned",
        "platform": "x",
        "name": "Planned",
        "posts": {"number": 3, "per": "week"},
        "plan_starts": f"{date(2026, 1, 1)}",
        "plan_ends": f"{ends}",
    }
    (plans / "planned.json").write_text(json.dumps(plan), encoding="utf-8")
    text = check_on(path, make_store(tmp_path, day_rows(ONE, 3, views=1)), monkeypatch)
    assert ("x:planned" in text) == path.name.startswith(TELLS_OF_PLANS)


@pytest.fixture(scope="module")
def real_store(real_exports, tmp_path_factory) -> Path:
    """A store of a real Page's exports."""
    store = tmp_path_factory.mktemp("real") / "real.duckdb"
    files = sorted((real_exports / "linkedin").glob("*.xls"))
    assert {report.outcome for report in import_files(store, files, read=read_file)} == {"imported"}
    return store


@pytest.mark.real
@every_analysis
def test_it_is_true_of_a_real_page(path, real_store, monkeypatch):
    """A sentence that holds for made-up data only."""
    text = check_on(path, real_store, monkeypatch)
    assert "1 channel assumed, not confirmed" in text
    if path.name.startswith(BY_THE_HOUR):
        assert "the day of publication is known, and no time" in text
    else:
        assert "<img" in text
    assert paths.ROOT.name not in re.findall(r"Store ([^ ]+)", text)
