"""What every page has around its text, and the lists that are made from data at build time."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from handbook import organisation, paths
from handbook.book.trim import trim

HELP_PAGE = "book/checklists/something-went-wrong"
SOURCES_PAGE = "book/about/sources"

ASSETS = {
    # part of a file's name or of a script: what a page has in it that needs the asset
    "thebe": "never",
    "togglebutton": ("admonition dropdown", 'class="toggle'),
    "toggleHint": ("admonition dropdown", 'class="toggle'),
    "toggleOpenOnPrint": ("admonition dropdown", 'class="toggle'),
    "clipboard": ('class="highlight',),
    "copybutton": ('class="highlight',),
    "mystnb": ('class="cell', 'class="highlight'),
    "pygments": ('class="highlight',),
    "sphinx-design": ('class="sd-', " sd-"),
    "design-tabs": ("sd-tab-set",),
}
