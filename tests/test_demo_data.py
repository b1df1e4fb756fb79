"""The made-up university: its files are what the script writes, and its store is what they say.

The files are read here with `csv` and openpyxl, which the importers do not use, and with tables
of headers of their own.
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import io
import json
import os
import re
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import openpyxl
import pytest

from handbook import organisation, paths, register

SCRIPTS = paths.ROOT / "scripts"
EXPORTS = paths.DEMO / "exports"
START, END = date(2024, 11, 1), date(2026, 10, 31)
FILES = sorted(path for path in paths.DEMO.rglob("*") if path.is_file())
NATIVE_FILES = sorted(EXPORTS.glob("made-up-*/**/*.csv"))


def read_rows(path):
    """Return the rows of a CSV file as dictionaries, without its notes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def read_text(path):
    """Return the text of a file; Meta's days are in UTF-16."""
    content = path.read_bytes()
    return content.decode("utf-16" if content.startswith(b"\xff\xfe") else "utf-8-sig")


def read_native(path):
    """Return the rows of a platform's own CSV file as lists, without empty ones."""
    return [row for row in csv.reader(io.StringIO(read_text(path), newline="")) if row]


def channel_of(path):
    """Return the channel that a platform's own file belongs to, by its folders."""
    folder, slug = path.relative_to(EXPORTS).parts[:2]
    return f"{folder.removeprefix('made-up-')}:{slug}"


def last_day_in(name):
    """Return the last ISO date in a name."""
    return date.fromisoformat(re.findall(r"\d{4}-\d\d-\d\d", name)[-1])


def read_american(text):
    """Return the date in LinkedIn's `MM/DD/YYYY`."""
    return datetime.strptime(text, "%m/%d/%Y").date()


@pytest.fixture(scope="module")
def workbooks():
    """Every workbook: (channel_id, kind, day of the export) to {sheet: rows} and its title."""
    found = {}
    for path in sorted(EXPORTS.glob("*.xlsx")):
        _, slug, kind, day = path.stem.split("_")
        book = openpyxl.load_workbook(path)
        sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
        key = (f"linkedin:{slug}", kind, date.fromisoformat(day))
        found[key] = sheets, book.properties.title
    return found


NATIVE = {
    "Views": "views",
    "Visningar": "views",
    "Video views": "views",
    "Impressions": "impressions",
    "Exponeringar": "impressions",
    "Reached audience": "reach",
    "Reach": "reach",
    "Facebook reach": "reach",
    "Instagram reach": "reach",
    "Engagements": "engagements",
    "Reactions": "reactions",
    "Likes": "reactions",
    "Gilla-markeringar": "reactions",
    "Replies": "comments",
    "Comments": "comments",
    "Comments added": "comments",
    "Tillagda kommentarer": "comments",
    "Reposts": "shares",
    "Delningar": "shares",
    "Bookmarks": "saves",
    "Saves": "saves",
    "Add to Favorites": "saves",
    "Total clicks": "clicks",
    "Link clicks": "link_clicks",
    "Link Clicks": "link_clicks",
    "Url clicks": "link_clicks",
    "URL Clicks": "link_clicks",
    "Facebook visits": "profile_visits",
    "Instagram profile visits": "profile_visits",
    "Profile visits": "profile_visits",
    "Profile views": "profile_visits",
    "Follows": "followers_gained",
    "New follows": "followers_gained",
    "New followers": "followers_gained",
    "Subscribers gained": "followers_gained",
    "Unfollows": "followers_lost",
    "Lost followers": "followers_lost",
    "Subscribers lost": "followers_lost",
    "Net growth": "followers_net",
    "Subscribers": "followers_net",
    "Followers": "followers_total",
    "Difference in followers from previous day": "followers_net",
    "Create Post": "posts_published",
    "Watch time (hours)": "watch_time_s",
    "Visningstid (timmar)": "watch_time_s",
    "Seconds viewed": "watch_time_s",
}
"""What the platforms call a measure; X's own "Shares" are another thing."""


def read_measures(header, row, platform):
    """Return the known measures of a row; hours as seconds."""
    found = {}
    for title, cell in zip(header, row, strict=True):
        name = NATIVE.get(title) or ("shares" if title == "Shares" and platform != "x" else None)
        if name and cell != "":
            hours = name == "watch_time_s" and title != "Seconds viewed"
            found[name] = round(float(cell) * 3600) if hours else int(cell)
    return found


