"""Two ways to run alternating least squares, with one objective: our blocks, and Spark MLlib."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame

from spark_jobs.common import block_als
from spark_jobs.transforms import als
from spark_jobs.transforms.als import Factors, Settings

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


def _by_mllib(fit: Fit, folder: Path, ratings: DataFrame, settings: Settings, seed: int) -> Factors:
    # without this directory MLlib silently never checkpoints, and its lineage grows with every iteration
    ratings.sparkSession.sparkContext.setCheckpointDir(str(folder))
    return fit(ratings, settings, seed)
