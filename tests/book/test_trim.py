"""Trimming the theme: what can match stays, what cannot goes, addresses follow the content."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handbook.book import trim

NAMES = st.sampled_from(["note", "card", "fa-bars", "open", "deep-name"])


def test_a_rule_stays_with_the_selectors_that_can_match():
    """A selector list that is dropped, or kept, as a whole."""
    css = ".card, .note > p{color:red}.card{color:blue}"
    assert trim.prune(css, {"note"}) == ".note > p{color:red}"


def test_what_no_class_decides_stays():
    """Elements, states, attributes and negated classes that are taken for required ones."""
    css = "a:hover{x:y}[data-mode=dark] p{x:y}html:not(.card) p{x:y}:is(.card,p) b{x:y}"
    assert trim.prune(css, set()) == css


def test_rules_inside_conditions_are_trimmed_and_empty_conditions_go():
    """Rules for print or narrow screens that escape, or hollow blocks that stay."""
    css = "@media print{.card{x:y}.note{x:y}}@media screen{.card{x:y}}"
    assert trim.prune(css, {"note"}) == "@media print{.note{x:y}}"


def test_braces_and_semicolons_inside_strings_and_comments_are_no_structure():
    """A string or a comment that ends a rule early and spoils the rest of the sheet."""
    css = '/* } */@import "a;b.css";.note:before{content:"}{;"}.card{x:url(data:a;b)}'
    assert trim.prune(css, {"note"}) == '@import "a;b.css";.note:before{content:"}{;"}'


def test_animations_and_fonts_stay_whole():
    """Keyframe steps taken for selectors."""
    css = "@keyframes turn{0%{x:y}to{x:z}}@font-face{font-family:Icons}"
    assert trim.prune(css, set()) == css


def test_an_escaped_name_is_the_name_that_the_page_writes():
    """A class such as `w-1/2` that never matches its own rule."""
    assert trim.prune(r".w-1\/2{x:y}", {"w-1/2"}) == r".w-1\/2{x:y}"


@given(st.lists(st.lists(NAMES, min_size=1), min_size=1), st.sets(NAMES))
def test_trimming_keeps_exactly_the_rules_that_can_match(rules, names):
    """A rule that is lost, invented or reordered; trimming again that changes something."""
    blocks = ["".join(f".{name}" for name in rule) + "{x:y}" for rule in rules]
    kept = [block for block, rule in zip(blocks, rules, strict=True) if names.issuperset(rule)]
    once = trim.prune("".join(blocks), names)
    assert once == "".join(kept)
    assert trim.prune(once, names) == once


def test_names_come_from_the_pages_and_the_scripts_that_they_load(tmp_path):
    """A class that only a script sets, or one of a script that no page loads."""
    (tmp_path / "used.js").write_text('element.classList.add("scrolled")')
    (tmp_path / "unused.js").write_text('element.classList.add("fullscreen")')
    (tmp_path / "page.html").write_text(
        '<p class="note deep-name" id="top">not-a-class</p><script src="used.js?v=1"></script>'
        '<script>document.body.className = "inline"</script>'
    )
    names = trim.used_names(tmp_path)
    assert {"note", "deep-name", "top", "scrolled", "inline"} <= names
    assert names.isdisjoint({"fullscreen", "not-a-class"})


def test_the_address_of_a_style_changes_with_its_content(tmp_path):
    """A browser that keeps the old style after a new build."""
    page, sheet = tmp_path / "page.html", tmp_path / "look.css"
    seen = set()
    for colour in ("red", "blue"):
        page.write_text('<link rel="stylesheet" href="look.css?digest=old"><p>Text</p>')
        sheet.write_text(f"p{{color:{colour}}}")
        trim.trim(tmp_path)
        seen.add(page.read_text())
    assert len(seen) == 2 and not any("digest=old" in text for text in seen)
