"""The data package: every file under `data` is described, and as it is."""

from __future__ import annotations

import csv
import hashlib
import importlib
import json
import re
from datetime import date, datetime

import openpyxl
import pytest

from handbook import paths
from handbook.errors import HandbookError

PACKAGE = json.loads((paths.DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {resource["path"]: resource for resource in PACKAGE["resources"]}
TABLES = [resource for resource in RESOURCES.values() if "schema" in resource]
NATIVE = [resource for resource in RESOURCES.values() if "table" in resource]
WORKBOOKS = [resource for resource in RESOURCES.values() if "sheets" in resource]

READERS = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


@pytest.fixture
def script(monkeypatch):
    """The script as a module."""
    monkeypatch.syspath_prepend(paths.ROOT / "scripts")
    return importlib.import_module("make_datapackage")


def by_path(resource):
    return resource["path"]


def test_package_is_up_to_date(script, capsys):
    """A file that was added, changed or removed without its description."""
    assert script.main(["--check"]) == 0, capsys.readouterr().err


def test_check_sees_a_changed_file(script, tmp_path, capsys):
    """A check that says yes to anything."""
    for resource in RESOURCES.values():
        target = tmp_path / resource["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((paths.DATA / resource["path"]).read_bytes())
    assert script.main(["--folder", str(tmp_path)]) == 0
    assert script.main(["--folder", str(tmp_path), "--check"]) == 0
    with (tmp_path / "demo" / "README.md").open("a") as readme:
        readme.write("More.\n")
    assert script.main(["--folder", str(tmp_path), "--check"]) == 1
    assert "make_datapackage.py" in capsys.readouterr().err


def test_unknown_file_and_unknown_column_are_refused(script, tmp_path):
    """A file of which nobody has said whether it is made up, or a column without a unit."""
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    with pytest.raises(HandbookError, match=r"data/notes\.csv: no entry"):
        script.make_package(tmp_path)
    with pytest.raises(HandbookError, match="column b"):
        entry = {"fields": [{"name": "a", "type": "integer"}], "key": ["a"]}
        script.describe_table("a,b\n1,2\n", "notes.csv", entry)


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=by_path)
def test_size_and_hash_are_those_of_the_file(resource):
    """A description of another version of the file."""
    content = (paths.DATA / resource["path"]).read_bytes()
    assert resource["bytes"] == len(content)
    assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=by_path)
def test_every_file_has_what_a_data_package_asks_for(resource):
    """A descriptor that other tools refuse, or that does not say whether the data are made up."""
    assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])
    assert not resource["path"].startswith(("/", "."))
    assert resource["title"] and resource["description"] and resource["mediatype"]
    assert resource["licenses"][0]["name"]
    assert resource["made_up"] is resource["path"].startswith("demo/")
    if resource["format"] in ("yml", "json"):
        assert resource["fields"]


def test_names_are_unique_and_nothing_private_is_described():
    """Two resources of one name, or the internal register of real channels."""
    names = [resource["name"] for resource in RESOURCES.values()]
    assert len(set(names)) == len(names)
    assert "register-internal.csv" not in RESOURCES


@pytest.mark.parametrize("resource", TABLES, ids=by_path)
def test_rows_are_as_the_schema_says(resource):
    """A cell of another type, a column that is not described, a row that stands twice."""
    text = (paths.DATA / resource["path"]).read_text(encoding="utf-8")
    lines = text.splitlines()
    comment = resource["dialect"]["commentChar"]
    header, *rows = csv.reader(line for line in lines if not line.startswith(comment))
    fields = resource["schema"]["fields"]
    assert header == [field["name"] for field in fields]
    assert len(rows) == resource["rows"]
    keys = set()
    for number, row in enumerate(rows, start=1):
        cells = dict(zip(header, row, strict=True))
        for field in fields:
            if cells[field["name"]] not in resource["schema"]["missingValues"]:
                try:
                    READERS[field["type"]](cells[field["name"]])
                except (ValueError, KeyError):
                    pytest.fail(f"row {number}: {field['name']} is {cells[field['name']]!r}")
        keys.add(tuple(cells[name] for name in resource["schema"]["primaryKey"]))
    assert len(keys) == len(rows)


@pytest.mark.parametrize("resource", TABLES, ids=by_path)
def test_every_number_has_a_unit(resource):
    """A column of numbers of which nobody knows what they count."""
    for field in resource["schema"]["fields"]:
        assert field["description"]
        if field["type"] in ("integer", "number"):
            assert field["unit"], field["name"]


@pytest.mark.parametrize("resource", NATIVE, ids=by_path)
def test_native_tables_are_as_described(resource):
    """A platform's own file with a column that is not described, or of another type."""
    encoding = {"utf-8": "utf-8-sig"}.get(resource["encoding"], resource["encoding"])
    with (paths.DATA / resource["path"]).open(encoding=encoding, newline="") as file:
        header, *rows = [row for row in csv.reader(file) if row][
            resource["table"]["header_row"] - 1 :
        ]
    fields = resource["table"]["fields"]
    assert header == [field["name"] for field in fields]
    assert len(rows) == resource["table"]["rows"] > 0
    for row in rows:
        for field, cell in zip(fields, row, strict=True):
            if "format" in field:
                assert cell.startswith("Total") or datetime.strptime(cell, field["format"])
            elif cell:
                READERS[field["type"]](cell)


@pytest.mark.parametrize("resource", WORKBOOKS, ids=by_path)
def test_sheets_are_as_described(resource):
    """A sheet or a column that is not described, or of another type."""
    types = {"string": str, "integer": int, "number": (int, float), "date": str}
    book = openpyxl.load_workbook(paths.DATA / resource["path"], read_only=True)
    assert book.sheetnames == [sheet["name"] for sheet in resource["sheets"]]
    for sheet in resource["sheets"]:
        rows = list(book[sheet["name"]].iter_rows(values_only=True))
        header, *rows = rows[sheet["header_row"] - 1 :]
        assert list(header) == [field["name"] for field in sheet["fields"]]
        assert len(rows) == sheet["rows"]
        for row in rows:
            for field, cell in zip(sheet["fields"], row, strict=True):
                assert cell is None or isinstance(cell, types[field["type"]]), field["name"]
