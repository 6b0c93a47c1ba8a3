"""Where things lie under DATA_DIR."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import Paths, spark_path
from spark_jobs.storage.tables import ParquetTables

ROOT = Path(__file__).resolve().parents[3]


def test_servers_are_those_of_the_sample_that_is_there(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    assert paths.servers == tmp_path / "raw/servers"  # where generate_servers makes them
    (tmp_path / "raw/sample-full/servers").mkdir(parents=True)
    assert paths.servers == tmp_path / "raw/sample-full/servers"
    (tmp_path / "raw/sample/servers").mkdir(parents=True)
    assert paths.servers == tmp_path / "raw/sample/servers"


ODD = "a [x] {b} *?,%20#é\\"


@pytest.mark.parametrize("name", [ODD, "[0-9]", "{a,b}", "%41", "a b"])
def test_what_is_written_to_a_folder_of_any_name_is_read_back(spark: SparkSession, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    (tmp_path / "0").mkdir()  # which the second name would be a pattern of
    spark.range(3).write.parquet(str(folder / "rows"))
    source = Source(folder / "rows")
    assert source.read(spark).count() == source.count() == 3
    rows = spark.createDataFrame([("r", "n", "d")], "run_id string, name string, data string")
    tables = ParquetTables(folder / "tables")
    for _ in range(2):
        tables.write(spark, "play_figures_by_run", rows)
    assert tables.read(spark, "play_figures_by_run").count() == 2
    pq.write_table(pa.table({"a": [1]}), folder / "one")
    assert spark.read.parquet(spark_path(folder / "one")).count() == 1


def test_spark_reads_from_no_path_that_is_not_quoted() -> None:
    reads = re.compile(r"spark\.read\b[^=]{0,80}?\.(?:parquet|csv|text|json|orc)\((?!\s*\[?\s*spark_path)")
    files = sorted((ROOT / "spark_jobs").rglob("*.py"))
    assert [str(file) for file in files if reads.search(file.read_text(encoding="utf-8"))] == []
