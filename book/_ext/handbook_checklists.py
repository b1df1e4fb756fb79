"""Sphinx's side of the checklists: the directive, and the script and style of pages with one."""

from __future__ import annotations

import json
import re
import shutil
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from handbook_pages import make_section
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from handbook import organisation
from handbook.checklists import definition, documents, html, script
from handbook.errors import HandbookError

STYLE = "checklist.css"
MARK = 'class="checklist"'
KIND = re.compile(r' data-kind="(\w+)"')


class checklist(nodes.General, nodes.Element):
    """Stands where a checklist, or the answer of one situation, goes until every page is read."""


class ChecklistDirective(SphinxDirective):
    """A checklist of `data/checklists`, by its id.

    With `:compact:` it is for the end of a page on something else: a list to confirm works in
    place, and of a form or a finder stands the way to its page.
    """

    required_arguments = 1
    option_spec = {"compact": directives.flag}

    def run(self) -> list[nodes.Node]:
        id = self.arguments[0]
        for path in (definition.FOLDER / f"{id}.yml", definition.WORDS, organisation.PATH):
            self.env.note_dependency(str(path))
        try:
            found = definition.load(id)
        except HandbookError as error:
            raise self.severe(str(error)) from None
        compact = "compact" in self.options
        drawn: list[nodes.Node] = [checklist(id=id, compact=compact)]
        if found.kind == "situations" and not compact:
            drawn += [self.make_group(id, section) for section in found.sections]
        return drawn

    def make_group(self, id: str, section: definition.Section) -> nodes.section:
        """Return situations as sections of the page, each with its permanent address."""
        situations = [
            make_section(self, text, f"situation-{name}", checklist(id=id, situation=item.id))
            for item in section.items
            for name, text in html.headings(item.model_dump())
        ]
        return make_section(self, section.title, nodes.make_id(section.title), *situations)


def offer_to_links(app: Sphinx, doctree: nodes.document) -> None:
    """Let Markdown links of other pages lead to a situation."""
    for section in doctree.findall(nodes.section):
        target = section["ids"][0]
        if target.startswith("situation-"):
            slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
            slugs[target] = (section.line or 0, target, section[0].astext())


def draw(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the checklists of a page as HTML, with the addresses of rules and other lists."""
    builder = app.builder
    pages = {rule.id: page for page, rule in app.env.get_domain("handbook").rules}

    def to_page(page: str, anchor: str = "") -> str:
        if builder.name == "singlehtml":
            return f"#{anchor or f'document-{page}'}"
        address = builder.get_relative_uri(docname, page)
        return f"{address}#{anchor}" if anchor else address

    def to_checklist(id: str) -> str | None:
        page = f"book/checklists/{id}"
        return to_page(page) if page in app.env.found_docs else None

    for number, node in enumerate(list(doctree.findall(checklist))):
        found = definition.load(node["id"])
        payload = definition.make_payload(
            found,
            rule_href=lambda id: to_page(pages[id], id) if id in pages else None,
            page_href=to_checklist,
        )
        if situation := node.get("situation"):
            items = (item for part in payload["definition"]["sections"] for item in part["items"])
            drawn = html.render_situation(
                payload, next(item for item in items if item["id"] == situation)
            )
        elif node["compact"] and found.kind != "confirm":
            drawn = draw_link(found, payload, to_checklist(found.id))
        else:
            drawn = draw_whole(found, payload, number, node["compact"])
        node.replace_self(nodes.raw("", drawn, format="html"))


def draw_whole(found: definition.Definition, payload: dict, number: int, compact: bool) -> str:
    """Return a checklist with what the script needs to bring it to life."""
    prefix = f"checklist-{number}-"
    text = html.render(payload, prefix=prefix, compact=compact, title=compact, page=True)
    data = json.dumps(html.make_script_payload(payload), ensure_ascii=False, separators=(",", ":"))
    data = data.replace("<", "\\u003c")
    return (
        f'<div {MARK} data-id="{found.id}" data-kind="{found.kind}">{text}'
        f'<script type="application/json">{data}</script></div>'
    )


def draw_link(found: definition.Definition, payload: dict, href: str | None) -> str:
    """Return the way to a form or a finder in one line, for a form with how far it is."""
    words = payload["words"]
    title = f'<a href="{escape(href or "")}">{escape(found.title)}</a>'
    if found.kind == "situations":
        return f"<p {MARK}>{title}. {escape(words['compact'])}</p>"
    count = words["compact"].replace("{of}", str(len(found.items)))
    return (
        f'<p {MARK} data-id="{found.id}" data-version="{found.version}" '
        f'data-count="{escape(count)}">{title}. <span></span></p>'
    )


def add_assets(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give script and style to a page with a checklist, and to no other."""
    body = context.get("body") or ""
    if MARK not in body:
        return
    kinds = sorted(set(KIND.findall(body)))
    counts = "data-count=" in body
    name = "-".join(["checklist", *kinds, *(["count"] if counts else [])]) + ".js"
    files = {name: script.classic(kinds, counts=counts), STYLE: script.make_style()}
    for file, content in files.items():
        path = Path(app.outdir) / "_static" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    app.add_css_file(STYLE, priority=902)
    if kinds or counts:
        app.add_js_file(name, loading_method="defer")


def publish_schemas(app: Sphinx, exception: Exception | None) -> None:
    """Write what the files that forms give hold, beside the rules as data."""
    if not exception and app.builder.name in ("html", "dirhtml"):
        for schema in documents.SCHEMAS.values():
            shutil.copyfile(schema, Path(app.outdir) / schema.name)


def setup(app: Sphinx) -> dict:
    app.add_node(checklist)
    app.add_directive("checklist", ChecklistDirective)
    app.connect("doctree-read", offer_to_links)
    app.connect("doctree-resolved", draw)
    app.connect("html-page-context", add_assets)
    app.connect("build-finished", publish_schemas)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
