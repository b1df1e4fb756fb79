"""`handbook import` with its options, `formats` and `template`, as a user types them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from importers import samples
from importers.samples import write_csv, write_xlsx

from handbook.cli import main
from handbook.importers import FORMATS, LAYOUTS, READERS, read_file
from handbook.schema import PLATFORMS
from handbook.store import open_store
from handbook.store.intake import MOST_SAID

ID = "linkedin:ours"
FINE = ["--channel", ID, "--exported-on", "2026-02-03"]


@pytest.fixture
def store(tmp_path) -> Path:
    (tmp_path / "stores").mkdir()
    return tmp_path / "stores" / "ours.duckdb"


@pytest.fixture
def content(tmp_path) -> Path:
    return write_xlsx(tmp_path / "content.xlsx", samples.content(4, 2))


@pytest.fixture
def call(capsys):
    """Call the command; give its exit code, its output and its errors."""

    def _call(*arguments: object) -> tuple[int, str, str]:
        try:
            main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return _call


def test_all_that_a_report_says(call, store, content):
    """A report without one of the facts that an analyst needs to trust an import."""
    code, said, _ = call("import", content, "--store", store, *FINE)
    assert code == 0
    for part in (
        "linkedin-content, headers in en, xlsx",
        "linkedin:ours (--channel)",
        "2026-02-03 (--exported-on)",
        "2026-01-01 to 2026-01-04",
        "6 read, 6 kept, 0 dropped, 0 rejected",
    ):
        assert part in said


def test_json(call, store, content, tmp_path):
    """A report for machines that lacks something, or is no JSON once a file is refused."""
    bad = write_csv(tmp_path / "bad.csv", "a,b", ["1,2"])
    code, out, err = call("import", content, bad, "--store", store, "--json", *FINE)
    assert (code, err) == (2, "")
    told = json.loads(out)
    assert (told["imported"], told["refused"], told["dry_run"]) == (1, 1, False)
    good, refused = told["files"]
    assert good["rows"] == {"read": 6, "kept": 6, "dropped": 0, "rejected": 0}
    assert good["period"] == {"start": "2026-01-01", "end": "2026-01-04"}
    assert good["exported_at"] == "2026-02-03T00:00:00Z"
    assert {"format", "language", "encoding", "channel_id", "channel_source", "assumed",
            "exported_at_source", "warnings", "rejected", "import_id"} <= set(good)  # fmt: skip
    assert refused["outcome"] == "refused"
    assert "not an export that is known" in refused["reason"]


def test_dry_run(call, store, content):
    """A dry run that makes a store, or a folder for one."""
    code, said, _ = call("import", content, "--store", store, "--dry-run", *FINE)
    assert code == 0
    assert "4 days, 2 posts" in said
    assert "nothing was written" in said
    assert list(store.parent.iterdir()) == []


def test_exit_codes(call, store, content, tmp_path):
    """An exit code by which a script cannot tell what happened."""
    at = ["--store", store]
    assert call("import", content, *at, *FINE, "--strict")[0] == 0
    other = write_xlsx(tmp_path / "other.xlsx", samples.visitors(3))
    assert call("import", other, *at)[0] == 0
    third = write_xlsx(tmp_path / "third.xlsx", samples.followers(3))
    assert call("import", third, *at, "--strict")[0] == 1
    assert call("import", tmp_path / "none.csv", third, *at, "--strict")[0] == 2


def test_rejected_rows_are_warnings(call, store, tmp_path):
    """A row that is lost and does not count as worth a look."""
    sheets = samples.content(3, 2)
    sheets["All posts"][-1][1] = "https://www.linkedin.example/nothing"
    path = write_xlsx(tmp_path / "a.xlsx", sheets)
    code, said, _ = call("import", path, "--store", store, *FINE, "--strict")
    assert code == 1
    assert "5 read, 4 kept, 0 dropped, 1 rejected" in said
    assert "row 4: no post id" in said


def test_very_many_rejected_rows(call, store, tmp_path):
    """A hundred thousand reasons on the screen, in the log or in the report for machines."""
    rows = ["2026-01-01,1", *["2026-01-02"] * 100_000]
    path = write_csv(tmp_path / "Totals.csv", "Date,Views", rows)
    code, out, _ = call("import", path, "--store", store)
    assert code == 0
    assert "100,001 read, 1 kept, 0 dropped, 100,000 rejected" in out
    assert "… and 99,990 more (the first 1,000: --json)" in out
    assert len(out.splitlines()) < 30
    with open_store(store) as connection:
        counted, logged = connection.execute(
            "SELECT rows_rejected, warnings FROM import_log"
        ).fetchone()
    assert counted == 100_000
    assert len(logged) < 200_000
    assert logged.endswith(f"and {100_000 - MOST_SAID:,} more rows rejected")
    code, out, _ = call("import", path, "--store", tmp_path / "other.duckdb", "--json")
    (told,) = json.loads(out)["files"]
    assert told["rows"]["rejected"] == 100_000
    assert len(told["rejected"]) == MOST_SAID
    assert "rows_rejected" not in told


def test_folders(call, store, content, tmp_path):
    """Exports in folders and archives that are not found, or pictures that are refused."""
    folder = tmp_path / "downloads"
    (folder / "deep").mkdir(parents=True)
    content.rename(folder / "deep" / "content.xlsx")
    (folder / "README.md").write_text("What these are.")
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        visitors = write_xlsx(tmp_path / "v.xlsx", samples.visitors(3))
        archive.write(visitors, "visitors.xlsx")
    code, _, said = call("import", folder, "--store", store)
    assert code == 2
    assert "-r" in said
    code, said, _ = call("import", "-r", folder, "--store", store, *FINE)
    assert code == 0
    assert "content.xlsx: LinkedIn Page content" in said
    assert "more.zip/visitors.xlsx: LinkedIn Page visitors" in said
    assert "Passed over, as no exports of a channel: README.md" in said


def test_which_folder(call, store, tmp_path):
    """Files of one name in several folders that a report does not tell apart."""
    for folder in ("ours äö", "lab"):
        (tmp_path / "downloads" / folder).mkdir(parents=True)
        write_csv(tmp_path / "downloads" / folder / "Totals.csv", "a,b", ["1,2"])
    _, out, err = call("import", "-r", tmp_path / "downloads", "--store", store)
    for folder in ("ours äö", "lab"):
        assert str(tmp_path / "downloads" / folder / "Totals.csv") in out + err


def test_no_text(call, store, content):
    """A text that is kept against somebody's word."""
    assert call("import", content, "--store", store, "--no-text", *FINE)[0] == 0
    from handbook.store import open_store

    with open_store(store) as connection:
        assert connection.execute("SELECT count(*), count(text) FROM post").fetchone() == (2, 0)
    assert b"Post 1" not in store.read_bytes()


