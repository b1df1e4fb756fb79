"""Make JavaScript shorter for the page: no comments, no blanks, short names for its functions.

It knows the JavaScript of this folder: every statement ends with a semicolon or a bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<blank>\s+)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<name>[\w$]+)
      | (?P<mark>\.\.\.|=>|[-+]{1,2}|.)""",
    re.VERBOSE | re.DOTALL,
)
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[])+/[a-z]*")
TEMPLATE = re.compile(r"(?:\\.|(?!\$\{)[^`\\])*(?:\$\{|`)", re.DOTALL)
BEFORE_REGEX = {"(", ",", "=", ":", "[", "!", "&", "|", "?", "{", "}", ";", "=>", "return", ""}


def minify(code: str, names: Iterable[str] = ()) -> str:
    """Return the same program in fewer characters.

    Parameters
    ----------
    code
        A script whose statements all end with a semicolon or a bracket.
    names
        What it declares at its top and may be called otherwise.
        A name that is also a property or the key of an object stays as it is.
    """
    tokens = list(tokenize(code))
    wanted = set(names) - set(_find_keys(tokens))
    short = {name: f"${number:x}" for number, name in enumerate(sorted(wanted))}
    parts: list[str] = []
    last = ""
    for kind, text in tokens:
        text = short.get(text, text) if kind == "name" else text
        both_words = re.match(r"[\w$]", text) and re.search(r"[\w$]$", last)
        if both_words or (text[0] in "+-" and last[-1:] == text[0]):
            parts.append(" ")
        parts.append(text)
        last = "" if kind == "template" else text
    return "".join(parts)


def tokenize(code: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of every piece that has a meaning."""
    place, last = 0, ""
    brackets: list[str] = []
    while place < len(code):
        kind, text = "", ""
        if code[place] == "`" or (code[place] == "}" and brackets and brackets[-1] == "${"):
            if code[place] == "}":
                brackets.pop()
            kind, text = "template", code[place] + TEMPLATE.match(code, place + 1)[0]
            if text.endswith("${"):
                brackets.append("${")
        elif code[place] == "/" and code[place + 1] not in "/*" and last in BEFORE_REGEX:
            kind, text = "regex", REGEX.match(code, place)[0]
        else:
            found = TOKEN.match(code, place)
            kind, text = found.lastgroup, found[0]
            if text == "{":
                brackets.append("{")
            elif text == "}":
                brackets.pop()
        place += len(text)
        if kind not in ("comment", "blank"):
            last = text
            yield kind, text


def _find_keys(tokens: list[tuple[str, str]]) -> Iterator[str]:
    """Yield every name that stands for a property or the key of an object."""
    texts = [text for _, text in tokens]
    opened: list[str] = []
    for number, (kind, text) in enumerate(tokens):
        before, after = texts[number - 1], texts[number + 1] if number + 1 < len(texts) else ""
        if kind == "template":
            if text.startswith("}"):
                opened.pop()
            if text.endswith("${"):
                opened.append("${")
        elif kind == "mark" and text in "([{":
            opened.append(text)
        elif kind == "mark" and text in ")]}":
            opened.pop()
        elif kind == "name" and (
            before in (".", "?.")
            or (opened[-1:] == ["{"] and before in "{," and after in (",", "}", ":", "(", "="))
        ):
            yield text
