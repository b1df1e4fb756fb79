"""Whose a file is: what stands in it, what somebody says, what is around it."""

from __future__ import annotations

import io
import tarfile
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from importers import samples
from importers.samples import write_csv, write_xlsx

from handbook.errors import HandbookError
from handbook.importers import read_source
from handbook.importers.archives import find_files
from handbook.schema import CHANNEL_DAY, METRIC_EXTRA, POST, POST_SNAPSHOT, Reading
from handbook.store import import_files, open_store, read_state


@dataclass
class Row:
    """A row of a register."""

    channel_id: str
    platform: str = "x"
    name: str = "A name"
    url: str | None = None


def reading(
    sha: str = "1", *, platform: str = "x", n: int = 5, base: int = 10, **whose: str
) -> Reading:
    """Give a reading of `n` days."""
    made = Reading("x-days", "X, by day", sha, platform=platform, rows_read=n, **whose)
    for i in range(n):
        made.add(CHANNEL_DAY, {"date": date(2026, 1, 1 + i), "views": base + i})
    return made


def posts(sha: str, ids: list[str], first: date = date(2026, 1, 1)) -> Reading:
    """Give a reading of posts, one a day."""
    made = Reading("youtube-videos", "Videos", sha, platform="youtube", rows_read=len(ids))
    for i, post_id in enumerate(ids):
        day = date.fromordinal(first.toordinal() + i)
        made.add(POST, {"post_id": post_id, "published_date": day, "published_precision": "day"})
        made.add(POST_SNAPSHOT, {"post_id": post_id, "period": "lifetime", "views": i})
    return made


@pytest.fixture
def take(tmp_path):
    """Import readings, each as a file of its own (or several as one), into one store."""
    store = tmp_path / "store.duckdb"
    taken = []

    def _take(*readings: Reading, name: str = "a.csv", **options):
        path = tmp_path / name
        taken.append(path)
        return list(import_files(store, [path], read=lambda _: list(readings), **options))

    _take.store = store
    return _take


def ids_of(store: Path) -> list[str]:
    with open_store(store) as connection:
        return [row[0] for row in connection.execute("SELECT channel_id FROM channel").fetchall()]


def test_the_content_names_it(take):
    """A file that says whose it is, kept under nobody's name, or marked as assumed."""
    (report,) = take(reading(handle="@Some_Lab", external_id="123"))
    assert (report.channel_id, report.assumed) == ("x:some_lab", False)
    assert "the content: @Some_Lab" in report.channel_source


@pytest.mark.parametrize(
    ("whose", "row"),
    [
        ({"handle": "SomeLab"}, Row("x:lab", url="https://x.example/SomeLab/")),
        ({"handle": "somelab"}, Row("x:somelab")),
        ({"url": "http://www.x.example/lab"}, Row("x:ours", url="https://x.example/lab/")),
        ({"external_id": "99"}, Row("x:ours", url="https://x.example/profile.php?id=99")),
        ({"handle": "lab@social.example"}, Row("x:l", url="https://social.example/@lab")),
    ],
)
def test_the_register_knows_it_by_another_name(take, whose, row):
    """One channel under two ids, because the register writes it otherwise than the platform."""
    (report,) = take(reading(**whose), registered=[row, Row("x:other")])
    assert (report.channel_id, report.assumed) == (row.channel_id, False)


def test_renamed(take):
    """A channel that changed its handle, and is two channels from then on."""
    take(reading("1", handle="old", external_id="7"))
    (report,) = take(reading("2", handle="new", external_id="7", base=10))
    assert report.channel_id == "x:old"
    (report,) = take(reading("3", handle="old", external_id="8"))
    assert report.outcome == "refused" or report.channel_id != "x:old"


def test_somebody_gives_it_a_name(take):
    """An id that somebody chose, forgotten for the next file of the same channel."""
    take(reading("1", handle="some_lab"), channel="x:our-lab")
    (report,) = take(reading("2", handle="some_lab"))
    assert report.channel_id == "x:our-lab"
    (report,) = take(reading("3", handle="another"), channel="x:our-lab")
    assert report.outcome == "refused"
    assert "some_lab" in report.reason
    (report,) = take(reading("4", handle="some_lab"), channel="x:third")
    assert report.outcome == "refused"
    assert "x:our-lab" in report.reason


