"""A checklist as HTML: a list to read and to tick on paper, which the script brings to life.

What only works with the script is hidden until it runs; what only serves without it, the script
removes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

PREFIX = "checklist-0-"
"""How the ids within a checklist begin; two on one page need prefixes of their own."""

UNUSED = ("lead", "reviewed", "next_review", "help")
"""What of a definition the script has no need of: it stands in the HTML."""


def render(
    payload: Mapping[str, Any],
    *,
    prefix: str = PREFIX,
    compact: bool = False,
    script: bool = True,
    title: bool = False,
    page: bool = False,
) -> str:
    """Return a checklist as HTML.

    Parameters
    ----------
    payload
        What `handbook.checklists.definition.make_payload` gives; its links are kept.
    prefix
        The beginning of every id in it.
    compact
        Without the opening, notes and printing: for the end of a page on something else.
    script
        Whether a script may come: False leaves out what would do nothing without one.
    title
        Whether its title stands above it.
    page
        Whether it is a page of its own, which has the sections of `render_situation` beside it
        and a browser that keeps the answers.
    """
    return _Writer(payload, prefix, compact, script, title, page).render()


def make_script_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the script needs of a payload where the HTML stands beside it."""
    return payload | {"definition": _without(payload["definition"], UNUSED)}


def _without(content: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(content, Mapping):
        return {key: _without(value, keys) for key, value in content.items() if key not in keys}
    if isinstance(content, list):
        return [_without(value, keys) for value in content]
    return content


def render_situation(payload: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    """Return what to do in a situation, without its heading."""
    return _Writer(payload, script=False, page=True).answer(item)


@dataclass(frozen=True)
class _Writer:
    """Writes the parts of one checklist; the options are those of `render`."""

    payload: Mapping[str, Any]
    prefix: str = PREFIX
    compact: bool = False
    script: bool = True
    title: bool = False
    page: bool = False

    @property
    def definition(self) -> Mapping[str, Any]:
        return self.payload["definition"]

    @property
    def words(self) -> Mapping[str, Any]:
        return self.payload["words"]

    def render(self) -> str:
        definition = self.definition
        body = {"confirm": self.confirm, "situations": self.finder, "form": self.form}
        opening = ""
        if self.title:
            opening += self.heading(definition["title"])
        if not self.compact:
            when = f"<strong>{escape(self.words['when'])}:</strong> {escape(definition['when'])}"
            opening += f'<p class="checklist-when">{when}</p>'
            opening += f"<p>{escape(definition['lead'])}</p>" if definition.get("lead") else ""
        return (
            f'<div class="checklist-drawn" role="group" aria-label="{escape(definition["title"])}">'
            f"{opening}{body[definition['kind']]()}{self.foot()}</div>"
        )

    # -- what every kind has ---------------------------------------------------------------------

    def foot(self) -> str:
        words, kind = self.words, self.definition["kind"]
        buttons = [self.button("clear", words["clear" if kind == "situations" else "start_over"])]
        if self.page and not self.compact:
            buttons.append(self.button("print", words["print"]))
        if self.page and kind != "situations":
            buttons.append(self.button("delete", words["delete"]))
        said = {
            "confirm": ("kept_on_device", "nothing_sent"),
            "situations": ("nothing_kept",),
            "form": ("kept_on_device", "nothing_sent", "expires"),
        }
        kept = " ".join(words[name] for name in said[kind])
        parts = [
            self.only_script(
                f'<p class="checklist-buttons" data-part="actions">{"".join(buttons)}</p>'
                '<p class="checklist-notice" role="status" data-part="notice"></p>'
                + (f'<p class="checklist-kept">{escape(kept)}</p>' if self.page else "")
            )
        ]
        if not self.compact:
            parts += [
                f'<p class="checklist-also"><a href="{escape(href)}">{escape(link["text"])}</a></p>'
                for link in self.definition.get("links", ())
                if (href := self.payload["links"].get(link["to"]))
            ]
        if self.page and not self.compact:
            days = {name: self.definition[name] for name in ("reviewed", "next_review")}
            parts.append(
                f'<p class="checklist-kept">{escape(words["reviewed"].format(**days))}</p>'
            )
        return "".join(parts)

    def only_script(self, html: str) -> str:
        return f"<div hidden data-script>{html}</div>" if self.script else ""

    def button(self, do: str, text: str, classes: str = "", **data: str) -> str:
        more = "".join(f' {key.replace("_", "-")}="{escape(value)}"' for key, value in data.items())
        return (
            f'<button type="button" class="checklist-button{classes}" data-do="{do}"{more}>'
            f"{escape(text)}</button>"
        )

    def bar(self, text: str) -> str:
        """Return the line that stays in sight: how far one is, and the way to the result."""
        return (
            '<div class="checklist-bar" hidden data-script>'
            '<span role="status" data-part="said"></span>'
            f"{self.button('see', text, ' checklist-main')}</div>"
        )

    def rules(self, ids: Iterable[str]) -> str:
        links = [
            f'<a href="{escape(href)}">{id}</a>' if (href := self.payload["rules"].get(id)) else id
            for id in ids
        ]
        return f' <span class="checklist-rules">({", ".join(links)})</span>' if links else ""

    def origin(self, said: Mapping[str, Any]) -> str:
        word = self.words.get(f"{said.get('origin')}_from")
        if not word:
            return ""
        text = escape(word.replace("{source}", said["source"]))
        return f'<span class="checklist-origin">{text}</span> '

    def heading(self, text: str, deeper: int = 0) -> str:
        """Return a title that is a heading of its place: pages end where a list begins."""
        level = 2 + deeper + self.compact
        return f'<p class="checklist-title" role="heading" aria-level="{level}">{escape(text)}</p>'

    def note(self, said: Mapping[str, Any]) -> str:
        note = said.get("note")
        return f' <span class="checklist-note">{escape(note)}</span>' if note else ""

    def statement(self, said: Mapping[str, Any]) -> str:
        rules = self.rules(said.get("rules", ()))
        return f"{self.origin(said)}{escape(said['text'])}{rules}{self.note(said)}"

    def contacts(self, contacts: Iterable[Mapping[str, Any]], *, copy: bool = False) -> str:
        lines = "".join(self.contact(contact, copy) for contact in contacts)
        return f'<ul class="checklist-contacts">{lines}</ul>'

    def outcome_contacts(self) -> str:
        """Return everyone whom an outcome names; the script hides those that do not apply."""
        ids = dict.fromkeys(
            id for outcome in self.definition["outcomes"] for id in outcome["contacts"]
        )
        return self.contacts(({"contact": id} for id in ids), copy=True)

    def contact(self, entry: Mapping[str, Any], copy: bool) -> str:
        id = entry["contact"]
        known = self.payload["organisation"]["contacts"].get(id)
        name = known["name"] if known else self.words[id]
        said = [self.words.get(f"urgency_{entry.get('urgency')}"), entry.get("note")]
        address = known and (known.get("email") or known.get("phone"))
        if address:
            scheme = "mailto" if known.get("email") else "tel"
            where = f'<a href="{scheme}:{escape(address)}">{escape(address)}</a>'
            if copy and self.script:
                where += f" {self.copy_button(address)}"
        else:
            where = escape(self.words["no_address" if known else f"no_{id}_address"])
        notes = escape("".join(f", {text}" for text in said if text))
        name = escape(name[0].upper() + name[1:])
        return f'<li data-contact="{id}"><strong>{name}</strong>{notes}: {where}</li>'

    def copy_button(self, what: str) -> str:
        """Return a button that copies the element before it, and a place to say so after it."""
        label = self.words["copy_of"].replace("{what}", what)
        button = self.button(
            "copy", self.words["copy"], hidden="", data_script="", aria_label=label
        )
        return f'{button}<span role="status"></span>'

    # -- a list to confirm -----------------------------------------------------------------------

    def confirm(self) -> str:
        words = self.words
        sections = "".join(map(self.confirm_section, self.definition["sections"]))
        endings = "".join(
            f"<li>{escape(outcome['text'])}</li>" for outcome in self.definition["outcomes"]
        )
        result = (
            '<div class="checklist-result">'
            '<progress data-part="bar" aria-hidden="true" value="0" max="1"></progress>'
            f'<p role="status" data-part="said"></p>'
            f'<details data-part="more"><summary>{escape(words["what_is_open"])}</summary>'
            '<ol data-part="open"></ol></details></div>'
        )
        return (
            f"{sections}{self.only_script(result)}"
            f'<ul class="checklist-endings" data-plain>{endings}</ul>{self.outcome_contacts()}'
        )

    def confirm_section(self, section: Mapping[str, Any]) -> str:
        title = section.get("title")
        legend = (
            f"<legend>{escape(title)}</legend>"
            if title
            else f'<legend class="visually-hidden">{escape(self.definition["title"])}</legend>'
        )
        items = "".join(map(self.confirm_item, section["items"]))
        return f'<fieldset class="checklist-section">{legend}<ol>{items}</ol></fieldset>'

    def confirm_item(self, item: Mapping[str, Any]) -> str:
        words = self.words
        id = f"{self.prefix}{item['id']}"
        note = ""
        if self.script and not self.compact:
            note = (
                self.button(
                    "note", words["add_note"], hidden="", data_script="", aria_describedby=id
                )
                + f'<label class="checklist-own-note" hidden>{escape(words["note"])}'
                f'<textarea rows="2" maxlength="500" aria-describedby="{id}"></textarea></label>'
            )
        line = "" if self.compact else '<span class="checklist-line" aria-hidden="true"></span>'
        return (
            f'<li class="checklist-item" data-item="{item["id"]}">'
            f'<label class="checklist-choice"><input type="checkbox" value="done">'
            f'<span id="{id}">{escape(item["text"])}</span></label>'
            f'<div class="checklist-beside">{self.origin(item)}{self.rules(item.get("rules", ()))}'
            f"{self.note(item)}</div>"
            f'<div class="checklist-ways"><label class="checklist-choice">'
            f'<input type="checkbox" value="not applicable" aria-labelledby="{id}-not {id}">'
            f'<span id="{id}-not">{escape(words["not_applicable"])}</span></label>'
            f"{note}{line}</div></li>"
        )

    # -- a finder of situations ------------------------------------------------------------------

    def finder(self) -> str:
        words = self.words
        chooser = "".join(
            f'<fieldset class="checklist-section"><legend>{escape(section["title"])}</legend>'
            + "".join(
                f'<label class="checklist-choice"><input type="checkbox" value="{id}" '
                f'autocomplete="off"><span>{escape(text)}</span></label>'
                for item in section["items"]
                for id, text in headings(item)
            )
            + "</fieldset>"
            for section in self.definition["sections"]
        )
        answer = (
            '<div class="checklist-result checklist-answer" tabindex="-1" data-part="answer"></div>'
        )
        found = self.only_script(chooser + self.bar(words["see_result"]) + answer)
        if self.page:
            return found + self.contents()
        return found + "".join(
            self.heading(text) + self.answer(item)
            for section in self.definition["sections"]
            for item in section["items"]
            for id, text in headings(item)
        )

    def contents(self) -> str:
        """Return the way to every situation of the page."""
        sections = "".join(
            f"<li>{escape(section['title'])}<ul>"
            + "".join(
                f'<li><a href="#situation-{id}">{escape(text)}</a></li>'
                for item in section["items"]
                for id, text in headings(item)
            )
            + "</ul></li>"
            for section in self.definition["sections"]
        )
        return f'<ul class="checklist-contents" data-plain>{sections}</ul>'

    def answer(self, item: Mapping[str, Any]) -> str:
        words = self.words

        def listed(tag: str, statements: Iterable[Mapping[str, Any]]) -> str:
            lines = "".join(f"<li>{self.statement(one)}</li>" for one in statements)
            return f"<{tag}>{lines}</{tag}>" if lines else ""

        parts = {
            "contacts": self.contacts(item["contacts"]),
            "first": listed("ol", item["first"]),
            "do_not": listed("ul", item.get("do_not", ())),
            "know": listed("ul", item.get("know", ())),
            "silent": listed("ul", ({"text": text} for text in item.get("silent", ()))),
            "rules": self.rules(item["rules"]) + self.note(item),
        }
        terms = "".join(
            f"<dt>{escape(words[key])}</dt><dd>{part}</dd>" for key, part in parts.items() if part
        )
        return f'<dl class="checklist-answer">{terms}</dl>'

    # -- a form ----------------------------------------------------------------------------------

    def form(self) -> str:
        words = self.words
        sections = "".join(
            f'<fieldset class="checklist-section"><legend>{escape(section["title"])}</legend>'
            f"{''.join(map(self.field, section['items']))}</fieldset>"
            for section in self.definition["sections"]
        )
        short = (
            '<label class="checklist-choice"><input type="checkbox" data-part="short">'
            f"<span>{escape(words['short_route'])}. {escape(words['short_route_help'])}</span>"
            "</label>"
        )
        show = words[f"show_{self.gives}"]
        summary = '<div class="checklist-summary" tabindex="-1" hidden data-part="summary"></div>'
        end = self.bar(show) + self.result() if self.script else ""
        return (
            f'{self.only_script(short)}{summary}<div class="checklist-fields">{sections}</div>{end}'
        )

    @property
    def gives(self) -> str:
        """What the form gives: a plan, a review, or the answer that its outcome is."""
        return self.definition.get("result", "answer")

    def result(self) -> str:
        """Return the frame of what the form gives; the script fills it."""
        words, files = self.words, self.words["files"]
        is_plan = self.gives == "plan"
        markdown = files["markdown" if is_plan else "review_markdown"]
        kinds = []
        if self.gives in files:
            kinds += [
                ("download_json", files[self.gives], "application/json"),
                ("download_markdown", markdown, "text/markdown"),
            ]
        if is_plan:
            kinds.append(("download_calendar", files["calendar"], "text/calendar"))
        saves = "".join(
            self.button("save", words[word].replace("{file}", file), data_file=file, data_type=type)
            for word, file, type in kinds
        )
        messages = ""
        if is_plan:
            saves += f'<span data-part="no-days">{escape(words["no_days"])}</span>'
            messages = self.heading(words["message_title"], 1)
            messages += "".join(map(self.message, ("plan", "opened")))
        title = self.heading(words[f"{self.gives}_title"])
        return (
            '<div class="checklist-result" tabindex="-1" hidden data-part="answer">'
            f'{title}<p data-part="outcome"></p>'
            f'{self.outcome_contacts()}<p class="checklist-buttons">{saves}</p>'
            f'<div data-part="missing"></div>{messages}<div data-part="record"></div></div>'
        )

    def message(self, kind: str) -> str:
        words = self.words
        title = escape(words[f"message_{kind}"])
        return (
            f"<details><summary>{title}</summary>"
            f'<textarea rows="14" readonly aria-label="{title}" data-message="{kind}"></textarea>'
            f"{self.copy_button(words['message_title'])} "
            f"<a>{escape(words['message_send'])}</a><p>{escape(words['message_attach'])}</p>"
            "</details>"
        )

    def field(self, item: Mapping[str, Any]) -> str:
        id = f"{self.prefix}{item['id']}"
        kind = item["type"]
        label = escape(item["text"])
        required = f" ({escape(self.words['required'])})" if item.get("required_for") else ""
        about = (
            f'<p class="checklist-help" id="{id}-help">{escape(item.get("help", ""))} '
            f"{self.origin(item)}{self.rules(item.get('rules', ()))}{self.note(item)}</p>"
        )
        described = f'aria-describedby="{id}-help {id}-error"'
        below = f'<p class="checklist-error" id="{id}-error" hidden></p>'
        if item.get("checks") or item.get("options_from") == "metrics":
            below += '<div class="checklist-advice" role="status"></div>'
        control = self.control(item, id, described)
        if kind in ("choice", "choices", "rate", "pauses", "target"):
            return (
                f'<fieldset class="checklist-field" data-item="{item["id"]}" {described}>'
                f"<legend>{label}{required}</legend>{about}{control}{below}</fieldset>"
            )
        if kind == "confirm":
            head = (
                f'<label class="checklist-choice">{control}<span>{label}{required}</span></label>'
            )
            inner = f"{head}{about}"
        else:
            head = f'<label class="checklist-label" for="{id}">{label}{required}</label>'
            inner = f"{head}{about}{control}"
        return f'<div class="checklist-field" data-item="{item["id"]}">{inner}{below}</div>'

    def control(self, item: Mapping[str, Any], id: str, described: str) -> str:
        words, kind = self.words, item["type"]
        about = f'id="{id}" {described} autocomplete="off"'
        count = '<span class="checklist-count" hidden></span>'
        if self.script and (source := item.get("same_as")):
            count += self.button(
                "same", words["same_as"], hidden="", data_script="", data_source=source
            )
        if kind == "long":
            return f'<textarea rows="3" {about}></textarea>{count}'
        if kind in ("text", "email", "url"):
            return f'<input type="{kind}" {about}>{count}'
        if kind == "date":
            return f'<input type="date" class="checklist-short" {about}>'
        if kind == "number":
            return f'<input inputmode="decimal" class="checklist-short" {about}>'
        if kind == "confirm":
            return f'<input type="checkbox" {about}>'
        if kind in ("choice", "choices"):
            shape = "radio" if kind == "choice" else "checkbox"
            options = [(option["value"], option["text"]) for option in item["options"]]
            if kind == "choice" and self.script:
                options.append(("", words["not_answered_choice"]))
            boxes = "".join(
                f'<label class="checklist-choice"><input type="{shape}" name="{id}" '
                f'value="{escape(value)}"{"" if value else " checked"}>'
                f"<span>{escape(text)}</span></label>"
                for value, text in options
            )
            return f'<div class="checklist-options">{boxes}</div>'
        if kind == "rate":
            return (
                '<div class="checklist-row">'
                + self.beside(
                    words["how_many"], '<input inputmode="decimal" class="checklist-short">'
                )
                + self.beside(
                    words["per"],
                    f'<select><option value="week">{escape(words["week"])}</option>'
                    f'<option value="month">{escape(words["month"])}</option></select>',
                )
                + "</div>"
            )
        if kind == "target":
            return (
                '<div class="checklist-row">'
                + self.beside(
                    words["members"], '<input inputmode="numeric" class="checklist-short">'
                )
                + self.beside(words["members_by"], '<input type="date">')
                + '</div><label class="checklist-choice"><input type="checkbox" value="no target">'
                f"<span>{escape(words['no_target'])}</span></label>"
            )
        days = "".join(
            self.beside(words[f"pause_{edge}"], '<input type="date">') for edge in ("start", "end")
        )
        more = self.button("pause", words["add_pause"], hidden="", data_script="")
        return f'<div class="checklist-row">{days}</div>{more if self.script else ""}'

    def beside(self, text: str, control: str) -> str:
        return f"<label>{escape(text)} {control}</label>"


def headings(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the id and heading of a situation, and of those that share its answer."""
    aliases = [(alias["id"], alias["text"]) for alias in item.get("aliases", ())]
    return [(item["id"], item["text"]), *aliases]
