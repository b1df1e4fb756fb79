"""A checklist in JupyterLab: the page's own script draws it, and Python sees the answers.

On a page of the book and in a notebook that is opened again it is a readable list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from handbook import channels, register
from handbook.checklists import definition, documents, html, script
from handbook.checklists.answers import (
    Saved,
    check_answers,
    read_answers,
    write_answers,
    write_text,
)
from handbook.checklists.evaluate import evaluate, find_items
from handbook.checklists.validation import validate
from handbook.errors import HandbookError
from handbook.organisation import Organisation

RENDER = """
function render({ model, el }) {
  let own = false;
  const view = mount(el, model.get("payload"), {
    answers: model.get("answers"),
    notes: model.get("notes"),
    today: model.get("today"),
    onChange(answers, notes) {
      own = true;
      model.set("answers", answers);
      model.set("notes", notes);
      own = false;
      model.save_changes();
    },
  });
  const follow = () => own || view.update(model.get("answers"), model.get("notes"));
  model.on("change:answers", follow);
  model.on("change:notes", follow);
  return () => {
    model.off("change:answers", follow);
    model.off("change:notes", follow);
    view.destroy();
  };
}
export default { render };
"""
"""What binds the page's script to the traits; a view draws the changes that are not its own."""


STYLE = """
.checklist-drawn .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
.checklist-drawn { --handbook-measure: 42rem; --handbook-alarm: var(--jp-error-color0, #9d1c1c);
  --pst-color-primary: #0b5f70; --pst-color-text-muted: var(--jp-ui-font-color2, #46545a);
  --pst-color-border: var(--jp-border-color1, #cdd5d8);
  --pst-color-surface: var(--jp-layout-color2, #f2f5f5);
  --pst-color-background: var(--jp-layout-color0, #fff); }
[data-jp-theme-light="false"] .checklist-drawn { --pst-color-primary: #6cc3d5;
  --handbook-alarm: #ff8a80; }
"""
"""What the book's theme gives to the page and JupyterLab does not: above all a dark theme."""


class WrongAnswer(HandbookError, traitlets.TraitError):
    """An answer or a note that the checklist can't take."""


class Kept(dict):
    """Answers or notes of a widget: to change them is to set them, so that the view follows."""

    def __reduce__(self) -> tuple:
        return dict, (dict(self),)

    def _refuse(self, *_args: object, **_kwargs: object) -> None:
        raise WrongAnswer(
            "answers and notes are set as a whole, so that the view follows: "
            "c.answers |= {'item': 'done'}, or c.answer('item', 'done')."
        )

    def __ior__(self, other: Mapping) -> dict:
        return self | other

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = _refuse


