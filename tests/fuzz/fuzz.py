"""Damage samples of every layout at random, and see that importing survives each of them.

    make fuzz             (or: .venv/bin/python tests/fuzz/fuzz.py --minutes 5 --seed 1)

A worker process reads one damaged file after another, as `handbook import` would: archives are
taken apart, every reader is asked, and what is read goes into a store. Its memory is limited to
1 GB and each file to a number of seconds, so that what eats memory or hangs is found, too.
A file that breaks the law is kept in `_build/fuzz/`, with what happened.

Then whole files of just under 50 MB are imported, one of each layout, each by a process of its own
whose memory is measured (`--large NAME` for some of them only, `--large none` for none).
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import multiprocessing
import random
import resource
import shutil
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

MOST_MEMORY = 1_000_000_000
MOST_SECONDS = 60
MOST_BYTES = 50_000_000
LARGE = 49_000_000
KEPT = ROOT / "_build" / "fuzz"

SCRAPS = [
    *(b'"', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe"),
    *(b"\xef\xbb\xbf", b"-", b"--", b"nan", b"NAN", b"undefined", b"9" * 30, b"1e400", b"-1"),
    *(b"1.22158E+17", b"3.4", b"3.\xd0\xb0\xd0\xbf\xd1\x80", b"2026-13-45", b"T25:61:61Z", b"{}"),
    *(b"[]", b"null", b"<", b"&#0;", b"]]>", b"\xc2\xad", b"\xe2\x80\x8b", b"=1+1", b"sep=;\n"),
    *(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b", b'""', b"'", b"\\u0000"),
]


def damage(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Return bytes changed in one to six places."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.randrange(len(changed) + 1) for _ in range(2))
        kind = chance.randrange(9)
        if kind == 0:
            changed[at : at + chance.choice((0, 1, 4))] = chance.choice(SCRAPS)
        elif kind == 1:
            del changed[at : at + chance.randint(1, 200)]
        elif kind == 2 and changed:
            changed[at % len(changed)] ^= 1 << chance.randrange(8)
        elif kind == 3:
            changed[at:at] = changed[at : min(to, at + 2_000)] * chance.choice((1, 2, 20))
        elif kind == 4:
            del changed[at:]
        elif kind == 5:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            changed[at:at] = other[start : start + chance.randint(1, 2_000)]
        elif kind == 6:
            lines = changed.split(b"\n")
            chance.shuffle(lines)
            changed = bytearray(b"\n".join(lines))
        elif kind == 7:
            codec = chance.choice(("utf-16", "utf-16-be", "cp1252", "cp1251", "utf-8-sig"))
            changed = bytearray(bytes(changed).decode("utf-8", "replace").encode(codec, "replace"))
        else:
            old = chance.choice(SCRAPS)
            changed = changed.replace(old, chance.choice(SCRAPS), chance.choice((1, 5)))
        if len(changed) > 5_000_000:
            del changed[5_000_000:]
    return bytes(changed) or b" "


def wrap(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """Return a file, sometimes in an archive, with a name."""
    kind = chance.randrange(8)
    name = chance.choice(("export.csv", "a/b/Audience.csv", "../out.csv", "outbox.json", "x" * 300))
    out = io.BytesIO()
    if kind == 0:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
            archive.writestr("channels.csv", "pattern,channel_id\n*,x:keksila\n")
        return "export.zip", out.getvalue()
    if kind == 1:
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        return "export.tar.gz", out.getvalue()
    return chance.choice(("export.csv", "export.xls", "export.xlsx", "export.json")), data


def bombs() -> dict[str, bytes]:
    """Return files that are small and want to be large, or to be written elsewhere."""
    made: dict[str, bytes] = {}
    zeros = b"0" * 10_000_000

    def zipped(name: str, *entries: tuple[str, bytes]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, data in entries:
                archive.writestr(entry, data)
        made[name] = out.getvalue()
        return out.getvalue()

    flat = zipped("flat.zip", *((f"{i}.csv", zeros) for i in range(150)))
    zipped("nested.zip", *((f"{i}.zip", flat) for i in range(20)))
    zipped("climbing.zip", ("../../climbed.csv", b"a,b\n1,2\n"), ("/climbed.csv", b"a,b\n"))
    zipped("many.zip", *((f"{i}.csv", b"x") for i in range(20_000)))
    cells = b'<row><c r="XFD1048576"><v>1</v></c></row>' * 50
    sheet = b"<worksheet><sheetData>" + cells + b"</sheetData></worksheet>"
    zipped(
        "wide.xlsx",
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b'<workbook><sheets><sheet name="a" sheetId="1"/></sheets></workbook>'),
        ("xl/worksheets/sheet1.xml", sheet),
    )
    zipped("deep.xlsx", ("[Content_Types].xml", zeros * 20), ("xl/workbook.xml", zeros * 20))
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(12))
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{entities}]>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row>'
        "<Cell><Data>&e12;</Data></Cell></Row></Table></Worksheet></Workbook>"
    )
    made["entities.xls"] = xml.encode()
    outside = xml.replace('"ha"', 'SYSTEM "file:///etc/passwd"').replace("&e12;", "&e0;")
    made["outside.xls"] = outside.encode()
    made["gzip.tar.gz"] = gzip.compress(b"\x00" * 300_000_000)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, kind, target in (
            ("link", tarfile.SYMTYPE, "/etc/passwd"),
            ("hard", tarfile.LNKTYPE, "../../etc/passwd"),
            ("device", tarfile.CHRTYPE, ""),
            ("../climbed.csv", tarfile.REGTYPE, ""),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, target
            archive.addfile(entry)
    made["links.tar.gz"] = out.getvalue()
    made["short-cells.csv"] = b"Date,Views\n" + b"12,34,56,78,90,12,34,56\n" * 2_000_000
    made["commas.csv"] = b"Date,Views\n" + b"," * 45_000_000
    made["one-quote.csv"] = b'Date,Views\n"' + b"a\n" * 20_000_000
    made["long-line.csv"] = b"a" * 45_000_000
    made["deep.json"] = b"[" * 20_000_000
    made["many.json"] = b'{"orderedItems":[' + b"{}," * 10_000_000 + b"{}]}"
    return made


def work(tasks: multiprocessing.Queue, results: multiprocessing.Queue, memory: int) -> None:
    """Import files one after another, each into the same store; say what memory was needed."""
    import handbook.importers  # noqa: F401  so that the limit is on what files take

    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    while (task := tasks.get()) is not None:
        try:
            outcome, said = take(*task)
        except BaseException as error:
            outcome, said = type(error).__name__, "".join(traceback.format_exception(error))
        results.put((outcome, said, peak()))


def peak() -> int:
    """Return the bytes that this process has needed at most; not its parent's, as `getrusage`."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["VmHWM"].split()[0]) * 1024


