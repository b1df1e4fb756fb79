"""Folders and archives: what is found in them, and what is refused."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from importers.samples import write_csv

from handbook.errors import HandbookError
from handbook.importers import archives, read_source
from handbook.importers.archives import find_files

DAYS = b"channel_id,date,views\nx:a,2026-01-01,1\n"
MANY_DAYS = b"channel_id,date,views\n" + b"".join(
    b"x:a,2%03d-01-01,%d\n" % (i, i * i * i) for i in range(900)
)
LINK = 0o120777 << 16


def zipped(path: Path, files: dict[str, bytes], **options) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_780_000_000
            archive.addfile(info, io.BytesIO(data))
    return path


def look(*paths: Path, recursive: bool = False) -> tuple[dict[str, str], list[str]]:
    """Return what became of each file found, and what was passed over."""
    outcomes, passed = {}, []
    for found in find_files(paths, recursive=recursive, passed_over=passed.append):
        try:
            (reading,) = read_source(found.open())
            outcomes[found.name] = reading.format
        except HandbookError as error:
            outcomes[found.name] = str(error)
    return outcomes, passed


BOTH = pytest.mark.parametrize(
    "packed",
    [
        lambda folder, files: zipped(folder / "a.zip", files),
        lambda folder, files: tarred(folder / "a.tar.gz", files),
        lambda folder, files: tarred(folder / "a.tar", files, "w"),
    ],
    ids=["zip", "tar.gz", "tar"],
)


@BOTH
def test_everything_in_an_archive(tmp_path, packed):
    """A file in an archive that is lost, or one that is none of ours and refused."""
    path = packed(
        tmp_path,
        {
            "a/days.csv": DAYS,
            "b/days.csv": DAYS.replace(b"x:a", b"x:b"),
            "a/picture.png": b"\x89PNG",
            "__MACOSX/a/._days.csv": b"\x00\x05",
            ".DS_Store": b"\x00",
            "a/bad.csv": b"x,y\n1,2\n",
        },
    )
    outcomes, passed = look(path)
    assert {name for name, format in outcomes.items() if format == "plain-days"} == {
        f"{path.name}/a/days.csv",
        f"{path.name}/b/days.csv",
    }
    assert "not an export that is known" in outcomes.pop(f"{path.name}/a/bad.csv")
    assert len(outcomes) == 2
    assert passed == [f"{path.name}/a/picture.png"]


@BOTH
def test_paths_that_climb_out(tmp_path, packed):
    """An entry that would be written, or named, outside of its archive."""
    names = ["../up.csv", "/etc/abs.csv", "a/../../b.csv", "C:/c.csv"]
    outcomes, _ = look(packed(tmp_path, {name: DAYS for name in [*names, "good.csv"]}))
    bad = [said for said in outcomes.values() if "out of the archive" in said]
    assert len(bad) == 4
    assert "plain-days" in outcomes.values()


def test_links(tmp_path):
    """A link in an archive that reads a file of this machine."""
    secret = tmp_path / "secret.csv"
    secret.write_bytes(DAYS)
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"{kind.decode()}.csv")
            info.type, info.linkname = kind, str(secret)
            archive.addfile(info)
    outcomes, _ = look(path)
    assert len(outcomes) == 4
    assert all("a link" in said for said in outcomes.values())
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = LINK
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, str(secret))
    assert "a link" in look(tmp_path / "a.zip")[0]["a.zip/link.csv"]


def test_a_link_in_a_folder_is_not_followed_round(tmp_path):
    """A folder that links to itself, and an import without end."""
    (tmp_path / "days.csv").write_bytes(DAYS)
    (tmp_path / "again").symlink_to(tmp_path)
    outcomes, _ = look(tmp_path, recursive=True)
    assert outcomes == {"days.csv": "plain-days"}


@BOTH
def test_a_bomb_in_one_file(tmp_path, packed):
    """A small archive with a file that does not fit into memory."""
    path = packed(tmp_path, {"big.csv": b"1," * 60_000_000, "good.csv": DAYS})
    if path.suffix != ".tar":
        assert path.stat().st_size < 1_000_000
    tracemalloc.start()
    outcomes, _ = look(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "larger than 50 MB" in outcomes[f"{path.name}/big.csv"]
    assert outcomes[f"{path.name}/good.csv"] == "plain-days"
    assert most < 300_000_000


@BOTH
def test_a_bomb_in_many_files(tmp_path, packed, monkeypatch):
    """An archive of files that are each small enough, and too large together."""
    monkeypatch.setattr(archives, "MOST_BYTES", 3_000_000)
    monkeypatch.setattr(archives, "MOST_TIMES", 0)
    path = packed(tmp_path, {f"{i}.csv": b"channel_id,date\n" + b" " * 999_000 for i in range(9)})
    outcomes, _ = look(path)
    assert any("far larger than any download" in said for said in outcomes.values())
    assert "plain-days" not in outcomes.values()


@BOTH
def test_too_many_files(tmp_path, packed, monkeypatch):
    """An archive whose entries take hours to go through."""
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    outcomes, _ = look(packed(tmp_path, {f"{i}.csv": DAYS for i in range(9)}))
    assert any("more than 5 files" in said for said in outcomes.values())
    assert list(outcomes.values()).count("plain-days") == 5


def test_archives_in_archives(tmp_path):
    """An export lost because it stands one archive deeper; an archive that never ends."""
    inner = zipped(tmp_path / "inner.zip", {"days.csv": DAYS}).read_bytes()
    middle = zipped(tmp_path / "middle.zip", {"inner.zip": inner}).read_bytes()
    outcomes, _ = look(zipped(tmp_path / "a.zip", {"inner.zip": inner, "m/middle.zip": middle}))
    assert outcomes["a.zip/inner.zip/days.csv"] == "plain-days"
    assert "Unpack it yourself" in outcomes["a.zip/m/middle.zip/inner.zip"]
    inner = tarred(tmp_path / "inner.tgz", {"days.csv": DAYS}).read_bytes()
    outcomes, _ = look(tarred(tmp_path / "a.tar.gz", {"inner.tgz": inner}))
    assert outcomes == {"a.tar.gz/inner.tgz/days.csv": "plain-days"}


def test_locked(tmp_path):
    """A crash on an archive with a password."""
    path = zipped(tmp_path / "a.zip", {"days.csv": DAYS})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "password" in look(path)[0]["a.zip/days.csv"]


@BOTH
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.99])
def test_cut_short(tmp_path, packed, part):
    """Half an archive that crashes, or passes for a whole one."""
    whole = packed(tmp_path, {f"{i}.csv": MANY_DAYS for i in range(5)})
    cut = tmp_path / f"cut-{whole.name}"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * part)])
    outcomes, _ = look(cut)
    whole_ones = [format for format in outcomes.values() if format == "plain-days"]
    bad = any("cut short" in said or "damaged" in said for said in outcomes.values())
    assert bad or len(whole_ones) == 5


def test_a_damaged_entry_and_good_ones(tmp_path):
    """Good files of an archive lost because of a damaged one."""
    path = zipped(tmp_path / "a.zip", {"bad.csv": MANY_DAYS, "good.csv": DAYS})
    data = bytearray(path.read_bytes())
    at = data.index(b"bad.csv") + 12
    data[at] ^= 0xFF
    path.write_bytes(data)
    outcomes, _ = look(path)
    assert "damaged in the archive" in outcomes["a.zip/bad.csv"]
    assert outcomes["a.zip/good.csv"] == "plain-days"


def test_a_compressed_file_alone(tmp_path):
    """A .csv.gz, taken for an archive or for nothing."""
    import gzip

    path = tmp_path / "days.csv.gz"
    path.write_bytes(gzip.compress(DAYS))
    assert look(path)[0] == {"days.csv.gz": "plain-days"}


def test_a_folder_needs_saying(tmp_path):
    """A whole folder imported by a slip of the hand."""
    write_csv(tmp_path / "days.csv", "channel_id,date,views", ["x:a,2026-01-01,1"])
    outcomes, _ = look(tmp_path)
    assert "-r" in outcomes[tmp_path.name]
    (tmp_path / "empty").mkdir()
    outcomes, _ = look(tmp_path / "empty", recursive=True)
    assert "no file in it" in outcomes["empty"]


def test_what_stands_around_a_file(tmp_path):
    """The date, the handle or the list of channels around a file, lost on the way out."""
    lists = b"pattern,channel_id\ndays.csv,x:a\n"
    path = zipped(
        tmp_path / "Overview_2025-01-01_1735000000_handle.zip",
        {"deep/folder/days.csv": DAYS, "deep/channels.csv": lists},
    )
    found = next(files := find_files([path]))
    assert found.origin == (tmp_path.name, path.name, "deep", "folder")
    assert found.stem == "days"
    assert [listing.channels() for listing in found.listings] == [["x:a"]]
    assert found.dated is not None
    file = found.open()
    assert file.options.platform == "x"
    assert file.beside("days.csv") == DAYS
    assert file.beside("no.csv") is None
    assert list(files) == []


def test_lists_of_folders(tmp_path):
    """A channels.csv in a folder above, or with paths as patterns, that is not asked."""
    (tmp_path / "ours" / "x").mkdir(parents=True)
    (tmp_path / "channels.csv").write_text("pattern,channel_id\nours/x/*,x:by-path\n")
    (tmp_path / "ours" / "x" / "days.csv").write_bytes(DAYS)
    zipped(tmp_path / "ours" / "x" / "a.zip", {"in/days.csv": DAYS})
    by_name = {found.stem + found.name: found for found in find_files([tmp_path], recursive=True)}
    assert len(by_name) == 2
    for found in by_name.values():
        assert found.listings[-1].channels() == ["x:by-path"]


def test_a_workbook_is_no_archive(tmp_path):
    """A .xlsx, which is a zip, unpacked into its parts."""
    from importers.samples import content, write_xlsx

    assert look(write_xlsx(tmp_path / "a.xlsx", content(2, 1)))[0] == {"a.xlsx": "linkedin-content"}
