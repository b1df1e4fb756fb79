"""Whatever bytes a file holds: it is read, or refused with words; nothing else."""

from __future__ import annotations

import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importers import samples
from importers.samples import large, write_csv, write_xlsx

from handbook.errors import HandbookError
from handbook.importers import read_file, workbooks

SCRAPS = [b'"', b",", b";", b"\n", b"\r", b"#", b"\x00", b"\xff", b"\xef\xbb\xbf", b"-", b"nan"]
SCRAPS += [b"9" * 30, b"1e400", b"", b"T", b"2026-13-01", "\u00ad".encode(), b"\xff\xfe"]

damage = st.lists(st.tuples(st.floats(0, 1), st.sampled_from(SCRAPS)), min_size=1, max_size=8)
often = settings(max_examples=120, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("damage")


@pytest.fixture(scope="module")
def originals(folder):
    """Whole files of all kinds that need no real export."""
    header = "channel_id,post_id,observed_on,published_at,text,is_paid,ctr,reactions,zz"
    row = 'x:a,1,2026-02-01,2026-01-01T00:00:00Z,"a, b",true,0.5,3,4'
    return [
        write_csv(folder / "posts.csv", header, [row], ["a note"]).read_bytes(),
        write_csv(folder / "d.csv", "channel_id,date,views", ["x:a,2026-01-01,1"]).read_bytes(),
        write_csv(
            folder / "c.csv",
            "series_id,channel_id,at_utc,step_s,count",
            ["m,x:a,2026-01-01T00:00:00Z,3600,1"],
        ).read_bytes(),
        write_xlsx(folder / "a.xlsx", samples.content(3, 1)).read_bytes(),
    ]


@often
@given(which=st.integers(0, 3), where=damage)
def test_read_or_refused(folder, originals, which, where):
    """An exception that is not meant for the user, on damaged bytes."""
    data = bytearray(originals[which])
    for position, scrap in where:
        at = int(position * (len(data) - 1))
        data[at : at + max(1, len(scrap))] = scrap
    path = folder / "damaged"
    path.write_bytes(data)
    try:
        reading = read_file(path)
    except HandbookError as error:
        assert "damaged" in str(error)
        return
    assert reading.rows_kept + reading.dropped + len(reading.rejected) == reading.rows_read
    assert reading.rows_kept >= 0


def test_a_broken_date_of_the_workbook_is_passed_over(tmp_path):
    """Good sheets lost because of a broken date that only helps."""
    whole = write_xlsx(tmp_path / "a.xlsx", samples.content(2, 1))
    broken = tmp_path / "b.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w") as new:
        for item in old.namelist():
            data = old.read(item)
            new.writestr(item, b"<broken" if item == "docProps/core.xml" else data)
    reading = read_file(broken)
    assert reading.exported_at is None
    assert reading.rows_kept == 3


def test_headers_that_only_look_different(tmp_path):
    """Two columns of one name, of which one wins in silence."""
    path = write_csv(tmp_path / "d.csv", "channel_id,date,views,Views", ["x:a,2026-01-01,1,2"])
    with pytest.raises(HandbookError, match="two columns have one name"):
        read_file(path)


def test_headers_in_any_case(tmp_path):
    """Our own headers in capitals, taken for a file of nobody's."""
    path = write_csv(tmp_path / "d.csv", "Channel_ID,Date,Views", ["x:a,2026-01-01,1"])
    assert read_file(path).rows["channel_day"][0]["views"] == 1


def test_a_very_wide_sheet(tmp_path):
    """A stray cell far to the right that makes reading take minutes, or its rows unreadable."""
    sheets = samples.followers(40)
    sheets["New followers"][0] += [""] * 12_000 + ["stray"]
    reading = read_file(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert len(reading.rows["channel_day"]) == 40


def unpacked(path):
    """Parts of a workbook by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, parts):
    """A workbook of parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='1048576'><c s='1' r='XFD1048576'><v>1</v></c></row>",
        b'<row r="3">' + b"<c/>" * 16_000 + b'</row><row r="1048576"><c><v>1</v></c></row>',
    ],
    ids=["far", "otherwise quoted", "without places"],
)
def test_a_cell_in_the_last_corner(tmp_path, row):
    """A workbook of a few bytes that asks for more memory than there is, and ends the process."""
    parts = unpacked(write_xlsx(tmp_path / "a.xlsx", samples.content(2, 1)))
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", row + b"</sheetData>")
    with pytest.raises(HandbookError, match="room for more than"):
        read_file(packed(tmp_path / "b.xlsx", parts))


def test_a_bomb_in_a_workbook(tmp_path):
    """A workbook of a megabyte that unpacks into many gigabytes."""
    parts = unpacked(write_xlsx(tmp_path / "a.xlsx", samples.content(2, 1)))
    parts["xl/media/image1.png"] = bytes(600_000_000)
    path = packed(tmp_path / "b.xlsx", parts)
    del parts
    with pytest.raises(HandbookError, match="far larger than any export"):
        read_file(path)


def test_one_text_in_very_many_cells(tmp_path):
    """A workbook of a few kilobytes whose cells all show one long text: gigabytes once read."""
    cells = ['<c t="s"><v>0</v></c>' * 250] * 40
    with pytest.raises(HandbookError, match="100 MB of text.*Choose a shorter period"):
        read_file(large.write_xlsx(tmp_path / "a.xlsx", cells, "Tervetuloa! " * 1_000))
    with pytest.raises(HandbookError, match="not an export that is known"):
        read_file(large.write_xlsx(tmp_path / "b.xlsx", cells, "Tervetuloa! " * 800))


def test_room_is_counted_once(tmp_path, monkeypatch):
    """A workbook refused because cells were counted twice where it was read in parts."""
    monkeypatch.setattr(workbooks, "MOST_CELLS", 40 * 250)
    monkeypatch.setattr(workbooks, "_PART", 1_000)
    cells = ["<c><v>1</v></c>" * 250] * 40
    assert len(workbooks.read_xlsx(large.write_xlsx(tmp_path / "a.xlsx", cells).read_bytes())) == 1
    with pytest.raises(workbooks.TooLarge):
        workbooks.read_xlsx(large.write_xlsx(tmp_path / "b.xlsx", [*cells, "<c/>"]).read_bytes())


ENTITIES = """<?xml version="1.0"?>
<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>
<Row><Cell><Data ss:Type="String">&b;&x;</Data></Cell></Row></Table></Worksheet></Workbook>
"""


def test_entities(tmp_path):
    """A spreadsheet in XML that blows itself up, or reads a file of this machine."""
    path = tmp_path / "a.xls"
    path.write_text(ENTITIES)
    with pytest.raises(HandbookError, match="declares entities"):
        read_file(path)


@pytest.mark.parametrize("place", ["Row", "Cell"])
def test_far_away_in_xml(tmp_path, place):
    """A spreadsheet in XML with one cell a thousand million rows or columns away."""
    said = ENTITIES[ENTITIES.index("<Workbook") :].replace("&b;&x;", "1")
    path = tmp_path / "a.xls"
    path.write_text(said.replace(f"<{place}>", f'<{place} ss:Index="999999999">', 1))
    with pytest.raises(HandbookError, match="more than"):
        read_file(path)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"[1e999, NaN]",
        b'{"feed": 1}',
        b"[" + b"9" * 9999 + b"]",
    ],
)
def test_strange_json(tmp_path, data):
    """JSON that is deep, endless or of nobody's, and crashes the reader."""
    path = tmp_path / "a.json"
    path.write_bytes(data)
    with pytest.raises(HandbookError, match=r"a\.json"):
        read_file(path)
