"""Printed reviews: what stands in them, on how many pages, and what stops them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader
from small_stores import START, day_rows, make_store, post_rows

from handbook import paths
from handbook.book import reviews
from handbook.cli import handbook
from handbook.errors import HandbookError

ONE = "linkedin:our-page"
INTERNAL = "Internal: figures of real channels. Do not publish."
HOSTILE = "<script>alert(1)</script>"


def run(*arguments) -> str:
    """Run `handbook review` and return what it said."""
    done = CliRunner().invoke(handbook, ["review", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def no_chromium(monkeypatch):
    """A machine without a browser."""

    def find():
        raise HandbookError("no Chromium was found")

    monkeypatch.setattr("handbook.chromium.find_chromium", find)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    """The command sets `$HANDBOOK_STORE`: it must not outlive the test."""
    monkeypatch.setenv("HANDBOOK_STORE", "")


@pytest.fixture
def small(tmp_path) -> Path:
    """A store of one real channel: ninety days from 5 January 2026 on."""
    folder = tmp_path / "store"
    folder.mkdir()
    days = day_rows(ONE, 90, impressions=3, followers_total=100)
    posts = post_rows(ONE, list(range(0, 60, 3)), reactions=1, comments=0, shares=0, views=9)
    for row in posts:
        row["permalink"] = f"https://example.org/{HOSTILE}"
        row["post_type"] = "text"
    return make_store(folder, days, posts)


def pages_of(pdf: Path) -> list[str]:
    """Return the text of each page of a PDF, with its spaces made single."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(pdf).pages]


def check_html(text: str) -> None:
    """Check that a review asks nobody for anything and says that it is not to be published."""
    assert "default-src 'none'" in text
    assert not re.search(r"<(script|link|iframe)\b", text)
    assert not re.search(r'\bsrc="(?!data:)', text)
    assert "url(" not in text
    assert not re.search(r"\b(nan|NaN|NaT|None|&lt;NA&gt;)\b", re.sub('base64,[^"]+', "", text))


@pytest.mark.browser
def test_a_month_is_one_page_and_a_year_two(demo_store, tmp_path):
    """A review that runs over its pages, or a page that hides that its data are made up."""
    run("--store", demo_store, "--month", "2026-10", "--out", tmp_path)
    (page,) = pages_of(tmp_path / "month-2026-10.pdf")
    assert "October 2026 in review" in page
    assert "Made-up data: Keksilä University does not exist." in page
    assert page.count("instagram.example") == 5
    run("--store", demo_store, "--channel", "linkedin:keksila-university", "--out", tmp_path)
    pages = pages_of(tmp_path / "year-linkedin-keksila-university.pdf")
    assert len(pages) == 2
    assert all("Made-up data: Keksilä University does not exist." in page for page in pages)
    assert "37,000 members by 31 Dec 2026" in pages[0]
    assert "handbook register review" in pages[1]
    assert PdfReader(tmp_path / "month-2026-10.pdf").pages[0].mediabox.height == pytest.approx(
        842, abs=1
    )


@pytest.mark.browser
def test_many_channels_with_long_names_keep_to_one_page(tmp_path):
    """A second page that nobody prints, with a table's last row and no word of where it is from."""
    names = [f"mastodon:{'a-rather-long-name-' * 4}{number}" for number in range(40)]
    measures = {"followers_total": 9, "impressions": 123456789, "views": 99999999}
    days = [row for name in names for row in day_rows(name, 60, **measures)]
    run("--store", make_store(tmp_path, days), "--month", "2026-02", "--out", tmp_path)
    (page,) = pages_of(tmp_path / "month-2026-02.pdf")
    assert f"{40 - reviews.CHANNELS} channels with fewer posts left out" in page
    assert INTERNAL in page


@pytest.mark.browser
def test_all_prints_each_open_channel(small, tmp_path):
    """A channel of the store that the one command for all leaves out."""
    out = tmp_path / "out"
    said = run("--store", small, "--all", "--out", out)
    assert INTERNAL in said
    assert (out / "year-linkedin-our-page.pdf").exists()
    assert all(INTERNAL in page for page in pages_of(out / "year-linkedin-our-page.pdf"))


def test_without_a_browser_the_html_is_written(small, tmp_path, no_chromium):
    """A machine without Chromium that loses the whole review, or says that it printed."""
    out = tmp_path / "out"
    done = CliRunner().invoke(
        handbook, ["review", "--store", str(small), "--month", "2026-02", "--out", str(out)]
    )
    assert done.exit_code == 1
    assert "Not printed, HTML alone: no Chromium was found" in done.output
    assert [path.name for path in out.iterdir()] == ["month-2026-02.html"]
    text = (out / "month-2026-02.html").read_text(encoding="utf-8")
    assert INTERNAL in text
    check_html(text)


