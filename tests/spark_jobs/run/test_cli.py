"""How a job runs: flags, session, record, exit code."""

from __future__ import annotations

import argparse
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from spark_jobs.run import cli, session
from spark_jobs.storage.errors import JobError, Refused, message
from spark_jobs.storage.record import Run

CLUSTER = {"workers": 2, "cores": 4}


class NoSession:
    """Stands for a Spark session in jobs that need none."""

    def stop(self) -> None:
        pass


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "begin", lambda job: NoSession())
    monkeypatch.setattr(session, "cluster", lambda spark: CLUSTER)
    monkeypatch.setenv("CASSANDRA_PORT", "1")  # where nothing listens: these jobs are shown nowhere


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--share", type=float, default=0.5)


def execute(main: Any, data_dir: Path, *arguments: str) -> int:
    return cli.execute("try_out", "doc", add_arguments, main, ["--data-dir", str(data_dir), *arguments])


def only_record(data_dir: Path) -> dict[str, Any]:
    (path,) = (data_dir / "runs").glob("*.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_a_job_gets_its_flags_by_name_and_leaves_a_record(tmp_path: Path) -> None:
    def main(spark: object, run: Run, *, share: float) -> None:
        with run.step("count") as step:
            step.rows = 3
        run.count("rows.in", 3)
        run.metric("share", share)

    assert execute(main, tmp_path, "--share", "0.25") == 0
    record = only_record(tmp_path)
    assert (record["status"], record["job"], record["parameters"]) == ("done", "try_out", {"share": 0.25})
    assert (record["counts"], record["metrics"]) == ({"rows.in": 3}, {"share": 0.25})
    assert record["facts"]["cluster"] == CLUSTER
    assert [(step["name"], step["rows"]) for step in record["steps"]] == [("count", 3)]


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (JobError("ratings.csv, line 3: …"), 1, "failed"),
        (Refused("nDCG@10 0.1 < 0.2"), 3, "refused"),
        (ValueError("a bug"), 1, "failed"),
        (PermissionError(13, "Permission denied", "/data/clean"), 1, "failed"),
    ],
)
def test_a_job_that_ends_early_says_why_in_its_record_and_exit_code(
    tmp_path: Path, error: Exception, code: int, status: str
) -> None:
    def main(spark: object, run: Run, *, share: float) -> None:
        raise error

    assert execute(main, tmp_path) == code
    record = only_record(tmp_path)
    assert record["status"] == status
    assert record["error"] == message(error)


def test_who_may_not_read_is_named() -> None:
    error = PermissionError(13, "Permission denied", "/data/ml-100k/u.data")
    assert message(error).startswith(f"/data/ml-100k/u.data: Permission denied for user {os.getuid()}.")


def test_a_session_that_does_not_stop_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(NoSession, "stop", lambda self: go_on.wait())
    monkeypatch.setattr(session, "STOP_SECONDS", 0.1)
    assert execute(lambda spark, run, share: None, tmp_path) == 0
    assert "Spark has not stopped" in caplog.text
    go_on.set()


def test_a_job_that_is_stopped_by_hand_has_ended(tmp_path: Path) -> None:
    def main(spark: object, run: Run, *, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(main, tmp_path)
    record = only_record(tmp_path)
    assert (record["status"], record["error"]) == ("failed", "stopped by Ctrl-C")


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert execute(lambda spark, run, share: None, tmp_path / "file") == 1
    assert str(tmp_path / "file") in caplog.text


def test_wrong_arguments_end_with_code_2(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        execute(lambda: None, tmp_path, "--shore", "1")


def test_an_error_of_a_python_task_is_told_by_its_last_line(spark: SparkSession) -> None:
    def fail(batches: Any) -> Any:
        raise ValueError("row 7: no such thing")
        yield

    with pytest.raises(Exception, match="Traceback") as caught:
        spark.range(1).mapInArrow(fail, "id long").collect()
    assert message(caught.value) == "Spark failed: ValueError: row 7: no such thing"


def test_an_error_of_spark_is_told_by_its_cause(spark: SparkSession) -> None:
    with pytest.raises(Exception, match="nowhere") as caught:
        spark.read.parquet("/nowhere")
    assert "nowhere" in message(caught.value)
    assert "\n" not in message(caught.value)
