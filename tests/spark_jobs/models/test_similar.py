"""Lists of similar movies by tasks, against the domain's of all movies at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from scipy.sparse import csc_matrix

from domain.models.item_models import regularized_inverse
from domain.models.largest_products import NOTHING
from domain.models.similar_movies import Head, Movies, Watched, like_head, like_tail
from spark_jobs.models import similar
from spark_jobs.models.block_als import BlockALS
from spark_jobs.models.co_ratings import co_ratings
from spark_jobs.models.engines import fit_biases
from spark_jobs.models.similar import Content, content, similar_movies

MOVIES, USERS, HEAD, LEAST, N = 70, 50, 25, 6, 8
UNRATED, UNKNOWN = 5, 9  # positions: by nobody; of which nothing at all is known
Lists = dict[int, tuple[list[int], list[float]]]


@pytest.fixture(scope="module")
def ratings(spark: SparkSession) -> DataFrame:
    random = np.random.default_rng(4)
    rated = random.random((USERS, MOVIES)) < random.uniform(0.02, 0.5, MOVIES)
    rated[:, [UNRATED, UNKNOWN]] = False
    rows = [(int(u), int(10 + 2 * m), float(random.integers(1, 11)) / 2) for u, m in np.argwhere(rated)]
    return spark.createDataFrame(rows, "user_id int, item_id int, rating float").cache()


@pytest.fixture(scope="module")
def known(spark: SparkSession) -> Content:
    random = np.random.default_rng(6)
    movies, tags = [], []
    for movie in range(MOVIES):
        genres = [name for name in ("Drama", "War", "Comedy") if random.random() < 0.4]
        movies.append((10 + 2 * movie, genres, 1950 + movie))
        tags += [(user, 10 + 2 * movie, f"tag {movie % 7}") for user in range(int(random.integers(0, 3)))]
    movies[UNKNOWN] = (10 + 2 * UNKNOWN, [], None)
    tags = [tag for tag in tags if tag[1] != 10 + 2 * UNKNOWN] + [(1, 9999, "of no movie")]
    frame = spark.createDataFrame(movies, "movie_id int, genres array<string>, year int").repartition(3)
    return content(frame, spark.createDataFrame(tags, "user_id int, movie_id int, tag string"))


def listed(ratings: DataFrame, known: Content, folder: Path) -> Lists:
    blocks = BlockALS(folder).blocks_of(ratings)
    found = co_ratings(blocks, fit_biases(ratings), HEAD)
    inverse = regularized_inverse(found.counts, 20.0)
    rows = similar_movies(blocks, found, inverse, known, LEAST, N).collect()
    assert len({row.movie_id for row in rows}) == len(rows)
    return {row.movie_id: (row.movie_ids, row.scores) for row in rows}


@pytest.fixture(scope="module")
def lists(ratings: DataFrame, known: Content, tmp_path_factory: pytest.TempPathFactory) -> Lists:
    return listed(ratings, known, tmp_path_factory.mktemp("similar"))


def test_every_movie_of_which_anything_is_known_has_a_list_and_is_not_in_it(
    lists: Lists, known: Content, ratings: DataFrame
) -> None:
    counts = {row.item_id: row["count"] for row in ratings.groupBy("item_id").count().collect()}
    assert set(lists) == set(known.ids.tolist()) - {10 + 2 * UNKNOWN}
    assert min(counts.values()) < LEAST
    for movie, (others, scores) in lists.items():
        assert movie not in others
        assert len(others) == len(set(others)) == len(scores) > 0
        assert all(counts.get(other, 0) >= LEAST for other in others)
        assert scores == sorted(scores, reverse=True)


def test_lists_of_head_and_tail_are_those_of_the_domain(lists: Lists, known: Content, ratings: DataFrame) -> None:
    rows = ratings.collect()
    at = np.searchsorted(known.ids, [row.item_id for row in rows])
    watched = np.zeros((USERS, MOVIES))
    watched[[row.user_id for row in rows], at] = 1.0
    counts = watched.sum(axis=0).astype(int)
    head = np.sort(np.argsort(-counts, kind="stable")[:HEAD])
    inverse = np.linalg.inv(watched[:, head].T @ watched[:, head] + 20.0 * np.eye(HEAD))
    least = max(LEAST, int(counts[head].min()))  # there are more movies than the head has, whose movies are shown alone
    movies, tail = Movies(known.features, counts, least), np.setdiff1d(np.arange(MOVIES), head)
    for positions, (others, scores) in (
        (head, like_head(np.arange(HEAD), inverse, Head(head, np.diag(inverse)), movies, N)),
        (tail, like_tail(tail, Watched.of(csc_matrix(watched), movies.shown), movies, N)),
    ):
        for movie, of_movie, best in zip(positions, others, scores, strict=True):
            kept = best > NOTHING
            ids, found = lists.get(int(known.ids[movie]), ([], []))
            assert found == pytest.approx(best[kept].tolist(), abs=1e-4)
            assert len(set(ids) & set(known.ids[of_movie[kept]].tolist())) >= kept.sum() - 1  # but for the last one


def test_blocks_tasks_and_partitions_change_nothing(
    lists: Lists, known: Content, ratings: DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "BLOCK", 9)
    monkeypatch.setattr(similar, "TASK", 2)
    assert listed(ratings.repartition(5), known, tmp_path) == lists


def test_content_goes_by_rising_ids_and_without_tags_genres_and_years_are_enough(
    spark: SparkSession, known: Content
) -> None:
    assert known.ids.tolist() == list(range(10, 10 + 2 * MOVIES, 2))
    assert not known.features[UNKNOWN].nnz
    movies = spark.createDataFrame(
        [(3, ["War"], None), (1, ["War"], None), (2, None, None)], "movie_id int, genres array<string>, year int"
    )
    bare = content(movies, spark.createDataFrame([], "user_id int, movie_id int, tag string"))
    assert bare.ids.tolist() == [1, 2, 3]
    assert (bare.features @ bare.features.T).toarray() == pytest.approx(np.array([[1, 0, 1], [0, 0, 0], [1, 0, 1]]))