def read_native_days(path):
    """Yield each day of a platform's own file and its measures; nothing from other files."""
    rows, platform = read_native(path), channel_of(path).partition(":")[0]
    if rows[0][0] == "sep=":
        (title,) = rows[1]
        assert rows[2] == ["Date", "Primary"]
        for day, value in rows[3:]:
            yield date.fromisoformat(day[:10]), read_measures([title], [value], platform)
    elif path.name == "Followers.csv":
        start = date.fromisoformat(path.parent.name.split("_")[1])
        for number, row in enumerate(rows[1:]):
            day = start + timedelta(days=number)
            assert row[0].startswith(f"{day.day}. ")
            yield day, read_measures(rows[0], row, platform)
    elif rows[0][0] in ("Date", "Datum") and path.name != "Chart data.csv":
        form = {"x": "%a, %b %d, %Y", "tiktok": "%Y/%m/%d"}.get(platform, "%Y-%m-%d")
        for row in rows[1:]:
            if not row[0].startswith("Total"):
                day = datetime.strptime(row[0], form).date()
                yield day, read_measures(rows[0], row, platform)
    elif rows[0][0] in ("Page ID", "Account ID"):
        at = rows[0].index("Date")
        for row in rows[1:]:
            yield read_american(row[at]), read_measures(rows[0], row, platform)


@pytest.fixture(scope="module")
def days():
    """Every day but LinkedIn's: channel_id to date to measures, missing ones left out."""
    found = defaultdict(lambda: defaultdict(dict))
    for path in NATIVE_FILES:
        for day, row in read_native_days(path):
            here = found[channel_of(path)][day]
            assert all(here.get(name, value) == value for name, value in row.items()), (path, day)
            here |= row
    for path in EXPORTS.glob("followers_*.csv"):
        for row in read_rows(path):
            day = date.fromisoformat(row.pop("date"))
            channel_id = row.pop("channel_id")
            found[channel_id][day] |= {k: int(v) for k, v in row.items() if v != ""}
    return found


@pytest.fixture(scope="module")
def all_days(days, workbooks):
    """`days` with LinkedIn's, where a newer export corrects an older one."""
    found = defaultdict(lambda: defaultdict(dict))
    for channel_id, by_day in days.items():
        for day, row in by_day.items():
            found[channel_id][day] |= row
    for (channel_id, kind, _), (sheets, _) in sorted(
        workbooks.items(), key=lambda item: item[0][2]
    ):
        sheet, skip, columns = DAY_SHEETS[kind]
        header, *rows = sheets[sheet][skip:]
        for row in rows:
            cells = dict(zip(header, row, strict=True))
            day = found[channel_id][read_american(cells["Date"])]
            day |= {name: cells[title] for title, name in columns.items()}
    return found


DAY_SHEETS = {
    "content": (
        "Metrics",
        1,
        {
            "Impressions (total)": "impressions",
            "Impressions (sponsored)": "impressions_paid",
            "Unique impressions (organic)": "reach",
            "Clicks (total)": "clicks",
            "Reactions (total)": "reactions",
            "Comments (total)": "comments",
            "Reposts (total)": "shares",
        },
    ),
    "followers": (
        "New followers",
        0,
        {
            "Total followers": "followers_gained",
            "Sponsored followers": "followers_gained_paid",
            "Organic followers": "followers_gained_organic",
        },
    ),
    "visitors": (
        "Visitor metrics",
        0,
        {
            "Total page views (total)": "page_views",
            "Total unique visitors (total)": "unique_visitors",
        },
    ),
}


PACIFIC = ZoneInfo("America/Los_Angeles")
LINKEDIN = {
    "Impressions": "impressions",
    "Views": "views",
    "Clicks": "clicks",
    "Likes": "reactions",
    "Comments": "comments",
    "Reposts": "shares",
}


