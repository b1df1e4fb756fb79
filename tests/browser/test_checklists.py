"""The checklists as readers use them, in a real browser on the built book."""

from __future__ import annotations

import io
import json
import unicodedata
from datetime import date

import icalendar
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from handbook.checklists import definition

pytestmark = [pytest.mark.browser, pytest.mark.book]

LIST = "book/checklists/before-you-post.html"
FINDER = "book/checklists/something-went-wrong.html"
FORM = "book/checklists/start-a-community.html"
REVIEW = "book/checklists/channel-review.html"
GUIDELINE = "book/guidelines/publishing.html"
STARTING = "book/guidelines/starting-a-community.html"

KEY = "handbook:1:before-you-post:1"
FORM_KEY = "handbook:1:start-a-community:1"
HOSTILE = """</script><img src=x onerror="document.title='caught'">{n} [a](b) ‮=1+1"""

REFUSED = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})"
FULL = """Storage.prototype.setItem = () => {
    throw new DOMException("no room", "QuotaExceededError");
}"""

WAYS = [("light", 1280), ("dark", 390), ("light", 320)]
"""Each scheme and each width: colours do not depend on the width."""


@pytest.fixture
def reader(open_reader):
    """A reader with a wide screen and a device of their own."""
    reader = open_reader(accept_downloads=True)
    yield reader
    assert reader.complaints == []
    reader.context.close()


def tick(page: Page, item: str, value: str = "done") -> None:
    """Tick an item of a list to confirm."""
    page.locator(f'[data-item="{item}"] input[value="{value}"]').first.check()


def fill(page: Page, item: str, text: str) -> None:
    """Fill the first line of a question in."""
    page.locator(f'[data-item="{item}"]').locator("input, textarea").first.fill(text)


def choose(page: Page, item: str, value: str) -> None:
    """Choose an option of a question."""
    page.locator(f'[data-item="{item}"] input[value="{value}"]').check()


def kept(page: Page, key: str = KEY) -> dict | None:
    """Return what is kept on the device under a key."""
    text = page.evaluate("key => localStorage.getItem(key)", key)
    return json.loads(text) if text else None


def said(page: Page, part: str = "said") -> str:
    """Return the text of one part of the checklist."""
    return page.locator(f"[data-part={part}]").first.inner_text()


