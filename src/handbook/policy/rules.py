"""Rules in the pages: parsed the same way for Sphinx and without it.

A page holds its rules in groups:

```markdown
::::{rules}
:::{rule} ABC-12
:force: should
A rule,
:::
words that belong to no rule,
:::{rule} ABC-13
:force: must
another rule.
:::
::::
```
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from handbook import paths
from handbook.errors import HandbookError
from handbook.policy.editions import Edition, Statement, compare

FORCES = {
    "must": "must",
    "must-not": "must not",
    "should": "should",
    "may": "may",
    "info": "info",
    "question": "question",
}
"""The option's value, and the word that readers see: the handbook's reading of a statement."""

ORIGINS = ("aalto", "law", "practice")
STATUSES = ("in force", "replaced", "withdrawn")
OPTIONS = ("force", "origin", "source", "audit", "since", "status", "replaced_by", "note")

ID = re.compile(r"[A-Z]{1,6}-\d{2,3}")
AUDIT = re.compile(r"[a-z][a-z0-9_.-]*")
OPENING = re.compile(r"\s*(:{3,})\{([\w-]+)\}\s*(.*?)\s*$")
OPTION = re.compile(r"\s*:([A-Za-z][\w-]*):(?:\s+(.*?))?\s*$")
CODE = re.compile(r"\s*(`{3,}|~{3,})")
NOT_PLAIN = {
    "another directive": re.compile(r"^\s*(?::{3,}|`{3,}|~{3,})", re.MULTILINE),
    "a substitution": re.compile(r"\{\{"),
    "a role": re.compile(r"\{[\w:-]+\}`"),
    "Markdown": re.compile(r"`|\*\*|\]\(|<!--"),
}
CLINGS = tuple(",.;:!?)")


@dataclass(frozen=True)
class Rule:
    """One rule of the handbook, as its page has it.

    Attributes
    ----------
    id
        Permanent, and the rule's address on its page: `ABC-12`.
    text
        Plain text, one line; never changed by rendering.
    force
        A key of `FORCES`: the handbook's reading.
    origin
        `aalto` (the guidelines), `law` or `practice` (of other institutions).
    source
        Which law, whose practice; empty for `aalto`.
    audits
        Names of the audits that measure the rule.
    since
        Number of the edition in which the rule appeared.
    status
        `in force`, `replaced` or `withdrawn`.
    replaced_by
        Id of the rule that replaced it, or empty.
    note
        The editor's note, in inline Markdown; not part of the rule.
    page, line
        Where it stands: path below the repository, line counted from 1.
    """

    id: str
    text: str
    force: str
    origin: str = "aalto"
    source: str = ""
    audits: tuple[str, ...] = ()
    since: int = 1
    status: str = "in force"
    replaced_by: str = ""
    note: str = ""
    page: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def place(self) -> str:
        """Page and line, as error messages name them."""
        return f"{self.page}, line {self.line}"


@dataclass(frozen=True)
class Group:
    """What reads as one paragraph, or as one list.

    Attributes
    ----------
    pieces
        Rules, and the source's own words between them that belong to no rule.
    is_list
        Whether each piece is an item of a list.
    """

    pieces: tuple[Rule | str, ...]
    is_list: bool = False

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Rule))

    def clings(self, number: int) -> bool:
        """Return whether a piece follows the one before it without a space."""
        piece = self.pieces[number]
        text = piece.text if isinstance(piece, Rule) else piece
        return number == 0 or text.startswith(CLINGS)


def parse_rule(argument: str, options: Mapping[str, str], body: str) -> Rule:
    """Make a rule of what a `rule` directive says.

    Parameters
    ----------
    argument
        The id.
    options
        Option name to value, as they stand in the page; see `Rule` for their meaning.
    body
        The text; line breaks count as spaces.

    Returns
    -------
    Rule

    Raises
    ------
    HandbookError
        When something is missing, unknown, contradictory, or not plain text.
    """
    if not ID.fullmatch(argument):
        raise HandbookError(
            f"expected a rule id such as ABC-12, found {argument!r}. "
            "An id is capital letters, a hyphen and two or three digits."
        )

    def complain(text: str) -> HandbookError:
        return HandbookError(f"{argument}: {text}")

    def choose(name: str, choices: Sequence[str], default: str = "") -> str:
        value = options.get(name, default)
        if value not in choices:
            found = f"found '{value}'" if value else "it is missing"
            raise complain(f"option :{name}: expects one of {', '.join(choices)}; {found}.")
        return value

    for name in options:
        if name not in OPTIONS:
            near = difflib.get_close_matches(name, OPTIONS, n=1)
            hint = f"Did you mean :{near[0]}:?" if near else f"Known: {', '.join(OPTIONS)}."
            raise complain(f"there is no option :{name}:. {hint}")
    empty = [name for name, value in options.items() if not value]
    if empty:
        raise complain(f"option :{empty[0]}: is empty. Give it a value or remove it.")

    force = choose("force", tuple(FORCES))
    origin = choose("origin", ORIGINS, "aalto")
    status = choose("status", STATUSES, "in force")
    source = options.get("source", "")
    replaced_by = options.get("replaced_by", "")
    since = options.get("since", "1")
    audits = tuple(re.split(r"[,\s]+", options["audit"])) if "audit" in options else ()
    if origin == "aalto" and source:
        raise complain("option :source: needs :origin: law or :origin: practice beside it.")
    if origin != "aalto" and not source:
        raise complain(f"origin {origin} needs :source: (which law, whose practice, what date).")
    if (status == "replaced") != bool(replaced_by):
        raise complain("a rule that is replaced needs :replaced_by:, and no other rule has it.")
    if replaced_by and (replaced_by == argument or not ID.fullmatch(replaced_by)):
        raise complain(f"option :replaced_by: expects another rule's id, found '{replaced_by}'.")
    if not since.isdecimal() or int(since) < 1:
        raise complain(f"option :since: expects the number of an edition, found '{since}'.")
    for audit in audits:
        if not AUDIT.fullmatch(audit):
            raise complain(f"option :audit: expects names such as plan_length, found '{audit}'.")
    for what, pattern in NOT_PLAIN.items():
        if pattern.search(body):
            raise complain(
                f"the text of a rule is plain text; found {what}: "
                f"'{pattern.search(body).group().strip()}'. Write it outside the rule or in :note:."
            )
    text = " ".join(body.split())
    if not text:
        raise complain("the rule has no text.")
    return Rule(
        id=argument,
        text=text,
        force=force,
        origin=origin,
        source=source,
        audits=audits,
        since=int(since),
        status=status,
        replaced_by=replaced_by,
        note=options.get("note", ""),
    )


def parse_group(lines: Sequence[str], page: str, first_line: int) -> Group:
    """Read the content of a `rules` directive, or one `rule` directive with its fences.

    Parameters
    ----------
    lines
        The lines between the fences of `rules`.
    page
        The page, for error messages.
    first_line
        The number of the first of `lines` in its page, counted from 1.

    Returns
    -------
    Group

    Raises
    ------
    HandbookError
        With page and line, when a directive other than `rule` stands there, a fence is not
        closed, or `parse_rule` complains.
    """
    pieces: list[Rule | str] = []
    is_list = False
    number = 0

    def complain(text: str) -> HandbookError:
        return HandbookError(f"{page}, line {first_line + number}: {text}")

    while number < len(lines):
        line = lines[number].strip()
        opening = OPENING.match(line)
        option = OPTION.match(line)
        if opening and opening[2] == "rule":
            end = _find_closing(lines, number, len(opening[1]))
            if end is None:
                raise complain(
                    f"rule {opening[3]} is not closed: it needs a line {opening[1]}, "
                    "and the fences of its group one colon more."
                )
            try:
                rule = parse_rule(opening[3], *_split_options(lines[number + 1 : end]))
            except HandbookError as error:
                raise complain(str(error)) from None
            pieces.append(replace(rule, page=page, line=first_line + number))
            number = end
        elif line.startswith((":::", "```", "~~~")):
            raise complain(f"a group of rules holds rules and plain text only; found '{line}'.")
        elif option and not pieces:
            if option[1] != "list" or option[2]:
                raise complain(f"the only option of a group of rules is :list:; found '{line}'.")
            is_list = True
        elif line:
            follows_text = pieces and isinstance(pieces[-1], str)
            pieces.append(f"{pieces.pop()} {line}" if follows_text else line)
        number += 1
    group = Group(tuple(pieces), is_list)
    if not group.rules:
        number = 0
        raise complain("this group has no rule in it.")
    return group


def load_rules(folder: Path = paths.BOOK) -> list[Rule]:
    """Read every rule from the Markdown pages, without Sphinx.

    Parameters
    ----------
    folder
        The folder of the pages; folders whose name starts with `_` are left out.

    Returns
    -------
    list of Rule
        By page, then by line.

    Raises
    ------
    HandbookError
        With every mistake: page, line, what was expected and found; an id that stands twice.
    """
    rules: dict[str, Rule] = {}
    mistakes = []
    for path in sorted(folder.rglob("*.md")):
        if any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts):
            continue
        page = path.relative_to(folder.parent).as_posix()
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            mistakes.append(
                f"{page}: expected UTF-8 text; found another encoding ({error.reason}). "
                "Save the page as UTF-8."
            )
            continue
        try:
            for group in _find_groups(lines, page):
                for rule in group.rules:
                    first = rules.setdefault(rule.id, rule)
                    if first is not rule:
                        mistakes.append(
                            f"{rule.place}: {rule.id} stands already in {first.place}. "
                            f"Cite it with {{rule}}`{rule.id}`, or take the next free number."
                        )
        except HandbookError as error:
            mistakes.append(str(error))
    if mistakes:
        raise HandbookError("\n".join(mistakes))
    return list(rules.values())


def make_statements(rules: Sequence[Rule]) -> list[Statement]:
    """Return what an edition freezes of the rules: the guidelines' own, not law or practice."""
    return [
        Statement(
            id=rule.id,
            force=rule.force,
            text=rule.text,
            since=rule.since,
            status=rule.status,
            replaced_by=rule.replaced_by,
        )
        for rule in rules
        if rule.origin == "aalto"
    ]


