"""Files as people bring them, read as plain text: packed or not, in any usual encoding, with any line ends.

What a file is, its first bytes say, and not its name.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

HEAD = 1 << 16  # bytes that are looked at
_AS_CSV = "save it as CSV (UTF-8)"
# first bytes → what it is, and the way out
NO_TEXT: dict[bytes, tuple[str, str]] = {
    b"\x93NUMPY": ("a NumPy array", "save it with numpy.savetxt(PATH, array, delimiter=',')"),
    b"PAR1": ("a Parquet file", "name it with the ending .parquet"),
    b"ARROW1": ("an Arrow (Feather) file", "save it with to_csv or to_parquet"),
    b"MATLAB": ("a MATLAB file", f"{_AS_CSV}, in MATLAB: writematrix(X, 'x.csv')"),
    b"\x89HDF": ("an HDF5 file (also MATLAB 7.3)", _AS_CSV),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook (.xls)", "open it and save the sheet as «CSV UTF-8»"),
    b"SQLite format 3": ("an SQLite database", "export the table as CSV"),
    b"%PDF": ("a PDF", _AS_CSV),
    b"ORC": ("an ORC file", "save it as Parquet or CSV"),
    b"Obj\x01": ("an Avro file", "save it as Parquet or CSV"),
    b"\x89PNG": ("an image", _AS_CSV),
    b"\xff\xd8\xff": ("an image", _AS_CSV),
    b"Rar!": ("a RAR archive", "unpack it first"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "unpack it first"),
    b"\x28\xb5\x2f\xfd": ("packed by zstd", "unpack it first: unzstd"),
    b"version https://git-lfs": ("a pointer of Git LFS and not the file itself", "fetch it: git lfs pull"),
    b"\x80\x02": ("a Python pickle", "save it with to_csv"),
    b"\x80\x03": ("a Python pickle", "save it with to_csv"),
    b"\x80\x04": ("a Python pickle", "save it with to_csv"),
    b"\x80\x05": ("a Python pickle", "save it with to_csv"),
    b"RDX": ("an R workspace", "save it with write.csv(x, PATH, row.names = FALSE)"),
    b"X\n\x00": ("an R object (.rds)", "save it with write.csv(x, PATH, row.names = FALSE)"),
    b"{\\rtf": ("a text with formats (RTF)", "save it as plain text"),
}
_ZIPPED = {"[Content_Types].xml": "an Excel workbook (.xlsx)", "mimetype": "a spreadsheet of LibreOffice (.ods)"}
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_OPENERS: tuple[tuple[bytes, str, Callable[[Path], Any]], ...] = (
    (b"\x1f\x8b", "gzip", gzip.GzipFile),
    (b"BZh", "bzip2", bz2.BZ2File),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMAFile),
    (b"PK\x03\x04", "zip", lambda path: _only_member(path)),
    (b"PK\x05\x06", "zip", lambda path: _only_member(path)),  # one without files
)
_DAMAGED = (EOFError, OSError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, NotImplementedError, RuntimeError)


class NoText(ValueError):
    """A file that is no text, or damaged; the sentence names it, says what it is and what to do."""


@dataclass(frozen=True)
class Look:
    """What the first bytes of a file say."""

    packed: str | None  # gzip, bzip2, xz, zip
    encoding: str  # as Python names it; utf-8 where nothing else is marked
    only_cr: bool  # lines end in a carriage return alone, as on old Macs

    @property
    def is_plain(self) -> bool:
        """Whether it can be read as it is: UTF-8, with a mark or without, lines that end in \\n or \\r\\n."""
        return self.packed is None and self.encoding.startswith("utf-8") and not self.only_cr


def look(path: Path) -> Look:
    """Recognize a file by its first bytes.

    Raises:
        NoText: it is something else than text.
        OSError: it cannot be read.
    """
    packed, _ = _packing(path)
    with opened(path) as stream, _telling_damage(path):
        head = stream.read(HEAD)
    for magic, (what, way_out) in NO_TEXT.items():
        if head.startswith(magic):
            raise NoText(f"{path}: this is {what}, not text: {way_out}.")
    if head[257:262] == b"ustar" or head.startswith(b"\x1f\x8b\x08"):
        raise NoText(f"{path}: this is an archive (tar), or packed twice: unpack it, then name the file.")
    if head[:HEAD].lstrip(b" \t\r\n\xef\xbb\xbf")[:9].lower() in (b"<!doctype", b"<html") or head[:5] == b"<html":
        raise NoText(f"{path}: this is a web page, not the data: the download brought its page. Fetch the file itself.")
    encoding = _encoding(head)
    text = head.decode(encoding, "ignore")
    if sum(character < " " and character not in "\t\n\v\f\r" for character in text[:4096]) > len(text[:4096]) // 10:
        raise NoText(f"{path}: this is no text: one byte in ten is a control character; {_AS_CSV}.")
    return Look(packed, encoding, "\r" in text.rstrip("\r") and "\n" not in text)


def _encoding(head: bytes) -> str:
    if marked := next((name for mark, name in _MARKS if head.startswith(mark)), None):
        return marked
    even, odd = head[:4096:2].count(0), head[1:4096:2].count(0)  # Western text in UTF-16: each other byte is zero
    if max(even, odd) > 0.4 * len(head[:4096:2]) > 2:
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is packed.

    Raises:
        NoText: an archive without the one file that it should have.
        OSError: it cannot be read.
    """
    _, opener = _packing(path)
    with opener(path) as stream:
        yield stream


