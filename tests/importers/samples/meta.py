"""Exports of Meta with numbers of our own: Business Suite, and classic Facebook Insights."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from importers.samples import START

HANDLE = "KeksilaUniversity"
PAGE_ID = "100000000000123"
ACCOUNT = "keksila.university"
ACCOUNT_ID = "17840000000000123"
PACIFIC = ZoneInfo("America/Los_Angeles")
ERROR = "An error occurred while computing metadata for this post."
TEXTS = (
    'Doors are "open", welcome!\n\nAsk @someone or someone@example.org, or call +358 40 123 4567.',
    "Kesäyliopisto alkaa, ilmoittaudu nyt",
    "Välkommen; vi ses",
)

Rows = list[list[str]]

_HEAD = [
    "Post ID",
    "Page ID",
    "Page name",
    "Title",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Caption type",
    "Permalink",
    "Is crosspost",
    "Is share",
    "Post type",
    "Languages",
    "Custom labels",
    "Funded content status",
    "Data comment",
    "Date",
]
_TAIL = ["Seconds viewed", "Average Seconds viewed", "Negative feedback from users: Hide all"]
FACEBOOK = {
    2024: [
        *_HEAD,
        "Impressions",
        "IMPRESSION:UNIQUE_USERS",
        "Reactions, Comments and Shares",
        "Reactions",
        "Comments",
        "Shares",
        "Total clicks",
        "Link Clicks",
        *_TAIL,
    ],
    2025: [
        *_HEAD,
        "Views",
        "Reach",
        "Reactions, Comments and Shares",
        "Reactions",
        "Comments",
        "Shares",
        "Total clicks",
        "Link Clicks",
        *_TAIL,
    ],
    2026: [
        *_HEAD,
        "Views",
        "Reach",
        "Reactions, comments and shares",
        "Reactions",
        "Comments",
        "Shares",
        "Total clicks",
        "Link clicks",
        *_TAIL,
    ],
}
INSTAGRAM = [
    "Post ID",
    "Account ID",
    "Account username",
    "Account name",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Permalink",
    "Post type",
    "Data comment",
    "Date",
    "Views",
    "Reach",
    "Likes",
    "Shares",
    "Comments",
    "Saves",
    "Follows",
]
PAGE = ["Page ID", "Page name", "Data comment", "Date", "Views", "Unique user engagements"]

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def moment(i: int, start: date = START) -> datetime:
    """Return when the `i`th post was published (UTC): one each day."""
    return datetime.combine(start + timedelta(days=i), time(18, 5 + i % 50), UTC)


def pacific(at: datetime) -> str:
    """Return a time as Meta writes it."""
    return f"{at.astimezone(PACIFIC):%m/%d/%Y %H:%M}"


def shortcode(at: datetime, number: int = 0) -> str:
    """Return the letters of an Instagram post that was made at `at`."""
    rest = (int(at.timestamp() * 1000) - 1_314_220_021_721 << 23) + number
    letters = ""
    for _ in range(11):
        rest, digit = divmod(rest, 64)
        letters = _BASE64[digit] + letters
    return letters


def post_id(at: datetime, number: int = 0) -> str:
    """Return a Facebook post's id."""
    return str(900_000_000_000_000 + int(at.timestamp()) * 100 + number % 100)


