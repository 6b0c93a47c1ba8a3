"""What the record of a run says."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_jobs.storage.datasets import named
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run


@pytest.mark.parametrize("generated", [True, False])
def test_a_run_on_an_invented_data_set_says_so_by_the_id_alone(tmp_path: Path, generated: bool) -> None:
    run = Run("train_als", Paths(tmp_path), {})
    assert run.record()["generated"] is False
    run.dataset_id = named("sample", ["content"], generated)
    assert run.record()["generated"] is generated


def test_a_run_on_invented_rows_of_no_data_set_says_so(tmp_path: Path) -> None:
    run = Run("detect_outliers", Paths(tmp_path), {}, read_invented=True)
    assert run.record()["generated"] is True