def save(page: Page, name: str) -> str:
    """Save a file that the page makes and return what is in it."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    assert download.value.suggested_filename == name
    return download.value.path().read_bytes().decode()


def fill_plan(page: Page) -> None:
    """Answer what the register needs, and some more."""
    choose(page, "exists-already", "no")
    choose(page, "platform", "linkedin")
    fill(page, "unit", "Robotics, Lab; one\\two")
    fill(page, "contact-mailbox", "robots@example.org")
    choose(page, "main-language", "en")
    fill(page, "name", "Aalto University Robots")
    fill(page, "plan-starts", "2030-01-01")
    fill(page, "plan-ends", "2030-12-31")


# A list to confirm


def test_ticks_and_notes_survive_a_reload_and_are_nowhere_else(reader):
    """Answers that are gone after a look at the rule, or that leave the device."""
    page = reader.open(LIST)
    tick(page, "connected")
    tick(page, "respectful", "not applicable")
    page.get_by_role("button", name="Add a note").first.click()
    page.keyboard.type(HOSTILE)
    assert said(page).startswith("2 of 9")
    address = page.url
    page.locator(".checklist-rules a").first.click()
    page.go_back()
    page.reload()
    assert page.url == address
    assert page.locator('[data-item=connected] input[value="done"]').is_checked()
    assert page.locator('[data-item=respectful] input[value="not applicable"]').is_checked()
    assert page.locator("[data-item=connected] textarea").input_value() == HOSTILE
    assert kept(page)["answers"] == {"connected": "done", "respectful": "not applicable"}
    assert page.context.cookies() == []
    assert page.title() != "caught"


def test_done_and_not_applicable_exclude_each_other(reader):
    """An item that is done and does not apply."""
    page = reader.open(LIST)
    tick(page, "rights")
    tick(page, "rights", "not applicable")
    assert not page.locator('[data-item=rights] input[value="done"]').is_checked()
    page.locator('[data-item=rights] input[value="not applicable"]').uncheck()
    assert said(page).startswith("0 of 9")
    assert kept(page) is None, "an open list is kept"


def test_it_ends_in_looked_at_and_never_in_approved(reader):
    """A list that lets somebody think that a post was approved, or that open means no."""
    page = reader.open(LIST)
    assert "still open" in said(page)
    items = definition.load("before-you-post").items
    for item in items[:-1]:
        tick(page, item.id)
    page.get_by_text("What is still open?").click()
    [link] = page.locator("[data-part=open] a").all()
    assert link.inner_text() == items[-1].text
    link.click()
    focused = page.evaluate("document.activeElement.closest('[data-item]').dataset.item")
    assert focused == items[-1].id
    assert "#" not in page.url
    page.keyboard.press("Space")
    assert said(page).startswith("9 of 9") and "not an approval" in said(page)
    expect(page.get_by_text("What is still open?")).to_be_hidden()
    expect(page.get_by_role("link", name="Already posted, and it went wrong?")).to_be_visible()


def test_start_over_can_be_taken_back_and_deleting_cannot(reader):
    """A slip of the finger that costs everything; something that stays after it was deleted."""
    page = reader.open(LIST)
    tick(page, "connected")
    page.get_by_role("button", name="Start over").click()
    assert kept(page) is None and said(page).startswith("0 of 9")
    page.get_by_role("button", name="Take back").click()
    assert kept(page)["answers"] == {"connected": "done"}
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Delete from this device").click()
    assert kept(page)["answers"] == {"connected": "done"}
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete from this device").click()
    assert "Deleted" in said(page, "notice")
    assert kept(page) is None
    assert not page.get_by_role("button", name="Take back").count()
    page.reload()
    assert said(page).startswith("0 of 9")


def test_two_tabs_agree_and_so_does_the_guideline(reader):
    """A tab that shows what was true before, and saves it over what is true now."""
    page = reader.open(LIST)
    other = reader.context.new_page()
    other.goto(reader.address + GUIDELINE)
    tick(other, "connected")
    expect(page.locator('[data-item=connected] input[value="done"]')).to_be_checked()
    tick(page, "rights")
    expect(other.locator('[data-item=rights] input[value="done"]')).to_be_checked()
    assert set(kept(other)["answers"]) == {"connected", "rights"}
    other.evaluate("localStorage.clear()")
    expect(page.locator('[data-item=rights] input[value="done"]')).not_to_be_checked()
    other.close()


def test_back_shows_what_is_kept_and_not_what_the_history_remembers(reader):
    """Progress of one, and no box ticked; answers of meanwhile overwritten from an older page."""
    page = reader.open(GUIDELINE)
    page.goto(reader.address + LIST)
    tick(page, "connected")
    page.go_back()
    assert page.locator("[data-item=connected] input[value=done]").is_checked()
    page.evaluate(
        """key => {
            const record = JSON.parse(localStorage.getItem(key));
            record.answers = { credible: "done" };
            localStorage.setItem(key, JSON.stringify(record));
            dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
        }""",
        KEY,
    )
    tick(page, "rights")
    assert kept(page)["answers"] == {"credible": "done", "rights": "done"}


def test_a_measure_that_the_platform_lacks_is_warned_of_as_it_is_chosen(reader):
    """A warning that shows only once the plan is made."""
    page = reader.open(FORM)
    choose(page, "platform", "mastodon")
    advice = page.locator("[data-item=measures] .checklist-advice")
    assert advice.inner_text() == ""
    choose(page, "measures", "er_by_impressions")
    assert "Mastodon" in advice.inner_text()


def test_two_copies_on_a_page_agree(reader, built_book):
    """A copy that is out of step, or whose labels tick the other's boxes."""
    text = (built_book / LIST).read_text(encoding="utf-8")
    start, end = text.index('<div class="checklist"'), text.index("</script></div>") + 15
    copy = text[start:end].replace("checklist-0-", "checklist-1-")
    twice = text[:end] + copy + text[end:]
    reader.page.route("**/twice.html", lambda route: route.fulfill(body=twice))
    reader.page.goto(f"{reader.address}book/checklists/twice.html")
    boxes = reader.page.locator('[data-item=connected] input[value="done"]')
    boxes.nth(1).check()
    assert boxes.nth(0).is_checked()
    reader.page.locator("[data-item=rights] label").nth(0).click()
    assert reader.page.locator('[data-item=rights] input[value="done"]').nth(1).is_checked()
    assert set(kept(reader.page)["answers"]) == {"connected", "rights"}


