"""How users rate and how movies are rated, as features for the detectors of outliers."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from domain.feature_scales import Kind

USER_SCALES = {"rating_count": Kind.LOG, "ratings_per_day": Kind.LOG}
MOVIE_SCALES = {"rating_count": Kind.LOG, "tag_count": Kind.LOG1P}


def user_behaviour(ratings: DataFrame) -> DataFrame:
    """One row a user: user_id, rating_count, mean_rating, std_rating (stars), entropy of the stars (bits),
    ratings_per_day (on days with any), extreme_share (of 0.5, 1 and 5 stars)."""
    by_star = ratings.groupBy("user_id", "rating").agg(F.count("*").alias("n"))
    share = F.col("n") / F.sum("n").over(Window.partitionBy("user_id"))
    entropy = by_star.select("user_id", (-share * F.log2(share)).alias("bits")).groupBy("user_id")
    extreme = (F.col("rating") <= 1) | (F.col("rating") == 5)
    figures = ratings.groupBy("user_id").agg(
        F.count("*").cast("double").alias("rating_count"),
        F.avg("rating").alias("mean_rating"),
        F.stddev_pop("rating").alias("std_rating"),
        F.avg(extreme.cast("double")).alias("extreme_share"),
    )
    days = ratings.select("user_id", F.to_date("rated_at").alias("day")).distinct().groupBy("user_id")
    return (
        figures.join(entropy.agg(F.sum("bits").alias("entropy")), on="user_id", how="inner")
        .join(days.agg(F.count("*").alias("days")), on="user_id", how="inner")
        .withColumn("ratings_per_day", F.col("rating_count") / F.col("days"))
        .select("user_id", "rating_count", "mean_rating", "std_rating", "entropy", "ratings_per_day", "extreme_share")
    )


def movie_behaviour(ratings: DataFrame, tags: DataFrame) -> DataFrame:
    """One row a rated movie: movie_id, rating_count, mean_rating (stars), tag_count."""
    rated = ratings.groupBy("movie_id").agg(
        F.count("*").cast("double").alias("rating_count"), F.avg("rating").alias("mean_rating")
    )
    tagged = tags.groupBy("movie_id").agg(F.count("*").cast("double").alias("tag_count"))
    return rated.join(tagged, on="movie_id", how="left").fillna(0.0, ["tag_count"])


def deviations(ratings: DataFrame) -> DataFrame:
    """One row a user: how their ratings differ from the others', after Chirita et al. (2005) and Burke et al. (2006).

    user_id, mean_log_popularity (ln of the movies' counts), rdma and wdma (distance from the movies' means, divided by
    the count and by its square), mean_variance (of these distances, stars²), busiest_hour (most ratings in one hour).
    """
    of_movies = ratings.groupBy("movie_id").agg(F.count("*").alias("c"), F.avg("rating").alias("m"))
    rated = ratings.join(F.broadcast(of_movies), on="movie_id", how="inner")
    apart = F.abs(F.col("rating") - F.col("m"))
    figures = rated.groupBy("user_id").agg(
        F.avg(F.log("c")).alias("mean_log_popularity"),
        F.avg(apart / F.col("c")).alias("rdma"),
        F.avg(apart / (F.col("c") * F.col("c"))).alias("wdma"),
        F.avg(apart * apart).alias("mean_variance"),
    )
    hours = ratings.groupBy("user_id", F.date_trunc("hour", "rated_at").alias("hour")).agg(F.count("*").alias("n"))
    busiest = hours.groupBy("user_id").agg(F.max("n").cast("double").alias("busiest_hour"))
    return figures.join(busiest, on="user_id", how="inner")