def _packing(path: Path) -> tuple[str | None, Callable[[Path], Any]]:
    """How a file is packed, if it is, and what opens it."""
    with path.open("rb") as file:
        head = file.peek(8)
    plain = (None, lambda given: given.open("rb"))
    return next(((name, opener) for magic, name, opener in _OPENERS if head.startswith(magic)), plain)


def _only_member(path: Path) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(path)
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except _DAMAGED as error:
        raise NoText(f"{path}: the archive is damaged or was cut off ({error}): fetch it again.") from error
    if what := next((what for name, what in _ZIPPED.items() if name in names), None):
        raise NoText(f"{path}: this is {what}, not text: open it and save the sheet as «CSV UTF-8».")
    if names and all(name.endswith(".npy") for name in names):
        raise NoText(f"{path}: these are NumPy arrays (.npz), not text: save one with numpy.savetxt.")
    own = [name for name in names if not name.startswith("__MACOSX/")]
    if len(own) != 1:
        raise NoText(f"{path}: the archive has {len(own)} files, and one is needed: unpack it, then name the file.")
    try:
        return archive.open(own[0])
    except _DAMAGED as error:  # with a password, or packed in a way that Python does not know
        raise NoText(f"{path}: the archive cannot be read ({error}): unpack it, then name the file.") from error


@contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    """Tell a packed file that cannot be read to its end apart from one that the system does not give."""
    try:
        yield
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise NoText(f"{path}: the file is damaged or was cut off ({error}): fetch it again.") from error


def plain_chunks(path: Path, as_seen: Look, encoding: str | None = None) -> Iterator[bytes]:
    """The text of a file in pieces, as UTF-8 with lines that end in \\n; bytes that are no UTF-8 stay as they are.

    Args:
        path: of the file.
        as_seen: what `look` said of it.
        encoding: another one than the file is marked with, such as cp1252.

    Raises:
        NoText: it is damaged.
    """
    of_text = encoding or as_seen.encoding
    errors = "surrogateescape" if of_text.startswith("utf-8") else "replace"
    ends = None if as_seen.only_cr else "\n"
    with opened(path) as stream, _telling_damage(path):
        text = io.TextIOWrapper(stream, of_text, errors, newline=ends)
        first = text.read(1 << 20).removeprefix("\ufeff")
        yield first.encode("utf-8", errors)
        while piece := text.read(1 << 20):
            yield piece.encode("utf-8", errors)


def plain_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file with their ends, as `plain_chunks` has them; none that is longer than memory.

    Raises:
        NoText: it is something else than text, or damaged.
        OSError: it cannot be read.
    """
    as_seen = look(path)
    if as_seen.is_plain:
        with path.open("rb") as lines:
            yield from lines
        return
    rest = list[bytes]()  # of a line: joined once, as it may have thousands of pieces
    for chunk in plain_chunks(path, as_seen):
        *whole, last = chunk.split(b"\n")
        for line in whole:
            yield b"".join([*rest, line, b"\n"])
            rest.clear()
        rest.append(last)
    if any(rest):
        yield b"".join(rest)