def test_several_channels_in_one_file(take):
    """Two channels of one file put together, or the file half imported."""
    two = [reading(handle="a"), reading(handle="b", base=99)]
    reports = take(*two)
    assert [report.channel_id for report in reports] == ["x:a", "x:b"]
    assert [report.outcome for report in take(*two)] == ["unchanged"] * 2
    before = ids_of(take.store)
    (report,) = take(reading("9", handle="c"), reading("9", handle="d"), channel="x:e")
    assert report.outcome == "refused"
    assert "several channels" in report.reason
    assert ids_of(take.store) == before


def test_two_platforms_in_one_file(take):
    """Facebook's and Instagram's blocks of one file that end up as one channel."""
    both = [reading(platform="facebook"), reading(platform="instagram", base=50)]
    reports = take(*both, channel=["facebook:a", "instagram:b"])
    assert [report.channel_id for report in reports] == ["facebook:a", "instagram:b"]
    assert [report.outcome for report in take(*both)] == ["unchanged"] * 2


def test_nothing_of_a_file_that_is_half_wrong(take):
    """A file of which a part is refused and the other part stays."""
    take(reading("1", handle="a"))
    (report,) = take(reading("2", handle="b"), reading("2", handle="a", base=500))
    assert report.outcome == "refused"
    assert ids_of(take.store) == ["x:a"]


def test_the_nearest_list_wins(tmp_path):
    """A channels.csv of the folder above that overrules the one beside the file."""
    (tmp_path / "in").mkdir()
    write_xlsx(tmp_path / "in" / "a.xlsx", samples.content(3, 1))
    (tmp_path / "channels.csv").write_text("pattern,channel_id\n*.xlsx,linkedin:upper\n")
    (tmp_path / "in" / "channels.csv").write_text("pattern,channel_id\na*,linkedin:lower\n")
    assert found_under(tmp_path) == {"a.xlsx": "linkedin:lower"}


def found_under(*paths: Path, **options) -> dict[str, str | None]:
    """Return the channel of each file, or why it was refused."""
    store = paths[0].parent / "found.duckdb"
    reports = import_files(
        store,
        find_files(paths, recursive=True),
        read=lambda found: read_source(found.open()),
        **options,
    )
    return {report.name: report.channel_id or report.reason for report in reports}


def two_channels(folder: Path) -> list[Path]:
    """Give two channels' exports of one layout and the same days."""
    folder.mkdir()
    return [
        write_xlsx(folder / f"{name}.xlsx", samples.content(6, 4, base=base))
        for name, base in (("one", 100), ("two", 5000))
    ]


@pytest.mark.parametrize("how", ["folder", "zip", "tar.gz"])
def test_two_channels_of_one_layout_never_merge(tmp_path, how):
    """The worst that an import can do: two channels' numbers in one, and nobody is told."""
    paths = two_channels(tmp_path / "in")
    target = tmp_path / "in"
    if how == "zip":
        target = tmp_path / "in.zip"
        with zipfile.ZipFile(target, "w") as archive:
            for path in paths:
                archive.write(path, f"{path.stem}/content.xlsx")
    elif how == "tar.gz":
        target = tmp_path / "in.tar.gz"
        with tarfile.open(target, "w:gz") as archive:
            for path in paths:
                data = path.read_bytes()
                info = tarfile.TarInfo(f"{path.stem}/content.xlsx")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    outcomes = list(found_under(target).values())
    assert outcomes[0] == "linkedin:unnamed"
    assert "probably another channel's" in outcomes[1]
    (channel,) = read_state(target.parent / "found.duckdb").channels
    assert channel.days == 6


def test_a_list_in_the_archive_tells_them_apart(tmp_path):
    """Two channels' files of one archive, refused although a list in it says whose they are."""
    paths = two_channels(tmp_path / "in")
    target = tmp_path / "in.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for path in paths:
            archive.write(path, f"{path.stem}/content.xlsx")
        lists = "pattern,channel_id\none/*,linkedin:one\ntwo/*,linkedin:two\n"
        archive.writestr("channels.csv", lists)
    assert list(found_under(target).values()) == ["linkedin:one", "linkedin:two"]


