"""Two ways to run alternating least squares with one objective, our blocks and Spark MLlib; the biases before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from domain.models.settings import SHRINKAGE, Settings
from spark_jobs.models.block_als import BlockALS, Blocks
from spark_jobs.models.transforms import mllib
from spark_jobs.models.transforms.biases import Biases, item_biases, residuals, user_biases
from spark_jobs.models.transforms.mllib import Factors

ENGINES = ("blocks", "mllib")


class Engine(Protocol):
    """A way to fit factors that rank, and factors that predict stars."""

    def implicit(self, ratings: DataFrame, settings: Settings, seed: int) -> Factors:
        """See `mllib.fit_implicit`."""

    def explicit(self, ratings: DataFrame, biases: Biases, settings: Settings, seed: int) -> Factors:
        """`mllib.fit_explicit` of `residuals` of the ratings."""

    def blocks_of(self, ratings: DataFrame) -> Blocks:
        """The ratings in blocks, for what is learned beside factors."""


@dataclass(frozen=True)
class MLlib:
    """Spark's own, which may keep checkpoints in `folder`."""

    folder: Path

    def implicit(self, ratings: DataFrame, settings: Settings, seed: int) -> Factors:
        """See Engine."""
        self._set_checkpoints(ratings)
        return mllib.fit_implicit(ratings, settings, seed)

    def explicit(self, ratings: DataFrame, biases: Biases, settings: Settings, seed: int) -> Factors:
        """See Engine."""
        self._set_checkpoints(ratings)
        return mllib.fit_explicit(residuals(ratings, biases), settings, seed)

    def blocks_of(self, ratings: DataFrame) -> Blocks:
        """See Engine."""
        return BlockALS(self.folder).blocks_of(ratings)

    def _set_checkpoints(self, ratings: DataFrame) -> None:
        # without this directory MLlib silently never checkpoints, and its lineage grows with every iteration
        ratings.sparkSession.sparkContext.setCheckpointDir(str(self.folder))


def engine_for(name: str, folder: Path) -> Engine:
    """The engine of a name in ENGINES; `folder` is where it may keep files until its factors have been read."""
    return MLlib(folder) if name == "mllib" else BlockALS(folder)


def fit_biases(ratings: DataFrame, shrinkage: float = SHRINKAGE) -> Biases:
    """Mean and biases of the ratings (user_id, item_id, rating); the frames are cached, as they are read again."""
    mean = float(ratings.agg(F.avg("rating")).collect()[0][0])
    items = item_biases(ratings, mean, shrinkage).cache()
    return Biases(mean, user_biases(ratings, mean, items, shrinkage).cache(), items)


def by_rising_id(factors: DataFrame) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The ids (m, rising) and the factors (m x rank) of one side of a model, in this process."""
    rows: Any = factors.orderBy("id").toPandas()  # PySpark hides that this is a pandas frame
    return rows["id"].to_numpy(np.int32), np.array(rows["factors"].tolist(), np.float32)
