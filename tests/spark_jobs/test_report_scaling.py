"""Run times out of run records, and the report made from them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from spark_jobs import report_scaling
from spark_jobs.report_scaling import PIPELINE, run_times
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import ParquetTables

DATA = "data-1"


def record(job: str, workers: int, seconds: float, at: int = 1, **other: Any) -> dict[str, Any]:
    facts = {"cluster": {"workers": workers, "cores": workers}, **other.pop("facts", {})}
    made = {"job": job, "run_id": f"2020010{at}", "dataset_id": DATA, "status": "done", "seconds": seconds}
    return {**made, "facts": facts, **other}


def pipeline(workers: int, seconds: float, at: int = 1) -> list[dict[str, Any]]:
    return [record(job, workers, seconds, at) for job in PIPELINE]


def test_the_latest_run_of_each_job_counts_for_each_number_of_workers() -> None:
    found = run_times([*pipeline(2, 5.0, at=2), *pipeline(1, 9.0), *pipeline(2, 7.0)], DATA)
    assert found == {1: dict.fromkeys(PIPELINE, 9.0), 2: dict.fromkeys(PIPELINE, 5.0)}
    assert list(found) == [1, 2]


@pytest.mark.parametrize(
    "other",
    [
        {"status": "failed"},
        {"dataset_id": "data-2"},
        {"job": "evaluate"},
        {"facts": {"unchanged": True}},
        {"facts": {"cluster": {"workers": 3, "cores": 3}}},
    ],
)
def test_what_is_not_a_whole_run_of_the_pipeline_is_left_out(other: dict[str, Any]) -> None:
    first, *rest = pipeline(2, 5.0)
    changed = {**first, **other, "facts": {**first["facts"], **other.get("facts", {})}}
    assert run_times([changed, *rest], DATA) == {}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path)
    paths.clean.mkdir()
    (paths.clean / "dataset.json").write_text(json.dumps({"dataset_id": DATA, "run_id": "r"}))
    return paths


def report(spark: SparkSession, paths: Paths, records: list[dict[str, Any]]) -> Run:
    for number, one in enumerate(records):
        path = paths.record(f"{number:03}")
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(one))
    run = Run("report_scaling", paths, {})
    report_scaling.main(spark, run, tables=ParquetTables(paths.root / "tables"))
    return run


def test_the_report_has_what_was_measured_and_marks_what_is_predicted(spark: SparkSession, paths: Paths) -> None:
    run = report(spark, paths, [*pipeline(1, 30.0), *pipeline(2, 20.0)])
    with (paths.report(run.run_id) / "run_time_by_nodes.csv").open() as file:
        rows = list(csv.DictReader(file))
    whole = {(row["nodes"], row["kind"]): float(row["seconds"]) for row in rows if row["job"] == "all"}
    assert (whole["1", "measured"], whole["2", "measured"]) == (90.0, 60.0)
    assert whole["4", "predicted"] == pytest.approx(30 + 60 / 4)
    assert run.metrics["serial_share"] == pytest.approx(1 / 3)
    (figure,) = ParquetTables(paths.root / "tables").read(spark, "insights_by_dataset").collect()
    assert (figure.dataset_id, figure.name) == (DATA, "run_time_by_nodes")
    assert json.loads(figure.data)["kind"] == ["measured"] * 2 + ["predicted"] * 5


def test_one_number_of_workers_is_too_little_and_the_message_says_what_to_run(
    spark: SparkSession, paths: Paths
) -> None:
    with pytest.raises(JobError, match="make scale"):
        report(spark, paths, pipeline(2, 20.0))
