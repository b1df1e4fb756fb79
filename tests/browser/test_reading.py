"""What a reader does: look up, follow, search, jump to a rule, switch to dark, print."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.book]

HOME = "book/index.html"
GUIDELINE = "book/guidelines/private-person.html"
HELP = "book/checklists/something-went-wrong.html"


@pytest.fixture(scope="module")
def desk(open_reader):
    """A reader with a wide screen."""
    return open_reader()


@pytest.fixture(scope="module")
def telephone(open_reader):
    """A reader with a narrow screen."""
    return open_reader(viewport={"width": 390, "height": 800})


def test_the_sites_own_address_leads_home(desk):
    """A front page that redirects nowhere."""
    desk.page.goto(desk.address)
    desk.page.wait_for_url(f"**/{HOME}")


def test_help_is_one_click_from_a_telephone(telephone):
    """A way to help that stands behind a menu or leads elsewhere."""
    page = telephone.open(GUIDELINE)
    page.locator(".handbook-help").click()
    page.wait_for_url(f"**/{HELP}")
    assert page.locator(".handbook-help").get_attribute("aria-current") == "page"


def test_next_leads_on_and_previous_back(desk):
    """Links below the text that lead elsewhere than they say."""
    page = desk.open(GUIDELINE)
    promised = page.locator("a.right-next .prev-next-title").inner_text()
    page.locator("a.right-next").click()
    expect(page.locator("h1")).to_contain_text(promised)
    page.locator("a.left-prev").click()
    page.wait_for_url(f"**/{GUIDELINE}")


def test_the_sidebar_opens_and_closes_from_the_keyboard_on_a_telephone(telephone, find_barriers):
    """A drawer that only a finger opens, that traps the reader, or that axe objects to."""
    page = telephone.open(GUIDELINE)
    expect(page.locator("#pst-primary-sidebar")).to_be_hidden()
    page.get_by_role("button", name="Pages of the handbook").focus()
    page.keyboard.press("Enter")
    drawer = page.locator("#pst-primary-sidebar-modal")
    expect(drawer.get_by_role("link", name="Publishing well")).to_be_visible()
    assert find_barriers(page) == []
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    assert page.evaluate("document.activeElement.className").startswith("sidebar-toggle primary")
    page.keyboard.press("Enter")
    drawer.get_by_role("link", name="Publishing well").press("Enter")
    page.wait_for_url("**/publishing.html")


def test_the_contents_of_a_page_open_on_a_telephone(telephone, find_barriers):
    """A button for the page's own contents that does nothing."""
    page = telephone.open(GUIDELINE)
    page.get_by_role("button", name="On this page").click()
    entry = page.locator("#pst-secondary-sidebar-modal a").first
    expect(entry).to_be_visible()
    assert find_barriers(page) == []
    target = entry.get_attribute("href")
    entry.click()
    expect(page).to_have_url(re.compile(re.escape(target) + "$"))


def test_the_skip_link_is_first_and_passes_over_the_sidebar(desk):
    """Keyboard readers who must go through the whole list of pages on each page."""
    page = desk.open(GUIDELINE)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_focus_is_visible_wherever_the_keyboard_goes(desk):
    """A link or button that shows nothing when it has the focus."""
    page = desk.open(GUIDELINE)
    hidden = []
    for _ in range(60):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            """() => {
                const element = document.activeElement;
                const style = getComputedStyle(element);
                const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth);
                return [element === document.body, Boolean(outline), element.outerHTML];
            }"""
        )
        if shown[0]:
            break
        if not shown[1]:
            hidden.append(shown[2])
    assert hidden == []


