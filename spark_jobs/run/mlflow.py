"""Runs in MLflow: parameters, metrics and small files of every run, where MLFLOW_TRACKING_URI is set."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.contract.runs import Status
from spark_jobs.storage.record import Run

if TYPE_CHECKING:
    from mlflow import MlflowClient

log = logging.getLogger(__name__)

# by default the client tries for minutes before it says that a server is away
PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "10", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}
PARAMETERS_AT_ONCE, LONGEST_PARAMETER = 100, 6000  # what a server takes


def track(run: Run) -> None:
    """Log a run that has ended. What goes wrong is said in one line and is not the job's failure."""
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        return
    if find_spec("mlflow") is None:
        log.warning(
            "MLFLOW_TRACKING_URI is set, but its client is not installed:"
            " `.venv/bin/python -m pip install -r requirements-mlflow.txt` (in containers: `make setup`)."
        )
        return
    for name, value in PATIENCE.items():
        os.environ.setdefault(name, value)
    try:
        _log(uri, run)
    except Exception as error:  # of the client, of its many libraries, or of the server
        text = f"The run is not in MLflow at {uri}: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        log.warning("%s", re.sub(r"//[^/@\s]+@", "//", text))  # without the password that a URL may hold


def _log(uri: str, run: Run) -> None:
    from mlflow import MlflowClient  # a second of loading that only those who track should wait for

    assert run.finished_at is not None
    client = MlflowClient(uri)
    ended = _milliseconds(run.finished_at)
    known = client.get_experiment_by_name(run.job)
    experiment = known.experiment_id if known else client.create_experiment(run.job)
    entry = client.create_run(experiment, start_time=_milliseconds(run.started_at), run_name=run.run_id)
    made = entry.info.run_id
    try:
        _fill(client, made, run)
    except Exception:
        with suppress(Exception):  # the server may be gone; the error that counts is the first
            client.set_terminated(made, "FAILED", ended)
        raise
    client.set_terminated(made, "FINISHED" if run.status == Status.DONE else "FAILED", ended)


def _fill(client: MlflowClient, made: str, run: Run) -> None:
    from mlflow.entities import Metric, Param, RunTag

    assert run.finished_at is not None
    ended = _milliseconds(run.finished_at)
    metrics = [Metric(_key(name), value, ended, 0) for name, value in figures(run).items()]
    tags = [RunTag("status", run.status), RunTag("dataset_id", str(run.dataset_id)), RunTag("error", run.error or "")]
    client.log_batch(made, metrics=metrics, tags=tags)
    parameters = [Param(_key(name), str(value)[:LONGEST_PARAMETER]) for name, value in settings(run)]
    for first in range(0, len(parameters), PARAMETERS_AT_ONCE):
        client.log_batch(made, params=parameters[first : first + PARAMETERS_AT_ONCE])
    for path in files(run):
        client.log_artifact(made, str(path))


def figures(run: Run) -> dict[str, float]:
    """Metrics, numbers of rows as `rows.<what>`, and the seconds that the run took."""
    rows = {f"rows.{name}": float(count) for name, count in run.counts.items()}
    return {**run.metrics, **rows, "seconds": run.record()["seconds"]}


def settings(run: Run) -> Iterator[tuple[str, Any]]:
    """The flags, and the settings that a job chose where they were left open."""
    yield from run.parameters.items()
    yield from _flat("settings", run.facts.get("settings", {}))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, of in value.items():
            yield from _flat(f"{name}.{key}", of)
    else:
        yield name, value


def files(run: Run) -> list[Path]:
    """The record, and the files of the report and of the model; their folders of Parquet stay where they are."""
    folders = (run.paths.report(run.run_id), run.paths.model(run.run_id))
    found = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if path.is_file()]
    own = [path for path in found if not path.name.startswith((".", "_"))]
    return [path for path in (run.paths.record(run.run_id), *own) if path.exists()]


def _key(name: str) -> str:
    """The name in the letters that MLflow allows: ndcg@10.als is ndcg_at_10.als."""
    return re.sub(r"[^\w./ -]", "_", name.replace("@", "_at_"))


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)
