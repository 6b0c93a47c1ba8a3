"""Which trained model is published, and how its parts are read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domain.models.settings import Blend, defaults_for
from domain.models.sparse_ease import SparseRows
from domain.stars.neighbours import Near
from spark_jobs.models.co_ratings import CoRatings
from spark_jobs.models.saved import ABOUT, HEAD, MOVIES, STAR_MOVIES, SavedModel, choose, learned, write_head
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from tests.support.parquet import save

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


MOVIE_IDS = np.array([3, 5, 8, 13, 21], np.int32)


def written(folder: Path, head: list[int], stars_of: list[int] | None = None) -> SavedModel:
    """A model of five movies as train_als saves it, with a head at these positions."""
    random, count = np.random.default_rng(1), len(head)
    kept = max(count - 1, 0)
    columns = np.array([[j for j in range(count) if j != i] for i in range(count)], np.int32).reshape(count, kept)
    near = Near(
        np.append(0, np.cumsum(np.arange(count))).astype(np.int64),
        np.concatenate([np.arange(i, dtype=np.int32) for i in range(count)] + [np.zeros(0, np.int32)]),
        np.linspace(0.1, 0.9, count * (count - 1) // 2).astype(np.float32),
    )
    found = CoRatings(np.array([9, 1, 7, 2, 8]), np.array(head, np.intp), np.zeros((count, count), np.float32), near)
    weights = random.normal(size=columns.shape).astype(np.float32)
    write_head(folder, MOVIE_IDS, found, SparseRows(columns, weights))
    factors = pa.array(random.normal(size=(5, 2)).tolist(), pa.list_(pa.float32()))
    of_movies = {"id": MOVIE_IDS[::-1], "factors": factors}  # files come in any order
    save(folder / MOVIES, pa.table(of_movies))
    ids = MOVIE_IDS if stars_of is None else np.array(stars_of, np.int32)
    biases = pa.array(random.normal(size=5).astype(np.float32))
    save(folder / STAR_MOVIES, pa.table({"id": ids, "bias": biases, "factors": factors}))
    settings = defaults_for(1000, 10).with_parts({"blend": {"ease_weight": 0.3, "popular_weight": 0.1}}).as_parts()
    return SavedModel(folder, {"settings": settings, "mean_rating": 3.4, "scale": "1,10,1"})


@pytest.mark.parametrize("head", [[0, 2, 4], [2], [0, 1, 2, 3, 4], []])
def test_a_saved_model_is_read_as_it_was_written(tmp_path: Path, head: list[int]) -> None:
    model = written(tmp_path / "model", head)
    found, table = learned(model), pq.read_table(tmp_path / "model" / HEAD)
    assert found.ids.tolist() == MOVIE_IDS.tolist()
    assert found.ranking.raters.tolist() == [9, 1, 7, 2, 8]
    assert found.ranking.head.tolist() == found.stars.head.tolist() == head
    assert found.ranking.blend == Blend(0.3, 0.1)
    by_id = dict(zip(MOVIE_IDS[::-1].tolist(), pq.read_table(tmp_path / "model" / MOVIES)["factors"], strict=True))
    for row, movie in enumerate(MOVIE_IDS.tolist()):
        assert found.ranking.factors[row].tolist() == by_id[movie].as_py()
    assert found.ranking.columns.shape == found.ranking.weights.shape == (len(head), max(len(head) - 1, 0))
    near = found.stars.near
    for row in range(len(MOVIE_IDS)):
        columns, positions = table["columns"][row].as_py(), table["positions"][row].as_py()
        if row not in head:
            assert columns is None and positions is None
            continue
        place = head.index(row)
        assert found.ranking.columns[place].tolist() == columns
        assert found.ranking.weights[place].tolist() == table["weights"][row].as_py()
        assert near.positions[near.offsets[place] : near.offsets[place + 1]].tolist() == positions
        assert near.similar[near.offsets[place] : near.offsets[place + 1]].tolist() == table["similar"][row].as_py()
    assert found.stars.mean == 3.4


def test_models_that_know_different_movies_are_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="different movies"):
        learned(written(tmp_path / "model", [0, 1, 2], stars_of=[3, 5, 8, 13, 22]))