def facebook(
    n: int = 5, start: date = START, base: int = 100, year: int = 2026, page: str = PAGE_ID
) -> Rows:
    """Return Facebook content, newest first, with the headers of a year.

    Every third post is a reel: its title and description say the same.
    """
    rows = []
    for i in range(n):
        at = moment(i, start)
        reel = i % 3 == 2
        text = TEXTS[i % len(TEXTS)]
        kind = "Reels" if reel else "Photo" if year == 2024 else "Photos"
        address = f"https://www.facebook.example/{HANDLE}/posts/{post_id(at, i)}"
        head = [post_id(at, i), page, "Keksilä University", text, text if reel else ""]
        head += ["61" if reel else "0", pacific(at), "N/A"]
        head += [f"https://www.facebook.example/reel/{i + 7}/" if reel else address, "0", "0", kind]
        numbers = [base + i, base // 2 + i, 9 + i, 5 + i, 3, 1, 7, "" if i % 2 else 2]
        seconds = ["202.708", "10.668"] if reel else ["", ""]
        rows.append([*head, "", "", "", "", "Lifetime", *map(str, numbers), *seconds, "0"])
    return [list(FACEBOOK[year]), *reversed(rows)]


def instagram(n: int = 5, start: date = START, base: int = 80, account: str = ACCOUNT) -> Rows:
    """Return Instagram content, newest first."""
    rows = []
    for i in range(n):
        at = moment(i, start)
        kind, way = (("IG image", "p"), ("IG reel", "reel"), ("IG carousel", "p"))[i % 3]
        head = [str(18_000_000_000_000_000 + int(at.timestamp()) * 1000 + i), ACCOUNT_ID, account]
        head += ["Keksilä University", TEXTS[i % len(TEXTS)], "30" if way == "reel" else "0"]
        head += [pacific(at), f"https://www.instagram.example/{way}/{shortcode(at, i)}/", kind, ""]
        numbers = [base + i, base // 2 + i, 6 + i, 2, 1, 3, "" if i % 2 else 1]
        rows.append([*head, "Lifetime", *map(str, numbers)])
    return [list(INSTAGRAM), *reversed(rows)]


def stamp(day: date) -> str:
    """Return a day as files by day label it: with an hour in the winter of the United States."""
    summer = datetime.combine(day, time(12), PACIFIC).dst()
    return f"{day}T0{0 if summer else 1}:00:00"


def by_day(title: str = "Facebook reach", n: int = 5, start: date = START, base: int = 40) -> Rows:
    """Return a metric by day."""
    days = [start + timedelta(days=i) for i in range(n)]
    values = [[stamp(day), str(base + i)] for i, day in enumerate(days)]
    return [["sep=,"], [title], ["Date", "Primary"], *values, []]


def stacked(n: int = 5, start: date = START, base: int = 40) -> Rows:
    """Return Facebook's and Instagram's reach in one file."""
    first = by_day("Facebook reach", n, start, base)
    return [*first, *by_day("Instagram reach", n, start, base * 2)[1:]]


def audience() -> Rows:
    """Return shares of the audience."""
    return [
        ["sep=,"],
        ["Age & gender"],
        ["", "Women", "Men"],
        ["18-24", "30.6", "20.5"],
        ["25-34", "26.2", "13.3"],
        ["65+", "6", "3.4"],
        [],
        ["Top countries"],
        ["Finland", "Sweden"],
        ["85.1", "3.4"],
        [],
    ]


def page_report(n: int = 5, start: date = START, base: int = 60) -> Rows:
    """Return a report of a Page by day."""
    days = [start + timedelta(days=i) for i in range(n)]
    return [
        list(PAGE),
        *(
            [PAGE_ID, "Keksilä University", "", f"{day:%m/%d/%Y}", str(base + i), str(5 + i)]
            for i, day in enumerate(days)
        ),
    ]


_STORIES = "Lifetime Post Stories by action type"
CLASSIC_POSTS = {
    "Post ID": "",
    "Permalink": "",
    "Post Message": "",
    "Type": "",
    "Countries": "",
    "Languages": "",
    "Posted": "",
    "Audience Targeting": "",
    "Lifetime Post Total Reach": "Lifetime: people whom the post reached. (Unique Users)",
    "Lifetime Post Total Impressions": "Lifetime: times that it was shown. (Total Count)",
    "Lifetime Engaged Users": "Lifetime: people who clicked in it. (Unique Users)",
    f"{_STORIES} - like": "Lifetime: stories that it led to, by kind. (Total Count)",
    f"{_STORIES} - comment": "",
    f"{_STORIES} - share": "",
    "Lifetime Post Consumptions": "Lifetime: clicks in it. (Total Count)",
    "Lifetime Average time video viewed": "Lifetime: average time. (Total Count)",
    "Lifetime Video length": "Lifetime: length. (Total Count)",
}
"""Headers, and the descriptions under them."""


def classic_posts(n: int = 5, start: date = START, base: int = 200) -> Rows:
    """Return classic Facebook Insights by post, with twice-named columns; zeros are left out."""
    twice = "Lifetime Organic Video Views"
    header = [*CLASSIC_POSTS, twice, twice]
    described = [*CLASSIC_POSTS.values(), "Plays. (Total Count)", "Plays. (Unique Users)"]
    rows = []
    for i in range(n):
        at = moment(i, start)
        local = at.astimezone(PACIFIC)
        identity = f"{PAGE_ID}_{post_id(at, i)}"
        address = f"https://www.facebook.example/{HANDLE}/posts/{post_id(at, i)}"
        kind = ("Photo", "Link", "Video")[i % 3]
        head = [identity, address, TEXTS[i % len(TEXTS)], kind, "", ""]
        head += [f"{local:%m/%d/%Y %I:%M:%S %p}", " "]
        numbers = [base + i, base * 3 + i, 8, 4 + i, "" if i % 2 else 2, "", 12]
        video = [29932, 51217, 90 + i, 60 + i] if kind == "Video" else [0, 0, 0, 0]
        rows.append([*head, *map(str, numbers), *map(str, video)])
    return [header, described, *reversed(rows)]


def classic_days(n: int = 5, start: date = START, base: int = 500) -> Rows:
    """Return classic Facebook Insights by day, with page views twice: counted, and of people."""
    columns = {
        "Date": "",
        "Lifetime Total Likes": "Lifetime: people who like the Page. (Unique Users)",
        "Daily New Likes": "Daily: new people. (Unique Users)",
        "Daily Unlikes": "Daily: people who left. (Unique Users)",
        "Daily Page Engaged Users": "Daily: people who clicked. (Unique Users)",
        "Daily Total Reach": "Daily: people reached. (Unique Users)",
        "Daily Total Impressions": "Daily: times shown. (Total Count)",
        "Daily Page consumptions": "Daily: clicks. (Total Count)",
        "Lifetime Likes by City - Åbo, Finland": "Lifetime: cities. (Unique Users)",
        "Lifetime Likes by City - Espoo, Finland": "",
    }
    header = [*columns, "Daily Logged-in Page Views", "Daily Logged-in Page Views"]
    described = [*columns.values(), "Views. (Total Count)", "Views. (Unique Users)"]
    rows = []
    for i in range(n):
        day = start + timedelta(days=i)
        numbers = [base + i, 3, 0, 11 + i, base * 2 + i, base * 4 + i, 14, 20 + i, "", 30 + i, 9]
        rows.append([f"{day.month}/{day.day}/{day.year}", *map(str, numbers)])
    return [header, described, *rows]


def encode(
    rows: Sequence[Sequence[str]],
    *,
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
    newline: str = "\n",
    quote_all: bool = False,
) -> bytes:
    """Return rows as the bytes of a CSV file; a line `sep=,` stays bare."""
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    for row in rows:
        if row == ["sep=,"]:
            text.write(f"sep={delimiter}{newline}")
        else:
            writer.writerow(row)
    return text.getvalue().encode(encoding)


def utf16(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as Meta's files by day have them."""
    return "\ufeff".encode("utf-16-le") + encode(rows, encoding="utf-16-le", quote_all=True)


def xml_workbook(sheets: dict[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return a spreadsheet in XML, which Facebook named .xls."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">',
    ]
    for name, rows in sheets.items():
        lines.append(f'<Worksheet ss:Name="{escape(name)}"><Table>')
        for row in rows:
            cells = "".join(
                f'<Cell><Data ss:Type="{_xml_type(cell)}">{escape(str(cell))}</Data></Cell>'
                for cell in row
            )
            lines.append(f"<Row>{cells}</Row>")
        lines.append("</Table></Worksheet>")
    return "\n".join([*lines, "</Workbook>"]).encode()


def _xml_type(cell: Any) -> str:
    return "Number" if isinstance(cell, int | float) else "String"


def sheets_of(rows: Rows) -> dict[str, list[list[Any]]]:
    """Return classic posts as a workbook has them: the stories on a sheet of their own."""
    header = rows[0]
    stories = [i for i, name in enumerate(header) if name.startswith(_STORIES)]
    head = list(range(8))
    rest = [i for i in range(len(header)) if i not in (*head, *stories)]
    main = [[_number(row[i]) for i in (*head, *rest)] for row in rows]
    other = [[_number(row[i]) for i in (*head, *stories)] for row in rows]
    other[0] = [*header[:8], *(header[i].split(" - ")[1] for i in stories)]
    return {"Key Metrics": main, "Lifetime Post Stories by act...": other}


def _number(cell: str) -> Any:
    return int(cell) if cell.isdigit() and len(cell) < 12 else cell


def write_workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """Write sheets as .xlsx."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": datetime(2000, 1, 1)})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    sheet.write(number, column, cell)
    book.close()
    return path


def write_facebook(path: Path, n: int = 5, start: date = START, base: int = 100) -> Path:
    """Write Facebook content with the headers of 2026."""
    path.write_bytes(encode(facebook(n, start, base)))
    return path


def write_facebook_2025(path: Path, n: int = 5, start: date = START, base: int = 100) -> Path:
    """Write Facebook content with the headers of 2025."""
    path.write_bytes(encode(facebook(n, start, base, 2025)))
    return path


def write_facebook_2024(path: Path, n: int = 5, start: date = START, base: int = 100) -> Path:
    """Write Facebook content with the headers of 2023 and 2024."""
    path.write_bytes(encode(facebook(n, start, base, 2024), newline="\r\n"))
    return path


def write_instagram(path: Path, n: int = 5, start: date = START, base: int = 80) -> Path:
    """Write Instagram content."""
    path.write_bytes(encode(instagram(n, start, base)))
    return path


def write_days(path: Path, n: int = 5, start: date = START, base: int = 40) -> Path:
    """Write Facebook's reach by day."""
    path.write_bytes(utf16(by_day("Facebook reach", n, start, base)))
    return path


def write_page_report(path: Path, n: int = 5, start: date = START, base: int = 60) -> Path:
    """Write a report of a Page."""
    path.write_bytes(encode(page_report(n, start, base)))
    return path


def write_classic_posts(path: Path, n: int = 5, start: date = START, base: int = 200) -> Path:
    """Write classic Facebook Insights by post."""
    path.write_bytes(encode(classic_posts(n, start, base)))
    return path


def write_classic_days(path: Path, n: int = 5, start: date = START, base: int = 500) -> Path:
    """Write classic Facebook Insights by day, in the code page that they came in."""
    path.write_bytes(encode(classic_days(n, start, base), encoding="cp1252", newline="\r\n"))
    return path


def write_classic_xml(path: Path, n: int = 5, start: date = START, base: int = 200) -> Path:
    """Write classic Facebook Insights by post as the XML that was named .xls."""
    path.write_bytes(xml_workbook(sheets_of(classic_posts(n, start, base))))
    return path


WRITERS = {
    "facebook-content": write_facebook,
    "facebook-content-2025": write_facebook_2025,
    "facebook-content-2024": write_facebook_2024,
    "instagram-content": write_instagram,
    "meta-days": write_days,
    "facebook-page": write_page_report,
    "facebook-classic-posts": write_classic_posts,
    "facebook-classic-days": write_classic_days,
    "facebook-classic-posts-xml": write_classic_xml,
}
"""A writer of each layout: file, number of rows, first day, and what the numbers begin at."""
