"""What every page has around its text, and the lists that are made from data at build time."""

from __future__ import annotations

import os

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from handbook import metrics, organisation, paths, register, schema
from handbook.book.trim import trim
from handbook.csvfile import read_csv
from handbook.errors import HandbookError

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
    "figures.css": ('class="handbook-figure', 'class="handbook-table'),
    "sphinx-design": ('class="sd-', " sd-"),
    "design-tabs": ("sd-tab-set",),
}
MISNAMED_SUMMARY = '<summary aria-label="Toggle hidden content">'
"""What unfolds the code of a notebook's cell: its own words are the better name."""

NAMELESS_SUMMARY = "<summary><span"
NAMED_SUMMARY = '<summary aria-label="Pages below this one"><span'
"""What unfolds a part of the sidebar: the theme gives it a picture and no name."""

LANGUAGES = {"en": "English", "fi": "Finnish", "sv": "Swedish"}


def add_to_page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the templates the book's status, and drop the assets that the page does not need."""
    context["organisation"] = organisation.load()
    context["handbook_internal"] = app.config.handbook_internal
    body = (context.get("body") or "").replace(MISNAMED_SUMMARY, "<summary>")
    if body:
        context["body"] = body

    generate = context["generate_toctree_html"]

    def generate_named(*args, **kwargs) -> str:
        return str(generate(*args, **kwargs)).replace(NAMELESS_SUMMARY, NAMED_SUMMARY)

    context["generate_toctree_html"] = generate_named

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


def make_paragraph(*parts: str | nodes.Node) -> nodes.paragraph:
    """Return a paragraph of text and inline nodes."""
    inline = [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    return nodes.paragraph("", "", *inline)


def make_section(
    directive: SphinxDirective, title: str, target: str, *content: nodes.Node
) -> nodes.section:
    """Return a section with a permanent address, which other pages can refer to."""
    section = nodes.section("", nodes.title("", title), *content, ids=[target], names=[target])
    directive.state.document.note_explicit_target(section)
    return section


def make_table(header: list[str], rows: list[list[str | nodes.Node]]) -> nodes.table:
    """Return a table with a header row; a cell is text or an inline node."""

    def make_row(cells: list[str | nodes.Node]) -> nodes.row:
        return nodes.row("", *(nodes.entry("", make_paragraph(cell)) for cell in cells))

    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in header), cols=len(header))
    group += nodes.thead("", make_row(header))
    group += nodes.tbody("", *(make_row(row) for row in rows))
    return nodes.table("", group)


class ChannelDirectory(SphinxDirective):
    """The channels of the real register; while there are none, whom to ask."""

    HEADER = ["Channel", "Platform", "Unit", "Language", "Status", "Confirmed"]

    def run(self) -> list[nodes.Node]:
        path = paths.chosen_register()
        self.env.note_dependency(str(path))
        channels = register.load(path)
        if made_up := register.find_made_up(channels):
            raise HandbookError(
                f"{path}: {made_up[0].channel_id} is of the made-up university, which never "
                "stands in the directory. Remove the row."
            )
        if not channels:
            email = organisation.load().contacts.communications.email
            ask = nodes.reference("", email, refuri=f"mailto:{email}")
            return [make_paragraph("No channel has been confirmed here yet. Ask ", ask, ".")]
        closed = [self.make_row(channel) for channel in channels if channel.status == "closed"]
        others = [self.make_row(channel) for channel in channels if channel.status != "closed"]
        found: list[nodes.Node] = [make_table(self.HEADER, others)] if others else []
        if closed:
            found += [make_paragraph("Closed channels:"), make_table(self.HEADER, closed)]
        return found

    @staticmethod
    def make_row(channel: register.Channel) -> list[str | nodes.Node]:
        name = channel.name
        return [
            nodes.reference("", name, refuri=channel.url) if channel.url else name,
            register.PLATFORMS[channel.platform],
            channel.unit or "–",
            LANGUAGES.get(channel.language, channel.language or "–"),
            channel.status,
            f"{channel.confirmed_on}" if channel.confirmed_on else "unconfirmed",
        ]


