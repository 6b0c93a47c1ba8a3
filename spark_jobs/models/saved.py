"""Models as train_als saves and publish_recommendations loads them: model.json and four folders of Parquet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.frames.arrow_lists import matrix
from spark_jobs.models.transforms.topn import Items
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths, spark_path

ABOUT = "model.json"
USERS, MOVIES = "user_factors", "item_factors"  # of the ranking model: id, factors
STAR_USERS, STAR_MOVIES = "explicit_user_factors", "explicit_item_factors"  # for stars: id, bias, factors


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
        """One of the four folders as a frame."""
        return spark.read.parquet(spark_path(self.folder / name))

    def table(self, name: str) -> pa.Table:
        """One of the four folders in this process's memory, by rising id."""
        return pq.read_table(self.folder / name).sort_by("id").combine_chunks()


def ranking(table: pa.Table) -> Items:
    """The arrays that tasks need of a table of id and factors."""
    return Items(table["id"].to_numpy(), matrix(table["factors"].combine_chunks()))


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
