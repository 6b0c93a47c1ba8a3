"""A model as train_als leaves it, with random factors: what is published of it can be told beforehand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from domain.models.settings import defaults_for
from domain.models.sparse_ease import loudest
from domain.stars.neighbours import NearSettings, nearest
from spark_jobs.models import saved
from spark_jobs.models.co_ratings import CoRatings
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.paths import Paths
from tests.support.parquet import save

MEASURED_LISTS = pa.array([[7, 5], [6]], pa.list_(pa.int32()))


def plant_model(paths: Paths, run_id: str, ndcg: float, **about: Any) -> None:
    """A model with random factors for every user and movie of the clean data, and EASE of each third movie."""
    ratings = pq.read_table(paths.clean / "ratings")
    random = np.random.default_rng(3)
    folder = paths.model(run_id)
    for column, ranking, stars in (
        ("user_id", saved.USERS, saved.STAR_USERS),
        ("movie_id", saved.MOVIES, saved.STAR_MOVIES),
    ):
        ids = ratings[column].unique().sort()
        factors = pa.array(random.normal(size=(len(ids), 4)).tolist(), pa.list_(pa.float32()))
        save(folder / ranking, pa.table({"id": ids, "factors": factors}))
        biases = pa.array([0.1] * len(ids), pa.float32())
        save(folder / stars, pa.table({"id": ids, "bias": biases, "factors": factors}))
    movies = ratings["movie_id"].unique().sort().to_numpy()
    head = np.arange(0, len(movies), 3)
    watched = (random.random((90, len(head))) < 0.3).astype(np.float64)
    common = (watched.T @ watched).astype(np.float32)
    near = nearest(common, common, np.diag(common).astype(np.float64), 0, NearSettings())
    found = CoRatings(random.integers(3, 30, len(movies)), head, common, near)
    saved.write_head(folder, movies, found, loudest(np.linalg.inv(watched.T @ watched + 5.0 * np.eye(len(head)))))
    save(folder / saved.SIMILAR, pa.table({"movie_id": movies, **alike(movies)}))
    save(folder / saved.MEASURED, pa.table({"user_id": pa.array([1, 2], pa.int32()), "movie_ids": MEASURED_LISTS}))
    described = {
        "run_id": run_id,
        "dataset_id": clean_dataset(paths)["dataset_id"],
        "holdout": {"seed": 1},
        "model": "blend",
        "settings": defaults_for(1000, 10).as_parts(),
        "mean_rating": 3.5,
        "metrics": {"ndcg@10.blend": ndcg, "ndcg@10.als": 0.9, "ndcg@10.popular": 0.1},
        **about,
    }
    (folder / saved.ABOUT).write_text(json.dumps(described), encoding="utf-8")


def alike(movies: np.ndarray) -> dict[str, pa.Array]:
    """Each movie is like the next one."""
    return {
        "movie_ids": pa.array([[movie] for movie in np.roll(movies, -1).tolist()], pa.list_(pa.int32())),
        "scores": pa.array([[0.5]] * len(movies), pa.list_(pa.float32())),
    }
