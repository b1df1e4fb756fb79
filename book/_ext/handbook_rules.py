"""Sphinx's side of the rules: directives, the role, the checks, and what is published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains import Domain, ObjType
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective
from sphinx.util.nodes import make_refnode
from sphinx.util.osutil import relative_uri

from handbook import organisation, policy
from handbook.errors import HandbookError
from handbook.policy import FORCES, Group, Rule, published

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
CHANGES = {
    "added": "Added",
    "changed": "Changed",
    "replaced": "Replaced",
    "withdrawn": "Withdrawn",
}
DATA = {"rules.json": " and ", "rules.csv": ", described by ", "rules.schema.json": "."}
"""The files that `publish` writes, and what follows each in the sentence that links them."""

PAGE_BUILDERS = ("html", "dirhtml")
"""Builders that give every page an address; others get no data beside them."""

logger = logging.getLogger(__name__)


class rule_index(nodes.General, nodes.Element):
    """Stands where the rule index goes until every page is read."""


class GroupDirective(SphinxDirective):
    """Rules that read as one paragraph, or as a list.

    It has no option spec: MyST would take `:::{rule}` on the first line for an option.
    """

    has_content = True

    def read_group(self) -> Group:
        page = self.env.doc2path(self.env.docname, base=False)
        return policy.parse_group(list(self.content), page, self.content_offset + 1)

    def run(self) -> list[nodes.Node]:
        try:
            group = self.read_group()
        except HandbookError as error:
            raise self.severe(str(error)) from None
        domain = self.env.get_domain("handbook")
        for rule in group.rules:
            domain.rules.append((self.env.docname, rule))
        return list(self.draw(group))

    def draw(self, group: Group) -> Iterator[nodes.Node]:
        if group.is_list:
            items = nodes.bullet_list("", classes=["rules"])
            for piece in group.pieces:
                items += nodes.list_item("", nodes.paragraph("", "", *self.draw_piece(piece)))
                items[-1] += self.draw_notes([piece])
            yield items
            return
        paragraph = nodes.paragraph("", "", classes=["rules"])
        for number, piece in enumerate(group.pieces):
            paragraph += nodes.Text("" if group.clings(number) else " ")
            paragraph += self.draw_piece(piece)
        yield paragraph
        yield from self.draw_notes(group.pieces)

    def draw_piece(self, piece: Rule | str) -> list[nodes.Node]:
        if isinstance(piece, str):
            return link_emails(piece)
        return [draw_rule(piece, self.env.docname)]

    def draw_notes(self, pieces: list[Rule | str]) -> Iterator[nodes.Node]:
        for rule in pieces:
            if isinstance(rule, Rule) and rule.note:
                said, messages = self.state.inline_text(rule.note, self.lineno)
                label = nodes.strong("", f"Editor’s note on {rule.id}: ")
                yield nodes.paragraph("", "", label, *said, classes=["rule-note"])
                yield from messages


class RuleDirective(GroupDirective):
    """A rule outside a group: a paragraph of its own."""

    required_arguments = 1
    final_argument_whitespace = True

    def read_group(self) -> Group:
        page = self.env.doc2path(self.env.docname, base=False)
        lines = [f":::{{rule}} {self.arguments[0]}", *self.content, ":::"]
        return policy.parse_group(lines, page, self.content_offset)


class RuleIndexDirective(SphinxDirective):
    """Every rule: id, text, force and page."""

    def run(self) -> list[nodes.Node]:
        return [rule_index()]


class EditionsDirective(SphinxDirective):
    """Every edition, the newest first: when, why, and what changed."""

    def run(self) -> list[nodes.Node]:
        folder = self.config.handbook_editions
        try:
            editions = policy.load_editions(Path(folder))
        except HandbookError as error:
            raise self.severe(str(error)) from None
        for edition in editions:
            self.env.note_dependency(str(Path(folder) / f"{edition.edition}.json"))
        return [
            self.draw(edition, editions[number - 1] if number else None)
            for number, edition in reversed(list(enumerate(editions)))
        ]

    def draw(self, edition: policy.Edition, before: policy.Edition | None) -> nodes.section:
        title = f"Edition {edition.edition}"
        section = nodes.section("", nodes.title("", title), ids=[f"edition-{edition.edition}"])
        in_force = sum(rule.status == "in force" for rule in edition.rules)
        facts = {
            "Date": edition.date.isoformat() if edition.date else "not in the source",
            "Reason": edition.reason,
            "Approved by": edition.approver_role or "not in the source",
            "Rules": f"{len(edition.rules)}, of them {in_force} in force",
        }
        section += nodes.field_list(
            "",
            *(
                nodes.field(
                    "",
                    nodes.field_name("", name),
                    nodes.field_body("", nodes.paragraph("", text)),
                )
                for name, text in facts.items()
            ),
            classes=["edition"],
        )
        if before:
            changes = policy.compare(before.rules, edition.rules)
            section += nodes.bullet_list(
                "", *(self.draw_change(change) for change in changes), classes=["changes"]
            )
        return section

    def draw_change(self, change: policy.Change) -> nodes.list_item:
        head = nodes.paragraph("", f"{CHANGES[change.kind]}: ")
        head += cite(change.id, self.env.docname)
        if change.kind == "added":
            said = [change.new.text]
        else:
            said = [
                f"{name}: “{old}”, now “{new}”" if old else f"{name}: {new}"
                for name, old, new in change.fields
                if name != "status"
            ]
        details = (nodes.list_item("", nodes.paragraph("", text)) for text in said)
        return nodes.list_item("", head, *([nodes.bullet_list("", *details)] if said else []))


class RuleRole(ReferenceRole):
    """Cites a rule: a link to its address, with its text as the title."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        reference = cite(self.target, self.env.docname, self.title)
        self.set_source_info(reference)
        return [reference], []


