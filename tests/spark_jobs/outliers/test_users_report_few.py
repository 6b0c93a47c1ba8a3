"""detect_anomalous_users on few users: it reports what it can and advises no flag that it does not have."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from spark_jobs import detect_anomalous_users
from spark_jobs.outliers import users_report
from spark_jobs.outliers.flagged import FAKE
from spark_jobs.run import cli
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.schemas import CLEAN
from tests.support.parquet import save

START = datetime(2015, 1, 1, tzinfo=UTC)
Rows = list[tuple[int, int, float, datetime]]


def detect(spark: SparkSession, root: Path, rows: Rows, *typed: str) -> Run:
    paths = Paths(root)
    schema = to_arrow_schema(CLEAN["ratings"])
    columns = [dict(zip(schema.names, row, strict=True)) for row in rows]
    save(paths.clean / "ratings", pa.Table.from_pylist(columns, schema))
    (paths.clean / "dataset.json").write_text(json.dumps({"dataset_id": "few-1"}))
    parser = cli.parser("detect_anomalous_users", "", detect_anomalous_users.add_arguments)
    flags = vars(parser.parse_args(["--tables", "none", *typed]))
    del flags["data_dir"]
    run = Run("detect_anomalous_users", paths, {})
    detect_anomalous_users.main(spark, run, **flags)
    return run


def of_users(users: int, movies: int = 5, same: bool = False) -> Rows:
    return [
        (user, movie, 3.0 if same else (user * movie) % 10 / 2 + 0.5, START + timedelta(hours=user * movie))
        for user in range(1, users + 1)
        for movie in range(1, movies + 1)
    ]


@pytest.mark.parametrize(
    "rows",
    [of_users(2), of_users(3), of_users(3, movies=1), of_users(4, same=True)],
    ids=["two users", "three users", "one movie", "all alike"],
)
def test_few_users_have_a_report(spark: SparkSession, tmp_path: Path, rows: Rows) -> None:
    run = detect(spark, tmp_path, rows)
    assert [line.split(",")[0].rstrip("0123456789") for line in run.summary[:2]] == [
        "outliers.fake-profiles: good",
        "outliers.unusual-users: good",
    ]
    assert not any(" nan" in line or line.endswith("first: ") for line in run.summary)
    anomalous = pd.read_csv(run.paths.report(run.run_id) / "user_statistics_with_anomalies.csv")
    assert not anomalous["fake_profile"].any()
    assert users_report.listed(anomalous.assign(fake_reasons="", isolation_reasons=""), FAKE, 10) == []
    assert run.summary[2] == f"report: {run.paths.report(run.run_id)}"


@pytest.mark.parametrize(
    ("rows", "count"), [([], "no user"), (of_users(1), "1 user"), (of_users(1, movies=1), "1 user")]
)
def test_too_few_users_are_said_to_be_too_few(spark: SparkSession, tmp_path: Path, rows: Rows, count: str) -> None:
    with pytest.raises(JobError, match=f"{count} with ratings.*at least 2") as caught:
        detect(spark, tmp_path, rows)
    parser = cli.parser("detect_anomalous_users", "", detect_anomalous_users.add_arguments)
    has = {flag for action in parser._actions for flag in action.option_strings}
    assert set(re.findall(r"--[a-z-]+", str(caught.value))) <= has
    assert not (tmp_path / "reports").exists()


def test_a_contamination_so_small_that_nobody_is_flagged(spark: SparkSession, tmp_path: Path) -> None:
    assert detect(spark, tmp_path, of_users(3), "--contamination", "0.0001").counts["users.unusual-users"] <= 1


def test_the_first_of_the_list_is_in_the_verdict(spark: SparkSession, tmp_path: Path) -> None:
    run = detect(spark, tmp_path, of_users(12), "--contamination", "auto")
    assert re.fullmatch(
        r"outliers\.unusual-users: good, 1 of 12 users are flagged; first: user \d+, .*median.*", run.summary[1]
    )
