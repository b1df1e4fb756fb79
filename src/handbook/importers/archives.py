"""Files to import: named one by one, in folders, and inside archives as they were downloaded.

Nothing of an archive is ever written to disk, and no more of it is held in memory than one file.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from handbook.errors import HandbookError
from handbook.importers.source import NO_OPTIONS, Options, SourceFile
from handbook.listings import PATTERNS, Listing

MOST_FILES = 10_000
MOST_BYTES_OF_A_FILE = 50_000_000
MOST_BYTES = 1_000_000_000
MOST_TIMES = 10
"""Unpacked, an archive may have `MOST_BYTES`, and `MOST_TIMES` its own size on top."""

_MOST_DIRECTORY = 20_000_000
_MOST_TAR_HEADER = 1_000_000
_DEEPEST = 2
_EARLIEST = 2005
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_LONG_HEADERS = {
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
}

_BESIDE = """
avif bmp css db doc docx gif heic htm html ico ics ini ipynb jpeg jpg js lnk log m4a m4v md mkv mov
mp3 mp4 ogg otf parquet pdf png ppt pptx py svg tif tiff ttf url vcf wav webm webp woff woff2 yaml
yml
"""
NOT_EXPORTS = frozenset(f".{ending}" for ending in _BESIDE.split())
"""Endings of files that stand beside exports in folders and archives, and are passed over."""


@dataclass
class Found:
    """A file to import, not read yet.

    Attributes
    ----------
    path : Path
        The file, or the archive that it stands in.
    name : str
        As reports name it: the file's own name, or archive/folder/name.
    origin : tuple of str
        Names around it, the outermost first: folder, archive, folders in the archive.
    listings : sequence of Listing
        The files `channels.csv` that may say whose it is, the nearest first.
    dated : datetime or None
        The date of the archive's entry.
    """

    path: Path
    name: str
    origin: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    dated: datetime | None = None
    options: Options = NO_OPTIONS
    load: Callable[[], bytes] | None = field(default=None, repr=False)
    beside: Callable[[str], bytes | None] | None = field(default=None, repr=False)

    @property
    def stem(self) -> str:
        """Its own name without folders and ending."""
        return PurePosixPath(self.name).stem if self.load else self.path.stem

    def open(self) -> SourceFile:
        """Read it.

        Raises
        ------
        HandbookError
            It is not there, empty, cannot be unpacked, or is larger than any export.
        """
        data = self.load() if self.load else None
        options = self.options
        if options.platform is None:
            options = replace(options, platform=self._listed_platform())
        file = SourceFile(self.path, data, name=self.name, origin=self.origin, options=options)
        file.beside = self.beside or file.beside
        file.dated = self.dated
        return file

    def _listed_platform(self) -> str | None:
        """Return the platform of the one channel that the nearest `channels.csv` gives."""
        for listing in self.listings:
            if found := listing.channels():
                return found[0].split(":")[0] if len(found) == 1 else None
        return None


def find_files(
    paths: Iterable[Path],
    *,
    recursive: bool = False,
    options: Options = NO_OPTIONS,
    passed_over: Callable[[str], None] = lambda name: None,
) -> Iterator[Found]:
    """Find the files in folders and archives.

    Parameters
    ----------
    paths : iterable of Path
    recursive : bool
        Take folders with everything in them. Otherwise a folder is an error when it is opened.
    passed_over : callable
        Gets the names of files that are no exports, such as pictures.

    Yields
    ------
    Found
        A file that cannot be read raises when it is opened, so that the others go on. Open it
        before the next one is asked for: its archive is closed then.
    """
    for path in paths:
        if path.is_dir() and recursive:
            yield from _in_folder(path, options, passed_over)
        else:
            yield from _take(path, path.name, _listings(path, path.parent), options, passed_over)


def _in_folder(
    folder: Path, options: Options, passed_over: Callable[[str], None]
) -> Iterator[Found]:
    none = True
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        for name in sorted(names):
            path = Path(here) / name
            if name.casefold() == PATTERNS or _is_hidden(name):
                continue
            if path.suffix.casefold() in NOT_EXPORTS or not path.is_file():
                passed_over(str(path.relative_to(folder)))
                continue
            none = False
            yield from _take(path, name, _listings(path, folder), options, passed_over)
    if none:
        yield _bad(folder, folder.name, f"{folder} has no file in it that could be an export.")


def _is_hidden(name: str) -> bool:
    return name != ".." and name.startswith((".", "~$", "__MACOSX"))


def _listings(path: Path, top: Path) -> tuple[Listing, ...]:
    """Return the `channels.csv` beside `path` and in the folders above it, up to `top`."""
    found = []
    for folder in path.parents:
        beside = folder / PATTERNS
        if beside.is_file():
            names = (path.name, path.relative_to(folder).as_posix())
            found.append(Listing(str(beside), beside.read_bytes, names))
        if folder == top:
            break
    return tuple(found)


def _take(
    path: Path,
    name: str,
    listings: tuple[Listing, ...],
    options: Options,
    passed_over: Callable[[str], None],
) -> Iterator[Found]:
    origin = (path.absolute().parent.name,)
    whole = Found(path, name, origin, listings, options=options)
    try:
        with path.open("rb") as file:
            reader = _archive_reader(file)
            if reader is None:
                yield whole
                return
            size = path.stat().st_size
            box = _Box(path, name, (*origin, name), listings, options, passed_over, _Budget(size))
            yield from reader(file, box)
    except HandbookError as error:
        yield _bad(path, name, str(error))
    except OSError:
        yield whole


def _bad(path: Path, name: str, reason: str) -> Found:
    def load() -> bytes:
        raise HandbookError(reason)

    return Found(path, name, load=load)


@dataclass
class _Budget:
    """What may still be unpacked of one archive, archives in it included."""

    size: int
    files: int = field(default_factory=lambda: MOST_FILES)
    left: int = -1

    def __post_init__(self) -> None:
        self.left = MOST_BYTES + MOST_TIMES * self.size

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise HandbookError(
                "unpacked, the archive is far larger than any download. Unpack it yourself, look "
                "at what is in it, and import the files."
            )

    def count(self) -> None:
        self.files -= 1
        if self.files < 0:
            raise HandbookError(
                f"more than {MOST_FILES:,} files are in the archive. Unpack it yourself, and "
                "import those that are exports."
            )


@dataclass
class _Box:
    """An archive, and where it stands."""

    path: Path
    name: str
    origin: tuple[str, ...]
    listings: tuple[Listing, ...]
    options: Options
    passed_over: Callable[[str], None]
    budget: _Budget
    depth: int = 1

    def refuse(self, entry: str, reason: str) -> Found:
        return _bad(self.path, f"{self.name}/{entry}", f"{self.name}/{entry}: {reason}")

    def wants(self, entry: str) -> bool:
        """Return whether an entry may be an export."""
        parts = PurePosixPath(entry).parts
        if not parts or any(map(_is_hidden, parts)) or parts[-1].casefold() == PATTERNS:
            return False
        if PurePosixPath(entry).suffix.casefold() in NOT_EXPORTS:
            self.passed_over(f"{self.name}/{entry}")
            return False
        return True

    def give(
        self,
        entry: str,
        load: Callable[[], bytes],
        lists: dict[str, bytes],
        dated: datetime | None,
        beside: Callable[[str], bytes | None],
    ) -> Iterator[Found]:
        """Yield the entry, or, if it is an archive itself, what is in it."""
        climbs = entry.startswith(("/", "\\")) or ".." in entry.replace("\\", "/").split("/")
        if climbs or entry[1:2] == ":":
            yield self.refuse(entry, "its path leads out of the archive. Do not trust this file.")
            return
        folders = PurePosixPath(entry).parent.parts
        own = tuple(
            Listing(
                f"{self.name}/{folder}/{PATTERNS}",
                lambda data=lists[folder]: data,
                (PurePosixPath(entry).name, entry.removeprefix(f"{folder}/")),
            )
            for depth in range(len(folders), -1, -1)
            if (folder := "/".join(folders[:depth])) in lists
        )
        base = PurePosixPath(entry).name
        upper = tuple(
            Listing(one.place, one.read, (*one.names, f"{one.names[-1]}/{entry}", base))
            for one in self.listings
        )
        found = Found(
            self.path,
            f"{self.name}/{entry}",
            (*self.origin, *folders),
            (*own, *upper),
            dated,
            self.options,
            load,
            beside,
        )
        if not entry.casefold().endswith((".zip", ".gz", ".tgz", ".tar", ".xlsx", ".xls")):
            yield found
            return
        try:
            data = load()
        except HandbookError:
            yield found
            return
        found.load = lambda: data
        reader = _archive_reader(io.BytesIO(data))
        if reader is None:
            yield found
        elif self.depth >= _DEEPEST:
            yield self.refuse(entry, "an archive in an archive in an archive. Unpack it yourself.")
        else:
            inner = _Box(
                self.path,
                found.name,
                (*found.origin, PurePosixPath(entry).name),
                found.listings,
                self.options,
                self.passed_over,
                self.budget,
                self.depth + 1,
            )
            try:
                yield from reader(io.BytesIO(data), inner)
            except HandbookError as error:
                yield self.refuse(entry, str(error))


def _archive_reader(file: IO[bytes]) -> Callable[[IO[bytes], _Box], Iterator[Found]] | None:
    """Return what unpacks a file, by its content; None if it is no archive."""
    head = file.read(512)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return _in_gzip
    if head[257:262] == b"ustar":
        return _in_tar
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None if _is_document(file) else _in_zip
    return None


_OF_DOCUMENTS = frozenset({"[Content_Types].xml", "mimetype", "Index/Document.iwa"})


def _is_document(file: IO[bytes]) -> bool:
    """Return whether it is a .xlsx or the like, or too broken to tell: its reader says what."""
    try:
        if _directory_size(file) > _MOST_DIRECTORY:
            return False
        with zipfile.ZipFile(file) as archive:
            return not _OF_DOCUMENTS.isdisjoint(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        file.seek(0)
        return b"[Content_Types].xml" in file.read(10_000)
    finally:
        file.seek(0)


def _directory_size(file: IO[bytes]) -> int:
    """Return the bytes that a .zip's table of contents takes."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    file.seek(0)
    return int(end[5]) if end else 0


