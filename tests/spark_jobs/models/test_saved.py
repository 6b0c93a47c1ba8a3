"""Which trained model is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spark_jobs.models.saved import ABOUT, choose
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths

FIRST, SECOND, OTHER = (f"2020010{day}T000000.000Z-aaaaaa" for day in (1, 2, 3))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Two models of the data set «mine», and a newer one of another."""
    paths = Paths(tmp_path)
    for run_id, dataset_id in ((FIRST, "mine"), (SECOND, "mine"), (OTHER, "other")):
        paths.model(run_id).mkdir(parents=True)
        (paths.model(run_id) / ABOUT).write_text(json.dumps({"run_id": run_id, "dataset_id": dataset_id}))
    return paths


def test_the_latest_model_of_the_data_set_is_chosen_or_the_one_that_is_named(paths: Paths) -> None:
    assert choose(paths, "mine", None).run_id == SECOND
    assert choose(paths, "mine", FIRST).run_id == FIRST


def test_a_model_of_another_data_set_is_not_published(paths: Paths) -> None:
    with pytest.raises(JobError, match="was trained on other"):
        choose(paths, "mine", OTHER)


def test_a_model_that_is_not_there_is_named(paths: Paths) -> None:
    with pytest.raises(JobError, match="no trained model"):
        choose(paths, "mine", "20200104T000000.000Z-dddddd")
    with pytest.raises(JobError, match="no model of the data set third"):
        choose(paths, "third", None)