class HandbookDomain(Domain):
    """Keeps the rules of every page, with their ids as they are written."""

    name = "handbook"
    label = "Social Media Handbook"
    object_types = {"rule": ObjType("rule", "rule")}
    initial_data = {"rules": []}
    dangling_warnings = {"rule": "there is no rule %(target)s: cite one of the rule index"}

    @property
    def rules(self) -> list[tuple[str, Rule]]:
        """Page name and rule, in the order of reading."""
        return self.data["rules"]

    def clear_doc(self, docname: str) -> None:
        self.data["rules"] = [entry for entry in self.rules if entry[0] != docname]

    def merge_domaindata(self, docnames: list[str], otherdata: dict) -> None:
        self.data["rules"] += [entry for entry in otherdata["rules"] if entry[0] in docnames]

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        for docname, rule in self.rules:
            yield rule.id, rule.id, "rule", docname, rule.id, 1

    def resolve_xref(self, env, fromdocname, builder, typ, target, node, contnode):
        for docname, rule in self.rules:
            if rule.id == target:
                gone = f" ({rule.status})" if rule.status != "in force" else ""
                contnode += nodes.Text(gone)
                return make_refnode(builder, fromdocname, docname, rule.id, contnode, rule.text)
        return None

    def resolve_any_xref(self, env, fromdocname, builder, target, node, contnode):
        found = self.resolve_xref(env, fromdocname, builder, "rule", target, node, contnode)
        return [("handbook:rule", found)] if found else []

    def check_consistency(self) -> None:
        """Warn, and so fail a strict build, where pages, loader and edition do not agree."""
        try:
            loaded = policy.load_rules(Path(self.env.srcdir) / "book")
            edition = policy.load_editions(Path(self.env.config.handbook_editions))[-1]
        except HandbookError as error:
            for mistake in str(error).splitlines():
                logger.warning(mistake, type="handbook")
            return
        seen = {rule.id: (docname, rule) for docname, rule in self.rules}
        read = {rule.id: rule for rule in loaded}
        for docname, rule in self.rules:
            if read.get(rule.id) != rule:
                logger.warning(
                    f"{rule.id}: the page has a rule that reading its Markdown does not find so. "
                    "A rule stands in a page below book/, between colon fences, never included.",
                    type="handbook",
                    location=(docname, rule.line),
                )
        for rule in loaded:
            if rule.id not in seen:
                logger.warning(
                    f"{rule.place}: {rule.id} is on no page of the book. Is its page in _toc.yml?",
                    type="handbook",
                )
            if rule.replaced_by and rule.replaced_by not in read:
                logger.warning(
                    f"{rule.place}: {rule.id} is replaced by {rule.replaced_by}, "
                    "and there is no such rule.",
                    type="handbook",
                )
        for said in policy.find_differences(loaded, edition):
            logger.warning(said, type="handbook")


