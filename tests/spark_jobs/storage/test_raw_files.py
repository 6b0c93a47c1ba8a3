"""The raw files: what is refused before any work, and which line is which."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from domain.contract.movielens import HEADERS
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.raw_files import STRAY_LINES, line_of, part_of, read_lines, survey

HEADER = HEADERS["tags"].encode()


def tags_file(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "tags.csv").write_bytes(content)
    return folder


def accented(lines: int, encoding: str) -> bytes:
    return "\n".join([HEADER.decode(), "1,1,plain,1", *["1,1,é,1"] * lines]).encode(encoding)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"tags\.csv: the file is empty"),
        (b"userId,movieId,tag\n1,1,a", r"tags\.csv: the first line is 'userId,movieId,tag', but must be «userId,"),
        (b"1,1,funny,1000000000\n", r"tags\.csv: the first line is '1,1,funny,1000000000'"),
        ((HEADER + b"\n").decode().encode("utf-16"), r"tags\.csv: the first line is .*\\x00"),
        (accented(STRAY_LINES, "latin-1"), r"tags\.csv: not UTF-8, .* in line 3\. .*iconv"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=says):
        survey(tags_file(tmp_path, content), "tags")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"tags\.csv: no such file"):
        survey(tmp_path, "tags")


def test_a_folder_without_parts_is_named(tmp_path: Path) -> None:
    (tmp_path / "tags.csv").mkdir()
    (tmp_path / "tags.csv" / "_SUCCESS").touch()
    with pytest.raises(JobError, match=r"tags\.csv: the folder has no files"):
        survey(tmp_path, "tags")


def test_a_file_without_rights_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_rights(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    folder = tags_file(tmp_path, HEADER)
    monkeypatch.setattr(Path, "open", no_rights)  # root, who runs CI, may read everything
    with pytest.raises(JobError, match=r"tags\.csv: cannot be read: Permission denied"):
        survey(folder, "tags")


@pytest.mark.parametrize(
    "content",
    [
        accented(STRAY_LINES - 1, "latin-1"),
        accented(STRAY_LINES, "latin-1") + "\n1,1,ü,1".encode(),
        accented(STRAY_LINES, "utf-8"),
    ],
    ids=["a few stray bytes", "stray bytes among right ones", "UTF-8"],
)
def test_stray_bytes_are_left_to_the_rows(content: bytes, tmp_path: Path) -> None:
    assert survey(tags_file(tmp_path, content), "tags").lines == content.count(b"\n")


@pytest.mark.parametrize(
    ("rows", "lines"),
    [(b"", 0), (b"\n", 0), (b"\na", 1), (b"\na\n", 1), (b"\n\n", 1), (b"\r\na\rb\r\n", 1), (b"\n\n\na", 3)],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_end_at_line_feeds_and_the_header_is_not_counted(
    rows: bytes, lines: int, mark: bytes, tmp_path: Path
) -> None:
    assert survey(tags_file(tmp_path, mark + HEADER + rows), "tags").lines == lines


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
        raw = survey(tmp_path, "tags")
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
    rows = read_lines(spark, survey(folder, "tags")).select(line_of("position"), "value").collect()
    assert sorted((number, bytes(value)) for number, value in rows) == [(2, b"1"), (3, b"2")]
