"""A generated catalogue from its bytes to published tables of Parquet."""

from __future__ import annotations

import argparse
import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from cql.kinds import Kind
from domain.contract.generated import MARKER, is_generated, is_marked
from spark_jobs import build_catalogue, generate_catalogue
from spark_jobs.publishing.active import active_runs
from spark_jobs.storage import datasets
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.schemas import CLEAN
from spark_jobs.storage.tables import ParquetTables

INVENTED, REAL = "tiny-0123abcd-generated", "tiny-0123abcd"
SIZES = {"titles": 250, "credits": 1500, "seed": 3, "dirt_share": 0.06}


def generate(spark: SparkSession, paths: Paths, out: Path | None = None) -> Run:
    run = Run("generate_catalogue", paths, {})
    generate_catalogue.main(spark, run, **SIZES, out=out)
    return run


def build(spark: SparkSession, paths: Paths, **flags: Any) -> Run:
    run = Run("build_catalogue", paths, {})
    parser = argparse.ArgumentParser()
    build_catalogue.add_arguments(parser)
    usual = vars(parser.parse_args(["--tables", f"parquet:{paths.root / 'tables'}", "--max-rejected-share", "0.1"]))
    build_catalogue.main(spark, run, **{**usual, **flags})
    return run


@pytest.fixture(scope="module")
def paths(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Two movies of MovieLens are clean, and a catalogue with them is generated."""
    paths = Paths(tmp_path_factory.mktemp("data"))
    links = [(1, "tt0000001", None), (2, "tt0000002", 7)]
    movies = [(1, "Known", 1999, ["Drama"]), (2, "Known, too", 2000, ["Drama"])]
    for name, rows in (("links", links), ("movies", movies)):
        spark.createDataFrame(rows, CLEAN[name]).coalesce(1).write.parquet(str(paths.clean / name))
    (paths.clean / "dataset.json").write_text(json.dumps({"dataset_id": INVENTED, "run_id": "1"}), encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def generated(spark: SparkSession, paths: Paths) -> Run:
    return generate(spark, paths)


@pytest.fixture(scope="module")
def built(spark: SparkSession, paths: Paths, generated: Run) -> Run:
    return build(spark, paths)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes(spark: SparkSession, paths: Paths, generated: Run) -> None:
    first = contents(paths.raw("catalogue"))
    assert set(first) == {"GENERATED", "titles.csv/part-00000.csv", "credits.csv/part-00000.csv"}
    generate(spark, paths, paths.raw("again"))
    assert contents(paths.raw("again")) == first


def test_a_folder_that_is_not_generated_is_not_replaced(spark: SparkSession, paths: Paths, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="not a generated catalogue"):
        generate(spark, paths, tmp_path)


def test_exactly_the_planted_records_are_rejected(generated: Run, built: Run) -> None:
    planted = {name.removeprefix("planted."): count for name, count in generated.counts.items() if "planted" in name}
    rejected = {name.replace(".rejected.", "."): count for name, count in built.counts.items() if ".rejected." in name}
    assert rejected == planted
    assert len(planted) == 7
    for file in ("titles", "credits"):
        assert built.counts[f"{file}.in"] == built.counts[f"{file}.clean"] + built.counts[f"{file}.rejected"]
    assert built.counts["titles.clean"] == SIZES["titles"]


def test_a_rejected_record_names_its_file_and_first_line(spark: SparkSession, paths: Paths, built: Run) -> None:
    run = Paths(paths.root / "tables").published(Kind.CATALOGUE) / built.run_id
    rejected = spark.read.parquet(str(run / "rejected_titles")).collect()
    lines = (paths.raw("catalogue") / "titles.csv/part-00000.csv").read_text(encoding="utf-8").split("\n")
    assert rejected
    for row in rejected:
        assert row.file == "titles.csv/part-00000.csv"
        assert lines[row.line - 1] == row.text


def test_every_table_has_the_rows_that_were_counted_and_is_active(
    spark: SparkSession, paths: Paths, built: Run
) -> None:
    tables = ParquetTables(paths.root / "tables")
    for table in build_catalogue.TABLES:
        assert (
            tables.read(spark, table).where(f"run_id = '{built.run_id}'").count() == built.counts[f"rows.{table}"] > 0
        )
    assert not paths.published(Kind.CATALOGUE).exists(), "the folder of a dry run is beside its tables"
    active = active_runs(tables, Kind.CATALOGUE.job).get()
    assert active is not None
    assert (active.run_id, active.dataset_id) == (built.run_id, built.dataset_id)
    assert built.counts["links"] == 2
    linked = tables.read(spark, "media_by_movie").collect()
    assert {(row.linked_dataset, row.movie_id, row.media_id) for row in linked} == {
        (INVENTED, 1, "tm1"),
        (INVENTED, 2, "tm4"),
    }


def test_a_generated_catalogue_says_so_in_its_folder_its_id_and_its_record(paths: Paths, built: Run) -> None:
    assert json.loads((paths.raw("catalogue") / MARKER).read_text(encoding="utf-8"))["by"] == "generate_catalogue"
    assert is_generated(built.dataset_id)
    assert built.record()["generated"] is True


def test_beside_real_ratings_it_has_no_movie_of_theirs_and_no_id_that_looks_real(
    spark: SparkSession, paths: Paths, generated: Run, tmp_path: Path
) -> None:
    beside = Paths(tmp_path)
    shutil.copytree(paths.clean, beside.clean)
    (beside.clean / "dataset.json").write_text(json.dumps({"dataset_id": REAL, "run_id": "1"}), encoding="utf-8")
    generate(spark, beside)
    (part,) = beside.raw("catalogue").glob("titles.csv/part-*")
    with part.open(encoding="utf-8", newline="") as file:
        titles = [row for row in csv.DictReader(file) if not row["id"].startswith("tx")]  # planted ones are bad
    assert {row["imdb_id"] for row in titles} == {""}
    assert [row["id"] for row in titles if not row["id"].startswith("invented")] == []
    assert not {"Known", "Known, too"} & {row["title"] for row in titles}
    older = build(spark, beside, catalogue=paths.raw("catalogue"))  # with IMDb ids of these movies
    assert (older.counts["links"], older.facts["linked_dataset"]) == (0, None)


def test_a_catalogue_without_a_marker_is_real_whatever_its_folder_is_called(tmp_path: Path) -> None:
    (tmp_path / "catalogue").mkdir()
    assert not is_generated(datasets.named("catalogue", [], is_marked(tmp_path / "catalogue")))


def test_too_many_rejected_records_publish_nothing_and_the_message_shows_them(
    spark: SparkSession, paths: Paths, built: Run
) -> None:
    with pytest.raises(JobError, match=r"9 of 259 records of titles are rejected.*part-00000\.csv line \d+"):
        build(spark, paths, max_rejected_share=0.001)
    active = active_runs(ParquetTables(paths.root / "tables"), Kind.CATALOGUE.job).get()
    assert active is not None
    assert active.run_id == built.run_id


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, r"titles\.csv: no such file.*--catalogue or CATALOGUE_DIR"),
        ({"titles.csv": "id,title\n"}, r"titles\.csv: the first line is 'id,title', but must be «id,title,type"),
    ],
    ids=["missing", "another header"],
)
def test_files_that_cannot_be_used_are_named(
    spark: SparkSession, tmp_path: Path, files: dict[str, str], says: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(JobError, match=says):
        build(spark, Paths(tmp_path / "data"), catalogue=tmp_path)
