"""Measure what importing and drawing cost, as ratios in one run.

    make bench            (or: .venv/bin/python scripts/bench.py [--posts 1000000] [--files 1000])

Each ratio has a limit; the exit code is 1 when one is over it. Nothing of this is in the tests:
times depend on the machine, and a ratio of two times on a busy machine depends on its luck.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

MOST_TIMES_A_LOOP = 2.0
MOST_TIMES_DUCKDB = 5.0
MOST_TIMES_CLICK = 3.0
MOST_MEMORY_MB = 1_500
MOST_DRAWING_MS = 200
MOST_TIMES_LINEAR = 1.3
"""A row of a million may cost so many times what a row of a hundred thousand does."""

_CHANNELS = 10
_NAME_THEIR_CHANNEL = {
    "x-tweets",
    "x-content",
    "x-content-2025",
    "facebook-content",
    "facebook-content-2025",
    "facebook-content-2024",
    "facebook-page",
    "facebook-classic-posts",
    "facebook-classic-posts-xml",
    "instagram-content",
    "tiktok-posts",
    "tiktok-business-posts",
}


def main() -> int:
    """Measure, print a table, write it to `_build/bench.json`; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--only", choices=("help", "draw", "files", "posts"))
    options = parser.parse_args()
    rows: list[dict] = []
    with tempfile.TemporaryDirectory(prefix="handbook-bench-") as folder:
        if options.only in (None, "help"):
            rows += bench_help()
        if options.only in (None, "draw"):
            rows += bench_draw()
        if options.only in (None, "files"):
            rows += bench_files(Path(folder), options.files)
        if options.only in (None, "posts"):
            rows += bench_posts(Path(folder), options.posts)
    print(f"{'what':<52} {'ours':>9} {'theirs':>9} {'ratio':>7} {'limit':>7}")
    for row in rows:
        mark = "" if row["ratio"] <= row["limit"] else "  OVER"
        print(
            f"{row['what']:<52} {row['ours']:>9.2f} {row['theirs']:>9.2f} "
            f"{row['ratio']:>7.2f} {row['limit']:>7.2f}{mark}"
        )
    result = ROOT / "_build" / "bench.json"
    result.parent.mkdir(exist_ok=True)
    result.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return int(any(row["ratio"] > row["limit"] for row in rows))


def compare(what: str, ours: float, theirs: float, limit: float) -> dict:
    """Return a row of the table."""
    return {"what": what, "ours": ours, "theirs": theirs, "ratio": ours / theirs, "limit": limit}


def bench_help() -> list[dict]:
    """Compare `handbook --help` with importing the library that it is made with."""

    def fastest(*command: str) -> float:
        times = []
        for _ in range(7):
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
            times.append(time.perf_counter() - start)
        return min(times)

    ours = fastest(sys.executable, "-m", "handbook", "--help")
    theirs = fastest(sys.executable, "-c", "import click")
    return [compare("handbook --help / import click (s)", ours, theirs, MOST_TIMES_CLICK)]


def bench_draw() -> list[dict]:
    """Measure how long checklists take to be drawn by a slow device, beyond the bare page."""
    from playwright.sync_api import sync_playwright

    from handbook.book.build import build, is_current
    from handbook.chromium import ARGUMENTS, find_chromium

    html = ROOT / "_build" / "html"
    if not is_current(html):
        build()
    wrapped = (
        "performance.mark('begin');{code}\n"
        "requestAnimationFrame(() => setTimeout(() => performance.measure('drawn', 'begin')));"
    )
    drawn = "performance.getEntriesByName('drawn')[0]?.duration"
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        page = browser.new_page()
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})

        def draw(path: Path, *, bare: bool) -> float:
            def answer(route) -> None:
                name = route.request.url.partition("?")[0].rpartition("/")[2]
                code = "" if bare else (html / "_static" / name).read_text(encoding="utf-8")
                route.fulfill(body=wrapped.format(code=code), content_type="text/javascript")

            page.unroute_all()
            page.route("**/_static/checklist-*.js*", answer)
            if bare:
                text = path.read_text(encoding="utf-8")
                start, end = text.index('<div class="checklist"'), text.index("</script></div>")
                text = text[:start] + text[end + len("</script></div>") :]
                page.route(
                    path.as_uri(), lambda route: route.fulfill(body=text, content_type="text/html")
                )
            page.goto(path.as_uri())
            return page.wait_for_function(drawn).json_value()

        for id in ("before-you-post", "something-went-wrong", "start-a-community"):
            path = html / "book" / "checklists" / f"{id}.html"
            runs = [(draw(path, bare=False), draw(path, bare=True)) for _ in range(9)]
            ours, theirs = (statistics.median(times) for times in zip(*runs, strict=True))
            what = f"{id} drawn, beyond the bare page (ms)"
            rows.append(compare(what, ours - theirs, MOST_DRAWING_MS, 1.0))
        browser.close()
    return rows


