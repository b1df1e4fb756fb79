"""The JavaScript of the checklists as one script: for the widget a module, for a page a classic.

Browsers block module scripts on `file://`, and a widget's module can import none beside it.
So the files are joined: each has nothing but functions and constants at its top, and imports only
from the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from handbook.checklists.minify import minify

FOLDER = Path(__file__).parent / "js"

STYLE = Path(__file__).with_name("checklist.css")

FILES = ("evaluate.mjs", "documents.mjs", "checklist.mjs")
"""In this order: a file imports only from those before it."""

KINDS = {
    "confirm": ("confirmKind", "readPoints"),
    "situations": ("finderKind", "readChoice", "mergeAnswers", "pointTo"),
    "form": ("formKind", "readForm", "findAdvice", "makeError"),
}
"""The kinds of checklist: the function that says what each does, and what only it calls."""

_IMPORT = re.compile(r"^import\s[^;]*?\sfrom\s\"\./[a-z]+\.mjs\";\n", re.MULTILINE)
_TOP = re.compile(r"^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)


def join() -> str:
    """Return one ES module with everything that the files export.

    Raises
    ------
    ValueError
        Two files have the same name at their top, or a file imports or exports in a way that
        cannot be joined.
    """
    sources = {name: (FOLDER / name).read_text(encoding="utf-8") for name in FILES}
    joined = []
    seen: dict[str, str] = {}
    for name, source in sources.items():
        bare = _IMPORT.sub("", source)
        for found in _TOP.findall(bare):
            if found in seen:
                raise ValueError(f"{name}: {found} stands in {seen[found]} already. Rename it.")
            seen[found] = name
        if re.search(r"^(import|export (?!(async )?function|const|class))", bare, re.MULTILINE):
            raise ValueError(
                f'{name}: write import {{…}} from "./….mjs" and export function … only.'
            )
        joined.append(bare.strip("\n"))
    return "\n\n".join(joined) + "\n"


def classic(kinds: Iterable[str] = KINDS, *, counts: bool = True) -> str:
    """Return one classic script that brings every checklist of its page to life.

    Only what the page needs is in it, made short: nobody reads it there.

    Parameters
    ----------
    kinds
        The kinds of checklist on the page.
    counts
        Whether links on the page say how far a form is.
    """
    kinds = set(kinds)
    ways = ",".join(f"{kind}: {KINDS[kind][0]}" for kind in sorted(kinds))
    unused = {name for kind in KINDS if kind not in kinds for name in KINDS[kind][1:]}
    start = f"mountPage({{ {ways} }});" * bool(kinds) + "countPage();" * counts
    code, names = _keep_needed(start, unused)
    return f'(() => {{"use strict";{minify(code, names)}}})();\n'


def make_style() -> str:
    """Return the style sheet without comments and blanks."""
    code = STYLE.read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/|\s+", lambda found: " " * found[0].isspace(), code, flags=re.DOTALL)
    return re.sub(r" ?([{};,>~]) ?|(:) ", r"\1\2", code).strip() + "\n"


def _keep_needed(start: str, unused: set[str]) -> tuple[str, set[str]]:
    """Return the functions and constants that a statement needs with it, and their names.

    Of those that are never called because their kind is not there, only the name is left.
    """
    code = re.sub(r"^export ", "", join(), flags=re.MULTILINE)
    begins = list(_TOP.finditer(code))
    ends = [found.start() for found in begins[1:]] + [len(code)]
    pieces = {found[1]: code[found.start() : end] for found, end in zip(begins, ends, strict=True)}
    pieces |= {name: f"let {name};\n" for name in unused}
    needed: set[str] = set()
    reached = _find_names(start, pieces)
    while reached:
        needed |= reached
        reached = set().union(*(_find_names(pieces[name], pieces) for name in reached)) - needed
    kept = "".join(piece for name, piece in pieces.items() if name in needed)
    return kept + start, needed


def _find_names(code: str, known: Mapping[str, str]) -> set[str]:
    return set(re.findall(r"\w+", code)) & set(known)