def draw_rule(rule: Rule, docname: str) -> nodes.inline:
    """Return a rule as running text with a quiet label."""
    text = nodes.inline("", "", *link_emails(rule.text), classes=["rule-text"])
    address = nodes.reference("", rule.id, refid=rule.id, classes=["rule-id"])
    label = nodes.inline("", classes=["rule-label"])
    if rule.origin != "aalto":
        label += nodes.inline("", f"{rule.origin} ({rule.source})", classes=["rule-origin"])
        label += nodes.Text(" ")
    if rule.status == "in force":
        force = nodes.inline("", FORCES[rule.force], classes=["rule-force"])
        label += [force, nodes.Text(" "), address]
    else:
        said = f"{rule.status} by " if rule.replaced_by else rule.status
        label += [address, nodes.Text(" "), nodes.inline("", said, classes=["rule-status"])]
    if rule.replaced_by:
        label += cite(rule.replaced_by, docname)
    classes = ["rule", f"origin-{rule.origin}", f"status-{rule.status.replace(' ', '-')}"]
    return nodes.inline(
        "", "", text, nodes.Text("\N{NO-BREAK SPACE}"), label, ids=[rule.id], classes=classes
    )


def cite(id: str, docname: str, title: str = "") -> addnodes.pending_xref:
    """Return a link to a rule that is resolved when every page is read."""
    return addnodes.pending_xref(
        "",
        nodes.inline("", title or id, classes=["rule-cited"]),
        refdomain="handbook",
        reftype="rule",
        reftarget=id,
        refdoc=docname,
        refexplicit=bool(title) and title != id,
        refwarn=True,
    )


def link_emails(text: str) -> list[nodes.Node]:
    """Return the text with its e-mail addresses as links, letter for letter the same."""
    parts: list[nodes.Node] = []
    end = 0
    for found in EMAIL.finditer(text):
        parts.append(nodes.Text(text[end : found.start()]))
        parts.append(nodes.reference("", found[0], refuri=f"mailto:{found[0]}"))
        end = found.end()
    parts.append(nodes.Text(text[end:]))
    return [part for part in parts if part.astext()]


def offer_to_links(app: Sphinx, doctree: nodes.document) -> None:
    """Let a plain Markdown link lead to a rule: `[Q-04](starting-a-community.md#Q-04)`.

    Notebooks cite rules so, because JupyterLab shows the role `rule` as it is written.
    """
    env = app.env
    for docname, rule in env.get_domain("handbook").rules:
        if docname == env.docname:
            slugs = env.metadata[docname].setdefault("myst_slugs", {})
            slugs[rule.id] = (rule.line, rule.id, rule.id)


