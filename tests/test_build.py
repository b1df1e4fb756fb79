"""Building, serving and executing: the commands that everything else stands on."""

from __future__ import annotations

import ast
import importlib.util
import re
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import nbformat
import pytest
from click.testing import CliRunner
from small_stores import make_store

from handbook import paths
from handbook.book import build, notebooks
from handbook.book.serve import make_server
from handbook.cli import handbook
from handbook.cli import notebooks as cli_notebooks
from handbook.errors import HandbookError

LINK = re.compile(r"\]\(([^)#:]+\.(?:md|ipynb))")


def make_folder(path):
    """Make a folder where there is none, and return it."""
    path.mkdir(exist_ok=True)
    return path


def make_notebook(path, *sources):
    """Write a notebook with one code cell for each source, and return its path."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def bootstrap():
    """The set-up script as a module."""
    spec = importlib.util.spec_from_file_location(
        "bootstrap", paths.ROOT / "scripts" / "bootstrap.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_set_up_refuses_a_python_it_does_not_work_on(bootstrap, monkeypatch, capsys):
    """An old Python that fails somewhere in the middle in place of at once."""
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 4))
    assert bootstrap.main() == 2
    assert "3.11, 3.12 or 3.13" in capsys.readouterr().err


def test_set_up_can_be_read_by_an_old_python():
    """A syntax error in place of the sentence that says which Python is needed."""
    text = (paths.ROOT / "scripts" / "bootstrap.py").read_text(encoding="utf-8")
    assert not [
        node
        for node in ast.walk(ast.parse(text, feature_version=(3, 6)))
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]


def test_set_up_starts_again_when_the_lock_changes(bootstrap, monkeypatch, tmp_path):
    """A `.venv` that stays behind the lock file."""
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    before = bootstrap.wanted_stamp()
    assert before == bootstrap.wanted_stamp()
    (tmp_path / "requirements.txt").write_text("two")
    assert bootstrap.wanted_stamp() != before


def test_a_change_of_any_source_makes_the_book_out_of_date(tmp_path):
    """Tests that read pages built from an older text."""
    source, html = tmp_path / "source", tmp_path / "html"
    (source / "book").mkdir(parents=True)
    html.mkdir()
    page = source / "book" / "page.md"
    page.write_text("# One")
    (html / build.STAMP).write_text(build.fingerprint(source))
    assert build.is_current(html, source=source)
    page.write_text("# Two")
    assert not build.is_current(html, source=source)


def test_an_internal_page_is_never_publishable(tmp_path):
    """Figures of real channels that reach the public site."""
    (tmp_path / "index.html").write_text("<p>fine</p>")
    assert build.refuse_internal(tmp_path) == 1
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "page.html").write_text(f'<head>{build.INTERNAL_MARK}"></head>')
    with pytest.raises(HandbookError, match="internal build"):
        build.refuse_internal(tmp_path)


def test_a_folder_without_pages_is_not_publishable(tmp_path):
    """An empty site that replaces the book."""
    with pytest.raises(HandbookError, match="no pages"):
        build.refuse_internal(tmp_path)


def test_the_server_answers_on_the_loopback_address_even_when_the_port_is_taken(tmp_path):
    """A server that other machines reach, or that fails because another one runs."""
    (tmp_path / "index.html").write_text("<p>here</p>")
    with make_server(tmp_path) as first, make_server(tmp_path, first.server_port) as second:
        assert second.server_port != first.server_port
        for server in (first, second):
            assert server.server_address[0] == "127.0.0.1"
            Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_port}/"
            assert b"here" in urllib.request.urlopen(address, timeout=10).read()
            server.shutdown()


def test_serving_a_folder_without_a_book_says_so(tmp_path):
    """A listing of a folder's files in place of the book."""
    result = CliRunner().invoke(handbook, ["serve", "--folder", str(tmp_path)])
    assert isinstance(result.exception, HandbookError)
    assert "index.html" in str(result.exception)


def test_executing_twice_gives_the_same_bytes_and_keeps_no_trace_of_the_machine(tmp_path):
    """Outputs that differ by machine or moment, and widgets that die on the page."""
    path = make_notebook(
        tmp_path / "01_example.ipynb",
        "import ipywidgets\nslider = ipywidgets.IntSlider(value=3)\nslider",
        "hash('a'), {*'abcdef'}",
    )
    first, second = (notebooks.to_text(notebooks.execute(path)) for _ in range(2))
    assert first == second
    assert notebooks.WIDGET_VIEW not in first
    executed = nbformat.reads(first, as_version=4)
    assert executed.metadata.handbook == {"data": "demo"}
    assert "widgets" not in executed.metadata
    assert "version" not in executed.metadata.language_info
    assert [cell.execution_count for cell in executed.cells] == [1, 2]