@pytest.mark.parametrize(("trouble", "word"), [(REFUSED, "does not keep"), (FULL, "no room")])
def test_a_browser_that_keeps_nothing_says_so_and_works(reader, trouble, word):
    """A page that breaks in private mode, or that lets a reader believe in what is not kept."""
    reader.context.add_init_script(trouble)
    page = reader.open(LIST)
    tick(page, "connected")
    assert word in said(page, "notice")
    assert said(page).startswith("1 of 9")
    page = reader.open(FORM)
    fill_plan(page)
    page.get_by_role("button", name="Show my plan").click()
    assert json.loads(save(page, "plan.json"))["name"] == "Aalto University Robots"
    reader.complaints.clear()  # of the theme, which keeps its colours in the same place


def test_a_broken_or_older_record_is_let_go_with_a_word(reader):
    """A page that stops at what it kept itself."""
    page = reader.open(LIST)
    page.evaluate(f"localStorage.setItem('{KEY}', '{{')")
    page.reload()
    assert "could not be read" in said(page, "notice")
    page.evaluate("localStorage.setItem('handbook:1:before-you-post:0', '{}')")
    page.reload()
    assert "has changed" in said(page, "notice")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('h'))") == []


def test_the_keyboard_is_enough(reader):
    """A box that cannot be reached or ticked, a focus that cannot be seen."""
    page = reader.open(LIST)
    page.locator("h1").click()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "done":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Space")
    assert said(page).startswith("1 of 9")
    names = []
    for _ in range(80):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.innerText"))
        if names[-1] == "Delete from this device":
            break
    assert {"Add a note", "Copy", "Start over", "Print"} <= set(names)


# The finder


def test_the_finder_keeps_nothing_and_says_nothing_in_the_address(reader):
    """Somebody who looks over a shoulder, or into the history, and sees what happened."""
    page = reader.open(FINDER)
    before = page.evaluate("JSON.stringify(localStorage)")
    address = page.url
    page.get_by_role("checkbox", name="I am harassed or bullied").check()
    page.get_by_role("button", name="See what to do").click()
    assert page.url == address
    assert page.evaluate("JSON.stringify(localStorage)") == before
    assert page.evaluate("sessionStorage.length") <= 1
    page.reload()
    assert not page.get_by_role("checkbox", name="I am harassed or bullied").is_checked()
    assert page.context.cookies() == []


def test_choices_merge_and_the_most_urgent_comes_first(reader):
    """Two answers below each other, of which the second is the urgent one."""
    page = reader.open(FINDER)
    page.get_by_role("checkbox", name="Something I said caused an uproar").check()
    page.get_by_role("checkbox", name="My computer acts weird").check()
    assert said(page) == "2 chosen"
    answer = page.locator("[data-part=answer]")
    contacts = answer.locator(".checklist-contacts li").all_inner_texts()
    assert "security@aalto.fi" in contacts[0] and "straight away" in contacts[0]
    assert "communications@aalto.fi" in contacts[1]
    assert "no address" in contacts[2]
    page.get_by_role("button", name="See what to do").click()
    assert page.evaluate("document.activeElement.dataset.part") == "answer"
    expect(page.locator("#situation-uproar")).to_be_visible()
    expect(page.locator("#situation-computer")).to_be_visible()
    expect(page.locator("#situation-phishing")).to_be_hidden()
    expect(page.locator("#situation-crisis")).to_be_hidden()
    page.get_by_role("button", name="Clear the choice").click()
    expect(page.locator("#situation-crisis")).to_be_visible()
    expect(answer).to_be_empty()