def mark_citations(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let plain Markdown links to a rule look as the role's do: an id is never broken in two."""
    ids = {rule.id for _, rule in app.env.get_domain("handbook").rules}
    for link in doctree.findall(nodes.reference):
        if link.astext() in ids and not link["classes"]:
            link["classes"].append("rule-cited")


def draw_index(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the table where the rule index goes."""
    places = list(doctree.findall(rule_index))
    if not places:
        return
    domain = app.env.get_domain("handbook")
    page_of = {rule.id: page for page, rule in domain.rules}
    edition = policy.load_editions(Path(app.config.handbook_editions))[-1]
    rules = published.order_rules([rule for _, rule in domain.rules], edition)
    checklists = published.find_checklists([rule.id for rule in rules])

    def link(text: str, page: str, anchor: str) -> nodes.reference:
        return make_refnode(app.builder, docname, page, anchor, nodes.Text(text))

    def link_checklist(id: str) -> nodes.reference | str:
        page = f"book/checklists/{id}"
        return link(app.env.titles[page].astext(), page, "") if page in app.env.titles else id

    columns = {
        "Id": lambda rule: link(rule.id, page_of[rule.id], rule.id),
        "Rule": lambda rule: rule.text,
        "Force": lambda rule: "; ".join(say_standing(rule)),
        "Page": lambda rule: link(app.env.titles[page_of[rule.id]].astext(), page_of[rule.id], ""),
        "Checklists": lambda rule: [link_checklist(id) for id in checklists[rule.id]],
        "Audits": lambda rule: ", ".join(rule.audits),
    }
    cells = {name: [make(rule) for rule in rules] for name, make in columns.items()}
    cells = {name: column for name, column in cells.items() if any(column)}
    table = make_table(list(cells), list(zip(*cells.values(), strict=True)))
    here = app.builder.get_target_uri(docname)
    data = nodes.paragraph("", "The same as data, for other tools: ")
    for name, after in DATA.items():
        data += nodes.reference("", name, refuri=relative_uri(here, name))
        data += nodes.Text(after)
    for place in places:
        above = [data.deepcopy()] if app.builder.name in PAGE_BUILDERS else []
        place.replace_self([*above, table.deepcopy()])


def say_standing(rule: Rule) -> Iterator[str]:
    """Yield the rule's force, and what sets it apart from the guidelines' rules in force."""
    yield FORCES[rule.force]
    if rule.origin != "aalto":
        yield f"{rule.origin}: {rule.source}"
    if rule.status != "in force":
        yield f"{rule.status} by {rule.replaced_by}" if rule.replaced_by else rule.status


def make_table(header: list[str], rows: list[tuple]) -> nodes.table:
    """Return a table whose first column heads its rows."""

    def make_row(cells) -> nodes.row:
        row = nodes.row()
        for cell in cells:
            paragraph = nodes.paragraph()
            for number, part in enumerate(cell if isinstance(cell, list) else [cell]):
                paragraph += nodes.Text(", ") if number else []
                paragraph += nodes.Text(part) if isinstance(part, str) else part
            row += nodes.entry("", paragraph)
        return row

    group = nodes.tgroup("", cols=len(header))
    group += [nodes.colspec("", colwidth=1, stub=int(not n)) for n in range(len(header))]
    group += nodes.thead("", make_row(header))
    group += nodes.tbody("", *(make_row(row) for row in rows))
    return nodes.table("", group, classes=["rule-index", "colwidths-auto"])


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Write the rules as data beside the pages."""
    if exception or app.builder.name not in PAGE_BUILDERS:
        return
    domain = app.env.get_domain("handbook")
    rules = [rule for _, rule in domain.rules]
    if not rules:
        return
    edition = policy.load_editions(Path(app.config.handbook_editions))[-1]
    addresses = {rule.id: app.builder.get_target_uri(docname) for docname, rule in domain.rules}
    checklists = published.find_checklists([rule.id for rule in rules])
    records = list(published.make_records(rules, edition, addresses, checklists))
    published.publish(records, edition, organisation.load(), Path(app.outdir))


def setup(app: Sphinx) -> dict:
    app.add_config_value("handbook_editions", str(policy.EDITIONS), "env")
    app.add_domain(HandbookDomain)
    app.add_node(rule_index)
    app.add_directive("rules", GroupDirective)
    app.add_directive("rule", RuleDirective)
    app.add_directive("rule-index", RuleIndexDirective)
    app.add_directive("editions", EditionsDirective)
    app.add_role("rule", RuleRole())
    app.add_css_file("rules.css")
    app.connect("doctree-read", offer_to_links)
    app.connect("doctree-resolved", draw_index)
    app.connect("doctree-resolved", mark_citations)
    app.connect("build-finished", publish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
