"""The raw files: what is refused before any work, and which line is which."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from domain.contract.movielens import HEADERS
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.plain_files import STRAY_LINES
from spark_jobs.storage.raw_files import RawFile, line_of, named_columns, part_of, read_lines, survey

HEADER = HEADERS["tags"].encode()
TAGS = named_columns(dict.fromkeys(HEADERS["tags"].split(","), ()))


def tags_file(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "tags.csv").write_bytes(content)
    return folder


def survey_tags(folder: Path) -> RawFile:
    return survey(folder / "tags.csv", "tags", TAGS, folder / "work")


def cyrillic(lines: int) -> bytes:
    return accented(lines, "utf-8").replace("é".encode(), "три".encode("cp1251"))


def accented(lines: int, encoding: str) -> bytes:
    return "\n".join([HEADER.decode(), "1,1,plain,1", *["1,1,é,1"] * lines]).encode(encoding)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"tags\.csv: the file is empty"),
        (
            b"userId,movieId,tag\n1,1,a",
            r"tags\.csv: .* 'userId,movieId,tag', but must be «userId,.*timestamp is missing",
        ),
        (HEADER + b",tag\n", r"tags\.csv: the first line .* tag is named twice"),
        (b"funny,1000000000\n", r"tags\.csv: the first line is 'funny,1000000000', but must be"),
        (
            accented(STRAY_LINES, "utf-8").replace("é".encode(), b"\xcf\xf0\xe8"),
            r"tags\.csv: not UTF-8: .* line 3\. .*iconv",
        ),
        (b"\x93NUMPY\x01\x00v\x00", r"tags\.csv: this is a NumPy array, not text: save it with numpy"),
        (gzip.compress(HEADER, mtime=0)[:-9], r"tags\.csv: the file is damaged or was cut off"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=says):
        survey_tags(tags_file(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"tags\.csv: no such file"):
        survey_tags(tmp_path)


def test_a_folder_without_parts_is_named(tmp_path: Path) -> None:
    (tmp_path / "tags.csv").mkdir()
    (tmp_path / "tags.csv" / "_SUCCESS").touch()
    with pytest.raises(JobError, match=r"tags\.csv: the folder has no files"):
        survey_tags(tmp_path)


def test_a_file_without_rights_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_rights(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    folder = tags_file(tmp_path, HEADER)
    monkeypatch.setattr(Path, "open", no_rights)  # root, who runs CI, may read everything
    with pytest.raises(JobError, match=r"tags\.csv: cannot be read: Permission denied"):
        survey_tags(folder)


@pytest.mark.parametrize(
    "content",
    [
        cyrillic(STRAY_LINES - 1),
        accented(STRAY_LINES, "latin-1") + "\n1,1,ü,1".encode(),
        accented(STRAY_LINES, "utf-8"),
    ],
    ids=["a few stray bytes", "stray bytes among right ones", "UTF-8"],
)
def test_stray_bytes_are_left_to_the_rows(content: bytes, tmp_path: Path) -> None:
    assert survey_tags(tags_file(tmp_path, content)).lines == content.count(b"\n")


WRITTEN = {
    "Latin-1": lambda text: text.encode("latin-1"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "bzip2": lambda text: bz2.compress(text.encode()),
    "xz": lambda text: lzma.compress(text.encode()),
    "carriage returns": lambda text: text.replace("\n", "\r").encode(),
    "gzip of UTF-16 with carriage returns": lambda text: gzip.compress(text.replace("\n", "\r").encode("utf-16")),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_packed_and_other_encodings_are_read_as_plain_text(spark: SparkSession, tmp_path: Path, way: str) -> None:
    text = f"{HEADER.decode()}\n1,1,fiancée,1000000000\n1,2,plain,1000000000\n"
    raw = survey_tags(tags_file(tmp_path, WRITTEN[way](text)))
    rows = read_lines(spark, raw).select(part_of("position", raw), line_of("position"), "value").collect()
    assert raw.lines == 2
    assert sorted((part, number, bytes(value).decode()) for part, number, value in rows) == [
        ("tags.csv", 2, "1,1,fiancée,1000000000"),
        ("tags.csv", 3, "1,2,plain,1000000000"),
    ]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [(b"", 0), (b"\n", 0), (b"\na", 1), (b"\na\n", 1), (b"\n\n", 1), (b"\r\na\rb\r\n", 1), (b"\n\n\na", 3)],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_end_at_line_feeds_and_the_header_is_not_counted(
    rows: bytes, lines: int, mark: bytes, tmp_path: Path
) -> None:
    assert survey_tags(tags_file(tmp_path, mark + HEADER + rows)).lines == lines


def test_line_numbers_hold_however_the_files_are_split(spark: SparkSession, tmp_path: Path) -> None:
    lines = [f"{number}," + "x" * (number % 37) for number in range(2, 3000)]
    content = b"\n".join([HEADER, *(line.encode() for line in lines)])
    (tmp_path / "tags.csv").mkdir()
    (tmp_path / "tags.csv" / "a [1]").write_bytes(content + b"\n")
    (tmp_path / "tags.csv" / "b").write_bytes(content)
    settings = {"spark.sql.files.maxPartitionBytes": "3001", "spark.sql.files.openCostInBytes": "0"}
    try:
        for name, value in settings.items():
            spark.conf.set(name, value)
        raw = survey_tags(tmp_path)
        read = read_lines(spark, raw)
        rows = read.select(part_of("position", raw), line_of("position"), "value", "position").collect()
        assert read.rdd.getNumPartitions() > 10
    finally:
        for name in settings:
            spark.conf.unset(name)
    assert raw.lines == len(rows) == 2 * len(lines)
    assert {(part, number, bytes(value).decode()) for part, number, value, _ in rows} == {
        (f"tags.csv/{part}", number, line) for part in ("a [1]", "b") for number, line in enumerate(lines, start=2)
    }
    in_order = sorted((position, part, number) for part, number, _, position in rows)
    assert [place for _, *place in in_order] == sorted(place for _, *place in in_order)


@pytest.mark.parametrize("given", [".", "here", "../{}/here", "{}/here/../here"])
def test_a_folder_is_found_by_any_path(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    tags_file(tmp_path / "here", HEADER + b"\n1\n2")
    monkeypatch.chdir(tmp_path / "here" if given == "." else tmp_path)
    folder = Path(given.replace("../{}", f"../{tmp_path.name}").replace("{}", str(tmp_path)))
    rows = read_lines(spark, survey_tags(folder)).select(line_of("position"), "value").collect()
    assert sorted((number, bytes(value)) for number, value in rows) == [(2, b"1"), (3, b"2")]
