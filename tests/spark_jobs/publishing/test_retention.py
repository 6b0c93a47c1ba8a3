"""Which published runs are deleted."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from cql.connect import Contact
from cql.kinds import Kind
from domain.contract.runs import answer_bucket
from spark_jobs.publishing import publisher, retention
from spark_jobs.publishing.active import home_of_runs
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.schemas import table_schema
from spark_jobs.storage.tables import CassandraTables, ParquetTables
from tests.support.parquet import save
from tests.support.runs import Runs


def test_withdrawn_runs_take_no_place_of_those_that_can_be_gone_back_to(tmp_path: Path) -> None:
    for number in range(1, 7):
        (tmp_path / f"run-{number}").mkdir()
    runs = Runs("data")
    runs.served, runs.statuses = "run-6", {"run-4": "withdrawn", "run-5": "withdrawn"}
    publications = retention.Publications(tmp_path, {})
    assert retention.delete_old_runs(None, publications, None, runs, 3) == ["run-1"]
    assert retention.delete_old_runs(None, publications, None, runs, 2) == ["run-4", "run-2"]
    assert retention.published(tmp_path) == ["run-6", "run-5", "run-3"]


def test_the_active_run_stays_however_old_it_is(tmp_path: Path) -> None:
    for number in range(1, 4):
        (tmp_path / f"run-{number}").mkdir()
    runs = Runs("data")
    runs.served = "run-1"
    assert retention.delete_old_runs(None, retention.Publications(tmp_path, {}), None, runs, 1) == ["run-2"]


def test_what_people_answered_goes_with_its_run(spark: SparkSession, tmp_path: Path) -> None:
    published, tables = tmp_path / "published", ParquetTables(tmp_path / "tables")
    schema = table_schema("answers_by_run")
    rows = [
        {"run_id": f"run-{number}", "bucket": answer_bucket(user), "user_id": user, "movie_id": 1, "rating": 4.0}
        for number in (1, 2, 3)
        for user in range(300)
    ]
    save(tables.root / "answers_by_run", pa.Table.from_pylist(rows, to_arrow_schema(schema)))
    for number in (1, 2, 3):
        (published / f"run-{number}").mkdir(parents=True)
    runs = Runs("data")
    runs.served = "run-3"
    publications = retention.Publications(published, {}, publisher.OF_READERS[Kind.RECOMMENDATIONS])
    assert retention.delete_old_runs(spark, publications, tables, runs, 2) == ["run-1"]
    left = Source(tables.root / "answers_by_run").tally("run_id")
    assert left == {("run-2",): 300, ("run-3",): 300}


def test_where_nobody_has_answered_nothing_is_deleted(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "published" / f"run-{number}").mkdir(parents=True)
    runs = Runs("data")
    runs.served = "run-2"
    publications = retention.Publications(tmp_path / "published", {}, {"answers_by_run": 64})
    tables = ParquetTables(tmp_path / "tables")
    assert retention.delete_old_runs(None, publications, tables, runs, 1) == ["run-1"]
    assert not tables.root.exists()


def test_runs_of_other_tables_have_folders_of_their_own(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "data")
    real = home_of_runs(CassandraTables(Contact.from_env({})), paths)
    dry, other = (home_of_runs(ParquetTables(tmp_path / name), paths) for name in ("dry", "other"))
    assert real == paths
    assert dry.published(Kind.SONGPLAYS) == tmp_path / "dry" / "songplays"
    assert len({home.published(Kind.RECOMMENDATIONS) for home in (real, dry, other)}) == 3
    with pytest.raises(JobError, match="name another folder"):
        home_of_runs(ParquetTables(tmp_path / "data"), paths)