def test_search_finds_another_form_of_a_word_and_leads_to_the_page(desk, find_barriers):
    """A search without an index, without stemming, or whose results lead nowhere."""
    page = desk.open(HOME)
    page.get_by_role("button", name="Search").first.click()
    dialog = page.locator("#pst-search-dialog")
    assert find_barriers(page) == []
    dialog.get_by_role("searchbox").fill("harassed")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=harassed")
    results = page.locator("ul.search li > a")
    expect(page.locator(".search-summary")).to_contain_text("found", timeout=10_000)
    titles = results.all_inner_texts()
    assert "Something went wrong" in titles and "Uproar and harassment" in titles
    assert find_barriers(page) == []
    results.filter(has_text="Something went wrong").first.click()
    page.wait_for_url(f"**/{HELP}*")
    expect(page.locator("article mark, article .highlighted").first).to_be_visible()


WORRIES = {
    "harassed": HELP,
    "phishing": HELP,
    "hacked": HELP,
    "password": HELP,
    "fake profile": HELP,
    "press": HELP,
    "journalist": HELP,
    "locked out": HELP,
    "delete comment": HELP,
    "logo": "book/guidelines/starting-a-community.html",
}


@pytest.mark.parametrize("words", WORRIES)
def test_a_worried_readers_words_lead_to_the_right_page(desk, words):
    """A page that says what to do, and that nobody finds in their own words."""
    page = desk.open(f"search.html?q={words}")
    first = page.locator("ul.search > li > a").first
    expect(first).to_have_attribute("href", re.compile(WORRIES[words]), timeout=10_000)


def test_a_search_without_result_says_so(desk):
    """A reader who waits for results that never come, or who is left alone with none."""
    page = desk.open("search.html?q=xylophonist")
    expect(page.locator("#search-results")).to_contain_text("did not match any documents")
    page.locator(".handbook-search-help").get_by_role("link").first.click()
    page.wait_for_url(f"**/{HELP}")


def test_an_id_stands_on_one_line_with_its_label(telephone):
    """A label that is parted from its id, or an id that is broken at its hyphen."""
    broken = []
    for path in (GUIDELINE, HELP, "book/guidelines/publishing.html"):
        page = telephone.open(path)
        broken += page.evaluate(
            "[...document.querySelectorAll('.rule-label, .rule-cited')]"
            ".filter(part => part.getBoundingClientRect().height > 30)"
            ".map(part => part.textContent)"
        )
    assert broken == []


def test_the_home_page_shows_all_three_ways_at_one_look(desk):
    """A reader who must scroll to see that there is a way for them."""
    page = desk.open(HOME)
    for way in page.locator("#what-do-you-want-to-do h3").all():
        expect(way).to_be_in_viewport(ratio=1)
    assert page.locator("#what-do-you-want-to-do h3").count() == 3


def test_a_rules_permanent_address_shows_the_rule(telephone):
    """An address that has gone, or a rule that hides behind the row above the text."""
    page = telephone.open(f"{GUIDELINE}#PRV-06")
    rule = page.locator("#PRV-06")
    expect(rule).to_be_in_viewport()
    row = page.locator(".bd-header-article").bounding_box()
    assert rule.bounding_box()["y"] >= row["y"] + row["height"]


def test_light_and_dark_switch_and_are_remembered(desk):
    """A switch that does nothing, or a choice that the next page forgets."""
    page = desk.open(GUIDELINE)
    switch = page.get_by_role("button", name="Light or dark")
    seen = set()
    for _ in range(3):
        switch.click()
        seen.add(page.locator("html").get_attribute("data-mode"))
    assert seen == {"light", "dark", "auto"}
    while page.locator("html").get_attribute("data-mode") != "dark":
        switch.click()
    page = desk.open(HOME)
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 25, 27)"
    page.evaluate("localStorage.clear()")


