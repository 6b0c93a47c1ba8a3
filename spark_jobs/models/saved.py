"""Models as train_als saves and publish_recommendations loads them: model.json and folders of Parquet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.models.blended_lists import RankingModel
from domain.models.settings import Blend, Settings
from domain.models.sparse_ease import SparseRows
from domain.stars.neighbours import Near
from domain.stars.published import StarModel
from spark_jobs.frames.arrow_lists import flat, matrix
from spark_jobs.models.co_ratings import CoRatings
from spark_jobs.models.transforms.recommendations import Learned
from spark_jobs.models.transforms.topn import Items
from spark_jobs.storage.datasets import scale
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths, spark_path

ABOUT = "model.json"
USERS, MOVIES = "user_factors", "item_factors"  # of the ranking model: id, factors
STAR_USERS, STAR_MOVIES = "explicit_user_factors", "explicit_item_factors"  # for stars: id, bias, factors
# of movies: id, raters (in the training part); of the head's also columns and weights of EASE, positions and similar of
# neighbours for stars, all counted within the head; null beyond it
HEAD = "item_head"
SIMILAR = "similar_items"  # movie_id, movie_ids, scores
MEASURED = "measured_lists"  # user_id, movie_ids: what the measured users would get, made from the training part


@dataclass(frozen=True)
class SavedModel:
    """A trained model on disk; `about` is its model.json: run_id, dataset_id, holdout, metrics, parameters, …"""

    folder: Path
    about: dict[str, Any]

    @property
    def run_id(self) -> str:
        """The run of train_als."""
        return str(self.about["run_id"])

    def frame(self, spark: SparkSession, name: str) -> DataFrame:
        """One of the folders as a frame."""
        return spark.read.parquet(spark_path(self.folder / name))

    def table(self, name: str) -> pa.Table:
        """One of the folders in this process's memory, by rising id."""
        return pq.read_table(self.folder / name).sort_by("id").combine_chunks()


def ranking(table: pa.Table) -> Items:
    """Implicit ALS alone, from a table of id and factors."""
    return Items(table["id"].to_numpy(), matrix(table["factors"].combine_chunks()))


def of_known_users(spark: SparkSession, model: SavedModel, histories: DataFrame) -> DataFrame:
    """The histories (user_id, rated_ids, ratings) of users whom the model learned from."""
    known = model.frame(spark, USERS).select(F.col("id").alias("user_id"))
    return histories.join(known, on="user_id", how="left_semi")


def write_head(folder: Path, ids: NDArray[np.int32], found: CoRatings, ease: SparseRows) -> None:
    """Write HEAD: see there."""
    kept = ease.columns.shape[1]
    rows = np.arange(len(found.head) + 1) * kept
    columns = {
        "id": pa.array(ids),
        "raters": pa.array(found.raters.astype(np.int32)),
        "columns": _of_head(rows, ease.columns.ravel(), found.head, len(ids)),
        "weights": _of_head(rows, ease.weights.ravel(), found.head, len(ids)),
        "positions": _of_head(found.near.offsets, found.near.positions, found.head, len(ids)),
        "similar": _of_head(found.near.offsets, found.near.similar, found.head, len(ids)),
    }
    (folder / HEAD).mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / HEAD / "part-0.parquet")


def _of_head(offsets: NDArray[np.integer], values: NDArray[Any], head: NDArray[np.intp], movies: int) -> pa.ListArray:
    """Lists of the head's movies among those of all, null for the others."""
    of_head = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values))
    place = np.full(movies, -1)
    place[head] = np.arange(len(head))
    return of_head.take(pa.array(place, mask=place < 0))


def learned(model: SavedModel) -> Learned:
    """The arrays of a saved model.

    Raises:
        JobError: its parts do not know the same movies, or it is of a version that knew no blend.
    """
    if not (model.folder / HEAD).is_dir():
        raise JobError(f"{model.folder} was trained by an earlier version: run train_als again.")
    movies, stars, head = (model.table(name) for name in (MOVIES, STAR_MOVIES, HEAD))
    ids = movies["id"].to_numpy()
    if any(not np.array_equal(ids, part["id"]) for part in (stars, head)):
        raise JobError(f"{model.folder}: the models know different movies. Train again.")
    settings = model.about["settings"]
    of_head = head.filter(pc.is_valid(head["columns"])).combine_chunks()
    at = np.flatnonzero(pc.is_valid(head["columns"]).to_numpy())
    shape = len(at), -1 if len(at) else 0  # of no movies NumPy cannot tell how many each has
    columns, weights = (flat(of_head[name].combine_chunks()).reshape(shape) for name in ("columns", "weights"))
    lengths = of_head["positions"].combine_chunks().value_lengths().to_numpy(zero_copy_only=False)
    near = Near(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        *(flat(of_head[name].combine_chunks()) for name in ("positions", "similar")),
    )
    raters, blend = head["raters"].to_numpy().astype(np.float64), Blend(**settings["blend"])
    by_stars = matrix(stars["factors"].combine_chunks())
    return Learned(
        ids,
        RankingModel(matrix(movies["factors"].combine_chunks()), raters, at, columns, weights, blend),
        Settings(**settings["ranking"]),
        Settings(**settings["stars"]),
        StarModel(model.about["mean_rating"], stars["bias"].to_numpy(), by_stars, at, near),
        scale(model.about),
    )


def load(folder: Path) -> SavedModel:
    """The model in `folder`.

    Raises:
        JobError: there is none.
    """
    try:
        return SavedModel(folder, json.loads((folder / ABOUT).read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError) as error:
        raise JobError(f"{folder}: no trained model here. Run train_als, or name another with --model.") from error


def choose(paths: Paths, dataset_id: str, run_id: str | None) -> SavedModel:
    """The model `run_id`, by default the latest one trained on the data set.

    Raises:
        JobError: there is none, or it was trained on another data set.
    """
    if run_id:
        chosen = load(paths.model(run_id))
        if chosen.about["dataset_id"] != dataset_id:
            raise JobError(
                f"Model {run_id} was trained on {chosen.about['dataset_id']}, but the clean data set is {dataset_id}:"
                " train again, or clean that data set again."
            )
        return chosen
    trained = sorted((about.parent for about in paths.models.glob(f"[!.]*/{ABOUT}")), reverse=True)
    for folder in trained:
        if (model := load(folder)).about["dataset_id"] == dataset_id:
            return model
    raise JobError(f"{paths.models}: no model of the data set {dataset_id}. Run train_als first.")