def test_an_address_of_a_situation_shows_it(reader):
    """A link in a message that leads to a hidden part of the page."""
    page = reader.open(f"{FINDER}#situation-computer")
    expect(page.locator("#situation-computer")).to_be_in_viewport()
    page.get_by_role("checkbox", name="A crisis").check()
    expect(page.locator("#situation-computer")).to_be_hidden()
    page.locator("#pst-secondary-sidebar a[href='#situation-uproar']").dispatch_event("click")
    expect(page.locator("#situation-uproar")).to_be_in_viewport()
    page.evaluate("location.hash = '#situation-computer'")
    expect(page.locator("#situation-computer")).to_be_visible()


def test_an_address_is_copied(reader):
    """A button that says that it copied, and did not."""
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = reader.open(FINDER)
    page.get_by_role("checkbox", name="An account was taken over").check()
    page.get_by_role("button", name="Copy security@aalto.fi").click()
    expect(page.get_by_text("Copied: security@aalto.fi")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "security@aalto.fi"


def test_where_nothing_may_be_copied_the_text_is_selected(reader):
    """A button that does nothing in an old browser, or on a page that came as a file."""
    reader.context.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.execCommand = () => false;"
    )
    page = reader.open(FINDER)
    page.get_by_role("checkbox", name="An account was taken over").check()
    page.get_by_role("button", name="Copy security@aalto.fi").click()
    expect(page.get_by_text("Copy it with Ctrl+C")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == "security@aalto.fi"


# The form


def test_a_plan_is_saved_as_it_was_typed(reader):
    """A file that cannot be read, or in which an answer became something else."""
    page = reader.open(FORM)
    fill_plan(page)
    fill(page, "purpose", f"{HOSTILE}\nsecond line")
    fill(page, "updates", "0,5")
    fill(page, "members-target", "500")
    page.locator("[data-item=members-target] input[type=date]").fill("2030-06-30")
    page.get_by_role("button", name="Add a pause").click()
    days = page.locator("[data-item=planned-pauses] input")
    for place, day in enumerate(["2030-07-01", "2030-07-31", "2030-12-20", "2030-12-30"]):
        days.nth(place).fill(day)
    page.locator("[data-item=measures] input").first.check()
    page.locator("[data-item=work-password-not-used] input").check()
    page.get_by_role("button", name="Show my plan").click()
    assert page.evaluate("document.activeElement.dataset.part") == "answer"
    plan = json.loads(save(page, "plan.json"))
    assert plan["schema"] == "handbook-plan/1"
    assert plan["channel_id"] == "linkedin:aalto-university-robots"
    assert plan["purpose"] == f"{HOSTILE}\nsecond line"
    assert plan["updates"] == {"number": 0.5, "per": "week"}
    assert plan["members_target"] == {"members": 500, "by": "2030-06-30"}
    assert [pause["end"] for pause in plan["planned_pauses"]] == ["2030-07-31", "2030-12-30"]
    assert plan["work_password_not_used"] is True
    assert "Robotics, Lab; one" in save(page, "plan.md")
    calendar = icalendar.Calendar.from_ical(save(page, "plan.ics"))
    days = [event.decoded("dtstart") for event in calendar.walk("VEVENT")]
    assert date(2030, 1, 1) in days and date(2030, 11, 1) in days
    assert page.locator(".checklist-drawn img").count() == 0 and page.title() != "caught"
    assert HOSTILE in page.locator("[data-part=record]").inner_text()


def test_a_message_is_ready_in_two_versions(reader):
    """A message that does not fit into a mail link, or that asks for what it cannot carry."""
    page = reader.open(FORM)
    fill_plan(page)
    fill(page, "purpose", "ä" * 500)
    page.get_by_role("button", name="Show my plan").click()
    for kind in ("We plan", "We have opened"):
        page.locator("summary", has_text=kind).click()
    areas = page.locator("[data-message]")
    texts = [areas.nth(place).input_value() for place in (0, 1)]
    assert texts[0] != texts[1]
    assert all("plan.json" in text and len(text) < 1_500 for text in texts)
    for link in page.locator("[data-message] ~ a").all():
        href = link.get_attribute("href")
        assert href.startswith("mailto:communications@aalto.fi?subject=") and len(href) < 2_000


def test_errors_stand_at_the_top_and_beside_their_fields(reader):
    """A mistake that is only red, or that a reader of screens must look for."""
    page = reader.open(FORM)
    fill(page, "contact-mailbox", "nobody")
    field = page.locator("[data-item=contact-mailbox] input")
    assert field.get_attribute("aria-invalid") == "false", "an error before one has finished"
    field.blur()
    assert field.get_attribute("aria-invalid") == "true"
    error = page.locator("[data-item=contact-mailbox] .checklist-error")
    expect(error).to_be_visible()
    assert error.get_attribute("id") in field.get_attribute("aria-describedby").split()
    fill(page, "updates", "0")
    page.get_by_role("button", name="Show my plan").click()
    assert page.evaluate("document.activeElement.dataset.part") == "summary"
    links = page.locator("[data-part=summary] a")
    assert links.count() == 2
    links.first.click()
    assert page.evaluate("document.activeElement.closest('[data-item]').dataset.item") == (
        "contact-mailbox"
    )
    field.fill("lab@example.org")
    assert links.count() == 1
    missing = page.locator("[data-part=missing]")
    assert "Platform" in missing.inner_text() and "Contact mailbox" not in missing.inner_text()


def test_the_name_is_checked_as_it_is_typed(reader):
    """Advice that comes after the name was fixed, or that blocks."""
    page = reader.open(FORM)
    choose(page, "main-language", "en")
    fill(page, "name", "Aalto University Robots")
    advice = page.locator("[data-item=name] .checklist-advice")
    assert advice.get_attribute("role") == "status"
    assert "includes the university's name" in advice.inner_text()
    fill(page, "name", "Aalto Robots")
    assert "cannot tell" in advice.inner_text()
    fill(page, "name", "Robots")
    assert "does not include" in advice.inner_text()


def test_how_far_one_is_stays_in_sight(reader):
    """A way to the plan that stands five screens below."""
    page = reader.open(FORM)
    fill(page, "unit", "Robotics Lab")
    expect(page.get_by_role("button", name="Show my plan")).to_be_in_viewport()
    assert said(page).startswith("1 of ")
    page = reader.open(FINDER)
    assert said(page) == "Nothing chosen yet"
    expect(page.get_by_role("button", name="See what to do")).to_be_hidden()


def test_the_short_route_asks_only_what_the_register_needs(reader):
    """A form that must be finished at once."""
    page = reader.open(FORM)
    page.get_by_role("checkbox", name="Only what the register needs").check()
    shown = [row.get_attribute("data-item") for row in page.locator("[data-item]:visible").all()]
    needed = [item.id for item in definition.load("start-a-community").items if item.required_for]
    assert shown == needed
    assert not page.get_by_text("Purpose and upkeep").is_visible()


def test_same_as_above_copies(reader):
    """A button whose copy is not kept."""
    page = reader.open(FORM)
    fill(page, "updated-by", "Editor; lab manager")
    page.get_by_role("button", name="Same as above").click()
    assert kept(page, FORM_KEY)["answers"]["produced-by"] == "Editor; lab manager"


def test_a_long_text_is_counted_and_not_cut(reader):
    """A text whose end is lost without a word."""
    page = reader.open(FORM)
    fill(page, "objective", "x" * 501)
    assert "501 of 500" in page.locator("[data-item=objective] .checklist-count").inner_text()
    assert len(kept(page, FORM_KEY)["answers"]["objective"]) == 501
    page.locator("[data-item=objective] textarea").blur()
    expect(page.locator("[data-item=objective] .checklist-error")).to_be_visible()


def test_a_form_is_kept_for_90_days(reader):
    """Answers that stay on a shared computer for ever, or go while a plan is made."""
    page = reader.page
    page.clock.set_fixed_time("2030-01-01T12:00:00")
    page.goto(reader.address + FORM)
    fill(page, "unit", "Robotics Lab")
    page.clock.set_fixed_time("2030-04-01T12:00:00")
    page.goto(reader.address + STARTING)
    assert "1 of" in page.locator("[data-count]").inner_text()
    page.goto(reader.address + FORM)
    assert page.locator("[data-item=unit] input").input_value() == "Robotics Lab"
    page.clock.set_fixed_time("2030-04-02T12:00:00")
    page.reload()
    assert page.locator("[data-item=unit] input").input_value() == ""
    assert "90 days" in said(page, "notice")
    assert kept(page, FORM_KEY) is None


def test_a_review_gives_its_record(reader):
    """A second form that only the plan's code knows."""
    page = reader.open(REVIEW)
    fill(page, "channel-id", "linkedin:example-page")
    fill(page, "reviewed-on", "2030-06-30")
    fill(page, "reviewed-by", "Communications officer")
    choose(page, "plan-held", "partly")
    expect(page.locator("[data-item=merge-into]")).to_be_hidden()
    choose(page, "decision", "merge")
    expect(page.locator("[data-item=merge-into]")).to_be_visible()
    fill(page, "merge-into", "linkedin:other-page")
    page.get_by_role("button", name="Show my record").click()
    review = json.loads(save(page, "review.json"))
    assert review["schema"] == "handbook-review/1"
    assert (review["decision"], review["merge_into"]) == ("merge", "linkedin:other-page")
    assert save(page, "review.md").startswith("# ")


# Without a network, a server, a script; on paper


def test_everything_works_when_the_network_is_gone(reader):
    """A part that is loaded only when it is needed."""
    page = reader.open(FORM)
    reader.context.set_offline(True)
    fill_plan(page)
    page.get_by_role("button", name="Show my plan").click()
    assert json.loads(save(page, "plan.json"))["unit"] == "Robotics, Lab; one\\two"


@pytest.fixture
def folder(browser, built_book) -> BrowserContext:
    """A reader who opened the book as a folder, without any server."""
    context = browser.new_context(accept_downloads=True)
    yield context
    context.close()


def test_it_works_from_a_folder(folder, built_book):
    """A script that browsers refuse to load from a file."""
    page = folder.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((built_book / LIST).as_uri())
    tick(page, "connected")
    page.reload()
    assert said(page).startswith("1 of 9")
    page.goto((built_book / FINDER).as_uri())
    page.get_by_role("checkbox", name="A crisis").check()
    page.get_by_role("button", name="Copy communications@aalto.fi").click()
    expect(page.locator("[data-part=answer] [role=status]").first).not_to_be_empty()
    page.goto((built_book / FORM).as_uri())
    fill_plan(page)
    page.get_by_role("button", name="Show my plan").click()
    assert json.loads(save(page, "plan.json"))["platform"] == "linkedin"
    assert complaints == []


def read_pdf(page: Page) -> str:
    """Print a page and return the text of its sheets, with single blanks."""
    sheets = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    text = " ".join(sheet.extract_text() for sheet in sheets)
    return " ".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("id", definition.find_ids())
def test_it_can_be_read_and_ticked_on_paper(open_reader, id, script):
    """A printed page without its items, or with buttons that nobody can press."""
    reader = open_reader(java_script_enabled=script)
    page = reader.page
    page.goto(f"{reader.address}book/checklists/{id}.html")
    text = read_pdf(page)
    for item in definition.load(id).items:
        if getattr(item, "when", None) is None:
            assert " ".join(item.text.split()) in text, item.id
    assert "Start over" not in text and "Add a note" not in text
    boxes = page.locator("[data-item] :is([type=checkbox], [type=radio])")
    assert id == "something-went-wrong" or boxes.first.is_visible()


def test_a_plan_is_printed_in_place_of_its_form(reader):
    """Sheets of empty lines before the plan."""
    page = reader.open(FORM)
    fill_plan(page)
    page.get_by_role("button", name="Show my plan").click()
    text = read_pdf(page)
    assert "Aalto University Robots" in text and "not answered yet" in text
    assert "Expected" not in text and "No answer" not in text


def test_without_a_script_nothing_is_promised(open_reader):
    """A button that does nothing, a finder without its answers."""
    reader = open_reader(java_script_enabled=False)
    for path in (LIST, FINDER, FORM, GUIDELINE):
        page = reader.page
        page.goto(reader.address + path)
        assert page.locator(".checklist button:visible, .checklist progress:visible").count() == 0
    reader.page.goto(reader.address + FINDER)
    links = reader.page.locator(".checklist-contents a")
    assert links.count() >= 18
    links.first.click()
    expect(reader.page.locator("#situation-uproar .checklist-contacts")).to_be_visible()


# Everyone


def walk(page: Page) -> list[tuple[str, callable]]:
    """Return the states that a reader meets, each with the way to it."""
    button = page.get_by_role
    items = definition.load("before-you-post").items

    def note() -> None:
        button("button", name="Add a note").first.click()
        page.keyboard.type("A note")
        page.get_by_text("What is still open?").click()

    def finish() -> None:
        for item in items:
            tick(page, item.id)

    def start_over() -> None:
        button("button", name="Start over").click()

    def pick() -> None:
        for name in ("Something I said caused an uproar", "Something confidential is out"):
            button("checkbox", name=name).check()

    def mistakes() -> None:
        fill(page, "contact-mailbox", "jane.example@")
        fill(page, "name", "Aalto")
        choose(page, "main-language", "fi")
        fill(page, "objective", "x" * 501)
        fill(page, "plan-starts", "2030-01-01")
        fill(page, "plan-ends", "2030-02-01")
        button("button", name="Show my plan").click()

    def plan() -> None:
        fill_plan(page)
        fill(page, "objective", "x")
        page.locator("summary", has_text="We plan").click()

    return [
        (LIST, [lambda: None, note, finish, start_over]),
        (FINDER, [lambda: None, pick]),
        (FORM, [lambda: None, mistakes, plan]),
        (GUIDELINE, [finish]),
    ]


@pytest.mark.parametrize(("scheme", "width"), WAYS)
def test_no_state_has_barriers(open_reader, find_barriers, scheme, width):
    """A barrier that only shows once something is ticked, wrong or done; sideways scrolling."""
    reader = open_reader(color_scheme=scheme, viewport={"width": width, "height": 800})
    for path, steps in walk(reader.page):
        page = reader.open(path)
        for number, step in enumerate(steps):
            step()
            page.evaluate("scrollTo(0, 0)")
            barriers = find_barriers(page)
            assert barriers == [], f"{path}, step {number}: {barriers}"
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path}, step {number}"
    reader.context.close()