def test_texts_are_escaped(small, monkeypatch):
    """A post's address or a channel's name that runs in the reader's browser."""
    monkeypatch.setenv("HANDBOOK_STORE", str(small))
    held = reviews.load()
    held.channels["label"] = HOSTILE
    month = reviews.review_month(reviews.find_month("2026-02", held), held).to_html()
    year = reviews.review_year(ONE, held).to_html()
    for text in (month, year):
        assert HOSTILE not in text
        assert "&lt;script&gt;" in text
        check_html(text)


def test_a_link_is_only_an_address_of_the_web():
    """A post's “address” that runs when it is clicked."""
    assert reviews._link("javascript:alert(1)") == "javascript:alert(1)"
    assert 'href="https://example.org/a"' in reviews._link("https://example.org/a")
    assert reviews._link(None) == "–"


@pytest.mark.parametrize(
    ("month", "said"),
    [
        ("2026-13", "expected a month such as 2026-10, found '2026-13'"),
        ("October", "expected a month such as 2026-10"),
        ("2026-04", "April 2026 has not ended in these data, whose last day is 4 Apr 2026. "
                    "The last full month is 2026-03."),
        ("2031-01", "has not ended in these data"),
        ("2025-11", "no day and no post in these data, which go from 5 Jan 2026 to 4 Apr 2026"),
    ],
)  # fmt: skip
def test_a_month_that_cannot_be_reviewed(month, said, small, tmp_path):
    """A page of dashes for a month that is malformed, to come, or without data."""
    with pytest.raises(HandbookError, match=re.escape(said)):
        run("--store", small, "--month", month, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_stops_a_review(small, tmp_path):
    """An error that does not say what to do."""
    for arguments in ((), ("--month", "2026-02", "--all"), ("--channel", "x:a", "--all")):
        with pytest.raises(HandbookError, match="one of --month, --channel or --all"):
            run("--store", small, *arguments)
    with pytest.raises(HandbookError, match="Nearest: linkedin:our-page"):
        run("--store", small, "--channel", "linkedin:our-pag")
    with pytest.raises(HandbookError, match="no store at"):
        run("--store", tmp_path / "none.duckdb", "--all")
    (tmp_path / "empty").mkdir()
    with pytest.raises(HandbookError, match="nothing to review"):
        run("--store", make_store(tmp_path / "empty"), "--all")
    first = make_store(tmp_path, day_rows(ONE, 3, impressions=1))
    with pytest.raises(HandbookError, match="No month has ended in them yet"):
        run("--store", first, "--month", "2026-01")


def test_reviews_of_real_channels_stay_out_of_the_repository(small):
    """Real figures in a folder that is published."""
    for folder in (paths.BOOK, paths.BUILD / "html", paths.DATA, paths.ROOT):
        with pytest.raises(HandbookError, match="internal"):
            run("--store", small, "--all", "--out", folder / "reviews")
    reviews.check_folder(paths.WORK / "reviews", made_up=False)
    reviews.check_folder(paths.BUILD, made_up=True)


def test_the_text_shrinks_until_it_fits(monkeypatch, tmp_path):
    """A year of three pages, where two are promised."""
    printed = []

    def print_page(page, chromium):
        size = float(re.search(r"font-size: ([\d.]+)pt", page.read_text(encoding="utf-8"))[1])
        printed.append(size)
        return b"/Type /Page\n" * (3 if size > 8 else 2) + b"/Type /Pages"

    monkeypatch.setattr(reviews, "print_page", print_page)
    one = reviews.Review("year", "Year", ("<p>one</p>", "<p>two</p>"))
    assert reviews.write_pdf(one, tmp_path, "chromium") == (tmp_path / "year.pdf", 2)
    assert printed == [9.0, 8.5, 8.0]
    assert "font-size: 8pt" in (tmp_path / "year.html").read_text(encoding="utf-8")
    assert reviews.count_pages(b"/Type /Pages /Type /Page /Type/Page>>") == 2


def test_a_browser_that_prints_nothing_is_an_error(tmp_path):
    """A PDF of an earlier run that is taken for the new one."""
    page = tmp_path / "page.html"
    page.write_text("<p>page</p>", encoding="utf-8")
    with pytest.raises(HandbookError, match="did not print|printed nothing"):
        reviews.print_page(page, str(tmp_path / "no-program"))


def test_the_last_day_of_the_data_is_now():
    """A test store whose months the tests above misread."""
    assert START + timedelta(89) == date(2026, 4, 4)