def find_differences(rules: Sequence[Rule], edition: Edition) -> list[str]:
    """Say where the pages and an edition do not agree.

    Parameters
    ----------
    rules
        Every rule of the pages.
    edition
        The current edition.

    Returns
    -------
    list of str
        One sentence or more for each rule that differs, with page and line; empty when the pages
        say what the edition says.
    """
    places = {rule.id: rule.place for rule in rules}
    said = []
    for change in compare(edition.rules, make_statements(rules)):
        if change.kind == "missing":
            said.append(
                f"{change.id}: expected on a page as edition {edition.edition} has it, found "
                f"{'other origin in ' + places[change.id] if change.id in places else 'nowhere'}. "
                "An id is permanent: put the rule back, with :status: withdrawn if need be."
            )
        elif change.kind == "added":
            said.append(
                f"{places[change.id]}: {change.id} is not in edition {edition.edition}. Run "
                "'handbook policy new-edition' when it is adopted, or remove it."
            )
        else:
            what = "; ".join(
                f"{name}: expected '{old}', found '{new}'" for name, old, new in change.fields
            )
            said.append(
                f"{places[change.id]}: {change.id} is not as edition {edition.edition} has it. "
                f"{what}. Put it back, or run 'handbook policy new-edition' when it is adopted."
            )
    return said


