"""Popular movies against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from spark_jobs.models.transforms.popular import movie_totals, popular_movies

GENRES = {1: ["Drama"], 2: ["Drama", "Comedy"], 3: [], 4: ["Comedy"], 5: ["Drama"], 6: ["War"]}
PRIOR_MEAN, PRIOR_WEIGHT, N = 3.2, 4.0, 3


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    """Movies 1 … 5 rated in halves, movie 6 never."""
    random = np.random.default_rng(4)
    count = 120
    return pd.DataFrame(
        {
            "user_id": np.arange(count, dtype=np.int32),
            "movie_id": random.integers(1, 6, count).astype(np.int32),
            "rating": (random.integers(1, 11, count) / 2).astype(np.float32),
        }
    )


def expected(ratings: pd.DataFrame) -> dict[str, list[tuple[int, float, int]]]:
    totals = ratings.groupby("movie_id").rating.agg(["sum", "count"]).reset_index()
    totals["score"] = (totals["sum"] + PRIOR_WEIGHT * PRIOR_MEAN) / (totals["count"] + PRIOR_WEIGHT)
    totals["genre"] = [["all", *GENRES[movie]] for movie in totals.movie_id]
    ranked = totals.explode("genre").sort_values(["score", "movie_id"], ascending=[False, True])
    return {
        str(genre): list(zip(best.movie_id, best.score, best["count"], strict=True))
        for genre, best in ranked.groupby("genre").head(N).groupby("genre", sort=False)
    }


def test_lists_by_genre_equal_pandas(spark: SparkSession, ratings: pd.DataFrame) -> None:
    movies = spark.createDataFrame(list(GENRES.items()), "movie_id int, genres array<string>")
    totals = movie_totals(spark.createDataFrame(ratings).repartition(3))
    found = popular_movies(totals, movies, PRIOR_MEAN, PRIOR_WEIGHT, N).collect()
    wanted = expected(ratings)
    assert {row.genre for row in found} == set(wanted) == {"all", "Drama", "Comedy"}
    for row in found:
        assert row.movie_ids == [movie for movie, _, _ in wanted[row.genre]]
        assert row.scores == pytest.approx([score for _, score, _ in wanted[row.genre]], abs=1e-5)
        assert row.rating_counts == [count for _, _, count in wanted[row.genre]]
