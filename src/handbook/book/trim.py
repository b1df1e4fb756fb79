"""Make the built pages light: only the styles and the icons that they show.

The theme brings a whole design system, its icons twice and scripts for what no page has.
After a build, :func:`trim` keeps what the pages of this build can use, and gives every style and
script an address that changes with its content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

UNUSED = (
    "_static/**/*.map",
    "_static/**/*.ttf",
    "_static/*webpack-macros.html",
    "_static/images/logo_*",
    "_static/scripts/bootstrap.js*",
    "_static/scripts/fontawesome.js*",
    "_static/scripts/sphinx-book-theme.js*",
    "_static/sphinx-thebe.*",
)
"""Files of the theme that no page asks for."""

PIECE = re.compile(
    r"""(?P<comment>/\*.*?\*/)
      | (?P<quoted>"(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*')
      | (?P<address>url\([^)"']*\))
      | (?P<mark>[{};])
      | (?P<text>(?:(?!url\()[^{};"'/])+ | .)""",
    re.VERBOSE | re.DOTALL,
)
NESTING = ("@media", "@supports", "@layer", "@container")
ARGUMENT = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]")
NAME = re.compile(r"[.#](-?(?:[A-Za-z_]|\\.)(?:[\w-]|\\.)*)")
WORD = re.compile(r"[A-Za-z_][\w-]*")
PRIVATE = re.compile(r"\\([ef][0-9a-f]{3})\b|([\ue000-\uf8ff])", re.IGNORECASE)
ADDRESS = re.compile(r'((?:href|src)=")([^"?#]+\.(?:css|js))(?:\?[^"]*)?(")')


class _Names(HTMLParser):
    """Collects the classes and ids of a page, the words of its scripts and the files it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.scripts: set[str] = set()
        self.in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            if key in ("class", "id") and value:
                self.names.update(value.split())
            elif tag == "script" and key == "src" and value:
                self.scripts.add(value.partition("?")[0])
        self.in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False

    def handle_data(self, data: str) -> None:
        if self.in_script:
            self.names.update(WORD.findall(data))


def used_names(html: Path) -> set[str]:
    """Return every class and id that a page has, or that a script of a page could give it.

    Parameters
    ----------
    html
        The folder of the built pages.
    """
    names: set[str] = set()
    scripts: set[Path] = set()
    for page in html.rglob("*.html"):
        found = _Names()
        found.feed(page.read_text(encoding="utf-8"))
        names |= found.names
        scripts |= {(page.parent / script).resolve() for script in found.scripts}
    for script in scripts:
        if script.name != "searchindex.js":
            names.update(WORD.findall(script.read_text(encoding="utf-8")))
    return names


def split_rules(css: str) -> Iterator[tuple[str, str | None]]:
    """Yield each rule of a style sheet as its prelude and its block (None for a statement)."""
    prelude, block, depth = [], [], 0
    for match in PIECE.finditer(css):
        piece, kind = match.group(), match.lastgroup
        if kind == "comment":
            continue
        if kind == "mark" and piece == "{":
            depth += 1
            if depth == 1:
                continue
        elif kind == "mark" and piece == "}":
            depth -= 1
            if depth == 0:
                yield "".join(prelude).strip(), "".join(block)
                prelude, block = [], []
                continue
        elif kind == "mark" and depth == 0:
            yield "".join(prelude).strip(), None
            prelude = []
            continue
        (block if depth else prelude).append(piece)


def split_selectors(prelude: str) -> Iterator[str]:
    """Yield the selectors of a rule: the parts between commas that stand in no bracket."""
    start = depth = 0
    for position, character in enumerate(prelude):
        depth += (character in "([") - (character in ")]")
        if character == "," and not depth:
            yield prelude[start:position].strip()
            start = position + 1
    yield prelude[start:].strip()


def can_match(selector: str, names: set[str]) -> bool:
    """Return whether an element with only these classes and ids could match the selector."""
    required = NAME.findall(ARGUMENT.sub("", selector))
    return all(re.sub(r"\\(.)", r"\1", name) in names for name in required)


def prune(css: str, names: set[str]) -> str:
    """Return the style sheet without the rules that nothing on the pages can match.

    Parameters
    ----------
    css
        A style sheet.
    names
        The classes and ids that occur, from :func:`used_names`.
    """
    kept = []
    for prelude, block in split_rules(css):
        if block is None:
            kept.append(f"{prelude};")
        elif prelude.startswith(NESTING):
            inner = prune(block, names)
            kept += [f"{prelude}{{{inner}}}"] if inner else []
        elif prelude.startswith("@"):
            kept.append(f"{prelude}{{{block}}}")
        else:
            wanted = [one for one in split_selectors(prelude) if can_match(one, names)]
            kept += [f"{','.join(wanted)}{{{block.strip()}}}"] if wanted else []
    return "".join(kept)


def subset_icons(font: Path, codepoints: set[int]) -> None:
    """Cut an icon font (woff2) to the icons named, in place."""
    from fontTools import subset

    options = subset.Options(flavor="woff2", layout_features=[], name_IDs=[], notdef_outline=True)
    icons = subset.load_font(str(font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codepoints)
    subsetter.subset(icons)
    subset.save_font(icons, str(font), options)


def trim(html: Path) -> None:
    """Trim the built pages in place.

    Parameters
    ----------
    html
        The folder of the built pages, as Sphinx left it.
    """
    for pattern in UNUSED:
        for file in html.glob(pattern):
            file.unlink()
    names = used_names(html)
    codepoints: set[int] = set()
    for sheet in html.rglob("*.css"):
        css = prune(sheet.read_text(encoding="utf-8"), names)
        css = re.sub(r',\s*url\([^)]*\.ttf\)\s*format\("truetype"\)', "", css)
        sheet.write_text(css, encoding="utf-8")
        codepoints |= {
            int(escape, 16) if escape else ord(written) for escape, written in PRIVATE.findall(css)
        }
    for font in html.glob("_static/vendor/fontawesome/webfonts/*.woff2"):
        subset_icons(font, codepoints)
    digests: dict[Path, str] = {}

    def with_digest(page: Path, match: re.Match[str]) -> str:
        file = (page.parent / match[2]).resolve()
        if not file.is_file():
            return match[0]
        if file not in digests:
            digests[file] = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
        return f"{match[1]}{match[2]}?v={digests[file]}{match[3]}"

    for page in html.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        text = ADDRESS.sub(lambda match, page=page: with_digest(page, match), text)
        page.write_text(text, encoding="utf-8")
