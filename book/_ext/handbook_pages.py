"""What every page has around its text, and the lists that are made from data at build time."""

from __future__ import annotations

import csv
import os

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from handbook import organisation, paths
from handbook.book.trim import trim

ASSETS = {
    # a part of a file's name or of an inline script: what a page that needs it has in its text
    "thebe": (),
    "togglebutton": ('class="toggle', "dropdown admonition", "admonition dropdown"),
    "toggleHint": ('class="toggle', "dropdown admonition", "admonition dropdown"),
    "toggleOpenOnPrint": ('class="toggle', "dropdown admonition", "admonition dropdown"),
    "clipboard": ('class="highlight',),
    "copybutton": ('class="highlight',),
    "pygments": ('class="highlight',),
    "mystnb": ('class="cell',),
    "sphinx-design": ('class="sd-', " sd-"),
    "design-tabs": ("sd-tab-set",),
}
LANGUAGES = {"en": "English", "fi": "Finnish", "sv": "Swedish"}


def add_to_page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the templates the book's status, and drop the assets that the page does not need."""
    context["organisation"] = organisation.load()
    context["handbook_internal"] = app.config.handbook_internal
    body = context.get("body") or ""

    def is_needed(asset) -> bool:
        called = f"{asset.filename or ''} {asset.attributes.get('body', '')}"
        marks = [marks for part, marks in ASSETS.items() if part in called]
        return not marks or any(mark in body for mark in marks[0])

    for files in ("css_files", "script_files"):
        needed = [asset for asset in context[files] if is_needed(asset)]
        context[files] = list(dict.fromkeys(needed))


def trim_pages(app: Sphinx, exception: Exception | None) -> None:
    """Trim what was built, when the build went well."""
    if exception is None and app.builder.format == "html":
        trim(app.builder.outdir)


def make_table(header: list[str], rows: list[list[nodes.Node | str]], label: str) -> nodes.table:
    """Return a table with a header row and a caption."""

    def make_row(cells: list) -> nodes.row:
        row = nodes.row()
        for cell in cells:
            content = nodes.Text(cell) if isinstance(cell, str) else cell
            row += nodes.entry("", nodes.paragraph("", "", content))
        return row

    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in header), cols=len(header))
    group += nodes.thead("", make_row(header))
    group += nodes.tbody("", *(make_row(row) for row in rows))
    return nodes.table("", nodes.title("", label), group)


class ChannelDirectory(SphinxDirective):
    """The real register's channels; while there are none, whom to ask."""

    def run(self) -> list[nodes.Node]:
        path = paths.DATA / "register.csv"
        self.env.note_dependency(str(path))
        with path.open(encoding="utf-8-sig", newline="") as file:
            channels = list(csv.DictReader(line for line in file if not line.startswith("#")))
        email = organisation.load().contacts.communications.email
        ask = nodes.reference("", email, refuri=f"mailto:{email}")
        if not channels:
            return [
                nodes.paragraph(
                    "",
                    "",
                    nodes.Text("No channel has been confirmed here yet. Ask "),
                    ask,
                    nodes.Text("."),
                )
            ]
        return []


def setup(app: Sphinx) -> dict:
    app.add_config_value("handbook_internal", os.environ.get("HANDBOOK_INTERNAL") == "1", "html")
    app.add_css_file("handbook.css", priority=900)
    app.add_directive("channel-directory", ChannelDirectory)
    app.connect("html-page-context", add_to_page, priority=900)
    app.connect("build-finished", trim_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