def read_native_posts(path):
    """Yield id, day observed and measures of each post in a platform's own file."""
    channel_id, rows = channel_of(path), read_native(path)
    platform = channel_id.partition(":")[0]
    header = [title.casefold() for title in rows[0]]
    cell = {
        "x": ("post id", "date"),
        "facebook": ("post id", "publish time"),
        "instagram": ("post id", "publish time"),
        "youtube": (header[0], header[2] if len(header) > 2 else ""),
        "tiktok": ("video link", "post time"),
    }[platform]
    forms = {"youtube": "%b %d, %Y", "tiktok": "%Y/%m/%d %H:%M:%S"}
    if cell[0] not in header or header[0] in ("date", "datum") and platform != "x":
        return
    for row in rows[1:]:
        if row[0].startswith("Total"):
            continue
        found = dict(zip(header, row, strict=True))
        post_id, published = found[cell[0]].strip().rpartition("/")[2], found[cell[1]]
        if platform in ("facebook", "instagram"):
            local = datetime.strptime(published, "%m/%d/%Y %H:%M").replace(tzinfo=PACIFIC)
            published_on = local.astimezone(UTC).date()
        elif platform == "x":
            form = "%a, %b %d, %Y" if "," in published else "%a %b %d %Y"
            published_on = datetime.strptime(published, form).date()
        else:
            published_on = datetime.strptime(published, forms[platform]).date()
        observed = last_day_in(path.relative_to(EXPORTS).as_posix())
        measures = read_measures(rows[0], row, platform)
        yield post_id, observed, measures | {"published_on": published_on}


@pytest.fixture(scope="module")
def snapshots(workbooks):
    """Every post as observed: (channel_id, post_id) to {day observed: measures}."""
    found = defaultdict(dict)
    for path in NATIVE_FILES:
        for post_id, observed, row in read_native_posts(path):
            found[channel_of(path), post_id][observed] = row
    for (channel_id, kind, observed), (sheets, _) in workbooks.items():
        if kind == "content":
            header, *rows = sheets["All posts"][1:]
            for row in rows:
                cells = dict(zip(header, row, strict=True))
                post_id = cells["Post link"].rpartition(":")[2]
                found[channel_id, post_id][observed] = {
                    "published_on": activity_time(post_id).date(),
                    **{ours: n for title, ours in LINKEDIN.items() if (n := cells[title]) != ""},
                }
    return found


def activity_time(post_id):
    """Return the moment that a LinkedIn activity id carries."""
    return datetime.fromtimestamp((int(post_id) >> 22) / 1000, UTC)


@pytest.fixture(scope="module")
def register_rows():
    """The made-up register, by channel."""
    return {row["channel_id"]: row for row in read_rows(paths.DEMO / "register.csv")}


@pytest.fixture(scope="module")
def plans():
    """The made-up plans, by channel."""
    files = (paths.DEMO / "plans").glob("*.json")
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    return {plan["channel_id"]: plan for plan in loaded}


def post_days(snapshots, channel_id):
    """Return the days on which a channel's posts appeared, in order."""
    return sorted(
        next(iter(seen.values()))["published_on"]
        for (channel, _), seen in snapshots.items()
        if channel == channel_id
    )