def bench_files(folder: Path, n: int) -> list[dict]:
    """Compare one import of many ordinary files with a loop written by hand."""
    files = write_files(folder / "files", n)
    ours, _ = timed("import", str(folder / "files"), str(folder / "ours.duckdb"))
    theirs, _ = timed("loop", str(folder / "files"), str(folder / "theirs.duckdb"))
    return [compare(f"{len(files):,} ordinary files / loop (s)", ours, theirs, MOST_TIMES_A_LOOP)]


def bench_posts(folder: Path, n: int) -> list[dict]:
    """Compare a very large file with DuckDB's own reading of it, and with a tenth of it."""
    large, tenth = folder / "large.csv", folder / "tenth.csv"
    write_posts(large, n)
    write_posts(tenth, n // 10)
    small, _ = timed("import", str(tenth), str(folder / "tenth.duckdb"))
    ours, memory = timed("import", str(large), str(folder / "large.duckdb"))
    theirs = min(timed("duckdb", str(large), str(folder / f"{i}.duckdb"))[0] for i in range(3))
    return [
        compare(f"{n:,} posts / DuckDB's read_csv (s)", ours, theirs, MOST_TIMES_DUCKDB),
        compare("  peak memory / limit (MB)", memory, MOST_MEMORY_MB, 1.0),
        compare("  µs a post / of a tenth of them", ours, small * 10, MOST_TIMES_LINEAR),
    ]


def timed(what: str, *arguments: str) -> tuple[float, float]:
    """Run a step in a process of its own; return its seconds and its peak memory in MB."""
    done = subprocess.run(
        [sys.executable, __file__, "step", what, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def step(what: str, source: Path, store: Path) -> None:
    """Do one step and print what it took."""
    import duckdb

    from handbook.importers import read_source
    from handbook.importers.archives import find_files
    from handbook.store import import_files

    start = time.perf_counter()
    if what == "import":
        found = find_files([source], recursive=True)
        outcomes = [
            report.outcome
            for report in import_files(store, found, read=lambda file: read_source(file.open()))
        ]
        assert set(outcomes) == {"imported"}, set(outcomes)
    elif what == "loop":
        loop(sorted(source.iterdir()), store)
    else:
        with duckdb.connect(str(store)) as connection:
            connection.execute("CREATE TABLE t AS SELECT * FROM read_csv(?)", [str(source)])
    seconds = time.perf_counter() - start
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def loop(files: list[Path], store: Path) -> None:
    """Import as one would by hand: read as text, two upserts, a log row, one commit a file."""
    import duckdb
    import pandas as pd
    from python_calamine import CalamineWorkbook

    with duckdb.connect(str(store)) as connection:
        connection.execute(
            """CREATE TABLE day (file VARCHAR, key VARCHAR, value DOUBLE, PRIMARY KEY (file, key));
               CREATE TABLE post (file VARCHAR, key VARCHAR, cells VARCHAR[],
                                  PRIMARY KEY (file, key));
               CREATE TABLE log (file VARCHAR, sha256 VARCHAR, n BIGINT, stamp TIMESTAMP);"""
        )
        for path in files:
            data = path.read_bytes()
            if data.startswith(b"PK"):
                book = CalamineWorkbook.from_path(str(path))
                sheets = map(book.get_sheet_by_name, book.sheet_names)
                rows = [row for sheet in sheets for row in sheet.to_python()]
            else:
                codec = "utf-16" if data.startswith(b"\xff\xfe") else "utf-8-sig"
                rows = list(
                    csv.reader(data.decode(codec, errors="replace").splitlines(keepends=True))
                )
            keyed = {f"{i}": [str(cell) for cell in row] for i, row in enumerate(rows)}
            frame = pd.DataFrame(
                {"key": list(keyed), "value": map(len, keyed.values()), "cells": keyed.values()}
            )
            name = path.name
            connection.execute("BEGIN")
            connection.execute("INSERT OR REPLACE INTO day SELECT ?, key, value FROM frame", [name])
            connection.execute(
                "INSERT OR REPLACE INTO post SELECT ?, key, cells FROM frame", [name]
            )
            connection.execute(
                "INSERT INTO log VALUES (?, ?, ?, now())",
                [name, hashlib.sha256(data).hexdigest(), len(frame)],
            )
            connection.execute("COMMIT")


def write_files(folder: Path, n: int) -> list[Path]:
    """Write exports of mixed formats, 100 to 500 rows each, of channels of their own."""
    from importers.samples.registry import WRITERS

    folder.mkdir()
    chance = random.Random(1)
    left_out = ("mastodon", "bluesky", "ga4", "meta-days")
    layouts = [name for name in WRITERS if not name.startswith(left_out)]
    files, patterns = [], {}
    for i in range(n):
        turn, layout = divmod(i, len(layouts))
        layout = layouts[layout]
        name = f"{turn % _CHANNELS}-{layout}"
        platform = layout.split("-")[0]
        if platform != "plain":
            own = layout in _NAME_THEIR_CHANNEL
            patterns[f"*{name} *"] = f"{platform}:{'keksila' if own else 'channel-' + name}"
        part = turn if layout in ("facebook-page", "plain-days") else turn // _CHANNELS
        start = date(2011, 1, 1) + timedelta(days=520 * part)
        path = folder / f"{name} {i:04} 2036-01-01.csv"
        n_rows, base = chance.randint(100, 500), 100 + i
        files.append(WRITERS[layout](path, n=n_rows, start=start, base=base))
    rows = [",".join(pair) for pair in patterns.items()]
    (folder / "channels.csv").write_text("\n".join(["pattern,channel_id", *rows]) + "\n")
    return files


def write_posts(path: Path, n: int) -> None:
    """Write posts in X's layout by tweet."""
    from importers.samples import x

    header = x.tweets(1)[0]
    chance = random.Random(1)
    words = "research campus students lecture open day #science kurssi ilmoittautuminen välkommen"
    texts = []
    for i in range(2_000):
        text = " ".join(chance.choice(words.split()) for _ in range(chance.randint(5, 25)))
        if chance.random() < 0.5:
            text = text.replace(" ", "\n", 2)
        if chance.random() < 0.2:
            text = f"@somebody_{i} {text}"
        if chance.random() < 0.05:
            text += " &amp; call 040 123 4567"
        texts.append(f"{text} https://t.example/{i}" if chance.random() < 0.6 else text)
    first = datetime(2014, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        for i in range(n):
            at = first + timedelta(minutes=5 * i)
            identity = (int(at.timestamp() * 1000) - 1_288_834_974_657 << 22) + i % 4096
            shown = chance.randint(0, 20_000)
            counts = [chance.randint(0, shown // 50 + 1) for _ in range(6)]
            writer.writerow(
                [
                    identity,
                    f"https://x.example/keksila/status/{identity}",
                    f"{i} {chance.choice(texts)}",
                    f"{at:%Y-%m-%d %H:%M} +0000",
                    float(shown),
                    float(sum(counts)),
                    sum(counts) / shown if shown else 0.0,
                    *map(float, counts),
                    *(0, counts[0], 0, 0, 0, 0, 0, counts[1], counts[2]),
                    *["-"] * 18,
                ]
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["step"]:
        step(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        sys.exit(main())
