"""The JavaScript of the checklists as one script: for the widget a module, for a page a classic.

Browsers block module scripts on `file://`, and a widget's module can import none beside it.
So the files are joined: each has nothing but functions and constants at its top, and imports only
from the others.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "js"

FILES = ("evaluate.mjs", "documents.mjs", "checklist.mjs")
"""In this order: a file imports only from those before it."""

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


def classic() -> str:
    """Return one classic script that mounts every checklist of its page.

    Comments and the blanks that begin a line are left out: nobody reads them there.
    """
    code = re.sub(r"^export ", "", join(), flags=re.MULTILINE)
    code = re.sub(r"^[ \t]*/\*\*.*?\*/\n", "", code, flags=re.MULTILINE | re.DOTALL)
    code = re.sub(r"^[ \t]*//.*\n", "", code, flags=re.MULTILINE)
    code = re.sub(r"^[ \t]+|\n(?=\n)", "", code, flags=re.MULTILINE)
    return f'(() => {{\n"use strict";\n{code}mountPage();\n}})();\n'