def test_targets_are_large_enough(open_reader):
    """A box that a trembling hand misses: every target is at least 24 px, links in text apart."""
    reader = open_reader(viewport={"width": 390, "height": 800}, has_touch=True)
    for path in (LIST, FINDER, FORM):
        page = reader.open(path)
        small = page.evaluate(
            """() => [...document.querySelectorAll(
                ".checklist :is(button, select, summary, textarea, input, label:has(input))")]
            .filter((one) => !one.closest("[hidden]") && !(one.matches("input")
                && one.closest("label")))
            .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
            .filter(([, box]) => Math.min(box.width, box.height) < 24)
            .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""
        )
        assert small == []
    reader.context.close()


def test_progress_is_announced_politely(reader):
    """A reader of screens who is told nothing, or everything again."""
    page = reader.open(LIST)
    assert page.locator("[data-part=said]").get_attribute("role") == "status"
    page.evaluate(
        """() => {
            window.told = 0;
            const watch = new MutationObserver((changes) => { window.told += changes.length; });
            document.querySelectorAll("[role=status]").forEach((place) =>
                watch.observe(place, {childList: true, characterData: true, subtree: true}));
        }"""
    )
    tick(page, "connected")
    told = page.evaluate("window.told")
    assert 1 <= told <= 2
    page.get_by_role("button", name="Add a note").first.click()
    page.keyboard.type("abc")
    assert page.evaluate("window.told") == told


def test_forced_colours_keep_the_edges(open_reader):
    """A field or a chosen box that vanishes in a reader's own colours."""
    reader = open_reader(forced_colors="active")
    page = reader.open(FORM)
    for selector in ("textarea", ".checklist-main"):
        style = "one => getComputedStyle(one).borderTopStyle + getComputedStyle(one).borderTopWidth"
        found = page.locator(f".checklist {selector}").first.evaluate(style)
        assert found.startswith("solid") and found != "solid0px"
    reader.context.close()