def _in_zip(file: IO[bytes], box: _Box) -> Iterator[Found]:
    try:
        if _directory_size(file) > _MOST_DIRECTORY:
            raise HandbookError(
                f"{box.name}: more than {MOST_FILES:,} files are in the archive. Unpack it "
                "yourself, and import those that are exports."
            )
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise HandbookError(
            f"{box.name}: the archive is damaged or cut short ({error}). Download it again."
        ) from None
    with archive:
        infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}

        def read(info: zipfile.ZipInfo) -> bytes:
            return _unzip(archive, info, f"{box.name}/{info.filename}", box.budget)

        lists = {}
        for name, info in infos.items():
            if PurePosixPath(name).name.casefold() == PATTERNS:
                lists[_folder(name)] = read(info)
        for info in archive.infolist():
            if info.is_dir() or not box.wants(info.filename):
                continue
            box.budget.count()
            if stat.S_ISLNK(info.external_attr >> 16):
                yield box.refuse(info.filename, "a link, not a file. Unpack the archive yourself.")
                continue
            folder = PurePosixPath(info.filename).parent

            def beside(name: str, folder: PurePosixPath = folder) -> bytes | None:
                other = infos.get((folder / name).as_posix())
                return other and read(other)

            yield from box.give(
                info.filename, lambda info=info: read(info), lists, _zip_date(info), beside
            )


