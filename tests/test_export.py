"""The tables as files for other tools."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from datetime import date
from pathlib import Path

import duckdb
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_stores import day_rows, make_store, post_rows

from handbook.cli import main
from handbook.errors import HandbookError
from handbook.schema import CHANNEL_DAY, POST, TABLES
from handbook.store import export_store, open_store
from handbook.store.export import EXPORTED, guard

PAGE = "linkedin:example-page"
FORMULA = '=HYPERLINK("https://evil.example","Click")'
TEXTS = [
    FORMULA,
    "plain; @SUM(1)",
    'said "so"; =1+1',
    "two\n-lines",
    "2 < 3, naturally",
]


@pytest.fixture
def store(tmp_path) -> Path:
    """A store with texts that a spreadsheet would run."""
    days = day_rows(PAGE, 3, impressions=40, followers_gained=-2)
    days += [row | {"channel_id": "x:ours", "date": date(2025, 12, 31)} for row in days[:1]]
    posts = [
        row | {"post_id": f"712345678901234567{i}", "text": text, "published_at": when}
        for i, (row, text, when) in enumerate(
            zip(
                post_rows(PAGE, [0, 1, 2, 3, 4], impressions=7),
                TEXTS,
                ["2026-01-05T23:30:00Z", "", "", "", ""],
                strict=True,
            )
        )
    ]
    return make_store(tmp_path, days, posts)


@pytest.fixture
def exported(store, tmp_path) -> Path:
    """The store's tables in a folder."""
    return export_store(store, tmp_path / "out").folder


def table_of(store: Path, name: str) -> list[tuple]:
    """All rows of a table of the store."""
    with open_store(store) as connection:
        return connection.execute(f"FROM {name} ORDER BY ALL").fetchall()


def read_parquet(folder: Path, name: str, columns: tuple[str, ...]) -> list[tuple]:
    """Rows of a table as another tool reads them; instants as UTC without a zone."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        source = f"read_parquet('{folder}/parquet/{name}/**/*.parquet', hive_partitioning = true)"
        types = dict(
            connection.execute(
                f"SELECT column_name, column_type FROM (DESCRIBE FROM {source})"
            ).fetchall()
        )
        names = ", ".join(
            f'"{one}"::TIMESTAMP' if types[one] == "TIMESTAMP WITH TIME ZONE" else f'"{one}"'
            for one in columns
        )
        return connection.execute(f"SELECT {names} FROM {source} ORDER BY ALL").fetchall()


def read_csv(folder: Path, name: str) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with (folder / "csv" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", EXPORTED, ids=lambda table: table.name)
def test_parquet_has_what_the_store_has(store, exported, table):
    """A row lost in a partition, a value that changed, a time that moved by hours."""
    assert read_parquet(exported, table.name, table.columns) == table_of(store, table.name)


def test_parquet_is_partitioned_by_platform_and_year(exported):
    """Folders that other tools do not take for columns."""
    found = {
        path.parent.relative_to(exported / "parquet").as_posix()
        for path in exported.rglob("*.parquet")
    }
    assert "channel_day/platform=linkedin/year=2026" in found
    assert "channel_day/platform=x/year=2025" in found
    assert "post/platform=linkedin" in found
    with duckdb.connect() as connection:
        source = f"{exported}/parquet/channel_day/**/*.parquet"
        rows = connection.execute(
            f"""SELECT platform, year, count(*) FROM read_parquet('{source}', hive_partitioning
                = true) GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
    assert rows == [("linkedin", 2026, 3), ("x", 2025, 1)]


def test_times_are_instants(exported):
    """Times without a zone, which Spark and BigQuery take for local ones."""
    with duckdb.connect() as connection:
        source = f"{exported}/parquet/post/**/*.parquet"
        types = connection.execute(
            f"SELECT logical_type FROM parquet_schema('{source}') WHERE name = 'published_at'"
        ).fetchall()
    assert types and all("isAdjustedToUTC=1" in one for (one,) in types)


@pytest.mark.parametrize("table", EXPORTED, ids=lambda table: table.name)
def test_csv_has_every_row_and_column(store, exported, table):
    """A table or column forgotten, a missing value written as a word or a zero."""
    rows = read_csv(exported, table.name)
    stored = table_of(store, table.name)
    assert len(rows) == len(stored)
    if rows:
        assert tuple(rows[0]) == table.columns
        missing = sum(value is None for row in stored for value in row)
        assert sum(value == "" for row in rows for value in row.values()) == missing