def take(path: str, platform: str | None) -> tuple[str, str]:
    """Import one file as the command does; return what became of it, and the law it broke."""
    from handbook.importers import Options, read_source
    from handbook.importers.archives import find_files
    from handbook.importers.source import SourceFile
    from handbook.store import import_files

    outcomes = []

    def read(file):
        opened: SourceFile = file.open()
        readings = read_source(opened)
        for reading in readings:
            if reading.rows_read != reading.rows_kept + reading.dropped + len(reading.rejected):
                raise AssertionError("rows do not add up")
            if reading.rows_kept < 0:
                raise AssertionError("fewer than no rows kept")
        return readings

    store = Path(path).parent / "fuzz.duckdb"
    found = find_files([Path(path)], options=Options(platform=platform))
    for report in import_files(store, found, read=read):
        outcomes.append(report.outcome)
        if report.outcome == "refused" and not report.reason:
            raise AssertionError("refused without a word")
    return "+".join(sorted(set(outcomes))) or "nothing", ""


class Worker:
    """A process that imports files, started again when one of them ends it."""

    def __init__(self, memory: int = MOST_MEMORY, seconds: int = MOST_SECONDS) -> None:
        self.memory, self.seconds, self.peak = memory, seconds, 0
        self.start()

    def start(self) -> None:
        """Start the process."""
        context = multiprocessing.get_context("spawn")
        self.tasks, self.results = context.Queue(), context.Queue()
        arguments = self.tasks, self.results, self.memory
        self.process = context.Process(target=work, args=arguments, daemon=True)
        self.process.start()

    def take(self, path: Path, platform: str | None = "facebook") -> tuple[str, str]:
        """Return what became of a file: an outcome, and what went wrong."""
        self.tasks.put((str(path), platform))
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            try:
                outcome, said, self.peak = self.results.get(timeout=0.5)
                return outcome, said
            except multiprocessing.queues.Empty:
                if not self.process.is_alive():
                    code = self.process.exitcode
                    self.start()
                    return "died", f"the process ended with code {code}"
        self.process.kill()
        self.process.join()
        self.start()
        return "hung", f"not done after {self.seconds} s"

    def stop(self) -> None:
        """End the process."""
        self.tasks.put(None)
        self.process.join(10)


