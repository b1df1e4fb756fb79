"""Write `data/datapackage.json`: what every file under `data` is, a Frictionless data package.

What people know stands in `datapackage.yml` beside this script; size, hash, rows and columns are
read from the files. `--check` writes nothing and fails when the package is out of date, and a file
that `datapackage.yml` does not know is an error either way.
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import hashlib
import io
import json
import re
import sys
from pathlib import Path

import yaml
from python_calamine import CalamineWorkbook

from handbook import paths, schema
from handbook.errors import HandbookError

FACTS = Path(__file__).with_name("datapackage.yml")
NAME = "datapackage.json"

PRIVATE = {"register-internal.csv"}
"""Kept beside `register.csv` by some, ignored by git, and never described."""

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yml": "application/yaml",
}

KNOWN_FIELDS = {
    field.name: field
    for table in (
        schema.CHANNEL_DAY, schema.POST, schema.POST_SNAPSHOT, schema.COUNT_SERIES,
    )
    for field in table.fields
}  # fmt: skip

TEXT_COLUMNS = {
    "Post title", "Post link", "Post type", "Campaign name", "Posted by", "Audience",
    "Content Type", "Location", "Job function", "Seniority", "Industry", "Company size",
}  # fmt: skip
"""Columns of LinkedIn's sheets that hold text; days have `date` in their name, the rest count."""


def make_package(folder: Path) -> dict:
    """Return the descriptor of all files below `folder`.

    Raises
    ------
    HandbookError
        A file that `datapackage.yml` says nothing of, or an entry that fits no file.
    """
    facts = yaml.safe_load(FACTS.read_text(encoding="utf-8"))
    unused = [entry["match"] for entry in facts["files"]]
    resources = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name in {NAME, *PRIVATE} or path.name.startswith("."):
            continue
        entry = next((e for e in facts["files"] if fnmatch.fnmatchcase(name, e["match"])), None)
        if entry is None:
            raise HandbookError(
                f"data/{name}: no entry of scripts/datapackage.yml fits this file. "
                "Say there what it is, its licence and whether it is made up."
            )
        if entry["match"] in unused:
            unused.remove(entry["match"])
        resources.append(describe(path, name, entry, facts["licences"]))
    if unused:
        raise HandbookError(
            f"scripts/datapackage.yml: no file fits {', '.join(unused)}. Remove these entries."
        )
    return {"profile": "data-package", **facts["package"], "resources": resources}


def describe(path: Path, name: str, entry: dict, licences: dict) -> dict:
    """Return the descriptor of one file."""
    content = path.read_bytes()
    resource = {
        "name": re.sub(r"[^a-z0-9._/]+", "-", name.lower()),
        "path": name,
        "profile": "tabular-data-resource" if is_ours(path, entry) else "data-resource",
        "title": entry["title"],
        "description": entry["description"],
        "made_up": entry["made_up"],
        "format": path.suffix[1:],
        "mediatype": MEDIA_TYPES[path.suffix],
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "licenses": [licences[entry["licence"]]],
    }
    if "sources" in entry:
        resource["sources"] = entry["sources"]
    if path.suffix == ".xlsx":
        return resource | {"sheets": describe_sheets(path)}
    if "native" in entry:
        return resource | describe_native(content, entry["native"])
    resource["encoding"] = "utf-8"
    if path.suffix == ".csv":
        return resource | describe_table(content.decode(), name, entry)
    if "fields" in entry:
        resource["fields"] = entry["fields"]
    return resource


def is_ours(path: Path, entry: dict) -> bool:
    """Return whether a file is a CSV of our own, which other tools read as a table."""
    return path.suffix == ".csv" and "native" not in entry


def describe_native(content: bytes, facts: dict) -> dict:
    """Return what a platform's own CSV holds: encoding, row of the header, rows and fields."""
    encoding = "utf-16" if content.startswith(b"\xff\xfe") else "utf-8"
    text = content.decode("utf-16" if encoding == "utf-16" else "utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    at = next(i for i, row in enumerate(rows) if len(row) > 1 and row[0] != "sep=")
    forms = {"date": facts.get("dates", {}), "datetime": facts.get("times", {})}
    fields = []
    for title, *cells in zip(*rows[at:], strict=True):
        kind = next((kind for kind, form in forms.items() if title in form), None)
        if title in facts.get("texts", []) or set(cells) == {"Lifetime"}:
            fields.append({"name": title, "type": "string"})
        elif kind:
            fields.append({"name": title, "type": kind, "format": forms[kind][title]})
        elif unit := facts.get("units", {}).get(title):
            fields.append({"name": title, "type": "number", "unit": unit})
        else:
            fields.append({"name": title, "type": "integer", "unit": "count"})
    table = {"header_row": at + 1, "rows": len(rows) - at - 1, "fields": fields}
    return {"encoding": encoding, "table": table}


def describe_table(text: str, name: str, entry: dict) -> dict:
    """Return what a CSV file holds: its dialect, its rows and its fields."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#")]
    header, *rows = csv.reader(lines)
    known = {field["name"]: field for field in entry.get("fields", [])}
    if "table" in entry:
        known = {field.name: describe_field(field) for field in KNOWN_FIELDS.values()}
    if strange := [column for column in header if column not in known]:
        raise HandbookError(
            f"data/{name}: nothing is known of the column {', '.join(strange)}. "
            "Correct the file, or add the field to its entry in scripts/datapackage.yml."
        )
    return {
        "dialect": {"header": True, "delimiter": ",", "commentChar": "#"},
        "rows": len(rows),
        "schema": {
            "fields": [known[column] for column in header],
            "primaryKey": entry["key"],
            "missingValues": [""],
        },
    }


def describe_field(field: schema.Field) -> dict:
    """Return a canonical field as Table Schema says it; no unit where there is none."""
    described = {"name": field.name, "type": field.type, "description": field.description}
    return described | ({"unit": field.unit} if field.unit else {})


def describe_sheets(path: Path) -> list[dict]:
    """Return the sheets of a LinkedIn workbook: the row of the header, rows and fields."""
    book, sheets = CalamineWorkbook.from_path(path), []
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python()
        at = 0 if rows[0][1] else 1
        fields = [describe_column(title) for title in rows[at]]
        sheets.append(
            {"name": name, "header_row": at + 1, "rows": len(rows) - at - 1, "fields": fields}
        )
    return sheets


def describe_column(title: str) -> dict:
    """Return a column of LinkedIn's: its type and its unit."""
    if "date" in title.casefold():
        return {"name": title, "type": "date", "format": "%m/%d/%Y"}
    if title in TEXT_COLUMNS:
        return {"name": title, "type": "string"}
    if "rate" in title.casefold():
        return {"name": title, "type": "number", "unit": "fraction"}
    return {"name": title, "type": "integer", "unit": "count"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--folder", type=Path, default=paths.DATA, help="the folder described")
    options = parser.parse_args(arguments)
    try:
        package = make_package(options.folder)
    except HandbookError as error:
        print(error, file=sys.stderr)
        return 1
    target = options.folder / NAME
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    if options.check:
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            print("data/datapackage.json is out of date.", file=sys.stderr)
            print("Run `python scripts/make_datapackage.py`.", file=sys.stderr)
            return 1
        return 0
    target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(package['resources'])} files described in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