def test_csv_writes_days_and_times_in_one_way(exported):
    """Times without a zone, floats for counts, a byte order mark missing for Excel."""
    post = read_csv(exported, "post")[0]
    assert post["published_at"] == "2026-01-05T23:30:00Z"
    assert post["published_date"] == "2026-01-05"
    assert read_csv(exported, "channel_day")[0]["followers_gained"] == "-2"
    assert (exported / "csv" / "post.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_begins_like_a_formula(exported, delimiter):
    """A formula that runs when the file is opened, also where cells end at semicolons."""
    for path in (exported / "csv").iterdir():
        text = path.read_text(encoding="utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]
        for cell in cells:
            if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
                assert not re.match(r"\s*[=+\-@]", cell), (path.name, cell)
    assert "'=HYPERLINK" in (exported / "csv" / "post.csv").read_text(encoding="utf-8-sig")


def test_ids_are_not_rounded_by_a_spreadsheet(exported):
    """Ids of 19 digits, of which a spreadsheet keeps 15."""
    assert read_csv(exported, "post")[0]["post_id"] == "'7123456789012345670"


@given(
    st.lists(st.text(st.sampled_from("=+-@＝;,\t\r\n\"' a1"), max_size=12), min_size=1, max_size=4),
    st.sampled_from(",;\t"),
)
def test_guarded_texts_are_harmless_whatever_separates_cells(texts, delimiter):
    """A text that gets past the guard: by quotes, spaces, line ends, another separator."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\r\n").writerow(["id", *map(guard, texts)])
    for row in csv.reader(io.StringIO(made.getvalue(), newline=""), delimiter=delimiter):
        for cell in row:
            assert not re.match(r"[\s\"]*[=+\-@＝]", cell)


@given(st.text(st.sampled_from("abc ,.:!?<>()0123456789ä"), max_size=14).filter(str.strip))
def test_ordinary_texts_are_left_alone(text):
    """A guard that puts marks into texts which nothing is wrong with."""
    assert guard(f"a{text}") == f"a{text}"


def test_the_descriptor_tells_of_every_file(exported):
    """A file that nobody describes, a column without words, a wrong hash."""
    package = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    told = set()
    for resource in package["resources"]:
        paths = [resource["path"]] if isinstance(resource["path"], str) else resource["path"]
        told |= set(paths)
        assert all(field["description"] for field in resource["schema"]["fields"])
        if resource["format"] == "csv":
            data = (exported / resource["path"]).read_bytes()
            assert resource["bytes"] == len(data)
            assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
            header = data.decode("utf-8-sig").split("\r\n")[0].split(",")
            assert header == [field["name"] for field in resource["schema"]["fields"]]
    files = {
        path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()
    }
    assert told == files - {"datapackage.json", "README.md"}
    assert {one["title"] for one in package["resources"]} == {table.name for table in EXPORTED}
    names = {"type": "object", "required": ["name", "path", "schema"]}
    jsonschema.validate(
        package,
        {
            "type": "object",
            "required": ["name", "resources"],
            "properties": {"resources": {"type": "array", "minItems": 1, "items": names}},
        },
    )


def test_what_was_forgotten_and_the_store_itself_stay_at_home():
    """An export that lists what somebody asked to have forgotten."""
    left = {table.name for table in TABLES} - {table.name for table in EXPORTED}
    assert left == {"forgotten", "meta"}


def test_an_earlier_export_is_replaced_as_a_whole(store, exported):
    """Files of an older export that stay among the new ones, and are counted twice."""
    stale = exported / "parquet" / "post" / "platform=x"
    stale.mkdir(parents=True)
    (stale / "part-0.parquet").write_bytes(b"old")
    export_store(store, exported)
    assert not stale.exists()
    assert [path.name for path in exported.parent.iterdir() if path.name.startswith(".out")] == []


def test_other_files_are_never_overwritten(store, exported, tmp_path):
    """A folder of somebody's work that an export replaces."""
    (exported / "my-notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(HandbookError, match=r"my-notes\.txt"):
        export_store(store, exported)
    other = tmp_path / "other"
    other.mkdir()
    (other / "csv").mkdir()
    with pytest.raises(HandbookError, match="something else"):
        export_store(store, other)
    with pytest.raises(HandbookError, match="is a file"):
        export_store(store, store)
    (tmp_path / "empty").mkdir()
    assert export_store(store, tmp_path / "empty").rows["post"] == 5


def test_without_texts(store, tmp_path):
    """Texts that leave the house although they were to stay."""
    folder = export_store(store, tmp_path / "out", texts=False).folder
    assert "text" not in read_csv(folder, "post")[0]
    for path in folder.rglob("*"):
        assert not path.is_file() or b"naturally" not in path.read_bytes()
    columns = tuple(name for name in POST.columns if name != "text")
    assert len(read_parquet(folder, "post", columns)) == 5


def test_an_empty_store(tmp_path):
    """A store in which nothing is yet, and tools that find no file to read."""
    folder = export_store(make_store(tmp_path), tmp_path / "out").folder
    for table in EXPORTED:
        assert read_parquet(folder, table.name, table.columns) == []


def test_made_up_data_says_so(demo_store, tmp_path, capsys):
    """Made-up figures in somebody's spreadsheet that pass for real ones."""
    with pytest.raises(SystemExit) as end:
        main(["export", str(tmp_path / "out"), "--store", str(demo_store)])
    assert not end.value.code
    assert "channel_day" in capsys.readouterr().out
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["made_up"] is True and "made-up" in package["title"]
    assert "Made-up data" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    names = [path.name for path in (tmp_path / "out" / "csv").iterdir()]
    assert names and all(name.startswith("made-up-") for name in names)
    rows = read_parquet(tmp_path / "out", "channel_day", CHANNEL_DAY.columns)
    assert rows == table_of(demo_store, "channel_day")