def samples(folder: Path) -> dict[str, bytes]:
    """Return a sample of every layout, and its bytes."""
    from importers.samples.registry import WRITERS

    return {name: write(folder / f"{name}.dat").read_bytes() for name, write in WRITERS.items()}


class Round(date):
    """A day of a calendar that begins anew after 60 years, for the days of very many posts."""

    def __add__(self, other: timedelta) -> date:
        return date.fromordinal(self.toordinal() + other.days % 22_000)


def write_large(name: str, path: Path) -> None:
    """Write a file of one layout of just under 50 MB, or a workbook that fills the memory."""
    from importers.samples.large import WRITERS as WHOLE
    from importers.samples.registry import WRITERS

    if name in WHOLE:
        WHOLE[name](path)
        return
    write, start = WRITERS[name], Round(2026, 1, 1)
    few, more = (write(path, n=n, start=start).stat().st_size for n in (200, 1_200))
    n = int((LARGE - few) * 1_000 / (more - few))
    while (size := write(path, n=n, start=start).stat().st_size) > MOST_BYTES:
        n = int(n * LARGE / size)


def hold_memory(folder: Path, names: list[str]) -> int:
    """Import a large file of each layout; return how many needed more memory than is allowed."""
    from importers.samples.large import WRITERS as WHOLE
    from importers.samples.registry import PLATFORM, WRITERS

    broken = 0
    written = [name for name in WRITERS if not name.startswith("linkedin")]  # too slow to write
    for name in names or [*written, *WHOLE]:
        folder.mkdir()
        path = folder / f"{name}.dat"
        writing = multiprocessing.get_context("spawn").Process(
            target=write_large, args=(name, path)
        )
        writing.start()
        writing.join()
        (path,) = folder.iterdir()  # some are named as the platform would
        worker = Worker(memory=3 * MOST_MEMORY, seconds=600)
        begun = time.monotonic()
        outcome, said = worker.take(path, PLATFORM.get(name))
        worker.stop()
        wrong = said.strip().splitlines()[-1][:200] if said else ""
        if worker.peak > MOST_MEMORY:
            wrong = f"more than {MOST_MEMORY / 1e6:.0f} MB"
        print(
            f"{name:28}{path.stat().st_size / 1e6:4.0f} MB  {outcome:10}"
            f"{worker.peak / 1e6:6.0f} MB of memory, {time.monotonic() - begun:4.0f} s  {wrong}",
            flush=True,
        )
        broken += bool(wrong)
        shutil.rmtree(folder)
    return broken


def main() -> int:
    """Fuzz for a while; return 1 if any file broke the law."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--large", action="append", default=[], metavar="NAME")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    counted: Counter[str] = Counter()
    broken = 0
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="handbook-fuzz-") as name:
        folder = Path(name)
        originals = samples(folder)
        worker = Worker()

        def attempt(file: str, data: bytes, label: str) -> None:
            nonlocal broken
            path = folder / "now" / file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            outcome, said = worker.take(path)
            path.unlink()
            counted[outcome] += 1
            if said:
                broken += 1
                kept = KEPT / f"{options.seed}-{broken:03}-{label}-{file[-40:]}"
                kept.write_bytes(data)
                kept.with_name(kept.name + ".txt").write_text(f"{outcome}\n{said}\n")
                print(f"{label}: {outcome}: {said.strip().splitlines()[-1][:200]}")

        for file, data in bombs().items() if options.minutes else ():
            attempt(file, data, "bomb")
        end = time.monotonic() + options.minutes * 60
        while time.monotonic() < end:
            label = chance.choice(list(originals))
            data = damage(originals[label], chance, list(originals.values()))
            attempt(*wrap(data, chance), label)
        worker.stop()
        outside = [path for path in (folder, folder.parent) if (path / "climbed.csv").exists()]
        broken += len(outside)
        if options.large != ["none"]:
            broken += hold_memory(folder / "large", options.large)
    total = sum(counted.values())
    print(f"seed {options.seed}: {total:,} files, {json.dumps(counted)}; {broken} broke the law")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