def test_the_browser_keeps_what_the_privacy_page_names_and_no_more(open_reader):
    """Something that the theme stores and readers are not told of, or a cookie."""
    reader = open_reader()
    kept = set()

    def look(page):
        kept.update(page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]"))

    page = reader.open("book/guidelines/crisis.html")
    page.get_by_role("button", name="Light or dark").click()
    look(page)
    page = reader.open("search.html?q=harassed")
    expect(page.locator(".search-summary")).to_contain_text("found", timeout=10_000)
    look(page)
    page.locator("ul.search li > a").first.click()
    expect(page.locator("article .highlighted").first).to_be_visible()
    look(page)
    page = reader.open(f"{HELP}#situation-uproar")
    page.locator("article input[value=uproar]").check()
    look(page)
    assert not any("something-went-wrong" in key for key in kept)
    page = reader.open("book/checklists/before-you-post.html")
    page.locator("article input[value=done]").first.check()
    look(page)
    page = reader.open("book/about/privacy.html")
    named = set(page.locator("article table code").all_inner_texts())
    prefixes = {name for name in named if name.endswith(":")}
    assert {next((p for p in prefixes if key.startswith(p)), key) for key in kept} == named
    assert reader.context.cookies() == []


def test_nothing_is_lost_and_nothing_is_dead_without_javascript(open_reader):
    """Text, rules or navigation that only a script brings, and buttons that do nothing."""
    reader = open_reader(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = reader.open(GUIDELINE)
    expect(page.locator("#PRV-06")).to_be_visible()
    expect(page.locator("nav.bd-links a", has_text="Publishing well")).to_be_visible()
    ticks = ".checklist input[type=checkbox]"
    for control in page.locator(f"button, input:not({ticks}), select, [role=button]").all():
        expect(control).to_be_hidden()
    expect(page.locator(ticks).first).to_be_enabled()
    page.get_by_role("link", name=re.compile("Something went wrong")).first.click()
    expect(page.locator("h1")).to_contain_text("Something went wrong")
    assert reader.complaints == []


def test_the_book_works_from_a_folder_without_a_server(browser, built_book):
    """Someone who opens the file that `handbook book` names."""
    context = browser.new_context()
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.goto((built_book / "index.html").as_uri())
    page.wait_for_url(f"**/{HOME}")
    page.locator(".handbook-help").click()
    expect(page.locator("h1")).to_contain_text("Something went wrong")
    assert complaints == []
    context.close()


def test_the_readers_own_colours_are_kept(open_reader, find_barriers):
    """Boxes and buttons that vanish when the system forces its colours."""
    page = open_reader(forced_colors="active").open(GUIDELINE)
    for part in (".handbook-bar", ".handbook-help", ".bd-article .admonition"):
        width = page.locator(part).first.evaluate("e => getComputedStyle(e).borderTopWidth")
        assert width == "1px", part
    assert find_barriers(page) == []


def test_the_smallest_screen_needs_no_sideways_scrolling(open_reader):
    """Text at 320 pixels, which is 1280 enlarged four times, that runs off the screen."""
    reader = open_reader(viewport={"width": 320, "height": 640})
    for path in (HOME, GUIDELINE, HELP, "book/about/rule-index.html", "search.html?q=account"):
        page = reader.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_paper_has_the_rules_and_the_status_and_no_controls(desk):
    """A print without rules, with buttons, or that hides whose handbook it is."""
    page = desk.open(GUIDELINE)
    page.emulate_media(media="print")
    expect(page.locator("#PRV-06")).to_be_visible()
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".handbook-bar").first).to_be_visible()
    for gone in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-area", ".headerlink"):
        expect(page.locator(gone).first).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="screen")


def test_a_guideline_page_is_light(open_reader):
    """A first visit that loads icons, scripts or styles that the page does not show."""
    import gzip

    reader = open_reader()
    reader.open(GUIDELINE)
    bodies = {path: response.body() for path, response in reader.loaded.items()}
    sent = {
        path: len(
            body if path.partition("?")[0].endswith((".woff2", ".png")) else gzip.compress(body)
        )
        for path, body in bodies.items()
    }
    assert sum(sent.values()) <= 150_000, sent
