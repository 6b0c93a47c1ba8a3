"""The two files of a catalogue in every form in which people bring them."""

from __future__ import annotations

import bz2
import gzip
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from domain.contract.catalogue import HEADERS
from spark_jobs.catalogue.files import clean_catalogue, survey_catalogue
from spark_jobs.catalogue.transforms.records import classify_credits, classify_titles
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.raw_files import line_of, read_records
from spark_jobs.storage.record import Run
from tests.support.mutations import LINES, bytes_of, mutated

FIRST = ["tm1", "Été", "MOVIE", "Two, or more;\nlines", "1994", "PG", "101", "['drama']", "['US']", ""]
SECOND = ["ts2", "Salt", "SHOW", "", "2012", "", "99", "['war', 'crime']", "['US', None]", "2"]
TITLES = [
    HEADERS["titles"].split(","),
    [*FIRST, "tt0100001", "7.1", "2034.0", "1.5", "6.2"],
    [*SECOND, "", "6.0", "1e3", "0.6", ""],
]
CREDITS = [HEADERS["credits"].split(","), ["48.0", "tm1", "Ann", "Self", "ACTOR"], ["0", "ts2", "Ben", "", "DIRECTOR"]]
Rows = list[list[str]]


def text(rows: Rows, separator: str = ",", end: str = "\n") -> str:
    quoted = [
        '"' + cell.replace('"', '""') + '"' if set(cell) & set(',;\t"\n') else cell for row in rows for cell in row
    ]
    cells = iter(quoted)
    return "".join(separator.join(next(cells) for _ in row) + end for row in rows)


def with_index(rows: Rows) -> Rows:
    """As pandas writes a frame without index=False."""
    return [["", *rows[0]], *([str(at), *row] for at, row in enumerate(rows[1:]))]


def row_names(rows: Rows) -> Rows:
    """As R's write.table writes one."""
    return [rows[0], *([str(at), *row] for at, row in enumerate(rows[1:], start=1))]


def turned(rows: Rows) -> Rows:
    return [row[::-1] for row in rows]


def commas(rows: Rows) -> Rows:
    return [rows[0], *([cell.replace(".", ",") if cell[:1].isdigit() else cell for cell in row] for row in rows[1:])]


def upper(rows: Rows) -> Rows:
    return [[name.upper().replace("_", " ") for name in rows[0]], *rows[1:]]


def in_upper_case(path: Path, rows: Rows) -> None:
    path.with_name(path.name.upper()).write_text(text(upper(rows)))


