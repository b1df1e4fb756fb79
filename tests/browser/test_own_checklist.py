"""A form of one's own, which gives neither a plan nor a review, on a page of its own."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from handbook import paths
from handbook.checklists import html, script
from handbook.checklists.definition import make_payload
from handbook.checklists.validation import validate

pytestmark = pytest.mark.browser

SAMPLE = paths.ROOT / "tests" / "checklists" / "samples" / "own.yml"


@pytest.fixture
def page(browser, tmp_path):
    """The sample on a bare page, opened from its folder."""
    payload = make_payload(validate(SAMPLE))
    data = json.dumps(html.make_script_payload(payload)).replace("<", "\\u003c")
    (tmp_path / "own.html").write_text(
        f'<!doctype html><meta charset="utf-8"><style>{script.make_style()}</style>'
        f'<div class="checklist" data-id="own" data-kind="form">{html.render(payload, page=True)}'
        f'<script type="application/json">{data}</script></div>'
        f"<script>{script.classic(['form'])}</script>",
        encoding="utf-8",
    )
    page = browser.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto((tmp_path / "own.html").as_uri())
    yield page
    assert complaints == []
    page.close()


def test_a_form_without_a_result_gives_its_outcome(page):
    """A form that breaks where there is no plan to make, or that offers files of nothing."""
    page.locator('[data-item="decided"] input[value="no"]').check()
    expect(page.locator('[data-item="decided"]')).to_contain_text("Then think the questions")
    expect(page.locator('[data-item="how-many"]')).to_be_hidden()
    page.locator('[data-item="decided"] input[value="yes"]').check()
    page.locator('[data-item="how-many"] input').fill("12")
    page.get_by_role("button", name="Show what it comes to").click()
    answer = page.locator('[data-part="answer"]')
    expect(answer).to_contain_text("Something cannot be right.")
    expect(page.locator('[data-item="how-many"]')).to_contain_text("9 or less")
    page.locator('[data-item="how-many"] input').fill("3")
    page.locator('[data-item="starts"] input').fill("2027-01-01")
    page.locator('[data-item="ends"] input').fill("2027-06-29")
    expect(page.locator('[data-item="ends"]')).to_contain_text("Shorter than the minimum.")
    page.locator('[data-item="ends"] input').fill("2027-06-30")
    expect(page.locator('[data-item="ends"]')).not_to_contain_text("Shorter than the minimum.")
    expect(answer).to_contain_text("All is answered. This is not an approval.")
    expect(answer).to_contain_text("communications@aalto.fi")
    expect(answer.locator("[data-file]")).to_have_count(0)
