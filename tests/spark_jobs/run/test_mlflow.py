"""Runs in a real MLflow server, and in none."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from spark_jobs.run import mlflow
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server of our own."""
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/runs.db", "--artifacts-destination", str(folder / "files")]
    log = (folder / "log").open("w")
    environ = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # not needed, and takes seconds to start
    process = subprocess.Popen(
        [*command, *stores], env=environ, stdout=log, stderr=log, cwd=folder, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 240
        while not _answers(f"http://127.0.0.1:{port}/health"):
            assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # its workers, too
        process.wait(timeout=30)
        log.close()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except OSError:
        return False


def ended(folder: Path, status: str = "done") -> Run:
    """A run of train_als with a report, a model and a record."""
    run = Run("train_als", Paths(folder), {"seed": 42, "rank": None}, dataset_id="data-1")
    run.metric("ndcg@10.als", 0.25)
    run.count("ratings.training", 90_000)
    run.fact("settings", {"ranking": {"rank": 64}})
    report, model = run.paths.report(run.run_id), run.paths.model(run.run_id)
    (report / "scores").mkdir(parents=True)
    (report / "scores" / "part-0.parquet").write_text("rows")
    (report / "drift.json").write_text("{}")
    model.mkdir(parents=True)
    (model / "model.json").write_text("{}")
    run.finish(status, None if status == "done" else "no ratings")
    return run


def test_a_run_is_in_mlflow_with_parameters_metrics_and_files(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    runs = [ended(tmp_path), ended(tmp_path, "failed")]
    for run in runs:
        mlflow.track(run)
    assert "not in MLflow" not in caplog.text
    client = MlflowClient(server)
    experiment = client.get_experiment_by_name("train_als")
    found = {entry.info.run_name: entry for entry in client.search_runs([experiment.experiment_id])}
    done, failed = (found[run.run_id] for run in runs)
    assert done.data.params == {"seed": "42", "rank": "None", "settings.ranking.rank": "64"}
    assert (done.data.metrics["ndcg_at_10.als"], done.data.metrics["rows.ratings.training"]) == (0.25, 90_000.0)
    assert (done.info.status, done.data.tags["dataset_id"]) == ("FINISHED", "data-1")
    assert (failed.info.status, failed.data.tags["error"]) == ("FAILED", "no ratings")
    files = sorted(file.path for file in client.list_artifacts(done.info.run_id))
    assert files == sorted([f"{runs[0].run_id}.json", "drift.json", "model.json"])


def test_a_run_whose_files_are_not_taken_has_failed_there_and_does_not_run_for_ever(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from mlflow import MlflowClient

    def no_room(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setattr(MlflowClient, "log_artifact", no_room)
    run = ended(tmp_path)
    mlflow.track(run)
    assert "The run is not in MLflow" in caplog.text
    client = MlflowClient(server)
    experiment = client.get_experiment_by_name("train_als")
    found = {entry.info.run_name: entry.info.status for entry in client.search_runs([experiment.experiment_id])}
    assert found[run.run_id] == "FAILED"


def test_a_server_that_is_away_costs_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:s3cret@127.0.0.1:1")
    mlflow.track(ended(tmp_path))
    warnings = [record.getMessage() for record in caplog.records if record.name == mlflow.__name__]
    assert len(warnings) == 1
    assert "The run is not in MLflow at http://127.0.0.1:1: " in warnings[0]
    assert "s3cret" not in caplog.text


def test_a_client_that_is_not_installed_is_said_how_to_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mlflow, "find_spec", lambda name: None)
    mlflow.track(ended(tmp_path))
    assert caplog.text == "", "nobody asked for it"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    mlflow.track(ended(tmp_path))
    assert "pip install -r requirements-mlflow.txt" in caplog.text