class Checklist(anywidget.AnyWidget):
    """A checklist to fill in, in JupyterLab and from Python.

    Parameters
    ----------
    id
        One of the handbook's checklists (`data/checklists/<id>.yml`).
    path
        A checklist of your own, instead.
    answers, notes
        By the id of the item, to begin with.
    today
        The day that `today` means; the real one unless given.
    university
        Whose names and contacts it shows; those of `data/organisation.yml` unless given.

    Attributes
    ----------
    answers, notes : dict
        What was answered, by the id of the item; observable, the same in every view.
    result : dict
        What `handbook.checklists.evaluate.evaluate` finds in the answers; observable.
    outcome : str
        The id of the outcome that holds; observable.
    payload : dict
        What `handbook.checklists.definition.make_payload` gives.

    Raises
    ------
    HandbookError
        There is no such checklist, its file is wrong, or an answer is none of its answers.

    Examples
    --------
    >>> c = Checklist("before-you-post")
    >>> c.answer("connected", "done")
    >>> len(c.open_items)
    8
    """

    _esm = script.join() + RENDER
    _css = script.STYLE.read_text(encoding="utf-8") + STYLE

    payload = traitlets.Dict().tag(sync=True)
    today = traitlets.Unicode().tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)
    notes = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict(read_only=True)
    outcome = traitlets.Unicode(read_only=True)

    def __init__(
        self,
        id: str | None = None,
        *,
        path: str | Path | None = None,
        answers: Mapping[str, Any] | None = None,
        notes: Mapping[str, str] | None = None,
        today: date | None = None,
        university: Organisation | None = None,
    ) -> None:
        self._typed = False
        payload = _make_payload(id, path, university)
        super().__init__(payload=payload, today=str(today or date.today()))
        self._find()
        self.answers, self.notes = answers or {}, notes or {}

    @property
    def id(self) -> str:
        """The checklist's id."""
        return self.payload["definition"]["id"]

    @property
    def kind(self) -> str:
        """`confirm`, `situations` or `form`."""
        return self.payload["definition"]["kind"]

    @property
    def open_items(self) -> list[str]:
        """The ids of the items that are still open; none in a finder, which asks for no answer."""
        return list(self.result.get("open", []))

    def answer(self, item: str, value: Any, note: str | None = None) -> None:
        """Answer one item; None takes the answer back.

        Parameters
        ----------
        item
            The item's id, or `chosen` in a finder.
        value
            As in `answers`.
        note
            A note on the item; None leaves it as it is.
        """
        self.answers = self.answers | {item: value}
        if note is not None:
            self.notes = self.notes | {item: note}

    @property
    def plan(self) -> dict[str, Any]:
        """The communication plan that the answers give: a form's result, as `plan.json` has it."""
        return self._make("plan", documents.make_plan)

    @property
    def review(self) -> dict[str, Any]:
        """The record of a review that the answers give, as `review.json` has it."""
        return self._make("review", documents.make_review)

    @property
    def record(self) -> dict[str, Any]:
        """The plan or the review, whichever the form gives."""
        return self.review if self._gives == "review" else self.plan

    def describe(self) -> list[str]:
        """Return sentences for readers: how far it is, what is open or wrong, and what it advises.

        What is advised names its rules, or whose practice it is.
        """
        titles = {id: text for item in find_items(self.payload) for id, text in html.headings(item)}
        said = [f"{self._progress()}. {self.result['text']}"]
        if missing := self.result.get("missing"):
            said.append(f"The register needs: {'; '.join(titles[id] for id in missing)}.")
        if open_items := [id for id in self.open_items if id not in (missing or ())]:
            said.append(f"Still open: {'; '.join(titles[id] for id in open_items)}.")
        for error in self.result.get("errors", ()):
            said.append(f"{titles[error['field']]}: {error['text']}")
        for advice in self.result.get("advice", ()):
            source = ", ".join(advice.get("rules") or ()) or advice.get("source")
            cited = f" ({source})" if source else ""
            said.append(f"{titles[advice['field']]}: {advice['text']}{cited}")
        return said

    def to_markdown(self) -> str:
        """Return the plan or the review as Markdown; what was typed is text and no markup."""
        return documents.make_markdown(self.record, self.payload)

    def to_calendar(self) -> str:
        """Return the days of the plan as an iCalendar file; nothing while it has no days."""
        return documents.make_calendar(self.plan, self.payload)

    def list_days(self):
        """Return the days of the calendar file.

        Returns
        -------
        pandas.DataFrame
            `day` and `entry`, the first day first.
        """
        import pandas as pd

        lines = self.to_calendar().replace("\r\n ", "").splitlines()
        days, entries = (
            [line.partition(":")[2] for line in lines if line.startswith(name)]
            for name in ("DTSTART", "SUMMARY")
        )
        entries = [re.sub(r"\\(.)", r"\1", entry) for entry in entries]
        frame = pd.DataFrame({"day": pd.to_datetime(days, format="%Y%m%d"), "entry": entries})
        return frame.sort_values("day", kind="stable", ignore_index=True)

    def to_message(self, kind: str = "plan") -> dict[str, str]:
        """Return the message to Communications about the plan.

        Parameters
        ----------
        kind
            `plan` asks for advice before the channel opens; `opened` tells of one that is open.

        Returns
        -------
        dict
            `to`, `subject`, `text`, and `link` for a mail program.
        """
        if kind not in ("plan", "opened"):
            raise HandbookError(f"a message is 'plan' or 'opened', found {kind!r}.")
        return documents.make_message(self.plan, self.payload, kind)

    def save_plan(self, path: str | Path) -> None:
        """Write the plan as `handbook register add` takes it."""
        write_text(Path(path), documents.to_json(self.plan))

    def save_review(self, path: str | Path) -> None:
        """Write the review as `handbook register review` takes it."""
        write_text(Path(path), documents.to_json(self.review))

    def to_frame(self):
        """Return a row for each item, whether it is shown or not.

        Returns
        -------
        pandas.DataFrame
            `item` (id), `text`, `answer` (as text; missing where there is none), `note`, `rules`
            (ids with commas) and `origin` (`aalto`, `law` or `practice`).
        """
        import pandas as pd

        rows = [
            {
                "item": id,
                "text": text,
                "answer": self._say(item, id),
                "note": self.notes.get(id),
                "rules": ", ".join(item.get("rules") or ()) or None,
                "origin": item.get("origin") or "aalto",
            }
            for item in find_items(self.payload)
            for id, text in html.headings(item)
        ]
        columns = ["item", "text", "answer", "note", "rules", "origin"]
        return pd.DataFrame(rows, columns=columns, dtype="string")

    def save(self, path: str | Path) -> None:
        """Write the answers to a file, which `load` reads; nothing is written unless you ask.

        Raises
        ------
        HandbookError
            The file can't be written.
        """
        definition = self.payload["definition"]
        day = date.fromisoformat(self.today)
        saved = Saved(self.id, definition["version"], dict(self.answers), dict(self.notes), day)
        write_answers(Path(path), saved)

    @classmethod
    def load(
        cls,
        answers: str | Path,
        *,
        path: str | Path | None = None,
        today: date | None = None,
        university: Organisation | None = None,
    ) -> Checklist:
        """Return the checklist with the answers of a file.

        Parameters
        ----------
        answers
            The file that `save` wrote.
        path, today, university
            As for `Checklist`; `path` where the answers are those of a checklist of your own.

        Raises
        ------
        HandbookError
            The file is wrong, or its answers are of another checklist or of another version.
        """
        file = Path(answers)
        saved = read_answers(file)
        kind = {"path": path} if path else {"id": saved.checklist}
        made = cls(**kind, today=today, university=university)
        if saved.checklist != made.id:
            raise HandbookError(
                f"{file}: these are answers to {saved.checklist!r}, and {path} is {made.id!r}."
            )
        version = made.payload["definition"]["version"]
        if saved.version != version:
            raise HandbookError(
                f"{file}: these are answers to version {saved.version} of {made.id!r}, which is "
                f"now at version {version}: its items have changed. Answer it anew, or look "
                f'through the answers and write "version": {version} into the file.'
            )
        try:
            with made._as_typed():
                made.answers, made.notes = saved.answers, saved.notes
        except HandbookError as error:
            raise HandbookError(f"{file}: {error}") from None
        return made

    @classmethod
    def of_store(cls, id: str) -> Checklist:
        """Return a checklist with the answers that are kept beside the store, if there are any.

        They stand in `answers/<id>.json`; the made-up university has some.
        Names and contacts are those of the store's university, and today is the store's last day.

        Raises
        ------
        HandbookError
            As for `load`.
        """
        folder = register.folder_for(channels.current_store())
        file = folder.internal.parent / "answers" / f"{id}.json"
        given = {"today": channels.as_of(), "university": channels.load_organisation()}
        return cls.load(file, **given) if file.exists() else cls(id, **given)

    # What is taken, from Python and from a view

    @contextmanager
    def _as_typed(self):
        """Take values that their field calls wrong, as a view takes what somebody types."""
        self._typed = True
        try:
            yield
        finally:
            self._typed = False

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a view sends."""
        with self._as_typed():
            super().set_state(sync_data)

    @traitlets.validate("answers")
    def _check_answers(self, proposal: Mapping[str, Any]) -> Kept:
        answers, _ = self._checked(proposal["value"], {})
        if not self._typed:
            known = [(error["field"], error["code"]) for error in self.result.get("errors", ())]
            for error in evaluate(self.payload, answers, self.today).get("errors", ()):
                if (error["field"], error["code"]) not in known:
                    raise WrongAnswer(
                        f"{self.id}, item {error['field']!r}: {error['text']} "
                        f"Found {answers.get(error['field'])!r}."
                    )
        return Kept(answers)

    @traitlets.validate("notes")
    def _check_notes(self, proposal: Mapping[str, Any]) -> Kept:
        _, notes = self._checked({}, proposal["value"])
        return Kept(notes)

    def _checked(self, answers: Mapping, notes: Mapping) -> tuple[dict, dict]:
        try:
            return check_answers(self.payload["definition"], answers, notes)
        except HandbookError as error:
            raise WrongAnswer(str(error)) from None

    @traitlets.observe("answers")
    def _find(self, _change: object = None) -> None:
        result = evaluate(self.payload, self.answers, self.today)
        self.set_trait("result", result)
        self.set_trait("outcome", result["outcome"])

    @property
    def _gives(self) -> str | None:
        return self.payload["definition"].get("result")

    def _make(self, kind: str, make: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        if self._gives != kind:
            gives = f"gives a {self._gives}" if self._gives else "has no result"
            raise HandbookError(
                f"{self.id} gives no {kind}: it "
                f"{gives if self.kind == 'form' else 'is not a form'}."
            )
        return make(self.payload, self.answers, self.today)

    def _say(self, item: Mapping, id: str) -> str | None:
        if self.kind == "situations":
            return "chosen" if id in self.answers.get("chosen", ()) else None
        if self.kind == "confirm":
            return self.answers.get(id, "open")
        value = self.answers.get(id)
        return None if value is None else documents.say(item, value, self.payload)

    # What stands where no view is

    def __repr__(self) -> str:
        return f"Checklist({self.id!r}): {self._progress()}"

    def _progress(self) -> str:
        if self.kind == "situations":
            return f"{len(self.answers.get('chosen', ()))} chosen"
        progress = self.result["progress"]
        return f"{progress['answered']} of {progress['of']} answered"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/html": self.to_html(), "text/plain": repr(self)}, metadata

    def to_html(self) -> str:
        """Return the checklist as a list to read, with what is answered now.

        A finder shows what to do in the situations that are chosen, or in every one.
        """
        title = escape(self.payload["definition"]["title"])
        said = escape(f"{self._progress()}. {self.result['text']}")
        parts = [f"<p><strong>{title}</strong>: {said}</p>"]
        show = self._show_situation if self.kind == "situations" else self._show_item
        for section in self.payload["definition"]["sections"]:
            lines = "".join(
                show(item) for item in section["items"] if item["id"] in self.result["visible"]
            )
            heading = section.get("title")
            parts.append(f"<p><strong>{escape(heading)}</strong></p>" if heading and lines else "")
            parts.append(f"<ul>{lines}</ul>" if lines else "")
        return f'<div class="handbook-answers">{"".join(parts)}</div>'

    def _show_item(self, item: Mapping) -> str:
        rules = f" ({', '.join(item['rules'])})" if item.get("rules") else ""
        origin = f" [{item['origin']}: {escape(item['source'])}]" if item.get("source") else ""
        said = self._say(item, item["id"]) or self.payload["words"]["not_answered"]
        note = self.notes.get(item["id"])
        return (
            f"<li>{escape(item['text'])}{rules}{origin}<br>"
            f"<strong>{escape(said).replace(chr(10), '<br>')}</strong>"
            + (f"<br><em>{escape(note)}</em>" if note else "")
            + "</li>"
        )

    def _show_situation(self, item: Mapping) -> str:
        chosen = self.answers.get("chosen", ())
        shown = [(id, text) for id, text in html.headings(item) if not chosen or id in chosen]
        if not shown:
            return ""
        names = "<br>".join(f"<strong>{escape(text)}</strong>" for _, text in shown)
        return f"<li>{names}{html.render_situation(self.payload, item)}</li>"


def _make_payload(
    id: str | None, path: str | Path | None, university: Organisation | None
) -> dict[str, Any]:
    if (id is None) == (path is None):
        raise HandbookError(
            "Checklist takes the id of one of the handbook's checklists "
            f"({', '.join(definition.find_ids())}), or path= with a file of your own."
        )
    checklist = definition.load(id) if id else validate(Path(path))
    payload = definition.make_payload(checklist, university=university)
    return payload | {"html": html.render(payload, title=True)}
