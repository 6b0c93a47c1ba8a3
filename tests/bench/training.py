"""An iteration of block ALS beside one of MLlib and one of `implicit`, on the same ratings and cores."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from pyspark.sql import DataFrame
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from domain.models.settings import RANKING
from domain.serving.fold_in import WATCHED
from spark_jobs.models.block_als import BlockALS
from spark_jobs.models.transforms.mllib import Factors, fit_implicit
from tests.bench.side_by_side import Comparison, seconds

FEW, MORE = 1, 3  # iterations; the difference of their times has neither preparation nor start


def bench(ratings: DataFrame, turns: int, cores: int) -> list[Comparison]:
    """Seconds an iteration at rank 64; `cores` are those that Spark has, and so the threads of `implicit`."""
    settings = replace(RANKING, rank=64, blocks=16)
    work = Path(tempfile.mkdtemp(prefix="bench-"))

    def blocks(iterations: int) -> None:
        _read(BlockALS(work).implicit(ratings, replace(settings, iterations=iterations), 1))

    def mllib(iterations: int) -> None:
        _read(fit_implicit(ratings, replace(settings, iterations=iterations), 1))

    matrix = _matrix(ratings)

    def implicit(iterations: int) -> None:
        with threadpool_limits(1, "blas"):  # as implicit asks: its own threads are the parallelism
            AlternatingLeastSquares(64, iterations=iterations, num_threads=cores).fit(matrix, show_progress=False)

    try:
        _read(BlockALS(work).implicit(ratings.limit(1000), replace(settings, iterations=1), 1))  # compiles
        rows = [tuple(iteration(fit) for fit in (blocks, mllib, implicit)) for _ in range(turns)]
    finally:
        shutil.rmtree(work)
    ours, of_mllib, of_implicit = (list(column) for column in zip(*rows, strict=True))
    return [
        Comparison("training: an iteration, MLlib ÷ block ALS", "s", ours, of_mllib),
        Comparison("training: an iteration, implicit ÷ block ALS", "s", ours, of_implicit),
    ]


def iteration(fit: Callable[[int], None]) -> float:
    """Seconds of one iteration of `fit`."""
    few = seconds(lambda: fit(FEW))
    found = (seconds(lambda: fit(MORE)) - few) / (MORE - FEW)
    print(f"  {fit.__name__}: {FEW} in {few:.1f} s, each further {found:.2f} s", flush=True)
    return found


def _read(factors: Factors) -> None:
    for frame in (factors.users, factors.items):
        frame.write.format("noop").mode("overwrite").save()


def _matrix(ratings: DataFrame) -> csr_matrix:
    found = ratings.toPandas()
    users, movies = (np.unique(found[name], return_inverse=True)[1] for name in ("user_id", "item_id"))
    return csr_matrix((np.maximum(found["rating"].to_numpy() - 2, WATCHED).astype(np.float32), (users, movies)))