def test_two_channels_of_other_days_are_not_put_together_in_silence(take):
    """Two files that do not overlap, of which nothing says that they are of one channel."""
    take(posts("1", ["a", "b", "c"]))
    (report,) = take(posts("2", ["d", "e", "f"], date(2027, 1, 1)), name="b.csv")
    assert any("put together with a.csv" in warning for warning in report.warnings)


def test_strange_posts(take):
    """Two channels' videos of the same weeks in one channel, because no day contradicts."""
    take(posts("1", ["a", "b", "c", "d"]))
    (report,) = take(posts("2", ["e", "f", "g", "h"]), name="b.csv")
    assert report.outcome == "refused"
    assert "of two channels" in report.reason
    (report,) = take(posts("3", ["e", "b", "g", "h"]), name="c.csv")
    assert report.outcome == "imported"
    (report,) = take(posts("2", ["e", "f", "g", "h"]), channel="youtube:other", name="b.csv")
    assert report.outcome == "imported"


def test_a_dry_run_writes_nothing(take, tmp_path):
    """A try that leaves something behind, or says something else than the import."""
    dry = take(reading("1", handle="a"), dry_run=True)
    assert [path.name for path in tmp_path.iterdir()] == []
    wet = take(reading("1", handle="a"))
    assert dry == wet
    before = take.store.read_bytes()
    assert take(reading("2", handle="a", base=99), dry_run=True)[0].outcome == "refused"
    assert take(reading("3", handle="b"), dry_run=True)[0].outcome == "imported"
    assert take.store.read_bytes() == before
    assert ids_of(take.store) == ["x:a"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Mar-18-2026_Apr-14-2026_1019826952924933", date(2026, 4, 14)),
        ("Overview_2025-12-01_1767398400_handle", date(2026, 1, 3)),
        ("content_2026-02-03", date(2026, 2, 3)),
    ],
)
def test_export_dates_in_names(take, name, day):
    """An export date that stands in the name as the platform writes it, and is not found."""
    (report,) = take(reading(n=2), name=f"{name}.csv")
    assert report.exported_at.date() == day
    assert report.exported_at_source == "the file's name"


def test_the_date_of_an_archive(tmp_path):
    """The date in an archive's name or entries, not asked."""
    inside = write_xlsx(tmp_path / "a.xlsx", samples.content(2, 1)).read_bytes()
    dated = zipfile.ZipInfo("content.xlsx", (2026, 5, 6, 7, 8, 10))
    for name in ("plain.zip", "taken_2026-07-01.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(dated, inside)
    for name, expected in (
        ("plain.zip", (date(2026, 5, 6), "the date in the archive")),
        ("taken_2026-07-01.zip", (date(2026, 7, 1), "the name 'taken_2026-07-01.zip' around it")),
    ):
        (report,) = import_files(
            tmp_path / f"{name}.duckdb",
            find_files([tmp_path / name]),
            read=lambda found: read_source(found.open()),
        )
        assert (report.exported_at.date(), report.exported_at_source) == expected


def test_what_a_wrong_list_says(tmp_path):
    """A mistake in channels.csv that is passed over in silence."""
    write_xlsx(tmp_path / "a.xlsx", samples.content(2, 1))
    (tmp_path / "channels.csv").write_text("pattern,channel_id\n*,somebody\n")
    (said,) = found_under(tmp_path).values()
    assert "row 2, column 'channel_id'" in said
    write_csv(tmp_path / "channels.csv", "file,channel", ["*,x:a"])
    with pytest.raises(HandbookError, match="expected the columns pattern and channel_id"):
        next(found.open() for found in find_files([tmp_path / "a.xlsx"]))


def test_a_file_without_any_day(take):
    """A file of ages and countries that nobody can import, or that gets a day in silence."""
    made = Reading("meta-audience", "Audience", "1", platform="facebook", rows_read=1)
    made.add(METRIC_EXTRA, {"name": "Age", "category": "18-24", "value": 3, "unit": "percent"})
    (report,) = take(made, channel="facebook:a")
    assert report.exported_at_source == "assumed: the day of the import"
    assert any("--exported-on" in warning for warning in report.warnings)
    (report,) = take(made, channel="facebook:a")
    assert report.outcome == "unchanged"