def test_script_writes_the_same_bytes_again():
    """A file changed by hand, or chance that does not come from the seed (hash order)."""
    done = subprocess.run(
        [sys.executable, SCRIPTS / "make_demo.py", "--check"],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def make_demo(monkeypatch):
    """The script as a module."""
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module("make_demo")


def test_check_sees_a_changed_a_missing_and_a_stray_file(make_demo, tmp_path):
    """A check that says yes to anything."""
    files = {"a.csv": b"1", "b/c.csv": b"2"}
    make_demo.write_files(tmp_path, files)
    assert make_demo.find_differences(tmp_path, files) == []
    (tmp_path / "a.csv").write_bytes(b"3")
    (tmp_path / "b" / "c.csv").unlink()
    (tmp_path / "b" / "d.csv").write_bytes(b"4")
    assert make_demo.find_differences(tmp_path, files) == [
        "b/c.csv: missing",
        "b/d.csv: not written by this script",
        "a.csv: differs",
    ]
    make_demo.write_files(tmp_path, files)
    assert make_demo.find_differences(tmp_path, files) == []


def test_check_compares_the_parts_of_workbooks(make_demo, tmp_path):
    """A workbook with another number in it that passes because only its packing is looked at."""
    from demo.files import write_workbook

    one, other = (write_workbook({"Sheet": [["n"], [n]]}, START) for n in (1, 2))
    make_demo.write_files(tmp_path, {"a.xlsx": one})
    assert make_demo.find_differences(tmp_path, {"a.xlsx": one}) == []
    assert make_demo.find_differences(tmp_path, {"a.xlsx": other}) == ["a.xlsx: differs"]


def test_enough_channels_platforms_and_days(all_days):
    """A demo that shrank below what the notebooks show."""
    assert len(all_days) >= 12
    assert len({channel_id.partition(":")[0] for channel_id in all_days}) >= 5
    assert min(day for by_day in all_days.values() for day in by_day) == START
    assert max(day for by_day in all_days.values() for day in by_day) == END
    whole = [c for c, by_day in all_days.items() if {START, END} <= by_day.keys()]
    assert len(whole) >= 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_small_and_says_that_it_is_made_up(path):
    """Somebody opens one file alone and takes its numbers for real; or a repository that bloats."""
    assert path.stat().st_size < 1_000_000
    if path.suffix == ".xlsx":
        said = openpyxl.load_workbook(path, read_only=True).properties.title
    elif path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
        said = content.get("answers", content)["purpose"]
    elif path.suffix == ".md":
        said = path.read_text(encoding="utf-8")[:200]
    elif path in NATIVE_FILES:
        said = path.relative_to(EXPORTS).parts[0]
        assert f"`exports/{said}/" in (paths.DEMO / "README.md").read_text(encoding="utf-8")
    else:
        said = path.read_text(encoding="utf-8").splitlines()[0]
    assert "made up" in said.lower() or "made-up" in said.lower()


def test_all_files_together_are_small():
    """A repository that takes long to fetch."""
    assert sum(path.stat().st_size for path in FILES) < 4_000_000


def all_texts(workbooks):
    """Yield every text in the demo files, cell by cell in workbooks."""
    for path in FILES:
        if path.suffix != ".xlsx":
            yield read_text(path)
    for sheets, _ in workbooks.values():
        for rows in sheets.values():
            yield from (cell for row in rows for cell in row if isinstance(cell, str))


def test_links_and_addresses_lead_nowhere(workbooks):
    """A made-up post that links to a real host, or an address that somebody owns."""
    hosts = set()
    for text in all_texts(workbooks):
        hosts |= set(re.findall(r"https?://([^/\s\"')?]+)", text))
        hosts |= set(re.findall(r"[\w.+-]+@([\w.-]+\w)", text))
    assert hosts
    assert {host for host in hosts if not host.endswith(".example")} == set()


def test_nothing_is_aaltos(workbooks):
    """Demo data that borrow the real university's name."""
    assert not [text for text in all_texts(workbooks) if "aalto" in text.lower()]


def test_organisation_register_and_plans_are_valid(register_rows, plans):
    """Demo files that the handbook itself would refuse, or that do not belong together."""
    made_up = organisation.load(paths.DEMO / "organisation.yml")
    assert (made_up.status, made_up.name) == ("made-up", "Keksilä University")
    loaded = register.load(paths.DEMO / "register.csv")
    assert [entry.channel_id for entry in loaded] == list(register_rows)
    assert {plan.channel_id for plan in register.load_plans(paths.DEMO / "plans")} == set(plans)
    internal = register.load_internal(paths.DEMO / "register-internal.csv")
    assert {entry.channel_id for entry in internal} == set(register_rows)
    assert set(plans) < set(register_rows)
    for row in read_rows(paths.DEMO / "register-internal.csv"):
        assert bool(row["plan_file"]) == (row["channel_id"] in plans)
        assert not row["plan_file"] or (paths.DEMO / "plans" / row["plan_file"]).is_file()


def test_the_uproar_is_acknowledged(register_rows):
    """An incident of a channel that is on no register, or a watch that never shows one."""
    (incident,) = register.load_incidents(paths.DEMO / "incidents.csv")
    assert incident.channel_id in register_rows
    assert incident.start.date() == date(2026, 2, 10) < incident.end.date()


def test_demo_thresholds_equal_the_handbooks():
    """Demo pages that compare with other numbers than the real pages."""
    made_up = organisation.load(paths.DEMO / "organisation.yml")
    assert made_up.thresholds == organisation.load().thresholds


def test_register_has_every_status_and_a_channel_without_data(register_rows, all_days):
    """A status that no page has ever been seen with."""
    assert {row["status"] for row in register_rows.values()} == {
        "planned", "active", "paused", "closed",
    }  # fmt: skip
    assert set(all_days) < set(register_rows)
    assert "" in {row["confirmed_on"] for row in register_rows.values()}
    assert min(filter(None, (r["confirmed_on"] for r in register_rows.values()))) < "2025-10-31"


def test_one_name_lacks_the_universitys(register_rows):
    """The audit of names (NAM-02) has nothing to find, or finds everything."""
    names = organisation.load(paths.DEMO / "organisation.yml").names.values()
    stems = [name.text.split()[0][:6] for name in names]
    lacking = [c for c, r in register_rows.items() if not any(s in r["name"] for s in stems)]
    assert lacking == ["facebook:rakentamattomat-koneet"]


def test_plans_vary_as_they_do(register_rows, plans, all_days):
    """No channel without a plan, none below the minimum, none with pauses or an old plan."""
    assert [c for c in register_rows if c in all_days and c not in plans] == [
        "instagram:invention-lab"
    ]

    def months(plan):
        first, last = (date.fromisoformat(plan[k]) for k in ("plan_starts", "plan_ends"))
        return (last - first).days / 30.4

    lengths = {channel_id: months(plan) for channel_id, plan in plans.items()}
    assert [c for c, n in lengths.items() if n < 6] == ["youtube:keksila-forelasningar"]
    assert [c for c, n in lengths.items() if 6 <= n < 11.9] == ["instagram:opiskele-keksilassa"]
    assert any(plan["planned_pauses"] for plan in plans.values())
    assert plans["x:keksila-research"]["plan_ends"] < END.isoformat()


def test_planned_pauses_are_kept(plans, snapshots):
    """A pause in the plan that the made-up channel does not make."""
    library = "facebook:keksila-universitets-bibliotek"
    published = post_days(snapshots, library)
    for pause in plans[library]["planned_pauses"]:
        first, last = (date.fromisoformat(pause[k]) for k in ("start", "end"))
        assert not [day for day in published if first <= day <= last]


@pytest.mark.parametrize(
    ("channel_id", "least", "most"),
    [
        ("linkedin:keksilan-yliopiston-alumnit", 0.05, 0.4),
        ("linkedin:keksila-university", 0.7, 1.3),
        ("linkedin:keksila-school-of-engineering", 1.7, 4),
    ],
)
def test_channels_keep_exceed_or_break_their_promise(channel_id, least, most, plans, snapshots):
    """Posts against the plan: nobody falls short, or nobody posts more."""
    plan = plans[channel_id]
    first = date.fromisoformat(plan["plan_starts"])
    posts = [day for day in post_days(snapshots, channel_id) if day >= first]
    kept = len(posts) / ((END - first).days / 7) / plan["posts"]["number"]
    assert least < kept < most


def test_dormant_closed_paused_and_new_channels(snapshots, all_days):
    """Life cycles that the notebooks tell apart are not there."""
    dormant = post_days(snapshots, "x:keksila-research")
    assert END - dormant[-1] > timedelta(days=190)
    assert max(all_days["x:keksila-research"]) == END
    assert max(all_days["x:keksila-university"]) == date(2025, 12, 31)
    assert post_days(snapshots, "facebook:rakentamattomat-koneet")[-1] == date(2026, 9, 11)
    assert min(all_days["tiktok:keksilanyliopisto"]) == date(2025, 9, 1)


def test_one_channel_measures_no_followers_and_one_only_on_mondays(all_days):
    """Every audience is known every day, as never happens."""
    films = all_days["youtube:keksila-forelasningar"].values()
    assert not [row for row in films if any("followers" in name for name in row)]
    lab = all_days["instagram:invention-lab"]
    counted = {day for day, row in lab.items() if "followers_total" in row}
    assert {day.weekday() for day in counted} == {0} and len(counted) < len(lab) / 6


def test_days_and_cells_are_missing(days):
    """Data without a gap, on which nothing that handles gaps is tried."""

    def gaps(channel_id):
        there = sorted(days[channel_id])
        span = (there[-1] - there[0]).days + 1
        return span - len(there)

    assert gaps("facebook:keksilan-yliopisto") == 7
    assert gaps("instagram:keksilauniversity") == 5
    assert gaps("tiktok:keksilanyliopisto") == 0
    page = days["facebook:keksilan-yliopisto"]
    assert sum("reach" not in row for row in page.values()) == 7


def test_linkedin_corrects_counts_below_zero(all_days):
    """No negative count, which naive code takes for an error."""
    pages = [channel for channel in all_days if channel.startswith("linkedin:")]
    assert len(pages) == 3
    for channel in pages:
        assert min(row["reactions"] for row in all_days[channel].values()) < 0
        assert min(row["followers_gained"] for row in all_days[channel].values()) < 0


def test_linkedin_exports_overlap_and_cover_both_years(workbooks):
    """A gap between two downloads, or more than LinkedIn's twelve months in one."""
    for channel_id in {channel for channel, _, _ in workbooks}:
        for kind, (sheet, skip, _) in DAY_SHEETS.items():
            covered, exports = Counter(), 0
            for (channel, what, last), (sheets, _) in workbooks.items():
                if (channel, what) == (channel_id, kind):
                    dates = [read_american(row[0]) for row in sheets[sheet][skip + 1 :]]
                    assert dates[-1] == last and len(dates) <= 366
                    covered.update(dates)
                    exports += 1
            assert exports == 3 and max(covered.values()) == 2
            assert sorted(covered) == [START + timedelta(days=n) for n in range(730)]


def test_later_downloads_complete_the_last_two_days_and_nothing_else(workbooks):
    """Downloads that contradict each other as those of two channels would, or never differ."""
    for channel_id in {channel for channel, _, _ in workbooks}:
        rows = {
            last: {row[0]: row[1:] for row in sheets["Metrics"][2:]}
            for (channel, kind, last), (sheets, _) in workbooks.items()
            if (channel, kind) == (channel_id, "content")
        }
        older, newer = rows[date(2025, 10, 31)], rows[date(2026, 4, 30)]
        differing = {day for day in older.keys() & newer.keys() if older[day] != newer[day]}
        assert differing and differing <= {"10/30/2025", "10/31/2025"}


def test_totals_of_posts_drift_between_observations(snapshots):
    """Two snapshots of a post that never differ, so that taking the older one goes unseen."""
    twice = [sorted(seen.items()) for seen in snapshots.values() if len(seen) > 1]

    def shown(row):
        return row.get("impressions") or row.get("views") or 0

    grew = [shown(seen[-1][1]) - shown(seen[0][1]) for seen in twice]
    assert len(grew) > 500 and min(grew) >= 0 and sum(n > 0 for n in grew) > 50


def test_linkedin_ids_carry_the_time_of_their_post(workbooks):
    """Made-up ids from which an importer reads a nonsensical time."""
    gaps = set()
    for (_, kind, last), (sheets, _) in workbooks.items():
        if kind == "content":
            for row in sheets["All posts"][2:]:
                published = activity_time(row[1].rpartition(":")[2]).date()
                created = read_american(row[5])
                gaps.add((published - created).days)
                assert START <= created <= published <= last
    assert min(gaps) == 0 and 0 < max(gaps) <= 7


BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_ids_of_other_platforms_carry_the_time_of_their_post(snapshots):
    """Made-up ids that contradict the days of their posts."""
    times = {
        "x": lambda post_id: (int(post_id) >> 22) / 1000 + 1288834974.657,
        "tiktok": lambda post_id: int(post_id) >> 32,
    }
    for (channel_id, post_id), seen in snapshots.items():
        if read_time := times.get(channel_id.partition(":")[0]):
            made = datetime.fromtimestamp(read_time(post_id), UTC).date()
            assert {row["published_on"] for row in seen.values()} == {made}


def test_no_video_has_the_ids_of_the_made_up_ones(snapshots):
    """A made-up video whose id leads to somebody's: the importer makes an address of it."""
    ids = [post_id for channel_id, post_id in snapshots if channel_id.startswith("youtube:")]
    assert len(ids) > 100 and {len(post_id) for post_id in ids} == {11}
    assert all(BASE64.index(post_id[-1]) % 4 for post_id in ids)


def test_linkedin_rates_follow_from_the_counts(workbooks):
    """A rate column that does not say what LinkedIn's says: all engagements over impressions."""
    for (_, kind, _), (sheets, _) in workbooks.items():
        if kind == "content":
            header, *rows = sheets["Metrics"][1:]
            for row in rows:
                cells = dict(zip(header, row, strict=True))
                names = ("Clicks", "Reactions", "Comments", "Reposts")
                done = sum(cells[f"{name} (total)"] for name in names)
                shown = cells["Impressions (total)"]
                assert cells["Engagement rate (total)"] == pytest.approx(
                    done / shown if shown else 0
                )
                assert shown == cells["Impressions (organic)"] + cells["Impressions (sponsored)"]


def test_uproar_stands_out_in_days_and_hours(days):
    """An uproar that no alarm could see, or hours that contradict the days."""
    page = days["facebook:keksilan-yliopisto"]
    before = max(row["comments"] for day, row in page.items() if day < date(2026, 2, 10))
    assert min(page[date(2026, 2, day)]["comments"] for day in (10, 11, 12)) > 3 * before
    series = defaultdict(dict)
    for row in read_rows(EXPORTS / "counts_2026-03-16.csv"):
        assert row["step_s"] == "3600"
        series[row["series_id"]][datetime.fromisoformat(row["at_utc"])] = int(row["count"])
    by_day = Counter()
    for at, count in series["comments-keksilan-yliopisto"].items():
        by_day[at.date()] += count
    assert len(by_day) == 91
    assert {day: page[day]["comments"] for day in by_day} == dict(by_day)
    mentions = series["mentions-keksilan-yliopisto"]
    assert len(mentions) == 91 * 24 - 5
    calm = [n for at, n in mentions.items() if at.date() < date(2026, 1, 28)]
    assert max(n for at, n in mentions.items() if at.date() == date(2026, 2, 10)) > 3 * max(calm)


def test_year_has_its_seasons(snapshots):
    """A year without summer, Christmas and weekends."""
    months, weekdays, christmas = Counter(), Counter(), 0
    for (_, _), seen in snapshots.items():
        day = next(iter(seen.values()))["published_on"]
        months[day.month] += 1
        weekdays[day.weekday()] += 1
        christmas += (day.month, day.day) in {(12, 24), (12, 25), (12, 26)}
    assert months[7] < months[9] / 3
    assert weekdays[5] + weekdays[6] < weekdays[1] / 2
    assert christmas < 10


def test_engagement_is_overdispersed(snapshots):
    """Counts as tame as a Poisson's, on which every interval looks right."""
    reactions = [
        seen[END]["reactions"]
        for (channel, _), seen in snapshots.items()
        if channel == "instagram:keksilauniversity" and END in seen
    ]
    assert statistics.variance(reactions) > 10 * statistics.mean(reactions)


def test_platforms_days_hold_what_their_posts_got(days, snapshots):
    """Days and posts that were made up apart and contradict each other."""
    for channel in ("facebook:keksilan-yliopisto", "instagram:opiskele-keksilassa"):
        on_days = sum(row["reactions"] for row in days[channel].values())
        of_posts = sum(
            max(seen.items())[1]["reactions"]
            for (owner, _), seen in snapshots.items()
            if owner == channel
        )
        assert of_posts == pytest.approx(on_days, rel=0.03)


# The store --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def query(demo_store):
    """A function that returns the rows of a query of the demo store."""
    with duckdb.connect(str(demo_store), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def test_store_says_that_it_is_made_up(query):
    """Figures of made-up channels without a word about it."""
    assert query("SELECT value FROM meta WHERE key = 'made_up'") == [("true",)]


def test_days_in_the_store_equal_the_files(query, all_days):
    """A day, a measure or a correction that is lost between the files and the store."""
    measures = sorted({m for by_day in all_days.values() for row in by_day.values() for m in row})
    rows = query(f"SELECT channel_id, date, {', '.join(measures)} FROM channel_day")
    stored = {
        (channel_id, day): {k: v for k, v in zip(measures, values, strict=True) if v is not None}
        for channel_id, day, *values in rows
    }
    written = {(c, day): row for c, by_day in all_days.items() for day, row in by_day.items()}
    assert stored.keys() == written.keys()
    assert [key for key in written if stored[key] != written[key]] == []


def test_posts_in_the_store_equal_the_files(query, snapshots):
    """A post or a snapshot that is lost, or counted under another post."""
    names = ("impressions", "views", "reach", "reactions", "comments", "shares", "saves", "clicks",
             "link_clicks", "profile_visits", "watch_time_s")  # fmt: skip
    stored = {
        (channel_id, post_id, observed): values
        for channel_id, post_id, observed, *values in query(
            f"SELECT channel_id, post_id, observed_on, {', '.join(f'round({n})' for n in names)}"
            " FROM post_snapshot WHERE period = 'lifetime'"
        )
    }
    written = {
        (*key, observed): [row.get(name) for name in names]
        for key, seen in snapshots.items()
        for observed, row in seen.items()
    }
    assert all(any(row[i] for row in written.values()) for i in range(len(names)))
    assert stored == written
    assert query("SELECT count(*) FROM post") == [(len(snapshots),)]


def test_days_of_single_videos_in_the_store_equal_the_chart(query):
    """Views by day and video that are lost, or taken for totals."""
    (path,) = (path for path in NATIVE_FILES if path.name == "Chart data.csv")
    rows = read_native(path)[1:]
    written = {
        (row[1].strip(), date.fromisoformat(row[0]), int(row[-1]))
        for row in rows
        if date.fromisoformat(row[0]) >= datetime.strptime(row[3], "%b %d, %Y").date()
    }
    stored = query(
        "SELECT post_id, observed_on, views FROM post_snapshot WHERE period <> 'lifetime'"
    )
    assert set(stored) == written and len({row[0] for row in stored}) == 5


def test_posts_in_the_store_have_the_times_of_the_files(query):
    """Meta's US Pacific taken for UTC: every post ten hours early."""
    rows = query(
        "SELECT platform, hour(published_at) FROM post JOIN channel USING (channel_id)"
        " WHERE published_at IS NOT NULL"
    )
    hours = defaultdict(set)
    for platform, hour in rows:
        hours[platform].add(hour)
    assert set(hours) >= {"facebook", "instagram", "tiktok"}
    assert all(min(found) >= 5 and max(found) <= 18 for found in hours.values())


def test_hours_in_the_store_equal_the_file(query):
    """An hour that is lost or shifted by a time zone."""
    rows = read_rows(EXPORTS / "counts_2026-03-16.csv")
    written = {(r["series_id"], r["at_utc"], int(r["count"])) for r in rows}
    stored = query(
        "SELECT series_id, strftime(at_utc, '%Y-%m-%dT%H:%M:%SZ'), count FROM count_series"
    )
    assert set(stored) == written and len(stored) == len(rows)


def test_nobodys_name_reaches_the_store(query, workbooks):
    """The column of staff names, which LinkedIn's exports have, is kept after all."""
    sheets = workbooks["linkedin:keksila-university", "content", END][0]
    header, first = sheets["All posts"][1:3]
    editor = first[header.index("Posted by")]
    assert editor == "Made-up Editor"
    columns = query(
        "SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'VARCHAR'"
    )
    assert len(columns) > 10
    for table, column in columns:
        sql = f"""SELECT count(*) FROM "{table}" WHERE contains("{column}", '{editor}')"""
        assert query(sql) == [(0,)], (table, column)


def test_store_knows_whose_every_file_is(query):
    """A file whose channel was only guessed, so that every demo figure would carry a warning."""
    assert query("SELECT channel_id FROM channel WHERE assumed") == []
    logged = dict(query("SELECT sha256, channel_id FROM import_log"))
    assert len(NATIVE_FILES) > 60
    for path in NATIVE_FILES:
        assert logged[hashlib.sha256(path.read_bytes()).hexdigest()] == channel_of(path), path


def test_imports_warn_of_missing_days_and_of_nothing_else(query):
    """A made-up export that contradicts itself or its own ids, or a gap that nobody is told of."""
    gaps = Counter()
    for path in NATIVE_FILES:
        rows = read_native(path)
        if rows[0][0] == "sep=":
            told = [date.fromisoformat(row[0][:10]) for row in rows[3:]]
            if absent := (told[-1] - told[0]).days + 1 - len(told):
                gaps[channel_of(path), rows[1][0], absent] += 1
    said = Counter()
    for channel_id, warning in query(
        "SELECT channel_id, warnings FROM import_log WHERE warnings <> ''"
    ):
        title, absent = re.fullmatch(r"([\w ]+): (\d+) days? .*not in it.*", warning).groups()
        said[channel_id, title, int(absent)] += 1
    assert said == gaps and len(gaps) >= 6


def test_store_is_built_once(demo_store):
    """A store that every process builds again, or that changes its name without a reason."""
    from handbook import demo

    before = demo_store.stat().st_mtime_ns
    assert demo.demo_store() == demo_store
    assert demo_store.stat().st_mtime_ns == before
    assert not list(demo_store.parent.glob(f"{demo_store.name}.wal"))


def test_store_takes_another_name_when_an_export_changes(monkeypatch, tmp_path):
    """A store that keeps old numbers after its exports changed."""
    from handbook import demo

    (tmp_path / "days.csv").write_text("a")
    monkeypatch.setattr(demo.paths, "DEMO", tmp_path)
    before = demo._fingerprint()
    assert demo._fingerprint() == before
    (tmp_path / "days.csv").write_text("b")
    assert demo._fingerprint() != before


def test_refused_export_leaves_no_store(monkeypatch, tmp_path):
    """A demo store from which a damaged export is silently missing."""
    from handbook import demo
    from handbook.errors import HandbookError

    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "days.csv").write_text("channel_id,date,comments\nx:nobody,2026-13-01,1\n")
    (tmp_path / "register.csv").write_bytes((paths.DEMO / "register.csv").read_bytes())
    monkeypatch.setattr(demo, "EXPORTS", exports)
    monkeypatch.setattr(demo.paths, "DEMO", tmp_path)
    monkeypatch.setattr(demo.paths, "BUILD", tmp_path / "built")
    with pytest.raises(HandbookError, match=r"days\.csv, row 2, column 'date'"):
        demo.demo_store()
    assert not list((tmp_path / "built").glob("*.duckdb"))
