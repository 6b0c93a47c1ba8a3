"""Two ways to run alternating least squares with one objective, our blocks and Spark MLlib; the biases before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_jobs.common import block_als
from spark_jobs.transforms import als
from spark_jobs.transforms.als import Factors, Settings
from spark_jobs.transforms.biases import SHRINKAGE, Biases, movie_biases, user_biases

ENGINES = ("blocks", "mllib")
Fit = Callable[[DataFrame, Settings, int], Factors]  # ratings, settings, seed


@dataclass(frozen=True)
class Engine:
    """How factors that rank, and factors that predict stars, are found."""

    implicit: Fit
    explicit: Fit


def engine_for(name: str, folder: Path) -> Engine:
    """The engine of a name in ENGINES; `folder` is where it may keep files until its factors have been read."""
    if name == "mllib":
        return Engine(partial(_by_mllib, als.fit_implicit, folder), partial(_by_mllib, als.fit_explicit, folder))
    return Engine(
        partial(block_als.fit_implicit, folder=folder / "implicit"),
        partial(block_als.fit_explicit, folder=folder / "explicit"),
    )


def fit_biases(ratings: DataFrame, shrinkage: float = SHRINKAGE) -> Biases:
    """Mean and biases of the ratings (user_id, movie_id, rating); the frames are cached, as they are read again."""
    mean = float(ratings.agg(F.avg("rating")).collect()[0][0])
    movies = movie_biases(ratings, mean, shrinkage).cache()
    return Biases(mean, user_biases(ratings, mean, movies, shrinkage).cache(), movies)


def by_rising_id(factors: DataFrame) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The ids (m, rising) and the factors (m x rank) of one side of a model, in this process."""
    found: Any = factors.orderBy("id").toPandas()  # PySpark hides that this is a pandas frame
    return found["id"].to_numpy(np.int32), np.array(found["factors"].tolist(), np.float32)


def _by_mllib(fit: Fit, folder: Path, ratings: DataFrame, settings: Settings, seed: int) -> Factors:
    # without this directory MLlib silently never checkpoints, and its lineage grows with every iteration
    ratings.sparkSession.sparkContext.setCheckpointDir(str(folder))
    return fit(ratings, settings, seed)