def test_no_text_of_a_file_that_stands_with_texts(call, store, content):
    """Texts thought gone, or thought kept, because "nothing changed" says no more than that."""
    from handbook.store import open_store

    def texts() -> int:
        with open_store(store) as connection:
            return connection.execute("SELECT count(text) FROM post").fetchone()[0]

    again = ("import", content, "--store", store, *FINE)
    import_id = json.loads(call(*again, "--json")[1])["files"][0]["import_id"]
    assert "warning" not in call(*again)[1]
    code, said, _ = call(*again, "--no-text", "--strict")
    assert (code, texts()) == (1, 2)
    assert "the texts of its posts stand in the store" in said
    assert f"handbook undo {import_id}, then import it again with --no-text" in said
    call("undo", import_id, "--store", store)
    assert "warning" not in call(*again, "--no-text")[1]
    assert texts() == 0
    assert "warning" not in call(*again, "--no-text")[1]
    said = call(*again)[1]
    assert "it stands in the store without the texts of its posts" in said
    assert f"For the texts: handbook undo {import_id}, then import it again" in said
    assert texts() == 0


def test_a_file_without_texts_misses_none(call, store, tmp_path):
    """A warning of texts for files that have none."""
    rows = ["x:a,p1,2026-01-05,70"]
    path = write_csv(tmp_path / "posts.csv", "channel_id,post_id,observed_on,reactions", rows)
    for options in ((), ("--no-text",), ()):
        code, said, _ = call("import", path, "--store", store, *FINE[2:], *options)
        assert code == 0
        assert "warning" not in said


@pytest.mark.parametrize("kind", ["days", "posts", "counts"])
def test_template(call, tmp_path, kind, store):
    """A template that the importer does not know, or that overwrites somebody's figures."""
    path = tmp_path / f"{kind}.csv"
    code, said, _ = call("template", kind, path)
    assert code == 0
    assert "handbook import" in said
    assert call("template", kind)[1] == path.read_text(encoding="utf-8")
    code, _, said = call("template", kind, path)
    assert code == 2
    assert "is there already" in said
    header = path.read_text(encoding="utf-8").splitlines()[-1].split(",")
    filled = {
        "channel_id": "x:a",
        "date": "2026-01-01",
        "post_id": "1",
        "observed_on": "2026-01-02",
        "series_id": "m",
        "at_utc": "2026-01-01T00:00:00Z",
        "step_s": "3600",
        "count": "7",
        "views": "5",
        "published_date": "2026-01-01",
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(filled.get(name, "") for name in header) + "\n")
    reading = read_file(path)
    assert (reading.format, reading.rows_kept, reading.warnings) == (f"plain-{kind}", 1, [])


def test_formats(call):
    """A format that is read and not listed, or listed without what an analyst asks."""
    code, said, _ = call("formats")
    assert code == 0
    told = json.loads(call("formats", "--json")[1])
    assert len(told) == len({one["id"] for one in told}) == len(FORMATS)
    for one in told:
        assert one["id"] in said
        assert one["title"] and one["known_by"]
        assert one["cannot_tell"].endswith(".")
    assert set(PLATFORMS) <= {one["platform"] for one in told}


def test_formats_are_those_that_reports_name():
    """An id in `handbook formats` that no report has, because a module was left out."""
    modules = {reader.__module__ for reader in READERS}
    import sys

    listed = {one.id for name in modules for one in getattr(sys.modules[name], "FORMATS", ())}
    assert listed == {one.id for one in FORMATS}
    assert len(LAYOUTS) == len(set(map(id, LAYOUTS)))


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "{content}", "--store", "{store}", "--platform", "orkut"],
        ["import", "{content}", "--store", "{store}", "--channel", "linkedin:a", "--channel", "b"],
        ["import", "{content}", "--store", "{store}", "--channel", "linkedin:a", "--channel",
         "linkedin:b"],
        ["template", "weeks"],
        ["template", "days", "{folder}/none/days.csv"],
        ["formats", "all"],
    ],
)  # fmt: skip
def test_wrong_calls(call, arguments, store, content, tmp_path):
    """A crash report, or another exit code than 2, for a slip of the hand."""
    filled = [a.format(store=store, content=content, folder=tmp_path) for a in arguments]
    code, out, err = call(*filled)
    assert code == 2
    assert "Traceback" not in out + err