def zipped(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inside.csv", content)


FORMS: dict[str, tuple[str, Callable[[Path, Rows], object]]] = {
    "as published": ("{}.csv", lambda path, rows: path.write_text(text(rows))),
    "semicolons": ("{}.csv", lambda path, rows: path.write_text(text(rows, ";"))),
    "semicolons and decimal commas": ("{}.csv", lambda path, rows: path.write_text(text(commas(rows), ";"))),
    "tabs": ("{}.tsv", lambda path, rows: path.write_text(text(rows, "\t"))),
    "CRLF and a mark": ("{}.csv", lambda path, rows: path.write_text("\ufeff" + text(rows, end="\r\n"), newline="")),
    "another order": ("{}.csv", lambda path, rows: path.write_text(text(turned(rows)))),
    "an index of pandas": ("{}.csv", lambda path, rows: path.write_text(text(with_index(rows)))),
    "row names of R": ("{}.csv", lambda path, rows: path.write_text(text(row_names(rows)))),
    "names in upper case": ("{}.csv", lambda path, rows: in_upper_case(path, rows)),
    "Latin-1": ("{}.csv", lambda path, rows: path.write_text(text(rows), encoding="latin-1")),
    "UTF-16": ("{}.csv", lambda path, rows: path.write_text(text(rows), encoding="utf-16")),
    "gz": ("{}.csv.gz", lambda path, rows: path.write_bytes(gzip.compress(text(rows).encode()))),
    "bz2 under the plain name": ("{}.csv", lambda path, rows: path.write_bytes(bz2.compress(text(rows).encode()))),
    "zip": ("{}.csv.zip", lambda path, rows: zipped(path, text(rows).encode())),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_same_catalogue_is_read_from_every_form(spark: SparkSession, tmp_path: Path, form: str) -> None:
    name, write = FORMS[form]
    for kind, rows in (("titles", TITLES), ("credits", CREDITS)):
        write(tmp_path / name.format(kind), rows)
    files = survey_catalogue(tmp_path, tmp_path / "work")
    read = {kind: read_records(spark, raw) for kind, raw in files.items()}
    titles = classify_titles(read["titles"], files["titles"].layout, 2).cache()
    found = titles.orderBy("position").select("*", line_of("position").alias("line")).collect()
    assert [row.reason for row in found] == [None, None]
    assert [row.line for row in found] == [2, 4]
    assert [(row.media_id, row.title, row.year, row.votes, row.runtime) for row in found] == [
        ("tm1", "Été", 1994, 2034, 101),
        ("ts2", "Salt", 2012, 1000, 99),
    ]
    assert [(row.genres, row.countries, row.seasons) for row in found] == [
        (["drama"], ["US"], None),
        (["war", "crime"], ["US"], 2),
    ]
    assert [round(row.score, 1) for row in found] == [7.1, 6.0]
    credits = classify_credits(read["credits"], files["credits"].layout, titles, 2).orderBy("position").collect()
    assert [(row.reason, row.person_id, row.character) for row in credits] == [(None, 48, "Self"), (None, 0, None)]


def test_columns_that_are_not_needed_may_be_absent_and_that_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "titles.csv").write_text("id,title,type,release_year,genres,production_countries\n")
    (tmp_path / "credits.csv").write_text("persons_id,id,name,role\n")
    files = survey_catalogue(tmp_path, tmp_path / "work")
    assert files["credits"].layout.places == (0, 1, 2, -1, 3)
    assert "titles.csv has no column description, age_certification, runtime" in caplog.text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x93NUMPY\x01\x00v\x00", r"titles\.csv: this is a NumPy array"),
        (b"PAR1\x15\x00", r"titles\.csv: this is a Parquet file"),
        (b"", r"titles\.csv: the file is empty"),
        (b"id,name\n1,2\n", r"titles\.csv: the first line is 'id,name', but must be «id,title,type"),
        (gzip.compress(b"id,title" * 10_000, mtime=0)[:-12], r"titles\.csv: the file is damaged or was cut off"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "titles.csv").write_bytes(content)
    (tmp_path / "credits.csv").write_text(text(CREDITS))
    with pytest.raises(JobError, match=says):
        survey_catalogue(tmp_path, tmp_path / "work")


def test_of_any_records_none_is_lost(spark: SparkSession, tmp_path: Path) -> None:
    rng = random.Random(12)
    for kind, rows in (("titles", TITLES), ("credits", CREDITS)):
        lines = text(rows[1:]).rstrip("\n").replace(";\n", "; ").split("\n") * (LINES // 4)
        unlike = [line.replace("tm1", f"tm{at}", 1).replace("ts2", f"ts{at}", 1) for at, line in enumerate(lines)]
        (tmp_path / f"{kind}.csv").write_bytes(
            text(rows[:1]).encode() + bytes_of(rng, [mutated(rng, line) for line in unlike])
        )
    run = Run("build_catalogue", Paths(tmp_path / "data"), {})
    files = survey_catalogue(tmp_path, tmp_path / "work")
    clean_catalogue(spark, run, tmp_path, files, tmp_path / "out", 1.0)
    for kind in HEADERS:
        assert run.counts[f"{kind}.in"] == run.counts[f"{kind}.clean"] + run.counts[f"{kind}.rejected"]
        assert run.counts[f"{kind}.clean"] > 0
        rejected = spark.read.parquet(str(tmp_path / "out" / f"rejected_{kind}"))
        whole = ("blank_line", "broken_quotes", "control_character", "invalid_encoding", "missing_field")
        known = {*whole, "surplus_field", "duplicate"}
        assert {row.reason for row in rejected.where("field is null").select("reason").distinct().collect()} <= known


def test_the_case_files_are_read_whole(spark: SparkSession, tmp_path: Path, cases: Path) -> None:
    run = Run("build_catalogue", Paths(tmp_path / "data"), {})
    folder = cases / "catalogue" / "exponents"
    clean_catalogue(spark, run, folder, survey_catalogue(folder, tmp_path / "work"), tmp_path / "out", 0.0)
    assert [run.counts[f"{kind}.clean"] for kind in ("titles", "credits")] == [2, 2]
