"""Take the README's picture: a page of the built book, as a browser shows it.

    python scripts/make_screenshot.py

Build the book first (`handbook book`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from threading import Thread

from handbook import paths
from handbook.errors import HandbookError

LIMIT = 200_000
"""Bytes: the README should open at once."""


def take_picture(html: Path, page: str, out: Path) -> None:
    """Write a picture of a page, 1280 × 800 pixels in light colours.

    Parameters
    ----------
    html
        The folder of the built book.
    page
        The page's address within it.
    out
        The PNG to write.

    Raises
    ------
    HandbookError
        When the page is not there, no browser is found, or the picture is too heavy.
    """
    from playwright.sync_api import sync_playwright

    from handbook.book.serve import make_server
    from handbook.chromium import ARGUMENTS, find_chromium

    if not (html / page).is_file():
        raise HandbookError(f"{html / page} is not there. Build the book first: handbook book")
    with make_server(html) as server, sync_playwright() as playwright:
        Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        view = browser.new_page(
            viewport={"width": 1280, "height": 800},
            color_scheme="light",
            reduced_motion="reduce",
        )
        view.goto(f"http://127.0.0.1:{server.server_port}/{page}", wait_until="networkidle")
        picture = view.screenshot(animations="disabled")
        browser.close()
        server.shutdown()
    if len(picture) > LIMIT:
        raise HandbookError(
            f"the picture of {page} has {len(picture)} bytes, more than {LIMIT}: choose another "
            "page with --page"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(picture)


def main() -> int:
    """Read the options, take the picture; 2 when the user has something to mend."""
    parser = argparse.ArgumentParser(description="Take the README's picture of the built book.")
    parser.add_argument("--html", type=Path, default=paths.BUILD / "html", help="the built book")
    parser.add_argument("--page", default="book/index.html", help="which page (default: home)")
    parser.add_argument("--out", type=Path, default=paths.ROOT / "docs" / "handbook.png")
    options = parser.parse_args()
    try:
        take_picture(options.html, options.page, options.out)
    except HandbookError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(f"Wrote {options.out} ({options.out.stat().st_size} bytes).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