class DataDictionary(SphinxDirective):
    """The canonical tables: every column, its type, its unit and what it means."""

    def run(self) -> list[nodes.Node]:
        return [
            make_section(
                self,
                table.name,
                f"table-{table.name.replace('_', '-')}",
                make_paragraph(table.description),
                make_paragraph(f"A row is identified by {', '.join(table.key)}."),
                make_table(
                    ["Column", "Type", "Unit", "Meaning"],
                    [
                        [nodes.literal("", field.name), field.type, field.unit, field.description]
                        for field in table.fields
                    ],
                ),
            )
            for table in schema.TABLES
        ]


class Statistics(SphinxDirective):
    """What was measured of a topic: how, and each value beside its goal."""

    required_arguments = 1

    HEADER = ["What", "Value", "95% interval", "Goal", "Met"]

    def run(self) -> list[nodes.Node]:
        path = paths.DATA / "statistics" / f"{self.arguments[0]}.csv"
        self.env.note_dependency(str(path))
        if not path.exists():
            raise HandbookError(f"{path}: not there. Measure it: make bench-statistics")
        table = read_csv(path)
        rows = [
            [
                row["what"],
                row["value"],
                f"{row['low']} to {row['high']}" if row["low"] else "",
                row["goal"],
                {"true": "yes", "false": "no"}.get(row["met"], ""),
            ]
            for _, row in table.rows
        ]
        how = nodes.bullet_list(
            "",
            *(
                nodes.list_item("", make_paragraph(f"{sentence.rstrip('.')}."))
                for sentence in " ".join(filter(None, table.notes)).split(". ")
            ),
        )
        return [how, make_table(self.HEADER, rows)]


class MetricDictionary(SphinxDirective):
    """Every metric: how it is computed, its unit, where the definition comes from, and caveats."""

    def run(self) -> list[nodes.Node]:
        return [self.make_entry(metric) for metric in metrics.METRICS]

    def make_entry(self, metric: metrics.Metric) -> nodes.section:
        platforms = [schema.PLATFORMS[name] for name in metric.platforms]
        facts = {
            "Column": nodes.literal("", metric.name),
            "How it is computed": metric.formula,
            "Unit": metric.unit,
            "Where the definition comes from": metric.source,
            "Platforms whose exports give it": ", ".join(platforms),
            "Not computed": metric.not_computed,
        }
        items = [
            nodes.definition_list_item(
                "", nodes.term("", term), nodes.definition("", make_paragraph(fact))
            )
            for term, fact in facts.items()
            if fact
        ]
        for term, sentences in (
            ("Know before you compare", metric.caveats),
            ("Where definitions differ", metric.conflicts),
        ):
            if sentences:
                told = (nodes.list_item("", make_paragraph(sentence)) for sentence in sentences)
                items.append(
                    nodes.definition_list_item(
                        "",
                        nodes.term("", term),
                        nodes.definition("", nodes.bullet_list("", *told)),
                    )
                )
        target = f"metric-{metric.name.replace('_', '-')}"
        return make_section(self, metric.title, target, nodes.definition_list("", *items))


def setup(app: Sphinx) -> dict:
    app.add_config_value("handbook_internal", os.environ.get("HANDBOOK_INTERNAL") == "1", "html")
    app.add_css_file("handbook.css", priority=900)
    app.add_css_file("figures.css", priority=901)
    app.add_js_file("handbook.js", loading_method="defer")
    app.add_directive("channel-directory", ChannelDirectory)
    app.add_directive("data-dictionary", DataDictionary)
    app.add_directive("metric-dictionary", MetricDictionary)
    app.add_directive("statistics", Statistics)
    app.connect("doctree-resolved", remove_kernels, priority=900)
    app.connect("html-collect-pages", add_front_page)
    app.connect("html-page-context", add_to_page, priority=900)
    app.connect("build-finished", trim_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
