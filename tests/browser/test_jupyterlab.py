"""A real JupyterLab: what is ticked there, Python sees; what Python sets, is seen there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from handbook import paths
from handbook.book.notebooks import forget_widgets
from handbook.checklists import definition

pytestmark = pytest.mark.browser

CHECKLIST = {item.id: item.text for item in definition.load("before-you-post").items}

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]

START_S = 60
"""Longest that the server may take to answer; it takes about three seconds."""

SLOW_MS = 30_000
"""Longest that a page, a kernel or a cell may take."""


@dataclass
class Lab:
    """A JupyterLab server with a folder, a token and settings of its own."""

    address: str
    token: str
    folder: Path

    def call(self, path: str, method: str = "GET") -> object:
        """Call the server's API."""
        request = urllib.request.Request(
            self.address + path, method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read() or "null")

    def stop_kernels(self) -> None:
        """End every kernel, as closing JupyterLab does."""
        for kernel in self.call("api/kernels"):
            self.call(f"api/kernels/{kernel['id']}", "DELETE")

    def write(self, name: str, *cells: str) -> Path:
        """Write a notebook of code cells."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
            },
        )
        path = self.folder / name
        nbformat.write(notebook, path)
        return path


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    """A server on a free port that reads nothing of the person's own settings."""
    base = tmp_path_factory.mktemp("lab")
    folder, runtime = base / "notebooks", base / "runtime"
    for path in (folder, runtime):
        path.mkdir()
    quiet = base / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    own = {
        "HOME": "home",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    environment = os.environ | {name: str(base / place) for name, place in own.items()}
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"),
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (base / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield find_server(server, runtime, folder, base / "log")
        finally:
            server.terminate()
            server.wait(timeout=20)


def find_server(server: subprocess.Popen, runtime: Path, folder: Path, log: Path) -> Lab:
    """Wait until the server says where it is, and answers there."""
    last = time.monotonic() + START_S
    while time.monotonic() < last:
        for file in runtime.glob("jpserver-*.json"):
            with suppress(ValueError, OSError):
                known = json.loads(file.read_text(encoding="utf-8"))
                found = Lab(known["url"], known["token"], folder)
                found.call("api/status")
                return found
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.1)
            break
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@dataclass
class Notebook:
    """A notebook in the browser, as somebody works in it."""

    page: Page
    strangers: list[str] = field(default_factory=list)

    def cell(self, number: int) -> Locator:
        """Return a code cell, counted from 0."""
        return self.page.locator(".jp-CodeCell").nth(number)

    def output(self, number: int) -> Locator:
        """Return what a code cell shows."""
        return self.cell(number).locator(".jp-OutputArea-output")

    def run(self, number: int) -> None:
        """Run a cell with the keyboard."""
        self.cell(number).locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Control+Enter")

    def save(self) -> None:
        """Save the notebook as its menu does, and wait until it is saved."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")


@pytest.fixture
def open_notebook(lab: Lab, browser):
    """Return a function that opens a notebook in a browser of its own."""
    contexts = []

    def opened(path: Path) -> Notebook:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 1600}))
        notebook = Notebook(contexts[-1].new_page())
        notebook.page.set_default_timeout(SLOW_MS)

        def note(request) -> None:
            if not request.url.startswith((lab.address, "data:", "blob:", "about:")):
                notebook.strangers.append(request.url)

        contexts[-1].on("request", note)
        address = f"{lab.address}lab/tree/{path.name}?token={lab.token}&reset"
        notebook.page.goto(address)
        expect(notebook.cell(0)).to_be_visible(timeout=SLOW_MS)
        idle = notebook.page.get_by_role("button", name="| Idle")
        expect(idle).to_be_visible(timeout=SLOW_MS)
        return notebook

    yield opened
    for context in contexts:
        context.close()
    lab.stop_kernels()


def find_barriers(page: Page) -> list[str]:
    """Return what axe finds in the checklists on a page, in the light and in the dark theme."""
    axe, found = Axe(), []
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate(
            "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        light = "true" if theme.endswith("Light") else "false"
        expect(page.locator(f"body[data-jp-theme-light='{light}']")).to_have_count(1)
        options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
        result = axe.run(page, context=".checklist-drawn", options=options).response
        found += [
            f"{theme}: {rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in result["violations"]
            for node in rule["nodes"]
        ]
    return found


SHOW = 'from handbook.checklists import Checklist\nc = Checklist("{id}")\nc'


def test_ticks_and_python_see_each_other(lab, open_notebook):
    """A widget whose ticks Python never sees, or that does not show what Python sets."""
    notebook = open_notebook(
        lab.write(
            "ticks.ipynb",
            SHOW.format(id="before-you-post"),
            "c",
            "c.answers, c.notes, c.outcome, len(c.open_items)",
            'c.answers = {"connected": "not applicable", "rights": "done"}',
        )
    )
    done = CHECKLIST["connected"]
    notebook.run(0)
    first = notebook.output(0)
    expect(first.get_by_role("checkbox", name=done, exact=True)).to_be_visible(timeout=SLOW_MS)
    notebook.run(1)
    second = notebook.output(1)
    box = second.get_by_role("checkbox", name=done, exact=True)
    expect(box).not_to_be_checked()

    first.get_by_role("checkbox", name=done, exact=True).check()
    expect(box).to_be_checked()
    first.get_by_role("button", name="Add a note").nth(1).click()
    notebook.page.keyboard.type("Ask <b>Ada</b>")
    expect(second.get_by_role("textbox")).to_have_value("Ask <b>Ada</b>")
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("{'connected': 'done'}", timeout=SLOW_MS)
    expect(notebook.output(2)).to_contain_text("{'credible': 'Ask <b>Ada</b>'}")
    expect(notebook.output(2)).to_contain_text("'still-open', 8")

    notebook.run(3)
    for view in (first, second):
        expect(view.get_by_role("checkbox", name=done, exact=True)).not_to_be_checked()
        rights = view.get_by_role("checkbox", name=CHECKLIST["rights"], exact=True)
        expect(rights).to_be_checked()
    assert find_barriers(notebook.page) == []
    assert notebook.strangers == []


def test_a_form_is_typed_in_both_ways(lab, open_notebook):
    """A field that loses letters or the focus while Python listens, or a plan without them."""
    notebook = open_notebook(
        lab.write(
            "form.ipynb",
            SHOW.format(id="start-a-community"),
            'c.plan["name"], c.plan["channel_id"], c.result["errors"]',
            'c.answer("unit", "Library")',
        )
    )
    notebook.run(0)
    form = notebook.output(0)
    name = form.get_by_role("textbox", name=re.compile("^Name"))
    expect(name).to_be_visible(timeout=SLOW_MS)
    name.press_sequentially("Aalto University Lab")
    form.get_by_role("radio", name="Mastodon").check()
    administrators = form.get_by_role("textbox", name="Number of administrators")
    administrators.fill("many")
    expect(name).to_have_value("Aalto University Lab")
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text(
        "('Aalto University Lab', 'mastodon:aalto-university-lab', [{", timeout=SLOW_MS
    )
    notebook.run(2)
    expect(form.get_by_role("textbox", name=re.compile("^Unit"))).to_have_value("Library")
    expect(administrators).to_have_value("many")
    form.get_by_role("button", name="Show my plan").click()
    expect(form.get_by_role("link", name=re.compile("^Number of administrators"))).to_be_visible()
    assert find_barriers(notebook.page) == []


def test_a_saved_notebook_shows_the_list_when_it_is_opened_again(lab, open_notebook):
    """`Model not found` where somebody left a checklist, or answers that are not those given."""
    path = lab.write("saved.ipynb", SHOW.format(id="before-you-post"), "c")
    notebook = open_notebook(path)
    notebook.run(0)
    box = notebook.output(0).get_by_role("checkbox", name=CHECKLIST["connected"], exact=True)
    expect(box).to_be_visible(timeout=SLOW_MS)
    box.check()
    notebook.run(1)
    expect(notebook.output(1).get_by_role("checkbox").first).to_be_checked(timeout=SLOW_MS)
    notebook.save()
    lab.stop_kernels()

    forget_widgets(path)
    again = open_notebook(path)
    expect(again.output(1)).to_contain_text("1 of 9 answered")
    expect(again.output(1)).to_contain_text(CHECKLIST["rights"])
    expect(again.output(1).get_by_role("checkbox")).to_have_count(0)
    again.run(0)
    expect(again.output(0).get_by_role("checkbox").first).to_be_visible(timeout=SLOW_MS)


def test_the_handbooks_notebook_shows_the_list_before_it_is_run(lab, open_notebook):
    """A notebook as it is committed that shows an error in place of the checklist."""
    kept = paths.NOTEBOOKS / "11_plan_a_community.ipynb"
    path = lab.folder / kept.name
    path.write_bytes(kept.read_bytes())
    notebook = open_notebook(path)
    shown = notebook.page.locator(".handbook-answers").first
    expect(shown).to_contain_text("Start a community")
    expect(shown).to_contain_text("Platform")
    expect(notebook.page.get_by_text("model not found")).to_have_count(0)


def test_a_finder_answers_and_keeps_nothing(lab, open_notebook):
    """A situation without its answer, or a choice that is written to the reader's disk."""
    cells = [SHOW.format(id="something-went-wrong"), 'c.answers = {"chosen": ["harassed"]}']
    path = lab.write("finder.ipynb", *cells)
    notebook = open_notebook(path)
    notebook.run(0)
    finder = notebook.output(0)
    expect(finder.get_by_role("checkbox").first).to_be_visible(timeout=SLOW_MS)
    notebook.run(1)
    box = finder.get_by_role("checkbox", name="I am harassed or bullied")
    expect(box).to_be_checked(timeout=SLOW_MS)
    expect(finder).to_contain_text("Seek support.")
    expect(finder).to_contain_text("communications@aalto.fi")
    assert find_barriers(notebook.page) == []
    assert "handbook:" not in notebook.page.evaluate("Object.keys(localStorage).join()")
    assert [file.name for file in lab.folder.iterdir() if file.suffix == ".json"] == []
