"""What every page has around its text, and the lists that are made from data at build time."""

from __future__ import annotations

import csv
import os
from types import SimpleNamespace

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from handbook import organisation, paths, schema
from handbook.book.trim import trim

ASSETS = {
    # a part of a file's name or of an inline script: what a page that needs it has in its text
    "thebe": (),
    "sphinx-book-theme.js": (),
    "togglebutton": ('class="toggle', "dropdown"),
    "toggleHint": ('class="toggle', "dropdown"),
    "toggleOpenOnPrint": ('class="toggle', "dropdown"),
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


def remove_kernels(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take out what would start a kernel on another host."""
    for node in list(doctree.findall(nodes.raw)):
        if "thebe" in node.astext() or "kernelName" in node.astext():
            node.parent.remove(node)


def add_front_page(app: Sphinx) -> list[tuple[str, dict, str]]:
    """Lead from the site's own address to the home page."""
    return [] if app.config.root_doc == "index" else [("index", {}, "front.html")]


def trim_pages(app: Sphinx, exception: Exception | None) -> None:
    """Trim what was built, when the build went well."""
    if exception is None and app.builder.format == "html":
        trim(app.builder.outdir)


def make_table(caption: str, header: list[str], rows: list[list[str | nodes.Node]]) -> nodes.table:
    """Return a table with a caption and a header row; a cell is text or an inline node."""

    def make_row(cells: list[str | nodes.Node]) -> nodes.row:
        inline = [nodes.Text(cell) if isinstance(cell, str) else cell for cell in cells]
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in inline))

    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in header), cols=len(header))
    group += nodes.thead("", make_row(header))
    group += nodes.tbody("", *(make_row(row) for row in rows))
    return nodes.table("", nodes.title("", caption), group)


class ChannelDirectory(SphinxDirective):
    """The channels of the real register; while there are none, whom to ask."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(paths.DATA / "register.csv"))
        with (paths.DATA / "register.csv").open(encoding="utf-8-sig", newline="") as file:
            channels = [SimpleNamespace(**row) for row in csv.DictReader(file)]
        email = organisation.load().contacts.communications.email
        ask = nodes.reference("", email, refuri=f"mailto:{email}")
        if not channels:
            text = "No channel has been confirmed here yet. Ask "
            return [nodes.paragraph("", "", nodes.Text(text), ask, nodes.Text("."))]
        open_, closed = [], []
        for channel in channels:
            (closed if channel.status == "closed" else open_).append(channel)
        tables = []
        for caption, some in (("Channels", open_), ("Closed channels", closed)):
            if some:
                header = ["Channel", "Platform", "Unit", "Language", "Status"]
                tables.append(make_table(caption, header, [self.make_row(one) for one in some]))
        return tables

    @staticmethod
    def make_row(channel) -> list[str | nodes.Node]:
        name = (
            nodes.reference("", channel.name, refuri=channel.url) if channel.url else channel.name
        )
        confirmed = f"confirmed {channel.confirmed_on}" if channel.confirmed_on else "unconfirmed"
        language = LANGUAGES.get(channel.language, channel.language)
        platform = schema.PLATFORMS[channel.platform]
        status = f"{channel.status}, {confirmed}"
        return [link if channel.url else channel.name, platform, channel.unit, language, status]


def setup(app: Sphinx) -> dict:
    app.add_config_value("handbook_internal", os.environ.get("HANDBOOK_INTERNAL") == "1", "html")
    app.add_css_file("handbook.css", priority=900)
    app.add_js_file("handbook.js", loading_method="defer")
    app.add_directive("channel-directory", ChannelDirectory)
    app.connect("doctree-resolved", remove_kernels, priority=900)
    app.connect("html-collect-pages", add_front_page)
    app.connect("html-page-context", add_to_page, priority=900)
    app.connect("build-finished", trim_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