def _find_groups(lines: Sequence[str], page: str) -> Iterator[Group]:
    """Yield the groups of a page; a `rule` outside a group is a group of its own."""
    number = 0
    while number < len(lines):
        code = CODE.match(lines[number])
        opening = OPENING.match(lines[number])
        if code:
            closing = re.compile(rf"\s*{code[1]}{code[1][0]}*\s*$")
            number += 1
            while number < len(lines) and not closing.match(lines[number]):
                number += 1
        elif opening and opening[2] in ("rules", "rule"):
            end = _find_closing(lines, number, len(opening[1]))
            if end is None:
                raise HandbookError(
                    f"{page}, line {number + 1}: expected a closing line {opening[1]}, "
                    "found the end of the page."
                )
            if opening[2] == "rules":
                yield parse_group(lines[number + 1 : end], page, number + 2)
            else:
                yield parse_group(lines[number : end + 1], page, number + 1)
            number = end
        number += 1


def _find_closing(lines: Sequence[str], opening: int, colons: int) -> int | None:
    """Return the number of the line that closes the fence opened at `opening`."""
    closing = re.compile(rf"\s*:{{{colons},}}\s*$")
    return next((n for n in range(opening + 1, len(lines)) if closing.match(lines[n])), None)


def _split_options(lines: Sequence[str]) -> tuple[dict[str, str], str]:
    """Return the options at the head of a rule, and the text after them."""
    options: dict[str, str] = {}
    for number, line in enumerate(lines):
        option = OPTION.match(line)
        if not option:
            return options, "\n".join(lines[number:])
        name, value = option[1], option[2] or ""
        if name in options:
            raise HandbookError(f"option :{name}: stands twice. Keep one.")
        options[name] = value
    return options, ""
