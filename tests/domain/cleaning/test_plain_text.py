"""Files known by their first bytes: read as plain text, or named in a sentence that says the way out."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from domain.cleaning.plain_text import NO_TEXT, NoText, look, plain_chunks, plain_lines

TEXT = "userId,movieId,rating,timestamp\n1,1,3.5,900000000\n2,Amélie «1»,4,900000001\n"


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("ratings.csv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def with_password() -> bytes:
    """A zip that says in both of its headers that its file has a password."""
    packed = bytearray(zipped(a=b"1,2\n"))
    packed[6] |= 1
    packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def npy() -> bytes:
    packed = io.BytesIO()
    np.save(packed, np.eye(3))
    return packed.getvalue()


READ = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": TEXT.encode("utf-8-sig"),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16, big end first, no mark": TEXT.encode("utf-16-be"),
    "UTF-16, little end first, no mark": TEXT.encode("utf-16-le"),
    "UTF-32": TEXT.encode("utf-32"),
    "gzip": gzip.compress(TEXT.encode()),
    "two gzips behind each other": gzip.compress(TEXT[:40].encode()) + gzip.compress(TEXT[40:].encode()),
    "bzip2": bz2.compress(TEXT.encode()),
    "xz": lzma.compress(TEXT.encode()),
    "zip": zipped(ratings=TEXT.encode()),
    "zip of a Mac": zipped(**{"ratings.csv": TEXT.encode(), "__MACOSX/._ratings.csv": b"\0\1"}),
    "carriage returns": TEXT.replace("\n", "\r").encode(),
    "gzip of UTF-16": gzip.compress(TEXT.encode("utf-16")),
}
REFUSED = {
    "a NumPy array": npy(),
    "NumPy arrays": zipped(**{"x.npy": npy()}),
    "an Excel workbook": zipped(**{"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>"}),
    "2 files": zipped(a=b"1", b=b"2"),
    "0 files": zipped(),
    "a Parquet file": b"PAR1" + bytes(50),
    "a MATLAB file": b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(128),
    "a web page": b"\n<!DOCTYPE html>\n<html><body>Not found</body></html>",
    "damaged or was cut off": gzip.compress(TEXT.encode() * 50)[:-12],
    "damaged or was cut off (": lzma.compress(TEXT.encode() * 50)[:-20],
    "damaged or was cut off (Error": gzip.compress(TEXT.encode())[:10] + b"\xff" * 50,
    "password": with_password(),
    "an archive (tar)": tarred(TEXT.encode() * 200),
    "packed twice": gzip.compress(gzip.compress(TEXT.encode())),
    "no text": bytes(range(1, 9)) * 100,
    "a Python pickle": b"\x80\x04\x95\x10\0\0",
}


@pytest.mark.parametrize("form", READ)
def test_the_same_text_is_read_from_every_form(form: str, tmp_path: Path) -> None:
    path = tmp_path / "any name.xlsx"  # the name says nothing
    path.write_bytes(READ[form])
    assert b"".join(plain_chunks(path, look(path))).decode() == TEXT


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_text_is_named_with_the_way_out(what: str, tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(REFUSED[what])
    with pytest.raises(NoText) as told:
        b"".join(plain_chunks(path, look(path)))
    sentence = str(told.value)
    assert sentence.startswith(f"{path}: ") and what in sentence and sentence.isprintable()


@pytest.mark.parametrize("magic", NO_TEXT, ids=repr)
def test_every_known_beginning_is_refused(magic: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(magic + bytes(300))
    with pytest.raises(NoText, match="this is "):
        look(tmp_path / "x")


def test_plain_files_need_no_copy_and_others_do(tmp_path: Path) -> None:
    plain = {}
    for form, content in READ.items():
        (tmp_path / "x").write_bytes(content)
        plain[form] = look(tmp_path / "x").is_plain
    assert [form for form, is_plain in plain.items() if is_plain] == ["UTF-8", "UTF-8 with a mark"]


def test_lines_longer_than_a_piece_of_the_file_are_whole(tmp_path: Path) -> None:
    content = b"a\n" + b"b" * (3 << 20) + b"\n\nc"
    (tmp_path / "x").write_bytes(gzip.compress(content))
    assert list(plain_lines(tmp_path / "x")) == content.splitlines(keepends=True)


def test_stray_bytes_stay_as_they_are(tmp_path: Path) -> None:
    content = TEXT.encode() + b"3,Am\xe9lie,4\n" + "ok é\n".encode()
    (tmp_path / "x").write_bytes(gzip.compress(content))
    assert b"".join(plain_chunks(tmp_path / "x", look(tmp_path / "x"))) == content


def test_small_files_are_looked_at_without_a_fault(tmp_path: Path) -> None:
    source = random.Random(7)
    short = (b"", b"\n", b"a", b"\0", b"\r", b"\xff", b"\xff\xfe", b"PK\x03\x04", b"\x1f\x8b")
    for content in (*short, *map(source.randbytes, range(60))):
        (tmp_path / "x").write_bytes(content)
        try:
            text = b"".join(plain_chunks(tmp_path / "x", look(tmp_path / "x")))
        except NoText:
            continue
        assert isinstance(text, bytes)
