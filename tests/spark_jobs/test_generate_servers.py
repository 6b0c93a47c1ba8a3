"""generate_servers: a folder that says of itself that it is made up, where detect_outliers looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.contract.generated import is_marked
from spark_jobs.generate_servers import main
from spark_jobs.outliers.subjects import known_subject
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

SPARK: Any = None  # which it does not use


def test_the_folder_is_whole_marked_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    run = Run("generate_servers", Paths(tmp_path), {})
    main(SPARK, run, seed=42, out=None)
    folder = run.paths.servers
    assert folder == tmp_path / "raw/servers"
    assert is_marked(folder)
    lines = {path.name: path.read_text().splitlines() for path in folder.glob("*.csv")}
    assert {name: len(found) for name, found in lines.items()} == {
        "metrics.csv": 308,
        "validation.csv": 307,
        "labels.csv": 307,
    }
    assert run.counts["servers"] == 307
    main(SPARK, run, seed=42, out=tmp_path / "again")
    assert (tmp_path / "again/metrics.csv").read_text().splitlines() == lines["metrics.csv"]


def test_without_servers_the_message_says_what_makes_some(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="`make job JOB=generate_servers` makes some up"):
        known_subject(SPARK, Paths(tmp_path), "servers", tmp_path)
