"""Pictures inside a notebook's HTML become image files of the page.

A figure displays itself as HTML with the picture in a `data:` address, because JupyterLab shows
its alternative text only so.
On a page that would be text in place of a file: here each such picture becomes a file with its
alternative text and size, loaded when the reader comes near it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from docutils import nodes
from sphinx.application import Sphinx

PICTURE = re.compile(r'<img\b[^>]*\bsrc="data:image/png;base64,[^>]*>')


class picture(nodes.image):
    """An image with the width and height of its file as attributes, not as a style."""


class _Attributes(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = dict(attrs)


def read_attributes(tag: str) -> dict[str, str | None]:
    """Return the attributes of one HTML start tag."""
    parser = _Attributes()
    parser.feed(tag)
    return parser.found


class FigureRenderer:
    """The myst-nb plugin (entry point `myst_nb.mime_renderers`)."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline: bool) -> list[nodes.Node] | None:
        """Return the nodes for HTML with pictures in it, None for everything else."""
        if data.mime_type != "text/html" or not PICTURE.search(data.string):
            return None
        parts: list[nodes.Node] = []
        end = 0
        for match in PICTURE.finditer(data.string):
            parts.append(nodes.raw(text=data.string[end : match.start()], format="html"))
            attributes = read_attributes(match.group())
            content = base64.b64decode(attributes["src"].partition(",")[2])
            name = f"{hashlib.sha256(content).hexdigest()[:16]}.png"
            node = picture(
                uri=renderer.write_file([name], content, exists_ok=True),
                alt=attributes.get("alt") or "",
            )
            for size in ("width", "height"):
                if attributes.get(size):
                    node[size] = attributes[size]
            parts.append(node)
            end = match.end()
        parts.append(nodes.raw(text=data.string[end:], format="html"))
        return parts


def visit_picture(self, node: picture) -> None:
    uri = node["uri"]
    if uri in self.builder.images:
        uri = f"{self.builder.imgpath}/{self.builder.images[uri]}"
    attributes = {key: node[key] for key in ("alt", "width", "height") if key in node}
    self.body.append(
        self.emptytag(node, "img", "", src=uri, loading="lazy", decoding="async", **attributes)
    )


def depart_picture(self, node: picture) -> None:
    pass


def setup(app: Sphinx) -> dict[str, object]:
    """Register the node; Sphinx calls this."""
    app.add_node(picture, html=(visit_picture, depart_picture))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
