"""Write the made-up university's register, plans and exports into `data/demo`.

The same bytes at each run. `--check` writes nothing and fails when a file differs from what this
script would write, is missing, or should not be there.

A workbook is a zip archive, and two builds of zlib may pack the same content into different
bytes: workbooks are compared by the content of their parts.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from pathlib import Path

from demo.files import make_files

DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"
BY_HAND = {"README.md", "organisation.yml", "answers/start-a-community.json"}


def unpack(content: bytes) -> object:
    """Return what is compared: the bytes, or the parts of a workbook."""
    if not content.startswith(b"PK"):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {part.filename: archive.read(part) for part in archive.infolist()}
    except zipfile.BadZipFile:
        return content


def find_differences(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Return what is wrong with the files in `folder`, one line each."""
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    wrong = [f"{name}: missing" for name in sorted(files.keys() - there)]
    wrong += [
        f"{name}: not written by this script" for name in sorted(there - files.keys() - BY_HAND)
    ]
    wrong += [
        f"{name}: differs"
        for name in sorted(files.keys() & there)
        if unpack((folder / name).read_bytes()) != unpack(files[name])
    ]
    return wrong


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files whose content changed, and remove those that are no longer made."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or unpack(path.read_bytes()) != unpack(content):
            path.write_bytes(content)
    for path in list(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in files.keys() | BY_HAND:
            path.unlink()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--folder", type=Path, default=DEMO, help="where the files stand")
    options = parser.parse_args(arguments)
    files = make_files()
    if options.check:
        wrong = find_differences(options.folder, files)
        for line in wrong:
            print(line, file=sys.stderr)
        if wrong:
            print("Run `python scripts/make_demo.py`.", file=sys.stderr)
        return 1 if wrong else 0
    write_files(options.folder, files)
    size = sum(map(len, files.values()))
    print(f"{len(files)} files, {size / 1e6:.1f} MB in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