def _folder(name: str) -> str:
    parent = PurePosixPath(name).parent.as_posix()
    return "" if parent == "." else parent


def _zip_date(info: zipfile.ZipInfo) -> datetime | None:
    try:
        stamp = datetime(*info.date_time)
    except ValueError:
        return None
    return stamp if stamp.year >= _EARLIEST else None


def _unzip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: _Budget) -> bytes:
    if info.flag_bits & 1:
        raise HandbookError(
            f"{name}: locked with a password. Unpack the archive with it first, and import what is "
            "in it."
        )
    if info.compress_type not in _PACKED:
        raise HandbookError(f"{name}: packed in a rare way. Unpack the archive yourself.")
    try:
        with archive.open(info) as entry:
            data = entry.read(MOST_BYTES_OF_A_FILE + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise HandbookError(
            f"{name}: damaged in the archive ({error}). Download the archive again."
        ) from None
    budget.spend(len(data))
    _refuse_large(len(data), name)
    return data


def _refuse_large(size: int, name: str) -> None:
    if size > MOST_BYTES_OF_A_FILE:
        raise HandbookError(
            f"{name}: larger than {MOST_BYTES_OF_A_FILE // 1_000_000} MB once unpacked, which is "
            "more than any export is. If it is one all the same, unpack it and import the file."
        )


class _Counting(io.RawIOBase):
    """What is unpacked, counted on its way."""

    def __init__(self, file: Any, budget: _Budget) -> None:
        self._file = file
        self._budget = budget

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._budget.spend(len(data))
        return data


class _Member(tarfile.TarInfo):
    """A tar header that may not ask for more memory than a header needs."""

    def _proc_member(self, archive: Any) -> Any:
        if self.type in _LONG_HEADERS and self.size > _MOST_TAR_HEADER:
            raise HandbookError("the archive's headers are not what they should be.")
        return super()._proc_member(archive)  # type: ignore[misc]


def _in_gzip(file: IO[bytes], box: _Box) -> Iterator[Found]:
    def unpacked() -> Any:
        file.seek(0)
        return gzip.GzipFile(fileobj=file)

    try:
        head = unpacked().read(512)
    except (OSError, EOFError, zlib.error) as error:
        raise HandbookError(
            f"{box.name}: the archive is damaged or cut short ({error}). Download it again."
        ) from None
    if head[257:262] == b"ustar":
        yield from _in_tar_stream(unpacked, box)
        return

    def load() -> bytes:
        try:
            data = unpacked().read(MOST_BYTES_OF_A_FILE + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise HandbookError(f"{box.name}: damaged ({error}). Download it again.") from None
        _refuse_large(len(data), box.name)
        return data

    yield Found(box.path, box.name, box.origin, box.listings, None, box.options, load)


def _in_tar(file: IO[bytes], box: _Box) -> Iterator[Found]:
    def plain() -> Any:
        file.seek(0)
        return file

    yield from _in_tar_stream(plain, box)


def _in_tar_stream(start: Callable[[], Any], box: _Box) -> Iterator[Found]:
    """Read a tar twice: first for `channels.csv` and small neighbours, then file by file."""
    small: dict[str, bytes] = {}
    for member, read in _members(start(), box):
        name = member.name.removeprefix("./")
        if member.isreg() and PurePosixPath(name).name.casefold() in (PATTERNS, "actor.json"):
            small[name] = read()
    lists = {
        _folder(name): data
        for name, data in small.items()
        if PurePosixPath(name).name.casefold() == PATTERNS
    }
    for member, read in _members(start(), box):
        name = member.name.removeprefix("./")
        if member.isdir() or not box.wants(name):
            continue
        box.budget.count()
        if not member.isreg() or member.issparse():
            yield box.refuse(name, "a link, not a file. Unpack the archive yourself.")
            continue
        folder = PurePosixPath(name).parent

        def beside(other: str, folder: PurePosixPath = folder) -> bytes | None:
            return small.get((folder / other).as_posix())

        dated = _tar_date(member.mtime)
        yield from box.give(name, _loaded(read), lists, dated, beside)


def _tar_date(stamp: float) -> datetime | None:
    if not 0 < stamp < 2**33:
        return None
    dated = datetime.fromtimestamp(int(stamp), UTC).replace(tzinfo=None)
    return dated if dated.year >= _EARLIEST else None


def _loaded(read: Callable[[], bytes]) -> Callable[[], bytes]:
    """Read at once, since a stream does not come back; a failure waits until it is asked for."""
    try:
        data = read()
    except HandbookError as error:
        reason = str(error)

        def fail() -> bytes:
            raise HandbookError(reason)

        return fail
    return lambda: data


def _members(stream: Any, box: _Box) -> Iterator[tuple[tarfile.TarInfo, Callable[[], bytes]]]:
    try:
        with tarfile.open(
            fileobj=_Counting(stream, box.budget), mode="r|", tarinfo=_Member
        ) as archive:
            for member in archive:

                def read(member: tarfile.TarInfo = member) -> bytes:
                    _refuse_large(member.size, f"{box.name}/{member.name}")
                    content = archive.extractfile(member)
                    return content.read() if content else b""

                yield member, read
                archive.members = []  # type: ignore[misc]  # or it remembers every header
    except HandbookError as error:
        said = str(error)
        raise HandbookError(said if box.name in said else f"{box.name}: {said}") from None
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise HandbookError(
            f"{box.name}: the archive is damaged or cut short ({error}). Download it again."
        ) from None
