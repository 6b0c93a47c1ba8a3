"""Who rated both of two movies, by tasks over blocks against one process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.models.co_rating import MOST, head_of, together
from domain.models.rating_matrix import RatingMatrix
from domain.stars.neighbours import NearSettings, nearest
from spark_jobs.evaluation.driver_models import collected
from spark_jobs.models import rating_blocks
from spark_jobs.models.block_als import BlockALS
from spark_jobs.models.co_ratings import ROWS, CoRatings, co_ratings, gathered
from spark_jobs.models.engines import fit_biases
from spark_jobs.models.rating_blocks import save

HEAD = 2 * ROWS + 30  # three tasks


@pytest.fixture(scope="module")
def ratings(spark: SparkSession) -> DataFrame:
    """Fifty users with some ratings of 600 movies, and three who rated more than counts."""
    random = np.random.default_rng(3)
    rated = np.zeros((53, MOST + 300), bool)
    rated[:, :600] = random.random((53, 600)) < random.uniform(0.1, 0.7, 600)
    rated[[4, 20, 52]] = True
    users, movies = np.nonzero(rated)
    stars = random.integers(1, 11, len(users)) / 2
    rows = list(zip((7 * users + 1).tolist(), (3 * movies).tolist(), stars.tolist(), strict=True))
    return spark.createDataFrame(rows, "user_id int, item_id int, rating float").cache()


def found_from(ratings: DataFrame, folder: Path, most: int = HEAD) -> CoRatings:
    return co_ratings(BlockALS(folder).blocks_of(ratings), fit_biases(ratings), most)


@pytest.fixture(scope="module")
def whole(ratings: DataFrame, tmp_path_factory: pytest.TempPathFactory) -> CoRatings:
    """What is found in one block a side."""
    return found_from(ratings, tmp_path_factory.mktemp("whole"))


def test_counts_are_those_of_one_process_bit_by_bit_and_neighbours_those_of_residuals(
    ratings: DataFrame, whole: CoRatings
) -> None:
    matrix = RatingMatrix.of(collected(ratings.withColumnRenamed("item_id", "movie_id")))
    biases = fit_biases(ratings)
    of_users, of_items = (
        np.array([row[1] for row in side.orderBy(side.columns[0]).collect()]) for side in (biases.users, biases.items)
    )
    rows = np.repeat(np.arange(len(matrix.users)), np.diff(matrix.stars.indptr))
    left = matrix.stars.copy()
    left.data = (left.data - biases.mean - of_users[rows] - of_items[left.indices]).astype(np.float32)
    raters = np.bincount(matrix.stars.indices)
    assert np.array_equal(whole.raters, raters)
    assert np.array_equal(whole.head, head_of(raters, HEAD))
    counts, products = together(left, whole.head)
    assert np.array_equal(whole.counts, counts)
    assert counts.max() < raters.max(), "of heavy users not all ratings count"
    assert np.array_equal(counts, counts.T)

    squares = np.diag(products).astype(np.float64)
    near = nearest(counts, products, squares, 0, NearSettings())
    assert np.array_equal(whole.near.offsets, near.offsets)
    assert whole.near.similar == pytest.approx(near.similar, abs=1e-5)
    assert (whole.near.positions == near.positions).mean() > 0.99  # the last bits may swap two that are as near


@pytest.mark.parametrize(("per_block", "partitions"), [(500, 1), (3000, 5)])
def test_blocks_and_partitions_change_nothing(
    ratings: DataFrame,
    whole: CoRatings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    per_block: int,
    partitions: int,
) -> None:
    monkeypatch.setattr(rating_blocks, "RATINGS_PER_BLOCK", per_block)
    found = found_from(ratings.orderBy(F.rand(1)).repartition(partitions), tmp_path)
    assert np.array_equal(found.raters, whole.raters)
    assert np.array_equal(found.head, whole.head)
    assert np.array_equal(found.counts, whole.counts)
    for name in ("offsets", "positions", "similar"):
        assert np.array_equal(getattr(found.near, name), getattr(whole.near, name)), name


def test_of_movies_that_hardly_anybody_rated_there_is_no_head(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(1, 10, 4.0), (1, 11, 3.0), (2, 11, 5.0)]
    found = found_from(spark.createDataFrame(rows, "user_id int, item_id int, rating float"), tmp_path)
    assert found.raters.tolist() == [1, 2]
    assert (len(found.head), found.counts.shape, len(found.near.positions)) == (0, (0, 0), 0)


def test_a_task_that_begins_when_others_are_done_reads_the_histories_alone(tmp_path: Path) -> None:
    """The files of finished tasks lie beside those that it reads."""
    for number, (offsets, places) in enumerate([([0, 2, 3], [0, 4, 2]), ([0, 1], [4])]):
        save(tmp_path / f"{number:05}.offsets.npy", np.array(offsets, np.int64))
        save(tmp_path / f"{number:05}.places.npy", np.array(places, np.int32))
        save(tmp_path / f"{number:05}.values.npy", np.arange(len(places), dtype=np.float32))
    for name in ("counts", "near.offsets", "near.positions", "near.similar"):
        save(tmp_path / f"000000.{name}.npy", np.full(7, 7))
    by_user, by_movie = gathered(tmp_path, 5)
    assert (by_user.offsets.tolist(), by_user.places.tolist()) == ([0, 2, 3, 4], [0, 4, 2, 4])
    assert (by_movie.offsets.tolist(), by_movie.places.tolist()) == ([0, 1, 1, 2, 2, 4], [0, 1, 0, 2])
