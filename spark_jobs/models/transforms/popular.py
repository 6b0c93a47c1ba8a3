"""Popular movies, overall and by genre."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from domain.models.popularity import bayesian_mean

EVERYTHING = "all"


def movie_totals(ratings: DataFrame) -> DataFrame:
    """movie_id, rating_count, rating_sum (stars): one row for each rated movie."""
    return ratings.groupBy("movie_id").agg(
        F.count(F.lit(1)).cast("int").alias("rating_count"), F.sum(F.col("rating").cast("double")).alias("rating_sum")
    )


def popular_movies(totals: DataFrame, movies: DataFrame, prior_mean: float, prior_weight: float, n: int) -> DataFrame:
    """The rows of popular_by_genre without run_id: of each genre and of "all" the n best by Bayesian mean.

    Equal scores: the lower movie id first.

    Args:
        totals: the frame of `movie_totals`.
        movies: movie_id, genres; a movie without genres counts under "all" only.
        prior_mean, prior_weight: as in `bayesian_mean`.
    """
    score = bayesian_mean(F.col("rating_sum"), F.col("rating_count"), prior_mean, prior_weight)
    genres = F.array_union(F.array(F.lit(EVERYTHING)), "genres")
    best_first = Window.partitionBy("genre").orderBy(F.col("score").desc(), "movie_id")
    ranked = (
        movies.join(totals, on="movie_id", how="inner")
        .select("movie_id", "rating_count", score.cast("float").alias("score"), F.explode(genres).alias("genre"))
        .withColumn("place", F.row_number().over(best_first))
        .where(F.col("place") <= n)
    )
    listed = F.sort_array(F.collect_list(F.struct("place", "movie_id", "score", "rating_count")))
    return (
        ranked.groupBy("genre")
        .agg(listed.alias("listed"))
        .select(
            "genre",
            F.col("listed.movie_id").alias("movie_ids"),
            F.col("listed.score").alias("scores"),
            F.col("listed.rating_count").alias("rating_counts"),
        )
    )