def test_a_failing_cell_is_named(tmp_path):
    """A failure that leaves the reader with a traceback of the machinery."""
    path = make_notebook(tmp_path / "07_wrong.ipynb", "1 + 1", "{}['missing']", "3")
    notebook = notebooks.read_notebook(path)
    for number, cell in enumerate(notebook.cells, start=1):
        cell.execution_count = number  # as in a notebook that was executed before
    notebooks.write_notebook(notebook, path)
    before = path.read_bytes()
    with pytest.raises(HandbookError, match=r"07_wrong.*cell 2.*KeyError"):
        notebooks.execute(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    """A traceback for a broken file."""
    path = tmp_path / "broken.ipynb"
    path.write_text("{")
    with pytest.raises(HandbookError, match=r"broken\.ipynb"):
        notebooks.read_notebook(path)


def test_copies_for_work_hold_no_outputs_and_keep_what_an_analyst_wrote(tmp_path):
    """Made-up figures in a copy for real ones, or an analyst's work overwritten."""
    store = tmp_path / "mine.duckdb"
    made = notebooks.copy_for_work(store, tmp_path / "copies")
    assert [path.name for path in made] == [path.name for path in notebooks.list_notebooks()]
    for path in made:
        copy = notebooks.read_notebook(path)
        assert copy.metadata.handbook.data == "mine.duckdb"
        assert not any(cell.get("outputs") for cell in copy.cells)
    for path in made:
        path.write_text("mine")
    assert notebooks.copy_for_work(store, tmp_path / "copies") == []
    assert all(path.read_text() == "mine" for path in made)


def test_a_notebook_saved_in_jupyterlab_opens_without_dead_widgets(tmp_path):
    """The words "model not found" in place of an explorer's figure, on the day after."""
    live = {notebooks.WIDGET_VIEW: {"model_id": "1"}, "text/html": "<p>figure</p>"}
    output = nbformat.v4.new_output("execute_result", live, execution_count=1)
    path = make_notebook(tmp_path / "01_mine.ipynb", "explorer")
    notebook = notebooks.read_notebook(path)
    notebook.cells[0].outputs = [output]
    notebooks.write_notebook(notebook, path)
    notebooks.forget_widgets(path)
    assert notebooks.read_notebook(path).cells[0].outputs[0].data == {"text/html": "<p>figure</p>"}
    before = path.stat().st_mtime_ns
    notebooks.forget_widgets(path)
    assert path.stat().st_mtime_ns == before


def test_the_lab_passes_arguments_on_and_opens_copies(monkeypatch, tmp_path):
    """JupyterLab on the committed notebooks for a store of one's own, or without what was asked."""
    seen = {}
    monkeypatch.setattr(
        cli_notebooks.subprocess, "call", lambda command, env: seen.update(command=command, env=env)
    )
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "WORK", tmp_path / "work")
    store = make_store(tmp_path)
    CliRunner().invoke(
        handbook, ["lab", "--store", str(store), "--", "--port", "9000"], catch_exceptions=False
    )
    assert f"--LabApp.default_url=/lab/tree/{'work/small'}" in seen["command"]
    assert seen["command"][-2:] == ["--port", "9000"]
    assert seen["env"]["HANDBOOK_STORE"] == str(store)
    assert len(list((tmp_path / "work" / "small").glob("*.ipynb"))) == len(
        notebooks.list_notebooks()
    )


def test_links_to_pages_lead_somewhere_from_the_notebooks_and_from_copies():
    """A link that is dead in JupyterLab, or only in an analyst's copy."""
    with TemporaryDirectory(dir=make_folder(paths.WORK)) as folder:
        copies = notebooks.copy_for_work(Path("mine.duckdb"), Path(folder))
        for path in [*notebooks.list_notebooks(), *copies]:
            cells = notebooks.read_notebook(path).cells
            links = {link for cell in cells for link in LINK.findall(cell.source)}
            assert links, path
            for link in links:
                assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_asking_for_a_notebook_that_is_not_there_lists_those_that_are():
    """A command that silently does nothing."""
    result = CliRunner().invoke(handbook, ["notebooks", "99"])
    assert isinstance(result.exception, HandbookError)
    assert "99" in str(result.exception)


def test_a_public_build_ignores_the_readers_own_store_and_mode(monkeypatch, tmp_path):
    """A public build that an environment variable turns into one of real figures."""
    seen = {}

    def run(command, *, env, **others):
        seen.update(env)
        raise KeyboardInterrupt

    monkeypatch.setenv("HANDBOOK_STORE", "mine.duckdb")
    monkeypatch.setenv("HANDBOOK_INTERNAL", "1")
    monkeypatch.setattr(build.subprocess, "run", run)
    with pytest.raises(KeyboardInterrupt):
        build.build(tmp_path)
    assert "HANDBOOK_STORE" not in seen
    assert seen["HANDBOOK_INTERNAL"] == ""
